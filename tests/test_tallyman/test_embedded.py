"""The Valkey that `tallyman up` brings along, as it is started."""

import os
from pathlib import Path

import pytest

from tallyman.embedded import embedded_valkey


@pytest.mark.parametrize(
    ("given", "tunables"),
    [
        ({}, "glibc.malloc.tcache_count=4096"),
        ({"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}, "glibc.malloc.arena_max=1"),
    ],
)
def test_it_keeps_freed_memory_at_hand(
    tmp_path: Path, given: dict[str, str], tunables: str
) -> None:
    """The C library is told to, unless the environment tells it something else."""
    lock = os.open(tmp_path, os.O_RDONLY)
    try:
        valkey = embedded_valkey(tmp_path / "valkey", {"HOME": "/", **given}, lock=lock)
    finally:
        os.close(lock)

    assert valkey.program.environment == {"HOME": "/", "GLIBC_TUNABLES": tunables}
