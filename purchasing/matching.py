"""Which purchase lines a statement speaks of, or why that is not known."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.orders import (
    Lookup,
    Order,
    OrderLine,
    bears,
    by_line,
    by_po_number,
    by_reference,
    by_tracking_number,
    comparable,
    same_line_number,
)
from purchasing.updates import DirectEvent, Finding, TrackingUpdate, Update


class References(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement says about which goods it means; matched in the order of the fields."""

    purchase_lines: tuple[UUID, ...] = ()
    po_number: str | None = None
    supplier_reference: str | None = None
    line_numbers: tuple[str, ...] = ()
    part_number: str | None = None
    tracking_number: str | None = None
    org_id: str | None = None


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


class Found(msgspec.Struct, frozen=True):
    """What the order book answered: orders by each reference that was looked up."""

    orders: Mapping[Lookup, tuple[Order, ...]]

    def by(self, lookup: Lookup) -> tuple[Order, ...]:
        """The orders that a reference leads to."""
        return self.orders.get(lookup, ())


def references_of(update: Update) -> References:
    """The references that a statement carries."""
    match update:
        case TrackingUpdate():
            return References(tracking_number=update.tracking_number)
        case DirectEvent():
            return References(
                purchase_lines=update.purchase_lines,
                po_number=update.po_number,
                line_numbers=update.line_numbers,
                part_number=update.part_number,
                tracking_number=update.tracking_number,
                org_id=update.org_id,
            )


def lookups_for(references: References) -> tuple[Lookup, ...]:
    """What has to be looked up in the order book before a statement can be matched."""
    lookups = [by_line(line) for line in references.purchase_lines]
    if references.po_number is not None:
        lookups.append(by_po_number(references.po_number))
    if references.supplier_reference is not None:
        lookups.append(by_reference(references.supplier_reference))
    if references.tracking_number is not None:
        lookups.append(by_tracking_number(references.tracking_number))
    return tuple(lookups)


def match(
    references: References, found: Found, source: SourceSettings
) -> tuple[Goods, ...] | Finding:
    """The goods that the references mean, one `Goods` for each order; or the reason to hold."""
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
    if references.po_number is not None:
        orders = _of_org(found.by(by_po_number(references.po_number)), org_id)
        return _in_order(orders, references, f"purchase order {references.po_number}")
    if references.supplier_reference is not None:
        orders = _of_org(found.by(by_reference(references.supplier_reference)), org_id)
        return _in_order(orders, references, f"supplier's order {references.supplier_reference}")
    return _by_tracking_number(references.tracking_number or "", found, org_id)


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
    if not orders:
        return Finding("unmatched", f"No {name} is in the order book.")
    if len(orders) > 1:
        places = ", ".join(_named(order) for order in orders)
        return Finding("unmatched", f"More than one order is {name}: {places}.")
    (order,) = orders
    lines = _lines(order, references)
    if isinstance(lines, Finding):
        return lines
    if not lines:
        return Finding("unmatched", f"Order {order.po_number} has no lines in the order book.")
    return (Goods(order=order, purchase_lines=tuple(line.purchase_line for line in lines)),)


def _lines(order: Order, references: References) -> tuple[OrderLine, ...] | Finding:
    if references.line_numbers:
        return _by_line_numbers(order, references)
    if references.part_number is not None:
        return _by_part(order, references.part_number)
    if references.tracking_number is not None:
        bearing = _bearing(order, references.tracking_number)
        if bearing:
            return bearing
    return order.lines


def _by_line_numbers(order: Order, references: References) -> tuple[OrderLine, ...] | Finding:
    chosen: list[OrderLine] = []
    for number in references.line_numbers:
        lines = [line for line in order.lines if same_line_number(line.line_number, number)]
        if len(lines) != 1:
            known = ", ".join(line.line_number or "?" for line in order.lines)
            return Finding(
                "unmatched",
                f"Order {order.po_number} has {'no' if not lines else 'more than one'} line "
                f"{number}; its lines are {known or 'not known'}.",
            )
        chosen += [line for line in lines if line not in chosen]
    part = references.part_number
    if part is not None and not all(_is_part(line, part) for line in chosen):
        return Finding(
            "conflict",
            f"Line {', '.join(references.line_numbers)} of order {order.po_number} "
            f"is not part {part}.",
        )
    return tuple(chosen)


def _by_part(order: Order, part: str) -> tuple[OrderLine, ...] | Finding:
    wanted = comparable(part)
    for name in ("part_number", "manufacturer_part_number", "supplier_part_number"):
        lines = [line for line in order.lines if comparable(getattr(line, name) or "") == wanted]
        if len(lines) == 1:
            return tuple(lines)
        if lines:
            return Finding(
                "unmatched", f"Part {part} is on more than one line of order {order.po_number}."
            )
    return Finding("unmatched", f"Order {order.po_number} has no line with part {part}.")


def _is_part(line: OrderLine, part: str) -> bool:
    return comparable(part) in {
        comparable(name)
        for name in (line.part_number, line.manufacturer_part_number, line.supplier_part_number)
        if name
    }


def _by_tracking_number(
    number: str, found: Found, org_id: str | None
) -> tuple[Goods, ...] | Finding:
    orders = _of_org(found.by(by_tracking_number(number)), org_id)
    goods = tuple(
        Goods(order=order, purchase_lines=tuple(line.purchase_line for line in lines))
        for order in orders
        if (lines := _bearing(order, number))
    )
    if not goods:
        return Finding("unmatched", f"No purchase line is known for tracking number {number}.")
    return goods


def _bearing(order: Order, number: str) -> tuple[OrderLine, ...]:
    return tuple(line for line in order.lines if bears(line, number))


def _of_org(orders: tuple[Order, ...], org_id: str | None) -> tuple[Order, ...]:
    """The orders that an organisation can mean; one that names none belongs to whoever asks."""
    if org_id is None:
        return orders
    own = tuple(order for order in orders if order.org_id == org_id)
    return own or tuple(order for order in orders if order.org_id is None)


def _named(order: Order) -> str:
    return f"{order.po_number} of {order.org_id or 'the default organisation'}"
