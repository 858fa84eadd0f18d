"""The queue's promises: one decider, fenced leases, one lane one order, and nothing lost."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from purchasing.alerts import AFTER_DOUBT
from purchasing.configuration import Cofactr
from store import keys, scripts
from store.acceptance import Verdict
from store.client import Client
from store.queue import (
    Applied,
    Claimed,
    Committed,
    Gone,
    Numbered,
    Queue,
    Stale,
    Status,
    Taken,
    Verb,
)
from tests.running import eventually
from tests.test_store.queueing import (
    acceptance,
    decided,
    notification,
    numbered,
    queue,
    settlement,
)

LIST = "rq:queue:tallyman"
STARTED = "rq:wip:tallyman"
SCHEDULED = "rq:scheduled:tallyman"
DEFERRED = "rq:deferred:tallyman"
FAILED = "rq:failed:tallyman"


async def filled(client: Client, count: int = 1) -> list[str]:
    """Put some notifications into the queue."""
    accepting = acceptance(client)
    running = asyncio.create_task(accepting.run())
    ids = []
    for number in range(count):
        taken = notification(number)
        answer = await accepting.accept(taken, key=taken.id, digest="", dedupe_days=1)
        assert answer.verdict is Verdict.NEW
        ids.append(taken.id)
    running.cancel()
    await asyncio.wait({running})
    return ids


async def claimed(of: Queue, limit: int = 100) -> list[Claimed]:
    """Claim, where there is something."""
    found = await of.claim(limit)
    assert isinstance(found, list), found
    return found


def _again(commands: list[Numbered], index: int) -> list[Numbered]:
    """The same commands, from another place on."""
    return [Numbered(index + it.index, it.command) for it in commands]


async def _decided_alike(of: Queue, *plans: list[Numbered]) -> list[Committed]:
    """Decide as many as there are plans."""
    jobs = await claimed(of, limit=len(plans))
    return await of.commit([decided(*each) for each in zip(jobs, plans, strict=True)])


async def begun(of: Queue, count: int = 1, **how: Any) -> tuple[str, list[Numbered]]:
    """Let a worker decide what is at the head of the queue, and begin it."""
    (job, *_) = await claimed(of)
    commands = numbered(count, **how)
    (answer,) = await of.commit([decided(job, commands)])
    assert isinstance(answer, Applied)
    return job.id, commands


async def tended(of: Queue) -> tuple[int, int]:
    """Tend until something comes of it."""
    end = time.monotonic() + 5
    while (found := await of.tend()) == (0, 0):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
    return found


def state(redis: Any, notification_id: str) -> str:
    """The state of a notification, by its record and by the index."""
    found = redis.hget(keys.record(notification_id), "state").decode()
    indexes = [it for it in keys.STATES if redis.zscore(keys.index("erp", it), notification_id)]
    assert indexes == [found]
    return str(found)


def ledger(redis: Any, command: Numbered) -> dict[str, str]:
    """What the ledger has of a command."""
    entry = redis.hgetall(keys.ledger(command.command.key))
    return {name.decode(): value.decode() for name, value in entry.items()}


def contents(redis: Any) -> dict[bytes, object]:
    """All that is stored, but for what is counted by the minute."""
    readers = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    names = [key for key in redis.keys("*") if not key.startswith(b"tallyman:minute:")]
    return {key: readers[redis.type(key)](key) for key in names}


async def test_a_claim_takes_nothing_away(client: Client, redis: Any) -> None:
    """A worker that dies while it decides leaves the queue as it was."""
    ids = await filled(client, 5)

    found = await claimed(queue(client, "one"), limit=3)

    assert [job.id for job in found] == ids[:3]
    assert [job.sequence for job in found] == [1, 2, 3]
    assert all(job.must_plan and job.raw and job.state == "queued" for job in found)
    assert redis.lrange(LIST, 0, -1) == [each.encode() for each in ids]


async def test_one_worker_decides_at_a_time(client: Client) -> None:
    """While one worker decides another gets nothing, and it gets its turn afterwards."""
    await filled(client)
    one, two = queue(client, "one"), queue(client, "two")

    await claimed(one)
    assert await two.claim(10) is None
    await one.commit([])

    assert len(await claimed(two)) == 1


async def test_a_silent_decider_is_followed_by_another(client: Client, redis: Any) -> None:
    """A decider whose token lapsed cannot write any more, and another one decides anew."""
    await filled(client)
    one, two = queue(client, "one"), queue(client, "two")
    (job,) = await claimed(one)
    assert 0 < redis.pttl("tallyman:decider") <= 10_000
    redis.delete("tallyman:decider")
    (again,) = await claimed(two)
    commands = numbered()

    assert await one.commit([decided(job, numbered())]) == [Gone()]
    (answer,) = await two.commit([decided(again, commands)])

    assert answer == Applied("queued", {0: 1})
    assert len(redis.keys("tallyman:ledger:*")) == 1


async def test_an_empty_queue_keeps_nobody_waiting(client: Client, redis: Any) -> None:
    """Where there is nothing to claim, the next worker may look at once."""
    assert await queue(client, "one").claim(10) is None
    assert not redis.exists("tallyman:decider")


@pytest.mark.parametrize("switch", ["tallyman:paused", "rq:suspended"])
async def test_a_pause_holds_everything(client: Client, redis: Any, switch: str) -> None:
    """While the queue is paused, by us or by RQ's own means, nothing is claimed or dropped."""
    ids = await filled(client, 2)
    redis.set(switch, "1")

    assert await queue(client, "one").claim(10) is None
    redis.delete(switch)

    assert [job.id for job in await claimed(queue(client, "one"))] == ids


async def test_requests_are_rationed(client: Client) -> None:
    """All workers together begin no more in a second than they may, and are told how to wait."""
    await filled(client, 100)
    limits = Cofactr(requests_per_second=50.0)
    workers = [queue(client, name, limits=limits) for name in ("one", "two")]
    began_at, begun_so_far, waits = time.monotonic(), 0, []

    while time.monotonic() - began_at < 0.5:
        for worker in workers:
            found = await worker.claim(100)
            if isinstance(found, list):
                await worker.commit([decided(job, numbered()) for job in found])
                begun_so_far += len(found)
            elif found is not None:
                waits.append(found)
                await asyncio.sleep(found.total_seconds())

    took = time.monotonic() - began_at
    assert 50 * took * 0.5 <= begun_so_far <= 50 * (took + 1) + 1
    assert waits
    assert all(timedelta() < wait <= timedelta(seconds=0.1) for wait in waits)


async def test_every_request_is_paid_for(client: Client, redis: Any) -> None:
    """What a round begins is taken from the allowance, and so is what an outcome lets go on."""
    await filled(client, 2)
    one = queue(client, "one", limits=Cofactr(requests_per_second=1000.0))
    first, second = await claimed(one)
    full = 100

    commands = numbered(3, lane="same")
    await one.commit([decided(first, commands), decided(second, numbered(4))])
    assert float(redis.hget("tallyman:rate", "tokens")) == full - 5
    await asyncio.sleep(0.05)
    (answer,) = await one.settle([settlement(first.id, commands)])

    assert answer == Applied("queued", {1: 1})
    assert float(redis.hget("tallyman:rate", "tokens")) == full - 1


async def test_a_timeline_may_be_long(client: Client, redis: Any) -> None:
    """All of a decision's timeline is written, in its order, however much Lua takes at once."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    (job,) = await claimed(one)
    lines = tuple(b"%d" % number for number in range(10_000))

    await one.commit([decided(job, timeline=lines)])

    assert redis.lrange(keys.timeline(notification_id), 0, -1) == list(lines)


async def test_no_more_is_under_way_than_may_be(client: Client) -> None:
    """All workers together have at most so many notifications in flight."""
    await filled(client, 10)
    limits = Cofactr(requests_per_second=1000.0, max_in_flight=4)
    one, two = (queue(client, name, limits=limits) for name in ("one", "two"))

    first = await claimed(one)
    await one.commit([decided(job, numbered()) for job in first])

    assert len(first) == 4
    assert isinstance(await two.claim(100), timedelta)


async def test_a_decision_begins_its_calls(client: Client, redis: Any) -> None:
    """With the decision the intent of each call is written, and the lease that goes with it."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    (job,) = await claimed(one)
    commands = numbered(2)

    (answer,) = await one.commit(
        [decided(job, commands, timeline=(b"{}",), references=("tallyman:reference:x:y",))]
    )

    assert answer == Applied("queued", {0: 1, 1: 1})
    for command in commands:
        entry = ledger(redis, command)
        assert (entry["status"], entry["attempt"]) == ("sending", "1")
        assert entry["notification"] == notification_id
    lease = redis.zscore(STARTED, f"{notification_id}:one")
    assert lease > datetime.now(UTC).timestamp()
    assert redis.hget(f"rq:job:{notification_id}", "status") == b"started"
    assert redis.llen(LIST) == 0
    assert redis.hget(keys.record(notification_id), "decision") == b"decided"
    assert redis.lrange(keys.timeline(notification_id), 0, -1) == [b"{}"]
    assert redis.zscore("tallyman:reference:x:y", notification_id) == 1


async def test_a_commit_may_be_sent_again(client: Client, redis: Any) -> None:
    """A commit whose reply was lost is answered alike, and begins nothing twice."""
    await filled(client, 2)
    one = queue(client, "one")
    first, second = await claimed(one)
    decisions = [decided(first, numbered(2)), decided(second)]

    answers = await one.commit(decisions)
    everything = contents(redis)
    again = await one.commit(decisions)

    assert answers == [Applied("queued", {0: 1, 1: 1}), Applied("ignored", {})]
    assert again[0] == answers[0]
    # The second one is over: there is nothing to do for anybody.
    assert again[1] in (answers[1], Gone())
    assert everything == contents(redis)


async def test_an_id_that_is_listed_twice_is_begun_once(client: Client, redis: Any) -> None:
    """A later round of the same worker begins nothing that an earlier one has begun."""
    (name,) = await filled(client, 1)
    redis.rpush("rq:queue:tallyman", name)
    one = queue(client, "one")
    first, _ = await claimed(one)
    assert await one.commit([decided(first, numbered())]) == [Applied("queued", {0: 1})]

    (again,) = await claimed(one)

    assert await one.commit([decided(again, numbered())]) == [Gone()]
    assert redis.llen("rq:queue:tallyman") == 0


async def test_a_decision_without_commands_is_over(client: Client, redis: Any) -> None:
    """What causes nothing is ignored, and what is held stays to be looked at; neither has a job."""
    nothing, waiting = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one)

    answers = await one.commit(
        [decided(jobs[0]), decided(jobs[1], has_held=True, waits=("tallyman:waiting:po:1",))]
    )

    assert answers == [Applied("ignored", {}), Applied("held", {})]
    assert (state(redis, nothing), state(redis, waiting)) == ("ignored", "held")
    assert not redis.exists(f"rq:job:{nothing}", f"rq:job:{waiting}")
    # The body of what is over is kept for a while; that of what waits, until then.
    assert redis.ttl(keys.raw(nothing)) > 0
    assert redis.ttl(keys.raw(waiting)) == -1
    assert redis.zscore("tallyman:waiting:po:1", waiting) == 2


async def test_a_stale_decision_is_not_written(client: Client, redis: Any) -> None:
    """A decision that rests on something that changed is made again, and leaves no trace."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    (job,) = await claimed(one)
    redis.set("tallyman:order:x", b"version2rest")
    before = contents(redis)

    (answer,) = await one.commit(
        [
            decided(
                job,
                numbered(),
                reads={"tallyman:order:x": b"version1"},
                writes={"tallyman:shipment:y": b"version1shipment"},
            )
        ]
    )

    assert answer == Stale()
    assert redis.lrange(LIST, 0, -1) == [notification_id.encode()]
    after = contents(redis)
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed <= {b"tallyman:decider", b"tallyman:wake"}


@pytest.mark.parametrize("stored", [None, b"version1rest"])
async def test_a_decision_that_rests_on_what_is_still_so_is_written(
    client: Client, redis: Any, stored: bytes | None
) -> None:
    """A decision may rest on a value as it was read, or on there being none."""
    await filled(client)
    if stored:
        redis.set("tallyman:order:x", stored)
    one = queue(client, "one")
    (job,) = await claimed(one)

    (answer,) = await one.commit(
        [
            decided(
                job,
                reads={"tallyman:order:x": stored[:8] if stored else b""},
                writes={"tallyman:shipment:y": b"version1\x00\xff"},
            )
        ]
    )

    assert isinstance(answer, Applied)
    assert redis.get("tallyman:shipment:y") == b"version1\x00\xff"


async def test_what_another_one_said_is_taken(client: Client, redis: Any) -> None:
    """A command that another notification made is not made again, and the other one is named."""
    first, second = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one)

    answers = await one.commit([decided(job, numbered(key="same")) for job in jobs])

    assert answers[0] == Applied("queued", {0: 1})
    assert answers[1] == Taken({"same-0": first})
    assert redis.lrange(LIST, 0, -1) == [second.encode()]


async def test_nothing_overtakes_what_is_decided_again(client: Client, redis: Any) -> None:
    """Behind a decision that has to be made again, all of its lane waits, and others do not."""
    ids = await filled(client, 5)
    one = queue(client, "one")
    jobs = await claimed(one)
    first, again, behind, further, other = jobs
    same = numbered(key="same")
    # What is not taken of the second one goes to a lane of its own, and the third one to both.
    repeated = [*same, *_again(numbered(lane="its own"), 1)]
    both = [*numbered(lane="its own"), *_again(numbered(lane="both"), 1)]

    answers = await one.commit(
        [
            decided(first, same),
            decided(again, repeated),
            decided(behind, both),
            decided(further, numbered(lane="both")),
            decided(other, numbered()),
        ]
    )

    assert answers == [
        Applied("queued", {0: 1}),
        Taken({"same-0": ids[0]}),
        Stale(),
        Stale(),
        Applied("queued", {0: 1}),
    ]
    assert redis.lrange(LIST, 0, -1) == [each.encode() for each in ids[1:4]]
    answers = await _decided_alike(one, numbered(lane="its own"), both, numbered(lane="both"))
    assert answers == [Applied("queued", {0: 1}), Applied("queued", {1: 1}), Applied("queued", {})]


async def test_nothing_overtakes_a_decision_that_is_stale(client: Client, redis: Any) -> None:
    """What rested on something that changed is decided before what follows it in its lane."""
    ids = await filled(client, 2)
    one = queue(client, "one")
    first, second = await claimed(one)
    redis.set("tallyman:order:x", b"version2")

    answers = await one.commit(
        [
            decided(first, numbered(lane="a"), reads={"tallyman:order:x": b"version1"}),
            decided(second, numbered(lane="a")),
        ]
    )

    assert answers == [Stale(), Stale()]
    assert redis.lrange(LIST, 0, -1) == [each.encode() for each in ids]


@pytest.mark.parametrize(
    ("status", "is_free"),
    [
        (Status.DONE, False),
        (Status.IN_DOUBT, False),
        (Status.RETRY, False),
        (Status.DEAD, True),
    ],
)
async def test_what_was_given_up_may_be_said_by_another(
    client: Client, status: Status, *, is_free: bool
) -> None:
    """A statement that Cofactr refused may be made again by whoever says it next, and no other."""
    first, _ = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one, limit=1)
    commands = numbered(key="same")
    await one.commit([decided(jobs[0], commands)])
    later = datetime.now(UTC) + timedelta(hours=1)
    await one.settle([settlement(first, commands, status=status, next_at=later)])

    (job,) = await claimed(one)
    (answer,) = await one.commit([decided(job, numbered(key="same"))])

    assert answer == (Applied("queued", {0: 1}) if is_free else Taken({"same-0": first}))


async def test_what_somebody_took_away_is_gone(client: Client, redis: Any) -> None:
    """A job that was removed while it was decided is not decided."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    (job,) = await claimed(one)
    redis.lrem(LIST, 0, notification_id)

    assert await one.commit([decided(job, numbered())]) == [Gone()]
    assert not redis.keys("tallyman:ledger:*")


async def test_a_success_ends_a_notification(client: Client, redis: Any) -> None:
    """What took effect is delivered: with its id at Cofactr, and without a job or a lease."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    _, commands = await begun(one)

    answers = await one.settle(
        [settlement(notification_id, commands, cofactr_id="made", timeline=(b"{}",))]
    )

    assert answers == [Applied("delivered", {})]
    assert state(redis, notification_id) == "delivered"
    entry = ledger(redis, commands[0])
    assert (entry["status"], entry["cofactr_id"]) == ("done", "made")
    assert redis.ttl(keys.ledger(commands[0].command.key)) > 0
    assert not redis.exists(f"rq:job:{notification_id}")
    assert redis.zcard(STARTED) == 0
    assert not redis.keys("tallyman:lane:*")
    assert redis.ttl(keys.raw(notification_id)) > 0
    assert redis.lrange(keys.attempts(notification_id), 0, -1) == [b'{"call": 1}']


async def test_an_outcome_may_be_written_again(client: Client, redis: Any) -> None:
    """An outcome whose reply was lost is answered alike, and counts once."""
    first, _ = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one)
    commands = numbered(2, lane="lane")
    await one.commit([decided(jobs[0], commands), decided(jobs[1], numbered(lane="lane"))])
    outcome = settlement(first, commands)

    answers = await one.settle([outcome])
    everything = contents(redis)
    again = await one.settle([outcome])

    # The second command of the lane begins when the first is over.
    assert answers == again == [Applied("queued", {1: 1})]
    assert everything == contents(redis)


async def test_an_outcome_of_another_attempt_is_fenced(client: Client, redis: Any) -> None:
    """An outcome of a call that somebody else has made again since changes nothing."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    _, commands = await begun(one)

    answers = await one.settle([settlement(notification_id, commands, attempt=2)])

    assert answers == [Gone()]
    assert ledger(redis, commands[0])["status"] == "sending"
    assert state(redis, notification_id) == "queued"
    # What was done is told all the same.
    assert redis.llen(keys.attempts(notification_id)) == 1


async def test_of_two_outcomes_of_one_call_the_first_counts(client: Client, redis: Any) -> None:
    """Once a call is settled a second word on it changes nothing."""
    (notification_id,) = await filled(client)
    one = queue(client, "one")
    _, commands = await begun(one)
    await one.settle([settlement(notification_id, commands)])

    assert await one.settle([settlement(notification_id, commands, status=Status.DEAD)]) == [Gone()]
    assert state(redis, notification_id) == "delivered"


@pytest.mark.parametrize(
    ("status", "expected", "job_status"),
    [(Status.DEAD, "dead", b"failed"), (Status.IN_DOUBT, "in_doubt", None)],
)
async def test_what_ends_badly_waits_for_somebody(
    client: Client, redis: Any, status: Status, expected: str, job_status: bytes | None
) -> None:
    """What is dead or in doubt keeps its body, and holds up nothing."""
    first, second = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one)
    commands = [numbered(lane="lane"), numbered(lane="lane")]
    await one.commit([decided(job, its) for job, its in zip(jobs, commands, strict=True)])
    assert redis.zrange(DEFERRED, 0, -1) == [second.encode()]

    await one.settle([settlement(first, commands[0], status=status)])

    assert state(redis, first) == expected
    assert redis.ttl(keys.raw(first)) == -1
    assert redis.hget(f"rq:job:{first}", "status") == job_status
    assert redis.zrange(FAILED, 0, -1) == ([first.encode()] if expected == "dead" else [])
    # The one behind it has its turn.
    assert redis.lrange(LIST, 0, -1) == [second.encode()]
    (job,) = await claimed(one)
    assert await one.commit([decided(job, commands[1], Verb.RESUME)]) == [Applied("queued", {0: 1})]


async def test_a_lane_keeps_its_order(client: Client, redis: Any) -> None:
    """Commands of a lane begin one at a time, as they were accepted; other lanes do not wait."""
    ids = await filled(client, 6)
    one = queue(client, "one")
    jobs = await claimed(one)
    commands = [numbered(lane="a" if place % 2 == 0 else "b") for place in range(6)]

    answers = await one.commit([decided(job, its) for job, its in zip(jobs, commands, strict=True)])

    started = [bool(isinstance(it, Applied) and it.started) for it in answers]
    assert started == [True, True, False, False, False, False]
    for place in (0, 2, 4):
        if place:
            (job,) = await claimed(one)
            assert job.id == ids[place]
            await one.commit([decided(job, commands[place], Verb.RESUME)])
        await one.settle([settlement(ids[place], commands[place])])
        assert state(redis, ids[place]) == "delivered"
    assert [state(redis, each) for each in ids[1::2]] == ["queued"] * 3


async def test_a_retry_that_is_due_at_once_is_claimed_first(client: Client) -> None:
    """What may have had its effect is begun again with a claim, which says that it is quiet."""
    own = queue(client, "own")
    (first,) = await filled(client)
    _, commands = await begun(own)
    due = datetime.now(UTC) - timedelta(seconds=1)

    (answer,) = await own.settle(
        [settlement(first, commands, status=Status.RETRY, next_at=due, is_doubtful=True)]
    )
    await own.tend()
    (job,) = await claimed(own)

    assert answer == Applied("queued", {})
    assert job.entries[0].alerts == AFTER_DOUBT


async def test_a_retry_waits_and_comes_back(client: Client, redis: Any) -> None:
    """What is to be tried later is scheduled, holds its lane, and comes back when it is due."""
    first, second = await filled(client, 2)
    one = queue(client, "one")
    jobs = await claimed(one)
    commands = [numbered(lane="lane"), numbered(lane="lane")]
    await one.commit([decided(job, its) for job, its in zip(jobs, commands, strict=True)])
    next_at = datetime.now(UTC) + timedelta(seconds=0.3)

    answers = await one.settle(
        [settlement(first, commands[0], status=Status.RETRY, next_at=next_at, is_doubtful=True)]
    )

    assert answers == [Applied("queued", {})]
    assert redis.zscore(SCHEDULED, first) == pytest.approx(next_at.timestamp(), abs=0.002)
    assert redis.hget(f"rq:job:{first}", "status") == b"scheduled"
    assert await one.tend() == (0, 0)
    assert await one.claim(10) is None
    await tended(one)
    assert datetime.now(UTC) >= next_at - timedelta(seconds=0.01)
    (job,) = await claimed(one)
    assert job.id == first
    assert job.entries[0].alerts == AFTER_DOUBT
    assert await one.commit([decided(job, commands[0], Verb.RESUME)]) == [Applied("queued", {0: 2})]
    assert redis.zrange(DEFERRED, 0, -1) == [second.encode()]


async def test_what_a_lost_worker_held_comes_back(client: Client, redis: Any) -> None:
    """A lease that lapsed gives the job back, with word of the call that was under way."""
    (notification_id,) = await filled(client)
    one = queue(client, "one", lease=timedelta(milliseconds=1))
    two = queue(client, "two")
    _, commands = await begun(one)
    assert await two.claim(10) is None

    await tended(two)
    (job,) = await claimed(two)

    assert job.id == notification_id
    assert (job.entries[0].status, job.entries[0].attempt) == (Status.SENDING, 1)
    assert job.entries[0].notification == notification_id
    assert await one.renew([notification_id]) == [notification_id]
    assert await two.commit([decided(job, commands, Verb.RESEND)]) == [Applied("queued", {0: 2})]
    # The lost one finds its way back, and is not heard.
    assert await one.settle([settlement(notification_id, commands)]) == [Gone()]
    assert await two.settle([settlement(notification_id, commands, attempt=2)]) == [
        Applied("delivered", {})
    ]
    assert ledger(redis, commands[0])["alerts"] == "doubt"


async def test_a_doubt_is_parked(client: Client, redis: Any) -> None:
    """A call that a lost worker had under way may be parked instead of being made again."""
    (notification_id,) = await filled(client)
    one = queue(client, "one", lease=timedelta(milliseconds=1))
    _, commands = await begun(one)
    await tended(one)
    (job,) = await claimed(one)

    answers = await one.commit([decided(job, commands, Verb.PARK)])

    assert answers == [Applied("in_doubt", {})]
    assert state(redis, notification_id) == "in_doubt"
    assert not redis.keys("tallyman:lane:*")


async def test_a_lease_that_is_renewed_does_not_lapse(client: Client, redis: Any) -> None:
    """A worker that says that it is still there keeps its jobs; those of others it cannot keep."""
    (notification_id,) = await filled(client)
    one = queue(client, "one", lease=timedelta(seconds=1))
    await begun(one)
    before = redis.zscore(STARTED, f"{notification_id}:one")
    await asyncio.sleep(0.05)

    assert await one.renew([notification_id, "0" * 24]) == ["0" * 24]
    assert redis.zscore(STARTED, f"{notification_id}:one") > before
    assert await queue(client, "two").renew([notification_id]) == [notification_id]
    assert await one.tend() == (0, 0)


async def test_a_job_that_stands_twice_is_done_once(client: Client, redis: Any) -> None:
    """A job that is being worked on and stands in the queue once more is taken out of it."""
    (notification_id,) = await filled(client)
    one, two = queue(client, "one"), queue(client, "two")
    _, commands = await begun(one)
    redis.rpush(LIST, notification_id)

    (job,) = await claimed(two)
    answers = await two.commit([decided(job, commands, Verb.RESEND)])

    assert answers == [Gone()]
    assert redis.llen(LIST) == 0
    assert ledger(redis, commands[0])["attempt"] == "1"


async def test_a_wait_ends_when_there_is_work(client: Client) -> None:
    """A worker that waits wakes up as soon as something comes in, and at the latest in time."""
    one = queue(client, "one")
    waiting = asyncio.create_task(one.wait(10))
    await asyncio.sleep(0.05)
    assert not waiting.done()

    await filled(client)

    await asyncio.wait_for(waiting, 2)
    await filled(client)
    await asyncio.wait_for(one.wait(0.1), 2)


async def test_scripts_survive_a_server_that_forgot_them(client: Client, redis: Any) -> None:
    """A script that the server does not know is sent whole."""
    await filled(client)
    redis.script_flush()

    assert len(await claimed(queue(client, "one"))) == 1


async def test_many_workers_share_without_loss_or_repetition(client: Client, redis: Any) -> None:
    """Ten workers at once send each of some hundred notifications once."""
    ids = await filled(client, 300)
    sent: list[str] = []

    async def work(name: str) -> None:
        own = queue(client, name)
        while redis.llen(LIST):
            found = await own.claim(7)
            if not isinstance(found, list):
                await asyncio.sleep(0)
                continue
            plans = [(job, numbered(key=job.id)) for job in found]
            answers = await own.commit([decided(job, its) for job, its in plans])
            began = [
                (job, its)
                for (job, its), answer in zip(plans, answers, strict=True)
                if isinstance(answer, Applied) and answer.started
            ]
            sent.extend(job.id for job, _ in began)
            await own.settle([settlement(job.id, its) for job, its in began])

    await asyncio.gather(*(work(f"worker-{number}") for number in range(10)))

    assert sorted(sent) == sorted(ids)
    assert redis.zcard(keys.index("erp", "delivered")) == 300
    eventually(lambda: not redis.keys("rq:job:*"), what="an empty queue")


def test_every_script_is_there() -> None:
    """Each script is found in the package, behind what all of them share."""
    for name in ("accept", "claim", "commit", "settle", "tend", "renew", "put_order"):
        own = scripts.source_of(name)
        assert own.startswith(b"-- What every script shares.")
        assert b"ARGV[1]" in own
