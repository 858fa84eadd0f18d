"""One Tallyman for most of these tests; each finds it empty, and starts the workers it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Guard
from tests.test_engine.stage import CONFIGURATION, Engine


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A Tallyman without workers, as it is started once."""
    engine = Engine(tmp_path_factory.mktemp("engine"), CONFIGURATION)
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture
def engine(standing: Engine) -> Iterator[Engine]:
    """A Tallyman that knows nothing yet; the workers that a test hires end with it."""
    standing.forget()
    try:
        yield standing
    finally:
        standing.dismiss()


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    """Starts what a test needs for itself."""
    folder = tmp_path / "run"
    folder.mkdir()
    with Guard(folder) as guard:
        yield guard
