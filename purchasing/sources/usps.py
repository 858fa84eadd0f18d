"""USPS: tracking subscriptions, whose notifications hold Tracking v3 bodies as text.

Documentation: developers.usps.com/subscriptions-trackingv3r2 and /trackingv3, which could not be
read as text; so the envelope, its signature and the milestones follow the public description
`skills/usps-webhooks` (garethx/webhook-skills, commit 6c826dec), the body the Tracking v3 schema
`schemas/tracking_responses.json` (karrioapi/karrio, commit deea10f), and the event codes
`lib/USPS/WebTools/Tracking/Codes.pm` (marlencrabapple/USPS-WebTools-Tracking, commit 27117ce1) and
app.theneo.io/ehub "Tracking Event Descriptions" (all read 2026-11).

Quirks that this module knows:
- `payload` is JSON inside a text. The signature covers `timestamp` and that text as they are once
  the envelope is decoded; `subscriptionId`, `subscriptionType` and `links` are not covered, so they
  are never looked at.
- A subscription's secret has exactly 32 characters. Without a secret nothing is signed.
- `eventCode` decides what a scan means; `statusCategory` must not contradict it about a delivery.
- Scans are listed newest first. `eventTimestamp` is the local time to the minute; its twin
  `GMTTimestamp` is exact, and `GMTOffset` says how far apart they are.
- A number is used again after some months: `uniqueMailPieceID` and `mailPieceIntakeDate` tell one
  parcel from the next. Values that are no texts (booleans as texts, and the other way) are ignored.
- `mailClass` is HTML.
"""

import contextlib
import html
import re
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.formats.json_body import loose_text, peek_json, read_json
from purchasing.formats.moments import day, local, moment, place
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import base64_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate

_HEADER = "x-hmac"
_OLD_HEADER = "hmac-header"
_SECRET_LENGTH = 32

_CODES = {
    "89": Meaning.LABEL_CREATED,
    "83": Meaning.LABEL_CREATED,
    "GX": Meaning.LABEL_CREATED,
    "MA": Meaning.LABEL_CREATED,
    "03": Meaning.MOVING,
    "06": Meaning.MOVING,
    "07": Meaning.MOVING,
    "10": Meaning.MOVING,
    "19": Meaning.MOVING,
    "41": Meaning.MOVING,
    "42": Meaning.MOVING,
    "80": Meaning.MOVING,
    "81": Meaning.MOVING,
    "82": Meaning.MOVING,
    "A1": Meaning.MOVING,
    "AD": Meaning.MOVING,
    "EF": Meaning.MOVING,
    "OA": Meaning.MOVING,
    "PA": Meaning.MOVING,
    "PC": Meaning.MOVING,
    "SF": Meaning.MOVING,
    "T1": Meaning.MOVING,
    "TL": Meaning.MOVING,
    "TM": Meaning.MOVING,
    "UA": Meaning.MOVING,
    "OF": Meaning.OUT_FOR_DELIVERY,
    "14": Meaning.READY_FOR_PICKUP,
    "16": Meaning.READY_FOR_PICKUP,
    "02": Meaning.ATTEMPTED,
    "04": Meaning.ATTEMPTED,
    "30": Meaning.ATTEMPTED,
    "51": Meaning.ATTEMPTED,
    "52": Meaning.ATTEMPTED,
    "53": Meaning.ATTEMPTED,
    "54": Meaning.ATTEMPTED,
    "55": Meaning.ATTEMPTED,
    "56": Meaning.ATTEMPTED,
    "05": Meaning.DELAYED,
    "08": Meaning.DELAYED,
    "11": Meaning.DELAYED,
    "15": Meaning.DELAYED,
    "DX": Meaning.DELAYED,
    "01": Meaning.DELIVERED,
    "17": Meaning.DELIVERED,
    "43": Meaning.DELIVERED,
    "09": Meaning.RETURNING,
    "21": Meaning.RETURNING,
    "22": Meaning.RETURNING,
    "23": Meaning.RETURNING,
    "24": Meaning.RETURNING,
    "25": Meaning.RETURNING,
    "26": Meaning.RETURNING,
    "27": Meaning.RETURNING,
    "28": Meaning.RETURNING,
    "29": Meaning.RETURNING,
    "31": Meaning.RETURNING,
    "44": Meaning.RETURNING,
    "71": Meaning.UNCHANGED,
    "GC": Meaning.UNCHANGED,
}
"""`eventCode` of a scan; USPS publishes no list of its own that could be read."""

_CATEGORIES = {
    "Pre-Shipment": Meaning.LABEL_CREATED,
    "Accepted": Meaning.MOVING,
    "In Transit": Meaning.MOVING,
    "Out for Delivery": Meaning.OUT_FOR_DELIVERY,
    "Available for Pickup": Meaning.READY_FOR_PICKUP,
    "Delivery Attempt": Meaning.ATTEMPTED,
    "Alert": Meaning.DELAYED,
    "Delivered": Meaning.DELIVERED,
}
"""The 8 milestones of `statusCategory`; they decide only where there is no scan."""

_ACCEPTANCES = frozenset({"03", "80", "AD", "OA", "PA", "TM", "UA"})
"""The codes of the scans by which a parcel was first taken."""

_OFFSET = re.compile(r"([+-]?)(0?[0-9]|1[0-4]):?([0-5][0-9])")
# A mark raised above the line says nothing of the service; other tags leave their text.
_MARKUP = re.compile(r"<sup>.*?</sup>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class _Envelope(msgspec.Struct, frozen=True):
    """What is signed of a notification; whatever else it holds is not proven."""

    timestamp: str
    payload: str


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    event_code: object = None
    event_type: object = None
    event_timestamp: object = None
    event_city: object = None
    event_state: object = None
    event_country: object = None
    name: object = None
    gmt_timestamp: object = msgspec.field(name="GMTTimestamp", default=None)
    gmt_offset: object = msgspec.field(name="GMTOffset", default=None)


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    tracking_number: str | None = None
    tracking_events: tuple[_Event, ...] | None = None
    status: object = None
    status_category: object = None
    mail_class: object = None
    mail_piece_intake_date: object = None
    mail_piece: object = msgspec.field(name="uniqueMailPieceID", default=None)
    expected_delivery_date: object = None
    expected_delivery_time_stamp: object = None
    predicted_delivery_date: object = None
    predicted_delivery_time_stamp: object = None
    guaranteed_delivery_date: object = None
    guaranteed_delivery_time_stamp: object = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LIST = msgspec.json.Decoder(tuple[msgspec.Raw, ...])
_BODY = msgspec.json.Decoder(_Body)


class _Usps:
    name = "usps"
    title = "USPS Subscriptions-Tracking"
    authenticity = "signature over time and payload"
    # What is not signed is not read, so nobody can make one notification out of another.
    strength = Strength.SIGNED
    codes = "59 event codes and 8 milestones; the sender's own list could not be read"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature over the two fields that it covers."""
        del now  # The time is signed, but nothing is known of how late USPS may post.
        headers = notification.headers
        given = headers.get(_HEADER, headers.get(_OLD_HEADER))
        if given is None:
            message = "the X-HMAC header is missing; USPS signs only where a secret was given"
            raise UnauthenticatedError(message)
        if any(self.secret_fault(secret) for secret in trust.secrets):
            message = "a secret of this source has not the 32 characters that USPS demands"
            raise UnauthenticatedError(message)
        envelope = peek_json(_ENVELOPE, notification.body)
        if envelope is None:
            message = "the body has no timestamp and payload whose signature could be checked"
            raise UnauthenticatedError(message)
        verify(given, trust.secrets, lambda secret: _signature(secret, envelope))

    def secret_fault(self, secret: str) -> str:
        """USPS takes secrets of 32 characters, and no others."""
        if len(secret) == _SECRET_LENGTH:
            return ""
        return f"a secret has {len(secret)} characters, and USPS takes exactly {_SECRET_LENGTH}"

    def delivery_key(self, notification: Notification) -> str:
        """What the payload says, whenever it is sent; the body where there is no payload."""
        envelope = peek_json(_ENVELOPE, notification.body)
        if envelope is None:
            return body_key(notification.body)
        return parts_key("payload", envelope.payload.encode())

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """A plain 200; a listener that is not reached is suspended."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read one body, or several; one that cannot be read does not hold the others."""
        envelope = read_json(_ENVELOPE, notification.body, "a USPS notification")
        bodies = _bodies(envelope.payload)
        updates: list[TrackingUpdate] = []
        held: list[Finding] = []
        for raw in bodies:
            try:
                body = read_json(_BODY, raw, "a USPS tracking body")
                update = _tracking(body)
            except MalformedError as error:
                if len(bodies) == 1:
                    raise
                held.append(Finding("malformed", str(error)))
                continue
            contradiction = _contradiction(body, update)
            if contradiction:
                held.append(contradiction)
            else:
                updates.append(update)
        return Reading(updates=tuple(updates), held=tuple(held))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign the time and the payload that the body holds."""
        del now
        envelope = peek_json(_ENVELOPE, notification.body) or _Envelope("", "")
        return {
            "content-type": "application/json",
            _HEADER: _signature(trust.secrets[0], envelope),
        }


def _signature(secret: str, envelope: _Envelope) -> str:
    message = (envelope.timestamp + envelope.payload).encode()
    return base64_hash(secret, message)


def _bodies(payload: str) -> tuple[msgspec.Raw | str, ...]:
    if not payload.lstrip().startswith("["):
        return (payload,)
    bodies = read_json(_LIST, payload, "a list of USPS tracking bodies")
    if not bodies:
        message = "The payload is an empty list, so it speaks of no parcel."
        raise MalformedError(message)
    return bodies


def _tracking(body: _Body) -> TrackingUpdate:
    number = (body.tracking_number or "").strip()
    if not number:
        message = "The payload has no trackingNumber, so it does not say which parcel it is about."
        raise MalformedError(message)
    events = tuple(reversed(body.tracking_events or ()))
    history = tuple(_scan(event) for event in events)
    signers = (
        loose_text(event.name)
        for event, scan in zip(reversed(events), reversed(history), strict=True)
        if scan.meaning is Meaning.DELIVERED
    )
    return TrackingUpdate(
        sender="USPS",
        carrier="USPS",
        tracking_number=number,
        current=_current(body, history),
        history=history,
        service=" ".join(html.unescape(_MARKUP.sub("", loose_text(body.mail_class))).split()),
        shipment="/".join(
            filter(None, (loose_text(body.mail_piece), loose_text(body.mail_piece_intake_date)))
        ),
        estimated_delivery=_estimate(body),
        signed_by=next(filter(None, signers), ""),
        shipped_on=next((_date(scan) for scan in history if scan.code in _ACCEPTANCES), None),
    )


def _current(body: _Body, history: tuple[Scan, ...]) -> Scan:
    """The newest scan that says where the parcel is; the milestone where no scan does."""
    telling = [scan for scan in history if scan.meaning is not Meaning.UNCHANGED]
    if telling:
        return telling[-1]
    status = loose_text(body.status)
    # Where there is no category, the published example has the milestone in `status`.
    category = loose_text(body.status_category) or status
    if category:
        return Scan(meaning=_CATEGORIES.get(category), code=category, words=status)
    if history:
        return history[-1]
    message = "The payload has neither a scan nor a status, so it says nothing of its parcel."
    raise MalformedError(message)


def _contradiction(body: _Body, update: TrackingUpdate) -> Finding | None:
    """Whether scan and category disagree about the one thing that is not taken back: delivery."""
    category = loose_text(body.status_category)
    told, meaning = _CATEGORIES.get(category), update.current.meaning
    if told is None or meaning is None:
        return None
    if (told is Meaning.DELIVERED) is (meaning is Meaning.DELIVERED):
        return None
    detail = (
        f'{update.tracking_number}: USPS gives the event code "{update.current.code}" '
        f'and the category "{category}", which cannot both be true.'
    )
    return Finding("conflict", detail)


def _scan(event: _Event) -> Scan:
    code = loose_text(event.event_code)
    at, local_time = _when(event)
    return Scan(
        meaning=_CODES.get(code),
        code=code,
        words=loose_text(event.event_type),
        place=place(
            loose_text(event.event_city),
            loose_text(event.event_state),
            loose_text(event.event_country),
        ),
        at=at,
        local_time=local_time,
    )


def _when(event: _Event) -> tuple[datetime | None, str]:
    """When it was, in the offset of the place; without a zone where neither twin gives one."""
    _, clock = local(loose_text(event.event_timestamp))
    gmt, offset = loose_text(event.gmt_timestamp), _offset(loose_text(event.gmt_offset))
    at = moment(gmt)[0] or moment(f"{gmt}Z")[0] or moment(f"{clock}{offset}")[0]
    if at is None:
        return None, clock or gmt
    if offset:
        with contextlib.suppress(OverflowError):  # At either end of the calendar.
            at = at.astimezone(datetime.strptime(offset, "%z").tzinfo)
    return at, ""


def _offset(text: str) -> str:
    """An offset such as `-7:00` as ISO 8601 writes it; empty if it is none."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return ""
    sign, hours, minutes = found.groups()
    return f"{sign or '+'}{int(hours):02}:{minutes}"


def _date(scan: Scan) -> date | None:
    return scan.at.date() if scan.at else day(scan.local_time)


def _estimate(body: _Body) -> date | None:
    """The expected date, else the predicted one, else the guaranteed one; as it is written."""
    named = (
        body.expected_delivery_date,
        body.expected_delivery_time_stamp,
        body.predicted_delivery_date,
        body.predicted_delivery_time_stamp,
        body.guaranteed_delivery_date,
        body.guaranteed_delivery_time_stamp,
    )
    return next((found for it in named if (found := day(loose_text(it)))), None)


SOURCE = _Usps()
