"""UBL 2.x: what its documents have in common, and which of them are read.

Sources: OASIS UBL 2.1 (docs.oasis-open.org/ubl), Peppol BIS (docs.peppol.eu/poacc/upgrade-3, rules
T16 and T76) and the examples of OpenPEPPOL/poacc-upgrade-3 and phax/ph-ubl (read 2026-11).
"""

from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.xml_body import (
    Element,
    attribute,
    child,
    children,
    name_of,
    read_xml,
    text,
)
from purchasing.formats.xml_documents import (
    day_of,
    end_of,
    name,
    number,
    of_line,
    only_order,
    words,
)
from purchasing.units import unit_of

TITLE = "UBL"

_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
_ENVELOPE = "StandardBusinessDocument"
_ENVELOPE_HEAD = "StandardBusinessDocumentHeader"
_NOT_GIVEN = "NA"
"""What Peppol writes where a number must stand and none is known."""

_SELLERS = (
    ("SellerSupplierParty",),
    ("DespatchSupplierParty",),
    ("AccountingSupplierParty",),
)


def root_of(body: bytes) -> Element:
    """The document itself, taken out of the envelope (SBDH) in which it may stand.

    Raises:
        MalformedError: It is no UBL 2 document.
    """
    root = read_xml(body, "a UBL document")
    if name_of(root) == _ENVELOPE:
        inside = [it for it in root if name_of(it) not in ("", _ENVELOPE_HEAD)]
        if len(inside) != 1:
            message = f"The envelope holds {len(inside)} documents; one is expected."
            raise MalformedError(message)
        root = inside[0]
    namespace, _, kind = str(root.tag).lstrip("{").rpartition("}")
    if namespace != f"{_NAMESPACE}{kind}-2":
        message = "The body is XML, but its root is not that of a UBL 2 document."
        raise MalformedError(message)
    return root


def refuse_copy(root: Element) -> None:
    """Go on only if the document is no mere copy.

    Raises:
        UnsupportedError: It calls itself a copy.
    """
    if text(root, "CopyIndicator").lower() in ("true", "1"):
        message = f"This {name_of(root)} is marked as a copy of one that was sent before."
        raise UnsupportedError("unsupported_kind", message)


def document_of(root: Element) -> Document:
    """The document's number, its seller, and the end of the day on which it was issued."""
    parties = (child(root, *path, "Party") for path in _SELLERS)
    seller = next((found for party in parties if (found := _name_of_party(party))), "")
    return Document(
        sender=f"{seller} ({TITLE})" if seller else TITLE,
        number=name(root, "ID"),
        supplier=seller,
        said_at=end_of(day_of(root, "IssueDate")),
    )


def _name_of_party(party: Element | None) -> str:
    return name(party, "PartyName", "Name") or name(party, "PartyLegalEntity", "RegistrationName")


def order_of(element: Element) -> Item:
    """The order that a document or a line refers to, without a line of it."""
    return only_order(
        Item(po_number=reference(it, "ID"), supplier_reference=reference(it, "SalesOrderID"))
        for it in children(element, "OrderReference")
    )


def reference(element: Element | None, *path: str) -> str:
    """A number by which something is referred to; empty where it is not known."""
    found = name(element, *path)
    return "" if found.upper() == _NOT_GIVEN else found


def has_references(lines: list[Element]) -> bool:
    """Whether lines of a document say which lines of the order they mean."""
    return any(reference(it, "OrderLineReference", "LineID") for it in lines)


def item_of(
    line: Element, goods: Element | None, order: Item, *, number_of_line: str, may_count: bool
) -> Item:
    """Which goods a line means.

    `number_of_line` is the document's own, which is used only where no line of the document
    refers to a line of the order (`may_count`).

    Raises:
        HeldError: It names neither a line nor a part, which must not pass for the whole order.
    """
    place = _place_of(line)
    own = order_of(place) if place is not None else Item()
    given = reference(place, "LineID")
    counter = number_of_line if may_count and not given else ""
    return of_line(
        msgspec.structs.replace(
            own if own != Item() else order,
            line_number=given or counter,
            is_own_counter=bool(counter),
            part_number=reference(goods, "BuyersItemIdentification", "ID"),
            manufacturer_part_number=reference(goods, "ManufacturersItemIdentification", "ID"),
            supplier_part_number=reference(goods, "SellersItemIdentification", "ID"),
        )
    )


def _place_of(line: Element) -> Element | None:
    """Where a line says which line of the order it means."""
    places = list(children(line, "OrderLineReference"))
    if len({reference(it, "LineID") for it in places}) > 1:
        message = "It refers to several lines of the order, and not to so much of each."
        raise HeldError("needs_person", message)
    return places[0] if places else None


def unit_price(line: Element) -> Decimal | None:
    """The price of one piece, whatever number of pieces it is stated for.

    Raises:
        MalformedError: It is stated for no piece at all.
    """
    price = number(line, "Price", "PriceAmount")
    base = number(line, "Price", "BaseQuantity")
    if price is None or base is None:
        return price
    if base <= 0:
        message = "The price is for a BaseQuantity of zero or less."
        raise MalformedError(message)
    return price / base


def unit_in(quantity: Element | None) -> str:
    """The unit of a quantity; empty where it is counted in pieces."""
    return unit_of(attribute(quantity, "unitCode"))


def notes_of(element: Element) -> tuple[str, ...]:
    """What people wrote to a document or a line."""
    return tuple(found for it in children(element, "Note") if (found := words(it)))
