"""Who decides on `send_alerts`: the first of the rules that has something to say."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import msgspec
import pytest

from purchasing.alerts import AFTER_DOUBT, Circumstances, Decision, decide, overruled
from purchasing.commands import (
    CreatePurchaseEvent,
    EventType,
    NoPartLineBody,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import AlertRule

RECEIVED_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
OLD = RECEIVED_AT - timedelta(days=30)
PLAIN = Circumstances(
    source="easypost",
    supplier="Digi-Key",
    received_at=RECEIVED_AT,
    happened_at=RECEIVED_AT,
    stale_after=timedelta(hours=72),
    rules=(),
)
ON = AlertRule(send=True, reason="we want to know")
OFF = AlertRule(send=False, reason="scans are noise")


def decided(
    event_type: EventType = EventType.DELIVERED,
    *rules: AlertRule,
    said: bool | None = None,
    happened_at: datetime | None = RECEIVED_AT,
    replay_says: bool | None = None,
) -> Decision:
    """The decision for an event, with what bears on it."""
    circumstances = msgspec.structs.replace(
        PLAIN, rules=rules, happened_at=happened_at, replay_says=replay_says
    )
    return decide(event_type, said=said, circumstances=circumstances)


def test_what_is_sent_again_after_doubt_is_quiet_and_says_why() -> None:
    """What overrules a decision on alerts takes its place and its reason, and changes no more."""
    event = CreatePurchaseEvent(
        org_id=None,
        lane="lane",
        key="key",
        body=PurchaseEventBody(event_type=EventType.SHIPPED, purchase_lines=(), send_alerts=True),
        because=("it was shipped", decided(EventType.SHIPPED).because),
    )

    assert overruled(event, AFTER_DOUBT) == msgspec.structs.replace(
        event,
        body=msgspec.structs.replace(event.body, send_alerts=False),
        because=("it was shipped", "alerts: off, because it is sent again after doubt"),
    )


def test_a_no_part_line_has_no_alerts_to_overrule() -> None:
    """A NoPart line is set in the same words each time, because nobody is told of it."""
    line = UpdateNoPartLine(
        purchase_order=uuid4(),
        org_id=None,
        lane="lane",
        key="key",
        body=NoPartLineBody(id=uuid4(), line_total="12.50"),
        because=("freight",),
    )

    assert overruled(line, AFTER_DOUBT) is line


@pytest.mark.parametrize("says", [True, False])
def test_a_replay_goes_before_everything_else(says: bool) -> None:  # noqa: FBT001  # an example
    """What the person who replays asked for decides, whatever the service said or the age."""
    decision = decided(EventType.DELIVERED, ON, said=not says, happened_at=OLD, replay_says=says)

    assert decision == Decision(says, f"alerts: {'on' if says else 'off'}, as the replay says")


@pytest.mark.parametrize("says", [True, False])
def test_what_a_service_says_goes_before_age_and_rules(says: bool) -> None:  # noqa: FBT001  # an example
    """An internal service that gave `send_alerts` decides, however old the news."""
    decision = decided(EventType.DELIVERED, OFF if says else ON, said=says, happened_at=OLD)

    assert decision == Decision(says, f"alerts: {'on' if says else 'off'}, as easypost says")


def test_age_goes_before_the_rules() -> None:
    """News that was too old when it arrived is quiet, although a rule would tell it."""
    decision = decided(EventType.DELIVERED, ON, happened_at=OLD)

    assert decision == Decision(
        send=False, because="alerts: off, because it was older than 72 hours when it arrived"
    )


@pytest.mark.parametrize(
    ("age", "is_told"),
    [
        (timedelta(0), True),
        (timedelta(hours=72), True),
        (timedelta(hours=72, seconds=1), False),
        (timedelta(hours=-5), True),
    ],
)
def test_news_is_old_after_the_configured_time(age: timedelta, is_told: bool) -> None:  # noqa: FBT001  # an example
    """News is old when it is older than `stale_after_hours`; news from the future is not."""
    assert decided(happened_at=RECEIVED_AT - age).send is is_told


def test_age_is_measured_between_instants() -> None:
    """The offset of a scan's time does not make it older."""
    there = timezone(timedelta(hours=-10))

    assert decided(happened_at=RECEIVED_AT.astimezone(there)).send


def test_news_without_a_time_is_not_old() -> None:
    """Where a statement carries no time of its own, age decides nothing."""
    assert decided(happened_at=None).send


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (AlertRule(send=False), True),
        (AlertRule(send=False, source="easypost"), True),
        (AlertRule(send=False, source=("ups", "easypost")), True),
        (AlertRule(send=False, source=("ups",)), False),
        (AlertRule(send=False, source="easy"), False),
        (AlertRule(send=False, event_type=EventType.DELIVERED), True),
        (AlertRule(send=False, event_type=(EventType.DELAYED, EventType.DELIVERED)), True),
        (AlertRule(send=False, event_type=EventType.DELAYED), False),
        (AlertRule(send=False, supplier="Digi-Key"), True),
        (AlertRule(send=False, supplier=("Mouser", "Arrow")), False),
        (AlertRule(send=False, supplier="digi-key"), False),
        (AlertRule(send=False, source="easypost", event_type=EventType.DELAYED), False),
        (AlertRule(send=False, source="ups", event_type=EventType.DELIVERED), False),
        (
            AlertRule(
                send=False,
                source="easypost",
                event_type=EventType.DELIVERED,
                supplier=("Digi-Key",),
            ),
            True,
        ),
    ],
)
def test_a_rule_matches_when_all_its_keys_do(rule: AlertRule, matches: bool) -> None:  # noqa: FBT001  # an example
    """Every key of a rule must match, each may be one or a list, and a missing one matches all."""
    assert decided(EventType.DELIVERED, rule).send is not matches


def test_a_rule_for_a_supplier_needs_one() -> None:
    """Where no supplier is known, a rule that names one does not match."""
    nobody = msgspec.structs.replace(
        PLAIN, supplier=None, rules=(AlertRule(send=False, supplier="Digi-Key"),)
    )

    assert decide(EventType.DELIVERED, said=None, circumstances=nobody).send


def test_the_first_rule_that_matches_decides() -> None:
    """Rules are tried in their order, and the decision names the one that made it."""
    other = AlertRule(send=True, source="ups")

    assert decided(EventType.TRACK, other, ON, OFF) == Decision(
        send=True, because="alerts: on by rule 2: we want to know"
    )
    assert decided(EventType.DELIVERED, other, OFF, ON) == Decision(
        send=False, because="alerts: off by rule 2: scans are noise"
    )
    assert decided(EventType.DELIVERED, AlertRule(send=False)).because == "alerts: off by rule 1"


@pytest.mark.parametrize("event_type", EventType)
def test_some_types_are_quiet_by_default(event_type: EventType) -> None:
    """Without a rule, five types are quiet and the rest is told."""
    is_quiet = event_type in {"track", "note", "imported", "ignored", "snoozed"}
    word = "off" if is_quiet else "on"

    assert decided(event_type) == Decision(
        not is_quiet, f"alerts: default for {event_type} is {word}"
    )
