"""Every reader and verifier is given what nobody would send: `python -m tests.fuzz --minutes 10`.

Each source is tried in two ways, half of the time each: by hypothesis, which damages and alters the
payloads, and by atheris, which looks for bytes that take a new path through the code. What raises
anything but our own errors, or is accepted without its proof, is kept under `.fuzz/` and named.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import msgspec

from purchasing.sources import all_sources
from tests.reading import payloads

FOUND = Path(".fuzz")
KEY_SETS = "keysets"

_LONGEST_INPUT = 16_384
_SHORTEST_SECONDS = 2


class _Trial(msgspec.Struct, frozen=True):
    """One target, tried in one way for some time."""

    target: str
    way: str
    seconds: int

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", f"tests.fuzzing_by_{self.way}", self.target]


def _trials(minutes: float, names: Sequence[str]) -> Iterator[_Trial]:
    targets = [name for name in (*all_sources(), KEY_SETS) if not names or name in names]
    each = minutes * 60 * (os.cpu_count() or 1) / len(targets) / 2
    # There is no atheris but for Linux on x86-64.
    ways = ("atheris", "hypothesis") if find_spec("atheris") else ("hypothesis",)
    for target in targets:
        for way in ways:
            yield _Trial(target, way, max(_SHORTEST_SECONDS, int(each)))


def _plant(target: str) -> Path:
    """The bytes from which atheris starts: the payloads, and what an earlier run found."""
    folder = FOUND / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for payload in payloads():
        if payload.format == target:
            (folder / payload.case).write_bytes(payload.body[:_LONGEST_INPUT])
    return folder


def _tried(trial: _Trial) -> bool:
    corpus = _plant(trial.target)
    began = time.monotonic()
    arguments = [str(trial.seconds)]
    if trial.way == "atheris":
        arguments = [
            f"-max_total_time={trial.seconds}",
            f"-max_len={_LONGEST_INPUT}",
            f"-artifact_prefix={FOUND}/{trial.target}-",
            "-rss_limit_mb=4096",
            str(corpus),
        ]
    done = subprocess.run([*trial.command, *arguments], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    is_clean = done.returncode == 0
    verdict = "clean" if is_clean else "FOUND"
    sys.stdout.write(f"{trial.target:<16} {trial.way:<11} {seconds:4.0f} s  {verdict}\n")
    if not is_clean:
        FOUND.joinpath(f"{trial.target}-{trial.way}.log").write_text(done.stdout + done.stderr)
        sys.stdout.write((done.stdout + done.stderr)[-3000:])
    return is_clean


def main(arguments: Sequence[str] | None = None) -> int:
    """Try everything; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description="Fuzz every reader and verifier.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("names", nargs="*", help="only these formats")
    given = parser.parse_args(arguments)
    FOUND.mkdir(exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(_tried, _trials(given.minutes, given.names)))
    sys.stdout.write(f"{results.count(True)} of {len(results)} trials are clean.\n")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
