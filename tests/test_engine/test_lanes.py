"""Commands of one purchase order reach Cofactr in the order in which they were told."""

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.running import eventually
from tests.talking import lines_of, new_number, order, parcel, some_lines
from tests.test_engine.stage import CONFIGURATION, Engine

_LANES = 200
_PER_LANE = 25
_WORKERS = 4
# Three lanes whose fourth notification is sent again, given up, or parked.
_RETRIED, _DEAD, _PARKED = range(3)
_FOURTH = 3


def _post(engine: Engine, lanes: list[str]) -> None:
    """Post to all lanes in turn, in batches, whose order is that of acceptance."""
    events: list[dict[str, Any]] = [
        {
            "event_type": "received" if (number, lane) == (_FOURTH, _PARKED) else "note",
            "purchase_lines": [lanes[lane]],
            "notes": f"{lane}/{number}",
        }
        for number in range(_PER_LANE)
        for lane in range(_LANES)
    ]
    for first in range(0, len(events), 1000):
        batch = json.dumps(events[first : first + 1000])
        answer = engine.erp.http.post("/v1/events/batch", content=batch, timeout=30)
        assert {item["status"] for item in answer.json()} == {202}


@pytest.mark.timeout(180)
def test_every_lane_arrives_in_the_order_of_acceptance(tmp_path: Path) -> None:
    """5,000 notifications over 200 lanes arrive in order, though heads fail, die or are parked."""
    engine = Engine(tmp_path, CONFIGURATION, lease_seconds=10)
    try:
        lanes = some_lines(_LANES)
        engine.sandbox.fail(
            {"status": 503, "times": 2, "match": {"notes": f"{_RETRIED}/{_FOURTH}"}},
            {"status": 400, "forever": True, "match": {"notes": f"{_DEAD}/{_FOURTH}"}},
            {"hang_up": "after", "times": 1, "match": {"notes": f"{_PARKED}/{_FOURTH}"}},
            {"delay_seconds": 0.05, "probability": 0.2, "seed": 1, "forever": True},
            {"delay_seconds": 0.01, "probability": 0.5, "seed": 2, "forever": True},
        )
        _post(engine, lanes)
        engine.hire(_WORKERS)
        eventually(
            lambda: engine.admin.http.get("/v1/accounts").json()["queued"] == 0,
            seconds=90,
            what="the last call",
        )

        seen: dict[int, list[int]] = defaultdict(list)
        for request in engine.sandbox.requests():
            lane, number = request["body"]["notes"].split("/")
            if request["took_effect"]:
                seen[int(lane)].append(int(number))
        everything = list(range(_PER_LANE))
        assert seen.pop(_DEAD) == [it for it in everything if it != _FOURTH]
        assert len(seen) == _LANES - 1
        assert all(arrived == everything for arrived in seen.values())
        accounts = engine.admin.http.get("/v1/accounts").json()
        assert accounts["balanced"]
        assert (accounts["dead"], accounts["in_doubt"]) == (1, 1)
    finally:
        engine.dismiss()
        engine.close()


def _arrived(engine: Engine, line: str) -> list[tuple[str, datetime]]:
    return [
        (request["body"]["notes"], datetime.fromisoformat(request["at"]))
        for request in engine.sandbox.requests()
        if request["body"]["purchase_lines"] == [line]
    ]


def test_a_head_that_waits_for_a_retry_holds_its_own_lane_only(engine: Engine) -> None:
    """What is behind a retry waits for it, and another lane's notifications do not."""
    slow, quick = some_lines(2)
    engine.sandbox.fail({"status": 503, "retry_after": 2, "match": {"notes": "first"}})
    first = engine.note(slow, notes="first")
    second = engine.note(slow, notes="second")
    other = engine.note(quick, notes="other")
    engine.hire(2)

    engine.admin.settled(other, "delivered")
    assert engine.state(first) == engine.state(second) == "queued"
    assert engine.depth()["deferred"] == 1

    engine.admin.settled(second, "delivered")
    assert [notes for notes, _ in _arrived(engine, slow)] == ["first", "first", "second"]


def test_a_lane_does_not_wait_for_another_lane_of_the_same_notification(engine: Engine) -> None:
    """A notification about two orders that waits for a retry of one goes on with the other."""
    number = new_number()
    orders = {name: order(number) for name in ("PO-A", "PO-B")}
    for name, an_order in orders.items():
        engine.admin.put(name, an_order)
    (line_of_a,), (line_of_b,) = map(lines_of, orders.values())
    engine.sandbox.fail(
        {"status": 503, "retry_after": 60, "match": {"purchase_lines": [line_of_a]}},
        {"delay_seconds": 0.7, "match": {"notes": "head of B"}},
    )
    event = {"event_type": "note", "po_number": "PO-B", "line_numbers": ["1"]}
    engine.erp.posted(event | {"notes": "head of B"})
    two = engine.admin.notified(parcel(number, "in_transit"))
    last = engine.erp.posted(event | {"notes": "last of B"})
    engine.hire()

    engine.admin.settled(last, "delivered", seconds=5)

    assert engine.state(two) == "queued"
    arrived = [
        request["body"]["event_type"]
        for request in engine.sandbox.requests()
        if request["body"]["purchase_lines"] == [line_of_b]
    ]
    assert arrived == ["note", "shipped", "note"]


def test_what_is_replayed_waits_for_the_call_that_is_under_way(engine: Engine) -> None:
    """An earlier notification that comes back waits for the call of its lane that is under way."""
    (lane,) = some_lines(1)
    engine.sandbox.fail(
        {"status": 400, "match": {"notes": "first"}},
        {"delay_seconds": 0.6, "match": {"notes": "second"}},
    )
    engine.hire()
    first = engine.note(lane, notes="first")
    engine.admin.settled(first, "dead")
    second = engine.note(lane, notes="second")
    engine.sandbox.received(2)

    assert engine.ask(first, "replay")[0] == 200

    engine.admin.settled(first, "delivered")
    engine.admin.settled(second, "delivered")
    at = [at for _, at in _arrived(engine, lane)]
    assert (at[2] - at[1]).total_seconds() > 0.5
