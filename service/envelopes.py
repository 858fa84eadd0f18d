"""Envelopes around an event: CloudEvents 1.0 and Standard Webhooks; what is inside is an event.

Sources: cloudevents/spec at c2845a4 (HTTP protocol binding, JSON format, HTTP webhooks) and
standard-webhooks/standard-webhooks at b2fa7b8 (both read 2026-11).
"""

import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod, MediaType

from purchasing.errors import InvalidFieldsError
from purchasing.notification import parts_key
from purchasing.sources.internal import IDEMPOTENCY_KEY
from service.problems import Problem

_STRUCTURED = "application/cloudevents+json"
_BATCHED = "application/cloudevents-batch+json"
_CLOUDEVENTS = "application/cloudevents"
_VERSION = "1.0"
_STANDARD = "standard-webhooks"
_LONGEST_ORIGIN = 255

STANDARD_SIGNATURE = "webhook-signature"
"""The header by which a posting of Standard Webhooks is known."""


class Enclosed(msgspec.Struct, frozen=True):
    """An event without its envelope, and the headers that it is taken in with."""

    body: bytes
    headers: Mapping[str, str]


_Name = Annotated[str, msgspec.Meta(min_length=1)]


class _CloudEvent(msgspec.Struct, frozen=True):
    specversion: str
    id: _Name
    source: _Name
    type: _Name
    data: msgspec.Raw = msgspec.Raw(b"")
    data_base64: str = ""


class _StandardPayload(msgspec.Struct, frozen=True):
    """The body that Standard Webhooks recommends; an event by itself is taken as well."""

    type: str
    timestamp: str
    data: msgspec.Raw


_EVENT = msgspec.json.Decoder(_CloudEvent)
_EVENTS = msgspec.json.Decoder(list[msgspec.Raw])
_PAYLOAD = msgspec.json.Decoder(_StandardPayload)


def is_batch(headers: Mapping[str, str]) -> bool:
    """Whether a posting is a batch of CloudEvents."""
    return _content_type(headers) == _BATCHED


def opened(body: bytes, headers: Mapping[str, str]) -> Enclosed:
    """What is inside a posting, be it enclosed or not.

    The identity that the envelope gives is the event's Idempotency-Key, whatever the header says:
    a signature covers the one, and nothing covers the other.

    Raises:
        InvalidFieldsError: The envelope is not one.
        Problem: It is an envelope of a form that is not read.
    """
    if STANDARD_SIGNATURE in headers:
        return _of_standard_webhooks(body, headers)
    content_type = _content_type(headers)
    if content_type == _STRUCTURED:
        return _of_cloud_event(_decoded(_EVENT, body), headers)
    if content_type.startswith(_CLOUDEVENTS):
        detail = f"CloudEvents are read as {_STRUCTURED}, {_BATCHED} and in their binary form."
        raise Problem("unsupported-encoding", detail)
    if "ce-specversion" in headers:
        return Enclosed(body, _with_key(headers, *_binary_identity(headers)))
    return Enclosed(body, headers)


def opened_batch(body: bytes, headers: Mapping[str, str]) -> list[Enclosed | InvalidFieldsError]:
    """What is inside each envelope of a batch of CloudEvents, or why it is none.

    Raises:
        InvalidFieldsError: It is no batch.
    """
    return [_opened_one(bytes(event), headers) for event in _decoded(_EVENTS, body)]


def identified(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of a batch, whose key is the identity of its envelope where it has one.

    Raises:
        InvalidFieldsError: The envelope is not one.
    """
    if STANDARD_SIGNATURE in headers:
        return _with_key(headers, _STANDARD, headers.get("webhook-id", ""))
    if "ce-specversion" in headers:
        return _with_key(headers, *_binary_identity(headers))
    return headers


def _opened_one(event: bytes, headers: Mapping[str, str]) -> Enclosed | InvalidFieldsError:
    try:
        return _of_cloud_event(_decoded(_EVENT, event), headers)
    except InvalidFieldsError as error:
        return error


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidFieldsError({"body": f"is no CloudEvent: {error}"}) from None


def _of_cloud_event(event: _CloudEvent, headers: Mapping[str, str]) -> Enclosed:
    _check_version(event.specversion)
    if event.data_base64:
        try:
            body = base64.b64decode(event.data_base64, validate=True)
        except binascii.Error:
            raise InvalidFieldsError({"data_base64": "is not base64"}) from None
    else:
        body = bytes(event.data)
    return Enclosed(body, _with_key(headers, event.source, event.id))


def _binary_identity(headers: Mapping[str, str]) -> tuple[str, str]:
    """The source and the id of a CloudEvent in its binary form."""
    # Values of these headers may be percent-encoded (HTTP protocol binding, section 3.1.3.2).
    given = {
        name: unquote(headers.get(f"ce-{name}", ""))
        for name in ("specversion", "id", "source", "type")
    }
    missing = {f"ce-{name}": "is required" for name, value in given.items() if not value}
    if missing:
        raise InvalidFieldsError(missing)
    _check_version(given["specversion"])
    return given["source"], given["id"]


def _check_version(version: str) -> None:
    if version != _VERSION:
        raise InvalidFieldsError({"specversion": f"must be {_VERSION}"})


def _of_standard_webhooks(body: bytes, headers: Mapping[str, str]) -> Enclosed:
    # Otherwise it is the event itself, or nothing, which reading it will say.
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        body = bytes(_PAYLOAD.decode(body).data)
    return Enclosed(body, _with_key(headers, _STANDARD, headers.get("webhook-id", "")))


def _with_key(headers: Mapping[str, str], source: str, identity: str) -> dict[str, str]:
    """Headers whose key is the identity in an envelope: CloudEvents tell apart by both."""
    parts = (part.encode("utf-8", "surrogatepass") for part in (source, identity))
    return {**headers, IDEMPOTENCY_KEY: parts_key("envelope", *parts)}


@route("/v1/events", http_method=[HttpMethod.OPTIONS], include_in_schema=False)
async def allow_cloud_events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Agree to be sent CloudEvents; who sends them is proven when they come.

    A callback that is offered along with the question is not called.
    """
    headers = {"Allow": "POST, OPTIONS"}
    origin = request.headers.get("webhook-request-origin", "")
    if origin and len(origin) <= _LONGEST_ORIGIN and origin.isprintable() and origin.isascii():
        headers |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
    return Response(b"", status_code=200, headers=headers, media_type=MediaType.TEXT)
