"""What is in the queue and does not belong there, or is broken: it is set aside."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.running import eventually
from tests.talking import Tallyman, new_number, order, parcel, some_lines

QUEUE = "rq:queue:tallyman"
FAILED = "rq:failed:tallyman"
EVENT: dict[str, Any] = {"event_type": "note", "purchase_lines": some_lines(1)}

Poison = Callable[[Tallyman], str]


def to_front(tallyman: Tallyman, name: str | bytes) -> None:
    """Put an id where the next worker looks first."""
    tallyman.redis.lrem(QUEUE, 0, name)
    tallyman.redis.lpush(QUEUE, name)


def taken_in(tallyman: Tallyman) -> str:
    """A notification that nobody has worked on yet."""
    return tallyman.erp.posted(EVENT)


def raw_of_nothing(tallyman: Tallyman) -> str:
    """A notification whose body is gone."""
    notification = taken_in(tallyman)
    tallyman.redis.delete(f"tallyman:raw:{notification}")
    return notification


def raw_of_noise(tallyman: Tallyman) -> str:
    """A notification whose body was overwritten."""
    notification = taken_in(tallyman)
    tallyman.redis.set(f"tallyman:raw:{notification}", b"\xc1\xff not what was written")
    return notification


def raw_cut_short(tallyman: Tallyman) -> str:
    """A notification half of whose body is gone."""
    notification = taken_in(tallyman)
    whole = tallyman.redis.get(f"tallyman:raw:{notification}")
    tallyman.redis.set(f"tallyman:raw:{notification}", whole[: len(whole) // 2])
    return notification


def decision_of_noise(tallyman: Tallyman) -> str:
    """A notification whose decision was overwritten."""
    notification = taken_in(tallyman)
    tallyman.redis.hset(f"tallyman:record:{notification}", "decision", b"\xc1\xff")
    return notification


def job_without_data(tallyman: Tallyman) -> str:
    """A job whose hash has lost what is to be done."""
    notification = taken_in(tallyman)
    tallyman.redis.hdel(f"rq:job:{notification}", "data")
    return notification


def job_of_noise(tallyman: Tallyman) -> str:
    """A job that nobody can read."""
    notification = taken_in(tallyman)
    tallyman.redis.hset(f"rq:job:{notification}", "data", b"\x80\x04\x95pickle")
    return notification


def another_function(tallyman: Tallyman) -> str:
    """A job that asks for another function."""
    notification = taken_in(tallyman)
    data = tallyman.redis.hget(f"rq:job:{notification}", "data")
    changed = data.replace(b"workers.jobs.translate", b"subprocess.check_calls")
    assert changed != data
    tallyman.redis.hset(f"rq:job:{notification}", "data", changed)
    return notification


def anothers_job(tallyman: Tallyman) -> str:
    """A job that asks for another notification than its own."""
    notification, other = taken_in(tallyman), taken_in(tallyman)
    data = tallyman.redis.hget(f"rq:job:{other}", "data")
    tallyman.redis.hset(f"rq:job:{notification}", "data", data)
    return notification


BROKEN: list[Poison] = [
    raw_of_nothing,
    raw_of_noise,
    raw_cut_short,
    decision_of_noise,
    job_without_data,
    job_of_noise,
    another_function,
    anothers_job,
]


@pytest.mark.parametrize("poison", BROKEN)
def test_what_is_broken_is_set_aside(idle: Tallyman, poison: Poison) -> None:
    """A broken job is kept as failed with the reason, and what is behind it goes on."""
    broken = poison(idle)
    to_front(idle, broken)
    good = idle.erp.posted(EVENT)

    idle.add_worker()

    idle.admin.settled(good, "delivered", seconds=20)
    record = idle.admin.settled(broken, "dead")
    assert record["timeline"][-1]["text"].startswith("It was set aside: ")
    assert idle.redis.zscore(FAILED, broken) is not None
    assert idle.redis.hget(f"rq:job:{broken}", "status") == b"failed"
    assert idle.redis.hget(f"rq:job:{broken}", "exc_info")
    assert idle.redis.llen(QUEUE) == 0
    assert not idle.workers[0].has_ended


@pytest.mark.parametrize(
    "name",
    [
        b"garbage",
        b"",
        b"0" * 24,
        b"a:b:c",
        b"\xff\xfe\x00",
        b"x" * 100_000,
        "Ünïcode".encode(),
        b"subprocess.check_call",
    ],
    ids=lambda name: repr(name[:12]),
)
def test_an_id_of_nothing_holds_nobody_up(idle: Tallyman, name: bytes) -> None:
    """An id in the queue that names no job is taken out, and what is behind it goes on."""
    to_front(idle, name)
    good = idle.erp.posted(EVENT)

    idle.add_worker()

    idle.admin.settled(good, "delivered", seconds=20)
    eventually(lambda: idle.redis.llen(QUEUE) == 0, what="an empty queue")
    assert not idle.workers[0].has_ended


def test_a_foreign_job_is_kept_as_failed(idle: Tallyman) -> None:
    """A job that somebody else put into our queue is not run, and kept for them to see."""
    idle.redis.hset(
        "rq:job:foreign", mapping={"data": b"\x80", "origin": "tallyman", "status": "queued"}
    )
    to_front(idle, "foreign")
    good = idle.erp.posted(EVENT)

    idle.add_worker()

    idle.admin.settled(good, "delivered", seconds=20)
    assert idle.redis.zscore(FAILED, "foreign") is not None


def test_an_id_twice_in_the_queue_is_sent_once(idle: Tallyman) -> None:
    """A job that stands in the queue several times is done once."""
    ids = [taken_in(idle) for _ in range(5)]
    for name in ids * 3:
        idle.redis.rpush(QUEUE, name)

    idle.add_worker()

    for each in ids:
        idle.admin.settled(each, "delivered", seconds=20)
    eventually(lambda: idle.redis.llen(QUEUE) == 0, what="an empty queue")
    assert len(idle.sandbox.requests()) == 5


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_impossible_time_stops_nobody(idle: Tallyman, at: str) -> None:
    """A time at the very end of the calendar does not end the worker that reads it."""
    number = new_number()
    idle.admin.put("PO-1", order(number))
    body = parcel(number, "in_transit", "delivered")
    stamps = {part for part in body.decode().split('"') if part.startswith("20") and "T" in part}
    for stamp in stamps:
        body = body.replace(stamp.encode(), at.encode())
    odd = idle.admin.notified(body)
    good = idle.erp.posted(EVENT)

    idle.add_worker()

    idle.admin.settled(good, "delivered", seconds=20)
    eventually(lambda: idle.admin.record(odd)["state"] != "queued", what="an end of it")
    assert not idle.workers[0].has_ended
