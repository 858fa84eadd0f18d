"""The composition root of the HTTP shell: every part is made here and passed on."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from purchasing.errors import TallymanError
from purchasing.sources import all_sources
from purchasing.telemetry import Log
from service import (
    administration,
    envelopes,
    events,
    health,
    metrics,
    notifications,
    orders,
    previews,
    problems,
    webhooks,
)
from service.access import Access
from service.context import Context
from service.measuring import Metrics
from service.outside import Outside
from service.published_keys import PublishedKeys
from service.senders import senders_of
from service.settings import Settings
from store.acceptance import Acceptance
from store.administration import Administration
from store.book import OrderBook
from store.connection import connect
from store.deciding import Deciding
from store.durability import Durable
from store.jobs import Clock
from store.records import Records
from store.tasks import end

_LOG = structlog.get_logger()


def create_app(
    settings: Settings,
    *,
    clock: Clock,
    new_id: Callable[[], str],
    acceptance: Acceptance | None = None,
    outside: Outside | None = None,
) -> Litestar:
    """The service as an ASGI application; it connects to Redis when it is first asked.

    Another acceptance than the one that writes to Redis can be passed in, and another way to reach
    senders than over the network.
    """
    redis = connect(settings.redis_url)
    # Of its own, so that nothing else can stand before what has to become durable.
    durable = connect(settings.redis_url, connections=2)
    accepted = Durable(durable, settings.configuration.durability)
    kept = Durable(redis, settings.configuration.durability)
    accepting = acceptance or Acceptance(accepted, clock)
    book = OrderBook(redis, clock, kept)
    sources = all_sources()
    outside = outside or Outside()
    keys = PublishedKeys(settings.configuration, sources, outside)

    context = Context(
        configuration=settings.configuration,
        sources=sources,
        senders=senders_of(settings.configuration, sources),
        access=Access(settings.configuration, settings.admin_token),
        acceptance=accepting,
        book=book,
        records=Records(redis),
        deciding=Deciding(redis, book, sources, settings.configuration),
        administration=Administration(redis, clock, kept, settings.configuration.retention),
        redis=redis,
        durable=accepted,
        keys=keys,
        outside=outside,
        metrics=Metrics(),
        clock=clock,
        new_id=new_id,
    )

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        del app
        committing = asyncio.create_task(accepting.run())
        committing.add_done_callback(_end_with)
        fetching = asyncio.create_task(keys.run())
        try:
            yield
        finally:
            await end(fetching, committing)
            await outside.aclose()
            await redis.aclose()
            await durable.aclose()

    return Litestar(
        route_handlers=[
            webhooks.receive,
            webhooks.receive_by_token,
            # Before the others of its path, which otherwise has an OPTIONS of the framework's.
            envelopes.allow_cloud_events,
            events.post_event,
            events.post_events,
            previews.preview_notification,
            orders.put_order,
            orders.get_order,
            orders.delete_order,
            orders.list_orders,
            notifications.list_notifications,
            notifications.get_notification,
            notifications.get_acknowledgement,
            notifications.list_sources,
            administration.replay,
            administration.discard,
            administration.resolve,
            administration.accounts,
            administration.queue,
            administration.pause,
            administration.resume,
            metrics.show_metrics,
            health.livez,
            health.readyz,
        ],
        dependencies={"context": Provide(lambda: context, sync_to_thread=False)},
        exception_handlers={
            TallymanError: problems.on_tallyman_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_any_error,
        },
        lifespan=[lifespan],
        openapi_config=OpenAPIConfig(
            title="Tallyman",
            version="1",
            path="/schema",
            render_plugins=[JsonRenderPlugin(path="/")],
        ),
        logging_config=None,
        pdb_on_exception=False,
    )


def _end_with(task: "asyncio.Task[None]") -> None:
    """End the process when its group commit ends by a defect: it could only answer 503."""
    if not task.cancelled() and (error := task.exception()):
        _LOG.error(Log.REQUEST_FAILED, path="group commit", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
