"""What the workers read from the environment."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from purchasing.configuration import Configuration
from purchasing.errors import ConfigurationError
from store.environment import DEFAULT_COFACTR_URL, configuration_in, redis_url, required

# Renewed three times in this time; a worker that is gone is missed for no longer.
_LEASE_SECONDS = "20"
_LARGEST_PORT = 65_535
_SHORTEST_LEASE, _LONGEST_LEASE = 1, 3600


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker needs to start.

    `lease` is how long a job stays a worker's that no longer says so; `metrics_port` is where
    metrics can be read, nowhere if it is 0.
    """

    redis_url: str
    cofactr_url: str
    cofactr_api_key: str
    lease: timedelta
    host: str
    metrics_port: int
    configuration: Configuration


def settings_in(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: One is missing or impossible.
    """
    return Settings(
        redis_url=redis_url(environment),
        cofactr_url=environment.get("COFACTR_BASE_URL") or DEFAULT_COFACTR_URL,
        cofactr_api_key=required(
            environment, "COFACTR_API_KEY", "it is the key of Cofactr's Platform API"
        ),
        lease=_lease_in(environment),
        host=environment.get("TALLYMAN_HOST") or "127.0.0.1",
        metrics_port=_metrics_port_in(environment),
        configuration=configuration_in(environment),
    )


def _metrics_port_in(environment: Mapping[str, str]) -> int:
    text = environment.get("TALLYMAN_METRICS_PORT") or "0"
    if not text.isdecimal() or int(text) > _LARGEST_PORT:
        message = f'TALLYMAN_METRICS_PORT is "{text}"; a port is a number up to {_LARGEST_PORT}.'
        raise ConfigurationError(message)
    return int(text)


def _lease_in(environment: Mapping[str, str]) -> timedelta:
    text = environment.get("TALLYMAN_LEASE_SECONDS") or _LEASE_SECONDS
    if not text.isdecimal() or not _SHORTEST_LEASE <= int(text) <= _LONGEST_LEASE:
        message = (
            f'TALLYMAN_LEASE_SECONDS is "{text}"; '
            f"a lease is a whole number of seconds from {_SHORTEST_LEASE} to {_LONGEST_LEASE}."
        )
        raise ConfigurationError(message)
    return timedelta(seconds=int(text))
