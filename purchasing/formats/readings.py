"""Putting together what the parts of one notification say, or why they say nothing."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from purchasing.documents import OrderConfirmation, ShipNotice
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.updates import Finding, Reading, Update

_Goods = OrderConfirmation | ShipNotice


def said(*updates: Update) -> Reading:
    """Statements that were understood."""
    return Reading(updates=updates)


def ignored(reason: str, detail: str) -> Reading:
    """A part that causes nothing."""
    return Reading(ignored=(Finding(reason, detail),))


def held(reason: str, detail: str) -> Reading:
    """A part that waits for a person."""
    return Reading(held=(Finding(reason, detail),))


def alone(place: str, read: Callable[[], Iterable[Update]]) -> Reading:
    """What one part says, without harm to the others where it cannot be read; findings name it."""
    try:
        return said(*read())
    except HeldError as error:
        return held(error.reason, f"{place}: {error}")
    except MalformedError as error:
        return held("malformed", f"{place}: {error}")
    except UnsupportedError as error:
        return ignored(error.reason, f"{place}: {error}")


def told_apart(readings: Iterable[Reading]) -> Iterator[Reading]:
    """The readings of a notification's documents, each with its place among them."""
    for place, reading in enumerate(readings):
        updates = tuple(_placed(update, place) for update in reading.updates)
        yield msgspec.structs.replace(reading, updates=updates)


def _placed(update: Update, place: int) -> Update:
    if not isinstance(update, OrderConfirmation | ShipNotice):
        return update
    document = msgspec.structs.replace(update.document, place=place)
    return msgspec.structs.replace(update, document=document)


def collected(parts: Iterable[Reading]) -> Reading:
    """What several parts say, in their order."""
    known = tuple(parts)
    return Reading(
        updates=tuple(update for part in known for update in part.updates),
        ignored=tuple(finding for part in known for finding in part.ignored),
        held=tuple(finding for part in known for finding in part.held),
        attention=tuple(finding for part in known for finding in part.attention),
    )


def together(reading: Reading) -> Reading:
    """A reading whose statements on goods that are alike but for their quantities are one.

    They are boxes of the same goods. What is planned to leave is confirmed in pieces, whatever the
    boxes' own words are.
    """
    sums: dict[object, Update] = {}
    for statement in reading.updates:
        if not isinstance(statement, ShipNotice | OrderConfirmation):
            sums[len(sums)] = statement
            continue
        words = statement.words if isinstance(statement, ShipNotice) else ""
        alike = msgspec.structs.replace(statement, quantity=None, words=words)
        key = (msgspec.msgpack.encode(alike), statement.quantity is None)
        before = sums.get(key)
        sums[key] = _sum(before, statement) if isinstance(before, type(statement)) else statement
    return msgspec.structs.replace(reading, updates=tuple(sums.values()))


def _sum(one: _Goods, other: _Goods) -> _Goods:
    if one.quantity is None or other.quantity is None:
        return one
    return msgspec.structs.replace(
        one,
        quantity=one.quantity + other.quantity,
        words=". ".join(dict.fromkeys(filter(None, (one.words, other.words)))),
    )
