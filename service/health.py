"""`/livez` and `/readyz`: whether the process runs, and whether it can keep what it is given."""

from litestar import Response, get
from litestar.di import NamedDependency

from purchasing.errors import StoreUnavailableError
from service.context import Context
from store.connection import translated


@get("/livez", summary="Whether the process runs")
async def livez() -> dict[str, str]:
    """Say that the process runs; nothing else is asked, so that Redis's absence restarts nobody."""
    return {"status": "alive"}


@get("/readyz", summary="Whether notifications can be taken in")
async def readyz(context: NamedDependency[Context]) -> Response[dict[str, str]]:
    """Say whether a notification could be made durable now."""
    try:
        promise = await context.durable.promise()
        with translated():
            await context.redis.ping()
    except StoreUnavailableError:
        return Response({"status": "not ready", "reason": "Redis does not answer"}, status_code=503)
    if not promise.is_durable:
        reason = "Redis does not put on disk what it confirms"
        return Response({"status": "not ready", "reason": reason}, status_code=503)
    return Response({"status": "ready"})
