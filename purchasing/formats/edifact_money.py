"""The money of an EDIFACT invoice: amounts, taxes, allowances and charges of one of its sections.

Source of the codes: UN/EDIFACT directory D.21A (4471, 5025, 5153, 5189, 5283, 5463, 6343 and
7161), as in
nerdocs/pydifact commit fd11763 `pydifact/syntax/d21a/data/codes.xml` (read 2026-11).
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from purchasing.errors import MalformedError
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import OTHER_CURRENCIES, number_of, tagged
from purchasing.formats.invoices import CARRIAGE

_ALLOWANCE = "A"
_CHARGE = "C"
_SETTLED_ELSEWHERE = frozenset({"1", "3", "4"})
"""Allowances and charges (5463), and those that are no part of this invoice (4471)."""

_IN_CHARGE = ("8", "23", "204", "52", "64", "131")
_SHIPPING_CHARGES = frozenset({"79", "32", "34"})
"""Amounts of an ALC (5025); its reasons (5189) that are for bringing goods."""

_FREIGHT = "64"
_DUTY = "55"
_ALL_TAX = "176"
_TAX = ("124", "161", _ALL_TAX)
_IN_TAX_CURRENCY = frozenset({*_TAX, "125"})
_ALL_CHARGES = "131"
_CUSTOMS = "CUD"
_CUSTOMS_FUNCTION = "5"
"""Amounts (5025) and taxes (5153, 5283)."""

_ZERO = Decimal(0)


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """What a section charges and allows, by what for."""

    shipping: Decimal = _ZERO
    duties: Decimal = _ZERO
    other: Decimal = _ZERO
    allowances: Decimal = _ZERO

    @property
    def charges(self) -> Decimal:
        """All that is charged."""
        return self.shipping + self.duties + self.other

    @property
    def is_empty(self) -> bool:
        """Whether nothing is charged or allowed."""
        return not (self.shipping or self.duties or self.other or self.allowances)


def currencies_of(segments: Sequence[Segment]) -> frozenset[str]:
    """The currencies that amounts name, but for those that are only said once more in another."""
    amounts = (it for it in segments if it.tag == "MOA" and it.at(0, 3) not in OTHER_CURRENCIES)
    return frozenset(it.at(0, 2) for it in amounts if it.at(0) not in _IN_TAX_CURRENCY)


def amount(segments: Sequence[Segment], mark: str, *kinds: str) -> Decimal | None:
    """The first amount of some kinds (5025), in the order of the kinds.

    Raises:
        MalformedError: It is no number.
    """
    for kind in kinds:
        for segment in tagged(segments, "MOA", kind):
            if segment.at(0, 3) not in OTHER_CURRENCIES:
                return number_of(segment.at(0, 1), mark)
    return None


def money_of(segments: Sequence[Segment], mark: str) -> Money:
    """The allowances and charges of a section.

    Freight and duty that stand there as bare amounts count where no ALC has them.

    Raises:
        MalformedError: One states no amount, or freight has two amounts.
    """
    sums = dict.fromkeys(("shipping", "other", "allowances"), _ZERO)
    for group in _groups(segments, "ALC"):
        head = group[0]
        if head.at(0) not in (_ALLOWANCE, _CHARGE) or head.at(2) in _SETTLED_ELSEWHERE:
            continue
        found = amount(group, mark, *_IN_CHARGE)
        if found is None:
            text = "an allowance or a charge states no amount."
            raise MalformedError(text)
        sums[_kind(head)] += found
    freight = amount(segments, mark, _FREIGHT)
    if freight is not None and sums["shipping"] not in (_ZERO, freight):
        text = f"freight is {freight} at one place and {sums['shipping']} at another."
        raise MalformedError(text)
    return Money(
        shipping=freight or sums["shipping"],
        duties=amount(segments, mark, _DUTY) or _ZERO,
        other=sums["other"],
        allowances=sums["allowances"],
    )


def money_in_sum(segments: Sequence[Segment], mark: str) -> Money:
    """All charges less all allowances, of a section that says no more than this sum (MOA 131)."""
    found = amount(segments, mark, _ALL_CHARGES) or _ZERO
    return Money(allowances=-found) if found < 0 else Money(other=found)


def _kind(head: Segment) -> str:
    if head.at(0) == _ALLOWANCE:
        return "allowances"
    is_shipping = head.at(4) in CARRIAGE or head.at(1, 1) in _SHIPPING_CHARGES
    return "shipping" if is_shipping else "other"


def taxes_of(segments: Sequence[Segment], mark: str) -> tuple[Decimal, Decimal]:
    """The taxes and the customs duties of a section: the sum that it states, else what it lists.

    Raises:
        MalformedError: An amount is no number.
    """
    groups = _groups(segments, "TAX")
    first = next((place for place, it in enumerate(segments) if it.tag == "TAX"), len(segments))
    stated = amount(segments[:first], mark, _ALL_TAX)
    plain = amount(segments[:first], mark, *_TAX)
    duties = sum((_tax(it, mark) for it in groups if _is_customs(it[0])), _ZERO)
    listed = sum((_tax(it, mark) for it in groups if not _is_customs(it[0])), _ZERO)
    if stated is not None:
        return stated - duties, duties
    return (listed if plain is None else plain), duties


def _tax(group: Sequence[Segment], mark: str) -> Decimal:
    return amount(group, mark, *_TAX) or _ZERO


def _is_customs(head: Segment) -> bool:
    return head.at(1) == _CUSTOMS or head.at(0) == _CUSTOMS_FUNCTION


def _groups(segments: Sequence[Segment], tag: str) -> list[tuple[Segment, ...]]:
    """The parts of a section that begin with a tag; each ends where something else is spoken of."""
    starts = [place for place, segment in enumerate(segments) if segment.tag == tag]
    heads = ("ALC", "TAX", "NAD", "LOC", "PAC", "RFF", "TOD", "TDT", "PAT", "CUX", "UNS")
    found: list[tuple[Segment, ...]] = []
    for start in starts:
        end = start + 1
        while end < len(segments) and segments[end].tag not in heads:
            end += 1
        found.append(tuple(segments[start:end]))
    return found
