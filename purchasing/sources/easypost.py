"""EasyPost: tracking events of many carriers in one form.

Documentation: docs.easypost.com/docs/webhooks, /docs/events and /docs/trackers, and the support
article 39826034964237 "Webhook HMAC Validation" (read 2026-11); the v1 signature as
`easypost/util.py` of EasyPost's Python client computes it (commit 8fcf5e4b).

Quirks that this module knows:
- Every registered address receives events of every kind: batches, scan forms, reports, refunds.
- The secret is normalised to NFKD before it is used as a key.
- Retries change `pending_urls` and `status` of the event, so only its `id` tells two apart.
- The position of a scan in `tracking_details` decides, not its time: an official example has a
  delivery dated before the label.
- `carrier_detail.est_delivery_date_local` is the date at the destination; `est_delivery_date` is
  stamped Z whatever the zone.
- A tracker with `is_return` brings goods back: its delivery is not a delivery to the buyer.
- `weight` is in ounces: not documented, but in an official example it is 16 times the pounds.
- Events that are read back from the Events API have no `result`.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.notification import Notification, body_key
from purchasing.signatures import keyed_hash, rfc2822_time, verify, within_window
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_V1 = "x-hmac-signature"
_V2 = "x-hmac-signature-v2"
_TIMESTAMP = "x-timestamp"
_PATH = "x-path"
_PREFIX = "hmac-sha256-hex="

_STATUSES = {
    "unknown": Meaning.NOT_FOUND,
    "pre_transit": Meaning.LABEL_CREATED,
    "in_transit": Meaning.MOVING,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "delivered": Meaning.DELIVERED,
    "available_for_pickup": Meaning.READY_FOR_PICKUP,
    "return_to_sender": Meaning.RETURNING,
    "failure": Meaning.DELAYED,
    "cancelled": Meaning.VOIDED,
    "error": Meaning.NOT_FOUND,
}
"""The 10 values of `status` (docs.easypost.com/docs/trackers, read 2026-11)."""

_DETAILS = {
    "address_correction": Meaning.DELAYED,
    "arrived_at_destination": None,
    "arrived_at_facility": None,
    "arrived_at_pickup_location": None,
    "awaiting_information": Meaning.DELAYED,
    "cancelled": None,
    "damaged": Meaning.DAMAGED,
    "delayed": Meaning.DELAYED,
    "delivery_exception": Meaning.ATTEMPTED,
    "departed_facility": None,
    "departed_origin_facility": None,
    "expired": Meaning.NOT_FOUND,
    "failure": None,
    "held": Meaning.DELAYED,
    "in_transit": None,
    "label_created": None,
    "lost": Meaning.LOST,
    "missorted": Meaning.DELAYED,
    "out_for_delivery": None,
    "received_at_destination_facility": None,
    "received_at_origin_facility": None,
    "refused": Meaning.ATTEMPTED,
    "return": Meaning.RETURNING,
    "status_update": None,
    "transferred_to_destination_carrier": None,
    "transit_exception": Meaning.DELAYED,
    "unknown": None,
    "weather_delay": Meaning.DELAYED,
}
"""The 28 values of `status_detail`, and what each says beyond the status; None says nothing more.

Only their names are published; the meanings are read from the names.
"""

_REFINED = frozenset({"pre_transit", "in_transit", "out_for_delivery", "failure"})
"""The statuses that a detail refines; the others are plain whatever the detail says."""


class _Location(msgspec.Struct, frozen=True):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class _Detail(msgspec.Struct, frozen=True):
    status: str | None = None
    status_detail: str | None = None
    message: str | None = None
    description: str | None = None
    datetime: str | None = None
    tracking_location: _Location | None = None


class _CarrierDetail(msgspec.Struct, frozen=True):
    service: str | None = None
    est_delivery_date_local: str | None = None


class _Tracker(msgspec.Struct, frozen=True):
    tracking_code: str
    status: str
    id: str = ""
    mode: str | None = None
    status_detail: str | None = None
    carrier: str | None = None
    signed_by: str | None = None
    est_delivery_date: str | None = None
    tracking_details: tuple[_Detail, ...] | None = None
    carrier_detail: _CarrierDetail | None = None
    is_return: bool | None = None
    weight: float | str | None = None


class _Kind(msgspec.Struct, frozen=True):
    """The fields that tell what was posted, before the rest is read."""

    object: str | None = None
    description: str | None = None
    mode: str | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")


class _Identity(msgspec.Struct, frozen=True):
    id: str = ""


_KIND = msgspec.json.Decoder(_Kind)
_TRACKER = msgspec.json.Decoder(_Tracker)
_IDENTITY = msgspec.json.Decoder(_Identity)

_EVENT = "an EasyPost event"


class _EasyPost:
    name = "easypost"
    title = "EasyPost"
    authenticity = "HMAC-SHA256 of the body (v1), or of time, method, path and body (v2)"
    strength = Strength.SIGNED
    codes = "all 10 statuses and 28 details that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check v1, v2, or both where both are given; at least one must be there."""
        headers = notification.headers
        if _V1 not in headers and _V2 not in headers:
            message = "the X-Hmac-Signature header is missing"
            raise UnauthenticatedError(message)
        if _V2 in headers:
            within_window(rfc2822_time(_required(headers, _TIMESTAMP)), now, trust.tolerance)
            signed = _signed_v2(
                headers[_TIMESTAMP], notification.method, _required(headers, _PATH), notification
            )
            verify(headers[_V2], trust.secrets, lambda secret: _signature(secret, signed))
        if _V1 in headers:
            verify(
                headers[_V1], trust.secrets, lambda secret: _signature(secret, notification.body)
            )

    def delivery_key(self, notification: Notification) -> str:
        """The event's id, which survives the retries; the body where there is none."""
        event = peek_json(_IDENTITY, notification.body)
        if event is None or not event.id.startswith("evt_"):
            return body_key(notification.body)
        return event.id

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read a tracker event, or a bare tracker as the API returns it."""
        kind = read_json(_KIND, notification.body, _EVENT)
        return Reading(updates=(_tracking(_tracker(kind, notification.body)),))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign in both ways, as EasyPost does for a webhook with a secret."""
        secret = trust.secrets[0]
        stamp = format_datetime(now.astimezone(UTC))
        path = notification.path or "/"
        return {
            "content-type": "application/json",
            _V1: _signature(secret, notification.body),
            _TIMESTAMP: stamp,
            _PATH: path,
            _V2: _signature(secret, _signed_v2(stamp, notification.method, path, notification)),
        }


def _required(headers: Mapping[str, str], name: str) -> str:
    if name not in headers:
        message = f"the {name} header is missing"
        raise UnauthenticatedError(message)
    return headers[name]


def _signed_v2(stamp: str, method: str, path: str, notification: Notification) -> bytes:
    # The article names the headers; that they are joined in this order, with nothing between, is
    # read from public handlers and not documented.
    head = f"{stamp}{method.upper()}{path}"
    return head.encode("utf-8", "surrogatepass") + notification.body


def _signature(secret: str, message: bytes) -> str:
    key = unicodedata.normalize("NFKD", secret).encode()
    return f"{_PREFIX}{keyed_hash(key, message)}"


def _tracker(kind: _Kind, body: bytes) -> _Tracker:
    if kind.object == "Tracker":
        tracker = read_json(_TRACKER, body, _EVENT)
    else:
        if kind.description is None:
            message = "The body is JSON, but not an EasyPost event: it has no description."
            raise MalformedError(message)
        if not kind.description.startswith("tracker."):
            message = f"EasyPost's {kind.description} says nothing of a shipment."
            raise UnsupportedError("unsupported_kind", message)
        if kind.mode == "test":
            message = "EasyPost marks this event as a test."
            raise UnsupportedError("test_mode", message)
        if bytes(kind.result) == b"null":
            message = (
                "The event has no result, so it does not say which parcel it is about; "
                "events read back from EasyPost's Events API are like that."
            )
            raise MalformedError(message)
        tracker = read_json(_TRACKER, kind.result, _EVENT)
    if tracker.mode == "test":
        message = "EasyPost marks this tracker as a test."
        raise UnsupportedError("test_mode", message)
    if not tracker.tracking_code.strip():
        message = "The tracker has an empty tracking_code."
        raise MalformedError(message)
    return tracker


def _tracking(tracker: _Tracker) -> TrackingUpdate:
    is_return = bool(tracker.is_return)
    details = tracker.tracking_details or ()
    history = tuple(
        _scan(detail.status or tracker.status, detail.status_detail, detail, is_return=is_return)
        for detail in details
    )
    last = details[-1] if details else _Detail()
    carrier_detail = tracker.carrier_detail or _CarrierDetail()
    return TrackingUpdate(
        sender="EasyPost",
        tracking_number=tracker.tracking_code.strip(),
        current=_scan(tracker.status, tracker.status_detail, last, is_return=is_return),
        history=history,
        carrier=tracker.carrier or "",
        service=carrier_detail.service or "",
        shipment=tracker.id,
        estimated_delivery=day(carrier_detail.est_delivery_date_local)
        or day(tracker.est_delivery_date),
        signed_by=tracker.signed_by or "",
        weight=f"{tracker.weight} oz" if tracker.weight else "",
    )


def _scan(status: str, detail: str | None, seen: _Detail, *, is_return: bool) -> Scan:
    at, local_time = moment(seen.datetime)
    where = seen.tracking_location or _Location()
    return Scan(
        meaning=_meaning(status, detail, is_return=is_return),
        code=f"{status}/{detail}" if detail and detail != status else status,
        words=seen.message or seen.description or "",
        place=place(where.city, where.state, where.country),
        at=at,
        local_time=local_time,
    )


def _meaning(status: str, detail: str | None, *, is_return: bool) -> Meaning | None:
    """What a pair of codes means; None where either is not in our tables."""
    if status not in _STATUSES or (detail is not None and detail not in _DETAILS):
        return None
    meaning = _STATUSES[status]
    if status in _REFINED and detail is not None:
        meaning = _DETAILS[detail] or meaning
    if is_return and meaning not in (Meaning.LABEL_CREATED, Meaning.VOIDED, Meaning.NOT_FOUND):
        return Meaning.RETURNING
    return meaning


SOURCE = _EasyPost()
