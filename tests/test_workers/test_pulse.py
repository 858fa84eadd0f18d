"""Whether a worker is alive, as a cluster asks it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from purchasing.telemetry import Metric
from tests.running import Guard, free_port
from workers.measuring import Metrics, Pulse


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that a test turns."""
    return Clock()


@pytest.fixture
def port(clock: Clock) -> Iterator[int]:
    """The port of a worker whose loop has turned once, at the clock's beginning."""
    server = Metrics().serve("127.0.0.1", 0, Pulse(clock))
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_a_loop_that_does_not_turn_is_seen(port: int, clock: Clock) -> None:
    """Who asks from outside hears it, although the process runs on."""
    url = f"http://127.0.0.1:{port}"
    assert httpx.get(f"{url}/livez").status_code == 200
    clock.now = 29.0
    assert httpx.get(f"{url}/livez").json() == {"status": "alive"}
    clock.now = 31.0
    assert httpx.get(f"{url}/livez").status_code == 503
    assert Metric.CALL_SECONDS in httpx.get(f"{url}/metrics").text


async def test_a_loop_that_turns_beats(clock: Clock) -> None:
    """Nothing but turning is needed."""
    pulse = Pulse(clock)
    clock.now = 100.0
    before = pulse.is_alive
    beating = asyncio.create_task(pulse.run())
    await asyncio.sleep(0)
    assert (before, pulse.is_alive) == (False, True)
    beating.cancel()


def test_the_absence_of_redis_kills_no_worker(tmp_path: Path) -> None:
    """A worker without Redis is alive: to start it again would change nothing."""
    port = free_port()
    with Guard(tmp_path) as guard:
        worker = guard.start_module(
            "workers",
            REDIS_URL="redis://127.0.0.1:1/0",
            COFACTR_API_KEY="key",
            TALLYMAN_METRICS_PORT=str(port),
        )

        def answer() -> httpx.Response | None:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/livez")
            except httpx.TransportError:
                return None

        assert worker.until_ready(answer).json() == {"status": "alive"}
        assert worker.stop() == 0
