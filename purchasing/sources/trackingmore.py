"""TrackingMore: the parcels of many carriers, in nine statuses and their sub-statuses.

Documentation: trackingmore.com/webhook.html and /docs/logistics_status.php (read 2026-11, the
latter in several languages, since each lists what another leaves out); the webhook of version 4 as
clooney/usps-tracking-api:webhook.md (commit 96abda97) and its sisters publish it; the fields as
`trackings.go` of TrackingMore's Go SDK declares them (commit dd83feb6). The sub-statuses that the
page leaves out are as public handlers and 51Tracking, the same service in China, write them.

Quirks that this module knows:
- The documentation contradicts itself about the signature: its prose signs the body, its example
  and the value published with it sign a time stamp alone. Either is accepted; the second proves
  nothing of the body. The names of the headers are not printed.
- Version 2 signs a time with the account's e-mail address, which is no secret. It is refused.
- There is no id of a notification, so the body tells two apart.
- Scans are listed newest first, in two places: those of the carrier at the origin, and of the one
  at the destination.
- Times of scans have no zone.
- `pickup` is out for delivery or ready for pickup; only the sub-status tells.
- One sub-status is for lost and damaged goods alike.
- `data` is one parcel; answers of the API, which some relay, have a list there.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from heapq import merge
from typing import Any

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.formats.json_body import loose_text, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.formats.readings import collected, held
from purchasing.notification import Notification, body_key
from purchasing.signatures import base64_hash, keyed_hash, unix_time, verify, within_window
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SIGNATURE = "signature"
_TIMESTAMP = "timestamp"
_OF_THE_TIME = re.compile(r"[0-9a-f]{64}")

_STATUSES = {
    "pending": Meaning.NOT_FOUND,
    "notfound": Meaning.NOT_FOUND,
    "inforeceived": Meaning.LABEL_CREATED,
    "InfoReceived": Meaning.LABEL_CREATED,
    "transit": Meaning.MOVING,
    "pickup": Meaning.OUT_FOR_DELIVERY,
    "delivered": Meaning.DELIVERED,
    "undelivered": Meaning.ATTEMPTED,
    "exception": Meaning.DELAYED,
    "expired": Meaning.NOT_FOUND,
}
"""The 9 statuses, of which one is written in two ways; they decide where there is no sub-status."""

_SUBSTATUSES = {
    "notfound001": Meaning.LABEL_CREATED,
    "notfound002": Meaning.NOT_FOUND,
    "inforeceived001": Meaning.LABEL_CREATED,
    "transit001": Meaning.MOVING,
    "transit002": Meaning.MOVING,
    "transit003": Meaning.MOVING,
    "transit004": Meaning.MOVING,
    "transit005": Meaning.MOVING,
    "transit006": Meaning.MOVING,
    "transit007": Meaning.MOVING,
    "pickup001": Meaning.OUT_FOR_DELIVERY,
    "pickup002": Meaning.READY_FOR_PICKUP,
    "pickup003": Meaning.OUT_FOR_DELIVERY,
    "delivered001": Meaning.DELIVERED,
    "delivered002": Meaning.DELIVERED,
    "delivered003": Meaning.DELIVERED,
    "delivered004": Meaning.DELIVERED,
    "undelivered001": Meaning.ATTEMPTED,
    "undelivered002": Meaning.ATTEMPTED,
    "undelivered003": Meaning.ATTEMPTED,
    "undelivered004": Meaning.ATTEMPTED,
    "exception004": Meaning.DELAYED,
    "exception005": Meaning.DELAYED,
    "exception006": Meaning.DELAYED,
    "exception007": Meaning.DAMAGED,
    "exception008": Meaning.VOIDED,
    "exception009": Meaning.ATTEMPTED,
    "exception010": Meaning.RETURNING,
    "exception011": Meaning.RETURNING,
    "expired001": Meaning.NOT_FOUND,
}
"""The 30 sub-statuses that were found; one that is not here is held, whatever its status."""

_CARRIERS = {
    "australia-post": "Australia Post",
    "canada-post": "Canada Post",
    "dhl": "DHL Express",
    "fedex": "FedEx",
    "ontrac": "OnTrac",
    "purolator": "Purolator",
    "royal-mail": "Royal Mail",
    "tnt": "TNT",
    "ups": "UPS",
    "usps": "USPS",
}
"""Some of TrackingMore's names for carriers as people write them; the others stay as they are."""


class _Checkpoint(msgspec.Struct, frozen=True):
    """What is `Any` here must not hold a notification, whatever is in it."""

    checkpoint_delivery_status: str | None = None
    checkpoint_delivery_substatus: str | None = None
    checkpoint_date: Any = None
    tracking_detail: Any = None
    location: Any = None
    city: Any = None
    state: Any = None
    country_iso2: Any = None


class _Leg(msgspec.Struct, frozen=True):
    trackinfo: tuple[_Checkpoint, ...] | None = None
    milestone_date: Any = None


class _Parcel(msgspec.Struct, frozen=True):
    tracking_number: str | int
    delivery_status: str
    substatus: str | None = None
    origin_info: _Leg | None = None
    destination_info: _Leg | None = None
    id: Any = None
    courier_code: Any = None
    service_code: Any = None
    signed_by: Any = None
    weight: Any = None
    weight_kg: Any = None
    scheduled_delivery_date: Any = None
    latest_event: Any = None
    latest_checkpoint_time: Any = None


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_PARCEL = msgspec.json.Decoder(_Parcel)
_PARCELS = msgspec.json.Decoder(tuple[msgspec.Raw, ...])

_NOTIFICATION = "a notification of TrackingMore"


class _TrackingMore:
    name = "trackingmore"
    title = "TrackingMore"
    authenticity = "HMAC-SHA256 of the body, or of a time stamp alone"
    strength = Strength.PARTLY_SIGNED
    codes = "all 9 statuses, and the 30 sub-statuses that were found"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Tell the two forms apart by how they are written: in base64, or in hexadecimal."""
        given = notification.headers.get(_SIGNATURE, "")
        if not given:
            message = "the signature header is missing"
            raise UnauthenticatedError(message)
        if not _OF_THE_TIME.fullmatch(given):
            verify(given, trust.secrets, lambda secret: base64_hash(secret, notification.body))
            return
        stamp = notification.headers.get(_TIMESTAMP, "")
        within_window(unix_time(stamp), now, trust.tolerance)
        verify(given, trust.secrets, lambda secret: keyed_hash(secret.encode(), stamp.encode()))

    def delivery_key(self, notification: Notification) -> str:
        """The body: TrackingMore gives its notifications no identity."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Version 4 takes any 2xx; older ones ask for 200."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read a parcel, or each of a list of them."""
        data = read_json(_ENVELOPE, notification.body, _NOTIFICATION).data
        if not bytes(data).startswith(b"["):
            return _reading(data)
        parcels = read_json(_PARCELS, data, _NOTIFICATION)
        if not parcels:
            message = "The notification names no parcel."
            raise MalformedError(message)
        return collected(_reading_or_held(parcel) for parcel in parcels)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign the body, as the documentation has it in words."""
        del now
        signature = base64_hash(trust.secrets[0], notification.body)
        return {"content-type": "application/json", _SIGNATURE: signature}


def _reading_or_held(data: msgspec.Raw) -> Reading:
    """What is said of one of several parcels; one that cannot be read does no harm to the rest."""
    try:
        return _reading(data)
    except MalformedError as error:
        return held("malformed", str(error))


def _reading(data: msgspec.Raw) -> Reading:
    parcel = read_json(_PARCEL, data, _NOTIFICATION)
    number = str(parcel.tracking_number).strip()
    if not number:
        message = "The parcel has an empty tracking_number."
        raise MalformedError(message)
    if _is_contradiction(parcel.delivery_status, parcel.substatus):
        detail = (
            f"TrackingMore says {parcel.delivery_status} and {parcel.substatus} of {number}, "
            "which cannot both be true."
        )
        return held("conflict", detail)
    return Reading(updates=(_update(parcel, number),))


def _update(parcel: _Parcel, number: str) -> TrackingUpdate:
    origin = parcel.origin_info or _Leg()
    courier = loose_text(parcel.courier_code)
    history = _history(origin, parcel.destination_info or _Leg())
    return TrackingUpdate(
        sender="TrackingMore",
        tracking_number=number,
        current=_current(parcel, history),
        history=history,
        carrier=_CARRIERS.get(courier, courier),
        service=loose_text(parcel.service_code),
        shipment=loose_text(parcel.id),
        estimated_delivery=day(loose_text(parcel.scheduled_delivery_date)),
        signed_by=loose_text(parcel.signed_by),
        shipped_on=day(loose_text(origin.milestone_date, "pickup_date")),
        weight=_weight(parcel),
    )


def _history(*legs: _Leg) -> tuple[Scan, ...]:
    """The scans of both legs, oldest first.

    Each leg keeps its own order. Between the two the clock at the place decides, which is all that
    is known: the legs lie days apart, but one carrier may report what the other did as well.
    """
    in_order = (reversed(leg.trackinfo or ()) for leg in legs)
    return tuple(_scan(checkpoint) for checkpoint in merge(*in_order, key=_clock))


def _clock(checkpoint: _Checkpoint) -> str:
    return loose_text(checkpoint.checkpoint_date).replace("T", " ")


def _scan(checkpoint: _Checkpoint) -> Scan:
    status = checkpoint.checkpoint_delivery_status or ""
    substatus = checkpoint.checkpoint_delivery_substatus
    at, local_time = moment(loose_text(checkpoint.checkpoint_date))
    where = (
        loose_text(checkpoint.city),
        loose_text(checkpoint.state),
        loose_text(checkpoint.country_iso2),
    )
    return Scan(
        meaning=None if _is_contradiction(status, substatus) else _meaning(status, substatus),
        code=_code(status, substatus),
        words=loose_text(checkpoint.tracking_detail),
        place=loose_text(checkpoint.location) or place(*where),
        at=at,
        local_time=local_time,
    )


def _current(parcel: _Parcel, history: tuple[Scan, ...]) -> Scan:
    """The state, with the place and the time of the last scan that says the same."""
    code = _code(parcel.delivery_status, parcel.substatus)
    seen = next((scan for scan in reversed(history) if scan.code == code), None)
    if seen is not None:
        return seen
    at, local_time = moment(loose_text(parcel.latest_checkpoint_time))
    return Scan(
        meaning=_meaning(parcel.delivery_status, parcel.substatus),
        code=code,
        words=loose_text(parcel.latest_event),
        at=at,
        local_time=local_time,
    )


def _code(status: str, substatus: str | None) -> str:
    """The sub-status, with the status before it where that is not the one it begins with."""
    if not substatus:
        return status
    return substatus if _is_of(status, substatus) else f"{status}/{substatus}"


def _is_of(status: str, substatus: str) -> bool:
    return substatus.rstrip("0123456789") == status.lower()


def _meaning(status: str, substatus: str | None) -> Meaning | None:
    """What a pair of codes means; None where either is not in our tables."""
    if status not in _STATUSES:
        return None
    return _SUBSTATUSES.get(substatus) if substatus else _STATUSES[status]


def _is_contradiction(status: str, substatus: str | None) -> bool:
    """Whether a sub-status belongs to another status and means something else than that."""
    meaning = _meaning(status, substatus)
    if meaning is None or not substatus or _is_of(status, substatus):
        return False
    return meaning is not _STATUSES[status]


def _weight(parcel: _Parcel) -> str:
    """The weight in the carrier's own unit, or else in kilograms."""
    weight = loose_text(parcel.weight)
    if any(letter.isalpha() for letter in weight):
        return weight
    kilograms = loose_text(parcel.weight_kg)
    return f"{kilograms} kg" if kilograms else ""


SOURCE = _TrackingMore()
