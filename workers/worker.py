"""The concurrent RQ worker: rounds of decisions, one at a time; calls to Cofactr, many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from purchasing.errors import StoreUnavailableError
from purchasing.telemetry import Log
from store.administration import Administration
from store.queue import Applied, Claimed, Committed, Decided, Queue, Taken
from store.tasks import end
from workers.calls import Calls
from workers.rounds import Rounds

# Deciding holds the loop: a round of this size takes about 10 ms. While Redis writes a round, the
# calls of others go on; larger rounds leave one waiting for the other.
_ROUND = 64
_IDLE_SECONDS = 1.0
_TEND_SECONDS = 0.25
_SWEEP_SECONDS = 60.0
_PAUSE_SECONDS = 0.2
_SILENT_SECONDS = 10.0

_LOG = structlog.get_logger()


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


class Worker:
    """One worker; `run` returns when told to stop and the calls that it had begun are settled."""

    def __init__(
        self,
        *,
        queue: Queue,
        rounds: Rounds,
        calls: Calls,
        administration: Administration,
        capacity: int,
        lease: timedelta,
    ) -> None:
        self._queue = queue
        self._rounds = rounds
        self._calls = calls
        self._administration = administration
        self._capacity = capacity
        self._lease = lease
        self._is_deciding = False
        self._silent_until = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish the calls that are under way, and no more."""
        background = [
            asyncio.create_task(work)
            for work in (
                self._calls.run(),
                self._repeat(self._tend, _TEND_SECONDS),
                self._repeat(self._renew, self._lease.total_seconds() / 3),
                self._repeat(self._sweep, _SWEEP_SECONDS),
            )
        ]
        stopping = asyncio.create_task(_until(stop))
        working = asyncio.create_task(self._work(stop))
        try:
            await asyncio.wait(
                {working, stopping, *background}, return_when=asyncio.FIRST_COMPLETED
            )
            # Without any of these a worker would only seem to work; another one takes over.
            for ended in background:
                if ended.done():
                    ended.result()
            # A round that was begun is committed; waiting for work is not worth waiting for.
            if not self._is_deciding:
                working.cancel()
            await asyncio.wait({working})
            if not working.cancelled():
                working.result()
            await self._calls.end()
        finally:
            await end(*background, stopping)

    async def _work(self, stop: asyncio.Event) -> None:
        """Step after step in one task: the next claim is on its way before a round's calls run."""
        while not stop.is_set():
            await self._step()

    async def _step(self) -> None:
        """One round, or a wait for something to do."""
        room = self._capacity - len(self._calls.jobs)
        if room <= 0:
            await self._calls.room()
            return
        try:
            self._is_deciding = True
            claimed = await self._queue.claim(min(room, _ROUND))
            if isinstance(claimed, list):
                await self._round(claimed)
                return
            self._is_deciding = False
            if claimed is None:
                await self._queue.wait(_IDLE_SECONDS)
            else:
                await asyncio.sleep(claimed.total_seconds())
        except StoreUnavailableError as error:
            self._say_unavailable(error)
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._is_deciding = False

    async def _round(self, claimed: Sequence[Claimed]) -> None:
        """Decide what is at the head of the queue, write it down, and begin the calls."""
        prepared = await self._rounds.prepare(claimed)
        committed = await self._commit([decided for _, decided in prepared])
        for (job, _), answer in zip(prepared, committed, strict=True):
            if isinstance(answer, Taken):
                self._rounds.is_taken(job, answer.by)
            elif isinstance(answer, Applied):
                self._calls.begin(job, answer.started)

    async def _commit(self, decisions: list[Decided]) -> list[Committed]:
        while True:
            try:
                return await self._queue.commit(decisions)
            except StoreUnavailableError as error:
                # It may have been written: it is asked again, and answered alike.
                self._say_unavailable(error)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _repeat(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except StoreUnavailableError as error:
                self._say_unavailable(error)
            await asyncio.sleep(seconds)

    def _say_unavailable(self, error: StoreUnavailableError) -> None:
        """Say that Redis is away, but not each time that it is noticed."""
        now = asyncio.get_running_loop().time()
        if now >= self._silent_until:
            self._silent_until = now + _SILENT_SECONDS
            _LOG.warning(Log.REDIS_UNAVAILABLE, detail=str(error))

    async def _tend(self) -> None:
        await self._queue.tend()

    async def _renew(self) -> None:
        await self._queue.renew(self._calls.jobs)

    async def _sweep(self) -> None:
        await self._administration.sweep()
