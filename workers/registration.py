"""Our worker among RQ's: `rq info` and rq-dashboard show it, and RQ's shutdown command stops it.

RQ is synchronous, so that everything here runs in a thread of its own. This and the scripts of
`store` are all that knows RQ; a test holds both against the pinned version.
"""

import asyncio
from contextlib import suppress

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.worker import BaseWorker, WorkerStatus

from purchasing.handoff import QUEUE
from purchasing.telemetry import Log

_LOG = structlog.get_logger()

_TTL_SECONDS = 60
_BEAT_SECONDS = 15
_PAUSE_SECONDS = 1


class Registration:
    """A worker's entry in RQ's registry, kept alive while `run` runs."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis = redis
        self._name = name

    async def run(self) -> None:
        """Register, say so from time to time, and sign off when cancelled."""
        worker: BaseWorker | None = None
        try:
            while True:
                pause = _PAUSE_SECONDS
                # Redis may be away, or another one may have taken over that does not know us.
                try:
                    if worker is None:
                        worker = await asyncio.to_thread(self._made)
                    await asyncio.to_thread(_beat, worker)
                    pause = _BEAT_SECONDS
                except (RedisError, OSError, ValueError) as error:
                    _LOG.warning(Log.REDIS_UNAVAILABLE, detail=str(error))
                await asyncio.sleep(pause)
        finally:
            if worker is not None:
                with suppress(RedisError, OSError):
                    await asyncio.to_thread(worker.register_death)

    def _made(self) -> BaseWorker:
        """RQ's worker, which already asks Redis something when it is made."""
        return BaseWorker(
            [QUEUE],
            name=self._name,
            connection=self._redis,
            worker_ttl=_TTL_SECONDS,
            prepare_for_work=True,
        )


def _beat(worker: BaseWorker) -> None:
    if not worker.connection.exists(worker.key):
        worker.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        worker.set_state(WorkerStatus.IDLE)
    if getattr(worker, "pubsub", None) is None:
        # RQ sends SIGINT to this process when it is told to shut a worker down.
        worker.subscribe()  # type: ignore[no-untyped-call]  # as above
    worker.heartbeat()
