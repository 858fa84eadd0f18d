"""Notifications, decisions and outcomes for tests of the store, in few words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

import msgspec

from purchasing.commands import CreatePurchaseEvent, EventType, PurchaseEventBody
from purchasing.configuration import Cofactr, Durability, Retention
from purchasing.notification import Notification
from purchasing.outcomes import Health
from store.acceptance import Acceptance
from store.client import Client
from store.durability import Durable
from store.queue import Claimed, Decided, Numbered, Queue, Settlement, Status, Verb

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LEASE = timedelta(seconds=20)
LIMITS = Cofactr(requests_per_second=5000.0)


def clock() -> datetime:
    """The time, as far as it matters: scripts have the server's own."""
    return datetime.now(UTC)


def durable(client: Client) -> Durable:
    """A way to write what must be on disk."""
    return Durable(client, Durability())


def acceptance(client: Client) -> Acceptance:
    """A group commit that is not running yet."""
    return Acceptance(durable(client), clock)


def queue(client: Client, worker: str, **options: Any) -> Queue:
    """The queue as one worker sees it."""
    settings: dict[str, Any] = {"retention": Retention(), "lease": LEASE, "limits": LIMITS}
    return Queue(client, clock, durable=durable(client), worker=worker, **settings | options)


def notification(number: int = 0, **more: Any) -> Notification:
    """A notification of an internal service."""
    fields: dict[str, Any] = {
        "id": token_hex(12),
        "source": "erp",
        "format": "internal",
        "received_at": NOW,
        "body": b"%d" % number,
    }
    return Notification(**fields | more)


def numbered(count: int = 1, *, lane: str = "", key: str = "") -> list[Numbered]:
    """Commands of one notification."""
    return [
        Numbered(
            index,
            CreatePurchaseEvent(
                org_id=None,
                lane=lane or str(uuid4()),
                key=f"{key}-{index}" if key else f"direct-{token_hex(8)}",
                body=PurchaseEventBody(
                    event_type=EventType.TRACK,
                    purchase_lines=(UUID(int=index + 1),),
                    send_alerts=True,
                ),
            ),
        )
        for index in range(count)
    ]


def decided(
    job: Claimed | str, commands: Sequence[Numbered] = (), verb: Verb = Verb.NEW, **more: Any
) -> Decided:
    """A decision to send some commands."""
    kept = [{"key": it.command.key, "index": it.index, "lane": it.command.lane} for it in commands]
    record = {
        "decision": b"decided",
        "commands": _packed(kept),
        "has_held": "1" if more.get("has_held") else "0",
    }
    return Decided(
        id=job if isinstance(job, str) else job.id,
        commands=tuple((it, verb) for it in commands),
        record=record,
        is_replanned=True,
        **more,
    )


def settlement(job: str, all_of_it: Sequence[Numbered], index: int = 0, **more: Any) -> Settlement:
    """An outcome of one command: by default, it took effect at the first attempt."""
    fields: dict[str, Any] = {
        "mark": token_hex(8),
        "attempt": 1,
        "status": Status.DONE,
        "entry": b'{"call": 1}',
        "health": Health.OK,
    }
    return Settlement(id=job, numbered=all_of_it[index], commands=tuple(all_of_it), **fields | more)


def _packed(value: object) -> bytes:
    return msgspec.msgpack.encode(value)
