"""The charges, taxes and allowances of X12's 810, each piece of money once.

A sender may state the same money at the line (SAC, TXI), at the document (SAC, the sum of the
lines) and again as tax (TXI). Amounts that are equal are the same money and stay at the lines. Of
amounts that differ only one level is added, the document's, and SAC rather than TXI; unless it is
both together that add up to the document's total.

Source: SAC, TXI of 004010 (edi.stedi.com/x12-004010); SAP Business Network's table of SAC02; a
sample of indice-co/EDI.Net that states one tax four times (read 2026-11). SAC05 has two implied
decimals whatever the currency, TXI02 its own.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from purchasing.documents import Amounts
from purchasing.formats.x12_elements import Segments, cents, number

KINDS = {
    **dict.fromkeys(("D360", "H730", "H740", "H750", "H800", "H850"), "tax"),
    **dict.fromkeys(("D240", "D270", "D500", "G821", "G830", "H090"), "shipping"),
    **dict.fromkeys(
        ("A445", "A730", "B787", "B870", "B872", "C530", "D103", "E585", "H215", "H535"), "duties"
    ),
}
"""SAC02: which kind of charge a code is; every other charge is `other`."""

_TAX = "tax"
_ALLOWANCE = "A"
_NOT_ADDED = frozenset({"I", "O"})
"""TXI07: the tax is included in the price, or stands there for information only."""

_NOTHING = Decimal(0)

Charges = Mapping[str, Decimal]
"""Amounts by what they are: `tax`, `C` with a charge's code, `A` with an allowance's code."""


class Split(msgspec.Struct, frozen=True):
    """The charges of a document: those of each line, and those of no line."""

    lines: tuple[Charges, ...]
    head: Charges

    @property
    def total(self) -> Decimal:
        """What they all add to the price of the goods."""
        return sum((net(it) for it in (*self.lines, self.head)), _NOTHING)


def readings(lines: Iterable[Segments], head: Segments) -> tuple[Split, Split]:
    """The two ways to read a document's charges: one level of each, or all levels together."""
    parts = [_Stated.of(it) for it in lines]
    whole = _Stated.of(head)
    return _split(parts, whole, is_together=False), _split(parts, whole, is_together=True)


def net(charges: Charges) -> Decimal:
    """What charges add: allowances lower it."""
    return sum(
        (-amount if key.startswith(_ALLOWANCE) else amount for key, amount in charges.items()),
        _NOTHING,
    )


def allowance(charges: Charges) -> Decimal:
    """The sum of the allowances."""
    return sum((it for key, it in charges.items() if key.startswith(_ALLOWANCE)), _NOTHING)


def amounts(charges: Charges, *, discount: Decimal = _NOTHING) -> Amounts:
    """Charges by the kinds that are told of an invoice."""
    found = {"tax": _NOTHING, "shipping": _NOTHING, "duties": _NOTHING, "other": _NOTHING}
    for key, amount in charges.items():
        if key == _TAX:
            found[_TAX] += amount
        elif not key.startswith(_ALLOWANCE):
            found[KINDS.get(key[1:], "other")] += amount
    return Amounts(discount=discount, **found)


class _Stated(msgspec.Struct, frozen=True):
    """What one level states: its charges and allowances, its tax by SAC, and its tax by TXI."""

    charges: Charges
    tax: Decimal
    tax_again: Decimal

    @classmethod
    def of(cls, segments: Segments) -> "_Stated":
        charges: dict[str, Decimal] = {}
        for segment in segments:
            if segment.name == "SAC" and segment.at(1) in ("A", "C"):
                key = f"{segment.at(1)}{segment.at(2) or segment.at(4)}"
                amount = cents(segment.at(5), "SAC05") or _NOTHING
                charges[key] = charges.get(key, _NOTHING) + amount
        taxes = [key for key in charges if key[0] == "C" and KINDS.get(key[1:]) == _TAX]
        tax = sum((charges.pop(key) for key in taxes), _NOTHING)
        again = (
            number(it.at(2), "TXI02") or _NOTHING
            for it in segments
            if it.name == "TXI" and it.at(7) not in _NOT_ADDED
        )
        return cls(charges, tax, sum(again, _NOTHING))

    def read(self, *, is_together: bool) -> dict[str, Decimal]:
        """The charges with the tax, once."""
        tax = self.tax or self.tax_again
        if is_together and self.tax not in (_NOTHING, self.tax_again):
            tax = self.tax + self.tax_again
        return {key: it for key, it in (*self.charges.items(), (_TAX, tax)) if it}


def _split(parts: list[_Stated], whole: _Stated, *, is_together: bool) -> Split:
    lines = [part.read(is_together=is_together) for part in parts]
    head = whole.read(is_together=is_together)
    for key, amount in tuple(head.items()):
        of_lines = sum((line.get(key, _NOTHING) for line in lines), _NOTHING)
        if of_lines == amount:
            del head[key]
        elif not is_together:
            for line in lines:
                line.pop(key, None)
    return Split(tuple(lines), head)
