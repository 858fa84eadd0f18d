"""What follows from each answer of Cofactr, and from none."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from purchasing.alerts import AFTER_DOUBT
from tests.running import Sandbox, eventually, free_port
from tests.talking import Tallyman, some_lines

EVENT: dict[str, Any] = {"event_type": "track", "send_alerts": True, "notes": "one"}


def posted(tallyman: Tallyman, **more: Any) -> str:
    """Post an event of its own; returns its id."""
    return tallyman.erp.posted(EVENT | {"purchase_lines": some_lines(1)} | more)


def steps(record: dict[str, Any]) -> list[str]:
    """The steps of a record's story."""
    return [line["step"] for line in record["timeline"]]


def last(record: dict[str, Any], step: str) -> str:
    """What a record's story says last of a step."""
    text: str = [line["text"] for line in record["timeline"] if line["step"] == step][-1]
    return text


def make_due(tallyman: Tallyman, notification: str) -> None:
    """Let the time of waiting be over."""
    for key in tallyman.redis.keys("tallyman:ledger:*"):
        tallyman.redis.hset(key, "next_at", 0)
    for key in tallyman.redis.keys("tallyman:breaker:*"):
        tallyman.redis.delete(key)
    assert tallyman.redis.zadd("rq:scheduled:tallyman", {notification: 1}, xx=True, ch=True)


def is_scheduled(tallyman: Tallyman, notification: str) -> bool:
    """Whether a notification waits for a time."""
    return tallyman.redis.zscore("rq:scheduled:tallyman", notification) is not None


def test_what_cofactr_refuses_is_dead_with_its_words(tallyman: Tallyman) -> None:
    """A call that Cofactr refuses is not made again, and the record has Cofactr's own words."""
    notification = posted(tallyman, notes="a null: \0")

    record = tallyman.admin.settled(notification, "dead")

    assert "notes: Null characters are not allowed." in last(record, "dead")
    (attempt,) = record["attempts"]
    assert attempt["outcome"]["type"] == "rejected"
    assert attempt["outcome"]["status"] == 400
    assert "Null characters are not allowed." in attempt["outcome"]["detail"]
    assert len(tallyman.sandbox.requests()) == 1


@pytest.mark.parametrize("status", [400, 405, 409, 413, 415, 422, 499])
def test_a_client_error_is_final(tallyman: Tallyman, status: int) -> None:
    """An answer that says that the request is wrong ends it, and holds nobody else up."""
    lines = some_lines(1)
    tallyman.sandbox.fail({"status": status})

    dead = posted(tallyman, purchase_lines=lines)
    later = posted(tallyman, purchase_lines=lines)

    record = tallyman.admin.settled(dead, "dead")
    assert str(status) in last(record, "dead")
    assert "a fault asked for in the sandbox" in last(record, "dead")
    tallyman.admin.settled(later, "delivered")
    assert len(tallyman.sandbox.requests()) == 2


def in_a_second(_: datetime) -> int:
    """Retry-After as seconds."""
    return 1


def at_a_time(now: datetime) -> str:
    """Retry-After as a date, in whole seconds."""
    return format_datetime(now.replace(microsecond=0) + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize(
    ("status", "when"), [(429, in_a_second), (503, in_a_second), (503, at_a_time)]
)
def test_a_busy_cofactr_is_asked_again_when_it_said(
    tallyman: Tallyman, status: int, when: Any
) -> None:
    """A call is repeated, byte for byte, no sooner than Cofactr asked for."""
    tallyman.sandbox.fail({"status": status, "retry_after": when(datetime.now(UTC))})

    notification = posted(tallyman)
    record = tallyman.admin.settled(notification, "delivered")

    first, second = tallyman.sandbox.requests()
    waited = datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])
    assert timedelta(seconds=1) <= waited < timedelta(seconds=4)
    assert second["body"] == first["body"]
    assert second["body"]["send_alerts"]
    assert steps(record)[-2:] == ["retry", "sent"]
    assert f"Cofactr answered {status}" in last(record, "retry")
    assert [each["outcome"]["type"] for each in record["attempts"]] == ["retry_later", "done"]
    assert [each["attempt"] for each in record["attempts"]] == [1, 2]


def test_a_call_that_waits_holds_its_lane(tallyman: Tallyman) -> None:
    """What is behind a call that waits for its repetition waits too, and others go on."""
    lines = some_lines(1)
    tallyman.sandbox.fail({"status": 503, "retry_after": 1, "match": {"notes": "first"}})

    waiting = [posted(tallyman, purchase_lines=lines, notes=note) for note in ("first", "second")]
    other = posted(tallyman, notes="other")

    tallyman.admin.settled(other, "delivered")
    assert [tallyman.admin.record(each)["state"] for each in waiting] == ["queued", "queued"]
    for each in waiting:
        tallyman.admin.settled(each, "delivered")
    notes = [body["notes"] for body in tallyman.sandbox.bodies()]
    assert notes == ["first", "other", "first", "second"]


UNKNOWN: dict[str, dict[str, Any]] = {
    "hung up before": {"hang_up": "before"},
    "hung up after": {"hang_up": "after"},
    "500": {"status": 500},
    "502 of a proxy": {"status": 502, "html": True},
    "504": {"status": 504, "html": True},
    "no answer in time": {"delay_seconds": 5},
}


def each_unknown(tallyman: Tallyman, event_type: str) -> dict[str, str]:
    """Post events of which each meets a fault of its own, all at once; returns their ids."""
    tallyman.sandbox.fail(*(fault | {"match": {"notes": name}} for name, fault in UNKNOWN.items()))
    # What fails for one organisation several times in a row is held back for it.
    return {
        name: posted(tallyman, event_type=event_type, notes=name, org_id=f"org {name}")
        for name in UNKNOWN
    }


def told(tallyman: Tallyman, name: str) -> list[dict[str, Any]]:
    """What Cofactr was told of an event."""
    return [body for body in tallyman.sandbox.bodies() if body["notes"] == name]


def test_what_may_have_happened_is_sent_again_quietly(tallyman: Tallyman) -> None:
    """Whatever the reason, a call of unknown outcome is repeated without alerts, else the same."""
    for name, notification in each_unknown(tallyman, "track").items():
        record = tallyman.admin.settled(notification, "delivered")

        first, second = told(tallyman, name)
        assert first["send_alerts"], name
        assert second == first | {"send_alerts": False}, name
        attempts = record["attempts"]
        assert [each["outcome"]["type"] for each in attempts] == ["unknown", "done"], name
        alerts = [each["request"]["body"]["send_alerts"] for each in attempts]
        assert alerts == [True, False], name
        assert "because" not in attempts[0], name
        assert attempts[1]["because"][-1] == AFTER_DOUBT.because, name
        assert steps(record)[-2:] == ["retry", "sent"], name


def test_what_is_set_to_be_resent_is(tallyman: Tallyman) -> None:
    """A type that moves stock is repeated quietly, too, where the configuration says so."""
    tallyman.sandbox.fail({"status": 500})

    tallyman.admin.settled(posted(tallyman, event_type="canceled"), "delivered")

    assert [body["send_alerts"] for body in tallyman.sandbox.bodies()] == [True, False]


HEAVY = ["received", "divide", "combine", "voided", "return"]


@pytest.mark.parametrize(
    "event",
    [
        *({"event_type": event_type} for event_type in HEAVY),
        {"event_type": "delivered"},
        {"event_type": "note", "line_total_paid": "0.00"},
        {"event_type": "invoiced", "cofactr_invoice_amount": "1"},
    ],
    ids=lambda event: "-".join(event.values()),
)
def test_what_moves_stock_or_money_is_parked_in_doubt(
    tallyman: Tallyman, event: dict[str, Any]
) -> None:
    """Where a repetition could do harm, an unknown outcome waits for a person, with evidence."""
    lines = some_lines(1)
    tallyman.sandbox.fail({"hang_up": "after"})

    notification = posted(tallyman, purchase_lines=lines, **event)
    behind = posted(tallyman, purchase_lines=lines)
    record = tallyman.admin.settled(notification, "in_doubt")

    assert steps(record)[-1] == "in_doubt"
    assert "no answer came" in last(record, "in_doubt")
    (attempt,) = record["attempts"]
    assert attempt["outcome"]["type"] == "unknown"
    # It holds nobody up, and is not sent again.
    tallyman.admin.settled(behind, "delivered")
    assert len(tallyman.sandbox.requests()) == 2
    assert tallyman.admin.listed(state="in_doubt") == [notification]


def test_every_unknown_outcome_is_a_doubt(tallyman: Tallyman) -> None:
    """Whatever the reason, a type that is set to be parked is, and is sent once."""
    for name, notification in each_unknown(tallyman, "delivered").items():
        tallyman.admin.settled(notification, "in_doubt")
        assert len(told(tallyman, name)) == 1, name


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "COFACTR_API_KEY"),
        (403, "COFACTR_API_KEY"),
        (404, "COFACTR_BASE_URL"),
        (301, "COFACTR_BASE_URL"),
        (307, "COFACTR_BASE_URL"),
    ],
)
def test_a_wrong_set_up_is_named_and_kills_nothing(
    tallyman: Tallyman, status: int, words: str
) -> None:
    """Where a key or an address is wrong the record says which, and the call is kept for later."""
    tallyman.sandbox.fail({"status": status})

    notification = posted(tallyman)
    eventually(lambda: is_scheduled(tallyman, notification), what="the wait")
    waiting = tallyman.admin.record(notification)
    make_due(tallyman, notification)
    record = tallyman.admin.settled(notification, "delivered")

    assert waiting["state"] == "queued"
    assert waiting["attempts"][0]["outcome"]["type"] == "misconfigured"
    assert words in last(waiting, "retry")
    first, second = tallyman.sandbox.bodies()
    assert first == second
    assert record["attempts"][-1]["outcome"]["type"] == "done"


def test_time_spent_on_a_wrong_set_up_is_not_counted(tallyman: Tallyman) -> None:
    """The days after which a call is given up begin behind the time that the set-up was wrong."""
    tallyman.sandbox.fail({"status": 403})
    notification = posted(tallyman)
    eventually(lambda: is_scheduled(tallyman, notification), what="the wait")

    (key,) = tallyman.redis.keys("tallyman:ledger:*")
    entry = {
        name.decode(): float(at)
        for name, at in tallyman.redis.hgetall(key).items()
        if name in {b"planned_at", b"next_at"}
    }

    # It counts from when it may be tried again, but for the moment that the call itself took.
    assert entry["next_at"] - entry["planned_at"] < 1000


def test_a_wrong_key_is_mended_by_the_right_one(idle: Tallyman) -> None:
    """Work that a wrong key held up is done once workers have the right one."""
    wrong = idle.add_worker(api_key="wrong-key-0d1f")
    notification = posted(idle)
    eventually(lambda: is_scheduled(idle, notification), what="the wait", seconds=20)
    idle.workers.remove(wrong)
    wrong.stop()
    assert "wrong-key-0d1f" not in wrong.output() + str(idle.admin.record(notification))

    make_due(idle, notification)
    idle.add_worker()

    idle.admin.settled(notification, "delivered", seconds=20)
    seen = [request["headers"]["authorization"] for request in idle.sandbox.requests()]
    assert seen == ["Api-Key invalid", "Api-Key valid"]


def test_a_wrong_address_is_named(idle: Tallyman) -> None:
    """A base address with a path too many is a wrong set-up, and costs nothing."""
    idle.add_worker(cofactr_url=f"{idle.sandbox.url}/api")

    notification = posted(idle)
    eventually(lambda: is_scheduled(idle, notification), what="the wait", seconds=20)

    record = idle.admin.record(notification)
    assert record["state"] == "queued"
    assert "COFACTR_BASE_URL" in last(record, "retry")


def test_an_absent_cofactr_is_tried_again(idle: Tallyman) -> None:
    """A connection that is refused had no effect, and is tried again with its alerts."""
    port = free_port()
    idle.add_worker(cofactr_url=f"http://127.0.0.1:{port}")
    notification = posted(idle)
    waiting = eventually(
        lambda: (record := idle.admin.record(notification))["attempts"] and record,
        what="an attempt",
        seconds=20,
    )
    assert waiting["state"] == "queued"
    assert waiting["attempts"][0]["outcome"]["type"] == "retry_later"
    assert "cannot be reached" in last(waiting, "retry")

    late = Sandbox(idle.guard, port=port)
    try:
        idle.admin.settled(notification, "delivered", seconds=20)
        (body,) = late.bodies()
    finally:
        late.close()
    assert body["send_alerts"]


def test_without_any_organisation_none_is_named(tallyman: Tallyman) -> None:
    """Where nobody names an organisation the call has no `x-org-id`."""
    tallyman.admin.settled(posted(tallyman), "delivered")

    (request,) = tallyman.sandbox.requests()
    assert "x-org-id" not in request["headers"]
    assert request["headers"] == {
        "authorization": "Api-Key valid",
        "content-type": "application/json",
        "user-agent": "tallyman",
    }
