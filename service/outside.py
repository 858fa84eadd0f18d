"""The few calls that the service makes to senders; none of them while a sender waits."""

import asyncio
from collections.abc import Sequence

import httpx
import structlog

from purchasing.handshakes import Call
from purchasing.telemetry import Log

_LOG = structlog.get_logger()

_TIMEOUT_SECONDS = 10.0
_WAITS_SECONDS = (1.0, 5.0, 25.0)
# A handshake happens once in months; whoever asks for more at once is no sender.
_MOST_CALLS = 16


class Outside:
    """Reaches senders over HTTP; redirects and the environment's proxies are not followed.

    `waits_seconds` are the pauses before a call is made again, and so how often that is.
    """

    def __init__(self, waits_seconds: Sequence[float] = _WAITS_SECONDS) -> None:
        self._waits_seconds = waits_seconds
        self._calls: set[asyncio.Task[None]] = set()

    async def get(self, url: str, most: int) -> bytes:
        """A document of at most so many bytes.

        Raises:
            httpx.HTTPError: It cannot be had.
        """
        async with _client() as client, client.stream("GET", url) as answer:
            answer.raise_for_status()
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > most:
                    message = f"more than {most} bytes"
                    raise httpx.DecodingError(message, request=answer.request)
            return bytes(body)

    def start(self, source: str, call: Call) -> None:
        """Make a call in the background, a few times if need be; the log says how it went."""
        if len(self._calls) >= _MOST_CALLS:
            _LOG.warning(Log.NOT_CALLED_BACK, source=source, about=call.about, error="too many")
            return
        task = asyncio.create_task(self._call(source, call))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def aclose(self) -> None:
        """End what is under way."""
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _call(self, source: str, call: Call) -> None:
        error = ""
        for wait in (0.0, *self._waits_seconds):
            await asyncio.sleep(wait)
            try:
                async with _client() as client:
                    answer = await client.post(call.url, headers=call.headers, content=call.body)
            except httpx.HTTPError as failure:
                error = f"{type(failure).__name__}: {failure}"
                continue
            if answer.is_success:
                _LOG.info(Log.CALLED_BACK, source=source, about=call.about, url=call.url)
                return
            error = f"the answer was {answer.status_code}"
            if not answer.is_server_error:
                break
        _LOG.error(Log.NOT_CALLED_BACK, source=source, about=call.about, url=call.url, error=error)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=_TIMEOUT_SECONDS)
