"""What RQ's hash of a job holds, the same for every notification but for its id."""

from collections.abc import Callable
from datetime import UTC, datetime

from purchasing.handoff import encode_job
from store import scripts

ID_LENGTH = 24
"""The length of every notification's id, so that a job's bytes can be made around it."""

# RQ kills a job after this long; our worker bounds each call instead, and renews its lease.
_TIMEOUT_SECONDS = 3600

_PLACE = "x" * ID_LENGTH
_BEFORE, _AFTER = (scripts.blob(part) for part in encode_job(_PLACE).split(_PLACE.encode()))


Clock = Callable[[], datetime]
"""Whoever needs the time is given something that tells it."""


def job_template(now: datetime) -> dict[str, object]:
    """The bytes around a notification's id in a job's `data`, and the fields that are constant."""
    return {
        "before": _BEFORE,
        "after": _AFTER,
        "now": rq_time(now),
        "timeout": _TIMEOUT_SECONDS,
    }


def rq_time(at: datetime) -> str:
    """A time as RQ writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
