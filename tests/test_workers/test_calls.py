"""Sending: each command whose intent is written goes out once, and each outcome is written down."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, cast

from purchasing.commands import Command
from purchasing.configuration import Configuration
from purchasing.decisions import Decision
from purchasing.outcomes import Done, Outcome
from store.queue import Applied, Queue, Settlement
from tests.test_store.queueing import clock, numbered
from workers.calls import Calls
from workers.cofactr import Cofactr
from workers.measuring import Metrics
from workers.rounds import Job


class World:
    """Cofactr and the store, as far as sending needs them; what follows is told beforehand."""

    def __init__(self, following: dict[str, dict[int, int]] | None = None) -> None:
        self.following = following or {}
        self.sent: list[str] = []
        self.settled: list[Settlement] = []

    async def send(self, command: Command) -> Outcome:
        """Take a call."""
        self.sent.append(command.key)
        await asyncio.sleep(0)
        return Done(201, "made")

    async def settle(self, settlements: Iterable[Settlement]) -> list[Applied]:
        """Write down what became of calls."""
        written = list(settlements)
        self.settled += written
        return [
            Applied("queued", self.following.get(it.numbered.command.key, {})) for it in written
        ]


@asynccontextmanager
async def calling(world: World) -> AsyncIterator[Calls]:
    """Let calls be made in a world."""
    calls = Calls(
        queue=cast("Queue", world),
        cofactr=cast("Cofactr", world),
        configuration=Configuration(),
        clock=clock,
        random=Random(7),  # it spreads retries, and protects nothing
        seconds=Metrics().call_seconds,
    )
    running = asyncio.create_task(calls.run())
    try:
        yield calls
    finally:
        running.cancel()
        await asyncio.wait({running})


def job(count: int) -> Job:
    """A notification with some commands, whose keys end in their places."""
    commands = tuple(it.command for it in numbered(count, key="key"))
    return Job(id="one", decision=Decision(commands=commands))


async def test_an_answer_that_comes_twice_sends_once() -> None:
    """What the store says again, after a lost reply, is not sent again; the next attempt is."""
    world = World()
    async with calling(world) as calls:
        calls.begin(job(2), {0: 1})
        calls.begin(job(2), {0: 1})
        calls.begin(job(2), {0: 1, 1: 1})
        await calls.end()
        assert sorted(world.sent) == ["key-0", "key-1"]
        assert calls.jobs == ()

        calls.begin(job(2), {0: 2})
        await calls.end()

    assert sorted(world.sent) == ["key-0", "key-0", "key-1"]


async def test_what_was_held_up_follows_one_by_one_and_together() -> None:
    """What a command held up is sent once it is settled: one command after another, or many."""
    world = World({"key-0": {1: 1}, "key-1": {2: 1, 3: 1}, "key-3": {4: 1}})
    async with calling(world) as calls:
        calls.begin(job(5), {0: 1})
        await calls.end()

    assert world.sent[:2] == ["key-0", "key-1"]
    assert sorted(world.sent[2:4]) == ["key-2", "key-3"]
    assert world.sent[4:] == ["key-4"]


async def test_no_two_outcomes_have_the_same_mark() -> None:
    """The store knows an outcome that it is told again by its mark, whoever told it."""
    worlds = World(), World()
    for world in worlds:
        async with calling(world) as calls:
            calls.begin(job(20), dict.fromkeys(range(20), 1))
            await calls.end()

    marks = [it.mark for world in worlds for it in world.settled]
    assert len(set(marks)) == len(marks) == 40


def test_a_worker_looks_for_cycles_rarely() -> None:
    """What is there when a worker starts is not looked through, and what follows rarely."""
    program = (
        "import gc, workers.__main__ as it; code = it.main();"
        "print(code, gc.get_threshold()[0], gc.get_freeze_count() > 0)"
    )
    environment: dict[str, Any] = {**os.environ, "TALLYMAN_LEASE_SECONDS": "none"}

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.split() == ["2", "50000", "True"]
