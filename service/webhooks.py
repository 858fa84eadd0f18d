"""`POST /webhooks/{source}`: prove who sent it, make it durable, answer. Nothing is read before."""

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from purchasing.errors import UnauthenticatedError
from purchasing.notification import Notification, scrubbed
from service.bodies import read_body
from service.context import Context
from service.problems import Problem
from store.acceptance import Accepted, Evidence, Verdict

_NO_LIMIT = None  # Each source has its own, which `read_body` holds.


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
    settings = context.configuration.sources.get(source)
    if settings is None:
        raise Problem("not-found", f'No source "{source[:63]}" is configured.')
    body = await read_body(request, settings.max_body_bytes)
    notification = _notification(request, source, settings.format, body, context)
    format_ = context.sources[settings.format]
    if not settings.unauthenticated:
        try:
            format_.authenticate(notification, settings, notification.received_at)
        except UnauthenticatedError as error:
            context.acceptance.refuse(source, _evidence(notification, error))
            raise
    else:
        notification = msgspec.structs.replace(notification, is_authentic=False)
    with context.metrics.accept_seconds.labels(source).time():
        accepted = await context.acceptance.accept(
            scrubbed(notification, settings.secrets),
            key=format_.delivery_key(notification),
            digest="",
            dedupe_days=settings.dedupe_days,
        )
    return answer(accepted)


def answer(accepted: Accepted) -> Response[Any]:
    """What a sender is told that wants nothing particular."""
    is_duplicate = accepted.verdict is Verdict.DUPLICATE
    return Response({"id": accepted.id, "duplicate": is_duplicate}, status_code=202)


def _notification(
    request: Request[Any, Any, State],
    source: str,
    format_: str,
    body: bytes,
    context: Context,
) -> Notification:
    return Notification(
        id=context.new_id(),
        source=source,
        format=format_,
        received_at=context.clock(),
        body=body,
        headers=dict(request.headers.items()),
        method=request.method,
        path=request.url.path,
        query=request.url.query,
    )


def _evidence(notification: Notification, error: UnauthenticatedError) -> Evidence:
    return Evidence(
        at=notification.received_at,
        reason=str(error),
        size=len(notification.body),
        digest=hashlib.sha256(notification.body).hexdigest(),
    )
