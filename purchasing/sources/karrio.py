"""Karrio: trackers of many carriers, from a server that one runs oneself or rents.

Documentation: karrioapi/karrio@deea10f8, for Karrio's own pages contradict its code: webhooks as
modules/events (task_definitions/base/webhook.py, serializers/base.py) posts them, statuses and
incidents as modules/sdk/karrio/core/units.py names them; what a tracker's status is made of in
modules/core/karrio/server/core/utils.py@004aac44 (read 2026-11).

Quirks that this module knows:
- `X-Event-Id` is no id: it is the webhook's secret, as it is. It never becomes a key, and Tallyman
  blots a configured secret out of every header before anything is stored.
- Nothing is signed, and nothing has an id; a notification is posted once and never repeated by
  itself. More than 5 failures in a row turn the webhook off without a word.
- Kinds are written `tracker_updated`; a dot for the underscore occurs and is read alike.
- `events` has the newest first, and the smallest events have a date, a description and a code.
- `timestamp` stamps Z on local time, so all times are kept as text.
- `status` has no reason of its own: the newest event's counts for it.
- Karrio says `in_transit` for every code of a carrier that it does not know; nothing tells such a
  parcel from one that moves.
- A tracker without any event is `pending` for want of anything better.
- A tracker is `delivered` as soon as its carrier says so, to whomever.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.json_body import loose_text, peek_json, read_json
from purchasing.formats.moments import day, local
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import verify_shown
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SECRET = "x-event-id"  # noqa: S105  # the name of the header, not its value

_STATUSES = {
    "pending": Meaning.LABEL_CREATED,
    "picked_up": Meaning.MOVING,
    "in_transit": Meaning.MOVING,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "ready_for_pickup": Meaning.READY_FOR_PICKUP,
    "on_hold": Meaning.DELAYED,
    "delivery_delayed": Meaning.DELAYED,
    "delivery_failed": Meaning.ATTEMPTED,
    "delivered": Meaning.DELIVERED,
    "return_to_sender": Meaning.RETURNING,
    "cancelled": Meaning.VOIDED,
    "unknown": Meaning.NOT_FOUND,
}
"""The 12 values of `status`."""

_REASONS = {
    "carrier_address_not_found": Meaning.DELAYED,
    "carrier_capacity_exceeded": Meaning.DELAYED,
    "carrier_damaged_parcel": Meaning.DAMAGED,
    "carrier_mechanical_delay": Meaning.DELAYED,
    "carrier_not_enough_time": Meaning.DELAYED,
    "carrier_parcel_lost": Meaning.LOST,
    "carrier_sorting_error": Meaning.DELAYED,
    "carrier_vehicle_issue": Meaning.DELAYED,
    "consignee_access_restricted": Meaning.ATTEMPTED,
    "consignee_business_closed": Meaning.ATTEMPTED,
    "consignee_cancelled": Meaning.DELAYED,
    "consignee_incorrect_address": Meaning.DELAYED,
    "consignee_not_available": Meaning.ATTEMPTED,
    "consignee_not_home": Meaning.ATTEMPTED,
    "consignee_refused": Meaning.ATTEMPTED,
    "consignee_safe_place_unavailable": Meaning.ATTEMPTED,
    "consignee_verification_failed": Meaning.ATTEMPTED,
    "customs_delay": Meaning.DELAYED,
    "customs_documentation": Meaning.DELAYED,
    "customs_duties_unpaid": Meaning.DELAYED,
    "customs_inspection": Meaning.DELAYED,
    "customs_prohibited": Meaning.DELAYED,
    "force_majeure": Meaning.DELAYED,
    "natural_disaster": Meaning.DELAYED,
    "parcel_being_researched": Meaning.DELAYED,
    "regulatory_hold": Meaning.DELAYED,
    "retailer_cancelled": Meaning.DELAYED,
    "retailer_incorrect_data": Meaning.DELAYED,
    "retailer_incorrect_dimensions": Meaning.DELAYED,
    "retailer_incorrect_parcel": Meaning.DELAYED,
    "retailer_not_ready": Meaning.DELAYED,
    "retailer_packaging_issue": Meaning.DELAYED,
    "security_issue": Meaning.DELAYED,
    "unknown": None,
    "weather_delay": Meaning.DELAYED,
}
"""The 35 values of an event's `reason`, and what each says beyond the status; None: nothing more.

Only their names are published; the meanings are read from the names.
"""

_PLAIN = frozenset({"ready_for_pickup", "delivered", "return_to_sender", "cancelled"})
"""The statuses that are plain whatever the reason; a reason refines the others."""

_CARRIERS = {
    "canadapost": "Canada Post",
    "dhl_express": "DHL Express",
    "dhl_universal": "DHL",
    "fedex": "FedEx",
    "purolator": "Purolator",
    "ups": "UPS",
    "usps": "USPS",
}
"""Carriers by Karrio's name for the connection, as people write them; another one keeps its own."""


_NOTHING = msgspec.Raw(b"null")


class _Event(msgspec.Struct, frozen=True):
    date: object = None
    time: object = None
    timestamp: object = None
    description: object = None
    location: object = None
    code: object = None
    status: str | None = None
    reason: str | None = None


class _Tracker(msgspec.Struct, frozen=True):
    tracking_number: str | int
    status: str
    id: object = None
    carrier_name: object = None
    estimated_delivery: object = None
    test_mode: bool | None = None
    info: object = None
    events: tuple[_Event, ...] | None = None


class _Posted(msgspec.Struct, frozen=True):
    """The fields that tell what was posted, before the rest is read."""

    event: str
    data: msgspec.Raw = _NOTHING


class _TrackerIdentity(msgspec.Struct, frozen=True):
    tracking_number: msgspec.Raw
    id: msgspec.Raw = _NOTHING
    carrier_name: msgspec.Raw = _NOTHING
    status: msgspec.Raw = _NOTHING
    estimated_delivery: msgspec.Raw = _NOTHING
    info: msgspec.Raw = _NOTHING
    events: msgspec.Raw = _NOTHING
    test_mode: msgspec.Raw = _NOTHING


class _Identity(msgspec.Struct, frozen=True):
    """What a statement rests on; the times at which Karrio wrote it down are no part of it."""

    event: msgspec.Raw
    data: _TrackerIdentity


_POSTED = msgspec.json.Decoder(_Posted)
_TRACKER = msgspec.json.Decoder(_Tracker)
_IDENTITY = msgspec.json.Decoder(_Identity)


class _Karrio:
    name = "karrio"
    title = "Karrio"
    authenticity = "the webhook's secret, shown in a header"
    strength = Strength.SHOWN
    codes = "all 12 statuses and 35 incident reasons of its source code"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the secret that is shown; nothing else proves the sender."""
        del now
        verify_shown(notification.headers.get(_SECRET, ""), trust.secrets)

    def delivery_key(self, notification: Notification) -> str:
        """What is said of the tracker, which a person may have posted again."""
        identity = peek_json(_IDENTITY, notification.body)
        if identity is None:
            return body_key(notification.body)
        tracker = identity.data
        parts = (
            identity.event,
            tracker.id,
            tracker.carrier_name,
            tracker.tracking_number,
            tracker.status,
            tracker.estimated_delivery,
            tracker.info,
            tracker.events,
            tracker.test_mode,
        )
        return parts_key("tracker", *map(bytes, parts))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Anything below 400 counts as success."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read a tracker."""
        posted = read_json(_POSTED, notification.body, "a Karrio event")
        if posted.event.replace(".", "_") not in ("tracker_created", "tracker_updated"):
            message = f"Karrio's {posted.event} says nothing of a tracker."
            raise UnsupportedError("unsupported_kind", message)
        tracker = read_json(_TRACKER, posted.data, "a Karrio tracker")
        if tracker.test_mode:
            message = "Karrio marks this tracker as a test."
            raise UnsupportedError("test_mode", message)
        if not str(tracker.tracking_number).strip():
            message = "The tracker has an empty tracking_number."
            raise MalformedError(message)
        return Reading(updates=(_tracking(tracker),))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the secret as Karrio does."""
        del notification, now
        return {"content-type": "application/json", _SECRET: trust.secrets[0]}


def _tracking(tracker: _Tracker) -> TrackingUpdate:
    events = tracker.events or ()
    newest = events[0] if events else _Event()
    carrier = loose_text(tracker.carrier_name)
    return TrackingUpdate(
        sender="Karrio",
        tracking_number=str(tracker.tracking_number).strip(),
        current=_current(tracker, newest),
        history=_history(tracker, events),
        carrier=_CARRIERS.get(carrier, carrier),
        service=loose_text(tracker.info, "shipment_service"),
        shipment=loose_text(tracker.id),
        estimated_delivery=day(loose_text(tracker.estimated_delivery))
        or day(loose_text(tracker.info, "expected_delivery")),
        signed_by=loose_text(tracker.info, "signed_by"),
        shipped_on=day(loose_text(tracker.info, "shipping_date")),
        weight=_weight(tracker.info),
    )


def _current(tracker: _Tracker, newest: _Event) -> Scan:
    if tracker.status == "pending" and not tracker.events:
        return Scan(meaning=Meaning.NOT_FOUND, code=tracker.status)
    return _scan(tracker.status, newest)


def _history(tracker: _Tracker, events: tuple[_Event, ...]) -> tuple[Scan, ...]:
    """The events, oldest first; the newest one without a status has the tracker's."""
    newest = tuple(_scan(event.status or tracker.status, event) for event in events[:1])
    older = tuple(_scan(event.status or "", event) for event in events[1:])
    return (*reversed(older), *newest)


def _scan(status: str, seen: _Event) -> Scan:
    at, local_time = _moment(seen)
    code = f"{status}/{seen.reason}" if seen.reason else status
    return Scan(
        meaning=_meaning(status, seen.reason),
        code=code or loose_text(seen.code),
        words=loose_text(seen.description),
        place=loose_text(seen.location),
        at=at,
        local_time=local_time,
    )


def _moment(seen: _Event) -> tuple[None, str]:
    """When it was: a text without a zone, or a date alone, to which no midnight is added."""
    stamp, date, time = loose_text(seen.timestamp), loose_text(seen.date), loose_text(seen.time)
    if stamp or time:
        return local(stamp or f"{date} {time}".strip())
    return None, date


def _meaning(status: str, reason: str | None) -> Meaning | None:
    """What a status and a reason mean; None where either is not in our tables."""
    if status not in _STATUSES or (reason and reason not in _REASONS):
        return None
    meaning = _STATUSES[status]
    if reason and status not in _PLAIN:
        return _REASONS[reason] or meaning
    return meaning


def _weight(info: object) -> str:
    """The weight with its unit; a number without a unit is no weight."""
    unit = loose_text(info, "package_weight_unit")
    given = info.get("package_weight") if isinstance(info, dict) else None
    weight = given.strip() if isinstance(given, str) else given
    is_number = isinstance(weight, str | int | float) and not isinstance(weight, bool)
    return f"{weight} {unit}" if unit and weight and is_number else ""


SOURCE = _Karrio()
