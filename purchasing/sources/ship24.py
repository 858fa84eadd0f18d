"""Ship24: parcels of many couriers, one new event or several in each tracking, several in a post.

Documentation: docs.ship24.com/webhooks, /status and /data-format; the OpenAPI document
`spec/ship24-tracking-api.yaml` of ship24/ship24-node (commit 8899af75); what Ship24 itself says of
its deliveries, its test numbers and its proofs of delivery in `skills/ship24-webhooks` and
`skills/ship24-tracking-statuses` of ship24/ship24-ai-plugin (commit 9c8209a2); all read 2026-11.

Quirks that this module knows:
- The secret is shown as it is, and nothing of the body is signed.
- A post may hold several trackings; a part that cannot be read leaves the others unharmed.
- Only the events that are new since the last post are in it, newest first and in any order of
  posts: the parcel's state may rest on an event that was posted before.
- `statusMilestone` always says where the parcel was; `statusCode` says more, or is null.
- A time is without a zone (at the place), in UTC, with an offset, or a day alone; `order` decides
  where two cannot be told apart by it. The deprecated `datetime` stamps Z on a local time.
- A parcel has more numbers on its last mile; the buyer's one is the tracker's.
- A repetition may be grouped differently, and nothing says whether it keeps its `messageId`.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import cmp_to_key

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.notification import Notification, body_key
from purchasing.signatures import verify_shown
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate

_EVENTS_TOPIC = "tracking/events"
_TEST_NUMBERS = ("SHIP24_SAMPLE_", "SHIP24TEST")

_MILESTONES: dict[str, Meaning] = {
    "pending": Meaning.NOT_FOUND,
    "info_received": Meaning.LABEL_CREATED,
    "in_transit": Meaning.MOVING,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "failed_attempt": Meaning.ATTEMPTED,
    "available_for_pickup": Meaning.READY_FOR_PICKUP,
    "delivered": Meaning.DELIVERED,
    "exception": Meaning.DELAYED,
}
"""The 8 values of `statusMilestone`."""

_CODES: dict[str, Meaning | None] = {
    "data_order_created": None,
    "data_order_cancelled": Meaning.VOIDED,
    "data_delivery_proposed": None,
    "data_delivery_decided": None,
    "transit_handover": None,
    "transit_origin_country_departure": None,
    "destination_arrival": None,
    "customs_received": None,
    "customs_exception": Meaning.DELAYED,
    "customs_rejected": Meaning.DELAYED,
    "customs_cleared": None,
    "delivery_available_for_pickup": None,
    "delivery_out_for_delivery": None,
    "delivery_attempted": Meaning.ATTEMPTED,
    "delivery_exception": Meaning.DELAYED,
    "delivery_refused": Meaning.ATTEMPTED,
    "delivery_delivered": None,
    "exception_return": Meaning.RETURNING,
    "exception_lost": Meaning.LOST,
    "exception_discarded": Meaning.DAMAGED,
}
"""The 20 values of `statusCode`, and what each says beyond the milestone; None says nothing more.

A code that only repeats a milestone says nothing more: where the two differ, such as one of several
pieces that was delivered, the milestone is what holds of the parcel.
"""

_COURIERS = {"fr-post": "La Poste", "us-post": "USPS"}
"""The courier codes whose names Ship24's documentation tells; others are shown as they are."""

_NULL = msgspec.Raw(b"null")


class _Metadata(msgspec.Struct, frozen=True):
    topic: str | None = None


class _Tracker(msgspec.Struct, frozen=True, rename="camel"):
    tracking_number: str | int
    tracker_id: str | None = None


class _Window(msgspec.Struct, frozen=True):
    start: str | None = msgspec.field(name="from", default=None)
    end: str | None = msgspec.field(name="to", default=None)


class _Delivery(msgspec.Struct, frozen=True, rename="camel"):
    estimated_delivery_date: str | None = None
    courier_estimated_delivery_date: _Window | None = None
    service: str | None = None
    signed_by: str | None = None


class _Shipment(msgspec.Struct, frozen=True, rename="camel"):
    """What is of less weight is read apart, so that an odd value there holds nothing up."""

    shipment_id: str | None = None
    status_milestone: str | None = None
    status_code: str | None = None
    delivery: msgspec.Raw = _NULL


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    event_id: str | None = None
    status: str | None = None
    occurrence_datetime: str | None = None
    order: int | None = None
    location: str | None = None
    courier_code: str | None = None
    status_milestone: str | None = None
    status_code: str | None = None


class _Statistics(msgspec.Struct, frozen=True):
    timestamps: dict[str, str | None] | None = None


class _Tracking(msgspec.Struct, frozen=True):
    tracker: _Tracker
    metadata: _Metadata | None = None
    shipment: _Shipment | None = None
    events: tuple[_Event, ...] | None = None
    statistics: msgspec.Raw = _NULL


class _Head(msgspec.Struct, frozen=True):
    """The field that tells what a tracking is, before the rest is read."""

    metadata: _Metadata | None = None


class _Post(msgspec.Struct, frozen=True):
    trackings: tuple[msgspec.Raw, ...]


_POST = msgspec.json.Decoder(_Post)
_HEAD = msgspec.json.Decoder(_Head)
_TRACKING = msgspec.json.Decoder(_Tracking)
_DELIVERY = msgspec.json.Decoder(_Delivery | None)
_STATISTICS = msgspec.json.Decoder(_Statistics | None)

_WHAT = "a post of Ship24"


class _Ship24:
    name = "ship24"
    title = "Ship24"
    authenticity = "shown bearer secret"
    strength = Strength.SHOWN
    codes = "all 8 milestones and 20 codes that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the bearer secret; the scheme's name may be in any case (RFC 9110)."""
        del now
        scheme, _, shown = notification.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not shown:
            message = "the Authorization header is missing or shows no bearer secret"
            raise UnauthenticatedError(message)
        verify_shown(shown, trust.secrets)

    def delivery_key(self, notification: Notification) -> str:
        """What the trackings state, in whatever order they are grouped; else the body."""
        post = peek_json(_POST, notification.body)
        if post is None:
            return body_key(notification.body)
        parts = sorted(_identity(raw) for raw in post.trackings)
        # Each part is JSON, and ends where JSON ends: no two lists of parts run into one another.
        digest = hashlib.blake2b(b"[" + b",".join(parts) + b"]", digest_size=16)
        return f"trackings:{digest.hexdigest()}"

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do; 200 is the documented one."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read each of the trackings by itself."""
        trackings = read_json(_POST, notification.body, _WHAT).trackings
        if not trackings:
            message = "The post has no trackings."
            raise MalformedError(message)
        updates: list[TrackingUpdate] = []
        ignored: list[Finding] = []
        held: list[Finding] = []
        for position, raw in enumerate(trackings, start=1):
            try:
                updates.append(_update(raw))
            except UnsupportedError as error:
                ignored.append(Finding(error.reason, error.detail))
            except MalformedError as error:
                where = f"Tracking {position} of {len(trackings)}"
                held.append(Finding("malformed", f"{where}: {error}"))
        return Reading(updates=tuple(updates), ignored=tuple(ignored), held=tuple(held))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the secret as Ship24 does."""
        del notification, now
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {trust.secrets[0]}",
        }


def _identity(raw: msgspec.Raw) -> bytes:
    """What one tracking states, without what changes when it is sent again; else its bytes."""
    tracking = peek_json(_TRACKING, raw)
    if not tracking or not tracking.events or not all(it.event_id for it in tracking.events):
        return bytes(raw)
    events = tuple(sorted(tracking.events, key=lambda it: it.event_id or ""))
    return msgspec.json.encode(msgspec.structs.replace(tracking, events=events))


def _update(raw: msgspec.Raw) -> TrackingUpdate:
    head = read_json(_HEAD, raw, _WHAT)
    topic = (head.metadata or _Metadata()).topic or _EVENTS_TOPIC
    if topic != _EVENTS_TOPIC:
        message = f"Ship24's {topic} says nothing of where a parcel is."
        raise UnsupportedError("unsupported_kind", message)
    tracking = read_json(_TRACKING, raw, _WHAT)
    number = str(tracking.tracker.tracking_number).strip()
    if not number:
        message = "the tracker has an empty trackingNumber."
        raise MalformedError(message)
    if number.startswith(_TEST_NUMBERS):
        message = f"{number} is a number that Ship24 publishes for tests."
        raise UnsupportedError("test_mode", message)
    return _tracking(number, tracking)


def _tracking(number: str, tracking: _Tracking) -> TrackingUpdate:
    shipment = tracking.shipment or _Shipment()
    delivery = peek_json(_DELIVERY, shipment.delivery) or _Delivery()
    window = delivery.courier_estimated_delivery_date or _Window()
    statistics = peek_json(_STATISTICS, tracking.statistics) or _Statistics()
    reached = statistics.timestamps or {}
    events = _oldest_first(tracking.events or ())
    courier = next((it.courier_code for it in reversed(events) if it.courier_code), "")
    return TrackingUpdate(
        sender="Ship24",
        tracking_number=number,
        current=_current(shipment, events, reached),
        history=tuple(map(_scan, events)),
        carrier=_COURIERS.get(courier, courier),
        service=delivery.service or "",
        shipment=shipment.shipment_id or tracking.tracker.tracker_id or "",
        # `estimatedDeliveryDate` is in UTC; the courier's own window is at the place.
        estimated_delivery=day(window.end)
        or day(window.start)
        or day(delivery.estimated_delivery_date),
        signed_by=delivery.signed_by or "",
        shipped_on=day(reached.get(_when("in_transit"))),
    )


def _current(
    shipment: _Shipment, events: tuple[_Event, ...], reached: Mapping[str, str | None]
) -> Scan:
    """The parcel's state, dated by the newest event that has its milestone.

    An older event may be posted late. The state then rests on none of those that are here, and
    began when its milestone was first reached.
    """
    milestone = shipment.status_milestone or (events[-1].status_milestone if events else None)
    if not milestone:
        message = "no statusMilestone says where the parcel is."
        raise MalformedError(message)
    for event in reversed(events):
        if event.status_milestone == milestone:
            return _scan(event)
    at, local_time = moment(reached.get(_when(milestone)))
    code = shipment.status_code
    return Scan(
        meaning=_meaning(milestone, code), code=_code(milestone, code), at=at, local_time=local_time
    )


def _when(milestone: str) -> str:
    """Where the statistics say when a milestone was first reached: `inTransitDatetime`."""
    first, *others = milestone.split("_")
    return f"{first}{''.join(map(str.capitalize, others))}Datetime"


def _scan(event: _Event) -> Scan:
    at, local_time = moment(event.occurrence_datetime)
    return Scan(
        meaning=_meaning(event.status_milestone, event.status_code),
        code=_code(event.status_milestone, event.status_code),
        words=event.status or "",
        place=place(event.location),
        at=at,
        local_time=local_time,
    )


def _code(milestone: str | None, code: str | None) -> str:
    return f"{milestone or ''}/{code}" if code else milestone or ""


def _meaning(milestone: str | None, code: str | None) -> Meaning | None:
    """What a milestone and a code mean; None where either is not in our tables, or they clash."""
    if milestone not in _MILESTONES or (code and code not in _CODES):
        return None
    meaning = _MILESTONES[milestone]
    more = _CODES[code] if code else None
    if more is not None and meaning is Meaning.DELIVERED:
        return None
    return more or meaning


def _oldest_first(events: tuple[_Event, ...]) -> tuple[_Event, ...]:
    """They are posted newest first; by their times, and by `order` where those do not tell."""
    ordered = list(reversed(events))
    ordered.sort(key=cmp_to_key(_difference))
    return tuple(ordered)


def _difference(one: _Event, other: _Event) -> int:
    """Negative where the first is older, positive where it is newer, zero where nothing tells."""
    (day_of_one, clock_of_one), (day_of_other, clock_of_other) = _clock(one), _clock(other)
    if day_of_one and day_of_other and day_of_one != day_of_other:
        return -1 if day_of_one < day_of_other else 1
    if clock_of_one and clock_of_other and clock_of_one != clock_of_other:
        return -1 if clock_of_one < clock_of_other else 1
    if one.order is None or other.order is None:
        return 0
    return one.order - other.order


def _clock(event: _Event) -> tuple[date | None, time | None]:
    """The day of an event, and its hour where it has one; only to put events in order."""
    at, local_time = moment(event.occurrence_datetime)
    if at is not None:
        at = at.astimezone(UTC)
        return at.date(), at.time()
    clock: time | None = None
    with suppress(ValueError):
        clock = time.fromisoformat(local_time[11:]).replace(tzinfo=None)
    return day(local_time), clock


SOURCE = _Ship24()
