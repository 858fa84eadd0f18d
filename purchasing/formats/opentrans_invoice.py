"""openTRANS INVOICE: what is owed, and for which lines.

`PRICE_LINE_AMOUNT` is without tax by the schema, and with it in JACOB's documents: what adds up to
`TOTAL_AMOUNT` decides. A line's `TAX_AMOUNT` is for one piece in some documents.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from purchasing.documents import Invoice, InvoiceLine, Item
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.invoices import ZERO, amounts_of, are_of_lines, is_same
from purchasing.formats.opentrans import (
    document_of,
    item_of,
    line_total,
    price_of,
    remarks_of,
    unit_in,
    unit_price,
)
from purchasing.formats.opentrans_delivery import items_of
from purchasing.formats.xml_body import Element, attribute, child, children, text
from purchasing.formats.xml_documents import (
    currency_of,
    name,
    number,
    only_order,
    sentences,
    signed,
    whole,
)
from purchasing.updates import Reading

_KINDS = frozenset({"", "invoice"})
_CREDIT = "credit_memo"
_COPY = "invoice_copy"

_EXTRAS = frozenset({"extra_item", "pledge_item"})
"""Types of an item that was not ordered: an additional charge, a deposit on a pallet."""

_CHARGES = {
    "freight": "shipping",
    "postage": "shipping",
    "express": "shipping",
    "customs": "duties",
}
"""Types of surcharges that are not simply other (AllowOrChargeTypeValues of the schema)."""


class _Line(msgspec.Struct, frozen=True):
    """A line, what it comes to without tax, and whether that had to be worked out."""

    element: Element
    net: Decimal
    tax: Decimal | None = None
    is_computed: bool = False

    @property
    def is_extra(self) -> bool:
        """Whether it bills something that was not ordered."""
        return attribute(self.element, "type").lower() in _EXTRAS


def read_invoice(root: Element) -> Reading:
    """What an INVOICE says: money is read as a whole or not at all.

    Raises:
        MalformedError: It cannot be read.
        UnsupportedError: It claims nothing.
    """
    return whole(root, _invoice)


def _invoice(root: Element) -> Iterator[Invoice]:
    info = child(root, "INVOICE_HEADER", "INVOICE_INFO")
    is_credit_memo = _is_credit_memo(info)
    own = name(info, "INVOICE_ID")
    total = number(root, "INVOICE_SUMMARY", "TOTAL_AMOUNT")
    items = items_of(root)
    if not own or total is None:
        message = "The INVOICE has no INVOICE_ID, or no TOTAL_AMOUNT."
        raise MalformedError(message)
    if any(child(it, "INVOICE_CORRECTION") is not None for it in items):
        message = "It corrects an earlier invoice."
        raise HeldError("needs_person", message)
    currency = currency_of(text(info, "CURRENCY") or text(info, "PRICE_CURRENCY"))
    lines, sums = _money(child(root, "INVOICE_SUMMARY"), items, total, currency)
    order = _order(root)
    said = Invoice(
        document=document_of(root, info, own, "INVOICE_DATE"),
        total=total,
        lines=tuple(_said(line, order) for line in lines),
        amounts=amounts_of(**sums),
        currency=currency,
        words=sentences(*remarks_of(info)),
    )
    yield signed(said, is_credit=is_credit_memo, what="credit memo")


def _money(
    summary: Element | None, items: list[Element], total: Decimal, currency: str
) -> tuple[list[_Line], dict[str, Decimal]]:
    """The lines of what was ordered, and what the header comes to, by its kind."""
    sums = _charges(summary)
    costs = sum(sums.values(), ZERO) - 2 * sums.get("discount", ZERO)
    taxes = _taxes(child(summary, "TOTAL_TAX"))
    own = [_tax(it) for it in items]
    tax = sum(taxes, ZERO) if taxes else sum((it or ZERO for it in own), ZERO)
    lines = _net_lines(items, total - costs, tax)
    extras = [line for line in lines if line.is_extra]
    sums["other"] = sums.get("other", ZERO) + sum((line.net for line in extras), ZERO)
    if not extras and are_of_lines(own, taxes, currency):
        return [
            msgspec.structs.replace(line, tax=it) for line, it in zip(lines, own, strict=True)
        ], sums
    sums["tax"] = tax
    ordered = [line for line in lines if not line.is_extra]
    if not ordered:
        message = "It bills nothing that was ordered."
        raise HeldError("needs_person", message)
    return ordered, sums


def _net_lines(items: list[Element], expected: Decimal, tax: Decimal) -> list[_Line]:
    """What each line comes to without tax, by what adds up with the tax to what is expected.

    Where nothing does, it is as stated, and whoever checks the sums will say so.
    """
    stated = [_stated(it, position) for position, it in enumerate(items, start=1)]
    if tax and is_same(sum((line.net for line in stated), ZERO), expected):
        computed = [_computed(it) for it in items]
        known = [line for line in computed if line is not None]
        net = sum((line.net for line in known), tax)
        if len(known) == len(items) and is_same(net, expected):
            return known
    return stated


def _stated(item: Element, position: int) -> _Line:
    total = line_total(item)
    if total is not None:
        return _Line(item, total)
    computed = _computed(item)
    if computed is None:
        message = f"Line {position} has no PRICE_LINE_AMOUNT, and no quantity with a price."
        raise MalformedError(message)
    return computed


def _computed(item: Element) -> _Line | None:
    quantity, price = number(item, "QUANTITY"), unit_price(item)
    if quantity is None or price is None:
        return None
    return _Line(item, quantity * price, is_computed=True)


def _charges(summary: Element | None) -> dict[str, Decimal]:
    """What surcharges and allowances of the header come to, by their kind."""
    sums: dict[str, Decimal] = {}
    for it in children(child(summary, "ALLOW_OR_CHARGES_FIX"), "ALLOW_OR_CHARGE"):
        which = attribute(it, "type").lower()
        amount = number(it, "ALLOW_OR_CHARGE_VALUE", "AOC_MONETARY_AMOUNT")
        if which not in ("surcharge", "allowance") or amount is None:
            message = "An ALLOW_OR_CHARGE has no amount, or does not say which of the two it is."
            raise MalformedError(message)
        code = text(it, "ALLOW_OR_CHARGE_TYPE").lower()
        kind = "discount" if which == "allowance" else _CHARGES.get(code, "other")
        sums[kind] = sums.get(kind, ZERO) + amount
    return sums


def _taxes(place: Element | None) -> list[Decimal]:
    found = (number(it, "TAX_AMOUNT") for it in children(place, "TAX_DETAILS_FIX"))
    return [it for it in found if it is not None]


def _tax(item: Element) -> Decimal | None:
    """The tax of a line; None where it tells of none."""
    price = price_of(item)
    taxes = _taxes(price)
    return sum(taxes, ZERO) if taxes else number(price, "TAX_AMOUNT")


def _order(root: Element) -> Item:
    """The order of the header; none where there are several, as on a collective invoice."""
    return only_order(
        Item(po_number=name(it, "ORDER_ID"), supplier_reference=name(it, "SUPPLIER_ORDER_ID"))
        for it in children(child(root, "INVOICE_HEADER"), "ORDER_HISTORY")
    )


def _said(line: _Line, order: Item) -> InvoiceLine:
    element = line.element
    return InvoiceLine(
        item=item_of(element, order, is_order_line=False),
        total=line.net,
        is_total_computed=line.is_computed,
        quantity=number(element, "QUANTITY"),
        unit=unit_in(element),
        unit_price=unit_price(element),
        amounts=amounts_of(tax=line.tax or ZERO),
        words=sentences(*remarks_of(element)),
    )


def _is_credit_memo(info: Element | None) -> bool:
    kind = text(info, "INVOICE_TYPE").lower()
    if kind == _COPY:
        message = "It is marked as a copy of an invoice that was sent before."
        raise UnsupportedError("unsupported_kind", message)
    if kind != _CREDIT and kind not in _KINDS:
        message = "The INVOICE_TYPE is none of invoice, credit_memo and invoice_copy."
        raise HeldError("unknown_status", message)
    return kind == _CREDIT
