"""How fast requests are made: our transport for httpx, and httpx as it is."""

import asyncio
import time
from collections.abc import Mapping

import httpx

from benchmarks.scale import Scale
from benchmarks.sink import Sink
from benchmarks.stage import Stage
from workers.transport import Transport, tls_context

IN_FLIGHT = 64

_BODY = b'{"event_type":"shipped","notes":"%s"}' % (b"x" * 600)


async def transports(stage: Stage, scale: Scale) -> list[Mapping[str, float]]:
    """Requests a second of both, round by round."""
    rounds: list[Mapping[str, float]] = []
    ours = Transport(tls=tls_context(), most_bytes=1024 * 1024)
    async with (
        stage.sink(0.0) as sink,
        httpx.AsyncClient(transport=ours, trust_env=False) as our_client,
        # Its own limits, although it then keeps 20 connections only: with 64 it is slower still.
        httpx.AsyncClient(trust_env=False) as plain_client,
    ):
        for _ in range(scale.rounds):
            rounds.append(
                {
                    "transport": await _rate(our_client, sink, scale.requests),
                    "httpx": await _rate(plain_client, sink, scale.requests // 3),
                }
            )
            await sink.arrivals()
    return rounds


async def _rate(client: httpx.AsyncClient, sink: Sink, count: int) -> float:
    await _request(client, sink, IN_FLIGHT)
    began = time.perf_counter()
    await _request(client, sink, count)
    return count / (time.perf_counter() - began)


async def _request(client: httpx.AsyncClient, sink: Sink, count: int) -> None:
    left = iter(range(count))

    async def some() -> None:
        for _ in left:
            answer = await client.post(f"{sink.url}/v1/purchase_events/", content=_BODY)
            answer.raise_for_status()

    await asyncio.gather(*(some() for _ in range(IN_FLIGHT)))
