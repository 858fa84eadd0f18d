"""What belongs together is there: the job that is named, the pages and payloads of the sources."""

import importlib
from pathlib import Path

import pytest

from purchasing import telemetry
from purchasing.handoff import JOB
from purchasing.sources import all_sources, webhook_formats
from tests.reading import PAYLOADS, SETTINGS, Payload, payloads

ROOT = Path(__file__).parents[2]
FORMATS = sorted(webhook_formats(all_sources()))


def test_the_job_is_there() -> None:
    """The path that the service writes into the queue leads to a function."""
    module, _, function = JOB.rpartition(".")

    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_has_a_page(format_: str) -> None:
    """Every format that may be configured has a page for whoever sets it up."""
    page = (ROOT / "docs" / "sources" / f"{format_}.md").read_text()

    assert f'format = "{format_}"' in page


@pytest.mark.parametrize("payload", payloads(), ids=[payload.name for payload in payloads()])
def test_a_payload_says_what_it_is_about(payload: Payload) -> None:
    """Every payload has a note on what it shows and which documentation it follows."""
    assert payload.expected.get("_note", "").endswith(".")


def test_no_payload_is_left_out() -> None:
    """Every file beside the payloads is a body with its expectation, or a page about them."""
    files = {
        str(file.relative_to(PAYLOADS))
        for file in PAYLOADS.glob("*/*")
        if file.suffix != ".md" and file.name != SETTINGS
    }
    answers = {file for file in files if file.endswith(".expected.json")}
    bodies = {file.rpartition(".")[0] for file in files - answers}

    assert bodies == {file.removesuffix(".expected.json") for file in answers}
    assert len(files) == 2 * len(answers)


@pytest.mark.parametrize("names", [telemetry.Log, telemetry.Metric])
def test_names_of_logs_and_metrics_are_there_once(names: type[telemetry.Log]) -> None:
    """No two names of the log or of the metrics are the same."""
    assert len({str(name) for name in names}) == len(names.__members__)
