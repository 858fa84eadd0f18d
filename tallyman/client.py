"""How the administration commands reach the service: its address, the token, and its refusals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from tallyman.data import Running, data_directory
from tallyman.errors import CommandError, MisuseError

_DEFAULT_PORT = "8080"
_ANSWER_SECONDS = 30.0


class Service:
    """A service that answers, or a sentence on why it does not."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send one request.

        Raises:
            CommandError: There is no answer, or one that refuses.
        """
        try:
            answer = self._client.request(method, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            message = (
                f"No Tallyman answers at {self._client.base_url}; start it with `tallyman up`,"
                " or say with TALLYMAN_URL where it is."
            )
            raise CommandError(message) from None
        except httpx.HTTPError as error:
            message = f"Tallyman at {self._client.base_url} gave no answer: {error}."
            raise CommandError(message) from None
        if not answer.is_success:
            raise CommandError(_refusal(answer))
        return answer

    def document(self, method: str, path: str, **request: Any) -> Any:
        """Send one request; returns the answer's JSON.

        Raises:
            CommandError: There is no answer, or one that refuses or is not Tallyman's.
        """
        answer = self.ask(method, path, **request)
        try:
            return answer.json()
        except ValueError:
            message = f"What answers at {self._client.base_url} is not Tallyman."
            raise CommandError(message) from None

    def put(self, path: str, document: Any) -> Any:
        """Put a document; returns the answer's JSON.

        Raises:
            CommandError: There is no answer, or one that refuses or is not Tallyman's.
        """
        # Amounts are exact: the encoder of httpx knows none that are.
        content = msgspec.json.encode(document)
        headers = {"Content-Type": "application/json"}
        return self.document("PUT", path, content=content, headers=headers)


@contextmanager
def administered(environment: Mapping[str, str]) -> Iterator[Service]:
    """The service, with the admin token.

    Raises:
        CommandError: No token is known.
    """
    running = data_directory(environment).running()
    url = service_url(environment, running)
    token = environment.get("TALLYMAN_ADMIN_TOKEN") or _local_token(url, running)
    if not token:
        raise CommandError(_no_token(environment, running))
    with connected(url, token) as service:
        yield service


@contextmanager
def connected(url: str, token: str | None = None) -> Iterator[Service]:
    """The service at an address, asked with a token or without any."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        client = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=_ANSWER_SECONDS,
            # A proxy that the environment names does not lead to this machine.
            trust_env=not _is_local(url),
        )
    except (httpx.InvalidURL, ValueError) as error:
        message = f"{url} is no address of a service: {error}."
        raise CommandError(message) from None
    with client:
        yield Service(client)


def notification_path(identity: str) -> str:
    """The address of a notification.

    Raises:
        MisuseError: The id is empty.
    """
    if not identity.strip():
        message = "The id of a notification is needed; `tallyman notifications list` shows them."
        raise MisuseError(message)
    return f"/v1/notifications/{quote(identity, safe='')}"


def service_url(environment: Mapping[str, str], running: Running | None) -> str:
    """Where the service is: `TALLYMAN_URL`, else where `tallyman up` says, else the default."""
    named = environment.get("TALLYMAN_URL")
    if named:
        return named.rstrip("/")
    if running is not None:
        return running.url
    return f"http://127.0.0.1:{environment.get('TALLYMAN_PORT') or _DEFAULT_PORT}"


def _local_token(url: str, running: Running | None) -> str | None:
    """The token of `tallyman up`; another machine must not learn it."""
    return running.admin_token if running is not None and _is_local(url) else None


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _no_token(environment: Mapping[str, str], running: Running | None) -> str:
    if running is not None or environment.get("TALLYMAN_URL"):
        return "No admin token is known for this address; set TALLYMAN_ADMIN_TOKEN."
    directory = data_directory(environment).path
    return (
        f"No `tallyman up` runs with the data directory {directory}; start one,"
        " or set TALLYMAN_URL and TALLYMAN_ADMIN_TOKEN."
    )


def _refusal(answer: httpx.Response) -> str:
    """What a problem document says, in one line."""
    try:
        problem = answer.json()
        detail = str(problem.get("detail") or problem.get("title") or "")
    except (ValueError, AttributeError):
        detail = ""
    return f"{detail or answer.reason_phrase} ({answer.status_code})"
