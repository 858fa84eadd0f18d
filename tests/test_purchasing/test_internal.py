"""What internal services post: read at once, with every bad field named."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import InvalidFieldsError, MalformedError, UnauthenticatedError
from purchasing.sources.internal import SOURCE, check_idempotency_key, read_event
from purchasing.trust import Trust
from purchasing.updates import DirectEvent
from tests.reading import RECEIVED_AT, SECRET, notification

LINE = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER = "ca27f506-c3a4-4924-9878-316d53640467"


def event(**fields: Any) -> DirectEvent:
    """An event, read from JSON."""
    return read_event(json.dumps({"event_type": "note"} | fields).encode())


def faults(**fields: Any) -> dict[str, str]:
    """What is wrong with an event, by field."""
    with pytest.raises(InvalidFieldsError) as refused:
        event(**fields)
    return refused.value.fields


@pytest.mark.parametrize("event_type", EventType)
def test_every_type_may_be_posted(event_type: EventType) -> None:
    """An internal service may cause any type, the heavy ones included, with no other field."""
    read = event(event_type=event_type, purchase_lines=[LINE])

    assert read == DirectEvent(event_type=event_type, purchase_lines=(UUID(LINE),))


@pytest.mark.parametrize(
    "references",
    [
        {"purchase_lines": [LINE, OTHER]},
        {"po_number": "PO-1"},
        {"po_number": "PO-1", "line_numbers": ["1", "02"]},
        {"po_number": "PO-1", "part_number": "R-1"},
        {"po_number": "PO-1", "line_numbers": ["1"], "part_number": "R-1"},
        {"tracking_number": "1Z"},
        {"po_number": "PO-1", "tracking_number": "1Z"},
        {"purchase_lines": [LINE], "tracking_number": "1Z"},
    ],
)
def test_goods_may_be_named_in_these_ways(references: dict[str, Any]) -> None:
    """Goods are named by their lines, by their order, by a tracking number, or by two of them."""
    assert event(**references).event_type is EventType.NOTE


def test_an_empty_list_of_lines_is_not_the_whole_order() -> None:
    """Whoever names no line in a list that is there may mean none, and not all."""
    assert faults(po_number="PO-1", line_numbers=[]).keys() == {"line_numbers"}
    assert event(po_number="PO-1", notes='"line_numbers"').line_numbers == ()


def test_every_bad_field_is_named_at_once() -> None:
    """Whoever posts an event learns of all its faults in one answer."""
    found = faults(
        event_type="arrived",
        purchase_lines=[LINE, "line 2"],
        quantity="three",
        divide_quant=2**31,
        line_total_paid=12.5,
        estimated_delivery="tomorrow",
        send_alerts="no",
        occurred_at="noon",
        synced_from_integration_at="2026-11-20T09:00:00",
        tracking_number="1" * 256,
        cofactr_invoice_number="",
        po="PO-1",
    )

    assert set(found) == {
        "event_type",
        "purchase_lines[1]",
        "quantity",
        "divide_quant",
        "line_total_paid",
        "estimated_delivery",
        "send_alerts",
        "occurred_at",
        "synced_from_integration_at",
        "tracking_number",
        "cofactr_invoice_number",
        "po",
    }
    assert found["po"].startswith("is not a field here")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"purchase_lines": "is required, or po_number, or tracking_number in its place"}),
        (
            {"part_number": "R-1"},
            {
                "part_number": "needs po_number beside it",
                "purchase_lines": "is required, or po_number, or tracking_number in its place",
            },
        ),
        (
            {"tracking_number": "1Z", "line_numbers": ["1"]},
            {"line_numbers": "needs po_number beside it"},
        ),
        (
            {"purchase_lines": [LINE], "po_number": "PO-1", "line_numbers": ["1"]},
            {
                "po_number": "cannot be given together with purchase_lines",
                "line_numbers": "cannot be given together with purchase_lines",
            },
        ),
        ({"purchase_lines": [LINE, LINE]}, {"purchase_lines": "must not name a line twice"}),
        (
            {"purchase_lines": [LINE, LINE.upper()]},
            {"purchase_lines": "must not name a line twice"},
        ),
        ({"po_number": " "}, {"po_number": "must not be empty"}),
        ({"po_number": "PO-1", "part_number": ""}, {"part_number": "must not be empty"}),
        ({"tracking_number": "\t"}, {"tracking_number": "must not be empty"}),
        (
            {"po_number": "PO-1", "org_id": ""},
            {"org_id": r"expected `str` matching regex '\\A[!-~]([ -~]{0,253}[!-~])?\\Z'"},
        ),
        (
            {"po_number": "PO-1", "line_numbers": ["1", " "]},
            {"line_numbers": "must not hold an empty number"},
        ),
        (
            {"po_number": "PO-1", "occurred_at": "2026-11-20T09:00:00"},
            {"occurred_at": "must say its offset from UTC"},
        ),
        (
            {"po_number": "PO-1", "occurred_at": "0001-01-01T00:00:00+05:00"},
            {"occurred_at": "lies before or after all times"},
        ),
        (
            {"po_number": "PO-1", "synced_from_integration_at": "9999-12-31T23:00:00-05:00"},
            {"synced_from_integration_at": "lies before or after all times"},
        ),
    ],
)
def test_what_no_type_can_say_is_checked(fields: dict[str, Any], expected: dict[str, str]) -> None:
    """References that contradict each other or say nothing are refused by name."""
    assert faults(**fields) == expected


@pytest.mark.parametrize(
    "fields",
    [{"po_number": "PO-1", "notes": None, "quantity": None}, {"po_number": "PO-1"}],
)
def test_null_counts_as_not_given(fields: dict[str, Any]) -> None:
    """A field that is null is left out."""
    assert event(**fields) == DirectEvent(event_type=EventType.NOTE, po_number="PO-1")


@pytest.mark.parametrize("amount", ["0", "0.00", "-3.50", "12.5000", "0" * 40 + "." + "1" * 20])
def test_money_is_passed_on_as_it_is_written(amount: str) -> None:
    """An amount keeps its zeros and its decimals."""
    assert event(po_number="PO-1", line_total_paid=amount).line_total_paid == amount


@pytest.mark.parametrize(
    "amount", ["", "1,50", ".5", "5.", "+1", "1e3", " 1", "1\n", "٣", "NaN", "$1", "1" * 41, 1, 1.0]
)
def test_an_amount_that_is_no_decimal_text_is_refused(amount: object) -> None:
    """Only an exact decimal, written as text, is an amount."""
    assert set(faults(po_number="PO-1", line_total_paid=amount)) == {"line_total_paid"}


@pytest.mark.parametrize("quantity", [60.0, 1e999, "60", True, 2**31, 10**30])
def test_a_quantity_is_an_integer_of_32_bits(quantity: object) -> None:
    """A quantity with a point, as a text or beyond 32 bits is refused."""
    document = json.dumps({"event_type": "note", "po_number": "PO-1", "quantity": quantity})

    with pytest.raises(InvalidFieldsError):
        read_event(document.replace("Infinity", "1e999").encode())


@pytest.mark.parametrize(
    "token", [f"Bearer {SECRET}", f"bearer  {SECRET} ", "BEARER the-old-token"]
)
def test_a_token_opens(token: str) -> None:
    """Any of a service's tokens opens."""
    trust = Trust(settings=SourceSettings(format="internal", secrets=(SECRET, "the-old-token")))

    SOURCE.authenticate(notification("internal", b"", {"authorization": token}), trust, RECEIVED_AT)


@pytest.mark.parametrize(
    "token",
    ["", SECRET, f"Basic {SECRET}", f"Bearer{SECRET}", f"Bearer {SECRET}x", "Bearer ", "Bearer x"],
)
def test_anything_else_does_not_open(token: str) -> None:
    """A token opens only as it is, and only as a bearer token."""
    trust = Trust(settings=SourceSettings(format="internal", secrets=(SECRET,)))

    with pytest.raises(UnauthenticatedError, match="the bearer token is missing or wrong"):
        SOURCE.authenticate(
            notification("internal", b"", {"authorization": token}), trust, RECEIVED_AT
        )


def test_a_post_is_new_unless_it_has_a_key() -> None:
    """Two posts are the same one only if their Idempotency-Key is, around which spaces go."""
    plain = {notification_key({}, "n-1"), notification_key({}, "n-2")}
    keyed = {
        notification_key({"idempotency-key": "row 17"}, "n-1"),
        notification_key({"idempotency-key": " row 17 "}, "n-2"),
    }
    blank = {notification_key({"idempotency-key": " "}, id_) for id_ in ("n-1", "n-2")}

    assert (len(plain), len(keyed), len(blank)) == (2, 1, 2)


def notification_key(headers: dict[str, str], id_: str) -> str:
    """The delivery key of a post."""
    return SOURCE.delivery_key(notification("internal", b"{}", headers, id_=id_))


def test_an_id_is_never_taken_for_a_key() -> None:
    """A key that reads like the id of another post is not that post."""
    assert notification_key({}, "n-1") != notification_key({"idempotency-key": "n-1"}, "n-2")
    assert notification_key({}, "n-1") != notification_key({"idempotency-key": "id:n-1"}, "n-2")


@pytest.mark.parametrize("key", ["", "  ", "k" * 256])
def test_a_key_that_cannot_be_kept_is_refused(key: str) -> None:
    """An Idempotency-Key has from 1 to 255 characters."""
    with pytest.raises(InvalidFieldsError) as refused:
        check_idempotency_key({"idempotency-key": key})

    assert set(refused.value.fields) == {"Idempotency-Key"}


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k" * 255}])
def test_a_key_that_can_be_kept_or_none_is_taken(headers: dict[str, str]) -> None:
    """A key of at most 255 characters, or no key at all, is taken."""
    check_idempotency_key(headers)


def test_what_was_taken_in_is_read_again_alike() -> None:
    """The worker reads an event as the service did."""
    body = json.dumps(
        {"event_type": "received", "po_number": "PO-1", "occurred_at": "2026-11-20T09:00:00Z"}
    ).encode()

    reading = SOURCE.read(notification("internal", body))

    assert reading.updates == (read_event(body),)
    assert read_event(body).occurred_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_what_should_never_have_been_taken_in_is_malformed() -> None:
    """An event with bad fields that is found in the queue is held, with each fault named."""
    with pytest.raises(MalformedError, match=r"^The event has bad fields: .*quantity: expected"):
        SOURCE.read(notification("internal", b'{"event_type": "note", "quantity": "x"}'))
