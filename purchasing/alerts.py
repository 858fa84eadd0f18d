"""Whether people are told of an event: the `send_alerts` decision, with the rule that made it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from purchasing.commands import Command, CreatePurchaseEvent, EventType
from purchasing.configuration import AlertRule

QUIET = frozenset(
    {
        EventType.TRACK,
        EventType.NOTE,
        EventType.IMPORTED,
        EventType.IGNORED,
        EventType.SNOOZED,
    }
)
"""The types of which nobody is told by default."""

_ABOUT = "alerts: "


class Decision(msgspec.Struct, frozen=True):
    """Whether alerts go out, and which rule decided."""

    send: bool
    because: str


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the decision depends on, besides the type of the event.

    `happened_at` is None where the statement carries no time of its own. `replay_says` is what
    the person who replays asked for; None when this is no replay.
    """

    source: str
    supplier: str | None
    received_at: datetime
    happened_at: datetime | None
    stale_after: timedelta
    rules: tuple[AlertRule, ...]
    replay_says: bool | None = None


AFTER_DOUBT = Decision(send=False, because=f"{_ABOUT}off, because it is sent again after doubt")


def replayed(*, send: bool) -> Decision:
    """What the person who replays asked for."""
    return Decision(send, f"{_ABOUT}{_word(send)}, as the replay says")


def overruled(command: Command, decision: Decision) -> Command:
    """A command that was decided before, as it is sent when somebody else decides on alerts."""
    if not isinstance(command, CreatePurchaseEvent):
        return command
    others = (why for why in command.because if not why.startswith(_ABOUT))
    return msgspec.structs.replace(
        command,
        body=msgspec.structs.replace(command.body, send_alerts=decision.send),
        because=(*others, decision.because),
    )


def decide(event_type: EventType, *, said: bool | None, circumstances: Circumstances) -> Decision:
    """Decide for one event; `said` is what an internal service asked for."""
    it = circumstances
    if it.replay_says is not None:
        return replayed(send=it.replay_says)
    if said is not None:
        return Decision(said, f"{_ABOUT}{_word(said)}, as {it.source} says")
    if it.happened_at is not None and it.received_at - it.happened_at > it.stale_after:
        hours = it.stale_after.total_seconds() / 3600
        return Decision(
            send=False,
            because=f"{_ABOUT}off, because it was older than {hours:.0f} hours when it arrived",
        )
    for number, rule in enumerate(it.rules, start=1):
        if _matches(rule, event_type, it):
            reason = f": {rule.reason}" if rule.reason else ""
            return Decision(rule.send, f"{_ABOUT}{_word(rule.send)} by rule {number}{reason}")
    send = event_type not in QUIET
    return Decision(send, f"{_ABOUT}default for {event_type} is {_word(send)}")


def _matches(rule: AlertRule, event_type: EventType, it: Circumstances) -> bool:
    return (
        _includes(rule.source, it.source)
        and _includes(rule.event_type, event_type)
        and _includes(rule.supplier, it.supplier)
    )


def _includes(wanted: str | Iterable[str], given: str | None) -> bool:
    """Whether a key of a rule matches; a key that is not given matches everything."""
    allowed = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    return not allowed or given in allowed


def _word(send: object) -> str:
    return "on" if send else "off"
