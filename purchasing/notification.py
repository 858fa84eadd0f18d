"""What a sender posted, and what makes two postings the same one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP posting, as it arrived.

    `headers` has lower-case names; `path` holds no secret. `received_at` is aware, in UTC.
    `is_authentic` is False where the source is configured to take anything from anybody.
    """

    id: str
    source: str
    format: str
    received_at: datetime
    body: bytes
    headers: dict[str, str] = {}
    method: str = "POST"
    path: str = ""
    query: str = ""
    is_authentic: bool = True


_NEVER_KEPT = frozenset({"authorization", "proxy-authorization", "cookie"})
_HIDDEN = "[secret]"


def scrubbed(notification: Notification, secrets: Iterable[str]) -> Notification:
    """The notification as it may be stored: without credentials, and without any of the secrets."""
    known = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def hidden(text: str) -> str:
        for secret in known:
            text = text.replace(secret, _HIDDEN)
        return text

    return msgspec.structs.replace(
        notification,
        headers={
            name: hidden(value)
            for name, value in notification.headers.items()
            if name not in _NEVER_KEPT
        },
        path=hidden(notification.path),
        query=hidden(notification.query),
    )


def body_key(body: bytes) -> str:
    """The delivery key of a notification whose sender gives it no identity of its own."""
    return f"body:{hashlib.blake2b(body, digest_size=16).hexdigest()}"
