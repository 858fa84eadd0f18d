"""What goes on the wire is what Cofactr documents, field by field."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import (
    HEAVY,
    NEEDS_LEAVE,
    Command,
    CreatePurchaseEvent,
    EventType,
    NoPartLineBody,
    PurchaseEventBody,
    UpdateNoPartLine,
    carries_amount,
)

LINE = "497f6eca-6276-4993-bfeb-53cbbbba6f08"

# Cofactr Platform API, Create Purchase Event (modified 2024-09-26): every field of the request, its
# documented type, and a value of it as it stands in JSON.
EVENT_FIELDS: dict[str, tuple[str, Any]] = {
    "synced_from_integration": ("boolean", True),
    "integration_source_name": ("string", "easypost"),
    "integration_record_id": ("string", "tracking-1"),
    "synced_from_integration_at": ("date-time", "2026-11-20T18:00:00Z"),
    "purchase_lines": ("array[uuid]", [LINE]),
    "quantity": ("integer", 60),
    "notes": ("string", "Left at the dock"),
    "tracking_number": ("string", "1Z 04T"),
    "line_total_paid": ("decimal", "250.40"),
    "sales_tax_paid": ("decimal", "20.03"),
    "shipping_paid": ("decimal", "9.00"),
    "other_total_paid": ("decimal", "-1.25"),
    "duties_paid": ("decimal", "0.5"),
    "estimated_delivery": ("date", "2026-12-04"),
    "expected_ship_by": ("date", "2026-12-01"),
    "snoozed_until": ("date", "2026-11-30"),
    "coo": ("string", "TW"),
    "date_code": ("string", "2633"),
    "mfg_lot": ("string", "A-17"),
    "cofactr_invoice_number": ("string", "INV-1"),
    "cofactr_invoice_amount": ("decimal", "278.68"),
    "event_type": ("enum", "received"),
    "divide_quant": ("integer", 2),
    "send_alerts": ("boolean", True),
}
ALWAYS = {"purchase_lines", "event_type", "send_alerts"}

# The same, Update Many NoPart Purchase Lines (modified 2024-08-23).
NO_PART_FIELDS: dict[str, tuple[str, Any]] = {
    "id": ("uuid", LINE),
    "synced_from_integration": ("boolean", True),
    "integration_source_name": ("string", "erp"),
    "integration_record_id": ("string", "line-1"),
    "synced_from_integration_at": ("date-time", "2026-11-20T18:00:00Z"),
    "metadata": ("object", {"any": ["thing", 1, None]}),
    "notes": ("string", "Freight"),
    "description": ("string", "Freight, collect"),
    "quant": ("decimal", "1"),
    "unit_price": ("decimal", "12.50"),
    "line_total": ("decimal", "12.50"),
}

EVENT_TYPES = [
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

WRONG: dict[str, list[Any]] = {
    "boolean": [1, "true", "no", []],
    "string": [1, True, [], {}],
    "integer": ["60", 1.5, True, 2**31, -(2**31) - 1, [], "many"],
    "decimal": [1, 1.5, "", "1,5", "1e3", ".5", "5.", "+1", "1 ", "1\n", "٣", "NaN", "1" * 41],
    "date": ["2026-13-01", "tomorrow", 20261204, "04.12.2026"],
    "date-time": ["2026-11-20", "2026-11-20T18:00:00", 1795197600, "now"],
    "uuid": ["line 1", 7, ""],
    "array[uuid]": [[], LINE, ["line 1"], [7]],
    "enum": ["arrived", "SHIPPED", "", 1],
    "object": ["{}", [], 1],
}

_EVENT = {name: value for name, (_, value) in EVENT_FIELDS.items()}
_NO_PART = {name: value for name, (_, value) in NO_PART_FIELDS.items()}


def body(fields: dict[str, Any]) -> PurchaseEventBody:
    """The body of an event, read from JSON."""
    return msgspec.json.decode(json.dumps(fields).encode(), type=PurchaseEventBody)


def no_part_body(fields: dict[str, Any]) -> NoPartLineBody:
    """The body of an update of a NoPart line, read from JSON."""
    return msgspec.json.decode(json.dumps(fields).encode(), type=NoPartLineBody)


def sent(value: object) -> Any:
    """A value as it goes on the wire."""
    return json.loads(msgspec.json.encode(value))


def wrong_values(fields: dict[str, tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Every field with every value that its documented type does not have."""
    return [(name, value) for name, (kind, _) in fields.items() for value in WRONG[kind]]


def test_the_types_of_events_are_the_documented_ones() -> None:
    """There are the 21 types that Cofactr documents, in its order."""
    assert [str(event_type) for event_type in EventType] == EVENT_TYPES
    assert len(EVENT_TYPES) == 21


def test_an_event_has_the_documented_fields() -> None:
    """An event has every field of the documentation and no other."""
    assert set(PurchaseEventBody.__struct_fields__) == set(EVENT_FIELDS)


def test_a_no_part_line_has_the_documented_fields() -> None:
    """An update of a NoPart line has every field of the documentation and no other."""
    assert set(NoPartLineBody.__struct_fields__) == set(NO_PART_FIELDS)


def test_everything_is_sent_as_documented() -> None:
    """Every field is written under its documented name, in its documented type."""
    assert sent(body(_EVENT)) == _EVENT
    assert sent(no_part_body(_NO_PART)) == _NO_PART


@pytest.mark.parametrize("name", sorted(set(EVENT_FIELDS) - ALWAYS))
def test_a_field_without_a_value_is_left_out(name: str) -> None:
    """A field of an event that has no value is not there; it is never null."""
    smallest = {name: _EVENT[name] for name in ALWAYS}

    assert sent(body(smallest | {name: None})) == smallest
    assert sent(body(smallest | {name: _EVENT[name]})) == smallest | {name: _EVENT[name]}


@pytest.mark.parametrize("name", sorted(set(NO_PART_FIELDS) - {"id"}))
def test_a_no_part_field_without_a_value_is_left_out(name: str) -> None:
    """A field of a NoPart line that has no value is not there; it is never null."""
    assert sent(no_part_body({"id": LINE, name: None})) == {"id": LINE}
    assert sent(no_part_body({"id": LINE, name: _NO_PART[name]})) == {
        "id": LINE,
        name: _NO_PART[name],
    }


def test_zeros_and_falsehoods_are_sent() -> None:
    """Zero, false and an empty text are values, and are sent."""
    nothings = {
        "synced_from_integration": False,
        "send_alerts": False,
        "quantity": 0,
        "divide_quant": 0,
        "notes": "",
        "tracking_number": "",
        "coo": "",
        "line_total_paid": "0",
        "shipping_paid": "0.00",
    }
    fields = {"purchase_lines": [LINE], "event_type": "note"} | nothings

    assert sent(body(fields)) == fields
    assert sent(no_part_body({"id": LINE, "metadata": {}, "line_total": "0"})) == {
        "id": LINE,
        "metadata": {},
        "line_total": "0",
    }


@pytest.mark.parametrize(("name", "value"), wrong_values(EVENT_FIELDS))
def test_a_value_of_another_type_is_no_event(name: str, value: object) -> None:
    """A value that is not of the documented type or range never goes on the wire."""
    with pytest.raises(msgspec.ValidationError):
        body(_EVENT | {name: value})


@pytest.mark.parametrize(("name", "value"), wrong_values(NO_PART_FIELDS))
def test_a_value_of_another_type_is_no_update(name: str, value: object) -> None:
    """A value of a NoPart line that is not of the documented type never goes on the wire."""
    with pytest.raises(msgspec.ValidationError):
        no_part_body(_NO_PART | {name: value})


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_some_fields_are_always_there(name: str) -> None:
    """An event always says its type, its lines, and whether people are told."""
    with pytest.raises(msgspec.ValidationError, match=name):
        body({kept: value for kept, value in _EVENT.items() if kept != name})


@pytest.mark.parametrize("name", ["quantity", "divide_quant"])
@pytest.mark.parametrize("value", [-(2**31), -1, 0, 2**31 - 1])
def test_quantities_reach_to_the_ends_of_32_bits(name: str, value: int) -> None:
    """A quantity is an integer of 32 bits, both ends included."""
    assert sent(body(_EVENT | {name: value}))[name] == value


@pytest.mark.parametrize(
    "name",
    [
        "integration_source_name",
        "integration_record_id",
        "tracking_number",
        "cofactr_invoice_number",
    ],
)
def test_columns_of_255_characters_hold_no_more(name: str) -> None:
    """A text that Cofactr's column could not hold is refused, not cut."""
    for text in ("ö", "ö" * 255):
        assert sent(body(_EVENT | {name: text}))[name] == text
    with pytest.raises(msgspec.ValidationError, match=name):
        body(_EVENT | {name: "ö" * 256})


@pytest.mark.parametrize("name", ["notes", "description"])
def test_texts_of_a_no_part_line_are_not_empty(name: str) -> None:
    """The notes and the description of a NoPart line have at least one character."""
    assert sent(no_part_body({"id": LINE, name: "x"}))[name] == "x"
    with pytest.raises(msgspec.ValidationError, match=name):
        no_part_body({"id": LINE, name: ""})


def test_quant_is_a_decimal_and_quantity_an_integer() -> None:
    """The two pages disagree on the type of a quantity, and each gets its own."""
    assert sent(no_part_body({"id": LINE, "quant": "1.5"}))["quant"] == "1.5"
    with pytest.raises(msgspec.ValidationError):
        no_part_body({"id": LINE, "quant": 1})


@given(
    amount=st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20
    )
)
def test_an_exact_decimal_stays_exact(amount: Decimal) -> None:
    """An amount is the same decimal on the wire, to the last digit."""
    written = f"{amount:f}"

    assert sent(body(_EVENT | {"line_total_paid": written}))["line_total_paid"] == written


def test_a_moment_is_written_with_its_offset() -> None:
    """A time of synchronisation says its offset; one in UTC ends in Z."""
    at = datetime(2026, 11, 20, 19, 0, tzinfo=timezone(timedelta(hours=1)))

    assert sent(at) == "2026-11-20T19:00:00+01:00"
    assert sent(at.astimezone(UTC)) == "2026-11-20T18:00:00Z"


@pytest.mark.parametrize(
    "command",
    [
        CreatePurchaseEvent(
            org_id=None, lane="PO", key="tracking-1", body=body(_EVENT), because=("a", "b")
        ),
        UpdateNoPartLine(
            purchase_order=UUID(LINE),
            org_id="org",
            lane="PO",
            key="charge-1",
            body=no_part_body(_NO_PART),
        ),
    ],
    ids=["event", "update"],
)
def test_a_command_is_kept_as_it_is(command: Command) -> None:
    """A command that was kept and read again goes on the wire byte for byte as it did before."""
    kept = msgspec.msgpack.decode(
        msgspec.msgpack.encode(command),
        type=CreatePurchaseEvent | UpdateNoPartLine,
    )

    assert kept == command
    assert msgspec.json.encode(kept.body) == msgspec.json.encode(command.body)


def test_what_moves_stock_lines_or_money_needs_leave() -> None:
    """The heavy types, and the adjustments that credit notes cause, are named one by one."""
    assert {str(it) for it in HEAVY} == {
        "received",
        "divide",
        "combine",
        "voided",
        "canceled",
        "return",
    }
    assert {EventType.ADJUSTED} == NEEDS_LEAVE - HEAVY


@pytest.mark.parametrize("name", sorted(set(EVENT_FIELDS) - ALWAYS))
def test_an_event_with_money_in_it_is_recognised(name: str) -> None:
    """Any of the amounts makes an event one that states money, a zero included."""
    smallest = {kept: _EVENT[kept] for kept in ALWAYS}
    is_money = EVENT_FIELDS[name][0] == "decimal"

    assert not carries_amount(body(smallest))
    assert carries_amount(body(smallest | {name: "0" if is_money else _EVENT[name]})) is is_money
