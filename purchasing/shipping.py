"""Ship notices: from what a supplier's document says to what Cofactr is told.

One `shipped` for each purchase line, lot and tracking number. Its quantity is the notice's own: of
a whole order that is shipped without quantities none is said, although what is still open may be
known, because partial shipments are announced in that way as well.

A notice whose number was heard before is held against what that number said of the line: more is
said as the difference, the same is said no more, and less, or another lot or tracking number in
place of one that is missing, is held, because an event cannot be taken back.

A `shipped` that a carrier caused is for all of an order's lines and has no quantity. A notice
beside it is said where it has a quantity, a lot, a date code or an origin, which nobody else
will tell; where it has none it would only say the same again.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from purchasing.commands import Command, EventType
from purchasing.documents import Purpose, ShipNotice
from purchasing.line_by_line import (
    Said,
    each_line,
    fault_of_fraction,
    fault_of_quantity,
    fault_of_unit,
    said_before,
    spelled,
)
from purchasing.matching import Goods
from purchasing.notices import Word
from purchasing.orders import comparable
from purchasing.plans import (
    LONGEST_NUMBER,
    Known,
    Part,
    Plan,
    ShipmentKey,
    Terms,
    order_key,
    purchase_event,
)
from purchasing.progress import ShippedPart
from purchasing.shipments import Shipment
from purchasing.units import in_measure
from purchasing.updates import Finding, Meaning


def plan_ship_notice(
    update: ShipNotice, goods: tuple[Goods, ...], known: Known, terms: Terms
) -> Plan:
    """Decide what a ship notice says of each of its lines."""
    numbers = dict.fromkeys(number.strip() for number in update.tracking_numbers)
    update = msgspec.structs.replace(update, tracking_numbers=tuple(filter(None, numbers)))
    fault = _fault(update, goods)
    if fault is not None:
        return Plan(part=Part(held=(fault,)))
    return each_line(
        goods,
        known,
        lambda its, line, progress: _of_line(
            Word(
                update=update,
                its=its,
                line=line,
                progress=progress,
                shipments=_shipments_of(update, its, known),
                terms=terms,
            )
        ),
    )


def _fault(update: ShipNotice, goods: tuple[Goods, ...]) -> Finding | None:
    number = update.document.number
    if update.purpose is Purpose.CANCELS:
        detail = f"Ship notice {number} is cancelled, and what was said of it cannot be taken back."
        return Finding("needs_person", detail)
    if update.purpose is Purpose.REPLACES and not number:
        detail = "It replaces an earlier ship notice, and has no number that says which."
        return Finding("needs_person", detail)
    longest = max((len(number) for number in update.tracking_numbers), default=0)
    if longest > LONGEST_NUMBER:
        detail = f"A tracking number has {longest} characters; {LONGEST_NUMBER} is the most."
        return Finding("malformed", detail)
    return (
        fault_of_quantity(update.quantity, goods)
        or fault_of_unit(update.quantity, update.unit)
        or fault_of_fraction(update.quantity)
    )


def _shipments_of(update: ShipNotice, its: Goods, known: Known) -> Mapping[ShipmentKey, Shipment]:
    """The shipments of an order that the notice speaks of, the one that is sent first."""
    key = order_key(its)
    places = [ShipmentKey(key, comparable(it)) for it in update.tracking_numbers if key]
    return {place: known.shipments.get(place, Shipment()) for place in places}


def _of_line(word: Word) -> Said:
    name, told = word.its.named(word.line), word.told
    if told is None and word.update.quantity == 0:
        finding = Finding("not_a_shipment", f"{name}: the notice says that none of it was shipped.")
        return Said(part=Part(ignored=(finding,)), progress=word.progress)
    if told is None and word.key in word.progress.said:
        # It says goods without the tracking number that they have by now.
        finding = said_before(name, word.progress.said[word.key])
        return Said(part=Part(ignored=(finding,)), progress=word.progress)
    if word.unnumbered is not None:
        return _numbered(word)
    if word.contradiction:
        detail = f"{name}: ship notice {word.update.document.number} {word.contradiction}."
        return Said(part=Part(held=(Finding("needs_person", detail),)), progress=word.progress)
    if told is not None and not word.is_new:
        return _repeated(word, told)
    if told is None and word.is_told_by_carrier:
        detail = f"{name}: that it moves as {word.update.tracking_numbers[0]} was said before."
        return _known(word, Part(ignored=(Finding("duplicate_statement", detail),)))
    return _shipped(word)


def _repeated(word: Word, told: ShippedPart) -> Said:
    """What a notice says that was said before: nothing, but perhaps another delivery date."""
    name, new = word.its.named(word.line), word.update.estimated_delivery
    old = word.shipment.estimated_delivery or word.notice.estimated_delivery
    is_said = word.date_key in word.progress.said
    has_ended = word.shipment.meaning in (Meaning.DELIVERED, Meaning.RETURNING)
    if new is None or old is None or new == old or is_said or has_ended:
        return _known(word, Part(ignored=(said_before(name, told.notification),)))
    event_type = EventType.DELAYED if new > old else EventType.RESCHEDULE
    which = "later" if new > old else "earlier"
    because = f"an estimated delivery {which} than the one known means {event_type}"
    notes = f"{word.update.document.sender}: Expected {new} instead of {old}"
    command = _command(word, event_type, word.date_key, because, notes=notes)
    return _known(word, Part(commands=(command,)), moved_to=new)


def _numbered(word: Word) -> Said:
    """Goods that were told of without a tracking number have one now: nothing else is new."""
    it = word.update
    if word.shipment.is_shipped:
        detail = (
            f"{word.its.named(word.line)}: it was said before that {it.tracking_numbers[0]} moves."
        )
        return _known(word, Part(ignored=(Finding("duplicate_statement", detail),)))
    because = f"{it.document.sender}: a tracking number for what was shipped means track"
    notes = f"{it.document.sender}: Shipped under {it.tracking_numbers[0]}"
    return _known(
        word, Part(commands=(_command(word, EventType.TRACK, word.key, because, notes=notes),))
    )


def _shipped(word: Word) -> Said:
    it, quantity = word.update, word.more
    command = _command(
        word,
        EventType.SHIPPED,
        word.key,
        f"{it.document.sender}: a ship notice means shipped",
        quantity=None if quantity is None else int(quantity),
        coo=it.coo,
        date_code=it.date_code,
        mfg_lot=it.mfg_lot,
        notes=_notes(word),
    )
    return _known(word, Part(commands=(command,), attention=_over_shipped(word)))


def _command(word: Word, event_type: EventType, key: str, because: str, **fields: Any) -> Command:
    it = word.update
    return purchase_event(
        event_type,
        msgspec.structs.replace(word.its, purchase_lines=(word.line.purchase_line,)),
        word.terms,
        key=key,
        because=because,
        happened_at=it.document.said_at,
        tracking_number=next(iter(it.tracking_numbers), None),
        estimated_delivery=it.estimated_delivery,
        **fields,
    )


def _over_shipped(word: Word) -> tuple[Finding, ...]:
    """More than the line still has open, by what notices said of it."""
    ordered, quantity = word.line.quantity, word.more
    before = sum(word.progress.shipped.values(), Decimal(0))
    if ordered is None or quantity is None or before + quantity <= ordered:
        return ()
    detail = (
        f"{word.its.named(word.line)}: ordered {ordered}, shipped before {spelled(before)}, "
        f"shipped now {spelled(quantity)}."
    )
    return (Finding("over_shipped", detail),)


def _known(word: Word, part: Part, *, moved_to: date | None = None) -> Said:
    """A part, with what is known from now on: quantities, tracking numbers, dates."""
    date_said = word.update.estimated_delivery
    return Said(
        part=part,
        progress=word.progress_after(),
        tracking_numbers=word.update.tracking_numbers,
        shipments={
            place: msgspec.structs.replace(
                shipment,
                is_shipped=True,
                is_noticed=shipment.is_noticed or not shipment.is_shipped,
                estimated_delivery=moved_to or shipment.estimated_delivery or date_said,
            )
            for place, shipment in word.shipments.items()
        },
    )


def _notes(word: Word) -> str:
    it, told = word.update, word.told
    by = " ".join(filter(None, (it.carrier, it.service)))
    how = f"{f' by {by}' if by else ''}{f' on {it.shipped_on}' if it.shipped_on else ''}"
    beside = ", ".join(it.tracking_numbers[1:])
    sentences = (
        f"{it.document.sender}: Shipped{how}",
        in_measure(it.quantity, it.unit),
        it.words.rstrip(". "),
        f"In addition to {spelled(told.quantity)}" if told and told.quantity is not None else "",
        f"Also under {beside}" if beside else "",
        f"Ship notice {it.document.number}" if it.document.number else "",
    )
    return ". ".join(sentence for sentence in sentences if sentence)
