"""Which purchase lines a statement means: the rules of matching, in their order."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.documents import (
    Document,
    Invoice,
    InvoiceLine,
    Item,
    OrderConfirmation,
    Promise,
    ShipNotice,
)
from purchasing.line_matching import References
from purchasing.matching import (
    Found,
    Goods,
    lookups_for,
    lookups_of_update,
    match,
    match_references,
    references_of,
)
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
from purchasing.updates import DirectEvent, Finding, Meaning, Scan, TrackingUpdate, Update

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
DOCUMENT = Document(sender="Digi-Key (cXML)", number="D-1")


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
    return match_references(references, looked_up(references, book), source)


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
        (References(po_number="PO-1", part_numbers=("r-1",)), [[ONE]]),
        (References(supplier_reference="so-77", line_numbers=("20",)), [[TWO]]),
        (References(supplier_reference="SO-77", part_numbers=("R-3",)), [[THREE]]),
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
        po_number="PO-1", line_numbers=("10",), part_numbers=("R-1",), tracking_number="1ZBB"
    )
    by_part = References(po_number="PO-1", part_numbers=("R-3",), tracking_number="1ZBB")
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
    assert lines(References(po_number="PO-1", part_numbers=(part,))) == [[expected]]


def test_a_part_on_two_lines_is_held() -> None:
    """A part number that means more than one line of its order means none."""
    finding = held(References(po_number="PO-1", part_numbers=("M-12",)))

    assert finding == Finding("unmatched", "Part M-12 is on more than one line of order PO-1.")


def test_a_part_that_an_order_does_not_have_is_held() -> None:
    """A part that is nowhere in its order is held until the order names it."""
    finding = held(References(po_number="PO-1", part_numbers=("R-9",)))

    assert finding == Finding("unmatched", "Order PO-1 has no line with part R-9.")


@pytest.mark.parametrize("part", ["R-1", "m-1", "S-1"])
def test_a_line_and_its_part_agree(part: str) -> None:
    """A line number with any of its line's part numbers means that line."""
    references = References(po_number="PO-1", line_numbers=("10",), part_numbers=(part,))

    assert lines(references) == [[ONE]]


def test_lines_without_part_numbers_are_passed_over() -> None:
    """A line of which no part number is known has none that could be meant."""
    bare = msgspec.structs.replace(
        ORDER, lines=(OrderLine(purchase_line=THREE, line_number="5"), *ORDER.lines)
    )

    assert lines(References(po_number="PO-1", part_numbers=("S-2",)), (bare,)) == [[TWO]]
    assert (
        held(
            References(po_number="PO-1", line_numbers=("5",), part_numbers=("S-2",)), (bare,)
        ).reason
        == "conflict"
    )


@pytest.mark.parametrize("numbers", [("20",), ("10", "20")])
def test_a_line_and_another_lines_part_contradict_each_other(numbers: tuple[str, ...]) -> None:
    """A line number and a part number of different lines are held as a conflict."""
    finding = held(References(po_number="PO-1", line_numbers=numbers, part_numbers=("R-1",)))

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
        (References(supplier_reference="SO-1", part_numbers=("R",)), (by_reference("SO-1"),)),
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

    assert references_of(update) == (References(tracking_number="1Z AA"),)


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
    part = given.pop("part_number")

    assert references_of(event) == (References(**given, part_numbers=(part,)),)
    assert references_of(DirectEvent(event_type=EventType.NOTE)) == (References(),)


# What documents name.


def confirmed(item: Item, *others: Item, is_rest: bool = False) -> OrderConfirmation:
    """A confirmation of some goods."""
    return OrderConfirmation(
        document=DOCUMENT, item=item, promise=Promise.ACCEPTED, is_rest=is_rest, others=others
    )


def shipped(item: Item, *numbers: str) -> ShipNotice:
    """A ship notice of some goods."""
    return ShipNotice(document=DOCUMENT, item=item, tracking_numbers=numbers)


def invoiced(*items: Item) -> Invoice:
    """An invoice with a line for each of some goods."""
    lines = tuple(InvoiceLine(item=item, total=Decimal(1)) for item in items)
    return Invoice(document=DOCUMENT, total=Decimal(len(items)), lines=lines)


def goods_of(
    update: Update, book: tuple[Order, ...] = BOOK, source: SourceSettings = ANY
) -> tuple[Goods, ...] | Finding:
    """The goods that a statement means, or why that is not known."""
    found = Found(
        {
            lookup: tuple(order for order in book if lookup in lookups_of(order))
            for lookup in lookups_of_update(update)
        }
    )
    return match(update, found, source)


def lines_of(update: Update, book: tuple[Order, ...] = BOOK) -> list[list[UUID]]:
    """The purchase lines that a statement means, order by order."""
    goods = goods_of(update, book)
    assert not isinstance(goods, Finding), goods.detail
    return [list(part.purchase_lines) for part in goods]


def why_held(
    update: Update, book: tuple[Order, ...] = BOOK, source: SourceSettings = ANY
) -> Finding:
    """Why a statement is held."""
    finding = goods_of(update, book, source)
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Item(po_number="PO-1", line_number="020"), [[TWO]]),
        (Item(po_number="PO-1", part_number="R-3"), [[THREE]]),
        (Item(po_number="PO-1", manufacturer_part_number="M-1"), [[ONE]]),
        (Item(po_number="PO-1", supplier_part_number="S-2"), [[TWO]]),
        (Item(supplier_reference="SO-77", line_number="10"), [[ONE]]),
        (Item(supplier_reference="SO-77", supplier_part_number="s-2"), [[TWO]]),
        (Item(po_number="PO-9", supplier_reference="SO-77", line_number="10"), [[ONE]]),
        (Item(po_number="PO-1"), [[ONE, TWO, THREE]]),
        (Item(supplier_reference="SO-77"), [[ONE, TWO, THREE]]),
    ],
)
def test_a_document_means_its_lines(item: Item, expected: list[list[UUID]]) -> None:
    """A document's goods are found by line, by part, by the supplier's number, or as a whole."""
    assert lines_of(confirmed(item)) == expected
    assert lines_of(shipped(item, "NEW")) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Item(po_number="PO-1", part_number="R-3", supplier_part_number="S-1"), THREE),
        (Item(po_number="PO-1", part_number="R-9", supplier_part_number="S-1"), ONE),
        (
            Item(po_number="PO-1", manufacturer_part_number="M-12", supplier_part_number="S-2"),
            TWO,
        ),
    ],
)
def test_the_first_part_that_is_on_one_line_decides(item: Item, expected: UUID) -> None:
    """The buyer's part goes first; one that is nowhere, or on two lines, leaves it to the next."""
    assert lines_of(confirmed(item)) == [[expected]]


def test_a_line_that_is_missing_is_found_by_its_part() -> None:
    """A line number that the order does not have leaves it to the part."""
    item = Item(po_number="PO-1", line_number="40", part_number="R-2")

    assert lines_of(confirmed(item)) == [[TWO]]
    nowhere = msgspec.structs.replace(item, part_number="R-9")
    assert why_held(confirmed(nowhere)).detail == "Order PO-1 has no line with part R-9."


@pytest.mark.parametrize(
    "part",
    [
        {"part_number": "R-2"},
        {"part_number": "R-9"},
        {"manufacturer_part_number": "M-12"},
        {"supplier_part_number": "S-9"},
    ],
)
def test_a_line_that_is_another_part_is_a_conflict(part: dict[str, Any]) -> None:
    """A line number beside a part that the line is not is held, and nothing is guessed."""
    finding = why_held(confirmed(Item(po_number="PO-1", line_number="10", **part)))

    (number,) = part.values()
    assert finding == Finding("conflict", f"Line 10 of order PO-1 is not part {number}.")


def test_parts_of_different_kinds_do_not_contradict_each_other() -> None:
    """A supplier's own number says nothing against a line whose buyer's number alone is known."""
    bought = OrderLine(purchase_line=ONE, line_number="1", part_number="R-1")
    other = OrderLine(purchase_line=TWO, line_number="2", supplier_part_number="S-2")
    book = (msgspec.structs.replace(ORDER, lines=(bought, other)),)
    item = Item(po_number="PO-1", line_number="1", supplier_part_number="S-1")

    assert lines_of(confirmed(item), book) == [[ONE]]
    others = msgspec.structs.replace(item, supplier_part_number="S-2")
    assert why_held(confirmed(others), book).reason == "conflict"
    bare = OrderLine(purchase_line=ONE, line_number="1")
    unknown = (msgspec.structs.replace(ORDER, lines=(bare,)),)
    assert lines_of(confirmed(item), unknown) == [[ONE]]


@pytest.mark.parametrize(
    ("number", "part", "expected"),
    [
        ("10", "R-3", THREE),
        ("1", "R-2", TWO),
        ("10", "R-1", ONE),
        ("20", "M-12", TWO),
        ("30", "M-12", THREE),
        ("20", "", TWO),
    ],
)
def test_a_documents_own_counter_gives_way_to_the_part(
    number: str, part: str, expected: UUID
) -> None:
    """The part decides, and the counter counts only where it agrees, or where there is no part."""
    item = Item(
        po_number="PO-1", line_number=number, is_own_counter=True, manufacturer_part_number=part
    )

    assert lines_of(confirmed(item)) == [[expected]]


@pytest.mark.parametrize(
    ("number", "part", "detail"),
    [
        ("10", "M-12", "Part M-12 is on more than one line of order PO-1."),
        ("10", "M-9", "Order PO-1 has no line with part M-9."),
        ("40", "", "Order PO-1 has no line 40; its lines are 010, 20, 30."),
    ],
)
def test_a_counter_that_decides_nothing_is_held(number: str, part: str, detail: str) -> None:
    """A part on several lines that the counter does not agree with, or on none, is held."""
    item = Item(
        po_number="PO-1", line_number=number, is_own_counter=True, manufacturer_part_number=part
    )

    assert why_held(confirmed(item)) == Finding("unmatched", detail)


def test_a_counter_may_be_missing() -> None:
    """A document with a counter that this line lacks is matched by the part alone."""
    item = Item(po_number="PO-1", is_own_counter=True, part_number="R-2")

    assert lines_of(shipped(item, "NEW")) == [[TWO]]


# What a notice without an order means.


@pytest.mark.parametrize(
    ("item", "number", "expected"),
    [
        (Item(), "1zaa", [[ONE, TWO]]),
        (Item(), "1ZBB", [[TWO], [ELSEWHERE]]),
        (Item(supplier_reference="SO-9"), "1ZAA", [[ONE, TWO]]),
        (Item(line_number="10"), "1ZAA", [[ONE]]),
        (Item(part_number="R-2"), "1ZBB", [[TWO]]),
        (Item(line_number="1"), "1ZBB", [[ELSEWHERE]]),
    ],
)
def test_a_parcel_finds_its_goods(item: Item, number: str, expected: list[list[UUID]]) -> None:
    """A notice without a known order means the goods of its parcel, and its line among them."""
    assert lines_of(shipped(item, number)) == expected


@pytest.mark.parametrize(
    ("item", "number", "detail"),
    [
        (Item(), "1ZZZ", "No purchase line is known for tracking number 1ZZZ."),
        (Item(line_number="30"), "1ZAA", "Order PO-1 has no line 30; its lines are 010, 20."),
        (
            Item(supplier_reference="SO-9", line_number="30"),
            "1ZAA",
            "No supplier's order SO-9 is in the order book.",
        ),
        (
            Item(po_number="PO-9"),
            "1ZAA",
            "No purchase order PO-9 is in the order book.",
        ),
    ],
)
def test_a_parcel_that_does_not_have_the_line_is_held(item: Item, number: str, detail: str) -> None:
    """A line that is not in the parcel, or an order that is not known, is held by its name."""
    assert why_held(shipped(item, number)) == Finding("unmatched", detail)


def test_an_order_that_no_longer_bears_a_number_is_passed_over() -> None:
    """An order that is found by a number which none of its lines bears has no goods in it."""
    found = Found({by_tracking_number("4401"): BOOK})

    finding = match(shipped(Item(), "4401"), found, ANY)

    assert finding == Finding("unmatched", "No purchase line is known for tracking number 4401.")


def test_a_line_that_two_orders_have_in_one_parcel_is_held() -> None:
    """A line number that goods of two orders share means neither; the candidates are named."""
    twin = msgspec.structs.replace(
        ORDER,
        po_number="PO-3",
        lines=(OrderLine(purchase_line=THREE, line_number="1", tracking_numbers=("1ZBB",)),),
    )

    finding = why_held(shipped(Item(line_number="1"), "1ZBB"), (*BOOK, twin))

    assert finding == Finding(
        "unmatched",
        "More than one order has 1 in that parcel: "
        "PO-2 of the default organisation, PO-3 of the default organisation.",
    )


def test_an_order_with_a_parcel_is_the_whole_order() -> None:
    """A notice of an order without items means all lines, whichever are known to travel so."""
    for item in (Item(po_number="PO-1"), Item(supplier_reference="SO-77")):
        assert lines_of(shipped(item, "1ZBB")) == [[ONE, TWO, THREE]]


@pytest.mark.parametrize("update", [confirmed(Item()), shipped(Item()), invoiced(Item())])
def test_a_document_that_names_no_order_is_held(update: Update) -> None:
    """A document that says nothing of its order cannot be matched."""
    assert why_held(update).detail.endswith("It names no order and no tracking number.")


def test_a_documents_order_that_two_have_is_held() -> None:
    """A supplier's reference that several orders have means none; the candidates are named."""
    finding = why_held(confirmed(Item(supplier_reference="SO-77", line_number="10")), TWINS)

    assert finding.reason == "unmatched"
    assert "PO-1 of org-a, PO-1 of org-b" in finding.detail


def test_a_supplier_may_not_confirm_anothers_order() -> None:
    """A source that is limited to suppliers may not speak of another one's order."""
    mouser = SourceSettings(format="cxml", suppliers=("Mouser",))

    assert why_held(confirmed(Item(po_number="PO-1")), source=mouser).reason == "not_allowed"
    finding = why_held(
        invoiced(Item(po_number="PO-2", line_number="1"), Item(po_number="PO-1", line_number="10")),
        source=mouser,
    )
    assert finding.reason == "not_allowed"
    assert finding.detail.startswith("Line 2 of the invoice: Order PO-1 is with Digi-Key")


# The lines that a document does not name.


def test_the_rest_of_an_order_is_what_is_not_named() -> None:
    """A statement about all other lines means those that the document does not name."""
    others = (
        Item(po_number="PO-1", line_number="10"),
        Item(po_number="PO-1", part_number="R-3"),
    )

    assert lines_of(confirmed(Item(po_number="PO-1"), *others, is_rest=True)) == [[TWO]]
    assert lines_of(confirmed(Item(po_number="PO-1"), is_rest=True)) == [[ONE, TWO, THREE]]


def test_nothing_may_be_left() -> None:
    """A document that names every line leaves no goods for its statement about the others."""
    others = [Item(po_number="PO-1", line_number=number) for number in ("10", "20", "30")]

    assert lines_of(confirmed(Item(po_number="PO-1"), *others, is_rest=True)) == []


@pytest.mark.parametrize(
    ("item", "other", "detail"),
    [
        (
            Item(po_number="PO-9"),
            Item(po_number="PO-1", line_number="10"),
            "No purchase order PO-9 is in the order book.",
        ),
        (
            Item(po_number="PO-1"),
            Item(po_number="PO-1", line_number="40"),
            "Order PO-1 has no line 40; its lines are 010, 20, 30.",
        ),
    ],
)
def test_a_rest_that_is_not_known_is_held(item: Item, other: Item, detail: str) -> None:
    """Which lines are left is not known while the order or a named line is not found."""
    assert why_held(confirmed(item, other, is_rest=True)) == Finding("unmatched", detail)


# Invoices.


def test_an_invoice_is_matched_line_by_line() -> None:
    """Each line of an invoice finds its own order, in the lines' order."""
    update = invoiced(
        Item(po_number="PO-2", line_number="1"),
        Item(po_number="PO-1", part_number="R-2"),
        Item(supplier_reference="SO-77", line_number="10"),
    )

    assert lines_of(update) == [[ELSEWHERE], [TWO], [ONE]]


def test_an_invoice_of_an_order_with_one_line_means_that_line() -> None:
    """A line that names an order alone means the order's only line."""
    assert lines_of(invoiced(Item(po_number="PO-2"))) == [[ELSEWHERE]]


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        (
            Item(po_number="PO-9", line_number="1"),
            "Line 2 of the invoice: No purchase order PO-9 is in the order book.",
        ),
        (
            Item(po_number="PO-1"),
            (
                "Line 2 of the invoice names neither a line nor a part of its order, "
                "which has more than one."
            ),
        ),
    ],
)
def test_a_line_that_finds_nothing_holds_the_invoice(item: Item, detail: str) -> None:
    """Money is all or nothing: one line that is not found holds all of them."""
    update = invoiced(Item(po_number="PO-2", line_number="1"), item)

    assert why_held(update) == Finding("unmatched", detail)


# What has to be looked up.


def test_everything_that_a_document_names_is_looked_up_once() -> None:
    """Each order that a document names is looked up, and each of them once."""
    first = Item(po_number="PO-1", supplier_reference="SO-77", line_number="1")
    second = Item(po_number="PO-1", part_number="R-2")
    third = Item(po_number="PO-2")
    expected = (by_po_number("PO-1"), by_reference("SO-77"), by_po_number("PO-2"))

    assert lookups_of_update(invoiced(first, second, third)) == expected
    rest = confirmed(first, second, third, is_rest=True)
    assert lookups_of_update(rest) == expected
    assert lookups_of_update(shipped(third, "1Z1", "1Z2")) == (by_po_number("PO-2"),)
    assert lookups_of_update(shipped(Item(), "1Z1", "1Z2")) == (by_tracking_number("1Z1"),)


def test_goods_are_named_for_people() -> None:
    """A line is named by its number and its order, or by its UUID where it has no number."""
    goods = Goods(order=ORDER, purchase_lines=(TWO, ONE))
    nameless = OrderLine(purchase_line=ONE)

    assert [line.purchase_line for line in goods.lines] == [ONE, TWO]
    assert [goods.named(line) for line in goods.lines] == [
        "Line 010 of order PO-1",
        "Line 20 of order PO-1",
    ]
    bare = Goods(order=None, purchase_lines=(ONE,))
    assert (bare.lines, bare.named(nameless)) == ((), f"Line {ONE}")
