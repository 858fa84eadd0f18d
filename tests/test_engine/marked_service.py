"""A service that kills itself at a marked step: `python -m tests.test_engine.marked_service`.

It has the routes by which notifications come in, over an acceptance that watches the steps.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.di import Provide

from purchasing.errors import TallymanError
from purchasing.sources import all_sources
from service import events, health, problems, webhooks
from service.access import Access
from service.context import Context
from service.measuring import Metrics
from service.outside import Outside
from service.published_keys import PublishedKeys
from service.senders import senders_of
from service.settings import Settings, settings_in
from store.acceptance import Acceptance
from store.administration import Administration
from store.book import OrderBook
from store.connection import connect
from store.deciding import Deciding
from store.durability import Durable
from store.jobs import ID_LENGTH
from store.logging import set_up_logging
from store.records import Records
from tests.test_engine.marked import Mark

MARK = Mark(os.environ)


class MarkedDurable(Durable):
    async def run(self, name: str, argument: dict[str, Any]) -> Any:
        MARK.reached(f"before {name}")
        answer = await super().run(name, argument)
        MARK.reached(f"after {name}")
        return answer


def _now() -> datetime:
    return datetime.now(UTC)


def composed(settings: Settings) -> Litestar:
    """A service whose acceptance is watched."""
    configuration = settings.configuration
    redis = connect(settings.redis_url)
    durable = MarkedDurable(redis, configuration.durability)
    acceptance = Acceptance(durable, _now)
    book = OrderBook(redis, _now, durable)
    outside = Outside()
    context = Context(
        configuration=configuration,
        sources=all_sources(),
        senders=senders_of(configuration, all_sources()),
        access=Access(configuration, settings.admin_token),
        acceptance=acceptance,
        book=book,
        records=Records(redis),
        deciding=Deciding(redis, book, all_sources(), configuration),
        administration=Administration(redis, _now, durable, configuration.retention),
        redis=redis,
        durable=durable,
        keys=PublishedKeys(configuration, all_sources(), outside),
        outside=outside,
        metrics=Metrics(),
        clock=_now,
        new_id=lambda: token_hex(ID_LENGTH // 2),
    )

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        committing = asyncio.create_task(acceptance.run())
        yield
        committing.cancel()
        with suppress(asyncio.CancelledError):
            await committing

    return Litestar(
        route_handlers=[webhooks.receive, events.post_event, health.livez],
        dependencies={"context": Provide(lambda: context, sync_to_thread=False)},
        exception_handlers={TallymanError: problems.on_tallyman_error},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )


if __name__ == "__main__":
    set_up_logging(os.environ)
    of = settings_in(os.environ)
    uvicorn.run(composed(of), host=of.host, port=of.port, access_log=False, log_level="warning")
