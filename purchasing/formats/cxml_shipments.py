"""cXML's ShipNoticeRequest: goods that have left the supplier, or are planned to.

Documentation: ShipNoticeHeader, ShipControl, ShipNoticePortion, ShipNoticeItem and Batch of
Fulfill.dtd 1.2.063 (FriendsOfCXML/cxml-php, b162087, read 2026-11).

Quirks that this module knows:
- `shipmentType="planned"`: nothing has left, the dates are estimates.
- Several ShipControl are the legs of one journey, not parcels; several CarrierIdentifier are one
  carrier.
- A portion without items ships the entire order.
- One line may have several batches, each with its quantity.
- There is no place for a date code, so suppliers put it into an Extrinsic.
- Some write `ShipmentID` for `shipmentID`.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise, Purpose, ShipNotice
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.cxml import (
    Request,
    comments,
    dated,
    identifier,
    item_of,
    order_of,
    quantity_of,
    sentences,
)
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

_PURPOSES = {"new": Purpose.NEW, "update": Purpose.REPLACES, "delete": Purpose.CANCELS}

_BATCHES = frozenset({"Batch", "SupplierBatchID"})

# Each of a notice's statements carries them all.
_MOST_NUMBERS = 200

_COUNTRY = re.compile(r"[A-Z]{2}")


class _Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """What all goods of a document, or all lots of a line, have in common."""

    document: Document
    purpose: Purpose
    is_planned: bool
    tracking_numbers: tuple[str, ...]
    carrier: str
    service: str
    shipped_on: date | None
    estimated_delivery: date | None
    words: tuple[str, ...]
    unit: str = ""


class _Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one line that were made together."""

    quantity: Decimal | None = None
    name: str = ""
    coo: str = ""
    words: str = ""


def read_ship_notice(request: Request) -> Reading:
    """What a ship notice says.

    Raises:
        MalformedError: It has no header or no order.
        UnsupportedError: The goods go back to the supplier.
    """
    header = child(request.content, "ShipNoticeHeader")
    if header is None:
        message = "The ShipNoticeRequest has no ShipNoticeHeader."
        raise MalformedError(message)
    if attribute(header, "reason") == "return":
        message = "The ship notice is about goods that go back to the supplier."
        raise UnsupportedError("not_a_shipment", message)
    portions = tuple(children(request.content, "ShipNoticePortion"))
    held = _held_as_a_whole(header, has_orders=bool(portions))
    if held is not None:
        return Reading(held=(held,))
    if not portions:
        message = "The ship notice names no order: it has no ShipNoticePortion."
        raise MalformedError(message)
    shipment = _shipment(request, header)
    said = [it for portion in portions for it in _of_portion(shipment, portion)]
    return Reading(
        updates=tuple(it for it in said if not isinstance(it, Finding)),
        held=tuple(it for it in said if isinstance(it, Finding)),
    )


def _held_as_a_whole(header: Element, *, has_orders: bool) -> Finding | None:
    operation = attribute(header, "operation") or "new"
    type_ = attribute(header, "shipmentType") or "actual"
    name = _number(header) or "without a number"
    if operation not in _PURPOSES:
        detail = f'The operation of ship notice {name} is "{operation[:60]}"; a person must decide.'
        return Finding("needs_person", detail)
    if type_ not in ("actual", "planned"):
        return Finding("unknown_status", f'The shipmentType is "{type_[:60]}", which is not known.')
    if operation == "delete" and (type_ == "planned" or not has_orders):
        detail = f"The supplier takes ship notice {name} back; a person must decide."
        return Finding("needs_person", detail)
    return None


def _number(header: Element) -> str:
    number = attribute(header, "shipmentID") or attribute(header, "ShipmentID")
    return identifier(number, "the shipmentID")


def _shipment(request: Request, header: Element) -> _Shipment:
    controls = tuple(children(request.content, "ShipControl"))
    carriers = tuple(children(controls[0] if controls else None, "CarrierIdentifier"))
    numbers, bills = _identifiers(controls)
    shipped_on, unread_shipped = dated(header, "shipmentDate")
    delivery, unread_delivery = dated(header, "deliveryDate")
    return _Shipment(
        document=request.numbered(_number(header)),
        purpose=_PURPOSES[attribute(header, "operation") or "new"],
        is_planned=attribute(header, "shipmentType") == "planned",
        tracking_numbers=numbers,
        carrier=_carrier(carriers),
        service=sentences(text(header, "ServiceLevel")),
        shipped_on=shipped_on,
        estimated_delivery=delivery,
        words=(*bills, *comments(header), unread_shipped, unread_delivery),
    )


def _carrier(carriers: tuple[Element, ...]) -> str:
    """The carrier's name; its code where no name is given."""
    names = (text(it) for it in carriers if attribute(it, "domain").lower() == "companyname")
    codes = (text(it) for it in carriers)
    return identifier(next(filter(None, (*names, *codes)), ""), "a carrier")


def _identifiers(holders: tuple[Element, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tracking numbers, each once, and the words for bills of lading, which are none."""
    numbers: list[str] = []
    bills: list[str] = []
    for element in (it for holder in holders for it in children(holder, "ShipmentIdentifier")):
        name = identifier(text(element), "a ShipmentIdentifier")
        if name and "lading" in attribute(element, "domain").lower():
            bills.append(f"Bill of lading {name}")
        elif name:
            numbers.append(name)
    if len(numbers) > _MOST_NUMBERS:
        message = f"The ship notice has more than {_MOST_NUMBERS} tracking numbers in one place."
        raise MalformedError(message)
    return tuple(dict.fromkeys(numbers)), tuple(bills)


def _of_portion(
    shipment: _Shipment, portion: Element
) -> Iterator[ShipNotice | OrderConfirmation | Finding]:
    """What is said of one order: of each of its lines and lots, or of it as a whole."""
    try:
        order = order_of(portion)
    except MalformedError as error:
        yield Finding("malformed", str(error))
        return
    said = comments(portion)
    items = tuple(children(portion, "ShipNoticeItem"))
    if not items:
        yield _statement(shipment, order, _Lot(words=sentences(*said)))
    for position, element in enumerate(items, start=1):
        try:
            yield from _of_item(shipment, order, element, said)
        except MalformedError as error:
            yield Finding("malformed", f"ShipNoticeItem {position}: {error}")


def _of_item(
    shipment: _Shipment, order: Item, element: Element, said: tuple[str, ...]
) -> list[ShipNotice | OrderConfirmation | Finding]:
    part = text(element, "ShipNoticeItemDetail", "ManufacturerPartID")
    item = item_of(order, attribute(element, "lineNumber"), child(element, "ItemID"), part)
    quantity = quantity_of(element)
    batches = [_lot(it) for it in elements(element) if name_of(it) in _BATCHES]
    given = [batch.quantity for batch in batches if batch.quantity is not None]
    total = sum(given, Decimal(0))
    if quantity is not None and given and len(given) == len(batches) and total != quantity:
        detail = f"Line {item.line_number}: its batches hold {total:f} pieces together, the line "
        return [Finding("does_not_add_up", f"{detail}{quantity:f}.")]
    lots = _lots(batches, quantity, is_planned=shipment.is_planned)
    code, unclear = _date_code(element)
    own, bills = _identifiers(tuple(children(element, "Packaging")))
    shipment = msgspec.structs.replace(
        shipment,
        unit=unit_of(text(element, "UnitOfMeasure")),
        tracking_numbers=own or shipment.tracking_numbers,
        words=(unclear, *bills, *comments(element), *said, *shipment.words),
    )
    return [_statement(shipment, item, lot, code) for lot in lots]


def _statement(
    shipment: _Shipment, item: Item, lot: _Lot, date_code: str = ""
) -> ShipNotice | OrderConfirmation:
    words = sentences(lot.words, *shipment.words)
    if shipment.is_planned:
        return OrderConfirmation(
            document=shipment.document,
            item=item,
            promise=Promise.PLANNED,
            quantity=lot.quantity,
            unit=shipment.unit,
            expected_ship_by=shipment.shipped_on,
            estimated_delivery=shipment.estimated_delivery,
            words=words,
        )
    return ShipNotice(
        document=shipment.document,
        item=item,
        purpose=shipment.purpose,
        quantity=lot.quantity,
        unit=shipment.unit,
        tracking_numbers=shipment.tracking_numbers,
        carrier=shipment.carrier,
        service=shipment.service,
        shipped_on=shipment.shipped_on,
        estimated_delivery=shipment.estimated_delivery,
        coo=lot.coo,
        date_code=date_code,
        mfg_lot=lot.name,
        words=words,
    )


def _lots(batches: list[_Lot], quantity: Decimal | None, *, is_planned: bool) -> tuple[_Lot, ...]:
    """The lots of a line: each with its quantity, or all as one where they have none."""
    has_quantities = all(batch.quantity is not None for batch in batches)
    if len(batches) > 1 and has_quantities and not is_planned:
        return tuple(batches)
    # Which pieces are of which lot is not said, so only what they share is said of all.
    names = tuple(dict.fromkeys(batch.name for batch in batches))
    countries = {batch.coo for batch in batches}
    together = f"Lots {', '.join(filter(None, names))}" if len(names) > 1 else ""
    return (
        _Lot(
            quantity=quantity,
            name=names[0] if len(names) == 1 else "",
            coo=countries.pop() if len(countries) == 1 else "",
            words=sentences(together, *(batch.words for batch in batches)),
        ),
    )


def _lot(batch: Element) -> _Lot:
    if name_of(batch) == "SupplierBatchID":
        return _Lot(name=identifier(text(batch), "a SupplierBatchID"))
    country = attribute(batch, "originCountryCode").upper()
    is_code = _COUNTRY.fullmatch(country) is not None
    made_on, unread = dated(batch, "productionDate")
    name = text(batch, "SupplierBatchID") or text(batch, "BuyerBatchID")
    return _Lot(
        quantity=quantity_of(batch, "batchQuantity"),
        name=identifier(name, "a SupplierBatchID"),
        coo=country if is_code else "",
        words=sentences(
            f"Made on {made_on}" if made_on else unread,
            f"Origin {country}" if country and not is_code else "",
        ),
    )


def _date_code(element: Element) -> tuple[str, str]:
    """The date code that an Extrinsic of that name holds, and the words for several of them."""
    detail = child(element, "ShipNoticeItemDetail")
    extrinsics = (*children(element, "Extrinsic"), *children(detail, "Extrinsic"))
    found = (text(it) for it in extrinsics if _is_date_code(attribute(it, "name")))
    codes = tuple(dict.fromkeys(identifier(code, "a date code") for code in found if code))
    if len(codes) == 1:
        return codes[0], ""
    return "", f"Date codes {', '.join(codes)}" if codes else ""


def _is_date_code(name: str) -> bool:
    return "datecode" in re.sub(r"[^a-z]", "", name.lower())
