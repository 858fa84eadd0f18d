"""The order book's values: what an order may hold, and by which references it is found."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.orders import (
    Charge,
    Learned,
    Lookup,
    NoPartLine,
    Order,
    OrderFields,
    OrderLine,
    bears,
    by_line,
    by_po_number,
    by_reference,
    by_tracking_number,
    comparable,
    lookups_of,
    same_line_number,
)
from purchasing.progress import LineProgress, Notice, ShippedPart

LINE = UUID("497f6eca-6276-4993-bfeb-53cbbbba6f08")
OTHER = UUID("ca27f506-c3a4-4924-9878-316d53640467")
ORDER = Order(
    po_number="PO 1001/a",
    purchase_order=UUID("5b0b9e0e-6f0f-4c53-9d0c-0d8f1f2a7c11"),
    references=("SO-778812", "so 5"),
    lines=(
        OrderLine(purchase_line=LINE, line_number="1", tracking_numbers=("1Z 99", "4401")),
        OrderLine(purchase_line=OTHER, line_number="2"),
    ),
)

# The whole of what may be put, as the documentation of PUT /v1/orders/{po_number} has it.
WHOLE: dict[str, Any] = {
    "purchase_order": "5b0b9e0e-6f0f-4c53-9d0c-0d8f1f2a7c11",
    "org_id": "3b4eb1f5-aaca-43c1-9ccf-5bbd44308aba",
    "supplier": "Digi-Key",
    "currency": "USD",
    "references": ["SO-778812"],
    "lines": [
        {
            "purchase_line": str(LINE),
            "line_number": "1",
            "part_number": "R-0001",
            "manufacturer_part_number": "RC0402FR-071KL",
            "supplier_part_number": "311-1.00KLRCT-ND",
            "quantity": 100,
            "unit_price": "0.0125",
            "promised_ship_on": "2026-12-01",
            "promised_delivery_on": "2026-12-04",
            "tracking_numbers": ["1Z99"],
        }
    ],
    "no_part_lines": [{"id": str(OTHER), "charge": "shipping", "description": "Freight"}],
}


def fields(document: dict[str, Any]) -> OrderFields:
    """An order as it is put, read from JSON."""
    return msgspec.json.decode(json.dumps(document).encode(), type=OrderFields)


def test_an_order_is_kept_as_it_is_put() -> None:
    """An order keeps all of its fields, prices to the last digit."""
    assert json.loads(msgspec.json.encode(fields(WHOLE))) == WHOLE


def test_most_of_an_order_is_optional() -> None:
    """An order needs its UUID, a line its own, a NoPart line its id; the rest may be missing."""
    smallest = {
        "purchase_order": WHOLE["purchase_order"],
        "lines": [{"purchase_line": str(LINE)}],
        "no_part_lines": [{"id": str(OTHER)}],
    }

    order = fields(smallest)

    assert order.lines == (OrderLine(purchase_line=LINE),)
    assert order.no_part_lines == (NoPartLine(id=OTHER, charge=Charge.OTHER),)
    assert json.loads(msgspec.json.encode(order)) == smallest


@pytest.mark.parametrize("quantity", [0, 1, 2**31 - 1])
def test_a_line_may_be_of_any_quantity(quantity: int) -> None:
    """A line's quantity is an integer that Cofactr can hold, and may be zero."""
    line = {"purchase_line": str(LINE), "quantity": quantity}

    assert fields(WHOLE | {"lines": [line]}).lines[0].quantity == quantity


@pytest.mark.parametrize(
    "change",
    [
        {"purchase_order": "PO-1001"},
        {"purchase_order": None},
        {"org_id": ""},
        {"org_id": " org"},
        {"org_id": "org\n"},
        {"org_id": "örg"},
        {"org_id": "o" * 256},
        {"supplier": "x" * 256},
        {"currency": "usd"},
        {"currency": "US"},
        {"currency": "USD\n"},
        {"references": [""]},
        {"references": "SO-1"},
        {"references": ["x"] * 10_001},
        {"lines": [{}]},
        {"lines": [{"purchase_line": str(LINE), "quantity": -1}]},
        {"lines": [{"purchase_line": str(LINE), "quantity": 2**31}]},
        {"lines": [{"purchase_line": str(LINE), "quantity": 1.5}]},
        {"lines": [{"purchase_line": str(LINE), "unit_price": "cheap"}]},
        {"lines": [{"purchase_line": str(LINE), "unit_price": "NaN"}]},
        {"lines": [{"purchase_line": str(LINE), "unit_price": "-Infinity"}]},
        {"lines": [{"purchase_line": str(LINE), "promised_ship_on": "soon"}]},
        {"lines": [{"purchase_line": str(LINE), "tracking_numbers": [""]}]},
        {"lines": [{"purchase_line": str(LINE), "po_number": "PO-1"}]},
        {"no_part_lines": [{"id": str(OTHER), "charge": "freight"}]},
        {"no_part_lines": [{"charge": "tax"}]},
        {"colour": "red"},
        {"po_number": "PO-1001"},
    ],
)
def test_what_is_no_order_is_refused(change: dict[str, Any]) -> None:
    """A field that is unknown, or of the wrong type, range or length, is refused."""
    with pytest.raises(msgspec.ValidationError):
        fields(WHOLE | change)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1Z 999 AA1", "1z999aa1"),
        (" PO-1 ", "po-1"),
        ("a\tb\u00a0c\n", "abc"),
        ("STRASSE", "straße"),
        ("", " "),
    ],
)
def test_references_are_compared_without_spaces_and_case(one: str, other: str) -> None:
    """References are the same when only spaces or case differ."""
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(("one", "other"), [("PO-1", "PO1"), ("PO-1", "PO-01"), ("0", "O")])
def test_references_that_differ_otherwise_differ(one: str, other: str) -> None:
    """A hyphen or a leading zero of a reference is a part of it."""
    assert comparable(one) != comparable(other)


@given(text=st.text())
def test_what_is_comparable_stays_so(text: str) -> None:
    """Making a reference comparable once more changes nothing that spaces or case could."""
    assert comparable(f" {comparable(text)} ") == comparable(comparable(text))


@pytest.mark.parametrize(
    ("own", "given_", "is_same"),
    [
        ("10", "010", True),
        ("010", "10", True),
        ("0", "000", True),
        (" 1 ", "01", True),
        ("1a", "1A", True),
        ("10", "100", False),
        ("1", "1.0", False),
        ("1", "", False),
        (None, "1", False),
    ],
)
def test_line_numbers_are_compared_without_leading_zeros(
    own: str | None,
    given_: str,
    is_same: bool,  # noqa: FBT001  # an example
) -> None:
    """Line numbers are text, and their leading zeros do not count."""
    assert same_line_number(own, given_) is is_same


def test_an_order_is_found_by_all_of_its_references() -> None:
    """An order is found by its number, the supplier's, its lines and their tracking numbers."""
    assert lookups_of(ORDER) == {
        Lookup("po", "po1001/a"),
        Lookup("reference", "so-778812"),
        Lookup("reference", "so5"),
        Lookup("line", str(LINE)),
        Lookup("line", str(OTHER)),
        Lookup("tracking", "1z99"),
        Lookup("tracking", "4401"),
    }


def test_lookups_are_made_as_an_order_makes_them() -> None:
    """However a reference is written, it leads to the order that has it."""
    assert {
        by_po_number("po1001/A"),
        by_reference("SO 5"),
        by_reference("SO-778812"),
        by_line(LINE),
        by_line(OTHER),
        by_tracking_number("1Z99"),
        by_tracking_number("44 01"),
    } == lookups_of(ORDER)


def test_kinds_of_references_are_told_apart() -> None:
    """A tracking number that reads like a PO number is not one."""
    assert by_po_number("1") != by_tracking_number("1") != by_reference("1")


def test_a_line_bears_its_tracking_numbers() -> None:
    """A line bears a number however it is written, and no other."""
    assert bears(ORDER.lines[0], "1z99")
    assert not bears(ORDER.lines[0], "1Z9")
    assert not bears(ORDER.lines[1], "1Z99")


def test_what_was_learned_is_added_to_an_order() -> None:
    """An order shows the numbers that notices told beside its own, each once."""
    learned = Learned(tracking_numbers={str(LINE): ("4401", "NEW"), str(OTHER): ("NEW",)})

    known = ORDER.with_learned(learned)

    assert [line.tracking_numbers for line in known.lines] == [("1Z 99", "4401", "NEW"), ("NEW",)]
    assert by_tracking_number("new") in lookups_of(known)


def test_what_was_learned_of_lines_that_are_gone_does_no_harm() -> None:
    """A line that was taken out of an order takes its learned numbers along."""
    learned = Learned(tracking_numbers={str(UUID(int=7)): ("NEW",)})

    assert ORDER.with_learned(learned) == ORDER
    assert ORDER.with_learned(Learned()) is ORDER


def test_a_tracking_number_is_learned_once() -> None:
    """A number is learned for the lines that do not bear it, in the order in which it comes."""
    learned = Learned()
    for number in ("1z99", "NEW", "NEW", "NEWER"):
        learned = learned.with_tracking_number(number, ORDER.lines)

    assert learned.tracking_numbers == {
        str(LINE): ("NEW", "NEWER"),
        str(OTHER): ("1z99", "NEW", "NEWER"),
    }


def test_learning_changes_nothing_that_is_known_already() -> None:
    """What is learned is a new value; the old one stays as it was."""
    before = Learned(tracking_numbers={str(OTHER): ("1",)})

    before.with_tracking_number("2", ORDER.lines)

    assert before.tracking_numbers == {str(OTHER): ("1",)}


def test_learned_numbers_are_those_of_all_lines() -> None:
    """Every tracking number that was learned is known once, as numbers are compared."""
    learned = Learned(tracking_numbers={"a": ("1Z AA", "1zaa"), "b": ("1ZBB",)})

    assert learned.numbers == {"1zaa", "1zbb"}
    assert Learned().numbers == frozenset()


def test_what_is_read_anew_has_said_nothing_so_far() -> None:
    """A notification that is read once more forgets what it alone had said of a notice."""
    own, others = (
        Notice(
            transmission=f"{name}/0",
            parts={"p": ShippedPart(notification=name)},
            seen={"p": Decimal(60)},
        )
        for name in ("n-1", "n-2")
    )
    learned = Learned(lines={"a": LineProgress(notices={"s-1": own, "s-2": others})})

    anew = learned.read_anew("n-1").lines["a"].notices

    assert anew["s-2"] == others
    assert anew["s-1"].seen_in("n-1/0") == {}
    assert anew["s-1"].parts == own.parts
