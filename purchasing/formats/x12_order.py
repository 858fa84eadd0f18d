"""What X12's 855 and 865 say of an order: confirmed, backordered, refused, changed.

An 855 answers an order, an 865 changes one or answers a change. Every ACK of a line is a statement
of its own, because several split the line by quantity; so is every SCH, where there are several.

Source: BAK, BCA, PO1, POC, ACK and SCH of 004010 (edi.stedi.com/x12-004010); SAP Business Network's
map of the 855 for ACK04, DTM and CTP (read 2026-11).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise
from purchasing.errors import MalformedError
from purchasing.formats.readings import collected, held, said
from purchasing.formats.x12 import Transaction
from purchasing.formats.x12_elements import (
    Segments,
    document,
    first,
    item,
    loops,
    miscounted,
    notes,
    number,
    pairs,
    part_in,
    price_for_one,
    reference,
    sentence,
)
from purchasing.formats.x12_order_codes import (
    CHANGES,
    ONLY_EXCEPTIONS,
    PURPOSES,
    STATUSES,
    WHOLE,
    WITHDRAWN,
)
from purchasing.formats.x12_schedule import Dates, dates_in, scheduled, statements
from purchasing.formats.x12_segments import Segment
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    """Where the two sets have the same things."""

    begin: str
    supplier_reference: int
    line: str
    quantity: int
    unit: int
    price: int
    products: int
    change: int = 0


_FORMS = {
    "855": _Form(
        begin="BAK", supplier_reference=8, line="PO1", quantity=2, unit=3, price=4, products=6
    ),
    "865": _Form(
        begin="BCA",
        supplier_reference=9,
        line="POC",
        quantity=3,
        unit=5,
        price=6,
        products=8,
        change=2,
    ),
}


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every line of a document."""

    form: _Form
    document: Document
    po_number: str
    supplier_reference: str
    kind: str
    currency: str
    dates: Dates
    words: str

    def item(self, line: Segment) -> Item:
        """The goods of a line; PO101 and POC01 are the order's own line numbers, or texts."""
        names = pairs(line, self.form.products)
        return item(
            names,
            po_number=self.po_number,
            supplier_reference=self.supplier_reference,
            line=line.at(1) or names.get("PL", ""),
            counter="",
        )


def read_order(transaction: Transaction, said_at: datetime | None) -> Reading:
    """Read an 855 or 865.

    Raises:
        MalformedError: It has no beginning segment.
    """
    form = _FORMS[transaction.kind]
    head, lines, rest = loops(transaction.segments, form.line)
    begin = first(head, form.begin)
    if not begin.elements:
        message = f"The {transaction.kind} has no {form.begin}."
        raise MalformedError(message)
    doubt = _doubt(form, begin.at(1), transaction.kind)
    if doubt is not None:
        return Reading(held=(doubt,))
    order = _order(form, begin, head, said_at)
    if not lines:
        return _of_whole_order(order)
    parts = [_of_line(order, line) for line in lines]
    items = tuple(order.item(line[0]) for line in lines)
    about_rest = Reading(
        updates=tuple(_of_rest(order, items)), attention=miscounted(rest, (len(lines),), "lines")
    )
    return collected((*parts, about_rest))


def _doubt(form: _Form, purpose: str, kind: str) -> Finding | None:
    """Why a document is not read by itself."""
    if purpose in WITHDRAWN:
        detail = f"{form.begin}01 is {purpose}: an earlier {kind} is withdrawn."
        return Finding("needs_person", detail)
    if purpose not in PURPOSES:
        detail = f"{form.begin}01 is {purpose}, which is not known here."
        return Finding("unknown_status", detail)
    return None


def _order(form: _Form, begin: Segment, head: Segments, said_at: datetime | None) -> _Order:
    theirs = begin.at(form.supplier_reference)
    return _Order(
        form=form,
        document=document(head, theirs or begin.at(3), said_at),
        po_number=begin.at(3) or reference(head, "PO"),
        supplier_reference=theirs,
        kind=begin.at(2),
        currency=first(head, "CUR").at(2),
        dates=dates_in(head),
        words=sentence(*notes(head)),
    )


def _of_whole_order(order: _Order) -> Reading:
    """A document without lines: its own code is for every line of the order."""
    promise = WHOLE.get(order.kind)
    if promise is None:
        detail = f"There are no lines, and {order.form.begin}02 is {order.kind or 'empty'}."
        return held("unknown_status", detail)
    if promise is Promise.REJECTED and order.form.change:
        detail = f"BCA02 is {order.kind}: a change of the order is refused."
        return held("needs_person", detail)
    return said(_of_all(order, promise))


def _of_rest(order: _Order, items: tuple[Item, ...]) -> Iterator[OrderConfirmation]:
    """What is said of the lines that are not there, where only the exceptions are."""
    if order.kind in ONLY_EXCEPTIONS and not order.form.change:
        update = _of_all(order, WHOLE[order.kind])
        yield msgspec.structs.replace(update, is_rest=True, others=items)


def _of_all(order: _Order, promise: Promise) -> OrderConfirmation:
    """What the document's own code says of its order."""
    return OrderConfirmation(
        document=order.document,
        item=Item(po_number=order.po_number, supplier_reference=order.supplier_reference),
        promise=promise,
        expected_ship_by=order.dates[0],
        estimated_delivery=order.dates[1],
        words=order.words,
    )


def _of_line(order: _Order, line: Segments) -> Reading:
    try:
        return _read_line(order, line)
    except MalformedError as error:
        return held("malformed", f"{_named(order, line)}: {error}")


def _named(order: _Order, line: Segments) -> str:
    return f"Line {line[0].at(1) or '?'} of order {order.po_number or '?'}"


def _read_line(order: _Order, line: Segments) -> Reading:
    found, own = statements(line)
    known = [dates_in(own), order.dates]
    faults: list[Finding] = []
    updates: list[OrderConfirmation] = []
    for statement in found:
        verdict = _verdict(order, line[0], statement.ack)
        if isinstance(verdict, Finding):
            detail = f"{_named(order, line)}: {verdict.detail}"
            faults.append(Finding(verdict.reason, detail))
        else:
            update = _said(order, line, statement.ack, verdict, is_only=len(found) == 1)
            # Beside a part that is accepted, the line's dates are not those of what is backordered.
            is_apart = update.promise is Promise.BACKORDERED and len(found) > 1
            updates.extend(scheduled(update, statement, [] if is_apart else known))
    return Reading(updates=tuple(updates), held=tuple(faults))


def _verdict(order: _Order, line: Segment, ack: Segment) -> tuple[Promise, str] | Finding:
    """What a statement promises, and in which words; or why that is for a person."""
    code = ack.at(1)
    change = line.at(order.form.change) if order.form.change else ""
    if change and change not in CHANGES:
        return Finding("unknown_status", f"POC02 is {change}, which is not known here.")
    if not code:
        return _without_ack(order, change)
    if code not in STATUSES:
        return Finding("unknown_status", f"ACK01 is {code}, which is not known here.")
    promise, words = STATUSES[code]
    if promise is None:
        return Finding("needs_person", f"The supplier has put it {words}.")
    if promise is Promise.REJECTED and order.form.change:
        detail = (
            f"ACK01 is {code}, and an 865 does not say whether the line or a change is refused."
        )
        return Finding("needs_person", detail)
    if CHANGES.get(change) is Promise.REJECTED:
        return Promise.REJECTED, "Deleted"
    return promise, words


def _without_ack(order: _Order, change: str) -> tuple[Promise, str] | Finding:
    promise = WHOLE.get(order.kind)
    if order.form.change and promise is Promise.REJECTED:
        return Finding("needs_person", f"BCA02 is {order.kind}: a change of the order is refused.")
    if change:
        promise = CHANGES[change]
    elif order.kind in ONLY_EXCEPTIONS:
        promise = None
    if promise is None:
        detail = f"It has no ACK, and {order.form.begin}02 is {order.kind or 'empty'}."
        return Finding("unknown_status", detail)
    return promise, "Deleted" if change == "DI" else ""


def _said(
    order: _Order, line: Segments, ack: Segment, verdict: tuple[Promise, str], *, is_only: bool
) -> OrderConfirmation:
    """A statement, without its dates."""
    promise, words = verdict
    form = order.form
    quantity, unit = number(ack.at(2), "ACK02"), ack.at(3)
    if quantity is None and is_only:
        quantity, unit = number(line[0].at(form.quantity), f"{form.line}0{form.quantity}"), ""
    return OrderConfirmation(
        document=order.document,
        item=order.item(line[0]),
        promise=promise,
        quantity=quantity,
        unit=unit_of(unit or line[0].at(form.unit)),
        unit_price=_unit_price(order, line),
        currency=order.currency,
        substitute=_substitute(order, line[0], ack),
        words=sentence(words, f"Code {ack.at(29)}" if ack.at(29) else "", *notes(line)),
    )


def _unit_price(order: _Order, line: Segments) -> Decimal | None:
    """What one piece costs: the changed price (CTP02 is CUP), else the price of the line."""
    form = order.form
    changed = next((it for it in line if it.name == "CTP" and it.at(2) == "CUP"), Segment("CTP"))
    price = number(changed.at(3), "CTP03")
    if price is None:
        price = number(line[0].at(form.price), f"{form.line}0{form.price}")
    return None if price is None else price_for_one(price, line[0].at(form.price + 1))


def _substitute(order: _Order, line: Segment, ack: Segment) -> str:
    """The part that is sent instead: another one of the same kind, or any where ACK01 is IS."""
    ordered = pairs(line, order.form.products)
    # ACK27 to 29 are a code of an industry, and no product.
    theirs = pairs(Segment("ACK", ack.elements[:26]), 7)
    others = {
        qualifier: part
        for qualifier, part in theirs.items()
        if part not in ordered.values() and (qualifier in ordered or ack.at(1) == "IS")
    }
    return part_in(others)
