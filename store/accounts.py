"""The accounts: what was received is refused, repeated, or in exactly one state, by source.

Two things are counted apart and must agree: how many were accepted, and how many are in each
state's index.
"""

from datetime import UTC, datetime

import msgspec

from store import keys
from store.client import Client
from store.connection import translated


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one source, or of all."""

    received: int = 0
    refused: int = 0
    duplicate: int = 0
    queued: int = 0
    held: int = 0
    in_doubt: int = 0
    dead: int = 0
    ignored: int = 0
    delivered: int = 0

    @property
    def balanced(self) -> bool:
        """Whether everything received is accounted for."""
        known = (self.refused, self.duplicate, self.queued, self.held)
        return self.received == sum(known) + sum(
            (self.in_doubt, self.dead, self.ignored, self.delivered)
        )

    def plus(self, other: "Account") -> "Account":
        """The accounts of both."""
        return Account(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """A circuit breaker that is open: whose, since when, and why."""

    org_id: str | None
    opened_at: datetime
    why: str
    is_misconfigured: bool


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """The queue at one moment; ages are in seconds, and None where there is nothing that old.

    The rates are those of the last whole minute.
    """

    paused: bool
    waiting: int
    in_flight: int
    scheduled: int
    deferred: int
    failed: int
    workers: int
    oldest_seconds: float | None
    accepted_per_minute: int
    sent_per_minute: int
    breakers: tuple[Breaker, ...]


async def read_accounts(redis: Client) -> dict[str, Account]:
    """The accounts of every source, all of one moment."""
    with translated():
        sources = sorted(name.decode() for name in await redis.smembers(keys.SOURCES))
        # One transaction, so that nothing moves between two counts.
        async with redis.pipeline(transaction=True) as pipe:
            for source in sources:
                pipe.hgetall(keys.accounts(source))
                for state in keys.STATES:
                    pipe.zcard(keys.index(source, state))
            answers = await pipe.execute()
    width = 1 + len(keys.STATES)
    return {
        source: _account(
            answers[number * width], answers[number * width + 1 : (number + 1) * width]
        )
        for number, source in enumerate(sources)
    }


def _account(counts: dict[bytes, bytes], cards: list[int]) -> Account:
    def counted(name: str) -> int:
        return int(counts.get(name.encode(), 0))

    states = {
        state: card + counted(f"forgotten_{state}")
        for state, card in zip(keys.STATES, cards, strict=True)
    }
    return Account(
        received=counted("received"),
        refused=counted("refused"),
        duplicate=counted("duplicate"),
        **states,
    )


async def read_depth(redis: Client, now: datetime) -> Depth:
    """How much waits, and for what."""
    with translated():
        async with redis.pipeline(transaction=True) as pipe:
            pipe.exists(keys.PAUSED)
            pipe.llen(keys.RQ_QUEUE)
            for registry in (keys.RQ_STARTED, keys.RQ_SCHEDULED, keys.RQ_DEFERRED, keys.RQ_FAILED):
                pipe.zcard(registry)
            pipe.smembers(keys.RQ_WORKERS)
            pipe.smembers(keys.SOURCES)
            pipe.smembers(keys.BREAKERS)
            for what in ("accepted", "sent"):
                pipe.get(keys.minute(what, int(now.timestamp()) // 60 - 1))
            counts = await pipe.execute()
    paused, waiting, started, scheduled, deferred, failed, workers, sources, orgs, *rates = counts
    return Depth(
        paused=bool(paused),
        waiting=waiting,
        in_flight=started,
        scheduled=scheduled,
        deferred=deferred,
        failed=failed,
        workers=await _alive(redis, workers),
        oldest_seconds=await _oldest(redis, sources, now),
        accepted_per_minute=int(rates[0] or 0),
        sent_per_minute=int(rates[1] or 0),
        breakers=await _breakers(redis, orgs),
    )


async def _alive(redis: Client, workers: set[bytes]) -> int:
    """How many workers still say that they run; one that was killed stays in RQ's list."""
    with translated():
        return await redis.exists(*workers) if workers else 0


async def _oldest(redis: Client, sources: set[bytes], now: datetime) -> float | None:
    with translated():
        async with redis.pipeline(transaction=False) as pipe:
            for source in sources:
                pipe.zrange(keys.index(source.decode(), "queued"), 0, 0)
            heads = [ids[0].decode() for ids in await pipe.execute() if ids]
        async with redis.pipeline(transaction=False) as pipe:
            for head in heads:
                pipe.hget(keys.record(head), "received_at")
            times = [datetime.fromisoformat(at.decode()) for at in await pipe.execute() if at]
    return (now - min(times)).total_seconds() if times else None


async def _breakers(redis: Client, orgs: set[bytes]) -> tuple[Breaker, ...]:
    names = sorted(org.decode() for org in orgs)
    with translated():
        async with redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hmget(keys.breaker(name), ("opened_at", "why", "health"))
            rows = await pipe.execute()
    return tuple(
        Breaker(
            org_id=name or None,
            opened_at=datetime.fromtimestamp(int(opened_at) / 1000, UTC),
            why=(why or b"").decode("utf-8", "replace"),
            is_misconfigured=health == b"misconfigured",
        )
        for name, (opened_at, why, health) in zip(names, rows, strict=True)
        if opened_at
    )
