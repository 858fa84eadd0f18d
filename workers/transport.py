"""An HTTP/1.1 transport for httpx whose cost does not grow with the connections.

httpx's own pool looks at every connection twice for every request, which costs more than the
request itself from some dozens of connections on (encode/httpx#3215, encode/httpcore#1035, read
2026-11). This one keeps idle connections on a stack: the last one that was used is used first.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

import httptools
import httpx
import msgspec

_DEFAULT_PORTS = {"http": 80, "https": 443}

# Servers drop idle connections, some after two seconds (gunicorn's default); a request that is sent
# into that moment is in doubt. A connection that was idle for longer than this is not used again.
_IDLE_SECONDS = 1.5

Origin = tuple[str, str, int]


class Answer(msgspec.Struct, frozen=True):
    """What was answered."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def origin_of(url: httpx.URL) -> Origin:
    """Whom an address is of."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS[url.scheme]


class Transport(httpx.AsyncBaseTransport):
    """Takes as many connections as there are requests at once; who calls must bound those."""

    def __init__(self, *, tls: ssl.SSLContext, most_bytes: int) -> None:
        self._tls = tls
        self._most_bytes = most_bytes
        self._idle: dict[Origin, list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make one request, on an idle connection or a new one; the answer's body is read whole."""
        content = _head(request) + await request.aread()
        timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
        connection = await self._connection(origin_of(request.url), timeouts.get("connect"))
        try:
            async with asyncio.timeout(timeouts.get("read")):
                answer = await self._exchange(connection, content)
        except TimeoutError as error:
            message = "no answer came in time"
            raise httpx.ReadTimeout(message, request=request) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body)
        )

    async def ask(self, origin: Origin, content: bytes, *, connect_seconds: float) -> Answer:
        """Make one request that is there in bytes already; who calls bounds how long it takes.

        The objects of httpx around a request take a tenth of a worker's time.
        """
        connection = await self._connection(origin, connect_seconds)
        return await self._exchange(connection, content)

    async def aclose(self) -> None:
        """Close the idle connections."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def _exchange(self, connection: "_Connection", content: bytes) -> Answer:
        try:
            return await connection.exchange(content)
        finally:
            # Whatever ended the exchange early, a connection with half of one is of no more use.
            if connection.is_reusable:
                self._idle.setdefault(connection.origin, []).append(connection)
            else:
                connection.close()

    async def _connection(self, origin: Origin, connect_seconds: float | None) -> "_Connection":
        return self._take(origin) or await self._connect(origin, connect_seconds)

    def _take(self, origin: Origin) -> "_Connection | None":
        idle = self._idle.get(origin, [])
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            if connection.is_reusable and now - connection.idle_since < _IDLE_SECONDS:
                return connection
            # Those below it on the stack were idle for longer still.
            for stale in (connection, *idle):
                stale.close()
            idle.clear()
        return None

    async def _connect(self, origin: Origin, seconds: float | None) -> "_Connection":
        scheme, host, port = origin
        tls = self._tls if scheme == "https" else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(origin, self._most_bytes),
                    host,
                    port,
                    ssl=tls,
                    server_hostname=host if tls else None,
                )
        except TimeoutError as error:
            message = f"no connection to {host}:{port} in time"
            raise httpx.ConnectTimeout(message) from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return connection


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % pair for pair in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One connection, and the one exchange that is under way on it."""

    def __init__(self, origin: Origin, most_bytes: int) -> None:
        self.origin = origin
        self._most_bytes = most_bytes
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()
        self.is_reusable = False
        self.idle_since = 0.0

    async def exchange(self, content: bytes) -> Answer:
        """Send a request, and wait for the whole answer."""
        if self._transport is None or self._transport.is_closing():
            message = "the connection was closed before the request was sent"
            raise httpx.ConnectError(message)
        self.is_reusable = False
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(content)
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's: the connection is there."""
        self._transport = transport  # type: ignore[assignment]  # a TCP one has all of it

    def data_received(self, data: bytes) -> None:
        """asyncio's: a part of an answer, or what nobody asked for."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(f"the answer is not HTTP: {error}"))
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio's: the connection is gone; an answer may end like this, but only one."""
        self.is_reusable = False
        if self._has_headers and self._ends_with_connection:
            self._finish()
        else:
            self._fail(httpx.ReadError(f"the connection was lost: {error or 'closed by Cofactr'}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools': one header of the answer."""
        if name.lower() != b"content-encoding":
            # None was asked for; what is compressed all the same is not unpacked without bounds.
            self._headers.append((name, value))
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._ends_with_connection = False

    def on_headers_complete(self) -> None:
        """httptools': all headers of the answer."""
        self._has_headers = True

    def on_body(self, body: bytes) -> None:
        """httptools': a part of the body."""
        self._body += body
        if len(self._body) > self._most_bytes:
            # What it says is known by now; the rest of it is not worth the memory.
            self._finish()
            self.close()

    def on_message_complete(self) -> None:
        """httptools': the whole answer, or word that one is to come."""
        if self._parser.get_status_code() < httpx.codes.OK:
            # The parser goes on: what it was given may hold the beginning of the answer as well.
            self._forget()
            return
        self.is_reusable = self._parser.should_keep_alive()
        self.idle_since = asyncio.get_running_loop().time()
        self._finish()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._has_headers = False
        self._ends_with_connection = True

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(
                Answer(self._parser.get_status_code(), self._headers, bytes(self._body))
            )

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def tls_context() -> ssl.SSLContext:
    """One for all connections: it takes 20 ms to make."""
    context: Any = httpx.create_ssl_context(trust_env=False)
    verified: ssl.SSLContext = context
    return verified
