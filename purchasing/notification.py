"""What a sender posted, and what makes two postings the same one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

import msgspec


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP posting, as it arrived.

    `headers` has lower-case names. `received_at` is aware, in UTC. `path_token` is what the sender
    put behind the source's name in the address, and is never stored; `peer` is the address from
    which it came.
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
    path_token: str = ""
    peer: str = ""
    is_authentic: bool = True


_NEVER_KEPT = frozenset({"authorization", "proxy-authorization", "cookie"})
# Karrio and UPS show their secrets in these, which nobody would take for it by their names.
_NEVER_SHOWN = frozenset({"x-event-id", "credential"})
_HIDDEN = "[secret]"


def scrubbed(notification: Notification, secrets: Iterable[str]) -> Notification:
    """The notification as it may be stored: without credentials, and without any of the secrets."""
    known = _spellings(tuple(secrets))

    def hidden(text: str) -> str:
        for secret in known:
            text = text.replace(secret, _HIDDEN)
        return text

    return msgspec.structs.replace(
        notification,
        headers={
            name: _HIDDEN if name in _NEVER_SHOWN else hidden(value)
            for name, value in notification.headers.items()
            if name not in _NEVER_KEPT
        },
        path=hidden(notification.path),
        query=hidden(notification.query),
        path_token="",
    )


@lru_cache(maxsize=1024)
def _spellings(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Secrets as they may stand in a request, the longest first: in an address, spelled out."""
    given = {secret for secret in secrets if secret}
    spelled = given | {quote(secret, safe="") for secret in given}
    return tuple(sorted(spelled, key=len, reverse=True))


def parts_key(kind: str, *parts: bytes) -> str:
    """The delivery key of what is told apart by several parts; `kind` says what they are of."""
    # Each part is preceded by its length, so that no two lists of parts run into one another.
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return f"{kind}:{digest.hexdigest()}"


def body_key(body: bytes) -> str:
    """The delivery key of a notification whose sender gives it no identity of its own."""
    return f"body:{hashlib.blake2b(body, digest_size=16).hexdigest()}"
