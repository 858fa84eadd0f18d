"""What a long queue costs: the rate of acceptance beside it, and its memory.

The queue's length is all that differs between the two sides. Both write into memory that their
server has not used before, and through a service that was just started: the queue that was filled
grows on, and for each round the empty one is that of a new server, as a new installation has it.

A server that was flushed for each round would write into memory that it has already, which is up
to 5 % faster; `docs/decisions.md` says more of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from benchmarks import notifications
from benchmarks.accepting import CONNECTIONS
from benchmarks.load import blast
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from benchmarks.valkey import Valkey, valkey
from purchasing.configuration import Durability
from purchasing.notification import Notification
from purchasing.sources.easypost import SOURCE
from store.acceptance import Acceptance
from store.connection import connect
from store.durability import Durable

_AT_A_TIME = 2048
_WARM_UP = 200
# Parcels of the backlog; those that are posted beside it have smaller numbers.
_FIRST = 1_000_000


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """The rates beside a full and an empty queue, and the bytes that one notification takes."""

    rounds: list[Mapping[str, float]]
    memory: float
    body_and_headers: float


async def backlog(stage: Stage, scale: Scale) -> Backlog:
    """Fill the queue of one Valkey, and post to it and to a new one in turn."""
    before = await stage.valkey.memory()
    size = await _fill(stage.valkey, scale.backlog)
    memory = await stage.valkey.memory() - before
    each = scale.accepted + _WARM_UP
    requests = [notifications.request(parcel) for parcel in range(each * scale.rounds)]
    rounds: list[Mapping[str, float]] = []
    for number in range(scale.rounds):
        these = requests[number * each : (number + 1) * each]
        async with valkey(stage.folder) as empty:
            sides = {"empty": Stage(stage.folder, empty), "full": stage}
            rates: dict[str, float] = {}
            # Whoever comes first in one round comes last in the next one.
            for side in sorted(sides, reverse=bool(number % 2)):
                rates[side] = await _rate(sides[side], these)
        rounds.append(rates)
    return Backlog(
        rounds=rounds, memory=memory / scale.backlog, body_and_headers=size / scale.backlog
    )


async def _rate(stage: Stage, requests: Sequence[bytes]) -> float:
    """Notifications a second that a service which was just started accepts."""
    async with stage.serving("service") as port:
        await blast(port, requests[:_WARM_UP], connections=CONNECTIONS)
        return (await blast(port, requests[_WARM_UP:], connections=CONNECTIONS)).rate


async def _fill(valkey: Valkey, count: int) -> int:
    """Accept many notifications quickly; returns the bytes of their bodies and headers."""
    redis = connect(valkey.url)
    acceptance = Acceptance(Durable(redis, Durability()), lambda: datetime.now(UTC))
    writing = asyncio.create_task(acceptance.run())
    size = 0
    batch: list[Notification] = []
    for it in notifications.arrived(_FIRST, count):
        size += len(it.body) + sum(len(name) + len(text) for name, text in it.headers.items())
        batch.append(it)
        if len(batch) == _AT_A_TIME:
            await _accept(acceptance, batch)
            batch.clear()
    await _accept(acceptance, batch)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await redis.aclose()
    return size


async def _accept(acceptance: Acceptance, batch: list[Notification]) -> None:
    left = batch
    while left:
        answers = await asyncio.gather(
            *(
                acceptance.accept(it, key=SOURCE.delivery_key(it), digest="", dedupe_days=14)
                for it in left
            ),
            return_exceptions=True,
        )
        # One that was not confirmed in time is sent again, and is the same one then.
        left = [
            it
            for it, answer in zip(left, answers, strict=True)
            if isinstance(answer, BaseException)
        ]
