"""UPS Track Alert: one event of one parcel in each message, in its versions 1 and 2.

Documentation: UPSTrackAlert.yaml in github.com/UPS-API/api-documentation, version 2 at commit
e6f36df4 (2026-07-21) and version 1 at commit 82214452 (2025-08-20); Tracking.yaml at e6f36df4 for
what X/SR means; RFC 6749 sections 2.3.1, 3.2, 4.4 and 5 for the token (all read 2026-11).

Quirks that this module knows:
- Nothing is signed. Version 1 shows the subscription's credential in a header; in version 2 UPS
  fetches a token from us first and shows that, with the client's id in `x-api-key`.
- UPS's list of two-letter codes is not published. The type says enough for I, M, MV and U; D also
  stands for "loaded on delivery vehicle", and X for good news of the customs, so a D or an X whose
  code is not in our table is held.
- `scheduledDeliveryDate` is "original" in the schema and "maybe updated" in its FAQ, and is five
  years past in an official example. It is believed where it cannot lag behind an update: in a U,
  which is there to tell it, and at the beginning (M, origin scan); never before the activity's day.
- In an official manifest the GMT time lies five hours before the local one, in the US. Where the
  two do not differ as zones do, the local time is kept as text, without a zone.
- Version 1 sends absent values as "", version 2 leaves them out; a number may begin with a space.
- The delivery photo comes in a message of its own, which repeats the delivery and its key.
- The events of the two test numbers, of the account CIETST, are sent to the real address.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from purchasing.answers import OK, Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.moments import day, moment, place
from purchasing.notification import Notification, body_key, parts_key
from purchasing.signatures import keyed_hash, same, same_as_any, unix_time, verify_shown
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, Scan, TrackingUpdate

_CREDENTIAL = "credential"
_AUTHORIZATION = "authorization"
_CLIENT = "x-api-key"
_SCHEME = "Bearer "
_TOKEN = re.compile(r"([0-9]{1,11})\.[0-9a-f]{64}")
_TOKEN_SECONDS = 3600
_NOT_STORED = {"cache-control": "no-store", "pragma": "no-cache"}

_TYPES = {
    "I": Meaning.MOVING,
    "M": Meaning.LABEL_CREATED,
    "MV": Meaning.VOIDED,
    "U": Meaning.UNCHANGED,
}
"""The types that say enough by themselves; D and X do not (UPSTrackAlert.yaml, read 2026-11)."""

_CODES = {
    "D/FS": Meaning.DELIVERED,
    "D/OT": Meaning.OUT_FOR_DELIVERY,
    "D/YP": Meaning.MOVING,
    "I/DP": Meaning.MOVING,
    "I/OR": Meaning.MOVING,
    "I/OT": Meaning.OUT_FOR_DELIVERY,
    "I/YP": Meaning.MOVING,
    "M/MP": Meaning.LABEL_CREATED,
    "X/SR": Meaning.MOVING,
}
"""The 7 codes of the published examples; two of them in type D, too, whose text includes them."""

_SEEN_CODES = {
    "D/F4": Meaning.DELIVERED,
    "D/KB": Meaning.DELIVERED,
}
"""Codes of type D and the words "DELIVERED" in public copies of answers of UPS's Track API."""

_TELLS_DATE = frozenset({"U", "M", "I/OR"})
"""The types, and the types with codes, whose `scheduledDeliveryDate` is believed."""

_TEST_NUMBERS = "1ZCIETST"
_WEST_OF_GREENWICH = frozenset({"CA", "MX", "PR", "US"})
_FURTHEST_WEST, _FURTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)
_QUARTER = timedelta(minutes=15)
_OFFSET = re.compile(r"([+-])([0-9]{2})[.:]([0-9]{2})")
_LARGEST_NUMBER = 10**30


class _Status(msgspec.Struct, frozen=True):
    type: Any = None
    code: Any = None
    description: Any = None


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    city: Any = None
    state_province: Any = None
    country: Any = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    """A message; whatever else it holds, such as the photo, is passed over unread."""

    tracking_number: Any = None
    activity_status: msgspec.Raw = msgspec.Raw(b"null")
    activity_location: msgspec.Raw = msgspec.Raw(b"null")
    local_activity_date: Any = None
    local_activity_time: Any = None
    gmt_activity_date: Any = None
    gmt_activity_time: Any = None
    gmt_offset: Any = None
    scheduled_delivery_date: Any = None
    received_by: Any = None


_EVENT = msgspec.json.Decoder(_Event)
_STATUS = msgspec.json.Decoder(_Status)
_LOCATION = msgspec.json.Decoder(_Location)


class _Ups:
    name = "ups"
    title = "UPS Track Alert"
    authenticity = "a credential that is shown (v1), or a token that we issued (v2)"
    strength = Strength.SHOWN
    codes = "6 types and 9 two-letter codes; the list of these is not published"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the token and the client's id where one is configured, else the credential."""
        headers = notification.headers
        client = trust.settings.client_id
        if not client:
            verify_shown(headers.get(_CREDENTIAL, ""), trust.secrets)
            return
        if not trust.secrets:
            message = "no secret is configured for this source, so nothing can be verified"
            raise UnauthenticatedError(message)
        if not same(headers.get(_CLIENT, ""), client):
            message = "the x-api-key header is missing or names another client"
            raise UnauthenticatedError(message)
        _verify_token(headers.get(_AUTHORIZATION, ""), client, trust.secrets, now)

    def issue_token(self, request: Notification, trust: Trust, now: datetime) -> Answer:
        """Answer a request for a token with the client's credentials (RFC 6749 section 4.4)."""
        form, authorization = _form(request.body), request.headers.get(_AUTHORIZATION)
        if form is None or (authorization is not None and "client_secret" in form):
            # A client must not show its secret in two ways at once (section 2.3).
            return _refused("invalid_request")
        clients, secrets = _shown(authorization, form)
        configured = trust.settings.client_id or ""
        # Both are compared whatever the first comparison found.
        is_client = same_as_any(configured, clients) and bool(configured)
        matches = [same_as_any(text, trust.secrets) for text in secrets]
        if not (is_client and any(matches)):
            return _refused("invalid_client")
        grant = form.get("grant_type")
        if grant != "client_credentials":
            return _refused("unsupported_grant_type" if grant else "invalid_request")
        expiry = int(now.timestamp()) + _TOKEN_SECONDS
        said = {
            "access_token": _token(trust.secrets[0], configured, str(expiry)),
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
        }
        return Answer(status=OK, body=msgspec.json.encode(said), headers=_NOT_STORED)

    def delivery_key(self, notification: Notification) -> str:
        """Parcel, time, type and code, and of an update its date; else the body."""
        event = peek_json(_EVENT, notification.body)
        status = event and peek_json(_STATUS, event.activity_status)
        if event is None or not status:
            return body_key(notification.body)
        kind = _text(status.type)
        times = (
            _digits(event.gmt_activity_date, 8),
            _digits(event.gmt_activity_time, 6),
            _digits(event.local_activity_date, 8),
            _digits(event.local_activity_time, 6),
        )
        number = _text(event.tracking_number)
        if not (number and kind and (all(times[:2]) or all(times[2:]))):
            return body_key(notification.body)
        # A photo may come with another scheduled date, and is the same delivery.
        told = _digits(event.scheduled_delivery_date, 8) if kind == "U" else ""
        parts = (number, *times, kind, _text(status.code), told)
        return parts_key("event", *(part.encode() for part in parts))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """UPS documents a 200."""
        del notification
        return receipt_in_json(receipt, OK)

    def read(self, notification: Notification) -> Reading:
        """Read one event."""
        event = read_json(_EVENT, notification.body, "a UPS Track Alert message")
        number = _text(event.tracking_number)
        if not number:
            message = "The message has no trackingNumber."
            raise MalformedError(message)
        if number.upper().startswith(_TEST_NUMBERS):
            message = f"{number} is one of the numbers with which UPS lets its service be tried."
            raise UnsupportedError("test_mode", message)
        status = peek_json(_STATUS, event.activity_status)
        if status is None or not _text(status.type):
            message = "The message has no activityStatus with a type."
            raise MalformedError(message)
        return Reading(updates=(_tracking(number, event, status),))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the credential, or a fresh token where a client is configured."""
        del notification
        headers = {"content-type": "application/json", "user-agent": "UPSPubSubTrackingService"}
        secret, client = trust.secrets[0], trust.settings.client_id
        if not client:
            return headers | {_CREDENTIAL: secret}
        token = _token(secret, client, str(int(now.timestamp()) + _TOKEN_SECONDS))
        return headers | {_AUTHORIZATION: f"{_SCHEME}{token}", _CLIENT: client}


def _form(body: bytes) -> dict[str, str] | None:
    """The fields of a form; None where it is none, or names a field twice."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


def _shown(authorization: str | None, form: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The client's id and its secret, each in the ways in which it may be meant."""
    if authorization is None:
        return [form.get("client_id", "")], [form.get("client_secret", "")]
    scheme, _, credentials = authorization.partition(" ")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return [], []
    client, _, secret = text.partition(":") if scheme.lower() == "basic" else ("", "", "")
    # They are to be form-encoded first (section 2.3.1), and many clients do not do that.
    return [client, unquote_plus(client)], [secret, unquote_plus(secret)]


def _refused(error: str) -> Answer:
    headers = {"www-authenticate": 'Basic realm="token"'} if error == "invalid_client" else {}
    return Answer(
        status=401 if headers else 400,
        body=msgspec.json.encode({"error": error}),
        headers=_NOT_STORED | headers,
    )


def _token(secret: str, client: str, expiry: str) -> str:
    """A token that any pod can verify, for it holds all that there is to know."""
    signed = f"UPS Track Alert token\n{expiry}\n{client}"
    return f"{expiry}.{keyed_hash(secret.encode(), signed.encode())}"


def _verify_token(given: str, client: str, secrets: tuple[str, ...], now: datetime) -> None:
    token = given.removeprefix(_SCHEME)
    found = _TOKEN.fullmatch(token)
    if found is None or token == given:
        message = "the Authorization header is missing or shows no token of ours"
        raise UnauthenticatedError(message)
    expiry = found[1]
    if not same_as_any(token, [_token(secret, client, expiry) for secret in secrets]):
        message = "the token was altered, or was not issued here for this client"
        raise UnauthenticatedError(message)
    if now >= unix_time(expiry):
        message = "the token has expired"
        raise UnauthenticatedError(message)


def _text(value: Any) -> str:
    """A value as text, without the spaces around it; numbers count, all else is nothing."""
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and 0 <= value < _LARGEST_NUMBER else ""


def _digits(value: Any, width: int) -> str:
    """A date or a time as text; written as a number, it has lost the zeros in front."""
    return _text(value) if isinstance(value, str) else _text(value) and _text(value).zfill(width)


def _tracking(number: str, event: _Event, status: _Status) -> TrackingUpdate:
    location = peek_json(_LOCATION, event.activity_location) or _Location()
    kind, code = _text(status.type), _text(status.code)
    pair = f"{kind}/{code}" if code else kind
    country = _text(location.country)
    at, local_time = _when(event, country)
    return TrackingUpdate(
        sender="UPS",
        carrier="UPS",
        tracking_number=number,
        current=Scan(
            meaning=_CODES.get(pair) or _SEEN_CODES.get(pair) or _TYPES.get(kind),
            code=pair,
            words=_text(status.description),
            place=place(_text(location.city), _text(location.state_province), country),
            at=at,
            local_time=local_time,
        ),
        estimated_delivery=_estimate(event) if {kind, pair} & _TELLS_DATE else None,
        signed_by=_text(event.received_by),
    )


def _when(event: _Event, country: str) -> tuple[datetime | None, str]:
    """When it was: with its zone where the local time and GMT, or the offset, agree on one."""
    written = _digits(event.local_activity_date, 8), _digits(event.local_activity_time, 6)
    here = _clock(*written)
    gmt = _clock(_digits(event.gmt_activity_date, 8), _digits(event.gmt_activity_time, 6))
    if here is None:
        return (gmt.replace(tzinfo=UTC), "") if gmt else (None, " ".join(filter(None, written)))
    named = _offset(_text(event.gmt_offset))
    between = here - gmt if gmt else named
    if (
        between is None
        or (named is not None and named != between)
        or not _is_offset_of(country, between)
    ):
        return None, here.isoformat(sep=" ")
    return moment(here.replace(tzinfo=timezone(between)).isoformat())


def _clock(day_: str, time: str) -> datetime | None:
    if not re.fullmatch("[0-9]{8}", day_) or not re.fullmatch("[0-9]{6}", time):
        return None
    try:
        return datetime.fromisoformat(f"{day_}T{time}")
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return -size if sign == "-" else size


def _is_offset_of(country: str, offset: timedelta) -> bool:
    """Whether a zone may lie so far from GMT, and one of that country on that side of it."""
    if country in _WEST_OF_GREENWICH and offset >= timedelta():
        return False
    return _FURTHEST_WEST <= offset <= _FURTHEST_EAST and not offset % _QUARTER


def _estimate(event: _Event) -> date | None:
    """The scheduled day, unless it lies before the day of the activity."""
    scheduled = day(_digits(event.scheduled_delivery_date, 8))
    seen = day(_digits(event.local_activity_date, 8)) or day(_digits(event.gmt_activity_date, 8))
    return scheduled if scheduled and seen and scheduled >= seen else None


SOURCE = _Ups()
