"""Minor units, shares, rounding to a sum, and whether a sum is right: always exactly."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.money import (
    MOST_DECIMALS,
    MOST_DIGITS,
    Portion,
    Sums,
    allocate,
    decimals_of,
    fits,
    is_usable,
    round_to,
    units_of,
    written,
)


def portion(size: Fraction | str, line_number: str | None = "1", line: int = 1) -> Portion:
    """What a purchase line weighs."""
    return Portion(size=Fraction(size), line_number=line_number, purchase_line=UUID(int=line))


def portions(*sizes: Fraction | str) -> list[Portion]:
    """What the lines 1, 2, 3 ... weigh."""
    return [portion(size, str(number), number) for number, size in enumerate(sizes, start=1)]


def sums(**amounts: int | Fraction) -> Sums:
    """What an invoice adds up; what is not given is nothing."""
    given = {"tax": 0, "shipping": 0, "duties": 0, "other": 0, "discounts": 0} | amounts
    return Sums(**given | {"lines": Fraction(amounts["lines"])})  # type: ignore[arg-type]


sizes = st.fractions(-1000, 1000, max_denominator=1000)
weights = st.lists(
    st.builds(
        Portion,
        size=sizes,
        line_number=st.none() | st.sampled_from(["", "1", "01", "2", "10", "A", "1.10"]),
        purchase_line=st.uuids(),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda it: it.purchase_line,
)
amounts = st.integers(-(10**12), 10**12)


# Minor units.


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("USD", 2),
        ("EUR", 2),
        ("HUF", 2),
        ("TWD", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("ISK", 0),
        ("VND", 0),
        ("KWD", 3),
        ("TND", 3),
        ("BHD", 3),
        ("CLF", 4),
        ("UYW", 4),
        ("", None),
        ("US$", None),
        ("Dollar", None),
        ("ÄÖÜ", None),
    ],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int | None) -> None:
    """The minor unit of a currency has two decimals, but for those listed with another number."""
    assert decimals_of(currency) == decimals


def test_no_currency_has_more_decimals_than_the_most() -> None:
    """The most decimals are those of the currency that has most of them."""
    assert decimals_of("UYW") == MOST_DECIMALS


@pytest.mark.parametrize(
    ("amount", "decimals", "units"),
    [
        ("12.5", 2, 1250),
        ("12.50", 2, 1250),
        ("12.500", 2, 1250),
        ("-0.01", 2, -1),
        ("1E+3", 2, 100_000),
        ("12.505", 2, None),
        ("1.5", 0, None),
        ("1500", 0, 1500),
        ("1.234", 3, 1234),
        ("1.2345", 3, None),
        ("0", 0, 0),
    ],
)
def test_an_amount_in_minor_units_is_whole_or_none(
    amount: str, decimals: int, units: int | None
) -> None:
    """An amount that is more exact than its currency has no minor units, and is not rounded."""
    assert units_of(Decimal(amount), decimals) == units


def test_minor_units_are_not_rounded_however_long_they_are() -> None:
    """An amount of more digits than Python's decimals calculate with keeps every one of them."""
    amount = Decimal("1234567890123456789012345678901234567890.12")

    assert units_of(amount, 2) == 123456789012345678901234567890123456789012


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (1250, 2, "12.50"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (0, 2, "0.00"),
        (1500, 0, "1500"),
        (0, 0, "0"),
        (1234, 3, "1.234"),
        (Fraction(25, 2), 2, "0.125"),
        (Fraction(-5, 2), 0, "-2.5"),
    ],
)
def test_minor_units_are_written_with_the_currencys_decimals(
    units: int | Fraction, decimals: int, text: str
) -> None:
    """What is written has the decimals of the currency, and more only for parts of a unit."""
    assert written(units, decimals) == text


@given(units=st.integers(-(10**45), 10**45), decimals=st.integers(0, 4))
def test_what_is_written_is_read_as_the_same_amount(units: int, decimals: int) -> None:
    """Writing an amount and reading it again changes nothing."""
    assert units_of(Decimal(written(units, decimals)), decimals) == units


@pytest.mark.parametrize("amount", ["0", "-12.5", "9" * MOST_DIGITS, "1E-100", "0.00"])
def test_an_amount_of_money_is_usable(amount: str) -> None:
    """Any amount of up to forty digits before the point can be reckoned with."""
    assert is_usable(Decimal(amount))


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+40", "1E+999999", "1E-101", "0E-999999"]
)
def test_what_is_no_amount_of_money_is_not_usable(amount: str) -> None:
    """What is no number, or of a size that would fill the memory, is not reckoned with."""
    assert not is_usable(Decimal(amount))


@pytest.mark.parametrize("decimals", [0, 2, 4])
def test_cofactr_takes_forty_digits_before_the_point(decimals: int) -> None:
    """An amount fits as long as it has no more digits than Cofactr's decimals."""
    first_too_large = 10 ** (MOST_DIGITS + decimals)

    assert fits(first_too_large - 1, decimals)
    assert fits(1 - first_too_large, decimals)
    assert not fits(first_too_large, decimals)
    assert not fits(-first_too_large, decimals)


# Shares.


def test_a_charge_is_shared_in_proportion() -> None:
    """A line that costs three times as much takes three times as much of a charge."""
    assert allocate(1000, portions("300", "100")) == (750, 250)


def test_the_largest_remainder_is_first() -> None:
    """What is left after whole units goes to the share that lost most of one."""
    # 10 units over 1, 2 and 4 of 7: 1 3/7, 2 6/7, 5 5/7.
    assert allocate(10, portions("1", "2", "4")) == (1, 3, 6)


def test_a_tie_goes_to_the_lower_line_number() -> None:
    """Of equal remainders, that of the lower line number of the purchase order is first."""
    tied = [portion("1", "10", 1), portion("1", "9", 2), portion("1", "011", 3)]

    assert allocate(1, tied) == (0, 1, 0)
    assert allocate(2, tied) == (1, 1, 0)


def test_line_numbers_are_compared_as_matching_compares_them() -> None:
    """Leading zeros do not count, numbers come before texts, and texts before none at all."""
    tied = [portion("1", None, 1), portion("1", "a", 2), portion("1", "0002", 3)]

    assert allocate(1, tied) == (0, 0, 1)
    assert allocate(2, tied) == (0, 1, 1)
    assert allocate(1, [portion("1", "B", 1), portion("1", "0a", 2)]) == (0, 1)


def test_a_tie_of_one_line_number_goes_to_the_smaller_uuid() -> None:
    """Where two orders have a line of the same number, the smaller UUID is first."""
    assert allocate(1, [portion("1", "1", 2), portion("1", "01", 1)]) == (0, 1)


@pytest.mark.parametrize("lines", [("0", "0"), ("10", "-10"), ("-5",), ("5", "-6")])
def test_there_is_no_proportion_to_nothing_or_less(lines: tuple[str, ...]) -> None:
    """Weights that sum to nothing or less are refused."""
    assert allocate(100, portions(*lines)) is None


def test_a_negative_amount_is_shared_as_a_positive_one() -> None:
    """A refund gives each line what the charge had taken."""
    assert allocate(-10, portions("1", "2", "4")) == (-1, -3, -6)


def test_a_negative_weight_takes_a_negative_share() -> None:
    """A line that is taken back on an invoice takes its part of a charge back."""
    assert allocate(100, portions("300", "-100")) == (150, -50)


def test_no_share_is_rounded_by_the_size_of_the_numbers() -> None:
    """Amounts of more digits than floats or decimals hold are shared to the unit."""
    amount = 3 * 10**40 + 2

    assert allocate(amount, portions("1", "1", "1")) == (10**40 + 1, 10**40 + 1, 10**40)


@given(amount=amounts, lines=weights)
def test_the_shares_of_a_charge_sum_to_it(amount: int, lines: list[Portion]) -> None:
    """Nothing of a charge is lost and nothing is invented."""
    shares = allocate(amount, lines)

    assert (shares is None) == (sum(it.size for it in lines) <= 0)
    assert shares is None or sum(shares) == amount


@given(amount=amounts, lines=weights)
def test_a_share_is_less_than_a_unit_away_from_its_proportion(
    amount: int, lines: list[Portion]
) -> None:
    """No line gains or loses a whole minor unit by rounding."""
    shares = allocate(amount, lines)
    everything = sum(it.size for it in lines)

    for share, it in zip(shares or (), lines, strict=bool(shares)):
        assert abs(share - amount * it.size / everything) < 1


@given(amount=amounts, lines=weights, data=st.data())
def test_the_order_of_lines_changes_no_share(
    amount: int, lines: list[Portion], data: st.DataObject
) -> None:
    """A line's share depends on what it is, not on where it stands."""
    shuffled = data.draw(st.permutations(lines))
    before, after = allocate(amount, lines), allocate(amount, shuffled)

    assert dict(zip(lines, before or (), strict=bool(before))) == dict(
        zip(shuffled, after or (), strict=bool(after))
    )


@given(amount=amounts, lines=weights)
def test_the_shares_of_a_credit_mirror_those_of_the_charge(
    amount: int, lines: list[Portion]
) -> None:
    """The same amount with the other sign gives the same shares with the other sign."""
    shares = allocate(amount, lines)

    assert allocate(-amount, lines) == (shares and tuple(-it for it in shares))


# Rounding line totals to their sum.


def test_unrounded_totals_are_rounded_to_their_rounded_sum() -> None:
    """Three thirds of a unit make one unit, and the first line has it."""
    assert round_to(1, portions("1/3", "1/3", "1/3")) == (1, 0, 0)
    assert round_to(2, portions("2/3", "1/3", "1")) == (1, 0, 1)


def test_half_a_unit_may_be_rounded_either_way() -> None:
    """Whichever way the supplier rounded the sum, the lines come to it."""
    assert round_to(3, portions("3/2", "1")) == (2, 1)
    assert round_to(2, portions("3/2", "1")) == (1, 1)


@given(lines=weights, is_up=st.booleans())
def test_rounded_totals_sum_to_the_rounded_sum(lines: list[Portion], *, is_up: bool) -> None:
    """Rounded totals come to the rounded sum, and each is less than a unit from what it was."""
    whole = sum((it.size for it in lines), Fraction())
    total = (2 * whole + 1) // 2 if is_up else -((1 - 2 * whole) // 2)
    rounded = round_to(total, lines)

    assert sum(rounded) == total
    assert all(abs(to - it.size) < 1 for to, it in zip(rounded, lines, strict=True))
    mirrored = [portion(-it.size, it.line_number, it.purchase_line.int) for it in lines]
    assert round_to(-total, mirrored) == tuple(-to for to in rounded)


@given(lines=st.lists(st.integers(-1000, 1000), min_size=1, max_size=9))
def test_totals_that_are_whole_stay_as_they_are(lines: list[int]) -> None:
    """Where there is nothing to round, nothing is changed."""
    assert round_to(sum(lines), portions(*map(Fraction, lines))) == tuple(lines)


# Whether it adds up.


def test_it_adds_up_to_the_minor_unit() -> None:
    """Lines and charges without the discounts are the grand total, and one unit more is not."""
    right = sums(
        lines=10000, tax=825, shipping=1200, duties=50, other=25, discounts=500, total=11600
    )

    assert right.adds_up
    assert right.left_for_lines == 10000
    assert not sums(lines=10000, tax=825, total=10826).adds_up
    assert not sums(lines=10000, tax=825, total=10824).adds_up


@pytest.mark.parametrize(
    ("lines", "total", "adds_up"),
    [
        (Fraction(1001, 10), 100, True),
        (Fraction(1006, 10), 101, True),
        (Fraction(1006, 10), 100, False),
        (Fraction(1005, 10), 100, True),
        (Fraction(1005, 10), 101, True),
        (Fraction(1005, 10), 102, False),
    ],
)
def test_unrounded_lines_are_compared_after_rounding(
    lines: Fraction, total: int, *, adds_up: bool
) -> None:
    """Unrounded lines add up if their sum, rounded, does; half a unit is rounded either way."""
    assert sums(lines=lines, total=total).adds_up is adds_up
    assert sums(lines=-lines, total=-total).adds_up is adds_up


def test_the_arithmetic_is_shown() -> None:
    """What does not add up is shown with everything that was added, and what it comes to."""
    wrong = sums(
        lines=10000, tax=825, shipping=1200, duties=50, other=25, discounts=500, total=12000
    )

    assert wrong.in_words(2) == (
        "lines 100.00 + tax 8.25 + shipping 12.00 + duties 0.50 + other charges 0.25"
        " - discounts 5.00 = 116.00, and the grand total is 120.00"
    )


def test_the_arithmetic_leaves_out_what_is_nothing() -> None:
    """Charges of nothing are not shown, nor a sum of lines alone; these are shown exactly."""
    assert sums(lines=Fraction(10005, 10), total=1100).in_words(2) == (
        "lines 10.005, and the grand total is 11.00"
    )
