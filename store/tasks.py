"""Ending tasks for certain."""

import asyncio

_AGAIN_SECONDS = 0.1


async def end(*tasks: "asyncio.Task[None]") -> None:
    """Cancel tasks until they have ended.

    A cancellation that falls into a command to Redis can come out as a fault of Redis's, which
    whoever runs for ever takes for a reason to go on: so it is repeated. What a task failed with is
    not raised here.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
