"""What happens after a call: again later, over, or in doubt."""

from datetime import datetime, timedelta
from typing import assert_never

import msgspec

from purchasing.commands import (
    HEAVY,
    Command,
    CreatePurchaseEvent,
    UpdateNoPartLine,
    carries_amount,
)
from purchasing.configuration import Configuration, InDoubt
from purchasing.outcomes import Done, Misconfigured, Outcome, Rejected, RetryLater, Unknown

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
LONGEST_RETRY_AFTER = timedelta(hours=6)
"""What Cofactr may ask us to wait; past that we ask again, rather than believe a wrong clock."""

MISCONFIGURED_WAIT = timedelta(seconds=30)
"""How soon a call is tried again whose key or address was wrong; it costs no attempt."""


class Finished(msgspec.Struct, frozen=True):
    """It took effect."""

    cofactr_id: str | None


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """It is sent again at a time.

    `is_doubtful`: it may have had its effect. `is_unspent`: the attempt does not count, because the
    notification cannot help it.
    """

    at: datetime
    is_doubtful: bool = False
    is_unspent: bool = False


class Dead(msgspec.Struct, frozen=True):
    """It will not be sent again by itself."""


class InDoubtNow(msgspec.Struct, frozen=True):
    """Whether it took effect is not known, and a person decides."""


Next = Finished | Again | Dead | InDoubtNow


def after(
    outcome: Outcome,
    *,
    attempt: int,
    planned_at: datetime,
    now: datetime,
    jitter: float,
    on_doubt: InDoubt,
) -> Next:
    """Decide what happens after a call.

    `attempt` counts from 1; `planned_at` is when the command was decided, moved on by the time that
    it was held for; `jitter` is a random number from 0 to 1; `on_doubt` is the policy for
    the command whose outcome this is.
    """
    match outcome:
        case Done():
            return Finished(outcome.cofactr_id)
        case Rejected():
            return Dead()
        case Misconfigured():
            return Again(at=now + MISCONFIGURED_WAIT, is_unspent=True)
        case Unknown() if on_doubt is InDoubt.PARK:
            return InDoubtNow()
        case Unknown() | RetryLater():
            if now - planned_at > GIVE_UP_AFTER:
                return Dead() if isinstance(outcome, RetryLater) else InDoubtNow()
            asked = outcome.retry_after_seconds if isinstance(outcome, RetryLater) else None
            return Again(
                at=now + wait(attempt, jitter, asked), is_doubtful=isinstance(outcome, Unknown)
            )
        case _:
            assert_never(outcome)


def wait(attempt: int, jitter: float, asked_seconds: float | None) -> timedelta:
    """How long to wait after an attempt: anything up to a bound that doubles, or what was asked."""
    doublings = min(attempt - 1, 30)
    bound: timedelta = min(FIRST_WAIT * 2.0**doublings, LONGEST_WAIT)
    chosen = bound * jitter
    if asked_seconds is None:
        return chosen
    # In this order, what is no number at all counts as none.
    asked = min(max(0.0, asked_seconds), LONGEST_RETRY_AFTER.total_seconds())
    return max(timedelta(seconds=asked), chosen)


def on_doubt(command: Command, configuration: Configuration) -> InDoubt:
    """What is done with a command whose outcome is unknown."""
    match command:
        case UpdateNoPartLine():
            # It sets values, so that saying it twice is saying it once.
            return InDoubt.RESEND
        case CreatePurchaseEvent():
            configured = configuration.in_doubt.get(command.body.event_type)
            if configured is not None:
                return configured
            parks = command.body.event_type in HEAVY or carries_amount(command.body)
            return InDoubt.PARK if parks else InDoubt.RESEND
        case _:
            assert_never(command)
