"""What a number of notifications needs, reckoned from what was measured."""

import json
import re

import pytest

from benchmarks.figures import RESULTS
from store import acceptance
from tallyman import cli, figures
from tallyman.capacity import lines_of, reckon
from tests.pages import blocks, text_of

# Another run on the same machine differs by less; a new table has to be taken over.
_WITHIN = 0.05


def measured(part: str) -> float:
    """A figure that the benchmark kept, by a part of its name."""
    kept = json.loads(RESULTS.read_bytes())
    (value,) = (float(it["value"]) for it in kept if part in it["figure"])
    return value


def in_the_table(part: str, pattern: str) -> float:
    """A number in the row of the README's table that has these words."""
    (row,) = (line for line in text_of("README.md").splitlines() if part in line)
    (number,) = re.findall(pattern, row)
    return float(number.replace(",", ""))


def test_the_figures_are_those_that_were_measured() -> None:
    """What is reckoned with is what the benchmark kept and the README shows."""
    backlog = measured("accepted with 500,000 queued")
    assert pytest.approx(backlog, rel=_WITHIN) == figures.ACCEPTED_BESIDE_BACKLOG
    accepted = in_the_table("against the same route without a queue", r"\| ([\d,]+)/s against")
    assert pytest.approx(accepted, rel=_WITHIN) == figures.ACCEPTED_PER_SECOND
    worked = in_the_table("at 50 ms, against SimpleWorker", r"\| ([\d,]+)/s against")
    assert pytest.approx(worked, rel=_WITHIN) == figures.WORKED_PER_SECOND
    queued = in_the_table("memory per queued notification", r"\| ([\d,]+), of which")
    assert pytest.approx(queued, rel=_WITHIN) == figures.QUEUED_BYTES
    own = measured("memory per queued notification")
    beside = figures.QUEUED_BYTES - figures.BODY_AND_HEADERS_BYTES
    assert beside == pytest.approx(own, rel=_WITHIN)
    assert figures.LARGEST_BATCH == acceptance._BATCH_ITEMS


def test_a_small_house_needs_the_least() -> None:
    """A thousand a day need two pods of each for the sake of replacing one, and little memory."""
    needed = reckon(1_000, 90, 10)
    assert needed.service_pods == needed.worker_pods == 2
    assert needed.average_per_second == pytest.approx(1_000 / 86_400, abs=0.001)
    assert needed.peak_per_second == pytest.approx(10_000 / 86_400, abs=0.001)
    assert needed.redis_data_bytes < 1024**3


def test_more_notifications_need_more() -> None:
    """Nothing that is needed shrinks as the number, the days or the peak grow."""
    small, large = reckon(10**6, 90, 10), reckon(10**8, 90, 10)
    assert large.service_pods > small.service_pods
    assert large.worker_pods > small.worker_pods
    assert large.redis_data_bytes == 100 * small.redis_data_bytes
    assert reckon(10**6, 180, 10).redis_data_bytes > small.redis_data_bytes
    assert reckon(10**6, 90, 20).service_pods >= small.service_pods


def test_what_is_kept_is_the_sum_of_its_parts() -> None:
    """Bodies count for their days, records for theirs, and the ledger for its own."""
    expected = figures.RAW_BYTES * 14 + figures.RECORD_BYTES * 30 + figures.LEDGER_BYTES * 400
    assert reckon(1, 30, 1).redis_data_bytes == expected
    short = figures.RAW_BYTES * 7 + figures.RECORD_BYTES * 7 + figures.LEDGER_BYTES * 400
    assert reckon(1, 7, 1).redis_data_bytes == short


def test_the_nearest_limit_is_named_first() -> None:
    """The limits are in their order, and one that the peak is beyond is said."""
    needed = reckon(1_000_000, 90, 10)
    rates = [limit.at_per_second for limit in needed.limits]
    assert rates == sorted(rates)
    assert any("requests_per_second" in line for line in lines_of(needed))
    assert lines_of(needed)[-1].startswith("note")
    assert not lines_of(reckon(1_000, 90, 10))[-1].startswith("note")


def test_it_is_printed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines without, and one document with `--json`; neither needs a running service."""
    words = ("capacity", "--per-day", "250000", "--keep-days", "90")
    assert cli.run(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("250,000 a day, records kept for 90 days")
    assert cli.run((*words, "--json")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["per_day"] == 250_000
    assert said["service_pods"] >= 2


def test_the_page_shows_what_is_printed() -> None:
    """The page on scaling shows the command's own words."""
    ((_, _, shown),) = (it for it in blocks(text_of("docs/scaling.md")) if it[1] == "console")
    typed, _, printed = shown.partition("\n")
    assert typed == "$ tallyman capacity --per-day 1000000 --keep-days 90"
    assert printed.splitlines() == lines_of(reckon(1_000_000, 90, 10))


@pytest.mark.parametrize("words", [("--per-day", "0"), ("--per-day", "x"), ("--peak", "0.5")])
def test_what_makes_no_sense_is_refused(words: tuple[str, str]) -> None:
    """Numbers that cannot be are exit code 2."""
    needed = {"--per-day": "1", "--keep-days": "1"} | dict([words])
    assert cli.run(("capacity", *(word for pair in needed.items() for word in pair))) == 2
