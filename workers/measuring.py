"""What a worker measures by itself, whether it is alive, and where both can be read."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from time import monotonic
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, Histogram, make_wsgi_app

from purchasing.telemetry import Metric

# A round of decisions holds the loop for some 25 ms; what holds it for so long does not end.
_SILENT_SECONDS = 30.0
_BEAT_SECONDS = 1.0


class Pulse:
    """Whether the loop of a worker turns; what it waits for, Redis and Cofactr, has no say."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._beaten_at = clock()

    @property
    def is_alive(self) -> bool:
        """Whether the loop has turned of late."""
        return self._clock() - self._beaten_at < _SILENT_SECONDS

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self._beaten_at = self._clock()
            await asyncio.sleep(_BEAT_SECONDS)


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

    def serve(self, host: str, port: int, pulse: Pulse) -> WSGIServer:
        """Answer `GET /metrics` and `GET /livez` on a port of its own, from a thread of its own.

        The thread answers also when the loop does not turn, and says so.
        """
        metrics: WSGIApplication = make_wsgi_app(self.registry)

        def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"] != "/livez":
                return metrics(environ, start)
            status = "200 OK" if pulse.is_alive else "503 Service Unavailable"
            start(status, [("Content-Type", "application/json")])
            return [b'{"status":"alive"}' if pulse.is_alive else b'{"status":"not alive"}']

        server_class = _ServerOf6 if ":" in host else _Server
        server = make_server(host, port, answer, server_class, _Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _ServerOf6(_Server):
    address_family = socket.AF_INET6


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Log nothing: what is asked here is asked every few seconds."""
