"""ShipEngine, now called ShipStation API: tracking of many carriers in one form.

Documentation: docs.shipstation.com/apis/shipengine/docs/guides/webhooks and
/docs/reference/webhooks-schemas, docs.shipstation.com/apis/docs/guides/webhooks-schemas (read
2026-11); the codes and fields from `openapi.yaml` of ShipEngine/shipengine-openapi (commit
f77943e5), the earlier names of some details from the page of GET /v2/labels/{label_id}/track,
docs.shipstation.com/openapi/labels/get_tracking_log_from_label (read 2026-11).

Quirks that this module knows:
- It signs with private keys and publishes the public ones, which the service fetches. A `secret`
  of this format is an RSA key in PEM, for trials: a public key verifies, a private one also signs.
  It is named by its JWK thumbprint (RFC 7638).
- One kind has two names, `API_TRACK` and `TRACK_EVENT_V2`; all others only name an address to be
  asked. The oldest bodies write `event_date` and `shipped_date`.
- No notification has an identity: only its bytes tell two apart.
- The carrier is missing from older bodies, and then stands in `resource_url`.
- The newest scan comes first; many scans have no code of ShipEngine's, only the carrier's own.
- `occurred_at` is in UTC and `carrier_occurred_at` is on the clock of the place. Where both show
  the same, the carrier named no zone, and the Z of the first one proves none.
- `SP` is delivered to a collection location, and so not in the buyer's hands.
- A proof of delivery follows a delivery; the delivery is dated by the scan before it.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs, unquote

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import (
    MalformedError,
    UnauthenticatedError,
    UnknownKeyError,
    UnsupportedError,
)
from purchasing.formats.json_body import read_json
from purchasing.formats.moments import day, local, moment, place
from purchasing.keysets import PublicKey, is_signed_with
from purchasing.notification import Notification, body_key
from purchasing.signatures import iso8601_time, within_window
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate

_KEY_ID = "x-shipengine-rsa-sha256-key-id"
_SIGNATURE = "x-shipengine-rsa-sha256-signature"
_TIMESTAMP = "x-shipengine-timestamp"

_KINDS = frozenset({"API_TRACK", "TRACK_EVENT_V2"})

_STATUSES: dict[str, Meaning] = {
    "UN": Meaning.NOT_FOUND,
    "AC": Meaning.MOVING,
    "IT": Meaning.MOVING,
    "DE": Meaning.DELIVERED,
    "EX": Meaning.DELAYED,
    "AT": Meaning.ATTEMPTED,
    "NY": Meaning.NOT_FOUND,
    "SP": Meaning.READY_FOR_PICKUP,
}
"""The 8 values of `status_code`; clients made from older descriptions write them small."""

_DETAILS: dict[str, Meaning | None] = {
    "CARRIER_STATUS_NOT_MAPPED": None,
    "SHIPMENT_CREATED": Meaning.LABEL_CREATED,
    "AWAITING_PICKUP_DROP_OFF": Meaning.LABEL_CREATED,
    "DROPPED_OFF": Meaning.MOVING,
    "ELEC_ADVICE_RECD_BY_CARRIER": Meaning.LABEL_CREATED,
    "PICKED_UP": Meaning.MOVING,
    "CUSTOMS_CLEARED": Meaning.MOVING,
    "CUSTOMS_PROCESSING": Meaning.MOVING,
    "DELIVERY_ARRANGED_WITH_RECIPIENT": Meaning.UNCHANGED,
    "HUB_SCAN_OUT": Meaning.MOVING,
    "HUB_SCAN_IN": Meaning.MOVING,
    "IN_TRANSIT": Meaning.MOVING,
    "INFORMATION": Meaning.UNCHANGED,
    "PARCEL_OVER_LABELLED": None,
    "PARCEL_UPDATE_NOTIFICATION": Meaning.UNCHANGED,
    "RECEIVED_BY_CARRIER": Meaning.MOVING,
    "RECEIVED_LOCAL_DELIVERY_DEPOT": Meaning.MOVING,
    "SUB_CONTRACTOR_EVENT": Meaning.MOVING,
    "SUB_CONTRACTOR_RECEIVED": Meaning.MOVING,
    "PARCEL_REDIRECTED": None,
    "DELIVERY_SCHEDULED": Meaning.UNCHANGED,
    "HUB_PROCESSING": Meaning.MOVING,
    "DELIVERY_RESCHEDULED": Meaning.UNCHANGED,
    "ATTEMPTED_DELIVERY": Meaning.ATTEMPTED,
    "ATTEMPTED_DELIVERY_FINAL": Meaning.ATTEMPTED,
    "COD_AMOUNT_PAID": Meaning.UNCHANGED,
    "CUSTOMER_CARDED": Meaning.ATTEMPTED,
    "OUT_FOR_DELIVERY": Meaning.OUT_FOR_DELIVERY,
    "AWAITING_COLLECTION_FROM_PICKUP_POINT": Meaning.READY_FOR_PICKUP,
    "COLLECT_AT_LOCAL_PO": Meaning.READY_FOR_PICKUP,
    "CUSTOMER_TO_COLLECT_FROM_CARRIER": Meaning.READY_FOR_PICKUP,
    "DELIVERED_TO_RECEPTION": Meaning.DELIVERED,
    "DELIVERED": Meaning.DELIVERED,
    "DELIVERED_DAMAGED": Meaning.DELIVERED,
    "DELIVERED_IN_PART": Meaning.MOVING,
    "DELIVERED_SPECIFIED_SAFE_PLACE": Meaning.DELIVERED,
    "DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION": Meaning.READY_FOR_PICKUP,
    "DELIVERED_TO_NEIGHBOUR": Meaning.DELIVERED,
    "DELIVERED_TO_PO_BOX": Meaning.DELIVERED,
    "PARCEL_COLLECTED_FROM_PICKUP_POINT": Meaning.DELIVERED,
    "POST_TRANSIT_STATUS": Meaning.UNCHANGED,
    "PROOF_OF_DELIVERY": Meaning.DELIVERED,
    "PICKUP_FAILED": Meaning.DELAYED,
    "NOT_YET_RECEIVED_BY_CARRIER": Meaning.DELAYED,
    "PARCEL_DAMAGED": Meaning.DAMAGED,
    "ADDRESS_QUERY": Meaning.DELAYED,
    "CARRIER_DELAYS": Meaning.DELAYED,
    "DELAYED_NOT_CARRIER": Meaning.DELAYED,
    "HELD_BY_CARRIER": Meaning.DELAYED,
    "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING": Meaning.DELAYED,
    "HELD_BY_CUSTOMS": Meaning.DELAYED,
    "INCORRECT_DECLARATION": Meaning.DELAYED,
    "MISROUTED": Meaning.DELAYED,
    "PARCEL_REPACKED": Meaning.DELAYED,
    "RECD_BY_CARRIER_NO_ELEC_ADVICE": Meaning.MOVING,
    "COD_AMOUNT_NOT_PAID": Meaning.ATTEMPTED,
    "CUSTOMER_IDENTIFICATION_FAILED": Meaning.ATTEMPTED,
    "NO_ACCESS_TO_RECIPIENTS_ADDRESS": Meaning.ATTEMPTED,
    "CANCELLED": Meaning.VOIDED,
    "CUSTOMER_MOVED": Meaning.RETURNING,
    "HAZARDOUS_PROHIBITED": Meaning.DELAYED,
    "NOT_COLLECTED_FROM_PICKUP_POINT": Meaning.RETURNING,
    "NOT_DELIVERED": Meaning.RETURNING,
    "NOT_DELIVERED_ADDRESSEE_DECEASED": Meaning.DELAYED,
    "PARCEL_DISPOSED": Meaning.DAMAGED,
    "PARCEL_LOST": Meaning.LOST,
    "PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY": Meaning.DELAYED,
    "REFUSED_BY_CUSTOMER": Meaning.ATTEMPTED,
    "RETURN_TO_SENDER": Meaning.RETURNING,
    "UNSPECIFIED_EXCEPTION": Meaning.DELAYED,
    "TRACKING_EXPIRED": Meaning.NOT_FOUND,
    "DUTY_NOT_PAID": Meaning.DELAYED,
    "PARCEL_REDIRECTED_BY_CARRIER": None,
    "DELIVERED_TO_PICKUP_POINT": Meaning.READY_FOR_PICKUP,
    "UNDELIVERABLE_RETURNED_TO_SENDER": Meaning.RETURNING,
}
"""The 75 values of `status_detail_code`; None says nothing beyond the status."""

_EARLIER_DETAILS: dict[str, Meaning | None] = {
    "COLLECTION_FAILED": Meaning.DELAYED,
    "AWAITING_DESPATCH": Meaning.LABEL_CREATED,
    "COLLECTION_REQUESTED": Meaning.LABEL_CREATED,
    "AWAITING_ELECTRONIC_ADVICE": Meaning.LABEL_CREATED,
    "DESPATCHED": Meaning.MOVING,
    "COLLECTION_MADE": Meaning.MOVING,
    "ATTEMPTED_DELIVERY_2ND": Meaning.ATTEMPTED,
    "ATTEMPTED_DELIVERY_3RD": Meaning.ATTEMPTED,
    "INVALID_METHOD_OF_PAYMENT": Meaning.ATTEMPTED,
    "CANCELLED_BEFORE_DESPATCH": Meaning.VOIDED,
    "HELD_BY_EXPORT_CUSTOMS": Meaning.DELAYED,
    "HELD_BY_IMPORT_CUSTOMS": Meaning.DELAYED,
    "MISSORTED": Meaning.DELAYED,
    "ROUTING_ERROR": Meaning.DELAYED,
    "PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL": Meaning.UNCHANGED,
    "PARCEL_UPDATE_NOTIFICATION_VIA_SMS": Meaning.UNCHANGED,
    "DELIVERED_TO_LOCKER_COLLECTION_POINT": Meaning.DELIVERED,
}
"""The 17 names of details that only the pages of ShipStation API v2 still list."""

_ALL_DETAILS = _DETAILS | _EARLIER_DETAILS

_COLLECTED = "PARCEL_COLLECTED_FROM_PICKUP_POINT"
_IN_PART = "DELIVERED_IN_PART"
_DAMAGED = "DELIVERED_DAMAGED"

_ENDS_ELSEWHERE = frozenset({Meaning.READY_FOR_PICKUP, Meaning.RETURNING})
"""What a detail may make of a delivery: one at a collection point, or one back to the sender."""

_CARRIERS = {
    "australia_post": "Australia Post",
    "canada_post": "Canada Post",
    "dhl_ecommerce": "DHL eCommerce",
    "dhl_express": "DHL Express",
    "fedex": "FedEx",
    "ontrac": "OnTrac",
    "purolator_ca": "Purolator",
    "royal_mail": "Royal Mail",
    "stamps_com": "Stamps.com",
    "ups": "UPS",
    "usps": "USPS",
}
"""The carriers whose tokens say plainly who they are; others are called by their token."""

_TRACKED_AT = re.compile(r"/tracking/([^/?#]+)/[^/?#]+/?(?:[?#]|$)")
_LABEL = re.compile(r"/labels/([^/?#]+)/track/?(?:[?#]|$)")


# Whatever only decorates an update may be of any type; `_text` makes the best of it.
class _Event(msgspec.Struct, frozen=True):
    occurred_at: object = None
    event_date: object = None
    carrier_occurred_at: object = None
    description: object = None
    status_description: object = None
    city_locality: object = None
    state_province: object = None
    country_code: object = None
    signer: object = None
    event_code: object = None
    status_code: object = None
    status_detail_code: object = None


class _Tracking(msgspec.Struct, frozen=True):
    tracking_number: str | int
    status_code: object = None
    status_detail_code: object = None
    status_description: object = None
    carrier_status_description: object = None
    exception_description: object = None
    carrier_code: object = None
    ship_date: object = None
    shipped_date: object = None
    estimated_delivery_date: object = None
    actual_delivery_date: object = None
    events: tuple[_Event, ...] | None = None


class _Envelope(msgspec.Struct, frozen=True):
    resource_type: str
    resource_url: object = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_TRACKING = msgspec.json.Decoder(_Tracking)

_WHAT = "a notification of ShipEngine"


class _ShipEngine:
    name = "shipengine"
    title = "ShipEngine / ShipStation API"
    authenticity = "RSA-SHA256 of time and body, with a published key"
    strength = Strength.SIGNED_WITH_TIME
    codes = "all 8 statuses and 75 details that are published, and 17 earlier names"
    is_posted_to_webhooks = True
    keys_url = "https://api.shipengine.com/jwks"

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the time, then the signature with the one key that is named."""
        headers = notification.headers
        key_id = _required(headers, _KEY_ID)
        signature = _required(headers, _SIGNATURE)
        stamp = _required(headers, _TIMESTAMP)
        within_window(iso8601_time(stamp), now, trust.tolerance)
        key = trust.keys.get(key_id) or _configured(trust.secrets).get(key_id)
        if key is None:
            message = "the notification is signed with a key that is not known"
            raise UnknownKeyError(message)
        if not is_signed_with(key, signature, _signed(stamp, notification.body)):
            message = "the signature does not match the body"
            raise UnauthenticatedError(message)

    def delivery_key(self, notification: Notification) -> str:
        """The body: ShipEngine gives its notifications no identity."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200: what ShipEngine does with any other answer is not published."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read a tracking event; every other kind only names an address to be asked."""
        envelope = read_json(_ENVELOPE, notification.body, _WHAT)
        if envelope.resource_type not in _KINDS:
            message = f"ShipEngine's {envelope.resource_type} says nothing of a shipment."
            raise UnsupportedError("unsupported_kind", message)
        if bytes(envelope.data) == b"null":
            message = "The notification has no data, so it does not say which parcel it is about."
            raise MalformedError(message)
        tracking = read_json(_TRACKING, envelope.data, _WHAT)
        number = _text(tracking.tracking_number)
        if not number:
            message = "The notification has an empty tracking_number."
            raise MalformedError(message)
        if not any(_codes(tracking)):
            message = "The notification has no status_code."
            raise MalformedError(message)
        update = _update(tracking, number, _text(envelope.resource_url))
        attention: tuple[Finding, ...] = ()
        if update.current.meaning is Meaning.DELIVERED and _codes(tracking)[1] == _DAMAGED:
            detail = f"{number} was delivered with visible damage."
            attention = (Finding("damaged", detail),)
        return Reading(updates=(update,), attention=attention)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign with a private key; what is no private key leaves the notification unsigned."""
        headers = {"content-type": "application/json"}
        key = _key_in(trust.secrets[0])
        if not isinstance(key, RSAPrivateKey):
            return headers
        stamp = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        signature = key.sign(_signed(stamp, notification.body), PKCS1v15(), SHA256())
        return headers | {
            _KEY_ID: _thumbprint(key.public_key()),
            _SIGNATURE: base64.b64encode(signature).decode("ascii"),
            _TIMESTAMP: stamp,
        }


def _required(headers: Mapping[str, str], name: str) -> str:
    if not headers.get(name):
        message = f"the {name} header is missing"
        raise UnauthenticatedError(message)
    return headers[name]


def _signed(stamp: str, body: bytes) -> bytes:
    return stamp.encode("utf-8", "surrogatepass") + b"." + body


def _configured(secrets: Iterable[str]) -> Mapping[str, PublicKey]:
    """The public keys of the secrets, by their thumbprints; what is no RSA key is passed over."""
    keys = (_key_in(secret) for secret in secrets)
    public = (key.public_key() if isinstance(key, RSAPrivateKey) else key for key in keys)
    return {_thumbprint(key): key for key in public if key is not None}


@lru_cache(maxsize=32)
def _key_in(pem: str) -> RSAPrivateKey | RSAPublicKey | None:
    """The RSA key of a PEM; kept, because a private key takes long to read."""
    raw = pem.encode("utf-8", "surrogatepass")
    is_private = "PRIVATE KEY-----" in pem
    try:
        key = load_pem_private_key(raw, None) if is_private else load_pem_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # A TypeError wants a password.
        return None
    return key if isinstance(key, RSAPrivateKey | RSAPublicKey) else None


def _thumbprint(key: PublicKey) -> str:
    """The id of a key that has no other one: its JWK thumbprint (RFC 7638)."""
    numbers = key.public_numbers()
    e, n = _in_base64url(numbers.e), _in_base64url(numbers.n)
    required = f'{{"e":"{e}","kty":"RSA","n":"{n}"}}'.encode("ascii")
    return _unpadded(hashlib.sha256(required).digest())


def _in_base64url(number: int) -> str:
    return _unpadded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _update(tracking: _Tracking, number: str, url: str) -> TrackingUpdate:
    status, detail = _codes(tracking)
    meaning, code = _meaning(status, detail), _spelled(status, detail)
    events = _newest_first(tracking.events or ())
    scans = [_scan(event) for event in events]
    if events and not any(_codes(events[0])):
        # The newest scan is the one that the status was given for.
        scans[0] = msgspec.structs.replace(scans[0], meaning=meaning, code=code)
    scan = _resting_on(meaning, scans) or _undated(tracking, meaning)
    exception = _text(tracking.exception_description) if status == "EX" else ""
    words = (
        exception
        or scan.words
        or _first_of(tracking.carrier_status_description, tracking.status_description)
    )
    signers = (
        _text(event.signer)
        for event, seen in zip(events, scans, strict=True)
        if meaning is Meaning.DELIVERED is seen.meaning
    )
    label = _LABEL.search(url)
    return TrackingUpdate(
        sender="ShipEngine",
        tracking_number=number,
        current=msgspec.structs.replace(scan, meaning=meaning, code=code, words=words),
        history=tuple(reversed(scans)),
        carrier=_carrier(tracking, url),
        shipment=unquote(label.group(1)).strip() if label else "",
        estimated_delivery=day(_text(tracking.estimated_delivery_date)),
        signed_by=_first_of(*signers),
        shipped_on=day(_first_of(tracking.ship_date, tracking.shipped_date)),
    )


def _newest_first(events: tuple[_Event, ...]) -> tuple[_Event, ...]:
    """The events as they are listed, unless their times say that the list is the other way round.

    The order is not documented; only an example shows it.
    """
    times = [at for event in events if (at := _when(event)[0])]
    return events[::-1] if times and times[0] < times[-1] else events


def _resting_on(meaning: Meaning | None, scans: list[Scan]) -> Scan | None:
    """The scan, of the newest first, that a meaning rests on; None if none says so."""
    if meaning is None:
        return scans[0] if scans else None
    found = None
    for scan in scans:
        if scan.meaning is meaning:
            found = scan
        if found and (scan.meaning is not meaning or meaning is not Meaning.DELIVERED):
            # What repeats a delivery, such as its proof, comes after the delivery itself.
            break
    return found


def _undated(tracking: _Tracking, meaning: Meaning | None) -> Scan:
    """What is the case without a scan that says so; only a delivery has a date of its own."""
    delivered = tracking.actual_delivery_date if meaning is Meaning.DELIVERED else None
    at, local_time = moment(_text(delivered))
    return Scan(meaning=meaning, code="", at=at, local_time=local_time)


def _scan(event: _Event) -> Scan:
    status, detail = _codes(event)
    at, local_time = _when(event)
    return Scan(
        meaning=_meaning(status, detail),
        code=_spelled(status, detail) or _text(event.event_code),
        words=_first_of(event.description, event.status_description),
        place=place(
            _text(event.city_locality), _text(event.state_province), _text(event.country_code)
        ),
        at=at,
        local_time=local_time,
    )


def _when(event: _Event) -> tuple[datetime | None, str]:
    stamp = _first_of(event.occurred_at, event.event_date)
    at, local_time = moment(stamp)
    _, there = local(_text(event.carrier_occurred_at))
    if at is None:
        return None, there or local_time
    is_proven = bool(at.utcoffset()) or there != local(stamp)[1]
    return (at, "") if is_proven else (None, there)


def _codes(told: _Event | _Tracking) -> tuple[str, str]:
    status = _text(told.status_code)
    return status.upper() if status.isascii() else status, _text(told.status_detail_code)


def _spelled(status: str, detail: str) -> str:
    return "/".join(code for code in (status, detail) if code)


def _meaning(status: str, detail: str) -> Meaning | None:
    """What a pair of codes means; None where one is not in our tables, or the two disagree."""
    if (status and status not in _STATUSES) or (detail and detail not in _ALL_DETAILS):
        return None
    plain, refined = _STATUSES.get(status), _ALL_DETAILS.get(detail)
    if plain is None or refined is None:
        return plain or refined
    if refined is Meaning.UNCHANGED and plain is not Meaning.MOVING:
        return plain
    if plain is Meaning.READY_FOR_PICKUP and refined is Meaning.DELIVERED:
        return refined if detail == _COLLECTED else plain
    if plain is Meaning.DELIVERED and (refined in _ENDS_ELSEWHERE or detail == _IN_PART):
        return refined
    # Of a parcel that is delivered by one code and not by the other, nothing is said.
    return refined if (plain is Meaning.DELIVERED) is (refined is Meaning.DELIVERED) else None


def _carrier(tracking: _Tracking, url: str) -> str:
    token = _text(tracking.carrier_code)
    if not token:
        asked = parse_qs(url.partition("?")[2]).get("carrier_code", [""])[0]
        found = _TRACKED_AT.search(url)
        token = (asked or (unquote(found.group(1)) if found else "")).strip()
    return _CARRIERS.get(token, token)


def _first_of(*values: object) -> str:
    return next((text for value in values if (text := _text(value))), "")


def _text(value: object) -> str:
    """A text without spaces around it, or a whole number as one; nothing of anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


SOURCE = _ShipEngine()
