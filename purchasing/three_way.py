"""The three-way match: what was ordered, what was shipped and what is billed, side by side."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from purchasing.money import is_usable, written
from purchasing.orders import OrderLine
from purchasing.progress import LineProgress
from purchasing.reckoning import Bill, Billed
from purchasing.updates import Finding


def compare(bill: Bill, it: Billed, progress: LineProgress) -> Finding | None:
    """What is wrong with the bill for one purchase line; None where nothing is known to be.

    The quantity is compared with what was ordered, and with what was shipped once a ship notice has
    said so: before, nothing is known of what was shipped. The price is compared with the order's.
    A credit note bills nothing.
    """
    if bill.is_credit:
        return None
    faults: list[str] = []
    before = _sum(progress.invoiced.values())
    shipped = _sum(progress.shipped.values())
    if it.quantity is not None and it.quantity > 0:
        billed = before + it.quantity
        if it.line.quantity is not None and billed > it.line.quantity:
            faults.append("more than was ordered")
        if progress.shipped and billed > shipped:
            faults.append("more than was shipped")
    if _is_dearer(bill, it):
        faults.append("dearer than ordered")
    if not faults:
        return None
    detail = (
        f"Line {it.line.line_number or it.line.purchase_line} of order {it.order.po_number} is "
        f"billed {' and '.join(faults)}: ordered {_ordered(it.line)}; "
        f"{f'shipped {written(shipped, 0)}' if progress.shipped else 'no ship notice so far'}; "
        f"invoiced {invoiced(it)}"
        f"{f', after {written(before, 0)} before' if progress.invoiced else ''}."
    )
    return Finding("over_billed", detail)


def invoiced(it: Billed) -> str:
    """How many pieces are billed, and at what price each, as far as the document says."""
    quantity = "an unknown quantity" if it.quantity is None else written(it.quantity, 0)
    return f"{quantity}{_at(it.prices)}"


def ordered_price(line: OrderLine) -> Decimal | None:
    """The price by the order; None where it has none, or none that can be reckoned with."""
    price = line.unit_price
    return price if price is not None and is_usable(price) else None


def _is_dearer(bill: Bill, it: Billed) -> bool:
    """Whether it costs more than by the order's price; half a minor unit may be rounding.

    A price that is higher by less than that is dearer all the same. Where the quantity is not
    known, only the prices can be compared.
    """
    ordered = ordered_price(it.line)
    if ordered is None:
        return False
    is_higher = any(price > ordered for price in it.prices)
    if it.quantity is None:
        return is_higher
    excess = it.total - it.quantity * Fraction(ordered) * 10**bill.decimals
    return bool(excess > 0 if is_higher else 2 * excess > 1)


def _sum(quantities: Iterable[Decimal]) -> Fraction:
    return sum(map(Fraction, quantities), Fraction())


def _ordered(line: OrderLine) -> str:
    quantity = "an unknown quantity" if line.quantity is None else f"{line.quantity}"
    price = ordered_price(line)
    return f"{quantity}{_at(() if price is None else (price,))}"


def _at(prices: tuple[Decimal, ...]) -> str:
    return f" at {' and '.join(f'{price:f}' for price in prices)}" if prices else ""
