"""`POST /v1/events`: purchase events in Cofactr's own words, from internal services."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from purchasing.configuration import SourceSettings
from purchasing.errors import InvalidFieldsError
from purchasing.notification import Notification, scrubbed
from purchasing.sources.internal import IDEMPOTENCY_KEY, SOURCE, check_idempotency_key, read_event
from purchasing.updates import DirectEvent
from service import envelopes
from service.access import Caller
from service.bodies import read_body
from service.context import Context
from service.problems import Problem
from store.acceptance import Accepted, Verdict

MOST_IN_A_BATCH = 1000
"""How many events one batch may carry."""


@post("/v1/events", summary="Post a purchase event", status_code=202)
async def post_event(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Take in one event; it is checked at once, and made durable before it is answered."""
    caller, body = await _proven(request, context)
    headers = dict(request.headers.items())
    if envelopes.is_batch(headers):
        return await _answered_each(envelopes.opened_batch(body, headers), caller, context)
    accepted = await _take(envelopes.opened(body, headers), caller, context)
    return Response(_answer(accepted), status_code=202)


async def _proven(request: Request[Any, Any, State], context: Context) -> tuple[Caller, bytes]:
    """Who posts, and what; a signature covers the body, a token does not."""
    if envelopes.STANDARD_SIGNATURE in request.headers:
        body = await read_body(request)
        return context.access.signer(dict(request.headers.items()), body), body
    return context.access.caller(request), await read_body(request)


@post("/v1/events/batch", summary="Post many purchase events", status_code=200)
async def post_events(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Take in up to 1,000 events, as a JSON array or a line each; each has an answer of its own."""
    caller, body = await _proven(request, context)
    headers = dict(request.headers.items())
    if envelopes.is_batch(headers):
        return await _answered_each(envelopes.opened_batch(body, headers), caller, context)
    check_idempotency_key(headers)
    identified = envelopes.identified(headers)
    enclosed = [
        envelopes.Enclosed(each, _numbered(identified, number))
        for number, each in enumerate(_split(body))
    ]
    return await _answered_each(enclosed, caller, context)


async def _answered_each(
    events: Sequence[envelopes.Enclosed | InvalidFieldsError], caller: Caller, context: Context
) -> Response[Any]:
    if len(events) > MOST_IN_A_BATCH:
        fault = f"has {len(events)} events; {MOST_IN_A_BATCH} is the most"
        raise InvalidFieldsError({"body": fault})
    answers = await asyncio.gather(*(_take_one(event, caller, context) for event in events))
    return Response(answers, status_code=200)


async def _take(enclosed: envelopes.Enclosed, caller: Caller, context: Context) -> Accepted:
    body, headers = enclosed.body, enclosed.headers
    check_idempotency_key(headers)
    event = read_event(body)
    notification = Notification(
        id=context.new_id(),
        source=caller.name,
        format=SOURCE.name,
        received_at=context.clock(),
        body=body,
        headers=dict(headers),
        path="/v1/events",
    )
    accepted = await context.acceptance.accept(
        scrubbed(notification, ()),
        key=SOURCE.delivery_key(notification),
        digest=_digest(event) if IDEMPOTENCY_KEY in headers else "",
        dedupe_days=SourceSettings(format=SOURCE.name).dedupe_days,
    )
    if accepted.verdict is Verdict.CONFLICT:
        detail = f"This Idempotency-Key was used for another body, by notification {accepted.id}."
        raise Problem("conflict", detail)
    return accepted


async def _take_one(
    enclosed: envelopes.Enclosed | InvalidFieldsError, caller: Caller, context: Context
) -> dict[str, Any]:
    if isinstance(enclosed, InvalidFieldsError):
        return _refused(enclosed)
    try:
        return {"status": 202} | _answer(await _take(enclosed, caller, context))
    except InvalidFieldsError as error:
        return _refused(error)
    except Problem as error:
        return {"status": 422, "detail": error.detail}


def _refused(error: InvalidFieldsError) -> dict[str, Any]:
    return {"status": 422, "detail": f"Bad fields: {error}.", "fields": error.fields}


def _split(body: bytes) -> list[bytes]:
    """The documents of a batch, each as it was written."""
    try:
        if body.lstrip()[:1] == b"[":
            documents = [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        else:
            documents = [line for line in body.splitlines() if line.strip()]
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidFieldsError({"body": f"is not valid JSON: {error}"}) from None
    return documents


def _numbered(headers: Mapping[str, str], number: int) -> dict[str, str]:
    """The key of a whole batch as one key for each of its events."""
    own = dict(headers)
    if IDEMPOTENCY_KEY in own:
        digest = hashlib.blake2b(own[IDEMPOTENCY_KEY].strip().encode(), digest_size=16).hexdigest()
        own[IDEMPOTENCY_KEY] = f"{digest}-{number}"
    return own


def _digest(event: DirectEvent) -> str:
    """What makes two bodies the same one: what they say, not how they are spaced."""
    return hashlib.blake2b(msgspec.json.encode(event, order="sorted"), digest_size=16).hexdigest()


def _answer(accepted: Accepted) -> dict[str, Any]:
    return {
        "id": accepted.id,
        "duplicate": accepted.verdict is Verdict.DUPLICATE,
        "url": f"/v1/notifications/{accepted.id}",
    }
