"""Every sender over HTTP: proven, made durable, answered as it wants to be, and known again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from purchasing.answers import Receipt
from purchasing.handshakes import PublishesKeys, Refuses
from purchasing.sources import Source, all_sources, webhook_formats
from tests.publishing import key_set
from tests.reading import Payload, notification, payloads, secrets_for, settings_for, whole_sources
from tests.talking import ACCESS, Tallyman, is_problem
from tests.understanding import signed

SOURCES = {name: whole_sources()[name] for name in sorted(webhook_formats(all_sources()))}
PATH_TOKEN = "path-token-of-any-sender-51d0"

# One for all, because making a client takes longer than a request.
SENDER = httpx.Client(trust_env=False)

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def table_of(source: Source, name: str, **more: Any) -> str:
    """A source of a format in `tallyman.toml`, with two secrets."""
    settings = settings_for(source) | {"secrets": secrets_for(source)[:2], "format": source.name}
    lines = [f"{key} = {in_toml(value)}" for key, value in (settings | more).items()]
    return "\n".join([f"[sources.{name}]", *lines])


def in_toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    match value:
        case dict():
            pairs = (f"{json.dumps(key)} = {in_toml(each)}" for key, each in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list() | tuple():
            return f"[{', '.join(in_toml(each) for each in value)}]"
        case _:
            return json.dumps(value)


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
    sent = signed(source, body, secrets_for(source)[secret], datetime.now(UTC))
    raw = [(name.encode(), value.encode()) for name, value in sent.headers.items()]
    return SENDER.post(f"{tallyman.service.url}/webhooks/{address}", content=sent.body, headers=raw)


def latest(tallyman: Tallyman, name: str, count: int) -> list[str]:
    """The ids of what was taken in last from a source, newest first."""
    return tallyman.admin.listed(source=name, limit=count)


def kept(tallyman: Tallyman, name: str) -> set[str]:
    """The ids of all that was taken in from a source."""
    return set(latest(tallyman, name, 500))


def assert_refused(source: Source, answer: httpx.Response) -> None:
    """A sender is told that it is not proven, in its own language where it has one."""
    if isinstance(source, Refuses):
        wanted = source.refusal(notification(source.name, b""))
        assert answer.status_code == wanted.status
        assert answer.headers["content-type"].startswith(wanted.content_type.partition(";")[0])
    else:
        assert is_problem(answer, 401, "unauthenticated")


@each_source
def test_every_payload_is_kept_and_known_again(tallyman: Tallyman, source: Source) -> None:
    """Each payload is answered as its sender wants, whatever it says, and its repetition alike."""
    name = f"our-{source.name}"
    for payload in payloads_of(source):
        before = latest(tallyman, name, 1)
        first = posted(tallyman, source, payload.body)
        id_, *others = latest(tallyman, name, 2)
        again = posted(tallyman, source, payload.body, secret=1)

        assert others == before
        assert latest(tallyman, name, 2) == [id_, *before]
        for answer, is_duplicate in ((first, False), (again, True)):
            receipt = Receipt(id_, is_duplicate=is_duplicate)
            wanted = source.answer(notification(source.name, payload.body), receipt)
            assert answer.status_code == wanted.status
            if wanted.content_type == "application/json" and wanted.body:
                assert answer.json() == json.loads(wanted.body)


@each_source
def test_what_is_kept_holds_no_secret(tallyman: Tallyman, source: Source) -> None:
    """Neither the record nor the refusal shows what the sender proves itself with."""
    body = payloads_of(source)[0].body
    name = f"our-{source.name}"
    posted(tallyman, source, body)
    before = kept(tallyman, name)
    refused = posted(tallyman, source, body, secret=4)

    assert_refused(source, refused)
    assert kept(tallyman, name) == before
    records = [json.dumps(tallyman.admin.record(id_)) for id_ in before]
    for secret in secrets_for(source):
        assert secret not in refused.text
        assert not any(secret in record for record in records)
        assert not any(msgspec.json.encode(secret).decode()[1:-1] in record for record in records)


@each_source
def test_a_token_in_the_address_may_be_demanded(tallyman: Tallyman, source: Source) -> None:
    """Any sender can be given an address that nobody guesses; without it, nothing is taken."""
    body = payloads_of(source)[0].body
    name = f"{source.name}-by-token"

    assert_refused(source, _post(tallyman, source, body, name, 0))
    assert not kept(tallyman, name)
    assert _post(tallyman, source, body, f"{name}/{PATH_TOKEN}", 0).is_success
    assert len(kept(tallyman, name)) == 1
