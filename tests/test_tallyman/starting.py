"""A `tallyman up` as people start it, and what its commands leave behind."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tallyman.data import DataDirectory, Running
from tests.running import Guard, eventually

Command = Callable[..., "Ended"]


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Process(NamedTuple):
    """A process as the system knows it."""

    number: int
    state: str
    parent: int
    name: str


def processes() -> Iterator[Process]:
    """Every process that runs; what is dead and only waits to be noticed is none."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if state != "Z":
            yield Process(int(folder.name), state, int(parent), b" ".join(words).decode())


class Up:
    """One `tallyman up`, and what it keeps."""

    def __init__(self, guard: Guard, data: Path, *options: str, **environment: str) -> None:
        self.data = DataDirectory(data)
        self.folder = guard.folder
        self.program = guard.start_module(
            "tallyman", "up", *options, TALLYMAN_DATA_DIR=str(data), **environment
        )

    def ready(self) -> "Up":
        """Wait until it says that it is ready."""
        self.program.until_ready(lambda: "Try:" in self.program.output())
        return self

    @property
    def running(self) -> Running:
        """What it tells the other commands."""
        running = self.data.running()
        assert running is not None
        return running

    @property
    def number(self) -> int:
        """Its process."""
        return self.program._process.pid

    def children(self) -> dict[str, int]:
        """The processes that it started, by what they are; those of two workers by their order."""
        names = {"valkey-server": "valkey", "tallyman.sandbox": "sandbox", "-m service": "service"}
        found: dict[str, int] = {}
        for process in sorted(processes()):
            if process.parent == self.number and "leash.py" not in process.name:
                known = [name for word, name in names.items() if word in process.name]
                found[known[0] if known else f"worker {len(found)}"] = process.number
        return found

    def get(self, path: str) -> Any:
        """Ask the service, as the administrator."""
        headers = {"Authorization": f"Bearer {self.running.admin_token}"}
        return httpx.get(f"{self.running.url}{path}", headers=headers).raise_for_status().json()

    def settled(self, notification: str, state: str) -> dict[str, Any]:
        """Wait until a notification is in a state."""

        def look() -> dict[str, Any] | None:
            record: dict[str, Any] = self.get(f"/v1/notifications/{notification}")
            return record if record["state"] == state else None

        return eventually(look, what=f"{notification} {state}")

    def sandbox(self, method: str, path: str, **request: Any) -> Any:
        """Ask the sandbox."""
        url = f"{self.running.sandbox_url}/_sandbox/{path}"
        return httpx.request(method, url, **request).raise_for_status().json()

    def interrupt(self) -> None:
        """What a terminal does on Ctrl-C: every process of the group in front is told."""
        os.killpg(self.number, signal.SIGINT)


def identity(ended: Ended) -> str:
    """The id of the notification that was sent."""
    assert ended.code == 0, ended.err
    (found,) = re.findall(r"^Accepted as notification (\w+)\.$", ended.out, re.MULTILINE)
    return str(found)
