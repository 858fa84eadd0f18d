"""openTRANS 2.1 and 1.0: what its documents have in common, and which of them are read.

Sources: the openTRANS 2.1 schema as warappa/OpenTransSharp (commit a6ff33b) writes it down, the
examples of ITscope in Naugrimm/opentrans (1a0ee48) and of JACOB Elektronik in
jacob-elektronik/joe-api-documentation (8a637bd and 4e91ccb), openTRANS 1.0 in public classes made
from its schema; all read 2026-11.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.invoices import is_same
from purchasing.formats.json_body import peek_json
from purchasing.formats.xml_body import Element, attribute, child, children, name_of, read_xml, text
from purchasing.formats.xml_documents import (
    day_of,
    listed,
    moment_of,
    name,
    names,
    number,
    of_line,
    words,
)
from purchasing.units import unit_of

TITLE = "openTRANS"

_NAMESPACES = (
    "",
    "http://www.opentrans.org/XMLSchema/1.0",
    "http://www.opentrans.org/XMLSchema/2.1",
)
_KINDS = frozenset({"ORDERRESPONSE", "DISPATCHNOTIFICATION", "INVOICE"})
"""The documents that are read."""
_OTHER_KINDS = frozenset(
    {
        "INVOICELIST",
        "ORDER",
        "ORDERCHANGE",
        "QUOTATION",
        "RECEIPTACKNOWLEDGEMENT",
        "REMITTANCEADVICE",
        "RFQ",
    }
)
_LITERAL_START, _LITERAL_END = "<![CDATA[", "]]>"


class _Event(msgspec.Struct, frozen=True):
    """What may stand at the top of something in JSON that JACOB posts."""

    event: str | None = None
    orderResponseHeader: msgspec.Raw = msgspec.Raw()  # noqa: N815
    dispatchNotificationHeader: msgspec.Raw = msgspec.Raw()  # noqa: N815
    invoiceHeader: msgspec.Raw = msgspec.Raw()  # noqa: N815


_EVENT = msgspec.json.Decoder(_Event)


def root_of(body: bytes) -> Element:
    """The document.

    Raises:
        MalformedError: It is no openTRANS document in XML.
        UnsupportedError: It only points to a document, or is one that causes nothing.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        _refuse_json(body)
    root = read_xml(body, "an openTRANS document")
    namespace, _, _ = str(root.tag).lstrip("{").rpartition("}")
    kind = name_of(root)
    if namespace not in _NAMESPACES or kind not in _KINDS | _OTHER_KINDS:
        message = "The body is XML, but its root is not that of an openTRANS document."
        raise MalformedError(message)
    if kind in _OTHER_KINDS:
        message = f"An openTRANS {kind} says nothing that a purchase is told of."
        raise UnsupportedError("unsupported_kind", message)
    return root


def _refuse_json(body: bytes) -> None:
    found = peek_json(_EVENT, body) or _Event()
    if found.event:
        message = (
            "The event only points to a document, which has to be fetched from its sender; "
            "have the documents themselves posted."
        )
        raise UnsupportedError("unsupported_kind", message)
    documents = (found.orderResponseHeader, found.dispatchNotificationHeader, found.invoiceHeader)
    if any(bytes(it) for it in documents):
        message = (
            "The document is in JSON, and only openTRANS in XML is read; "
            "a document comes in the format in which its order was placed."
        )
        raise MalformedError(message)
    message = "The body is JSON, and neither an openTRANS document nor an event about one."
    raise MalformedError(message)


def document_of(root: Element, info: Element | None, number_: str, said: str) -> Document:
    """The document under its number, and when it was made; `said` names its own date."""
    seller = _seller(info)
    return Document(
        sender=f"{seller} ({TITLE})" if seller else TITLE,
        number=number_,
        supplier=seller,
        said_at=_generated_at(root) or moment_of(info, said),
    )


def _generated_at(root: Element) -> datetime | None:
    header = child(root, f"{name_of(root)}_HEADER")
    return moment_of(header, "CONTROL_INFO", "GENERATION_DATE")


def _seller(info: Element | None) -> str:
    found = party_of(info, "supplier") or party_of(info, "invoice_issuer")
    if found:
        return found
    issuers = {words(info, kind) for kind in ("SUPPLIER_IDREF", "INVOICE_ISSUER_IDREF")} - {""}
    for party in children(child(info, "PARTIES"), "PARTY"):
        if any(words(it) in issuers for it in children(party, "PARTY_ID")):
            return _name_of_party(party)
    # openTRANS 1.0 has an element for each role.
    for place in (info, child(info, "ORDER_PARTIES"), child(info, "INVOICE_PARTIES")):
        if found := _name_of_party(child(place, "SUPPLIER_PARTY", "PARTY")):
            return found
    return ""


def party_of(info: Element | None, role: str) -> str:
    """The name of the party that has a role; empty if there is none."""
    for party in children(child(info, "PARTIES"), "PARTY"):
        roles = {words(it).lower() for it in children(party, "PARTY_ROLE")}
        if role in roles and (found := _name_of_party(party)):
            return found
    return ""


def _name_of_party(party: Element | None) -> str:
    address = child(party, "ADDRESS")
    return name(address, "NAME") or name(address, "CONTACT_DETAILS", "CONTACT_NAME")


def product_of(line: Element) -> Element | None:
    """What a line says of its product."""
    found = child(line, "PRODUCT_ID")
    return found if found is not None else child(line, "ARTICLE_ID")


def price_of(line: Element) -> Element | None:
    """What a line says of its price."""
    found = child(line, "PRODUCT_PRICE_FIX")
    return found if found is not None else child(line, "ARTICLE_PRICE")


def item_of(line: Element, of: Item, *, is_order_line: bool) -> Item:
    """Which goods a line means, of an order of its own or of the document's.

    `LINE_ITEM_ID` is the order's own in a response to it (`is_order_line`), and else the
    document's counter, which may count only where no order's line is referred to.

    Raises:
        HeldError: It names neither a line nor a part, which must not pass for the whole order.
    """
    product = product_of(line)
    order = child(line, "ORDER_REFERENCE")
    given = name(order, "LINE_ITEM_ID")
    counter = name(line, "LINE_ITEM_ID")
    return of_line(
        Item(
            po_number=name(order, "ORDER_ID") or of.po_number,
            supplier_reference=name(line, "SUPPLIER_ORDER_REFERENCE", "SUPPLIER_ORDER_ID")
            or of.supplier_reference,
            line_number=given or counter,
            is_own_counter=bool(counter) and not (given or is_order_line),
            part_number=name(product, "BUYER_PID") or name(product, "BUYER_AID"),
            manufacturer_part_number=name(product, "MANUFACTURER_INFO", "MANUFACTURER_PID")
            or name(product, "MANUFACTURER_INFO", "MANUFACTURER_AID"),
            supplier_part_number=name(product, "SUPPLIER_PID") or name(product, "SUPPLIER_AID"),
        )
    )


def unit_in(line: Element) -> str:
    """The unit of a line's quantity; empty where it is counted in pieces."""
    return unit_of(text(line, "ORDER_UNIT"))


def line_total(line: Element) -> Decimal | None:
    """What a line comes to, as it is stated; with or without its tax."""
    stated = number(line, "PRICE_LINE_AMOUNT")
    return stated if stated is not None else number(price_of(line), "PRICE_LINE_AMOUNT")


def unit_price(line: Element) -> Decimal | None:
    """The price of one piece; None where the line's total does not show for how many it is.

    A price may be for several pieces (`PRICE_QUANTITY`). `PRICE_BASE_FIX` tells it in another unit,
    as which of two things is read in two ways: the line's total decides.
    """
    place = price_of(line)
    price = number(place, "PRICE_AMOUNT")
    base = number(place, "PRICE_QUANTITY")
    units = number(place, "PRICE_BASE_FIX", "PRICE_UNIT_VALUE")
    if price is None or (base is not None and base <= 0) or (units is not None and units <= 0):
        return None
    if base is not None:
        price = price / base
    if units is None:
        return price
    return _by_total(line, price, units)


def _by_total(line: Element, price: Decimal, units: Decimal) -> Decimal | None:
    quantity, total = number(line, "QUANTITY"), line_total(line)
    if not quantity or total is None:
        return None
    for one in (price / units, price * units / quantity, price):
        if is_same(one * quantity, total):
            return one
    return None


def unwrapped(found: str) -> str:
    """A text without the literal CDATA marks that JACOB's documents have around it."""
    if found.startswith(_LITERAL_START) and found.endswith(_LITERAL_END):
        return found[len(_LITERAL_START) : -len(_LITERAL_END)].strip()
    return found


def remarks_of(element: Element | None, *, but: str = "") -> tuple[str, ...]:
    """What people wrote to a document or a line, but for remarks of one type."""
    return tuple(
        found
        for kind in ("REMARKS", "REMARK")
        for it in children(element, kind)
        if (found := words(it)) and (not but or attribute(it, "type").lower() != but)
    )


def lots_of(line: Element) -> tuple[str, ...]:
    """The lots that a line names."""
    product = product_of(line)
    return names(product, "LOT_NUMBER") if product is not None else ()


def serials_of(line: Element) -> str:
    """The serial numbers that a line names, for a note."""
    return listed(words(it) for it in children(product_of(line), "SERIAL_NUMBER"))


class Due(msgspec.Struct, frozen=True):
    """By when something is delivered, and in which parts."""

    day: date | None = None
    parts: str = ""


def due_of(element: Element | None) -> Due:
    """By when a line or a document is delivered; of several parts the last one counts."""
    parts = list(children(child(element, "PARTIAL_DELIVERY_LIST"), "PARTIAL_DELIVERY"))
    days = [_due(it) for it in parts]
    said = (f"{words(it, 'QUANTITY')} by {day}" for it, day in zip(parts, days, strict=True) if day)
    last = max((day for day in days if day), default=None)
    if last is None:
        return Due(_due(element) or _due(child(element, "DELIVERY_REFERENCE")))
    return Due(last, listed(said))


def _due(element: Element | None) -> date | None:
    period = child(element, "DELIVERY_DATE")
    return day_of(period, "DELIVERY_END_DATE") or day_of(period, "DELIVERY_START_DATE")
