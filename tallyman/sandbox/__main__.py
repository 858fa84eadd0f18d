"""`python -m tallyman.sandbox`: the sandbox as a process of its own."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, cast
from uuid import uuid4

from tallyman.sandbox.app import create_sandbox
from tallyman.sandbox.calls import NoPartLinesBody
from tallyman.sandbox.server import create_server

DEFAULT_API_KEY: Final = "sandbox-key"
"""The key that is right if neither `--api-key` nor `COFACTR_API_KEY` names another."""

DEFAULT_PORT: Final = 8090
"""Beside the 8080 of the service."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the sandbox until it is interrupted or terminated."""
    options = _parser(environment).parse_args(arguments)
    app = create_sandbox(
        options.api_key,
        lambda: datetime.now(UTC),
        uuid4,
        no_part_lines_body=cast("NoPartLinesBody", options.no_part_lines_body),
    )
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listener = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {options.host} port {options.port}: {error}\n")
        return 1
    host = f"[{options.host}]" if family is socket.AF_INET6 else options.host
    sys.stdout.write(f"Cofactr sandbox on http://{host}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    # Uvicorn ends in good order and then raises the signal that it got once more.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        create_server(app).run(sockets=[listener])
    return 0


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tallyman.sandbox", description="A stand-in for Cofactr's API."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="%(default)s if not given; 0: any free one"
    )
    parser.add_argument(
        "--api-key",
        default=environment.get("COFACTR_API_KEY") or DEFAULT_API_KEY,
        help=f"the only valid key: if not given, $COFACTR_API_KEY, else {DEFAULT_API_KEY}",
    )
    parser.add_argument(
        "--no-part-lines-body",
        choices=("object", "array"),
        default="object",
        help="what Update Many NoPart Purchase Lines takes: the documented object, or an array too",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
