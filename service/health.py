"""`/livez` and `/readyz`: whether the process runs, and whether it can keep what it is given."""

from litestar import Response, get
from litestar.di import NamedDependency

from purchasing.errors import StoreUnavailableError
from service.context import Context


@get("/livez", summary="Whether the process runs")
async def livez() -> dict[str, str]:
    """Say that the process runs; nothing else is asked, so that Redis's absence restarts nobody."""
    return {"status": "alive"}


@get("/readyz", summary="Whether notifications can be taken in")
async def readyz(context: NamedDependency[Context]) -> Response[dict[str, str]]:
    """Say whether a notification could be made durable now, by making something durable."""
    try:
        promise = await context.durable.promise()
        if not promise.is_durable:
            return _not_ready("Redis does not put on disk what it confirms")
        await context.durable.run("ready", {})
    except StoreUnavailableError:
        return _not_ready("Redis does not answer, or cannot keep what it is given")
    return Response({"status": "ready"})


def _not_ready(reason: str) -> Response[dict[str, str]]:
    return Response({"status": "not ready", "reason": reason}, status_code=503)
