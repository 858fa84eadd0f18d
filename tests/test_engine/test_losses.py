"""What RQ 2.12 loses or runs twice as it ships, and what we do in its place.

Each test is named after the loss that it guards against. Of these, parts cannot happen, because
what they need is not there:

- L2, a worker on two queues that takes jobs off without a trace: there is one queue, and nothing is
  taken off it before it is decided.
- L9, a dead worker's child that holds its connection: a worker starts no process. What is tested
  is that the connection of a dead worker takes nothing.
- L10, a mark by job id that outlives what it was set for: nothing is remembered of a job but its
  lease. What is tested is that a job that was stuck before is in one place.
"""

import signal
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from purchasing.handoff import QUEUE
from store import keys
from tests.running import Program, eventually
from tests.talking import new_number, order, parcel, some_lines
from tests.test_engine import reconciling
from tests.test_engine.losing import Losing
from tests.test_engine.marked import STEP
from tests.test_engine.stage import Engine


def _mark(engine: Engine, step: str, times: int = 1) -> Program:
    """Hire a worker that kills itself at a step."""
    worker = engine.start_worker(
        module="tests.test_engine.marked_worker", **{STEP: f"{step}:{times}"}
    )
    engine.dismissed_later(worker)
    return worker


def _effects(engine: Engine, notes: str) -> list[dict[str, Any]]:
    """The bodies that took effect with these notes."""
    return [
        request["body"]
        for request in engine.sandbox.requests()
        if request["took_effect"] and request["body"].get("notes") == notes
    ]


def _listed(engine: Engine, notification: str) -> int:
    """How many times a job is in the queue."""
    return Counter(engine.redis.lrange(keys.RQ_QUEUE, 0, -1))[notification.encode()]


@pytest.mark.parametrize("step", ["before claim", "after claim", "before commit"])
def test_l1_a_worker_killed_before_it_has_a_job_leaves_it_in_the_queue(
    engine: Engine, step: str
) -> None:
    """A job whose worker was killed between looking at it and taking it is sent by the next one."""
    notification = engine.note(notes="one")
    assert _mark(engine, step).ended() == -signal.SIGKILL
    assert _listed(engine, notification) == 1

    engine.hire()

    engine.admin.settled(notification, "delivered", seconds=10)
    assert engine.ledger(notification)["attempt"] == "1"
    assert len(_effects(engine, "one")) == 1


def test_l3_a_worker_that_is_stopped_leaves_nothing_behind(engine: Engine) -> None:
    """SIGTERM under load ends a worker in good order: what it began is done, the rest is queued."""
    engine.sandbox.fail({"delay_seconds": 0.1, "forever": True})
    lanes = some_lines(4)
    ids = [engine.note(lanes[number % 4], notes=f"{number}") for number in range(40)]
    (worker,) = engine.hire()
    engine.sandbox.received(6)

    assert worker.stop() == 0

    assert not engine.redis.zcard(keys.RQ_STARTED)
    assert engine.depth()["in_flight"] == 0
    queued = sum(engine.state(it) == "queued" for it in ids)
    assert 0 < queued < len(ids)
    engine.sandbox.fail()
    engine.hire()
    reconciling.quiet(engine.admin, seconds=20)
    assert [len(_effects(engine, f"{number}")) for number in range(40)] == [1] * 40
    assert {engine.ledger(it)["attempt"] for it in ids} == {"1"}


def test_l3_a_second_signal_ends_a_worker_at_once(engine: Engine) -> None:
    """A worker that is told twice to stop does not wait for its calls."""
    engine.sandbox.fail({"delay_seconds": 0.9})
    engine.note()
    (worker,) = engine.hire()
    engine.sandbox.received(1)

    worker.signal(signal.SIGTERM)
    time.sleep(0.1)
    worker.signal(signal.SIGTERM)

    assert worker.ended(0.5) == 1


def test_l4_a_worker_killed_during_a_call_leaves_it_in_doubt(engine: Engine) -> None:
    """A call whose worker was killed is sent again without alerts, or parked where it is heavy."""
    engine.sandbox.fail({"delay_seconds": 0.5, "times": 2})
    light = engine.note(notes="light", send_alerts=True)
    heavy = engine.erp.posted(
        {
            "event_type": "received",
            "purchase_lines": some_lines(1),
            "quantity": 1,
            "notes": "heavy",
        }
    )
    (worker,) = engine.hire()
    engine.sandbox.received(2)
    worker.kill()

    engine.hire()

    engine.admin.settled(light, "delivered")
    engine.admin.settled(heavy, "in_doubt")
    assert [body["send_alerts"] for body in _effects(engine, "light")] == [True, False]
    assert engine.ledger(light)["alerts"] == "doubt"
    assert len(_effects(engine, "heavy")) == 1


def test_l5_an_outcome_whose_confirmation_is_lost_is_written_once(engine: Engine) -> None:
    """A connection that breaks while an outcome is written makes nobody send again."""
    with Losing(engine.valkey.socket) as way:
        engine.hire(REDIS_URL=way.url)
        warm = engine.note()
        engine.admin.settled(warm, "delivered")
        way.lose("settle", times=2)
        notification = engine.note(notes="one")

        record = engine.admin.settled(notification, "delivered")

        eventually(lambda: way.lost == 2, what="two lost replies")
        assert len(_effects(engine, "one")) == 1
        assert len(record["attempts"]) == 1
        reconciling.nothing_is_left(engine.redis)


def test_l5_a_decision_whose_confirmation_is_lost_is_carried_out_once(engine: Engine) -> None:
    """A connection that breaks while a decision is written makes it neither lost nor repeated."""
    with Losing(engine.valkey.socket) as way:
        engine.hire(REDIS_URL=way.url)
        engine.admin.settled(engine.note(), "delivered")
        way.lose("commit")
        notification = engine.note(notes="one")

        engine.admin.settled(notification, "delivered")

        assert way.lost == 1
        assert [body["send_alerts"] for body in _effects(engine, "one")] == [False]
        assert engine.ledger(notification)["attempt"] == "1"


def test_l6_a_retry_is_scheduled_and_given_back_in_one_step(engine: Engine) -> None:
    """A worker killed after a retry was written leaves the job scheduled, and nowhere else."""
    engine.sandbox.fail({"status": 503, "retry_after": 2})
    notification = engine.note(notes="one")
    assert _mark(engine, "after settle").ended() == -signal.SIGKILL

    assert engine.redis.zrange(keys.RQ_SCHEDULED, 0, -1) == [notification.encode()]
    assert not engine.redis.zcard(keys.RQ_STARTED)
    assert not _listed(engine, notification)

    engine.hire()
    engine.admin.settled(notification, "delivered")
    assert len(_effects(engine, "one")) == 1
    assert engine.ledger(notification)["attempt"] == "2"


def test_l7_a_notification_whose_confirmation_is_lost_is_kept_once(engine: Engine) -> None:
    """A sender that was answered 503 because a reply was lost repeats it, and it is a duplicate."""
    engine.admin.put("PO-1", order(number := new_number()))
    body = parcel(number, "in_transit")
    with Losing(engine.valkey.socket) as way, engine.another_service(REDIS_URL=way.url) as other:
        warm = other.notified(parcel(new_number(), "in_transit"))
        way.lose("accept")

        refused = other.notify(body)

        assert refused.status_code == 503
        assert "retry-after" in refused.headers
        (kept,) = (it for it in engine.admin.listed(source="easypost") if it != warm)
        assert other.notify(body).json() == {"id": kept, "duplicate": True}
    assert _listed(engine, kept) == 1
    engine.hire()
    engine.admin.settled(kept, "delivered")
    assert engine.sandbox.types() == ["shipped"]


def test_l8_a_due_retry_needs_no_particular_worker(engine: Engine) -> None:
    """A retry whose worker is gone is moved by any other worker when it is due."""
    engine.sandbox.fail({"status": 503, "retry_after": 1})
    (first,) = engine.hire()
    notification = engine.note()
    engine.sandbox.received(1)
    eventually(lambda: engine.redis.zcard(keys.RQ_SCHEDULED), what="the retry")
    engine.hire()
    first.kill()

    engine.admin.settled(notification, "delivered", seconds=5)


def test_l9_a_killed_idle_worker_takes_nothing_with_it(engine: Engine) -> None:
    """A worker killed while it waits swallows no notification that comes after."""
    (idle,) = engine.hire()
    time.sleep(0.3)
    idle.kill()
    notification = engine.note()

    engine.hire()

    engine.admin.settled(notification, "delivered", seconds=5)


def test_l10_a_job_that_was_stuck_before_is_put_back_once_each_time(engine: Engine) -> None:
    """A job whose workers die one after the other is in one place at any time."""
    notification = engine.note(notes="one")
    for _ in range(2):
        assert _mark(engine, "before call").ended() == -signal.SIGKILL
        assert engine.redis.zcard(keys.RQ_STARTED) == 1
        assert not _listed(engine, notification)

    engine.hire()

    engine.admin.settled(notification, "delivered")
    assert len(_effects(engine, "one")) == 1
    reconciling.nothing_is_left(engine.redis)


def test_l11_a_broken_job_among_the_retries_stops_no_other(engine: Engine) -> None:
    """A due retry whose job is broken is set aside with a reason, and the others go on."""
    engine.sandbox.fail({"status": 503, "retry_after": 1, "times": 2})
    broken, healthy = engine.note(), engine.note()
    engine.hire()
    eventually(lambda: engine.redis.zcard(keys.RQ_SCHEDULED) == 2, what="two retries")
    engine.redis.hdel(f"rq:job:{broken}", "data")

    engine.admin.settled(healthy, "delivered", seconds=5)

    engine.admin.settled(broken, "dead")
    said = engine.redis.hget(f"rq:job:{broken}", "exc_info").decode()
    assert "cannot be read" in said
    assert engine.ask(broken, "replay")[0] == 200
    engine.admin.settled(broken, "delivered")


@pytest.mark.parametrize(
    "poison",
    [b"\xff\xfe\x00", b"a:b c", b"", b"no-such-job", b"x" * 10_000],
    ids=["no text", "no id", "empty", "unknown", "long"],
)
def test_l12_what_is_no_job_is_set_aside(engine: Engine, poison: bytes) -> None:
    """An entry of the queue that is no job of ours stops no worker and holds nothing up."""
    (worker,) = engine.hire()
    engine.redis.rpush(keys.RQ_QUEUE, poison)
    engine.redis.lpush(keys.RQ_QUEUE, poison)
    notification = engine.note()

    engine.admin.settled(notification, "delivered", seconds=5)

    eventually(lambda: not engine.redis.llen(keys.RQ_QUEUE), what="an empty queue")
    assert not worker.has_ended
    assert "job_set_aside" in worker.output()


def test_l12_a_job_of_another_kind_is_set_aside_and_shown(engine: Engine) -> None:
    """A job that names another function is not run, and stands in RQ's registry of failed ones."""
    (worker,) = engine.hire()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    data = msgspec.msgpack.encode(("os.system", None, ["true"], {}))
    fields = {"data": data, "origin": QUEUE, "status": "queued", "created_at": now}
    engine.redis.hset("rq:job:stranger", mapping=fields)
    engine.redis.rpush(keys.RQ_QUEUE, "stranger")

    eventually(lambda: engine.redis.zscore(keys.RQ_FAILED, "stranger"), what="its being set aside")

    assert not worker.has_ended
    assert engine.redis.hget("rq:job:stranger", "status") == b"failed"


def test_l13_l15_a_redis_that_falls_silent_stops_no_worker(engine: Engine) -> None:
    """A worker outlives a Redis that answers nothing for six seconds, and goes on when it does."""
    (worker,) = engine.hire()
    engine.redis.config_resetstat()
    time.sleep(2)
    waits = engine.redis.info("commandstats")["cmdstat_blpop"]["calls"]
    assert waits <= 4
    engine.valkey.freeze()
    time.sleep(6)
    engine.valkey.thaw()

    notification = engine.note()

    engine.admin.settled(notification, "delivered", seconds=5)
    assert not worker.has_ended


@pytest.mark.parametrize("outage_seconds", [0.0, 1.6], ids=["short", "longer than a lease"])
@pytest.mark.parametrize("status", [503, 200])
def test_l14_an_outcome_outlives_the_absence_of_redis(
    engine: Engine, outage_seconds: float, status: int
) -> None:
    """What a call said while Redis was away is written when it is back, and is no doubt."""
    failing = {"status": 503} if status == 503 else {}
    engine.sandbox.fail({"delay_seconds": 0.4} | failing)
    notification = engine.note(notes="one", send_alerts=True)
    workers = engine.hire(2)
    engine.sandbox.received(1)
    engine.valkey.stop(kill=True)
    time.sleep(0.5 + outage_seconds)
    engine.valkey.start()

    engine.admin.settled(notification, "delivered", seconds=15)

    assert [body["send_alerts"] for body in _effects(engine, "one")] == [True]
    assert not any(worker.has_ended for worker in workers)


def test_l16_a_job_that_is_listed_twice_is_sent_once(engine: Engine) -> None:
    """Copies of a job in the queue are dropped, before, while and after it is sent."""
    engine.sandbox.fail({"delay_seconds": 0.4})
    notification = engine.note(notes="one")
    engine.redis.rpush(keys.RQ_QUEUE, notification, notification)
    engine.hire(2)
    engine.sandbox.received(1)
    engine.redis.rpush(keys.RQ_QUEUE, notification)
    engine.admin.settled(notification, "delivered")
    engine.redis.rpush(keys.RQ_QUEUE, notification)

    eventually(lambda: not engine.redis.llen(keys.RQ_QUEUE), what="an empty queue")

    assert len(_effects(engine, "one")) == 1
    assert engine.ledger(notification)["attempt"] == "1"


def test_l16_a_job_that_is_taken_from_a_living_worker_is_fenced(engine: Engine) -> None:
    """The outcome of a worker that lost its lease does not count where another one took over."""
    engine.sandbox.fail({"delay_seconds": 0.8})
    notification = engine.note(notes="one", send_alerts=True)
    (slow,) = engine.hire()
    engine.sandbox.received(1)
    slow.signal(signal.SIGSTOP)
    engine.hire()
    engine.sandbox.received(2, seconds=5)
    engine.admin.settled(notification, "delivered")
    slow.signal(signal.SIGCONT)

    eventually(lambda: len(engine.admin.record(notification)["attempts"]) == 2, what="its word")

    assert engine.state(notification) == "delivered"
    assert [body["send_alerts"] for body in _effects(engine, "one")] == [True, False]
    assert engine.ledger(notification) | {"status": "done", "alerts": "doubt", "attempt": "2"} == (
        engine.ledger(notification)
    )
    reconciling.nothing_is_left(engine.redis)


def test_l16_a_lease_that_lapsed_while_nobody_looked_can_be_renewed(engine: Engine) -> None:
    """A living worker keeps its job where the lease lapsed while Redis was away."""
    engine.sandbox.fail({"delay_seconds": 0.9})
    engine.hire(2)
    notification = engine.note(notes="one", send_alerts=True)
    engine.sandbox.received(1)
    (lease,) = engine.redis.zrange(keys.RQ_STARTED, 0, -1)
    engine.redis.zadd(keys.RQ_STARTED, {lease: 0})

    engine.admin.settled(notification, "delivered")

    assert [body["send_alerts"] for body in _effects(engine, "one")] == [True]
    assert engine.ledger(notification)["attempt"] == "1"


def test_a_worker_started_before_redis_waits_for_it(engine: Engine) -> None:
    """A worker that finds no Redis at its start works as soon as there is one."""
    notification = engine.note()
    engine.valkey.stop()
    worker = engine.start_worker()
    engine.dismissed_later(worker)
    time.sleep(1.5)
    engine.valkey.start()

    engine.admin.settled(notification, "delivered", seconds=10)
    assert not worker.has_ended
    eventually(lambda: engine.redis.scard(keys.RQ_WORKERS) == 1, what="its registration")
