"""Measure everything: `python -m benchmarks`, or `--quick` for a first look at all of it."""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop

from benchmarks.accepting import accepting
from benchmarks.backlog import Backlog, backlog
from benchmarks.figures import Figure, keep, plain, ratio, show
from benchmarks.latency import RATE, latency
from benchmarks.machine import circumstances
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.stage import Stage
from benchmarks.transports import transports
from benchmarks.valkey import valkey
from benchmarks.working import CELERY, DRAMATIQ, FORK, SIMPLE, TALLYMAN, working, working_nothing

_MOST_BYTES_BESIDE = 1400

Rounds = Sequence[Mapping[str, float]]


async def _accepting(stage: Stage, scale: Scale) -> list[Figure]:
    rounds = await accepting(stage, scale)
    return [
        ratio(
            "accepted and durable, against the same route without a queue",
            rounds,
            "tallyman",
            "ceiling",
            at_least=0.8,
        ),
        ratio(
            "accepted and durable, against Litestar + RQ in a thread",
            rounds,
            "tallyman",
            "rq",
            at_least=4,
        ),
        ratio(
            "accepted and durable, against Litestar + Celery in a thread",
            rounds,
            "tallyman",
            "celery",
        ),
        ratio(
            "accepted and durable, against Litestar + Dramatiq in a thread",
            rounds,
            "tallyman",
            "dramatiq",
        ),
    ]


async def _working(stage: Stage, scale: Scale) -> list[Figure]:
    at_once = await working(
        stage,
        scale,
        {
            TALLYMAN: scale.worked,
            SIMPLE: scale.peer_worked,
            CELERY: scale.peer_worked * 2,
            DRAMATIQ: scale.peer_worked * 2,
        },
        delay_seconds=0.0,
    )
    slow = await working(
        stage,
        scale,
        {
            TALLYMAN: scale.worked,
            SIMPLE: scale.slow_worked,
            FORK: scale.slow_worked,
            CELERY: scale.slow_worked * 2,
            DRAMATIQ: scale.slow_worked * 8,
        },
        delay_seconds=0.05,
    )
    name = "worked off to Cofactr"
    return [
        ratio(f"{name} at 0 ms, against SimpleWorker", at_once, "tallyman", "simple", at_least=8),
        ratio(f"{name} at 0 ms, against Celery's worker", at_once, "tallyman", "celery"),
        ratio(f"{name} at 0 ms, against Dramatiq's worker", at_once, "tallyman", "dramatiq"),
        ratio(f"{name} at 50 ms, against SimpleWorker", slow, "tallyman", "simple", at_least=80),
        ratio(
            f"{name} at 50 ms, against RQ's default Worker", slow, "tallyman", "fork", at_least=200
        ),
        ratio(f"{name} at 50 ms, against Celery's worker", slow, "tallyman", "celery"),
        ratio(f"{name} at 50 ms, against Dramatiq's worker", slow, "tallyman", "dramatiq"),
    ]


async def _nothing(stage: Stage, scale: Scale) -> list[Figure]:
    rounds = await working_nothing(stage, scale)
    reading = statistics.median(each["ignoring"] for each in rounds)
    return [
        ratio(
            "jobs that do nothing, against SimpleWorker", rounds, "tallyman", "simple", at_least=40
        ),
        plain("notifications that are read and ignored", reading, "/s"),
    ]


async def _transports(stage: Stage, scale: Scale) -> list[Figure]:
    name = "requests through our transport, 64 in flight, against plain httpx"
    return [ratio(name, await transports(stage, scale), "transport", "httpx", at_least=3)]


async def _backlog(stage: Stage, scale: Scale) -> list[Figure]:
    folder = stage.folder
    async with valkey(folder) as full:
        it = await backlog(Stage(folder, full), scale)
    name = f"accepted with {scale.backlog:,} queued, against an empty queue"
    return [ratio(name, it.rounds, "full", "empty", at_least=0.9), _memory(it)]


def _memory(it: Backlog) -> Figure:
    beside = it.memory - it.body_and_headers
    return Figure(
        figure=f"memory per queued notification, beside its body and headers:"
        f" at most {_MOST_BYTES_BESIDE:,}",
        value=round(beside),
        unit="bytes",
        met=beside <= _MOST_BYTES_BESIDE,
        measured=f"{it.memory:,.0f}, of which {it.body_and_headers:,.0f} are body and headers",
    )


async def _latency(stage: Stage, scale: Scale) -> list[Figure]:
    median, tail = await latency(stage, scale)
    name = f"from the POST to the call at Cofactr, at {RATE}/s"
    return [plain(f"{name}: median", median, "ms"), plain(f"{name}: 99th percentile", tail, "ms")]


_PARTS = {
    "accepting": _accepting,
    "working": _working,
    "nothing": _nothing,
    "transports": _transports,
    "backlog": _backlog,
    "latency": _latency,
}


async def _measure(scale: Scale, only: Sequence[str]) -> bool:
    began = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        async with valkey(folder) as server:
            stage = Stage(folder, server)
            words = await circumstances(folder, server)
            try:
                for part in only or _PARTS:
                    sys.stderr.write(f"{time.monotonic() - began:4.0f} s  {part}\n")
                    figures += await _PARTS[part](stage, scale)
            except Exception:
                show(figures, words)
                raise
    rounds = f"{scale.rounds} interleaved rounds, {scale.worked_rounds} where workers start"
    took = f"{time.monotonic() - began:.0f} s; medians of {rounds}"
    show(figures, {**words, "Taken": took})
    if not only and scale is FULL:
        keep(figures)
    return all(it.met for it in figures)


def main() -> int:
    """Measure, print and keep; the exit code says whether every bar is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round of everything, not kept"
    )
    parser.add_argument("only", nargs="*", help=f"a part: {', '.join(_PARTS)}")
    asked = parser.parse_args()
    for part in asked.only:
        if part not in _PARTS:
            parser.error(f"there is no part {part}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return 0 if runner.run(_measure(QUICK if asked.quick else FULL, asked.only)) else 1


if __name__ == "__main__":
    sys.exit(main())
