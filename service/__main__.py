"""Start the service: `python -m service`."""

import os
import signal
import sys
from datetime import UTC, datetime
from secrets import token_hex

import uvicorn

from purchasing.errors import ConfigurationError
from service.app import create_app
from service.plain_http import PlainHttp
from service.settings import Settings, settings_in
from store.acceptance import Acceptance
from store.jobs import ID_LENGTH
from store.logging import set_up_logging

# Longer than a sender's patience, shorter than what a cluster grants before it kills.
_DRAIN_SECONDS = 20


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return token_hex(ID_LENGTH // 2)


def serve(settings: Settings, acceptance: Acceptance | None = None) -> None:
    """Serve until SIGTERM or SIGINT; what is under way then is answered first."""
    # uvicorn drains, and then raises the signal that it got once more: what was told to end and
    # did so has not failed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    uvicorn.run(
        create_app(settings, clock=_now, new_id=_new_id, acceptance=acceptance),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=PlainHttp,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        # A sender's address is believed from these alone; without any, it is the connection's.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def main() -> int:
    """Run until stopped; the exit code says whether it could start."""
    set_up_logging(os.environ)
    try:
        serve(settings_in(os.environ))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
