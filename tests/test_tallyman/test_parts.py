"""One part of Tallyman each, as a deployment runs them."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running import Guard, Program, Valkey, eventually, free_port, valkey
from tests.test_tallyman.starting import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """Ends what the tests started."""
    with Guard(tmp_path_factory.mktemp("parts")) as made:
        yield made


@pytest.fixture(scope="module")
def redis(guard: Guard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Redis."""
    with valkey(guard, tmp_path_factory.mktemp("redis")) as running:
        yield running


def two_workers(program: Program, *, but: int = 0) -> set[int]:
    """Wait until a program keeps two workers, none of which is a certain process."""

    def look() -> set[int]:
        mine = [it for it in processes() if it.parent == program._process.pid]
        found = {it.number for it in mine if it.name.rstrip().endswith("-m workers")}
        return found if len(found) == 2 and but not in found else set()

    return eventually(look, what="two workers")


def start_workers(guard: Guard, redis: Valkey, count: int, **environment: str) -> Program:
    """Start some workers, which never call anybody."""
    return guard.start_module(
        *("tallyman", "work", "--processes", str(count)),
        REDIS_URL=redis.url,
        COFACTR_BASE_URL="http://127.0.0.1:1",
        **environment,
    )


def test_the_service_alone(guard: Guard, redis: Valkey) -> None:
    """`serve` is the service itself: it answers at its port, and ends when it is told to."""
    port = free_port()
    served = guard.start_module("tallyman", "serve", REDIS_URL=redis.url, TALLYMAN_PORT=str(port))

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/livez").is_success
        except httpx.HTTPError:
            return False

    served.until_ready(answers)
    words = Path(f"/proc/{served._process.pid}/cmdline").read_bytes().split(b"\0")
    assert words[-3:] == [b"-m", b"service", b""]
    # Uvicorn ends in good order and then raises the signal that it got once more.
    assert served.stop() in (0, -signal.SIGTERM)


def test_several_workers(guard: Guard, redis: Valkey) -> None:
    """Workers that die are replaced, and all of them end when they are told to."""
    working = start_workers(guard, redis, 2, COFACTR_API_KEY="key")
    first = two_workers(working)
    killed = min(first)
    os.kill(killed, signal.SIGKILL)
    again = two_workers(working, but=killed)
    assert "was killed by SIGKILL; it starts again" in working.output()
    assert working.stop() == 0
    assert not (first | again) & {it.number for it in processes()}


def test_workers_do_not_outlive_whoever_keeps_them(guard: Guard, redis: Valkey) -> None:
    """Workers die when the command that keeps them is killed."""
    working = start_workers(guard, redis, 2, COFACTR_API_KEY="key")
    workers = two_workers(working)
    working.kill()
    eventually(lambda: not workers & {it.number for it in processes()}, what="their end")


@pytest.mark.parametrize("count", [1, 2])
def test_workers_that_cannot_start_say_why(guard: Guard, redis: Valkey, count: int) -> None:
    """A missing setting is named and ends the command, however many workers it keeps."""
    working = start_workers(guard, redis, count)
    assert working.ended() == 2
    assert "COFACTR_API_KEY is not set" in working.output()


@pytest.mark.parametrize("url", ["bogus", "redis://[bad", "redis+sentinel://one"])
def test_a_service_that_cannot_start_says_why(guard: Guard, url: str) -> None:
    """An address of Redis that cannot be is told in one line, with exit code 2."""
    served = guard.start_module("tallyman", "serve", REDIS_URL=url)

    assert served.ended(10) == 2
    assert served.output().startswith("REDIS_URL")
    assert "Traceback" not in served.output()


def test_the_sandbox_alone(guard: Guard) -> None:
    """`sandbox` is the sandbox itself: it says where it is, and ends when it is told to."""
    sandbox = guard.start_module("tallyman", "sandbox", "--port", "0")
    line = sandbox.until_ready(sandbox.output)
    url = line.strip().rpartition(" ")[2]
    assert httpx.get(f"{url}/_sandbox/requests").json() == []
    assert sandbox.stop() == 0
