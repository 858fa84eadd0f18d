"""Gathering what many tasks want written into few round trips: one batch in flight at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from purchasing.errors import StoreUnavailableError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LARGEST = 256
_PAUSE_SECONDS = 0.2


class Batch(Generic[Item, Answer]):
    """Writes items in the order they come; `run` must be running for `put` to return.

    What is written here is known to be so, and so it is tried until Redis takes it.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        self._write = write
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._work = asyncio.Event()

    async def put(self, item: Item) -> Answer:
        """Have one item written, and return the answer for it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        self._work.set()
        return await answer

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._waiting:
                size = min(len(self._waiting), _LARGEST)
                batch = [self._waiting.popleft() for _ in range(size)]
                answers = await self._written([item for item, _ in batch])
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)

    async def _written(self, items: Sequence[Item]) -> Sequence[Answer]:
        while True:
            try:
                return await self._write(items)
            except StoreUnavailableError:
                await asyncio.sleep(_PAUSE_SECONDS)
