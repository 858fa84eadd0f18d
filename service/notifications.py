"""`/v1/notifications` and `/v1/sources`: what arrived, and what became of it."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from purchasing.handshakes import PublishesKeys
from service.access import Caller
from service.answers import as_response
from service.context import Context
from service.problems import Problem
from store import keys
from store.records import Query

Text = Annotated[
    str | None, QueryParameter(description="Matched exactly, but for case and spaces.")
]
# Litestar keeps the name `state` for itself.
InState = Annotated[str | None, QueryParameter(name="state", description="Only in this state.")]
Name = Annotated[str | None, QueryParameter(description="Only these.")]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="At most this many.")]
Cursor = Annotated[int | None, QueryParameter(description="The `next` of the page before.")]


@get("/v1/notifications", summary="List notifications, newest first")
async def list_notifications(  # noqa: PLR0913, PLR0917  # one argument per query parameter
    request: Request[Any, Any, State],
    context: NamedDependency[Context],
    in_state: InState = None,
    source: Name = None,
    find: Text = None,
    tracking_number: Text = None,
    po_number: Text = None,
    invoice_number: Text = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Any]:
    """List notifications; an internal service sees those that it posted."""
    caller = context.access.caller(request)
    if in_state is not None and in_state not in keys.STATES:
        raise Problem(
            "bad-request", f"Bad parameters: state: must be one of {', '.join(keys.STATES)}."
        )
    if not caller.is_admin:
        if source not in (None, caller.name):
            return Response({"items": [], "next": None})
        source = caller.name
    items, following = await context.records.page(
        Query(
            state=in_state,
            source=source,
            find=find,
            tracking_number=tracking_number,
            po_number=po_number,
            invoice_number=invoice_number,
            limit=limit,
            cursor=cursor,
        )
    )
    return Response({"items": items, "next": following})


@get("/v1/notifications/{notification_id:str}", summary="Show a notification")
async def get_notification(
    request: Request[Any, Any, State],
    notification_id: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Show one notification: what arrived, what was understood, decided and sent, and why."""
    caller = context.access.caller(request)
    record = await context.records.whole(notification_id)
    if record is None or not may_see(caller, record["source"]):
        raise Problem("not-found", f"There is no notification {notification_id[:80]}.")
    return Response(record)


@get(
    "/v1/notifications/{notification_id:str}/acknowledgement",
    summary="The document by which a sender is told what was read",
)
async def get_acknowledgement(
    request: Request[Any, Any, State],
    notification_id: FromPath[str],
    context: NamedDependency[Context],
) -> Response[bytes]:
    """Show a 997, a TA1 or a CONTRL, once a worker has read what it answers."""
    caller = context.access.caller(request)
    found = await context.records.acknowledgement(notification_id)
    if found is None or not may_see(caller, found.source) or found.answer is None:
        detail = f"There is no acknowledgement of a notification {notification_id[:80]}."
        raise Problem("not-found", detail)
    return as_response(found.answer)


@get("/v1/sources", summary="List the configured sources")
async def list_sources(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """List the sources with their format, how they prove themselves, and their last word."""
    context.access.admin(request)
    items = []
    for name, settings in sorted(context.configuration.sources.items()):
        latest, _ = await context.records.page(Query(source=name, limit=1))
        items.append(
            {
                "name": name,
                "format": settings.format,
                "authenticity": context.sources[settings.format].authenticity,
                "authenticated": bool(settings.secrets)
                or isinstance(context.sources[settings.format], PublishesKeys),
                "unauthenticated": settings.unauthenticated,
                "last_notification_at": latest[0].received_at if latest else None,
            }
        )
    return Response({"items": items})


def may_see(caller: Caller, source: str) -> bool:
    """Whether somebody may see what a source posted."""
    return caller.is_admin or caller.name == source
