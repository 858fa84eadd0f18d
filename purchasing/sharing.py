"""What an invoice states for the whole of it, given to its lines or to the orders' NoPart lines."""

from fractions import Fraction

import msgspec

from purchasing.errors import HeldError
from purchasing.money import Portion, allocate, written
from purchasing.orders import Charge, NoPartLine, Order
from purchasing.reckoning import AMOUNTS, Bill, Billed


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice adds to one NoPart line of an order, in minor units."""

    order: Order
    line: NoPartLine
    units: int


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of an invoice goes: its lines, and the NoPart lines it adds to."""

    lines: tuple[Billed, ...]
    added: tuple[Added, ...] = ()


def share(bill: Bill) -> Shares:
    """Give everything of the header to lines or NoPart lines, so that nothing is left of it.

    Raises:
        HeldError: The lines come to nothing or less, so that there is no proportion to share in.
    """
    lines = bill.lines
    if discount := bill.header["discount"]:
        parts = _in_proportion(bill, "discount", discount)
        lines = tuple(
            msgspec.structs.replace(it, total=it.total - part)
            for it, part in zip(lines, parts, strict=True)
        )
    shares = Shares(lines=lines)
    for kind, name in AMOUNTS.items():
        if units := bill.header[name]:
            shares = _with_charge(bill, shares, kind, units)
    return shares


def _with_charge(bill: Bill, shares: Shares, kind: Charge, units: int) -> Shares:
    """A charge goes to the NoPart line of each order that has one for it, else to its lines."""
    orders = bill.orders
    homes = {order.purchase_order: _home(order, kind) for order in orders}
    if len(orders) == 1 and (home := homes[orders[0].purchase_order]):
        # All of it belongs there, so that no proportion is needed.
        whole = Added(order=orders[0], line=home, units=units)
        return msgspec.structs.replace(shares, added=(*shares.added, whole))
    parts = _in_proportion(bill, AMOUNTS[kind], units)
    lines = tuple(
        it if homes[it.order.purchase_order] else _charged(it, kind, part)
        for it, part in zip(shares.lines, parts, strict=True)
    )
    sums = dict.fromkeys(homes, 0)
    for it, part in zip(shares.lines, parts, strict=True):
        sums[it.order.purchase_order] += part
    added = tuple(
        Added(order=order, line=home, units=sums[order.purchase_order])
        for order in orders
        if (home := homes[order.purchase_order]) and sums[order.purchase_order]
    )
    return Shares(lines=lines, added=(*shares.added, *added))


def _home(order: Order, kind: Charge) -> NoPartLine | None:
    """The NoPart line for a charge, if there is exactly one."""
    lines = [line for line in order.no_part_lines if line.charge is kind]
    return lines[0] if len(lines) == 1 else None


def _charged(it: Billed, kind: Charge, units: int) -> Billed:
    charges = it.charges | {kind: it.charges[kind] + units}
    return msgspec.structs.replace(it, charges=charges)


def _in_proportion(bill: Bill, name: str, units: int) -> tuple[int, ...]:
    """The share of each line, in proportion to what its goods cost before anything is shared."""
    sign = -1 if bill.is_credit else 1
    weights = [
        Portion(
            size=Fraction(sign * it.total),
            line_number=it.line.line_number,
            purchase_line=it.line.purchase_line,
        )
        for it in bill.lines
    ]
    parts = allocate(units, weights)
    if parts is None:
        lines = written(sum(it.total for it in bill.lines), bill.decimals)
        detail = (
            f"The {name} of {written(units, bill.decimals)} for the whole invoice cannot be shared "
            f"out in proportion, because its lines come to {lines}."
        )
        raise HeldError("does_not_add_up", detail)
    return parts
