"""What the service says while Redis is away, full or hanging: never that it kept something."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.running import eventually
from tests.talking import Tallyman, is_problem, new_number, order, parcel, some_lines

Trouble = Callable[[Tallyman], AbstractContextManager[None]]


@contextmanager
def stopped(tallyman: Tallyman) -> Iterator[None]:
    """Redis is not there."""
    tallyman.valkey.stop()
    try:
        yield
    finally:
        tallyman.valkey.start()


@contextmanager
def full(tallyman: Tallyman) -> Iterator[None]:
    """Redis is there, and has no room."""
    tallyman.redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        tallyman.redis.config_set("maxmemory", 0)


def is_later(answer: httpx.Response) -> bool:
    """Whether the sender is asked to try again."""
    assert is_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    return True


@pytest.mark.parametrize("trouble", [stopped, full])
def test_what_cannot_be_kept_is_not_accepted(tallyman: Tallyman, trouble: Trouble) -> None:
    """While nothing can be written a sender is asked to try again, and then it is taken as new."""
    body = parcel(new_number(), "in_transit")
    event = {"event_type": "note", "purchase_lines": some_lines(1)}

    with trouble(tallyman):
        began_at = time.monotonic()
        assert is_later(tallyman.admin.notify(body))
        assert is_later(tallyman.erp.post(event))
        assert is_later(tallyman.erp.http.put("/v1/orders/PO-1", json=order()))
        assert tallyman.admin.http.get("/readyz").status_code == 503
        assert time.monotonic() - began_at < 5

    eventually(lambda: tallyman.admin.http.get("/readyz").status_code == 200, what="readiness")
    assert tallyman.admin.listed() == []
    assert not tallyman.admin.notify(body).json()["duplicate"]


def test_what_cannot_be_read_is_later(tallyman: Tallyman) -> None:
    """While Redis is away nothing can be looked up, and a probe tells the two states apart."""
    body = parcel(new_number(), "in_transit")

    with stopped(tallyman):
        for path in ("/v1/notifications", "/v1/orders", "/v1/orders/PO-1", "/v1/notifications/x"):
            assert is_later(tallyman.admin.http.get(path))
        assert is_later(tallyman.admin.http.post("/v1/preview/easypost", content=body))
        assert tallyman.admin.http.get("/livez").status_code == 200
        assert tallyman.admin.http.get("/readyz").status_code == 503

    eventually(lambda: tallyman.admin.http.get("/readyz").status_code == 200, what="readiness")
    assert tallyman.admin.listed() == []


def test_what_is_wrong_is_wrong_without_redis_too(tallyman: Tallyman) -> None:
    """What is refused for its own sake needs no Redis to be refused."""
    with stopped(tallyman):
        assert is_problem(
            tallyman.admin.http.post("/webhooks/easypost", content=b"{}"), 401, "unauthenticated"
        )
        assert is_problem(tallyman.admin.notify(b"{}", "nobody"), 404, "not-found")
        assert is_problem(tallyman.erp.post({}), 422, "invalid-fields")


def test_an_unconfirmed_notification_is_not_accepted_and_not_doubled(tallyman: Tallyman) -> None:
    """Where Redis hangs the sender hears so within seconds, and its repetition is no second one."""
    body = parcel(new_number(), "in_transit")

    with tallyman.valkey.frozen():
        began_at = time.monotonic()
        assert is_later(tallyman.admin.notify(body))
        assert time.monotonic() - began_at < 3

    eventually(lambda: tallyman.admin.notify(body).is_success, what="acceptance")
    assert tallyman.admin.listed() == [tallyman.admin.notify(body).json()["id"]]
