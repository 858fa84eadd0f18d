"""What RQ's own tools see of our queue."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from redis import Redis
from rq import Queue as RqQueue
from rq.job import Job, JobStatus

from purchasing.handoff import JOB, QUEUE
from store import keys
from store.client import Client
from store.queue import Applied, Status
from tests.running import Valkey
from tests.test_store.queueing import (
    acceptance,
    decided,
    notification,
    numbered,
    queue,
    settlement,
)


class Serializer:
    """How jobs are written."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        return msgspec.msgpack.encode(value)

    @staticmethod
    def loads(data: bytes) -> Any:
        return msgspec.msgpack.decode(data)


@pytest.fixture
def rq(server: Valkey, redis: Any) -> Iterator[RqQueue]:
    """The queue as RQ has it."""
    del redis  # It is asked for, so that the server is empty.
    connection = Redis(unix_socket_path=server.socket)
    yield RqQueue(QUEUE, connection=connection, serializer=Serializer)
    connection.close()


async def filled(client: Client, count: int) -> list[str]:
    """Put some notifications into the queue."""
    accepting = acceptance(client)
    running = asyncio.create_task(accepting.run())
    ids = []
    for number in range(count):
        taken = notification(number)
        await accepting.accept(taken, key=taken.id, digest="", dedupe_days=1)
        ids.append(taken.id)
    running.cancel()
    await asyncio.wait({running})
    return ids


async def test_rq_sees_what_waits(client: Client, rq: RqQueue) -> None:
    """RQ lists the queue and its jobs, each with its id, its status and its function."""
    ids = await filled(client, 3)

    assert [each.name for each in RqQueue.all(connection=rq.connection)] == [QUEUE]
    assert rq.count == 3
    assert rq.job_ids == ids
    job = rq.fetch_job(ids[0])
    assert job is not None
    assert job.get_status() == JobStatus.QUEUED
    assert (job.func_name, job.args, job.kwargs) == (JOB, [ids[0]], {})
    assert job.description == "notification"
    assert job.origin == QUEUE
    assert job.created_at is not None
    assert abs(job.created_at.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert job.enqueued_at is not None


async def test_rq_sees_every_state(client: Client, rq: RqQueue, redis: Any) -> None:
    """A job is in the registry that goes with its state, and in no other."""
    ids = await filled(client, 5)
    one = queue(client, "one")
    jobs = await one.claim(4)
    assert isinstance(jobs, list)
    commands = [numbered(lane="lane" if place in (2, 3) else "") for place in range(4)]
    await one.commit([decided(job, its) for job, its in zip(jobs, commands, strict=True)])
    later = datetime.now(UTC) + timedelta(hours=1)
    await one.settle(
        [
            settlement(ids[0], commands[0], status=Status.RETRY, next_at=later),
            settlement(ids[1], commands[1], status=Status.DEAD),
        ]
    )

    registries = {
        "scheduled": rq.scheduled_job_registry,
        "failed": rq.failed_job_registry,
        "started": rq.started_job_registry,
        "deferred": rq.deferred_job_registry,
    }
    seen = {name: registry.get_job_ids() for name, registry in registries.items()}
    assert seen == {
        "scheduled": [ids[0]],
        "failed": [ids[1]],
        "started": [ids[2]],
        "deferred": [ids[3]],
    }
    assert rq.job_ids == [ids[4]]
    for name, (job_id,) in seen.items():
        job = Job.fetch(job_id, connection=rq.connection, serializer=Serializer)
        assert job.get_status() == JobStatus(name)
    assert rq.failed_job_registry.get_expiration_time(
        Job.fetch(ids[1], connection=rq.connection, serializer=Serializer)
    ).replace(tzinfo=UTC) > datetime.now(UTC) + timedelta(days=89)
    assert redis.hget(keys.record(ids[1]), "state") == b"dead"


async def test_what_is_over_is_no_job_any_more(client: Client, rq: RqQueue) -> None:
    """A notification that is delivered leaves RQ nothing."""
    (notification_id,) = await filled(client, 1)
    one = queue(client, "one")
    jobs = await one.claim(1)
    assert isinstance(jobs, list)
    commands = numbered()
    await one.commit([decided(jobs[0], commands)])

    assert await one.settle([settlement(notification_id, commands)]) == [Applied("delivered", {})]
    assert not Job.exists(notification_id, connection=rq.connection)
    assert not list(rq.connection.scan_iter("rq:job:*"))


async def test_what_is_set_aside_says_why(client: Client, rq: RqQueue, redis: Any) -> None:
    """A job that cannot be worked on is failed for RQ too, with the reason."""
    (notification_id,) = await filled(client, 1)
    one = queue(client, "one")
    jobs = await one.claim(1)
    assert isinstance(jobs, list)

    await one.commit([decided(jobs[0], set_aside="this is why")])

    assert rq.failed_job_registry.get_job_ids() == [notification_id]
    job = Job.fetch(notification_id, connection=rq.connection, serializer=Serializer)
    assert job.get_status() == JobStatus.FAILED
    assert redis.hget(f"rq:job:{notification_id}", "exc_info") == b"this is why"


async def test_rq_gives_back_what_failed(client: Client, rq: RqQueue) -> None:
    """`rq requeue` puts a failed job back where our workers find it."""
    (notification_id,) = await filled(client, 1)
    one = queue(client, "one")
    jobs = await one.claim(1)
    assert isinstance(jobs, list)
    await one.commit([decided(jobs[0], set_aside="for a while")])

    rq.failed_job_registry.requeue(notification_id)

    assert rq.job_ids == [notification_id]
    (job,) = await claimed(client)
    assert job.id == notification_id
    assert job.must_plan


async def claimed(client: Client) -> list[Any]:
    """What the next worker gets."""
    found = await queue(client, "two").claim(10)
    assert isinstance(found, list)
    return found
