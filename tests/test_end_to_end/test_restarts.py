"""What is there after a process was ended and started again: everything."""

from collections.abc import Callable

import pytest

from tests.talking import Tallyman, new_number, order, parcel

Restart = Callable[[Tallyman], None]


def of_service(tallyman: Tallyman) -> None:
    """A deployment of the service."""
    tallyman.service.restart()


def of_worker(tallyman: Tallyman) -> None:
    """A deployment of the worker."""
    assert tallyman.workers.pop().stop() == 0
    tallyman.add_worker()


def of_killed_worker(tallyman: Tallyman) -> None:
    """A worker that is lost while it waits for work."""
    tallyman.end_workers()
    tallyman.add_worker()


def of_valkey(tallyman: Tallyman) -> None:
    """A Valkey that is maintained."""
    tallyman.valkey.restart()


def of_killed_valkey(tallyman: Tallyman) -> None:
    """A Valkey that is lost."""
    tallyman.valkey.restart(kill=True)


@pytest.mark.parametrize(
    "restart", [of_service, of_worker, of_killed_worker, of_valkey, of_killed_valkey]
)
def test_a_restart_loses_nothing(tallyman: Tallyman, restart: Restart) -> None:
    """After any process was restarted, orders and records are there and work goes on."""
    number = new_number()
    known = tallyman.admin.put("PO-1", order(number))
    first = parcel(number, "in_transit")
    sent = tallyman.admin.notified(first)
    held = tallyman.admin.notified(parcel(new_number(), "in_transit"))
    before = [tallyman.admin.settled(sent, "delivered"), tallyman.admin.settled(held, "held")]

    restart(tallyman)

    assert [tallyman.admin.record(sent), tallyman.admin.record(held)] == before
    kept = tallyman.admin.http.get("/v1/orders/PO-1").json()
    assert kept == {name: value for name, value in known.items() if name != "released"}
    assert tallyman.admin.notify(first).json() == {"id": sent, "duplicate": True}
    later = tallyman.admin.notified(parcel(number, "in_transit", "delivered"))
    tallyman.admin.settled(later, "delivered", seconds=20)
    assert tallyman.sandbox.types() == ["shipped", "delivered"]


def test_what_was_taken_in_without_a_worker_is_sent_by_the_next_one(tallyman: Tallyman) -> None:
    """Notifications that nobody worked on stay queued, and a worker that starts sends them."""
    tallyman.end_workers()
    numbers = [new_number() for _ in range(20)]
    tallyman.admin.put("PO-1", order(*numbers))
    ids = [tallyman.admin.notified(parcel(number, "in_transit")) for number in numbers]
    assert tallyman.admin.listed(state="queued") == ids[::-1]
    tallyman.valkey.restart(kill=True)

    tallyman.add_worker()

    requests = tallyman.sandbox.received(len(numbers), seconds=30)
    assert [request["body"]["tracking_number"] for request in requests] == numbers
    for notification in ids:
        tallyman.admin.settled(notification, "delivered")
