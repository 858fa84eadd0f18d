"""What a person may do to a notification in each of its states, and to the queue."""

import time
from collections.abc import Callable

import pytest

from tests.running import eventually
from tests.talking import is_problem, lines_of, new_number, order, parcel, some_lines
from tests.test_engine import reconciling
from tests.test_engine.stage import Engine, failing

Begin = Callable[[Engine], str]


def _delivered(engine: Engine) -> str:
    notification = engine.note()
    engine.admin.settled(notification, "delivered")
    return notification


def _ignored(engine: Engine) -> str:
    engine.admin.put("PO-1", order(number := new_number()))
    engine.admin.settled(engine.admin.notified(parcel(number, "in_transit")), "delivered")
    notification = engine.admin.notified(parcel(number, "in_transit"))
    engine.admin.settled(notification, "ignored")
    return notification


def _held(engine: Engine) -> str:
    notification = engine.admin.notified(parcel(new_number(), "in_transit"))
    engine.admin.settled(notification, "held")
    return notification


def _dead(engine: Engine) -> str:
    engine.sandbox.fail({"status": 400})
    notification = engine.note()
    engine.admin.settled(notification, "dead")
    return notification


def _in_doubt(engine: Engine) -> str:
    engine.sandbox.fail({"hang_up": "after"})
    event = {"event_type": "received", "purchase_lines": some_lines(1), "quantity": 1}
    notification = engine.erp.posted(event)
    engine.admin.settled(notification, "in_doubt")
    return notification


def _scheduled(engine: Engine) -> str:
    engine.sandbox.fail({"status": 503, "retry_after": 60})
    notification = engine.note()
    eventually(lambda: engine.depth()["scheduled"], what="the retry")
    return notification


def _waiting(engine: Engine) -> str:
    engine.admin.http.post("/v1/queue/pause")
    return engine.note()


_STATES: dict[str, Begin] = {
    "delivered": _delivered,
    "ignored": _ignored,
    "held": _held,
    "dead": _dead,
    "in_doubt": _in_doubt,
    "queued for a retry": _scheduled,
    "queued": _waiting,
}
_MAY: dict[str, set[str]] = {
    "replay": {"delivered", "ignored", "held", "dead", "queued for a retry", "queued"},
    "discard": {"held", "dead", "in_doubt", "queued for a retry", "queued"},
    "resolve": {"in_doubt"},
}
_BODIES: dict[str, dict[str, str]] = {
    "replay": {},
    "discard": {"reason": "a test"},
    "resolve": {"outcome": "sent"},
}


@pytest.fixture
def working(engine: Engine) -> Engine:
    """A Tallyman with a worker."""
    engine.hire()
    return engine


@pytest.mark.parametrize("state", _STATES)
def test_each_decision_is_taken_or_refused_by_the_state(working: Engine, state: str) -> None:
    """What cannot be done in a state is refused with 409 and changes nothing; the rest is done."""
    for verb, states in _MAY.items():
        working.forget()
        notification = _STATES[state](working)
        before = working.admin.record(notification)

        status, said = working.ask(notification, verb, **_BODIES[verb])

        if state not in states:
            assert status == 409, (verb, said)
            assert said["type"] == "urn:tallyman:problem:wrong-state"
            assert working.admin.record(notification) == before
        else:
            assert (status, said["id"]) == (200, notification), (verb, said)
            told = working.admin.record(notification)["timeline"][len(before["timeline"]) :]
            assert "a person" in told[0]["text"]
        working.admin.http.post("/v1/queue/resume")
        # Where a retry is due in a minute, it waits for that.
        if state != "queued for a retry":
            reconciling.quiet(working.admin, seconds=10)
        reconciling.accounts_add_up(working.admin, reconciling.states(working.admin))


def test_nothing_is_decided_while_a_call_is_under_way(working: Engine) -> None:
    """A notification whose call is under way is refused every decision until the call ended."""
    working.sandbox.fail({"delay_seconds": 0.7})
    notification = working.note()
    working.sandbox.received(1)

    for verb, body in _BODIES.items():
        status, said = working.ask(notification, verb, **body)
        assert status == 409
        assert "under way" in said["detail"]

    working.admin.settled(notification, "delivered")


def test_nobody_decides_about_what_is_not_there(working: Engine) -> None:
    """A decision about an unknown notification is refused with 404."""
    for verb, body in _BODIES.items():
        answer = working.admin.http.post(f"/v1/notifications/{'0' * 24}/{verb}", json=body)
        assert is_problem(answer, 404, "not-found")


@pytest.mark.parametrize("decided", [True, False])
@pytest.mark.parametrize("send_alerts", [True, False])
def test_a_replay_says_whether_alerts_go_out(
    working: Engine, *, send_alerts: bool, decided: bool
) -> None:
    """A dead notification that is replayed is sent once, with alerts as the replay says."""
    working.sandbox.fail({"status": 400})
    notification = working.note(send_alerts=decided)
    working.admin.settled(notification, "dead")

    assert working.ask(notification, "replay", send_alerts=send_alerts)[0] == 200

    working.sandbox.received(2)
    record = working.admin.settled(notification, "delivered")
    assert [body["send_alerts"] for body in working.sandbox.bodies()] == [decided, send_alerts]
    word = "on" if send_alerts else "off"
    assert record["attempts"][-1]["because"][-1] == f"alerts: {word}, as the replay says"


def test_doubt_goes_before_what_a_replay_says(working: Engine) -> None:
    """What may have had its effect before it was dead is quiet, whatever its replay asks for."""
    working.sandbox.fail({"status": 500}, {"status": 400})
    notification = working.note(send_alerts=True)
    working.admin.settled(notification, "dead", seconds=15)

    assert working.ask(notification, "replay", send_alerts=True)[0] == 200

    working.sandbox.received(3)
    record = working.admin.settled(notification, "delivered")
    assert [body["send_alerts"] for body in working.sandbox.bodies()] == [True, False, False]
    assert record["attempts"][-1]["because"][-1].endswith("sent again after doubt")


@pytest.mark.parametrize(("outcome", "effects"), [("sent", 1), ("not_sent", 2)])
def test_what_is_resolved_is_sent_only_if_it_was_not(
    working: Engine, outcome: str, effects: int
) -> None:
    """A parked call that was sent is done; one that was not is sent now."""
    notification = _in_doubt(working)

    assert working.ask(notification, "resolve", outcome=outcome)[0] == 200

    eventually(lambda: working.state(notification) == "delivered", what="its delivery")
    assert len(working.sandbox.requests()) == effects
    assert working.ask(notification, "resolve", outcome=outcome)[0] == 409


def test_discarding_takes_no_doubt_away(working: Engine) -> None:
    """A discarded call of unknown outcome is not sent again until somebody says what became of it.

    It moves stock, and the first one may have had its effect.
    """
    notification = _in_doubt(working)
    assert working.ask(notification, "discard", reason="a test")[0] == 200

    status, answer = working.ask(notification, "replay")

    assert status == 409
    assert "in_doubt" in answer["detail"]
    assert len(working.sandbox.requests()) == 1
    assert working.ask(notification, "resolve", outcome="sent")[0] == 200
    eventually(lambda: working.state(notification) == "delivered", what="its end")
    assert working.ask(notification, "replay")[0] == 200
    eventually(lambda: working.state(notification) == "delivered", what="its end")
    assert len(working.sandbox.requests()) == 1


def test_resolving_one_part_does_not_replay_another(working: Engine) -> None:
    """Saying what became of a parked call leaves a dead one of the same notification as it is."""
    number = new_number()
    orders = [order(number), order(number)]
    for name, an_order in zip(("PO-A", "PO-B"), orders, strict=True):
        working.admin.put(name, an_order)
    (parked,), (dead,) = map(lines_of, orders)
    working.sandbox.fail(
        {"hang_up": "after", "match": {"purchase_lines": [parked]}},
        failing(400, match={"purchase_lines": [dead]}),
    )
    event = {"event_type": "received", "tracking_number": number}
    notification = working.erp.posted(event)
    working.admin.settled(notification, "in_doubt")
    working.sandbox.received(2)
    eventually(lambda: not working.depth()["in_flight"], what="the end of both calls")

    assert working.ask(notification, "resolve", outcome="sent")[0] == 200

    eventually(lambda: working.state(notification) == "dead", what="what is left of it")
    time.sleep(0.3)
    assert len(working.sandbox.requests()) == 2
    assert working.ask(notification, "replay")[0] == 200


def test_a_paused_queue_takes_in_and_holds(working: Engine) -> None:
    """While the queue is paused nothing is begun and nothing refused; afterwards all of it goes."""
    assert working.admin.http.post("/v1/queue/pause").json()["paused"]
    ids = [working.note() for _ in range(5)]
    time.sleep(0.5)
    assert working.sandbox.requests() == []
    assert working.depth()["waiting"] == 5

    assert not working.admin.http.post("/v1/queue/resume").json()["paused"]

    for notification in ids:
        working.admin.settled(notification, "delivered", seconds=5)
