"""What a long queue costs: the rate of acceptance beside it, and its memory."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from benchmarks import notifications
from benchmarks.accepting import CONNECTIONS
from benchmarks.load import blast
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from benchmarks.valkey import Valkey
from purchasing.configuration import Durability
from purchasing.notification import Notification
from purchasing.sources.easypost import SOURCE
from store.acceptance import Acceptance
from store.connection import connect
from store.durability import Durable

_AT_A_TIME = 2048
# Parcels of the backlog; those that are posted beside it have smaller numbers.
_FIRST = 1_000_000


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """The rates beside a full and an empty queue, and the bytes that one notification takes."""

    rounds: list[Mapping[str, float]]
    memory: float
    body_and_headers: float


async def backlog(stage: Stage, empty: Stage, scale: Scale) -> Backlog:
    """Fill the queue of one Valkey, and post to it and to another one in turn."""
    async with stage.serving("service") as full_port, empty.serving("service") as empty_port:
        before = await stage.valkey.memory()
        size = await _fill(stage.valkey, scale.backlog)
        memory = await stage.valkey.memory() - before
        requests = [
            notifications.request(parcel) for parcel in range(scale.accepted * scale.rounds)
        ]
        rounds: list[Mapping[str, float]] = []
        for number in range(scale.rounds):
            these = requests[number * scale.accepted : (number + 1) * scale.accepted]
            await empty.valkey.empty()
            ports = {"empty": empty_port, "full": full_port}
            rates: dict[str, float] = {}
            # Whoever comes first in one round comes last in the next one.
            for side in sorted(ports, reverse=bool(number % 2)):
                rates[side] = (await blast(ports[side], these, connections=CONNECTIONS)).rate
            rounds.append(rates)
    return Backlog(
        rounds=rounds, memory=memory / scale.backlog, body_and_headers=size / scale.backlog
    )


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
