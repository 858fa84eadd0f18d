"""From what was understood to what Cofactr is told: commands, holds, and the reason of each."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from purchasing import alerts, tracking
from purchasing.commands import Command, CreatePurchaseEvent, EventType, PurchaseEventBody
from purchasing.configuration import AlertRule, SourceSettings
from purchasing.matching import Goods, References
from purchasing.orders import Learned, comparable
from purchasing.shipments import Shipment
from purchasing.updates import DirectEvent, Finding, TrackingUpdate, Update

LONGEST_NUMBER = 255
"""Cofactr's column for a tracking number, in characters (Create Purchase Event, 2024-09-26)."""


class OrderKey(msgspec.Struct, frozen=True, order=True):
    """How an order is known in the order book."""

    org_id: str
    po_number: str


class ShipmentKey(msgspec.Struct, frozen=True, order=True):
    """The goods of one order that travel under one tracking number."""

    order: OrderKey
    tracking_number: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows that a decision depends on."""

    shipments: Mapping[ShipmentKey, Shipment] = {}
    learned: Mapping[OrderKey, Learned] = {}


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The circumstances and the settings under which a notification is decided."""

    notification: str
    source: str
    settings: SourceSettings
    rules: tuple[AlertRule, ...]
    received_at: datetime
    default_org_id: str | None = None
    replay_says: bool | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided of one statement of a notification."""

    commands: tuple[Command, ...] = ()
    held: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    attention: tuple[Finding, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A part, and what is known of shipments and orders once it is decided."""

    part: Part
    shipments: Mapping[ShipmentKey, Shipment] = {}
    learned: Mapping[OrderKey, Learned] = {}


def shipments_for(references: References, goods: Iterable[Goods]) -> tuple[ShipmentKey, ...]:
    """Which shipments have to be known before a matched statement can be decided."""
    number = references.tracking_number
    if number is None:
        return ()
    return tuple(ShipmentKey(key, comparable(number)) for part in goods if (key := order_key(part)))


def order_key(goods: Goods) -> OrderKey | None:
    """How the order of some goods is known; None where only their lines are."""
    if goods.order is None:
        return None
    return OrderKey(goods.order.org_id or "", goods.order.po_number)


def plan(update: Update, goods: tuple[Goods, ...], known: Known, terms: Terms) -> Plan:
    """Decide one statement whose goods are known."""
    match update:
        case TrackingUpdate():
            return _plan_tracking(update, goods, known, terms)
        case DirectEvent():
            return _plan_direct(update, goods, known, terms)


def _plan_tracking(
    update: TrackingUpdate, goods: tuple[Goods, ...], known: Known, terms: Terms
) -> Plan:
    if len(update.tracking_number) > LONGEST_NUMBER:
        detail = (
            f"The tracking number has {len(update.tracking_number)} characters; 255 is the most."
        )
        return Plan(part=Part(held=(Finding("malformed", detail),)))
    shipments: dict[ShipmentKey, Shipment] = {}
    parts: list[Part] = []
    for its in goods:
        key = order_key(its)
        if key is None:
            continue
        place = ShipmentKey(key, comparable(update.tracking_number))
        told = tracking.tell(
            update,
            known.shipments.get(place, Shipment()),
            source=terms.source,
            scans=terms.settings.scans,
            allowed=terms.settings.allow,
        )
        shipments[place] = told.shipment
        commands = tuple(_say(statement, update, its, terms) for statement in told.statements)
        parts.append(
            Part(commands=commands, held=told.held, ignored=told.ignored, attention=told.attention)
        )
    return Plan(part=together(parts), shipments=shipments)


def _say(
    statement: tracking.Statement, update: TrackingUpdate, goods: Goods, terms: Terms
) -> Command:
    key = command_key("tracking", goods.lane, comparable(update.tracking_number), statement.mark)
    alert = alerts.decide(
        statement.event_type,
        said=None,
        circumstances=_circumstances(terms, goods, update.current.at),
    )
    body = PurchaseEventBody(
        event_type=statement.event_type,
        purchase_lines=goods.purchase_lines,
        send_alerts=alert.send,
        tracking_number=update.tracking_number,
        estimated_delivery=statement.estimated_delivery,
        notes=_notes(statement, update),
        synced_from_integration=True,
        integration_source_name=terms.source,
        integration_record_id=key,
        synced_from_integration_at=terms.received_at,
    )
    return CreatePurchaseEvent(
        org_id=_org(goods, terms, None),
        lane=goods.lane,
        key=key,
        body=body,
        because=(statement.because, alert.because),
    )


def _notes(statement: tracking.Statement, update: TrackingUpdate) -> str:
    said = tracking.note_of(update, statement.scan)
    # The parcel itself does not change, so it is described once.
    parcel = tracking.consignment_of(update) if statement.event_type is EventType.SHIPPED else ""
    return f"{said}. {parcel}" if parcel else said


def _plan_direct(event: DirectEvent, goods: tuple[Goods, ...], known: Known, terms: Terms) -> Plan:
    if len(goods) > 1 and _is_indivisible(event):
        orders = ", ".join(its.order.po_number for its in goods if its.order is not None)
        detail = (
            f"{event.tracking_number} carries goods of the orders {orders}, and it is not said "
            "which of them the quantity or the amount is for."
        )
        return Plan(part=Part(held=(Finding("unmatched", detail),)))
    learned: dict[OrderKey, Learned] = {}
    shipments: dict[ShipmentKey, Shipment] = {}
    commands: list[Command] = []
    for its in goods:
        commands.append(_pass_on(event, its, terms))
        key = order_key(its)
        number = event.tracking_number
        if key is None or its.order is None or not number:
            continue
        if event.event_type not in (EventType.SHIPPED, EventType.TRACK):
            continue
        lines = [line for line in its.order.lines if line.purchase_line in its.purchase_lines]
        before = known.learned.get(key, Learned())
        learned[key] = before.with_tracking_number(number, lines)
        if event.event_type is EventType.SHIPPED:
            place = ShipmentKey(key, comparable(number))
            shipment = known.shipments.get(place, Shipment())
            shipments[place] = msgspec.structs.replace(
                shipment,
                is_shipped=True,
                estimated_delivery=shipment.estimated_delivery or event.estimated_delivery,
            )
    return Plan(part=Part(commands=tuple(commands)), shipments=shipments, learned=learned)


def _is_indivisible(event: DirectEvent) -> bool:
    """Whether an event says something that, said of each of several orders, is said too often."""
    whole = (
        event.quantity,
        event.divide_quant,
        event.line_total_paid,
        event.sales_tax_paid,
        event.shipping_paid,
        event.other_total_paid,
        event.duties_paid,
        event.cofactr_invoice_amount,
    )
    return any(value is not None for value in whole)


def _pass_on(event: DirectEvent, goods: Goods, terms: Terms) -> Command:
    key = command_key("direct", terms.notification, goods.lane)
    alert = alerts.decide(
        event.event_type,
        said=event.send_alerts,
        circumstances=_circumstances(terms, goods, event.occurred_at),
    )
    fields: dict[str, Any] = {
        name: value
        for name in PurchaseEventBody.__struct_fields__
        if (value := getattr(event, name)) is not None
    }
    if event.synced_from_integration_at is not None:
        # What is kept is kept in UTC, and every attempt has to be byte for byte the same.
        fields["synced_from_integration_at"] = event.synced_from_integration_at.astimezone(UTC)
    defaults: dict[str, Any] = {
        "synced_from_integration": True,
        "integration_source_name": terms.source,
        "integration_record_id": key,
        "synced_from_integration_at": terms.received_at,
    }
    own: dict[str, Any] = {"purchase_lines": goods.purchase_lines, "send_alerts": alert.send}
    return CreatePurchaseEvent(
        org_id=_org(goods, terms, event.org_id),
        lane=goods.lane,
        key=key,
        body=PurchaseEventBody(**(defaults | fields | own)),
        because=(f"{terms.source} says {event.event_type}", alert.because),
    )


def together(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    kept = tuple(parts)
    return Part(
        commands=tuple(command for part in kept for command in part.commands),
        held=tuple(finding for part in kept for finding in part.held),
        ignored=tuple(finding for part in kept for finding in part.ignored),
        attention=tuple(finding for part in kept for finding in part.attention),
    )


def command_key(*says: str) -> str:
    """The business key of a command: what it says, not who said it."""
    # Each piece is preceded by its length, so that no two lists of pieces run into one another.
    spelled = "".join(f"{len(piece)}:{piece}" for piece in says)
    return f"{says[0]}-{hashlib.blake2b(spelled.encode(), digest_size=16).hexdigest()}"


def _circumstances(
    terms: Terms, goods: Goods, happened_at: datetime | None
) -> alerts.Circumstances:
    return alerts.Circumstances(
        source=terms.source,
        supplier=goods.order.supplier if goods.order else None,
        received_at=terms.received_at,
        happened_at=happened_at,
        stale_after=timedelta(hours=terms.settings.stale_after_hours),
        rules=terms.rules,
        replay_says=terms.replay_says,
    )


def _org(goods: Goods, terms: Terms, said: str | None) -> str | None:
    ours = goods.order.org_id if goods.order else None
    return ours or said or terms.settings.org_id or terms.default_org_id
