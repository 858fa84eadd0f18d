"""What every part of Tallyman reads from its environment; the parts add their own to it.

The environment is passed in: only the composition roots look at the real one.
"""

from collections.abc import Mapping
from pathlib import Path

from purchasing.configuration import Configuration, read_configuration
from purchasing.errors import ConfigurationError, MalformedError
from purchasing.keysets import PublicKey, read_key_set
from purchasing.sources import all_sources, webhook_formats

DEFAULT_CONFIGURATION = "tallyman.toml"
DEFAULT_COFACTR_URL = "https://flagship-api.cofactr.com"


def configuration_in(environment: Mapping[str, str]) -> Configuration:
    """The configuration file that `TALLYMAN_CONFIG` names; the one here, if there is one, without.

    Raises:
        ConfigurationError: The named file cannot be read, or says something impossible.
    """
    named = environment.get("TALLYMAN_CONFIG")
    file = Path(named or DEFAULT_CONFIGURATION)
    if not named and not file.exists():
        return Configuration()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"The configuration file {file} cannot be read: {reason}."
        raise ConfigurationError(message) from None
    return read_configuration(text, environment, webhook_formats(all_sources()), file=str(file))


def keys_in_file(name: str) -> Mapping[str, PublicKey]:
    """The public keys of a JWK set that lies in a file, by their ids.

    Raises:
        ConfigurationError: It cannot be read, or is no such set.
    """
    try:
        return read_key_set(Path(name).read_bytes())
    except OSError as error:
        message = f"The keys_file {name} cannot be read: {error.strerror}."
        raise ConfigurationError(message) from None
    except MalformedError as error:
        message = f"The keys_file {name} is of no use. {error}"
        raise ConfigurationError(message) from None


def required(environment: Mapping[str, str], name: str, purpose: str) -> str:
    """A variable that must be set.

    Raises:
        ConfigurationError: It is not.
    """
    if not environment.get(name):
        message = f"{name} is not set; {purpose}."
        raise ConfigurationError(message)
    return environment[name]


def redis_url(environment: Mapping[str, str]) -> str:
    """Where Redis is.

    Raises:
        ConfigurationError: `REDIS_URL` is not set.
    """
    return required(environment, "REDIS_URL", "it says where Redis is, as redis://host:6379/0")
