"""The keys that senders publish are fetched beside the requests, kept, and rotated."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from purchasing.configuration import Configuration, SourceSettings
from purchasing.errors import ConfigurationError
from purchasing.sources import Source, all_sources
from service.outside import Outside
from service.published_keys import PublishedKeys
from tests.listening import Sender
from tests.publishing import key_set

NAME = "signer"
SETTINGS = SourceSettings(format=NAME)
CONFIGURATION = Configuration(sources={NAME: SETTINGS})


class Signer:
    """A source whose sender publishes its keys."""

    def __init__(self, url: str) -> None:
        self.keys_url = f"{url}/jwks"

    def __getattr__(self, name: str) -> object:
        return getattr(all_sources()["easypost"], name)


@pytest.fixture
def sender() -> Iterator[Sender]:
    """A sender that publishes one key."""
    with Sender((200, key_set("first"))) as listening:
        yield listening


def keys_of(
    sender: Sender,
    configuration: Configuration = CONFIGURATION,
    *,
    refetch_seconds: float = 60.0,
) -> PublishedKeys:
    """The keys of a service whose one source is the sender."""
    signer: Source = Signer(sender.url)  # type: ignore[assignment]  # it passes the rest on
    return PublishedKeys(configuration, {NAME: signer}, Outside(), refetch_seconds=refetch_seconds)


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def known(keys: PublishedKeys) -> set[str]:
    """The ids of the keys that are known now."""
    return set(keys.trust(NAME, SETTINGS).keys)


async def test_keys_are_fetched_at_the_start(sender: Sender) -> None:
    """What the sender publishes is known soon after the start, and nothing before."""
    keys = keys_of(sender)
    assert known(keys) == set()
    running = asyncio.create_task(keys.run())

    await until(lambda: known(keys) == {"first"})

    assert [path for _, path, _, _ in sender.heard] == ["/jwks"]
    assert all(isinstance(it, RSAPublicKey) for it in keys.trust(NAME, SETTINGS).keys.values())
    running.cancel()


async def test_an_unknown_key_is_looked_for_once_in_a_while(sender: Sender) -> None:
    """A key that is named and not known is looked for; the next one only a while later."""
    keys = keys_of(sender, refetch_seconds=0.5)
    running = asyncio.create_task(keys.run())
    await until(lambda: known(keys))
    sender.answers((200, key_set("second")))

    assert not keys.is_worth_waiting(NAME), "what was fetched just now does not have it"
    assert len(sender.heard) == 1

    await asyncio.sleep(0.5)
    assert keys.is_worth_waiting(NAME)
    await until(lambda: known(keys) == {"second"})
    running.cancel()


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (404, b""), (302, b""), (200, b"<html>"), (200, b'{"keys": []}')],
    ids=["broken", "gone", "elsewhere", "a page", "no key"],
)
async def test_a_sender_that_is_away_withdraws_nothing(
    sender: Sender, answer: tuple[int, bytes]
) -> None:
    """Keys that are known stay when no others can be had."""
    keys = keys_of(sender, refetch_seconds=0.0)
    running = asyncio.create_task(keys.run())
    await until(lambda: known(keys))
    sender.answers(answer)

    assert keys.is_worth_waiting(NAME)
    await until(lambda: len(sender.heard) > 1)
    await asyncio.sleep(0.05)

    assert known(keys) == {"first"}
    assert "/elsewhere" not in {path for _, path, _, _ in sender.heard}
    running.cancel()


async def test_without_any_key_only_trying_again_helps() -> None:
    """While nothing could be fetched yet, a sender is asked to post again."""
    with Sender((503, b"")) as sender:
        keys = keys_of(sender)
        running = asyncio.create_task(keys.run())
        await until(lambda: sender.heard)

        assert keys.is_worth_waiting(NAME)
        assert not keys.is_worth_waiting("another")
        running.cancel()


async def test_a_document_without_end_is_not_read_to_its_end() -> None:
    """A set that is larger than any is given up."""
    with Sender((200, b" " * 300_000 + key_set("first"))) as sender:
        keys = keys_of(sender)
        running = asyncio.create_task(keys.run())
        await until(lambda: sender.heard)
        await asyncio.sleep(0.05)

        assert known(keys) == set()
        running.cancel()


async def test_a_file_takes_the_place_of_what_is_published(sender: Sender, tmp_path: Path) -> None:
    """Keys in a file are known at once, and nothing is fetched."""
    file = tmp_path / "keys.json"
    file.write_bytes(key_set("ours"))
    settings = SourceSettings(format=NAME, keys_file=str(file))

    keys = keys_of(sender, Configuration(sources={NAME: settings}))
    await keys.run()

    assert known(keys) == {"ours"}
    assert not keys.is_worth_waiting(NAME)
    assert sender.heard == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(None, "cannot be read: No such file or directory."), (b"{}", "is of no use.")],
)
def test_a_bad_file_stops_the_start(
    sender: Sender, tmp_path: Path, text: bytes | None, sentence: str
) -> None:
    """A file that is missing, or holds no keys, stops the start with its name."""
    file = tmp_path / "keys.json"
    if text is not None:
        file.write_bytes(text)
    settings = SourceSettings(format=NAME, keys_file=str(file))

    with pytest.raises(ConfigurationError) as stopped:
        keys_of(sender, Configuration(sources={NAME: settings}))

    assert str(stopped.value).startswith(f"The keys_file {file} ")
    assert sentence in str(stopped.value)
