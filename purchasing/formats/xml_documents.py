"""What suppliers' documents in XML have in common: bounded text, exact numbers, lines on their own.

A line that cannot be read is held by itself, and keeps none of the other lines back.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial

import msgspec

from purchasing.documents import Invoice, InvoiceLine, Item
from purchasing.errors import HeldError, MalformedError
from purchasing.formats.invoices import credited
from purchasing.formats.moments import moment
from purchasing.formats.readings import alone, held
from purchasing.formats.xml_body import Element, attribute, child, children, name_of, text
from purchasing.updates import Reading, Update

_LONGEST_NAME = 255
_LONGEST_WORDS = 1_000
_CUT = " ..."
_MOST_LISTED = 20
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{0,10})?")
_COUNTRY = re.compile(r"([A-Z]{2})(?:-[A-Z0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def words(element: Element | None, *path: str) -> str:
    """The text at the end of a path in one line; what is too long for a note ends in three dots."""
    return _shortened(_in_one_line(text(element, *path)))


def sentences(*parts: str) -> str:
    """Words for a note: the parts that there are, each ending in a full stop or in three dots."""
    return _shortened(" ".join(_sentence(part) for part in parts if part.rstrip(".")))


def _sentence(part: str) -> str:
    return part if part.endswith(_CUT) else f"{part.rstrip('.')}."


def listed(names: Iterable[str]) -> str:
    """Names for a note, each once; of very many the first ones and how many there are beside."""
    known = tuple(dict.fromkeys(name for name in names if name))
    shown = ", ".join(known[:_MOST_LISTED])
    return shown if len(known) <= _MOST_LISTED else f"{shown} and {len(known) - _MOST_LISTED} more"


def name(element: Element | None, *path: str) -> str:
    """A number, code or name at the end of a path.

    Raises:
        MalformedError: It is longer than any reference is (255 characters).
    """
    place = child(element, *path)
    found = _in_one_line(text(place))
    if place is not None and len(found) > _LONGEST_NAME:
        message = f"The {name_of(place)} has more than {_LONGEST_NAME} characters."
        raise MalformedError(message)
    return found


def names(element: Element | None, *path: str) -> tuple[str, ...]:
    """All that stands at the end of a path that ends in a repeated element, each once.

    Raises:
        MalformedError: One of them is longer than any reference is.
    """
    *way, last = path
    found = (name(each) for each in children(child(element, *way), last))
    return tuple(dict.fromkeys(each for each in found if each))


def number(element: Element | None, *path: str) -> Decimal | None:
    """The decimal number at the end of a path; None where there is none.

    Raises:
        MalformedError: It is no decimal number of a size that documents have.
    """
    place = child(element, *path)
    found = text(place)
    if place is None or not found:
        return None
    if not _NUMBER.fullmatch(found):
        message = f"The {name_of(place)} is no decimal number that can be read."
        raise MalformedError(message)
    return Decimal(found)


def day_of(element: Element | None, *path: str) -> date | None:
    """The date at the end of a path: of a date, a date with a time, or eight digits."""
    found = text(element, *path)
    for length in (10, 8):
        try:
            return date.fromisoformat(found[:length])
        except ValueError:
            continue
    return None


def end_of(day: date | None) -> datetime | None:
    """The last second of a day in UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC) if day else None


def moment_of(element: Element | None, *path: str) -> datetime | None:
    """The time at the end of a path; in UTC where it names no zone, and the end of a mere date."""
    at, unzoned = moment(text(element, *path))
    if at is None and "T" in unzoned:
        at, _ = moment(f"{unzoned}Z")
    return at or end_of(day_of(element, *path))


def currency_of(code: str) -> str:
    """A currency as ISO 4217 has it; empty if none is given.

    Raises:
        MalformedError: It is no code of three letters.
    """
    if code and not _CURRENCY.fullmatch(code.upper()):
        message = "A currency is given by something else than a code of three letters."
        raise MalformedError(message)
    return code.upper()


def country_of(code: str) -> str:
    """A country in two letters (ISO 3166-1), of a country's or a region's code; else empty."""
    found = _COUNTRY.fullmatch(code.upper())
    return found[1] if found else ""


def typed(elements: Iterable[Element], type_: str) -> Element | None:
    """The first of some elements whose attribute `type` is the one that is looked for."""
    return next((it for it in elements if attribute(it, "type").lower() == type_.lower()), None)


def only_order(orders: Iterable[Item]) -> Item:
    """The order that a document or a line refers to; no order where there are several."""
    found = set(orders)
    return found.pop() if len(found) == 1 else Item()


def of_line(item: Item) -> Item:
    """The goods of a line, which must not pass for the whole order.

    Raises:
        HeldError: It names neither a line nor a part.
    """
    if item.is_whole_order:
        message = "It names neither a line of the order nor a part."
        raise HeldError("unmatched", message)
    return item


def each_line(
    lines: Iterable[Element], read: Callable[[Element], Iterable[Update]]
) -> Iterator[Reading]:
    """What each line of a document says; one that cannot be read is held, the others go on."""
    for position, line in enumerate(lines, start=1):
        yield alone(f"Line {position}", partial(read, line))


def whole(document: Element, read: Callable[[Element], Iterable[Update]]) -> Reading:
    """What a document says that is read as a whole or not at all.

    Raises:
        MalformedError: It cannot be read.
        UnsupportedError: It is of a kind that causes nothing.
    """
    try:
        return Reading(updates=tuple(read(document)))
    except HeldError as error:
        return held(error.reason, error.detail)


def signed(said: Invoice, *, is_credit: bool, what: str) -> Invoice:
    """An invoice with its amounts as they change what is owed; `what` a credit is called.

    Raises:
        HeldError: It is a credit over less than nothing.
    """
    if not is_credit:
        return msgspec.structs.replace(said, is_credit=said.total < 0)
    if said.total < 0:
        message = f"It is a {what} over less than nothing."
        raise HeldError("needs_person", message)
    credit = credited(said)
    return msgspec.structs.replace(credit, lines=tuple(_returned(it) for it in credit.lines))


def _returned(line: InvoiceLine) -> InvoiceLine:
    """A line of a credit, with its quantity below zero as well."""
    if line.quantity is None:
        return line
    return msgspec.structs.replace(line, quantity=-line.quantity)


def _in_one_line(found: str) -> str:
    return " ".join(found.split())


def _shortened(found: str) -> str:
    return found if len(found) <= _LONGEST_WORDS else f"{found[: _LONGEST_WORDS - len(_CUT)]}{_CUT}"
