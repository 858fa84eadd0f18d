"""What some senders need besides an answer; a source offers it by having the method.

Each protocol here is one such need. A source that has the member is asked; the others are not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from purchasing.answers import Answer
from purchasing.notification import Notification
from purchasing.trust import Trust


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A POST that a sender expects from us; `about` says in a few words what it is for."""

    url: str
    about: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


@runtime_checkable
class PublishesKeys(Protocol):
    """A source whose sender signs with private keys and publishes the public ones."""

    @property
    def keys_url(self) -> str:
        """Where the JWK set is published (https)."""


@runtime_checkable
class IssuesTokens(Protocol):
    """A source whose sender first asks us for a token (OAuth 2.0 client credentials)."""

    def issue_token(self, request: Notification, trust: Trust, now: datetime) -> Answer:
        """Answer a request for a token, in success and in refusal (RFC 6749 section 5)."""


@runtime_checkable
class JudgesSecrets(Protocol):
    """A source whose sender takes secrets of a certain form only."""

    def secret_fault(self, secret: str) -> str:
        """What is wrong with a secret, without the secret; empty where nothing is."""


@runtime_checkable
class HidesSecrets(Protocol):
    """A source whose sender puts its secret into the body."""

    def without_secrets(self, body: bytes) -> bytes:
        """The body as it may be stored; any bytes at all have one."""


@runtime_checkable
class Refuses(Protocol):
    """A source whose sender wants to be refused in its own language."""

    def refusal(self, notification: Notification) -> Answer:
        """What is answered to a notification that is not proven."""


@runtime_checkable
class SignsBody(Protocol):
    """A source whose sender proves itself within the body, not beside it."""

    def signed_body(self, body: bytes, trust: Trust) -> bytes:
        """The body with the sender's proof in it, made with the newest secret: for trials, tests.

        What is no document of this format is returned as it is.

        Raises:
            MalformedError: The secret cannot be put into such a document.
        """


@runtime_checkable
class CallsBack(Protocol):
    """A source whose sender wants to be called back before it goes on."""

    def call_back(self, notification: Notification, trust: Trust) -> Call | None:
        """The call that an authentic notification asks for; None for nearly all of them."""
