"""What the service reads from its environment, and why it does not start."""

from pathlib import Path

import pytest

from purchasing.errors import ConfigurationError
from service.settings import settings_in
from tests.running import Guard

REDIS = {"REDIS_URL": "redis://localhost:6379/0"}


def test_little_needs_to_be_set(tmp_path: Path) -> None:
    """With nothing but the address of Redis, the service listens on this machine."""
    empty = tmp_path / "empty.toml"
    empty.touch()

    settings = settings_in(REDIS | {"TALLYMAN_CONFIG": str(empty)})

    assert (settings.host, settings.port, settings.admin_token) == ("127.0.0.1", 8080, "")
    assert settings.redis_url == REDIS["REDIS_URL"]


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "80.0", "²", " 80"])
def test_a_port_is_a_number(port: str) -> None:
    """A port that cannot be is refused by its name."""
    with pytest.raises(ConfigurationError, match="TALLYMAN_PORT"):
        settings_in(REDIS | {"TALLYMAN_PORT": port})


def test_redis_must_be_named() -> None:
    """Without an address of Redis nothing starts."""
    with pytest.raises(ConfigurationError, match="REDIS_URL is not set"):
        settings_in({})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[cofactr]\nkey = 1", 'has no setting "key"'),
        ('[sources.ups]\nformat = "upps"', "unknown format"),
        ('[sources.a]\nformat = "easypost"\nsecrets = ["${NOWHERE}"]', "${NOWHERE}"),
        ("[cofactr", "not valid TOML"),
    ],
)
def test_a_wrong_configuration_stops_the_start(tmp_path: Path, text: str, words: str) -> None:
    """A fault in the configuration is exit code 2 and one sentence that names it."""
    file = tmp_path / "tallyman.toml"
    file.write_text(text)
    folder = tmp_path / "run"
    folder.mkdir()

    with Guard(folder) as guard:
        program = guard.start_module("service", TALLYMAN_CONFIG=str(file), **REDIS)
        code = program.ended()

    (sentence,) = program.output().splitlines()
    assert code == 2
    assert words in sentence
    assert str(file) in sentence
