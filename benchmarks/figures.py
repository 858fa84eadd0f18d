"""Figures, the table that shows them, and the file that keeps them."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).with_name("results.json")

TIMES = "\N{MULTIPLICATION SIGN}"
"""The unit of a ratio."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure; `at_least` is its bar, and `measured` what it comes from, for people."""

    figure: str
    value: float
    unit: str
    at_least: float | None = None
    met: bool = True
    measured: str = ""


def ratio(
    name: str,
    rounds: Sequence[Mapping[str, float]],
    ours: str,
    theirs: str,
    *,
    at_least: float | None = None,
    unit: str = "/s",
) -> Figure:
    """How many times the other side's rate ours is: the median of what each round says."""
    value = statistics.median(each[ours] / each[theirs] for each in rounds)
    rates = [statistics.median(each[side] for each in rounds) for side in (ours, theirs)]
    return Figure(
        figure=name,
        value=round(value, 3),
        unit=TIMES,
        at_least=at_least,
        met=at_least is None or value >= at_least,
        measured=f"{_short(rates[0])}{unit} against {_short(rates[1])}{unit}",
    )


def plain(name: str, value: float, unit: str, measured: str = "") -> Figure:
    """A figure without a bar."""
    return Figure(figure=name, value=round(value, 3), unit=unit, measured=measured)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def show(figures: Iterable[Figure], circumstances: Mapping[str, str]) -> None:
    """Print the table, and under which circumstances it came about."""
    table = Table(box=box.MARKDOWN)
    table.add_column("figure")
    for name in ("value", "at least", "met"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("medians")
    for it in figures:
        bar = "" if it.at_least is None else f"{it.at_least:g}{_unit(it.unit)}"
        met = "" if it.at_least is None and it.met else ("yes" if it.met else "NO")
        table.add_row(it.figure, f"{it.value:,.4g}{_unit(it.unit)}", bar, met, it.measured)
    console = Console(width=None if Console().is_terminal else 200)
    for name, words in circumstances.items():
        console.print(f"{name}: {words}", highlight=False)
    console.print(table)


def _unit(unit: str) -> str:
    return unit if unit in (TIMES, "/s") else f" {unit}"


def keep(figures: Iterable[Figure]) -> None:
    """Write the figures to the file."""
    rows = [
        {name: getattr(it, name) for name in ("figure", "value", "unit", "at_least", "met")}
        for it in figures
    ]
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
