"""Values of loose JSON documents: texts that are numbers, numbers that are texts, and neither."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.errors import MalformedError
from purchasing.formats.json_values import (
    date_of,
    loose_decoder,
    number_of,
    object_of,
    objects_of,
    text_of,
    unix_moment_of,
    words_of,
)
from tests.strategies import json_values

LOOSE = loose_decoder(object)


@given(value=st.decimals(-(10**9), 10**9, places=4))
def test_a_number_is_exact_whether_it_is_written_as_number_or_as_text(value: Decimal) -> None:
    """A price keeps every digit that its sender wrote, in quotes or without."""
    for written in (f"{value:f}", json.dumps(f" {value:f} ")):
        assert number_of(LOOSE.decode(written), "it") == value


@pytest.mark.parametrize(
    "value",
    ["1,5", "1e3", "٣", "NaN", "1" * 16, "0x10", "--1", ".5", "1.", True, [], {}, "two"],
)
def test_what_is_no_number_is_said_to_be_none(value: object) -> None:
    """Whatever could be read in two ways is no number."""
    with pytest.raises(MalformedError, match="it is no number"):
        number_of(value, "it")


@pytest.mark.parametrize("written", ["1e400", "1e99999999999999999999", "1e-300", str(10**400)])
def test_a_number_beyond_all_bounds_is_refused(written: str) -> None:
    """A number that would fill the memory is refused, not computed."""
    with pytest.raises(MalformedError):
        number_of(LOOSE.decode(written), "it")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_number_is_not_nothing(value: object) -> None:
    """A number that is not given is not zero."""
    assert number_of(value, "it") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(" 0042 ", "0042"), (42, "42"), (10**30, ""), (True, ""), (None, ""), (Decimal(1), "")],
)
def test_a_text_may_be_a_whole_number(value: object, text: str) -> None:
    """A reference is text with its leading zeros, and may be written as a whole number."""
    assert text_of(value) == text


def test_a_text_is_refused_rather_than_cut() -> None:
    """A text of more than 255 characters is refused; words for people are left out."""
    with pytest.raises(MalformedError, match="a text has 256 characters"):
        text_of("x" * 256)
    assert text_of("x" * 255) == "x" * 255
    assert words_of("x" * 256) == ""
    assert words_of(" ready \n to  ship ") == "ready to ship"
    assert words_of(7) == ""


def test_a_date_is_the_one_that_is_written() -> None:
    """A date is taken from a date or from the start of a time, in its own zone."""
    assert date_of("2026-11-20", "it") == date(2026, 11, 20)
    assert date_of("2026-11-20T23:30:00-05:00", "it") == date(2026, 11, 20)
    assert date_of(None, "it") is None
    assert date_of(" ", "it") is None


@pytest.mark.parametrize("value", ["soon", "2026-02-30", "20.11.2026", 5, [], True])
def test_what_is_no_date_is_said_to_be_none(value: object) -> None:
    """Whatever is no date of the calendar is refused."""
    with pytest.raises(MalformedError, match="it is no date"):
        date_of(value, "it")


@pytest.mark.parametrize("value", [None, True, "1795195800", -1, 10**11, Decimal("1.5")])
def test_what_is_no_unix_time_is_none(value: object) -> None:
    """A time stamp is a whole number of seconds; nothing else is read as one."""
    assert unix_moment_of(value) is None
    assert unix_moment_of(1795195800) == datetime(2026, 11, 20, 17, 30, tzinfo=UTC)


@given(value=json_values)
def test_objects_are_found_in_anything(value: object) -> None:
    """Only objects are taken for objects, and no entry of an array is lost."""
    assert object_of(value) == (value if isinstance(value, dict) else {})
    assert all(isinstance(entry, dict) for entry in objects_of(value))
    assert objects_of([{"a": 1}, 2, {}]) == ({"a": 1}, {}, {})
