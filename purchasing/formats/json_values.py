"""Values of JSON documents whose types nobody promises: a number as text, a text as number.

They are read from fields of the type `object`, one by one, so that one that cannot be read spoils
no more than its own part of a document.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec

from purchasing.errors import MalformedError

T = TypeVar("T")

_LONGEST = 255
_LARGEST_WHOLE = 10**20
# Spelled out, because \d takes the digits of every script.
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?")


def loose_decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    """A decoder that keeps numbers exact in fields of the type `object`."""
    return msgspec.json.Decoder(type_, float_hook=exact)


def exact(text: str) -> Decimal | str:
    """A number of a JSON document as it is written; its text where no number can be so large."""
    try:
        return Decimal(text)
    except InvalidOperation:  # Its exponent is beyond all bounds.
        return text


def text_of(value: object) -> str:
    """A text or a whole number as trimmed text; empty for anything else.

    Raises:
        MalformedError: It is longer than 255 characters.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_WHOLE:
        return str(value)
    trimmed = value.strip() if isinstance(value, str) else ""
    if len(trimmed) > _LONGEST:
        message = f"a text has {len(trimmed)} characters, and {_LONGEST} is the most"
        raise MalformedError(message)
    return trimmed


def words_of(value: object) -> str:
    """A text for people, in one line; empty for anything else or where it is too long."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return words if len(words) <= _LONGEST else ""


def number_of(value: object, what: str) -> Decimal | None:
    """An exact number from a number or a text; None where there is none.

    Raises:
        MalformedError: It is no number of at most 15 digits and 10 decimals; `what` names it.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = ""
    if isinstance(value, Decimal) and abs(value.adjusted()) < _LONGEST:
        text = f"{value:f}"
    elif not isinstance(value, Decimal):
        text = text_of(value)
    if not _NUMBER.fullmatch(text):
        message = f"{what} is no number that is read here"
        raise MalformedError(message)
    return Decimal(text)


def date_of(value: object, what: str) -> date | None:
    """The date that an ISO 8601 text begins with, in its own zone; None where there is none.

    Raises:
        MalformedError: It is something else; `what` names it.
    """
    text = text_of(value)
    if value is None or (isinstance(value, str) and not text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        message = f"{what} is no date"
        raise MalformedError(message) from None


def unix_moment_of(value: object) -> datetime | None:
    """A time in whole seconds since 1970, in UTC; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC)


def object_of(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> tuple[Mapping[str, object], ...]:
    """The entries of a JSON array; one that is no object is an empty one, so that none is lost."""
    return tuple(object_of(entry) for entry in value) if isinstance(value, list) else ()
