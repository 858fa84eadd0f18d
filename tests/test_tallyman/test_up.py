"""`tallyman up`: it starts, keeps running, and ends, with everything that belongs to it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import Guard, Sandbox, Valkey, eventually
from tests.test_tallyman.starting import Command, Up, identity, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

EVENT = '{"event_type": "received", "po_number": "PO-1001", "line_numbers": ["2"], "quantity": 7}'


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    """Ends what a test started."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    with Guard(folder) as made:
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory that is not there yet."""
    return tmp_path / "data"


def nothing_is_left(up: Up, children: dict[str, int]) -> None:
    """Wait until no process is left that `up` started."""
    numbers = {up.number, *children.values()}
    eventually(
        lambda: not numbers & {process.number for process in processes()},
        what=f"the end of {children}",
    )


def sentence(up: Up) -> str:
    """The one line with which `up` refuses to start."""
    (line,) = up.program.output().splitlines()
    return line


# Starting


def test_it_says_where_everything_is(up: Up) -> None:
    """When it is ready, it says the addresses and the token, and what can be tried."""
    running, text = up.running, up.program.output()
    for shown in (running.url, running.sandbox_url, running.redis_url, running.admin_token):
        assert str(shown) in text
    assert "This is a demonstration" in text
    (curl,) = re.findall(r'curl -H "(Authorization): (Bearer .+?)" (\S+)', text)
    answer = httpx.get(curl[2], headers=dict([curl[:2]]))
    assert answer.json()["next"] is None
    assert httpx.get(f"{running.url}/readyz").is_success


def test_what_it_says_can_be_typed(up: Up) -> None:
    """The command that it prints sends the sample notification, from any other terminal."""
    (line,) = [line for line in up.program.output().splitlines() if " send easypost " in line]
    terminal = {"PATH": os.environ["PATH"]}
    subprocess.run(["/bin/sh", "-c", line], cwd=up.folder, env=terminal, check=True)
    (body,) = eventually(lambda: _of_type("shipped", up), what="the call")
    assert len(body["purchase_lines"]) == 2


def _of_type(event_type: str, up: Up) -> list[dict[str, Any]]:
    bodies = [request["body"] for request in up.sandbox("GET", "requests")]
    return [body for body in bodies if body and body["event_type"] == event_type]


def test_its_files_are_for_its_owner_alone(up: Up) -> None:
    """Nobody else can look into the data directory, nor read a file with a secret in it."""
    secret = ("up.json", "secrets.json", "demonstration.toml", "valkey")
    for path in (up.data.path, *(up.data.path / name for name in secret)):
        assert path.stat().st_mode & 0o077 == 0, path


def test_everything_runs_for_itself(up: Up) -> None:
    """Every part is a process in a session of its own, out of reach of the terminal's Ctrl-C."""
    children = up.children()
    assert set(children) >= {"valkey", "sandbox", "service"}
    assert len(children) == 5
    assert all(os.getsid(number) == number for number in children.values())


def test_its_valkey_keeps_what_it_confirms(up: Up, process: Command) -> None:
    """What `up` runs passes every check without even a warning."""
    ended = process("check", TALLYMAN_DATA_DIR=str(up.data.path))
    assert ended.code == 0
    assert {line.split()[0] for line in ended.out.splitlines()} == {"ok"}


def test_a_second_one_is_refused(up: Up, guard: Guard) -> None:
    """A data directory is used by one `up` at a time."""
    other = Up(guard, up.data.path, "--port", "0")
    assert other.program.ended() == 1
    assert sentence(other).startswith(f"Another `tallyman up` (process {up.number}) uses the data")
    assert httpx.get(f"{up.running.url}/readyz").is_success


def test_a_taken_port_is_refused(guard: Guard, data: Path) -> None:
    """A port that somebody listens on is named before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = Up(guard, data, "--port", str(port))
        assert other.program.ended() == 1
    assert sentence(other) == (
        f"Port {port} of 127.0.0.1 is taken; choose another one with --port."
    )


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ('[internal.tokens]\nerp = "${NOT_SET}"', {}, "needs ${NOT_SET}, which is not set"),
        ("[cofactor]", {}, 'has no setting "cofactor"'),
        ("", {"TALLYMAN_PORT": "http"}, 'TALLYMAN_PORT is "http"'),
        (
            "",
            {"COFACTR_BASE_URL": "http://c"},
            "COFACTR_BASE_URL is set and COFACTR_API_KEY is not",
        ),
        ("", {"TALLYMAN_DATA_DIR": "/dev/null"}, "The data directory /dev/null cannot be made"),
    ],
)
def test_a_wrong_setting_is_refused(
    process: Command, tmp_path: Path, text: str, environment: dict[str, str], said: str
) -> None:
    """A wrong setting ends `up` with one sentence, before anything is started."""
    (tmp_path / "tallyman.toml").write_text(text)
    ended = process("up", **environment)
    assert ended.code in (1, 2)
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""


def test_what_is_there_is_not_brought_along(guard: Guard, data: Path, tmp_path: Path) -> None:
    """With one's own Redis, Cofactr and token, only the service and workers are started."""
    (tmp_path / "redis").mkdir()
    redis = Valkey(guard, tmp_path / "redis")
    cofactr = Sandbox(guard)
    config = tmp_path / "own.toml"
    config.write_text("")
    up = Up(
        guard,
        data,
        *("--port", "0", "--workers", "1", "--config", str(config)),
        REDIS_URL=redis.url,
        COFACTR_BASE_URL=cofactr.url,
        COFACTR_API_KEY="key",
        TALLYMAN_ADMIN_TOKEN="token-of-my-own",
    ).ready()
    assert len(up.children()) == 2
    assert up.running.config == str(config)
    assert "token-of-my-own" not in up.program.output()
    assert "demonstration" not in up.program.output()
    assert up.get("/v1/orders") == {"items": [], "next": None}
    assert up.program.stop() == 0
    redis.close()
    cofactr.close()


def test_a_valkey_that_cannot_start_is_named(guard: Guard, data: Path) -> None:
    """When Valkey cannot read its data, `up` ends and says what Valkey said."""
    folder = data / "valkey" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("nonsense\n")
    up = Up(guard, data, "--port", "0")
    assert up.program.ended() == 1
    assert "Valkey cannot start; " in up.program.output().splitlines()[-1]
    nothing_is_left(up, {})


# Ending, and starting again


def test_a_second_start_finds_its_data(guard: Guard, tmp_path: Path, command: Command) -> None:
    """After Ctrl-C what was under way is done, and the next start knows everything again.

    The path of the data directory is longer than a socket's may be.
    """
    data = tmp_path / ("ä b" * 40)
    up = Up(guard, data, "--port", "0").ready()
    up.sandbox("PUT", "faults", json=[{"delay_seconds": 1}])
    sample = str(data / "easypost_in_transit.json")
    here = {"TALLYMAN_DATA_DIR": str(data)}
    sent = identity(command("send", "easypost", sample, **here))
    before, children = up.running, up.children()
    eventually(lambda: up.sandbox("GET", "requests"), what="the call")
    up.interrupt()
    assert up.program.ended() == 0
    nothing_is_left(up, children)
    assert up.data.running() is None
    assert "No `tallyman up` runs" in command("notifications", "list", **here).err

    up = Up(guard, data, "--port", "0").ready()
    assert up.running.admin_token == before.admin_token
    up.settled(sent, "delivered")
    assert up.sandbox("GET", "requests") == []
    again = command("send", "easypost", sample, **here)
    assert f"it is a duplicate of notification {sent}" in again.out
    assert len(up.get("/v1/orders")["items"]) == 3
    assert up.program.stop() == 0


def test_a_second_signal_ends_it_at_once(guard: Guard, data: Path, command: Command) -> None:
    """Whoever says it twice does not wait for a call that takes long."""
    up = Up(guard, data, "--port", "0", "--workers", "1").ready()
    up.sandbox("PUT", "faults", json=[{"delay_seconds": 600}])
    event = data / "event.json"
    event.write_text(EVENT)
    here = {"TALLYMAN_DATA_DIR": str(data)}
    identity(command("send", "erp", str(event), **here))
    eventually(lambda: up.sandbox("GET", "requests"), what="the call")
    children = up.children()
    up.program.signal(signal.SIGTERM)
    eventually(lambda: "service" not in up.children(), what="the end of the service")
    time.sleep(0.2)
    assert len(up.children()) == 3
    up.program.signal(signal.SIGTERM)
    assert up.program.ended(5) == 0
    nothing_is_left(up, children)


def test_nothing_outlives_it(guard: Guard, data: Path) -> None:
    """When `up` itself is killed, everything that it started dies, and the next one can start."""
    up = Up(guard, data, "--port", "0").ready()
    children = up.children()
    up.program.kill()
    nothing_is_left(up, children)
    assert up.data.running() is not None
    Up(guard, data, "--port", "0").ready().program.stop()


# Staying alive


def test_what_dies_is_started_again(guard: Guard, data: Path, command: Command) -> None:
    """Every part that is killed is started again, and what was accepted is delivered."""
    up = Up(guard, data, "--port", "0", "--workers", "1").ready()
    event = data / "event.json"
    event.write_text(EVENT)
    here = {"TALLYMAN_DATA_DIR": str(data)}
    up.settled(identity(command("send", "erp", str(event), **here)), "delivered")
    before = up.children()
    assert len(before) == 4
    for number in before.values():
        os.kill(number, signal.SIGKILL)
    eventually(
        lambda: len(up.children()) == 4 and not {*before.values()} & {*up.children().values()},
        what="a new life of all",
    )
    assert up.program.output().count("was killed by SIGKILL; it starts again in") == 4
    eventually(lambda: _is_ready(up), what="readiness", seconds=20)
    event.write_text(EVENT.replace("7", "8"))
    up.settled(identity(command("send", "erp", str(event), **here)), "delivered")
    assert len(up.get("/v1/notifications")["items"]) == 2
    assert up.program.stop() == 0


def _is_ready(up: Up) -> bool:
    try:
        return httpx.get(f"{up.running.url}/readyz").is_success
    except httpx.HTTPError:
        return False
