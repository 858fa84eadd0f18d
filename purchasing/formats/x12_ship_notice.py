"""What X12's 856 says has left, or is planned to leave.

Its hierarchical levels are a tree by the ids of their parents, in any order of shipment, order,
pack and item that BSN05 may name. What a level does not say itself, the levels above it say, and
above all of them what stands before the first one.

Source: 856 of 004010 as SAP Business Network's map reads it, and public samples (read 2026-11). A
date code has no place of its own; the date of manufacture (DTM 094) is the nearest to one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise, Purpose, ShipNotice
from purchasing.errors import MalformedError
from purchasing.formats.readings import held, together
from purchasing.formats.x12 import Transaction
from purchasing.formats.x12_elements import (
    DELIVERY_DATES,
    SHIP_DATES,
    Segments,
    dated,
    document,
    first,
    item,
    loops,
    miscounted,
    notes,
    number,
    pairs,
    reference,
    sentence,
)
from purchasing.formats.x12_goods import MOST_LOTS, carrier, lots, origin, tracking_numbers
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading

PURPOSES = {
    **dict.fromkeys(("", "00", "06", "07", "14", "22"), Purpose.NEW),
    "05": Purpose.REPLACES,
    **dict.fromkeys(("01", "03"), Purpose.CANCELS),
}
"""BSN01 (element 353): original, confirmation, duplicate, advance notification, copy; replace;
cancellation, delete."""

_IS_PLANNED = {"": False, "09": False, "AS": False, "PL": True}
"""BSN06 (element 640), which most leave out."""

_DEEPEST = 16
_MOST_LEVELS = 10_000
_LARGEST_LEVEL = 1_000


class _Level(msgspec.Struct, frozen=True, kw_only=True):
    """A level: its code, its segments, and its place and that of its parent; -1 is the head."""

    code: str
    place: int
    parent: int
    depth: int
    segments: Segments


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A whole document: what stands before the first level, and the levels."""

    document: Document
    purpose: Purpose
    is_planned: bool
    head: Segments
    levels: tuple[_Level, ...]

    def path(self, level: _Level) -> list[Segments]:
        """The segments of a level, of those above it, and of the head, the nearest first."""
        found = [level.segments]
        while level.parent >= 0:
            level = self.levels[level.parent]
            found.append(level.segments)
        return [*found, self.head]


def read_ship_notice(transaction: Transaction, said_at: datetime | None) -> Reading:
    """Read an 856.

    Raises:
        MalformedError: It has no BSN, or its levels are no tree.
    """
    head, parts, rest = loops(transaction.segments, "HL")
    begin = first(head, "BSN")
    if not begin.elements:
        message = "The 856 has no BSN."
        raise MalformedError(message)
    purpose, is_planned = PURPOSES.get(begin.at(1)), _IS_PLANNED.get(begin.at(6))
    if purpose is None or is_planned is None:
        detail = f"BSN01 is {begin.at(1)} and BSN06 is {begin.at(6) or 'empty'}: not known here."
        return held("unknown_status", detail)
    if is_planned and purpose is Purpose.CANCELS:
        detail = f"Planned shipment {begin.at(2)} is withdrawn."
        return held("needs_person", detail)
    if not parts:
        message = "The 856 has no HL."
        raise MalformedError(message)
    notice = _Notice(
        document=document(transaction.segments, begin.at(2), said_at),
        purpose=purpose,
        is_planned=is_planned,
        head=head,
        levels=_tree(parts),
    )
    return _read(notice, miscounted(rest, (len(parts), _items(notice)), "HL segments"))


def _items(notice: _Notice) -> int:
    return sum(level.code == "I" for level in notice.levels)


def _read(notice: _Notice, attention: tuple[Finding, ...]) -> Reading:
    below = _below(notice.levels)
    updates: list[OrderConfirmation | ShipNotice] = []
    faults: list[Finding] = []
    for level in notice.levels:
        try:
            updates.extend(_of_level(notice, level, below))
        except MalformedError as error:
            name = level.segments[0].at(1)
            faults.append(Finding("malformed", f"Level {name} of the 856: {error}"))
    if not updates and not faults:
        message = "The 856 has no level that is a shipment, an order or an item."
        raise MalformedError(message)
    reading = Reading(updates=tuple(updates), held=tuple(faults), attention=attention)
    return together(reading)


def _tree(parts: Sequence[Segments]) -> tuple[_Level, ...]:
    if len(parts) > _MOST_LEVELS or any(len(part) > _LARGEST_LEVEL for part in parts):
        message = (
            f"The 856 has more than {_MOST_LEVELS} levels, or one of {_LARGEST_LEVEL} segments."
        )
        raise MalformedError(message)
    places: dict[str, int] = {}
    shipments = [place for place, part in enumerate(parts) if part[0].at(3) == "S"]
    levels: list[_Level] = []
    for place, part in enumerate(parts):
        name, above = part[0].at(1), part[0].at(2)
        if name in places or (above and above not in places):
            message = f"HL {name or '?'} is there twice, or its parent {above} is not before it."
            raise MalformedError(message)
        # What names no parent belongs to the shipment, if there is only one.
        parent = places[above] if above else -1
        if not above and len(shipments) == 1 and shipments[0] < place:
            parent = shipments[0]
        depth = levels[parent].depth + 1 if parent >= 0 else 0
        if depth > _DEEPEST:
            message = f"The levels of the 856 are more than {_DEEPEST} deep."
            raise MalformedError(message)
        places[name] = place
        levels.append(
            _Level(code=part[0].at(3), place=place, parent=parent, depth=depth, segments=part)
        )
    return tuple(levels)


_Below = dict[int, list[_Level]]


def _below(levels: tuple[_Level, ...]) -> _Below:
    """The levels anywhere below each level, by its place."""
    found: _Below = {level.place: [] for level in levels}
    for level in levels:
        above = level.parent
        while above >= 0:
            found[above].append(level)
            above = levels[above].parent
    return found


def _of_level(
    notice: _Notice, level: _Level, below: _Below
) -> Iterator[OrderConfirmation | ShipNotice]:
    """What a level says of goods: an item itself, and an order or shipment without items below."""
    under = below[level.place]
    codes = {it.code for it in under}
    if level.code == "I":
        # Where the levels below share out the item's quantity, each of them is a part of it.
        shares = [it for it in under if it.code != "I" and first(it.segments, "SN1").elements]
        for part in shares or [level]:
            yield _of_item(notice, level, part, [] if shares else under)
    elif (level.code == "O" and "I" not in codes) or (level.code == "S" and not codes & {"O", "I"}):
        path = notice.path(level)
        named = Item(po_number=_order(path), supplier_reference=_nearest(path, "VN"))
        yield _said(notice, named, path, [it.segments for it in under])


def _of_item(
    notice: _Notice, level: _Level, part: _Level, under: Sequence[_Level]
) -> OrderConfirmation | ShipNotice:
    path = notice.path(level)
    line = first(level.segments, "LIN")
    names = pairs(line, 2)
    sent = first(level.segments, "SN1")
    named = item(
        names,
        po_number=names.get("PO") or _order(path),
        supplier_reference=_nearest(path, "VN"),
        line=names.get("PL", ""),
        counter=sent.at(1) or line.at(1),
    )
    if named.is_whole_order:
        message = "The item names no line and no part."
        raise MalformedError(message)
    return _said(notice, named, notice.path(part), [it.segments for it in under])


def _order(path: list[Segments]) -> str:
    """The purchase order of the nearest level that names one."""
    return next(
        (name for it in path if (name := first(it, "PRF").at(1) or reference(it, "PO"))), ""
    )


def _nearest(path: list[Segments], qualifier: str) -> str:
    return next((name for it in path if (name := reference(it, qualifier))), "")


def _nearest_date(path: list[Segments], qualifiers: Sequence[str]) -> date | None:
    return next((found for it in path if (found := dated(it, qualifiers))), None)


def _said(
    notice: _Notice, named: Item, path: list[Segments], under: list[Segments]
) -> OrderConfirmation | ShipNotice:
    """The statement about some goods, by the levels above and below them."""
    sent = first(path[0], "SN1")
    quantity, unit = number(sent.at(2), "SN102"), unit_of(sent.at(3))
    if notice.is_planned:
        return OrderConfirmation(
            document=notice.document,
            item=named,
            promise=Promise.PLANNED,
            quantity=quantity,
            unit=unit,
            expected_ship_by=_nearest_date(path, (*SHIP_DATES, "011")),
            estimated_delivery=_nearest_date(path, DELIVERY_DATES),
            words=sentence(*notes(path[0])),
        )
    shipper, service = carrier([*path[:1], *under, *path[1:]])
    update = ShipNotice(
        document=notice.document,
        item=named,
        purpose=notice.purpose,
        quantity=quantity,
        unit=unit,
        tracking_numbers=tracking_numbers(path, under),
        carrier=shipper,
        service=service,
        shipped_on=_nearest_date(path, ("011",)),
        estimated_delivery=_nearest_date(path, DELIVERY_DATES),
    )
    return _with_product(update, path, under)


def _with_product(update: ShipNotice, path: list[Segments], under: list[Segments]) -> ShipNotice:
    """The notice with what the levels of the product say of its lot, date and origin."""
    own = [it for it in path if first(it, "LIN").elements] or path[:1]
    batches, (coo, elsewhere) = lots(own), origin([*own, *under])
    expires = first(path[0], "DTM", "036").at(2)
    return msgspec.structs.replace(
        update,
        coo=coo,
        date_code=next((text for it in own if (text := first(it, "DTM", "094").at(2))), ""),
        mfg_lot=next(iter(batches), ""),
        words=sentence(
            f"Further lots: {', '.join(batches[1:MOST_LOTS])}" if batches[1:] else "",
            f"Origin {elsewhere}" if elsewhere else "",
            f"Expires {expires}" if expires else "",
            *notes(path[0]),
        ),
    )
