"""That what is said of one order reaches Cofactr in the order in which it was taken in."""

from collections import defaultdict

from tests.running import eventually
from tests.talking import Tallyman, lines_of, new_number, order, parcel


def test_an_order_is_told_in_its_order_by_all_workers_together(idle: Tallyman) -> None:
    """With two workers and a slow and moody Cofactr each order hears its events in order."""
    idle.work()
    idle.add_worker()
    idle.forget()
    orders = {f"PO-{number}": order(new_number()) for number in range(6)}
    for name, known in orders.items():
        idle.admin.put(name, known)
    idle.sandbox.fail(
        {"status": 503, "retry_after": 1, "probability": 0.3, "seed": 5, "times": 3},
        {"delay_seconds": 0.12, "probability": 0.3, "seed": 7, "forever": True},
        {"delay_seconds": 0.03, "probability": 0.5, "seed": 9, "forever": True},
    )

    for number in range(15):
        for name in orders:
            idle.erp.posted({"event_type": "note", "po_number": name, "notes": str(number)})
    for known in orders.values():
        (tracking_number,) = known["lines"][0]["tracking_numbers"]
        idle.admin.notified(parcel(tracking_number, "in_transit", "delivered"))

    eventually(lambda: not idle.redis.keys("rq:job:*"), what="an empty queue", seconds=30)
    told: dict[str, list[str]] = defaultdict(list)
    for request in idle.sandbox.requests():
        body = request["body"]
        if request["took_effect"]:
            is_note = body["event_type"] == "note"
            told[body["purchase_lines"][0]].append(body["notes"] if is_note else body["event_type"])
    expected = [*(str(number) for number in range(15)), "shipped", "delivered"]
    assert told == {lines_of(known)[0]: expected for known in orders.values()}
