"""Suppliers' documents in the store: what one statement teaches, the next ones know."""

from datetime import UTC, datetime

import msgspec

from purchasing.configuration import Configuration, Durability, SourceSettings
from purchasing.documents import ShipNotice
from purchasing.notification import Notification
from purchasing.orders import by_tracking_number
from purchasing.plans import ShipmentKey
from purchasing.sources import all_sources
from purchasing.sources.easypost import SOURCE
from purchasing.updates import Reading
from store import keys
from store.book import OrderBook
from store.connection import connect
from store.deciding import Case, Deciding
from store.durability import Durable
from tests.documents import LINE_ONE, LINE_TWO, NUMBER, ORDER, ORDER_KEY, body, notice
from tests.running import Valkey


class Documents:
    """A source whose notifications are lists of ship notices as we read them."""

    name = "easypost"
    title = SOURCE.title
    authenticity = SOURCE.authenticity
    strength = SOURCE.strength
    codes = SOURCE.codes
    is_posted_to_webhooks = True
    authenticate = SOURCE.authenticate
    delivery_key = SOURCE.delivery_key
    answer = SOURCE.answer
    sign = SOURCE.sign

    def read(self, notification: Notification) -> Reading:
        """Read what the test wrote."""
        return Reading(updates=msgspec.json.decode(notification.body, type=tuple[ShipNotice, ...]))


def now() -> datetime:
    """A clock that stands."""
    return datetime(2026, 11, 20, 18, tzinfo=UTC)


async def test_the_lines_of_a_notice_are_decided_in_each_others_light(server: Valkey) -> None:
    """A notice's lines are bound to its number together, and what waited for it goes on."""
    redis = connect(server.url)
    book = OrderBook(redis, now, Durable(redis, Durability()))
    configuration = Configuration(sources={"easypost": SourceSettings(format="easypost")})
    deciding = Deciding(redis, book, {**all_sources(), "easypost": Documents()}, configuration)
    await book.put(ORDER)
    lines = [
        msgspec.structs.replace(
            notice(quantity="60"),
            item=msgspec.structs.replace(notice().item, line_number=number),
        )
        for number in ("1", "2", "1")
    ]
    notification = Notification(
        id="a" * 24,
        source="easypost",
        format="easypost",
        received_at=now(),
        body=msgspec.json.encode(lines),
    )

    (outcome,) = await deciding.decide([Case(notification=notification)])
    await redis.aclose()

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
