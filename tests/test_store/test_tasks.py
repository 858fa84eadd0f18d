"""Tasks end when they are told to, whatever they are doing."""

import asyncio

import pytest

from store.tasks import end


async def test_a_task_that_mistakes_its_end_for_a_fault_ends() -> None:
    """A task that goes on after a cancellation is cancelled until it ends."""
    times = 0

    async def stubborn() -> None:
        nonlocal times
        while times < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                times += 1
        await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    await asyncio.wait_for(end(task), 5)

    assert (times, task.cancelled()) == (3, True)


async def test_what_has_ended_or_failed_is_left_as_it_is() -> None:
    """Ending nothing, or what is over, is no matter; a failure stays to be looked at."""

    async def failing() -> None:
        message = "on purpose"
        raise ValueError(message)

    task = asyncio.create_task(failing())
    await asyncio.wait({task})

    await end()
    await end(task)

    with pytest.raises(ValueError, match="on purpose"):
        task.result()
