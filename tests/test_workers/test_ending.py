"""What becomes of calls under way when a worker ends, gently or not."""

import signal
from typing import Any

from tests.running import eventually
from tests.talking import Tallyman, new_number, order, parcel, some_lines

# Long enough for a signal to arrive in the middle of a call, shorter than a call may take.
SLOW = {"delay_seconds": 0.7}
# Longer than a call may take.
SILENT = {"delay_seconds": 60}


def event(**more: Any) -> dict[str, Any]:
    """An event with alerts."""
    return {"event_type": "track", "send_alerts": True, "purchase_lines": some_lines(1)} | more


def test_a_worker_that_waits_ends_at_once(idle: Tallyman) -> None:
    """A worker with nothing to do ends on the first signal, with exit code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        idle.work()
        worker = idle.workers.pop()

        worker.signal(number)

        assert worker.ended(5) == 0
        assert "Traceback" not in worker.output()


def test_a_worker_finishes_its_calls_before_it_ends(idle: Tallyman) -> None:
    """Calls under way are settled, what was not begun stays, and the exit code is 0."""
    idle.work()
    idle.forget()
    idle.sandbox.fail(*[SLOW] * 10)
    begun = [idle.erp.posted(event()) for _ in range(10)]
    idle.sandbox.received(10)

    worker = idle.workers.pop()
    worker.signal(signal.SIGTERM)
    later = [idle.erp.posted(event()) for _ in range(3)]

    assert worker.ended(5) == 0
    assert [idle.admin.record(each)["state"] for each in begun] == ["delivered"] * 10
    assert len(idle.sandbox.requests()) == 10
    assert idle.redis.zcard("rq:wip:tallyman") == 0
    assert [idle.admin.record(each)["state"] for each in later] == ["queued"] * 3
    idle.add_worker()
    for each in later:
        idle.admin.settled(each, "delivered", seconds=20)
    assert len(idle.sandbox.requests()) == 13


def test_a_worker_that_ends_leaves_what_follows_to_another(idle: Tallyman) -> None:
    """Of a notification with two calls only the first is finished, and the second is not late."""
    number = new_number()
    idle.work()
    idle.forget()
    idle.admin.put(new_number("PO-"), order(number))
    idle.sandbox.fail(SLOW)
    notification = idle.admin.notified(parcel(number, "delivered"))
    idle.sandbox.received(1)

    worker = idle.workers.pop()
    worker.signal(signal.SIGTERM)

    assert worker.ended(5) == 0
    assert [body["event_type"] for body in idle.sandbox.bodies()] == ["shipped"]
    assert idle.redis.zcard("rq:wip:tallyman") == 0
    assert idle.admin.record(notification)["state"] == "queued"
    idle.add_worker()
    idle.admin.settled(notification, "delivered", seconds=3)
    assert [body["event_type"] for body in idle.sandbox.bodies()] == ["shipped", "delivered"]


def test_a_second_signal_ends_a_worker_at_once(idle: Tallyman) -> None:
    """A second signal ends a worker in the middle of its calls, which are then in doubt."""
    idle.work()
    idle.forget()
    idle.sandbox.fail({"delay_seconds": 1.5})
    notification = idle.erp.posted(event(event_type="received"))
    idle.sandbox.received(1)
    worker = idle.workers.pop()

    # Two that are the same would be one, if they came too fast.
    worker.signal(signal.SIGTERM)
    worker.signal(signal.SIGINT)

    assert worker.ended(1) == 1
    idle.add_worker()
    idle.admin.settled(notification, "in_doubt", seconds=20)


def test_a_call_of_a_lost_worker_is_sent_again_quietly(idle: Tallyman) -> None:
    """A call whose worker was killed is repeated without alerts once its lease has lapsed."""
    idle.work()
    idle.forget()
    idle.sandbox.fail(SILENT)
    notification = idle.erp.posted(event())
    idle.sandbox.received(1)

    idle.end_workers()
    idle.add_worker()
    record = idle.admin.settled(notification, "delivered", seconds=20)

    first, second = idle.sandbox.bodies()
    assert first["send_alerts"]
    assert second == first | {"send_alerts": False}
    assert record["attempts"][-1]["attempt"] == 2
    assert [line["step"] for line in record["timeline"]][-2:] == ["retry", "sent"]
    assert "its worker was lost" in record["timeline"][-2]["text"]


def test_a_heavy_call_of_a_lost_worker_is_parked(idle: Tallyman) -> None:
    """A call that moves stock and whose worker was killed waits for a person, who is told why."""
    idle.work()
    idle.forget()
    lines = some_lines(1)
    idle.sandbox.fail(SILENT)
    notification = idle.erp.posted(event(event_type="received", purchase_lines=lines))
    behind = idle.erp.posted(event(purchase_lines=lines))
    idle.sandbox.received(1)

    idle.end_workers()
    idle.add_worker()
    record = idle.admin.settled(notification, "in_doubt", seconds=20)

    idle.admin.settled(behind, "delivered")
    assert [body["event_type"] for body in idle.sandbox.bodies()] == ["received", "track"]
    assert record["timeline"][-1]["step"] == "in_doubt"
    assert "its worker was lost" in record["timeline"][-1]["text"]


def test_another_worker_takes_over(idle: Tallyman) -> None:
    """Where one of two workers is lost the other sends what is left, and nothing twice aloud."""
    idle.work()
    idle.forget()
    first = idle.workers.pop()
    idle.sandbox.fail(SILENT)
    stuck = idle.erp.posted(event())
    idle.sandbox.received(1)
    idle.add_worker()
    others = [idle.erp.posted(event()) for _ in range(50)]

    first.kill()

    for each in (stuck, *others):
        idle.admin.settled(each, "delivered", seconds=20)
    bodies = idle.sandbox.bodies()
    said = {body["integration_record_id"] for body in bodies}
    aloud = [body["integration_record_id"] for body in bodies if body["send_alerts"]]
    assert len(said) == 51
    assert len(aloud) == len(set(aloud))


def test_a_lost_worker_between_two_calls_says_the_rest(idle: Tallyman) -> None:
    """Of a notification with two commands the second is still said when a worker is lost."""
    idle.work()
    idle.forget()
    number = new_number()
    idle.admin.put("PO-1", order(number))
    idle.sandbox.fail(SILENT)
    notification = idle.admin.notified(parcel(number, "in_transit", "out_for_delivery"))
    idle.sandbox.received(1)

    idle.end_workers()
    idle.add_worker()
    idle.admin.settled(notification, "delivered", seconds=20)

    said = [(body["event_type"], body["send_alerts"]) for body in idle.sandbox.bodies()]
    assert said == [("shipped", True), ("shipped", False), ("track", False)]


def test_a_slow_call_keeps_its_lease(idle: Tallyman) -> None:
    """A call that takes nearly as long as it may is made once, however many workers there are."""
    idle.work()
    idle.add_worker()
    idle.forget()
    idle.sandbox.fail({"delay_seconds": 1.8})

    notification = idle.erp.posted(event())
    idle.admin.settled(notification, "delivered")

    assert len(idle.sandbox.requests()) == 1


def test_workers_that_are_killed_again_and_again_lose_nothing(idle: Tallyman) -> None:
    """Under any killing each event is sent at least once, and again only quietly."""
    idle.work()
    idle.forget()
    idle.sandbox.fail({"delay_seconds": 0.05, "forever": True})
    ids = [idle.erp.posted(event()) for _ in range(150)]

    for count in (20, 60):
        idle.sandbox.received(count, seconds=20)
        idle.end_workers()
        idle.add_worker()
    for each in ids:
        idle.admin.settled(each, "delivered", seconds=30)

    bodies = idle.sandbox.bodies()
    loud = [body["integration_record_id"] for body in bodies if body["send_alerts"]]
    assert len(loud) == len(set(loud))
    assert len({body["integration_record_id"] for body in bodies}) == len(ids)
    eventually(lambda: not idle.redis.keys("rq:job:*"), what="an empty queue")
