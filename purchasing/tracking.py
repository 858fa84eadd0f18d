"""The tracking rules: from a snapshot of a parcel and what is known of it to what is said.

A snapshot is compared with the shipment's known state. Scans seen before are not said again, a
shipment never moves backwards, and one notification says at most two things of one order: that the
goods are shipped, if that was not said, and what is now the case, if that is more than movement.
"""

from datetime import date
from enum import StrEnum

import msgspec

from purchasing.commands import EventType
from purchasing.configuration import Scans
from purchasing.shipments import Shipment, identity
from purchasing.updates import Finding, Meaning, Scan, TrackingUpdate

EVIDENCE_OF_MOVEMENT = frozenset(
    {
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.READY_FOR_PICKUP,
        Meaning.ATTEMPTED,
        Meaning.DELIVERED,
        Meaning.RETURNING,
    }
)
"""The meanings that prove that the goods left the supplier."""

_EVENTS = {
    Meaning.LABEL_CREATED: EventType.TRACK,
    Meaning.MOVING: EventType.TRACK,
    Meaning.OUT_FOR_DELIVERY: EventType.TRACK,
    Meaning.READY_FOR_PICKUP: EventType.TRACK,
    Meaning.ATTEMPTED: EventType.DELIVERY_ATTEMPT,
    Meaning.DELAYED: EventType.DELAYED,
    Meaning.DAMAGED: EventType.DELAYED,
    Meaning.LOST: EventType.DELAYED,
    Meaning.DELIVERED: EventType.DELIVERED,
    Meaning.RETURNING: EventType.RETURN,
    Meaning.VOIDED: EventType.VOIDED,
    Meaning.UNCHANGED: EventType.TRACK,
}
"""What Cofactr is told for each meaning; a meaning that is missing tells nothing."""

_ATTENTION = {
    Meaning.DAMAGED: "The carrier says that the goods are damaged.",
    Meaning.LOST: "The carrier says that the goods are lost.",
    Meaning.RETURNING: "The goods are on their way back to the sender.",
}

_ON_THE_WAY = frozenset(
    {
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.READY_FOR_PICKUP,
        Meaning.ATTEMPTED,
        Meaning.DELAYED,
    }
)
"""What is said of a parcel on either way, to the buyer or back."""

_ENDED = frozenset({Meaning.DELIVERED, Meaning.RETURNING})


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to say of a shipment.

    `mark` names the statement among all that are ever said of this shipment: the same mark is the
    same statement, whoever makes it. `scan` is what it rests on.
    """

    event_type: EventType
    mark: str
    scan: Scan
    because: str
    estimated_delivery: date | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one shipment, what is not and why, and what is known from now on."""

    shipment: Shipment
    statements: tuple[Statement, ...] = ()
    ignored: tuple[Finding, ...] = ()
    held: tuple[Finding, ...] = ()
    attention: tuple[Finding, ...] = ()


class _Order(StrEnum):
    """How a snapshot stands to what is known: further, the same, or behind."""

    NEWS = "news"
    REPEAT = "repeat"
    BEHIND = "behind"


def tell(
    update: TrackingUpdate,
    shipment: Shipment,
    *,
    source: str,
    scans: Scans,
    allowed: frozenset[EventType],
) -> Told:
    """Decide what a snapshot says of one shipment; `allowed` are the heavy types it may cause."""
    update = _on_its_way_back(update, shipment)
    current = update.current
    if current.meaning is None:
        detail = f'{update.sender} says "{current.code}", which is not in the table of its codes.'
        return Told(shipment=shipment, held=(Finding("unknown_status", detail),))
    if current.meaning is Meaning.NOT_FOUND:
        return _not_found(update, shipment)
    conflict = _conflict(update, shipment)
    if conflict is not None:
        return Told(shipment=shipment, held=(conflict,))
    refusal = _refusal(update, shipment)
    if refusal is not None:
        return Told(shipment=shipment, ignored=(refusal,))
    known = _caught_up(update, shipment)
    estimate = _estimate(update, shipment, source)
    known = _with_estimate(known, update, source, estimate)
    it = _Comparison(
        update=update, meaning=current.meaning, before=shipment, known=known, estimate=estimate
    )
    said = _statements(it, scans, allowed)
    if any(statement.event_type is EventType.SHIPPED for statement in said):
        known = msgspec.structs.replace(known, is_shipped=True)
    ignored = () if said else (_nothing_new(update),)
    return Told(
        shipment=known,
        statements=said,
        ignored=ignored,
        attention=_attention(current.meaning, shipment, known),
    )


def _on_its_way_back(update: TrackingUpdate, shipment: Shipment) -> TrackingUpdate:
    """The snapshot up to the return that it shows first, where what follows is the way back."""
    returns = [scan.meaning for scan in update.history]
    if (
        Meaning.RETURNING in shipment.occurrences
        or Meaning.RETURNING not in returns
        or update.current.meaning not in _ON_THE_WAY
    ):
        return update
    history = update.history[: returns.index(Meaning.RETURNING) + 1]
    return msgspec.structs.replace(update, current=history[-1], history=history)


def _not_found(update: TrackingUpdate, shipment: Shipment) -> Told:
    detail = f"{update.sender} knows nothing of {update.tracking_number} ({update.current.code})."
    attention: tuple[Finding, ...] = ()
    if shipment.is_shipped and shipment.meaning not in _ENDED:
        lost = f"{update.tracking_number} was moving, and {update.sender} no longer knows it."
        attention = (Finding("tracking_stopped", lost),)
    return Told(shipment=shipment, ignored=(Finding("no_change", detail),), attention=attention)


def _conflict(update: TrackingUpdate, shipment: Shipment) -> Finding | None:
    """Why a delivery is held: it follows a return, be it a known one or one in the history."""
    is_delivered = update.current.meaning is Meaning.DELIVERED
    if not is_delivered or _order(update, shipment) is not _Order.NEWS:
        return None
    seen = {*shipment.occurrences, *(scan.meaning for scan in _news(update, shipment))}
    if Meaning.RETURNING not in seen:
        return None
    detail = (
        f"{update.tracking_number} was on its way back and is now delivered: "
        "to its sender or to you, the carrier does not say."
    )
    return Finding("conflict", detail)


def _refusal(update: TrackingUpdate, shipment: Shipment) -> Finding | None:
    """Why a snapshot is kept but not said, where it does not lead on from what is known."""
    meaning = update.current.meaning
    number = update.tracking_number
    order = _order(update, shipment)
    if order is _Order.REPEAT and not _changes_estimate(update, shipment):
        return Finding("no_change", f"{number}: this was already known.")
    if shipment.meaning is Meaning.DELIVERED and meaning is Meaning.DELIVERED:
        return Finding("no_change", f"{number} was already delivered.")
    if order is _Order.BEHIND:
        return Finding("superseded", f"{number}: a later scan is already known.")
    if shipment.meaning is Meaning.DELIVERED and meaning is not Meaning.RETURNING:
        return Finding("superseded", f"{number} was already delivered.")
    if shipment.meaning is Meaning.RETURNING and meaning not in _ENDED:
        return Finding("superseded", f"{number} is on its way back.")
    if meaning is Meaning.LABEL_CREATED and shipment.is_shipped:
        # Some carriers date the scan of the label after the parcel moved.
        return Finding("superseded", f"{number} was already shipped.")
    return None


def _order(update: TrackingUpdate, shipment: Shipment) -> _Order:
    """Compare by position where one snapshot shows both scans, else by time."""
    mark = identity(update.current)
    if not shipment.last_scan:
        return _Order.NEWS
    if mark == shipment.last_scan:
        return _Order.REPEAT
    if mark in shipment.seen:
        return _Order.BEHIND
    positions = [identity(scan) for scan in update.history]
    if shipment.last_scan in positions:
        return _Order.NEWS
    at, last_at = update.current.at, shipment.last_at
    if at is not None and last_at is not None and at < last_at:
        return _Order.BEHIND
    return _Order.NEWS


def _news(update: TrackingUpdate, shipment: Shipment) -> tuple[Scan, ...]:
    """What the history shows beyond what is known: by position, or by time where that is unclear.

    Another sender's scans are seldom dated to the same minute; those that lie before the last one
    known were told by the first sender already.
    """
    marks = [identity(scan) for scan in update.history]
    if shipment.last_scan in marks:
        return update.history[marks.index(shipment.last_scan) + 1 :]
    last_at = shipment.last_at
    return tuple(scan for scan in update.history if not (scan.at and last_at and scan.at < last_at))


def _caught_up(update: TrackingUpdate, shipment: Shipment) -> Shipment:
    """The shipment once every scan that is new in the snapshot was seen, in its order."""
    known = shipment
    has_moved = shipment.is_shipped
    for scan in _news(update, shipment):
        if scan.meaning in (None, Meaning.NOT_FOUND) or identity(scan) in known.seen:
            continue
        if scan.meaning is Meaning.LABEL_CREATED and has_moved:
            # As in `_refusal`: the scan of a label may come late, and takes nothing back.
            continue
        has_moved = has_moved or scan.meaning in EVIDENCE_OF_MOVEMENT
        known = known.after(scan)
    if identity(update.current) != known.last_scan:
        known = known.after(update.current)
    return known


class _Estimate(StrEnum):
    """How the delivery date that a snapshot names stands to the one known."""

    LATER = "later"
    EARLIER = "earlier"
    UNCHANGED = "unchanged"


def _changes_estimate(update: TrackingUpdate, shipment: Shipment) -> bool:
    new, old = update.estimated_delivery, shipment.estimated_delivery
    return new is not None and new != old and shipment.meaning not in _ENDED


def _estimate(update: TrackingUpdate, shipment: Shipment, source: str) -> _Estimate:
    new, old = update.estimated_delivery, shipment.estimated_delivery
    if new is None or old is None or new == old:
        return _Estimate.UNCHANGED
    if update.current.meaning in _ENDED:
        # On the way back it is the date on which the sender has it again.
        return _Estimate.UNCHANGED
    if shipment.estimates.get(source) == new:
        # Two senders of one parcel may disagree for good; only a sender that changes its own mind
        # says something new.
        return _Estimate.UNCHANGED
    return _Estimate.LATER if new > old else _Estimate.EARLIER


def _with_estimate(
    known: Shipment, update: TrackingUpdate, source: str, estimate: _Estimate
) -> Shipment:
    new = update.estimated_delivery
    if new is None:
        return known
    is_first = known.estimated_delivery is None
    counts = is_first or estimate is not _Estimate.UNCHANGED
    occurrences = known.occurrences
    if estimate is not _Estimate.UNCHANGED:
        mark = f"estimate_{estimate}"
        occurrences = occurrences | {mark: occurrences.get(mark, 0) + 1}
    return msgspec.structs.replace(
        known,
        estimated_delivery=new if counts else known.estimated_delivery,
        estimates=known.estimates | {source: new},
        occurrences=occurrences,
    )


class _Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot held against the shipment: as it was before, and as it is known now."""

    update: TrackingUpdate
    meaning: Meaning
    before: Shipment
    known: Shipment
    estimate: _Estimate

    @property
    def has_date_moved(self) -> bool:
        return self.estimate is not _Estimate.UNCHANGED

    @property
    def is_beginning(self) -> bool:
        """Whether the meaning is another than before, or the same one for another time."""
        times, before = (it.occurrences.get(self.meaning, 0) for it in (self.known, self.before))
        return times != before


def _statements(
    it: _Comparison, scans: Scans, allowed: frozenset[EventType]
) -> tuple[Statement, ...]:
    said: list[Statement] = []
    moved = _first_movement(it.update)
    if moved is not None and not it.before.is_shipped:
        said.append(
            Statement(
                event_type=EventType.SHIPPED,
                mark="shipped:1",
                scan=moved,
                because=f"{it.update.sender} {_spelled(moved)} is the first evidence of movement",
                estimated_delivery=it.update.estimated_delivery,
            )
        )
    current = _current(it, scans, is_shipped_now=bool(said))
    if current is not None:
        has_moved = it.before.is_shipped or moved is not None
        said.append(_with_leave(current, allowed, has_moved=has_moved))
    return tuple(said)


def _first_movement(update: TrackingUpdate) -> Scan | None:
    scans = (*update.history, update.current)
    return next((scan for scan in scans if scan.meaning in EVIDENCE_OF_MOVEMENT), None)


def _current(it: _Comparison, scans: Scans, *, is_shipped_now: bool) -> Statement | None:
    scan, meaning = it.update.current, it.meaning
    event_type = _EVENTS[meaning]
    if it.has_date_moved and (event_type is EventType.TRACK or not it.is_beginning):
        return _date_moved(it)
    is_unseen = identity(scan) not in it.before.seen
    if it.is_beginning and not (meaning is Meaning.MOVING and is_shipped_now):
        mark = f"{meaning}:{it.known.occurrences[meaning]}"
    elif scans is Scans.ALL and is_unseen and not is_shipped_now:
        event_type, mark = EventType.TRACK, f"scan:{identity(scan)}"
    else:
        return None
    return Statement(
        event_type=event_type,
        mark=mark,
        scan=scan,
        because=f"{it.update.sender} {_spelled(scan)} means {event_type}",
        estimated_delivery=None if meaning in _ENDED else it.update.estimated_delivery,
    )


def _date_moved(it: _Comparison) -> Statement:
    event_type = EventType.DELAYED if it.estimate is _Estimate.LATER else EventType.RESCHEDULE
    count = it.known.occurrences[f"estimate_{it.estimate}"]
    return Statement(
        event_type=event_type,
        mark=f"estimate_{it.estimate}:{count}",
        scan=it.update.current,
        because=f"an estimated delivery {it.estimate} than the one known means {event_type}",
        estimated_delivery=it.update.estimated_delivery,
    )


def _with_leave(
    statement: Statement, allowed: frozenset[EventType], *, has_moved: bool
) -> Statement:
    """The statement as it is, or as a note where its type needs leave that was not given."""
    event_type = statement.event_type
    if event_type not in (EventType.RETURN, EventType.VOIDED):
        return statement
    if event_type is EventType.VOIDED and has_moved:
        why = "a note, because a label cannot be voided after it moved"
    elif event_type in allowed:
        return statement
    else:
        why = f"a note, because this source may not cause {event_type}"
    return msgspec.structs.replace(
        statement, event_type=EventType.NOTE, because=f"{statement.because}; {why}"
    )


def _attention(meaning: Meaning, before: Shipment, known: Shipment) -> tuple[Finding, ...]:
    if meaning in _ATTENTION and meaning is not before.meaning:
        return (Finding(str(meaning), _ATTENTION[meaning]),)
    if meaning is Meaning.VOIDED and known.is_shipped:
        return (Finding("voided_after_movement", "A label was voided after the parcel moved."),)
    return ()


def _nothing_new(update: TrackingUpdate) -> Finding:
    return Finding(
        "no_change", f"{update.tracking_number}: neither its state nor its date changed."
    )


def _spelled(scan: Scan) -> str:
    return f"status {scan.code}"


def note_of(update: TrackingUpdate, scan: Scan) -> str:
    """A scan in words: carrier, what it says, where, and when with the offset if it is known."""
    words = scan.words.rstrip(". ") or scan.code
    when = scan.at.strftime("%Y-%m-%d %H:%M %z") if scan.at else scan.local_time
    if scan.at:
        when = f"{when[:-2]}:{when[-2:]}"
    where = ", ".join(part for part in (scan.place, when) if part)
    text = f"{update.carrier or update.sender}: {words}"
    text = f"{text}. {where}" if where else text
    if update.signed_by and scan.meaning is Meaning.DELIVERED:
        text = f"{text}. Signed by {update.signed_by}"
    return text


def consignment_of(update: TrackingUpdate) -> str:
    """The parcel itself: its service, its weight, the day on which it left; empty if nothing."""
    left = f"shipped {update.shipped_on}" if update.shipped_on else ""
    return ", ".join(part for part in (update.service, update.weight, left) if part)
