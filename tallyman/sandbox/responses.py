"""What Cofactr answers to an accepted call, field by field as documented.

Sources: Cofactr Platform API, Create Purchase Event, modified 2024-09-26, and Update Many NoPart
Purchase Lines, modified 2024-08-23. Both name the fields of the answer; neither says how they
come about. Here, what a request does not determine is null.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import Struct, field

from tallyman.sandbox.validation import is_uuid

PRIMARY_ORG: Final = "6f1f5c2a-5d0b-4c57-9c55-0b6b3f6d0a01"
"""The organisation of the sandbox's key: whose events are when no `x-org-id` says otherwise."""

_KEY_OWNER: Final = "6f1f5c2a-5d0b-4c57-9c55-0b6b3f6d0a02"
_PURCHASES: Final = UUID("6f1f5c2a-5d0b-4c57-9c55-0b6b3f6d0a03")

# What the answer repeats as it was sent.
_REPEATED: Final = (
    "synced_from_integration",
    "synced_from_integration_at",
    "quantity",
    "cofactr_invoice_amount",
    "notes",
    "tracking_number",
    "line_total_paid",
    "sales_tax_paid",
    "shipping_paid",
    "other_total_paid",
    "duties_paid",
    "estimated_delivery",
    "snoozed_until",
    "event_type",
    "purchase_lines",
)

# Documented to have at least one character in the answer, and no such minimum in the request: an
# empty one can only come back as null.
_REPEATED_UNLESS_EMPTY: Final = (
    "integration_source_name",
    "integration_record_id",
    "cofactr_invoice_number",
)


class PurchaseEvent(Struct, frozen=True, kw_only=True):
    """A purchase event as Create Purchase Event answers it, in the documented order."""

    id: UUID
    synced_from_integration: bool = False
    synced_from_integration_at: str | None = None
    integration_source_name: str | None = None
    integration_record_id: str | None = None
    quantity: int | None = None
    cofactr_invoice_number: str | None = None
    cofactr_invoice_amount: str | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    internal_metadata: dict[str, object] = field(default_factory=dict)
    external_metadata: dict[str, object] = field(default_factory=dict)
    ext_data_source_id: str | None = None
    data_source: str | None = None
    data_source_synced_at: datetime | None = None
    externally_synced: bool = False
    quant: int | None = None
    notes: str | None = None
    timestamp: datetime
    tracking_number: str | None = None
    carrier: str | None = None
    invoice_number: str | None = None
    invoice_amount: str | None = None
    line_total_paid: str | None = None
    sales_tax_paid: str | None = None
    shipping_paid: str | None = None
    other_total_paid: str | None = None
    duties_paid: str | None = None
    estimated_delivery: str | None = None
    snoozed_until: str | None = None
    event_type: str | None = None
    tracking_status: str | None = None
    purchase: UUID
    org: str
    created_by: str = _KEY_OWNER
    purchase_lines: list[str] | None = None


class NoPartLine(Struct, frozen=True, kw_only=True):
    """A line as Update Many NoPart Purchase Lines answers it, in the documented order.

    The sandbox keeps no lines: a value that this request did not set is null, or empty.
    """

    id: str
    synced_from_integration: bool = False
    synced_from_integration_at: str | None = None
    integration_source_name: str | None = None
    integration_record_id: str | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    notes: str | None = None
    description: str | None = None
    quant: str | None = None
    unit_price: str | None = None
    line_total: str | None = None
    purchase_order_id: str


def created(
    body: Mapping[str, Any], *, event_id: UUID, created_at: datetime, org_id: str | None
) -> PurchaseEvent:
    """Make the event that a valid body of Create Purchase Event creates.

    `quant`, `invoice_number` and `invoice_amount` repeat the fields of the request that seem to be
    other names for them, which is not documented. The purchase follows from the smallest purchase
    line alone, so that the same lines always belong to the same purchase.
    """
    repeated = {name: body[name] for name in _REPEATED if name in body}
    repeated |= {name: body[name] for name in _REPEATED_UNLESS_EMPTY if body.get(name)}
    return PurchaseEvent(
        id=event_id,
        created_at=created_at,
        updated_at=created_at,
        timestamp=created_at,
        quant=body.get("quantity"),
        invoice_number=body.get("cofactr_invoice_number") or None,
        invoice_amount=body.get("cofactr_invoice_amount"),
        purchase=_purchase(body["purchase_lines"]),
        org=org_id if org_id and is_uuid(org_id) else PRIMARY_ORG,
        **repeated,
    )


def updated(line: Mapping[str, Any], *, purchase_order_id: str) -> NoPartLine:
    """Make the line that a valid item of Update Many NoPart Purchase Lines leaves behind."""
    values = {
        name: value
        for name, value in line.items()
        if value or name not in ("integration_source_name", "integration_record_id")
    }
    return NoPartLine(purchase_order_id=purchase_order_id, **values)


def _purchase(lines: Sequence[str]) -> UUID:
    return uuid5(_PURCHASES, min(lines).lower())
