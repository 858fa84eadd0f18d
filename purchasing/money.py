"""Money in whole minor units of its currency: shares, rounding, and whether a sum is right.

Every calculation is made with integers and fractions, so that nothing is rounded but where a rule
says so. A credit note is the mirror of its invoice: amounts with the other sign give the same
shares with the other sign.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import msgspec

from purchasing.orders import rank_of

_OTHER_THAN_TWO = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: number for number, codes in _OTHER_THAN_TWO.items() for code in codes.split()}
_USUAL_DECIMALS = 2
_LENGTH_OF_A_CODE = 3

MOST_DECIMALS = max(_OTHER_THAN_TWO)
"""The most decimals that the minor unit of any currency has."""

MOST_DIGITS = 40
"""How many digits Cofactr is given before the decimal point (see `purchasing/commands.py`)."""

# A product of quantity and price has more decimals than a total; this is where an amount ends.
_FINEST = -100


def decimals_of(currency: str) -> int | None:
    """How many decimals the minor unit of a currency has; None where it is no currency's code.

    Source: ISO 4217, list one ("Current currency and funds code list", SIX), column "minor unit",
    as republished by datasets/currency-codes, data/codes-all.csv at commit 1434fbe. Whatever is
    not listed with 0, 3 or 4 is listed with 2, but for metals and units of account, in which
    nobody sends an invoice.
    """
    is_code = len(currency) == _LENGTH_OF_A_CODE and currency.isascii() and currency.isalpha()
    return _DECIMALS.get(currency, _USUAL_DECIMALS) if is_code else None


def is_usable(amount: Decimal) -> bool:
    """Whether an amount is a number, and of a size that can be reckoned with exactly."""
    if not amount.is_finite():
        return False
    exponent = amount.as_tuple().exponent
    return amount.adjusted() < MOST_DIGITS and isinstance(exponent, int) and exponent >= _FINEST


def units_of(amount: Decimal, decimals: int) -> int | None:
    """An amount in minor units; None where it has more decimals than the currency."""
    units = Fraction(amount) * 10**decimals
    return units.numerator if units.denominator == 1 else None


def fits(units: int | Fraction, decimals: int) -> bool:
    """Whether Cofactr takes an amount of so many digits."""
    return bool(abs(units) < 10 ** (MOST_DIGITS + decimals))


def written(units: int | Fraction, decimals: int) -> str:
    """Minor units as a decimal text, exactly: 1250 with two decimals is `12.50`.

    A part of a minor unit, as sums of unrounded products have it, takes as many decimals more as
    it needs.
    """
    value = Fraction(units)
    while value.denominator != 1:
        value *= 10
        decimals += 1
    digits = str(abs(value.numerator)).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    cut = len(digits) - decimals
    return f"{sign}{digits[:cut]}.{digits[cut:]}" if decimals else f"{sign}{digits}"


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """What one purchase line weighs, or comes to before rounding, in minor units."""

    size: Fraction
    line_number: str | None
    purchase_line: UUID


def round_to(total: int, portions: Sequence[Portion]) -> tuple[int, ...]:
    """Whole minor units for each portion, which sum to the total.

    What is left once every portion is cut to whole units goes to the largest remainders, one unit
    each; of equal ones to the lower line number of the purchase order, then to the smaller UUID.
    The total has to be what the portions sum to, rounded.
    """
    whole = [math.trunc(portion.size) for portion in portions]
    left = total - sum(whole)
    unit = 1 if left > 0 else -1

    def by_remainder(place: int) -> tuple[Fraction, tuple[int, int, str], UUID]:
        portion = portions[place]
        remainder = unit * (portion.size - whole[place])
        return -remainder, rank_of(portion.line_number), portion.purchase_line

    for place in sorted(range(len(whole)), key=by_remainder)[: abs(left)]:
        whole[place] += unit
    return tuple(whole)


def allocate(amount: int, portions: Sequence[Portion]) -> tuple[int, ...] | None:
    """The shares of an amount in proportion to the portions; they sum to it exactly.

    None where the portions sum to nothing or less, so that there is no proportion. Of a credit
    note, whose lines are negative, the portions are the lines with the other sign.
    """
    everything = sum(portion.size for portion in portions)
    if everything <= 0:
        return None
    exact = [
        msgspec.structs.replace(portion, size=amount * portion.size / everything)
        for portion in portions
    ]
    return round_to(amount, exact)


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice adds up, in minor units; the lines are not rounded yet."""

    lines: Fraction
    tax: int
    shipping: int
    duties: int
    other: int
    discounts: int
    total: int

    @property
    def left_for_lines(self) -> int:
        """What the lines have to come to for the sum to be right."""
        charges = self.tax + self.shipping + self.duties + self.other
        return self.total - charges + self.discounts

    @property
    def adds_up(self) -> bool:
        """Whether the lines, rounded, come to that.

        Exactly half a minor unit may have been rounded either way: no document says how.
        """
        return 2 * abs(self.lines - self.left_for_lines) <= 1

    def in_words(self, decimals: int) -> str:
        """The whole calculation, and what it should have come to."""
        charges = {
            "tax": self.tax,
            "shipping": self.shipping,
            "duties": self.duties,
            "other charges": self.other,
        }
        terms = [f"lines {written(self.lines, decimals)}"]
        terms += [f"+ {name} {written(it, decimals)}" for name, it in charges.items() if it]
        if self.discounts:
            terms.append(f"- discounts {written(self.discounts, decimals)}")
        if len(terms) > 1:
            terms.append(f"= {written(self.lines - self.left_for_lines + self.total, decimals)}")
        return f"{' '.join(terms)}, and the grand total is {written(self.total, decimals)}"
