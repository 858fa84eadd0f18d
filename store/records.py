"""What people look at: records of notifications, found by an index made when they were written."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from purchasing.answers import Answer
from purchasing.decisions import Decision, preview
from purchasing.notification import Notification
from purchasing.orders import comparable
from store import keys
from store.client import Client
from store.connection import translated

_DECISION = msgspec.msgpack.Decoder(Decision)
_NOTIFICATION = msgspec.msgpack.Decoder(Notification)

Stored = TypeVar("Stored")

_FIELDS = ("source", "state", "sequence", "received_at", "key", "summary", "reasons", "attention")


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted; every condition that is given must hold."""

    state: str | None = None
    source: str | None = None
    find: str | None = None
    tracking_number: str | None = None
    po_number: str | None = None
    invoice_number: str | None = None
    limit: int = 50
    cursor: int | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A record in a listing."""

    id: str
    source: str
    state: str
    received_at: str
    summary: str
    reasons: tuple[str, ...]
    attention: tuple[str, ...]
    delivery_key: str
    sequence: int


class Acknowledgement(msgspec.Struct, frozen=True):
    """Who posted a notification, and the document by which that one may be told what was read."""

    source: str
    answer: Answer | None


class _Condition(msgspec.Struct, frozen=True):
    """What a record must meet: to be in one of some indexes, or to be found by its name."""

    indexes: Sequence[str]
    named: Sequence[tuple[bytes, int]] = ()


class Records:
    """The records of one Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def page(self, query: Query) -> tuple[list[Summary], int | None]:
        """Records that meet a query, newest first, and where the next page begins."""
        found: list[Summary] = []
        cursor = query.cursor
        first, *others = await self._conditions(query)
        while len(found) <= query.limit:
            ids = await self._ids(first, cursor, query.limit + 1)
            wanted = [i for i, _ in ids]
            for condition in others:
                wanted = await self._meeting(condition, wanted)
            found += [it for it in await self._summaries(wanted) if _meets(it, query)]
            if len(ids) <= query.limit:
                break
            cursor = ids[-1][1]
        page = found[: query.limit]
        return page, page[-1].sequence if len(found) > query.limit else None

    async def summary(self, notification_id: str) -> Summary | None:
        """One record in short."""
        found = await self._summaries([notification_id])
        return found[0] if found else None

    async def whole(self, notification_id: str) -> dict[str, Any] | None:
        """One record with everything that is known of it."""
        summary = await self.summary(notification_id)
        if summary is None:
            return None
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.get(keys.raw(notification_id))
                pipe.hget(keys.record(notification_id), "decision")
                pipe.lrange(keys.timeline(notification_id), 0, -1)
                pipe.lrange(keys.attempts(notification_id), 0, -1)
                raw, decision, timeline, attempts = await pipe.execute()
        notification = _readable(_NOTIFICATION, raw)
        received = {"at": summary.received_at, "step": "received", "text": f"from {summary.source}"}
        return msgspec.structs.asdict(summary) | {
            "raw": notification.body.decode("utf-8", "replace") if notification else None,
            "headers": notification.headers if notification else None,
            "decisions": preview(
                _readable(_DECISION, decision) or Decision(),
                source=summary.source,
                authentic=notification.is_authentic if notification else None,
                delivery_key=summary.delivery_key,
            ),
            "attempts": [msgspec.json.decode(attempt) for attempt in attempts],
            "timeline": [received, *(msgspec.json.decode(line) for line in timeline)],
        }

    async def acknowledgement(self, notification_id: str) -> Acknowledgement | None:
        """The document by which a sender may be told what was read of one notification."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hget(keys.record(notification_id), "source")
                pipe.hget(keys.record(notification_id), "decision")
                source, decision = await pipe.execute()
        if source is None:
            return None
        known = _readable(_DECISION, decision)
        return Acknowledgement(source.decode(), known.acknowledgement if known else None)

    async def _ids(
        self, condition: _Condition, cursor: int | None, limit: int
    ) -> list[tuple[str, int]]:
        """What meets a condition, newest first, with its place in the order of acceptance."""
        below = f"({cursor}" if cursor is not None else "+inf"
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for name in condition.indexes:
                    pipe.zrevrangebyscore(name, below, "-inf", 0, limit, withscores=True)
                pages = await pipe.execute()
        pages.append([it for it in condition.named if cursor is None or it[1] < cursor])
        ids: dict[str, int] = {}
        for name, score in heapq.merge(*pages, key=lambda pair: -pair[1]):
            ids.setdefault(name.decode(), int(score))
            if len(ids) == limit:
                break
        return list(ids.items())

    async def _meeting(self, condition: _Condition, ids: Sequence[str]) -> list[str]:
        """Those of some notifications that meet a condition."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for notification_id in ids:
                    for name in condition.indexes:
                        pipe.zscore(name, notification_id)
                scores = await pipe.execute()
        width = len(condition.indexes)
        found = {name.decode() for name, _ in condition.named}
        for number, notification_id in enumerate(ids):
            if any(score is not None for score in scores[number * width : (number + 1) * width]):
                found.add(notification_id)
        return [notification_id for notification_id in ids if notification_id in found]

    async def _named(self, text: str) -> list[tuple[bytes, int]]:
        """The notification of this id."""
        found = await self._summaries([comparable(text)])
        return [(it.id.encode(), it.sequence) for it in found]

    async def _conditions(self, query: Query) -> list[_Condition]:
        """The conditions that indexes answer, at least one; the first one is the narrowest."""
        by_reference = {
            "tracking_number": query.tracking_number,
            "po_number": query.po_number,
            "invoice_number": query.invoice_number,
        }
        found = [
            _Condition([keys.reference(kind, text)])
            for kind, text in by_reference.items()
            if text is not None
        ]
        if query.find is not None:
            indexes = [keys.reference(kind, query.find) for kind in keys.REFERENCE_KINDS]
            found.append(_Condition(indexes, await self._named(query.find)))
        if found:
            return found
        sources = [query.source] if query.source else await self.sources()
        states = [query.state] if query.state else keys.STATES
        return [_Condition([keys.index(source, state) for source in sources for state in states])]

    async def sources(self) -> list[str]:
        """The sources that anything came from, or was refused from."""
        with translated():
            names = await self._redis.smembers(keys.SOURCES)
        return sorted(name.decode() for name in names)

    async def _summaries(self, ids: Sequence[str]) -> list[Summary]:
        if not ids:
            return []
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for notification_id in ids:
                    pipe.hmget(keys.record(notification_id), _FIELDS)
                rows = await pipe.execute()
        return [
            _summary(notification_id, row)
            for notification_id, row in zip(ids, rows, strict=True)
            if row[0] is not None
        ]


def _readable(decoder: msgspec.msgpack.Decoder[Stored], value: bytes | None) -> Stored | None:
    """What is stored; None where it is gone or broken, so that the rest is shown all the same."""
    try:
        return decoder.decode(value) if value else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _summary(notification_id: str, row: Sequence[bytes | None]) -> Summary:
    text: Mapping[str, str] = {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in zip(_FIELDS, row, strict=True)
    }
    return Summary(
        id=notification_id,
        source=text["source"],
        state=text["state"],
        received_at=text["received_at"],
        summary=text["summary"],
        reasons=tuple(filter(None, text["reasons"].split(","))),
        attention=tuple(filter(None, text["attention"].split(","))),
        delivery_key=text["key"],
        sequence=int(text["sequence"] or 0),
    )


def _meets(summary: Summary, query: Query) -> bool:
    return query.state in (None, summary.state) and query.source in (None, summary.source)
