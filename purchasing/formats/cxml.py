"""cXML: the envelope of every document, and the values that all kinds of document have.

Documentation: the DTDs of cXML 1.2.063 (Fulfill, cXML) and 1.2.037 (InvoiceDetail), whose comments
are the specification's text, as FriendsOfCXML/cxml-php (b162087) and officeluv/cxml (515be33) hold
them (read 2026-11).
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import unquote_to_bytes

import msgspec

from purchasing.documents import Document, Item
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.moments import day, moment
from purchasing.formats.xml_body import (
    Element,
    attribute,
    child,
    children,
    elements,
    name_of,
    read_xml,
    text,
)

WHAT = "a cXML document"
"""What a body of this format should be, for sentences about it."""

_FORM = re.compile(rb"[^&]{0,200}?(?:^|&)cxml-(urlencoded|base64)=([^&]*)", re.IGNORECASE)
# Punctuation as in US English, where it can mean nothing else: 1,234 alone might be a fraction.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,5}\.[0-9]{1,12})"
)

_LONGEST_NAME = 255
_LONGEST_WORDS = 1000

# Where a document names the company that sells.
_SELLERS = frozenset({"supplierCorporate", "issuerOfInvoice"})


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a cXML document asks for: the element that says so, and the envelope around it."""

    kind: str
    content: Element
    document: Document

    def numbered(self, number: str) -> Document:
        """The document as statements name it, with its business number."""
        return msgspec.structs.replace(self.document, number=number)


def unwrapped(body: bytes) -> bytes:
    """The document in a body, which may be a form with a field for it.

    The fields are `cxml-urlencoded` and `cxml-base64`, in any case. What is no such form, or cannot
    be decoded, is returned as it is.
    """
    found = _FORM.match(body)
    if found is None:
        return body
    value = found.group(2)
    if found.group(1).lower() == b"urlencoded":
        return unquote_to_bytes(value.replace(b"+", b" "))
    try:
        # A plus sign belongs to base64, whether it was escaped or not.
        return base64.b64decode(b"".join(unquote_to_bytes(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return body


def read_envelope(body: bytes) -> Element:
    """The root of a cXML document.

    Raises:
        MalformedError: It is no XML, or another document.
    """
    root = read_xml(unwrapped(body), WHAT)
    if name_of(root) != "cXML":
        message = f"The body is XML, but not {WHAT}: its root is another element."
        raise MalformedError(message)
    return root


def credentials(root: Element, party: str) -> Iterator[Element]:
    """The credentials of `From`, `To` or `Sender`."""
    yield from children(child(root, "Header", party), "Credential")


def identity_of(root: Element, party: str) -> str:
    """The first identity that is given for a party; empty if none."""
    identities = (text(credential, "Identity") for credential in credentials(root, party))
    return next((identity for identity in identities if identity), "")


def kind_of(root: Element) -> str:
    """What a document is: the element within its Request or Message, or `Response`; empty if none.

    A Message holds its Status before what it says.
    """
    for name in ("Request", "Message"):
        inside = tuple(elements(child(root, name)))
        if inside:
            return name_of(inside[-1])
    return "Response" if child(root, "Response") is not None else ""


def read_request(body: bytes, title: str) -> Request:
    """The request of a document; `title` is what to call the sender of one that names nobody.

    Raises:
        MalformedError: It is no cXML document, or holds not exactly one request.
        UnsupportedError: It is a test, or no request.
    """
    root = read_envelope(body)
    request = child(root, "Request")
    for container in (request, child(root, "Message")):
        if attribute(container, "deploymentMode").lower() == "test":
            message = 'The document is marked as a test: its deploymentMode is "test".'
            raise UnsupportedError("test_mode", message)
    if request is None:
        message = f"A cXML {kind_of(root)[:60] or 'document without a Request'} is not read."
        raise UnsupportedError("unsupported_kind", message)
    inside = tuple(elements(request))
    if len(inside) != 1:
        message = f"The Request holds {len(inside)} documents instead of one."
        raise MalformedError(message)
    (content,) = inside
    company = _company(root, content)
    document = Document(
        sender=f"{company} ({title})" if company else title,
        supplier=company or identifier(identity_of(root, "From"), "the From Identity"),
        said_at=_zoned(attribute(root, "timestamp")),
    )
    return Request(kind=name_of(content), content=content, document=document)


def _company(root: Element, content: Element) -> str:
    """The name of the company that sells, where the document gives one."""
    header = next((it for it in content if name_of(it).endswith("Header")), None)
    partners = (child(it, "Contact") for it in children(header, "InvoicePartner"))
    for contact in (*children(header, "Contact"), *partners):
        if attribute(contact, "role") in _SELLERS and text(contact, "Name"):
            return words(text(contact, "Name"), _LONGEST_NAME)
    correspondent = child(root, "Header", "From", "Correspondent", "Contact", "Name")
    return words(text(correspondent), _LONGEST_NAME)


def _zoned(value: str) -> datetime | None:
    return moment(value)[0]


def order_of(holder: Element | None) -> Item:
    """The order that an element refers to, without a line of it.

    Without `orderID`, which is optional, the payloadID of the referenced document is taken for the
    number of the order: senders that leave out the one write it into the other.
    """
    reference = child(holder, "OrderReference")
    return Item(
        po_number=identifier(
            attribute(reference, "orderID")
            or attribute(child(holder, "OrderIDInfo"), "orderID")
            or attribute(child(reference, "DocumentReference"), "payloadID"),
            "the order's number",
        ),
        supplier_reference=identifier(
            attribute(child(holder, "SupplierOrderInfo"), "orderID"), "the supplier's order"
        ),
    )


def item_of(order: Item, line: str, item_id: Element | None, manufacturer_part: str) -> Item:
    """A line of an order, by its number and by the parts that are named.

    Raises:
        MalformedError: Neither is there.
    """
    item = msgspec.structs.replace(
        order,
        line_number=identifier(line, "a line number"),
        part_number=identifier(text(item_id, "BuyerPartID"), "a BuyerPartID"),
        manufacturer_part_number=identifier(manufacturer_part, "a ManufacturerPartID"),
        supplier_part_number=identifier(text(item_id, "SupplierPartID"), "a SupplierPartID"),
    )
    if item.is_whole_order:
        message = "A line of the document names neither a line of the order nor a part."
        raise MalformedError(message)
    return item


def identifier(value: str, what: str) -> str:
    """A name or number with single spaces; `what` it is, for the sentence.

    Raises:
        MalformedError: It is longer than any.
    """
    name = " ".join(value.split())
    if len(name) > _LONGEST_NAME:
        message = f"The document is not read: {what} is longer than {_LONGEST_NAME} characters."
        raise MalformedError(message)
    return name


def words(value: str, longest: int = _LONGEST_WORDS) -> str:
    """What is written for people, with single spaces; what is too long ends in three dots."""
    said = " ".join(value.split())
    return said if len(said) <= longest else f"{said[: longest - 3].rstrip()}..."


def sentences(*parts: str) -> str:
    """Several remarks as one, each once."""
    said = (" ".join(part.split()).rstrip(".") for part in parts)
    return words("; ".join(dict.fromkeys(part for part in said if part)))


def comments(element: Element | None) -> tuple[str, ...]:
    """The remarks that an element carries."""
    return tuple(text(it) for it in children(element, "Comments"))


def number(value: str, what: str) -> Decimal | None:
    """A number, or None where nothing is written; `what` it is, for the sentence.

    Raises:
        MalformedError: It is no number, or has more digits than any has.
    """
    if not value:
        return None
    if not _NUMBER.fullmatch(value):
        message = f"The document is not read: {what} is no number."
        raise MalformedError(message)
    return Decimal(value.replace(",", ""))


def quantity_of(element: Element, name: str = "quantity") -> Decimal | None:
    """A quantity, or None where none is written.

    Raises:
        MalformedError: It is no number.
    """
    return number(attribute(element, name), f"a {name}")


def money(element: Element | None, *path: str) -> Decimal | None:
    """The amount of the Money at the end of a path, or None where it is empty or missing.

    Raises:
        MalformedError: It is no number.
    """
    return number(text(element, *path, "Money"), f"the amount of {(*path, 'Money')[0]}")


def per_piece(amount: Decimal, element: Element | None) -> Decimal:
    """What an amount for the quantity of the PriceBasisQuantity is for one piece.

    The factor is that from the order's unit to the basis' unit, so that 12.50 for 1,000 pieces, or
    for one unit of a thousand (factor 0.001), is 0.0125 each.

    Raises:
        MalformedError: The PriceBasisQuantity is no number above zero.
    """
    basis = child(element, "PriceBasisQuantity")
    if basis is None:
        return amount
    quantity, factor = quantity_of(basis), quantity_of(basis, "conversionFactor")
    quantity = Decimal(1) if quantity is None else quantity
    factor = Decimal(1) if factor is None else factor
    if quantity <= 0 or factor <= 0:
        message = "The document is not read: a PriceBasisQuantity is not above zero."
        raise MalformedError(message)
    return amount * factor / quantity


def currencies(element: Element) -> frozenset[str]:
    """The currencies in which an element states amounts, but for what is only in an Extrinsic."""
    return frozenset(
        attribute(it, "currency").upper()
        for it in element.iter()
        if name_of(it) == "Money"
        and text(it)
        and attribute(it, "currency")
        and not any(name_of(above) == "Extrinsic" for above in it.iterancestors())
    )


def dated(element: Element | None, name: str) -> tuple[date | None, str]:
    """The date in an attribute, and the words for one that cannot be read as one."""
    written = attribute(element, name)
    found = day(written)
    return found, f"{name} {words(written, _LONGEST_NAME)}" if written and found is None else ""
