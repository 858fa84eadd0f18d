"""cXML's money beside the goods: taxes, shipping, handling, discounts and named charges.

Documentation: Tax, TaxDetail, Modification and InvoiceDetailSummary of InvoiceDetail.dtd 1.2.037
(officeluv/cxml, 515be33, read 2026-11). Duty has no element: it is a TaxDetail whose purpose says
so ("custom duty"), or a Modification of such a name.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

import msgspec

from purchasing.documents import Amounts
from purchasing.errors import MalformedError
from purchasing.formats.cxml import money
from purchasing.formats.invoices import ZERO, amounts_of
from purchasing.formats.xml_body import Element, attribute, child, children, text

_DUTIES = ("duty", "duties", "custom", "tariff")
_SHIPPING = ("shipping", "freight", "carriage", "postage", "delivery", "transport")
_TAXES = frozenset({"tax", "taxes", "vat", "gst", "sales tax", "use tax"})


class Indicators(msgspec.Struct, frozen=True, kw_only=True):
    """Which amounts the lines of an invoice give; the others' are ignored there, as documented."""

    tax: bool
    shipping: bool
    handling: bool
    discount: bool

    @classmethod
    def of(cls, header: Element) -> Self:
        """What the header says of the lines."""
        indicator = child(header, "InvoiceDetailLineIndicator")
        return cls(
            tax=attribute(indicator, "isTaxInLine") == "yes",
            shipping=attribute(indicator, "isShippingInLine") == "yes",
            handling=attribute(indicator, "isSpecialHandlingInLine") == "yes",
            discount=attribute(indicator, "isDiscountInLine") == "yes",
        )


IN_SUMMARY = Indicators(tax=True, shipping=True, handling=True, discount=True)
"""What holds of the summary, whose amounts always count."""


def stated(element: Element, indicators: Indicators) -> Amounts:
    """The amounts of a line or the summary that have elements of their own.

    Raises:
        MalformedError: One is no number.
    """
    tax = (money(element, "Tax") or ZERO) if indicators.tax else ZERO
    duties = _duties(child(element, "Tax")) if indicators.tax else ZERO
    shipping = money(element, "ShippingAmount") or money(element, "InvoiceDetailLineShipping")
    handling = money(element, "SpecialHandlingAmount") or money(
        element, "InvoiceDetailLineSpecialHandling"
    )
    discount = money(element, "InvoiceDetailDiscount")
    return amounts_of(
        tax=tax - duties,
        duties=duties,
        shipping=(shipping or ZERO) if indicators.shipping else ZERO,
        other=(handling or ZERO) if indicators.handling else ZERO,
        discount=(discount or ZERO) if indicators.discount else ZERO,
    )


def _duties(tax: Element | None) -> Decimal:
    """What of a tax is duty, by the purpose of its details."""
    details = (it for it in children(tax, "TaxDetail") if _means(attribute(it, "purpose"), _DUTIES))
    return sum((money(it, "TaxAmount") or ZERO for it in details), ZERO)


def modified(modifications: Element | None) -> Amounts:
    """The charges and allowances of a list of Modification, each by its name.

    Their own taxes are taken for a part of the taxes that are stated beside the list.

    Raises:
        MalformedError: One states no amount, or one that is no number.
    """
    return added(_modification(it) for it in children(modifications, "Modification"))


def _modification(modification: Element) -> Amounts:
    detail = child(modification, "ModificationDetail")
    name = attribute(detail, "name") or text(detail, "Description")
    cost = money(modification, "AdditionalCost")
    deduction = money(modification, "AdditionalDeduction", "DeductionAmount")
    if cost is None and deduction is None:
        message = "A charge or an allowance of the invoice states no amount."
        raise MalformedError(message)
    if cost is None:
        return amounts_of(discount=deduction or ZERO)
    if _means(name, _DUTIES):
        return amounts_of(duties=cost)
    if name.lower() in _TAXES:
        return amounts_of(tax=cost)
    if _means(name, _SHIPPING):
        return amounts_of(shipping=cost)
    return amounts_of(other=cost)


def _means(name: str, roots: tuple[str, ...]) -> bool:
    return any(root in name.lower() for root in roots)


def remaining(summary: Amounts, of_lines: Amounts) -> Amounts | None:
    """What of the summary's amounts no line has yet; None where the lines have more than it.

    A summary that leaves out what the lines state adds nothing to them.
    """
    taxes = _rest(summary.tax + summary.duties, of_lines.tax + of_lines.duties)
    shipping = _rest(summary.shipping, of_lines.shipping)
    other = _rest(summary.other, of_lines.other)
    discount = _rest(summary.discount, of_lines.discount)
    if taxes is None or shipping is None or other is None or discount is None:
        return None
    # Where the lines have all of it, it does not matter how the summary divides it.
    duties = (_rest(summary.duties, of_lines.duties) or ZERO) if taxes else ZERO
    return amounts_of(
        tax=taxes - duties, duties=duties, shipping=shipping, other=other, discount=discount
    )


def _rest(whole: Decimal, parts: Decimal) -> Decimal | None:
    """A whole without its parts: nothing if it is not stated, None if it is less than they are."""
    if not whole:
        return ZERO
    rest = whole - parts
    return None if rest and (rest < 0) is not (whole < 0) else rest


def added(amounts: Iterable[Amounts]) -> Amounts:
    """Several amounts together."""
    total = Amounts()
    for each in amounts:
        total = amounts_of(
            tax=total.tax + each.tax,
            shipping=total.shipping + each.shipping,
            duties=total.duties + each.duties,
            other=total.other + each.other,
            discount=total.discount + each.discount,
        )
    return total


def without_discount(amounts: Amounts) -> Amounts:
    """Amounts whose discount is counted elsewhere."""
    return amounts_of(
        tax=amounts.tax, shipping=amounts.shipping, duties=amounts.duties, other=amounts.other
    )
