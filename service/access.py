"""Who asks: the administrator, or an internal service."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from purchasing.configuration import ADMIN, Configuration
from purchasing.signatures import bearer_token, same_as_any
from service.problems import Problem

_SECRET_PREFIX = "whsec_"  # noqa: S105  # how such secrets begin
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _signed(token: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a token is a secret of Standard Webhooks and signed a posting."""
    if not token.startswith(_SECRET_PREFIX):
        return False
    try:
        Webhook(token).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
        # Headers that are no headers of the kind raise ValueError, as do secrets that are none.
        return False
    return True


class Caller(msgspec.Struct, frozen=True):
    """Somebody who proved who they are; `name` is the name of what they post."""

    name: str

    @property
    def is_admin(self) -> bool:
        """Whether this is the administrator, who may do everything."""
        return self.name == ADMIN


class Access:
    """Knows the tokens."""

    def __init__(self, configuration: Configuration, admin_token: str) -> None:
        self._tokens = dict(configuration.internal.tokens)
        if admin_token:
            self._tokens[ADMIN] = admin_token

    def caller(self, request: Request[Any, Any, Any]) -> Caller:
        """Who asks.

        Raises:
            Problem: No token was given, or one that is not known.
        """
        token = bearer_token(request.headers.get("authorization", ""))
        # Every token is compared, so that the time taken tells nothing about any of them.
        known = [name for name, own in self._tokens.items() if same_as_any(token, (own,))]
        if not token or not known:
            detail = "A bearer token is needed, and none that is known was given."
            raise Problem("unauthenticated", detail, _CHALLENGE)
        return Caller(ADMIN if ADMIN in known else known[0])

    def signer(self, headers: Mapping[str, str], body: bytes) -> Caller:
        """Who signed a posting in the way of Standard Webhooks, with a token as the secret.

        Raises:
            Problem: Nobody whom we know did, or not within the last five minutes.
        """
        signers = [name for name, token in self._tokens.items() if _signed(token, headers, body)]
        if not signers:
            detail = "The signature is missing, too old, or made with no secret that is known."
            raise Problem("unauthenticated", detail, _CHALLENGE)
        return Caller(ADMIN if ADMIN in signers else signers[0])

    def admin(self, request: Request[Any, Any, Any]) -> Caller:
        """The administrator.

        Raises:
            Problem: It is somebody else.
        """
        caller = self.caller(request)
        if not caller.is_admin:
            raise Problem("forbidden", "Only the admin token may do this.")
        return caller
