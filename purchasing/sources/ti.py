"""Texas Instruments: shipments that are ready and orders that are scheduled, as TI pushes them.

Documentation: ti.com/developer-api/store-api, pages push-notification-api-setup and
advanced-ship-notice-push-api, with asn-push-api.yaml and financial-document-push-api.yaml (2.0.0),
and api-portal.ti.com/backlog-api-business-guidebook; what customers got, in TI's forums: threads
855866 (June 2024), 683308 (March 2023) and 1370150 (2024) (all read 2026-11).

Quirks that this module knows:
- What is sent has other names than what is published, and perhaps another depth; see
  `purchasing/formats/ti_fields.py`.
- Nearly every value is a text, numbers too; leading zeros belong to it.
- A ship notice is sent when the goods are ready: its date may be yet to come.
- The commercial invoice in it is for customs; the bill is the financial document.
- The country is where the chip was made, which may differ from where it was assembled.
- TI publishes an order, a waybill and a financial document for trials.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import islice

import msgspec

from purchasing.answers import Answer, Receipt
from purchasing.documents import Document, Item, OrderConfirmation, Promise, ShipNotice
from purchasing.errors import MalformedError
from purchasing.formats.agreed_proof import authenticate_as_agreed
from purchasing.formats.json_body import read_json
from purchasing.formats.json_values import (
    date_of,
    loose_decoder,
    number_of,
    object_of,
    objects_of,
    words_of,
)
from purchasing.formats.readings import collected, held, ignored, said, together
from purchasing.formats.ti_fields import (
    ARRIVES,
    FINANCIAL,
    LEAVES,
    LOT,
    ORIGIN,
    QUANTITY,
    Fields,
    Piece,
    first,
    first_date,
    first_number,
    goods_in,
    piece,
    plain,
    waybill_of,
)
from purchasing.notification import Notification, body_key
from purchasing.signatures import same_as_any
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_HEADER = "x-api-key"
_COUNTRY = re.compile(r"[A-Z]{2}")
_MOST_GOODS = 2000

_TRIALS = frozenset({"T10999999", "0499999999", "5999999999"})
_STATUSES = frozenset({"", "not delivered"})
"""The statuses of an order's line that were seen; TI publishes no list."""

_BODY: msgspec.json.Decoder[dict[str, object]] = loose_decoder(dict[str, object])


class _TexasInstruments:
    name = "ti"
    title = "Texas Instruments"
    authenticity = "a secret in a header of your choice, in HTTP Basic or in bearer"
    strength = Strength.SHOWN
    codes = "the 1 line status that was seen; ship notices have none"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the secret, in the header that was agreed or in the Authorization header."""
        del now
        shown = notification.headers.get(_header(trust), "")
        if not (shown and same_as_any(shown, trust.secrets)):
            authenticate_as_agreed(notification, trust)

    def delivery_key(self, notification: Notification) -> str:
        """The body: a push has no identity of its own."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200 and the status that TI looks for."""
        del notification
        return _answer(200, {"status": "accepted", "id": receipt.id})

    def refusal(self, notification: Notification) -> Answer:
        """401 and the status that TI looks for."""
        del notification
        return _answer(401, {"status": "rejected"})

    def read(self, notification: Notification) -> Reading:
        """Read a ship notice or an order; a financial document is left to a person."""
        posted = read_json(_BODY, notification.body, "a push of TI's")
        body = plain(posted)
        shipments = objects_of(plain(object_of(body.get("data"))).get("consolidatedinformation"))
        orders = objects_of(body.get("orders")) or ((body,) if "lineitems" in body else ())
        try:
            around = piece(body, Piece())
            if shipments:
                received_on = notification.received_at.date()
                return collected(_shipment(plain(it), around, received_on) for it in shipments)
            if orders:
                return collected(_order(plain(order)) for order in orders)
            return _financial(around)
        except MalformedError as error:
            message = f"TI's push cannot be read: {error}."
            raise MalformedError(message) from None

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the secret in the header that was agreed."""
        del notification, now
        return {"content-type": "application/json", _header(trust): trust.secrets[0]}


def _header(trust: Trust) -> str:
    return (trust.settings.header or _HEADER).lower()


def _answer(status: int, body: Mapping[str, str]) -> Answer:
    return Answer(status=status, body=msgspec.json.encode(body))


def _shipment(fields: Fields, around: Piece, received_on: date) -> Reading:
    """What one shipment says; one that cannot be read is held without the others."""
    try:
        number, outer = waybill_of(fields, around), piece(fields, around)
        if {number, outer.item.supplier_reference} & _TRIALS:
            return ignored("test_mode", "TI's ship notice is one of those for trials.")
        goods = tuple(islice(goods_in(fields, around), _MOST_GOODS + 1))
    except MalformedError as error:
        return held("malformed", f"A shipment of TI's cannot be read: {error}.")
    if not goods or len(goods) > _MOST_GOODS:
        count = f"more than {_MOST_GOODS} parts" if goods else "no part that can be told"
        return held("needs_person", f"TI's shipment {number} names {count}.")
    document = Document(sender="Texas Instruments", number=number)
    return together(collected(_of_goods(lot, outer.fields, document, received_on) for lot in goods))


def _of_goods(lot: Piece, shipment: Fields, document: Document, received_on: date) -> Reading:
    """What a shipment says of one lot: that it has left, or that it will."""
    called = f"A piece of TI's shipment {document.number}"
    if lot.item.is_whole_order:
        return held("needs_person", f"{called} names no part and no line.")
    try:
        leaves = first_date(lot.fields, LEAVES, "its date") or first_date(
            shipment, LEAVES, "the shipping date"
        )
        if leaves is None:
            detail = f"{called} has no shipping date, so nobody knows whether it has left."
            return held("malformed", detail)
        if leaves > received_on:
            return said(_planned(lot, shipment, document, leaves))
        return said(_shipped(lot, shipment, document, leaves))
    except MalformedError as error:
        return held("malformed", f"{called} cannot be read: {error}.")


def _planned(lot: Piece, shipment: Fields, document: Document, leaves: date) -> OrderConfirmation:
    return OrderConfirmation(
        document=document,
        item=lot.item,
        promise=Promise.PLANNED,
        quantity=first_number(lot.fields, QUANTITY, "its quantity"),
        expected_ship_by=leaves,
        estimated_delivery=first_date(shipment, ARRIVES, "the date of arrival"),
        words=_ready(_carrier(shipment), _numbers(lot)),
    )


def _ready(carrier: str, numbers: tuple[str, ...]) -> str:
    """What a person may want to know of goods that wait: no carrier's word can find them yet."""
    by = f" with {carrier}" if carrier else ""
    under = f" under {', '.join(numbers)}" if numbers else ""
    return f"Ready to ship{by}{under}"


def _shipped(lot: Piece, shipment: Fields, document: Document, leaves: date) -> ShipNotice:
    origin = first(lot.fields, ORIGIN).upper()
    is_country = _COUNTRY.fullmatch(origin) is not None
    return ShipNotice(
        document=document,
        item=lot.item,
        quantity=first_number(lot.fields, QUANTITY, "its quantity"),
        tracking_numbers=_numbers(lot),
        carrier=_carrier(shipment),
        shipped_on=leaves,
        estimated_delivery=first_date(shipment, ARRIVES, "the date of arrival"),
        coo=origin if is_country else "",
        mfg_lot=first(lot.fields, LOT),
        words=f"Origin {origin}" if origin and not is_country else "",
    )


def _carrier(shipment: Fields) -> str:
    forwarder = plain(object_of(shipment.get("forwardingagentdetails")))
    return words_of(forwarder.get("forwardercompanyname"))


def _numbers(lot: Piece) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, lot.tracking_numbers)))


def _order(fields: Fields) -> Reading:
    """What an order says of each of its lines; one that cannot be read is held by itself."""
    try:
        order = piece(fields, Piece())
    except MalformedError as error:
        return held("malformed", f"An order of TI's cannot be read: {error}.")
    called = f"TI's order {order.item.supplier_reference or order.item.po_number}".rstrip()
    if order.item.supplier_reference in _TRIALS:
        return ignored("test_mode", f"{called} is the one for trials.")
    lines = objects_of(fields.get("lineitems"))
    if not lines:
        return held("malformed", f"{called} lists no lines.")
    return collected(
        _of_line(plain(line), order, f"Line {count} of {called}")
        for count, line in enumerate(lines, start=1)
    )


def _of_line(fields: Fields, order: Piece, called: str) -> Reading:
    """What TI has confirmed of a line, each part of its schedule by itself."""
    try:
        item, status = piece(fields, order).item, words_of(fields.get("status"))
        if item.is_whole_order:
            return held("needs_person", f"{called} names no part and no line.")
        if status.lower() not in _STATUSES:
            return held("unknown_status", f'{called} has the unknown status "{status}".')
        schedules = [plain(it) for it in objects_of(fields.get("schedules"))]
        parts = [it for plan in schedules for it in objects_of(plan.get("confirmations"))]
        if not parts:
            detail = f"{called} is taken, and nothing of it is confirmed."
            return ignored("unsupported_kind", detail)
        return said(*(_confirmed(plain(part), item) for part in parts))
    except MalformedError as error:
        return held("malformed", f"{called} cannot be read: {error}.")


def _confirmed(fields: Fields, item: Item) -> OrderConfirmation:
    quantity = number_of(fields.get("scheduledquantity"), "a scheduled quantity")
    leaves = date_of(fields.get("estimatedshipdate"), "an estimated ship date")
    arrives = date_of(fields.get("estimateddeliverydate"), "an estimated delivery date")
    if quantity is None and leaves is None and arrives is None:
        message = "a part of its schedule has neither a quantity nor a date"
        raise MalformedError(message)
    return OrderConfirmation(
        document=Document(sender="Texas Instruments", number=item.supplier_reference),
        item=item,
        promise=Promise.ACCEPTED,
        quantity=quantity,
        expected_ship_by=leaves,
        estimated_delivery=arrives,
        words=words_of(fields.get("estimateddeliverydatestatus")),
    )


def _financial(document: Piece) -> Reading:
    """A bill, whose amounts and lines have names that TI shows to its customers alone."""
    number = first(document.fields, FINANCIAL)
    if not number:
        message = "it is neither a ship notice, an order nor a financial document"
        raise MalformedError(message)
    if number in _TRIALS:
        return ignored("test_mode", "TI's financial document is the one for trials.")
    order = document.item.po_number or document.item.supplier_reference or "not named"
    detail = (
        f"TI's financial document {number} (order: {order}) has to be entered by a person: the "
        "names of its amounts are not published."
    )
    return held("needs_person", detail)


SOURCE = _TexasInstruments()
