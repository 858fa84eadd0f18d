"""Invoices: from what a supplier's document says to what Cofactr is told."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec

from purchasing.commands import CreatePurchaseEvent, EventType, UpdateNoPartLine
from purchasing.configuration import ThreeWayMatch
from purchasing.documents import Invoice
from purchasing.errors import HeldError
from purchasing.matching import Goods
from purchasing.money import written
from purchasing.orders import Charge, Learned, Order, comparable
from purchasing.plans import (
    Known,
    OrderKey,
    Part,
    Plan,
    Terms,
    command_key,
    key_of,
    no_part_line,
    purchase_event,
)
from purchasing.progress import KnownInvoice, LineProgress
from purchasing.reckoning import Bill, Billed, reckon
from purchasing.sharing import Added, Shares, share
from purchasing.three_way import compare, invoiced, ordered_price
from purchasing.updates import Finding

LONGEST_NUMBER = 255
"""Cofactr's column for an invoice's number, in characters (Create Purchase Event, 2024-09-26)."""

_LARGEST_QUANTITY = 2_147_483_647

_PAID = {
    Charge.TAX: "sales_tax_paid",
    Charge.SHIPPING: "shipping_paid",
    Charge.DUTY: "duties_paid",
    Charge.OTHER: "other_total_paid",
}


def plan_invoice(update: Invoice, goods: tuple[Goods, ...], known: Known, terms: Terms) -> Plan:
    """Decide an invoice; `goods` are those of its lines, one for each, in their order.

    Money is all or nothing: whatever is wrong with one line holds the whole of it, and what is
    held is not remembered.
    """
    try:
        return _plan(update, goods, known, terms)
    except HeldError as error:
        return Plan(part=Part(held=(Finding(error.reason, error.detail),)))


class _Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice that is known to be right, on its way to commands.

    `key` is what makes it this invoice, `says` what it says; `learned` is known of its orders.
    `other_key` is what its key was if the order book named the supplier since, or no longer does.
    """

    update: Invoice
    bill: Bill
    key: str
    other_key: str
    says: str
    learned: Mapping[OrderKey, Learned]
    withdrawn: frozenset[str]
    terms: Terms

    @property
    def name(self) -> str:
        kind = "credit note" if self.bill.is_credit else "invoice"
        return f"{kind} {self.update.document.number}"

    def learned_of(self, order: Order) -> Learned:
        return self.learned.get(key_of(order), Learned())

    def accepted_for(self, order: Order) -> dict[str, KnownInvoice]:
        """The invoices that count for an order."""
        known = self.learned_of(order).invoices
        return {key: it for key, it in known.items() if it.notification not in self.withdrawn}

    def progress_of(self, it: Billed) -> LineProgress:
        lines = self.learned_of(it.order).lines
        return lines.get(str(it.line.purchase_line), LineProgress())


def _plan(update: Invoice, goods: tuple[Goods, ...], known: Known, terms: Terms) -> Plan:
    _refuse_number(update)
    bill = reckon(update, goods)
    key, other_key = _keys(update, bill, terms)
    invoice = _Accepted(
        update=update,
        bill=bill,
        key=key,
        other_key=other_key,
        says=_says(bill),
        learned=known.learned,
        withdrawn=known.withdrawn,
        terms=terms,
    )
    if (before := _before(invoice)) is not None:
        return Plan(part=Part(ignored=(before,)))
    if bill.is_credit and EventType.ADJUSTED not in terms.settings.allow:
        detail = (
            f"{update.document.sender} credits {bill.over} by credit note "
            f"{update.document.number}, and this source may not cause adjusted."
        )
        raise HeldError("needs_person", detail)
    compared = (compare(bill, it, invoice.progress_of(it)) for it in bill.lines)
    over_billed = tuple(finding for finding in compared if finding is not None)
    if over_billed and terms.settings.three_way_match is ThreeWayMatch.HOLD:
        raise HeldError("needs_person", " ".join(finding.detail for finding in over_billed))
    shares = share(bill)
    events = tuple(_event(invoice, it) for it in shares.lines)
    patches = tuple(_patch(invoice, it) for it in shares.added)
    part = Part(commands=(*events, *patches), attention=over_billed)
    return Plan(part=part, learned=_learned(invoice, shares))


def _refuse_number(update: Invoice) -> None:
    number = update.document.number
    if not number:
        raise HeldError("malformed", "The invoice has no number.")
    if len(number) > LONGEST_NUMBER:
        detail = f"The invoice's number has {len(number)} characters; {LONGEST_NUMBER} is the most."
        raise HeldError("malformed", detail)


def _keys(update: Invoice, bill: Bill, terms: Terms) -> tuple[str, str]:
    """What makes an invoice this one: its supplier, its number, and the set of its orders.

    The second is what it would be if the orders did name their supplier, or did not.
    """
    named = comparable(update.document.supplier or terms.source)
    orders = sorted(str(order.purchase_order) for order in bill.orders)
    # Orders that say whose they are stay the same when a supplier is spelled anew.
    by_order, by_name = (
        command_key("invoice", supplier, comparable(update.document.number), *orders)
        for supplier in ("", named)
    )
    is_of_orders = any(order.supplier for order in bill.orders)
    return (by_order, by_name) if is_of_orders else (by_name, by_order)


def _says(bill: Bill) -> str:
    """What an invoice says: the same for the same money, whatever format it comes in.

    At which place a charge is stated is the format's business, so that only its sum counts.
    """

    def plainly(units: int | Fraction) -> str:
        return written(Fraction(units, 10**bill.decimals), 0)

    sums = bill.sums
    amounts = (sums.total, sums.tax, sums.shipping, sums.duties, sums.other, sums.discounts)
    said = [bill.currency, *(plainly(units) for units in amounts)]
    for it in bill.lines:
        quantity = "" if it.quantity is None else written(it.quantity, 0)
        said += [str(it.line.purchase_line), plainly(it.total), quantity]
    return command_key("says", *said)


def _before(invoice: _Accepted) -> Finding | None:
    """What to make of it if it was accepted before; None if it was not.

    Raises:
        HeldError: It was accepted with other amounts.
    """
    number = invoice.update.document.number
    for order in invoice.bill.orders:
        known = invoice.accepted_for(order)
        before = known.get(invoice.key) or known.get(invoice.other_key)
        if before is None:
            continue
        if before.says == invoice.says:
            detail = f"Invoice {number} was already said by notification {before.notification}."
            return Finding("duplicate_statement", detail)
        detail = (
            f"Invoice {number} over {before.over} was accepted from notification "
            f"{before.notification}; the one over {invoice.bill.over} does not say the same."
        )
        raise HeldError("conflict", detail)
    return None


def _event(invoice: _Accepted, it: Billed) -> CreatePurchaseEvent:
    bill = invoice.bill
    line = it.line.purchase_line
    amounts = {"line_total_paid": it.total, "cofactr_invoice_amount": bill.sums.total}
    amounts |= {field: it.charges[kind] for kind, field in _PAID.items()}
    fields: dict[str, Any] = {name: bill.in_text(units) for name, units in amounts.items() if units}
    return purchase_event(
        EventType.ADJUSTED if bill.is_credit else EventType.INVOICED,
        Goods(order=it.order, purchase_lines=(line,)),
        invoice.terms,
        key=command_key("invoice", invoice.key, str(line), invoice.says),
        because=f"{invoice.name} of {invoice.update.document.sender} is for {_named(it)}",
        happened_at=invoice.update.document.said_at,
        quantity=_quantity(it),
        cofactr_invoice_number=invoice.update.document.number,
        notes=_notes(invoice, it),
        **fields,
    )


def _quantity(it: Billed) -> int | None:
    """The quantity as Cofactr takes it; None where it is not known, or no whole number."""
    if it.quantity is None:
        return None
    if abs(it.quantity) > _LARGEST_QUANTITY:
        detail = f"The quantity of {_named(it)} is larger than Cofactr takes."
        raise HeldError("malformed", detail)
    return it.quantity.numerator if it.quantity.denominator == 1 else None


def _notes(invoice: _Accepted, it: Billed) -> str:
    """Who bills what, in which currency, and how that differs from the order."""
    sender = invoice.update.document.sender
    what = "Credited" if invoice.bill.is_credit else "Billed"
    said = [f"{sender}: {invoice.name} over {invoice.bill.over}", f"{what}: {invoiced(it)}"]
    if not invoice.bill.currency:
        said[0] += ", no currency stated"
    if it.quantity is not None and it.quantity.denominator != 1:
        said.append("The quantity is no whole number, so it stands only here")
    ordered = ordered_price(it.line)
    if ordered is not None and any(price != ordered for price in it.prices):
        said.append(f"The price was {ordered:f} when it was ordered")
    said += [words.rstrip(".") for words in (*it.words, invoice.update.words) if words]
    return f"{'. '.join(said)}."


def _named(it: Billed) -> str:
    return f"line {it.line.line_number or it.line.purchase_line} of order {it.order.po_number}"


def _patch(invoice: _Accepted, it: Added) -> UpdateNoPartLine:
    """What a NoPart line comes to, now that this invoice counts as well."""
    its = str(it.line.id)
    before = invoice.accepted_for(it.order).values()
    currencies = {known.currency for known in before if its in known.charges}
    if others := currencies - {"", invoice.bill.currency}:
        detail = (
            f"The {it.line.charge} of order {it.order.po_number}, which names no currency, was "
            f"billed in {', '.join(sorted(others))} before, and the invoice is in "
            f"{invoice.bill.currency or 'none'}: the two make no sum."
        )
        raise HeldError("wrong_currency", detail)
    so_far = sum((Fraction(known.charges.get(its, 0)) for known in before), Fraction())
    amount = invoice.bill.in_text(so_far * 10**invoice.bill.decimals + it.units)
    return no_part_line(
        it.line.id,
        it.order,
        invoice.terms,
        key=command_key("no_part_line", invoice.key, its, invoice.says),
        because=(
            f"{invoice.name} adds {written(it.units, invoice.bill.decimals)} to the "
            f"{it.line.charge} of order {it.order.po_number}, which comes to {amount}"
        ),
        amount=amount,
    )


def _learned(invoice: _Accepted, shares: Shares) -> dict[OrderKey, Learned]:
    """What is known of every order of the invoice from now on."""
    learned: dict[OrderKey, Learned] = {}
    for order in invoice.bill.orders:
        before = invoice.learned_of(order)
        charges = {
            str(it.line.id): Decimal(written(it.units, invoice.bill.decimals))
            for it in shares.added
            if it.order.purchase_order == order.purchase_order
        }
        entry = KnownInvoice(
            says=invoice.says,
            notification=invoice.terms.notification,
            over=invoice.bill.over,
            currency=invoice.bill.currency,
            charges=charges,
        )
        learned[key_of(order)] = msgspec.structs.replace(
            before,
            lines=before.lines | _invoiced(invoice, order.purchase_order),
            invoices=before.invoices | {invoice.key: entry},
        )
    return learned


def _invoiced(invoice: _Accepted, purchase_order: UUID) -> dict[str, LineProgress]:
    """How far the lines of an order got, as far as the invoice says how many pieces it is for."""
    lines: dict[str, LineProgress] = {}
    for it in invoice.bill.lines:
        if it.order.purchase_order != purchase_order or it.quantity is None:
            continue
        # What a credit note charges, such as a fee for taking goods back, is no more of the goods.
        quantity = min(it.quantity, Fraction()) if invoice.bill.is_credit else it.quantity
        progress = invoice.progress_of(it)
        known = progress.invoiced | {invoice.key: Decimal(written(quantity, 0))}
        lines[str(it.line.purchase_line)] = msgspec.structs.replace(progress, invoiced=known)
    return lines
