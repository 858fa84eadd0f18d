"""What is wrong with an event, said at once."""

import json
from typing import Any

import pytest

from tests.talking import Tallyman, is_problem, some_lines

LINE = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
GOOD: dict[str, Any] = {"event_type": "received", "purchase_lines": [LINE]}


def faults(tallyman: Tallyman, event: Any, **headers: str) -> dict[str, str]:
    """The fields that are refused, each with its fault."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    answer = tallyman.erp.http.post("/v1/events", content=body, headers=headers)
    assert is_problem(answer, 422, "invalid-fields")
    found: dict[str, str] = answer.json()["fields"]
    for name, fault in found.items():
        assert name in answer.json()["detail"]
        assert fault
    assert tallyman.admin.listed() == []
    return found


BAD: dict[str, list[Any]] = {
    "event_type": ["", "Shipped", "lost", 1, ["shipped"]],
    "purchase_lines": [[], LINE, ["x"], [LINE, 1], [LINE, LINE], {}],
    "synced_from_integration": ["true", 1],
    "integration_source_name": ["", "x" * 256, 1],
    "integration_record_id": ["", "x" * 256, {}],
    "synced_from_integration_at": ["2026-01-01", "2026-01-01T00:00:00", "now", 1],
    "quantity": ["5", 1.5, 2_147_483_648, -2_147_483_649, True, 10**30],
    "notes": [1, ["x"]],
    "tracking_number": ["", "  ", "x" * 256, 1],
    "line_total_paid": [12.5, 12, "12,50", "1e3", "", " 1", "+1", "NaN", ".5", "5."],
    "sales_tax_paid": ["$1"],
    "shipping_paid": ["1.2.3"],
    "other_total_paid": ["--1"],
    "duties_paid": ["Infinity"],
    "estimated_delivery": ["2026-02-30", "01/02/2026", "2026-1-1", 20260101],
    "expected_ship_by": ["2026-12-01T00:00:00Z"],
    "snoozed_until": ["tomorrow"],
    "coo": [1],
    "date_code": [2633],
    "mfg_lot": [["x"]],
    "cofactr_invoice_number": ["", "x" * 256],
    "cofactr_invoice_amount": [1.0, "1.0 USD"],
    "divide_quant": ["1", 1.0, 2_147_483_648],
    "send_alerts": ["true", 0],
    "po_number": ["", " ", 7],
    "line_numbers": ["1", [1]],
    "part_number": [1],
    "occurred_at": [
        "2026-01-01T00:00:00",
        "yesterday",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
    "org_id": ["", 5],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_field_is_named(tallyman: Tallyman, name: str, value: Any) -> None:
    """A field of the wrong type, range, length or form is refused by its name."""
    found = faults(tallyman, GOOD | {name: value})

    assert {place.partition("[")[0] for place in found} == {name}


def test_all_bad_fields_are_named_at_once(tallyman: Tallyman) -> None:
    """An event in which everything is wrong is told so once, for every field."""
    bad = {name: values[-1] for name, values in BAD.items()} | {"colour": "red"}

    found = faults(tallyman, bad)

    assert {place.partition("[")[0] for place in found} == set(bad)


@pytest.mark.parametrize(
    "name", ["colour", "Quantity", "quantity ", "purchase_line", "kind", "é", ""]
)
def test_an_unknown_field_is_named(tallyman: Tallyman, name: str) -> None:
    """A field that is not one of ours is refused by its name."""
    found = faults(tallyman, GOOD | {name: 1})

    assert list(found) == [name]
    assert found[name].startswith("is not a field here")


def test_the_field_that_was_meant_is_suggested(tallyman: Tallyman) -> None:
    """A misspelt field is answered with the one that it resembles."""
    (fault,) = faults(tallyman, GOOD | {"quantiy": 1}).values()

    assert fault == "is not a field here; did you mean quantity?"


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ({}, {"event_type", "purchase_lines"}),
        ({"event_type": "note"}, {"purchase_lines"}),
        ({"purchase_lines": [LINE]}, {"event_type"}),
        ({"event_type": "note", "line_numbers": ["1"]}, {"line_numbers", "purchase_lines"}),
        (
            {"event_type": "note", "part_number": "R", "tracking_number": "1Z"},
            {"part_number"},
        ),
        (GOOD | {"po_number": "PO-1"}, {"po_number"}),
        (GOOD | {"line_numbers": ["1"], "part_number": "R"}, {"line_numbers", "part_number"}),
        ({"event_type": "note", "po_number": "P", "line_numbers": [" "]}, {"line_numbers"}),
        ({"event_type": "canceled", "po_number": "P", "line_numbers": []}, {"line_numbers"}),
        (
            {"event_type": "lost", "quantity": "5", "tracking_number": "1Z", "org_id": ""},
            {"event_type", "quantity", "org_id"},
        ),
    ],
)
def test_references_that_do_not_go_together_are_named(
    tallyman: Tallyman, event: dict[str, Any], names: set[str]
) -> None:
    """An event must say in one way which lines it means, and is told what is missing."""
    assert faults(tallyman, event).keys() == names


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b'{"event_type": "note"} more',
        b"\xff",
        b'{"notes": "\xff"}',
        b'{"notes": "\\ud800"}',
        b"[" * 100_000,
        b'{"quantity": ' + b"1" * 5000 + b"}",
        b'{"quantity": 1e999999999999999999999}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x00",
    ],
    ids=repr,
)
def test_a_body_that_is_no_object_is_refused(tallyman: Tallyman, body: bytes) -> None:
    """What is no JSON object is refused as a body."""
    assert faults(tallyman, body)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(tallyman: Tallyman, key: str) -> None:
    """An Idempotency-Key is 1 to 255 characters."""
    assert faults(tallyman, GOOD, **{"idempotency-key": key}).keys() == {"Idempotency-Key"}


def test_a_key_is_not_spent_by_a_bad_event(tallyman: Tallyman) -> None:
    """A key that came with a bad event is free for the good one."""
    key = {"idempotency-key": "1"}
    faults(tallyman, GOOD | {"quantity": "5"}, **key)

    answer = tallyman.erp.post(GOOD, **key)

    assert (answer.status_code, answer.json()["duplicate"]) == (202, False)


def test_what_is_null_counts_as_not_given(tallyman: Tallyman) -> None:
    """A field that is null is as good as left out."""
    event = dict.fromkeys(BAD, None) | GOOD

    assert tallyman.erp.post(event).status_code == 202


@pytest.mark.parametrize(
    "more",
    [
        {"quantity": 0},
        {"quantity": -2_147_483_648},
        {"line_total_paid": "-0.00"},
        {"line_total_paid": "1" * 40 + "." + "1" * 20},
        {"integration_record_id": "x" * 255},
        {"notes": "é" * 100_000},
        {"notes": ""},
        {"synced_from_integration_at": "2026-01-01T00:00:00.123456+05:30"},
        {"occurred_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_is_just_possible_is_taken(tallyman: Tallyman, more: dict[str, Any]) -> None:
    """A value at the end of its range is taken."""
    assert tallyman.erp.post(GOOD | more).status_code == 202


def test_an_event_may_be_large_and_not_too_large(tallyman: Tallyman) -> None:
    """An event for thousands of lines is taken, and one over a mebibyte is 413."""
    lines = some_lines(20_000)
    assert tallyman.erp.post(GOOD | {"purchase_lines": lines}).status_code == 202

    answer = tallyman.erp.post(GOOD | {"purchase_lines": lines * 2})

    assert is_problem(answer, 413, "too-large")
