"""What the trade messages of EDIFACT have in common: parties, references, dates, numbers, prices.

Source of the codes: UN/EDIFACT directories D.96A and D.21A, as in nerdocs/pydifact commit fd11763
`pydifact/syntax/d21a/data/codes.xml` (1225, 2005, 2379, 5125; read 2026-11).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from purchasing.documents import Document
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.edifact import Message
from purchasing.formats.edifact_syntax import Segment
from purchasing.units import unit_of

TITLE = "EDIFACT"

_NUMBER = re.compile(r"-?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_LONGEST_NUMBER = 25  # Well inside of what is computed exactly.
_LONGEST_WORDS = 1_000
# Far above any document, and low enough that what one line looks up is soon found.
_MOST_LINES = 10_000
_LONGEST_LINE = 1_000
LONGEST_HEADER = 500
"""How many lines a document has at most, and how many segments a line and a header have."""
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")

_DAYS = {"101": "%y%m%d", "102": "%Y%m%d", "201": "%y%m%d", "203": "%Y%m%d", "204": "%Y%m%d"}
_LENGTHS = {6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}
"""The formats of dates (2379) and how each begins; a date without one has it by its length."""

_PRICES = ("AAA", "CAL", "INV", "AAB")
"""Kinds of prices (5125): net, calculation, invoice, gross; the first that is given counts."""

OTHER_CURRENCIES = frozenset({"3", "5", "7", "11", "13", "14", "15", "18"})
"""The currencies (6343) in which an amount is only said once more: of somebody's home or account,
of the target, of the payment or the tax."""

SHIP_BY = ("11", "79")
DELIVERY = ("67", "17", "69", "75", "76", "191")
"""Dates (2005) that promise: despatched, shipment promised; delivery in the current schedule,
estimated, promised before, promised for, scheduled, expected. Those of a wish (2, 10) do not."""


class Sections(msgspec.Struct, frozen=True):
    """The parts of a message: what stands before the lines, the lines, what stands behind them."""

    header: tuple[Segment, ...]
    lines: tuple[tuple[Segment, ...], ...]
    summary: tuple[Segment, ...]


def sections(message: Message) -> Sections:
    """A message cut at each LIN, and at the UNS or CNT behind the last."""
    segments = message.segments
    starts = [place for place, segment in enumerate(segments) if segment.tag == "LIN"]
    first = starts[0] if starts else len(segments)
    end = next(
        (
            place
            for place, segment in enumerate(segments)
            if segment.tag == "CNT" or (segment.tag == "UNS" and segment.at(0) == "S")
        ),
        len(segments),
    )
    if end < max(starts, default=0):
        message_ = "A line stands behind the end of the lines."
        raise MalformedError(message_)
    parts = Sections(
        header=segments[: min(first, end)],
        lines=tuple(
            segments[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=False)
        ),
        summary=segments[end:],
    )
    longest = max((len(line) for line in parts.lines), default=0)
    # Boxes are measured by themselves.
    header = next((at for at, it in enumerate(segments) if it.tag == "CPS"), len(parts.header))
    if len(starts) > _MOST_LINES or longest > _LONGEST_LINE or header > LONGEST_HEADER:
        message_ = "It has more lines, or longer ones or a longer header, than any real document."
        raise MalformedError(message_)
    return parts


def tagged(segments: Iterable[Segment], tag: str, *qualifiers: str) -> tuple[Segment, ...]:
    """The segments of a tag, where given only those that begin with one of some qualifiers."""
    return tuple(
        segment
        for segment in segments
        if segment.tag == tag and (not qualifiers or segment.at(0) in qualifiers)
    )


def document_of(message: Message, header: Sequence[Segment]) -> Document:
    """The document that a message is: its number, and the supplier that it names."""
    (beginning, *_) = tagged(header, "BGM") or (Segment("BGM", ()),)
    if not beginning.at(1):
        text = "Its BGM gives the document no number."
        raise MalformedError(text)
    parties = tagged(header, "NAD", "SU") + tagged(header, "NAD", "SE")
    names = (_party(party) for party in parties)
    supplier = next((name for name in names if name), "")
    return Document(
        sender=f"{supplier} ({TITLE})" if supplier else TITLE,
        number=beginning.at(1),
        supplier=supplier,
        said_at=message.prepared_at,
    )


def _party(party: Segment) -> str:
    """The name in a NAD: structured (C080), else the first line of name and address (C058)."""
    structured = " ".join(filter(None, (party.at(3, part) for part in range(5))))
    return structured or party.at(2)


def refuse_copy(beginning: Segment) -> None:
    """Refuse what repeats a message that was sent before (1225).

    Raises:
        UnsupportedError: It is a duplicate or a copy.
    """
    names = {"7": "a duplicate of", "31": "a copy of"}
    if beginning.at(2) in names:
        text = f"It is {names[beginning.at(2)]} what was sent before, so it says nothing new."
        raise UnsupportedError("unsupported_kind", text)


def number_of(text: str, decimal: str) -> Decimal:
    """A number; `decimal` is the mark that it must use, either if empty. There are no thousands.

    Raises:
        MalformedError: It is no such number.
    """
    fits = len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text)
    if not fits or (decimal and {".", ","} - {decimal} & set(text)):
        message = f"{text[:_LONGEST_NUMBER] or 'Nothing'} stands where a number should."
        raise MalformedError(message)
    return Decimal(text.replace(",", "."))


def quantity(segments: Iterable[Segment], decimal: str, *qualifiers: str) -> Decimal | None:
    """The first quantity of some kinds (6063), in the order of the kinds."""
    found = _counted(segments, qualifiers)
    return None if found is None else number_of(found.at(0, 1), decimal)


def unit(segments: Iterable[Segment], *qualifiers: str) -> str:
    """The unit (6411) of the quantity that `quantity` finds; empty where it is pieces."""
    found = _counted(segments, qualifiers)
    return "" if found is None else unit_of(found.at(0, 2))


def _counted(segments: Iterable[Segment], qualifiers: Iterable[str]) -> Segment | None:
    given = tagged(segments, "QTY")
    found = (it for qualifier in qualifiers for it in tagged(given, "QTY", qualifier))
    return next(found, None)


def day_of(segments: Iterable[Segment], *qualifiers: str) -> date | None:
    """The first date of some kinds (2005), in the order of the kinds, that is one day.

    Raises:
        MalformedError: It has a format that is known, and is no date in it.
    """
    given = tagged(segments, "DTM")
    for qualifier in qualifiers:
        for segment in tagged(given, "DTM", qualifier):
            found = _day(segment)
            if found is not None:
                return found
    return None


def _day(segment: Segment) -> date | None:
    text = segment.at(0, 1)
    form = segment.at(0, 2) or _LENGTHS.get(len(text), "")
    if form not in _DAYS:
        return None  # A week, a month or a period is no day; `spans` has its words.
    pattern = _DAYS[form]
    try:
        if _LENGTHS.get(len(text)) != form or not (text.isascii() and text.isdigit()):
            raise ValueError(text)  # noqa: TRY301  # what strptime would let pass
        start = text[: len("YYYYMMDD" if "%Y" in pattern else "YYMMDD")]
        return datetime.strptime(start, pattern).date()  # noqa: DTZ007  # the day is as written
    except ValueError:
        message = f"{text[:_LONGEST_NUMBER] or 'Nothing'} stands where a date should."
        raise MalformedError(message) from None


def spans(segments: Iterable[Segment], *qualifiers: str) -> str:
    """Words for the dates of some kinds that are weeks, months or periods."""
    return ". ".join(
        f"Date {segment.at(0)} is {segment.at(0, 1)} in format {segment.at(0, 2)}"
        for segment in tagged(segments, "DTM", *qualifiers)
        if segment.at(0, 2) and segment.at(0, 2) not in _DAYS
    )


def unit_price(segments: Iterable[Segment], decimal: str) -> Decimal | None:
    """The price of one piece: the price by the quantity that it is for (5284).

    Raises:
        MalformedError: Either is no number, or the price is for nothing.
    """
    given = tagged(segments, "PRI")
    for kind in _PRICES:
        for segment in tagged(given, "PRI", kind):
            basis = number_of(segment.at(0, 4) or "1", decimal)
            if basis <= 0:
                message = f"A price is for {basis} pieces."
                raise MalformedError(message)
            return number_of(segment.at(0, 1), decimal) / basis
    return None


def currency_of(segments: Iterable[Segment]) -> str:
    """The currency of a message's amounts (ISO 4217).

    It is the reference currency of the CUX (6347), else another of it, else that of an amount.
    """
    stated = tuple(segments)
    pairs = [(it.at(place), it.at(place, 1)) for it in tagged(stated, "CUX") for place in (0, 1)]
    pairs.sort(key=lambda pair: pair[0] != "2")
    amounts = (it for it in tagged(stated, "MOA") if it.at(0, 3) not in OTHER_CURRENCIES)
    pairs += [("", it.at(0, 2)) for it in amounts]
    return next((code for _, code in pairs if _CURRENCY.fullmatch(code)), "")


def origin_of(segments: Iterable[Segment]) -> str:
    """The country of origin in two letters, of the first ALI that gives one."""
    found = (segment.at(0) for segment in tagged(segments, "ALI"))
    return next((code for code in found if _COUNTRY.fullmatch(code)), "")


def words_of(segments: Iterable[Segment], *more: str) -> str:
    """The free texts (FTX) of some segments, and what else there is to say, as one text."""
    texts = [
        " ".join(filter(None, (segment.at(3, part) for part in range(5))))
        for segment in tagged(segments, "FTX")
    ]
    words = ". ".join(text.rstrip(". ") for text in (*texts, *more) if text.strip(". "))
    return words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1]}…"
