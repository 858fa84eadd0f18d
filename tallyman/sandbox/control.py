"""`/_sandbox`: what was received, and which faults are still to happen.

No key is needed here. What arrives under these addresses is neither written down nor failed.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_422_UNPROCESSABLE_ENTITY

from tallyman.sandbox.faults import Fault, Faults
from tallyman.sandbox.journal import Journal

_ABOUT: dict[str, str | list[str]] = {
    "what": "A stand-in for Cofactr's API. Nothing that is sent here reaches Cofactr.",
    "calls": [
        "POST /v1/purchase_events/",
        "PATCH /v1/purchase_orders/{purchase_id}/no_part_lines/",
    ],
    "inside": [
        "GET /_sandbox/requests?since=N&took_effect=true",
        "DELETE /_sandbox/requests",
        "GET /_sandbox/faults",
        "PUT /_sandbox/faults",
        "DELETE /_sandbox/faults",
    ],
}

_FAULTS = msgspec.json.Decoder(list[Fault])


@get("/_sandbox", sync_to_thread=False)
def about() -> dict[str, str | list[str]]:
    """Say what this is, and what can be asked of it."""
    return _ABOUT


def request_routes(journal: Journal) -> Sequence[HTTPRouteHandler]:
    """Make the routes that show and forget what a journal holds."""

    @get("/_sandbox/requests", sync_to_thread=False)
    def show_requests(
        *,
        since: Annotated[int, QueryParameter(ge=0)] = 0,
        took_effect: FromQuery[bool | None] = None,
    ) -> Response[bytes]:
        shown = [
            received
            for received in journal.since(since)
            if took_effect is None or received.took_effect is took_effect
        ]
        return _json(shown)

    @delete("/_sandbox/requests", sync_to_thread=False)
    def forget_requests() -> None:
        journal.forget()

    return [show_requests, forget_requests]


def fault_routes(faults: Faults) -> Sequence[HTTPRouteHandler]:
    """Make the routes that plan, show and clear faults."""

    @get("/_sandbox/faults", sync_to_thread=False)
    def show_faults() -> Response[bytes]:
        return _json(faults.left())

    @put("/_sandbox/faults")
    async def plan_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
        try:
            planned = _FAULTS.decode(await request.body())
        except msgspec.ValidationError as refusal:
            return _json({"detail": str(refusal)}, HTTP_422_UNPROCESSABLE_ENTITY)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as refusal:
            return _json({"detail": f"not JSON: {refusal}"}, HTTP_400_BAD_REQUEST)
        faults.plan(planned)
        return _json(faults.left())

    @delete("/_sandbox/faults", sync_to_thread=False)
    def clear_faults() -> None:
        faults.plan([])

    return [show_faults, plan_faults, clear_faults]


def _json(content: object, status: int = 200) -> Response[bytes]:
    # Encoded here, because Litestar's own encoder does not know bodies kept as they were sent.
    body = msgspec.json.encode(content)
    return Response(body, media_type=MediaType.JSON, status_code=status)
