"""What X12's 810 bills.

TDS01 and SAC05 have two implied decimals, whatever the currency; IT104, TXI02 and CTP03 have their
own. No line states its total: it is the product of IT102 and IT104, unrounded, for as many pieces
as the price is for.

Source: BIG, IT1, CTP, TDS of 004010 (edi.stedi.com/x12-004010); SAP Business Network's map of the
810 for the codes of BIG07, BIG08 and the basis of a price in CTP (read 2026-11).
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Invoice, InvoiceLine
from purchasing.errors import MalformedError
from purchasing.formats.invoices import ZERO, is_same, negated, negated_lines
from purchasing.formats.readings import held
from purchasing.formats.x12 import Transaction
from purchasing.formats.x12_charges import Charges, Split, allowance, amounts, readings
from purchasing.formats.x12_elements import (
    Segments,
    cents,
    document,
    first,
    item,
    loops,
    miscounted,
    notes,
    number,
    pairs,
    price_for_one,
    reference,
    sentence,
)
from purchasing.formats.x12_segments import Segment
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading

IS_CREDIT = {
    **dict.fromkeys(("", "CI", "DI", "FD", "PR"), False),
    **dict.fromkeys(("CN", "CR"), True),
}
"""BIG07 (element 640): invoices, and credit invoices and memos."""

_DEBIT_NOTES = frozenset({"DC", "DR"})
_PURPOSES = frozenset({"", "00", "05", "06", "07", "22"})
_WITHDRAWN = frozenset({"01", "03"})
_NO_ORDER = frozenset({"NONPO"})


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line before it is known which charges are its own."""

    segments: Segments
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


def read_invoice(transaction: Transaction, said_at: datetime | None) -> Reading:
    """Read an 810, whole or not at all.

    Raises:
        MalformedError: It has no BIG, no TDS, or an amount that is no number.
    """
    head, parts, rest = loops(transaction.segments, "IT1", "TDS")
    begin, stated = first(head, "BIG"), cents(first(rest or head, "TDS").at(1), "TDS01")
    if not begin.elements or stated is None:
        message = f"The 810 has no {'TDS01' if begin.elements else 'BIG'}."
        raise MalformedError(message)
    doubt = _doubt(begin)
    if doubt is not None:
        return Reading(held=(doubt,))
    if not parts:
        detail = f"Invoice {begin.at(2)} has no lines, so its amounts belong to none."
        return held("needs_person", detail)
    update = _invoice(begin, (head, parts, rest), stated, _document(transaction, begin, said_at))
    return Reading(updates=(update,), attention=miscounted(rest, (len(parts),), "lines"))


def _invoice(
    begin: Segment,
    content: tuple[Segments, list[Segments], Segments],
    stated: Decimal,
    its: Document,
) -> Invoice:
    head, parts, rest = content
    lines = [_line(part) for part in parts]
    outside = [*head, *rest]
    supplier_reference = reference(outside, "VN")
    goods = sum((line.total for line in lines), ZERO)
    split = _chosen(readings(parts, outside), stated, goods)
    update = Invoice(
        document=its,
        total=stated,
        lines=tuple(
            _billed(line, charges, begin, supplier_reference)
            for line, charges in zip(lines, split.lines, strict=True)
        ),
        amounts=amounts(split.head, discount=allowance(split.head)),
        currency=first(head, "CUR").at(2).upper(),
        is_credit=IS_CREDIT[begin.at(7)] or stated < 0,
        words=sentence(_other_number(head, begin), *notes(head)),
    )
    return _credited(update)


def _doubt(begin: Segment) -> Finding | None:
    """Why an invoice is not read by itself."""
    kind, purpose = begin.at(7), begin.at(8)
    if purpose in _WITHDRAWN:
        return Finding("needs_person", f"BIG08 is {purpose}: invoice {begin.at(2)} is withdrawn.")
    if kind in _DEBIT_NOTES:
        return Finding("needs_person", f"BIG07 is {kind}: {begin.at(2)} is a debit memo.")
    if kind not in IS_CREDIT or purpose not in _PURPOSES:
        detail = f"BIG07 is {kind or 'empty'} and BIG08 is {purpose or 'empty'}: not known here."
        return Finding("unknown_status", detail)
    return None


def _document(transaction: Transaction, begin: Segment, said_at: datetime | None) -> Document:
    """The invoice by BIG02, or by the longer REF*IV that begins with it.

    BIG02 has 22 characters at the most. A REF*IV that is something else is no number of the
    invoice: in a public sample it is the order's.
    """
    longer = reference(transaction.segments, "IV")
    business_number = longer if longer.startswith(begin.at(2)) else begin.at(2)
    if not business_number:
        message = "The 810 has no number: BIG02 is empty."
        raise MalformedError(message)
    return document(transaction.segments, business_number, said_at)


def _other_number(head: Segments, begin: Segment) -> str:
    other = reference(head, "IV")
    return "" if other.startswith(begin.at(2)) or not other else f"REF*IV {other}"


def _line(segments: Segments) -> _Line:
    it1 = segments[0]
    name = it1.at(1) or "?"
    quantity = number(it1.at(2), f"IT102 of line {name}")
    price = number(it1.at(4), f"IT104 of line {name}")
    ctp = first(segments, "CTP")
    if price is None:
        price = number(ctp.at(3), f"CTP03 of line {name}")
    if quantity is None or price is None:
        message = f"Line {name} of the 810 has no quantity or no price."
        raise MalformedError(message)
    based = next((it for it in segments if it.name == "CTP" and it.at(6) == "CSD"), Segment("CTP"))
    pieces = number(based.at(4), f"CTP04 of line {name}")
    if pieces:
        # The price is for so many units, each of so many of the units that are billed.
        factor = number(based.at(7), f"CTP07 of line {name}") or Decimal(1)
        unit_price, total = price * factor / pieces, quantity * price * factor / pieces
    else:
        unit_price = price_for_one(price, it1.at(5))
        total = price_for_one(quantity * price, it1.at(5))
    return _Line(segments=segments, quantity=quantity, unit_price=unit_price, total=total)


def _chosen(ways: tuple[Split, Split], stated: Decimal, goods: Decimal) -> Split:
    """One level of charges, unless only all of them together make up the total."""
    one, together = ways
    is_one = is_same(abs(goods + one.total), abs(stated))
    is_together = is_same(abs(goods + together.total), abs(stated))
    return together if is_together and not is_one else one


def _billed(line: _Line, charges: Charges, begin: Segment, supplier_reference: str) -> InvoiceLine:
    it1 = line.segments[0]
    names = pairs(it1, 6)
    order = "" if begin.at(4) in _NO_ORDER else begin.at(4)
    return InvoiceLine(
        item=item(
            names,
            po_number=names.get("PO") or reference(line.segments, "PO") or order,
            supplier_reference=reference(line.segments, "VN") or supplier_reference,
            line=names.get("PL", ""),
            counter=it1.at(1),
        ),
        total=line.total - allowance(charges),
        is_total_computed=True,
        quantity=line.quantity,
        unit=unit_of(it1.at(3)),
        unit_price=line.unit_price,
        amounts=amounts(charges),
        words=sentence(first(line.segments, "PID").at(5), *notes(line.segments)),
    )


def _credited(update: Invoice) -> Invoice:
    """A credit note with all amounts as they change what is owed, however its sender signs them."""
    if not update.is_credit:
        return update
    is_positive = sum((line.total for line in update.lines), ZERO) > 0
    return msgspec.structs.replace(
        update,
        total=-abs(update.total),
        lines=negated_lines(update.lines) if is_positive else update.lines,
        amounts=negated(update.amounts) if is_positive else update.amounts,
    )
