"""What a person does to notifications and to the queue."""

from datetime import timedelta
from enum import StrEnum

import msgspec

from purchasing.configuration import Retention
from store import keys, scripts
from store.client import Client
from store.connection import translated
from store.durability import Durable
from store.jobs import Clock, job_template

_ENCODER = msgspec.json.Encoder()
_SECONDS_A_DAY = 86_400
_SWEEP = 500


class Verb(StrEnum):
    """What can be done to a notification."""

    REPLAY = "replay"
    DISCARD = "discard"
    SENT = "sent"
    NOT_SENT = "not_sent"


class Changed(msgspec.Struct, frozen=True):
    """It was done; the state that the notification has now."""

    state: str


class Refused(msgspec.Struct, frozen=True):
    """It cannot be done: no such notification, a call of it under way, or the wrong state."""

    why: str
    state: str = ""


class Administration:
    """Decisions of people, each one atomic step."""

    def __init__(self, redis: Client, clock: Clock, durable: Durable, retention: Retention) -> None:
        self._redis = redis
        self._clock = clock
        self._durable = durable
        self._retention = retention

    async def decide(
        self, notification_id: str, verb: Verb, *, words: str, send_alerts: bool = False
    ) -> Changed | Refused:
        """Carry out a decision; `words` go into the notification's timeline."""
        now = self._clock()
        entry = {"at": now, "step": str(verb), "text": words}
        outdated = {
            "at": now,
            "step": "superseded",
            "text": "a NoPart line is not set back: a later notification has set it since",
        }
        answer = await self._durable.run(
            "administer",
            {
                "id": notification_id,
                "verb": verb,
                "send_alerts": send_alerts,
                "timeline": scripts.blob(_ENCODER.encode(entry)),
                "outdated": scripts.blob(_ENCODER.encode(outdated)),
                "job": job_template(now),
                "terms": {"raw_seconds": self._retention.raw_days * _SECONDS_A_DAY},
            },
        )
        match answer:
            case [b"changed", bytes() as state]:
                return Changed(state.decode())
            case [bytes() as why, *rest]:
                return Refused(why.decode(), rest[0].decode() if rest else "")
            case _:
                return Refused("unknown")

    async def pause(self) -> None:
        """Begin nothing new; what is under way ends, and everything else is held."""
        with translated():
            await self._redis.set(keys.PAUSED, self._clock().isoformat())

    async def resume(self) -> None:
        """Begin again."""
        with translated():
            await self._redis.delete(keys.PAUSED)
            await self._redis.lpush(keys.WAKE, "1")

    async def sweep(self) -> int:
        """Forget records of what is over and too old; returns how many."""
        age = timedelta(days=self._retention.records_days)
        before = (self._clock() - age).isoformat(timespec="milliseconds")
        with translated():
            sources = [name.decode() for name in await self._redis.smembers(keys.SOURCES)]
        forgotten = 0
        for source in sources:
            for state in ("delivered", "ignored"):
                forgotten += await self._forget(source, state, before)
        return forgotten

    async def _forget(self, source: str, state: str, before: str) -> int:
        terms = {"source": source, "state": state, "before": before, "limit": _SWEEP}
        forgotten = 0
        while True:
            count: int = await scripts.run(self._redis, "sweep", terms)
            forgotten += count
            if count < _SWEEP:
                return forgotten
