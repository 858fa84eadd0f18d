"""What invoices in XML have in common: amounts that are given, taxes of lines, credits."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from purchasing.documents import Amounts, Invoice, InvoiceLine

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_HALF_A_CENT = Decimal("0.005")


def is_same(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts differ by no more than what rounding to cents does."""
    return abs(one - other) <= _HALF_A_CENT


def amounts_of(sums: Mapping[str, Decimal]) -> Amounts:
    """Amounts, of which those that are zero are left out."""
    given: dict[str, Any] = {kind: amount for kind, amount in sums.items() if amount}
    return Amounts(**given)


def are_of_lines(own: Sequence[Decimal | None], common: Sequence[Decimal]) -> bool:
    """Whether the taxes of the lines, in whole cents, are all the tax that a document tells of."""
    known = [tax for tax in own if tax is not None]
    return (
        len(known) == len(own)
        and all(tax == tax.quantize(_CENT) for tax in known)
        and (not common or sum(known) == sum(common))
    )


def credited(said: Invoice) -> Invoice:
    """A credit note whose amounts are written as positive ones, as they change what is owed."""
    return msgspec.structs.replace(
        said,
        total=-said.total,
        is_credit=True,
        amounts=_negative(said.amounts),
        lines=tuple(_negative_line(line) for line in said.lines),
    )


def _negative_line(line: InvoiceLine) -> InvoiceLine:
    return msgspec.structs.replace(
        line,
        total=-line.total,
        quantity=None if line.quantity is None else -line.quantity,
        amounts=_negative(line.amounts),
    )


def _negative(amounts: Amounts) -> Amounts:
    return amounts_of({kind: -getattr(amounts, kind) for kind in Amounts.__struct_fields__})
