"""What happens after a call, and how long is waited."""

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import (
    HEAVY,
    Command,
    CreatePurchaseEvent,
    EventType,
    NoPartLineBody,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import Configuration, InDoubt
from purchasing.outcomes import (
    Done,
    Health,
    Misconfigured,
    Outcome,
    Rejected,
    RetryLater,
    Unknown,
    detail_of,
    health_of,
)
from purchasing.retrying import (
    FIRST_WAIT,
    GIVE_UP_AFTER,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    MISCONFIGURED_WAIT,
    Again,
    Dead,
    Finished,
    InDoubtNow,
    Next,
    after,
    on_doubt,
    wait,
)

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=1)
LONG_AGO = NOW - GIVE_UP_AFTER - timedelta(seconds=1)

REJECTED = Rejected(400, "quantity: must be positive")
LATER = RetryLater("too many", 429)
UNAVAILABLE = RetryLater("unavailable", 503, retry_after_seconds=90)
MISCONFIGURED = Misconfigured(403, "Invalid API key")
UNKNOWN = Unknown("ReadTimeout")


def decided(
    outcome: Outcome,
    *,
    attempt: int = 1,
    planned_at: datetime = JUST_NOW,
    policy: InDoubt = InDoubt.RESEND,
    jitter: float = 0.5,
) -> Next:
    """What happens after a call."""
    return after(
        outcome,
        attempt=attempt,
        planned_at=planned_at,
        now=NOW,
        jitter=jitter,
        on_doubt=policy,
    )


@pytest.mark.parametrize("policy", InDoubt)
@pytest.mark.parametrize("planned_at", [JUST_NOW, LONG_AGO])
@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        (Done(200, "c-1"), Finished("c-1")),
        (Done(201), Finished(None)),
        (REJECTED, Dead()),
        (MISCONFIGURED, Again(at=NOW + MISCONFIGURED_WAIT, is_unspent=True)),
    ],
)
def test_what_is_certain_does_not_depend_on_age_or_policy(
    outcome: Outcome, then: Next, planned_at: datetime, policy: InDoubt
) -> None:
    """Done is over, rejected is dead, and a wrong key costs no attempt, however old it is."""
    assert decided(outcome, planned_at=planned_at, policy=policy) == then


@pytest.mark.parametrize(
    ("outcome", "planned_at", "policy", "then"),
    [
        (LATER, JUST_NOW, InDoubt.RESEND, Again(at=NOW + timedelta(seconds=1))),
        (LATER, JUST_NOW, InDoubt.PARK, Again(at=NOW + timedelta(seconds=1))),
        (UNAVAILABLE, JUST_NOW, InDoubt.PARK, Again(at=NOW + timedelta(seconds=90))),
        (LATER, LONG_AGO, InDoubt.RESEND, Dead()),
        (LATER, LONG_AGO, InDoubt.PARK, Dead()),
        (UNKNOWN, JUST_NOW, InDoubt.RESEND, Again(at=NOW + timedelta(seconds=1), is_doubtful=True)),
        (UNKNOWN, JUST_NOW, InDoubt.PARK, InDoubtNow()),
        (UNKNOWN, LONG_AGO, InDoubt.RESEND, InDoubtNow()),
        (UNKNOWN, LONG_AGO, InDoubt.PARK, InDoubtNow()),
    ],
)
def test_an_outcome_decides_what_follows(
    outcome: Outcome, planned_at: datetime, policy: InDoubt, then: Next
) -> None:
    """What may be tried again is, for three days; what may have had its effect goes quietly."""
    assert decided(outcome, planned_at=planned_at, policy=policy) == then


def test_three_days_are_tried_whole() -> None:
    """On the very end of the third day it is still tried again."""
    assert isinstance(decided(LATER, planned_at=NOW - GIVE_UP_AFTER), Again)


def test_bounds_are_as_documented() -> None:
    """It is tried for three days; Cofactr is believed up to six hours; a wrong key waits a bit."""
    assert timedelta(days=3) == GIVE_UP_AFTER
    assert timedelta(hours=6) == LONGEST_RETRY_AFTER
    assert timedelta(seconds=30) == MISCONFIGURED_WAIT


def test_the_wait_doubles_up_to_an_hour() -> None:
    """The bound of the wait doubles with each attempt, and ends at an hour."""
    bounds = [wait(attempt, 1.0, None).total_seconds() for attempt in range(1, 14)]

    assert bounds == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    assert wait(10**9, 1.0, None) == LONGEST_WAIT


@given(
    attempt=st.integers(1, 10**6),
    jitter=st.floats(0, 1),
    asked=st.none() | st.floats() | st.integers(-(10**30), 10**30),
)
def test_a_wait_is_bounded_on_both_sides(attempt: int, jitter: float, asked: float | None) -> None:
    """A wait is never negative, never over its bound, never shorter than Cofactr asks for."""
    waited = wait(attempt, jitter, asked)

    assert timedelta(0) <= waited <= max(LONGEST_WAIT, LONGEST_RETRY_AFTER)
    if asked is None:
        assert waited <= min(FIRST_WAIT * 2.0 ** min(attempt - 1, 30), LONGEST_WAIT)
    else:
        assert math.isnan(asked) or waited >= timedelta(seconds=min(max(asked, 0), 6 * 3600))


@given(jitter=st.floats(0, 1))
def test_being_asked_for_more_than_six_hours_is_not_believed(jitter: float) -> None:
    """A Retry-After of a month is a wrong clock: after six hours it is asked again."""
    assert wait(1, jitter, 30 * 24 * 3600) == LONGEST_RETRY_AFTER


def test_chance_spreads_the_waits() -> None:
    """Two that failed together do not come back together."""
    assert wait(5, 0.0, None) == timedelta(0)
    assert wait(5, 0.25, None) == timedelta(seconds=8)


def event(event_type: EventType, *, shipping_paid: str | None = None) -> Command:
    """A purchase event to be sent."""
    body = PurchaseEventBody(
        event_type=event_type,
        purchase_lines=(UUID(int=1),),
        send_alerts=True,
        shipping_paid=shipping_paid,
    )
    return CreatePurchaseEvent(org_id=None, lane="PO", key="k", body=body)


@pytest.mark.parametrize("event_type", EventType)
def test_what_moves_stock_lines_or_money_is_parked(event_type: EventType) -> None:
    """Without a policy, the heavy types and whatever states an amount wait for a person."""
    parks = event_type in HEAVY

    assert on_doubt(event(event_type), Configuration()) is (
        InDoubt.PARK if parks else InDoubt.RESEND
    )
    assert on_doubt(event(event_type, shipping_paid="0"), Configuration()) is InDoubt.PARK


@pytest.mark.parametrize("policy", InDoubt)
@pytest.mark.parametrize("event_type", [EventType.RECEIVED, EventType.DELIVERED])
def test_a_policy_goes_before_what_is_built_in(policy: InDoubt, event_type: EventType) -> None:
    """What `[in_doubt]` says of a type holds, with an amount or without."""
    configuration = Configuration(in_doubt={event_type: policy})

    assert on_doubt(event(event_type), configuration) is policy
    assert on_doubt(event(event_type, shipping_paid="1"), configuration) is policy
    assert on_doubt(event(EventType.NOTE), configuration) is InDoubt.RESEND


def test_setting_a_value_twice_is_setting_it_once() -> None:
    """An update of a NoPart line is always sent again."""
    command = UpdateNoPartLine(
        purchase_order=UUID(int=1),
        org_id=None,
        lane="PO",
        key="k",
        body=NoPartLineBody(id=UUID(int=2), line_total="1"),
    )

    assert on_doubt(command, Configuration()) is InDoubt.RESEND


@pytest.mark.parametrize(
    ("outcome", "health"),
    [
        (Done(200), Health.OK),
        (REJECTED, Health.OK),
        (MISCONFIGURED, Health.MISCONFIGURED),
        (LATER, Health.NEUTRAL),
        (UNAVAILABLE, Health.FAULT),
        (RetryLater("ConnectError"), Health.FAULT),
        (UNKNOWN, Health.FAULT),
    ],
)
def test_an_outcome_tells_of_the_way(outcome: Outcome, health: Health) -> None:
    """An answer shows that the way is open; being asked to slow down says nothing against it."""
    assert health_of(outcome) is health


@pytest.mark.parametrize("outcome", [REJECTED, LATER, MISCONFIGURED, UNKNOWN])
def test_an_outcome_says_what_went_wrong(outcome: Outcome) -> None:
    """What went wrong has words, and what went well has none."""
    assert detail_of(outcome)
    assert detail_of(Done(200, "c-1")) == ""
