"""What the administrator decides: about single notifications, and about the queue."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from purchasing.validation import read_fields
from service.bodies import read_body
from service.context import Context
from service.problems import Problem
from store.accounts import Account, read_accounts, read_depth
from store.administration import Refused, Verb

Reason = Annotated[str, Meta(min_length=1, max_length=1000)]


class _Replay(msgspec.Struct, frozen=True):
    send_alerts: bool = False


class _Discard(msgspec.Struct, frozen=True):
    reason: Reason


class _Resolve(msgspec.Struct, frozen=True):
    outcome: Literal["sent", "not_sent"]


@post("/v1/notifications/{notification_id:str}/replay", summary="Replay", status_code=200)
async def replay(
    request: Request[Any, Any, State],
    notification_id: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Take a notification up again; what the ledger holds as done is not sent again."""
    context.access.admin(request)
    asked = read_fields(await read_body(request) or b"{}", _Replay)
    alerts = "with" if asked.send_alerts else "without"
    return await _decide(
        context,
        notification_id,
        Verb.REPLAY,
        words=f"taken up again by a person, {alerts} alerts",
        send_alerts=asked.send_alerts,
    )


@post("/v1/notifications/{notification_id:str}/discard", summary="Discard", status_code=200)
async def discard(
    request: Request[Any, Any, State],
    notification_id: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Give a notification up: nothing more is sent of it."""
    context.access.admin(request)
    asked = read_fields(await read_body(request), _Discard)
    words = f"discarded by a person: {asked.reason}"
    return await _decide(context, notification_id, Verb.DISCARD, words=words)


@post("/v1/notifications/{notification_id:str}/resolve", summary="Resolve", status_code=200)
async def resolve(
    request: Request[Any, Any, State],
    notification_id: FromPath[str],
    context: NamedDependency[Context],
) -> Response[Any]:
    """Say what became of a call whose outcome is in doubt; what was not sent is sent now."""
    context.access.admin(request)
    asked = read_fields(await read_body(request), _Resolve)
    words = f"a person says that it was {asked.outcome.replace('_', ' ')}"
    return await _decide(context, notification_id, Verb(asked.outcome), words=words)


@get("/v1/accounts", summary="The accounts")
async def accounts(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Account for everything that was received."""
    context.access.admin(request)
    by_source = await read_accounts(context.redis)
    total = Account()
    for account in by_source.values():
        total = total.plus(account)
    sources = {name: _shown(account) for name, account in by_source.items()}
    return Response(_shown(total) | {"sources": sources})


@get("/v1/queue", summary="The queue")
async def queue(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Say how much waits, for how long, and what holds it."""
    context.access.admin(request)
    return Response(await read_depth(context.redis, context.clock()))


@post("/v1/queue/pause", summary="Pause", status_code=200)
async def pause(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Begin nothing new; everything is still taken in, and held."""
    context.access.admin(request)
    await context.administration.pause()
    return Response(await read_depth(context.redis, context.clock()))


@post("/v1/queue/resume", summary="Resume", status_code=200)
async def resume(
    request: Request[Any, Any, State], context: NamedDependency[Context]
) -> Response[Any]:
    """Begin again where it was paused."""
    context.access.admin(request)
    await context.administration.resume()
    return Response(await read_depth(context.redis, context.clock()))


async def _decide(
    context: Context, notification_id: str, verb: Verb, *, words: str, send_alerts: bool = False
) -> Response[Any]:
    answer = await context.administration.decide(
        notification_id, verb, words=words, send_alerts=send_alerts
    )
    if not isinstance(answer, Refused):
        return Response({"id": notification_id, "state": answer.state})
    if answer.why == "unknown":
        raise Problem("not-found", f"There is no notification {notification_id[:80]}.")
    if answer.why == "busy":
        raise Problem("wrong-state", "One of its calls is under way; try again in a moment.")
    raise Problem("wrong-state", f"It is {answer.state}, and that cannot be done to it.")


def _shown(account: Account) -> dict[str, Any]:
    return msgspec.structs.asdict(account) | {"balanced": account.balanced}
