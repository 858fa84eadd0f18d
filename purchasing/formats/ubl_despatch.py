"""UBL DespatchAdvice: goods that have left the supplier, or are about to.

`Shipment/ID` is a dummy in Peppol, and a handling unit's `ID` is the label of a pallet: only a
`TrackingID`, wherever it stands in a shipment, is a tracking number. A manufacturing date is no
date code.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from purchasing.documents import (
    Document,
    Item,
    OrderConfirmation,
    Promise,
    Purpose,
    ShipNotice,
)
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
)
from purchasing.formats.ubl_response import end_of_period
from purchasing.formats.xml_body import Element, child, children, name_of, text
from purchasing.formats.xml_documents import (
    country_of,
    day_of,
    each_line,
    listed,
    name,
    number,
    sentences,
    whole,
    words,
)
from purchasing.updates import Reading

_PURPOSES = {
    "": Purpose.NEW,
    "NoStatus": Purpose.NEW,
    "Revised": Purpose.REPLACES,
    "Cancelled": Purpose.CANCELS,
}
"""OASIS DocumentStatusCode; `Disputed` is not here, because it says nothing that can be told."""

_PLANNED = "345"
_SENT = frozenset({"", "351", "DELIVERY"})
"""DespatchAdviceTypeCode: UNCL 1001 (345 is ready for despatch), and the word of OASIS."""


class _Shipment(msgspec.Struct, frozen=True):
    """How and when goods travel, as far as it is said."""

    tracking_numbers: tuple[str, ...] = ()
    carrier: str = ""
    shipped_on: date | None = None
    planned_for: date | None = None
    estimated_delivery: date | None = None


class _Header(msgspec.Struct, frozen=True):
    """What holds for every line that does not say otherwise."""

    document: Document
    order: Item
    purpose: Purpose
    shipment: _Shipment
    is_planned: bool
    may_count: bool


def read_despatch(root: Element) -> Reading:
    """What a DespatchAdvice says, line by line, or of the whole order where it has no lines.

    Raises:
        MalformedError: It cannot be read.
    """
    lines = list(children(root, "DespatchLine"))
    try:
        header = _header(root, lines)
    except HeldError as error:
        return held(error.reason, error.detail)
    if not lines:
        return whole(root, lambda _: _of_order(header))
    return collected(each_line(lines, lambda line: _of_line(line, header)))


def _header(root: Element, lines: list[Element]) -> _Header:
    status = text(root, "DocumentStatusCode")
    kind = text(root, "DespatchAdviceTypeCode").upper()
    if status not in _PURPOSES:
        message = "The DocumentStatusCode of the advice is not one that is known."
        raise HeldError("unknown_status", message)
    if kind != _PLANNED and kind not in _SENT:
        message = "The DespatchAdviceTypeCode is not one that is known."
        raise HeldError("unknown_status", message)
    return _Header(
        document=document_of(root),
        order=order_of(root),
        purpose=_PURPOSES[status],
        shipment=_shipment(child(root, "Shipment")),
        is_planned=kind == _PLANNED,
        may_count=not has_references(lines),
    )


def _shipment(shipment: Element | None) -> _Shipment:
    if shipment is None:
        return _Shipment()
    found = [it for it in shipment.iter() if name_of(it) == "TrackingID"]
    carriers = [it for it in shipment.iter() if name_of(it) == "CarrierParty"]
    deliveries = list(children(shipment, "Delivery"))
    sent = [child(it, "Despatch") for it in deliveries]
    due = [end_of_period(child(it, "EstimatedDeliveryPeriod")) for it in deliveries]
    return _Shipment(
        tracking_numbers=tuple(dict.fromkeys(number_ for it in found if (number_ := name(it)))),
        carrier=next((carrier for it in carriers if (carrier := _carrier(it))), ""),
        shipped_on=_last([day_of(it, "ActualDespatchDate") for it in sent]),
        planned_for=_last([day_of(it, "EstimatedDespatchDate") for it in sent]),
        estimated_delivery=_last(due),
    )


def _carrier(party: Element) -> str:
    return (
        name(party, "PartyName", "Name")
        or name(party, "PartyLegalEntity", "RegistrationName")
        or name(party, "PartyIdentification", "ID")
    )


def _last(days: list[date | None]) -> date | None:
    return max((day for day in days if day), default=None)


def _merged(own: _Shipment, common: _Shipment) -> _Shipment:
    """A line's own shipment, with what it leaves open from that of the document."""
    return _Shipment(
        tracking_numbers=own.tracking_numbers or common.tracking_numbers,
        carrier=own.carrier or common.carrier,
        shipped_on=own.shipped_on or common.shipped_on,
        planned_for=own.planned_for or common.planned_for,
        estimated_delivery=own.estimated_delivery or common.estimated_delivery,
    )


def _of_order(header: _Header) -> Iterator[ShipNotice | OrderConfirmation]:
    order = header.order
    if order == Item():
        message = "The DespatchAdvice has no lines, and names no order or more than one."
        raise MalformedError(message)
    yield _said(order, header, header.shipment, None, "")


def _of_line(line: Element, header: _Header) -> Iterator[ShipNotice | OrderConfirmation]:
    _refuse_what_was_not_sent(line)
    shipments = [_shipment(it) for it in children(line, "Shipment")]
    own = _Shipment(
        tracking_numbers=tuple(
            dict.fromkeys(it for each in shipments for it in each.tracking_numbers)
        ),
        carrier=next((each.carrier for each in shipments if each.carrier), ""),
        shipped_on=_last([each.shipped_on for each in shipments]),
        planned_for=_last([each.planned_for for each in shipments]),
        estimated_delivery=_last([each.estimated_delivery for each in shipments]),
    )
    item = item_of(
        line,
        child(line, "Item"),
        header.order,
        number_of_line=reference(line, "ID"),
        may_count=header.may_count,
    )
    yield _said(item, header, _merged(own, header.shipment), line, _words(line))


def _said(
    item: Item, header: _Header, shipment: _Shipment, line: Element | None, said: str
) -> ShipNotice | OrderConfirmation:
    delivered = child(line, "DeliveredQuantity")
    quantity, unit = number(delivered), unit_in(delivered)
    if header.is_planned:
        return OrderConfirmation(
            document=header.document,
            item=item,
            promise=Promise.PLANNED,
            quantity=quantity,
            unit=unit,
            expected_ship_by=shipment.planned_for or shipment.shipped_on,
            estimated_delivery=shipment.estimated_delivery,
            words=said,
        )
    lots = _lots(line)
    return ShipNotice(
        document=header.document,
        item=item,
        purpose=header.purpose,
        quantity=quantity,
        unit=unit,
        tracking_numbers=shipment.tracking_numbers,
        carrier=shipment.carrier,
        shipped_on=shipment.shipped_on,
        estimated_delivery=shipment.estimated_delivery,
        coo=country_of(text(line, "Item", "OriginCountry", "IdentificationCode")),
        mfg_lot=lots[0] if len(lots) == 1 else "",
        words=said,
    )


def _refuse_what_was_not_sent(line: Element) -> None:
    """Go on only if something of the line was sent."""
    quantity = number(line, "DeliveredQuantity")
    if quantity is not None and quantity < 0:
        message = "The DeliveredQuantity is negative, as if goods came back."
        raise HeldError("needs_person", message)
    if quantity == 0:
        message = " ".join(("Nothing of it was sent.", _still_open(line))).strip()
        raise UnsupportedError("not_a_shipment", message)


def _still_open(line: Element) -> str:
    """Words for what is to follow."""
    parts = []
    for kind, said in (("Backorder", "on backorder"), ("Outstanding", "outstanding")):
        quantity = number(line, f"{kind}Quantity")
        if quantity:
            reasons = listed(words(it) for it in children(line, f"{kind}Reason"))
            parts.append(f"{quantity} {said}: {reasons}" if reasons else f"{quantity} {said}")
    return sentences(*parts)


def _lots(line: Element | None) -> tuple[str, ...]:
    lots = (
        name(it, "LotIdentification", "LotNumberID")
        for it in children(child(line, "Item"), "ItemInstance")
    )
    return tuple(dict.fromkeys(lot for lot in lots if lot))


def _words(line: Element) -> str:
    """What has no field of its own: what is to follow, several lots, numbers of pieces."""
    pieces = list(children(child(line, "Item"), "ItemInstance"))
    lots = _lots(line)
    serials = listed(words(it, "SerialID") for it in pieces)
    made = listed(words(it, "ManufactureDate") for it in pieces)
    return sentences(
        _still_open(line),
        f"Lots {listed(lots)}" if len(lots) > 1 else "",
        f"Manufactured {made}" if made else "",
        f"Serial numbers {serials}" if serials else "",
        *notes_of(line),
    )
