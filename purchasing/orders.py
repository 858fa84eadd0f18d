"""The order book's values: the purchase orders we know, and the names others give them."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from purchasing.commands import Name255, OrgId, Text255
from purchasing.progress import KnownInvoice, LineProgress

_SPACE = re.compile(r"\s+")

# Enough for any order that people write, small enough that one order cannot fill the memory.
_MANY = 10_000


class Charge(StrEnum):
    """What a NoPart line pays for."""

    SHIPPING = "shipping"
    TAX = "tax"
    DUTY = "duty"
    OTHER = "other"


class OrderLine(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One line of a purchase order; `purchase_line` is Cofactr's UUID of it."""

    purchase_line: UUID
    line_number: Text255 | None = None
    part_number: Text255 | None = None
    manufacturer_part_number: Text255 | None = None
    supplier_part_number: Text255 | None = None
    quantity: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None
    unit_price: Decimal | None = None
    promised_ship_on: date | None = None
    promised_delivery_on: date | None = None
    tracking_numbers: Annotated[tuple[Name255, ...], Meta(max_length=_MANY)] = ()

    def __post_init__(self) -> None:
        """Refuse a price that is no number."""
        if self.unit_price is not None and not self.unit_price.is_finite():
            message = "unit_price must be a number"
            raise ValueError(message)


class NoPartLine(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A line of a purchase order that buys no part: freight, tax, duty, a fee."""

    id: UUID
    charge: Charge = Charge.OTHER
    description: str | None = None


class OrderFields(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A purchase order as it is put into the order book."""

    purchase_order: UUID
    org_id: OrgId | None = None
    supplier: Text255 | None = None
    currency: Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")] | None = None
    references: Annotated[tuple[Name255, ...], Meta(max_length=_MANY)] = ()
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=_MANY)] = ()
    no_part_lines: Annotated[tuple[NoPartLine, ...], Meta(max_length=_MANY)] = ()


class Order(OrderFields, frozen=True, kw_only=True, omit_defaults=True):
    """A purchase order that we know: its fields, and the number people call it by."""

    po_number: Name255

    def with_learned(self, learned: "Learned") -> "Order":
        """This order, its lines carrying the tracking numbers that notices told us as well."""
        if not learned.tracking_numbers:
            return self
        return msgspec.structs.replace(
            self,
            lines=tuple(
                msgspec.structs.replace(
                    line,
                    tracking_numbers=_once(
                        (
                            *line.tracking_numbers,
                            *learned.tracking_numbers.get(str(line.purchase_line), ()),
                        )
                    ),
                )
                for line in self.lines
            ),
        )


class Learned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What notices told us of an order; it outlives every replacement of the order itself.

    `tracking_numbers` maps a purchase line's UUID to the numbers its goods travel under, `lines` to
    how far it got; `invoices` are those that were accepted, by what makes each the same one.
    """

    tracking_numbers: dict[str, tuple[str, ...]] = {}
    lines: dict[str, LineProgress] = {}
    invoices: dict[str, KnownInvoice] = {}

    @property
    def numbers(self) -> frozenset[str]:
        """Every tracking number that was learned of any line, as numbers are compared."""
        return frozenset(
            comparable(number) for numbers in self.tracking_numbers.values() for number in numbers
        )

    def read_anew(self, notification: str) -> "Learned":
        """What is known for a notification that is read once more."""
        lines = {name: it.read_anew(notification) for name, it in self.lines.items()}
        return msgspec.structs.replace(self, lines=lines)

    def with_tracking_number(self, number: str, lines: Iterable[OrderLine]) -> "Learned":
        """What is known once a tracking number is bound to some lines as well."""
        numbers = dict(self.tracking_numbers)
        for line in lines:
            if not bears(line, number):
                known = numbers.get(str(line.purchase_line), ())
                numbers[str(line.purchase_line)] = _once((*known, number))
        return msgspec.structs.replace(self, tracking_numbers=numbers)


class Lookup(msgspec.Struct, frozen=True, order=True):
    """A reference by which an order can be found: its kind, and its text made comparable."""

    kind: str
    text: str


def comparable(text: str) -> str:
    """A reference as it is compared: without spaces, and without regard to case."""
    return _SPACE.sub("", text).casefold()


def by_line(line: UUID) -> Lookup:
    """Find the order that has a purchase line."""
    return Lookup("line", str(line))


def by_po_number(po_number: str) -> Lookup:
    """Find orders by the number of the purchase order."""
    return Lookup("po", comparable(po_number))


def by_reference(reference: str) -> Lookup:
    """Find orders by a number that the supplier gave them."""
    return Lookup("reference", comparable(reference))


def by_tracking_number(number: str) -> Lookup:
    """Find orders whose goods travel under a tracking number."""
    return Lookup("tracking", comparable(number))


def lookups_of(order: Order) -> frozenset[Lookup]:
    """Every reference by which an order is found; pass the order with what was learned."""
    return frozenset(
        [
            by_po_number(order.po_number),
            *(by_reference(reference) for reference in order.references),
            *(by_line(line.purchase_line) for line in order.lines),
            *(
                by_tracking_number(number)
                for line in order.lines
                for number in line.tracking_numbers
            ),
        ]
    )


def bears(line: OrderLine, tracking_number: str) -> bool:
    """Whether a line's goods are known to travel under a tracking number."""
    wanted = comparable(tracking_number)
    return any(comparable(number) == wanted for number in line.tracking_numbers)


def same_line_number(one: str | None, other: str) -> bool:
    """Whether two line numbers are the same text, leading zeros apart: `010` is line `10`."""
    return one is not None and _plain(one) == _plain(other)


def rank_of(line_number: str | None) -> tuple[int, int, str]:
    """Where a line comes by its number: numbers as numbers, then other texts, then none at all."""
    if not line_number:
        return 2, 0, ""
    plain = _plain(line_number)
    is_number = plain.isascii() and plain.isdigit()
    # Without leading zeros, the longer of two numbers is the larger one.
    return (0, len(plain), plain) if is_number else (1, 0, plain)


def _plain(number: str) -> str:
    return comparable(number).lstrip("0") or "0"


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
