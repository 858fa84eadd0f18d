"""What the service reads from the environment."""

from collections.abc import Mapping
from ipaddress import ip_network

import msgspec

from purchasing.configuration import Configuration
from purchasing.errors import ConfigurationError
from store.environment import configuration_in, redis_url

_LARGEST_PORT = 65_535


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All that the service needs to start; without an admin token, nobody administers.

    `trusted_proxies` are the addresses or ranges whose X-Forwarded-For is believed.
    """

    redis_url: str
    host: str
    port: int
    admin_token: str
    trusted_proxies: tuple[str, ...] = ()
    configuration: Configuration


def settings_in(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: One is missing or impossible.
    """
    port = environment.get("TALLYMAN_PORT") or "8080"
    if not port.isdecimal() or not 0 < int(port) <= _LARGEST_PORT:
        message = f'TALLYMAN_PORT is "{port}"; a port is a number from 1 to {_LARGEST_PORT}.'
        raise ConfigurationError(message)
    return Settings(
        redis_url=redis_url(environment),
        host=environment.get("TALLYMAN_HOST") or "127.0.0.1",
        port=int(port),
        admin_token=environment.get("TALLYMAN_ADMIN_TOKEN", ""),
        trusted_proxies=_proxies(environment.get("TALLYMAN_TRUSTED_PROXIES", "")),
        configuration=configuration_in(environment),
    )


def _proxies(text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            message = (
                f'TALLYMAN_TRUSTED_PROXIES holds "{network}", which is no address or range: '
                f"{error}."
            )
            raise ConfigurationError(message) from None
    return networks
