"""What became of a call to Cofactr: the five cases that need different things done."""

from enum import StrEnum
from typing import assert_never

import msgspec


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It took effect; `cofactr_id` is the id of what it made, where the answer told."""

    status: int
    cofactr_id: str | None = None


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """It had no effect and never will have as it stands; `detail` is Cofactr's own words."""

    status: int
    detail: str


class RetryLater(msgspec.Struct, frozen=True, tag="retry_later"):
    """It had no effect and may have it later; `retry_after_seconds` is what Cofactr asked for."""

    detail: str
    status: int | None = None
    retry_after_seconds: float | None = None


class Misconfigured(msgspec.Struct, frozen=True, tag="misconfigured"):
    """It had no effect because a key or an address is wrong, which is nothing it can help."""

    status: int
    detail: str


class Unknown(msgspec.Struct, frozen=True, tag="unknown"):
    """It may have had its effect: the request was sent and no answer tells."""

    detail: str
    status: int | None = None


Outcome = Done | Rejected | RetryLater | Misconfigured | Unknown


class Health(StrEnum):
    """What a call tells of the way to Cofactr, as the circuit breaker sees it."""

    OK = "ok"
    FAULT = "fault"
    MISCONFIGURED = "misconfigured"
    NEUTRAL = "neutral"


def health_of(outcome: Outcome) -> Health:
    """Judge the way by the outcome; being asked to slow down says nothing against it."""
    match outcome:
        case Done() | Rejected():
            return Health.OK
        case Misconfigured():
            return Health.MISCONFIGURED
        case RetryLater(status=429):
            return Health.NEUTRAL
        case RetryLater() | Unknown():
            return Health.FAULT
        case _:
            assert_never(outcome)


def detail_of(outcome: Outcome) -> str:
    """The words of an outcome; none where all is well."""
    return "" if isinstance(outcome, Done) else outcome.detail
