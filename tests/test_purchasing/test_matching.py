"""Which purchase lines a statement means: the rules of matching, in their order."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.matching import Found, Goods, References, lookups_for, match, references_of
from purchasing.orders import (
    Lookup,
    Order,
    OrderLine,
    by_line,
    by_po_number,
    by_reference,
    by_tracking_number,
    lookups_of,
)
from purchasing.updates import DirectEvent, Finding, Meaning, Scan, TrackingUpdate

ANY = SourceSettings(format="easypost")
ONE, TWO, THREE, ELSEWHERE = (UUID(int=number) for number in (11, 12, 13, 21))

ORDER = Order(
    po_number="PO-1",
    purchase_order=UUID(int=1),
    supplier="Digi-Key",
    references=("SO-77",),
    lines=(
        OrderLine(
            purchase_line=ONE,
            line_number="010",
            part_number="R-1",
            manufacturer_part_number="M-1",
            supplier_part_number="S-1",
            tracking_numbers=("1Z AA",),
        ),
        OrderLine(
            purchase_line=TWO,
            line_number="20",
            part_number="R-2",
            manufacturer_part_number="M-12",
            supplier_part_number="S-2",
            tracking_numbers=("1ZAA", "1ZBB"),
        ),
        OrderLine(
            purchase_line=THREE,
            line_number="30",
            part_number="R-3",
            manufacturer_part_number="M-12",
            supplier_part_number="M-1",
        ),
    ),
)
OTHER = Order(
    po_number="PO-2",
    purchase_order=UUID(int=2),
    supplier="Mouser",
    references=("SO-88",),
    lines=(OrderLine(purchase_line=ELSEWHERE, line_number="1", tracking_numbers=("1ZBB",)),),
)
BOOK = (ORDER, OTHER)


def looked_up(references: References, book: tuple[Order, ...] = BOOK) -> Found:
    """What the order book answers to the lookups of a statement, and to no others."""
    return Found(
        {
            lookup: tuple(order for order in book if lookup in lookups_of(order))
            for lookup in lookups_for(references)
        }
    )


def matched(
    references: References, book: tuple[Order, ...] = BOOK, source: SourceSettings = ANY
) -> tuple[Goods, ...] | Finding:
    """The goods that references mean, or why that is not known."""
    return match(references, looked_up(references, book), source)


def lines(references: References, book: tuple[Order, ...] = BOOK) -> list[list[UUID]]:
    """The purchase lines that references mean, order by order."""
    goods = matched(references, book)
    assert not isinstance(goods, Finding), goods.detail
    return [list(part.purchase_lines) for part in goods]


def held(
    references: References, book: tuple[Order, ...] = BOOK, source: SourceSettings = ANY
) -> Finding:
    """Why references are held."""
    finding = matched(references, book, source)
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (References(purchase_lines=(TWO,)), [[TWO]]),
        (References(purchase_lines=(THREE, ONE)), [[THREE, ONE]]),
        (References(po_number="po - 1", line_numbers=("10",)), [[ONE]]),
        (References(po_number="PO-1", line_numbers=("0030", "20")), [[THREE, TWO]]),
        (References(po_number="PO-1", part_number="r-1"), [[ONE]]),
        (References(supplier_reference="so-77", line_numbers=("20",)), [[TWO]]),
        (References(supplier_reference="SO-77", part_number="R-3"), [[THREE]]),
        (References(supplier_reference="SO-77"), [[ONE, TWO, THREE]]),
        (References(tracking_number="1zaa"), [[ONE, TWO]]),
        (References(po_number="PO-1"), [[ONE, TWO, THREE]]),
    ],
)
def test_goods_are_found_by_each_kind_of_reference(
    references: References, expected: list[list[UUID]]
) -> None:
    """Each kind of reference leads to its lines, in the order in which they are named."""
    assert lines(references) == expected


def test_the_first_kind_of_reference_that_is_given_decides() -> None:
    """A line's UUID goes before the order, the order before the supplier's, all before parcels."""
    everything = References(
        purchase_lines=(ELSEWHERE,),
        po_number="PO-1",
        supplier_reference="SO-88",
        line_numbers=("20",),
        tracking_number="1ZBB",
    )
    without_lines = msgspec.structs.replace(everything, purchase_lines=())
    without_order = References(supplier_reference="SO-88", tracking_number="1ZAA")

    assert lines(everything) == [[ELSEWHERE]]
    assert lines(without_lines) == [[TWO]]
    assert lines(without_order) == [[ELSEWHERE]]


def test_line_numbers_go_before_the_part_and_the_part_before_the_parcel() -> None:
    """Within an order, lines are found by number, then by part, then by tracking number."""
    numbered = References(
        po_number="PO-1", line_numbers=("10",), part_number="R-1", tracking_number="1ZBB"
    )
    by_part = References(po_number="PO-1", part_number="R-3", tracking_number="1ZBB")
    by_parcel = References(po_number="PO-1", tracking_number="1ZBB")

    assert lines(numbered) == [[ONE]]
    assert lines(by_part) == [[THREE]]
    assert lines(by_parcel) == [[TWO]]


def test_a_new_tracking_number_with_an_order_means_the_order() -> None:
    """An order whose lines do not bear the number yet is meant as a whole."""
    assert lines(References(po_number="PO-1", tracking_number="NEW")) == [[ONE, TWO, THREE]]


@pytest.mark.parametrize(
    ("part", "expected"),
    [("R-2", TWO), ("M-1", ONE), ("S-2", TWO), ("s - 1", ONE)],
)
def test_a_part_is_the_buyers_then_the_manufacturers_then_the_suppliers(
    part: str, expected: UUID
) -> None:
    """A part number is looked for as the buyer's, then the manufacturer's, then the supplier's."""
    assert lines(References(po_number="PO-1", part_number=part)) == [[expected]]


def test_a_part_on_two_lines_is_held() -> None:
    """A part number that means more than one line of its order means none."""
    finding = held(References(po_number="PO-1", part_number="M-12"))

    assert finding == Finding("unmatched", "Part M-12 is on more than one line of order PO-1.")


def test_a_part_that_an_order_does_not_have_is_held() -> None:
    """A part that is nowhere in its order is held until the order names it."""
    finding = held(References(po_number="PO-1", part_number="R-9"))

    assert finding == Finding("unmatched", "Order PO-1 has no line with part R-9.")


@pytest.mark.parametrize("part", ["R-1", "m-1", "S-1"])
def test_a_line_and_its_part_agree(part: str) -> None:
    """A line number with any of its line's part numbers means that line."""
    references = References(po_number="PO-1", line_numbers=("10",), part_number=part)

    assert lines(references) == [[ONE]]


def test_lines_without_part_numbers_are_passed_over() -> None:
    """A line of which no part number is known has none that could be meant."""
    bare = msgspec.structs.replace(
        ORDER, lines=(OrderLine(purchase_line=THREE, line_number="5"), *ORDER.lines)
    )

    assert lines(References(po_number="PO-1", part_number="S-2"), (bare,)) == [[TWO]]
    assert (
        held(References(po_number="PO-1", line_numbers=("5",), part_number="S-2"), (bare,)).reason
        == "conflict"
    )


@pytest.mark.parametrize("numbers", [("20",), ("10", "20")])
def test_a_line_and_another_lines_part_contradict_each_other(numbers: tuple[str, ...]) -> None:
    """A line number and a part number of different lines are held as a conflict."""
    finding = held(References(po_number="PO-1", line_numbers=numbers, part_number="R-1"))

    assert finding.reason == "conflict"
    assert f"Line {', '.join(numbers)} of order PO-1 is not part R-1." == finding.detail


def test_a_line_that_an_order_does_not_have_is_held() -> None:
    """A line number that is not in the order is held, with those that are."""
    finding = held(References(po_number="PO-1", line_numbers=("10", "40")))

    assert finding == Finding("unmatched", "Order PO-1 has no line 40; its lines are 010, 20, 30.")


def test_a_line_number_that_an_order_has_twice_is_held() -> None:
    """A line number that means two lines means none."""
    twice = msgspec.structs.replace(
        ORDER,
        lines=(
            OrderLine(purchase_line=ONE, line_number="1"),
            OrderLine(purchase_line=TWO, line_number="01"),
            OrderLine(purchase_line=THREE),
        ),
    )

    finding = held(References(po_number="PO-1", line_numbers=("1",)), (twice,))

    assert finding.detail == "Order PO-1 has more than one line 1; its lines are 1, 01, ?."


def test_a_line_that_is_named_twice_is_meant_once() -> None:
    """A line number that is given twice, with zeros or without, is one line."""
    assert lines(References(po_number="PO-1", line_numbers=("10", "010", "10"))) == [[ONE]]


def test_an_unknown_order_is_held() -> None:
    """An order that is not in the order book is held until it is."""
    assert held(References(po_number="PO-9")) == Finding(
        "unmatched", "No purchase order PO-9 is in the order book."
    )
    assert held(References(supplier_reference="SO-9")).detail == (
        "No supplier's order SO-9 is in the order book."
    )


def test_an_order_without_lines_is_held() -> None:
    """An order of which no line is known has nothing to speak of."""
    empty = msgspec.structs.replace(ORDER, lines=())

    finding = held(References(po_number="PO-1"), (empty,))

    assert finding == Finding("unmatched", "Order PO-1 has no lines in the order book.")
    assert held(References(po_number="PO-1", line_numbers=("1",)), (empty,)).detail == (
        "Order PO-1 has no line 1; its lines are not known."
    )


def test_an_unknown_tracking_number_is_held() -> None:
    """A number under which nothing is known to travel is held until something is."""
    assert held(References(tracking_number="1ZZZ")) == Finding(
        "unmatched", "No purchase line is known for tracking number 1ZZZ."
    )


def test_no_reference_at_all_is_held() -> None:
    """A statement that names nothing is held like one that names what is not known."""
    assert held(References()).reason == "unmatched"


def test_a_parcel_with_goods_of_several_orders_is_told_for_each() -> None:
    """A tracking number that several orders bear means the lines of each that bear it."""
    goods = matched(References(tracking_number="1ZBB"))

    assert not isinstance(goods, Finding)
    assert [(part.order, part.purchase_lines) for part in goods] == [
        (ORDER, (TWO,)),
        (OTHER, (ELSEWHERE,)),
    ]


TWINS = (
    msgspec.structs.replace(ORDER, org_id="org-a", purchase_order=UUID(int=3)),
    msgspec.structs.replace(ORDER, org_id="org-b", purchase_order=UUID(int=4)),
    msgspec.structs.replace(ORDER, org_id=None, purchase_order=UUID(int=5)),
)


@pytest.mark.parametrize(
    "references",
    [References(po_number="PO-1"), References(supplier_reference="SO-77", line_numbers=("10",))],
)
def test_a_reference_of_several_orders_is_held_with_the_candidates(references: References) -> None:
    """A reference that more than one order has means none; the candidates are named."""
    finding = held(references, TWINS)

    assert finding.reason == held(references, TWINS[:2]).reason == "unmatched"
    assert "PO-1 of org-a, PO-1 of org-b, PO-1 of the default organisation" in finding.detail


@pytest.mark.parametrize(
    ("said", "sources", "expected"),
    [
        ("org-b", None, UUID(int=4)),
        (None, "org-b", UUID(int=4)),
        ("org-b", "org-a", UUID(int=4)),
        ("org-c", None, UUID(int=5)),
    ],
)
@pytest.mark.parametrize(
    "references",
    [
        References(po_number="PO-1"),
        References(supplier_reference="SO-77"),
        References(tracking_number="1ZAA"),
    ],
)
def test_an_organisation_tells_orders_apart(
    references: References, said: str | None, sources: str | None, expected: UUID
) -> None:
    """The statement's organisation, else the source's, picks its order, else one without any."""
    goods = matched(
        msgspec.structs.replace(references, org_id=said),
        TWINS,
        SourceSettings(format="easypost", org_id=sources),
    )

    assert not isinstance(goods, Finding)
    assert [part.order and part.order.purchase_order for part in goods] == [expected]


def test_another_organisations_order_is_not_found() -> None:
    """An order of another organisation is none that the statement can mean."""
    assert held(References(po_number="PO-1", org_id="org-c"), TWINS[:2]).reason == "unmatched"
    assert held(References(tracking_number="1ZAA", org_id="org-c"), TWINS[:2]).reason == "unmatched"


def test_a_line_needs_no_order() -> None:
    """A line's UUID is its own match, although no order is known that has it."""
    nowhere = (UUID(int=99), UUID(int=98))

    goods = matched(References(purchase_lines=nowhere))

    assert goods == (Goods(order=None, purchase_lines=nowhere),)


def test_a_known_line_brings_its_order_along() -> None:
    """The order of a line that is known gives the lane and the organisation."""
    goods = matched(References(purchase_lines=(TWO, ONE)))

    assert goods == (Goods(order=ORDER, purchase_lines=(TWO, ONE)),)


def test_lines_of_several_orders_have_none() -> None:
    """Lines of several orders are one statement all the same, as the service worded it."""
    goods = matched(References(purchase_lines=(ELSEWHERE, ONE)))

    assert goods == (Goods(order=None, purchase_lines=(ELSEWHERE, ONE)),)


def test_a_lane_is_the_order_or_the_smallest_line() -> None:
    """Commands keep their order within a purchase order, or where there is none, within a line."""
    assert Goods(order=ORDER, purchase_lines=(TWO,)).lane == str(ORDER.purchase_order)
    assert Goods(order=None, purchase_lines=(TWO, ONE, THREE)).lane == str(ONE)


@pytest.mark.parametrize("suppliers", [(), ("digi - key",), ("Mouser", "DIGI-KEY")])
def test_a_source_may_speak_of_its_suppliers_orders(suppliers: tuple[str, ...]) -> None:
    """A source that is limited to suppliers speaks of their orders; one that is not, of any."""
    source = SourceSettings(format="easypost", suppliers=suppliers)

    assert not isinstance(matched(References(po_number="PO-1"), source=source), Finding)


@pytest.mark.parametrize(
    "references",
    [
        References(po_number="PO-2"),
        References(tracking_number="1ZBB"),
        References(purchase_lines=(ELSEWHERE,)),
    ],
)
def test_a_source_may_not_speak_of_anothers_orders(references: References) -> None:
    """An order of another supplier is held, even where one of its own is meant beside it."""
    source = SourceSettings(format="easypost", suppliers=("Digi-Key",))

    finding = held(references, source=source)

    assert finding == Finding(
        "not_allowed", "Order PO-2 is with Mouser, and this source speaks only for Digi-Key."
    )


def test_a_line_of_no_known_order_is_nobodys() -> None:
    """A line that is not in the order book is no other supplier's, and may be spoken of."""
    source = SourceSettings(format="easypost", suppliers=("Digi-Key",))

    goods = matched(References(purchase_lines=(UUID(int=99),)), source=source)

    assert goods == (Goods(order=None, purchase_lines=(UUID(int=99),)),)


def test_an_order_without_a_supplier_is_not_of_any() -> None:
    """A source that is limited to suppliers may not speak of an order that names none."""
    source = SourceSettings(format="easypost", suppliers=("Digi-Key", "Arrow"))
    nobodys = msgspec.structs.replace(ORDER, supplier=None)

    finding = held(References(po_number="PO-1"), (nobodys,), source)

    assert finding.reason == "not_allowed"
    assert "with no named supplier, and this source speaks only for Digi-Key, Arrow" in (
        finding.detail
    )


def test_what_is_not_found_is_unmatched_whoever_asks() -> None:
    """A source that is limited to suppliers is told that an order is not known, like any other."""
    source = SourceSettings(format="easypost", suppliers=("Digi-Key",))

    assert held(References(po_number="PO-9"), source=source).reason == "unmatched"


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (References(), ()),
        (References(purchase_lines=(ONE, TWO)), (by_line(ONE), by_line(TWO))),
        (
            References(po_number="PO-1", line_numbers=("1",), tracking_number="1Z"),
            (by_po_number("PO-1"), by_tracking_number("1Z")),
        ),
        (References(supplier_reference="SO-1", part_number="R"), (by_reference("SO-1"),)),
    ],
)
def test_what_has_to_be_looked_up_is_known_beforehand(
    references: References, expected: tuple[Lookup, ...]
) -> None:
    """Every reference that can lead to an order is looked up; line and part numbers are not."""
    assert lookups_for(references) == expected


def test_a_parcel_is_known_by_its_number() -> None:
    """What a carrier says carries one reference: the tracking number."""
    update = TrackingUpdate(
        sender="EasyPost",
        tracking_number="1Z AA",
        current=Scan(meaning=Meaning.MOVING, code="in_transit"),
    )

    assert references_of(update) == References(tracking_number="1Z AA")


def test_an_event_carries_its_references() -> None:
    """What an internal service says carries every reference that it gives."""
    given: dict[str, Any] = {
        "purchase_lines": (ONE,),
        "po_number": "PO-1",
        "line_numbers": ("1", "2"),
        "part_number": "R-1",
        "tracking_number": "1Z",
        "org_id": "org-a",
    }

    event = DirectEvent(event_type=EventType.NOTE, **given)

    assert references_of(event) == References(**given)
    assert references_of(DirectEvent(event_type=EventType.NOTE)) == References()
