"""From statements to commands: fields, keys, lanes, organisations, and what is remembered."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import (
    Command,
    CreatePurchaseEvent,
    EventType,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import AlertRule, Scans, SourceSettings
from purchasing.documents import Document, Item, ShipNotice
from purchasing.matching import Goods
from purchasing.orders import Learned, Order, OrderLine, comparable
from purchasing.planning import plan, shipments_for
from purchasing.plans import (
    LONGEST_NUMBER,
    Known,
    OrderKey,
    Part,
    Plan,
    ShipmentKey,
    Terms,
    command_key,
    order_key,
    together,
)
from purchasing.shipments import Shipment
from purchasing.updates import DirectEvent, Finding, Meaning, Scan, TrackingUpdate, Update
from tests.documents import body
from tests.strategies import direct_events, snapshots

RECEIVED_AT = datetime(2026, 11, 20, 18, 0, 0, 250_000, tzinfo=UTC)
SCANNED_AT = RECEIVED_AT - timedelta(hours=3)
NUMBER = "1Z 04T X88"
ONE, TWO, ELSEWHERE = UUID(int=11), UUID(int=12), UUID(int=21)

ORDER = Order(
    po_number="PO-1",
    purchase_order=UUID(int=1),
    supplier="Digi-Key",
    lines=(
        OrderLine(purchase_line=ONE, tracking_numbers=(NUMBER,)),
        OrderLine(purchase_line=TWO, tracking_numbers=(NUMBER,)),
    ),
)
OTHER = Order(
    po_number="PO-2",
    org_id="org-of-the-order",
    purchase_order=UUID(int=2),
    lines=(OrderLine(purchase_line=ELSEWHERE, tracking_numbers=(NUMBER,)),),
)
GOODS = Goods(order=ORDER, purchase_lines=(ONE, TWO))
OTHER_GOODS = Goods(order=OTHER, purchase_lines=(ELSEWHERE,))
BARE = Goods(order=None, purchase_lines=(UUID(int=99), UUID(int=98)))

ORDER_KEY = OrderKey("", "PO-1")
SHIPMENT = ShipmentKey(ORDER_KEY, comparable(NUMBER))
PLAIN = SourceSettings(format="easypost")


def terms(
    *,
    notification: str = "n-1",
    source: str = "easypost",
    settings: SourceSettings = PLAIN,
    rules: tuple[AlertRule, ...] = (),
    default_org_id: str | None = None,
    replay_says: bool | None = None,
) -> Terms:
    """The circumstances of a notification."""
    return Terms(
        notification=notification,
        source=source,
        settings=settings,
        rules=rules,
        received_at=RECEIVED_AT,
        default_org_id=default_org_id,
        replay_says=replay_says,
    )


TERMS = terms()


def parcel(
    *meanings: Meaning,
    number: str = NUMBER,
    sender: str = "EasyPost",
    estimate: date | None = None,
    began_at: datetime = SCANNED_AT,
) -> TrackingUpdate:
    """A snapshot of a parcel with scans a minute apart."""
    scans = tuple(
        Scan(meaning=it, code=str(it), words=f"Scan {n}", at=began_at + timedelta(minutes=n))
        for n, it in enumerate(meanings)
    )
    return TrackingUpdate(
        sender=sender,
        carrier="UPS",
        tracking_number=number,
        current=scans[-1],
        history=scans,
        estimated_delivery=estimate,
    )


def direct(event_type: EventType = EventType.NOTE, **fields: Any) -> DirectEvent:
    """An event of an internal service."""
    return DirectEvent(event_type=event_type, **fields)


class Memory:
    """What the store remembers from one notification to the next."""

    def __init__(self) -> None:
        self.known = Known()

    def plan(self, update: Update, *goods: Goods, terms: Terms = TERMS) -> Part:
        """Decide a statement, and remember what is known afterwards."""
        planned = plan(update, goods or (GOODS,), self.known, terms)
        self.known = Known(
            shipments={**self.known.shipments, **planned.shipments},
            learned={**self.known.learned, **planned.learned},
        )
        return planned.part


def planned(update: Update, *goods: Goods, terms: Terms = TERMS) -> Part:
    """What is decided of a statement that is the first one."""
    return Memory().plan(update, *goods, terms=terms)


def types(part: Part) -> list[str]:
    """The types of what is sent."""
    return [str(body(command).event_type) for command in part.commands]


def keys(parts: Iterable[Part]) -> list[str]:
    """The keys of what is sent."""
    return [command.key for part in parts for command in part.commands]


# What a parcel's word becomes.


def test_every_field_of_a_parcels_event_is_as_documented() -> None:
    """A carrier's word is sent with its number, date, notes and origin, and nothing else."""
    (command,) = planned(
        parcel(Meaning.MOVING, estimate=date(2026, 11, 24)), terms=terms(source="our-easypost")
    ).commands

    assert isinstance(command, CreatePurchaseEvent)
    assert msgspec.json.decode(msgspec.json.encode(command.body)) == {
        "event_type": "shipped",
        "purchase_lines": [str(ONE), str(TWO)],
        "send_alerts": True,
        "tracking_number": NUMBER,
        "estimated_delivery": "2026-11-24",
        "notes": "UPS: Scan 0. 2026-11-20 15:00 +00:00",
        "synced_from_integration": True,
        "integration_source_name": "our-easypost",
        "integration_record_id": command.key,
        "synced_from_integration_at": "2026-11-20T18:00:00.250000Z",
    }
    assert command.lane == str(ORDER.purchase_order)
    assert command.because == (
        "EasyPost status moving is the first evidence of movement",
        "alerts: default for shipped is on",
    )


def test_each_command_says_what_it_rests_on() -> None:
    """`shipped` carries the words of the first movement, and the state those of the last scan."""
    part = planned(parcel(Meaning.LABEL_CREATED, Meaning.MOVING, Meaning.DELIVERED))

    assert types(part) == ["shipped", "delivered"]
    assert [body(command).notes for command in part.commands] == [
        "UPS: Scan 1. 2026-11-20 15:01 +00:00",
        "UPS: Scan 2. 2026-11-20 15:02 +00:00",
    ]


def test_a_parcel_with_goods_of_two_orders_is_told_to_each() -> None:
    """Each order gets its own event, with its own lines, lane, key and organisation."""
    part = planned(parcel(Meaning.MOVING), GOODS, OTHER_GOODS)

    assert types(part) == ["shipped", "shipped"]
    assert [body(command).purchase_lines for command in part.commands] == [
        (ONE, TWO),
        (ELSEWHERE,),
    ]
    assert [command.lane for command in part.commands] == [str(UUID(int=1)), str(UUID(int=2))]
    assert [command.org_id for command in part.commands] == [None, "org-of-the-order"]
    assert len(set(keys([part]))) == 2


def test_one_order_may_be_behind_the_other() -> None:
    """What one order was told already is told to the other one alone."""
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING))

    part = memory.plan(parcel(Meaning.MOVING), GOODS, OTHER_GOODS)

    assert types(part) == ["shipped"]
    assert part.commands[0].lane == str(OTHER.purchase_order)
    assert [finding.reason for finding in part.ignored] == ["no_change"]


def test_a_parcel_without_an_order_is_told_to_nobody() -> None:
    """A parcel's goods are always those of an order; without one there is nothing to tell."""
    assert planned(parcel(Meaning.MOVING), BARE) == Part()


def test_what_the_rules_say_beside_is_kept() -> None:
    """Holds, reasons and attention of the tracking rules are those of the statement."""
    assert [it.reason for it in planned(parcel(Meaning.NOT_FOUND)).ignored] == ["no_change"]
    assert [it.reason for it in planned(parcel(Meaning.LOST)).attention] == ["lost"]
    unknown = TrackingUpdate(
        sender="EasyPost", tracking_number=NUMBER, current=Scan(meaning=None, code="?")
    )
    assert [it.reason for it in planned(unknown).held] == ["unknown_status"]


def test_a_number_that_no_column_holds_is_held() -> None:
    """A tracking number of more than 255 characters is held, and never cut."""
    longest, longer = "1" * LONGEST_NUMBER, "1" * (LONGEST_NUMBER + 1)

    assert types(planned(parcel(Meaning.MOVING, number=longest))) == ["shipped"]
    part = planned(parcel(Meaning.MOVING, number=longer))
    assert [(it.reason, it.detail) for it in part.held] == [
        ("malformed", "The tracking number has 256 characters; 255 is the most.")
    ]
    assert part.commands == ()


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [(frozenset({EventType.RETURN}), "return"), (frozenset[EventType](), "note")],
)
def test_a_source_causes_what_it_has_leave_for(
    allowed: frozenset[EventType], expected: str
) -> None:
    """A heavy type is sent only where the source's settings allow it."""
    settings = SourceSettings(format="easypost", allow=allowed)

    part = planned(parcel(Meaning.RETURNING), terms=terms(settings=settings))

    assert types(part) == ["shipped", expected]


def test_a_source_says_all_scans_where_it_is_set_to() -> None:
    """With `scans = "all"` plain movement is said as `track`."""
    settings = SourceSettings(format="easypost", scans=Scans.ALL)
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING), terms=terms(settings=settings))

    part = memory.plan(parcel(Meaning.MOVING, Meaning.MOVING), terms=terms(settings=settings))

    assert types(part) == ["track"]


# Alerts.


def test_old_news_is_quiet() -> None:
    """A scan that was older than `stale_after_hours` when it arrived is told to nobody."""
    scan = parcel(Meaning.DELIVERED, began_at=RECEIVED_AT - timedelta(hours=25))
    patient = terms()
    hasty = terms(settings=SourceSettings(format="easypost", stale_after_hours=24))

    assert [body(it).send_alerts for it in planned(scan, terms=patient).commands] == [True, True]
    commands = planned(scan, terms=hasty).commands
    assert [body(it).send_alerts for it in commands] == [False, False]
    assert "older than 24 hours" in commands[1].because[1]


def test_a_rule_decides_for_the_supplier_of_the_order() -> None:
    """An alert rule sees the supplier of the order that is spoken of."""
    rule = AlertRule(send=False, supplier="Digi-Key", reason="they tell us themselves")

    part = planned(parcel(Meaning.MOVING), GOODS, OTHER_GOODS, terms=terms(rules=(rule,)))

    assert [body(it).send_alerts for it in part.commands] == [False, True]
    assert part.commands[0].because[1] == "alerts: off by rule 1: they tell us themselves"


def test_a_replay_is_as_loud_as_it_says() -> None:
    """A replay decides on alerts for everything that it sends."""
    quiet = planned(parcel(Meaning.DELIVERED), terms=terms(replay_says=False))
    loud = planned(direct(EventType.NOTE), terms=terms(replay_says=True))

    assert [body(it).send_alerts for it in quiet.commands] == [False, False]
    assert [body(it).send_alerts for it in loud.commands] == [True]


# When two statements are one.


def test_the_same_statement_has_the_same_key_whoever_makes_it() -> None:
    """Two senders' words for one thing are one command, however they write the number."""
    one = planned(parcel(Meaning.MOVING, Meaning.DELIVERED), terms=terms(source="easypost"))
    other = planned(
        parcel(Meaning.MOVING, Meaning.DELIVERED, number=" 1z04tx88", sender="UPS"),
        terms=terms(source="ups", notification="n-2"),
    )

    assert keys([one]) == keys([other])


def test_another_order_number_or_occurrence_has_another_key() -> None:
    """What differs in order, tracking number, meaning or occurrence is another command."""
    memory = Memory()
    way = [Meaning.DELAYED, Meaning.MOVING, Meaning.DELAYED]
    parts = [memory.plan(parcel(*way[:length])) for length in (1, 2, 3)]
    others = [
        planned(parcel(Meaning.DELAYED), OTHER_GOODS),
        planned(parcel(Meaning.DELAYED, number="4401")),
    ]

    assert [types(part) for part in parts] == [["delayed"], ["shipped"], ["delayed"]]
    found = keys([*parts, *others])
    assert len(set(found)) == len(found) == 5


def test_two_senders_of_one_parcel_cause_each_event_once() -> None:
    """What one sender has said, the other one does not say again."""
    memory = Memory()
    way = [Meaning.LABEL_CREATED, Meaning.MOVING, Meaning.OUT_FOR_DELIVERY, Meaning.DELIVERED]

    parts = [
        memory.plan(parcel(*way[:length], sender=sender), terms=terms(source=sender.lower()))
        for length in range(1, 5)
        for sender in ("EasyPost", "UPS")
    ]

    assert [types(part) for part in parts] == [
        *(["track"], []),
        *(["shipped"], []),
        *(["track"], []),
        *(["delivered"], []),
    ]


def test_an_internal_event_is_always_new() -> None:
    """The same words in another notification, or for another order, are another command."""
    event = direct(EventType.DELIVERED)
    first = planned(event)
    again = planned(event)
    second = planned(event, terms=terms(notification="n-2"))
    both = planned(event, GOODS, OTHER_GOODS)

    assert keys([first]) == keys([again])
    assert len({*keys([first]), *keys([second]), *keys([both])}) == 3


@given(
    one=st.lists(st.text(), min_size=1, max_size=4),
    other=st.lists(st.text(), min_size=1, max_size=4),
)
def test_different_statements_have_different_keys(one: list[str], other: list[str]) -> None:
    """No two lists of words run into one another, and a key fits into Cofactr's column."""
    assert (command_key(*one) == command_key(*other)) is (one == other)
    assert command_key("tracking", *one).startswith("tracking-")
    assert len(command_key("tracking", "x" * 1000)) <= 255


# What internal services say.


@given(event=direct_events)
def test_an_event_is_passed_on_as_it_is_said(event: DirectEvent) -> None:
    """Whatever a service gives is sent as it gave it; only what it left out is filled in."""
    (command,) = planned(event, Goods(order=None, purchase_lines=event.purchase_lines)).commands
    sent = body(command)

    for name in PurchaseEventBody.__struct_fields__:
        said = getattr(event, name)
        filled_in = {
            "send_alerts": sent.send_alerts,
            "synced_from_integration": True,
            "integration_source_name": "easypost",
            "integration_record_id": command.key,
            "synced_from_integration_at": RECEIVED_AT,
        }
        assert getattr(sent, name) == (filled_in.get(name) if said is None else said), name
    assert_is_documented(command)


def assert_is_documented(command: Command) -> None:
    """A command obeys the documented types, and survives being kept byte for byte."""
    sent = msgspec.json.encode(command.body)
    assert msgspec.json.decode(sent, type=PurchaseEventBody) == command.body
    kept = msgspec.msgpack.decode(
        msgspec.msgpack.encode(command), type=CreatePurchaseEvent | UpdateNoPartLine
    )
    assert msgspec.json.encode(kept.body) == sent


def test_a_services_own_record_is_its_own() -> None:
    """The integration fields that a service gives go before those that are filled in."""
    event = direct(
        synced_from_integration=False,
        integration_source_name="MES Hall 2",
        integration_record_id="row 4711",
        synced_from_integration_at=datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=1))),
    )

    (command,) = planned(event).commands

    sent = body(command)
    assert sent.synced_from_integration is False
    assert (sent.integration_source_name, sent.integration_record_id) == ("MES Hall 2", "row 4711")
    assert sent.synced_from_integration_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert command.key != "row 4711"
    assert_is_documented(command)


def test_a_service_decides_on_its_alerts() -> None:
    """What a service says of `send_alerts` holds; without it, age, rules and defaults do."""
    rule = AlertRule(send=False, event_type=EventType.DELIVERED)
    long_ago = RECEIVED_AT - timedelta(days=9)
    quiet = direct(EventType.DELIVERED, send_alerts=False)
    loud = direct(EventType.DELIVERED, send_alerts=True, occurred_at=long_ago)
    old = direct(EventType.DELIVERED, occurred_at=long_ago)

    because = [
        planned(event, terms=terms(rules=rules)).commands[0].because
        for event, rules in (
            (quiet, ()),
            (loud, (rule,)),
            (old, ()),
            (direct(EventType.DELIVERED), (rule,)),
            (direct(EventType.DELIVERED), ()),
        )
    ]

    assert because == [
        ("easypost says delivered", "alerts: off, as easypost says"),
        ("easypost says delivered", "alerts: on, as easypost says"),
        (
            "easypost says delivered",
            "alerts: off, because it was older than 72 hours when it arrived",
        ),
        ("easypost says delivered", "alerts: off by rule 1"),
        ("easypost says delivered", "alerts: default for delivered is on"),
    ]


@pytest.mark.parametrize(
    ("goods", "said", "sources", "default", "expected"),
    [
        (OTHER_GOODS, "said", "source", "default", "org-of-the-order"),
        (GOODS, "said", "source", "default", "said"),
        (GOODS, None, "source", "default", "source"),
        (GOODS, None, None, "default", "default"),
        (GOODS, None, None, None, None),
        (BARE, "said", None, None, "said"),
        (BARE, None, "source", None, "source"),
    ],
)
def test_the_organisation_is_the_orders_first(
    goods: Goods,
    said: str | None,
    sources: str | None,
    default: str | None,
    expected: str | None,
) -> None:
    """A call is made for the order's organisation, else the service's, the source's, a default."""
    settings = SourceSettings(format="internal", org_id=sources)

    (command,) = planned(
        direct(org_id=said), goods, terms=terms(settings=settings, default_org_id=default)
    ).commands

    assert command.org_id == expected


def test_a_line_without_an_order_has_a_lane_of_its_own() -> None:
    """An event for lines of no known order keeps its order among those for the same lines."""
    (command,) = planned(direct(EventType.RECEIVED), BARE).commands

    assert command.lane == str(UUID(int=98))
    assert body(command).purchase_lines == BARE.purchase_lines


def test_an_event_for_several_orders_is_one_for_each() -> None:
    """A service's word about goods of two orders is sent once to each of them."""
    part = planned(direct(EventType.DELIVERED, tracking_number=NUMBER), GOODS, OTHER_GOODS)

    assert [body(it).purchase_lines for it in part.commands] == [(ONE, TWO), (ELSEWHERE,)]
    assert [it.lane for it in part.commands] == [str(UUID(int=1)), str(UUID(int=2))]


def test_what_cannot_be_shared_is_held_for_several_orders() -> None:
    """A quantity or an amount for goods of two orders is held: said of each, it is said twice."""
    event = direct(EventType.DELIVERED, tracking_number=NUMBER, quantity=5)

    part = planned(event, GOODS, OTHER_GOODS)

    assert not part.commands
    assert [it.reason for it in part.held] == ["unmatched"]


# What an internal event teaches.


@pytest.mark.parametrize("event_type", EventType)
def test_shipped_and_track_bind_a_tracking_number(event_type: EventType) -> None:
    """A `shipped` or `track` event binds its number to its lines; other types bind nothing."""
    result = plan(direct(event_type, tracking_number="NEW"), (GOODS,), Known(), TERMS)

    binds = event_type in {EventType.SHIPPED, EventType.TRACK}
    assert result.learned == (
        {ORDER_KEY: Learned(tracking_numbers={str(ONE): ("NEW",), str(TWO): ("NEW",)})}
        if binds
        else {}
    )


def test_only_the_lines_that_are_named_are_bound() -> None:
    """A number is bound to the lines that the event is about, beside what they had."""
    known = Known(learned={ORDER_KEY: Learned(tracking_numbers={str(ONE): ("OLD",)})})
    part_of_it = Goods(order=ORDER, purchase_lines=(TWO,))

    result = plan(direct(EventType.SHIPPED, tracking_number="NEW"), (part_of_it,), known, TERMS)

    assert result.learned == {
        ORDER_KEY: Learned(tracking_numbers={str(ONE): ("OLD",), str(TWO): ("NEW",)})
    }


@pytest.mark.parametrize(
    ("event", "goods"),
    [
        (direct(EventType.SHIPPED), GOODS),
        (direct(EventType.SHIPPED, tracking_number=""), GOODS),
        (direct(EventType.SHIPPED, tracking_number="NEW"), BARE),
    ],
)
def test_nothing_is_bound_without_a_number_or_an_order(event: DirectEvent, goods: Goods) -> None:
    """Without a tracking number, or without a known order, there is nothing to bind."""
    result = plan(event, (goods,), Known(), TERMS)

    assert (result.learned, result.shipments) == ({}, {})
    assert len(result.part.commands) == 1


def test_a_carrier_does_not_repeat_what_a_service_shipped() -> None:
    """After a service's `shipped`, the carrier's first word is what it is beyond that."""
    memory = Memory()
    memory.plan(direct(EventType.SHIPPED, tracking_number="1Z04TX88"))

    assert types(memory.plan(parcel(Meaning.LABEL_CREATED))) == []
    assert types(memory.plan(parcel(Meaning.LABEL_CREATED, Meaning.DELIVERED))) == ["delivered"]


def test_a_services_track_is_not_shipped() -> None:
    """A number that was only attached has not moved: the carrier's first movement ships it."""
    memory = Memory()
    memory.plan(direct(EventType.TRACK, tracking_number=NUMBER))

    assert types(memory.plan(parcel(Meaning.MOVING))) == ["shipped"]


def test_a_service_names_the_first_date() -> None:
    """The date of a service's `shipped` is the one that the carrier's are compared with."""
    memory = Memory()
    memory.plan(
        direct(EventType.SHIPPED, tracking_number=NUMBER, estimated_delivery=date(2026, 11, 24))
    )

    later = parcel(Meaning.MOVING, estimate=date(2026, 11, 26))

    assert types(memory.plan(later)) == ["delayed"]


def test_a_service_does_not_overwrite_the_carriers_date() -> None:
    """A date that is known already stays when a service ships what was under way."""
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING, estimate=date(2026, 11, 26)))
    memory.plan(
        direct(EventType.SHIPPED, tracking_number=NUMBER, estimated_delivery=date(2026, 11, 24))
    )

    assert memory.known.shipments[SHIPMENT].estimated_delivery == date(2026, 11, 26)


# What has to be known.


def test_shipments_are_those_of_the_orders_and_the_number() -> None:
    """What has to be known of shipments is one for each order that bears the number."""
    event = DirectEvent(event_type=EventType.TRACK, tracking_number=" 1z 04tx88")

    assert shipments_for(parcel(Meaning.MOVING), (GOODS,)) == (SHIPMENT,)
    assert shipments_for(event, (GOODS, BARE, OTHER_GOODS)) == (
        SHIPMENT,
        ShipmentKey(OrderKey("org-of-the-order", "PO-2"), "1z04tx88"),
    )
    notice = ShipNotice(
        document=Document(sender="Digi-Key"),
        item=Item(po_number="PO-1"),
        tracking_numbers=("1Z 04tx88", "1Z99"),
    )
    assert shipments_for(notice, (GOODS,)) == (
        SHIPMENT,
        msgspec.structs.replace(SHIPMENT, tracking_number="1z99"),
    )
    assert shipments_for(DirectEvent(event_type=EventType.NOTE, po_number="PO-1"), (GOODS,)) == ()


def test_an_order_is_known_by_organisation_and_number() -> None:
    """Two organisations may use one number; goods without an order have no key."""
    assert order_key(GOODS) == OrderKey("", "PO-1")
    assert order_key(OTHER_GOODS) == OrderKey("org-of-the-order", "PO-2")
    assert order_key(BARE) is None


def test_parts_are_put_together_in_their_order() -> None:
    """Several parts are one, with everything that each has."""
    one = planned(parcel(Meaning.DAMAGED))
    other = Part(held=(Finding("conflict", "c"),), ignored=(Finding("no_change", "n"),))

    whole = together(iter((one, other)))

    assert whole == Part(
        commands=one.commands, held=other.held, ignored=other.ignored, attention=one.attention
    )
    assert together(()) == Part()


# What holds of any statement.


@given(updates=st.lists(snapshots(), min_size=1, max_size=5), scans=st.sampled_from(Scans))
def test_planning_the_same_twice_adds_nothing(updates: list[TrackingUpdate], scans: Scans) -> None:
    """A statement that is planned again in the light of itself sends nothing."""
    memory = Memory()
    settings = terms(settings=SourceSettings(format="easypost", scans=scans))
    for update in updates:
        memory.plan(update, GOODS, OTHER_GOODS, terms=settings)
        before = memory.known
        again = memory.plan(update, GOODS, OTHER_GOODS, terms=settings)

        assert again.commands == ()
        assert memory.known == before


@given(updates=st.lists(snapshots(), min_size=1, max_size=6))
def test_an_order_gets_at_most_two_commands_of_a_notification(
    updates: list[TrackingUpdate],
) -> None:
    """Of one notification an order is told two things at most, each once, without a quantity."""
    memory = Memory()
    said: list[str] = []
    for update in updates:
        part = memory.plan(update, GOODS, OTHER_GOODS)
        for lane in (GOODS.lane, OTHER_GOODS.lane):
            own = [command for command in part.commands if command.lane == lane]
            assert len(own) <= 2
        for command in part.commands:
            assert body(command).quantity is None
            assert body(command).integration_record_id == command.key
            assert_is_documented(command)
        said += keys([part])

    assert len(set(said)) == len(said)


@given(update=snapshots() | direct_events)
def test_a_plan_depends_on_nothing_else(update: Update) -> None:
    """The same statement under the same circumstances is planned the same, to the byte."""
    first = plan(update, (GOODS,), Known(shipments={SHIPMENT: Shipment()}), TERMS)
    second = plan(update, (GOODS,), Known(shipments={SHIPMENT: Shipment()}), TERMS)

    assert encoded(first) == encoded(second)


def encoded(result: Plan) -> bytes:
    """A plan's commands and findings as bytes."""
    return msgspec.json.encode(result.part)
