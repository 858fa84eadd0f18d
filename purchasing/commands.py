"""The calls that Tallyman makes to Cofactr, exactly as they go on the wire.

Source of every field, type, range and value: Cofactr Platform API, "Create Purchase Event"
(modified 2024-09-26) and "Update Many NoPart Purchase Lines" (modified 2024-08-23). The caps of 255
characters and the 32-bit range come from the response fields of the same pages; requests are
assumed to obey them too.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

# Spelled out, because \d takes the digits of every script, and $ a line's end behind them.
_DECIMAL = r"\A-?[0-9]{1,40}(\.[0-9]{1,20})?\Z"

DecimalText = Annotated[str, Meta(pattern=_DECIMAL)]
"""An exact decimal, written as text: Cofactr takes and gives money in no other way."""

Integer = Annotated[int, Meta(ge=-2_147_483_648, le=2_147_483_647)]
Text255 = Annotated[str, Meta(max_length=255)]
Name255 = Annotated[str, Meta(min_length=1, max_length=255)]
Text1 = Annotated[str, Meta(min_length=1)]
OrgId = Annotated[str, Meta(pattern=r"\A[!-~]([ -~]{0,253}[!-~])?\Z")]
"""An organisation of Cofactr's, as it goes into the x-org-id header: ASCII that can be seen."""

Moment = Annotated[datetime, Meta(tz=True)]


class EventType(StrEnum):
    """The 21 types of purchase event that Cofactr knows."""

    SHIPPED = "shipped"
    VOIDED = "voided"
    CANCELED = "canceled"
    ADJUSTED = "adjusted"
    IMPORTED = "imported"
    DELAYED = "delayed"
    NOTE = "note"
    RETURN_REQUEST = "return_request"
    RETURN = "return"
    CONFIRM = "confirm"
    TRACK = "track"
    DIVIDE = "divide"
    COMBINE = "combine"
    INVOICED = "invoiced"
    DELIVERED = "delivered"
    DELIVERY_ATTEMPT = "delivery_attempt"
    RESCHEDULE_REQUEST = "reschedule_request"
    RESCHEDULE = "reschedule"
    RECEIVED = "received"
    IGNORED = "ignored"
    SNOOZED = "snoozed"


HEAVY = frozenset(
    {
        EventType.RECEIVED,
        EventType.DIVIDE,
        EventType.COMBINE,
        EventType.VOIDED,
        EventType.CANCELED,
        EventType.RETURN,
    }
)
"""The types that change stock, lines or money: no notification causes one without leave."""

NEEDS_LEAVE = HEAVY | {EventType.ADJUSTED}
"""The types that a source's `allow` may name: the heavy ones, and what credit notes cause."""


class PurchaseEventFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The optional fields of a purchase event; one without a value is left out, never null."""

    synced_from_integration: bool | None = None
    integration_source_name: Name255 | None = None
    integration_record_id: Name255 | None = None
    synced_from_integration_at: Moment | None = None
    quantity: Integer | None = None
    notes: str | None = None
    tracking_number: Text255 | None = None
    line_total_paid: DecimalText | None = None
    sales_tax_paid: DecimalText | None = None
    shipping_paid: DecimalText | None = None
    other_total_paid: DecimalText | None = None
    duties_paid: DecimalText | None = None
    estimated_delivery: date | None = None
    expected_ship_by: date | None = None
    snoozed_until: date | None = None
    coo: str | None = None
    date_code: str | None = None
    mfg_lot: str | None = None
    cofactr_invoice_number: Name255 | None = None
    cofactr_invoice_amount: DecimalText | None = None
    divide_quant: Integer | None = None


class PurchaseEventBody(PurchaseEventFields, frozen=True, kw_only=True, omit_defaults=True):
    """The whole request body of Create Purchase Event."""

    event_type: EventType
    purchase_lines: Annotated[tuple[UUID, ...], Meta(min_length=1)]
    send_alerts: bool


class NoPartLineBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The request body of Update Many NoPart Purchase Lines, for one line.

    `quant` is a decimal text here, although it is an integer on purchase events.
    """

    id: UUID
    synced_from_integration: bool | None = None
    integration_source_name: Name255 | None = None
    integration_record_id: Name255 | None = None
    synced_from_integration_at: Moment | None = None
    metadata: dict[str, Any] | None = None
    notes: Text1 | None = None
    description: Text1 | None = None
    quant: DecimalText | None = None
    unit_price: DecimalText | None = None
    line_total: DecimalText | None = None


class CreatePurchaseEvent(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="create_purchase_event"
):
    """Tell Cofactr that something happened to purchase lines: `POST /v1/purchase_events/`."""

    org_id: str | None
    lane: str
    key: str
    body: PurchaseEventBody
    because: tuple[str, ...] = ()


class UpdateNoPartLine(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="update_no_part_line"
):
    """Set a NoPart line: `PATCH /v1/purchase_orders/{purchase_order}/no_part_lines/`."""

    purchase_order: UUID
    org_id: str | None
    lane: str
    key: str
    body: NoPartLineBody
    because: tuple[str, ...] = ()


Command = CreatePurchaseEvent | UpdateNoPartLine


def carries_amount(body: PurchaseEventBody) -> bool:
    """Whether a purchase event states an amount of money."""
    return any(
        amount is not None
        for amount in (
            body.line_total_paid,
            body.sales_tax_paid,
            body.shipping_paid,
            body.other_total_paid,
            body.duties_paid,
            body.cofactr_invoice_amount,
        )
    )
