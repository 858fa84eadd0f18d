"""What a replacing ship notice leaves out is noticed, whatever it still says."""

import msgspec

from purchasing.documents import Purpose, ShipNotice
from purchasing.matching import Goods
from purchasing.plans import Known, Terms
from purchasing.replacing import Planned, left_out
from purchasing.shipping import plan_ship_notice
from tests.documents import LINE_ONE, LINE_TWO, ORDER_KEY, TERMS, UNKNOWN, WHOLE, notice, remembered

AGAIN = msgspec.structs.replace(TERMS, notification="n-2")


def told(*planned: Planned, known: Known | None = None, terms: Terms = TERMS) -> Known:
    """What is known once some statements were planned."""
    after = known or Known()
    for update, goods in planned:
        after = remembered(after, plan_ship_notice(update, goods, after, terms))
    return after


def replacing(quantity: str = "60", lot: str = "", number: str = "S-1001") -> ShipNotice:
    """A statement of a notice that replaces what its number said before."""
    return notice(quantity=quantity, mfg_lot=lot, number=number, purpose=Purpose.REPLACES)


def new(quantity: str = "60", lot: str = "") -> ShipNotice:
    """A statement of the notice as it came first."""
    return notice(quantity=quantity, mfg_lot=lot)


def missing(known: Known, *planned: Planned) -> list[str]:
    """What a second notification leaves out, in the words of the findings."""
    after = told(*planned, known=known, terms=AGAIN)
    found = left_out(planned, after.learned, AGAIN.notification)
    return [f"{it.reason}: {it.detail}" for it in found]


def in_(goods: Goods) -> tuple[Goods, ...]:
    """Goods of one order."""
    return (goods,)


BOTH = told((new(), in_(LINE_ONE)), (new(), in_(LINE_TWO)))


def test_a_line_that_is_left_out_is_held() -> None:
    """A replacing notice that no longer names a line it shipped needs a person, by the line."""
    (said,) = missing(BOTH, (replacing(), in_(LINE_ONE)))

    assert said.startswith("needs_person: Line 2 of order PO-1: ship notice S-1001 replaces ")


def test_a_lot_that_is_left_out_is_held() -> None:
    """A replacing notice that names a line, and not all lots of it, needs a person."""
    known = told((new("20", "A"), in_(LINE_ONE)), (new("40", "B"), in_(LINE_ONE)))

    (said,) = missing(known, (replacing("20", "A"), in_(LINE_ONE)))

    assert "Line 1 of order PO-1" in said


def test_a_line_of_which_nothing_is_left_is_held() -> None:
    """A replacing notice that says 0 of a line, under whichever lot or number, needs a person."""
    (said,) = missing(BOTH, (replacing("0", "A"), in_(LINE_ONE)), (replacing(), in_(LINE_TWO)))

    assert said.startswith("needs_person: Line 1 of order PO-1: ship notice S-1001 replaces ")


def test_what_is_said_in_full_leaves_nothing_out() -> None:
    """A notice that says the same, or more, or what its number never said, leaves nothing out."""
    more = replacing("70")

    assert missing(BOTH, (replacing(), in_(LINE_ONE)), (more, in_(LINE_TWO))) == []
    assert missing(BOTH, (replacing(number="S-2"), in_(LINE_ONE))) == []
    assert missing(Known(), (replacing(), in_(LINE_ONE))) == []


def test_a_notice_that_replaces_nothing_leaves_nothing_out() -> None:
    """Only what says that it replaces, by a number, is held against what was said before."""
    assert missing(BOTH, (new(), in_(LINE_ONE))) == []
    assert missing(BOTH, (replacing(number=""), in_(LINE_ONE))) == []


def test_a_line_that_is_held_already_is_not_held_twice() -> None:
    """A line of which less is said is held for that, and not as left out."""
    assert missing(BOTH, (replacing("10"), in_(LINE_ONE)), (replacing(), in_(LINE_TWO))) == []


def test_goods_without_an_order_leave_nothing_out() -> None:
    """Where no order is known, nothing was said before; a whole order names all of its lines."""
    learned = BOTH.learned

    assert list(left_out([(replacing(), in_(UNKNOWN))], learned, "n-2")) == []
    assert list(left_out([(replacing(), in_(WHOLE))], learned, "n-2")) == []
    assert ORDER_KEY in learned
