"""The proof of formats that bring none of their own: as both sides agreed.

A secret is shown as a bearer token, as the password of HTTP Basic or as the last part of the
address; or, where the source has `hmac`, it is the key of a hash over the raw body.
"""

import base64
import binascii
from collections.abc import Mapping

from purchasing.configuration import Hmac
from purchasing.errors import UnauthenticatedError
from purchasing.notification import Notification
from purchasing.signatures import Encoding, bearer_token, keyed_hash, same_as_any, verify
from purchasing.trust import Trust

AUTHENTICITY = "a secret in bearer, HTTP Basic or the address, or an HMAC of the body, as agreed"
"""How these formats describe their proof."""


def authenticate_as_agreed(notification: Notification, trust: Trust) -> None:
    """Check the hash, or the secret that is shown.

    Raises:
        UnauthenticatedError: It is missing or wrong, or no secret is configured.
    """
    agreed = trust.settings.hmac
    if agreed is not None:
        given = notification.headers.get(agreed.header.lower(), "")
        verify(given, trust.secrets, lambda secret: _hash(secret, agreed, notification.body))
        return
    if not trust.secrets:
        message = "no secret is configured for this source, so nothing can be verified"
        raise UnauthenticatedError(message)
    authorization = notification.headers.get("authorization", "")
    shown = (
        bearer_token(authorization),
        _basic_password(authorization),
        notification.path_token,
    )
    # Each is compared, so that the time taken tells nothing about which one was there.
    matches = [same_as_any(each, trust.secrets) for each in shown if each]
    if not any(matches):
        message = "the secret that was shown is missing or wrong"
        raise UnauthenticatedError(message)


def sign_as_agreed(notification: Notification, trust: Trust) -> Mapping[str, str]:
    """The headers that prove a body: its hash, or a bearer token."""
    agreed = trust.settings.hmac
    if agreed is None:
        return {"authorization": f"Bearer {trust.secrets[0]}"}
    return {agreed.header.lower(): _hash(trust.secrets[0], agreed, notification.body)}


def _hash(secret: str, agreed: Hmac, body: bytes) -> str:
    encoding = Encoding(agreed.encoding)
    hashed = keyed_hash(secret.encode(), body, algorithm=agreed.algorithm, encoding=encoding)
    return f"{agreed.prefix}{hashed}"


def _basic_password(authorization: str) -> str:
    """The password of an Authorization header in the Basic scheme (RFC 7617); empty if none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
