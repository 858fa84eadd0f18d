"""What a sender is believed for: how strong its own proof is, and what we hold it against."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.keysets import PublicKey


class Strength(StrEnum):
    """How much a sender's own scheme proves; the strongest first."""

    SIGNED_WITH_TIME = "signed with its time"
    SIGNED = "signed"
    PARTLY_SIGNED = "partly signed"
    SHOWN = "shown secret"

    @property
    def is_weak(self) -> bool:
        """Whether who saw one notification can make another: the body is not all signed."""
        return self in (Strength.PARTLY_SIGNED, Strength.SHOWN)


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What the notifications of one configured source are verified with.

    `keys` are the public keys that the sender publishes, by their ids; most senders publish none.
    """

    settings: SourceSettings
    keys: Mapping[str, PublicKey] = {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The configured secrets, the newest first."""
        return self.settings.secrets

    @property
    def tolerance(self) -> timedelta:
        """How far a signed time stamp may lie from now, on either side."""
        return timedelta(seconds=self.settings.timestamp_tolerance_seconds)
