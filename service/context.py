"""What every route needs, made once in the composition root and passed in."""

from collections.abc import Callable, Mapping

import msgspec

from purchasing.configuration import Configuration
from purchasing.sources import Source
from service.access import Access
from service.measuring import Metrics
from service.outside import Outside
from service.published_keys import PublishedKeys
from service.senders import Sender
from store.acceptance import Acceptance
from store.administration import Administration
from store.book import OrderBook
from store.client import Client
from store.deciding import Deciding
from store.durability import Durable
from store.jobs import Clock
from store.records import Records


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a running service."""

    configuration: Configuration
    sources: Mapping[str, Source]
    senders: Mapping[str, Sender]
    access: Access
    acceptance: Acceptance
    book: OrderBook
    records: Records
    deciding: Deciding
    administration: Administration
    redis: Client
    durable: Durable
    keys: PublishedKeys
    outside: Outside
    metrics: Metrics
    clock: Clock
    new_id: Callable[[], str]
