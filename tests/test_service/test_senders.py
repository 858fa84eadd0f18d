"""Every sender over HTTP: proven, made durable, answered as it wants to be, and known again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from purchasing.answers import Receipt
from purchasing.handshakes import PublishesKeys
from purchasing.sources import Source, all_sources, webhook_formats
from tests.publishing import key_set
from tests.reading import Payload, notification, payloads, secrets_for, settings_for
from tests.talking import ACCESS, Tallyman, is_problem
from tests.understanding import signed

SOURCES = {name: all_sources()[name] for name in sorted(webhook_formats(all_sources()))}
PATH_TOKEN = "path-token-of-any-sender-51d0"

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def table_of(source: Source, name: str, **more: Any) -> str:
    """A source of a format in `tallyman.toml`, with two secrets."""
    settings = settings_for(source) | {"secrets": secrets_for(source)[:2], "format": source.name}
    lines = [f"{key} = {json.dumps(value)}" for key, value in (settings | more).items()]
    return "\n".join([f"[sources.{name}]", *lines])


@pytest.fixture(scope="module")
def tallyman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A service to which every sender may post, with and without a token in the address."""
    folder = tmp_path_factory.mktemp("senders")
    keys = folder / "keys.json"
    keys.write_bytes(key_set("another key"))
    tables = []
    for name, source in SOURCES.items():
        # What is published is not to be had here; without it, the sender is asked to try again.
        more = {"keys_file": str(keys)} if isinstance(source, PublishesKeys) else {}
        tables += [
            table_of(source, f"our-{name}", **more),
            table_of(source, f"{name}-by-token", path_tokens=[PATH_TOKEN], **more),
        ]
    running = Tallyman(folder, "\n\n".join([ACCESS, *tables]))
    try:
        yield running
    finally:
        running.close()


def payloads_of(source: Source) -> list[Payload]:
    """The payloads of a format."""
    return [payload for payload in payloads() if payload.format == source.name]


def posted(tallyman: Tallyman, source: Source, body: bytes, *, secret: int = 0) -> httpx.Response:
    """Post a body as the sender does, now, with one of the secrets."""
    return _post(tallyman, source, body, f"our-{source.name}", secret)


def _post(
    tallyman: Tallyman, source: Source, body: bytes, address: str, secret: int
) -> httpx.Response:
    headers = signed(source, body, secrets_for(source)[secret], datetime.now(UTC)).headers
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return httpx.post(f"{tallyman.service.url}/webhooks/{address}", content=body, headers=raw)


@each_source
def test_every_payload_is_kept_and_known_again(tallyman: Tallyman, source: Source) -> None:
    """Each payload is answered as its sender wants, whatever it says, and its repetition alike."""
    for payload in payloads_of(source):
        first = posted(tallyman, source, payload.body)
        again = posted(tallyman, source, payload.body, secret=1)

        wanted = source.answer(notification(source.name, payload.body), Receipt("x"))
        assert (first.status_code, again.status_code) == (wanted.status, wanted.status)
        assert first.json()["id"] == again.json()["id"]
        assert (first.json()["duplicate"], again.json()["duplicate"]) == (False, True)


@each_source
def test_what_is_kept_holds_no_secret(tallyman: Tallyman, source: Source) -> None:
    """Neither the record nor the refusal shows what the sender proves itself with."""
    body = payloads_of(source)[0].body
    kept = posted(tallyman, source, body).json()["id"]
    record = json.dumps(tallyman.admin.record(kept))
    refused = posted(tallyman, source, body, secret=4)

    assert is_problem(refused, 401, "unauthenticated")
    for secret in secrets_for(source):
        assert secret not in record
        assert secret not in refused.text
        assert msgspec.json.encode(secret).decode()[1:-1] not in record


@each_source
def test_a_token_in_the_address_may_be_demanded(tallyman: Tallyman, source: Source) -> None:
    """Any sender can be given an address that nobody guesses; without it, nothing is taken."""
    body = payloads_of(source)[0].body
    name = f"{source.name}-by-token"

    assert _post(tallyman, source, body, name, 0).status_code == 401
    assert _post(tallyman, source, body, f"{name}/{PATH_TOKEN}", 0).is_success
