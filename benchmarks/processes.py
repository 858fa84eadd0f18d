"""Starting the programs that are measured, and ending each of them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What it starts ends with this process, however that ends.
_LEASH = ROOT / "tallyman" / "leash.py"

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.02


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Program:
    """A running program, and where it writes what it has to say."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def check(self) -> None:
        """Go on only while it runs.

        Raises:
            RuntimeError: It has ended.
        """
        if self.has_ended:
            raise RuntimeError(self.last_words())

    async def listens(self, port: int) -> None:
        """Wait until it listens on a port."""
        end = time.monotonic() + _START_SECONDS
        while True:
            self.check()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(_POLL_SECONDS)
            else:
                writer.close()
                return

    def last_words(self) -> str:
        """How it ended, and the end of what it wrote."""
        words = self._log.read_text(errors="replace")[-3000:]
        return f"{self._process.args!r} ended with {self._process.returncode}:\n{words}"

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run a program, with its children in a group of its own, for as long as the block takes."""
    log = folder / f"{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(_LEASH), str(os.getpid()), *command],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program = Program(process, log)
    try:
        yield program
    except Exception as error:
        if program.has_ended:
            error.add_note(program.last_words())
        raise
    finally:
        _end(process)


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module with this Python."""
    return (sys.executable, "-m", module, *arguments)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    with suppress(ProcessLookupError):
        # Workers that fork may leave a child behind.
        os.killpg(process.pid, signal.SIGKILL)
