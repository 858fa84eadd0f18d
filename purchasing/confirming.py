"""Confirmations: from what a supplier's document says to what Cofactr is told.

The first acceptance of a line is `confirm`, whatever the order book has as promised: only a later
confirmation moves dates, and a first one that is later than promised is shown to a person. A later
confirmation is held against what the document before it said, part by part where it split the line
by quantity; a date that document left out is the order's own promise. The statements of one
document are parts of one word, and no change of each other.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import msgspec

from purchasing.commands import EventType
from purchasing.documents import OrderConfirmation, Promise
from purchasing.line_by_line import (
    Said,
    each_line,
    fault_of_fraction,
    fault_of_quantity,
    fault_of_unit,
    said_before,
    spelled,
)
from purchasing.line_matching import is_part
from purchasing.matching import Goods
from purchasing.orders import OrderLine, comparable
from purchasing.plans import Known, Part, Plan, Terms, command_key, purchase_event
from purchasing.progress import LineProgress, Promised
from purchasing.units import in_measure
from purchasing.updates import Finding

_WORDS = {
    Promise.ACCEPTED: "Accepted",
    Promise.BACKORDERED: "Backordered",
    Promise.REJECTED: "Rejected",
    Promise.PLANNED: "Planned",
}


def plan_confirmation(
    update: OrderConfirmation, goods: tuple[Goods, ...], known: Known, terms: Terms
) -> Plan:
    """Decide what a confirmation says of each of its lines."""
    if update.promise is Promise.REJECTED and not update.quantity:
        # A quantity of nothing is what is left of the line, and not what is refused.
        update = msgspec.structs.replace(update, quantity=None)
    fault = _fault(update, goods, terms)
    if fault is not None:
        return Plan(part=Part(held=(fault,)))
    if not goods:
        detail = "The document speaks of every line of the order by itself, and leaves no rest."
        return Plan(part=Part(ignored=(Finding("no_change", detail),)))
    return each_line(
        goods, known, lambda its, line, progress: _of_line(update, its, line, progress, terms)
    )


def _fault(update: OrderConfirmation, goods: tuple[Goods, ...], terms: Terms) -> Finding | None:
    fault = fault_of_quantity(update.quantity, goods) or fault_of_unit(update.quantity, update.unit)
    if fault is None and update.quantity is not None and not update.quantity:
        fault = Finding("malformed", f"A quantity of 0 is said to be {update.promise}.")
    if fault is None and _is_sent_with_quantity(update, terms):
        fault = fault_of_fraction(update.quantity)
    return fault


def _is_sent_with_quantity(update: OrderConfirmation, terms: Terms) -> bool:
    """Whether the quantity is a field of the event; otherwise it stands in the notes alone."""
    if update.promise is Promise.REJECTED:
        return EventType.CANCELED in terms.settings.allow
    return update.promise is not Promise.BACKORDERED


def _of_line(
    update: OrderConfirmation, its: Goods, line: OrderLine, progress: LineProgress, terms: Terms
) -> Said:
    key, said_at = _key(update, line), update.document.said_at
    whole = update.document
    document = f"{terms.notification}/{whole.place} {comparable(whole.number)}"
    first = progress.said.get(key)
    is_newer = document == progress.document or progress.is_ahead(terms.source, said_at)
    if first is not None and not is_newer:
        return _ignored(said_before(its.named(line), first), progress)
    if progress.is_behind(terms.source, said_at):
        detail = f"{its.named(line)}: a later word of this source is already known."
        return _ignored(Finding("superseded", detail), progress)
    known = progress.known_to(document)
    same = next((it for it in known if _is_repeated(update, it, line)), None)
    was_said = first not in (None, terms.notification)
    if was_said and same is None and any(it.quantity == update.quantity for it in known):
        # The same goods were promised otherwise since: it goes back to what it was.
        key = command_key(key, str(said_at))
    before = same.notification if same else progress.said.get(key)
    promised = _promised(update, known, before or terms.notification)
    is_rest = before is None and _is_rest(update, known, line)
    after = (
        progress.with_promise(promised, document, known if is_rest else ())
        .with_said(key, promised.notification)
        .heard(terms.source, said_at)
    )
    if before is not None:
        return _ignored(said_before(its.named(line), before), after)
    word = _Word(key, () if is_rest else known, progress)
    return Said(part=_said(update, its, line, word, terms), progress=after)


class _Word(msgspec.Struct, frozen=True):
    """A statement's key, what was promised of its line before, and how far the line was."""

    key: str
    promises: tuple[Promised, ...]
    progress: LineProgress


def _ignored(finding: Finding, progress: LineProgress) -> Said:
    return Said(part=Part(ignored=(finding,)), progress=progress)


def _key(update: OrderConfirmation, line: OrderLine) -> str:
    """The key of what a document says of a line; who says it in which words does not count."""
    return command_key(
        "confirmation",
        str(line.purchase_line),
        comparable(update.document.number),
        _kind(update),
        "" if update.quantity is None else spelled(update.quantity),
        str(update.expected_ship_by or ""),
        str(update.estimated_delivery or ""),
        "" if update.unit_price is None else str(update.unit_price.normalize()),
        comparable(update.substitute),
    )


def _kind(update: OrderConfirmation) -> Promise:
    """What is promised, where goods that are planned to leave are goods that were accepted."""
    return Promise.ACCEPTED if update.promise is Promise.PLANNED else update.promise


def _promised(
    update: OrderConfirmation, known: tuple[Promised, ...], notification: str
) -> Promised:
    """What is known of the line from now on; a date that is left out is the one known before."""
    before = known[0] if len(known) == 1 else None
    ship_by, delivery = update.expected_ship_by, update.estimated_delivery
    if before is not None:
        ship_by, delivery = (
            ship_by or before.expected_ship_by,
            delivery or before.estimated_delivery,
        )
    return Promised(
        promise=_kind(update),
        notification=notification,
        quantity=update.quantity,
        expected_ship_by=ship_by,
        estimated_delivery=delivery,
        unit_price=update.unit_price,
        substitute=update.substitute,
    )


def _is_repeated(update: OrderConfirmation, it: Promised, line: OrderLine) -> bool:
    """Whether a statement says nothing that an earlier one of another document did not say."""
    ordered = None if line.quantity is None else Decimal(line.quantity)
    quantity = ordered if it.quantity is None else it.quantity
    price = line.unit_price if it.unit_price is None else it.unit_price
    part = update.substitute
    return (
        it.promise is _kind(update)
        and update.quantity in (None, quantity)
        and update.expected_ship_by in (None, it.expected_ship_by)
        and update.estimated_delivery in (None, it.estimated_delivery)
        and (price is None or update.unit_price in (None, price))
        and (not part or comparable(part) == comparable(it.substitute) or is_part(line, part))
    )


def _is_rest(update: OrderConfirmation, known: tuple[Promised, ...], line: OrderLine) -> bool:
    """Whether a statement is about pieces that were still open, and so changes no promise."""
    parts = [it.quantity for it in known if it.promise is not Promise.REJECTED]
    given = [it for it in parts if it is not None]
    if not parts or len(given) < len(parts) or line.quantity is None or update.quantity is None:
        return False
    return update.quantity not in given and sum(given, update.quantity) <= line.quantity


def _said(
    update: OrderConfirmation, its: Goods, line: OrderLine, word: _Word, terms: Terms
) -> Part:
    event_type, because = _verdict(update, line, word, terms)
    changes = tuple(_changes(update, its, line))
    command = purchase_event(
        event_type,
        msgspec.structs.replace(its, purchase_lines=(line.purchase_line,)),
        terms,
        key=word.key,
        because=because,
        happened_at=update.document.said_at,
        quantity=_quantity(update, terms),
        expected_ship_by=update.expected_ship_by,
        estimated_delivery=update.estimated_delivery,
        notes=_notes(update, changes),
    )
    name = its.named(line)
    attention = [Finding(it.reason, f"{name}: {it.detail}.") for it in changes]
    if event_type is EventType.CONFIRM:
        attention += _slipped(update, name, line)
    if update.promise is Promise.REJECTED:
        detail = f"{name}: {update.document.sender} rejects {_amount(update)}."
        attention.insert(0, Finding("rejected", detail))
    return Part(commands=(command,), attention=tuple(attention))


def _verdict(
    update: OrderConfirmation, line: OrderLine, word: _Word, terms: Terms
) -> tuple[EventType, str]:
    """The type of the event, and why."""
    said = f"{update.document.sender}: {update.promise} means"
    if update.promise is Promise.REJECTED:
        if EventType.CANCELED in terms.settings.allow:
            return EventType.CANCELED, f"{said} canceled"
        return EventType.NOTE, f"{said} canceled; a note, because this source may not cause it"
    if update.promise is Promise.BACKORDERED:
        return EventType.DELAYED, f"{said} delayed"
    if word.progress.is_confirmed:
        moves = tuple(_moves(update, line, word.promises))
        if any(new > old for new, old in moves):
            return EventType.DELAYED, "a date later than the one confirmed means delayed"
        if any(new < old for new, old in moves):
            return EventType.RESCHEDULE, "a date earlier than the one confirmed means reschedule"
    return EventType.CONFIRM, f"{said} confirm"


def _moves(
    update: OrderConfirmation, line: OrderLine, known: tuple[Promised, ...]
) -> Iterator[tuple[date, date]]:
    """Each date that is given, with the one known: of the part of this quantity, else of all."""
    parts = tuple(it for it in known if it.promise is not Promise.REJECTED)
    of_quantity = tuple(it for it in parts if it.quantity == update.quantity)
    for it in of_quantity or parts:
        ship_by = it.expected_ship_by or line.promised_ship_on
        delivery = it.estimated_delivery or line.promised_delivery_on
        if update.expected_ship_by and ship_by:
            yield update.expected_ship_by, ship_by
        if update.estimated_delivery and delivery:
            yield update.estimated_delivery, delivery


def _quantity(update: OrderConfirmation, terms: Terms) -> int | None:
    if update.quantity is None or not _is_sent_with_quantity(update, terms):
        return None
    return int(update.quantity)


def _changes(update: OrderConfirmation, its: Goods, line: OrderLine) -> Iterator[Finding]:
    """What the supplier changes of the line besides its dates, in words that go into the notes."""
    price, ordered = update.unit_price, line.unit_price
    ours = (its.order and its.order.currency) or ""
    theirs = update.currency or ours
    if price is not None and ordered is not None and (price, theirs) != (ordered, ours or theirs):
        new, old = f"{price} {theirs}".strip(), f"{ordered} {ours}".strip()
        yield Finding("price_changed", f"the price is {new} instead of {old}")
    part = update.substitute
    if part and not is_part(line, part):
        yield Finding("part_changed", f"{part} is sent in place of the part ordered")


def _slipped(update: OrderConfirmation, name: str, line: OrderLine) -> Iterator[Finding]:
    """The dates that are later than the order book has them."""
    pairs = (
        (update.expected_ship_by, line.promised_ship_on),
        (update.estimated_delivery, line.promised_delivery_on),
    )
    for said, promised in pairs:
        if said and promised and said > promised:
            detail = f"{name} is confirmed for {said}; {promised} was promised."
            yield Finding("later_than_promised", detail)


def _amount(update: OrderConfirmation) -> str:
    return "all of it" if update.quantity is None else f"{spelled(update.quantity)} of it"


def _notes(update: OrderConfirmation, changes: Iterable[Finding]) -> str:
    document = update.document
    what = _WORDS[update.promise]
    if update.quantity is not None and update.promise in (Promise.BACKORDERED, Promise.REJECTED):
        what = f"{what}, quantity {spelled(update.quantity)}"
    kind = "Ship notice" if update.promise is Promise.PLANNED else "Confirmation"
    sentences = (
        f"{document.sender}: {what}",
        in_measure(update.quantity, update.unit),
        update.words.rstrip(". "),
        *(f"{it.detail[:1].upper()}{it.detail[1:]}" for it in changes),
        f"{kind} {document.number}" if document.number else "",
    )
    return ". ".join(sentence for sentence in sentences if sentence)
