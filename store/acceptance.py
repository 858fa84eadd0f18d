"""Making notifications durable, many at a time.

While one batch is on its way to the disk, the next ones gather: no timer, no added waiting when it
is quiet, and one fsync for many when it is not.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from purchasing.errors import NotAcceptingError, StoreUnavailableError
from purchasing.notification import Notification
from store import keys, scripts
from store.durability import Durable
from store.jobs import Clock, job_template

_ENCODER = msgspec.msgpack.Encoder()

# One script blocks Redis while it runs: 256 items took 5 ms where this was measured.
_BATCH_ITEMS = 256
_BATCH_BYTES = 1024 * 1024
# About 20 s of backlog at 1,000 a second, or 64 MiB: more would only make everyone wait.
_BUFFER_ITEMS = 20_000
_BUFFER_BYTES = 64 * 1024 * 1024
# A sender that is told "later" within a second tries again; one that waits may give up on us.
_PATIENCE_SECONDS = 1.0

_SECONDS_A_DAY = 86_400


class Verdict(StrEnum):
    """What a notification turned out to be."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Accepted(msgspec.Struct, frozen=True):
    """The answer for one notification: what it is, and the id of the first of its delivery key."""

    verdict: Verdict
    id: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a notification that was refused: enough to see why, nothing secret."""

    at: datetime
    reason: str
    size: int
    digest: str


class _Waiting(msgspec.Struct, frozen=True, eq=False):
    item: dict[str, object]
    size: int
    until: float
    answer: "asyncio.Future[Accepted]"


class Acceptance:
    """The group commit of one process; `run` must be running for `accept` to return."""

    def __init__(self, durable: Durable, clock: Clock) -> None:
        self._durable = durable
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._written: Sequence[_Waiting] = ()
        self._refused: deque[dict[str, object]] = deque(maxlen=_BUFFER_ITEMS)
        self._size = 0
        self._work = asyncio.Event()

    @property
    def backlog(self) -> int:
        """How many notifications wait to be made durable."""
        return len(self._waiting)

    async def accept(
        self, notification: Notification, *, key: str, digest: str, dedupe_days: int
    ) -> Accepted:
        """Make one notification durable; it is on disk when this returns.

        `digest` tells two bodies of one delivery key apart where that matters, else it is empty.

        Raises:
            NotAcceptingError: Too much waits already.
            StoreUnavailableError: Redis did not confirm it in time; it may still be stored, and
                then its repetition is a duplicate.
        """
        raw = _ENCODER.encode(notification)
        if len(self._waiting) >= _BUFFER_ITEMS or self._size + len(raw) > _BUFFER_BYTES:
            message = "too many notifications wait to be made durable"
            raise NotAcceptingError(message)
        item = {
            "id": notification.id,
            "source": notification.source,
            "delivery": keys.delivery(notification.source, key),
            "digest": digest,
            "seconds": dedupe_days * _SECONDS_A_DAY,
            "raw": scripts.blob(raw),
            "received_at": notification.received_at.isoformat(timespec="milliseconds"),
            "key": key,
            "reference": keys.reference("delivery_key", key),
        }
        loop = asyncio.get_running_loop()
        waiting = _Waiting(item, len(raw), loop.time() + _PATIENCE_SECONDS, loop.create_future())
        self._waiting.append(waiting)
        self._size += len(raw)
        self._work.set()
        # A sender that hangs up cancels its own waiting and nothing else.
        return await waiting.answer

    def refuse(self, source: str, evidence: Evidence) -> None:
        """Count a notification that was refused; it is written along with the next batch."""
        self._refused.append(
            {"source": source, "evidence": scripts.blob(msgspec.json.encode(evidence))}
        )
        self._work.set()

    async def run(self) -> None:
        """Write batch after batch until cancelled; what waits then is written before it ends."""
        expiring = asyncio.create_task(self._expire())
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                await self._flush()
        finally:
            expiring.cancel()
            await asyncio.shield(self._flush())

    async def _expire(self) -> None:
        """Tell those whose patience ends; one timer for all, because there are thousands."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_PATIENCE_SECONDS / 8)
            now = loop.time()
            late = [waiting for waiting in self._written if waiting.until <= now]
            while self._waiting and self._waiting[0].until <= now:
                late.append(self._waiting.popleft())
                self._size -= late[-1].size
            message = f"Redis did not confirm within {_PATIENCE_SECONDS:.0f} s"
            _tell_all(late, StoreUnavailableError(message))

    async def _flush(self) -> None:
        while self._waiting or self._refused:
            batch = self._written = self._take()
            refused = [
                self._refused.popleft() for _ in range(min(len(self._refused), _BATCH_ITEMS))
            ]
            try:
                answers = await self._durable.run(
                    "accept",
                    {
                        "job": job_template(self._clock()),
                        "items": [waiting.item for waiting in batch],
                        "refused": refused,
                    },
                )
            except StoreUnavailableError as error:
                _tell_all(batch, error)
                continue
            for waiting, (verdict, first) in zip(batch, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(Accepted(Verdict(verdict.decode()), first.decode()))

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < _BATCH_ITEMS:
            if batch and size + self._waiting[0].size > _BATCH_BYTES:
                break
            batch.append(self._waiting.popleft())
            size += batch[-1].size
        self._size -= size
        return batch


def _tell_all(batch: Sequence[_Waiting], error: StoreUnavailableError) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
            # Whoever waited may be gone; an error that nobody fetches is no news.
            waiting.answer.exception()
