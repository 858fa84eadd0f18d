"""Litestar and Celery: `uvicorn ...celery_stack:web` and `celery --app ...celery_stack worker`.

Acknowledged late, so that a worker that is killed loses nothing, and without stored results, which
nobody reads. `delay` is synchronous and runs in a thread.
"""

import base64
from functools import partial
from typing import Any

import anyio.to_thread
from celery import Celery  # type: ignore[import-untyped]  # it has no types
from litestar import Litestar, Request, Response, post

from benchmarks.peers import job

app = Celery("benchmark", broker=job.REDIS_URL)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task(name="translate")  # type: ignore[untyped-decorator]  # as above
def translate(posted: str, headers: dict[str, str]) -> None:
    """Translate one notification; JSON carries no bytes."""
    job.translate(base64.b64decode(posted), headers)


@post("/webhooks/{source:str}")
async def receive(request: Request[Any, Any, Any], source: str) -> Response[dict[str, Any]]:
    """Take in one notification."""
    del source
    body = await request.body()
    headers = dict(request.headers.items())
    if not job.is_authentic(body, headers, request.url.path):
        return Response({}, status_code=401)
    posted = base64.b64encode(body).decode()
    queued = await anyio.to_thread.run_sync(partial(translate.delay, posted, headers))
    return Response({"id": queued.id}, status_code=202)


web = Litestar([receive])
