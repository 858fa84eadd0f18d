"""An invoice as it is reckoned with: by purchase line, in minor units, and found to add up."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import msgspec

from purchasing.documents import Amounts, Invoice, InvoiceLine
from purchasing.errors import HeldError
from purchasing.matching import Goods
from purchasing.money import (
    MOST_DECIMALS,
    Portion,
    Sums,
    decimals_of,
    fits,
    is_usable,
    round_to,
    units_of,
    written,
)
from purchasing.orders import Charge, Order, OrderLine, rank_of
from purchasing.units import by_piece

AMOUNTS = {
    Charge.TAX: "tax",
    Charge.SHIPPING: "shipping",
    Charge.DUTY: "duties",
    Charge.OTHER: "other",
}
"""What a document calls the money that each kind of charge is."""


class Billed(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice asks for one purchase line, in minor units, in however many lines.

    `total` is for the goods; `charges` are the line's own. `quantity` is None unless every line of
    the invoice has one, and negative for pieces that are credited: where an invoice counts up
    what it takes off, nobody can say whether goods are returned or their price is lowered.
    """

    order: Order
    line: OrderLine
    total: int
    charges: dict[Charge, int]
    quantity: Fraction | None
    prices: tuple[Decimal, ...]
    words: tuple[str, ...]


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A whole invoice or credit note, in minor units of its currency.

    `lines` come in the order of the purchase orders and of their lines. `header` is what no line
    has yet, and `sums` are those of the whole document.
    """

    currency: str
    decimals: int
    is_credit: bool
    sums: Sums
    header: dict[str, int]
    lines: tuple[Billed, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders of the lines, each once."""
        return tuple({it.order.purchase_order: it.order for it in self.lines}.values())

    @property
    def over(self) -> str:
        """The grand total in words."""
        return f"{written(self.sums.total, self.decimals)} {self.currency}".rstrip()

    def in_text(self, units: int | Fraction) -> str:
        """An amount as Cofactr takes it.

        Raises:
            HeldError: Cofactr takes no amount of so many digits.
        """
        if not fits(units, self.decimals):
            detail = "An amount of the invoice has more digits than Cofactr takes."
            raise HeldError("malformed", detail)
        return written(units, self.decimals)


def reckon(update: Invoice, goods: tuple[Goods, ...]) -> Bill:
    """Add up an invoice by purchase line; nothing of the header is shared out yet.

    Raises:
        HeldError: It is not said which lines it bills, its amounts are none, are in the wrong
            currency or do not add up.
    """
    places = _places(update, goods)
    _refuse_unusable(update)
    currency = _currency(update, tuple(order for order, _ in places))
    known = decimals_of(currency)
    decimals = _written_decimals(update) if known is None else known
    _refuse_parts_of_units(update, decimals)
    is_credit = _is_credit(update)
    gathered = _gathered(update, places, decimals)
    header = _in_units(update.amounts, decimals)
    sums = _sums(_units(update.total, decimals), gathered, header)
    if not sums.adds_up:
        detail = f"The invoice does not add up: {sums.in_words(decimals)} {currency}".rstrip()
        raise HeldError("does_not_add_up", f"{detail}.")
    totals = round_to(sums.left_for_lines, [it.portion for it in gathered])
    return Bill(
        currency=currency,
        decimals=decimals,
        is_credit=is_credit,
        sums=sums,
        header=header,
        lines=tuple(
            it.billed(total, is_credit=is_credit)
            for it, total in zip(gathered, totals, strict=True)
        ),
    )


class _Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of an invoice for the same purchase line, together and not rounded yet."""

    order: Order
    line: OrderLine
    lines: tuple[InvoiceLine, ...]
    size: Fraction
    amounts: dict[str, int]

    @property
    def portion(self) -> Portion:
        return Portion(
            size=self.size,
            line_number=self.line.line_number,
            purchase_line=self.line.purchase_line,
        )

    def billed(self, total: int, *, is_credit: bool) -> Billed:
        quantities = [
            # Some formats count the pieces that they credit as positive, and some as negative.
            -abs(Fraction(line.quantity))
            if is_credit and line.total < 0
            else Fraction(line.quantity)
            for line in self.lines
            if line.quantity is not None and (is_credit or line.total >= 0 or line.quantity <= 0)
        ]
        is_known = len(quantities) == len(self.lines)
        prices = (line.unit_price for line in self.lines if line.unit_price is not None)
        return Billed(
            order=self.order,
            line=self.line,
            total=total,
            charges={kind: self.amounts[name] for kind, name in AMOUNTS.items()},
            quantity=sum(quantities, Fraction()) if is_known else None,
            prices=tuple(sorted(set(prices))),
            words=tuple(dict.fromkeys(line.words for line in self.lines if line.words)),
        )


def _places(update: Invoice, goods: tuple[Goods, ...]) -> tuple[tuple[Order, OrderLine], ...]:
    """The purchase line of each line of the invoice."""
    if not update.lines:
        raise HeldError("unmatched", "The invoice has no lines, so it is not said what it bills.")
    orders = {its.order.purchase_order: its.order for its in goods if its.order is not None}
    lines = {line.purchase_line: line for order in orders.values() for line in order.lines}
    places: list[tuple[Order, OrderLine]] = []
    for number, its in enumerate(goods, start=1):
        if its.order is None:
            raise HeldError("unmatched", f"Line {number} of the invoice names no order.")
        if len(its.purchase_lines) != 1:
            detail = (
                f"Line {number} of the invoice could be any of {len(its.purchase_lines)} lines of "
                f"order {its.order.po_number}; it does not say which."
            )
            raise HeldError("unmatched", detail)
        (wanted,) = its.purchase_lines
        places.append((its.order, lines.get(wanted) or OrderLine(purchase_line=wanted)))
    return tuple(places)


def _named_amounts(update: Invoice) -> Iterator[tuple[str, Decimal]]:
    """Every amount that the document states, with words for it."""
    yield "The grand total", update.total
    for name in Amounts.__struct_fields__:
        yield f"The amount of {name} for the whole", getattr(update.amounts, name)
    for number, line in enumerate(update.lines, start=1):
        if not line.is_total_computed:
            yield f"The total of line {number}", line.total
        for name in Amounts.__struct_fields__:
            yield f"The amount of {name} for line {number}", getattr(line.amounts, name)


def _refuse_unusable(update: Invoice) -> None:
    numbers = list(_named_amounts(update))
    for place, line in enumerate(update.lines, start=1):
        others = {"total": line.total, "quantity": line.quantity, "price": line.unit_price}
        numbers += [(f"The {name} of line {place}", it) for name, it in others.items() if it]
    for what, number in numbers:
        if not is_usable(number):
            raise HeldError("malformed", f"{what} is no number of a size that money has.")


def _currency(update: Invoice, orders: tuple[Order, ...]) -> str:
    """The currency of the invoice, else of its orders; empty where none of them states one."""
    stated = update.currency.strip().upper()
    named = {order.currency: order.po_number for order in orders if order.currency}
    for currency, po_number in sorted(named.items()):
        if stated and currency != stated:
            detail = f"The invoice is in {stated}, and order {po_number} is in {currency}."
            raise HeldError("wrong_currency", detail)
    if not stated and len(named) > 1:
        detail = f"The invoice states no currency, and its orders are in {_listed(named)}."
        raise HeldError("wrong_currency", detail)
    return stated or next(iter(named), "")


def _is_credit(update: Invoice) -> bool:
    """Whether it gives money back, whatever it is called."""
    if update.is_credit and update.total > 0:
        detail = f"It is a credit note, and its grand total of {update.total:f} is to be paid."
        raise HeldError("conflict", detail)
    # Some formats have no credit notes, and send invoices over less than nothing instead.
    return update.is_credit or update.total < 0


def _listed(names: dict[str, str]) -> str:
    return " and ".join(sorted(names))


def _written_decimals(update: Invoice) -> int:
    """As many decimals as the document writes, where no currency says how many there are."""
    exponents = (amount.as_tuple().exponent for _, amount in _named_amounts(update))
    most = max(-exponent for exponent in exponents if isinstance(exponent, int))
    return min(max(most, 0), MOST_DECIMALS)


def _refuse_parts_of_units(update: Invoice, decimals: int) -> None:
    for what, amount in _named_amounts(update):
        if units_of(amount, decimals) is None:
            detail = f"{what}, {amount:f}, has more than the {decimals} decimals of its currency."
            raise HeldError("does_not_add_up", detail)


def _units(amount: Decimal, decimals: int) -> Fraction:
    return Fraction(amount) * Fraction(10) ** decimals


def _in_units(amounts: Amounts, decimals: int) -> dict[str, int]:
    return {
        name: int(_units(getattr(amounts, name), decimals)) for name in Amounts.__struct_fields__
    }


def _gathered(
    update: Invoice, places: tuple[tuple[Order, OrderLine], ...], decimals: int
) -> list[_Gathered]:
    """The lines of an invoice by purchase line, in the order of the purchase orders."""
    grouped: dict[UUID, list[int]] = {}
    for place, (_, line) in enumerate(places):
        grouped.setdefault(line.purchase_line, []).append(place)
    gathered: list[_Gathered] = []
    for group in grouped.values():
        order, line = places[group[0]]
        lines = tuple(by_piece(update.lines[place]) for place in group)
        sizes = [_units(it.total, decimals) for it in lines]
        amounts = [_in_units(it.amounts, decimals) for it in lines]
        gathered.append(
            _Gathered(
                order=order,
                line=line,
                lines=lines,
                # A line's own discount should be in its total; if it is not, the sum shows it.
                size=sum(sizes, Fraction()) - sum(it["discount"] for it in amounts),
                amounts={name: sum(it[name] for it in amounts) for name in AMOUNTS.values()},
            )
        )
    return sorted(gathered, key=_place)


def _place(it: _Gathered) -> tuple[str, str, tuple[int, int, str], UUID]:
    number = rank_of(it.line.line_number)
    return it.order.org_id or "", it.order.po_number, number, it.line.purchase_line


def _sums(total: Fraction, gathered: list[_Gathered], header: dict[str, int]) -> Sums:
    charges = {
        name: header[name] + sum(it.amounts[name] for it in gathered) for name in AMOUNTS.values()
    }
    return Sums(
        lines=sum((it.size for it in gathered), Fraction()),
        tax=charges["tax"],
        shipping=charges["shipping"],
        duties=charges["duties"],
        other=charges["other"],
        discounts=header["discount"],
        total=int(total),
    )
