"""`POST /webhooks/{source}`: prove who sent it, make it durable, answer. Nothing is read before."""

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from purchasing.admission import admit
from purchasing.answers import Receipt
from purchasing.errors import UnauthenticatedError, UnknownKeyError
from purchasing.notification import Notification, scrubbed
from purchasing.sources import Source
from purchasing.trust import Trust
from service.answers import as_response
from service.bodies import read_body
from service.context import Context
from service.problems import Problem
from service.senders import Sender
from store.acceptance import Evidence, Verdict

_NO_LIMIT = None  # Each source has its own, which `read_body` holds.
_TOKEN = "token"  # noqa: S105  # the last part of an address, and too short for a path token


@post(
    "/webhooks/{source:str}",
    summary="Post a notification as a sender does",
    status_code=202,
    request_max_body_size=_NO_LIMIT,
)
async def receive(
    request: Request[Any, Any, State],
    source: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Take in one notification of a configured source."""
    return await _receive(request, source, "", context)


@post(
    "/webhooks/{source:str}/{token:str}",
    summary="Post a notification to an address that nobody guesses, or ask for a token",
    status_code=202,
    request_max_body_size=_NO_LIMIT,
)
async def receive_by_token(
    request: Request[Any, Any, State],
    source: FromPath[str],
    token: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Take in one notification whose address proves something, too."""
    return await _receive(request, source, token, context)


async def _receive(
    request: Request[Any, Any, State], source: str, path_token: str, context: Context
) -> Response[Any]:
    sender = context.senders.get(source)
    if sender is None:
        raise Problem("not-found", f'No source "{source[:63]}" is configured.')
    settings, format_ = sender.settings, sender.format
    body = await read_body(request, settings.max_body_bytes)
    notification = Notification(
        id=context.new_id(),
        source=source,
        format=settings.format,
        received_at=context.clock(),
        body=body,
        headers=dict(request.headers.items()),
        method=request.method,
        # What was behind the source's name proves something, and is not kept.
        path=f"/webhooks/{source}",
        query=request.url.query,
        path_token=path_token,
        peer=request.client.host if request.client else "",
        is_authentic=not settings.unauthenticated,
    )
    trust = context.keys.trust(source, settings)
    if path_token == _TOKEN and sender.issues_tokens:
        answer = sender.issues_tokens.issue_token(notification, trust, notification.received_at)
        return as_response(answer)
    try:
        _prove(format_, notification, trust)
    except UnauthenticatedError as error:
        if isinstance(error, UnknownKeyError) and context.keys.is_worth_waiting(source):
            raise
        context.acceptance.refuse(source, _evidence(notification, error))
        if sender.refuses:
            return as_response(sender.refuses.refusal(notification))
        raise UnauthenticatedError(str(error)) from None
    with context.metrics.accept_seconds.labels(source).time():
        accepted = await context.acceptance.accept(
            scrubbed(_without_secrets(sender, notification), sender.confidential),
            key=format_.delivery_key(notification),
            digest="",
            dedupe_days=settings.dedupe_days,
        )
    if sender.calls_back and (call := sender.calls_back.call_back(notification, trust)):
        context.outside.start(source, call)
    receipt = Receipt(accepted.id, is_duplicate=accepted.verdict is Verdict.DUPLICATE)
    return as_response(format_.answer(notification, receipt))


def _without_secrets(sender: Sender, notification: Notification) -> Notification:
    if sender.hides_secrets is None:
        return notification
    body = sender.hides_secrets.without_secrets(notification.body)
    return msgspec.structs.replace(notification, body=body)


def _prove(format_: Source, notification: Notification, trust: Trust) -> None:
    admit(notification, trust.settings)
    if notification.is_authentic:
        format_.authenticate(notification, trust, notification.received_at)


def _evidence(notification: Notification, error: UnauthenticatedError) -> Evidence:
    return Evidence(
        at=notification.received_at,
        reason=str(error),
        size=len(notification.body),
        digest=hashlib.sha256(notification.body).hexdigest(),
    )
