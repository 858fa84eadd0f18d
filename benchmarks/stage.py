"""What is measured, made ready to run: servers, workers, sinks, and what they are told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from benchmarks.notifications import SECRET
from benchmarks.processes import Program, free_port, python, running
from benchmarks.sink import Sink
from benchmarks.valkey import Valkey

_CONFIGURATION = f"""
[cofactr]
requests_per_second = 1000000
max_in_flight = 256

[sources.easypost]
format = "easypost"
secrets = ["{SECRET}"]
timestamp_tolerance_seconds = 86400
"""


class Stage(msgspec.Struct, frozen=True):
    """Where everything runs: a folder of its own, and one Valkey."""

    folder: Path
    valkey: Valkey

    def environment(self, sink: Sink | None = None) -> Mapping[str, str]:
        """What every program is told."""
        file = self.folder / "tallyman.toml"
        file.write_text(_CONFIGURATION, encoding="utf-8")
        return {
            "REDIS_URL": self.valkey.url,
            "TALLYMAN_CONFIG": str(file),
            "TALLYMAN_LOG": "json",
            "COFACTR_API_KEY": "benchmark",
            "COFACTR_BASE_URL": sink.url if sink else "http://127.0.0.1:9",
        }

    @asynccontextmanager
    async def serving(self, module: str) -> AsyncIterator[int]:
        """Run the service, or the ceiling; yields its port."""
        port = free_port()
        environment = {**self.environment(), "TALLYMAN_PORT": str(port)}
        with running(python(module), self.folder, environment) as program:
            await program.listens(port)
            yield port

    @asynccontextmanager
    async def serving_peer(self, app: str) -> AsyncIterator[int]:
        """Run a peer's HTTP side as the service runs; yields its port."""
        port = free_port()
        command = python(
            *("uvicorn", f"benchmarks.peers.{app}", "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        )
        with running(command, self.folder, self.environment()) as program:
            await program.listens(port)
            yield port

    @asynccontextmanager
    async def working(self, command: tuple[str, ...], sink: Sink | None) -> AsyncIterator[Program]:
        """Run a worker."""
        with running(command, self.folder, self.environment(sink)) as program:
            yield program

    @asynccontextmanager
    async def sink(self, delay_seconds: float) -> AsyncIterator[Sink]:
        """Run a sink."""
        port = free_port()
        command = python("benchmarks.sink", str(port), str(delay_seconds))
        with running(command, self.folder) as program:
            await program.listens(port)
            yield Sink(port)
