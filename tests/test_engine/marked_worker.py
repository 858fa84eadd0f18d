"""A worker that kills itself at a marked step: `python -m tests.test_engine.marked_worker`.

It is put together as `workers/__main__.py` does it, with a queue and a Cofactr that watch the
steps.
"""

import asyncio
import os
import signal
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from secrets import token_hex

import uvloop

from purchasing.commands import Command
from purchasing.outcomes import Outcome
from purchasing.sources import all_sources
from store.administration import Administration
from store.book import OrderBook
from store.connection import connect
from store.deciding import Deciding
from store.durability import Durable
from store.jobs import Clock
from store.logging import set_up_logging
from store.queue import Applied, Claimed, Committed, Decided, Gone, Queue, Settlement
from tests.test_engine.marked import Mark
from workers.calls import Calls
from workers.cofactr import Cofactr
from workers.measuring import Metrics
from workers.rounds import Rounds
from workers.settings import Settings, settings_in
from workers.worker import Worker

MARK = Mark(os.environ)


class MarkedQueue(Queue):
    async def claim(self, limit: int) -> list[Claimed] | timedelta | None:
        MARK.reached("before claim")
        claimed = await super().claim(limit)
        if isinstance(claimed, list):
            MARK.reached("after claim")
        return claimed

    async def commit(self, decisions: Iterable[Decided]) -> list[Committed]:
        MARK.reached("before commit")
        committed = await super().commit(decisions)
        MARK.reached("after commit")
        return committed

    async def settle(self, settlements: Iterable[Settlement]) -> list[Applied | Gone]:
        MARK.reached("before settle")
        settled = await super().settle(settlements)
        MARK.reached("after settle")
        return settled


class MarkedCofactr(Cofactr):
    async def send(self, command: Command) -> Outcome:
        MARK.reached("before call")
        outcome = await super().send(command)
        MARK.reached("after call")
        return outcome


def _now() -> datetime:
    return datetime.now(UTC)


def composed(settings: Settings, clock: Clock) -> Worker:
    """A worker whose steps are watched."""
    configuration = settings.configuration
    redis = connect(settings.redis_url)
    durable = Durable(redis, configuration.durability)
    queue = MarkedQueue(
        redis,
        clock,
        durable=durable,
        worker=f"marked-{os.getpid()}-{token_hex(4)}",
        retention=configuration.retention,
        lease=settings.lease,
        limits=configuration.cofactr,
    )
    cofactr = MarkedCofactr(
        base_url=settings.cofactr_url,
        api_key=settings.cofactr_api_key,
        timeout_seconds=configuration.cofactr.timeout_seconds,
        clock=clock,
    )
    book = OrderBook(redis, clock, durable)
    return Worker(
        queue=queue,
        rounds=Rounds(Deciding(redis, book, all_sources(), configuration), configuration, clock),
        calls=Calls(
            queue=queue,
            cofactr=cofactr,
            configuration=configuration,
            clock=clock,
            seconds=Metrics().call_seconds,
            random=Random(),
        ),
        administration=Administration(redis, clock, durable, configuration.retention),
        capacity=configuration.cofactr.max_in_flight,
        lease=settings.lease,
    )


async def _work() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await composed(settings_in(os.environ), _now).run(stop)


if __name__ == "__main__":
    set_up_logging(os.environ)
    uvloop.run(_work())
