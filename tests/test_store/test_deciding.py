"""Deciding: what a defect of ours does to a notification."""

from datetime import UTC, datetime

from purchasing.configuration import Configuration, Durability, SourceSettings
from purchasing.notification import Notification
from purchasing.sources import all_sources
from purchasing.updates import Reading
from store.book import OrderBook
from store.connection import connect
from store.deciding import Case, Deciding
from store.durability import Durable
from tests.running import Valkey
from tests.test_store.sources import ReadBy


def defective(notification: Notification) -> Reading:
    """Fail as a defect does."""
    raise ZeroDivisionError(notification.id)


def now() -> datetime:
    """A clock that stands."""
    return datetime(2026, 11, 3, tzinfo=UTC)


async def test_a_defect_in_a_source_holds_the_notification(server: Valkey) -> None:
    """What a source fails to read is held, and neither lost nor the end of the worker."""
    redis = connect(server.url)
    configuration = Configuration(sources={"easypost": SourceSettings(format="easypost")})
    sources = {**all_sources(), "easypost": ReadBy(defective)}
    book = OrderBook(redis, now, Durable(redis, Durability()))
    deciding = Deciding(redis, book, sources, configuration)
    notification = Notification(
        id="a" * 24, source="easypost", format="easypost", received_at=now(), body=b"{}"
    )

    (outcome,) = await deciding.decide([Case(notification=notification)])
    await redis.aclose()

    (held,) = outcome.decision.held
    assert held.reason == "malformed"
    assert "ZeroDivisionError" in held.detail
