"""DHL: Shipment Tracking - Unified, Push, for the shipments of most of DHL's companies.

Documentation: developer.dhl.com/api-reference/shipment-tracking-unified-push (v1.2.5), its "101
guide" and its collections of requests of 2025-07 (all read 2026-11); the shape of a shipment as in
`schemas/tracking.json` of karrioapi/karrio (commit deea10f). No push was ever seen on the wire.

Quirks that this module knows:
- Whoever subscribes chooses the header and the token that DHL then shows; nothing is signed.
- DHL first posts `subscription.validate` and waits to be called with the `secret` in it. The call
  goes to DHL's own host; of the address in `self` only the last segment, the id, is believed.
- `statusCode` has 5 values and decides. Everything finer (out for delivery, attempted, returned) is
  free text in any language and is not read: an official example has `pre-transit` beside DELIVERED.
- `status` stamps Z on the local time that `events` gives without a zone, for the very same scan.
  A Z is therefore not believed, only an offset in figures; else one scan would be told as two.
- `id` is a number or a text; it is kept letter for letter. Number and `service` belong together.
- The order of `events` is not documented: the end that is older by its times is put first.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.json_body import inside, loose_text, peek_json, read_json
from purchasing.formats.moments import day, local, moment, place
from purchasing.handshakes import Call
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import verify_shown
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate

_HEADER = "DHL-API-Hook-Token"
"""The header where `header` names none: ours, because DHL leaves the choice and has no default."""

_API = "https://api-eu.dhl.com/tracking/push/v1"
_TRIAL_API = "https://api-test.dhl.com/"

_STATUS_CODES = {
    "pre-transit": Meaning.LABEL_CREATED,
    "transit": Meaning.MOVING,
    "delivered": Meaning.DELIVERED,
    "failure": Meaning.DELAYED,
    "unknown": Meaning.NOT_FOUND,
}
"""The 5 values of `statusCode`."""

_SUBSCRIPTION = re.compile(r"\S*/subscription/([A-Za-z0-9-]{1,64})")
# What can stand in a header.
_SHOWABLE = re.compile(r"[!-~]{1,512}")
_FIGURES = re.compile(rb"[0-9]+")
_LONGEST_QUOTE = 200


class _Envelope(msgspec.Struct, frozen=True):
    scope: object = None
    address: object = msgspec.field(name="self", default=None)
    secret: object = None
    shipments: msgspec.Raw = msgspec.Raw(b"null")
    failure: object = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    timestamp: object = None
    status_code: object = None
    status: object = None
    description: object = None
    location: object = None


class _Shipment(msgspec.Struct, frozen=True, rename="camel"):
    """Only what has to be right has a type; the rest is taken where it is what it should be."""

    id: msgspec.Raw
    status: _Event
    service: object = None
    events: tuple[_Event, ...] | None = None
    estimated_time_of_delivery: object = None
    estimated_delivery_time_frame: object = None
    details: object = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LIST = msgspec.json.Decoder(tuple[msgspec.Raw, ...])
_SHIPMENT = msgspec.json.Decoder(_Shipment)
_TEXT = msgspec.json.Decoder(str)


class _Dhl:
    name = "dhl"
    title = "DHL Shipment Tracking - Unified, Push"
    authenticity = "token in a header of your choice"
    strength = Strength.SHOWN
    codes = "all 5 status codes that are published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the token that is shown; a request to validate shows it like any other."""
        del now
        verify_shown(notification.headers.get(_header(trust), ""), trust.secrets)

    def delivery_key(self, notification: Notification) -> str:
        """What a push says of its shipments, by whichever subscription; else the body."""
        envelope = peek_json(_ENVELOPE, notification.body)
        if envelope is None or bytes(envelope.shipments) == b"null":
            return body_key(notification.body)
        return parts_key("shipments", bytes(envelope.shipments))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """A plain 200, which is all that DHL documents."""
        del notification
        return receipt_in_json(receipt, OK)

    def call_back(self, notification: Notification, trust: Trust) -> Call | None:
        """The call that makes a subscription active; None for whatever asks for none."""
        envelope = peek_json(_ENVELOPE, notification.body)
        if envelope is None or envelope.scope != "subscription.validate":
            return None
        found = _SUBSCRIPTION.fullmatch(loose_text(envelope.address))
        secret = loose_text(envelope.secret)
        key = trust.settings.api_key or ""
        # Nobody whom we do not know may spend our key, be it for an id of his own.
        is_known = notification.is_authentic or trust.settings.path_tokens
        if not (found and is_known and _SHOWABLE.fullmatch(secret) and _SHOWABLE.fullmatch(key)):
            return None
        return Call(
            url=f"{_API}/subscription/{found.group(1)}",
            about="confirming a DHL subscription",
            headers={"DHL-API-Key": key, "DHL-API-Hook-Secret": secret},
        )

    def read(self, notification: Notification) -> Reading:
        """Read a push; what concerns the subscription itself causes nothing."""
        envelope = read_json(_ENVELOPE, notification.body, "a DHL push")
        scope = loose_text(envelope.scope)
        if scope == "subscription.failure":
            return _failed(envelope)
        if scope not in ("subscription.push", ""):
            message = f"DHL's {scope[:_LONGEST_QUOTE]} is about a subscription, not a shipment."
            raise UnsupportedError("unsupported_kind", message)
        if loose_text(envelope.address).startswith(_TRIAL_API):
            message = "This comes from DHL's test environment, whose shipments are invented."
            raise UnsupportedError("test_mode", message)
        shipments = read_json(_LIST, envelope.shipments, "a DHL push with its shipments")
        if not shipments:
            message = "The push has an empty list of shipments."
            raise MalformedError(message)
        return _reading(shipments)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the token, as DHL does."""
        del notification, now
        return {"content-type": "application/json", _header(trust): trust.secrets[0]}


def _header(trust: Trust) -> str:
    return (trust.settings.header or _HEADER).lower()


def _failed(envelope: _Envelope) -> Reading:
    said = (loose_text(envelope.failure, name) for name in ("title", "detail"))
    why = ": ".join(filter(None, said))[:_LONGEST_QUOTE] or "it gives no reason"
    detail = f"DHL says that a subscription failed ({why})."
    return Reading(
        ignored=(Finding("unsupported_kind", detail),),
        attention=(Finding("subscription_failed", detail),),
    )


def _reading(shipments: tuple[msgspec.Raw, ...]) -> Reading:
    updates: list[TrackingUpdate] = []
    held: list[Finding] = []
    for raw in shipments:
        try:
            updates.append(_tracking(read_json(_SHIPMENT, raw, "a DHL shipment")))
        except MalformedError as error:
            if len(shipments) == 1:
                raise
            held.append(Finding("malformed", str(error)))
    return Reading(updates=tuple(updates), held=tuple(held))


def _tracking(shipment: _Shipment) -> TrackingUpdate:
    number, service = _written(shipment.id), loose_text(shipment.service)
    if not number:
        message = "The shipment has no id, so it does not say which parcel it is about."
        raise MalformedError(message)
    current, history = _joined(_scan(shipment.status), _oldest_first(shipment.events or ()))
    return TrackingUpdate(
        sender="DHL",
        carrier="DHL",
        tracking_number=number,
        current=current,
        history=history,
        service=service,
        shipment=f"{service}/{number}" if service else number,
        estimated_delivery=_estimate(shipment),
        signed_by=_signer(shipment),
        weight=_weight(shipment),
    )


def _oldest_first(events: tuple[_Event, ...]) -> list[Scan]:
    scans = [_scan(event) for event in events]
    if scans and not "" < _clock(scans[0]) < _clock(scans[-1]):
        scans.reverse()
    return scans


def _joined(current: Scan, history: list[Scan]) -> tuple[Scan, tuple[Scan, ...]]:
    """The status and the events, with one time for the scan that both of them tell."""
    clock = _clock(current)
    for index in reversed(range(len(history))):
        twin = history[index]
        if twin.code == current.code and clock in ("", _clock(twin)):
            at = current.at or twin.at
            local_time = "" if at else twin.local_time
            history[index] = msgspec.structs.replace(twin, at=at, local_time=local_time)
            current = msgspec.structs.replace(current, at=at, local_time=local_time)
            break
    return current, tuple(history)


def _scan(event: _Event) -> Scan:
    code = loose_text(event.status_code)
    at, local_time = _when(loose_text(event.timestamp))
    where = (
        loose_text(event.location, "address", part) for part in ("addressLocality", "countryCode")
    )
    return Scan(
        meaning=_STATUS_CODES.get(code),
        code=code,
        words=_words(loose_text(event.status), loose_text(event.description)),
        place=place(*where),
        at=at,
        local_time=local_time,
    )


def _words(status: str, description: str) -> str:
    """Both texts, unless the longer one says what the shorter one does."""
    if status.casefold() in description.casefold():
        return description
    return ": ".join(filter(None, (status, description)))


def _when(text: str) -> tuple[datetime | None, str]:
    at, _ = moment(text)
    if at is None or text.endswith("Z"):
        return local(text)
    return at, ""


def _clock(scan: Scan) -> str:
    """What a clock at the place showed."""
    return scan.at.replace(tzinfo=None).isoformat(sep=" ") if scan.at else scan.local_time


def _estimate(shipment: _Shipment) -> date | None:
    """The date as it is written: it is the place's own, whatever the zone it is stamped with."""
    named = (
        loose_text(shipment.estimated_time_of_delivery),
        loose_text(shipment.estimated_delivery_time_frame, "estimatedThrough"),
    )
    return next((found for it in named if (found := day(it))), None)


def _signer(shipment: _Shipment) -> str:
    name, given, family = (
        loose_text(shipment.details, "proofOfDelivery", "signed", part)
        for part in ("name", "givenName", "familyName")
    )
    return name or f"{given} {family}".strip()


def _weight(shipment: _Shipment) -> str:
    value = inside(shipment.details, "weight", "value")
    unit = loose_text(shipment.details, "weight", "unitText")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value} {unit}" if is_number and unit else ""


def _written(raw: msgspec.Raw) -> str:
    """A text, or a number exactly as it is written; empty for anything else."""
    text = peek_json(_TEXT, raw)
    if text is not None:
        return text.strip()
    return bytes(raw).decode() if _FIGURES.fullmatch(raw) else ""


SOURCE = _Dhl()
