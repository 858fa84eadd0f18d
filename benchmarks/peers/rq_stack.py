"""Litestar and RQ: `uvicorn benchmarks.peers.rq_stack:app`, and its worker by `python -m`.

RQ is synchronous, so that `enqueue` runs in a thread, as Litestar's documentation has it for
whatever blocks. The worker logs no line for each job.

RQ's default `Worker` is the one of its documentation's performance notes (workers.md, read
2026-11): a script of one's own that imports what the jobs need before the loop forks. The httpx
client is made along with that, so that no work horse pays for it again: it has opened no connection
by then, and shares none. Each work horse opens its own and takes it along when it ends, which is
the price of a process for each job; `SimpleWorker` does the same job on connections that stay.
"""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio.to_thread
from litestar import Litestar, Request, Response, post
from redis import Redis
from rq import Queue, SimpleWorker, Worker

from benchmarks.peers.job import REDIS_URL, is_authentic, translate

_WORKERS = {"simple": SimpleWorker, "fork": Worker}


_QUEUE = Queue("benchmark", connection=Redis.from_url(REDIS_URL))


@post("/webhooks/{source:str}")
async def receive(request: Request[Any, Any, Any], source: str) -> Response[dict[str, Any]]:
    """Take in one notification."""
    del source
    body = await request.body()
    headers = dict(request.headers.items())
    if not is_authentic(body, headers, request.url.path):
        return Response({}, status_code=401)
    job = await anyio.to_thread.run_sync(
        partial(_QUEUE.enqueue, translate, body, headers, description="notification")
    )
    return Response({"id": job.id}, status_code=202)


app = Litestar([receive])


def main(arguments: Sequence[str]) -> None:
    """Work off what is in the queue."""
    (kind,) = arguments
    worker = _WORKERS[kind]([_QUEUE], connection=_QUEUE.connection, log_job_description=False)
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1:])
