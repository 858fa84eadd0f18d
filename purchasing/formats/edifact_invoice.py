"""INVOIC: an invoice or a credit note, whole or not at all.

Source of the codes: UN/EDIFACT directory D.21A (1001, 1225, 5025, 6063), as in nerdocs/pydifact
commit fd11763 `pydifact/syntax/d21a/data/codes.xml` (read 2026-11).

The same money stands at several places of one invoice: at its line, at the header, and again in
the summary behind the lines. The summary only says once more what the others say; it counts where
they are silent. MOA 203 is the line with its own allowances and charges; where the invoice adds up
only if it is taken without the charges, it is.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from purchasing.documents import Amounts, Invoice, InvoiceLine
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.edifact import Message
from purchasing.formats.edifact_items import References, item_of, references_of
from purchasing.formats.edifact_money import (
    Money,
    amount,
    currencies_of,
    money_in_sum,
    money_of,
    taxes_of,
)
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import (
    currency_of,
    document_of,
    quantity,
    refuse_copy,
    sections,
    tagged,
    unit,
    unit_price,
    words_of,
)
from purchasing.formats.invoices import ZERO, credited, sum_of
from purchasing.updates import Finding, Reading

_INVOICES = frozenset({"380", "388", "326"})
_CREDITS = frozenset({"381", "83"})
_FOR_A_PERSON = {
    "383": "a debit note",
    "84": "a debit note",
    "384": "a corrected invoice",
    "386": "an invoice for a payment in advance",
}
_NO_INVOICES = {
    "325": "a pro forma invoice",
    "389": "an invoice that the buyer makes",
    "261": "a credit note that the buyer makes",
}
"""Kinds of INVOIC (1001)."""

_PLAIN_FUNCTIONS = frozenset({"", "9"})
_CHANGES = frozenset({"1", "3", "4", "5"})
"""Functions (1225): sent for the first time; cancels, deletes, changes or replaces another."""

_TOTALS = ("77", "39", "388", "86", "9")
_PREPAID = "113"
"""The grand total (5025), the best first; what is payable is none where something was prepaid."""


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is stated: its amount, and the money that stands beside it."""

    line: InvoiceLine
    money: Money
    is_inclusive: bool


def read_invoice(message: Message) -> Reading:
    """The invoice of an INVOIC.

    Raises:
        MalformedError: It cannot be read, in whole or in part.
        UnsupportedError: It is of a kind that causes nothing.
    """
    parts = sections(message)
    (beginning, *_) = tagged(parts.header, "BGM") or (Segment("BGM", ()),)
    held = _judge(beginning)
    if held is not None:
        return Reading(held=(held,))
    if not parts.lines:
        text = "It is an invoice without lines."
        raise MalformedError(text)
    references, mark = references_of(parts.header), message.decimal
    lines = [_line(number, line, references, mark) for number, line in enumerate(parts.lines, 1)]
    currency = currency_of((*parts.header, *parts.summary))
    used = {currency, *currencies_of(message.segments)} - {""}
    if len(used) > 1:
        text = f"Its amounts are in {' and '.join(sorted(used))}, and not in one currency."
        return Reading(held=(Finding("wrong_currency", text),))
    total = _total(parts.summary, mark)
    amounts = _header(parts.header, parts.summary, lines, mark)
    invoice = Invoice(
        document=document_of(message, parts.header),
        total=total,
        lines=_that_add_up(lines, amounts, total),
        amounts=amounts,
        currency=currency,
        words=words_of(parts.header),
    )
    is_credit = beginning.at(0) in _CREDITS
    return Reading(updates=(_as_credit(invoice) if is_credit else invoice,))


def _judge(beginning: Segment) -> Finding | None:
    """Why the invoice is held; None if it is not."""
    name, function = beginning.at(0), beginning.at(2)
    refuse_copy(beginning)
    if name in _NO_INVOICES:
        text = f"It is {_NO_INVOICES[name]}, which asks for no money."
        raise UnsupportedError("unsupported_kind", text)
    if name in _FOR_A_PERSON:
        return Finding("needs_person", f"It is {_FOR_A_PERSON[name]}.")
    if name not in _INVOICES and name not in _CREDITS:
        return Finding("unknown_status", f"{name or 'Nothing'} is no known kind of invoice.")
    if function in _CHANGES:
        return Finding("needs_person", "It changes an invoice that was sent before.")
    if function not in _PLAIN_FUNCTIONS:
        return Finding("unknown_status", f"Its function is {function}, which is not known.")
    return None


def _line(number: int, line: Sequence[Segment], references: References, mark: str) -> _Line:
    try:
        return _read_line(line, references, mark)
    except MalformedError as error:
        text = f"Line {line[0].at(0) or number}: {error}"
        raise MalformedError(text) from None


def _read_line(line: Sequence[Segment], references: References, mark: str) -> _Line:
    money = money_of(line, mark)
    count, price = quantity(line, mark, "47"), unit_price(line, mark)
    stated, goods = amount(line, mark, "203"), amount(line, mark, "66")
    total = goods if stated is None else stated
    if total is None and count is not None and price is not None:
        total = count * price
    if total is None:
        text = "it states no amount, and no quantity with a price."
        raise MalformedError(text)
    if stated is None and money.allowances:
        text = "it has allowances, and no amount after them (MOA 203)."
        raise MalformedError(text)
    tax, duties = taxes_of(line, mark)
    amounts = Amounts(
        tax=tax, shipping=money.shipping, duties=duties + money.duties, other=money.other
    )
    return _Line(
        line=InvoiceLine(
            item=item_of(line, references),
            total=total,
            is_total_computed=stated is None and goods is None,
            quantity=count,
            unit=unit(line, "47"),
            unit_price=price,
            amounts=amounts,
            words=words_of(line),
        ),
        money=money,
        is_inclusive=stated is not None and bool(money.charges),
    )


def _total(summary: Sequence[Segment], mark: str) -> Decimal:
    """The grand total, before deposits and prepayments."""
    kinds = _TOTALS[:-1] if tagged(summary, "MOA", _PREPAID) else _TOTALS
    for kind in kinds:
        found = amount(summary, mark, kind)
        if found is not None:
            return found
    text = "It states no total (MOA 77 or 39) behind its lines."
    raise MalformedError(text)


def _header(
    header: Sequence[Segment], summary: Sequence[Segment], lines: Sequence[_Line], mark: str
) -> Amounts:
    """The money that no line has: the header's, else what the summary has more than the lines."""
    own, repeated = money_of(header, mark), money_of(summary, mark)
    tax, duties = taxes_of(summary, mark)
    if not tax and not duties:
        own_tax, own_duties = taxes_of(header, mark)
    else:
        own_tax = _rest(tax, [it.line.amounts.tax for it in lines], "tax")
        own_duties = _rest(duties, [it.line.amounts.duties for it in lines], "duties")
    at_lines = [it.money for it in lines]
    if not own.is_empty:
        repeated = Money()
    elif repeated.is_empty and all(it.is_empty for it in at_lines):
        repeated = money_in_sum(summary, mark)
    return Amounts(
        tax=own_tax,
        shipping=own.shipping or _more(repeated.shipping, [it.shipping for it in at_lines]),
        duties=own_duties + (own.duties or _more(repeated.duties, [it.duties for it in at_lines])),
        other=own.other or _more(repeated.other, [it.other for it in at_lines]),
        discount=own.allowances or _more(repeated.allowances, [it.allowances for it in at_lines]),
    )


def _rest(total: Decimal, at_lines: Sequence[Decimal], what: str) -> Decimal:
    """What a total of the whole invoice leaves when its lines have had theirs."""
    rest = total - sum(at_lines, ZERO)
    if rest and (rest < 0) is not (total < 0):
        text = f"Its lines have more {what} than the {total} of all of it."
        raise MalformedError(text)
    return rest


def _more(repeated: Decimal, at_lines: Sequence[Decimal]) -> Decimal:
    """What the summary says, unless it is the sum of what the lines say."""
    return ZERO if repeated == sum(at_lines, ZERO) else repeated


def _that_add_up(
    lines: Sequence[_Line], amounts: Amounts, total: Decimal
) -> tuple[InvoiceLine, ...]:
    """The lines, their totals without their charges, in the reading that adds up."""
    stated = tuple(it.line for it in lines)
    without = tuple(
        msgspec.structs.replace(it.line, total=it.line.total - it.money.charges)
        if it.is_inclusive
        else it.line
        for it in lines
    )
    return stated if sum_of(stated, amounts) == total else without


def _as_credit(invoice: Invoice) -> Invoice:
    """A credit note, which lowers what is owed; most state their amounts without a sign."""
    if invoice.total < 0:
        return msgspec.structs.replace(invoice, is_credit=True)
    return credited(invoice)
