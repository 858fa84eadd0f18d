"""Writing for many, in few round trips."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from purchasing.errors import StoreUnavailableError
from workers.batching import Batch


class Ledger:
    """Takes what is written, some time later, unless it is away."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.is_away = False
        self.gate = asyncio.Event()

    async def write(self, items: Sequence[int]) -> Sequence[str]:
        await self.gate.wait()
        if self.is_away:
            message = "away"
            raise StoreUnavailableError(message)
        self.written.append(list(items))
        return [str(item) for item in items]


@asynccontextmanager
async def running(batch: Batch[int, str]) -> AsyncIterator[None]:
    """Let a batch write."""
    task = asyncio.create_task(batch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_what_gathers_meanwhile_is_written_together() -> None:
    """While one write is under way the next items gather, and go out together, in their order."""
    ledger = Ledger()
    batch: Batch[int, str] = Batch(ledger.write)
    async with running(batch):
        first = asyncio.create_task(batch.put(0))
        await asyncio.sleep(0)
        rest = [asyncio.create_task(batch.put(number)) for number in range(1, 600)]
        await asyncio.sleep(0)
        ledger.gate.set()

        answers = await asyncio.gather(first, *rest)

    assert answers == [str(number) for number in range(600)]
    assert [item for items in ledger.written for item in items] == list(range(600))
    assert len(ledger.written) < 6


async def test_what_happened_is_written_as_soon_as_it_can_be() -> None:
    """What cannot be written is tried until it is."""
    ledger = Ledger()
    ledger.is_away = True
    ledger.gate.set()
    batch: Batch[int, str] = Batch(ledger.write)
    async with running(batch):
        answer = asyncio.create_task(batch.put(1))
        await asyncio.wait({answer}, timeout=0.3)
        assert not answer.done()
        ledger.is_away = False

        assert await asyncio.wait_for(answer, 5) == "1"

    assert ledger.written == [[1]]


async def test_whoever_gives_up_harms_nobody() -> None:
    """An item whose writer gave up is written all the same, and the others get their answers."""
    ledger = Ledger()
    batch: Batch[int, str] = Batch(ledger.write)
    async with running(batch):
        quitter = asyncio.create_task(batch.put(1))
        stayer = asyncio.create_task(batch.put(2))
        await asyncio.sleep(0)
        quitter.cancel()
        ledger.gate.set()

        assert await stayer == "2"

    assert ledger.written == [[1, 2]]
