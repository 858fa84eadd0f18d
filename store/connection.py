"""Opening Redis: plain, over TLS, by a socket, or through Sentinel.

redis-py's own retries are off: it would send a script again that may have run, and only some of
ours may be sent twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import msgspec
from redis import Redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from purchasing.errors import ConfigurationError, StoreUnavailableError
from store.client import Client

_SENTINEL_PORT = 26379
_SENTINEL = "redis+sentinel"
_SCHEMES = ("redis", "rediss", "unix", _SENTINEL)

# Waiting longer for a connection or an answer than a sender waits for us helps nobody.
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0


class _Address(msgspec.Struct, frozen=True, kw_only=True):
    """A Sentinel address, taken apart."""

    sentinels: list[tuple[str, int]]
    service: str
    options: dict[str, Any]


def connect(url: str, *, connections: int = 16, answer_seconds: float = ANSWER_SECONDS) -> Client:
    """A client for one of the addresses of the contract; nothing is sent yet.

    Raises:
        ConfigurationError: The address is of none of the kinds that are known.
    """
    options = _options(answer_seconds) | {"retry": AsyncRetry(NoBackoff(), 0)}
    if _scheme(url) == _SENTINEL:
        address = _sentinel_address(url)
        sentinel = AsyncSentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            address.sentinels, sentinel_kwargs=_options(CONNECT_SECONDS)
        )
        pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]  # as above
            address.service, sentinel, max_connections=connections, **options, **address.options
        )
        return cast("Client", AsyncRedis.from_pool(pool))
    with _readable(url):
        blocking = BlockingConnectionPool.from_url(
            url, max_connections=connections, timeout=answer_seconds, **options
        )
    return cast("Client", AsyncRedis.from_pool(blocking))


def connect_for_rq(url: str) -> Redis:
    """A client of the kind that RQ needs, for the same addresses.

    Raises:
        ConfigurationError: The address is of none of the kinds that are known.
    """
    options = _options(ANSWER_SECONDS) | {"retry": Retry(NoBackoff(), 0)}
    if _scheme(url) == _SENTINEL:
        address = _sentinel_address(url)
        sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            address.sentinels, sentinel_kwargs=_options(CONNECT_SECONDS)
        )
        master = sentinel.master_for(  # type: ignore[no-untyped-call]  # as above
            address.service, **options, **address.options
        )
        return cast("Redis", master)
    with _readable(url):
        return Redis.from_url(url, **options)


def _options(answer_seconds: float) -> dict[str, Any]:
    return {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": answer_seconds}


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError as error:
        message = f"REDIS_URL cannot be read: {error}."
        raise ConfigurationError(message) from None


@contextmanager
def _readable(url: str) -> Iterator[None]:
    scheme = _scheme(url)
    if scheme not in _SCHEMES:
        message = f'REDIS_URL begins with "{scheme}:"; it can begin with {", ".join(_SCHEMES)}.'
        raise ConfigurationError(message)
    try:
        yield
    except ValueError as error:
        message = f"REDIS_URL cannot be read: {error}."
        raise ConfigurationError(message) from None


def _sentinel_address(url: str) -> _Address:
    """redis+sentinel://[user:password@]host:port,host:port/service[/database]."""
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    service, _, database = parts.path.strip("/").partition("/")
    if not hosts or not service or not (database or "0").isdigit():
        message = (
            "REDIS_URL for Sentinel must look like redis+sentinel://host:port,host:port/service."
        )
        raise ConfigurationError(message)
    sentinels = []
    for host in hosts.split(","):
        name, _, port = host.partition(":")
        if not name or not (port or str(_SENTINEL_PORT)).isdigit():
            message = f'REDIS_URL names the sentinel "{host}", which is not host:port.'
            raise ConfigurationError(message)
        sentinels.append((name, int(port or _SENTINEL_PORT)))
    user, _, password = credentials.partition(":")
    options = {"username": unquote(user) or None, "password": unquote(password) or None}
    return _Address(
        sentinels=sentinels,
        service=service,
        options={name: value for name, value in options.items() if value}
        | {"db": int(database or "0")},
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever redis-py raises into the one error that callers act on."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        message = f"Redis cannot take this now: {type(error).__name__}: {error}"
        raise StoreUnavailableError(message) from error
