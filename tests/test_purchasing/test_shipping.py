"""Ship notices: every sentence of their translation, and what holds of any."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import CreatePurchaseEvent, EventType
from purchasing.documents import Purpose, ShipNotice
from purchasing.orders import Learned, comparable
from purchasing.planning import shipments_for
from purchasing.plans import LONGEST_NUMBER, Known, ShipmentKey
from purchasing.shipments import Shipment
from purchasing.updates import DirectEvent, Finding, Meaning, Scan, TrackingUpdate
from tests.documents import (
    LINE_ONE,
    LINE_TWO,
    NUMBER,
    ONE,
    ORDER,
    ORDER_KEY,
    RECEIVED_AT,
    SAID_AT,
    THREE,
    TWO,
    UNKNOWN,
    WHOLE,
    Memory,
    attention,
    body,
    confirmation,
    day,
    notice,
    only,
    outcome,
    planned,
)

REPLACES = Purpose.REPLACES
BOUND = msgspec.structs.replace(
    WHOLE, order=ORDER.with_learned(Learned(tracking_numbers={str(ONE): (NUMBER,)}))
)
BOUND_LINE = msgspec.structs.replace(BOUND, purchase_lines=(ONE,))


def parcel(meaning: Meaning, **fields: Any) -> TrackingUpdate:
    """A carrier's word on the parcel."""
    scan = Scan(meaning=meaning, code=str(meaning), at=SAID_AT)
    return TrackingUpdate(sender="UPS", tracking_number=NUMBER, current=scan, **fields)


def shipment(memory: Memory, number: str = NUMBER) -> Shipment:
    """What is known of a shipment."""
    return memory.known.shipments[ShipmentKey(ORDER_KEY, comparable(number))]


# What is shipped.


def test_every_field_of_a_shipment_is_as_documented() -> None:
    """A line of a notice is one `shipped` with all that the notice says, and nothing else."""
    part = planned(
        notice(
            quantity="60",
            carrier="UPS",
            service="Ground",
            shipped_on=day(1),
            estimated_delivery=day(4),
            coo="JP",
            date_code="2633",
            mfg_lot="L-7 A",
            words="Reel 1 of 2.",
        )
    )

    (command,) = part.commands
    assert isinstance(command, CreatePurchaseEvent)
    assert msgspec.json.decode(msgspec.json.encode(command.body)) == {
        "event_type": "shipped",
        "purchase_lines": [str(ONE)],
        "send_alerts": True,
        "quantity": 60,
        "tracking_number": NUMBER,
        "estimated_delivery": "2026-12-04",
        "coo": "JP",
        "date_code": "2633",
        "mfg_lot": "L-7 A",
        "notes": (
            "Digi-Key (cXML): Shipped by UPS Ground on 2026-12-01. Reel 1 of 2. Ship notice S-1001"
        ),
        "synced_from_integration": True,
        "integration_source_name": "digikey",
        "integration_record_id": command.key,
        "synced_from_integration_at": "2026-11-20T18:00:00Z",
    }
    assert command.because == (
        "Digi-Key (cXML): a ship notice means shipped",
        "alerts: default for shipped is on",
    )
    assert (part.attention, part.held, part.ignored) == ((), (), ())


def test_goods_without_a_number_are_shipped_all_the_same() -> None:
    """A notice without tracking number says `shipped`, and binds nothing."""
    memory = Memory()

    event = only(memory.plan(notice(tracking=("", "  "), number="")))

    assert (event.event_type, event.tracking_number) == (EventType.SHIPPED, None)
    assert event.notes == "Digi-Key (cXML): Shipped"
    assert memory.known.learned[ORDER_KEY].tracking_numbers == {}
    assert memory.known.shipments == {}


def test_no_items_means_the_whole_order() -> None:
    """A notice of a whole order is one event for each line, without a quantity."""
    part = planned(notice(), WHOLE)

    assert outcome(part) == ["shipped"] * 3
    assert [body(it).purchase_lines for it in part.commands] == [(ONE,), (TWO,), (THREE,)]
    assert {body(it).quantity for it in part.commands} == {None}
    assert len({it.key for it in part.commands}) == 3


def test_each_lot_and_each_number_is_said_by_itself() -> None:
    """Two lots, or two parcels with a quantity each, are two events of one line."""
    memory = Memory()
    statements = [
        notice(quantity="10", mfg_lot="A"),
        notice(quantity="20", mfg_lot="B"),
        notice(quantity="30", mfg_lot="B", date_code="2634"),
        notice(quantity="10", mfg_lot="B", date_code="2634", coo="MY"),
        notice(quantity="30", mfg_lot="A", tracking=("4401",)),
    ]

    parts = [memory.plan(it, same=bool(number)) for number, it in enumerate(statements)]

    assert [only(part).quantity for part in parts] == [10, 20, 30, 10, 30]
    assert len({part.commands[0].key for part in parts}) == 5
    assert [attention(part) for part in parts] == [[], [], [], [], []]
    assert memory.progress().shipped == {"s-1001": Decimal(100)}


def test_several_numbers_without_a_split_are_one_event() -> None:
    """The first number is sent, the others are in the notes, and all of them are bound."""
    memory = Memory()

    event = only(memory.plan(notice(tracking=("1Z1", " 1Z2 ", "1Z1", "1Z3"))))

    assert event.tracking_number == "1Z1"
    assert event.notes == "Digi-Key (cXML): Shipped. Also under 1Z2, 1Z3. Ship notice S-1001"
    assert memory.known.learned[ORDER_KEY].tracking_numbers == {str(ONE): ("1Z1", "1Z2", "1Z3")}
    assert all(shipment(memory, number).is_shipped for number in ("1Z1", "1Z2", "1Z3"))


def test_a_number_is_bound_to_the_lines_that_are_meant() -> None:
    """Only the lines of the notice are bound, beside what was known of the others."""
    memory = Memory()
    memory.plan(notice(tracking=("OLD",)), LINE_ONE)
    memory.plan(notice(tracking=("NEW",)), LINE_TWO)

    assert memory.known.learned[ORDER_KEY].tracking_numbers == {
        str(ONE): ("OLD",),
        str(TWO): ("NEW",),
    }


@pytest.mark.parametrize(
    ("quantity", "detail"),
    [
        ("1.5", "The quantity 1.5 is a fraction; Cofactr counts pieces."),
        ("-3", "The quantity -3 is not between 0 and 2147483647."),
        ("2147483648", "The quantity 2147483648 is not between 0 and 2147483647."),
    ],
)
def test_a_quantity_that_cannot_be_sent_is_held(quantity: str, detail: str) -> None:
    """A fraction, a negative quantity and one too large are held, and teach nothing."""
    memory = Memory()

    part = memory.plan(notice(quantity=quantity))

    assert part.held == (Finding("malformed", detail),)
    assert (part.commands, memory.known) == ((), Known())


def test_a_number_that_no_column_holds_is_held() -> None:
    """A tracking number of more than 255 characters is held, wherever it stands."""
    longest, longer = "1" * LONGEST_NUMBER, "1" * (LONGEST_NUMBER + 1)

    assert outcome(planned(notice(tracking=(longest,)))) == ["shipped"]
    part = planned(notice(tracking=("1Z1", longer)))
    assert part.held == (
        Finding("malformed", "A tracking number has 256 characters; 255 is the most."),
    )


def test_a_quantity_of_several_lines_is_held() -> None:
    """A quantity without a line, of an order with several, is nobody's."""
    assert outcome(planned(notice(quantity="5"), WHOLE)) == ["unmatched"]


def test_lines_of_no_known_order_are_held() -> None:
    """Where no order is known there is nothing to ship; a document cannot mean that."""
    assert outcome(planned(notice(), UNKNOWN)) == ["unmatched"]


def test_nothing_shipped_is_no_shipment() -> None:
    """A line that is listed with a quantity of 0 was not shipped, and binds no number."""
    memory = Memory()

    part = memory.plan(notice(quantity="0"))

    assert part.ignored == (
        Finding(
            "not_a_shipment", "Line 1 of order PO-1: the notice says that none of it was shipped."
        ),
    )
    assert (memory.known.learned, memory.known.shipments) == ({ORDER_KEY: Learned()}, {})


# More than is open.


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(60, 40, []), (60, 41, ["over_shipped"]), (100, 1, ["over_shipped"])],
)
def test_more_than_is_open_is_sent_and_shown(before: int, now: int, expected: list[str]) -> None:
    """A quantity over what the line still has open raises attention, and goes on."""
    memory = Memory()
    memory.plan(notice(number="S-1", quantity=before))

    part = memory.plan(notice(number="S-2", quantity=now))

    assert (outcome(part), only(part).quantity) == (["shipped"], now)
    assert attention(part) == expected


def test_what_is_too_much_is_told_in_numbers() -> None:
    """The finding names what was ordered, what was shipped before, and what now."""
    memory = Memory()
    memory.plan(notice(number="S-1", quantity="60"))

    part = memory.plan(notice(number="S-2", quantity="50"))

    assert part.attention == (
        Finding(
            "over_shipped",
            "Line 1 of order PO-1: ordered 100, shipped before 60, shipped now 50.",
        ),
    )


def test_nothing_is_too_much_of_an_unknown_quantity() -> None:
    """A line of which no quantity is known, and a notice without one, are not compared."""
    assert planned(notice(quantity="9999"), LINE_TWO).attention == ()
    assert planned(notice()).attention == ()


# A notice that comes again.


@pytest.mark.parametrize("number", ["S-1001", " s-1001", ""])
@pytest.mark.parametrize("quantity", ["60", None])
@pytest.mark.parametrize("purpose", [Purpose.NEW, Purpose.REPLACES])
def test_the_same_notice_is_said_once(number: str, quantity: str | None, purpose: Purpose) -> None:
    """A notice that comes again is one with the first, from whatever source it comes."""
    memory = Memory()
    first = notice(number=number.strip().upper(), shipped_on=day(1), quantity=quantity)
    memory.plan(first)
    before = memory.known.learned[ORDER_KEY]

    again = notice(number=number, shipped_on=day(1), purpose=purpose, quantity=quantity)
    part = memory.plan(again, source="digikey-edi")

    if purpose is Purpose.REPLACES and not number:
        assert outcome(part) == ["needs_person"]
        return
    assert part.commands == ()
    assert part.ignored == (
        Finding("duplicate_statement", "Line 1 of order PO-1: notification n-1 said this first."),
    )
    assert memory.progress().shipped == before.lines[str(ONE)].shipped


def test_without_a_number_all_that_is_said_tells_notices_apart() -> None:
    """Two notices without a number are two where anything differs."""
    memory = Memory()
    statements = [
        notice(number="", quantity="10"),
        notice(number="", quantity="20"),
        notice(number="", quantity="10", shipped_on=day(2)),
        notice(number="", quantity="10", tracking=("4401",)),
    ]

    assert [only(memory.plan(it)).quantity for it in statements] == [10, 20, 10, 10]
    assert len(memory.progress().shipped) == 4


def test_two_boxes_of_one_part_are_said_one_after_the_other() -> None:
    """Goods that one document lists in several boxes add up, and come again as one."""
    memory = Memory()
    box = notice(quantity="50")
    parts = [memory.plan(box), memory.plan(box, same=True)]

    assert [only(part).quantity for part in parts] == [50, 50]
    assert parts[0].commands[0].key != parts[1].commands[0].key
    assert memory.progress().shipped == {"s-1001": Decimal(100)}
    again = [memory.plan(box), memory.plan(box, same=True)]
    assert [outcome(part) for part in again] == [["duplicate_statement"]] * 2


@pytest.mark.parametrize("purpose", [Purpose.NEW, Purpose.REPLACES])
def test_a_notice_that_replaces_says_what_is_more(purpose: Purpose) -> None:
    """Of a notice whose number was heard before, the difference is said, once."""
    memory = Memory()
    memory.plan(notice(quantity="60"))
    more = notice(quantity="90", purpose=purpose)

    part = memory.plan(more)

    assert (outcome(part), only(part).quantity) == (["shipped"], 30)
    assert only(part).notes == ("Digi-Key (cXML): Shipped. In addition to 60. Ship notice S-1001")
    assert memory.progress().shipped == {"s-1001": Decimal(90)}
    assert outcome(memory.plan(more)) == ["duplicate_statement"]
    assert outcome(memory.plan(notice(quantity="60"))) == ["duplicate_statement"]


def test_a_document_and_its_replacement_may_come_together() -> None:
    """What replaces a notice of the same notification says what is more, and less is held."""
    memory = Memory()
    memory.plan(notice(quantity="60"))

    parts = [
        memory.plan(
            msgspec.structs.replace(
                notice(quantity=quantity, purpose=REPLACES),
                document=msgspec.structs.replace(notice().document, place=place),
            ),
            same=True,
        )
        for place, quantity in ((1, "60"), (2, "80"), (3, "70"))
    ]

    assert [outcome(part) for part in parts] == [
        ["duplicate_statement"],
        ["shipped"],
        ["needs_person"],
    ]
    assert only(parts[1]).quantity == 20


def test_what_is_more_counts_once() -> None:
    """What a replacing notice repeats is not counted again as shipped."""
    memory = Memory()
    memory.plan(notice(quantity="60"))

    assert attention(memory.plan(notice(quantity="100", purpose=REPLACES))) == []
    assert attention(memory.plan(notice(quantity="101", purpose=REPLACES))) == ["over_shipped"]


def test_a_notice_that_replaces_says_what_is_new() -> None:
    """A lot, a number or a line that a replacing notice adds is said in full."""
    memory = Memory()
    memory.plan(notice(quantity="40", mfg_lot="A"))

    parts = [
        memory.plan(notice(quantity="40", mfg_lot="A", purpose=REPLACES)),
        memory.plan(notice(quantity="20", mfg_lot="B", purpose=REPLACES), same=True),
        memory.plan(
            notice(quantity="10", mfg_lot="B", tracking=("4401",), purpose=REPLACES), same=True
        ),
        memory.plan(notice(quantity="7", purpose=REPLACES), LINE_TWO, same=True),
    ]

    assert [outcome(part) for part in parts] == [
        ["duplicate_statement"],
        ["shipped"],
        ["shipped"],
        ["shipped"],
    ]
    assert [only(part).quantity for part in parts[1:]] == [20, 10, 7]


def test_a_notice_that_replaces_an_unknown_one_is_said_whole() -> None:
    """What is not known to have been said before is new."""
    assert only(planned(notice(quantity="60", purpose=REPLACES))).quantity == 60


@pytest.mark.parametrize("purpose", [Purpose.NEW, Purpose.REPLACES])
def test_less_than_before_is_held(purpose: Purpose) -> None:
    """A notice that says less than its number said before needs a person."""
    memory = Memory()
    memory.plan(notice(quantity="60"))
    before = memory.known

    part = memory.plan(notice(quantity="50", purpose=purpose))

    assert part.held == (
        Finding(
            "needs_person",
            "Line 1 of order PO-1: ship notice S-1001 said 60 before, and now says 50.",
        ),
    )
    assert (part.commands, memory.known) == ((), before)
    assert outcome(memory.plan(notice(quantity="0", purpose=purpose))) == ["needs_person"]


def test_less_again_after_more_is_held() -> None:
    """A replacement back to what was said at first is less, and not a repetition."""
    memory = Memory()
    for quantity in ("60", "90"):
        memory.plan(notice(quantity=quantity, purpose=REPLACES))

    assert outcome(memory.plan(notice(quantity="60", purpose=REPLACES))) == ["needs_person"]


@pytest.mark.parametrize(
    "other", [{"mfg_lot": "B"}, {"tracking": ("4401",)}, {"coo": "MY"}, {"date_code": "2640"}]
)
@pytest.mark.parametrize("quantity", ["60", "90", "20"])
def test_another_part_in_place_of_one_is_held(other: dict[str, Any], quantity: str) -> None:
    """A lot or number in place of the one named before would be told twice, and is held."""
    memory = Memory()
    memory.plan(notice(quantity="60", mfg_lot="A"))

    part = memory.plan(
        notice(**({"quantity": quantity, "mfg_lot": "A", "purpose": REPLACES} | other))
    )

    assert part.held == (
        Finding(
            "needs_person",
            "Line 1 of order PO-1: ship notice S-1001 names a lot or tracking number that is new, "
            "and not all that it named before.",
        ),
    )


def test_a_part_that_is_repeated_with_more_is_repeated() -> None:
    """A lot that is new is said where the others were repeated, be it with more."""
    memory = Memory()
    memory.plan(notice(quantity="40", mfg_lot="A"))
    memory.plan(notice(quantity="50", mfg_lot="A", purpose=REPLACES))

    part = memory.plan(notice(quantity="20", mfg_lot="B", purpose=REPLACES), same=True)

    assert only(part).quantity == 20


@pytest.mark.parametrize(("before", "now"), [(None, "60"), ("60", None)])
def test_a_quantity_once_and_once_none_is_held(before: str | None, now: str | None) -> None:
    """A quantity cannot be compared with none at all."""
    memory = Memory()
    memory.plan(notice(quantity=before))

    part = memory.plan(notice(quantity=now, purpose=REPLACES))

    assert outcome(part) == ["needs_person"]
    assert "gives a quantity once and once none" in part.held[0].detail


@pytest.mark.parametrize("goods", [LINE_ONE, WHOLE])
def test_a_cancellation_is_held(goods: Any) -> None:
    """A notice that is cancelled needs a person, whether anything was said of it or not."""
    part = planned(notice(purpose=Purpose.CANCELS), goods)

    assert part.held == (
        Finding(
            "needs_person",
            "Ship notice S-1001 is cancelled, and what was said of it cannot be taken back.",
        ),
    )


def test_a_replacement_without_a_number_is_held() -> None:
    """A notice that replaces another one has to say which."""
    assert outcome(planned(notice(number="", purpose=REPLACES))) == ["needs_person"]


def test_a_number_that_comes_with_a_repetition_is_bound() -> None:
    """A tracking number that is added to goods already said finds its lines from then on."""
    memory = Memory()
    memory.plan(notice(quantity="60"))

    part = memory.plan(notice(quantity="60", tracking=(NUMBER, "4401"), purpose=REPLACES))

    assert outcome(part) == ["duplicate_statement"]
    assert memory.known.learned[ORDER_KEY].tracking_numbers == {str(ONE): (NUMBER, "4401")}
    assert shipment(memory, "4401").is_shipped


# The delivery date of a notice that comes again.


@pytest.mark.parametrize("tracking", [(NUMBER,), ()])
def test_a_date_that_is_new_moves(tracking: tuple[str, ...]) -> None:
    """Of a notice that says nothing new but a date, the date is said, and said once."""
    memory = Memory()
    memory.plan(notice(quantity="60", tracking=tracking, estimated_delivery=day(4)))

    later = notice(quantity="60", tracking=tracking, estimated_delivery=day(6), purpose=REPLACES)
    earlier = msgspec.structs.replace(later, estimated_delivery=day(5))
    parts = [memory.plan(it) for it in (later, later, earlier, later)]

    assert [outcome(part) for part in parts] == [
        ["delayed"],
        ["duplicate_statement"],
        ["reschedule"],
        ["duplicate_statement"],
    ]
    event = only(parts[0])
    assert (event.estimated_delivery, event.quantity) == (day(6), None)
    assert event.tracking_number == (NUMBER if tracking else None)
    assert event.notes == "Digi-Key (cXML): Expected 2026-12-06 instead of 2026-12-04"


def test_a_tracking_number_may_come_later() -> None:
    """A notice that gives its goods a tracking number says that alone, and a carrier finds them."""
    memory = Memory()
    bare = notice(quantity="60", mfg_lot="L1", tracking=())
    memory.plan(bare)
    numbered = notice(quantity="60", mfg_lot="L1", purpose=REPLACES)

    event = only(memory.plan(numbered))

    assert (event.event_type, event.tracking_number, event.quantity) == ("track", NUMBER, None)
    assert memory.progress().shipped == {"s-1001": Decimal(60)}
    assert shipment(memory).is_shipped
    assert outcome(memory.plan(numbered)) == ["duplicate_statement"]
    assert outcome(memory.plan(bare)) == ["duplicate_statement"]
    assert memory.progress().shipped == {"s-1001": Decimal(60)}
    moved = memory.plan(parcel(Meaning.DELIVERED), BOUND_LINE)
    assert outcome(moved) == ["delivered"]


def test_a_tracking_number_that_a_carrier_has_told_is_no_news() -> None:
    """Goods that are given the number under which a carrier says that they move are known."""
    memory = Memory()
    memory.plan(notice(quantity="60", tracking=()))
    memory.plan(parcel(Meaning.MOVING), BOUND_LINE)

    part = memory.plan(notice(quantity="60", purpose=REPLACES), BOUND_LINE)

    assert outcome(part) == ["duplicate_statement"]
    assert memory.progress().shipped == {"s-1001": Decimal(60)}


@pytest.mark.parametrize("quantity", ["50", "70"])
def test_another_quantity_under_a_new_tracking_number_is_held(quantity: str) -> None:
    """A number that comes with another quantity may be for other goods."""
    memory = Memory()
    memory.plan(notice(quantity="60", tracking=()))

    assert outcome(memory.plan(notice(quantity=quantity, purpose=REPLACES))) == ["needs_person"]


def test_a_newer_notice_may_go_back_to_an_earlier_date() -> None:
    """A date that a notice gave before is news when a newer envelope gives it again."""
    memory = Memory()
    words = [
        notice(
            quantity="60",
            estimated_delivery=day(it),
            purpose=REPLACES,
            said_at=SAID_AT + timedelta(hours=n),
        )
        for n, it in enumerate((5, 8, 5))
    ]

    assert [outcome(memory.plan(word)) for word in words] == [
        ["shipped"],
        ["delayed"],
        ["reschedule"],
    ]
    assert outcome(memory.plan(words[1])) == ["duplicate_statement"]


def test_a_notice_that_is_repeated_goes_back_to_nothing() -> None:
    """A newer envelope with the notice's own last date is no news, whatever the carrier said."""
    memory = Memory()
    said = notice(quantity="60", estimated_delivery=day(4))
    memory.plan(said)
    memory.plan(parcel(Meaning.MOVING, estimated_delivery=day(6)), BOUND_LINE)

    again = notice(quantity="60", estimated_delivery=day(4), said_at=SAID_AT + timedelta(hours=1))

    assert outcome(memory.plan(again, BOUND_LINE)) == ["duplicate_statement"]


def test_the_dates_of_two_lots_move_once() -> None:
    """One new date of a notice with two lots of a line is one event."""
    memory = Memory()
    for lot in ("A", "B"):
        first = notice(quantity="9", mfg_lot=lot, estimated_delivery=day(4))
        memory.plan(first, same=lot == "B")

    parts = [
        memory.plan(
            notice(quantity="9", mfg_lot=lot, estimated_delivery=day(6), purpose=REPLACES),
            same=lot == "B",
        )
        for lot in ("A", "B")
    ]

    assert [outcome(part) for part in parts] == [["delayed"], ["duplicate_statement"]]


def test_a_first_date_is_no_change() -> None:
    """A date where none was known before is kept, and is no event of its own."""
    memory = Memory()
    memory.plan(notice(quantity="60"))

    part = memory.plan(notice(quantity="60", estimated_delivery=day(6), purpose=REPLACES))

    assert outcome(part) == ["duplicate_statement"]
    assert shipment(memory).estimated_delivery == day(6)


def test_no_date_moves_after_the_delivery() -> None:
    """What was delivered is expected no more."""
    memory = Memory()
    memory.plan(notice(quantity="60", estimated_delivery=day(4)))
    memory.plan(parcel(Meaning.DELIVERED), BOUND_LINE)

    part = memory.plan(notice(quantity="60", estimated_delivery=day(6), purpose=REPLACES))

    assert outcome(part) == ["duplicate_statement"]


# Carriers and notices.


def test_a_carrier_does_not_repeat_what_a_notice_shipped() -> None:
    """After a notice the carrier's first word is what it is beyond `shipped`."""
    memory = Memory()
    memory.plan(notice(tracking=("1z77a 001",)))

    assert outcome(memory.plan(parcel(Meaning.DELIVERED), BOUND_LINE)) == ["delivered"]


def test_a_carriers_date_is_held_against_the_notices() -> None:
    """The date of a notice is the one that the carrier's are compared with."""
    memory = Memory()
    memory.plan(notice(estimated_delivery=day(4)))

    part = memory.plan(parcel(Meaning.MOVING, estimated_delivery=day(6)), BOUND_LINE)

    assert outcome(part) == ["delayed"]


def test_a_notice_does_not_overwrite_the_carriers_date() -> None:
    """A date that the carrier named stays the one that counts."""
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING, estimated_delivery=day(6)), BOUND_LINE)
    memory.plan(notice(quantity="60", estimated_delivery=day(4)), BOUND_LINE)

    assert shipment(memory).estimated_delivery == day(6)


@pytest.mark.parametrize(
    "more", [{"quantity": "60"}, {"mfg_lot": "A"}, {"date_code": "2633"}, {"coo": "JP"}]
)
def test_a_notice_says_what_the_carrier_could_not(more: dict[str, Any]) -> None:
    """A notice after the carrier's `shipped` is said where it has a quantity, lot or origin."""
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING), BOUND_LINE)

    assert outcome(memory.plan(notice(**more), BOUND_LINE)) == ["shipped"]


def test_a_notice_that_says_no_more_than_the_carrier_is_ignored() -> None:
    """A notice without quantity and lot, after the carrier's `shipped`, is one with it."""
    memory = Memory()
    memory.plan(parcel(Meaning.MOVING), BOUND_LINE)

    part = memory.plan(notice(), BOUND)

    assert [body(it).purchase_lines for it in part.commands] == [(TWO,), (THREE,)]
    assert part.ignored == (
        Finding(
            "duplicate_statement",
            f"Line 1 of order PO-1: that it moves as {NUMBER} was said before.",
        ),
    )


def test_a_label_is_not_shipped() -> None:
    """A carrier that only knows of a label has not said `shipped`."""
    memory = Memory()
    memory.plan(parcel(Meaning.LABEL_CREATED), BOUND_LINE)

    assert outcome(memory.plan(notice(), BOUND_LINE)) == ["shipped"]


def test_a_notice_is_not_taken_for_a_carrier() -> None:
    """What a notice said of one line is not said of another one under the same number."""
    memory = Memory()
    both = ORDER.with_learned(Learned(tracking_numbers={str(ONE): (NUMBER,), str(TWO): (NUMBER,)}))
    lines = [msgspec.structs.replace(WHOLE, order=both, purchase_lines=(it,)) for it in (ONE, TWO)]

    parts = [memory.plan(notice(), lines[0]), memory.plan(notice(), lines[1], same=True)]

    assert [outcome(part) for part in parts] == [["shipped"], ["shipped"]]
    assert shipment(memory).is_noticed


def test_a_service_that_shipped_is_like_a_carrier() -> None:
    """After an internal service's `shipped` a notice says what is more than that."""
    memory = Memory()
    event = DirectEvent(event_type=EventType.SHIPPED, tracking_number=NUMBER)
    memory.plan(event, BOUND_LINE)

    assert outcome(memory.plan(notice(), BOUND_LINE)) == ["duplicate_statement"]
    assert outcome(memory.plan(notice(number="S-2", quantity="6"), BOUND_LINE)) == ["shipped"]


def test_every_number_of_a_notice_has_to_be_known() -> None:
    """What has to be known of shipments is one for each tracking number of the notice."""
    assert shipments_for(notice(tracking=(NUMBER, "44 01")), (LINE_ONE,)) == (
        ShipmentKey(ORDER_KEY, comparable(NUMBER)),
        ShipmentKey(ORDER_KEY, "4401"),
    )
    assert shipments_for(confirmation(), (LINE_ONE,)) == ()


# Alerts.


def test_the_envelope_says_how_old_the_news_is() -> None:
    """Whether people are told depends on the envelope's time, not on the day of shipping."""
    old = planned(notice(said_at=RECEIVED_AT - timedelta(hours=73)))
    dateless = planned(notice(said_at=None, shipped_on=SAID_AT.date() - timedelta(days=99)))

    assert [only(old).send_alerts, only(dateless).send_alerts] == [False, True]


# What holds of any notice.

statements: st.SearchStrategy[ShipNotice] = st.builds(
    notice,
    number=st.sampled_from(("S-1", "S-2", "")),
    tracking=st.sampled_from(((), ("1Z1",), ("1Z1", "1Z2"))),
    purpose=st.sampled_from(Purpose),
    quantity=st.sampled_from(("0", "1", "60", "100", "0.5")),
    estimated_delivery=st.none() | st.integers(1, 4).map(day),
    mfg_lot=st.sampled_from(("", "A")),
)


@given(updates=st.lists(st.tuples(statements, st.booleans()), min_size=1, max_size=8))
def test_the_quantities_said_are_the_quantities_known(
    updates: list[tuple[ShipNotice, bool]],
) -> None:
    """Whatever comes again or is replaced: what was said adds up, and each key is said once."""
    memory = Memory()
    said: list[str] = []
    shipped = 0
    for update, same in updates:
        part = memory.plan(update, same=same)

        assert len(outcome(part)) == 1
        for command in part.commands:
            assert (body(command).quantity or 0) >= 0
            shipped += body(command).quantity or 0
            said.append(command.key)
    assert len(set(said)) == len(said)
    learned = memory.known.learned.get(ORDER_KEY, Learned())
    assert shipped == sum(sum(it.shipped.values()) for it in learned.lines.values())


@given(update=statements, goods=st.sampled_from((LINE_ONE, LINE_TWO, WHOLE)))
def test_a_notice_that_comes_again_says_nothing(update: ShipNotice, goods: Any) -> None:
    """Any notice at all, posted twice, causes nothing the second time."""
    memory = Memory()
    memory.plan(update, goods)

    again = memory.plan(update, goods)

    assert again.commands == ()
