"""What the tests of carriers and aggregators share: codes by their rows, and what is told."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from purchasing.commands import EventType
from purchasing.configuration import Scans
from purchasing.notification import Notification
from purchasing.shipments import Shipment
from purchasing.sources import Source
from purchasing.tracking import Told, tell
from purchasing.updates import Meaning, TrackingUpdate

_M = TypeVar("_M", Meaning, Meaning | None)


def by_code(rows: Mapping[_M, str]) -> dict[str, _M]:
    """Each code's meaning, of the rows of the tracking rules with the codes that belong to each."""
    return {code: meaning for meaning, codes in rows.items() for code in codes.split()}


def tracking_in(source: Source, posted: Notification) -> TrackingUpdate:
    """The one statement of a notification, beside which nothing is held."""
    reading = source.read(posted)
    assert not reading.held, reading.held
    (update,) = reading.updates
    assert isinstance(update, TrackingUpdate)
    return update


def told_of(
    shipment: Shipment, update: TrackingUpdate, *, allowed: frozenset[EventType] = frozenset()
) -> Told:
    """What a snapshot says of a shipment of which something is known."""
    return tell(update, shipment, source="our-carrier", scans=Scans.CHANGES, allowed=allowed)


def told_in_turn(
    updates: Iterable[TrackingUpdate], *, allowed: frozenset[EventType] = frozenset()
) -> list[Told]:
    """What each of several snapshots says of one shipment, in their order."""
    shipment = Shipment()
    said = []
    for update in updates:
        said.append(told_of(shipment, update, allowed=allowed))
        shipment = said[-1].shipment
    return said


def types(it: Told) -> list[str]:
    """The types of what is said."""
    return [str(statement.event_type) for statement in it.statements]
