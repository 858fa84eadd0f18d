"""One statement is sent once, whoever makes it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.talking import Tallyman, order, parcel

NUMBER = "1Z999AA10123456784"


@pytest.mark.parametrize("in_a_row", [True, False])
def test_two_sources_that_say_the_same_are_heard_once(
    tallyman: Tallyman, *, in_a_row: bool
) -> None:
    """A delivery that two sources tell of is one purchase event, and the second is ignored."""
    tallyman.admin.put("PO-1", order(NUMBER))
    start = datetime.now(UTC) - timedelta(hours=1)
    ids = []

    for source in ("easypost", "easypost-too"):
        body = parcel(NUMBER, "in_transit", "delivered", began_at=start)
        ids.append(tallyman.admin.notified(body, source))
        if in_a_row:
            tallyman.admin.settled(ids[0], "delivered")

    tallyman.admin.settled(ids[0], "delivered")
    second = tallyman.admin.settled(ids[1], "ignored")
    assert set(second["reasons"]) <= {"duplicate_statement", "no_change"}
    assert tallyman.sandbox.types() == ["shipped", "delivered"]


def test_a_statement_that_the_ledger_knows_names_the_first(tallyman: Tallyman) -> None:
    """Where only the ledger knows that something was said, it is ignored and the first is named."""
    tallyman.admin.put("PO-1", order(NUMBER))
    first = tallyman.admin.notified(parcel(NUMBER, "in_transit"))
    tallyman.admin.settled(first, "delivered")
    (shipment,) = tallyman.redis.keys("tallyman:shipment:*")
    tallyman.redis.delete(shipment)

    second = tallyman.admin.notified(parcel(NUMBER, "in_transit"), "easypost-too")

    record = tallyman.admin.settled(second, "ignored")
    assert record["reasons"] == ["duplicate_statement"]
    assert first in record["decisions"]["ignored"][0]["detail"]
    assert tallyman.sandbox.types() == ["shipped"]


def test_two_delays_are_two_statements(tallyman: Tallyman) -> None:
    """Delayed, moving and delayed again is told as two delays."""
    tallyman.admin.put("PO-1", order(NUMBER))
    scans: list[str] = []

    for scan in ("in_transit", "failure", "in_transit", "failure"):
        scans.append(scan)
        tallyman.admin.settled(tallyman.admin.notified(parcel(NUMBER, *scans)), "delivered")

    assert tallyman.sandbox.types() == ["shipped", "delayed", "track", "delayed"]


def test_a_later_date_is_a_delay_and_an_earlier_one_is_a_new_date(tallyman: Tallyman) -> None:
    """An estimate that moves is told once, as a delay or as a new date."""
    tallyman.admin.put("PO-1", order(NUMBER))
    start = datetime.now(UTC) - timedelta(hours=1)

    for estimate, state in (
        ("2027-01-05", "delivered"),
        ("2027-01-08", "delivered"),
        ("2027-01-08", "ignored"),
        ("2027-01-06", "delivered"),
    ):
        body = parcel(NUMBER, "in_transit", began_at=start, estimate=estimate)
        tallyman.admin.settled(tallyman.admin.notified(body), state)

    said = [(body["event_type"], body["estimated_delivery"]) for body in tallyman.sandbox.bodies()]
    assert said == [
        ("shipped", "2027-01-05"),
        ("delayed", "2027-01-08"),
        ("reschedule", "2027-01-06"),
    ]
