"""Suppliers' documents in the store: what one statement teaches, the next ones know."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from purchasing.configuration import Configuration, Durability, SourceSettings
from purchasing.decisions import Decision
from purchasing.documents import Purpose, ShipNotice
from purchasing.notification import Notification
from purchasing.orders import by_po_number, by_tracking_number
from purchasing.plans import ShipmentKey
from purchasing.sources import all_sources
from purchasing.updates import Reading
from store import keys
from store.book import OrderBook
from store.client import Client
from store.deciding import Case, Deciding, Outcome
from store.durability import Durable
from tests.documents import LINE_ONE, LINE_TWO, NUMBER, ORDER, ORDER_KEY, body, notice
from tests.test_store.sources import ReadBy


def ship_notices(notification: Notification) -> Reading:
    """Read a list of ship notices as we read them."""
    return Reading(updates=msgspec.json.decode(notification.body, type=tuple[ShipNotice, ...]))


def now() -> datetime:
    """A clock that stands."""
    return datetime(2026, 11, 20, 18, tzinfo=UTC)


class Desk:
    """An order book with one order, and what is decided beside it."""

    def __init__(self, client: Client, redis: Any) -> None:
        self._redis = redis
        self.book = OrderBook(client, now, Durable(client, Durability()))
        self._deciding = Deciding(
            client,
            self.book,
            {**all_sources(), "easypost": ReadBy(ship_notices)},
            Configuration(sources={"easypost": SourceSettings(format="easypost")}),
        )

    async def decide(self, posted: Notification, before: Decision | None = None) -> Outcome:
        """Decide a notification, and write down what is learned of it."""
        case = Case(notification=posted, before=before or Decision())
        (outcome,) = await self._deciding.decide([case])
        for key, value in outcome.writes.items():
            self._redis.set(key, value)
        return outcome


@pytest.fixture
async def desk(client: Client, redis: Any) -> Desk:
    """An order book that holds nothing else."""
    made = Desk(client, redis)
    await made.book.put(ORDER)
    return made


def noticed(name: str, *lines: tuple[str, str], purpose: Purpose = Purpose.NEW) -> Notification:
    """A ship notice of some lines, each with its quantity."""
    notices = [
        msgspec.structs.replace(
            notice(quantity=quantity, purpose=purpose),
            item=msgspec.structs.replace(notice().item, line_number=number),
        )
        for number, quantity in lines
    ]
    return Notification(
        id=name * 24,
        source="easypost",
        format="easypost",
        received_at=now(),
        body=msgspec.json.encode(notices),
    )


async def test_the_lines_of_a_notice_are_decided_in_each_others_light(desk: Desk) -> None:
    """A notice's lines are bound to its number together, and what waited for it goes on."""
    outcome = await desk.decide(noticed("a", ("1", "60"), ("2", "60"), ("1", "60")))

    assert [body(it).purchase_lines for it in outcome.decision.commands] == [
        LINE_ONE.purchase_lines,
        LINE_TWO.purchase_lines,
        LINE_ONE.purchase_lines,
    ]
    assert [it.reason for it in outcome.decision.attention] == ["over_shipped"]
    assert outcome.decision.held == outcome.decision.ignored == ()
    lookup = by_tracking_number(NUMBER)
    assert outcome.wakes == (keys.waiting(lookup),)
    assert set(outcome.writes) == {
        keys.learned(ORDER_KEY),
        keys.lookup(lookup),
        keys.shipment(ShipmentKey(ORDER_KEY, lookup.text)),
    }


async def test_a_notice_that_is_decided_again_ships_nothing_twice(desk: Desk) -> None:
    """A notice that said nothing new and is replayed, or goes on, adds nothing to itself."""
    first = await desk.decide(noticed("a", ("1", "60")))
    repeated = noticed("b", ("1", "60"), ("9", "60"))

    found = [await desk.decide(repeated)]
    found += [await desk.decide(repeated, found[0].decision) for _ in range(3)]

    assert [body(it).quantity for it in first.decision.commands] == [60]
    for outcome in found:
        assert outcome.decision.commands == ()
        assert set(outcome.decision.reasons) == {"unmatched", "duplicate_statement"}


async def test_what_is_left_out_is_noticed_once_all_is_found(desk: Desk) -> None:
    """A replacing notice that waits for one line is held for a line that it leaves out, too."""
    await desk.decide(noticed("a", ("1", "60"), ("2", "50")))
    replaced = noticed("b", ("1", "80"), ("3", "5"), purpose=Purpose.REPLACES)
    waiting = (await desk.decide(replaced)).decision
    third = msgspec.structs.replace(ORDER.lines[2], line_number="3")
    await desk.book.put(msgspec.structs.replace(ORDER, lines=(*ORDER.lines[:2], third)))

    found = (await desk.decide(replaced, waiting)).decision
    again = (await desk.decide(replaced, found)).decision

    assert [it.reason for it in waiting.held] == ["unmatched"]
    assert [body(it).quantity for it in found.commands] == [20, 5]
    assert [it.reason for it in found.held] == ["needs_person"]
    assert "Line 2 of order PO-1" in found.held[0].detail
    assert again == found


async def test_a_quantity_for_several_lines_waits_for_an_order_of_one(desk: Desk) -> None:
    """What is said of a whole order goes on when the order is put with the one line it means."""
    whole = msgspec.structs.replace(noticed("a"), body=msgspec.json.encode([notice(quantity="60")]))
    waiting = await desk.decide(whole)
    await desk.book.put(msgspec.structs.replace(ORDER, lines=ORDER.lines[:1]))

    found = await desk.decide(whole, waiting.decision)

    assert [it.reason for it in waiting.decision.held] == ["unmatched"]
    assert keys.waiting(by_po_number(ORDER.po_number)) in waiting.waits
    assert [body(it).quantity for it in found.decision.commands] == [60]
