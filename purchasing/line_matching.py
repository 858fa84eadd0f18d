"""Which lines of an order a statement means, by their numbers, parts and parcels."""

from uuid import UUID

import msgspec

from purchasing.orders import Order, OrderLine, bears, comparable, same_line_number
from purchasing.updates import Finding

PART_KINDS = ("part_number", "manufacturer_part_number", "supplier_part_number")
"""The fields of a line, and of an item of a document, that hold part numbers, in their order."""


class References(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement says about which goods it means; matched in the order of the fields.

    `part_kinds` are the fields of `OrderLine` that its part numbers are for, where it says so.
    """

    purchase_lines: tuple[UUID, ...] = ()
    po_number: str | None = None
    supplier_reference: str | None = None
    line_numbers: tuple[str, ...] = ()
    part_numbers: tuple[str, ...] = ()
    part_kinds: tuple[str, ...] = ()
    is_own_counter: bool = False
    is_whole_order: bool = False
    tracking_number: str | None = None
    org_id: str | None = None


def lines_meant(order: Order, references: References) -> tuple[OrderLine, ...] | Finding:
    """The lines of an order that references mean, or the reason to hold."""
    if references.is_own_counter and references.part_numbers:
        return _by_own_counter(order, references)
    if references.line_numbers:
        return _by_line_numbers(order, references)
    if references.part_numbers:
        return _by_parts(order, references.part_numbers)
    if references.tracking_number is not None and not references.is_whole_order:
        travelling = bearing(order, references.tracking_number)
        if travelling:
            return travelling
    return order.lines


def _by_own_counter(order: Order, references: References) -> tuple[OrderLine, ...] | Finding:
    """The part decides; the document's own counter only chooses among lines of that part."""
    by_part = _by_parts(order, references.part_numbers)
    if not isinstance(by_part, Finding):
        return by_part
    agreeing = tuple(
        line
        for number in references.line_numbers
        for line in order.lines
        if same_line_number(line.line_number, number)
        and any(is_part(line, part) for part in references.part_numbers)
    )
    return agreeing if len(agreeing) == 1 else by_part


def _by_line_numbers(order: Order, references: References) -> tuple[OrderLine, ...] | Finding:
    chosen: list[OrderLine] = []
    for number in references.line_numbers:
        lines = [line for line in order.lines if same_line_number(line.line_number, number)]
        if not lines and references.part_numbers:
            return _by_parts(order, references.part_numbers)
        if len(lines) != 1:
            known = ", ".join(line.line_number or "?" for line in order.lines)
            return Finding(
                "unmatched",
                f"Order {order.po_number} has {'no' if not lines else 'more than one'} line "
                f"{number}; its lines are {known or 'not known'}.",
            )
        chosen += [line for line in lines if line not in chosen]
    if any(_is_contradicted(line, references, order) for line in chosen):
        parts = " or ".join(references.part_numbers)
        return Finding(
            "conflict",
            f"Line {', '.join(references.line_numbers)} of order {order.po_number} "
            f"is not part {parts}.",
        )
    return tuple(chosen)


def _by_parts(order: Order, parts: tuple[str, ...]) -> tuple[OrderLine, ...] | Finding:
    """The line of the first part that is on one line alone."""
    found = [_by_part(order, part) for part in parts]
    return next((lines for lines in found if not isinstance(lines, Finding)), found[0])


def _by_part(order: Order, part: str) -> tuple[OrderLine, ...] | Finding:
    wanted = comparable(part)
    for name in PART_KINDS:
        lines = [line for line in order.lines if comparable(getattr(line, name) or "") == wanted]
        if len(lines) == 1:
            return tuple(lines)
        if lines:
            return Finding(
                "unmatched", f"Part {part} is on more than one line of order {order.po_number}."
            )
    return Finding("unmatched", f"Order {order.po_number} has no line with part {part}.")


def _is_contradicted(line: OrderLine, references: References, order: Order) -> bool:
    """Whether the part that is named is known to be another one than the line's.

    A supplier's number beside a line of which only the manufacturer's is known says nothing, as
    long as it is no other line's.
    """
    parts = references.part_numbers
    if not parts or any(is_part(line, part) for part in parts):
        return False
    if any(is_part(other, part) for other in order.lines for part in parts):
        return True
    return any(getattr(line, kind) for kind in references.part_kinds or PART_KINDS)


def is_part(line: OrderLine, part: str) -> bool:
    """Whether a part number is one of a line's, whoever gave it."""
    names = (getattr(line, kind) for kind in PART_KINDS)
    return comparable(part) in {comparable(name) for name in names if name}


def bearing(order: Order, number: str) -> tuple[OrderLine, ...]:
    """The lines whose goods are known to travel under a tracking number."""
    return tuple(line for line in order.lines if bears(line, number))
