"""cXML's InvoiceDetailRequest: an invoice or a credit, line by line.

Documentation: InvoiceDetailRequestHeader, InvoiceDetailItem and InvoiceDetailSummary of
InvoiceDetail.dtd 1.2.037 (officeluv/cxml, 515be33, read 2026-11).

Quirks that this module knows:
- A line's tax, shipping, handling and discount count only where the InvoiceDetailLineIndicator
  says that they are given by line; the summary then repeats them.
- `NetAmount` may be empty, or 0 against goods that cost something: such a one is none.
- The order may be named by the payloadID of its document alone.
- Two orders in one invoice may have the same line numbers.
- A credit's amounts must be negative, and some write them without the sign.
"""

from collections.abc import Iterator
from decimal import Decimal

from purchasing.documents import Amounts, Document, Invoice, InvoiceLine, Item
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.cxml import (
    Request,
    comments,
    currencies,
    identifier,
    item_of,
    money,
    order_of,
    per_piece,
    quantity_of,
    sentences,
)
from purchasing.formats.cxml_charges import (
    IN_SUMMARY,
    Indicators,
    added,
    modified,
    remaining,
    stated,
    without_discount,
)
from purchasing.formats.invoices import credited, sum_of
from purchasing.formats.xml_body import (
    Element,
    attribute,
    child,
    children,
    elements,
    name_of,
    text,
)
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading

_CREDITS = frozenset({"creditMemo", "lineLevelCreditMemo"})
_REFERENCES = ("InvoiceDetailItemReference", "InvoiceDetailServiceItemReference")


def read_invoice(request: Request) -> Reading:
    """What an invoice says, as one statement, or why a person must look at it.

    Raises:
        MalformedError: A part of it is missing or cannot be read.
        UnsupportedError: It is for information only.
    """
    header = child(request.content, "InvoiceDetailRequestHeader")
    summary = child(request.content, "InvoiceDetailSummary")
    number = identifier(attribute(header, "invoiceID"), "the invoiceID")
    if header is None or summary is None or not number:
        message = "The invoice has no header, no summary or no invoiceID."
        raise MalformedError(message)
    if attribute(header, "isInformationOnly") == "yes":
        message = f"Invoice {number} is for information only: nothing is to be paid."
        raise UnsupportedError("unsupported_kind", message)
    held = _held_for_its_purpose(header, number) or _held_for_its_currency(request.content, number)
    if held is not None:
        return Reading(held=(held,))
    invoice = _invoice(request.content, header, summary, request.numbered(number))
    if isinstance(invoice, Finding):
        return Reading(held=(invoice,))
    return Reading(updates=(_signed(invoice),))


def _invoice(
    content: Element, header: Element, summary: Element, document: Document
) -> Invoice | Finding:
    """The amounts as they are written, or why they cannot be right."""
    items = tuple(_items(content))
    if not items:
        message = f"Invoice {document.number} has no lines."
        raise MalformedError(message)
    indicators = Indicators.of(header)
    lines = tuple(_line(element, item, indicators) for element, item in items)
    amounts = _of_no_line(summary, added(stated(element, indicators) for element, _ in items))
    if amounts is None:
        detail = f"The lines of invoice {document.number} have more tax, charges or discount than "
        return Finding("does_not_add_up", f"{detail}its summary.")
    parts = sum_of(lines, amounts)
    total = _total(summary, parts)
    if total is None:
        return _without_total(document.number, parts)
    return Invoice(
        document=document,
        total=total,
        lines=lines,
        amounts=amounts,
        currency=next(iter(currencies(content)), ""),
        is_credit=attribute(header, "purpose") in _CREDITS,
        words=sentences(*comments(header)),
    )


def _held_for_its_purpose(header: Element, number: str) -> Finding | None:
    operation = attribute(header, "operation") or "new"
    purpose = attribute(header, "purpose") or "standard"
    if operation != "new":
        detail = f'The operation of invoice {number} is "{operation[:60]}"; a person must decide.'
        return Finding("needs_person", detail)
    if purpose != "standard" and purpose not in _CREDITS:
        detail = f'The purpose of invoice {number} is "{purpose[:60]}"; a person must decide.'
        return Finding("needs_person", detail)
    return None


def _held_for_its_currency(content: Element, number: str) -> Finding | None:
    found = sorted(currencies(content))
    if len(found) < 2:  # noqa: PLR2004  # one is what is wanted, none is the order's
        return None
    named = ", ".join(name[:60] for name in found[:10])
    return Finding("wrong_currency", f"Invoice {number} mixes currencies: {named}.")


def _items(content: Element) -> Iterator[tuple[Element, Item]]:
    """The elements that are lines, each with what it is about."""
    for order in elements(content):
        info = child(order, "InvoiceDetailOrderInfo")
        if name_of(order) == "InvoiceDetailHeaderOrder":
            yield from ((it, order_of(info)) for it in children(order, "InvoiceDetailOrderSummary"))
        elif name_of(order) == "InvoiceDetailOrder":
            for element in elements(order):
                if name_of(element) in ("InvoiceDetailItem", "InvoiceDetailServiceItem"):
                    yield element, _item(element, order_of(info))


def _item(element: Element, order: Item) -> Item:
    references = (child(element, name) for name in _REFERENCES)
    reference = next((it for it in references if it is not None), None)
    return item_of(
        order,
        attribute(reference, "lineNumber"),
        child(reference, "ItemID"),
        text(reference, "ManufacturerPartID"),
    )


def _line(element: Element, item: Item, indicators: Indicators) -> InvoiceLine:
    """One line, whose discount is in its total."""
    quantity = quantity_of(element)
    rate = child(element, "UnitRate")
    holder = element if rate is None else rate
    price = money(element, "UnitPrice") if rate is None else money(rate)
    subtotal = money(element, "SubtotalAmount")
    total = subtotal
    if total is None:
        if quantity is None or price is None:
            message = f"A line of the invoice ({item.line_number or 'of the order'}) has no amount."
            raise MalformedError(message)
        total = per_piece(quantity * price, holder)
    modifications = child(element, "InvoiceItemModifications")
    amounts = added((stated(element, indicators), modified(modifications)))
    return InvoiceLine(
        item=item,
        total=total - amounts.discount,
        is_total_computed=subtotal is None,
        quantity=quantity,
        unit=unit_of(text(element, "UnitOfMeasure")),
        unit_price=None if price is None else per_piece(price, holder),
        amounts=without_discount(amounts),
        words=_description(element),
    )


def _description(element: Element) -> str:
    described = (text(child(element, name), "Description") for name in _REFERENCES)
    return sentences(*described, *comments(element))


def _of_no_line(summary: Element, of_lines: Amounts) -> Amounts | None:
    """The amounts of the summary that no line has; None where the lines have more than it."""
    amounts = remaining(stated(summary, IN_SUMMARY), of_lines)
    modifications = modified(child(summary, "InvoiceHeaderModifications"))
    return None if amounts is None else added((amounts, modifications))


def _total(summary: Element, parts: Decimal) -> Decimal | None:
    """NetAmount, else GrossAmount; one of 0 is none where the parts make another sum."""
    given = (money(summary, "NetAmount"), money(summary, "GrossAmount"))
    possible = (amount for amount in given if amount is not None and (amount or not parts))
    return next(possible, None)


def _without_total(number: str, parts: Decimal) -> Finding:
    detail = f"Invoice {number} states no total that can be: NetAmount and GrossAmount are empty "
    return Finding("does_not_add_up", f"{detail}or 0, while its parts make {parts:f}.")


def _signed(invoice: Invoice) -> Invoice:
    """A credit with its amounts below zero: one that is written without the sign gets it."""
    if not invoice.is_credit or invoice.total <= 0:
        return invoice
    return credited(invoice)
