"""Which purchase lines a statement speaks of, or why that is not known."""

from collections.abc import Iterator, Mapping
from typing import assert_never
from uuid import UUID

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.documents import Invoice, Item, OrderConfirmation, ShipNotice
from purchasing.line_matching import PART_KINDS, References, bearing, lines_meant
from purchasing.orders import (
    Lookup,
    Order,
    OrderLine,
    by_line,
    by_po_number,
    by_reference,
    by_tracking_number,
    comparable,
)
from purchasing.updates import DirectEvent, Finding, TrackingUpdate, Update


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """Purchase lines of one order; the order is None where a line's UUID is all that is known."""

    order: Order | None
    purchase_lines: tuple[UUID, ...]

    @property
    def lane(self) -> str:
        """The key under which commands about these goods keep their order."""
        if self.order is not None:
            return str(self.order.purchase_order)
        return str(min(self.purchase_lines))

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """The purchase lines as the order book has them."""
        lines = self.order.lines if self.order else ()
        return tuple(line for line in lines if line.purchase_line in self.purchase_lines)

    def named(self, line: OrderLine) -> str:
        """One of the lines in words, for people."""
        order = f" of order {self.order.po_number}" if self.order else ""
        return f"Line {line.line_number or line.purchase_line}{order}"


class Found(msgspec.Struct, frozen=True):
    """What the order book answered: orders by each reference that was looked up."""

    orders: Mapping[Lookup, tuple[Order, ...]]

    def by(self, lookup: Lookup) -> tuple[Order, ...]:
        """The orders that a reference leads to."""
        return self.orders.get(lookup, ())


def references_of(update: Update) -> tuple[References, ...]:
    """The references that a statement carries: one of each line of an invoice, else one."""
    match update:
        case TrackingUpdate():
            return (References(tracking_number=update.tracking_number),)
        case DirectEvent():
            return (
                References(
                    purchase_lines=update.purchase_lines,
                    po_number=update.po_number,
                    line_numbers=update.line_numbers,
                    part_numbers=(update.part_number,) if update.part_number else (),
                    tracking_number=update.tracking_number,
                    org_id=update.org_id,
                ),
            )
        case OrderConfirmation():
            return tuple(_of_item(item) for item in (update.item, *update.others))
        case ShipNotice():
            return (_of_item(update.item, *update.tracking_numbers[:1]),)
        case Invoice():
            return tuple(_of_item(line.item) for line in update.lines)
        case _:
            assert_never(update)


def _of_item(item: Item, tracking_number: str | None = None) -> References:
    return References(
        po_number=item.po_number or None,
        supplier_reference=item.supplier_reference or None,
        line_numbers=(item.line_number,) if item.line_number else (),
        part_numbers=item.part_numbers,
        part_kinds=tuple(kind for kind in PART_KINDS if getattr(item, kind)),
        is_own_counter=item.is_own_counter,
        is_whole_order=item.is_whole_order,
        # It finds an order only where the document names none.
        tracking_number=None if item.po_number else tracking_number,
    )


def lookups_for(references: References) -> tuple[Lookup, ...]:
    """What has to be looked up in the order book before references can be matched."""
    lookups = [by_line(line) for line in references.purchase_lines]
    if references.po_number is not None:
        lookups.append(by_po_number(references.po_number))
    if references.supplier_reference is not None:
        lookups.append(by_reference(references.supplier_reference))
    if references.tracking_number is not None:
        lookups.append(by_tracking_number(references.tracking_number))
    return tuple(lookups)


def lookups_of_update(update: Update) -> tuple[Lookup, ...]:
    """What has to be looked up before a statement can be matched, each once."""
    lookups = (it for references in references_of(update) for it in lookups_for(references))
    return tuple(dict.fromkeys(lookups))


def match(update: Update, found: Found, source: SourceSettings) -> tuple[Goods, ...] | Finding:
    """The goods that a statement means, or the reason to hold it.

    They are one `Goods` for each order, but of an invoice one for each of its lines. A line of an
    invoice that finds nothing holds the whole of it.
    """
    references = references_of(update)
    match update:
        case Invoice():
            return _each(references, found, source)
        case OrderConfirmation(is_rest=True):
            return _rest(references[0], references[1:], found, source)
        case _:
            return match_references(references[0], found, source)


def _each(
    references: tuple[References, ...], found: Found, source: SourceSettings
) -> tuple[Goods, ...] | Finding:
    goods: list[Goods] = []
    for number, line in enumerate(references, start=1):
        its = match_references(line, found, source)
        if isinstance(its, Finding):
            return Finding(its.reason, f"Line {number} of the invoice: {its.detail}")
        if sum(len(part.purchase_lines) for part in its) != 1:
            return Finding(
                "unmatched",
                f"Line {number} of the invoice names neither a line nor a part of its order, "
                "which has more than one.",
            )
        goods += its
    return tuple(goods)


def _rest(
    order: References, others: tuple[References, ...], found: Found, source: SourceSettings
) -> tuple[Goods, ...] | Finding:
    """All lines of an order but those that the document names by themselves."""
    whole = match_references(order, found, source)
    if isinstance(whole, Finding):
        return whole
    named: set[UUID] = set()
    for references in others:
        its = match_references(references, found, source)
        if isinstance(its, Finding):
            # Which lines are left is not known as long as one that is named is not found.
            return its
        named.update(line for part in its for line in part.purchase_lines)
    return tuple(
        msgspec.structs.replace(part, purchase_lines=rest)
        for part in whole
        if (rest := tuple(line for line in part.purchase_lines if line not in named))
    )


def match_references(
    references: References, found: Found, source: SourceSettings
) -> tuple[Goods, ...] | Finding:
    """The goods that references mean, one `Goods` for each order; or the reason to hold."""
    goods = _match(references, found, references.org_id or source.org_id)
    if isinstance(goods, Finding) or not source.suppliers:
        return goods
    theirs = {comparable(supplier) for supplier in source.suppliers}
    for part in goods:
        if part.order and comparable(part.order.supplier or "") not in theirs:
            return Finding(
                "not_allowed",
                f"Order {part.order.po_number} is with {part.order.supplier or 'no named supplier'}"
                f", and this source speaks only for {', '.join(source.suppliers)}.",
            )
    return goods


def _match(references: References, found: Found, org_id: str | None) -> tuple[Goods, ...] | Finding:
    if references.purchase_lines:
        return _by_lines(references.purchase_lines, found)
    missing: Finding | None = None
    for lookup, name in _orders_named(references):
        orders = _of_org(found.by(lookup), org_id)
        if orders:
            return _in_order(orders, references, name)
        missing = missing or Finding("unmatched", f"No {name} is in the order book.")
    if references.tracking_number is not None:
        by_number = _by_tracking_number(references.tracking_number, references, found, org_id)
        if not isinstance(by_number, Finding) or missing is None:
            return by_number
    return missing or Finding("unmatched", "It names no order and no tracking number.")


def _orders_named(references: References) -> Iterator[tuple[Lookup, str]]:
    """The orders that references name, the buyer's number first, each with words for it."""
    if references.po_number is not None:
        yield by_po_number(references.po_number), f"purchase order {references.po_number}"
    if references.supplier_reference is not None:
        number = references.supplier_reference
        yield by_reference(number), f"supplier's order {number}"


def _by_lines(lines: tuple[UUID, ...], found: Found) -> tuple[Goods, ...]:
    """A UUID is its own match; the order is only there to give the lane and the organisation."""
    orders = {order.purchase_order: order for line in lines for order in found.by(by_line(line))}
    return (
        Goods(
            order=next(iter(orders.values())) if len(orders) == 1 else None, purchase_lines=lines
        ),
    )


def _in_order(
    orders: tuple[Order, ...], references: References, name: str
) -> tuple[Goods, ...] | Finding:
    if len(orders) > 1:
        places = ", ".join(_named(order) for order in orders)
        return Finding("unmatched", f"More than one order is {name}: {places}.")
    (order,) = orders
    lines = lines_meant(order, references)
    if isinstance(lines, Finding):
        return lines
    if not lines:
        return Finding("unmatched", f"Order {order.po_number} has no lines in the order book.")
    return (Goods(order=order, purchase_lines=tuple(line.purchase_line for line in lines)),)


def _by_tracking_number(
    number: str, references: References, found: Found, org_id: str | None
) -> tuple[Goods, ...] | Finding:
    """The lines that travel under a number; a line or a part that is named chooses among them."""
    goods: list[Goods] = []
    missing: Finding | None = None
    for order in _of_org(found.by(by_tracking_number(number)), org_id):
        travelling = msgspec.structs.replace(order, lines=bearing(order, number))
        lines = lines_meant(travelling, references)
        if isinstance(lines, Finding):
            missing = missing or lines
        elif lines:
            of_order = tuple(line.purchase_line for line in lines)
            goods.append(Goods(order=order, purchase_lines=of_order))
    if goods:
        return _unless_ambiguous(tuple(goods), references)
    return missing or Finding(
        "unmatched", f"No purchase line is known for tracking number {number}."
    )


def _unless_ambiguous(
    goods: tuple[Goods, ...], references: References
) -> tuple[Goods, ...] | Finding:
    """Goods of several orders; but a line or a part that several orders have means none."""
    if len(goods) == 1 or not (references.line_numbers or references.part_numbers):
        return goods
    what = ", ".join((*references.line_numbers, *references.part_numbers))
    places = ", ".join(_named(its.order) for its in goods if its.order)
    return Finding("unmatched", f"More than one order has {what} in that parcel: {places}.")


def _of_org(orders: tuple[Order, ...], org_id: str | None) -> tuple[Order, ...]:
    """The orders that an organisation can mean; one that names none belongs to whoever asks."""
    if org_id is None:
        return orders
    own = tuple(order for order in orders if order.org_id == org_id)
    return own or tuple(order for order in orders if order.org_id is None)


def _named(order: Order) -> str:
    return f"{order.po_number} of {order.org_id or 'the default organisation'}"
