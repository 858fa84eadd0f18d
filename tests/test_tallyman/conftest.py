"""A `tallyman up` for all tests of its commands, and the commands."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tallyman import cli
from tests.running import Guard
from tests.test_tallyman.starting import Command, Ended, Up


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One demonstration for all tests that only look at it or add to it."""
    folder = tmp_path_factory.mktemp("up")
    with Guard(folder) as guard:
        shown = Up(guard, folder / "data", "--port", "0").ready()
        yield shown
        assert shown.program.stop() == 0


def _not_ours(environment: Mapping[str, str]) -> dict[str, str]:
    ours = ("TALLYMAN_", "COFACTR_", "REDIS_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Runs a command as a process, in an empty directory, with nothing set that is not given."""

    def run(*words: str, **environment: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "tallyman", *words],
            cwd=tmp_path,
            env=_not_ours(os.environ) | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Command:
    """As `process`, but within this one, which is quicker."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, stdin: bytes = b"", **environment: str) -> Ended:
        with monkeypatch.context() as patch:
            for name in os.environ.keys() - _not_ours(os.environ).keys():
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            code = cli.run(words)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def asked(command: Command, up: Up) -> Command:
    """Runs a command beside the demonstration."""

    def run(*words: str, stdin: bytes = b"", **environment: str) -> Ended:
        known = {"TALLYMAN_DATA_DIR": str(up.data.path)}
        return command(*words, stdin=stdin, **known | environment)

    return run
