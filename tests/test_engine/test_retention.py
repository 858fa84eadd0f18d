"""What is over is forgotten in time, and the accounts remember that it was there."""

from datetime import UTC, datetime, timedelta

from purchasing.configuration import Durability, Retention
from store import keys
from store.administration import Administration
from store.connection import connect
from store.durability import Durable
from tests.talking import new_number, order, parcel
from tests.test_engine import reconciling
from tests.test_engine.stage import Engine

_RETENTION = Retention(raw_days=14, records_days=90, ledger_days=400)
_SECONDS_A_DAY = 86_400


async def _sweep(engine: Engine, *, after_days: float) -> int:
    """Forget what is to be forgotten, as it will be done some days from now."""
    now = datetime.now(UTC) + timedelta(days=after_days)
    redis = connect(engine.valkey.url)
    try:
        durable = Durable(redis, Durability())
        return await Administration(redis, lambda: now, durable, _RETENTION).sweep()
    finally:
        await redis.aclose()


async def test_what_is_over_and_old_is_forgotten_and_stays_in_the_accounts(engine: Engine) -> None:
    """Records older than `records_days` go, but for what waits, and the accounts balance."""
    engine.sandbox.fail({"status": 400})
    engine.hire()
    dead = engine.note()
    engine.admin.settled(dead, "dead")
    engine.admin.put("PO-1", order(number := new_number()))
    body = parcel(number, "in_transit")
    delivered = engine.admin.notified(body)
    engine.admin.settled(delivered, "delivered")
    ignored = engine.admin.notified(parcel(number, "in_transit"))
    engine.admin.settled(ignored, "ignored")
    held = engine.admin.notified(parcel(new_number(), "in_transit"))
    engine.admin.settled(held, "held")
    ledger = [
        keys.ledger(command["key"])
        for command in engine.admin.record(delivered)["decisions"]["commands"]
    ]
    before = engine.admin.http.get("/v1/accounts").json()

    assert await _sweep(engine, after_days=89) == 0
    assert await _sweep(engine, after_days=91) == 2

    assert reconciling.states(engine.admin).keys() == {dead, held}
    assert engine.admin.http.get("/v1/accounts").json() == before
    assert before["balanced"]
    assert engine.admin.http.get(f"/v1/notifications/{delivered}").status_code == 404
    assert engine.admin.listed(find=number) == []
    assert not list(engine.redis.scan_iter(f"tallyman:*:{delivered}*"))
    # What was said stays known for longer, so that it is not said again.
    assert engine.redis.exists(*ledger) == 1
    assert 399 < engine.redis.ttl(ledger[0]) / _SECONDS_A_DAY <= 400
    assert engine.admin.notify(body).json() == {"id": delivered, "duplicate": True}
    assert engine.admin.http.get("/v1/accounts").json()["balanced"]


async def test_a_body_is_kept_for_a_while_and_where_somebody_needs_it_until_then(
    engine: Engine,
) -> None:
    """A body expires `raw_days` after the end of its work, and never while it is held or dead."""
    engine.sandbox.fail({"status": 400})
    engine.hire()
    dead = engine.note()
    engine.admin.settled(dead, "dead")
    delivered = engine.note()
    engine.admin.settled(delivered, "delivered")
    held = engine.admin.notified(parcel(new_number(), "in_transit"))
    engine.admin.settled(held, "held")

    assert 13.9 < engine.redis.ttl(keys.raw(delivered)) / _SECONDS_A_DAY <= 14
    assert engine.redis.ttl(keys.raw(dead)) == -1
    assert engine.redis.ttl(keys.raw(held)) == -1

    assert engine.ask(held, "discard", reason="a test")[0] == 200
    assert 13.9 < engine.redis.ttl(keys.raw(held)) / _SECONDS_A_DAY <= 14
    assert engine.ask(dead, "replay")[0] == 200
    engine.admin.settled(dead, "delivered")
    assert 13.9 < engine.redis.ttl(keys.raw(dead)) / _SECONDS_A_DAY <= 14


async def test_a_record_whose_body_is_gone_is_shown_without_it(engine: Engine) -> None:
    """A record outlives its body, and says so by having none."""
    engine.hire()
    notification = engine.note()
    engine.admin.settled(notification, "delivered")
    engine.redis.delete(keys.raw(notification))

    record = engine.admin.record(notification)

    assert record["raw"] is None
    assert record["decisions"]["commands"]
    assert engine.ask(notification, "replay")[0] in (200, 409)
    reconciling.quiet(engine.admin, seconds=5)


async def test_many_old_records_are_forgotten_in_one_go(engine: Engine) -> None:
    """However many records are over at once, one sweep forgets all of them."""
    engine.admin.http.post("/v1/queue/pause")
    for _ in range(2):
        answer = engine.erp.http.post(
            "/v1/events/batch",
            content="\n".join(
                '{"event_type": "note", "purchase_lines": ["11111111-1111-4111-8111-111111111111"]}'
                for _ in range(300)
            ),
        )
        assert answer.status_code == 200
    for notification in reconciling.states(engine.admin):
        assert engine.ask(notification, "discard", reason="a test")[0] == 200

    assert await _sweep(engine, after_days=91) == 600

    assert reconciling.states(engine.admin) == {}
    assert engine.admin.http.get("/v1/accounts").json()["balanced"]
