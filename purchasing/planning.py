"""From what was understood to what Cofactr is told: commands, holds, and the reason of each."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any, assert_never

import msgspec

from purchasing import alerts, tracking
from purchasing.commands import Command, CreatePurchaseEvent, EventType, PurchaseEventBody
from purchasing.confirming import plan_confirmation
from purchasing.documents import Invoice, OrderConfirmation, ShipNotice
from purchasing.invoicing import plan_invoice
from purchasing.matching import Goods
from purchasing.orders import Learned, comparable
from purchasing.plans import (
    LONGEST_NUMBER,
    Known,
    OrderKey,
    Part,
    Plan,
    ShipmentKey,
    Terms,
    circumstances,
    command_key,
    order_key,
    org_of,
    purchase_event,
    together,
)
from purchasing.shipments import Shipment
from purchasing.shipping import plan_ship_notice
from purchasing.updates import DirectEvent, Finding, TrackingUpdate, Update


def shipments_for(update: Update, goods: Iterable[Goods]) -> tuple[ShipmentKey, ...]:
    """Which shipments have to be known before a matched statement can be decided."""
    numbers: tuple[str, ...] = ()
    match update:
        case TrackingUpdate() | DirectEvent() if update.tracking_number:
            numbers = (update.tracking_number,)
        case ShipNotice():
            numbers = update.tracking_numbers
        case _:
            pass
    return tuple(
        ShipmentKey(key, comparable(number))
        for part in goods
        if (key := order_key(part))
        for number in numbers
    )


def plan(update: Update, goods: tuple[Goods, ...], known: Known, terms: Terms) -> Plan:
    """Decide one statement whose goods are known."""
    match update:
        case TrackingUpdate():
            return _plan_tracking(update, goods, known, terms)
        case DirectEvent():
            return _plan_direct(update, goods, known, terms)
        case OrderConfirmation():
            return plan_confirmation(update, goods, known, terms)
        case ShipNotice():
            return plan_ship_notice(update, goods, known, terms)
        case Invoice():
            return plan_invoice(update, goods, known, terms)
        case _:
            assert_never(update)


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
    return purchase_event(
        statement.event_type,
        goods,
        terms,
        key=command_key("tracking", goods.lane, comparable(update.tracking_number), statement.mark),
        because=statement.because,
        happened_at=update.current.at,
        tracking_number=update.tracking_number,
        estimated_delivery=statement.estimated_delivery,
        notes=_notes(statement, update),
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
        circumstances=circumstances(terms, goods, event.occurred_at),
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
        org_id=org_of(goods, terms, event.org_id),
        lane=goods.lane,
        key=key,
        body=PurchaseEventBody(**(defaults | fields | own)),
        because=(f"{terms.source} says {event.event_type}", alert.because),
    )
