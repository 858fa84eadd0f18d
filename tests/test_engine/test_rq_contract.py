"""RQ's own tools work on our queue; held against the version of RQ that is pinned."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rq import Queue, Worker
from rq.command import send_shutdown_command
from rq.job import Job, JobStatus
from rq.registry import (
    BaseRegistry,
    DeferredJobRegistry,
    FailedJobRegistry,
    ScheduledJobRegistry,
    StartedJobRegistry,
)

from purchasing.handoff import JOB, QUEUE
from store import keys
from tests.running import eventually
from tests.talking import some_lines
from tests.test_engine.stage import Engine, failing

_RQ = Path(sys.executable).with_name("rq")
_STOCK_SECONDS = 30


class Serializer:
    """How jobs are encoded, for RQ's own tools."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        return msgspec.msgpack.encode(value)

    @staticmethod
    def loads(data: bytes) -> Any:
        return msgspec.msgpack.decode(data)


def rq(engine: Engine, *words: str) -> str:
    """Run RQ's command; returns what it said."""
    command, *others = words
    done = subprocess.run(
        [str(_RQ), command, "--url", engine.valkey.url, *others],
        capture_output=True,
        text=True,
        timeout=_STOCK_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def _ids(registry: type[BaseRegistry], engine: Engine) -> list[str]:
    return list(registry(QUEUE, connection=engine.for_rq()).get_job_ids())


def test_rq_reads_our_jobs(engine: Engine) -> None:
    """RQ's Queue and Job find a queued notification with its status, origin and times."""
    notification = engine.note()
    redis = engine.for_rq()

    queue = Queue(QUEUE, connection=redis, serializer=Serializer)
    job = Job.fetch(notification, connection=redis, serializer=Serializer)

    assert queue in Queue.all(connection=redis)
    assert queue.job_ids == [notification]
    assert job.get_status() is JobStatus.QUEUED
    assert (job.origin, job.description) == (QUEUE, "notification")
    assert (job.func_name, tuple(job.args)) == (JOB, (notification,))
    now = datetime.now(UTC)
    for at in (job.created_at, job.enqueued_at):
        assert at is not None
        assert timedelta(0) <= now - at < timedelta(minutes=1)


def test_a_worker_that_was_killed_is_not_counted(engine: Engine) -> None:
    """A worker whose sign of life has lapsed stays in RQ's list, and is none any more."""
    engine.hire()
    eventually(lambda: engine.depth()["workers"] == 1, what="the worker's registration")

    engine.redis.sadd("rq:workers:tallyman", "rq:worker:killed")

    assert engine.depth()["workers"] == 1


def test_rq_info_shows_the_queue_and_its_workers(engine: Engine) -> None:
    """`rq info` lists our queue with its length, and each worker until it signs off."""
    engine.admin.http.post("/v1/queue/pause")
    engine.note()
    workers = engine.hire(2)
    redis = engine.for_rq()

    said = rq(engine, "info")

    assert f"{QUEUE}" in said
    names = [worker.name for worker in Worker.all(connection=redis)]
    assert len(names) == 2
    assert all(name[:20] in said for name in names)
    assert f"2 workers, {len(Queue.all(connection=redis))} queues" in said
    for worker in workers:
        assert worker.stop() == 0
    assert Worker.all(connection=redis) == []


def test_rqs_registries_list_what_they_should(engine: Engine) -> None:
    """A job is in the registry of RQ that fits its state: started, scheduled, deferred, failed."""
    lane, other, third = some_lines(3)
    engine.sandbox.fail(
        {"delay_seconds": 0.9, "match": {"notes": "slow"}},
        {"status": 503, "retry_after": 60, "match": {"notes": "later"}},
        {"status": 400, "match": {"notes": "dead"}},
    )
    slow = engine.note(lane, notes="slow")
    behind = engine.note(lane, notes="behind")
    later = engine.note(other, notes="later")
    dead = engine.note(third, notes="dead")
    engine.hire()
    eventually(lambda: engine.redis.zcard(keys.RQ_FAILED), what="the dead one")
    redis = engine.for_rq()

    assert _ids(StartedJobRegistry, engine) == [slow]
    assert _ids(ScheduledJobRegistry, engine) == [later]
    assert _ids(DeferredJobRegistry, engine) == [behind]
    assert _ids(FailedJobRegistry, engine) == [dead]
    statuses = {it: Job.fetch(it, connection=redis).get_status() for it in (slow, behind, later)}
    assert statuses == {
        slow: JobStatus.STARTED,
        behind: JobStatus.DEFERRED,
        later: JobStatus.SCHEDULED,
    }
    assert engine.state(dead) == "dead"


def test_rq_requeue_of_a_dead_one_is_a_quiet_replay(engine: Engine) -> None:
    """`rq requeue` takes a dead notification up again, without alerts, as RQ writes it."""
    engine.sandbox.fail(failing(400))
    engine.hire()
    dead = engine.note(send_alerts=True)
    engine.admin.settled(dead, "dead")
    engine.sandbox.forget()

    rq(engine, "requeue", "--queue", QUEUE, dead)

    engine.sandbox.received(1)
    eventually(lambda: engine.state(dead) == "delivered", what="its delivery")
    assert [body["send_alerts"] for body in engine.sandbox.bodies()] == [False]


def test_rq_suspend_holds_work_and_resume_lets_it_go(engine: Engine) -> None:
    """`rq suspend` begins nothing new, and after `rq resume` everything goes on."""
    engine.hire()
    rq(engine, "suspend")
    notification = engine.note()
    time.sleep(0.5)
    assert engine.state(notification) == "queued"
    assert engine.sandbox.requests() == []

    rq(engine, "resume")

    engine.admin.settled(notification, "delivered", seconds=5)


@pytest.mark.parametrize("after_restart", [False, True])
def test_rqs_shutdown_command_drains_a_worker(engine: Engine, *, after_restart: bool) -> None:
    """RQ's shutdown command ends a worker in good order, even after Redis was restarted."""
    (worker,) = engine.hire()
    if after_restart:
        engine.valkey.restart(kill=True)
        engine.admin.settled(engine.note(), "delivered")
        time.sleep(1)
    redis = engine.for_rq()
    (known,) = Worker.all(connection=redis)
    eventually(lambda: redis.pubsub_numsub(f"rq:pubsub:{known.name}")[0][1], what="listening")
    engine.sandbox.fail({"delay_seconds": 0.6})
    notification = engine.note()
    eventually(lambda: engine.redis.zcard(keys.RQ_STARTED), what="a call under way")

    send_shutdown_command(redis, known.name)

    assert worker.ended(10) == 0
    assert engine.state(notification) == "delivered"


@pytest.mark.parametrize("knows_encoding", [False, True])
def test_a_stock_worker_fails_our_job_loudly_and_loses_nothing(
    engine: Engine, *, knows_encoding: bool
) -> None:
    """A worker of RQ's own calls nobody; its job stands as failed, and requeueing gives it back."""
    notification = engine.note(send_alerts=True)
    how = ["--serializer", f"{__name__}.Serializer"] if knows_encoding else []

    said = rq(engine, "worker", "--burst", "--worker-class", "rq.SimpleWorker", *how, QUEUE)

    assert _ids(FailedJobRegistry, engine) == [notification]
    assert engine.sandbox.requests() == []
    if knows_encoding:
        assert "is translated by `tallyman work`" in said
    engine.hire()
    rq(engine, "requeue", "--queue", QUEUE, notification)
    engine.admin.settled(notification, "delivered", seconds=5)
    assert [body["send_alerts"] for body in engine.sandbox.bodies()] == [True]


def test_looking_at_a_lapsed_lease_with_rq_does_not_fail_the_job(engine: Engine) -> None:
    """`rq info` after a worker was killed leaves its job where our workers find it."""
    engine.sandbox.fail({"delay_seconds": 0.9})
    notification = engine.note()
    (worker,) = engine.hire()
    engine.sandbox.received(1)
    worker.kill()
    # RQ looks at whole seconds.
    time.sleep(2.1)

    assert _ids(StartedJobRegistry, engine) == [notification]
    rq(engine, "info")

    assert _ids(FailedJobRegistry, engine) == []
    engine.hire()
    engine.admin.settled(notification, "delivered", seconds=5)
