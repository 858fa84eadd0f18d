"""The addresses of Redis, and what is wrong with one."""

from pathlib import Path
from typing import Any

import pytest

from purchasing.errors import ConfigurationError, StoreUnavailableError
from store.connection import connect, translated
from store.environment import configuration_in, redis_url
from tests.running import Valkey, free_port


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://:secret@localhost:6380/3",
        "rediss://user:p%40ss@redis.example.com:6380/0",
        "unix:///run/redis.sock",
        "redis+sentinel://one:26379,two/mymaster",
        "redis+sentinel://user:p%40ss@one/mymaster/2",
    ],
)
async def test_the_addresses_of_the_contract_are_read(url: str) -> None:
    """Each kind of address is taken, without a connection being made."""
    await connect(url).aclose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:6379", "can begin with"),
        ("http://localhost", 'begins with "http:"'),
        ("", "can begin with"),
        ("redis://localhost:port", "cannot be read"),
        ("redis://[bad", "cannot be read"),
        ("redis+sentinel://one", "must look like"),
        ("redis+sentinel:///mymaster", "must look like"),
        ("redis+sentinel://one:x/mymaster", 'names the sentinel "one:x"'),
        ("redis+sentinel://one/mymaster/x", "must look like"),
    ],
)
def test_an_impossible_address_is_named(url: str, words: str) -> None:
    """An address that cannot be is refused in one sentence."""
    with pytest.raises(ConfigurationError, match=words) as refusal:
        connect(url)
    assert str(refusal.value).endswith(".")


def test_no_secret_of_an_address_is_told() -> None:
    """The refusal of an address does not hold the password that is in it."""
    with pytest.raises(ConfigurationError) as refusal:
        connect("redis://:hunter2@localhost:port")
    assert "hunter2" not in str(refusal.value)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Whatever is wrong with the connection, it is one error."""
    client = connect(f"redis://127.0.0.1:{free_port()}")

    with pytest.raises(StoreUnavailableError), translated():
        await client.ping()

    await client.aclose()


async def test_a_server_that_hangs_is_given_up_in_time(server: Valkey, redis: Any) -> None:
    """An answer that does not come is not waited for beyond its time."""
    del redis
    client = connect(server.url, answer_seconds=0.2)
    await client.ping()

    with server.frozen(), pytest.raises(StoreUnavailableError), translated():
        await client.ping()

    await client.aclose()


def test_redis_has_to_be_named() -> None:
    """An address that is not set is an error that says what it is for."""
    with pytest.raises(ConfigurationError, match="REDIS_URL is not set; it says where"):
        redis_url({"REDIS_URL": ""})


def test_without_a_file_the_configuration_is_the_built_in_one(
    tmp_path: Path,
) -> None:
    """A configuration that is named must be there."""
    missing = tmp_path / "missing.toml"

    with pytest.raises(ConfigurationError, match=f"{missing} cannot be read: No such file"):
        configuration_in({"TALLYMAN_CONFIG": str(missing)})


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A configuration has to be UTF-8."""
    file = tmp_path / "tallyman.toml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="it is not UTF-8"):
        configuration_in({"TALLYMAN_CONFIG": str(file)})


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    """`${NAME}` is replaced by what the environment has."""
    file = tmp_path / "tallyman.toml"
    file.write_text('[internal.tokens]\nerp = "${ERP_TOKEN}"')

    configuration = configuration_in({"TALLYMAN_CONFIG": str(file), "ERP_TOKEN": "secret"})

    assert configuration.internal.tokens == {"erp": "secret"}
