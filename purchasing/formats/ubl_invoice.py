"""UBL Invoice and CreditNote: what is owed, and for which lines.

Codes: UNCL 1001 for the kind of a document, UNCL 7161 for charges, as EN 16931 takes them over
(docs.peppol.eu/poacc/billing/3.0 and docs.gobl.org/catalogues/untdid, read 2026-11).
`LineExtensionAmount` is after the line's own allowances and charges.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from purchasing.documents import Amounts, Invoice, InvoiceLine, Item
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.invoices import CARRIAGE, ZERO, amounts_of, are_of_lines, is_same
from purchasing.formats.ubl import (
    document_of,
    has_references,
    item_of,
    notes_of,
    order_of,
    reference,
    unit_in,
    unit_price,
)
from purchasing.formats.xml_body import Element, attribute, child, children, name_of, text
from purchasing.formats.xml_documents import (
    currency_of,
    listed,
    name,
    number,
    sentences,
    signed,
    whole,
)
from purchasing.updates import Reading

_INVOICES = frozenset({"", "326", "380", "385", "388", "393"})
"""Partial, commercial, consolidated, tax and factored invoice."""
_CREDITS = frozenset({"81", "83", "262", "296", "381", "396", "532"})
"""Credit notes: for goods, for finances, consolidated, for prices, plain, factored, forwarder's."""
_NO_CLAIMS = {"325": "a pro forma invoice"}
_FOR_A_PERSON = {
    "80": "a debit note",
    "84": "a debit note",
    "261": "a self-billed credit note",
    "383": "a debit note",
    "384": "a corrected invoice",
    "386": "a prepayment invoice",
    "389": "a self-billed invoice",
    "751": "invoice information for accounting purposes",
}


class _Header(msgspec.Struct, frozen=True):
    """What the lines of an invoice share."""

    order: Item
    currency: str
    may_count: bool
    has_own_taxes: bool


def read_invoice(root: Element) -> Reading:
    """What an Invoice or a CreditNote says: money is read as a whole or not at all.

    Raises:
        MalformedError: It cannot be read.
        UnsupportedError: It claims nothing.
    """
    return whole(root, _invoice)


def _invoice(root: Element) -> Iterator[Invoice]:
    is_credit_note = _is_credit_note(root)
    currency = _currency(root)
    lines = list(children(root, f"{name_of(root)}Line"))
    if not lines:
        message = f"The {name_of(root)} has no lines."
        raise MalformedError(message)
    header = _Header(
        order=order_of(root),
        currency=currency,
        may_count=not has_references(lines),
        has_own_taxes=_have_own_taxes(root, lines, currency),
    )
    document = document_of(root)
    if not document.number:
        message = "The invoice has no number (ID)."
        raise MalformedError(message)
    said = Invoice(
        document=document,
        total=_total(root),
        lines=tuple(_numbered(lines, header)),
        amounts=_amounts(root, header),
        currency=currency,
        words=_words(root),
    )
    yield signed(said, is_credit=is_credit_note, what="credit note")


def _is_credit_note(root: Element) -> bool:
    """Whether the kind of a document is a credit, whose amounts are positive."""
    is_credit_note = name_of(root) == "CreditNote"
    code = text(root, "CreditNoteTypeCode" if is_credit_note else "InvoiceTypeCode")
    if code in _NO_CLAIMS:
        message = f"It is {_NO_CLAIMS[code]}, which claims nothing."
        raise UnsupportedError("unsupported_kind", message)
    if code in _FOR_A_PERSON:
        message = f"It is {_FOR_A_PERSON[code]} ({code}), and not an invoice like others."
        raise HeldError("needs_person", message)
    known = {"", *_CREDITS} if is_credit_note else _INVOICES | _CREDITS
    if code not in known:
        message = f"The code of the kind of {name_of(root)} is not one that is known."
        raise HeldError("unknown_status", message)
    return is_credit_note or code in _CREDITS


def _currency(root: Element) -> str:
    """The one currency of the document; another one that taxes are told in as well is no matter."""
    stated = text(root, "DocumentCurrencyCode").upper()
    used = {
        code.upper()
        for it in root.iter()
        if (code := attribute(it, "currencyID")) and not _is_of_taxes(it)
    }
    known = (used | {stated}) - {""}
    if len(known) > 1:
        message = "The amounts are in more than one currency, or not in the document's."
        raise HeldError("wrong_currency", message)
    return currency_of("".join(known))


def _is_of_taxes(amount: Element) -> bool:
    return any(name_of(it).endswith("TaxTotal") for it in amount.iterancestors())


def _total(root: Element) -> Decimal:
    sums = child(root, "LegalMonetaryTotal")
    total = number(sums, "TaxInclusiveAmount")
    if total is None:
        message = "The invoice states no TaxInclusiveAmount."
        raise MalformedError(message)
    return total + _rounding(root)


def _rounding(root: Element) -> Decimal:
    return number(root, "LegalMonetaryTotal", "PayableRoundingAmount") or ZERO


def _taxes(element: Element, currency: str) -> list[Decimal]:
    """The taxes that are told in the document's own currency."""
    amounts = (child(it, "TaxAmount") for it in children(element, "TaxTotal"))
    return [
        amount
        for it in amounts
        if attribute(it, "currencyID").upper() in ("", currency)
        and (amount := number(it)) is not None
    ]


def _have_own_taxes(root: Element, lines: list[Element], currency: str) -> bool:
    """Whether the lines' taxes, in whole minor units, are all the tax that there is."""
    own = [_tax(line, currency) for line in lines]
    return are_of_lines(own, _taxes(root, currency), currency)


def _tax(line: Element, currency: str) -> Decimal | None:
    """The tax of a line; None where it tells of none."""
    taxes = _taxes(line, currency)
    return sum(taxes, ZERO) if taxes else None


def _amounts(root: Element, header: _Header) -> Amounts:
    charges = _charges(children(root, "AllowanceCharge"))
    if not header.has_own_taxes:
        charges["tax"] = sum(_taxes(root, header.currency), ZERO)
    charges["other"] = charges.get("other", ZERO) + _rounding(root)
    return amounts_of(**charges)


def _charges(elements: Iterable[Element]) -> dict[str, Decimal]:
    """What allowances and charges come to, by their kind."""
    sums: dict[str, Decimal] = {}
    for element in elements:
        indicator = text(element, "ChargeIndicator").lower()
        amount = number(element, "Amount")
        if indicator not in ("true", "false", "1", "0") or amount is None:
            message = "An AllowanceCharge has no Amount, or does not say which of the two it is."
            raise MalformedError(message)
        kind = "discount"
        if indicator in ("true", "1"):
            code = text(element, "AllowanceChargeReasonCode").upper()
            kind = "shipping" if code in CARRIAGE else "other"
        sums[kind] = sums.get(kind, ZERO) + amount
    return sums


def _numbered(lines: list[Element], header: _Header) -> Iterator[InvoiceLine]:
    """The lines; what is wrong with one says which it is."""
    for position, line in enumerate(lines, start=1):
        try:
            yield _line(line, header)
        except HeldError as error:
            raise HeldError(error.reason, f"Line {position}: {error}") from None
        except MalformedError as error:
            message = f"Line {position}: {error}"
            raise MalformedError(message) from None


def _line(line: Element, header: _Header) -> InvoiceLine:
    quantity = _quantity(line)
    total = number(line, "LineExtensionAmount")
    if total is None:
        message = "It has no LineExtensionAmount."
        raise MalformedError(message)
    price = unit_price(line)
    charges = _own_charges(line, number(quantity), price, total)
    amounts = dict(charges)
    if header.has_own_taxes:
        amounts["tax"] = sum(_taxes(line, header.currency), ZERO)
    return InvoiceLine(
        item=item_of(
            line,
            child(line, "Item"),
            header.order,
            number_of_line=reference(line, "ID"),
            may_count=header.may_count,
        ),
        total=total - sum(charges.values(), ZERO),
        quantity=number(quantity),
        unit=unit_in(quantity),
        unit_price=price,
        amounts=amounts_of(**amounts),
        words=sentences(*notes_of(line)),
    )


def _quantity(line: Element) -> Element | None:
    kinds = ("InvoicedQuantity", "CreditedQuantity")
    return next((found for kind in kinds if (found := child(line, kind)) is not None), None)


def _own_charges(
    line: Element, quantity: Decimal | None, price: Decimal | None, total: Decimal
) -> dict[str, Decimal]:
    """The line's charges where its total shows that they are in it; some only tell of them."""
    charges = _charges(children(line, "AllowanceCharge"))
    discount = charges.pop("discount", ZERO)
    if quantity is None or price is None:
        return {}
    stated = quantity * price - discount + sum(charges.values(), ZERO)
    return charges if is_same(stated, total) else {}


def _words(root: Element) -> str:
    billed = (
        name(it, kind, "ID")
        for it in children(root, "BillingReference")
        for kind in ("InvoiceDocumentReference", "CreditNoteDocumentReference")
    )
    earlier = listed(billed)
    return sentences(f"Refers to {earlier}" if earlier else "", *notes_of(root))
