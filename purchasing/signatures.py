"""Keyed hashes, timestamp windows and comparisons that take the same time whatever they find."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from purchasing.errors import UnauthenticatedError


class Encoding(StrEnum):
    """How a sender writes a keyed hash into a header."""

    HEX = "hex"
    BASE64 = "base64"


def keyed_hash(
    key: bytes, message: bytes, *, algorithm: str = "sha256", encoding: Encoding = Encoding.HEX
) -> str:
    """The HMAC of a message, written as the sender writes it."""
    digest = hmac.digest(key, message, algorithm)
    return digest.hex() if encoding is Encoding.HEX else base64.b64encode(digest).decode("ascii")


def base64_hash(secret: str, message: bytes) -> str:
    """The HMAC-SHA256 of a message in base64, as most senders that sign a body write it."""
    return keyed_hash(secret.encode(), message, encoding=Encoding.BASE64)


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in time that does not depend on where they differ."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )


def same_as_any(given: str, candidates: Iterable[str]) -> bool:
    """Whether a text equals one of several secrets; all of them are compared every time."""
    # Hashing first hides the length of the secret as well.
    mark = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
    found = False
    for candidate in candidates:
        found |= hmac.compare_digest(mark, hashlib.sha256(candidate.encode()).digest())
    return found


def verify(given: str, secrets: Iterable[str], expected_with: Callable[[str], str]) -> None:
    """Accept a signature that any of the secrets explains.

    Raises:
        UnauthenticatedError: No secret is configured, or none explains the signature.
    """
    known = tuple(secrets)
    if not known:
        message = "no secret is configured for this source, so nothing can be verified"
        raise UnauthenticatedError(message)
    # Every secret is tried, so that the time taken does not tell which one was right.
    matches = [same(given, expected_with(secret)) for secret in known]
    if not any(matches):
        message = "the signature does not match the body"
        raise UnauthenticatedError(message)


def bearer_token(authorization: str) -> str:
    """The token of an Authorization header; empty where it holds none (RFC 6750 section 2.1).

    The name of the scheme may be written in any case (RFC 9110 section 11.1).
    """
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def verify_shown(given: str, secrets: Iterable[str]) -> None:
    """Accept a secret that is shown as it is, if it is one of ours.

    Raises:
        UnauthenticatedError: No secret is configured, or another one is shown.
    """
    known = tuple(secrets)
    if not known:
        message = "no secret is configured for this source, so nothing can be verified"
        raise UnauthenticatedError(message)
    if not same_as_any(given, known):
        message = "the secret that was shown is missing or wrong"
        raise UnauthenticatedError(message)


def within_window(stamp: datetime, now: datetime, tolerance: timedelta) -> None:
    """Accept a time stamp that lies close to now, on either side.

    Raises:
        UnauthenticatedError: The stamp is further from `now` than `tolerance`.
    """
    if abs(now - stamp) > tolerance:
        message = f"the time stamp is more than {tolerance.total_seconds():.0f} s away from now"
        raise UnauthenticatedError(message)


def iso8601_time(text: str) -> datetime:
    """Read a time stamp such as `2026-11-20T18:00:00Z`; one without a zone is in UTC.

    Raises:
        UnauthenticatedError: It is not such a time stamp.
    """
    try:
        stamp = datetime.fromisoformat(text)
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        message = "the time stamp header cannot be read"
        raise UnauthenticatedError(message) from None


def unix_time(text: str) -> datetime:
    """Read a time stamp in seconds since 1970.

    Raises:
        UnauthenticatedError: It is not such a time stamp.
    """
    if not re.fullmatch(r"[0-9]{1,11}", text):
        message = "the time stamp cannot be read"
        raise UnauthenticatedError(message)
    return datetime.fromtimestamp(int(text), UTC)


def rfc2822_time(text: str) -> datetime:
    """Read a time stamp as mail writes it, such as `Tue, 19 Aug 2025 20:37:09 -0000`.

    Raises:
        UnauthenticatedError: It is not such a time stamp.
    """
    try:
        stamp = parsedate_to_datetime(text)
        # A zone of -0000 means "UTC, place unknown" (RFC 5322 section 3.3), read as naive.
        return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        message = "the time stamp header cannot be read"
        raise UnauthenticatedError(message) from None
