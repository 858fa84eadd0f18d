"""openTRANS ORDERRESPONSE and DISPATCHNOTIFICATION: what is promised, and what has left.

An ORDERRESPONSE has no code: it says what will be delivered, so a line of it is accepted. A
`SHIPMENT_ID` is what the carrier calls the shipment; a `PACKAGE_ID` may be the label of a pallet,
so it is told in words only.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise, ShipNotice
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.opentrans import (
    Due,
    document_of,
    due_of,
    item_of,
    lots_of,
    party_of,
    remarks_of,
    serials_of,
    unit_in,
    unit_price,
    unwrapped,
)
from purchasing.formats.readings import collected
from purchasing.formats.xml_body import Element, child, children, name_of, text
from purchasing.formats.xml_documents import (
    country_of,
    currency_of,
    each_line,
    listed,
    name,
    names,
    number,
    sentences,
    typed,
    words,
)
from purchasing.updates import Reading

_CARRIER = "deliverercode"
"""The type of the remark in which ITscope's documents name the carrier."""


class _Response(msgspec.Struct, frozen=True):
    """What the lines of a response share."""

    document: Document
    order: Item
    currency: str
    due: Due


class _Dispatch(msgspec.Struct, frozen=True):
    """What the lines of a notification share."""

    document: Document
    tracking_numbers: tuple[str, ...]
    carrier: str
    estimated_delivery: date | None
    words: str


def read_response(root: Element) -> Reading:
    """What an ORDERRESPONSE promises, line by line.

    Raises:
        MalformedError: It cannot be read.
    """
    info = child(root, "ORDERRESPONSE_HEADER", "ORDERRESPONSE_INFO")
    order = Item(
        po_number=name(info, "ORDER_ID"), supplier_reference=name(info, "SUPPLIER_ORDER_ID")
    )
    if order == Item():
        message = "The ORDERRESPONSE names no order."
        raise MalformedError(message)
    # A response has no number of its own: it is the one of a day or a moment to an order.
    answered = order.supplier_reference or order.po_number
    number_ = f"{answered} of {words(info, 'ORDERRESPONSE_DATE')}"
    response = _Response(
        document=document_of(root, info, number_, "ORDERRESPONSE_DATE"),
        order=order,
        currency=currency_of(text(info, "CURRENCY") or text(info, "PRICE_CURRENCY")),
        due=due_of(info),
    )
    return collected(each_line(items_of(root), lambda line: _promise(line, response)))


def items_of(root: Element) -> list[Element]:
    """The lines of a document.

    Raises:
        MalformedError: There are none.
    """
    kind = name_of(root)
    items = list(children(child(root, f"{kind}_ITEM_LIST"), f"{kind}_ITEM"))
    if not items:
        message = f"The {kind} has no items."
        raise MalformedError(message)
    return items


def _promise(line: Element, response: _Response) -> Iterator[OrderConfirmation]:
    quantity = number(line, "QUANTITY")
    if quantity is not None and quantity <= 0:
        message = "It is confirmed with a quantity of zero or less, and no word on what that means."
        raise HeldError("needs_person", message)
    due = due_of(line)
    yield OrderConfirmation(
        document=response.document,
        item=item_of(line, response.order, is_order_line=True),
        promise=Promise.ACCEPTED,
        quantity=quantity,
        unit=unit_in(line),
        estimated_delivery=due.day or response.due.day,
        unit_price=unit_price(line),
        currency=response.currency,
        words=sentences(due.parts, *remarks_of(line)),
    )


def read_dispatch(root: Element) -> Reading:
    """What a DISPATCHNOTIFICATION says, line by line.

    Raises:
        MalformedError: It cannot be read.
    """
    info = child(root, "DISPATCHNOTIFICATION_HEADER", "DISPATCHNOTIFICATION_INFO")
    own = name(info, "DISPATCHNOTIFICATION_ID")
    shipments = (unwrapped(it) for it in names(info, "SHIPMENT_ID"))
    link = unwrapped(words(info, "TRACKING_TRACING_URL"))
    dispatch = _Dispatch(
        document=document_of(root, info, own, "DISPATCHNOTIFICATION_DATE"),
        # A supplier that has no number of the carrier's may repeat its own.
        tracking_numbers=tuple(it for it in shipments if it and it != own),
        carrier=_carrier(info),
        estimated_delivery=due_of(info).day,
        words=sentences(f"Tracking: {link}" if link else "", *remarks_of(info, but=_CARRIER)),
    )
    return collected(each_line(items_of(root), lambda line: _sent(line, dispatch)))


def _carrier(info: Element | None) -> str:
    return party_of(info, "deliverer") or name(typed(children(info, "REMARKS"), _CARRIER))


def _sent(line: Element, dispatch: _Dispatch) -> Iterator[ShipNotice]:
    quantity = number(line, "QUANTITY")
    if quantity is not None and quantity < 0:
        message = "The QUANTITY is negative, as if goods came back."
        raise HeldError("needs_person", message)
    if quantity == 0:
        message = "Nothing of it was sent."
        raise UnsupportedError("not_a_shipment", message)
    due = due_of(line)
    origins = names(child(line, "LOGISTIC_DETAILS"), "COUNTRY_OF_ORIGIN")
    lots = lots_of(line)
    yield ShipNotice(
        document=dispatch.document,
        item=item_of(line, Item(), is_order_line=False),
        quantity=quantity,
        unit=unit_in(line),
        tracking_numbers=dispatch.tracking_numbers,
        carrier=dispatch.carrier,
        estimated_delivery=due.day or dispatch.estimated_delivery,
        coo=country_of(origins[0]) if len(origins) == 1 else "",
        mfg_lot=lots[0] if len(lots) == 1 else "",
        words=sentences(due.parts, *_words(line, origins, lots), dispatch.words),
    )


def _words(line: Element, origins: tuple[str, ...], lots: tuple[str, ...]) -> Iterator[str]:
    """What has no field of its own: several lots or origins, packages, numbers of pieces."""
    packages = children(child(line, "LOGISTIC_DETAILS", "PACKAGE_INFO"), "PACKAGE")
    told = {
        "Lots": listed(lots) if len(lots) > 1 else "",
        "Origins": listed(origins) if len(origins) > 1 else "",
        "Packages": listed(words(it, "PACKAGE_ID") for it in packages),
        "Serial numbers": serials_of(line),
    }
    yield from (f"{what} {which}" for what, which in told.items() if which)
    yield from remarks_of(line)
