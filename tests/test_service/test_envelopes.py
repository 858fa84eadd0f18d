"""Events in the envelopes of CloudEvents and Standard Webhooks."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.talking import ACCESS, ERP_TOKEN, Tallyman, is_problem, some_lines

SIGNING_SECRET = "whsec_" + base64.b64encode(b"a-key-of-these-tests-alone-24").decode()
EVENTS = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

CONFIGURATION = f"""
{ACCESS}
signing = "{SIGNING_SECRET}"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A service with an internal service that signs."""
    tallyman = Tallyman(tmp_path_factory.mktemp("envelopes"), CONFIGURATION)
    try:
        yield tallyman
    finally:
        tallyman.close()


@pytest.fixture
def tallyman(running: Tallyman) -> Tallyman:
    """A service that was told nothing yet."""
    running.forget()
    return running


def event(**more: Any) -> dict[str, Any]:
    """An event about a line that is in no order."""
    return {"event_type": "note", "purchase_lines": some_lines(1), "notes": "Counted"} | more


def posted(
    tallyman: Tallyman, content: bytes | str, path: str = "", **headers: str
) -> httpx.Response:
    """The answer to an internal service that posts something."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{tallyman.service.url}/v1/events{path}", content=content, headers=named)


def by_erp(
    tallyman: Tallyman, content: bytes | str, path: str = "", **headers: str
) -> httpx.Response:
    """The answer to an internal service that shows its token."""
    return posted(tallyman, content, path, authorization=f"Bearer {ERP_TOKEN}", **headers)


def enclosed(identity: str = "e-1", **more: Any) -> dict[str, Any]:
    """An event in the structured form of CloudEvents."""
    envelope = {"specversion": "1.0", "id": identity, "source": "/erp", "type": "received"}
    return envelope | {"data": event()} | more


def raw_of(tallyman: Tallyman, answer: httpx.Response) -> dict[str, Any]:
    """The event that was kept."""
    record = tallyman.admin.record(answer.json()["id"])
    kept: dict[str, Any] = json.loads(record["raw"])
    return kept


BINARY = {"ce_specversion": "1.0", "ce_id": "b-1", "ce_source": "/erp%20eu", "ce_type": "received"}


def test_a_cloud_event_in_binary_form_is_its_body(tallyman: Tallyman) -> None:
    """With its attributes in headers, the body is the event; its identity makes it the same one."""
    body = json.dumps(event())

    first = by_erp(tallyman, body, **BINARY)
    again = by_erp(tallyman, body, **BINARY)
    other = by_erp(tallyman, body, **BINARY | {"ce_source": "/erp%20us"})

    assert (first.status_code, again.status_code) == (202, 202)
    assert raw_of(tallyman, first) == json.loads(body)
    assert again.json() == first.json() | {"duplicate": True}
    assert not other.json()["duplicate"], "another source may use the same id"


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_type"])
def test_a_cloud_event_without_an_attribute_is_refused_by_name(
    tallyman: Tallyman, name: str
) -> None:
    """What the specification requires and is missing is named."""
    headers = {key: value for key, value in BINARY.items() if key != name}

    answer = by_erp(tallyman, json.dumps(event()), **headers)

    assert is_problem(answer, 422, "invalid-fields")
    assert answer.json()["fields"] == {name.replace("_", "-"): "is required"}


def test_a_cloud_event_in_structured_form_is_its_data(tallyman: Tallyman) -> None:
    """In one JSON document, the event is its data, plain or in base64."""
    plain = enclosed("s-1")
    data = event(notes="Größe")
    coded = enclosed("s-2", data_base64=base64.b64encode(json.dumps(data).encode()).decode())
    del coded["data"]

    first = by_erp(tallyman, json.dumps(plain), content_type=f"{EVENTS}; charset=utf-8")
    second = by_erp(tallyman, json.dumps(coded), content_type=EVENTS)

    assert raw_of(tallyman, first) == plain["data"]
    assert raw_of(tallyman, second) == data


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("[", "body"),
        ("{}", "body"),
        (json.dumps(enclosed(specversion="0.3")), "specversion"),
        (json.dumps(enclosed(data_base64="?")), "data_base64"),
        (json.dumps(enclosed("")), "body"),
        (json.dumps(enclosed(source="")), "body"),
        (json.dumps(enclosed(data={"event_type": "note"})), "purchase_lines"),
    ],
)
def test_a_cloud_event_that_is_none_is_refused(
    tallyman: Tallyman, document: str, field: str
) -> None:
    """What is wrong with the envelope, or with the event inside, is said by its field."""
    answer = by_erp(tallyman, document, content_type=EVENTS)

    assert is_problem(answer, 422, "invalid-fields")
    assert field in answer.json()["fields"]


def test_a_batch_of_cloud_events_is_answered_one_by_one(tallyman: Tallyman) -> None:
    """Each event of a batch has an answer of its own; an empty batch is one, too."""
    batch = [enclosed("a"), enclosed("b", data={"event_type": "note"}), enclosed(""), enclosed("c")]

    for path in ("", "/batch"):
        answers = by_erp(tallyman, json.dumps(batch), path=path, content_type=BATCH)
        assert answers.status_code == 200
        assert [answer["status"] for answer in answers.json()] == [202, 422, 422, 202]

    empty = by_erp(tallyman, "[]", content_type=BATCH)
    assert (empty.status_code, empty.json()) == (200, [])
    assert is_problem(by_erp(tallyman, "{}", content_type=BATCH), 422, "invalid-fields")


def test_the_events_of_a_batch_keep_their_own_identity(tallyman: Tallyman) -> None:
    """Two events that say the same are two, whatever Idempotency-Key comes with them."""
    data = event()
    batch = json.dumps([enclosed(name, data=data) for name in ("d", "e")])

    answers = by_erp(tallyman, batch, content_type=BATCH, idempotency_key="k").json()

    assert [answer["duplicate"] for answer in answers] == [False, False]
    assert len({answer["id"] for answer in answers}) == 2


def test_a_plain_batch_in_an_envelope_is_taken_in_once(tallyman: Tallyman) -> None:
    """A batch has the identity of its envelope: what is delivered again is known again."""
    content = json.dumps([event(), event()])
    binary = BINARY | {"authorization": f"Bearer {ERP_TOKEN}"}

    for headers in (signed(content, "msg_6"), binary):
        first = posted(tallyman, content, "/batch", **headers).json()
        again = posted(tallyman, content, "/batch", **headers).json()
        assert again == [answer | {"duplicate": True} for answer in first]
    nameless = {key: value for key, value in binary.items() if key != "ce_id"}
    answer = posted(tallyman, content, "/batch", **nameless)
    assert is_problem(answer, 422, "invalid-fields")


def test_a_batch_is_bounded(tallyman: Tallyman) -> None:
    """More than 1,000 events at a time are refused as a whole."""
    batch = json.dumps([enclosed(data={})] * 1001)

    assert is_problem(by_erp(tallyman, batch, content_type=BATCH), 422, "invalid-fields")


def test_another_form_of_cloud_events_is_not_read(tallyman: Tallyman) -> None:
    """A form other than JSON is answered 415."""
    answer = by_erp(tallyman, "<event/>", content_type="application/cloudevents+xml")

    assert is_problem(answer, 415, "unsupported-encoding")


def test_whoever_asks_may_send_cloud_events(tallyman: Tallyman) -> None:
    """The question whether events may be sent is answered, and opens nothing by itself."""
    address = f"{tallyman.service.url}/v1/events"

    asked = httpx.options(address, headers={"webhook-request-origin": "erp.example"})
    plain = httpx.options(address)

    assert asked.status_code == 200
    assert asked.headers["webhook-allowed-origin"] == "erp.example"
    assert asked.headers["webhook-allowed-rate"] == "*"
    assert "webhook-allowed-origin" not in plain.headers
    assert asked.content == plain.content == b""
    assert is_problem(posted(tallyman, json.dumps(event())), 401, "unauthenticated")


def signed(
    content: str, identity: str = "msg_1", at: datetime | None = None, secret: str = SIGNING_SECRET
) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    moment = at or datetime.now(UTC)
    return {
        "webhook_id": identity,
        "webhook_timestamp": str(int(moment.timestamp())),
        "webhook_signature": Webhook(secret).sign(identity, moment, content),
    }


def test_a_standard_webhook_is_proven_by_its_signature(tallyman: Tallyman) -> None:
    """A posting that is signed with a token needs no bearer; its id makes it the same one."""
    content = json.dumps(event())

    first = posted(tallyman, content, **signed(content))
    again = posted(tallyman, content, **signed(content), idempotency_key="not-signed")

    assert first.status_code == 202
    assert again.json() == first.json() | {"duplicate": True}
    assert tallyman.admin.record(first.json()["id"])["source"] == "signing"


def test_the_data_of_a_standard_webhook_is_the_event(tallyman: Tallyman) -> None:
    """In the recommended form of a payload, the event is its data."""
    inside = event()
    content = json.dumps({"type": "received", "timestamp": "2026-11-20T18:00:00Z", "data": inside})

    assert raw_of(tallyman, posted(tallyman, content, **signed(content, "msg_2"))) == inside


def test_several_signatures_are_tried(tallyman: Tallyman) -> None:
    """While a secret is changed, one of several signatures is enough."""
    content = json.dumps(event())
    headers = signed(content, "msg_3")
    headers["webhook_signature"] = f"v1a,AAAA v1,AAAA {headers['webhook_signature']}"

    assert posted(tallyman, content, **headers).status_code == 202


OTHER = "whsec_" + base64.b64encode(b"another-key-of-these-tests").decode()


@pytest.mark.parametrize(
    "change",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,?"},
        {"webhook_signature": ""},
        {"webhook_timestamp": "now"},
        {"webhook_timestamp": "1"},
        {"webhook_id": "msg_5"},
        {"webhook_id": ""},
    ],
)
def test_a_standard_webhook_that_is_not_proven_is_refused(
    tallyman: Tallyman, change: dict[str, str]
) -> None:
    """A changed id, time or signature is refused, whatever it looks like."""
    content = json.dumps(event())

    answer = posted(tallyman, content, **signed(content, "msg_4") | change)

    assert is_problem(answer, 401, "unauthenticated")


def test_an_old_or_foreign_signature_is_refused(tallyman: Tallyman) -> None:
    """A signature of ten minutes ago, of another key or of another body proves nothing."""
    content = json.dumps(event())
    old = signed(content, at=datetime.now(UTC) - timedelta(minutes=10))

    assert is_problem(posted(tallyman, content, **old), 401, "unauthenticated")
    foreign = posted(tallyman, content, **signed(content, secret=OTHER))
    assert is_problem(foreign, 401, "unauthenticated")
    changed = posted(tallyman, content + " ", **signed(content))
    assert is_problem(changed, 401, "unauthenticated")
