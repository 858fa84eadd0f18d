"""`POST /v1/preview/{source}`: what would be sent to Cofactr, and why; nothing is sent."""

from typing import Any

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from purchasing.decisions import preview
from purchasing.errors import UnauthenticatedError
from purchasing.notification import Notification
from purchasing.sources import Source, configured
from purchasing.trust import Trust
from service.bodies import read_body
from service.context import Context
from service.problems import Problem
from store.deciding import Case

_NO_LIMIT = None  # Each source has its own, which `read_body` holds.


@post(
    "/v1/preview/{source:str}",
    summary="Preview a notification",
    status_code=200,
    request_max_body_size=_NO_LIMIT,
)
async def preview_notification(
    request: Request[Any, Any, State], source: FromPath[str], context: NamedDependency[Context]
) -> Response[Any]:
    """Decide a notification in the light of what is known now, and change nothing."""
    caller = context.access.caller(request)
    settings = context.configuration.source(source)
    if settings is None:
        raise Problem("not-found", f'No source "{source[:63]}" is configured.')
    if settings.format == "internal" and not caller.is_admin and caller.name != source:
        raise Problem("not-found", f'No source "{source[:63]}" is configured.')
    format_ = configured(context.sources[settings.format], settings)
    notification = Notification(
        id=context.new_id(),
        source=source,
        format=settings.format,
        received_at=context.clock(),
        body=await read_body(request, settings.max_body_bytes),
        headers=dict(request.headers.items()),
        path=f"/webhooks/{source}",
    )
    (outcome,) = await context.deciding.decide([Case(notification=notification)])
    trust = context.keys.trust(source, settings)
    return Response(
        preview(
            outcome.decision,
            source=source,
            authentic=_is_authentic(format_, notification, trust),
            delivery_key=format_.delivery_key(notification),
        ),
        status_code=200,
    )


def _is_authentic(format_: Source, notification: Notification, trust: Trust) -> bool | None:
    """Whether the sender is proven; None where nothing was shown that could prove it."""
    if not format_.is_posted_to_webhooks:
        return None
    try:
        format_.authenticate(notification, trust, notification.received_at)
    except UnauthenticatedError:
        return False if _is_signed(notification) else None
    return True


def _is_signed(notification: Notification) -> bool:
    """Whether it carries anything that could prove its sender, besides the caller's own token."""
    return any("signature" in name or "hmac" in name for name in notification.headers)
