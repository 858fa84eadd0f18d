"""Reading a JSON document from an internal caller, with every bad field named at once."""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, get_type_hints

import msgspec

from purchasing.errors import InvalidFieldsError

T = TypeVar("T", bound=msgspec.Struct)

_DECODER = msgspec.json.Decoder(float_hook=Decimal)

BODY = "body"
"""The name under which a fault of the document as a whole is reported."""


def read_fields(
    body: bytes,
    kind: type[T],
    check: Callable[[T, Collection[str]], Mapping[str, str]] | None = None,
) -> T:
    """Read a JSON object as a Struct; a field that is null counts as not given.

    `check` says what no type can say. It is given the Struct without its bad fields, and their
    names, so that everything that is wrong is said at once.

    Raises:
        InvalidFieldsError: The document is no JSON object, or some of its fields are missing,
            unknown or of the wrong type, range or length; each is named.
    """
    given = {name: value for name, value in _document(body).items() if value is not None}
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    faults: dict[str, str] = {}
    values: dict[str, Any] = {name: None for name, field in fields.items() if field.required}
    for name, value in given.items():
        if name not in fields:
            faults[name] = _unknown(name, fields)
            continue
        try:
            values[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError as error:
            place, fault = _spelled(name, str(error))
            faults[place] = fault
    missing = {name for name, field in fields.items() if field.required} - given.keys()
    faults |= dict.fromkeys(sorted(missing), "is required")
    read = kind(**values)
    if check is not None:
        bad = {re.split(r"[.\[]", place)[0] for place in faults}
        faults = {**check(read, bad), **faults}
    if faults:
        raise InvalidFieldsError(faults)
    return read


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = _DECODER.decode(body)
    except InvalidOperation:
        raise InvalidFieldsError({BODY: "holds a number beyond all bounds"}) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidFieldsError({BODY: f"is not valid JSON: {error}"}) from None
    if not isinstance(document, dict):
        raise InvalidFieldsError({BODY: "must be a JSON object"})
    return document


def _unknown(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"is not a field here; did you mean {near[0]}?" if near else "is not a field here"


def _spelled(name: str, error: str) -> tuple[str, str]:
    """A msgspec message as (where, what): `Expected int - at $[0].x` is (`name[0].x`, ...)."""
    fault, _, path = error.partition(" - at `$")
    return f"{name}{path.rstrip('`')}", fault[:1].lower() + fault[1:]
