"""What internal services post to `/v1/events`, as it arrives at Cofactr."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.talking import Tallyman, is_problem, lines_of, order, some_lines

# Create Purchase Event, modified 2024-09-26: every field of its body, in its order.
FILLED: dict[str, Any] = {
    "synced_from_integration": False,
    "integration_source_name": "our ERP",
    "integration_record_id": "ERP-42",
    "synced_from_integration_at": "2019-08-24T14:15:22Z",
    "purchase_lines": [
        "497f6eca-6276-4993-bfeb-53cbbbba6f08",
        "ca27f506-c3a4-4924-9878-316d53640467",
    ],
    "quantity": 2_147_483_647,
    "notes": "Ünïcode, «quotes» and\nlines",
    "tracking_number": "1Z999AA10123456784",
    "line_total_paid": "1234567890.0012345",
    "sales_tax_paid": "0.00",
    "shipping_paid": "12.50",
    "other_total_paid": "-3.10",
    "duties_paid": "007",
    "estimated_delivery": "2026-12-01",
    "expected_ship_by": "2024-02-29",
    "snoozed_until": "1999-12-31",
    "coo": "US",
    "date_code": "2633",
    "mfg_lot": "LOT 7",
    "cofactr_invoice_number": "INV-1",
    "cofactr_invoice_amount": "12.5",
    "event_type": "shipped",
    "divide_quant": -2_147_483_648,
    "send_alerts": True,
}
# Its 21 types, in its order.
TYPES = [
    "shipped",
    "voided",
    "canceled",
    "adjusted",
    "imported",
    "delayed",
    "note",
    "return_request",
    "return",
    "confirm",
    "track",
    "divide",
    "combine",
    "invoiced",
    "delivered",
    "delivery_attempt",
    "reschedule_request",
    "reschedule",
    "received",
    "ignored",
    "snoozed",
]
QUIET = {"track", "note", "imported", "ignored", "snoozed"}


@pytest.mark.parametrize("alerts", [True, False])
@pytest.mark.parametrize("event_type", TYPES)
def test_an_event_arrives_field_by_field(
    tallyman: Tallyman, event_type: str, *, alerts: bool
) -> None:
    """Each of the 21 types arrives as it was posted, every field of it, and no other field."""
    event = FILLED | {"event_type": event_type, "send_alerts": alerts}

    tallyman.admin.settled(tallyman.erp.posted(event), "delivered")

    (request,) = tallyman.sandbox.requests()
    assert request["took_effect"]
    arrived = request["body"]
    assert arrived.keys() == event.keys()
    for name, value in event.items():
        assert (name, arrived[name], type(arrived[name])) == (name, value, type(value))


@pytest.mark.parametrize("event_type", TYPES)
def test_a_bare_event_gets_what_every_event_has(tallyman: Tallyman, event_type: str) -> None:
    """Of a bare event, `send_alerts` and the integration fields are filled in, and nothing else."""
    lines = some_lines(1)

    notification = tallyman.erp.posted({"event_type": event_type, "purchase_lines": lines})
    record = tallyman.admin.settled(notification, "delivered")

    (arrived,) = tallyman.sandbox.bodies()
    received_at = datetime.fromisoformat(arrived.pop("synced_from_integration_at"))
    assert abs(received_at - datetime.fromisoformat(record["received_at"])) < timedelta(seconds=0.1)
    assert arrived == {
        "event_type": event_type,
        "purchase_lines": lines,
        "send_alerts": event_type not in QUIET,
        "synced_from_integration": True,
        "integration_source_name": "erp",
        "integration_record_id": record["decisions"]["commands"][0]["key"],
    }


def test_an_event_that_is_old_is_told_to_nobody(tallyman: Tallyman) -> None:
    """An event that occurred more than 72 hours before it was posted raises no alerts."""
    occurred_at = (datetime.now(UTC) - timedelta(hours=73)).isoformat()
    event = {"event_type": "received", "purchase_lines": some_lines(1), "occurred_at": occurred_at}

    tallyman.admin.settled(tallyman.erp.posted(event), "delivered")

    (arrived,) = tallyman.sandbox.bodies()
    assert not arrived["send_alerts"]
    assert "occurred_at" not in arrived


def part_order() -> dict[str, Any]:
    """An order with two lines that can be told apart by number, part and parcel."""
    known = order(lines=2)
    known["lines"][0] |= {"part_number": "R-0001", "tracking_numbers": ["1Z AA"]}
    known["lines"][1] |= {"manufacturer_part_number": "RC0402", "tracking_numbers": ["1ZBB"]}
    return known


@pytest.mark.parametrize(
    ("references", "meant"),
    [
        ({"po_number": "PO-1"}, [0, 1]),
        ({"po_number": "po - 1"}, [0, 1]),
        ({"po_number": "PO-1", "line_numbers": ["2"]}, [1]),
        ({"po_number": "PO-1", "line_numbers": ["002", "1"]}, [1, 0]),
        ({"po_number": "PO-1", "part_number": "r-0001"}, [0]),
        ({"po_number": "PO-1", "part_number": "RC0402"}, [1]),
        ({"po_number": "PO-1", "line_numbers": ["1"], "part_number": "R-0001"}, [0]),
        ({"tracking_number": "1zaa"}, [0]),
    ],
)
def test_references_stand_for_purchase_lines(
    tallyman: Tallyman, references: dict[str, Any], meant: list[int]
) -> None:
    """An event may name its lines by order, line number, part or parcel."""
    known = part_order()
    tallyman.erp.put("PO-1", known)

    notification = tallyman.erp.posted({"event_type": "received", "quantity": 60} | references)
    tallyman.admin.settled(notification, "delivered")

    (arrived,) = tallyman.sandbox.bodies()
    assert arrived["purchase_lines"] == [lines_of(known)[number] for number in meant]
    assert arrived["quantity"] == 60
    assert not {"po_number", "line_numbers", "part_number"} & arrived.keys()


@pytest.mark.parametrize(
    ("references", "reason"),
    [
        ({"po_number": "PO-2"}, "unmatched"),
        ({"po_number": "PO-1", "line_numbers": ["3"]}, "unmatched"),
        ({"po_number": "PO-1", "part_number": "R-0002"}, "unmatched"),
        ({"po_number": "PO-1", "line_numbers": ["2"], "part_number": "R-0001"}, "conflict"),
        ({"tracking_number": "1ZCC"}, "unmatched"),
    ],
)
def test_references_that_lead_nowhere_are_held(
    tallyman: Tallyman, references: dict[str, Any], reason: str
) -> None:
    """An event whose references lead nowhere, or contradict each other, is held and not guessed."""
    tallyman.erp.put("PO-1", part_order())

    notification = tallyman.erp.posted({"event_type": "received"} | references)
    record = tallyman.admin.settled(notification, "held")

    assert record["reasons"] == [reason]
    assert tallyman.sandbox.requests() == []


def test_an_idempotency_key_makes_two_posts_one(tallyman: Tallyman) -> None:
    """The same key with the same event is one event, however it is spaced."""
    event = {"event_type": "received", "purchase_lines": some_lines(1), "quantity": 60}
    key = {"idempotency-key": "goods-in-42"}

    first = tallyman.erp.post(event, **key)
    second = tallyman.erp.post(dict(reversed(event.items())), **key)

    assert (first.status_code, second.status_code) == (202, 202)
    notification = first.json()["id"]
    url = f"/v1/notifications/{notification}"
    assert first.json() == {"id": notification, "duplicate": False, "url": url}
    assert second.json() == {"id": notification, "duplicate": True, "url": url}
    tallyman.admin.settled(notification, "delivered")
    assert tallyman.sandbox.types() == ["received"]


def test_an_idempotency_key_belongs_to_one_body(tallyman: Tallyman) -> None:
    """The same key with another body is refused with 422, and nothing more is sent."""
    event = {"event_type": "received", "purchase_lines": some_lines(1), "quantity": 60}
    key = {"idempotency-key": "goods-in-42"}
    notification = tallyman.erp.post(event, **key).json()["id"]

    other = tallyman.erp.post(event | {"quantity": 61}, **key)

    assert is_problem(other, 422, "conflict")
    assert notification in other.json()["detail"]
    tallyman.admin.settled(notification, "delivered")
    assert tallyman.admin.listed() == [notification]


def test_an_idempotency_key_belongs_to_one_service(tallyman: Tallyman) -> None:
    """Two services may choose the same key, and neither hears of the other."""
    event = {"event_type": "note", "purchase_lines": some_lines(1)}
    key = {"idempotency-key": "1"}

    answers = [caller.post(event, **key).json() for caller in (tallyman.erp, tallyman.mes)]

    assert [answer["duplicate"] for answer in answers] == [False, False]


def test_posts_without_a_key_are_always_new(tallyman: Tallyman) -> None:
    """The same event posted twice without a key is two events."""
    event = {"event_type": "note", "purchase_lines": some_lines(1)}

    for _ in range(2):
        tallyman.admin.settled(tallyman.erp.posted(event), "delivered")

    assert tallyman.sandbox.types() == ["note", "note"]
