"""Units: what counts pieces, what measures, and what nobody can count; and how each is planned."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.documents import InvoiceLine, Item, OrderConfirmation, Promise, ShipNotice
from purchasing.units import by_piece, in_measure, is_of_unknown_size, measure_of, unit_of
from tests.documents import confirmation, notice, only, outcome, planned

PIECES = (
    *("C62", "H87", "EA", "PCE", "NAR", "NMB", "XPP"),
    *("PC", "UN"),
    *("each", "Piece", "pieces", "Stk", "STCK", "Stück", "PCS", "unit", "UNITS"),
    *("", " ", " ea ", "e a"),
)
MEASURES = {
    **dict.fromkeys(("MTR", "MR", "LM", "metre", "Meters", " m t r "), "metres"),
    **dict.fromkeys(("CMT", "cm"), "centimetres"),
    **dict.fromkeys(("MMT", "mm"), "millimetres"),
    "KMT": "kilometres",
    **dict.fromkeys(("FOT", "FT", "LF", "feet"), "feet"),
    **dict.fromkeys(("INH", "IN"), "inches"),
    **dict.fromkeys(("YRD", "YD"), "yards"),
    **dict.fromkeys(("MTK", "SM"), "square metres"),
    **dict.fromkeys(("FTK", "SF"), "square feet"),
    "MTQ": "cubic metres",
    **dict.fromkeys(("KGM", "KG", "kg"), "kilograms"),
    **dict.fromkeys(("GRM", "gram"), "grams"),
    "TNE": "tonnes",
    **dict.fromkeys(("LBR", "LB", "lbs"), "pounds"),
    **dict.fromkeys(("ONZ", "OZ"), "ounces"),
    **dict.fromkeys(("LTR", "litre"), "litres"),
    **dict.fromkeys(("MLT", "ml"), "millilitres"),
    **dict.fromkeys(("GLL", "GA"), "gallons"),
}
UNKNOWN = (
    *("CA", "BX", "PK", "RL", "TH", "DZ", "GS", "PR", "HU"),
    *("XBX", "XPK", "XRL", "MIL", "DZN", "KPC", "T3", "CEN", "SET", "NPR"),
    *("M", "GR", "LT", "ST"),
    *("reels of 5000", "EA>1>10", "-", "0", "?"),
)


@pytest.mark.parametrize("unit", PIECES)
def test_a_unit_that_counts_pieces_is_none(unit: str) -> None:
    """Each, piece and one count pieces in every list and in words; so does saying nothing."""
    assert unit_of(unit) == ""
    assert not is_of_unknown_size(unit)
    assert measure_of(unit) == ""


@pytest.mark.parametrize(("unit", "measure"), MEASURES.items())
def test_a_measure_has_its_words(unit: str, measure: str) -> None:
    """A measure stays as it is written, and is called by its name in a note."""
    assert unit_of(unit) == " ".join(unit.split())
    assert measure_of(unit) == measure
    assert not is_of_unknown_size(unit)


@pytest.mark.parametrize("unit", UNKNOWN)
def test_everything_else_is_of_unknown_size(unit: str) -> None:
    """Packages, multiples, codes of two meanings and codes that nobody knows are not counted."""
    assert unit_of(unit) == unit
    assert is_of_unknown_size(unit)
    assert measure_of(unit) == ""


@given(written=st.text(max_size=100))
def test_a_unit_is_bounded_and_stays_what_it_is(written: str) -> None:
    """Read once more, a unit is the same; cut short, an unknown one does not become a known one."""
    unit = unit_of(written)

    assert len(unit) <= 40
    assert is_of_unknown_size(unit) == is_of_unknown_size(written)
    assert bool(unit) is (is_of_unknown_size(written) or measure_of(written) != "")


def test_a_long_unit_is_cut() -> None:
    """What is longer than any unit is cut after 40 characters, and known as little as before."""
    assert unit_of("ea" * 30) == "ea" * 20
    assert is_of_unknown_size("ea" * 30)


# Confirmations and ship notices

FAULT = "The quantity is 500 CA: how many pieces that is, the document does not say."


@pytest.mark.parametrize("promise", Promise)
def test_cases_are_not_confirmed_as_pieces(promise: Promise) -> None:
    """A confirmation in a unit of unknown size is for a person, whatever it promises."""
    part = planned(confirmation(promise, quantity="500", unit="CA"))

    assert outcome(part) == ["needs_person"]
    assert part.held[0].detail == FAULT


def test_cases_are_not_shipped_as_pieces() -> None:
    """A ship notice in a unit of unknown size is for a person, also with parts of such a unit."""
    part = planned(notice(quantity="500", unit="CA"))

    assert outcome(part) == ["needs_person"]
    assert part.held[0].detail == FAULT
    assert outcome(planned(notice(quantity="2.5", unit="CA"))) == ["needs_person"]


@pytest.mark.parametrize("unit", ["", "CA", "MTR"])
def test_a_unit_of_no_quantity_does_not_matter(unit: str) -> None:
    """Without a quantity nothing is counted, so that its unit changes and says nothing."""
    said = planned(confirmation(unit=unit))
    sent = planned(notice(unit=unit))

    assert (only(said), only(sent)) == (only(planned(confirmation())), only(planned(notice())))


def test_nothing_is_nothing_in_any_unit() -> None:
    """No cases are no pieces: none of it was shipped, and no rest of it is refused."""
    assert outcome(planned(notice(quantity="0", unit="CA"))) == ["not_a_shipment"]
    refused = planned(confirmation(Promise.REJECTED, quantity="0", unit="CA"))
    assert outcome(refused) == ["note"]


def test_a_measure_passes_and_is_named() -> None:
    """Metres are told as they were ordered, with the unit in the notes."""
    for update in (
        confirmation(quantity="50", unit="MTR"),
        notice(quantity="50", unit="MTR"),
    ):
        told = only(planned(update))

        assert told.quantity == 50
        assert "The quantity is in metres (MTR). " in (told.notes or "")


def test_parts_of_a_measure_are_not_sent() -> None:
    """A fraction of a metre is one all the same: Cofactr has no place for it."""
    for update in (
        confirmation(quantity="2.5", unit="MTR"),
        notice(quantity="2.5", unit="MTR"),
    ):
        assert outcome(planned(update)) == ["malformed"]


@given(
    quantity=st.decimals(min_value=1, max_value=10**6, places=0),
    unit=st.text(max_size=20).map(unit_of),
)
def test_a_quantity_is_only_told_where_it_is_known(quantity: Decimal, unit: str) -> None:
    """Whatever the unit is, a quantity that is told is of pieces or of a measure."""
    updates: tuple[OrderConfirmation | ShipNotice, ...] = (
        confirmation(quantity=str(quantity), unit=unit),
        notice(quantity=str(quantity), unit=unit),
    )
    for update in updates:
        expected = ["needs_person"] if is_of_unknown_size(unit) else None
        found = outcome(planned(update))
        assert found == expected or (expected is None and found[0] in ("confirm", "shipped"))


# Lines of invoices


def line(unit: str, quantity: str | None = "10", price: str | None = "50.00") -> InvoiceLine:
    """A line over 500."""
    return InvoiceLine(
        item=Item(po_number="PO-1"),
        total=Decimal(500),
        quantity=None if quantity is None else Decimal(quantity),
        unit=unit,
        unit_price=None if price is None else Decimal(price),
        words="Resistors",
    )


UNSAID = ": how many pieces that is, the document does not say"


@pytest.mark.parametrize(
    ("quantity", "price", "words"),
    [
        ("10", "50.00", f"10 CA at 50.00{UNSAID}. Resistors"),
        ("1E+1", None, f"10 CA{UNSAID}. Resistors"),
        (None, "50.00", f"An unknown number of CA at 50.00{UNSAID}. Resistors"),
    ],
)
def test_a_line_by_the_case_has_no_quantity(
    quantity: str | None, price: str | None, words: str
) -> None:
    """What is billed by the case keeps its money; its quantity and price stand in the words."""
    told = by_piece(line("CA", quantity, price))

    assert (told.quantity, told.unit_price, told.total) == (None, None, Decimal(500))
    assert told.words == words


def test_a_line_by_the_piece_or_by_measure_keeps_its_quantity() -> None:
    """Pieces stay as they are, and a measure is named."""
    assert by_piece(line("")) == line("")
    told = by_piece(line("KGM"))
    expected = "The quantity is in kilograms (KGM). Resistors"
    assert told == msgspec.structs.replace(line("KGM"), words=expected)
    assert in_measure(None, "KGM") == ""
