"""FedEx: tracking pushed by Advanced Integrated Visibility, in the shape of the Track API.

Documentation: developer.fedex.com, catalog/shipment-visibility-webhook (business rules and best
practices; monitoring, failures, retry mechanism; FAQ) and guides/api-reference (the tables of
status codes, of the codes of webhook events, and of mock tracking numbers), read 2026-11.
No push is recorded in public. The shape is that of Track API responses, as the tests of
karrioapi/karrio (commit deea10f8) and recorded answers of FedEx's sandbox have them.

Quirks that this module knows:
- The documentation calls the signature base64 in one place and hexadecimal in another; it is the
  same keyed hash, and either spelling is accepted.
- `outputMetaData` counts the attempts, so the whole body does not tell a retry from news.
- `derivedStatusCode` of a scan is too coarse to be read: out for delivery and ready for pickup are
  IT there, and a parcel on its way back is DL.
- `latestStatusDetail` may be a DE whose reason is told by a scan of another kind, such as RS; its
  `scanLocation` may be the destination, so that a place is taken from the scan.
- `delayDetail` stands on parcels that move, and on delivered ones; it changes no meaning.
- Scans are newest first. Some have a midnight without a zone: it is a day and no time, and such a
  scan stands before the label of the same day.
- `error` may stand beside data, which then counts, or alone.
- Numbers are used again: one number may come with two shipments, of which the younger is meant.
- `receivedByName` may be there long before the delivery.
- SHIP is midnight at -06:00 wherever the parcel is, so that only its date says something.
- Exception codes of two digits are those of Express, of three those of Ground: 07 is not 007.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.formats.readings import collected, held
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import Encoding, base64_hash, keyed_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate

_SIGNATURE = "fdx-signature"
_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_VIRTUAL = b"VIRTUAL.RESPONSE"

_CODES = {
    "AA": Meaning.MOVING,
    "AC": Meaning.MOVING,
    "AD": Meaning.OUT_FOR_DELIVERY,
    "AE": Meaning.UNCHANGED,
    "AF": Meaning.MOVING,
    "AO": Meaning.UNCHANGED,
    "AP": Meaning.LABEL_CREATED,
    "AR": Meaning.MOVING,
    "AS": Meaning.UNCHANGED,
    "AX": Meaning.MOVING,
    "CA": Meaning.VOIDED,
    "CC": Meaning.MOVING,
    "CD": Meaning.DELAYED,
    "CH": Meaning.MOVING,
    "CP": Meaning.MOVING,
    "DD": Meaning.DELAYED,
    "DE": Meaning.DELAYED,
    "DL": Meaning.DELIVERED,
    "DO": Meaning.MOVING,
    "DP": Meaning.MOVING,
    "DR": Meaning.UNCHANGED,
    "DS": Meaning.UNCHANGED,
    "DY": Meaning.DELAYED,
    "EA": Meaning.MOVING,
    "ED": Meaning.OUT_FOR_DELIVERY,
    "EO": Meaning.MOVING,
    "EP": Meaning.LABEL_CREATED,
    "FD": Meaning.MOVING,
    "HA": Meaning.UNCHANGED,
    "HL": Meaning.READY_FOR_PICKUP,
    "HP": Meaning.READY_FOR_PICKUP,
    "IN": Meaning.UNCHANGED,
    "IP": Meaning.MOVING,
    "IT": Meaning.MOVING,
    "IX": Meaning.MOVING,
    "LC": Meaning.VOIDED,
    "LO": Meaning.MOVING,
    "LP": Meaning.VOIDED,
    "MD": Meaning.LABEL_CREATED,
    "OC": Meaning.LABEL_CREATED,
    "OD": Meaning.OUT_FOR_DELIVERY,
    "OF": Meaning.MOVING,
    "OW": Meaning.MOVING,
    "OX": Meaning.UNCHANGED,
    "PD": Meaning.DELAYED,
    "PF": Meaning.MOVING,
    "PL": Meaning.MOVING,
    "PM": Meaning.MOVING,
    "PR": Meaning.UNCHANGED,
    "PU": Meaning.MOVING,
    "PX": Meaning.MOVING,
    "PY": Meaning.DELAYED,
    "RA": Meaning.UNCHANGED,
    "RC": Meaning.UNCHANGED,
    "RD": Meaning.NOT_FOUND,
    "RG": Meaning.UNCHANGED,
    "RL": Meaning.DELAYED,
    "RM": Meaning.UNCHANGED,
    "RP": Meaning.LABEL_CREATED,
    "RR": Meaning.UNCHANGED,
    "RS": Meaning.RETURNING,
    "RT": Meaning.UNCHANGED,
    "SE": Meaning.DELAYED,
    "SF": Meaning.MOVING,
    "SP": Meaning.UNCHANGED,
    "TR": Meaning.MOVING,
    "US": Meaning.UNCHANGED,
}
"""The codes of a status and of a scan: those of both tables, and PY and RL, which parsers know.

The codes of possession (SH, CU, BR, TP) say who has a parcel; they are left out, and held.
"""

_EXCEPTIONS = {
    "007": Meaning.ATTEMPTED,
    "03": None,
    "060G": Meaning.RETURNING,
    "07": Meaning.ATTEMPTED,
    "08": Meaning.ATTEMPTED,
    "083": None,
    "099": None,
    "17": None,
    "A13": None,
    "A52": None,
}
"""What a reason says beyond DE and SE; None, and any other reason, says no more than they do.

FedEx publishes no table that could be had. These are of the mock tracking numbers and of recorded
scans; 15 is left out, because two sources contradict each other.
"""

_ERRORS = {"TRACKING.TRACKINGNUMBER.NOTFOUND": Meaning.NOT_FOUND}
"""The codes of `error` that say something of a parcel; any other one is held."""

_REFINED = frozenset({"DE", "SE"})
"""The codes of which a reason says more."""

_ATTEMPT = frozenset(
    {"outputMetaData", "transactionId", "customerTransactionId", "customertransactionId"}
)
"""What belongs to an attempt and not to what is said; nothing of it is read."""

_SAYS_MORE = frozenset({Meaning.ATTEMPTED, Meaning.READY_FOR_PICKUP, Meaning.RETURNING})
"""What the scan that a DE or SE rests on may say more than they do."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_NOTHING = msgspec.Raw(b"null")
_T = TypeVar("_T")


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    city: str | None = None
    state_or_province_code: str | None = None
    country_code: str | None = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    date: str | None = None
    event_type: str | None = None
    event_description: str | None = None
    exception_code: str | None = None
    exception_description: str | None = None
    scan_location: msgspec.Raw = _NOTHING


class _Ancillary(msgspec.Struct, frozen=True, rename="camel"):
    reason: str | None = None
    reason_description: str | None = None


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    code: str | None = None
    description: str | None = None
    status_by_locale: str | None = None
    ancillary_details: tuple[_Ancillary, ...] | None = None
    scan_location: msgspec.Raw = _NOTHING


class _Number(msgspec.Struct, frozen=True, rename="camel"):
    tracking_number: str | int | None = None
    tracking_number_unique_id: str | None = None


class _Error(msgspec.Struct, frozen=True):
    code: str | None = None


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    """One shipment; what is raw is of less weight, and left out where it cannot be read."""

    tracking_number_info: _Number | None = None
    latest_status_detail: _Status | None = None
    scan_events: tuple[_Event, ...] | None = None
    error: _Error | None = None
    date_and_times: msgspec.Raw = _NOTHING
    estimated_delivery_time_window: msgspec.Raw = _NOTHING
    standard_transit_time_window: msgspec.Raw = _NOTHING
    service_detail: msgspec.Raw = _NOTHING
    package_details: msgspec.Raw = _NOTHING
    shipment_details: msgspec.Raw = _NOTHING
    delivery_details: msgspec.Raw = _NOTHING


class _Complete(msgspec.Struct, frozen=True, rename="camel"):
    """What is known under one number: one shipment, or several if it was used again."""

    tracking_number: str | int | None = None
    track_results: tuple[msgspec.Raw, ...] | None = None


class _Output(msgspec.Struct, frozen=True, rename="camel"):
    complete_track_results: tuple[msgspec.Raw, ...] | None = None
    alerts: msgspec.Raw = _NOTHING


class _Posting(_Complete, frozen=True, rename="camel"):
    """A push; a public parser also knows one with its results at the top."""

    output: _Output | None = None


class _Dated(msgspec.Struct, frozen=True, rename="camel"):
    type: str | None = None
    date_time: str | None = None


class _Span(msgspec.Struct, frozen=True):
    begins: str | None = None
    ends: str | None = None


class _Window(msgspec.Struct, frozen=True):
    window: _Span = _Span()


class _Service(msgspec.Struct, frozen=True):
    type: str | None = None
    description: str | None = None


class _Weight(msgspec.Struct, frozen=True):
    value: str | float | None = None
    unit: str | None = None


class _Weights(msgspec.Struct, frozen=True):
    weight: tuple[_Weight, ...] = ()


class _Package(msgspec.Struct, frozen=True, rename="camel"):
    weight_and_dimensions: _Weights = _Weights()


class _Delivery(msgspec.Struct, frozen=True, rename="camel"):
    signed_by_name: str | None = None
    received_by_name: str | None = None


class _Parcel(msgspec.Struct, frozen=True):
    """A shipment, and the last day and the last moment that are known of it."""

    update: TrackingUpdate
    age: tuple[date, datetime]


_Seen = tuple[_Event, Scan]
_UNSEEN = (_Event(), Scan(meaning=None, code=""))

_POSTING = msgspec.json.Decoder(_Posting)
_COMPLETE = msgspec.json.Decoder(_Complete)
_RESULT = msgspec.json.Decoder(_Result)
_LOCATION = msgspec.json.Decoder(_Location)
_DATES = msgspec.json.Decoder(tuple[_Dated, ...])
_WINDOW = msgspec.json.Decoder(_Window)
_SERVICE = msgspec.json.Decoder(_Service)
_PACKAGE = msgspec.json.Decoder(_Package)
_SHIPMENT = msgspec.json.Decoder(_Weights)
_DELIVERY = msgspec.json.Decoder(_Delivery)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


class _FedEx:
    name = "fedex"
    title = "FedEx Advanced Integrated Visibility"
    authenticity = "HMAC-SHA256 of the body, in base64 or hexadecimal"
    strength = Strength.SIGNED
    codes = "all 65 of movement and clearance that are published, 2 that parsers know, 10 reasons"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature; there is no time in it."""
        del now
        given = notification.headers.get(_SIGNATURE, "").strip()
        if not given:
            message = "the fdx-signature header is missing"
            raise UnauthenticatedError(message)
        encoding = Encoding.BASE64
        if _HEX.fullmatch(given):  # A base64 of 32 bytes has 44 signs, so that none looks like it.
            given, encoding = given.lower(), Encoding.HEX
        verify(
            given,
            trust.secrets,
            lambda secret: keyed_hash(secret.encode(), notification.body, encoding=encoding),
        )

    def delivery_key(self, notification: Notification) -> str:
        """Whatever is said, without what belongs to the attempt."""
        fields = peek_json(_FIELDS, notification.body)
        if fields is None or not {"output", "trackResults"} & fields.keys():
            return body_key(notification.body)
        # The text itself is hashed: as numbers, two long ones could become the same.
        return parts_key("results", *_said(fields))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200, because no other success than 200 and 202 ends the repetitions."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read every shipment of a push; one that cannot be read is held by itself."""
        posting = read_json(_POSTING, notification.body, "a FedEx push")
        output = posting.output or _Output()
        if _VIRTUAL in bytes(output.alerts):
            message = "FedEx marks this push as a virtual response, which its sandbox makes."
            raise UnsupportedError("test_mode", message)
        faults: list[Finding] = []
        parcels: dict[str, list[_Parcel]] = {}
        knowns = _readable(_COMPLETE, output.complete_track_results, "a FedEx tracking", faults)
        for known in (*knowns, posting):
            for result in _readable(_RESULT, known.track_results, "a FedEx track result", faults):
                parcel = _parcel(result, known.tracking_number)
                if isinstance(parcel, Finding):
                    faults.append(parcel)
                else:
                    parcels.setdefault(parcel.update.tracking_number, []).append(parcel)
        if not parcels and not faults:
            message = "The push holds no track results."
            raise MalformedError(message)
        readings = (_of_one_number(number, it) for number, it in parcels.items())
        return collected((Reading(held=tuple(faults)), *readings))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign in base64, which is the spelling of FedEx's own example."""
        del now
        signature = base64_hash(trust.secrets[0], notification.body)
        return {"content-type": "application/json", _SIGNATURE: signature}


def _said(fields: Mapping[str, msgspec.Raw]) -> Iterator[bytes]:
    """The pieces of a push that are not its attempt's, in an order that does not vary."""
    for name in sorted(fields.keys() - _ATTEMPT):
        raw = fields[name]
        yield msgspec.json.encode(name)
        if name == "output" and (inner := peek_json(_FIELDS, raw)) is not None:
            yield from (b"{", *_said(inner), b"}")
        elif name == "completeTrackResults" and (items := peek_json(_ITEMS, raw)) is not None:
            yield from (b"[", *sorted(bytes(item) for item in items), b"]")
        else:
            yield bytes(raw)


def _readable(
    decoder: msgspec.json.Decoder[_T],
    raws: Iterable[msgspec.Raw] | None,
    what: str,
    faults: list[Finding],
) -> Iterator[_T]:
    """Those of several parts that can be read; the others are put into `faults`."""
    for raw in raws or ():
        try:
            yield read_json(decoder, raw, what)
        except MalformedError as error:
            faults.append(Finding("malformed", str(error)))


def _of_one_number(number: str, parcels: Iterable[_Parcel]) -> Reading:
    """The shipment that has a number now; those that had it before are out of date."""
    by_age = sorted(parcels, key=lambda parcel: parcel.age)
    youngest = by_age[-1]
    others = [it for it in by_age if it.update.shipment != youngest.update.shipment]
    if any(other.age == youngest.age for other in others):
        detail = f"FedEx knows several shipments under {number}, and not which one is the younger."
        return held("conflict", detail)
    return Reading(
        updates=tuple(it.update for it in by_age if it not in others),
        ignored=tuple(
            Finding(
                "superseded",
                f"{number} was the number of another shipment before"
                f" ({other.update.shipment or 'without an id'}).",
            )
            for other in others
        ),
    )


def _parcel(result: _Result, outer_number: str | int | None) -> _Parcel | Finding:
    numbers = result.tracking_number_info or _Number()
    number = _text(numbers.tracking_number) or _text(outer_number)
    dated = peek_json(_DATES, result.date_and_times) or ()
    dates = {it.type: it.date_time for it in dated}
    seen = _oldest_first(result.scan_events or ())
    current = _current(result, seen, dates.get("ACTUAL_DELIVERY"))
    if not number:
        return Finding("malformed", "A track result names no tracking number.")
    if current is None:
        return Finding("malformed", f"Of {number}, neither a status nor a scan is told.")
    service = peek_json(_SERVICE, result.service_detail) or _Service()
    update = TrackingUpdate(
        sender="FedEx",
        tracking_number=number,
        current=current,
        history=tuple(scan for _, scan in seen),
        carrier="FedEx",
        service=(service.description or service.type or "").strip(),
        shipment=numbers.tracking_number_unique_id or "",
        estimated_delivery=_estimate(result, dates.get("ESTIMATED_DELIVERY")),
        signed_by=_signer(result) if current.meaning is Meaning.DELIVERED else "",
        shipped_on=day(dates.get("SHIP")),
        weight=_weight(result),
    )
    texts = (dates.get("SHIP"), dates.get("ACTUAL_DELIVERY"), *(event.date for event, _ in seen))
    last_day = max(day(text) or date.min for text in texts)
    last_moment = max((scan.at or _EARLIEST for _, scan in seen), default=_EARLIEST)
    return _Parcel(update, (last_day, last_moment))


def _text(number: str | int | None) -> str:
    return "" if number is None else str(number).strip()


def _oldest_first(events: Sequence[_Event]) -> list[_Seen]:
    """The scans by their time; by their position where two have the same, or one has none."""
    seen = [(event, _scan(event)) for event in reversed(events)]
    labels = [scan.at for _, scan in seen if scan.at and scan.meaning is Meaning.LABEL_CREATED]
    before = _EARLIEST
    keys: list[tuple[datetime, bool]] = []
    for event, scan in seen:
        before = scan.at or before
        # What has no time stays behind the scan before it, and goes behind the label of its day.
        label = next((at for at in labels if at.date() == day(event.date)), before)
        keys.append((scan.at or max(before, label), scan.at is None))
    return [seen[index] for index in sorted(range(len(seen)), key=keys.__getitem__)]


def _scan(event: _Event) -> Scan:
    at, local_time = moment(event.date)
    code, reasons = event.event_type or "", _given(event.exception_code)
    return Scan(
        meaning=_meaning(code, reasons),
        code=_spelled(code, reasons),
        words=_words(event.event_description, event.exception_description),
        place=_place(event.scan_location),
        at=at,
        local_time=local_time,
    )


def _current(result: _Result, seen: Sequence[_Seen], delivered: str | None) -> Scan | None:
    """The status; without one the last scan, or the error that stands in place of both."""
    status = result.latest_status_detail
    if status is not None and status.code:
        return _of_status(status, status.code, seen, delivered)
    if seen:
        return seen[-1][1]
    if result.error is not None and result.error.code:
        return Scan(meaning=_ERRORS.get(result.error.code), code=result.error.code)
    return None


def _of_status(status: _Status, code: str, seen: Sequence[_Seen], delivered: str | None) -> Scan:
    """A status, dated by the scan that it rests on."""
    details = status.ancillary_details or ()
    reasons = _given(*(it.reason for it in details))
    meaning = _meaning(code, reasons)
    told = [it for it in seen if it[0].event_type == code or it[0].exception_code in reasons]
    alike = [it for it in seen if it[1].meaning is meaning]
    event, scan = (told or alike or seen or (_UNSEEN,))[-1]
    at, local_time, where = scan.at, scan.local_time, scan.place
    if meaning is Meaning.DELIVERED and not told:
        (at, local_time), where = moment(delivered), _place(status.scan_location)
    words = event.exception_description if told else None
    if code in _REFINED:
        words = words or next((it.reason_description for it in details), None)
        if told and (not reasons or event.exception_code in reasons):
            reasons = reasons or _given(event.exception_code)
            meaning = scan.meaning if scan.meaning in _SAYS_MORE else meaning
    return Scan(
        meaning=meaning,
        code=_spelled(code, reasons),
        words=_words(status.description or status.status_by_locale, words),
        place=where,
        at=at,
        local_time=local_time,
    )


def _given(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _meaning(code: str, reasons: Iterable[str]) -> Meaning | None:
    """What a code means, or what the first of its reasons says that says more."""
    meaning = _CODES.get(code)
    if code in _REFINED:
        return next((more for it in reasons if (more := _EXCEPTIONS.get(it))), meaning)
    return meaning


def _spelled(code: str, reasons: Sequence[str]) -> str:
    return f"{code}/{reasons[0]}" if code in _REFINED and reasons else code


def _words(*parts: str | None) -> str:
    return ": ".join(part.strip() for part in _given(*parts))


def _place(raw: msgspec.Raw) -> str:
    where = peek_json(_LOCATION, raw) or _Location()
    return place(where.city, where.state_or_province_code, where.country_code)


def _estimate(result: _Result, estimated: str | None) -> date | None:
    """The estimate of the day, then the time that the service usually takes."""
    window, usual = (
        (peek_json(_WINDOW, raw) or _Window()).window
        for raw in (result.estimated_delivery_time_window, result.standard_transit_time_window)
    )
    texts = (window.ends, window.begins, estimated, usual.ends, usual.begins)
    return next((found for text in texts if (found := day(text))), None)


def _signer(result: _Result) -> str:
    delivery = peek_json(_DELIVERY, result.delivery_details) or _Delivery()
    return (delivery.signed_by_name or delivery.received_by_name or "").strip()


def _weight(result: _Result) -> str:
    """The first weight of the package, or of the shipment; it is given in LB, then in KG."""
    package = peek_json(_PACKAGE, result.package_details) or _Package()
    shipment = peek_json(_SHIPMENT, result.shipment_details) or _Weights()
    weights = (*package.weight_and_dimensions.weight, *shipment.weight)
    return next((f"{it.value} {it.unit}" for it in weights if it.value and it.unit), "")


SOURCE = _FedEx()
