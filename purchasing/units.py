"""Units of quantities: which of them count single pieces, which measure, and which are neither.

Cofactr counts pieces. A quantity in a measure, such as metres of cable, is passed on, because that
is how such goods are ordered as well. Of everything else (cases, packs, reels, dozens, thousands,
pairs, sets, and codes that are not known here) nobody can say how many pieces it is.

Sources: UN/ECE Recommendation 20 with the packages of Recommendation 21 behind an X, as
geesoon/EInvoiceClient (c31f894) lists them, of which UBL's `unitCode`, EDIFACT's 6411, cXML's
`UnitOfMeasure` and openTRANS' `ORDER_UNIT` are to be; `PCE` and `NMB` are of older editions (read
2026-11). X12's element 355: `CA`, `EA`, `KG`, `LB` and `ML` by ediacademy.com (read 2026-11), the
others by common use. A code that the two lists, or people, use for different things is not
here, and is therefore neither: `GR` (gram, gross), `LT` (litre, lot), `M` (metre, thousand), `ST`
(sheet, set, Stück).
"""

from decimal import Decimal
from fractions import Fraction

import msgspec

from purchasing.documents import InvoiceLine
from purchasing.money import written

_PIECES = frozenset(
    {
        "",
        *("c62", "ea", "h87", "nar", "nmb", "pc", "pce", "pcs", "un", "xpp"),
        *("each", "piece", "pieces", "stck", "stk", "stück", "stueck", "unit", "units"),
    }
)
"""Rec 20: one, each, piece, number of articles, number; X12: each, piece, unit; and words."""

_MEASURES = {
    **dict.fromkeys(("mtr", "mr", "lm", "metre", "metres", "meter", "meters"), "metres"),
    **dict.fromkeys(("cmt", "cm"), "centimetres"),
    **dict.fromkeys(("mmt", "mm"), "millimetres"),
    "kmt": "kilometres",
    **dict.fromkeys(("fot", "ft", "lf", "foot", "feet"), "feet"),
    **dict.fromkeys(("inh", "in", "inch", "inches"), "inches"),
    **dict.fromkeys(("yrd", "yd", "yard", "yards"), "yards"),
    **dict.fromkeys(("mtk", "sm"), "square metres"),
    **dict.fromkeys(("ftk", "sf"), "square feet"),
    "mtq": "cubic metres",
    **dict.fromkeys(("kgm", "kg", "kilogram", "kilograms"), "kilograms"),
    **dict.fromkeys(("grm", "gram", "grams"), "grams"),
    "tne": "tonnes",
    **dict.fromkeys(("lbr", "lb", "lbs", "pound", "pounds"), "pounds"),
    **dict.fromkeys(("onz", "oz", "ounce", "ounces"), "ounces"),
    **dict.fromkeys(("ltr", "litre", "litres", "liter", "liters"), "litres"),
    **dict.fromkeys(("mlt", "ml"), "millilitres"),
    **dict.fromkeys(("gll", "ga", "gallon", "gallons"), "gallons"),
}
"""Rec 20's code, then X12's, then words, and what to call the measure in a note."""

_LONGEST = 40


def unit_of(written: str) -> str:
    """The unit as it is written, of at most 40 characters; empty where it counts single pieces."""
    return "" if _comparable(written) in _PIECES else " ".join(written.split())[:_LONGEST]


def measure_of(unit: str) -> str:
    """What a unit measures in, such as `metres`; empty where it is no measure."""
    return _MEASURES.get(_comparable(unit), "")


def is_of_unknown_size(unit: str) -> bool:
    """Whether it is not known how many pieces one of a unit is."""
    return bool(unit_of(unit)) and not measure_of(unit)


def in_unknown(quantity: str, unit: str) -> str:
    """Words for a quantity in a unit of which nobody can say how many pieces it is."""
    return f"{quantity} {unit}: how many pieces that is, the document does not say"


def in_measure(quantity: Decimal | None, unit: str) -> str:
    """Words for a quantity that is measured; empty where there is none, or where it is counted."""
    measure = "" if quantity is None else measure_of(unit)
    return f"The quantity is in {measure} ({unit})" if measure else ""


def by_piece(line: InvoiceLine) -> InvoiceLine:
    """A line of an invoice of which the unit is told in the words.

    Where the unit is of unknown size, so is the quantity, and the price is not that of a piece:
    both are left out, and its money is right all the same.
    """
    said = in_measure(line.quantity, line.unit)
    if is_of_unknown_size(line.unit):
        count = "An unknown number of"
        if line.quantity is not None:
            count = written(Fraction(line.quantity), 0)
        price = "" if line.unit_price is None else f" at {line.unit_price:f}"
        said = in_unknown(count, f"{line.unit}{price}")
        line = msgspec.structs.replace(line, quantity=None, unit_price=None)
    words = ". ".join(filter(None, (said, line.words)))
    return msgspec.structs.replace(line, words=words)


def _comparable(unit: str) -> str:
    return "".join(unit.split()).casefold()
