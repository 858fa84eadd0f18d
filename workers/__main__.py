"""Start one worker: `python -m workers`. The composition root of the RQ shell."""

import asyncio
import gc
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from random import Random
from secrets import token_hex

import uvloop

from purchasing.errors import ConfigurationError
from purchasing.sources import all_sources
from store.administration import Administration
from store.book import OrderBook
from store.connection import connect, connect_for_rq
from store.deciding import Deciding
from store.durability import Durable
from store.logging import set_up_logging
from store.queue import Queue
from workers.calls import Calls
from workers.cofactr import Cofactr
from workers.measuring import Metrics, Pulse
from workers.registration import Registration
from workers.rounds import Rounds
from workers.settings import Settings, settings_in
from workers.worker import Worker

# Python looks after 700; a round of decisions alone leaves some thousands of values.
_ALLOCATIONS = 50_000


def _now() -> datetime:
    return datetime.now(UTC)


async def work(settings: Settings, stop: asyncio.Event, rounds: Rounds | None = None) -> None:
    """Run a worker until `stop` is set and what it had begun is done.

    Other rounds than those that decide notifications can be passed in.
    """
    configuration = settings.configuration
    redis = connect(settings.redis_url)
    durable = Durable(redis, configuration.durability)
    book = OrderBook(redis, _now, durable)
    cofactr = Cofactr(
        base_url=settings.cofactr_url,
        api_key=settings.cofactr_api_key,
        timeout_seconds=configuration.cofactr.timeout_seconds,
        clock=_now,
        no_part_lines_body=configuration.cofactr.no_part_lines_body,
    )
    metrics = Metrics()
    pulse = Pulse()
    if settings.metrics_port:
        metrics.serve(settings.host, settings.metrics_port, pulse)
    name = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
    queue = Queue(
        redis,
        _now,
        durable=durable,
        worker=name,
        retention=configuration.retention,
        lease=settings.lease,
        limits=configuration.cofactr,
    )
    worker = Worker(
        queue=queue,
        rounds=rounds
        or Rounds(Deciding(redis, book, all_sources(), configuration), configuration, _now),
        calls=Calls(
            queue=queue,
            cofactr=cofactr,
            configuration=configuration,
            clock=_now,
            seconds=metrics.call_seconds,
            random=Random(),  # noqa: S311  # it spreads retries, and protects nothing
        ),
        administration=Administration(redis, _now, durable, configuration.retention),
        capacity=configuration.cofactr.max_in_flight,
        lease=settings.lease,
    )
    registration = asyncio.create_task(Registration(connect_for_rq(settings.redis_url), name).run())
    beating = asyncio.create_task(pulse.run())
    try:
        await worker.run(stop)
    finally:
        for task in (registration, beating):
            task.cancel()
        await asyncio.wait({registration, beating})
        await cofactr.close()
        await redis.aclose()


async def until_signalled(settings: Settings, rounds: Rounds | None = None) -> None:
    """Drain on the first SIGTERM or SIGINT; the second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    await work(settings, stop, rounds)


def _collect_rarely() -> None:
    """Look for cycles less often: what a round makes is many values and hardly any cycle."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)


def main() -> int:
    """Run until stopped; the exit code says whether it could start."""
    set_up_logging(os.environ)
    _collect_rarely()
    try:
        uvloop.run(until_signalled(settings_in(os.environ)))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
