"""17TRACK, version 2.4 of its API: parcels of many carriers and posts, one snapshot in each push.

Documentation: api.17track.net/en/doc?version=v2.4, as captured on 2026-07-03 for
`aio17track/enums.py`, `webhook.py` and `models.py` of godely/aio17track (commit 42533148); what
each sub-status means as `seventeen_track.py` of agritheory/shipstation_integration (commit
12b95301) words it; both read 2026-11.

Quirks that this module knows:
- The signature is a plain SHA-256 of the body, a slash and the API key: no HMAC, and no time in it.
- There is no id of a push; a push that is repeated may differ in its counters and sync times.
- `stage` of a scan may be set while its `sub_status` is null, or both may be null.
- The time of a scan may stand in `time_raw` alone, with a zone, without one, or without an hour.
- A number may be followed at two providers, the post of origin and the one of destination; each
  lists its scans newest first.
- `carrier` is a number, and may be another one than the provider's key; only names are shown.
- `TRACKING_STOPPED` names the parcel and says nothing more.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.notification import Notification, body_key
from purchasing.signatures import verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_SIGN = "sign"
_UPDATED = "TRACKING_UPDATED"
_STOPPED = "TRACKING_STOPPED"

_EVENTS: dict[str, Meaning] = {_STOPPED: Meaning.NOT_FOUND}
"""The event that is a statement by itself; `TRACKING_UPDATED` says it in its status."""

_STATUSES: dict[str, Meaning] = {
    "NotFound": Meaning.NOT_FOUND,
    "InfoReceived": Meaning.LABEL_CREATED,
    "InTransit": Meaning.MOVING,
    "Expired": Meaning.NOT_FOUND,
    "AvailableForPickup": Meaning.READY_FOR_PICKUP,
    "OutForDelivery": Meaning.OUT_FOR_DELIVERY,
    "DeliveryFailure": Meaning.ATTEMPTED,
    "Delivered": Meaning.DELIVERED,
    "Exception": Meaning.DELAYED,
}
"""The 9 main statuses; they count where there is no sub-status."""

_SUB_STATUSES: dict[str, Meaning] = {
    "NotFound_Other": Meaning.NOT_FOUND,
    "NotFound_InvalidCode": Meaning.NOT_FOUND,
    "InfoReceived": Meaning.LABEL_CREATED,
    "InTransit_PickedUp": Meaning.MOVING,
    "InTransit_Other": Meaning.MOVING,
    "InTransit_Departure": Meaning.MOVING,
    "InTransit_Arrival": Meaning.MOVING,
    "InTransit_CustomsProcessing": Meaning.MOVING,
    "InTransit_CustomsReleased": Meaning.MOVING,
    "InTransit_CustomsRequiringInformation": Meaning.DELAYED,
    "Expired_Other": Meaning.NOT_FOUND,
    "AvailableForPickup_Other": Meaning.READY_FOR_PICKUP,
    "OutForDelivery_Other": Meaning.OUT_FOR_DELIVERY,
    "DeliveryFailure_Other": Meaning.ATTEMPTED,
    "DeliveryFailure_NoBody": Meaning.ATTEMPTED,
    "DeliveryFailure_Security": Meaning.DELAYED,
    "DeliveryFailure_Rejected": Meaning.ATTEMPTED,
    "DeliveryFailure_InvalidAddress": Meaning.DELAYED,
    "Delivered_Other": Meaning.DELIVERED,
    "Exception_Other": Meaning.DELAYED,
    "Exception_Returning": Meaning.RETURNING,
    "Exception_Returned": Meaning.RETURNING,
    "Exception_NoBody": Meaning.DELAYED,
    "Exception_Security": Meaning.DELAYED,
    "Exception_Damage": Meaning.DAMAGED,
    "Exception_Rejected": Meaning.DELAYED,
    "Exception_Delayed": Meaning.DELAYED,
    "Exception_Lost": Meaning.LOST,
    "Exception_Destroyed": Meaning.DAMAGED,
    "Exception_Cancel": Meaning.VOIDED,
}
"""The 30 sub-statuses; each begins with the main status to which it belongs."""

_STAGES: dict[str, Meaning] = {
    "InfoReceived": Meaning.LABEL_CREATED,
    "PickedUp": Meaning.MOVING,
    "Departure": Meaning.MOVING,
    "Arrival": Meaning.MOVING,
    "AvailableForPickup": Meaning.READY_FOR_PICKUP,
    "OutForDelivery": Meaning.OUT_FOR_DELIVERY,
    "Delivered": Meaning.DELIVERED,
    "Returning": Meaning.RETURNING,
    "Returned": Meaning.RETURNING,
}
"""The 9 stages; they count for a scan that has no sub-status."""

_NULL = msgspec.Raw(b"null")
_WEIGHT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]{1,3})")
_SHIPPED = "PickedUp"


class _RawTime(msgspec.Struct, frozen=True):
    date: str | None = None
    time: str | None = None
    timezone: str | None = None


class _Translation(msgspec.Struct, frozen=True):
    description: str | None = None


class _Address(msgspec.Struct, frozen=True):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class _Event(msgspec.Struct, frozen=True):
    time_iso: str | None = None
    time_utc: str | None = None
    time_raw: _RawTime | None = None
    description: str | None = None
    description_translation: _Translation | None = None
    location: str | None = None
    address: _Address | None = None
    stage: str | None = None
    sub_status: str | None = None


class _Name(msgspec.Struct, frozen=True):
    name: str | None = None


class _Provider(msgspec.Struct, frozen=True):
    provider: _Name | None = None
    events: tuple[_Event, ...] | None = None


class _Providers(msgspec.Struct, frozen=True):
    providers: tuple[_Provider, ...] | None = None


class _Status(msgspec.Struct, frozen=True):
    status: str | None = None
    sub_status: str | None = None


class _Info(msgspec.Struct, frozen=True):
    """What is of less weight is read apart, so that an odd value there holds nothing up."""

    latest_status: _Status | None = None
    latest_event: _Event | None = None
    tracking: _Providers | None = None
    time_metrics: msgspec.Raw = _NULL
    milestone: msgspec.Raw = _NULL
    misc_info: msgspec.Raw = _NULL


class _Parcel(msgspec.Struct, frozen=True):
    number: str | int
    carrier: msgspec.Raw = _NULL
    track_info: _Info | None = None


class _Push(msgspec.Struct, frozen=True):
    event: str
    data: msgspec.Raw = _NULL


class _Window(msgspec.Struct, frozen=True):
    start: str | None = msgspec.field(name="from", default=None)
    end: str | None = msgspec.field(name="to", default=None)


class _Metrics(msgspec.Struct, frozen=True):
    estimated_delivery_date: _Window | None = None


class _Milestone(msgspec.Struct, frozen=True):
    key_stage: str | None = None
    time_iso: str | None = None
    time_raw: _RawTime | None = None


class _Misc(msgspec.Struct, frozen=True):
    service_type: str | None = None
    weight_raw: str | None = None
    weight_kg: str | float | None = None


_PUSH = msgspec.json.Decoder(_Push)
_PARCEL = msgspec.json.Decoder(_Parcel)
_METRICS = msgspec.json.Decoder(_Metrics | None)
_MILESTONES = msgspec.json.Decoder(tuple[_Milestone, ...] | None)
_MISC = msgspec.json.Decoder(_Misc | None)

_WHAT = "a push of 17TRACK"


class _SeventeenTrack:
    name = "seventeentrack"
    title = "17TRACK"
    authenticity = "SHA-256 of the body and the API key"
    strength = Strength.SIGNED
    codes = "all 9 statuses, 30 sub-statuses and 9 stages that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the hash of the body and the API key."""
        del now
        given = notification.headers.get(_SIGN)
        if given is None:
            message = "the sign header is missing"
            raise UnauthenticatedError(message)
        verify(given, trust.secrets, lambda secret: _signature(secret, notification.body))

    def delivery_key(self, notification: Notification) -> str:
        """What is stated, whatever counters move by themselves; the body where that is nothing."""
        push = peek_json(_PUSH, notification.body)
        parcel = push and peek_json(_PARCEL, push.data)
        info = parcel and parcel.track_info
        if not push or not parcel or not info or not info.latest_status:
            return body_key(notification.body)
        where = (info.latest_status, info.latest_event, info.tracking, _window(info.time_metrics))
        stated = (push.event, parcel.number, parcel.carrier, *where)
        return body_key(msgspec.json.encode(stated))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Only 200 is known to be a success."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read the state of one parcel, or that it is no longer followed."""
        push = read_json(_PUSH, notification.body, _WHAT)
        if push.event not in (_UPDATED, _STOPPED):
            message = f"17TRACK's {push.event} says nothing of where a parcel is."
            raise UnsupportedError("unsupported_kind", message)
        parcel = read_json(_PARCEL, push.data, _WHAT)
        number = str(parcel.number).strip()
        if not number:
            message = "The push has an empty number."
            raise MalformedError(message)
        if push.event == _STOPPED:
            current = Scan(meaning=_EVENTS[_STOPPED], code=_STOPPED)
            return Reading(updates=(_update(number, current),))
        info = parcel.track_info or _Info()
        if info.latest_status is None or not info.latest_status.status:
            message = "The push has no latest_status, so it does not say where the parcel is."
            raise MalformedError(message)
        return Reading(updates=(_tracking(number, info, info.latest_status),))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as 17TRACK does."""
        del now
        signature = _signature(trust.secrets[0], notification.body)
        return {"content-type": "application/json", _SIGN: signature}


def _signature(secret: str, body: bytes) -> str:
    return hashlib.sha256(body + b"/" + secret.encode()).hexdigest()


def _update(number: str, current: Scan) -> TrackingUpdate:
    return TrackingUpdate(sender="17TRACK", tracking_number=number, current=current)


def _tracking(number: str, info: _Info, status: _Status) -> TrackingUpdate:
    providers = (info.tracking or _Providers()).providers or ()
    merged = _merged(providers)
    misc = peek_json(_MISC, info.misc_info) or _Misc()
    window = _window(info.time_metrics)
    current = _scan(info.latest_event or (merged[-1].event if merged else _Event()))
    code, meaning = _state(status)
    return msgspec.structs.replace(
        _update(number, msgspec.structs.replace(current, code=code, meaning=meaning)),
        history=tuple(_scan(seen.event) for seen in merged),
        carrier=merged[-1].carrier if merged else next(map(_carrier, providers), ""),
        service=misc.service_type or "",
        estimated_delivery=day(window.end) or day(window.start),
        shipped_on=_shipped_on(info.milestone),
        weight=_weight(misc),
    )


def _state(status: _Status) -> tuple[str, Meaning | None]:
    """The code of a state and what it means; None where it is unknown or contradicts itself."""
    main, sub = status.status or "", status.sub_status
    if not sub:
        return main, _STATUSES.get(main)
    if sub.partition("_")[0] != main:
        return f"{main}/{sub}", None
    return sub, _SUB_STATUSES.get(sub)


def _scan(event: _Event) -> Scan:
    """A scan; its sub-status says what it means, or its stage where it has none."""
    at, local_time = _moment(event)
    table, code = (_SUB_STATUSES, event.sub_status) if event.sub_status else (_STAGES, event.stage)
    translation = event.description_translation or _Translation()
    address = event.address or _Address()
    return Scan(
        meaning=table.get(code or ""),
        code=code or "",
        words=translation.description or event.description or "",
        place=place(event.location) or place(address.city, address.state, address.country),
        at=at,
        local_time=local_time,
    )


def _moment(event: _Event) -> tuple[datetime | None, str]:
    """When it was: by the first of the three times that is given."""
    raw = event.time_raw or _RawTime()
    # The zone is part of a time, and says nothing beside a date that has none.
    clock = f" {raw.time}{raw.timezone or ''}" if raw.time else ""
    return moment(event.time_iso or event.time_utc or f"{raw.date or ''}{clock}")


class _Seen(msgspec.Struct, frozen=True):
    event: _Event
    carrier: str
    by: datetime


def _merged(providers: Iterable[_Provider]) -> list[_Seen]:
    """The scans of all providers, oldest first; those of one provider keep their order."""
    seen: list[_Seen] = []
    for provider in providers:
        latest = datetime.min.replace(tzinfo=UTC)
        for event in reversed(provider.events or ()):
            latest = max(latest, _clock(event))
            seen.append(_Seen(event, _carrier(provider), latest))
    return sorted(seen, key=lambda it: it.by)


def _clock(event: _Event) -> datetime:
    """A time to put scans of two providers in order by; one without a zone counts as UTC here."""
    at, local_time = _moment(event)
    try:
        return at or datetime.fromisoformat(local_time).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _carrier(provider: _Provider) -> str:
    return (provider.provider or _Name()).name or ""


def _window(metrics: msgspec.Raw) -> _Window:
    known = peek_json(_METRICS, metrics) or _Metrics()
    return known.estimated_delivery_date or _Window()


def _shipped_on(milestones: msgspec.Raw) -> date | None:
    for milestone in peek_json(_MILESTONES, milestones) or ():
        if milestone.key_stage == _SHIPPED:
            return day(milestone.time_iso) or day((milestone.time_raw or _RawTime()).date)
    return None


def _weight(misc: _Misc) -> str:
    """As the carrier says it, where that is a number with a unit; else in kilograms."""
    said = _WEIGHT.fullmatch(misc.weight_raw or "")
    if said:
        return f"{said[1]} {said[2]}"
    return f"{misc.weight_kg} kg" if misc.weight_kg else ""


SOURCE = _SeventeenTrack()
