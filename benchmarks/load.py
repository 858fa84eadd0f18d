"""A raw HTTP client: what is sent was made before, and what comes back is only counted."""

import asyncio
import time
from collections.abc import Iterator, Sequence

import httptools
import msgspec


class Load(msgspec.Struct, frozen=True):
    """What was sent: how many requests, in how many seconds."""

    count: int
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.count / self.seconds


async def blast(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send requests as fast as they are answered, some of them at a time.

    Raises:
        RuntimeError: One of them was not accepted.
    """
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    run = _Run(iter(requests), len(requests), ended)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
        for _ in range(min(connections, len(requests)))
    ]
    began = time.perf_counter()
    for _, connection in made:
        connection.send()
    try:
        await ended
    finally:
        for transport, _ in made:
            transport.close()
    return Load(len(requests), time.perf_counter() - began)


async def pace(port: int, requests: Sequence[bytes], *, per_second: float) -> list[float]:
    """Send requests at a rate, whatever the answers do; returns when each was sent."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    run = _Run(iter(()), len(requests), ended)
    idle = [
        (await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port))[1]
        for _ in range(32)
    ]
    sent: list[float] = []
    began = time.monotonic()
    for number, request in enumerate(requests):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        sent.append(time.monotonic())
        idle[number % len(idle)].write(request)
    await ended
    return sent


class _Run:
    def __init__(
        self, requests: Iterator[bytes], count: int, ended: "asyncio.Future[None]"
    ) -> None:
        self.requests = requests
        self.left = count
        self.ended = ended

    def answered(self, status: int) -> None:
        self.left -= 1
        if status != 202:
            self.fail(f"a request was answered with {status}")
        elif self.left == 0 and not self.ended.done():
            self.ended.set_result(None)

    def fail(self, message: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(message))


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP one has all of it

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._run.left:
            self._run.fail(f"a connection was lost: {error}")

    def on_message_complete(self) -> None:
        self._run.answered(self._parser.get_status_code())
        self.send()

    def send(self) -> None:
        """Send the next request, if there is one."""
        request = next(self._run.requests, None)
        if request is not None:
            self.write(request)

    def write(self, request: bytes) -> None:
        """Send one request."""
        if self._transport is not None:
            self._transport.write(request)
