"""The decision about one notification: what was understood, what is sent, what is not, and why."""

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from purchasing.answers import Answer
from purchasing.commands import Command
from purchasing.documents import Invoice, Item, OrderConfirmation, ShipNotice
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
    `acknowledgement` is the document by which the sender may be told what was read.
    """

    judgements: tuple[Judgement, ...] = ()
    commands: tuple[Command, ...] = ()
    acknowledgement: Answer | None = None

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
        case OrderConfirmation():
            return f"{update.promise} by {update.document.sender} for {_named(update.item)}"
        case ShipNotice():
            under = ", ".join(update.tracking_numbers)
            what = f"shipped by {update.document.sender}: {_named(update.item)}"
            return f"{what} under {under}" if under else what
        case Invoice():
            kind = "credit note" if update.is_credit else "invoice"
            amount = f"{update.total} {update.currency}".strip()
            return f"{kind} {update.document.number} of {update.document.sender} over {amount}"
        case _:
            assert_never(update)


def _named(item: Item) -> str:
    """Which goods a document means, in a few words."""
    order = item.po_number or item.supplier_reference or "an order that is not named"
    line = f" line {item.line_number}" if item.line_number else ""
    parts = ", ".join(item.part_numbers)
    return f"{order}{line}{f' ({parts})' if parts else ''}"


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
            case OrderConfirmation():
                found["po_number"].add(update.item.po_number)
            case ShipNotice():
                found["po_number"].add(update.item.po_number)
                found["tracking_number"].update(update.tracking_numbers)
            case Invoice():
                found["po_number"].update(line.item.po_number for line in update.lines)
                found["invoice_number"].add(update.document.number)
            case _:
                assert_never(update)
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
