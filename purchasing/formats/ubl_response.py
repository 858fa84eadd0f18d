"""UBL OrderResponse and OrderResponseSimple: what a supplier promises.

Codes: Peppol's subsets of UNCL 4343 (header) and UNCL 1229 (lines) and the rules PEPPOL-T76-R007 to
R010 (docs.peppol.eu/poacc/upgrade-3, read 2026-11).
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.readings import collected, held
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
from purchasing.formats.xml_body import Element, attribute, child, children, text
from purchasing.formats.xml_documents import (
    currency_of,
    day_of,
    each_line,
    name,
    number,
    sentences,
    whole,
    words,
)
from purchasing.updates import Reading

_RECEIVED = "AB"
_REJECTED = "RE"
_DECIDED_BY_LINES = frozenset({"CA", ""})
_HEADER = {"AP": Promise.ACCEPTED, _REJECTED: Promise.REJECTED}

_ADDED = "1"
_DELIVERED = "42"
_LINE = {"3": Promise.ACCEPTED, "5": Promise.ACCEPTED, "7": Promise.REJECTED}
"""Changed, accepted, not accepted; what was changed stands in the line itself."""

_CHANGE = "OrderChangeDocumentReference"
_ADVANCED = "order_response_advanced"
"""Peppol's advanced ordering, where a response to a cancellation looks like one to the order.

Scenarios 4 and 5 of the examples in OpenPEPPOL/poacc-upgrade-3 (read 2026-11).
"""

_PLAIN_STATUSES = frozenset({"", "NoStatus", "Revised"})
"""Statuses of a document that take nothing back (OASIS DocumentStatusCode)."""


class _Dates(msgspec.Struct, frozen=True):
    """By when something is promised, and in how many parts."""

    delivery: date | None = None
    ship: date | None = None
    parts: str = ""


class _Header(msgspec.Struct, frozen=True):
    """What holds for every line that does not say otherwise."""

    document: Document
    order: Item
    code: str
    currency: str
    dates: _Dates
    may_count: bool


def read_response(root: Element) -> Reading:
    """What an OrderResponse says, line by line, or of the whole order where it has no lines.

    Raises:
        MalformedError: It cannot be read.
        UnsupportedError: It only says that the order was received.
    """
    lines = list(children(root, "OrderLine"))
    return whole(root, _of_order) if not lines else collected(_of_lines(root, lines))


def read_simple(root: Element) -> Reading:
    """What an OrderResponseSimple says: the whole order is accepted, or it is not.

    Raises:
        MalformedError: It does not say which.
    """
    accepted = text(root, "AcceptedIndicator").lower()
    if accepted not in ("true", "false", "1", "0"):
        message = "The AcceptedIndicator is neither true nor false."
        raise MalformedError(message)
    promise = Promise.ACCEPTED if accepted in ("true", "1") else Promise.REJECTED
    notes = (*notes_of(root), words(root, "RejectionNote"))
    return whole(root, lambda _: (_for_order(root, _header(root, code=""), promise, notes),))


def _header(root: Element, code: str) -> _Header:
    status = text(root, "DocumentStatusCode")
    if status not in _PLAIN_STATUSES:
        message = "The DocumentStatusCode of the response is not one that confirms anything."
        raise HeldError("unknown_status", message)
    order = order_of(root)
    return _Header(
        document=document_of(root),
        order=Item(
            po_number=order.po_number,
            supplier_reference=order.supplier_reference or reference(root, "SalesOrderID"),
        ),
        code=code,
        currency=currency_of(text(root, "DocumentCurrencyCode")),
        dates=_dates(root),
        may_count=not has_references(list(children(root, "OrderLine"))),
    )


def _code_of(root: Element) -> str:
    code = text(root, "OrderResponseCode").upper()
    if code == _RECEIVED:
        message = "The order was received and is not confirmed yet (OrderResponseCode AB)."
        raise UnsupportedError("unsupported_kind", message)
    if code not in _HEADER and code not in _DECIDED_BY_LINES:
        message = "The OrderResponseCode is none of AB, AP, CA and RE."
        raise HeldError("unknown_status", message)
    if code == _REJECTED and child(root, _CHANGE) is not None:
        message = "It refuses a change of the order, and not the order."
        raise HeldError("needs_person", message)
    return code


def _of_order(root: Element) -> Iterator[OrderConfirmation]:
    code = _code_of(root)
    if code not in _HEADER:
        message = "The response has no lines, and no code that holds for the whole order."
        raise HeldError("unknown_status", message)
    if _ADVANCED in text(root, "CustomizationID") and child(root, _CHANGE) is None:
        message = "In advanced ordering it may answer the order, or its cancellation."
        raise HeldError("needs_person", message)
    yield _for_order(root, _header(root, code), _HEADER[code], notes_of(root))


def _for_order(
    root: Element, header: _Header, promise: Promise, notes: tuple[str, ...]
) -> OrderConfirmation:
    order = header.order
    if order == Item():
        message = f"The {str(root.tag).rpartition('}')[2]} names no order, or more than one."
        raise MalformedError(message)
    return OrderConfirmation(
        document=header.document,
        item=order,
        promise=promise,
        estimated_delivery=header.dates.delivery,
        expected_ship_by=header.dates.ship,
        words=sentences(header.dates.parts, *notes),
    )


def _of_lines(root: Element, lines: list[Element]) -> Iterator[Reading]:
    try:
        header = _header(root, _code_of(root))
    except HeldError as error:
        yield held(error.reason, error.detail)
        return
    yield from each_line(lines, lambda line: _of_line(line, header))


def _of_line(line: Element, header: _Header) -> Iterator[OrderConfirmation]:
    goods = child(line, "LineItem")
    promise = _promise(text(goods, "LineStatusCode"), header.code)
    dates = _dates(goods)
    quantity = child(goods, "Quantity")
    price = child(goods, "Price", "PriceAmount")
    yield OrderConfirmation(
        document=header.document,
        item=item_of(
            line,
            child(goods, "Item"),
            header.order,
            number_of_line=reference(goods, "ID"),
            may_count=header.may_count,
        ),
        promise=promise,
        quantity=number(quantity),
        unit=unit_in(quantity),
        estimated_delivery=dates.delivery or header.dates.delivery,
        expected_ship_by=dates.ship or header.dates.ship,
        unit_price=unit_price(goods) if goods is not None else None,
        currency=currency_of(attribute(price, "currencyID")) or header.currency,
        substitute=_substitute(line),
        words=sentences(
            dates.parts,
            *notes_of(line),
            *(notes_of(goods) if goods is not None else ()),
        ),
    )


def _promise(status: str, code: str) -> Promise:
    """What a line's status means; without one, the header's code holds for the line."""
    if status == _ADDED:
        message = "The supplier added a line that was not ordered (LineStatusCode 1)."
        raise HeldError("needs_person", message)
    if status == _DELIVERED:
        message = "The goods of the line were delivered already (LineStatusCode 42)."
        raise UnsupportedError("no_change", message)
    promise = _LINE.get(status) if status else _HEADER.get(code)
    if promise is None:
        message = "The LineStatusCode is none of 1, 3, 5, 7 and 42."
        raise HeldError("unknown_status", message)
    if code == _REJECTED and promise is not Promise.REJECTED:
        message = "The header rejects the order, and the line accepts it."
        raise HeldError("conflict", message)
    return promise


def _substitute(line: Element) -> str:
    """The part that is sent, or proposed, in place of the ordered one; empty if none."""
    for kind in ("SellerSubstitutedLineItem", "SellerProposedSubstituteLineItem"):
        part = child(line, kind, "Item")
        for identity in (
            ("ManufacturersItemIdentification", "ID"),
            ("SellersItemIdentification", "ID"),
            ("Name",),
        ):
            if found := name(part, *identity):
                return found
    return ""


def _dates(element: Element | None) -> _Dates:
    """The dates of the deliveries of a line or of the document; of several the last one counts."""
    deliveries = list(children(element, "Delivery"))
    by = [(_delivered_by(it), it) for it in deliveries]
    days = [day for day, _ in by if day]
    ships = [day for it in deliveries if (day := _shipped_by(it))]
    parts = (f"{words(it, 'Quantity')} by {day}" for day, it in by if day and text(it, "Quantity"))
    return _Dates(
        delivery=max(days, default=None),
        ship=max(ships, default=None),
        parts=", ".join(parts) if len(days) > 1 else "",
    )


def _delivered_by(delivery: Element) -> date | None:
    for period in ("PromisedDeliveryPeriod", "EstimatedDeliveryPeriod"):
        found = end_of_period(child(delivery, period))
        if found:
            return found
    return day_of(delivery, "LatestDeliveryDate")


def end_of_period(period: Element | None) -> date | None:
    """The day by which a period is over, or on which it begins where that is all it says."""
    return day_of(period, "EndDate") or day_of(period, "StartDate")


def _shipped_by(delivery: Element) -> date | None:
    return day_of(delivery, "Despatch", "EstimatedDespatchDate")
