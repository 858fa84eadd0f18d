"""Shopify: what a supplier's shop has shipped, as its fulfillments and orders say.

Documentation: shopify.dev/docs/api/admin-rest/2025-01/resources/fulfillment, /fulfillmentevent and
/order, and shopify.dev/docs/apps/build/webhooks (read 2026-11); the header's two spellings as
Shopify/shopify-api-ruby has them (commit 4eca719).

Quirks that this module knows:
- Only the body is signed, so the topic and the identities in the headers are not believed: the
  body's own fields tell what it is, and the body is the delivery key.
- The header's name begins with `X-` or not; after the secret was changed, the old one signs for up
  to an hour.
- A fulfillment names no purchase order, but is called like the order with a dot and a number behind
  it (`#1001.1`); the order may have the buyer's `po_number` and lists its fulfillments.
- `status: success` says that the shop has done its part. As long as `shipment_status` speaks of a
  label, or of a carrier that waits for the parcel, nothing has moved.
- A fulfillment event names neither an order nor a tracking number; the fulfillment is posted again
  with its `shipment_status`.
- `tracking_company` may be a placeholder.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.documents import Document, Item, OrderConfirmation, Promise, Purpose, ShipNotice
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import read_json
from purchasing.formats.json_values import (
    loose_decoder,
    number_of,
    object_of,
    objects_of,
    text_of,
    words_of,
)
from purchasing.formats.moments import moment
from purchasing.formats.readings import collected, held, ignored, said
from purchasing.notification import Notification, body_key
from purchasing.signatures import base64_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SIGNATURES = ("x-shopify-hmac-sha256", "shopify-hmac-sha256")

_NOT_SHIPPED = {
    "pending": "is pending",
    "open": "is being worked on",
    "error": "failed",
    "failure": "failed",
}
"""The values of a fulfillment's `status` that are no shipment; `success` and `cancelled` remain."""

_SHIPMENTS: Mapping[str, Meaning | None] = {
    "label_printed": Meaning.LABEL_CREATED,
    "label_purchased": Meaning.LABEL_CREATED,
    "confirmed": Meaning.LABEL_CREATED,
    "carrier_picked_up": Meaning.MOVING,
    "in_transit": Meaning.MOVING,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "ready_for_pickup": Meaning.READY_FOR_PICKUP,
    "attempted_delivery": Meaning.ATTEMPTED,
    "delayed": Meaning.DELAYED,
    "delivered": Meaning.DELIVERED,
    "picked_up": Meaning.DELIVERED,
    "failure": Meaning.NOT_FOUND,
}
"""The values of `shipment_status`; `failure` is one of following the parcel, not of the parcel."""

_PLACEHOLDERS = frozenset({"null-company", "other"})
# How shops call the buyer's number in an order's notes, without signs and in lower case.
_PO_NAMES = frozenset({"ponumber", "purchaseorder", "purchaseordernumber"})
_SIGNS = re.compile(r"[^a-z]")
_OF_ORDER = re.compile(r"(.+)\.[0-9]+")

_Fields = Mapping[str, object]
_BODY: msgspec.json.Decoder[dict[str, object]] = loose_decoder(dict[str, object])


class _Order(msgspec.Struct, frozen=True):
    """What is known of the order that a fulfillment belongs to."""

    po_number: str = ""
    name: str = ""


class _Shopify:
    name = "shopify"
    title = "Shopify"
    authenticity = "HMAC-SHA256 of the body"
    strength = Strength.SIGNED
    codes = "all 6 statuses of a fulfillment and 12 of its shipment that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature, under either name; where both are there, both must be right."""
        del now
        given = [notification.headers[name] for name in _SIGNATURES if name in notification.headers]
        if not given:
            message = "the X-Shopify-Hmac-Sha256 header is missing"
            raise UnauthenticatedError(message)
        for each in given:
            verify(each, trust.secrets, lambda secret: base64_hash(secret, notification.body))

    def delivery_key(self, notification: Notification) -> str:
        """The body: the identities that Shopify gives stand in headers, which nobody signs."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200, as the documentation asks for."""
        del notification
        return receipt_in_json(receipt, 200)

    def read(self, notification: Notification) -> Reading:
        """Read a fulfillment, or an order for the fulfillments that it lists."""
        posted = read_json(_BODY, notification.body, "a Shopify notification")
        # As Shopify's API returns one, the fulfillment is wrapped once more.
        body: _Fields = object_of(posted.get("fulfillment")) or posted
        if "fulfillment_id" in body:
            message = (
                "A Shopify fulfillment event names no order and no tracking number; the "
                "fulfillment itself, which is posted too, does."
            )
            raise UnsupportedError("unsupported_kind", message)
        if "tracking_numbers" in body:
            return _fulfillment(body, _Order())
        if "order_number" in body:
            return _order(body)
        message = "Shopify posted neither a fulfillment nor an order."
        raise UnsupportedError("unsupported_kind", message)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as Shopify does."""
        del now
        return {
            "content-type": "application/json",
            _SIGNATURES[0]: base64_hash(trust.secrets[0], notification.body),
        }


def _order(body: _Fields) -> Reading:
    """What an order says: that it is cancelled, or what its fulfillments say."""
    if body.get("test") is True:
        message = "Shopify marks this order as a test."
        raise UnsupportedError("test_mode", message)
    try:
        order = _Order(po_number=_po_number(body), name=text_of(body.get("name")))
    except MalformedError as error:
        message = f"Shopify's order cannot be read: {error}."
        raise MalformedError(message) from None
    fulfillments = objects_of(body.get("fulfillments"))
    if body.get("cancelled_at"):
        return _cancelled(body, order, has_shipped=bool(fulfillments))
    if not fulfillments:
        return ignored(
            "unsupported_kind",
            f"Shopify's order {order.name} was taken or changed, which confirms nothing; it has "
            "no fulfillment.",
        )
    return collected(_fulfillment(each, order) for each in fulfillments)


def _po_number(body: _Fields) -> str:
    """The buyer's number: the order's own field, or an attribute of that name in its notes."""
    named = (
        text_of(note.get("value"))
        for note in objects_of(body.get("note_attributes"))
        if _SIGNS.sub("", words_of(note.get("name")).lower()) in _PO_NAMES
    )
    return text_of(body.get("po_number")) or next(named, "")


def _cancelled(body: _Fields, order: _Order, *, has_shipped: bool) -> Reading:
    if has_shipped:
        detail = f"Shopify's order {order.name} is cancelled, and some of it had been shipped."
        return held("needs_person", detail)
    if not (order.po_number or order.name):
        return held("malformed", "Shopify's cancelled order has neither a name nor a po_number.")
    reason = words_of(body.get("cancel_reason"))
    rejection = OrderConfirmation(
        document=_document(order.name, body),
        item=Item(po_number=order.po_number, supplier_reference=order.name),
        promise=Promise.REJECTED,
        words=f"Order cancelled ({reason})" if reason else "Order cancelled",
    )
    return said(rejection)


def _document(number: str, body: _Fields) -> Document:
    said_at, _ = moment(words_of(body.get("updated_at")))
    return Document(sender="Shopify", number=number, said_at=said_at)


def _fulfillment(body: _Fields, order: _Order) -> Reading:
    """What one fulfillment says; one that cannot be read is held without the others."""
    try:
        number = text_of(body.get("name")) or text_of(body.get("id"))
        return _with_number(body, number, _order_of(body, number, order))
    except MalformedError as error:
        return held("malformed", f"A fulfillment of Shopify's cannot be read: {error}.")


def _order_of(body: _Fields, number: str, order: _Order) -> _Order:
    """The order, by its own name or by the name of the fulfillment."""
    named = _OF_ORDER.fullmatch(number)
    name = order.name or (named.group(1) if named else text_of(body.get("order_id")))
    return _Order(po_number=order.po_number, name=name)


def _with_number(body: _Fields, number: str, order: _Order) -> Reading:
    status, shipment = text_of(body.get("status")), text_of(body.get("shipment_status"))
    called = f"Shopify's fulfillment {number}".rstrip()
    if object_of(body.get("receipt")).get("testcase") is True:
        return ignored("test_mode", f"{called} is marked as a test.")
    if status in _NOT_SHIPPED:
        return ignored("not_a_shipment", f"{called} {_NOT_SHIPPED[status]}.")
    if status not in {"success", "cancelled"}:
        return held("unknown_status", f'{called} has the unknown status "{status}".')
    if shipment and shipment not in _SHIPMENTS:
        return held("unknown_status", f'{called} has the unknown shipment_status "{shipment}".')
    if not objects_of(body.get("line_items")):
        return held("malformed", f"{called} lists no line items.")
    if status == "cancelled":
        return collected(_notices(body, number, order, is_cancelled=True))
    if _SHIPMENTS.get(shipment) is Meaning.LABEL_CREATED:
        return ignored("not_a_shipment", f"{called} has a label, and nothing has moved.")
    notices = _notices(body, number, order, is_cancelled=False)
    return collected((*notices, *_scans(body, shipment)))


def _notices(body: _Fields, number: str, order: _Order, *, is_cancelled: bool) -> Iterator[Reading]:
    """A ship notice for each line item; one that names no part could be any line of the order."""
    is_first = body.get("created_at") == body.get("updated_at")
    purpose = Purpose.NEW if is_first else Purpose.REPLACES
    company = words_of(body.get("tracking_company"))
    numbers = _tracking_numbers(body)
    for count, line in enumerate(objects_of(body.get("line_items")), start=1):
        called = f"Line item {count} of Shopify's fulfillment {number}"
        try:
            part = text_of(line.get("sku"))
            quantity = number_of(line.get("quantity"), "its quantity")
        except MalformedError as error:
            yield held("malformed", f"{called} cannot be read: {error}.")
            continue
        if not part:
            yield held("needs_person", f"{called} has no SKU, so nobody knows which line it is.")
            continue
        notice = ShipNotice(
            document=_document(number, body),
            item=Item(
                po_number=order.po_number, supplier_reference=order.name, supplier_part_number=part
            ),
            purpose=Purpose.CANCELS if is_cancelled else purpose,
            quantity=quantity,
            tracking_numbers=numbers,
            carrier="" if company.lower() in _PLACEHOLDERS else company,
        )
        yield said(notice)


def _tracking_numbers(body: _Fields) -> tuple[str, ...]:
    listed = body.get("tracking_numbers")
    numbers = [text_of(number) for number in listed] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(filter(None, numbers)))


def _scans(body: _Fields, shipment: str) -> Iterator[Reading]:
    """Where the parcel is, if there is one alone: a status is that of the whole fulfillment."""
    numbers = _tracking_numbers(body)
    if not shipment or len(numbers) != 1:
        return
    at, local_time = moment(words_of(body.get("updated_at")))
    company = words_of(body.get("tracking_company"))
    update = TrackingUpdate(
        sender="Shopify",
        tracking_number=numbers[0],
        current=Scan(meaning=_SHIPMENTS[shipment], code=shipment, at=at, local_time=local_time),
        carrier="" if company.lower() in _PLACEHOLDERS else company,
    )
    yield said(update)


SOURCE = _Shopify()
