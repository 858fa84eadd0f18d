"""What confirmations and ship notices have in common: they speak of purchase lines one by one."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from purchasing.matching import Goods
from purchasing.orders import Learned, OrderLine
from purchasing.plans import Known, OrderKey, Part, Plan, ShipmentKey, order_key, together
from purchasing.progress import LineProgress
from purchasing.shipments import Shipment
from purchasing.units import in_unknown, is_of_unknown_size
from purchasing.updates import Finding

LARGEST_QUANTITY = 2_147_483_647
"""Cofactr's largest quantity (Create Purchase Event, 2024-09-26)."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided of one line, and what is known then of the line and of its shipments.

    `tracking_numbers` are those under which the line's goods travel from now on.
    """

    part: Part
    progress: LineProgress
    tracking_numbers: tuple[str, ...] = ()
    shipments: Mapping[ShipmentKey, Shipment] = {}


def each_line(
    goods: tuple[Goods, ...],
    known: Known,
    decide: Callable[[Goods, OrderLine, LineProgress], Said],
) -> Plan:
    """Decide a statement for each of the purchase lines that it means."""
    parts: list[Part] = []
    learned: dict[OrderKey, Learned] = {}
    shipments: dict[ShipmentKey, Shipment] = {}
    for its in goods:
        key = order_key(its)
        if key is None:
            detail = "It speaks of purchase lines whose order is not in the order book."
            parts.append(Part(held=(Finding("unmatched", detail),)))
            continue
        after = known.learned.get(key, Learned())
        for line in its.lines:
            name = str(line.purchase_line)
            said = decide(its, line, after.lines.get(name, LineProgress()))
            parts.append(said.part)
            shipments |= said.shipments
            if said.progress != LineProgress():
                lines = after.lines | {name: said.progress}
                after = msgspec.structs.replace(after, lines=lines)
            for number in said.tracking_numbers:
                after = after.with_tracking_number(number, (line,))
        learned[key] = after
    return Plan(part=together(parts), shipments=shipments, learned=learned)


def fault_of_quantity(quantity: Decimal | None, goods: tuple[Goods, ...]) -> Finding | None:
    """Why a quantity cannot be said of some goods; None where it can, or where there is none."""
    if quantity is None:
        return None
    if not quantity.is_finite() or not 0 <= quantity <= LARGEST_QUANTITY:
        detail = f"The quantity {quantity} is not between 0 and {LARGEST_QUANTITY}."
        return Finding("malformed", detail)
    count = sum(len(its.purchase_lines) for its in goods)
    if count > 1:
        detail = (
            f"It speaks of {count} purchase lines, and does not say which of them "
            f"the quantity {spelled(quantity)} is for."
        )
        return Finding("unmatched", detail)
    return None


def fault_of_fraction(quantity: Decimal | None) -> Finding | None:
    """Why a quantity cannot be sent: Cofactr counts whole pieces."""
    if quantity is None or is_whole(quantity):
        return None
    return Finding("malformed", f"The quantity {quantity} is a fraction; Cofactr counts pieces.")


def fault_of_unit(quantity: Decimal | None, unit: str) -> Finding | None:
    """Why a quantity cannot be told as pieces; nothing of a unit is nothing in every unit."""
    if not quantity or not is_of_unknown_size(unit):
        return None
    return Finding("needs_person", f"The quantity is {in_unknown(spelled(quantity), unit)}.")


def is_whole(quantity: Decimal) -> bool:
    """Whether a quantity is a number of whole pieces, however it is written."""
    return quantity == quantity.to_integral_value()


def spelled(quantity: Decimal) -> str:
    """A quantity in words for people: `60` for 60.000."""
    return str(int(quantity)) if is_whole(quantity) else str(quantity)


def said_before(what: str, notification: str) -> Finding:
    """The finding about a statement that is one with an earlier one."""
    return Finding("duplicate_statement", f"{what}: notification {notification} said this first.")
