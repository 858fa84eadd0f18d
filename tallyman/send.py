"""`tallyman send`: post a file exactly as a configured source would."""

import os
import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import msgspec
from cyclopts import Parameter

from purchasing.configuration import Configuration, SourceSettings
from purchasing.errors import MalformedError
from purchasing.handshakes import SignsBody
from purchasing.notification import Notification
from purchasing.sources import all_sources, configured
from purchasing.trust import Trust
from tallyman.client import connected, service_url
from tallyman.configuration import configuration_here
from tallyman.data import data_directory
from tallyman.errors import CommandError, MisuseError
from tallyman.files import read_file
from tallyman.output import as_typed, harmless, say

_CXML_REFUSAL = re.compile(r'<Status code="[345][0-9]{2}"[^>]*>')


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
    path = _path(source, configuration)
    with connected(address) as service:
        notification = Notification(
            id=uuid4().hex,
            source=source,
            format="",
            received_at=datetime.now(UTC),
            body=body,
            path=f"{urlsplit(address).path}{path}",
        )
        signed = _signed(notification, configuration)
        _tell(service.ask("POST", path, content=signed.body, headers=signed.headers))


def _path(source: str, configuration: Configuration) -> str:
    if source in configuration.internal.tokens:
        return "/v1/events"
    settings = configuration.sources.get(source)
    token = f"/{settings.path_tokens[0]}" if settings and settings.path_tokens else ""
    return f"/webhooks/{source}{token}"


def _signed(notification: Notification, configuration: Configuration) -> Notification:
    """The notification as the source would post it, with its proof in headers or in the body."""
    name = notification.source
    settings = configuration.sources.get(name)
    token = configuration.internal.tokens.get(name)
    if settings is None and token is None:
        known = ", ".join([*configuration.sources, *configuration.internal.tokens]) or "none"
        message = f'No source "{name}" is configured; there is {known}.'
        raise MisuseError(message)
    settings = settings or SourceSettings(format="internal", secrets=(token or "",))
    format_ = configured(all_sources()[settings.format], settings)
    if settings.unauthenticated:
        # Only the content type is of use; what nobody checks is signed with nothing.
        trust = Trust(settings=msgspec.structs.replace(settings, secrets=("none",)))
        headers = format_.sign(notification, trust, notification.received_at)
        plain = {key: text for key, text in headers.items() if key == "content-type"}
        return msgspec.structs.replace(notification, headers=plain)
    if not settings.secrets:
        message = f'The source "{name}" has no secrets, so nobody can sign for it.'
        raise CommandError(message)
    trust = Trust(settings=settings)
    if isinstance(format_, SignsBody):
        try:
            body = format_.signed_body(notification.body, trust)
        except MalformedError as error:
            raise CommandError(str(error)) from None
        notification = msgspec.structs.replace(notification, body=body)
    headers = format_.sign(notification, trust, notification.received_at)
    return msgspec.structs.replace(notification, headers=dict(headers))


def _tell(answer: httpx.Response) -> None:
    try:
        accepted = answer.json()
        identity, is_duplicate = accepted["id"], accepted["duplicate"]
    except (ValueError, TypeError, KeyError):
        # Some senders are answered in their own language; cXML tells a refusal inside HTTP 200.
        if refused := _CXML_REFUSAL.search(answer.text):
            message = f"It was refused: {harmless(refused[0])}"
            raise CommandError(message) from None
        say(harmless(answer.text) or f"Answered {answer.status_code}.")
        return
    if is_duplicate:
        say(f"This was posted before: it is a duplicate of notification {identity}.")
    else:
        say(f"Accepted as notification {identity}.")
    say(f"What becomes of it: {as_typed('notifications', 'show', identity)}")
