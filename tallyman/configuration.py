"""Which configuration a command reads: that of its environment, or else of `tallyman up`."""

from collections.abc import Mapping
from pathlib import Path

from purchasing.configuration import Configuration
from store.environment import DEFAULT_CONFIGURATION, configuration_in
from tallyman.data import Running


def configuration_file(environment: Mapping[str, str]) -> Path | None:
    """The file that `TALLYMAN_CONFIG` names; without, the one here, if there is one."""
    named = environment.get("TALLYMAN_CONFIG")
    if named:
        return Path(named)
    here = Path(DEFAULT_CONFIGURATION)
    return here if here.exists() else None


def configuration_here(environment: Mapping[str, str], running: Running | None) -> Configuration:
    """The configuration of an environment; where it has none, that of a running `tallyman up`.

    Raises:
        ConfigurationError: It cannot be read, or says something impossible.
    """
    if running is None or configuration_file(environment) is not None:
        return configuration_in(environment)
    return configuration_in({**environment, "TALLYMAN_CONFIG": running.config})
