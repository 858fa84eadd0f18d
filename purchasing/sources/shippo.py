"""Shippo: tracking snapshots of many carriers in one form.

Documentation: docs.goshippo.com/docs/tracking/webhooks, /docs/tracking/webhooksecurity and
/docs/tracking/tracking (read 2026-11); the names of the statuses and events as
goshippo/shippo-python-sdk@47df6c48 has them.

Quirks that this module knows:
- By default nothing is signed: Shippo offers a token of one's own in the address, and signs only
  for accounts for which its staff turned that on. A signature that is there must hold.
- It waits 3 seconds, repeats after 408, 429 and 5xx twice, and takes every other 4xx as final.
- There is no id of a notification. A status has an `object_id`, which a new delivery date alone
  does not change.
- A number that is registered twice is told twice.
- `substatus` may be null or missing, and contradicts the status in the official example.
- `status_date` is documented to be in UTC, but a recorded one is local time stamped Z, and in test
  mode there is no Z: it is kept as text, and the position of a scan decides which is the latest.
- `RETURNED` may mean that the way back has only begun.
- The carrier `shippo` is the one with which the API is tried.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import loose_text, peek_json, read_json
from purchasing.formats.moments import day, local, place
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import keyed_hash, unix_time, verify, verify_shown, within_window
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SIGNATURE = "shippo-auth-signature"
_SIGNED = re.compile(r"t=([0-9]{1,11}),v1=([0-9a-f]{64})")
_TOKEN = "token"  # noqa: S105  # the name of the parameter, not its value

_STATUSES = {
    "UNKNOWN": Meaning.NOT_FOUND,
    "PRE_TRANSIT": Meaning.LABEL_CREATED,
    "TRANSIT": Meaning.MOVING,
    "DELIVERED": Meaning.DELIVERED,
    "RETURNED": Meaning.RETURNING,
    "FAILURE": Meaning.DELAYED,
}
"""The 6 values of `status`."""

_SUBSTATUSES = {
    "address_issue": Meaning.DELAYED,
    "contact_carrier": Meaning.DELAYED,
    "delayed": Meaning.DELAYED,
    "delivered": None,
    "delivery_attempted": Meaning.ATTEMPTED,
    "delivery_rescheduled": Meaning.UNCHANGED,
    "delivery_scheduled": None,
    "information_received": None,
    "location_inaccessible": Meaning.ATTEMPTED,
    "notice_left": Meaning.ATTEMPTED,
    "other": None,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "package_accepted": None,
    "package_arrived": None,
    "package_damaged": Meaning.DAMAGED,
    "package_departed": None,
    "package_disposed": Meaning.DAMAGED,
    "package_forwarded": None,
    "package_held": Meaning.DELAYED,
    "package_lost": Meaning.LOST,
    "package_processed": None,
    "package_processing": None,
    "package_unclaimed": None,
    "package_undeliverable": Meaning.DELAYED,
    "pickup_available": Meaning.READY_FOR_PICKUP,
    "reschedule_delivery": Meaning.DELAYED,
    "return_to_sender": Meaning.RETURNING,
}
"""The 27 values of `substatus.code`, and what each says beyond the status; None: nothing more."""

_REFINED = frozenset({"TRANSIT", "FAILURE"})
"""The statuses that a substatus refines; the others are plain whatever it says."""

_CARRIERS = {
    "apc_postal": "APC Postal",
    "canada_post": "Canada Post",
    "dhl_ecommerce": "DHL eCommerce",
    "dhl_express": "DHL Express",
    "fedex": "FedEx",
    "lasership": "LaserShip",
    "ontrac": "OnTrac",
    "ups": "UPS",
    "usps": "USPS",
}
"""Carriers by Shippo's token, as people write them; another one keeps its token."""

_TRIAL_CARRIER = "shippo"


_NOTHING = msgspec.Raw(b"null")
_NO_ID = (b"null", b'""')


class _Substatus(msgspec.Struct, frozen=True):
    code: str | None = None
    text: object = None


class _Status(msgspec.Struct, frozen=True):
    status: str | None = None
    substatus: _Substatus | None = None
    status_date: object = None
    status_details: object = None
    location: object = None


class _Track(msgspec.Struct, frozen=True):
    tracking_number: str | int
    test: object = None
    carrier: object = None
    eta: object = None
    servicelevel: object = None
    transaction: object = None
    tracking_status: _Status | None = None
    tracking_history: tuple[_Status, ...] | None = None


class _Event(msgspec.Struct, frozen=True):
    """The fields that tell what was posted, before the rest is read."""

    event: str
    test: bool | None = None
    data: msgspec.Raw = _NOTHING


class _StatusIdentity(msgspec.Struct, frozen=True):
    object_id: msgspec.Raw = _NOTHING
    status: msgspec.Raw = _NOTHING
    substatus: msgspec.Raw = _NOTHING
    status_date: msgspec.Raw = _NOTHING


class _TrackIdentity(msgspec.Struct, frozen=True):
    tracking_status: _StatusIdentity
    tracking_number: msgspec.Raw
    carrier: msgspec.Raw = _NOTHING
    eta: msgspec.Raw = _NOTHING


class _Identity(msgspec.Struct, frozen=True):
    data: _TrackIdentity
    event: msgspec.Raw = _NOTHING
    test: msgspec.Raw = _NOTHING


_EVENT = msgspec.json.Decoder(_Event)
_TRACK = msgspec.json.Decoder(_Track)
_IDENTITY = msgspec.json.Decoder(_Identity)


class _Shippo:
    name = "shippo"
    title = "Shippo"
    authenticity = "HMAC-SHA256 of time and body where Shippo signs, else a token in the address"
    # What a stranger has to get past is the weaker of the two that are accepted.
    strength = Strength.SHOWN
    codes = "all 6 statuses and 27 substatuses that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature where there is one, else the token in the address."""
        if _SIGNATURE in notification.headers:
            _authenticate_signature(notification, trust, now)
            return
        query = parse_qsl(notification.query, keep_blank_values=True)
        shown = next((value for name, value in query if name == _TOKEN), None)
        if shown is None:
            message = "there is neither a Shippo-Auth-Signature header nor a token in the address"
            raise UnauthenticatedError(message)
        verify_shown(shown, trust.secrets)

    def delivery_key(self, notification: Notification) -> str:
        """What is said of the number: its latest status, with its id, and the delivery date."""
        identity = peek_json(_IDENTITY, notification.body)
        if identity is None or bytes(identity.data.tracking_status.object_id) in _NO_ID:
            return body_key(notification.body)
        track = identity.data
        latest = track.tracking_status
        parts = (
            identity.event,
            identity.test,
            track.carrier,
            track.tracking_number,
            track.eta,
            latest.object_id,
            latest.status,
            latest.substatus,
            latest.status_date,
        )
        return parts_key("status", *map(bytes, parts))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx within 3 seconds."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read a snapshot of a parcel."""
        event = read_json(_EVENT, notification.body, "a Shippo event")
        if event.event != "track_updated":
            message = f"Shippo's {event.event} says nothing of a shipment."
            raise UnsupportedError("unsupported_kind", message)
        if event.test:
            message = "Shippo marks this event as a test."
            raise UnsupportedError("test_mode", message)
        track = read_json(_TRACK, event.data, "a Shippo tracking event")
        if track.test is True or track.carrier == _TRIAL_CARRIER:
            message = "Shippo marks this tracking as a trial."
            raise UnsupportedError("test_mode", message)
        if not str(track.tracking_number).strip():
            message = "The event has an empty tracking_number."
            raise MalformedError(message)
        return Reading(updates=(_tracking(track),))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as Shippo does for an account for which that is turned on."""
        seconds = str(int(now.timestamp()))
        signature = _signature(trust.secrets[0], seconds, notification.body)
        return {"content-type": "application/json", _SIGNATURE: f"t={seconds},v1={signature}"}


def _authenticate_signature(notification: Notification, trust: Trust, now: datetime) -> None:
    found = _SIGNED.fullmatch(notification.headers[_SIGNATURE])
    if found is None:
        message = "the Shippo-Auth-Signature header is not of its form"
        raise UnauthenticatedError(message)
    seconds, signature = found.groups()
    within_window(unix_time(seconds), now, trust.tolerance)
    verify(signature, trust.secrets, lambda secret: _signature(secret, seconds, notification.body))


def _signature(secret: str, seconds: str, body: bytes) -> str:
    return keyed_hash(secret.encode(), seconds.encode() + b"." + body)


def _tracking(track: _Track) -> TrackingUpdate:
    history = tuple(_scan(status) for status in track.tracking_history or ())
    carrier = loose_text(track.carrier)
    return TrackingUpdate(
        sender="Shippo",
        tracking_number=str(track.tracking_number).strip(),
        current=_current(track, history),
        history=history,
        carrier=_CARRIERS.get(carrier, carrier),
        service=loose_text(track.servicelevel, "name"),
        shipment=loose_text(track.transaction),
        estimated_delivery=day(loose_text(track.eta)),
    )


def _current(track: _Track, history: tuple[Scan, ...]) -> Scan:
    """The status, or the latest of the history; a number just registered may have neither."""
    if track.tracking_status is not None:
        return _scan(track.tracking_status)
    return history[-1] if history else Scan(meaning=Meaning.NOT_FOUND, code="no status yet")


def _scan(seen: _Status) -> Scan:
    status = seen.status or ""
    detail = seen.substatus or _Substatus()
    at, local_time = local(loose_text(seen.status_date))
    return Scan(
        meaning=_meaning(status, detail.code),
        code=f"{status}/{detail.code}" if detail.code else status,
        words=loose_text(seen.status_details) or loose_text(detail.text),
        place=place(*(loose_text(seen.location, part) for part in ("city", "state", "country"))),
        at=at,
        local_time=local_time,
    )


def _meaning(status: str, detail: str | None) -> Meaning | None:
    """What a pair of codes means; None where either is not in our tables."""
    if status not in _STATUSES or (detail and detail not in _SUBSTATUSES):
        return None
    meaning = _STATUSES[status]
    if status in _REFINED and detail:
        return _SUBSTATUSES[detail] or meaning
    return meaning


SOURCE = _Shippo()
