"""What a plan is made of: the values that every kind of statement is planned with."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from purchasing import alerts
from purchasing.commands import (
    Command,
    CreatePurchaseEvent,
    EventType,
    NoPartLineBody,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import AlertRule, SourceSettings
from purchasing.matching import Goods
from purchasing.orders import Learned, Order
from purchasing.shipments import Shipment
from purchasing.updates import Finding

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
    """What the store knows that a decision depends on.

    `withdrawn` are the notifications that were discarded before anything of them was sent.
    """

    shipments: Mapping[ShipmentKey, Shipment] = {}
    learned: Mapping[OrderKey, Learned] = {}
    withdrawn: frozenset[str] = frozenset()


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


def order_key(goods: Goods) -> OrderKey | None:
    """How the order of some goods is known; None where only their lines are."""
    return None if goods.order is None else key_of(goods.order)


def key_of(order: Order) -> OrderKey:
    """How an order is known."""
    return OrderKey(order.org_id or "", order.po_number)


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


def circumstances(terms: Terms, goods: Goods, happened_at: datetime | None) -> alerts.Circumstances:
    """What the decision about alerts depends on; `happened_at` says how old the news is."""
    return alerts.Circumstances(
        source=terms.source,
        supplier=goods.order.supplier if goods.order else None,
        received_at=terms.received_at,
        happened_at=happened_at,
        stale_after=timedelta(hours=terms.settings.stale_after_hours),
        rules=terms.rules,
        replay_says=terms.replay_says,
    )


def org_of(goods: Goods, terms: Terms, said: str | None) -> str | None:
    """The organisation for which Cofactr is told: the order's, else the statement's, else ours."""
    ours = goods.order.org_id if goods.order else None
    return ours or said or terms.settings.org_id or terms.default_org_id


def purchase_event(
    event_type: EventType,
    goods: Goods,
    terms: Terms,
    *,
    key: str,
    because: str,
    happened_at: datetime | None = None,
    **fields: Any,
) -> CreatePurchaseEvent:
    """A purchase event about some goods, with its alert decided and its integration fields set.

    `fields` are those of the body that this event has; one that is None or empty is left out.
    """
    alert = alerts.decide(
        event_type, said=None, circumstances=circumstances(terms, goods, happened_at)
    )
    body = PurchaseEventBody(
        event_type=event_type,
        purchase_lines=goods.purchase_lines,
        send_alerts=alert.send,
        synced_from_integration=True,
        integration_source_name=terms.source,
        integration_record_id=key,
        synced_from_integration_at=terms.received_at,
        **{name: value for name, value in fields.items() if value not in (None, "")},
    )
    return CreatePurchaseEvent(
        org_id=org_of(goods, terms, None),
        lane=goods.lane,
        key=key,
        body=body,
        because=(because, alert.because),
    )


def no_part_line(
    line: UUID, order: Order, terms: Terms, *, key: str, because: str, amount: str
) -> UpdateNoPartLine:
    """What a NoPart line of an order comes to from now on, whatever it came to before."""
    return UpdateNoPartLine(
        purchase_order=order.purchase_order,
        org_id=org_of(Goods(order=order, purchase_lines=()), terms, None),
        lane=str(order.purchase_order),
        key=key,
        body=NoPartLineBody(
            id=line,
            synced_from_integration=True,
            integration_source_name=terms.source,
            integration_record_id=key,
            synced_from_integration_at=terms.received_at,
            quant="1",
            unit_price=amount,
            line_total=amount,
        ),
        because=(because,),
    )
