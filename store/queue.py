"""The queue in RQ's own keys: looking at its head, deciding, and settling what was called.

One worker decides at a time, in the order of acceptance, under a token that lapses; calls run
everywhere at once. `docs/decisions.md` says why.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from purchasing.alerts import AFTER_DOUBT, replayed
from purchasing.alerts import Decision as Alerts
from purchasing.commands import Command, UpdateNoPartLine
from purchasing.configuration import Cofactr, Retention
from purchasing.outcomes import Health
from store import keys, scripts
from store.client import Client
from store.connection import translated
from store.durability import Durable
from store.jobs import Clock, job_template, rq_time

_ENCODER = msgspec.msgpack.Encoder()

# A decision takes milliseconds; a decider that is silent for this long is dead, and only then do
# the others wait for it.
_TOKEN_MS = 5_000
_CLAIM_BYTES = 1024 * 1024
_TEND_LIMIT = 500
_SECONDS_A_DAY = 86_400
_ALERTS = {b"doubt": AFTER_DOUBT, b"on": replayed(send=True), b"off": replayed(send=False)}


class Status(StrEnum):
    """What the ledger knows of a command."""

    PLANNED = "planned"
    SENDING = "sending"
    RETRY = "retry"
    DONE = "done"
    DEAD = "dead"
    IN_DOUBT = "in_doubt"
    DISCARDED = "discarded"
    GONE = "gone"


class Entry(msgspec.Struct, frozen=True):
    """A command's entry in the ledger.

    `attempt` counts the calls so far; `alerts` is what overrules the decision on alerts that the
    command was made with: an earlier call may have had its effect, or somebody replays it.
    """

    status: Status
    attempt: int
    notification: str
    alerts: Alerts | None
    planned_at: datetime


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job at the head of the queue, and all that is stored of its notification."""

    id: str
    data: bytes
    state: str
    sequence: int
    decision: bytes
    todo: str
    raw: bytes
    entries: tuple[Entry, ...]

    @property
    def must_plan(self) -> bool:
        """Whether something of it is still to be decided."""
        return not self.decision or bool(self.todo)

    @property
    def replay_says(self) -> bool | None:
        """Whether whoever replays it wants alerts; None where nobody does."""
        return {"replay": False, "replay_with_alerts": True}.get(self.todo)


class Verb(StrEnum):
    """What a commit does with a command."""

    NEW = "new"
    RESUME = "resume"
    RESEND = "resend"
    REPLAY = "replay"
    PARK = "park"


class Numbered(msgspec.Struct, frozen=True):
    """A command and its place in the notification's decision."""

    index: int
    command: Command

    def as_item(self, verb: str = "") -> dict[str, object]:
        """How the scripts see it."""
        return {
            "index": self.index,
            "key": self.command.key,
            "lane": self.command.lane,
            "org": self.command.org_id or "",
            "sets": self._sets(),
            "verb": verb,
        }

    def _sets(self) -> str:
        """The NoPart line whose amount it sets; an event adds to what was said before it."""
        its = self.command
        return str(its.body.id) if isinstance(its, UpdateNoPartLine) else ""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One decision to be written: what it rests on, and all that follows from it."""

    id: str
    reads: Mapping[str, bytes] = {}
    writes: Mapping[str, bytes] = {}
    record: Mapping[str, bytes | str] = {}
    references: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    wakes: tuple[str, ...] = ()
    timeline: tuple[bytes, ...] = ()
    commands: tuple[tuple[Numbered, Verb], ...] = ()
    has_held: bool = False
    is_replanned: bool = False
    set_aside: str = ""


class Applied(msgspec.Struct, frozen=True):
    """A decision that was written; `started` maps each command that may be sent to its attempt."""

    state: str
    started: Mapping[int, int]


class Stale(msgspec.Struct, frozen=True):
    """A decision that rested on something that has changed; it has to be made again."""


class Taken(msgspec.Struct, frozen=True):
    """A decision some of whose commands another notification made; it has to be made again."""

    by: Mapping[str, str]


class Gone(msgspec.Struct, frozen=True):
    """A job that is not ours to decide: another worker has it, or somebody removed it."""


Committed = Applied | Stale | Taken | Gone


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one call; `mark` is new for each, so that writing it twice counts once.

    A worker that `is_ending` begins no more: what is left of the notification goes to another one.
    """

    id: str
    mark: str
    numbered: Numbered
    attempt: int
    status: Status
    entry: bytes = b""
    next_at: datetime | None = None
    is_doubtful: bool = False
    is_unspent: bool = False
    health: Health
    why: str = ""
    cofactr_id: str = ""
    timeline: tuple[bytes, ...] = ()
    commands: tuple[Numbered, ...] = ()
    has_held: bool = False
    is_ending: bool = False


class Queue:
    """The queue as one worker sees it; `worker` is its name, unique among all workers."""

    def __init__(
        self,
        redis: Client,
        clock: Clock,
        *,
        durable: Durable,
        worker: str,
        retention: Retention,
        lease: timedelta,
        limits: Cofactr,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._durable = durable
        self._worker = worker
        self._retention = retention
        self._lease_ms = int(lease.total_seconds() * 1000)
        self._limits = limits
        self._token = ""

    async def wait(self, seconds: float) -> None:
        """Return when there may be work, at the latest after some seconds."""
        with translated():
            await self._redis.blpop([keys.WAKE], timeout=seconds)

    async def claim(self, limit: int) -> list[Claimed] | timedelta | None:
        """Look at the head of the queue, as its only decider until the next commit.

        Where Cofactr may not be called now, how long that lasts; None where there is nothing to do.
        """
        self._token = secrets.token_hex(8)
        answer = await scripts.run(
            self._redis,
            "claim",
            {
                "token": self._token,
                "token_ms": _TOKEN_MS,
                "limit": limit,
                "bytes": _CLAIM_BYTES,
                "rate": self._limits.requests_per_second,
                "most": self._limits.max_in_flight,
            },
        )
        match answer:
            case [b"claimed", *jobs]:
                return [_claimed(fields) for fields in jobs]
            case [b"throttled", int() as milliseconds]:
                return timedelta(milliseconds=milliseconds)
            case _:
                return None

    async def commit(self, decisions: Iterable[Decided]) -> list[Committed]:
        """Write decisions, and the intent of every command that may begin; ends the claim."""
        items = [_decided(decision) for decision in decisions]
        answers = await self._durable.run(
            "commit", self._common() | {"token": self._token, "items": items}
        )
        return [_committed(answer) for answer in answers]

    async def settle(self, settlements: Iterable[Settlement]) -> list[Applied | Gone]:
        """Write what became of calls, and the intent of every command that may follow."""
        items = [_settlement(settlement) for settlement in settlements]
        answers = await self._durable.run("settle", self._common() | {"items": items})
        return [
            Applied(answer[1].decode(), _pairs(answer[2])) if answer[0] == b"settled" else Gone()
            for answer in answers
        ]

    async def tend(self) -> tuple[int, int]:
        """Put back what is due and what a dead worker held; returns how many of each."""
        due, reaped = await scripts.run(
            self._redis, "tend", {"limit": _TEND_LIMIT, "lease_ms": self._lease_ms}
        )
        return due, reaped

    async def renew(self, ids: Iterable[str]) -> list[str]:
        """Renew the leases of jobs that are still being worked on; returns those that were lost."""
        lost = await scripts.run(
            self._redis,
            "renew",
            {"worker": self._worker, "lease_ms": self._lease_ms, "ids": list(ids)},
        )
        return [job.decode() for job in lost]

    def _common(self) -> dict[str, object]:
        now = self._clock()
        records = timedelta(days=self._retention.records_days)
        return {
            "worker": self._worker,
            "lease_ms": self._lease_ms,
            "now": rq_time(now),
            "job": job_template(now),
            "terms": {
                "raw_seconds": self._retention.raw_days * _SECONDS_A_DAY,
                "ledger_seconds": self._retention.ledger_days * _SECONDS_A_DAY,
                "rate": self._limits.requests_per_second,
                "failed_until": int((now + records).timestamp()),
            },
        }


def _claimed(fields: Sequence[Any]) -> Claimed:
    notification, data, state, sequence, decision, todo, raw, entries = fields
    return Claimed(
        id=notification.decode(),
        data=data,
        state=state.decode(),
        sequence=int(sequence),
        decision=decision,
        todo=todo.decode(),
        raw=raw,
        entries=tuple(
            Entry(
                Status(status.decode()),
                int(attempt),
                by.decode(),
                _ALERTS.get(alerts),
                datetime.fromtimestamp(float(planned_at) / 1000, UTC),
            )
            for status, attempt, by, alerts, planned_at in entries
        ),
    )


def _decided(decision: Decided) -> dict[str, object]:
    return {
        "id": decision.id,
        "reads": [(name, scripts.blob(version)) for name, version in decision.reads.items()],
        "writes": [(name, scripts.blob(value)) for name, value in decision.writes.items()],
        "record": [
            part
            for field, value in decision.record.items()
            for part in (field, scripts.blob(value) if isinstance(value, bytes) else value)
        ],
        "references": decision.references,
        "waits": decision.waits,
        "wakes": decision.wakes,
        "timeline": [scripts.blob(line) for line in decision.timeline],
        "commands": [numbered.as_item(verb) for numbered, verb in decision.commands],
        "has_held": decision.has_held,
        "is_new": not decision.has_held and all(it is Verb.NEW for _, it in decision.commands),
        "replanned": decision.is_replanned,
        "set_aside": decision.set_aside or None,
    }


def _committed(answer: Sequence[Any]) -> Committed:
    match answer:
        case [b"applied", bytes() as state, list() as started]:
            return Applied(state.decode(), _pairs(started))
        case [b"stale"]:
            return Stale()
        case [b"taken", *pairs]:
            words = [word.decode() for word in pairs]
            return Taken(dict(zip(words[::2], words[1::2], strict=True)))
        case _:
            return Gone()


def _pairs(flat: list[int]) -> dict[int, int]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _settlement(settlement: Settlement) -> dict[str, object]:
    next_at = settlement.next_at
    return settlement.numbered.as_item() | {
        "id": settlement.id,
        "mark": settlement.mark,
        "attempt": settlement.attempt,
        "verb": settlement.status,
        "next_at": int(next_at.timestamp() * 1000) if next_at else 0,
        "doubtful": settlement.is_doubtful,
        "unspent": settlement.is_unspent,
        "health": settlement.health,
        "why": settlement.why,
        "cofactr_id": settlement.cofactr_id,
        "entry": scripts.blob(settlement.entry),
        "timeline": [scripts.blob(line) for line in settlement.timeline],
        "commands": [numbered.as_item() for numbered in settlement.commands],
        "has_held": settlement.has_held,
        "ending": settlement.is_ending,
    }
