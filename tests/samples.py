"""Published documents that may lie beside the checkout: who has them tests with them, too."""

from pathlib import Path

import pytest

_SAMPLES = Path(__file__).parents[2] / "shared" / "samples"


def sample(path: str) -> bytes:
    """A document of the collection; a test that asks for it is skipped where there is none."""
    file = _SAMPLES / path
    if not file.exists():
        pytest.skip("the collection of published documents is not beside this checkout")
    return file.read_bytes()
