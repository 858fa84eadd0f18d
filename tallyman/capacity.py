"""`tallyman capacity`: what a number of notifications needs, reckoned from what was measured."""

import math
from typing import Annotated

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from purchasing.configuration import Cofactr, Retention
from tallyman import figures
from tallyman.output import say, say_json

_SECONDS_A_DAY = 86_400

# A pod that is lost, and one that is being replaced, must not be missed.
_FEWEST_PODS = 2
# How much of what was measured is planned with: nobody's machine is the one that was measured.
_SHARE = 0.5
# Rewriting the append-only file may for a time need as much memory again.
_MEMORY_FACTOR = 2.0


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed; rates by the second, memory in bytes.

    `fsyncs_per_second` is the least and the most at the peak: with full batches, and with one
    notification in each. `limits` are the next limits, the nearest first.
    """

    per_day: int
    keep_days: int
    peak_factor: float
    average_per_second: float
    peak_per_second: float
    service_pods: int
    worker_pods: int
    redis_data_bytes: int
    redis_memory_bytes: int
    hour_of_backlog_bytes: int
    fsyncs_per_second: tuple[float, float]
    requests_per_second: float
    limits: tuple["Limit", ...]


class Limit(msgspec.Struct, frozen=True):
    """Something that ends at a rate, and what then helps."""

    at_per_second: float
    what: str
    then: str


def capacity(
    *,
    per_day: Annotated[int, Parameter(validator=Number(gte=1, lte=10**10))],
    keep_days: Annotated[int, Parameter(validator=Number(gte=1, lte=3650))],
    peak: Annotated[float, Parameter(validator=Number(gte=1, lte=1000))] = 10.0,
    json: bool = False,
) -> None:
    """Reckon what a number of notifications a day needs, from what was measured.

    Args:
        per_day: How many notifications arrive in a day.
        keep_days: For how many days their records are kept, as records_days has it.
        peak: How many times the average the busiest moments bring.
        json: Print JSON.
    """
    needed = reckon(per_day, keep_days, peak)
    if json:
        say_json(needed)
    else:
        for line in lines_of(needed):
            say(line)


def reckon(per_day: int, keep_days: int, peak_factor: float) -> Capacity:
    """What is needed; the other settings are taken at their defaults."""
    average = per_day / _SECONDS_A_DAY
    peak = average * peak_factor
    accepted = figures.ACCEPTED_PER_SECOND * figures.ACCEPTED_BESIDE_BACKLOG * _SHARE
    worked = figures.WORKED_PER_SECOND * _SHARE
    data = per_day * _bytes_of_one(keep_days)
    return Capacity(
        per_day=per_day,
        keep_days=keep_days,
        peak_factor=peak_factor,
        average_per_second=round(average, 3),
        peak_per_second=round(peak, 3),
        service_pods=max(_FEWEST_PODS, math.ceil(peak / accepted)),
        worker_pods=max(_FEWEST_PODS, math.ceil(peak / worked)),
        redis_data_bytes=data,
        redis_memory_bytes=int(data * _MEMORY_FACTOR),
        hour_of_backlog_bytes=int(peak * 3600 * figures.QUEUED_BYTES),
        fsyncs_per_second=(round(peak / figures.LARGEST_BATCH, 3), round(peak, 3)),
        requests_per_second=Cofactr().requests_per_second,
        limits=_limits(),
    )


def _bytes_of_one(keep_days: int) -> int:
    """The memory of what arrives once a day, with all that is kept of it at any time."""
    kept = Retention()
    return (
        figures.RAW_BYTES * min(kept.raw_days, keep_days)
        + figures.RECORD_BYTES * keep_days
        + figures.LEDGER_BYTES * max(kept.ledger_days, keep_days)
    )


def _limits() -> tuple[Limit, ...]:
    """Where what is configured and what was measured end, the nearest first."""
    return (
        Limit(
            Cofactr().requests_per_second,
            "[cofactr] requests_per_second, as it is without a word: calls, not notifications",
            "raise it as far as Cofactr agrees; what comes faster waits in the queue",
        ),
        Limit(
            figures.WORKED_PER_SECOND,
            "one worker on one core",
            "add worker pods",
        ),
        Limit(
            round(figures.ACCEPTED_PER_SECOND * figures.ACCEPTED_BESIDE_BACKLOG, 3),
            "one service pod on one core, beside a long queue; one Redis was not measured beyond",
            "add service pods, measure, and then give organisations a Tallyman of their own",
        ),
    )


def lines_of(needed: Capacity) -> list[str]:
    """What is needed, in lines for people."""
    least, most = needed.fsyncs_per_second
    rows = [
        ("notifications", f"{needed.per_day:,} a day, records kept for {needed.keep_days} days"),
        ("average", f"{needed.average_per_second:,.1f}/s"),
        ("peak", f"{needed.peak_per_second:,.1f}/s, {needed.peak_factor:g} times the average"),
        ("service pods", f"{needed.service_pods}, planned with half of what one carried"),
        ("worker pods", f"{needed.worker_pods}, planned likewise; two is the least of either"),
        ("Redis data", f"{_size(needed.redis_data_bytes)} when everything kept has filled up"),
        ("Redis memory", f"{_size(needed.redis_memory_bytes)}, with room for rewriting its log"),
        ("an hour's queue", f"{_size(needed.hour_of_backlog_bytes)} more, if nothing is sent"),
        ("fsyncs", f"{least:,.1f}/s to {most:,.1f}/s at the peak, as full as batches are"),
        *(("limit", f"{it.at_per_second:,.0f}/s: {it.what}; {it.then}") for it in needed.limits),
    ]
    if needed.peak_per_second > needed.requests_per_second:
        said = f"{needed.requests_per_second:g}/s"
        rows.append(("note", f"the peak is above requests_per_second ({said}), so it queues"))
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {words}" for name, words in rows]


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:  # noqa: PLR2004  # it is what a unit is
            return f"{count:,.1f} {unit}"
        count /= 1024
    return f"{count:,.1f} TiB"
