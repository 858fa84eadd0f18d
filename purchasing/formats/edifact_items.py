"""Which goods a line of an EDIFACT message means: its order, its line there, its parts and lots.

Source of the codes: UN/EDIFACT directories D.96A and D.21A, as in nerdocs/pydifact commit fd11763
`pydifact/syntax/d21a/data/codes.xml` (1153, 4347, 7143; read 2026-11).
"""

from collections.abc import Iterable, Sequence

import msgspec

from purchasing.documents import Item
from purchasing.errors import MalformedError
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import tagged

_SUPPLIERS = frozenset({"SA", "VN", "VP"})
_BUYERS = frozenset({"BP", "IN"})
_MAKERS = frozenset({"MF", "MP"})
_OF_ORDER_LINE = "PL"
LOTS = frozenset({"NB", "BB"})
_NO_PARTS = frozenset({"SN", "HS", "GN", "CC", "CV", "CG", "EC", "RN", "DR", "PV", _OF_ORDER_LINE})
"""Kinds of item numbers (7143): whose they are, lots, and what names no part.

A number of another kind (a GTIN, or none said) is an article of the supplier's catalogue.
"""

_SUBSTITUTED_BY = "3"
_SUBSTITUTED_FOR = "4"
_OF_THE_LINE = frozenset({"1", "5"})
"""What a PIA says with its numbers (4347)."""


class References(msgspec.Struct, frozen=True):
    """What the header says of orders, for lines that do not say it themselves."""

    orders: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()


def references_of(header: Iterable[Segment]) -> References:
    """The orders that a header names: the buyer's numbers (ON) and the supplier's (VN)."""
    given = tagged(header, "RFF")
    return References(orders=_numbers(given, "ON"), suppliers=_numbers(given, "VN"))


def _numbers(references: Iterable[Segment], qualifier: str) -> tuple[str, ...]:
    found = (segment.at(0, 1) for segment in tagged(references, "RFF", qualifier))
    return tuple(dict.fromkeys(number for number in found if number))


def item_of(line: Sequence[Segment], header: References) -> Item:
    """Which goods a line means; what it says itself goes before what the header says.

    Raises:
        MalformedError: It names no order, and the header names several; or two numbers at once.
    """
    own = references_of(line)
    orders = own.orders or header.orders
    # The supplier's number in the header is that of the header's order, and of no other.
    suppliers = own.suppliers or (header.suppliers if orders == header.orders else ())
    if len(orders) > 1 or (len(suppliers) > 1 and not orders):
        text = f"It does not say which of the orders {', '.join(orders or suppliers)} it is for."
        raise MalformedError(text)
    # RFF+LI has been seen to hold the number of the order, where it says nothing of a line.
    known = {*orders, *suppliers, *header.orders}
    number = _order_line(line, known)
    parts, _ = parts_of(line)
    return Item(
        po_number=orders[0] if orders else "",
        supplier_reference=suppliers[0] if len(suppliers) == 1 else "",
        line_number=number or line[0].at(0),
        is_own_counter=not number and bool(line[0].at(0)),
        part_number=parts.get("buyer", ""),
        manufacturer_part_number=parts.get("maker", ""),
        supplier_part_number=parts.get("supplier", ""),
    )


def _order_line(line: Sequence[Segment], known: Iterable[str]) -> str:
    """The number of the order's line, where it is given as such; empty where it is not."""
    given = [segment.at(0, 2) for segment in tagged(line, "RFF", "ON", "LI")]
    given += [number for kind, number in _identities(line) if kind == _OF_ORDER_LINE]
    given += [n for n in (it.at(0, 1) for it in tagged(line, "RFF", "LI")) if n not in known]
    return next((number for number in given if number), "")


def _identities(line: Sequence[Segment]) -> list[tuple[str, str]]:
    """The numbers that a line's LIN and PIA give its goods, each with its kind."""
    found = [(line[0].at(2, 1), line[0].at(2))]
    for segment in tagged(line, "PIA", *_OF_THE_LINE):
        found += _in_pia(segment)
    return [(kind, number) for kind, number in found if number]


def _in_pia(segment: Segment) -> list[tuple[str, str]]:
    return [(segment.at(place, 1), segment.at(place)) for place in range(1, 6)]


def parts_of(line: Sequence[Segment]) -> tuple[dict[str, str], str]:
    """The part of a line by whose number it is, and the part that is sent in its place."""
    own = _identities(line)
    replaced = [
        pair for segment in tagged(line, "PIA", _SUBSTITUTED_FOR) for pair in _in_pia(segment)
    ]
    replacing = [
        pair for segment in tagged(line, "PIA", _SUBSTITUTED_BY) for pair in _in_pia(segment)
    ]
    named = [(_whose(kind), number) for kind, number in replaced or own if number]
    substitutes = own if any(number for _, number in replaced) else replacing
    substitute = next((number for kind, number in substitutes if number and _whose(kind)), "")
    # The first of a kind counts, and a number whose kind is told goes before one of another.
    named.sort(key=lambda pair: pair[0] == "article")
    parts: dict[str, str] = {}
    for whose, number in named:
        if whose:
            parts.setdefault("supplier" if whose == "article" else whose, number)
    return parts, substitute


def _whose(kind: str) -> str:
    if kind in _NO_PARTS or kind in LOTS:
        return ""
    if kind in _BUYERS:
        return "buyer"
    if kind in _MAKERS:
        return "maker"
    return "supplier" if kind in _SUPPLIERS else "article"


def lots_of(line: Sequence[Segment]) -> tuple[str, ...]:
    """The lots that a line's LIN and PIA name."""
    return tuple(number for kind, number in _identities(line) if kind in LOTS)
