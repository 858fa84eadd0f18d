"""Logs as lines of JSON or, for people, of text: `TALLYMAN_LOG` says which."""

import logging
import sys
from collections.abc import Mapping

import structlog


def set_up_logging(environment: Mapping[str, str]) -> None:
    """Log to standard error; secrets are never passed to a log, so nothing is filtered here."""
    is_json = environment.get("TALLYMAN_LOG", "json" if not sys.stderr.isatty() else "console")
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if is_json == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
