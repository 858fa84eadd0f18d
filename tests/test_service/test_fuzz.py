"""Whatever anybody sends, the service answers it, and never with an error of its own."""

import json
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.talking import ADMIN_TOKEN, ERP_TOKEN, Tallyman, signature

# A request takes a millisecond or two, so that more of them can be tried than of other things.
bounded = settings(
    max_examples=4 * settings().max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)
SEGMENTS = st.sampled_from(
    [
        "v1",
        "webhooks",
        "events",
        "preview",
        "orders",
        "notifications",
        "sources",
        "easypost",
        "open",
        "erp",
        "schema",
        "livez",
        "batch",
        "replay",
        "discard",
        "resolve",
        "queue",
        "accounts",
        "metrics",
        "pause",
    ]
) | st.text(max_size=12)
PATHS = st.lists(SEGMENTS, max_size=5).map(
    lambda segments: "/" + "/".join(quote(each, safe="") for each in segments)
)
RAW_PATHS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=30
).map("/".__add__)
NAMES = [
    "state",
    "source",
    "find",
    "tracking_number",
    "po_number",
    "invoice_number",
    "limit",
    "cursor",
    "org_id",
    "x",
]
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.text(max_size=20) | st.integers().map(str) | st.just("held")
    ),
    max_size=4,
)
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
HEADER_VALUES = st.binary(max_size=30).map(
    lambda value: bytes(byte for byte in value if byte > 31 and byte != 127).strip()
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            b"accept",
            b"content-encoding",
            b"content-type",
            b"idempotency-key",
            b"x-hmac-signature",
            b"x-hmac-signature-v2",
            b"x-timestamp",
            b"x-path",
            b"cookie",
            b"x-forwarded-for",
            b"range",
            b"if-none-match",
            b"origin",
        ]
    ),
    HEADER_VALUES | st.sampled_from([b"gzip", b"application/json", b"*/*", b"identity"]),
    max_size=4,
)
TOKENS = st.sampled_from([ADMIN_TOKEN, ERP_TOKEN])
BODIES = st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode())

EVENT_FIELDS = [
    "event_type",
    "purchase_lines",
    "po_number",
    "line_numbers",
    "part_number",
    "tracking_number",
    "quantity",
    "notes",
    "send_alerts",
    "occurred_at",
    "org_id",
    "estimated_delivery",
    "line_total_paid",
    "synced_from_integration_at",
]
ORDER_FIELDS = [
    "purchase_order",
    "org_id",
    "supplier",
    "currency",
    "references",
    "lines",
    "no_part_lines",
]
LIKELY = st.sampled_from(
    [
        "note",
        "PO-1",
        "497f6eca-6276-4993-bfeb-53cbbbba6f08",
        ["497f6eca-6276-4993-bfeb-53cbbbba6f08"],
        "2026-12-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "12.50",
        ["1"],
        1,
        True,
        [{"purchase_line": "497f6eca-6276-4993-bfeb-53cbbbba6f08", "unit_price": 1e300}],
        [{"id": "497f6eca-6276-4993-bfeb-53cbbbba6f08"}],
    ]
)


def objects(names: list[str]) -> st.SearchStrategy[bytes]:
    """Objects that look a little like what is expected."""
    return st.dictionaries(
        st.sampled_from(names) | st.text(max_size=5), LIKELY | JSON_VALUES, max_size=8
    ).map(lambda value: json.dumps(value).encode())


def ask(running: Tallyman, method: str, path: str, **more: Any) -> httpx.Response:
    """Ask the service, and fail if it says that the fault is its own."""
    answer = running.admin.http.request(method, f"{running.service.url}{path}", **more)
    assert answer.status_code < 500, (method, path, more, answer.text)
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert answer.json().keys() >= {"type", "title", "status", "detail"}
    return answer


REQUESTS = st.fixed_dictionaries(
    {
        "params": QUERIES,
        "headers": st.tuples(HEADERS, TOKENS).map(
            lambda pair: [*pair[0].items(), (b"authorization", f"Bearer {pair[1]}".encode())]
        ),
        "content": BODIES,
    }
)


@given(method=METHODS, path=PATHS | RAW_PATHS, request=REQUESTS)
@bounded
def test_any_request_is_answered(
    running: Tallyman, method: str, path: str, request: dict[str, Any]
) -> None:
    """Any request is answered, and what is refused is refused with a problem document."""
    ask(running, method, path, **request)


@given(query=QUERIES, path=st.sampled_from(["/v1/notifications", "/v1/orders"]), token=TOKENS)
@bounded
def test_any_query_is_answered(
    running: Tallyman, query: list[tuple[str, str]], path: str, token: str
) -> None:
    """Any query of a listing is a listing, or is refused."""
    headers = {"authorization": f"Bearer {token}"}

    answer = ask(running, "GET", path, params=query, headers=headers)

    assert answer.status_code in {200, 400}


@given(event=objects(EVENT_FIELDS))
@bounded
def test_any_event_is_taken_or_refused(running: Tallyman, event: bytes) -> None:
    """Any object posted as an event is taken, or refused field by field."""
    answer = ask(running, "POST", "/v1/events", content=event)

    assert answer.status_code in {202, 422}
    preview = ask(running, "POST", "/v1/preview/erp", content=event)
    assert preview.status_code == 200
    if answer.status_code == 422:
        assert answer.json()["fields"]
        assert preview.json()["held"][0]["reason"] == "malformed"


@given(number=st.text(min_size=1, max_size=30), fields=objects(ORDER_FIELDS))
@bounded
def test_any_order_is_put_or_refused(running: Tallyman, number: str, fields: bytes) -> None:
    """Any object put as an order is kept as it can be read again, or refused field by field."""
    path = f"/v1/orders/{quote(number, safe='')}"

    answer = ask(running, "PUT", path, content=fields)

    assert answer.status_code in {200, 404, 405, 422}
    if answer.status_code == 200:
        assert ask(running, "GET", path).status_code in {200, 400}


@given(body=BODIES, source=st.sampled_from(["easypost", "open", "small"]))
@bounded
def test_any_authentic_body_is_taken(running: Tallyman, body: bytes, source: str) -> None:
    """Any bytes at all that are authentic are taken, and shown by a preview."""
    headers = {"x-hmac-signature": signature(body)}

    answer = ask(running, "POST", f"/webhooks/{source}", content=body, headers=headers)

    assert answer.status_code == 202
    record = ask(running, "GET", f"/v1/notifications/{answer.json()['id']}")
    assert record.json()["raw"] == body.decode("utf-8", "replace")
    assert ask(running, "POST", f"/v1/preview/{source}", content=body).status_code == 200
