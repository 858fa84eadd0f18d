"""ORDRSP: what a supplier says of an order, line by line or as a whole.

Source of the codes: UN/EDIFACT directory D.21A (1001, 1225, 1229, 4343, 6063), as in
nerdocs/pydifact commit fd11763 `pydifact/syntax/d21a/data/codes.xml`; that 1225 may say what 4343
says is EANCOM's way (read 2026-11).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise
from purchasing.errors import HeldError, MalformedError, UnsupportedError
from purchasing.formats.edifact import Message
from purchasing.formats.edifact_items import References, item_of, parts_of, references_of
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import (
    DELIVERY,
    SHIP_BY,
    currency_of,
    day_of,
    document_of,
    number_of,
    quantity,
    refuse_copy,
    sections,
    spans,
    tagged,
    unit,
    unit_price,
    words_of,
)
from purchasing.formats.readings import alone, collected
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading

_RESPONSE = "231"

_WHOLE = {"AP": Promise.ACCEPTED, "AD": Promise.ACCEPTED, "RE": Promise.REJECTED}
_BY_LINE = frozenset({"AC", "AI", "CA"})
_NO_ANSWER = {"AB": "that the order was received", "AJ": "that the order is being dealt with"}
"""Types of response (4343): for all lines, different for some lines, and no answer yet."""

_FUNCTIONS = {"27": Promise.REJECTED, "29": Promise.ACCEPTED}
_PLAIN_FUNCTIONS = frozenset({"", "4", "5", "9", "28", "30", "34"})
_TAKEN_BACK = frozenset({"1", "3"})
"""Functions (1225): the whole order refused or accepted, sent for the first time or changed,
taken back."""

_ACTIONS = {
    "2": Promise.REJECTED,
    "3": Promise.ACCEPTED,
    "5": Promise.ACCEPTED,
    "6": Promise.ACCEPTED,
    "7": Promise.REJECTED,
    "24": Promise.ACCEPTED,
}
_ADDED = "1"
_UNTOUCHED = "4"
"""What is done with a line (1229): deleted, changed, accepted without or with change, refused."""

_QUANTITIES = {
    "113": Promise.ACCEPTED,
    "12": Promise.ACCEPTED,
    "194": Promise.ACCEPTED,
    "83": Promise.BACKORDERED,
    "185": Promise.REJECTED,
}
_ORDERED = "21"
"""Quantities (6063): to be delivered, despatched, accepted, on back-order, rejected; ordered."""


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of a line, and when it comes."""

    promise: Promise
    quantity: Decimal | None = None
    unit: str = ""
    ship_by: date | None = None
    delivery: date | None = None


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole response says, for its lines."""

    document: Document
    promise: Promise | None
    is_by_line: bool
    is_conditional: bool
    references: References
    header: tuple[Segment, ...]
    decimal: str
    currency: str


def read_response(message: Message) -> Reading:
    """The confirmations of an ORDRSP; a line that cannot be read is held by itself.

    Raises:
        MalformedError: The message as a whole cannot be read.
        UnsupportedError: It is of a kind that causes nothing.
    """
    parts = sections(message)
    (beginning, *_) = tagged(parts.header, "BGM") or (Segment("BGM", ()),)
    held = _judge(beginning)
    if held is not None:
        return Reading(held=(held,))
    answer = _Answer(
        document=document_of(message, parts.header),
        promise=_WHOLE.get(beginning.at(3)) or _FUNCTIONS.get(beginning.at(2)),
        is_by_line=beginning.at(3) in _BY_LINE,
        is_conditional=beginning.at(3) == "CA",
        references=references_of(parts.header),
        header=parts.header,
        decimal=message.decimal,
        currency=currency_of(parts.header),
    )
    if not parts.lines:
        return Reading(updates=(_whole_order(answer),))
    return collected(
        alone(
            f"Line {line[0].at(0) or '?'} of {answer.document.number}",
            partial(_confirmations, line, answer),
        )
        for line in parts.lines
    )


def _judge(beginning: Segment) -> Finding | None:
    """Why the whole response is held; None if it is not."""
    name, _, function, response = (beginning.at(place) for place in range(4))
    refuse_copy(beginning)
    if response in _NO_ANSWER:
        text = f"It says only {_NO_ANSWER[response]}, which confirms nothing."
        raise UnsupportedError("unsupported_kind", text)
    if function in _TAKEN_BACK:
        return Finding("needs_person", "It takes an earlier response back.")
    if name != _RESPONSE:
        return Finding("unknown_status", f"{name or 'Nothing'} is no known kind of response.")
    if function not in _PLAIN_FUNCTIONS and function not in _FUNCTIONS:
        return Finding("unknown_status", f"Its function is {function}, which is not known.")
    if response and response not in _WHOLE and response not in _BY_LINE:
        return Finding("unknown_status", f"Its type of response is {response}, not a known one.")
    return None


def _whole_order(answer: _Answer) -> OrderConfirmation:
    orders, suppliers = answer.references.orders, answer.references.suppliers
    if answer.promise is None:
        text = "It names no lines, and does not say that all are accepted or all refused."
        raise MalformedError(text)
    if len(orders) > 1 or not (orders or suppliers):
        text = f"It answers {'several orders' if orders else 'no order'} as a whole."
        raise MalformedError(text)
    return OrderConfirmation(
        document=answer.document,
        item=Item(
            po_number=orders[0] if orders else "",
            supplier_reference=suppliers[0] if len(suppliers) == 1 else "",
        ),
        promise=answer.promise,
        expected_ship_by=day_of(answer.header, *SHIP_BY),
        estimated_delivery=day_of(answer.header, *DELIVERY),
        words=words_of(answer.header, spans(answer.header, *SHIP_BY, *DELIVERY)),
    )


def _confirmations(line: Sequence[Segment], answer: _Answer) -> Iterator[OrderConfirmation]:
    parts = _parts(line, answer, _promise(line, answer))
    conditional = "Accepted under conditions" if answer.is_conditional else ""
    for part in parts:
        yield OrderConfirmation(
            document=answer.document,
            item=item_of(line, answer.references),
            promise=part.promise,
            quantity=part.quantity,
            unit=part.unit,
            expected_ship_by=part.ship_by,
            estimated_delivery=part.delivery,
            unit_price=unit_price(line, answer.decimal),
            currency=answer.currency,
            substitute=parts_of(line)[1],
            words=words_of(line, conditional, spans(line, *SHIP_BY, *DELIVERY)),
        )


def _promise(line: Sequence[Segment], answer: _Answer) -> Promise | None:
    """What is promised of a line; None where its quantities have to say it."""
    action = line[0].at(1)
    if action == _ADDED:
        text = "the supplier adds a line that was not ordered."
        raise HeldError("needs_person", text)
    if action == _UNTOUCHED:
        text = "nothing is done with it."
        raise UnsupportedError("no_change", text)
    if action:
        if action not in _ACTIONS:
            text = f"what is done with it is {action}, which is not a known code."
            raise HeldError("unknown_status", text)
        return _ACTIONS[action]
    return Promise.ACCEPTED if answer.is_by_line else answer.promise


def _parts(line: Sequence[Segment], answer: _Answer, promise: Promise | None) -> tuple[_Part, ...]:
    """The parts of a line, by what comes of each."""
    start = next((place for place, it in enumerate(line) if it.tag == "SCC"), len(line))
    plain, schedule = line[:start], line[start:]
    if promise is Promise.REJECTED:
        refused = ("185", _ORDERED)
        return (
            _Part(
                promise=promise,
                quantity=quantity(plain, answer.decimal, *refused),
                unit=unit(plain, *refused),
            ),
        )
    whole = _Part(
        promise=Promise.ACCEPTED,
        quantity=quantity(plain, answer.decimal, _ORDERED),
        unit=unit(plain, _ORDERED),
        ship_by=day_of(plain, *SHIP_BY) or day_of(answer.header, *SHIP_BY),
        delivery=day_of(plain, *DELIVERY) or day_of(answer.header, *DELIVERY),
    )
    scheduled = _scheduled(schedule, answer, whole, has_answer=promise is not None)
    known = {part.promise for part in scheduled}
    listed = (part for part in _listed(plain, answer, whole) if part.promise not in known)
    parts = (*scheduled, *listed)
    if not parts and promise is None:
        text = "neither the document, nor the line, nor a quantity says what comes of it."
        raise HeldError("unknown_status", text)
    said = tuple(part for part in parts or (whole,) if part.quantity != 0)
    if not said:
        text = "it is answered with quantity 0 alone."
        raise HeldError("needs_person", text)
    return said


def _listed(plain: Sequence[Segment], answer: _Answer, whole: _Part) -> tuple[_Part, ...]:
    """The quantities of a line that stand in no schedule; its dates are for what is accepted.

    Where nothing is, they are for what is on back-order.
    """
    given = {_QUANTITIES[it.at(0)]: it for it in reversed(tagged(plain, "QTY", *_QUANTITIES))}
    dated = Promise.ACCEPTED if Promise.ACCEPTED in given else Promise.BACKORDERED
    return tuple(
        msgspec.structs.replace(
            whole if promise is dated else _Part(promise=promise),
            promise=promise,
            quantity=number_of(given[promise].at(0, 1), answer.decimal),
            unit=unit_of(given[promise].at(0, 2)),
        )
        for promise in Promise
        if promise in given
    )


def _scheduled(
    schedule: Sequence[Segment], answer: _Answer, whole: _Part, *, has_answer: bool
) -> tuple[_Part, ...]:
    """The quantities of a schedule (SCC), each with the dates that follow it."""
    # An ordered quantity promises nothing by itself; in an answer, it is what is answered.
    kinds = _QUANTITIES | ({_ORDERED: Promise.ACCEPTED} if has_answer else {})
    starts = [place for place, it in enumerate(schedule) if it.tag == "QTY" and it.at(0) in kinds]
    return tuple(
        _Part(
            promise=kinds[schedule[start].at(0)],
            quantity=number_of(schedule[start].at(0, 1), answer.decimal),
            unit=unit_of(schedule[start].at(0, 2)),
            ship_by=day_of(schedule[start:end], *SHIP_BY) or whole.ship_by,
            delivery=day_of(schedule[start:end], *DELIVERY) or whole.delivery,
        )
        for start, end in zip(starts, [*starts[1:], len(schedule)], strict=False)
    )
