"""What a record says of its notification's way, as entries of its timeline and its attempts."""

from datetime import datetime

import msgspec

from purchasing.commands import Command, CreatePurchaseEvent
from purchasing.decisions import Decision, summary_of
from purchasing.matching import Goods
from purchasing.outcomes import Outcome, detail_of
from purchasing.retrying import Again, Dead, Finished, InDoubtNow, Next

_ENCODER = msgspec.json.Encoder()


def entry(at: datetime, step: str, text: str) -> bytes:
    """One line of a timeline."""
    return _ENCODER.encode({"at": at, "step": step, "text": text})


def decided(decision: Decision, goods: tuple[Goods, ...], at: datetime) -> tuple[bytes, ...]:
    """How a decision came about: understood, matched, decided, and why."""
    lines = [entry(at, "understood", summary_of(update)) for update in decision.updates]
    lines += [entry(at, "matched", _matched(its)) for its in goods]
    for command in decision.commands:
        why = "; ".join(command.because)
        lines.append(
            entry(at, "decided", f"{named(command)}, because {why}" if why else named(command))
        )
    for state, findings in (
        ("held", decision.held),
        ("ignored", decision.ignored),
        ("attention", decision.attention),
    ):
        lines += [entry(at, state, f"{it.reason}: {it.detail}") for it in findings]
    return tuple(lines)


def named(command: Command) -> str:
    """A command in a few words."""
    if isinstance(command, CreatePurchaseEvent):
        alerts = "with" if command.body.send_alerts else "without"
        count = len(command.body.purchase_lines)
        lines = f"{count} purchase line{'' if count == 1 else 's'}"
        return f"{command.body.event_type} for {lines}, {alerts} alerts"
    return f"NoPart line {command.body.id} set to {command.body.line_total}"


def called(outcome: Outcome, then: Next, command: Command, at: datetime) -> bytes:
    """What became of a call, and what happens next."""
    what = named(command)
    match then:
        case Finished():
            made = f"; its id at Cofactr is {then.cofactr_id}" if then.cofactr_id else ""
            return entry(at, "sent", f"{what}{made}")
        case Again():
            why = detail_of(outcome)
            return entry(at, "retry", f"{what}: {why} Next at {then.at:%Y-%m-%d %H:%M:%S} UTC.")
        case Dead():
            return entry(at, "dead", f"{what}: {detail_of(outcome)}")
        case InDoubtNow():
            return entry(at, "in_doubt", f"{what}: {detail_of(outcome)}")


def interrupted(command: Command, at: datetime, *, is_parked: bool) -> bytes:
    """A call whose worker was lost before it could write down what became of it."""
    what = f"{named(command)}: its worker was lost in the middle of the call"
    if is_parked:
        return entry(at, "in_doubt", f"{what}; whether it took effect is not known.")
    return entry(at, "retry", f"{what}; it is sent again without alerts.")


def attempt(
    command: Command,
    *,
    number: int,
    body: bytes,
    outcome: Outcome,
    is_reworded: bool,
    began_at: datetime,
    ended_at: datetime,
) -> bytes:
    """One call: what was asked, why in other words than decided, what was answered, and when."""
    made = {
        "command": command.key,
        "attempt": number,
        "began_at": began_at,
        "ended_at": ended_at,
        "request": {"org_id": command.org_id, "body": msgspec.Raw(body)},
        "outcome": outcome,
    }
    return _ENCODER.encode(made | {"because": command.because} if is_reworded else made)


def _matched(goods: Goods) -> str:
    lines = ", ".join(str(line) for line in goods.purchase_lines)
    if goods.order is None:
        return f"purchase lines {lines}, which are in no order of the order book"
    return f"order {goods.order.po_number}, purchase lines {lines}"
