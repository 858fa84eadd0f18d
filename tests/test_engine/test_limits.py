"""The limits towards Cofactr hold for all workers together."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from tests.test_engine import reconciling
from tests.test_engine.stage import CONFIGURATION, Engine

_RATE = 20
_IN_FLIGHT = 5


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A Tallyman that may call Cofactr only so often, with two workers."""
    configuration = CONFIGURATION.replace(
        "requests_per_second = 5000", f"requests_per_second = {_RATE}"
    ).replace("max_in_flight = 64", f"max_in_flight = {_IN_FLIGHT}")
    engine = Engine(tmp_path_factory.mktemp("limited"), configuration)
    try:
        engine.hire(2)
        yield engine
    finally:
        engine.dismiss()
        engine.close()


def _times(engine: Engine) -> list[float]:
    return [datetime.fromisoformat(it["at"]).timestamp() for it in engine.sandbox.requests()]


def test_no_second_has_more_calls_than_may_be_made(limited: Engine) -> None:
    """In every second, counted from any moment, two workers together keep to the rate."""
    limited.admin.http.post("/v1/queue/pause")
    for _ in range(60):
        limited.note()
    limited.sandbox.forget()
    limited.admin.http.post("/v1/queue/resume")
    reconciling.quiet(limited.admin, seconds=20)

    times = _times(limited)
    assert len(times) == 60
    busiest = max(sum(start <= at < start + 1 for at in times) for start in times)
    assert busiest <= _RATE * 1.2
    assert times[-1] - times[0] < 60 / _RATE + 1.5


def test_no_more_calls_are_under_way_than_may_be(limited: Engine) -> None:
    """Two workers together never have more calls under way than they may."""
    seconds = 0.4
    limited.sandbox.forget()
    limited.sandbox.fail({"delay_seconds": seconds, "forever": True})
    for _ in range(30):
        limited.note()
    reconciling.quiet(limited.admin, seconds=20)

    times = _times(limited)
    most = max(sum(at <= end < at + seconds for at in times) for end in times)
    assert most <= _IN_FLIGHT
    assert all(later - sooner < 2 * seconds for sooner, later in pairwise(times))
    limited.sandbox.fail()
