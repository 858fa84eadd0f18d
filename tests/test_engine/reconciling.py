"""What has to add up when all is over: what was accepted, what became of it, what Cofactr got."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from purchasing.commands import HEAVY
from store import keys
from tests.running import Sandbox, eventually
from tests.talking import Caller

_PAGE = 500


def quiet(admin: Caller, *, seconds: float) -> None:
    """Wait until nothing is queued any more."""

    def look() -> bool:
        depth = admin.http.get("/v1/queue").json()
        waits = ("waiting", "in_flight", "scheduled", "deferred")
        return not any(depth[name] for name in waits) and not _total(admin)["queued"]

    try:
        eventually(look, seconds=seconds, what="the end of all work")
    except AssertionError as error:
        depth = admin.http.get("/v1/queue").json()
        raise AssertionError(f"{error}; {depth}; {_total(admin)}") from None


def _total(admin: Caller) -> dict[str, Any]:
    accounts: dict[str, Any] = admin.http.get("/v1/accounts").json()
    return accounts


def states(admin: Caller) -> dict[str, tuple[str, str]]:
    """The source and the state of every notification; fails where one is in two states."""
    found: dict[str, tuple[str, str]] = {}
    for state in keys.STATES:
        cursor: int | None = None
        while True:
            query: dict[str, str | int] = {"state": state, "limit": _PAGE}
            if cursor is not None:
                query["cursor"] = cursor
            page = admin.http.get("/v1/notifications", params=query).json()
            for item in page["items"]:
                assert item["id"] not in found, f"{item['id']} is in two states"
                assert item["state"] == state
                found[item["id"]] = (item["source"], state)
            cursor = page["next"]
            if cursor is None:
                break
    return found


def accounts_add_up(admin: Caller, found: Mapping[str, tuple[str, str]]) -> None:
    """Every source's accounts are balanced, and tell as many as can be listed."""
    accounts = _total(admin)
    assert accounts["balanced"], accounts
    counted: dict[str, int] = defaultdict(int)
    for source, _ in found.values():
        counted[source] += 1
    for source, account in accounts["sources"].items():
        assert account["balanced"], (source, account)
        accepted = account["received"] - account["refused"] - account["duplicate"]
        assert accepted == counted[source], (source, account, counted[source])


class _Sent(msgspec.Struct):
    """What the sandbox saw of one command: the places of its effects, and how it was worded."""

    calls: int = 0
    places: list[int] = []
    bodies: list[dict[str, Any]] = []


def _sent(sandbox: Sandbox) -> dict[str, _Sent]:
    sent: dict[str, _Sent] = {}
    for place, request in enumerate(sandbox.requests()):
        its = sent.setdefault(request["body"]["integration_record_id"], _Sent())
        its.calls += 1
        if request["took_effect"]:
            its.places.append(place)
            its.bodies.append(request["body"])
    return sent


def nothing_was_sent_blindly(redis: Any, sandbox: Sandbox) -> tuple[int, int]:
    """Every effect is in the ledger, and a second one only where it was sent again in doubt.

    Returns how many commands took effect, and how many of them more than once.
    """
    sent = _sent(sandbox)
    repeated = 0
    for key, its in sent.items():
        entry = redis.hgetall(keys.ledger(key))
        effects = len(its.places)
        assert entry, f"{key} was sent and is not in the ledger"
        assert its.calls <= int(entry[b"attempt"]), (key, its, entry)
        assert entry[b"status"] in (b"done", b"in_doubt", b"dead"), (key, entry)
        assert entry[b"status"] != b"done" or effects, f"{key} is said to be done and is not"
        if effects > 1:
            repeated += 1
            assert its.bodies[0]["event_type"] not in HEAVY, its
            assert entry.get(b"alerts") == b"doubt", (key, its, entry)
            assert not any(body["send_alerts"] for body in its.bodies[1:]), its
    return sum(bool(its.places) for its in sent.values()), repeated


def lanes_kept_their_order(redis: Any, sandbox: Sandbox) -> int:
    """The commands of each lane took effect in the order of acceptance; returns how many lanes."""
    sent = _sent(sandbox)
    lanes: dict[str, list[tuple[tuple[int, int], str]]] = defaultdict(list)
    for name in redis.scan_iter(keys.record("*"), count=1000):
        record = redis.hgetall(name)
        for command in msgspec.msgpack.decode(record.get(b"commands", b"\x90")):
            its = sent.get(command["key"])
            owner = redis.hget(keys.ledger(command["key"]), "notification")
            if its and its.places and owner and keys.record(owner.decode()) == name.decode():
                place = (int(record[b"sequence"]), command["index"])
                lanes[command["lane"]].append((place, command["key"]))
    for lane, commands in lanes.items():
        arrived = [sent[key].places[0] for _, key in sorted(commands)]
        assert arrived == sorted(arrived), f"lane {lane} was sent as {arrived}"
    return len(lanes)


def nothing_is_left(redis: Any) -> None:
    """No lane, lease, queue entry or token remains of work that is over."""
    assert not list(redis.scan_iter("tallyman:lane:*", count=1000))
    for name in (keys.RQ_QUEUE, keys.RQ_STARTED, keys.RQ_SCHEDULED, keys.RQ_DEFERRED):
        assert not redis.exists(name), name
