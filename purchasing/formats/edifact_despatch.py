"""DESADV: goods that have left the supplier, or are about to, line by line and lot by lot.

Source of the codes: UN/EDIFACT directory D.21A (1001, 1153, 1225, 2005, 6063, 7405), as in
nerdocs/pydifact commit fd11763 `pydifact/syntax/d21a/data/codes.xml` (read 2026-11).

Quirks that this module knows:
- RFF+BN is a consignment of the carrier, GIN+BN the serial number of a piece, GIN+BX a lot.
- RFF+BM and RFF+AAS are transport documents, and an SSCC (GIN+BJ, GIN+AW) is a box: no such number
  is one to follow a parcel by.
- A line is often packed into several boxes, and then given once for each of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise, Purpose, ShipNotice
from purchasing.errors import MalformedError
from purchasing.formats.edifact import Message
from purchasing.formats.edifact_boxes import packed
from purchasing.formats.edifact_items import References, item_of, lots_of, references_of
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import (
    DELIVERY,
    SHIP_BY,
    day_of,
    document_of,
    origin_of,
    quantity,
    refuse_copy,
    sections,
    spans,
    tagged,
    unit,
    words_of,
)
from purchasing.formats.readings import together
from purchasing.updates import Finding, Reading

_DESPATCHED = "351"
_READY = "345"

_PURPOSES = {
    "": Purpose.NEW,
    "9": Purpose.NEW,
    "4": Purpose.REPLACES,
    "5": Purpose.REPLACES,
    "1": Purpose.CANCELS,
    "3": Purpose.CANCELS,
}
_LONGEST_CODE = 3
"""What the notice is to an earlier one (1225, of at most three characters)."""

_DELIVERY = (*DELIVERY, "132")
_TRACKING = ("CN", "BN")
_SENT = ("12", "46", "113")
_IN_BOX = ("12", "11")
"""Dates, references and quantities that tell when, under which number and how much was sent."""


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole notice says, for its lines."""

    document: Document
    purpose: Purpose | None
    references: References
    header: tuple[Segment, ...]
    decimal: str


class _Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one line and one lot; `segments` are those that describe them."""

    segments: tuple[Segment, ...]
    quantity: Decimal | None
    unit: str
    numbers: tuple[str, ...]


def read_advice(message: Message) -> Reading:
    """The ship notices of a DESADV; a line that cannot be read is held by itself.

    Raises:
        MalformedError: The message as a whole cannot be read.
        UnsupportedError: It is of a kind that causes nothing.
    """
    parts = sections(message)
    (beginning, *_) = tagged(parts.header, "BGM") or (Segment("BGM", ()),)
    refuse_copy(beginning)
    held = _judge(beginning)
    if held is not None:
        return Reading(held=(held,))
    first_box = next((at for at, it in enumerate(parts.header) if it.tag == "CPS"), None)
    notice = _Notice(
        document=document_of(message, parts.header),
        purpose=_PURPOSES[_function(beginning)] if beginning.at(0) == _DESPATCHED else None,
        references=references_of(parts.header),
        # What is said of one box is not said of the next.
        header=parts.header[:first_box] if parts.lines else parts.header,
        decimal=message.decimal,
    )
    if not parts.lines:
        return Reading(updates=_whole_orders(notice))
    return _line_by_line(message, notice)


def _line_by_line(message: Message, notice: _Notice) -> Reading:
    said: list[ShipNotice | OrderConfirmation] = []
    findings: list[Finding] = []
    for line, around in packed(message.segments):
        try:
            said += tuple(_line(line, around, notice))
        except MalformedError as error:
            where = f"Line {line[0].at(0) or '?'} of {notice.document.number}"
            findings.append(Finding("malformed", f"{where}: {error}"))
    return together(Reading(updates=tuple(said), held=tuple(findings)))


def _function(beginning: Segment) -> str:
    """The function (1225); what is too long for a code is none."""
    given = beginning.at(2)
    return given if len(given) <= _LONGEST_CODE else ""


def _judge(beginning: Segment) -> Finding | None:
    """Why the whole notice is held; None if it is not."""
    name, function = beginning.at(0), _function(beginning)
    if name not in (_DESPATCHED, _READY):
        return Finding("unknown_status", f"{name or 'Nothing'} is no known kind of ship notice.")
    if function not in _PURPOSES:
        return Finding("unknown_status", f"Its function is {function}, which is not known.")
    if name == _READY and _PURPOSES[function] is Purpose.CANCELS:
        return Finding("needs_person", "It takes back that goods were ready.")
    return None


def _whole_orders(notice: _Notice) -> tuple[ShipNotice | OrderConfirmation, ...]:
    """A notice without lines means all of its orders."""
    orders, suppliers = notice.references.orders, notice.references.suppliers
    items = [Item(po_number=order) for order in orders]
    items = items or [Item(supplier_reference=order) for order in suppliers]
    if not items:
        text = "It names neither lines nor an order."
        raise MalformedError(text)
    lot = _Lot(segments=(), quantity=None, unit="", numbers=_numbers(notice.header))
    return tuple(_statement(item, lot, notice, notice.header) for item in items)


def _line(
    line: tuple[Segment, ...], around: tuple[Segment, ...], notice: _Notice
) -> Iterator[ShipNotice | OrderConfirmation]:
    item = item_of(line, notice.references)
    outside = (*around, *notice.header)
    for lot in _lots(line, outside, notice):
        yield _statement(item, lot, notice, outside)


def _lots(
    line: tuple[Segment, ...], outside: tuple[Segment, ...], notice: _Notice
) -> tuple[_Lot, ...]:
    """A line by its lots, where each is given with its quantity; else the line as one."""
    starts = [place for place, segment in enumerate(line) if segment.tag == "PCI"]
    plain = line[: starts[0]] if starts else line
    total, measured = quantity(line, notice.decimal, *_SENT), unit(line, *_SENT)
    numbers = _numbers(line) or _numbers(outside)
    ends = [*starts[1:], len(line)]
    boxes = [line[start:end] for start, end in zip(starts, ends, strict=False)]
    amounts = [quantity(box, notice.decimal, *_IN_BOX) for box in boxes]
    units = [unit(box, *_IN_BOX) for box in boxes]
    if len({_lot_names(box) for box in boxes}) < 2 or None in amounts:  # noqa: PLR2004  # lots
        return (_Lot(segments=line, quantity=total, unit=measured, numbers=numbers),)
    given = quantity(plain, notice.decimal, *_SENT)
    is_of_one_unit = {*units, unit(plain, *_SENT)} == {units[0]}
    if given is not None and is_of_one_unit and given != sum(filter(None, amounts)):
        text = f"its lots do not add up to the {given} pieces that it has."
        raise MalformedError(text)
    return tuple(
        _Lot(
            segments=(*box, *plain),
            quantity=amount,
            unit=of_amount,
            numbers=_numbers(box) or numbers,
        )
        for box, amount, of_amount in zip(boxes, amounts, units, strict=True)
    )


def _lot_names(segments: Sequence[Segment]) -> tuple[str, ...]:
    """The lots that segments name, each once."""
    found = [segment.at(0, 1) for segment in tagged(segments, "RFF", "BT")]
    for segment in tagged(segments, "GIN", "BX"):
        found += [segment.at(place, part) for place in range(1, 6) for part in (0, 1)]
    return tuple(dict.fromkeys(name for name in found if name))


def _numbers(segments: Sequence[Segment]) -> tuple[str, ...]:
    """The numbers to follow the parcels by, the carrier's references before consignments."""
    found = (segment.at(0, 1) for kind in _TRACKING for segment in tagged(segments, "RFF", kind))
    return tuple(dict.fromkeys(number for number in found if number))


def _statement(
    item: Item, lot: _Lot, notice: _Notice, outside: Sequence[Segment]
) -> ShipNotice | OrderConfirmation:
    shipped = _day(lot.segments, outside, *SHIP_BY)
    delivery = _day(lot.segments, outside, *_DELIVERY)
    described = (*lot.segments, *outside)
    words = words_of(lot.segments, spans(described, *SHIP_BY, *_DELIVERY), _papers(described))
    if notice.purpose is None:
        return OrderConfirmation(
            document=notice.document,
            item=item,
            promise=Promise.PLANNED,
            quantity=lot.quantity,
            unit=lot.unit,
            expected_ship_by=shipped,
            estimated_delivery=delivery,
            words=words,
        )
    carrier, service = _carrier(outside)
    own = lots_of(lot.segments) if lot.segments and lot.segments[0].tag == "LIN" else ()
    return ShipNotice(
        document=notice.document,
        item=item,
        purpose=notice.purpose,
        quantity=lot.quantity,
        unit=lot.unit,
        tracking_numbers=lot.numbers,
        carrier=carrier,
        service=service,
        shipped_on=shipped,
        estimated_delivery=delivery,
        coo=origin_of(lot.segments),
        date_code=_made(lot.segments),
        mfg_lot=", ".join(dict.fromkeys((*_lot_names(lot.segments), *own))),
        words=words,
    )


def _day(inside: Sequence[Segment], outside: Sequence[Segment], *kinds: str) -> date | None:
    return day_of(inside, *kinds) or day_of(outside, *kinds)


def _carrier(outside: Sequence[Segment]) -> tuple[str, str]:
    """Who carries the goods on the main leg (TDT+20), by name or by code, and how."""
    for segment in tagged(outside, "TDT", "20"):
        return segment.at(4, 3) or segment.at(4), segment.at(3, 1)
    return "", ""


def _made(segments: Sequence[Segment]) -> str:
    """When the goods were made (DTM+94), as written: EDIFACT's nearest to a date code."""
    return next((segment.at(0, 1) for segment in tagged(segments, "DTM", "94")), "")


def _papers(segments: Sequence[Segment]) -> str:
    """Words for what has no place of its own: the transport document, the day of expiry."""
    names = {"AAS": "Transport document", "BM": "Bill of lading"}
    said = [f"{names[it.at(0)]} {it.at(0, 1)}" for it in tagged(segments, "RFF", *names)]
    expires = day_of(segments, "36")
    said += [f"Expires {expires.isoformat()}"] if expires else []
    return ". ".join(dict.fromkeys(said))
