"""The statements of a line of X12's 855 or 865, and the dates and schedules of each.

Source: ACK, DTM and SCH of 004010 (edi.stedi.com/x12-004010), and SAP Business Network's map of the
855, in which several ACK of a line share it out (read 2026-11).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from purchasing.documents import OrderConfirmation, Promise
from purchasing.formats.x12_elements import DELIVERY_DATES, SHIP_DATES, Segments, dated, number
from purchasing.formats.x12_segments import Segment
from purchasing.units import unit_of

Dates = tuple[date | None, date | None]
"""When goods are to leave and to arrive."""


class Statement(msgspec.Struct, kw_only=True):
    """One ACK of a line, with the dates and schedules that follow it."""

    ack: Segment
    dates: list[Segment]
    schedules: list[Segment]


def statements(line: Segments) -> tuple[list[Statement], list[Segment]]:
    """The ACKs of a line, or one statement without; and the DTMs that belong to none of them."""
    acks = [it for it in line if it.name == "ACK"] or [Segment("ACK")]
    found = [Statement(ack=it, dates=[], schedules=[]) for it in acks]
    own: list[Segment] = []
    place, is_behind_ack = 0, False
    for segment in line:
        place += segment.name == "ACK"
        statement = found[max(place - 1, 0)]
        is_behind_ack = segment.name == "ACK" or (segment.name == "DTM" and is_behind_ack)
        if segment.name == "DTM":
            (statement.dates if is_behind_ack else own).append(segment)
        elif segment.name == "SCH":
            statement.schedules.append(segment)
    return found, own


def scheduled(
    update: OrderConfirmation, statement: Statement, known: list[Dates]
) -> Iterator[OrderConfirmation]:
    """A statement with its dates: one for each part of its schedule, where there is one."""
    ack = statement.ack
    on_ack = dates_in([Segment("DTM", (ack.at(4), ack.at(5))), *statement.dates])
    schedules = [] if update.promise is Promise.REJECTED else _schedules(statement)
    if not schedules:
        yield _with_dates(update, [on_ack, *known])
    for part, unit, dates in schedules:
        said = update
        if len(schedules) > 1:
            of_part = unit_of(unit) if unit else update.unit
            said = msgspec.structs.replace(update, quantity=part, unit=of_part)
        yield _with_dates(said, [on_ack, dates, *known])


def dates_in(segments: Segments) -> Dates:
    """When goods are to leave and to arrive, by the DTMs of some segments."""
    return dated(segments, SHIP_DATES), dated(segments, DELIVERY_DATES)


def _schedules(statement: Statement) -> list[tuple[Decimal | None, str, Dates]]:
    """The parts of a schedule: each quantity with its unit and dates (SCH05 and 06, 08 and 09)."""
    return [
        (
            number(it.at(1), "SCH01"),
            it.at(2),
            dates_in([Segment("DTM", (it.at(5), it.at(6))), Segment("DTM", (it.at(8), it.at(9)))]),
        )
        for it in statement.schedules
    ]


def _with_dates(update: OrderConfirmation, known: list[Dates]) -> OrderConfirmation:
    """The update with the nearest date of each kind."""
    return msgspec.structs.replace(
        update,
        expected_ship_by=next((ship for ship, _ in known if ship), None),
        estimated_delivery=next((delivery for _, delivery in known if delivery), None),
    )
