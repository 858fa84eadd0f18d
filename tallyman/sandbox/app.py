"""The sandbox's composition root."""

from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID

from litestar import Litestar, asgi
from litestar.types import HTTPScope, Receive, Scope, Send

from tallyman.sandbox.calls import Cofactr, NoPartLinesBody
from tallyman.sandbox.control import about, fault_routes, request_routes
from tallyman.sandbox.faults import Faults
from tallyman.sandbox.front import Front
from tallyman.sandbox.journal import Journal


def create_sandbox(
    api_key: str,
    now: Callable[[], datetime],
    new_id: Callable[[], UUID],
    *,
    no_part_lines_body: NoPartLinesBody = "object",
) -> Litestar:
    """Put a sandbox together that takes one key.

    `now` gives aware times. With `no_part_lines_body="array"`, Update Many NoPart Purchase Lines
    takes an array of lines as well as the one object that is documented. To be able to hang up, the
    application has to run in the server of `create_server`.
    """
    faults = Faults()
    journal = Journal()
    cofactr = Cofactr(
        api_key=api_key, now=now, new_id=new_id, no_part_lines_body=no_part_lines_body
    )
    front = Front(cofactr=cofactr, api_key=api_key, faults=faults, journal=journal, now=now)

    @asgi("/", is_mount=True, copy_scope=False)
    async def cofactr_side(scope: Scope, receive: Receive, send: Send) -> None:
        # Litestar mounts take HTTP requests only, but are typed for more.
        await front(cast("HTTPScope", scope), receive, send)

    return Litestar(
        [cofactr_side, about, *request_routes(journal), *fault_routes(faults)],
        openapi_config=None,
        logging_config=None,
    )
