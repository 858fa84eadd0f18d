"""Documents of internal callers: every bad field is named, and any bytes are read or refused."""

import json
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from msgspec import Meta

from purchasing.errors import InvalidFieldsError
from purchasing.orders import OrderFields
from purchasing.updates import DirectEvent
from purchasing.validation import BODY, read_fields
from tests.strategies import DEEP, bodies


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a box."""

    name: Annotated[str, Meta(min_length=1)]
    weight: Decimal | None = None


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be read."""

    number: int
    label: str
    parts: tuple[Part, ...] = ()
    price: Decimal | None = None
    is_open: bool = False


def read(document: object) -> Box:
    """A box, read from JSON."""
    return read_fields(json.dumps(document).encode(), Box)


def faults(body: bytes) -> dict[str, str]:
    """What is wrong with a document."""
    with pytest.raises(InvalidFieldsError) as refused:
        read_fields(body, Box)
    assert str(refused.value)
    return refused.value.fields


def test_a_good_document_is_read() -> None:
    """A document whose fields are all right becomes its Struct."""
    box = read({"number": 1, "label": "a", "parts": [{"name": "lid", "weight": "0.10"}]})

    assert box == Box(number=1, label="a", parts=(Part("lid", Decimal("0.10")),))


def test_null_counts_as_not_given() -> None:
    """A field that is null has its default, and one that is required is missing."""
    assert read({"number": 1, "label": "a", "parts": None, "is_open": None}).parts == ()
    assert faults(b'{"number": null, "label": "a"}') == {"number": "is required"}


def test_every_bad_field_is_named_at_once() -> None:
    """Missing, unknown and wrong fields are all named, each with its fault."""
    document = {"number": "one", "parts": [{"name": "lid"}, {"name": ""}], "is_open": 1, "b": 2}

    found = faults(json.dumps(document).encode())

    assert found == {
        "number": "expected `int`, got `str`",
        "label": "is required",
        "parts[1].name": "expected `str` of length >= 1",
        "is_open": "expected `bool`, got `int`",
        "b": "is not a field here",
    }


def test_an_unknown_field_within_is_named() -> None:
    """An unknown field is found however deep it lies."""
    (found,) = faults(b'{"number": 1, "label": "a", "parts": [{"name": "a", "mass": 1}]}').items()

    assert found == ("parts[0]", "object contains unknown field `mass`")


def test_a_number_with_decimals_is_exact() -> None:
    """A number with a point is a decimal, and never passes through a float."""
    body = b'{"number": 1, "label": "a", "price": 0.1000000000000000000001}'

    assert read_fields(body, Box).price == Decimal("0.1000000000000000000001")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b'{"number": 1}}',
        b'"\xff"',
        b'{"label": "\xc3\x28"}',
        b"\xef\xbb\xbf{}",
        b'{"price": 1e99999999999999999999}',
        b'{"number": ' + b"9" * 5000 + b"}",
        b'{"label": "\\ud800"}',
        *DEEP,
    ],
    ids=lambda body: f"{body[:24]!s}-{len(body)}-{body[-1:]!r}",
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Bytes that are no JSON, or hold what no program can count, are refused as a whole."""
    assert set(faults(body)) == {BODY}


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"', b"true"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """JSON that is no object is refused as a whole."""
    assert faults(body) == {BODY: "must be a JSON object"}


@pytest.mark.parametrize("kind", [Box, DirectEvent, OrderFields])
@given(body=bodies)
def test_any_bytes_are_read_or_refused(kind: type[msgspec.Struct], body: bytes) -> None:
    """Whatever is posted is read, or refused with at least one named fault."""
    said: dict[str, Any] = {"nothing": "is wrong"}
    try:
        read_fields(body, kind)
    except InvalidFieldsError as error:
        said = error.fields
    assert said
    assert all(said.values())
