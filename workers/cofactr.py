"""The Cofactr Platform API: a command goes out, and what became of it comes back.

This is the only place that speaks to Cofactr and that knows httpx's errors.
Source: Cofactr Platform API, "Create Purchase Event" (modified 2024-09-26) and "Update Many NoPart
Purchase Lines" (modified 2024-08-23); the shapes of errors are those of Django REST Framework.
"""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx
import msgspec

from purchasing.commands import Command, CreatePurchaseEvent, UpdateNoPartLine
from purchasing.configuration import NoPartLinesBody
from purchasing.errors import ConfigurationError
from purchasing.outcomes import Done, Misconfigured, Outcome, Rejected, RetryLater, Unknown
from store.jobs import Clock
from workers.transport import Transport, origin_of, tls_context

# An answer is one event or some lines; more than this is not an answer of this API.
_LARGEST_ANSWER = 1024 * 1024
_LONGEST_DETAIL = 1000
# All events go to one address; the lines of each order have one of their own.
_PATHS_KEPT = 256
_ENCODER = msgspec.json.Encoder()

# The failures of httpx that happen before a byte of the request is on its way.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _Created(msgspec.Struct, frozen=True):
    id: str | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on the wire for a command."""

    method: str
    path: str
    body: bytes
    org_id: str | None


def request_for(command: Command, no_part_lines_body: NoPartLinesBody) -> Request:
    """The request that a command means; the trailing slashes are mandatory."""
    match command:
        case CreatePurchaseEvent():
            return Request(
                method="POST",
                path="/v1/purchase_events/",
                body=_ENCODER.encode(command.body),
                org_id=command.org_id,
            )
        case UpdateNoPartLine():
            as_array = no_part_lines_body is NoPartLinesBody.ARRAY
            return Request(
                method="PATCH",
                path=f"/v1/purchase_orders/{command.purchase_order}/no_part_lines/",
                body=_ENCODER.encode([command.body] if as_array else command.body),
                org_id=command.org_id,
            )


class Cofactr:
    """One client for all calls of a process; close it when done.

    It stands on a transport of httpx's kind and not on httpx's client, whose redirects, cookies,
    proxies and netrc files may none of them have a say in where the key goes.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        timeout_seconds: float,
        clock: Clock,
        no_part_lines_body: NoPartLinesBody = NoPartLinesBody.OBJECT,
    ) -> None:
        """Prepare the client; nothing is sent yet.

        Raises:
            ConfigurationError: The address or the key can be none.
        """
        self._no_part_lines_body = no_part_lines_body
        self._deadline = timeout_seconds
        self._clock = clock
        self._base = _address(base_url)
        self._origin = origin_of(self._base)
        self._headers = b"\r\n".join(
            [
                b"Host: " + self._base.netloc,
                b"Authorization: Api-Key " + _header(api_key, "COFACTR_API_KEY"),
                b"Content-Type: application/json",
                b"Accept: application/json",
                b"Accept-Encoding: identity",
                b"User-Agent: tallyman",
            ]
        )
        # A connection that takes half the time there is will not carry a call in the rest.
        self._connect_seconds = timeout_seconds / 2
        self._path = lru_cache(maxsize=_PATHS_KEPT)(self._path_of)
        self._transport = Transport(tls=tls_context(), most_bytes=_LARGEST_ANSWER)

    async def send(self, command: Command) -> Outcome:
        """Make the call, once, and say what became of it; raises nothing but cancellation."""
        request = request_for(command, self._no_part_lines_body)
        try:
            async with asyncio.timeout(self._deadline):
                return await self._call(request)
        except _NOT_SENT as error:
            return RetryLater(f"Cofactr cannot be reached: {_named(error)}")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Unknown(f"The request was sent and no answer came: {_named(error)}")

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _path_of(self, path: str) -> bytes:
        raw_path = self._base.raw_path.rstrip(b"/") + path.encode("ascii")
        return self._base.copy_with(raw_path=raw_path).raw_path

    async def _call(self, request: Request) -> Outcome:
        organisation = b""
        if request.org_id:
            organisation = b"\r\nx-org-id: " + request.org_id.encode("ascii")
        answer = await self._transport.ask(
            self._origin,
            b"%s %s HTTP/1.1\r\n%s\r\nContent-Length: %d%s\r\n\r\n%s"
            % (
                request.method.encode("ascii"),
                self._path(request.path),
                self._headers,
                len(request.body),
                organisation,
                request.body,
            ),
            connect_seconds=self._connect_seconds,
        )
        return outcome_of(
            answer.status,
            httpx.Headers(answer.headers),
            answer.body,
            is_post=request.method == "POST",
            now=self._clock(),
        )


def _address(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        message = f'COFACTR_BASE_URL is "{base_url}"; it is an address such as https://host.'
        raise ConfigurationError(message)
    return url


def _header(value: str, name: str) -> bytes:
    if not value.isascii() or not value.isprintable():
        message = f"{name} holds a character that no header can carry."
        raise ConfigurationError(message)
    return value.encode("ascii")


def outcome_of(
    status: int, headers: httpx.Headers, body: bytes, *, is_post: bool, now: datetime
) -> Outcome:
    """What an answer means for the call that it answers."""
    if 200 <= status < 300:  # noqa: PLR2004  # the range of success, known to every reader
        return Done(status, _id_of(body))
    detail = f"Cofactr answered {status}: {_words(body)}"
    match status:
        case 429 | 503:
            return RetryLater(detail, status, _retry_after(headers, now))
        case 401 | 403:
            return Misconfigured(status, f"{detail} Check COFACTR_API_KEY and its permissions.")
        case 404 if is_post:
            return Misconfigured(status, f"{detail} Check COFACTR_BASE_URL.")
        case _ if 300 <= status < 400:  # noqa: PLR2004  # the range of redirects
            where = headers.get("location", "nowhere")
            return Misconfigured(
                status, f"Cofactr redirects to {where[:200]}. Check COFACTR_BASE_URL."
            )
        case _ if status >= 500:  # noqa: PLR2004  # the range of server errors
            return Unknown(detail, status)
        case _:
            return Rejected(status, detail)


def _id_of(body: bytes) -> str | None:
    try:
        return msgspec.json.decode(body, type=_Created).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # A PATCH answers an array; and a success stays one, whatever its body is.
        return None


def _words(body: bytes) -> str:
    """The error of Django REST Framework in one line; a proxy's page is cut short."""
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = " ".join(body.decode("utf-8", "replace").split())
        return text[:200] or "(no words)"
    return "; ".join(_flattened(said, ""))[:_LONGEST_DETAIL] or "(no words)"


def _flattened(said: Any, place: str) -> list[str]:
    if isinstance(said, dict):
        return [
            line
            for key, value in said.items()
            for line in _flattened(
                value,
                place if key in ("detail", "non_field_errors") else f"{place}.{key}".lstrip("."),
            )
        ]
    if isinstance(said, list):
        return [
            line
            for number, value in enumerate(said)
            for line in _flattened(value, place if isinstance(value, str) else f"{place}[{number}]")
        ]
    return [f"{place}: {said}" if place else str(said)]


def _retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """The seconds of a Retry-After, given as seconds or as a date (RFC 9110 section 10.2.3)."""
    given = headers.get("retry-after", "").strip()
    if given.isdecimal():
        return float(given)
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
