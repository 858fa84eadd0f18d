"""Programs that are kept running, and that end together when they are told to.

Each runs in a session of its own, so that a Ctrl-C in the terminal reaches only whoever keeps it,
and on a leash, so that it dies should its keeper be killed.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from tallyman import leash

CANNOT_START = 2
"""The exit code by which our programs say that a setting keeps them from starting."""

# The first pause is short because most deaths are single ones; the last one keeps a program that
# cannot live from filling the log.
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 15.0

# A program that lived this long did not die of what it does at its start.
_SETTLED_SECONDS = 30.0

Say = Callable[[str], None]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What is run, under a name for people.

    `open_files` are the descriptors that it inherits. By `fatal_code` it says, when it is started
    for the first time, that starting it again would change nothing.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    is_silent: bool = False
    open_files: tuple[int, ...] = ()
    fatal_code: int = CANNOT_START


def worker(number: int, environment: Mapping[str, str]) -> "Program":
    """A worker, counted from 1; the metrics of each have a port of their own, in a row."""
    own = dict(environment)
    first = own.get("TALLYMAN_METRICS_PORT", "")
    if first.isdecimal() and int(first):
        own["TALLYMAN_METRICS_PORT"] = str(int(first) + number - 1)
    return Program(name=f"worker {number}", command=module("workers"), environment=own)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line that runs a module of this installation.

    `-P` keeps folders that happen to be called `service` or `store` here from being taken for ours.
    """
    return (sys.executable, "-P", "-m", name, *arguments)


class Kept:
    """One program that is started again whenever it dies, until it is told to stop."""

    def __init__(self, program: Program, say: Say) -> None:
        self._program = program
        self._say = say
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._running = asyncio.create_task(self._run())
        self.cannot_start = asyncio.Event()

    @property
    def name(self) -> str:
        """The program's name."""
        return self._program.name

    async def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        is_first = True
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            began = clock()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if is_first and code == self._program.fatal_code:
                self.cannot_start.set()
            is_first = False
            if clock() - began > _SETTLED_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._say(f"{self.name} {_ended(code)}; it starts again in {pause:g} s.")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _run_once(self) -> int:
        # -I and -S: the leash needs nothing that is installed, and starts in half the time.
        leashed = (sys.executable, "-I", "-S", str(Path(leash.__file__)), str(os.getpid()))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *leashed,
                *self._program.command,
                env=self._program.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if self._program.is_silent else None,
                start_new_session=True,
                pass_fds=self._program.open_files,
            )
        except OSError as error:
            self._say(f"{self.name} cannot be started now: {error}.")
            return 1
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        return await self._process.wait()

    async def stop(self, patience_seconds: float | None) -> None:
        """Ask the program to end, and return when it has; kill it when patience is at its end."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._running), patience_seconds)
        except TimeoutError:
            self._say(f"{self.name} does not end by itself; it is killed.")
            self.kill()
            await self._running

    def kill(self) -> None:
        """End the program at once."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"


class Household:
    """Programs that were started one group after the other, and end in the opposite order."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._groups: list[list[Kept]] = []

    def start(self, programs: Sequence[Program]) -> list[Kept]:
        """Start a group of programs and keep them running."""
        group = [Kept(program, self._say) for program in programs]
        self._groups.append(group)
        return group

    async def stop(self, patience_seconds: float | None) -> None:
        """End every program: the group that was started last is the first."""
        for group in reversed(self._groups):
            await asyncio.gather(*(kept.stop(patience_seconds) for kept in group))

    def kill(self) -> None:
        """End every program at once."""
        for group in self._groups:
            for kept in group:
                kept.kill()

    async def defective(self) -> str:
        """Wait until one of the programs started so far says that it cannot start; its name."""
        all_kept = [kept for group in self._groups for kept in group]
        waiting = {asyncio.create_task(kept.cannot_start.wait()): kept for kept in all_kept}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return waiting[done.pop()].name
        finally:
            for task in waiting:
                task.cancel()


class Signals:
    """Turns the signals that end a program into `asked`, and a second one into haste."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self.asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._on_signal)
        loop.add_signal_handler(signal.SIGTERM, self._on_signal)
        # nohup asks to outlive the terminal, and that is respected.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._on_signal)

    def _on_signal(self) -> None:
        if self.asked.is_set():
            self._household.kill()
        self.asked.set()
