"""How fast what is queued is worked off."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import msgspec
from redis import Redis
from rq import Queue

from benchmarks import notifications
from benchmarks.accepting import CONNECTIONS
from benchmarks.load import blast
from benchmarks.processes import Program, python
from benchmarks.scale import Scale
from benchmarks.sink import Sink
from benchmarks.stage import Stage
from purchasing.configuration import Durability
from store import keys
from store.book import OrderBook
from store.connection import connect
from store.durability import Durable

# The first notifications find cold caches; what is left of them counts.
_WARM = 0.2
_PATIENCE_SECONDS = 120.0
_AT_A_TIME = 64


class Side(msgspec.Struct, frozen=True):
    """One stack: its worker's command, and the HTTP side that fills its queue."""

    name: str
    worker: tuple[str, ...]
    service: str = ""
    peer: str = ""


TALLYMAN = Side("tallyman", python("workers"), service="service")
SIMPLE = Side("simple", python("benchmarks.peers.rq_stack", "simple"), peer="rq_stack:app")
FORK = Side("fork", python("benchmarks.peers.rq_stack", "fork"), peer="rq_stack:app")
CELERY = Side(
    "celery",
    python("celery", "--app", "benchmarks.peers.celery_stack", "worker", "--loglevel", "WARNING"),
    peer="celery_stack:web",
)
DRAMATIQ = Side(
    "dramatiq", python("dramatiq", "benchmarks.peers.dramatiq_stack"), peer="dramatiq_stack:app"
)


async def put_orders(stage: Stage, count: int) -> None:
    """Put an order for each parcel into the order book."""
    redis = connect(stage.valkey.url)
    book = OrderBook(redis, lambda: datetime.now(UTC), Durable(redis, Durability()))
    for first in range(0, count, _AT_A_TIME):
        parcels = range(first, min(first + _AT_A_TIME, count))
        await asyncio.gather(*(book.put(notifications.order(it)) for it in parcels))
    await redis.aclose()


async def working(
    stage: Stage, scale: Scale, sides: Mapping[Side, int], *, delay_seconds: float
) -> list[Mapping[str, float]]:
    """Notifications a second from the queue to the sink, of every side, round by round."""
    most = max(sides.values())
    requests = [notifications.request(parcel) for parcel in range(most)]
    rounds: list[Mapping[str, float]] = []
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(stage.sink(delay_seconds))
        ports: dict[str, int] = {}
        for side in sides:
            if (side.service or side.peer) not in ports:
                ports[side.service or side.peer] = await stack.enter_async_context(
                    stage.serving(side.service) if side.service else stage.serving_peer(side.peer)
                )
        for _ in range(scale.worked_rounds):
            rates: dict[str, float] = {}
            for side, count in sides.items():
                await stage.valkey.empty()
                await put_orders(stage, count)
                port = ports[side.service or side.peer]
                await blast(port, requests[:count], connections=CONNECTIONS)
                async with stage.working(side.worker, sink) as program:
                    rates[side.name] = await _delivered(program, sink, count)
            rounds.append(rates)
    return rounds


async def _delivered(program: Program, sink: Sink, count: int) -> float:
    """Wait until all of them came; returns how many came in a second."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while (came := await sink.count()) < count:
        program.check()
        if time.monotonic() > end:
            message = f"only {came} of {count} notifications came to the sink"
            raise RuntimeError(message)
        await asyncio.sleep(0.1)
    times = [arrival.at for arrival in await sink.arrivals()]
    if len(times) != count:
        message = f"{len(times)} calls came for {count} notifications"
        raise RuntimeError(message)
    cold = int(count * _WARM)
    return (count - cold) / (times[-1] - times[cold - 1])


async def working_nothing(stage: Stage, scale: Scale) -> list[Mapping[str, float]]:
    """Jobs a second that do nothing, of both sides, and of ours that only read, round by round."""
    rounds: list[Mapping[str, float]] = []
    tests = [notifications.request(parcel, mode="test") for parcel in range(scale.nothing)]

    async def ignored() -> int:
        return int(await stage.valkey.redis.zcard(keys.index("easypost", "ignored")))

    async def taken() -> int:
        return scale.peer_nothing - int(await stage.valkey.redis.llen("rq:queue:benchmark"))

    async with stage.serving("service") as port:
        for _ in range(scale.worked_rounds):
            rates: dict[str, float] = {}
            for name, module in (("tallyman", "benchmarks.nothing"), ("ignoring", "workers")):
                await stage.valkey.empty()
                await blast(port, tests, connections=CONNECTIONS)
                async with stage.working(python(module), None) as program:
                    rates[name] = await _ended(program, ignored, scale.nothing)
            await stage.valkey.empty()
            _enqueue_nothing(stage.valkey.url, scale.peer_nothing)
            async with stage.working(SIMPLE.worker, None) as program:
                rates["simple"] = await _ended(program, taken, scale.peer_nothing)
            rounds.append(rates)
    return rounds


def _enqueue_nothing(url: str, count: int) -> None:
    with Redis.from_url(url) as redis:
        job = Queue.prepare_data("benchmarks.peers.job.nothing", description="nothing")
        Queue("benchmark", connection=redis).enqueue_many([job] * count)


async def _ended(program: Program, look: Callable[[], Awaitable[int]], count: int) -> float:
    """Wait until all of them ended; returns how many ended in a second."""
    end = time.monotonic() + _PATIENCE_SECONDS
    warm: tuple[float, int] | None = None
    while True:
        done, now = await look(), time.monotonic()
        if warm is None and done >= count * _WARM:
            warm = now, done
        if done >= count:
            break
        program.check()
        if now > end:
            message = f"only {done} of {count} jobs ended"
            raise RuntimeError(message)
        await asyncio.sleep(0.01)
    at, already = warm or (now, done)
    return (count - already) / (now - at)


@asynccontextmanager
async def a_whole_tallyman(stage: Stage, sink: Sink) -> AsyncIterator[int]:
    """Run a service and a worker; yields the port."""
    async with stage.serving("service") as port, stage.working(TALLYMAN.worker, sink):
        yield port
