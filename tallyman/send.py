"""`tallyman send`: post a file exactly as a configured source would."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from cyclopts import Parameter

from purchasing.configuration import Configuration
from purchasing.notification import Notification
from purchasing.sources import all_sources
from tallyman.client import connected, service_url
from tallyman.configuration import configuration_here
from tallyman.data import data_directory
from tallyman.errors import CommandError, MisuseError
from tallyman.files import read_file
from tallyman.output import as_typed, harmless, say


def send(
    source: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    url: str | None = None,
) -> None:
    """Sign a file as a source would, with its newest secret, and post it.

    Args:
        source: The name of a source, or of an internal service, in the configuration.
        file: What is posted, byte for byte; - reads standard input.
        url: Where the service is. TALLYMAN_URL, or the address of `tallyman up` here, without.
    """
    running = data_directory(os.environ).running()
    configuration = configuration_here(os.environ, running)
    address = (url or service_url(os.environ, running)).rstrip("/")
    body = read_file(file)
    path = "/v1/events" if source in configuration.internal.tokens else f"/webhooks/{source}"
    notification = Notification(
        id=uuid4().hex,
        source=source,
        format="",
        received_at=datetime.now(UTC),
        body=body,
        path=f"{urlsplit(address).path}{path}",
    )
    headers = _signed(notification, configuration)
    with connected(address) as service:
        _tell(service.ask("POST", path, content=body, headers=headers))


def _signed(notification: Notification, configuration: Configuration) -> Mapping[str, str]:
    """The headers with which the source would post this."""
    name = notification.source
    settings = configuration.sources.get(name)
    token = configuration.internal.tokens.get(name)
    if settings is None and token is None:
        known = ", ".join([*configuration.sources, *configuration.internal.tokens]) or "none"
        message = f'No source "{name}" is configured; there is {known}.'
        raise MisuseError(message)
    format_ = all_sources()[settings.format if settings else "internal"]
    secrets = settings.secrets if settings else (token or "",)
    if settings and settings.unauthenticated:
        # Only the content type is of use; what nobody checks is signed with nothing.
        headers = format_.sign(notification, "none", notification.received_at)
        return {key: text for key, text in headers.items() if key == "content-type"}
    if not secrets:
        message = f'The source "{name}" has no secrets, so nobody can sign for it.'
        raise CommandError(message)
    return format_.sign(notification, secrets[0], notification.received_at)


def _tell(answer: httpx.Response) -> None:
    try:
        accepted = answer.json()
        identity, is_duplicate = accepted["id"], accepted["duplicate"]
    except (ValueError, TypeError, KeyError):
        # Some senders are answered in their own language.
        say(harmless(answer.text) or f"Answered {answer.status_code}.")
        return
    if is_duplicate:
        say(f"This was posted before: it is a duplicate of notification {identity}.")
    else:
        say(f"Accepted as notification {identity}.")
    say(f"What becomes of it: {as_typed('notifications', 'show', identity)}")
