"""What a notification was understood to say, in one vocabulary for all senders."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from purchasing.answers import Answer
from purchasing.commands import EventType, OrgId, PurchaseEventFields
from purchasing.documents import Invoice, OrderConfirmation, ShipNotice


class Meaning(StrEnum):
    """What a carrier's word means for a purchase; one member per row of the translation rules.

    Senders split some of these further (arrived, departed, in transit); told apart, they would only
    make two senders of one parcel contradict each other. `UNCHANGED` is for words that say nothing
    of where the parcel is, such as that a text message was sent or the delivery date moved: only
    the date that comes with them counts.
    """

    LABEL_CREATED = "label_created"
    MOVING = "moving"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    ATTEMPTED = "attempted"
    DELAYED = "delayed"
    DAMAGED = "damaged"
    LOST = "lost"
    DELIVERED = "delivered"
    RETURNING = "returning"
    VOIDED = "voided"
    NOT_FOUND = "not_found"
    UNCHANGED = "unchanged"


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a carrier saw.

    `meaning` is None where the sender's code is not in our table; `code` is that code.
    `at` is aware where the zone is known; where it is not, `local_time` keeps the sender's text.
    """

    meaning: Meaning | None
    code: str
    words: str = ""
    place: str = ""
    at: datetime | None = None
    local_time: str = ""


class TrackingUpdate(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="tracking"):
    """Where one parcel is: a snapshot, with the scans behind it, oldest first.

    `sender` is the sender's name as people write it; `carrier` is who carries the parcel.
    `shipment` is the sender's own identity of the parcel, where it gives one; `weight` is a number
    with its unit, such as `12.5 LB`.
    """

    sender: str
    tracking_number: str
    current: Scan
    history: tuple[Scan, ...] = ()
    carrier: str = ""
    service: str = ""
    shipment: str = ""
    estimated_delivery: date | None = None
    signed_by: str = ""
    shipped_on: date | None = None
    weight: str = ""


class DirectEvent(PurchaseEventFields, frozen=True, kw_only=True, tag_field="kind", tag="direct"):
    """A purchase event as an internal service words it, with references instead of line UUIDs."""

    event_type: EventType
    purchase_lines: tuple[UUID, ...] = ()
    send_alerts: bool | None = None
    po_number: str | None = None
    line_numbers: tuple[str, ...] = ()
    part_number: str | None = None
    occurred_at: datetime | None = None
    org_id: OrgId | None = None


Update = TrackingUpdate | DirectEvent | OrderConfirmation | ShipNotice | Invoice


class Finding(msgspec.Struct, frozen=True):
    """Why something was held or ignored, or deserves a look: a reason's code, and plain words."""

    reason: str
    detail: str


class Reading(msgspec.Struct, frozen=True):
    """What one notification says: its statements, and the parts of it that cause nothing.

    `acknowledgement` is the document by which the sender may be told what was read (997, CONTRL).
    """

    updates: tuple[Update, ...] = ()
    ignored: tuple[Finding, ...] = ()
    held: tuple[Finding, ...] = ()
    attention: tuple[Finding, ...] = ()
    acknowledgement: Answer | None = None
