"""What a worker reads from its environment, and why it does not start."""

from datetime import timedelta
from pathlib import Path

import pytest

from purchasing.errors import ConfigurationError
from purchasing.handoff import JOB, encode_job
from tests.running import Guard
from workers import jobs
from workers.settings import settings_in

NEEDED = {"REDIS_URL": "redis://localhost:6379/0", "COFACTR_API_KEY": "key"}


def test_little_needs_to_be_set(tmp_path: Path) -> None:
    """With the addresses of Redis and a key, a worker speaks to Cofactr itself."""
    empty = tmp_path / "empty.toml"
    empty.touch()

    settings = settings_in(NEEDED | {"TALLYMAN_CONFIG": str(empty)})

    assert settings.cofactr_url == "https://flagship-api.cofactr.com"
    assert settings.lease == timedelta(seconds=20)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_is_named(name: str) -> None:
    """Without Redis or a key nothing starts, and what is missing is named."""
    with pytest.raises(ConfigurationError, match=f"{name} is not set"):
        settings_in({key: value for key, value in NEEDED.items() if key != name})


@pytest.mark.parametrize("seconds", ["0", "3601", "-1", "1.5", "x", "²"])
def test_a_lease_is_a_number_of_seconds(seconds: str) -> None:
    """A lease that cannot be is refused by its name."""
    with pytest.raises(ConfigurationError, match="TALLYMAN_LEASE_SECONDS"):
        settings_in(NEEDED | {"TALLYMAN_LEASE_SECONDS": seconds})


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A worker without a key is exit code 2 and one sentence."""
    with Guard(tmp_path) as guard:
        program = guard.start_module("workers", REDIS_URL=NEEDED["REDIS_URL"])
        code = program.ended()

    assert code == 2
    (sentence,) = program.output().splitlines()
    assert sentence.startswith("COFACTR_API_KEY is not set")


def test_the_job_is_where_the_queue_says_it_is() -> None:
    """The function that jobs name exists, and refuses to be run by another kind of worker."""
    module, _, function = JOB.rpartition(".")

    assert module == jobs.__name__
    with pytest.raises(RuntimeError, match="tallyman work"):
        getattr(jobs, function)("0" * 24)
    assert JOB.encode() in encode_job("0" * 24)
