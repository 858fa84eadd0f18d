"""What this process measures by itself."""

from prometheus_client import CollectorRegistry, Histogram

from purchasing.telemetry import Metric


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.accept_seconds = Histogram(
            Metric.ACCEPT_SECONDS,
            "How long it took to make a notification durable.",
            ["source"],
            registry=self.registry,
        )
