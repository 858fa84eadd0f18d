"""The sandbox, over real HTTP, against a real server on a free port."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyman.sandbox import create_sandbox, create_server
from tallyman.sandbox.calls import NoPartLinesBody
from tallyman.sandbox.journal import Journal, Received, SeenHeaders

KEY = "sandbox-key-of-these-tests"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LINE = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER_LINE = "ca27f506-c3a4-4924-9878-316d53640467"
ORG = "3b4eb1f5-aaca-43c1-9ccf-5bbd44308aba"

EVENTS = "/v1/purchase_events/"
NO_PART_LINES = "/v1/purchase_orders/PO-UUID/no_part_lines/"
REQUESTS = "/_sandbox/requests"
FAULTS = "/_sandbox/faults"

# The example of Create Purchase Event, modified 2024-09-26. It has "string" where its own table
# asks for a decimal.
EVENT_EXAMPLE: dict[str, Any] = {
    "synced_from_integration": True,
    "integration_source_name": "string",
    "integration_record_id": "string",
    "synced_from_integration_at": "2019-08-24T14:15:22Z",
    "purchase_lines": [LINE],
    "quantity": 0,
    "notes": "string",
    "tracking_number": "string",
    "line_total_paid": "string",
    "sales_tax_paid": "string",
    "shipping_paid": "string",
    "other_total_paid": "string",
    "duties_paid": "string",
    "estimated_delivery": "2019-08-24",
    "expected_ship_by": "2019-08-24",
    "snoozed_until": "2019-08-24",
    "coo": "string",
    "date_code": "string",
    "mfg_lot": "string",
    "cofactr_invoice_number": "string",
    "cofactr_invoice_amount": "string",
    "event_type": "shipped",
    "divide_quant": 0,
    "send_alerts": True,
}
EVENT_DECIMALS = {
    "line_total_paid",
    "sales_tax_paid",
    "shipping_paid",
    "other_total_paid",
    "duties_paid",
    "cofactr_invoice_amount",
}

# The example of Update Many NoPart Purchase Lines, modified 2024-08-23, with the same flaw.
LINE_EXAMPLE: dict[str, Any] = {
    "synced_from_integration": True,
    "integration_source_name": "string",
    "integration_record_id": "string",
    "synced_from_integration_at": "2019-08-24T14:15:22Z",
    "metadata": {},
    "notes": "string",
    "description": "string",
    "quant": "string",
    "unit_price": "string",
    "line_total": "string",
    "id": LINE,
}
LINE_DECIMALS = {"quant", "unit_price", "line_total"}

GOOD_EVENT = EVENT_EXAMPLE | dict.fromkeys(EVENT_DECIMALS, "12.50")
GOOD_LINE = LINE_EXAMPLE | dict.fromkeys(LINE_DECIMALS, "12.50")

# The fields of each answer, in the order of its page.
EVENT_ANSWER = (
    "id synced_from_integration synced_from_integration_at integration_source_name"
    " integration_record_id quantity cofactr_invoice_number cofactr_invoice_amount created_at"
    " updated_at deleted_at internal_metadata external_metadata ext_data_source_id data_source"
    " data_source_synced_at externally_synced quant notes timestamp tracking_number carrier"
    " invoice_number invoice_amount line_total_paid sales_tax_paid shipping_paid other_total_paid"
    " duties_paid estimated_delivery snoozed_until event_type tracking_status purchase org"
    " created_by purchase_lines"
)
LINE_ANSWER = (
    "id synced_from_integration synced_from_integration_at integration_source_name"
    " integration_record_id metadata notes description quant unit_price line_total"
    " purchase_order_id"
)
EVENT_TYPES = (
    "shipped voided canceled adjusted imported delayed note return_request return confirm track"
    " divide combine invoiced delivered delivery_attempt reschedule_request reschedule received"
    " ignored snoozed"
)

over_http = settings(deadline=None, max_examples=60)


def sequential_ids() -> Callable[[], UUID]:
    """Make ids that count up."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


@contextmanager
def running(no_part_lines_body: NoPartLinesBody = "object") -> Iterator[str]:
    """Run a sandbox in a thread, at the address that this gives."""
    app = create_sandbox(KEY, lambda: NOW, sequential_ids(), no_part_lines_body=no_part_lines_body)
    server = create_server(app)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
    assert not thread.is_alive()


@contextmanager
def connected(address: str) -> Iterator[httpx.Client]:
    """Give a client with the right key."""
    headers = {"authorization": f"Api-Key {KEY}"}
    with httpx.Client(base_url=address, headers=headers, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Share one sandbox among the tests of this file."""
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def caller(address: str) -> Iterator[httpx.Client]:
    """Share one client; what others left behind is still there."""
    with connected(address) as client:
        yield client


@pytest.fixture
def cofactr(caller: httpx.Client) -> httpx.Client:
    """Start with nothing received and no faults."""
    caller.delete(REQUESTS).raise_for_status()
    caller.delete(FAULTS).raise_for_status()
    return caller


def received(client: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    """List what the sandbox received."""
    answer: list[dict[str, Any]] = client.get(REQUESTS + query).raise_for_status().json()
    return answer


def plan(client: httpx.Client, *faults: dict[str, Any]) -> None:
    """Ask for these faults."""
    client.put(FAULTS, json=list(faults)).raise_for_status()


def post(client: httpx.Client, **fields: object) -> httpx.Response:
    """Create a purchase event with these fields."""
    return client.post(EVENTS, json={"purchase_lines": [LINE], **fields})


def patch(client: httpx.Client, **fields: object) -> httpx.Response:
    """Update a NoPart line with these fields."""
    return client.patch(NO_PART_LINES, json={"id": LINE, **fields})


def test_event_example_is_accepted(cofactr: httpx.Client) -> None:
    """The documented example is accepted once its decimals are decimals."""
    answer = cofactr.post(EVENTS, json=GOOD_EVENT, headers={"x-org-id": ORG})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == EVENT_ANSWER.split()


def test_event_example_repeats_what_was_sent(cofactr: httpx.Client) -> None:
    """Every field that request and answer have in common comes back as it was sent."""
    event = cofactr.post(EVENTS, json=GOOD_EVENT).json()

    assert {name: event[name] for name in GOOD_EVENT if name in event} == {
        name: value for name, value in GOOD_EVENT.items() if name in event
    }
    assert (event["quant"], event["invoice_number"]) == (0, "string")
    assert event["created_at"] == "2026-11-21T09:30:00Z"
    assert UUID(event["id"]).int > 0
    assert str(UUID(event["created_by"])) == event["created_by"]


def test_only_purchase_lines_are_required(cofactr: httpx.Client) -> None:
    """An event needs nothing but its purchase lines."""
    assert post(cofactr).status_code == 200


def test_an_empty_text_comes_back_as_null(cofactr: httpx.Client) -> None:
    """A text that the answer says is never empty comes back as null if it was."""
    event = post(cofactr, integration_record_id="", cofactr_invoice_number="", notes="").json()

    assert event["integration_record_id"] is None
    assert event["cofactr_invoice_number"] is None
    assert event["invoice_number"] is None
    assert event["notes"] == ""


def test_placeholders_of_the_event_example_are_no_decimals(cofactr: httpx.Client) -> None:
    """The documented example as it stands is refused for its decimals, and for nothing else."""
    answer = cofactr.post(EVENTS, json=EVENT_EXAMPLE)

    assert answer.status_code == 400
    assert answer.json() == {name: ["A valid number is required."] for name in EVENT_DECIMALS}


def test_line_example_is_accepted(cofactr: httpx.Client) -> None:
    """The documented example is accepted once its decimals are decimals, and answers an array."""
    answer = cofactr.patch(NO_PART_LINES + "?blended", json=GOOD_LINE, headers={"x-org-id": ""})

    assert answer.status_code == 200
    assert [list(line) for line in answer.json()] == [LINE_ANSWER.split()]
    assert answer.json() == [GOOD_LINE | {"purchase_order_id": "PO-UUID"}]


def test_placeholders_of_the_line_example_are_no_decimals(cofactr: httpx.Client) -> None:
    """The documented example as it stands is refused for its decimals, and for nothing else."""
    answer = cofactr.patch(NO_PART_LINES, json=LINE_EXAMPLE)

    assert answer.status_code == 400
    assert answer.json() == {name: ["A valid number is required."] for name in LINE_DECIMALS}


def test_a_purchase_id_is_any_text(cofactr: httpx.Client) -> None:
    """The purchase in the address is documented as a string, and comes back decoded."""
    answer = cofactr.patch("/v1/purchase_orders/a%2Fb%20c/no_part_lines/", json={"id": LINE})

    assert answer.json()[0]["purchase_order_id"] == "a/b c"


@pytest.mark.parametrize("event_type", EVENT_TYPES.split())
def test_every_documented_event_type_is_accepted(cofactr: httpx.Client, event_type: str) -> None:
    """Each of the 21 event types is accepted and repeated."""
    assert post(cofactr, event_type=event_type).json()["event_type"] == event_type


def test_org_is_the_one_asked_for(cofactr: httpx.Client) -> None:
    """The event belongs to `x-org-id` if that is a UUID, and else to the key's own org."""

    def org(value: str) -> str:
        answer = cofactr.post(EVENTS, json={"purchase_lines": [LINE]}, headers={"x-org-id": value})
        return str(answer.raise_for_status().json()["org"])

    assert org(ORG) == ORG
    assert org("acme") == org("") == post(cofactr).json()["org"] != ORG


@over_http
@given(data=st.data(), lines=st.lists(st.uuids().map(str), min_size=1, max_size=5))
def test_purchase_follows_from_the_lines(
    caller: httpx.Client, data: st.DataObject, lines: list[str]
) -> None:
    """The same purchase lines, in whatever order, have the same purchase."""
    shuffled = data.draw(st.permutations(lines))

    first = post(caller, purchase_lines=lines).json()
    second = post(caller, purchase_lines=shuffled).json()

    assert UUID(first["purchase"]) == UUID(second["purchase"])
    assert first["purchase_lines"] == lines
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("synced_from_integration", "true", "Must be a valid boolean."),
        ("synced_from_integration", 1, "Must be a valid boolean."),
        ("integration_source_name", 7, "Not a valid string."),
        (
            "integration_source_name",
            "x" * 256,
            "Ensure this field has no more than 255 characters.",
        ),
        ("integration_record_id", ["x"], "Not a valid string."),
        ("integration_record_id", "x" * 256, "Ensure this field has no more than 255 characters."),
        ("synced_from_integration_at", "2019-08-24", "Datetime has wrong format."),
        ("synced_from_integration_at", "2019-08-24T14:15:22", "Datetime has wrong format."),
        ("synced_from_integration_at", "2019-13-24T14:15:22Z", "Datetime has wrong format."),
        ("synced_from_integration_at", 1566656122, "Datetime has wrong format."),
        ("purchase_lines", LINE, 'Expected a list of items but got type "str".'),
        ("purchase_lines", {"0": LINE}, 'Expected a list of items but got type "dict".'),
        ("purchase_lines", [], "This list may not be empty."),
        ("quantity", "5", "A valid integer is required."),
        ("quantity", 5.0, "A valid integer is required."),
        ("quantity", True, "A valid integer is required."),
        ("quantity", 2**31, "Ensure this value is less than or equal to 2147483647."),
        ("quantity", -(2**31) - 1, "Ensure this value is greater than or equal to -2147483648."),
        ("divide_quant", 2**31, "Ensure this value is less than or equal to 2147483647."),
        ("divide_quant", [1], "A valid integer is required."),
        ("notes", {}, "Not a valid string."),
        ("notes", "a\x00b", "Null characters are not allowed."),
        ("tracking_number", "1" * 256, "Ensure this field has no more than 255 characters."),
        ("tracking_number", 1, "Not a valid string."),
        *[(name, 12.5, "A valid number is required.") for name in sorted(EVENT_DECIMALS)],
        ("line_total_paid", 12, "A valid number is required."),
        ("line_total_paid", "1e3", "A valid number is required."),
        ("line_total_paid", "NaN", "A valid number is required."),
        ("line_total_paid", "12,50", "A valid number is required."),
        ("line_total_paid", "$12.50", "A valid number is required."),
        ("line_total_paid", " 12.50", "A valid number is required."),
        ("line_total_paid", "12.50\n", "A valid number is required."),
        ("line_total_paid", "", "A valid number is required."),
        ("line_total_paid", "١٢", "A valid number is required."),
        ("line_total_paid", "1" * 1001, "String value too large."),
        ("estimated_delivery", "2019-08-24T00:00:00Z", "Date has wrong format."),
        ("estimated_delivery", "2019-02-30", "Date has wrong format."),
        ("expected_ship_by", "24.08.2019", "Date has wrong format."),
        ("expected_ship_by", 20190824, "Date has wrong format."),
        ("snoozed_until", "", "Date has wrong format."),
        ("coo", 1, "Not a valid string."),
        ("date_code", 2633, "Not a valid string."),
        ("mfg_lot", True, "Not a valid string."),
        ("cofactr_invoice_number", "x" * 256, "Ensure this field has no more than 255 characters."),
        ("event_type", "Shipped", '"Shipped" is not a valid choice.'),
        ("event_type", "", '"" is not a valid choice.'),
        ("event_type", ["shipped"], "is not a valid choice."),
        ("send_alerts", "false", "Must be a valid boolean."),
        ("send_alerts", 0, "Must be a valid boolean."),
        ("carrier", "UPS", "This field is not known."),
        ("purchase", LINE, "This field is not known."),
        ("id", LINE, "This field is not known."),
    ],
)
def test_a_bad_field_of_an_event_is_refused_by_name(
    cofactr: httpx.Client, field: str, value: object, complaint: str
) -> None:
    """A field that does not fit the documentation is refused under its name, and it alone."""
    answer = cofactr.post(EVENTS, json=GOOD_EVENT | {field: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert complaint in answer.json()[field][0]
    assert [entry["took_effect"] for entry in received(cofactr)] == [False]


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("id", "497f6eca", "Must be a valid UUID."),
        ("id", LINE.replace("-", ""), "Must be a valid UUID."),
        ("id", 7, "Must be a valid UUID."),
        ("metadata", [], 'Expected a dictionary of items but got type "list".'),
        ("metadata", "{}", 'Expected a dictionary of items but got type "str".'),
        ("notes", "", "This field may not be blank."),
        ("notes", " ", "This field may not be blank."),
        ("description", "", "This field may not be blank."),
        ("description", 1, "Not a valid string."),
        ("quant", 1, "A valid number is required."),
        ("unit_price", 1.5, "A valid number is required."),
        ("line_total", "free", "A valid number is required."),
        ("integration_record_id", "x" * 256, "Ensure this field has no more than 255 characters."),
        ("quantity", 1, "This field is not known."),
        ("send_alerts", True, "This field is not known."),
        ("purchase_order_id", "x", "This field is not known."),
    ],
)
def test_a_bad_field_of_a_line_is_refused_by_name(
    cofactr: httpx.Client, field: str, value: object, complaint: str
) -> None:
    """A field that does not fit the documentation is refused under its name, and it alone."""
    answer = cofactr.patch(NO_PART_LINES, json=GOOD_LINE | {field: value})

    assert answer.status_code == 400
    assert answer.json() == {field: [complaint]}


@pytest.mark.parametrize("field", GOOD_EVENT)
def test_no_field_of_an_event_is_null(cofactr: httpx.Client, field: str) -> None:
    """Null is refused for every field."""
    answer = cofactr.post(EVENTS, json=GOOD_EVENT | {field: None})

    assert (answer.status_code, answer.json()) == (400, {field: ["This field may not be null."]})


@pytest.mark.parametrize("field", GOOD_LINE)
def test_no_field_of_a_line_is_null(cofactr: httpx.Client, field: str) -> None:
    """Null is refused for every field."""
    answer = cofactr.patch(NO_PART_LINES, json=GOOD_LINE | {field: None})

    assert (answer.status_code, answer.json()) == (400, {field: ["This field may not be null."]})


@over_http
@given(wrong=st.sets(st.sampled_from(sorted(GOOD_EVENT)), min_size=1))
def test_all_bad_fields_are_named_at_once(caller: httpx.Client, wrong: set[str]) -> None:
    """Whichever fields are bad, the answer names all of them and no other."""
    answer = caller.post(EVENTS, json=GOOD_EVENT | {name: {"no": "good"} for name in wrong})

    assert answer.status_code == 400
    assert set(answer.json()) == wrong


def test_each_bad_purchase_line_is_named_by_its_index(cofactr: httpx.Client) -> None:
    """The complaints about an array say which items are bad."""
    answer = post(cofactr, purchase_lines=[LINE, "x", OTHER_LINE, 7])

    assert answer.json() == {
        "purchase_lines": {"1": ["Must be a valid UUID."], "3": ["Must be a valid UUID."]}
    }


@over_http
@given(amount=st.decimals(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_every_plain_decimal_is_accepted(caller: httpx.Client, amount: Any) -> None:
    """A decimal in plain digits is accepted, with whatever number of places, and repeated."""
    text = f"{amount:f}"

    assert post(caller, line_total_paid=text).json()["line_total_paid"] == text
    assert patch(caller, line_total=text).json()[0]["line_total"] == text


@over_http
@given(quantity=st.integers(-(2**70), 2**70))
def test_an_integer_is_accepted_in_its_range(caller: httpx.Client, quantity: int) -> None:
    """An integer is accepted if and only if it has 32 bits."""
    accepted = -2147483648 <= quantity <= 2147483647

    assert post(caller, quantity=quantity).status_code == (200 if accepted else 400)


@over_http
@given(
    moment=st.datetimes(
        timezones=st.integers(-14 * 60, 14 * 60).map(
            lambda minutes: timezone(timedelta(minutes=minutes))
        )
    )
)
def test_every_aware_time_is_accepted(caller: httpx.Client, moment: datetime) -> None:
    """A date-time with its offset is accepted, with or without fractions of a second."""
    text = moment.isoformat()

    event = post(caller, synced_from_integration_at=text).json()
    assert event["synced_from_integration_at"] == text


@over_http
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
    field=st.sampled_from(sorted(GOOD_EVENT)),
)
def test_any_json_gets_an_answer(caller: httpx.Client, field: str, value: object) -> None:
    """Whatever JSON a field holds, the answer is 200, or 400 with that field alone."""
    answer = caller.post(EVENTS, json=GOOD_EVENT | {field: value})

    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert list(answer.json()) == [field]


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_missing_field_is_named(cofactr: httpx.Client, body: bytes) -> None:
    """A body without the required field, or none at all, is refused with that field's name."""
    headers = {"content-type": "application/json"}

    event = cofactr.post(EVENTS, content=body, headers=headers)
    line = cofactr.patch(NO_PART_LINES, content=body, headers=headers)

    assert (event.status_code, line.status_code) == (400, 400)
    assert event.json() == {"purchase_lines": ["This field is required."]}
    assert line.json() == {"id": ["This field is required."]}


@pytest.mark.parametrize(("body", "name"), [([GOOD_EVENT], "list"), ("x", "str"), (7, "int")])
def test_a_body_is_an_object(cofactr: httpx.Client, body: object, name: str) -> None:
    """A body that is no object is refused as a whole."""
    complaint = f"Invalid data. Expected a dictionary, but got {name}."

    answer = cofactr.post(EVENTS, json=body)
    assert (answer.status_code, answer.json()) == (400, {"non_field_errors": [complaint]})
    answer = cofactr.patch(NO_PART_LINES, json=body)
    assert (answer.status_code, answer.json()) == (400, {"non_field_errors": [complaint]})


@pytest.mark.parametrize(
    "body", [b"{", b"quantity=5", b'{"notes": "\xff"}', b"[" * 100_000, b'{"quantity": NaN}']
)
def test_malformed_json_is_400_with_a_detail(cofactr: httpx.Client, body: bytes) -> None:
    """A body that is no JSON is refused with one detail, and listed as text."""
    answer = cofactr.post(EVENTS, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]
    assert answer.json()["detail"].startswith("JSON parse error - ")
    assert received(cofactr)[0]["body"] == body.decode(errors="replace")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(cofactr: httpx.Client, content_type: str) -> None:
    """A body of another content type is 415."""
    body = json.dumps(GOOD_EVENT).encode()

    answer = cofactr.post(EVENTS, content=body, headers={"content-type": content_type})

    assert answer.status_code == 415
    assert answer.json() == {"detail": f'Unsupported media type "{content_type}" in request.'}


def test_a_charset_does_not_matter(cofactr: httpx.Client) -> None:
    """A content type is recognised in any case and with parameters."""
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    answer = cofactr.post(EVENTS, content=json.dumps(GOOD_EVENT), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/purchase_events",
        "/v1/purchase_orders/x/no_part_lines",
        "/v1/purchase_orders//no_part_lines/",
        "/v1/purchase_events/x/",
        "//v1/purchase_events/",
        "/purchase_events/",
        "/",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_any_other_address_is_404(cofactr: httpx.Client, method: str, path: str) -> None:
    """An address without its trailing slash, or not documented at all, is 404 with a detail."""
    answer = cofactr.request(method, httpx.URL(str(cofactr.base_url).rstrip("/") + path))

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert received(cofactr)[0]["path"] == path


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_405(cofactr: httpx.Client, method: str) -> None:
    """Purchase events can be created, and nothing else: not listed, read or deleted."""
    answer = cofactr.request(method, EVENTS)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json() == {"detail": f'Method "{method}" not allowed.'}


@pytest.mark.parametrize(
    "authorization", [None, "", "Api-Key", f"api-key {KEY}", f"Bearer {KEY}", KEY, f"Api-Key{KEY}"]
)
def test_no_api_key_is_401(address: str, cofactr: httpx.Client, authorization: str | None) -> None:
    """A header that is missing, or not spelt as documented, is 401."""
    headers = {} if authorization is None else {"authorization": authorization}

    answer = httpx.post(address + EVENTS, json=GOOD_EVENT, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Api-Key"
    assert answer.json() == {"detail": "Authentication credentials were not provided."}
    assert received(cofactr)[0]["took_effect"] is False


@pytest.mark.parametrize("key", ["wrong", KEY + "x", KEY.upper(), f" {KEY}", "\xe4"])
def test_a_wrong_api_key_is_403(address: str, cofactr: httpx.Client, key: str) -> None:
    """A key that is not the right one is 403, before the body of the request is looked at."""
    headers = [(b"authorization", b"Api-Key " + key.encode("latin-1"))]

    answer = httpx.post(address + EVENTS, content=b"{", headers=headers)

    assert answer.status_code == 403
    assert list(answer.json()) == ["detail"]
    assert received(cofactr)[0]["headers"]["authorization"] == "Api-Key invalid"


@pytest.fixture(scope="module")
def array_caller() -> Iterator[httpx.Client]:
    """Share a sandbox that takes arrays of lines."""
    with running("array") as address, connected(address) as client:
        yield client


def test_an_array_of_lines_has_to_be_switched_on(cofactr: httpx.Client) -> None:
    """An array is refused where only the documented object is taken."""
    answer = cofactr.patch(NO_PART_LINES, json=[GOOD_LINE])

    assert answer.status_code == 400
    assert list(answer.json()) == ["non_field_errors"]


def test_an_array_of_lines_answers_each(array_caller: httpx.Client) -> None:
    """Where arrays are taken, the answer has the lines in their order."""
    lines = [{"id": LINE, "line_total": "1.00"}, {"id": OTHER_LINE, "notes": "x"}]

    answer = array_caller.patch(NO_PART_LINES, json=lines)

    assert answer.status_code == 200
    assert [(line["id"], line["line_total"], line["notes"]) for line in answer.json()] == [
        (LINE, "1.00", None),
        (OTHER_LINE, None, "x"),
    ]
    assert patch(array_caller).status_code == 200


def test_complaints_about_an_array_stand_in_its_order(array_caller: httpx.Client) -> None:
    """Where one line of an array is bad, none takes effect; complaints stand in its place."""
    lines = [GOOD_LINE, {"id": "x", "quant": 1}, 7]

    answer = array_caller.patch(NO_PART_LINES, json=lines)

    assert answer.status_code == 400
    assert answer.json() == [
        {},
        {"id": ["Must be a valid UUID."], "quant": ["A valid number is required."]},
        {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]},
    ]
    assert received(array_caller)[-1]["took_effect"] is False


def test_an_array_of_no_lines_is_refused(array_caller: httpx.Client) -> None:
    """An empty array is refused."""
    answer = array_caller.patch(NO_PART_LINES, json=[])

    assert answer.status_code == 400
    assert answer.json() == {"non_field_errors": ["This list may not be empty."]}


def test_statuses_come_in_order_and_wear_off(cofactr: httpx.Client) -> None:
    """Faults happen in the order of the list, each as often as it says, and then no more."""
    plan(cofactr, {"status": 503, "retry_after": 1, "times": 2}, {"status": 429})

    answers = [post(cofactr) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [503, 503, 429, 200]
    assert [answer.headers.get("retry-after") for answer in answers] == ["1", "1", None, None]
    assert list(answers[0].json()) == ["detail"]
    entries = received(cofactr)
    assert [entry["status"] for entry in entries] == [503, 503, 429, 200]
    assert [entry["took_effect"] for entry in entries] == [False, False, False, True]


def test_what_is_left_of_the_faults_is_shown(cofactr: httpx.Client) -> None:
    """The list of faults shows what is still to happen; a new list replaces it."""
    plan(cofactr, {"status": 500}, {"delay_seconds": 30, "times": 5})
    post(cofactr)

    assert cofactr.get(FAULTS).json() == [{"delay_seconds": 30.0, "times": 5}]
    answer = cofactr.put(FAULTS, json=[{"status": 418, "times": 2}])
    assert answer.json() == [{"status": 418, "times": 2}]
    post(cofactr)
    assert cofactr.get(FAULTS).json() == [{"status": 418, "times": 1}]
    assert cofactr.delete(FAULTS).status_code == 204
    assert cofactr.get(FAULTS).json() == []
    assert post(cofactr).status_code == 200


def test_a_fault_comes_before_every_check(cofactr: httpx.Client) -> None:
    """A fault with a status happens to whatever comes next, right or wrong, as with a proxy."""
    plan(cofactr, {"status": 502, "times": 2})

    assert cofactr.get("/nowhere").status_code == 502
    assert post(cofactr, event_type="no such").status_code == 502


def test_a_fault_can_be_a_page(cofactr: httpx.Client) -> None:
    """A fault can answer HTML, as a proxy does, and an odd status without a name."""
    plan(cofactr, {"status": 504, "html": True}, {"status": 599})

    answer = post(cofactr)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>504 Gateway Timeout</h1>" in answer.text
    assert post(cofactr).status_code == 599


def test_a_redirect_has_a_location(cofactr: httpx.Client) -> None:
    """A fault can redirect, which a caller that follows it makes visible by asking again."""
    plan(cofactr, {"status": 301})

    answer = cofactr.post(EVENTS, json=GOOD_EVENT, follow_redirects=True)

    assert answer.status_code == 405
    assert [(entry["method"], entry["status"]) for entry in received(cofactr)] == [
        ("POST", 301),
        ("GET", 405),
    ]


def test_a_retry_can_be_asked_for_by_date(cofactr: httpx.Client) -> None:
    """`retry_after` goes out as it is given, a date too."""
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    plan(cofactr, {"status": 503, "retry_after": date})

    assert post(cofactr).headers["retry-after"] == date


def test_a_late_answer_took_effect_at_once(cofactr: httpx.Client) -> None:
    """A delay alone makes the answer late; the request is carried out before."""
    plan(cofactr, {"delay_seconds": 0.3})
    started = time.monotonic()

    answer = post(cofactr)

    assert time.monotonic() - started >= 0.3
    assert answer.status_code == 200
    entry = received(cofactr)[0]
    assert (entry["status"], entry["took_effect"], entry["id"]) == (200, True, answer.json()["id"])


def test_who_gives_up_waiting_got_no_status(cofactr: httpx.Client) -> None:
    """A caller that stops waiting is listed with an effect and without a status."""
    plan(cofactr, {"delay_seconds": 30})

    with pytest.raises(httpx.ReadTimeout):
        cofactr.post(EVENTS, json=GOOD_EVENT, timeout=0.2)

    entry = received(cofactr)[0]
    assert (entry["status"], entry["took_effect"]) == (None, True)


def test_a_late_failure_has_no_effect(cofactr: httpx.Client) -> None:
    """A delay with a status answers late that nothing was done."""
    plan(cofactr, {"delay_seconds": 0.2, "status": 504})
    started = time.monotonic()

    assert post(cofactr).status_code == 504
    assert time.monotonic() - started >= 0.2
    entry = received(cofactr)[0]
    assert (entry["status"], entry["took_effect"], entry["id"]) == (504, False, None)


def test_a_delay_holds_up_nobody_else(cofactr: httpx.Client) -> None:
    """While one answer is late, others go on, and the list has them as they arrived."""
    plan(cofactr, {"delay_seconds": 0.5})
    late = threading.Thread(target=post, args=(cofactr,), kwargs={"notes": "late"})
    late.start()
    while not received(cofactr):
        time.sleep(0.01)

    post(cofactr, notes="prompt")

    assert [entry["status"] for entry in received(cofactr)] == [None, 200]
    late.join()
    assert [entry["body"]["notes"] for entry in received(cofactr)] == ["late", "prompt"]
    assert [entry["status"] for entry in received(cofactr)] == [200, 200]


@pytest.mark.parametrize("delay", [{}, {"delay_seconds": 0.2}])
@pytest.mark.parametrize(("moment", "took_effect"), [("before", False), ("after", True)])
def test_a_hang_up_sends_not_one_byte(
    cofactr: httpx.Client, moment: str, *, took_effect: bool, delay: dict[str, float]
) -> None:
    """A hang-up closes the connection without a byte, before or after the request took effect."""
    plan(cofactr, {"hang_up": moment} | delay)
    body = json.dumps(GOOD_EVENT).encode()
    request = (
        f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    started = time.monotonic()

    with socket.create_connection((cofactr.base_url.host, cofactr.base_url.port or 0)) as raw:
        raw.settimeout(10)
        raw.sendall(request)
        assert raw.recv(1) == b""

    assert time.monotonic() - started >= delay.get("delay_seconds", 0)
    entry = received(cofactr)[0]
    assert (entry["status"], entry["took_effect"]) == (None, took_effect)
    assert (entry["id"] is not None) is took_effect


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_hang_up_looks_like_one_to_httpx(cofactr: httpx.Client, moment: str) -> None:
    """A client sees a lost connection, and the next request is answered again."""
    plan(cofactr, {"hang_up": moment})

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        post(cofactr)

    assert post(cofactr).status_code == 200


def test_a_hang_up_after_a_refusal_changes_nothing(cofactr: httpx.Client) -> None:
    """What would have been refused takes no effect, even if the connection ends `after` it."""
    plan(cofactr, {"hang_up": "after"})

    with pytest.raises(httpx.RemoteProtocolError):
        post(cofactr, event_type="no such")

    assert received(cofactr)[0]["took_effect"] is False


def test_a_fault_can_wait_for_its_request(cofactr: httpx.Client) -> None:
    """A fault with `match` happens only to the requests that it names."""
    plan(
        cofactr,
        {"status": 500, "match": {"event_type": "delivered", "quantity": 3}},
        {"status": 502, "match": {"method": "PATCH"}},
        {"status": 503, "match": {"line_total": "1.00"}},
    )

    assert post(cofactr).status_code == 200
    assert post(cofactr, event_type="delivered").status_code == 200
    assert post(cofactr, event_type="delivered", quantity=3).status_code == 500
    assert patch(cofactr).status_code == 502
    assert patch(cofactr, line_total="1.00").status_code == 503
    assert cofactr.get(FAULTS).json() == []


def test_a_fault_finds_its_line_in_an_array(array_caller: httpx.Client) -> None:
    """A fault for a line happens to an array that holds it."""
    plan(array_caller, {"status": 500, "match": {"id": OTHER_LINE}})

    assert array_caller.patch(NO_PART_LINES, json=[{"id": LINE}]).status_code == 200
    lines = [{"id": LINE}, {"id": OTHER_LINE}]
    assert array_caller.patch(NO_PART_LINES, json=lines).status_code == 500


@over_http
@given(seed=st.integers(0, 2**32), probability=st.floats(0.05, 0.95))
def test_chance_can_be_repeated(caller: httpx.Client, seed: int, probability: float) -> None:
    """Faults by chance hit the same requests again when started from the same seed."""
    fault = {"status": 500, "probability": probability, "forever": True, "seed": seed}

    def run() -> list[int]:
        plan(caller, fault)
        return [post(caller).status_code for _ in range(12)]

    dice = random.Random(seed)
    expected = [500 if dice.random() < probability else 200 for _ in range(12)]
    try:
        assert run() == run() == expected
    finally:
        plan(caller)


def test_a_fault_by_chance_leaves_the_rest_to_the_next(cofactr: httpx.Client) -> None:
    """Where its dice spare a request, the next fault in the list has its turn."""
    plan(
        cofactr,
        {"status": 500, "probability": 0.5, "forever": True},
        {"status": 502, "forever": True},
    )

    statuses = {post(cofactr).status_code for _ in range(40)}

    assert statuses == {500, 502}
    assert len(cofactr.get(FAULTS).json()) == 2


@pytest.mark.parametrize(
    ("faults", "complaint"),
    [
        ([{}], "say what happens"),
        ([{"times": 3}], "say what happens"),
        ({"status": 503}, "Expected `array`"),
        ([{"status": "503"}], "got `str` - at `$[0].status`"),
        ([{"status": 503}, {"status": 200}], "at `$[1].status`"),
        ([{"status": 600}], "at `$[0].status`"),
        ([{"status": 304}], "304"),
        ([{"status": 503, "hang_up": "after"}], "exclude each other"),
        ([{"hang_up": "sometimes"}], "Invalid enum value 'sometimes'"),
        ([{"hang_up": "after", "retry_after": 1}], "need a `status`"),
        ([{"delay_seconds": 1, "html": True}], "need a `status`"),
        ([{"status": 503, "retry_after": -1}], "at `$[0].retry_after`"),
        ([{"status": 503, "retry_after": "1\r\nx: y"}], "at `$[0].retry_after`"),
        ([{"status": 503, "retry_after": "1\n"}], "at `$[0].retry_after`"),
        ([{"delay_seconds": 1e300}], "at `$[0].delay_seconds`"),
        ([{"delay_seconds": 0}], "at `$[0].delay_seconds`"),
        ([{"status": 503, "times": 0}], "at `$[0].times`"),
        ([{"status": 503, "times": 1, "forever": True}], "exclude each other"),
        ([{"status": 503, "probability": 1.5}], "at `$[0].probability`"),
        ([{"status": 503, "retryafter": 1}], "unknown field `retryafter`"),
        ([{"status": 503, "match": {"evnt_type": "x"}}], "evnt_type"),
    ],
)
def test_faults_that_make_no_sense_are_refused(
    cofactr: httpx.Client, faults: object, complaint: str
) -> None:
    """A list of faults that cannot be meant is 422 with the reason, and changes nothing."""
    plan(cofactr, {"status": 418})

    answer = cofactr.put(FAULTS, json=faults)

    assert answer.status_code == 422
    assert complaint in answer.json()["detail"]
    assert cofactr.get(FAULTS).json() == [{"status": 418, "times": 1}]


# Not JSON that anyone would write, but JSON as far as it goes.
DEEP = b'[{"match": {"notes": ' + b"[" * 100_000


@pytest.mark.parametrize("body", [b"", b"[{", b'[{"match": {"notes": "\xff"}}]', DEEP])
def test_faults_are_json(cofactr: httpx.Client, body: bytes) -> None:
    """A list of faults that is no JSON is 400."""
    answer = cofactr.put(FAULTS, content=body)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("not JSON")


def test_another_server_says_that_it_cannot_hang_up() -> None:
    """Under a server that is not the sandbox's own, a hang-up is an error and not an answer."""

    async def run() -> tuple[int, Any]:
        app = create_sandbox(KEY, lambda: NOW, sequential_ids())
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # narrower than ASGI is
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            await client.put(FAULTS, json=[{"hang_up": "after"}])
            answer = await client.post(EVENTS, headers={"authorization": f"Api-Key {KEY}"})
            return answer.status_code, (await client.get(REQUESTS)).json()[0]["status"]

    assert asyncio.run(run()) == (500, None)


def test_a_request_is_listed_as_it_came(cofactr: httpx.Client) -> None:
    """A listed request has all that matters of it, and the id of what it created."""
    headers = {"x-org-id": ORG, "user-agent": "tests", "x-other": "not listed"}

    answer = cofactr.post(EVENTS + "?blended=1", json=GOOD_EVENT, headers=headers)

    assert received(cofactr) == [
        {
            "method": "POST",
            "path": EVENTS,
            "query": "blended=1",
            "headers": {
                "authorization": "Api-Key valid",
                "content-type": "application/json",
                "user-agent": "tests",
                "x-org-id": ORG,
            },
            "body": GOOD_EVENT,
            "status": 200,
            "took_effect": True,
            "at": "2026-11-21T09:30:00Z",
            "id": answer.json()["id"],
        }
    ]


def test_a_line_creates_nothing_with_an_id(cofactr: httpx.Client) -> None:
    """An update of a NoPart line is listed with its effect and without an id."""
    patch(cofactr, line_total="1.00")

    entry = received(cofactr)[0]
    assert (entry["method"], entry["path"], entry["body"]["line_total"]) == (
        "PATCH",
        NO_PART_LINES,
        "1.00",
    )
    assert (entry["took_effect"], entry["id"]) == (True, None)


def test_a_body_is_listed_to_the_letter(cofactr: httpx.Client) -> None:
    """The JSON in the list is that of the request, digit for digit."""
    body = f'{{"purchase_lines": ["{LINE}"], "quantity": 1.50e1}}'

    cofactr.post(EVENTS, content=body, headers={"content-type": "application/json"})

    assert body in cofactr.get(REQUESTS).text


def test_refused_requests_are_listed_too(cofactr: httpx.Client) -> None:
    """Whatever was sent to Cofactr's side is listed, with the status that it got."""
    cofactr.get(EVENTS)
    cofactr.post("/v1/purchase_events", json={})
    post(cofactr, event_type="no such")
    post(cofactr)

    entries = received(cofactr)
    assert [entry["status"] for entry in entries] == [405, 404, 400, 200]
    assert entries[0]["body"] is None


def test_half_a_request_is_none(cofactr: httpx.Client) -> None:
    """A caller that leaves before its body is complete has asked for nothing."""
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
    with socket.create_connection((cofactr.base_url.host, cofactr.base_url.port or 0)) as raw:
        raw.sendall(head.encode())

    post(cofactr, notes="whole")

    assert [entry["body"]["notes"] for entry in received(cofactr)] == ["whole"]


def test_the_list_can_be_narrowed(cofactr: httpx.Client) -> None:
    """The list can begin later, and show only what took effect, or only what did not."""
    for number, event_type in enumerate(["note", "no such", "note", "no such"]):
        post(cofactr, event_type=event_type, quantity=number)

    def quantities(query: str) -> list[int]:
        return [entry["body"]["quantity"] for entry in received(cofactr, query)]

    assert quantities("?took_effect=true") == [0, 2]
    assert quantities("?took_effect=false") == [1, 3]
    assert quantities("?since=1") == [1, 2, 3]
    assert quantities("?since=1&took_effect=true") == [2]
    assert quantities("?since=9") == []
    assert cofactr.get(REQUESTS + "?since=-1").status_code == 400


def test_the_list_can_be_forgotten(cofactr: httpx.Client) -> None:
    """Forgotten requests are gone, and counting begins again."""
    post(cofactr, notes="before")
    assert cofactr.delete(REQUESTS).status_code == 204
    assert received(cofactr) == []

    post(cofactr, notes="after")
    post(cofactr, notes="later")
    assert [entry["body"]["notes"] for entry in received(cofactr, "?since=1")] == ["later"]


def test_looking_inside_is_not_listed(address: str, cofactr: httpx.Client) -> None:
    """Requests to the sandbox itself need no key, are not listed, and use up no fault."""
    plan(cofactr, {"status": 500})

    assert httpx.get(address + "/_sandbox").json()["what"].startswith("A stand-in")
    assert cofactr.get("/_sandbox/no_such").status_code == 404
    assert cofactr.post("/_sandbox").status_code == 405
    assert received(cofactr) == []
    assert len(cofactr.get(FAULTS).json()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Api-Key {KEY}"},
        {"authorization": f"api-key {KEY}"},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": KEY},
        {"authorization": f"{KEY} {KEY}"},
        {"x-org-id": KEY, "user-agent": KEY, "content-type": f"application/json; key={KEY}"},
        {"cookie": KEY, "x-api-key": KEY},
    ],
)
def test_the_key_is_never_listed(
    address: str, cofactr: httpx.Client, headers: dict[str, str]
) -> None:
    """Wherever a request carries the key, the list does not show it."""
    httpx.post(f"{address}{EVENTS}?api_key={KEY}", content=b"{}", headers=headers)

    listed = cofactr.get(REQUESTS).text
    assert '"POST"' in listed
    assert KEY not in listed


def test_the_oldest_requests_are_forgotten_first() -> None:
    """A full journal forgets the oldest request, and a late answer to it is no error."""
    journal = Journal(capacity=2)
    seen = Received(
        method="POST",
        path=EVENTS,
        query="",
        headers=SeenHeaders(),
        body=None,
        status=None,
        took_effect=True,
        at=NOW,
        id=None,
    )
    numbers = [journal.note(seen) for _ in range(3)]

    for number, status in zip(numbers, (200, 201, 202), strict=True):
        journal.answered(number, status)

    assert [entry.status for entry in journal.since(0)] == [201, 202]
    assert [entry.status for entry in journal.since(2)] == [202]


@contextmanager
def program(
    *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the program, and give it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tallyman.sandbox", "--port", "0", *arguments],
        env={name: value for name, value in os.environ.items() if name != "COFACTR_API_KEY"}
        | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Cofactr sandbox on http://127.0.0.1:")
            yield process, line.split()[-1]
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("arguments", "environment", "key"),
    [
        ([], {}, "sandbox-key"),
        ([], {"COFACTR_API_KEY": "from-environment"}, "from-environment"),
        (["--api-key", "given"], {"COFACTR_API_KEY": "from-environment"}, "given"),
    ],
)
def test_the_program_takes_its_key(
    arguments: list[str], environment: dict[str, str], key: str
) -> None:
    """The key is the one given, else that of the environment, else the documented default."""
    with program(*arguments, environment=environment) as (_, address):
        right = httpx.post(address + EVENTS, headers={"authorization": f"Api-Key {key}"})
        wrong = httpx.post(address + EVENTS, headers={"authorization": f"Api-Key {key}x"})

    assert (right.status_code, wrong.status_code) == (400, 403)


def test_the_program_takes_arrays_if_told() -> None:
    """The program takes arrays of NoPart lines when started with the switch."""
    headers = {"authorization": "Api-Key sandbox-key"}
    with program("--no-part-lines-body", "array") as (_, address):
        answer = httpx.patch(address + NO_PART_LINES, json=[GOOD_LINE], headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_program_ends_at_once(number: signal.Signals) -> None:
    """A signal ends the program in seconds and without an error, even while an answer is late."""
    headers = {"authorization": "Api-Key sandbox-key"}
    with program() as (process, address):
        httpx.put(address + FAULTS, json=[{"delay_seconds": 300}])
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(address + EVENTS, headers=headers, timeout=0.2)
        httpx.put(address + FAULTS, json=[{"delay_seconds": 300}])
        waiting = threading.Thread(target=_swallowing, args=(address, headers))
        waiting.start()
        while len(httpx.get(address + REQUESTS).json()) < 2:
            time.sleep(0.01)
        process.send_signal(number)

        _, errors = process.communicate(timeout=10)
        waiting.join()

    assert process.returncode == 0
    assert "Traceback" not in errors


def _swallowing(address: str, headers: dict[str, str]) -> None:
    try:
        httpx.post(address + EVENTS, headers=headers, timeout=30)
    except httpx.HTTPError:
        return


def test_the_program_says_why_it_cannot_start() -> None:
    """A port that is taken is one line on standard error and exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "tallyman.sandbox", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"cannot listen on 127.0.0.1 port {port}")
    assert ended.stderr.count("\n") == 1


def test_the_sandbox_reads_the_documentation_for_itself() -> None:
    """The sandbox loads nothing of the code that it is there to check."""
    script = (
        "import sys, tallyman.sandbox.__main__\n"
        "own = {'purchasing', 'store', 'service', 'workers'}\n"
        "print(sorted(own & {name.partition('.')[0] for name in sys.modules}))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ended.stdout.strip() == "[]"
