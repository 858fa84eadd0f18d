"""A Cofactr that costs next to nothing: `python -m benchmarks.sink PORT DELAY_SECONDS`.

It answers every POST with 201 after the delay, and keeps when each came and what it said; a GET of
`/count` says how many came, and one of `/` hands out all that came and forgets it.
"""

import asyncio
import ssl
import sys
import time
from collections.abc import Sequence

import httptools
import httpx
import msgspec
import uvloop

# Nothing is encrypted here, and httpx would read all authorities for each question: 20 ms of the
# two cores that the workers are measured on, ten times a second.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n"
    b'{"id":"3c7b8f0e-5d1a-4f6b-9e2d-0a1b2c3d4e5f"}'
)


class Arrival(msgspec.Struct, frozen=True, array_like=True):
    """A call: when it came, on the machine's monotonic clock, and its body."""

    at: float
    body: bytes


class Sink:
    """The sink as the one who measures sees it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    async def count(self) -> int:
        """How many calls came."""
        async with httpx.AsyncClient(trust_env=False, verify=_TLS) as client:
            return int((await client.get(f"{self.url}/count")).text)

    async def arrivals(self) -> list[Arrival]:
        """What came since the last time."""
        async with httpx.AsyncClient(trust_env=False, verify=_TLS) as client:
            answer = await client.get(f"{self.url}/")
        return msgspec.msgpack.decode(answer.content, type=list[Arrival])


class _Connection(asyncio.Protocol):
    def __init__(self, arrivals: list[Arrival], delay: float) -> None:
        self._arrivals = arrivals
        self._delay = delay
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP one has all of it

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._parser.get_method() == b"GET":
            self._tell()
            return
        self._arrivals.append(Arrival(time.monotonic(), self._body))
        self._body = b""
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._write, _ANSWER)
        else:
            self._write(_ANSWER)

    def _tell(self) -> None:
        if self._url == b"/count":
            said = str(len(self._arrivals)).encode()
        else:
            said = msgspec.msgpack.encode(self._arrivals)
            self._arrivals.clear()
        self._write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


async def _serve(port: int, delay: float) -> None:
    arrivals: list[Arrival] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(arrivals, delay), "127.0.0.1", port
    )
    await server.serve_forever()


def main(arguments: Sequence[str]) -> None:
    """Serve until killed."""
    port, delay = arguments
    uvloop.run(_serve(int(port), float(delay)))


if __name__ == "__main__":
    main(sys.argv[1:])
