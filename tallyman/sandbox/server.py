"""The web server: uvicorn, with connections that can be dropped without an answer.

An ASGI application cannot hang up: whatever it does, uvicorn sends an answer or the beginning of
one. So each connection hands the application, as an extension of its scope, the means to close it.
"""

import sys
from typing import Any, Final

from litestar.types import ASGIApp, HTTPScope, Receive
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION: Final = "tallyman.hang_up"

# An idle connection that the server closes just as a client uses it again would look like a fault
# that nobody asked for. This is longer than our own client keeps an idle connection.
_KEEP_ALIVE_SECONDS: Final = 75

# All connections are closed on shutdown, so this is only for requests that are slow to notice.
_SHUTDOWN_SECONDS: Final = 2


class _DroppableConnection(HttpToolsProtocol):
    """A connection that lets the application close it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_EXTENSION: {"close": self.transport.close}}

    def shutdown(self) -> None:
        # Not to be waited for: a late answer may be minutes away. Other answers take no time.
        self.transport.close()


async def hang_up(scope: HTTPScope, receive: Receive) -> None:
    """Close the connection of a request; the caller gets no byte of an answer.

    Raises:
        RuntimeError: The application runs under another server than `create_server` makes.

    """
    extension: Any = (scope.get("extensions") or {}).get(_EXTENSION)
    if extension is None:
        message = "to hang up, the sandbox must run in its own server, from create_server"
        raise RuntimeError(message)
    extension["close"]()
    # Uvicorn answers 500 for an application that returns while the connection still counts as open.
    while (await receive())["type"] != "http.disconnect":
        pass


def create_server(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Make the server for a sandbox; `run()` it, in any thread, or `serve()` it in a loop."""
    return Server(
        Config(
            app,
            host=host,
            port=port,
            http=_DroppableConnection,
            ws="none",
            loop="auto" if sys.platform == "win32" else "uvloop",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    )
