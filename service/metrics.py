"""`/metrics`: what this process measured, and what Redis knows of all of them."""

from collections.abc import Iterable
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from purchasing.telemetry import Metric
from service.context import Context
from store.accounts import Account, Breaker, Depth, read_accounts, read_depth


@get("/metrics", summary="Metrics for Prometheus", include_in_schema=False)
async def show_metrics(context: NamedDependency[Context]) -> Response[Any]:
    """Show the metrics in Prometheus' text format."""
    accounts = await read_accounts(context.redis)
    depth = await read_depth(context.redis, context.clock())
    registry = CollectorRegistry()
    _notifications(registry, accounts)
    _queue(registry, depth)
    _breakers(registry, depth.breakers)
    backlog = Gauge(Metric.BACKLOG, "Waiting to be made durable here.", registry=registry)
    backlog.set(context.acceptance.backlog)
    body = generate_latest(context.metrics.registry) + generate_latest(registry)
    return Response(body, headers={"content-type": CONTENT_TYPE_LATEST})


def _notifications(registry: CollectorRegistry, accounts: dict[str, Account]) -> None:
    gauge = Gauge(
        Metric.NOTIFICATIONS,
        "Notifications by what became of them.",
        ["source", "state"],
        registry=registry,
    )
    for source, account in accounts.items():
        for state in account.__struct_fields__:
            gauge.labels(source, state).set(getattr(account, state))


def _queue(registry: CollectorRegistry, depth: Depth) -> None:
    jobs = Gauge(Metric.QUEUE, "Jobs by what they wait for.", ["of"], registry=registry)
    for of in ("waiting", "in_flight", "scheduled", "deferred", "failed"):
        jobs.labels(of).set(getattr(depth, of))
    oldest = Gauge(Metric.OLDEST_SECONDS, "Age of the oldest queued.", registry=registry)
    oldest.set(depth.oldest_seconds or 0)
    Gauge(Metric.WORKERS, "Workers.", registry=registry).set(depth.workers)
    Gauge(Metric.PAUSED, "Whether it is paused.", registry=registry).set(depth.paused)


def _breakers(registry: CollectorRegistry, breakers: Iterable[Breaker]) -> None:
    gauge = Gauge(
        Metric.BREAKER_OPEN,
        "Organisations whose calls are held.",
        ["org_id", "misconfigured"],
        registry=registry,
    )
    for breaker in breakers:
        gauge.labels(breaker.org_id or "", str(breaker.is_misconfigured).lower()).set(1)
