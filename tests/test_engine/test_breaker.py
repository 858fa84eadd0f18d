"""A broken way to Cofactr holds the work of its organisation, and costs nothing."""

import time
from uuid import uuid4

import pytest

from tests.running import eventually
from tests.test_engine import reconciling
from tests.test_engine.stage import Engine, failing

_BLAMED = {
    401: "COFACTR_API_KEY",
    403: "COFACTR_API_KEY",
    404: "COFACTR_BASE_URL",
    307: "COFACTR_BASE_URL",
}


def test_an_answer_that_blames_the_configuration_holds_the_organisation(engine: Engine) -> None:
    """401, 403, 404 and a redirect hold an organisation at once, say why, and spend nothing."""
    orgs = {status: str(uuid4()) for status in _BLAMED}
    healthy = str(uuid4())
    engine.sandbox.fail(*(failing(status, match={"notes": orgs[status]}) for status in _BLAMED))
    engine.hire(2)
    first = {status: engine.note(org_id=org, notes=org) for status, org in orgs.items()}
    engine.sandbox.received(len(orgs))
    eventually(lambda: len(engine.depth()["breakers"]) == len(orgs), what="open breakers")
    opened_at = time.monotonic()

    behind = [
        engine.note(org_id=org, notes=org, send_alerts=True) for org in orgs.values() for _ in "123"
    ]
    engine.admin.settled(engine.note(org_id=healthy), "delivered", seconds=3)

    shown = {breaker["org_id"]: breaker for breaker in engine.depth()["breakers"]}
    for status, org in orgs.items():
        assert shown[org]["is_misconfigured"]
        assert _BLAMED[status] in shown[org]["why"]
    assert len(engine.sandbox.requests()) == len(orgs) + 1
    assert {engine.state(it) for it in (*first.values(), *behind)} == {"queued"}
    assert {engine.ledger(it).get("attempt", "0") for it in behind} == {"0"}

    engine.sandbox.fail()
    for notification in behind:
        engine.admin.settled(notification, "delivered", seconds=25)
    assert 9 < time.monotonic() - opened_at < 20
    assert engine.depth()["breakers"] == []
    assert {engine.ledger(it)["attempt"] for it in behind} == {"1"}
    assert sum(body["send_alerts"] for body in engine.sandbox.bodies()) == len(behind)


def test_a_wrong_key_is_seen_and_named(engine: Engine) -> None:
    """A worker with a wrong key calls once and then holds everything, as the queue says."""
    engine.hire(api_key="wrong")
    ids = [engine.note()]
    engine.sandbox.received(1)
    eventually(lambda: engine.depth()["breakers"], what="an open breaker")
    ids += [engine.note() for _ in range(5)]
    time.sleep(0.5)

    (breaker,) = engine.depth()["breakers"]
    assert breaker["is_misconfigured"]
    assert "COFACTR_API_KEY" in breaker["why"]
    assert len(engine.sandbox.requests()) == 1
    assert {engine.state(it) for it in ids} == {"queued"}


def test_faults_in_a_row_open_the_breaker_and_one_probe_at_a_time_tries_it(
    engine: Engine,
) -> None:
    """Under a lasting 503 the calls dwindle to single probes, and the first success frees all."""
    engine.sandbox.fail(failing(503, delay_seconds=0.3))
    engine.hire(2)
    ids = [engine.note() for _ in range(40)]
    eventually(lambda: engine.depth()["breakers"], what="an open breaker")
    time.sleep(0.5)
    before = len(engine.sandbox.requests())
    assert before <= 40
    time.sleep(3)
    probes = len(engine.sandbox.requests()) - before
    assert 1 <= probes <= 4
    (breaker,) = engine.depth()["breakers"]
    assert not breaker["is_misconfigured"]
    assert "503" in breaker["why"]

    engine.sandbox.fail()

    reconciling.quiet(engine.admin, seconds=20)
    assert engine.depth()["breakers"] == []
    assert {engine.state(it) for it in ids} == {"delivered"}


def test_a_probe_that_is_told_to_slow_down_does_not_close_the_way(engine: Engine) -> None:
    """A 429 for a probe is followed by another probe soon, not by half a minute of silence."""
    engine.sandbox.fail({"status": 503, "times": 5})
    engine.hire()
    for _ in range(5):
        engine.note()
    eventually(lambda: engine.depth()["breakers"], what="an open breaker")
    engine.sandbox.fail({"status": 429})
    for _ in range(5):
        engine.note()

    reconciling.quiet(engine.admin, seconds=15)
    assert len(engine.sandbox.requests()) == 16


@pytest.mark.parametrize("status", [400, 409])
def test_a_rejection_is_the_notifications_own_fault(engine: Engine, status: int) -> None:
    """What Cofactr rejects is dead with its words, and says nothing against the way."""
    engine.sandbox.fail({"status": status, "times": 6})
    engine.hire()
    ids = [engine.note() for _ in range(6)]

    for notification in ids:
        record = engine.admin.settled(notification, "dead")
        assert str(status) in record["timeline"][-1]["text"]
    assert engine.depth()["breakers"] == []
