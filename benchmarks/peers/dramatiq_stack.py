"""Litestar and Dramatiq: `uvicorn ...dramatiq_stack:app` and `dramatiq ...dramatiq_stack`.

`send` is synchronous and runs in a thread. Dramatiq acknowledges late by itself.
"""

import base64
from functools import partial
from typing import Any

import anyio.to_thread
import dramatiq
from dramatiq.brokers.redis import RedisBroker
from litestar import Litestar, Request, Response, post

from benchmarks.peers import job

dramatiq.set_broker(
    RedisBroker(url=job.REDIS_URL)  # type: ignore[no-untyped-call]  # it has few types
)


@dramatiq.actor(actor_name="translate")
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
    message = await anyio.to_thread.run_sync(partial(translate.send, posted, headers))
    return Response({"id": message.message_id}, status_code=202)


app = Litestar([receive])
