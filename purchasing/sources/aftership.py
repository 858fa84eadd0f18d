"""AfterShip Tracking: the parcels of many carriers, in nine tags and their subtags.

Documentation: aftership.com/docs/tracking, the pages webhook-overview, webhook-signature,
webhook-outgoing-ips, delivery-statuses and delivery-sub-statuses (2026-07), and the support
article 1b0hdlx on sub-statuses (read 2026-11); the fields as `src/model` of AfterShip's Node SDK
describes them (commit 6319e761); the envelopes of the other products as in hookdeck/webhook-skills
(commit 441d4a13).

Quirks that this module knows:
- The subtag decides, but a published body has the subtag of a wrong address with the message of a
  return. A message that is another subtag's own, of another meaning, is a contradiction.
- `return_to_sender` is true as soon as one checkpoint is a return; what moves after that one moves
  back. True without any such checkpoint, it contradicts the rest.
- Times of checkpoints are mostly without a zone, and are kept as they are written.
- `checkpoints` may be empty although the parcel is delivered.
- A delivery date is in one of five places, as a date or a time in the recipient's zone. The date
  that the shop promised is none of them.
- Countries have three letters, in `country_iso3` or, in newer versions, `country_region`.
- `shipment_weight` is an object with its unit, or a bare number with the unit beside it.
- Shipping, Returns and Warranty sign with other headers and post other envelopes.
- `ts` is not signed and is no part of any window.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import loose_text, peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.formats.readings import held
from purchasing.notification import Notification, body_key
from purchasing.signatures import base64_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SIGNATURE = "aftership-hmac-sha256"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_KINDS = frozenset({"tracking_update", "edd_revise", "tracking_pending_time"})

_TAGS = {
    "Pending": Meaning.NOT_FOUND,
    "InfoReceived": Meaning.LABEL_CREATED,
    "InTransit": Meaning.MOVING,
    "OutForDelivery": Meaning.OUT_FOR_DELIVERY,
    "AttemptFail": Meaning.ATTEMPTED,
    "Delivered": Meaning.DELIVERED,
    "AvailableForPickup": Meaning.READY_FOR_PICKUP,
    "Exception": Meaning.DELAYED,
    "Expired": Meaning.NOT_FOUND,
}
"""The 9 values of `tag`; they decide where there is no subtag."""

_SUBTAGS = {
    "Pending_001": Meaning.NOT_FOUND,
    "Pending_002": Meaning.NOT_FOUND,
    "Pending_003": Meaning.NOT_FOUND,
    "Pending_004": Meaning.NOT_FOUND,
    "Pending_005": Meaning.NOT_FOUND,
    "Pending_006": Meaning.NOT_FOUND,
    "InfoReceived_001": Meaning.LABEL_CREATED,
    "InTransit_001": Meaning.MOVING,
    "InTransit_002": Meaning.MOVING,
    "InTransit_003": Meaning.MOVING,
    "InTransit_004": Meaning.MOVING,
    "InTransit_005": Meaning.MOVING,
    "InTransit_006": Meaning.MOVING,
    "InTransit_007": Meaning.MOVING,
    "InTransit_008": Meaning.MOVING,
    "InTransit_009": Meaning.MOVING,
    "OutForDelivery_001": Meaning.OUT_FOR_DELIVERY,
    "OutForDelivery_003": Meaning.OUT_FOR_DELIVERY,
    "OutForDelivery_004": Meaning.UNCHANGED,
    "AttemptFail_001": Meaning.ATTEMPTED,
    "AttemptFail_002": Meaning.ATTEMPTED,
    "AttemptFail_003": Meaning.ATTEMPTED,
    "AvailableForPickup_001": Meaning.READY_FOR_PICKUP,
    "Delivered_001": Meaning.DELIVERED,
    "Delivered_002": Meaning.DELIVERED,
    "Delivered_003": Meaning.DELIVERED,
    "Delivered_004": Meaning.DELIVERED,
    "Delivered_005": Meaning.DELIVERED,
    "Exception_001": Meaning.DELAYED,
    "Exception_002": Meaning.DELAYED,
    "Exception_003": Meaning.ATTEMPTED,
    "Exception_004": Meaning.DELAYED,
    "Exception_005": Meaning.DELAYED,
    "Exception_006": Meaning.DELAYED,
    "Exception_007": Meaning.DELAYED,
    "Exception_008": Meaning.DELAYED,
    "Exception_009": Meaning.DELAYED,
    "Exception_010": Meaning.RETURNING,
    "Exception_011": Meaning.RETURNING,
    "Exception_012": Meaning.DAMAGED,
    "Exception_013": Meaning.LOST,
    "Exception_016": Meaning.DELAYED,
    "Exception_017": Meaning.DELAYED,
    "Exception_018": Meaning.DELAYED,
    "Exception_019": Meaning.DELAYED,
    "Exception_020": Meaning.VOIDED,
    "Exception_021": Meaning.DAMAGED,
    "Expired_001": Meaning.NOT_FOUND,
}
"""The 48 subtags that were found published; one that is not here is held, never guessed."""

_MESSAGES = {
    "delivered": "Delivered_001",
    "picked up by the customer": "Delivered_002",
    "sign by customer": "Delivered_003",
    "delivered and received cash on delivery": "Delivered_004",
    "delivered to neighbor": "Delivered_005",
    "available for pickup": "AvailableForPickup_001",
    "customer moved": "Exception_002",
    "customer refused delivery": "Exception_003",
    "held for payment": "Exception_006",
    "incorrect address": "Exception_007",
    "pick up missed": "Exception_008",
    "rejected by carrier": "Exception_009",
    "returning to sender": "Exception_010",
    "returned to sender": "Exception_011",
    "shipment damage": "Exception_012",
    "shipment lost": "Exception_013",
    "shipment cancelled": "Exception_020",
    "shipment disposed": "Exception_021",
}
"""The messages that are documented as one subtag's own, in lower case; to cross-check only."""

_MOVES = frozenset(
    {
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.READY_FOR_PICKUP,
        Meaning.ATTEMPTED,
        Meaning.DELAYED,
    }
)
"""What is said of a parcel on its way; once it is on its way back, all of it is."""

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
"""Some of AfterShip's names for carriers as people write them; the others stay as they are."""


class _Checkpoint(msgspec.Struct, frozen=True):
    """What is `Any` here must not hold a notification, whatever is in it."""

    tag: str | None = None
    subtag: str | None = None
    subtag_message: Any = None
    message: Any = None
    checkpoint_time: Any = None
    location: Any = None
    city: Any = None
    state: Any = None
    country_iso3: Any = None
    country_region: Any = None


class _Tracking(msgspec.Struct, frozen=True):
    tracking_number: str | int
    tag: str
    subtag: str | None = None
    checkpoints: tuple[_Checkpoint, ...] | None = None
    return_to_sender: bool | None = None
    subtag_message: Any = None
    id: Any = None
    slug: Any = None
    signed_by: Any = None
    shipment_type: Any = None
    shipment_weight: Any = None
    shipment_weight_unit: Any = None
    shipment_pickup_date: Any = None
    shipment_delivery_date: Any = None
    latest_estimated_delivery: Any = None
    courier_estimated_delivery_date: Any = None
    aftership_estimated_delivery_date: Any = None
    custom_estimated_delivery_date: Any = None
    expected_delivery: Any = None


class _Event(msgspec.Struct, frozen=True):
    """The envelope; that of Shipping names its kind in `event_type`."""

    event: str | None = None
    event_type: str | None = None
    msg: msgspec.Raw = msgspec.Raw(b"null")


class _Identity(msgspec.Struct, frozen=True):
    event_id: str = ""


_EVENT = msgspec.json.Decoder(_Event)
_TRACKING = msgspec.json.Decoder(_Tracking)
_IDENTITY = msgspec.json.Decoder(_Identity)


class _AfterShip:
    name = "aftership"
    title = "AfterShip"
    authenticity = "HMAC-SHA256 of the body"
    strength = Strength.SIGNED
    codes = "all 9 tags, and the 48 subtags that were found published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature over the body; nothing of the time is signed."""
        del now
        given = notification.headers.get(_SIGNATURE, "")
        if not given:
            message = "the Aftership-Hmac-Sha256 header is missing"
            raise UnauthenticatedError(message)
        verify(given, trust.secrets, lambda secret: base64_hash(secret, notification.body))

    def delivery_key(self, notification: Notification) -> str:
        """The event's id, which survives the retries; the body where it is no UUID."""
        event = peek_json(_IDENTITY, notification.body)
        if event is None or not _UUID.fullmatch(event.event_id):
            return body_key(notification.body)
        return event.event_id

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read a tracking event."""
        event = read_json(_EVENT, notification.body, "an AfterShip event")
        kind = event.event or event.event_type
        if not kind:
            message = "The body is JSON, but not an AfterShip event: it has no event."
            raise MalformedError(message)
        if kind not in _KINDS:
            message = f"AfterShip's {kind} says nothing of a shipment."
            raise UnsupportedError("unsupported_kind", message)
        tracking = read_json(_TRACKING, event.msg, "a tracking of AfterShip")
        if not str(tracking.tracking_number).strip():
            message = "The tracking has an empty tracking_number."
            raise MalformedError(message)
        return _reading(tracking)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as AfterShip Tracking does."""
        del now
        signature = base64_hash(trust.secrets[0], notification.body)
        return {"content-type": "application/json", _SIGNATURE: signature}


def _reading(tracking: _Tracking) -> Reading:
    number = str(tracking.tracking_number).strip()
    history = tuple(_history(tracking.checkpoints or ()))
    returns = any(scan.meaning is Meaning.RETURNING for scan in history)
    meaning = _meaning(tracking.tag, tracking.subtag)
    contradiction = _contradiction(tracking.tag, tracking.subtag, tracking.subtag_message)
    if tracking.return_to_sender and not returns and meaning in _MOVES | {Meaning.DELIVERED}:
        contradiction = f"{_code(tracking.tag, tracking.subtag)} and return_to_sender"
    if contradiction:
        detail = f"AfterShip says {contradiction} of {number}, which cannot both be true."
        return held("conflict", detail)
    if returns and meaning in _MOVES:
        meaning = Meaning.RETURNING
    return Reading(updates=(_update(tracking, number, meaning, history),))


def _update(
    tracking: _Tracking, number: str, meaning: Meaning | None, history: tuple[Scan, ...]
) -> TrackingUpdate:
    slug = loose_text(tracking.slug)
    return TrackingUpdate(
        sender="AfterShip",
        tracking_number=number,
        current=_current(tracking, meaning, history),
        history=history,
        carrier=_CARRIERS.get(slug, slug),
        service=loose_text(tracking.shipment_type),
        shipment=loose_text(tracking.id),
        estimated_delivery=next(filter(None, map(day, _estimates(tracking))), None),
        signed_by=loose_text(tracking.signed_by),
        shipped_on=day(loose_text(tracking.shipment_pickup_date)),
        weight=_weight(tracking.shipment_weight, loose_text(tracking.shipment_weight_unit)),
    )


def _history(checkpoints: tuple[_Checkpoint, ...]) -> Iterator[Scan]:
    """The checkpoints as scans; what moves after a return moves back."""
    is_going_back = False
    for checkpoint in checkpoints:
        scan = _scan(checkpoint)
        is_going_back = is_going_back or scan.meaning is Meaning.RETURNING
        if is_going_back and scan.meaning in _MOVES:
            scan = msgspec.structs.replace(scan, meaning=Meaning.RETURNING)
        yield scan


def _scan(checkpoint: _Checkpoint) -> Scan:
    tag, subtag, message = checkpoint.tag or "", checkpoint.subtag, checkpoint.subtag_message
    at, local_time = moment(loose_text(checkpoint.checkpoint_time))
    country = loose_text(checkpoint.country_iso3) or loose_text(checkpoint.country_region)
    where = place(loose_text(checkpoint.city), loose_text(checkpoint.state), country)
    return Scan(
        meaning=None if _contradiction(tag, subtag, message) else _meaning(tag, subtag),
        code=_code(tag, subtag),
        words=loose_text(checkpoint.message) or loose_text(message),
        place=where or loose_text(checkpoint.location),
        at=at,
        local_time=local_time,
    )


def _current(tracking: _Tracking, meaning: Meaning | None, history: tuple[Scan, ...]) -> Scan:
    """The state, with the place and the time of the last checkpoint that says the same."""
    code = _code(tracking.tag, tracking.subtag)
    seen = next((scan for scan in reversed(history) if scan.code == code), None)
    if seen is not None:
        return msgspec.structs.replace(seen, meaning=meaning)
    is_delivered = meaning is Meaning.DELIVERED
    at, local_time = moment(loose_text(tracking.shipment_delivery_date) if is_delivered else "")
    words = loose_text(tracking.subtag_message)
    return Scan(meaning=meaning, code=code, words=words, at=at, local_time=local_time)


def _code(tag: str, subtag: str | None) -> str:
    """The subtag, with the tag before it where that is not the one it begins with."""
    if not subtag:
        return tag
    return subtag if subtag.startswith(f"{tag}_") else f"{tag}/{subtag}"


def _meaning(tag: str, subtag: str | None) -> Meaning | None:
    """What a pair of codes means; None where either is not in our tables."""
    if tag not in _TAGS:
        return None
    return _SUBTAGS.get(subtag) if subtag else _TAGS[tag]


def _contradiction(tag: str, subtag: str | None, message: Any) -> str:
    """What a tag, a subtag and a message say that cannot all be true; "" where they agree.

    Codes that are not in our tables contradict nothing: nobody knows what they mean.
    """
    meaning = _meaning(tag, subtag)
    if meaning is None:
        return ""
    if subtag and not subtag.startswith(f"{tag}_") and meaning is not _TAGS[tag]:
        return f"{tag} and {subtag}"
    words = loose_text(message)
    own = _MESSAGES.get(words.lower())
    if own is not None and _SUBTAGS[own] is not meaning:
        return f'{_code(tag, subtag)} and "{words}"'
    return ""


def _estimates(tracking: _Tracking) -> Iterator[str]:
    """Where a delivery date may be, the most telling first."""
    yield loose_text(tracking.latest_estimated_delivery, "datetime")
    yield loose_text(tracking.latest_estimated_delivery, "datetime_max")
    for estimate in (
        tracking.courier_estimated_delivery_date,
        tracking.aftership_estimated_delivery_date,
        tracking.custom_estimated_delivery_date,
    ):
        yield loose_text(estimate)
        yield loose_text(estimate, "estimated_delivery_date")
        yield loose_text(estimate, "estimated_delivery_date_max")
    yield loose_text(tracking.expected_delivery)


def _weight(weight: Any, unit: str) -> str:
    value, unit = (
        (weight.get("value"), loose_text(weight.get("unit")))
        if isinstance(weight, dict)
        else (weight, unit)
    )
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    number = str(value) if is_number and value else loose_text(value)
    return f"{number} {unit}" if number and unit else ""


SOURCE = _AfterShip()
