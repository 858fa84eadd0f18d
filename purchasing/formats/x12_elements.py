"""What the transaction sets of X12 have in common: dates, numbers, parts, parties, loops.

Source: the code lists of 004010 for elements 98, 235, 374 and 639 (public copies, such as the one
behind edi.stedi.com; read 2026-11).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from purchasing.documents import Document, Item
from purchasing.errors import MalformedError
from purchasing.formats.x12 import Interchange
from purchasing.formats.x12_segments import Segment
from purchasing.updates import Finding

Segments = Sequence[Segment]

SHIP_DATES = ("068", "079", "082", "085", "088", "080", "083", "086")
"""When goods are to leave: current schedule, then promised, then scheduled (element 374)."""

DELIVERY_DATES = ("017", "067", "069", "072", "075", "078", "070", "073", "076", "371")
"""When goods are to arrive: estimated, current schedule, promised, scheduled (element 374)."""

_BUYERS = ("BP", "IN")
_MANUFACTURERS = ("MG", "MF")
_SUPPLIERS = ("VP", "VN", "VC", "SK")
_ARTICLES = ("UP", "UK", "UI", "UA", "UD", "EN")
"""Element 235; numbers of articles (UPC, EAN) stand for a part only where nothing else does."""

_SELLERS = ("SE", "VN", "SU")
_DAY = re.compile(r"([0-9]{2})?([0-9]{2})([0-9]{4})")
_TIME = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])[0-9]*")
_REAL = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
_CENTS = re.compile(r"[+-]?[0-9]{1,15}")

_PIECES_PER_PRICE = {
    **dict.fromkeys(("LD", "RD", "TD", "WD"), 12),
    **dict.fromkeys(("HP", "HF", "LC", "QH", "RC", "TC", "WC"), 100),
    **dict.fromkeys(("TP", "TF", "LM", "QS", "RM", "TM", "WM"), 1000),
    "HT": 100_000,
}
"""Element 639: how many units a price is for; the other codes mean one, or only name its kind."""


def first(segments: Iterable[Segment], name: str, qualifier: str = "") -> Segment:
    """The first segment of a name, with a qualifier as its first element; an empty one if none."""
    return next(
        (it for it in segments if it.name == name and qualifier in ("", it.at(1))), Segment(name)
    )


def reference(segments: Iterable[Segment], qualifier: str) -> str:
    """REF02 of the first REF with a qualifier; empty if there is none."""
    return first(segments, "REF", qualifier).at(2)


def loops(
    segments: Segments, name: str, end: str = "CTT"
) -> tuple[Segments, list[Segments], Segments]:
    """What stands before the first segment of a name, each loop that it begins, and the rest."""
    starts = [place for place, it in enumerate(segments) if it.name == name]
    behind = starts[-1] if starts else 0
    ends = (place for place in range(behind, len(segments)) if segments[place].name == end)
    bounds = [*starts, next(ends, len(segments))]
    found = [segments[start:stop] for start, stop in pairwise(bounds)]
    return segments[: bounds[0]], found, segments[bounds[-1] :]


def day(text: str) -> date | None:
    """A date in eight or six digits; None for anything else. Six are of 1969 to 2068."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    century, year, rest = found.groups()
    try:
        return date.fromisoformat(f"{century or ('19' if year >= '69' else '20')}{year}{rest}")
    except ValueError:
        return None


def dated(segments: Iterable[Segment], qualifiers: Sequence[str]) -> date | None:
    """The date of a DTM, by the first of some qualifiers that has one that can be read."""
    dates = {it.at(1): day(it.at(2)) for it in segments if it.name == "DTM"}
    return next((found for it in qualifiers if (found := dates.get(it))), None)


def said_at(interchange: Interchange) -> datetime | None:
    """ISA09 and ISA10, which name no zone and are taken as UTC; None if they cannot be read."""
    on, time = day(interchange.header.at(9)), _TIME.fullmatch(interchange.header.at(10))
    if on is None or time is None:
        return None
    return datetime(on.year, on.month, on.day, int(time[1]), int(time[2]), tzinfo=UTC)


def number(text: str, what: str) -> Decimal | None:
    """A number with its own decimal point (X12's type R); None where nothing is given.

    Raises:
        MalformedError: It is no such number.
    """
    if not text:
        return None
    if not _REAL.fullmatch(text):
        message = f"{what} is {text}, which is no number."
        raise MalformedError(message)
    return Decimal(text)


def cents(text: str, what: str) -> Decimal | None:
    """A number with two implied decimals (X12's type N2); None where nothing is given.

    Raises:
        MalformedError: It is no such number.
    """
    if not text:
        return None
    if not _CENTS.fullmatch(text):
        message = f"{what} is {text}, which is no number with two implied decimals."
        raise MalformedError(message)
    return Decimal(text).scaleb(-2)


def price_for_one(price: Decimal, basis: str) -> Decimal:
    """What one piece costs, by the code of the price's basis."""
    return price / _PIECES_PER_PRICE.get(basis, 1)


def pairs(segment: Segment, start: int) -> dict[str, str]:
    """The products that a segment names from an element on: each identity by its qualifier."""
    found: dict[str, str] = {}
    for place in range(start, len(segment.elements), 2):
        if segment.at(place) and segment.at(place + 1):
            found.setdefault(segment.at(place), segment.at(place + 1))
    return found


def any_of(names: dict[str, str], qualifiers: Iterable[str]) -> str:
    """The identity with the first of some qualifiers that is there; empty if none is."""
    return next((names[it] for it in qualifiers if it in names), "")


def part_in(names: dict[str, str]) -> str:
    """The part that a segment names, the manufacturer's name of it first; empty if none."""
    return any_of(names, (*_MANUFACTURERS, *_SUPPLIERS, *_BUYERS, *_ARTICLES))


def item(
    names: dict[str, str], *, po_number: str, supplier_reference: str, line: str, counter: str
) -> Item:
    """Which goods a line means; `line` is the order's, `counter` may be the document's own."""
    buyers, makers = any_of(names, _BUYERS), any_of(names, _MANUFACTURERS)
    suppliers = any_of(names, _SUPPLIERS)
    if not (line or buyers or makers or suppliers):
        suppliers = any_of(names, _ARTICLES)
    return Item(
        po_number=po_number,
        supplier_reference=supplier_reference,
        line_number=line or counter,
        is_own_counter=bool(counter and not line),
        part_number=buyers,
        manufacturer_part_number=makers,
        supplier_part_number=suppliers,
    )


def document(segments: Segments, business_number: str, at: datetime | None) -> Document:
    """The document that a transaction set is; its supplier is the seller that it names."""
    sellers = {it.at(1): it.at(2) for it in segments if it.name == "N1"}
    supplier = any_of({code: name for code, name in sellers.items() if name}, _SELLERS)
    return Document(
        sender=f"{supplier} (X12)" if supplier else "X12",
        number=business_number,
        supplier=supplier,
        said_at=at,
    )


def sentence(*parts: str) -> str:
    """What is worth saying beside the fields, in one text; what is empty is left out."""
    return ". ".join(dict.fromkeys(part.rstrip(". ") for part in parts if part.strip(". ")))


def notes(segments: Iterable[Segment]) -> tuple[str, ...]:
    """What a sender wrote for people to read: the first few of NTE02 and MSG01."""
    texts = [
        it.at(2) if it.name == "NTE" else it.at(1) for it in segments if it.name in ("NTE", "MSG")
    ]
    return tuple(texts[:3])


def miscounted(rest: Segments, counts: Sequence[int], what: str) -> tuple[Finding, ...]:
    """The finding about a CTT01 that is none of the counts that it may be; it holds nothing."""
    said = first(rest, "CTT").at(1)
    if not said or said.lstrip("0") in {str(count or "") for count in counts}:
        return ()
    return (Finding("does_not_add_up", f"CTT01 says {said} {what}, and there are {counts[0]}."),)
