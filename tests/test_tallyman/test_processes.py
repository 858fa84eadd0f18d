"""Programs that are kept running, and end together."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tallyman.processes import Household, Kept, Program

# It writes down that it runs, and that it was asked to end: then it takes its time, or never ends.
_PROGRAM = """
import signal, sys, time
name, file, seconds = sys.argv[1:]
def note(what):
    with open(file, "a") as opened:
        opened.write(f"{name} {what}\\n")
def on_signal(number, frame):
    note("asked")
    time.sleep(float(seconds))
    note("ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_signal)
note("runs")
while True:
    time.sleep(60)
"""


class Diary:
    """What programs write down, and what is said of them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.said: list[str] = []
        file.touch()

    @property
    def lines(self) -> list[str]:
        return self.file.read_text().splitlines()

    def program(self, name: str, *, takes_seconds: float = 0) -> Program:
        """A program that writes into this diary."""
        command = (sys.executable, "-I", "-S", "-c", _PROGRAM, name)
        return Program(
            name=name, command=(*command, str(self.file), str(takes_seconds)), environment={}
        )

    async def has(self, *lines: str) -> None:
        """Wait until all of these lines are written."""
        await until(lambda: set(lines) <= set(self.lines))


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110  # another process does not set our events
            await asyncio.sleep(0.01)


def ending(code: int) -> Program:
    """A program that ends at once."""
    command = (sys.executable, "-I", "-S", "-c", f"raise SystemExit({code})")
    return Program(name="it", command=command, environment={})


@asynccontextmanager
async def household(said: list[str]) -> AsyncIterator[Household]:
    """A household of which nothing is left afterwards."""
    made = Household(said.append)
    try:
        yield made
    finally:
        made.kill()
        await made.stop(10)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    """An empty diary."""
    return Diary(tmp_path / "diary")


def process_of(kept: Kept) -> int:
    """The process that a program runs as now."""
    assert kept._process is not None
    return kept._process.pid


async def test_a_program_that_is_killed_is_started_again(diary: Diary) -> None:
    """A program that dies is started again, and it is said what happened and what follows."""
    async with household(diary.said) as house:
        (kept,) = house.start([diary.program("one")])
        await diary.has("one runs")
        first = process_of(kept)
        kept._signal(signal.SIGKILL)
        await until(lambda: diary.lines.count("one runs") == 2)
        assert process_of(kept) != first
    assert diary.said == ["one was killed by SIGKILL; it starts again in 0.25 s."]


async def test_the_pause_grows(diary: Diary) -> None:
    """A program that dies again and again is started again after longer and longer pauses."""
    async with household(diary.said) as house:
        house.start([ending(1)])
        await until(lambda: len(diary.said) == 3)
    assert diary.said == [
        f"it ended with exit code 1; it starts again in {pause} s."
        for pause in ("0.25", "0.5", "1")
    ]


async def test_a_program_that_cannot_start_says_so(diary: Diary) -> None:
    """The exit code for a wrong setting is told to whoever waits for the start."""
    async with household(diary.said) as house:
        house.start([diary.program("good"), ending(2)])
        assert await asyncio.wait_for(house.defective(), 20) == "it"


async def test_groups_end_in_the_opposite_order(diary: Diary) -> None:
    """A group ends when every program of the groups started after it has ended."""
    async with household(diary.said) as house:
        house.start([diary.program("store")])
        house.start([diary.program("one", takes_seconds=0.2), diary.program("two")])
        await diary.has("store runs", "one runs", "two runs")
        await house.stop(20)
    ends = [line for line in diary.lines if not line.endswith("runs")]
    assert set(ends[:4]) == {"one asked", "one ended", "two asked", "two ended"}
    assert ends[4:] == ["store asked", "store ended"]
    assert diary.said == []


async def test_patience_has_an_end(diary: Diary) -> None:
    """A program that does not end when it is asked is killed."""
    async with household(diary.said) as house:
        house.start([diary.program("one", takes_seconds=600)])
        await diary.has("one runs")
        await house.stop(0.3)
    assert diary.lines == ["one runs", "one asked"]
    assert diary.said == ["one does not end by itself; it is killed."]


async def test_a_program_that_waits_for_its_next_start_just_ends(diary: Diary) -> None:
    """A program that is not running when all is ended is not started any more."""
    async with household(diary.said) as house:
        house.start([ending(1)])
        await until(lambda: len(diary.said) == 1)
        await asyncio.wait_for(house.stop(None), 5)
    assert len(diary.said) == 1
