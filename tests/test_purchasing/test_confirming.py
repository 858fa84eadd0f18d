"""Order confirmations: every row and sentence of their translation, and what holds of any."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import CreatePurchaseEvent, EventType
from purchasing.confirming import plan_confirmation
from purchasing.documents import OrderConfirmation, Promise
from purchasing.plans import Known, Part
from purchasing.updates import Finding
from tests.documents import (
    LINE_ONE,
    LINE_TWO,
    ONE,
    ORDER,
    ORDER_KEY,
    RECEIVED_AT,
    SAID_AT,
    TERMS,
    THREE,
    TWO,
    UNKNOWN,
    WHOLE,
    Memory,
    attention,
    body,
    confirmation,
    day,
    only,
    outcome,
    planned,
)

CANCEL = frozenset({EventType.CANCELED})


# What is accepted.


def test_every_field_of_a_confirmation_is_as_documented() -> None:
    """An accepted line is one `confirm` with quantity, dates, notes and origin, nothing else."""
    part = planned(confirmation(quantity="100", expected_ship_by=day(1), estimated_delivery=day(3)))

    (command,) = part.commands
    assert isinstance(command, CreatePurchaseEvent)
    assert msgspec.json.decode(msgspec.json.encode(command.body)) == {
        "event_type": "confirm",
        "purchase_lines": [str(ONE)],
        "send_alerts": True,
        "quantity": 100,
        "expected_ship_by": "2026-12-01",
        "estimated_delivery": "2026-12-03",
        "notes": "Digi-Key (cXML): Accepted. Confirmation C-1001",
        "synced_from_integration": True,
        "integration_source_name": "digikey",
        "integration_record_id": command.key,
        "synced_from_integration_at": "2026-11-20T18:00:00Z",
    }
    assert command.because == (
        "Digi-Key (cXML): accepted means confirm",
        "alerts: default for confirm is on",
    )
    assert (part.attention, part.held, part.ignored) == ((), (), ())


def test_what_is_not_given_is_left_out() -> None:
    """A confirmation without quantity and dates has none, and no number in its notes."""
    event = only(planned(confirmation(number="", words="See you soon.")))

    assert (event.quantity, event.expected_ship_by, event.estimated_delivery) == (None, None, None)
    assert event.notes == "Digi-Key (cXML): Accepted. See you soon"


def test_an_acceptance_without_lines_covers_every_line() -> None:
    """A header that accepts is one event for each line of the order, never one for several."""
    part = planned(confirmation(expected_ship_by=day(1)), WHOLE)

    assert outcome(part) == ["confirm"] * 3
    assert [body(it).purchase_lines for it in part.commands] == [(ONE,), (TWO,), (THREE,)]
    assert len({it.key for it in part.commands}) == 3
    assert {it.lane for it in part.commands} == {WHOLE.lane}


def test_a_rest_of_nothing_causes_nothing() -> None:
    """A document that names every line by itself has nothing to say of the others."""
    part = plan_confirmation(confirmation(is_rest=True), (), Known(), TERMS).part

    detail = "The document speaks of every line of the order by itself, and leaves no rest."
    assert part == Part(ignored=(Finding("no_change", detail),))


@pytest.mark.parametrize(
    ("quantity", "sent"), [("60", 60), ("60.000", 60), ("2147483647", 2_147_483_647)]
)
def test_a_quantity_is_a_whole_number(quantity: str, sent: int) -> None:
    """A quantity of whole pieces is sent as an integer, however it is written."""
    assert only(planned(confirmation(quantity=quantity))).quantity == sent


@pytest.mark.parametrize(
    ("quantity", "detail"),
    [
        ("0.5", "The quantity 0.5 is a fraction; Cofactr counts pieces."),
        ("2147483648", "The quantity 2147483648 is not between 0 and 2147483647."),
        ("-1", "The quantity -1 is not between 0 and 2147483647."),
        ("NaN", "The quantity NaN is not between 0 and 2147483647."),
        ("1e999999", "The quantity 1E+999999 is not between 0 and 2147483647."),
        ("0", "A quantity of 0 is said to be accepted."),
    ],
)
def test_a_quantity_that_cannot_be_sent_is_held(quantity: str, detail: str) -> None:
    """A fraction, a negative quantity, none at all and one too large are held, not rounded."""
    memory = Memory()

    part = memory.plan(confirmation(quantity=quantity))

    assert part.held == (Finding("malformed", detail),)
    assert part.commands == ()
    assert memory.known.learned == {}


def test_a_quantity_of_several_lines_is_held() -> None:
    """A quantity that is said of a whole order of several lines is nobody's."""
    part = planned(confirmation(quantity="60"), WHOLE)

    assert part.held == (
        Finding(
            "unmatched",
            "It speaks of 3 purchase lines, and does not say which of them the quantity 60 is for.",
        ),
    )


def test_lines_of_no_known_order_are_held() -> None:
    """A document always names an order; where none is known, it is held and says so."""
    part = planned(confirmation(), UNKNOWN, LINE_ONE)

    assert outcome(part) == ["confirm", "unmatched"]
    assert part.held[0].detail == (
        "It speaks of purchase lines whose order is not in the order book."
    )


def test_a_planned_shipment_is_a_confirmation() -> None:
    """A planned ship notice is `confirm` with `expected_ship_by`; it is not a shipment."""
    memory = Memory()
    event = only(memory.plan(confirmation(Promise.PLANNED, number="S-1", expected_ship_by=day(1))))

    assert (event.event_type, event.expected_ship_by) == (EventType.CONFIRM, day(1))
    assert event.notes == "Digi-Key (cXML): Planned. Ship notice S-1"
    assert memory.progress().notices == {}
    assert memory.known.shipments == {}


# What a later confirmation says.


@pytest.mark.parametrize(
    ("ship_by", "delivery", "expected"),
    [
        (10, 15, "duplicate_statement"),
        (None, None, "duplicate_statement"),
        (10, None, "duplicate_statement"),
        (11, 15, "delayed"),
        (10, 16, "delayed"),
        (None, 16, "delayed"),
        (9, 15, "reschedule"),
        (10, 14, "reschedule"),
        (9, None, "reschedule"),
        (9, 16, "delayed"),
        (11, 14, "delayed"),
    ],
)
@pytest.mark.parametrize("promise", [Promise.ACCEPTED, Promise.PLANNED])
def test_a_later_confirmation_moves_the_dates(
    ship_by: int | None, delivery: int | None, expected: str, promise: Promise
) -> None:
    """Later dates are `delayed`, earlier ones `reschedule`, the same are said once."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(10), estimated_delivery=day(15)))

    part = memory.plan(
        confirmation(
            promise,
            number="C-2",
            expected_ship_by=ship_by and day(ship_by),
            estimated_delivery=delivery and day(delivery),
        )
    )

    assert outcome(part) == [expected]
    for it in part.commands:
        assert body(it).expected_ship_by == (day(ship_by) if ship_by else None)
        assert body(it).estimated_delivery == (day(delivery) if delivery else None)
        assert "confirmed means" in it.because[0]


@pytest.mark.parametrize("number", ["C-1001", "c - 1001", "C-2", ""])
@pytest.mark.parametrize("source", ["digikey", "digikey-edi"])
def test_the_same_statement_is_said_once(number: str, source: str) -> None:
    """A document that comes again, under whatever number and from whatever source, is one."""
    memory = Memory()
    memory.plan(confirmation(quantity="100", expected_ship_by=day(1)))

    part = memory.plan(
        confirmation(number=number, quantity="100.0", expected_ship_by=day(1)), source=source
    )

    assert part.commands == ()
    assert part.ignored == (
        Finding("duplicate_statement", "Line 1 of order PO-1: notification n-1 said this first."),
    )


def test_a_chain_of_repetitions_names_the_first() -> None:
    """What is repeated under ever new numbers is still said to have been said by the first."""
    memory = Memory()
    parts = [
        memory.plan(confirmation(number=number, expected_ship_by=day(1)))
        for number in ("C-1", "C-2", "C-3")
    ]

    assert "notification n-1 said" in parts[-1].ignored[0].detail


def test_a_document_that_comes_again_after_another_moves_nothing_back() -> None:
    """A repetition of a confirmation that was overtaken since is one with the first."""
    memory = Memory()
    first = confirmation(expected_ship_by=day(10))
    memory.plan(first)
    memory.plan(confirmation(number="C-2", expected_ship_by=day(12)))

    assert outcome(memory.plan(first)) == ["duplicate_statement"]
    third = confirmation(number="C-3", expected_ship_by=day(12))
    assert outcome(memory.plan(third)) == ["duplicate_statement"]


def test_a_newer_word_may_go_back_to_an_earlier_date() -> None:
    """A date that was given before is given again by a newer envelope: the date moves back."""
    memory = Memory()
    words = [
        confirmation(quantity="100", expected_ship_by=day(it), said_at=SAID_AT + timedelta(hours=n))
        for n, it in enumerate((1, 8, 1, 15, 8))
    ]

    assert [outcome(memory.plan(word)) for word in words] == [
        ["confirm"],
        ["delayed"],
        ["reschedule"],
        ["delayed"],
        ["reschedule"],
    ]
    assert [outcome(memory.plan(word)) for word in words] == [["duplicate_statement"]] * 5


def test_each_part_of_a_split_line_may_go_back() -> None:
    """Where a line is split, each part is held against its own last word."""
    memory = Memory()

    def said(hour: int, **days: int) -> list[str]:
        at = SAID_AT + timedelta(hours=hour)
        return [
            it
            for n, (quantity, number) in enumerate(days.items())
            for it in outcome(
                memory.plan(
                    confirmation(
                        quantity=quantity.strip("_"), expected_ship_by=day(number), said_at=at
                    ),
                    same=n > 0,
                )
            )
        ]

    assert said(0, _60=1, _40=2) == ["confirm", "confirm"]
    assert said(1, _60=1, _40=5) == ["duplicate_statement", "delayed"]
    assert said(2, _60=6, _40=5) == ["delayed", "duplicate_statement"]
    assert said(3, _60=1, _40=2) == ["reschedule", "reschedule"]
    assert said(4, _40=2) == ["duplicate_statement"]
    assert said(5, _60=1) == ["duplicate_statement"]


def test_what_was_still_open_is_no_change() -> None:
    """A document that confirms the rest of a line moves no date of what was confirmed before."""
    memory = Memory()
    words = [
        confirmation(quantity="60", expected_ship_by=day(1), number="C-1"),
        confirmation(quantity="40", expected_ship_by=day(9), number="C-2"),
        confirmation(quantity="60", expected_ship_by=day(3), number="C-3"),
    ]

    assert [outcome(memory.plan(word)) for word in words] == [["confirm"], ["confirm"], ["delayed"]]


def test_parts_that_are_planned_to_leave_are_held_against_the_whole() -> None:
    """Of what was confirmed as a whole, one part may be planned earlier, and the rest as it was."""
    memory = Memory()
    memory.plan(confirmation(quantity="100", expected_ship_by=day(10)))
    planned_parts = [
        confirmation(Promise.PLANNED, quantity=quantity, expected_ship_by=day(it), number=number)
        for quantity, it, number in (("60", 8, "S-1"), ("40", 10, "S-2"))
    ]

    assert [outcome(memory.plan(word)) for word in planned_parts] == [["reschedule"], ["confirm"]]


def test_dates_move_from_document_to_document() -> None:
    """Each confirmation is held against the one before it."""
    memory = Memory()
    days = (10, 12, 11, 14)
    parts = [
        memory.plan(confirmation(number=f"C-{number}", expected_ship_by=day(number)))
        for number in days
    ]

    assert [outcome(part) for part in parts] == [
        ["confirm"],
        ["delayed"],
        ["reschedule"],
        ["delayed"],
    ]


def test_a_date_that_is_left_out_stays_known() -> None:
    """A confirmation that names one of two dates leaves the other as it was."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(10), estimated_delivery=day(15)))
    memory.plan(confirmation(number="C-2", expected_ship_by=day(11)))

    part = memory.plan(confirmation(number="C-3", estimated_delivery=day(16)))

    assert outcome(part) == ["delayed"]


def test_a_first_date_is_no_change() -> None:
    """A date that is named for the first time rides on another `confirm`."""
    memory = Memory()
    memory.plan(confirmation(), LINE_TWO)

    part = memory.plan(confirmation(number="C-2", expected_ship_by=day(20)), LINE_TWO)

    assert outcome(part) == ["confirm"]
    assert only(part).expected_ship_by == day(20)


@pytest.mark.parametrize(("ship_by", "expected"), [(2, "delayed"), (30, "delayed")])
def test_an_acceptance_without_dates_accepts_the_promised_ones(ship_by: int, expected: str) -> None:
    """A later confirmation is held against the order's dates where the first one named none."""
    memory = Memory()
    memory.plan(confirmation())

    assert outcome(memory.plan(confirmation(number="C-2", expected_ship_by=day(ship_by)))) == [
        expected
    ]


def test_the_first_confirmation_is_no_delay() -> None:
    """A first confirmation later than promised is `confirm` alone, and a person may look."""
    late = planned(confirmation(expected_ship_by=day(2), estimated_delivery=day(5)))
    early = planned(confirmation(expected_ship_by=date(2026, 11, 30), estimated_delivery=day(4)))

    assert outcome(late) == outcome(early) == ["confirm"]
    assert late.attention == (
        Finding(
            "later_than_promised",
            "Line 1 of order PO-1 is confirmed for 2026-12-02; 2026-12-01 was promised.",
        ),
        Finding(
            "later_than_promised",
            "Line 1 of order PO-1 is confirmed for 2026-12-05; 2026-12-04 was promised.",
        ),
    )
    assert early.attention == ()


def test_another_quantity_is_another_confirmation() -> None:
    """The same dates for another quantity are confirmed, and not taken for a repetition."""
    memory = Memory()
    memory.plan(confirmation(quantity="60", expected_ship_by=day(1)))

    part = memory.plan(confirmation(number="C-2", quantity="40", expected_ship_by=day(1)))

    assert outcome(part) == ["confirm"]
    assert only(part).quantity == 40


def test_all_of_a_line_is_the_quantity_ordered() -> None:
    """A confirmation without a quantity is for all that is ordered; to say so is no news."""
    memory = Memory()
    memory.plan(confirmation())

    assert outcome(memory.plan(confirmation(number="C-2", quantity="100"))) == [
        "duplicate_statement"
    ]
    assert outcome(memory.plan(confirmation(number="C-3", quantity="99"))) == ["confirm"]


# One line in several parts.


def test_a_line_may_be_promised_in_parts() -> None:
    """Two quantities of one line in one document are two confirmations, and not a delay."""
    memory = Memory()
    parts = [
        memory.plan(confirmation(quantity="60", expected_ship_by=day(1))),
        memory.plan(confirmation(quantity="40", expected_ship_by=day(9)), same=True),
    ]

    assert [outcome(part) for part in parts] == [["confirm"], ["confirm"]]
    assert [only(part).quantity for part in parts] == [60, 40]


def test_the_parts_are_compared_by_their_quantity() -> None:
    """A later document moves the part that it names, and leaves the other one alone."""
    memory = Memory()
    memory.plan(confirmation(quantity="60", expected_ship_by=day(1)))
    memory.plan(confirmation(quantity="40", expected_ship_by=day(9)), same=True)

    parts = [
        memory.plan(confirmation(number="C-2", quantity="60", expected_ship_by=day(1))),
        memory.plan(confirmation(number="C-2", quantity="40", expected_ship_by=day(12)), same=True),
    ]

    assert [outcome(part) for part in parts] == [["duplicate_statement"], ["delayed"]]
    whole = memory.plan(confirmation(number="C-3", quantity="100", expected_ship_by=day(5)))
    assert outcome(whole) == ["delayed"]


def test_two_documents_of_one_notification_are_two() -> None:
    """A later confirmation of the same interchange is a later one all the same."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(1)))

    part = memory.plan(confirmation(number="C-2", expected_ship_by=day(2)), same=True)

    assert outcome(part) == ["delayed"]


def test_a_document_that_changes_another_of_its_notification_moves_the_dates() -> None:
    """An order's confirmation and its change may have one number and come together."""
    memory = Memory()
    first = confirmation(expected_ship_by=day(1))
    memory.plan(first)
    change = msgspec.structs.replace(
        confirmation(expected_ship_by=day(8)),
        document=msgspec.structs.replace(first.document, place=1),
    )

    assert outcome(memory.plan(change, same=True)) == ["delayed"]


def test_the_same_words_twice_in_one_document_are_one() -> None:
    """Two statements that say the same of one line are one."""
    memory = Memory()
    memory.plan(confirmation(quantity="50", expected_ship_by=day(1)))

    part = memory.plan(confirmation(quantity="50", expected_ship_by=day(1)), same=True)

    assert outcome(part) == ["duplicate_statement"]


def test_partly_accepted_and_partly_backordered_are_both_said() -> None:
    """A line of which a part is accepted and a part backordered is told of both."""
    memory = Memory()
    accepted = memory.plan(confirmation(quantity="60", expected_ship_by=day(1)))
    backordered = memory.plan(
        confirmation(Promise.BACKORDERED, quantity="40", expected_ship_by=day(20)), same=True
    )

    assert [outcome(accepted), outcome(backordered)] == [["confirm"], ["delayed"]]
    assert accepted.commands[0].key != backordered.commands[0].key


# What is backordered or rejected.


def test_a_backordered_line_is_delayed() -> None:
    """Backordered is `delayed` with the dates given, and the quantity in the notes alone."""
    event = only(
        planned(
            confirmation(
                Promise.BACKORDERED,
                quantity="40.50",
                expected_ship_by=day(20),
                estimated_delivery=day(24),
                words="Factory lead time",
            )
        )
    )

    assert event.event_type is EventType.DELAYED
    assert (event.quantity, event.expected_ship_by, event.estimated_delivery) == (
        None,
        day(20),
        day(24),
    )
    assert event.notes == (
        "Digi-Key (cXML): Backordered, quantity 40.50. Factory lead time. Confirmation C-1001"
    )


def test_backordered_without_dates_is_delayed_all_the_same() -> None:
    """A backorder that names no date is said without one."""
    event = only(planned(confirmation(Promise.BACKORDERED)))

    assert (event.event_type, event.expected_ship_by) == (EventType.DELAYED, None)
    assert event.notes == "Digi-Key (cXML): Backordered. Confirmation C-1001"


def test_a_backorder_is_said_once() -> None:
    """The same backorder under another number is ignored; another date is another delay."""
    memory = Memory()
    memory.plan(confirmation(Promise.BACKORDERED, expected_ship_by=day(20)))

    again = memory.plan(confirmation(Promise.BACKORDERED, number="C-2", expected_ship_by=day(20)))
    moved = memory.plan(confirmation(Promise.BACKORDERED, number="C-3", expected_ship_by=day(22)))

    assert [outcome(again), outcome(moved)] == [["duplicate_statement"], ["delayed"]]


def test_what_was_backordered_is_confirmed_once_it_is_accepted() -> None:
    """The first acceptance of a line is `confirm`, although a backorder named dates before."""
    memory = Memory()
    memory.plan(confirmation(Promise.BACKORDERED, expected_ship_by=day(20)))

    part = memory.plan(confirmation(number="C-2", expected_ship_by=day(20)))

    assert outcome(part) == ["confirm"]


@pytest.mark.parametrize("quantity", ["40", "0", None])
def test_a_rejected_line_is_canceled_with_leave(quantity: str | None) -> None:
    """Rejected is `canceled` where the source may cause it, with what is refused of it."""
    part = planned(confirmation(Promise.REJECTED, quantity=quantity), allow=CANCEL)

    assert only(part).event_type is EventType.CANCELED
    assert only(part).quantity == (40 if quantity == "40" else None)
    assert attention(part) == ["rejected"]


def test_a_rejected_line_is_a_note_without_leave() -> None:
    """Rejected is a `note` where the source may not cause `canceled`; a person should look."""
    part = planned(confirmation(Promise.REJECTED, quantity="40.5", words="Obsolete."))

    event = only(part)
    assert (event.event_type, event.quantity, event.send_alerts) == (EventType.NOTE, None, False)
    assert event.notes == (
        "Digi-Key (cXML): Rejected, quantity 40.5. Obsolete. Confirmation C-1001"
    )
    assert part.commands[0].because[0] == (
        "Digi-Key (cXML): rejected means canceled; a note, because this source may not cause it"
    )
    assert part.attention == (
        Finding("rejected", "Line 1 of order PO-1: Digi-Key (cXML) rejects 40.5 of it."),
    )
    whole = planned(confirmation(Promise.REJECTED))
    assert whole.attention[0].detail == "Line 1 of order PO-1: Digi-Key (cXML) rejects all of it."


def test_a_fraction_cannot_be_canceled() -> None:
    """A fraction is held where it would be the quantity of an event."""
    part = planned(confirmation(Promise.REJECTED, quantity="40.5"), allow=CANCEL)

    assert outcome(part) == ["malformed"]


def test_a_rejection_is_said_once_and_moves_no_date() -> None:
    """A rejection that is repeated is ignored, and what is accepted after it is confirmed."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(10)))
    memory.plan(confirmation(Promise.REJECTED, number="C-2"))

    again = memory.plan(confirmation(Promise.REJECTED, number="C-3"))
    accepted = memory.plan(confirmation(number="C-4", expected_ship_by=day(12)))

    assert [outcome(again), outcome(accepted)] == [["duplicate_statement"], ["confirm"]]


# A changed price or part.


@pytest.mark.parametrize(
    ("price", "currency", "words"),
    [
        ("0.014", "USD", "The price is 0.014 USD instead of 0.0125 USD"),
        ("0.0125", "EUR", "The price is 0.0125 EUR instead of 0.0125 USD"),
        ("0.014", "", "The price is 0.014 USD instead of 0.0125 USD"),
        ("0.01250", "USD", ""),
        ("0.0125", "", ""),
    ],
)
def test_a_changed_price_is_shown(price: str, currency: str, words: str) -> None:
    """A price other than the order's raises attention and is in the notes."""
    part = planned(confirmation(unit_price=price, currency=currency))

    assert attention(part) == (["price_changed"] if words else [])
    said = f"{words}. " if words else ""
    assert only(part).notes == f"Digi-Key (cXML): Accepted. {said}Confirmation C-1001"


def test_a_price_is_compared_with_one_that_is_known() -> None:
    """A price is no change where the order names none."""
    part = planned(confirmation(unit_price="0.5", currency="EUR"), LINE_TWO)

    assert part.attention == ()


def test_a_currency_is_compared_with_one_that_is_known() -> None:
    """A currency is no change where the order names none."""
    order = msgspec.structs.replace(ORDER, currency=None)
    goods = msgspec.structs.replace(LINE_ONE, order=order)

    assert planned(confirmation(unit_price="0.0125", currency="EUR"), goods).attention == ()
    part = planned(confirmation(unit_price="0.02"), goods)
    assert part.attention[0].detail == (
        "Line 1 of order PO-1: the price is 0.02 instead of 0.0125."
    )


def test_a_substitute_is_shown() -> None:
    """A part in place of the ordered one raises attention and is in the notes."""
    part = planned(confirmation(substitute="R-9"))

    assert part.attention == (
        Finding("part_changed", "Line 1 of order PO-1: R-9 is sent in place of the part ordered."),
    )
    assert "R-9 is sent in place of the part ordered" in (only(part).notes or "")
    assert planned(confirmation(substitute="r-1")).attention == ()


@pytest.mark.parametrize(
    "change", [{"unit_price": "0.02"}, {"substitute": "R-9"}, {"quantity": "90"}]
)
def test_a_change_without_a_date_is_news(change: dict[str, Any]) -> None:
    """A later confirmation that changes price, part or quantity is said, and said once."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(1)))

    changed = confirmation(number="C-2", expected_ship_by=day(1), **change)
    again = msgspec.structs.replace(changed, document=confirmation(number="C-3").document)

    assert outcome(memory.plan(changed)) == ["confirm"]
    assert outcome(memory.plan(again)) == ["duplicate_statement"]


# When and by whom it was said.


def test_the_envelope_says_how_old_the_news_is() -> None:
    """Whether people are told depends on the envelope's time, and on no date of the document."""
    old = planned(confirmation(said_at=RECEIVED_AT - timedelta(hours=73), expected_ship_by=day(1)))
    dateless = planned(confirmation(said_at=None, expected_ship_by=date(2020, 1, 1)))

    assert [only(old).send_alerts, only(dateless).send_alerts] == [False, True]


def test_a_word_that_was_overtaken_is_not_said() -> None:
    """A source's older envelope about a line is kept and not told; another source's may be."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(10)))
    older = confirmation(
        number="C-0", expected_ship_by=day(5), said_at=SAID_AT - timedelta(minutes=1)
    )

    part = memory.plan(older)

    assert part.ignored == (
        Finding(
            "superseded", "Line 1 of order PO-1: a later word of this source is already known."
        ),
    )
    assert outcome(memory.plan(older, source="digikey-edi")) == ["reschedule"]
    undated = confirmation(number="C-9", expected_ship_by=day(6), said_at=None)
    assert outcome(memory.plan(undated)) == ["delayed"]


def test_what_is_learned_is_kept_beside_what_was_known() -> None:
    """A confirmation adds to what is known of its line, and takes nothing away."""
    memory = Memory()
    memory.plan(confirmation(expected_ship_by=day(1)))
    memory.plan(confirmation(expected_ship_by=day(1)), LINE_TWO)

    learned = memory.known.learned[ORDER_KEY]
    assert set(learned.lines) == {str(ONE), str(TWO)}
    assert learned.tracking_numbers == {}
    assert memory.progress().is_confirmed


# What holds of any confirmation.

statements: st.SearchStrategy[OrderConfirmation] = st.builds(
    confirmation,
    st.sampled_from(Promise),
    number=st.sampled_from(("C-1", "C-2", "")),
    said_at=st.none() | st.sampled_from((SAID_AT, SAID_AT + timedelta(minutes=5))),
    quantity=st.sampled_from(("0", "1", "60", "100", "0.5")),
    expected_ship_by=st.none() | st.integers(1, 4).map(day),
    estimated_delivery=st.none() | st.integers(1, 4).map(day),
    unit_price=st.sampled_from(("0.0125", "0.02")),
    substitute=st.sampled_from(("", "R-1", "R-9")),
)


@given(updates=st.lists(statements, min_size=1, max_size=6), same=st.booleans())
def test_no_statement_is_said_twice(updates: list[OrderConfirmation], same: bool) -> None:  # noqa: FBT001
    """Whatever comes in whatever order, each key is said once, and each statement is judged."""
    memory = Memory()
    said: list[str] = []
    for update in updates:
        part = memory.plan(update, same=same)
        before = memory.known
        again = memory.plan(update, same=True)

        assert len(outcome(part)) == 1
        assert again.commands == ()
        assert memory.known == before
        said += [command.key for command in part.commands]
    assert len(set(said)) == len(said)


@given(first=statements, second=statements)
def test_a_date_that_is_later_is_never_a_repetition(
    first: OrderConfirmation, second: OrderConfirmation
) -> None:
    """A confirmation with another date than the one before is always told, or held."""
    memory = Memory()
    memory.plan(first)
    part = memory.plan(second)

    moved = second.expected_ship_by not in (None, first.expected_ship_by)
    if moved and "duplicate_statement" in outcome(part):
        raise AssertionError(part)
    if second.quantity == Decimal("0.5") and second.promise in (Promise.ACCEPTED, Promise.PLANNED):
        assert outcome(part) == ["malformed"]
