"""What is remembered of a shipment, scan by scan."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from purchasing.shipments import Shipment, identity
from purchasing.updates import Meaning, Scan
from tests.strategies import scans

AT = datetime(2026, 11, 20, 8, 30, 59, tzinfo=UTC)


def scan(meaning: Meaning | None, at: datetime | None = AT, **more: str) -> Scan:
    """A scan."""
    return Scan(meaning=meaning, code=more.pop("code", str(meaning)), at=at, **more)


def test_a_scan_is_the_same_whoever_tells_of_it() -> None:
    """Two senders' words for the same thing in the same minute are one scan."""
    here = scan(Meaning.MOVING, AT, words="Departed", place="Reno", code="in_transit")
    there = scan(
        Meaning.MOVING,
        AT.replace(second=1).astimezone(timezone(timedelta(hours=-8))),
        words="On the way",
        code="DP",
    )

    assert identity(here) == identity(there)


def test_scans_differ_by_meaning_or_minute() -> None:
    """Another meaning or another minute makes another scan."""
    first = identity(scan(Meaning.MOVING))

    assert identity(scan(Meaning.DELAYED)) != first
    assert identity(scan(Meaning.MOVING, AT + timedelta(minutes=1))) != first


def test_a_scan_without_an_instant_is_told_apart_by_what_there_is() -> None:
    """Where the zone is not known the local time counts, and where no time is, the words."""
    local = scan(Meaning.MOVING, None, local_time="2026-11-20T08:30:00")
    timeless = scan(Meaning.MOVING, None, words="Departed")

    assert identity(local) == "moving@2026-11-20T08:30:00"
    assert identity(timeless) == "moving@?Departed"
    assert identity(scan(Meaning.MOVING, None, words="Arrived")) != identity(timeless)


def test_a_code_without_a_meaning_is_told_apart_by_itself() -> None:
    """Scans whose codes are not in the table are told apart by their codes."""
    assert identity(scan(None, code="teleported")) != identity(scan(None, code="beamed"))


def test_a_scan_that_begins_a_meaning_is_an_occurrence_of_it() -> None:
    """Delayed, moving, delayed again are two delays; delayed twice in a row is one."""
    shipment = Shipment()
    meanings = [Meaning.DELAYED, Meaning.DELAYED, Meaning.MOVING, Meaning.DELAYED]
    for hour, meaning in enumerate(meanings):
        shipment = shipment.after(scan(meaning, AT + timedelta(hours=hour)))

    assert shipment.occurrences == {"delayed": 2, "moving": 1}
    assert shipment.meaning is Meaning.DELAYED
    assert shipment.last_at == AT + timedelta(hours=3)
    assert len(shipment.seen) == 4


def test_a_scan_without_meaning_or_time_leaves_both_as_they_were() -> None:
    """A scan that says nothing of where the goods are changes only what was seen."""
    before = Shipment().after(scan(Meaning.MOVING))

    shipment = before.after(scan(None, None, code="teleported"))

    assert (shipment.meaning, shipment.last_at) == (Meaning.MOVING, AT)
    assert shipment.occurrences == before.occurrences
    assert shipment.seen == (*before.seen, shipment.last_scan)


def test_what_was_seen_is_bounded() -> None:
    """Only the newest 200 scans are remembered, so that a shipment stays small."""
    shipment = Shipment()
    for minute in range(500):
        shipment = shipment.after(scan(Meaning.MOVING, AT + timedelta(minutes=minute)))

    assert len(shipment.seen) == 200
    assert shipment.seen[-1] == shipment.last_scan
    assert shipment.occurrences == {"moving": 1}


@given(history=st.lists(scans, max_size=8))
def test_a_shipment_is_kept_as_it_is(history: list[Scan]) -> None:
    """A shipment that was kept and read again is the same one."""
    shipment = Shipment()
    for it in history:
        shipment = shipment.after(it)

    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(shipment), type=Shipment)

    assert kept == shipment
