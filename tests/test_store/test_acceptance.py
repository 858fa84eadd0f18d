"""Making notifications durable: once each, many at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from secrets import token_hex
from typing import Any

import msgspec
import pytest

from purchasing.errors import NotAcceptingError, StoreUnavailableError
from purchasing.handoff import decode_job
from purchasing.notification import Notification
from store import keys, scripts
from store.acceptance import Acceptance, Accepted, Evidence, Verdict
from store.client import Client
from store.jobs import job_template
from tests.running import Valkey
from tests.test_store.queueing import NOW, acceptance, clock, notification


@pytest.fixture
async def accepting(client: Client) -> AsyncIterator[Acceptance]:
    """A group commit that runs."""
    made = acceptance(client)
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    await asyncio.wait({task})


async def accept(
    accepting: Acceptance, taken: Notification, key: str = "", digest: str = ""
) -> Accepted:
    """Take in one notification."""
    return await accepting.accept(taken, key=key or taken.id, digest=digest, dedupe_days=14)


def item(taken: Notification, key: str, digest: str = "") -> dict[str, Any]:
    """A notification as the script sees it."""
    return {
        "id": taken.id,
        "source": taken.source,
        "delivery": keys.delivery(taken.source, key),
        "digest": digest,
        "seconds": 1000,
        "raw": scripts.blob(taken.body),
        "received_at": taken.received_at.isoformat(),
        "key": key,
        "reference": keys.reference("delivery_key", key),
    }


def batch(*items: dict[str, Any], refused: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """What the script is given."""
    return {"job": job_template(clock()), "items": list(items), "refused": list(refused)}


def kept(redis: Any) -> dict[bytes, bytes]:
    """All that is stored, but for what is only counted."""
    counted = (b"tallyman:accounts:", b"tallyman:minute:")
    return {key: redis.dump(key) for key in redis.keys("*") if not key.startswith(counted)}


async def test_a_new_one_is_kept_whole(accepting: Acceptance, redis: Any) -> None:
    """A new notification has its bytes, its record, its place in the index, and one job."""
    taken = notification(body=bytes(range(256)), headers={"x": "é"}, path="/a", query="b=1")

    answer = await accept(accepting, taken, key="the key")

    assert answer == Accepted(Verdict.NEW, taken.id)
    stored = redis.get(keys.raw(taken.id))
    assert msgspec.msgpack.decode(stored, type=Notification) == taken
    record = redis.hgetall(keys.record(taken.id))
    assert record[b"state"] == b"queued"
    assert record[b"key"] == b"the key"
    assert redis.zrange(keys.index("erp", "queued"), 0, -1) == [taken.id.encode()]
    assert redis.lrange("rq:queue:tallyman", 0, -1) == [taken.id.encode()]
    assert decode_job(redis.hget(f"rq:job:{taken.id}", "data"))[1] == [taken.id]
    assert redis.hgetall(keys.accounts("erp")) == {b"received": b"1", b"accepted": b"1"}


async def test_a_repetition_is_a_duplicate_of_the_first(accepting: Acceptance, redis: Any) -> None:
    """The second one of a delivery key is answered with the first one's id, and not kept."""
    first, second = notification(), notification()

    await accept(accepting, first, key="same")
    answer = await accept(accepting, second, key="same")

    assert answer == Accepted(Verdict.DUPLICATE, first.id)
    assert not redis.exists(keys.raw(second.id), keys.record(second.id), f"rq:job:{second.id}")
    assert redis.llen("rq:queue:tallyman") == 1
    assert redis.hgetall(keys.accounts("erp")) == {
        b"received": b"2",
        b"accepted": b"1",
        b"duplicate": b"1",
    }


async def test_another_body_of_the_same_key_is_a_conflict(
    accepting: Acceptance, redis: Any
) -> None:
    """Where bodies are told apart, another one of the same key is refused and counted nowhere."""
    first = notification()
    await accept(accepting, first, key="same", digest="one")
    before = redis.hgetall(keys.accounts("erp"))

    answer = await accept(accepting, notification(), key="same", digest="two")
    again = await accept(accepting, notification(), key="same", digest="one")

    assert answer == Accepted(Verdict.CONFLICT, first.id)
    assert again == Accepted(Verdict.DUPLICATE, first.id)
    assert before == {b"received": b"1", b"accepted": b"1"}
    assert redis.llen("rq:queue:tallyman") == 1


async def test_a_key_belongs_to_its_source(accepting: Acceptance) -> None:
    """The same key of another source, or one that only looks the same joined up, is another one."""
    answers = [
        await accept(accepting, notification(source=source), key=key)
        for source, key in (("a", "bc"), ("ab", "c"), ("abc", "x"), ("a", "BC"))
    ]

    assert {answer.verdict for answer in answers} == {Verdict.NEW}


async def test_a_key_is_remembered_as_long_as_it_is_set(accepting: Acceptance, redis: Any) -> None:
    """A delivery key is forgotten after the days that its source has, and no sooner."""
    taken = notification()
    await accepting.accept(taken, key="k", digest="", dedupe_days=3)

    seconds = redis.ttl(f"tallyman:delivery:{keys.delivery('erp', 'k')}")

    assert timedelta(days=3) - timedelta(seconds=5) < timedelta(seconds=seconds)
    assert seconds <= timedelta(days=3).total_seconds()


async def test_the_script_may_be_sent_again(client: Client, redis: Any) -> None:
    """A batch that is sent again after a lost reply is answered alike, and keeps nothing more."""
    one, two = notification(1), notification(2)
    given = batch(item(one, "a"), item(two, "a"), item(notification(3), "b", "digest"))

    first = await scripts.run(client, "accept", given)
    everything = kept(redis)
    second = await scripts.run(client, "accept", given)

    assert first == [[b"new", one.id.encode()], [b"duplicate", one.id.encode()], first[2]]
    assert second == first
    assert kept(redis) == everything
    assert redis.hget(keys.accounts("erp"), "accepted") == b"2"


async def test_a_batch_keeps_its_order(accepting: Acceptance, redis: Any) -> None:
    """Notifications that come at the same time are queued in the order in which they came."""
    many = [notification(number) for number in range(700)]

    answers = await asyncio.gather(*(accept(accepting, each) for each in many))

    assert [answer.id for answer in answers] == [each.id for each in many]
    assert redis.lrange("rq:queue:tallyman", 0, -1) == [each.id.encode() for each in many]
    indexed = redis.zrange(keys.index("erp", "queued"), 0, -1, withscores=True)
    assert indexed == [(each.id.encode(), number + 1) for number, each in enumerate(many)]


async def test_of_many_repetitions_at_once_one_is_new(accepting: Acceptance, redis: Any) -> None:
    """However many of a key come at the same time, one of them is new."""
    answers = await asyncio.gather(
        *(accept(accepting, notification(), key="same") for _ in range(300))
    )

    assert [answer.verdict for answer in answers].count(Verdict.NEW) == 1
    assert len({answer.id for answer in answers}) == 1
    assert redis.llen("rq:queue:tallyman") == 1


async def test_whoever_hangs_up_is_taken_in_all_the_same(client: Client, redis: Any) -> None:
    """A notification whose sender is gone before the answer is kept like any other."""
    accepting, taken = acceptance(client), notification()
    asking = asyncio.create_task(accept(accepting, taken))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking})
    running = asyncio.create_task(accepting.run())
    other = notification()

    await accept(accepting, other)
    running.cancel()
    await asyncio.wait({running})

    queued = redis.lrange("rq:queue:tallyman", 0, -1)
    assert queued == [taken.id.encode(), other.id.encode()]


async def test_what_waits_is_written_before_the_end(client: Client, redis: Any) -> None:
    """A service that ends writes what it was given before."""
    accepting = acceptance(client)
    running = asyncio.create_task(accepting.run())
    await asyncio.sleep(0)
    asking = [asyncio.create_task(accept(accepting, notification())) for _ in range(10)]
    await asyncio.sleep(0)
    running.cancel()

    answers = await asyncio.gather(*asking)
    await asyncio.wait({running})

    assert {answer.verdict for answer in answers} == {Verdict.NEW}
    assert redis.llen("rq:queue:tallyman") == 10


async def test_too_much_at_once_is_not_taken(client: Client) -> None:
    """What would make everybody wait too long is refused at once."""
    accepting = acceptance(client)
    large = b" " * (16 * 1024 * 1024)
    waiting = [asyncio.create_task(accept(accepting, notification(body=large))) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(NotAcceptingError):
        await accept(accepting, notification(body=large))

    assert accepting.backlog == 3
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_what_is_not_confirmed_is_not_promised(server: Valkey, client: Client) -> None:
    """Where Redis does not answer within a second, nothing is promised."""
    accepting = acceptance(client)
    running = asyncio.create_task(accepting.run())
    await accept(accepting, notification())

    with server.frozen(), pytest.raises(StoreUnavailableError):
        await accept(accepting, notification())

    running.cancel()
    await asyncio.wait({running})


async def test_refused_ones_are_counted_with_evidence(accepting: Acceptance, redis: Any) -> None:
    """Refused notifications are counted, and the newest hundred are kept with their reason."""
    for number in range(250):
        evidence = Evidence(at=NOW, reason=f"reason {number}", size=number, digest=token_hex(4))
        accepting.refuse("ups", evidence)
    await accept(accepting, notification())

    kept = [msgspec.json.decode(each) for each in redis.lrange("tallyman:refused:ups", 0, -1)]

    assert [each["reason"] for each in kept] == [f"reason {n}" for n in range(249, 149, -1)]
    assert redis.hgetall(keys.accounts("ups")) == {b"received": b"250", b"refused": b"250"}
