"""What invoices have in common in all formats: amounts and their sums, carriage, credits."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from purchasing.documents import Amounts, Invoice, InvoiceLine
from purchasing.money import decimals_of, units_of

ZERO = Decimal(0)
CARRIAGE = frozenset({"AAT", "CAB", "DL", "FAC", "FC", "SAA", "TT", "TV"})
"""Charges for carriage (UNCL 7161), in EDIFACT and UBL alike: rush delivery, cartage, delivery,
extraordinary handling of freight, freight service, shipping and handling, transportation."""

_USUAL_DECIMALS = 2
_HALF_A_CENT = Decimal("0.005")


def is_same(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts differ by no more than what rounding to cents does."""
    return abs(one - other) <= _HALF_A_CENT


def amounts_of(**sums: Decimal) -> Amounts:
    """Amounts, of which those that are nothing are left out, whatever their sign and decimals."""
    return Amounts(**{kind: amount for kind, amount in sums.items() if amount})


def sum_of(lines: Iterable[InvoiceLine], amounts: Amounts) -> Decimal:
    """What lines and the amounts of no line come to together."""
    return sum((line.total + _net(line.amounts) for line in lines), _net(amounts))


def _net(amounts: Amounts) -> Decimal:
    return amounts.tax + amounts.shipping + amounts.duties + amounts.other - amounts.discount


def are_of_lines(own: Sequence[Decimal | None], common: Sequence[Decimal], currency: str) -> bool:
    """Whether the taxes of the lines, in whole minor units, are all the tax that is told of.

    A line that tells of none has none where the others have all of it.
    """
    known = [tax for tax in own if tax is not None]
    decimals = decimals_of(currency)
    finest = _USUAL_DECIMALS if decimals is None else decimals
    return (
        bool(known)
        and (len(known) == len(own) or bool(common))
        and all(units_of(tax, finest) is not None for tax in known)
        and (not common or sum(known) == sum(common))
    )


def credited(said: Invoice) -> Invoice:
    """A credit note whose amounts are written as positive ones, as they change what is owed."""
    return msgspec.structs.replace(
        said,
        total=-said.total,
        is_credit=True,
        amounts=negated(said.amounts),
        lines=negated_lines(said.lines),
    )


def negated_lines(lines: Iterable[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Lines whose amounts have the other sign."""
    return tuple(
        msgspec.structs.replace(line, total=-line.total, amounts=negated(line.amounts))
        for line in lines
    )


def negated(amounts: Amounts) -> Amounts:
    """Amounts with the other sign; one that was left out still is."""
    given = {kind: getattr(amounts, kind) for kind in Amounts.__struct_fields__}
    return Amounts(**{kind: -amount if amount else amount for kind, amount in given.items()})
