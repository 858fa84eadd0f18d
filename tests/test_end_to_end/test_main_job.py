"""From a signed notification to a purchase event, and the record that tells of it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.running import eventually
from tests.talking import OLD_SECRET, Tallyman, lines_of, new_number, order, parcel, signature

NUMBER = "1Z999AA10123456784"


def test_a_signed_notification_becomes_a_purchase_event_within_a_second(
    tallyman: Tallyman,
) -> None:
    """A signed notification is the right purchase event at Cofactr within a second."""
    known = order(NUMBER, lines=2)
    tallyman.admin.put("PO-1001", known)
    # What is older than 72 hours is told to nobody.
    began_at = datetime.now(UTC).replace(hour=14, minute=5) - timedelta(days=10)
    body = parcel(NUMBER, "pre_transit", "in_transit", began_at=began_at, estimate="2026-11-09")
    posted_at = time.monotonic()

    notification = tallyman.admin.notified(body)
    (request,) = tallyman.sandbox.received(1)

    assert time.monotonic() - posted_at < 1
    assert (request["method"], request["path"]) == ("POST", "/v1/purchase_events/")
    assert request["status"] == 200
    sent = request["body"]
    record = tallyman.admin.settled(notification, "delivered")
    (command,) = record["decisions"]["commands"]
    assert sent.pop("integration_record_id") == command["key"]
    received_at = datetime.fromisoformat(sent.pop("synced_from_integration_at"))
    assert abs(received_at - datetime.fromisoformat(record["received_at"])) < timedelta(seconds=0.1)
    assert sent == {
        "event_type": "shipped",
        "purchase_lines": lines_of(known),
        "send_alerts": False,
        "tracking_number": NUMBER,
        "estimated_delivery": "2026-11-09",
        "notes": f"UPS: Scan 1. AUSTIN, TX, US, {began_at:%Y-%m-%d} 14:06 +00:00",
        "synced_from_integration": True,
        "integration_source_name": "easypost",
    }


def test_a_record_tells_the_whole_story(tallyman: Tallyman) -> None:
    """A record says what arrived, was understood, matched, decided and why, and sent."""
    known = order(NUMBER)
    tallyman.admin.put("PO-1001", known)
    body = parcel(NUMBER, "in_transit")

    notification = tallyman.admin.notified(body)
    record = tallyman.admin.settled(notification, "delivered")
    (request,) = tallyman.sandbox.requests()

    assert record["raw"] == body.decode()
    assert record["headers"]["x-hmac-signature"] == signature(body)
    story = {line["step"]: line["text"] for line in record["timeline"]}
    assert list(story) == ["received", "understood", "matched", "decided", "sent"]
    assert story["received"] == "from easypost"
    assert NUMBER in story["understood"]
    assert "PO-1001" in story["matched"]
    assert lines_of(known)[0] in story["matched"]
    assert story["decided"].startswith("shipped for 1 purchase line, with alerts, because ")
    assert "EasyPost status in_transit is the first evidence of movement" in story["decided"]
    assert "alerts: default for shipped is on" in story["decided"]
    assert request["id"] in story["sent"]
    times = [datetime.fromisoformat(line["at"]) for line in record["timeline"]]
    assert times == sorted(times)
    (attempt,) = record["attempts"]
    assert attempt["attempt"] == 1
    assert attempt["request"]["body"] == request["body"]
    assert attempt["outcome"] == {"type": "done", "status": 200, "cofactr_id": request["id"]}
    assert attempt["began_at"] <= attempt["ended_at"]


def test_a_repeated_notification_sends_nothing_more(tallyman: Tallyman) -> None:
    """The same notification again is a duplicate of the first one, and Cofactr hears nothing."""
    tallyman.admin.put("PO-1001", order(NUMBER))
    body = parcel(NUMBER, "in_transit")
    first = tallyman.admin.notified(body)
    tallyman.admin.settled(first, "delivered")

    again = tallyman.admin.notify(body)
    later = tallyman.admin.notified(parcel(NUMBER, "in_transit", "delivered"))
    tallyman.admin.settled(later, "delivered")

    assert (again.status_code, again.json()) == (202, {"id": first, "duplicate": True})
    assert tallyman.sandbox.types() == ["shipped", "delivered"]


def test_a_retry_of_easypost_is_a_duplicate(tallyman: Tallyman) -> None:
    """A retry, which differs in its bookkeeping only, is the same notification."""
    tallyman.admin.put("PO-1001", order(NUMBER))
    body = parcel(NUMBER, "in_transit", event_id="evt_0123456789")
    first = tallyman.admin.notified(body)

    again = tallyman.admin.notify(body.replace(b'"mode"', b'"pending_urls": [], "mode"', 1))

    assert again.json() == {"id": first, "duplicate": True}


def test_an_old_word_does_not_move_a_parcel_backwards(tallyman: Tallyman) -> None:
    """In transit, delivered, and an old in transit are shipped, delivered, and superseded."""
    tallyman.admin.put("PO-1001", order(NUMBER))
    start = datetime.now(UTC) - timedelta(hours=8)
    old = parcel(NUMBER, "in_transit", began_at=start - timedelta(hours=1))

    for body in (
        parcel(NUMBER, "in_transit", began_at=start),
        parcel(NUMBER, "in_transit", "out_for_delivery", "delivered", began_at=start),
    ):
        tallyman.admin.settled(tallyman.admin.notified(body), "delivered")
    late = tallyman.admin.settled(tallyman.admin.notified(old), "ignored")

    assert tallyman.sandbox.types() == ["shipped", "delivered"]
    assert late["reasons"] == ["superseded"]
    (ignored,) = late["decisions"]["ignored"]
    assert NUMBER in ignored["detail"]
    assert late["timeline"][-1]["step"] == "ignored"


def test_a_first_word_of_delivery_says_two_things(tallyman: Tallyman) -> None:
    """A parcel whose delivery is the first word on it is shipped and then delivered."""
    known = order(NUMBER)
    tallyman.admin.put("PO-1001", known)

    notification = tallyman.admin.notified(
        parcel(NUMBER, "pre_transit", "in_transit", "delivered", estimate="2026-11-09")
    )
    record = tallyman.admin.settled(notification, "delivered")

    shipped, delivered = tallyman.sandbox.bodies()
    assert [shipped["event_type"], delivered["event_type"]] == ["shipped", "delivered"]
    assert shipped["send_alerts"]
    assert delivered["send_alerts"]
    assert shipped["notes"].startswith("UPS: Scan 1.")
    assert delivered["notes"].startswith("UPS: Scan 2.")
    assert len(record["attempts"]) == 2


@pytest.mark.parametrize(
    ("scans", "said"),
    [
        (["pre_transit"], [("track", False)]),
        (["in_transit", "failure"], [("shipped", True), ("delayed", True)]),
        (["in_transit", "failure/refused"], [("shipped", True), ("delivery_attempt", True)]),
        (["in_transit", "return_to_sender"], [("shipped", True), ("note", False)]),
        (["cancelled"], [("note", False)]),
        (["unknown"], []),
    ],
)
def test_each_meaning_is_said_in_its_own_words(
    tallyman: Tallyman, scans: list[str], said: list[tuple[str, bool]]
) -> None:
    """Each meaning has its purchase event, and alerts where its type has them by default."""
    tallyman.admin.put("PO-1001", order(NUMBER))

    notification = tallyman.admin.notified(parcel(NUMBER, *scans))
    record = tallyman.admin.settled(notification, "delivered" if said else "ignored")

    told = [(body["event_type"], body["send_alerts"]) for body in tallyman.sandbox.bodies()]
    assert told == said
    assert record["reasons"] == ([] if said else ["no_change"])


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        (b'"mode": "production"', b'"mode": "test"', "test_mode"),
        (b"tracker.updated", b"batch.created", "unsupported_kind"),
    ],
)
def test_what_says_nothing_of_a_parcel_is_ignored(
    tallyman: Tallyman, was: bytes, now: bytes, reason: str
) -> None:
    """Tests, and events of other kinds at the same address, are ignored, with the reason."""
    notification = tallyman.admin.notified(parcel(NUMBER, "in_transit").replace(was, now))

    record = tallyman.admin.settled(notification, "ignored")

    assert record["reasons"] == [reason]


def test_an_unknown_status_is_held(tallyman: Tallyman) -> None:
    """A status that is in no table is held, and never guessed."""
    tallyman.admin.put("PO-1001", order(NUMBER))

    notification = tallyman.admin.notified(parcel(NUMBER, "teleported"))
    record = tallyman.admin.settled(notification, "held")

    assert record["reasons"] == ["unknown_status"]
    assert "teleported" in record["decisions"]["held"][0]["detail"]
    assert tallyman.sandbox.requests() == []


def test_a_body_that_is_not_json_is_held(tallyman: Tallyman) -> None:
    """What is authentic and no JSON is held as malformed, with its body to be seen."""
    notification = tallyman.admin.notified(b"<xml>not JSON</xml>")

    record = tallyman.admin.settled(notification, "held")

    assert record["reasons"] == ["malformed"]
    assert record["raw"] == "<xml>not JSON</xml>"
    assert tallyman.admin.listed(state="held") == [notification]


def test_the_former_secret_still_verifies(tallyman: Tallyman) -> None:
    """While a secret is being changed, notifications signed with either one are taken."""
    body = parcel(NUMBER, "in_transit")

    answer = tallyman.admin.notify(body, **{"x-hmac-signature": signature(body, OLD_SECRET)})

    assert answer.status_code == 202


def test_one_parcel_of_two_orders_is_told_to_both(tallyman: Tallyman) -> None:
    """A parcel with goods of two orders is one purchase event for each of them."""
    first, second = order(NUMBER), order(NUMBER, lines=2)
    tallyman.admin.put("PO-1", first)
    tallyman.admin.put("PO-2", second)

    tallyman.admin.settled(tallyman.admin.notified(parcel(NUMBER, "in_transit")), "delivered")

    told = [body["purchase_lines"] for body in tallyman.sandbox.bodies()]
    assert sorted(told, key=len) == [lines_of(first), lines_of(second)]


def test_many_notifications_all_arrive(tallyman: Tallyman) -> None:
    """A hundred parcels at once are a hundred purchase events, and nothing is left in the queue."""
    numbers = [new_number() for _ in range(100)]
    tallyman.admin.put("PO-1", order(*numbers))

    for number in numbers:
        tallyman.admin.notified(parcel(number, "in_transit"))

    requests = tallyman.sandbox.received(len(numbers))
    assert [request["body"]["tracking_number"] for request in requests] == numbers
    eventually(lambda: not tallyman.redis.keys("rq:job:*"), what="an empty queue")
    assert len(tallyman.admin.listed(state="delivered", limit=500)) == len(numbers)
