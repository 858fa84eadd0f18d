"""Nothing accepted is lost and nothing is sent twice blindly, whatever is killed when."""

from collections import Counter
from pathlib import Path

import pytest

from tests.chaos import Chaos
from tests.test_engine.marked import SERVICE_STEPS, WORKER_STEPS

_KILLS = 50
_SEED = 20_260_901


def _is_enough(kills: Counter[str]) -> bool:
    """Enough kills, and at least one at every marked step and of every kind."""
    kinds = (*SERVICE_STEPS, *WORKER_STEPS, "valkey", "at random")
    return kills.total() >= _KILLS and all(kills[kind] for kind in kinds)


@pytest.mark.timeout(240)
def test_everything_accepted_is_accounted_for_after_fifty_kills(tmp_path: Path) -> None:
    """After service, workers and Valkey were killed at every step, the accounts balance by id."""
    chaos = Chaos(tmp_path, _SEED)
    try:
        said = chaos.run(_is_enough)
    finally:
        chaos.close()

    assert said["delivered"] > 50, said
