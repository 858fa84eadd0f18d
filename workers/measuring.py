"""What a worker measures by itself, and where it can be read."""

from prometheus_client import CollectorRegistry, Histogram, start_http_server

from purchasing.telemetry import Metric


class Metrics:
    """The metrics of one worker."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.call_seconds = Histogram(
            Metric.CALL_SECONDS,
            "How long calls to Cofactr took.",
            ["outcome"],
            registry=self.registry,
        )

    def serve(self, host: str, port: int) -> None:
        """Answer `GET /metrics` on a port of its own, from a thread of its own."""
        start_http_server(port, addr=host, registry=self.registry)
