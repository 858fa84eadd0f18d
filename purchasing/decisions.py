"""The decision about one notification: what was understood, what is sent, what is not, and why."""

from collections.abc import Mapping
from typing import Any

import msgspec

from purchasing.commands import Command
from purchasing.updates import DirectEvent, Finding, TrackingUpdate, Update


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found about one statement; `update` is None for the notification as a whole."""

    update: Update | None = None
    held: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    attention: tuple[Finding, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All judgements, and the commands that follow.

    A command keeps its place for ever: one that follows from a later judgement is put behind.
    """

    judgements: tuple[Judgement, ...] = ()
    commands: tuple[Command, ...] = ()

    @property
    def updates(self) -> tuple[Update, ...]:
        """What was understood."""
        return tuple(it.update for it in self.judgements if it.update is not None)

    @property
    def held(self) -> tuple[Finding, ...]:
        """What waits for a fact or a person."""
        return tuple(finding for it in self.judgements for finding in it.held)

    @property
    def ignored(self) -> tuple[Finding, ...]:
        """What was understood and causes nothing."""
        return tuple(finding for it in self.judgements for finding in it.ignored)

    @property
    def attention(self) -> tuple[Finding, ...]:
        """What a person should look at although it went on."""
        return tuple(finding for it in self.judgements for finding in it.attention)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of what was held or ignored, each once."""
        return tuple(dict.fromkeys(finding.reason for finding in (*self.held, *self.ignored)))

    @property
    def summary(self) -> str:
        """What was understood, in one line for a listing."""
        return "; ".join(summary_of(update) for update in self.updates[:3])


def summary_of(update: Update) -> str:
    """One statement in a few words."""
    match update:
        case TrackingUpdate():
            who = update.carrier or update.sender
            return f"{who} {update.tracking_number}: {update.current.code}"
        case DirectEvent():
            what = (
                update.po_number
                or update.tracking_number
                or ", ".join(str(line) for line in update.purchase_lines[:3])
            )
            return f"{update.event_type} for {what}"


def references_in(decision: Decision) -> Mapping[str, frozenset[str]]:
    """What a notification can be found by once it is understood, by the kind of the reference."""
    found: dict[str, set[str]] = {
        "tracking_number": set(),
        "po_number": set(),
        "invoice_number": set(),
    }
    for update in decision.updates:
        match update:
            case TrackingUpdate():
                found["tracking_number"].add(update.tracking_number)
            case DirectEvent():
                found["tracking_number"].add(update.tracking_number or "")
                found["po_number"].add(update.po_number or "")
                found["invoice_number"].add(update.cofactr_invoice_number or "")
    return {kind: frozenset(texts - {""}) for kind, texts in found.items()}


def preview(
    decision: Decision, *, source: str, authentic: bool | None, delivery_key: str
) -> dict[str, Any]:
    """The decision in the shape that the contract gives a preview."""
    return {
        "source": source,
        "authentic": authentic,
        "delivery_key": delivery_key,
        "updates": decision.updates,
        "commands": decision.commands,
        "held": decision.held,
        "ignored": decision.ignored,
        "attention": decision.attention,
    }
