"""How Cofactr's answers are understood, and what goes on the wire."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import (
    Command,
    CreatePurchaseEvent,
    EventType,
    NoPartLineBody,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import NoPartLinesBody
from purchasing.outcomes import Done, Misconfigured, Outcome, Rejected, RetryLater, Unknown
from tests.running import API_KEY, Guard, Sandbox, free_port, sandbox
from workers.cofactr import Cofactr, outcome_of
from workers.transport import Transport, tls_context

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LINE = UUID("497f6eca-6276-4993-bfeb-53cbbbba6f08")
ORDER = UUID("8a27d890-b284-49d1-927f-4282ff02e838")
ORG = "3b4eb1f5-aaca-43c1-9ccf-5bbd44308aba"
EVENT = CreatePurchaseEvent(
    org_id=ORG,
    lane="lane",
    key="key",
    body=PurchaseEventBody(
        event_type=EventType.TRACK, purchase_lines=(LINE,), send_alerts=False, notes="é"
    ),
)
UPDATE = UpdateNoPartLine(
    purchase_order=ORDER,
    org_id=None,
    lane="lane",
    key="key",
    body=NoPartLineBody(id=LINE, line_total="12.50", quant="1"),
)


def understood(
    status: int, body: bytes | str = b"", *, is_post: bool = True, **headers: str
) -> Outcome:
    """An answer as it is understood."""
    raw = body.encode() if isinstance(body, str) else body
    names = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return outcome_of(status, httpx.Headers(names), raw, is_post=is_post, now=NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Done),
        (201, Done),
        (204, Done),
        (301, Misconfigured),
        (302, Misconfigured),
        (307, Misconfigured),
        (308, Misconfigured),
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (405, Rejected),
        (409, Rejected),
        (413, Rejected),
        (415, Rejected),
        (422, Rejected),
        (429, RetryLater),
        (500, Unknown),
        (502, Unknown),
        (503, RetryLater),
        (504, Unknown),
        (599, Unknown),
    ],
)
def test_every_status_has_its_meaning(status: int, kind: type[Outcome]) -> None:
    """Every status of an answer to a POST is one of the five outcomes."""
    assert isinstance(understood(status), kind)


def test_a_missing_line_is_refused() -> None:
    """A PATCH that is answered 404 named a line that is not there; the address is right."""
    assert isinstance(understood(404, is_post=False), Rejected)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"detail": "Not found."}', "Not found."),
        (
            '{"quantity": ["A valid integer is required."]}',
            "quantity: A valid integer is required.",
        ),
        ('{"a": ["x", "y"], "b": ["z"]}', "a: x; a: y; b: z"),
        ('{"non_field_errors": ["x"]}', "x"),
        (
            '{"purchase_lines": {"0": ["Must be a valid UUID."]}}',
            "purchase_lines.0: Must be a valid",
        ),
        ('[{}, {"id": ["x"]}]', "[1].id: x"),
        ('["x"]', "x"),
        ('"x"', "x"),
        ("null", "None"),
        ("", "(no words)"),
        ("{}", "(no words)"),
        ("[]", "(no words)"),
        ("<html>\n  <h1>Bad\n gateway</h1>", "<html> <h1>Bad gateway</h1>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("[" * 50_000, "[[["),
    ],
)
def test_its_words_are_kept(body: bytes | str, words: str) -> None:
    """What Cofactr says, in whatever shape, is kept in one readable line."""
    outcome = understood(400, body)

    assert isinstance(outcome, Rejected)
    assert words in outcome.detail
    assert outcome.detail.startswith("Cofactr answered 400: ")
    assert "\n" not in outcome.detail
    assert len(outcome.detail) < 1100


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ('{"id": "9a9f70a4", "more": 1}', "9a9f70a4"),
        ("{}", None),
        ('{"id": 7}', None),
        ('[{"id": "x"}]', None),
        ("", None),
        (b"\xff", None),
        ("[" * 50_000, None),
        ('{"id": null}', None),
    ],
)
def test_a_success_is_one_whatever_its_body(body: bytes | str, made: str | None) -> None:
    """An answer of success counts as such, with the id of what was made where it is told."""
    assert understood(200, body) == Done(200, made)


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Sat, 21 Nov 2026 09:31:00 GMT", 60),
        ("Sat, 21 Nov 2026 09:29:00 GMT", 0),
        ("Sat, 21 Nov 2026 09:31:00 -0000", 60),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Sat, 99 Nov 2026 09:31:00 GMT", None),
        ("Sat, 21 Nov 99999999999 09:31:00 GMT", None),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read(given_: str, seconds: float | None) -> None:
    """Retry-After is seconds or a date, and what is neither is as if it were not there."""
    outcome = understood(503, retry_after=given_)

    assert isinstance(outcome, RetryLater)
    if given_ == "9" * 400:
        # However long it is, it is not believed for longer than some hours.
        assert outcome.retry_after_seconds is None or outcome.retry_after_seconds > 1e9
    else:
        assert outcome.retry_after_seconds == seconds


@given(
    status=st.integers(200, 599),
    body=st.binary(max_size=100) | st.text(max_size=50).map(json.dumps).map(str.encode),
    retry_after=st.text(st.characters(max_codepoint=255), max_size=40),
    is_post=st.booleans(),
)
def test_any_answer_is_understood(
    status: int, body: bytes, retry_after: str, *, is_post: bool
) -> None:
    """Any answer at all is one of the five outcomes."""
    outcome = understood(status, body, is_post=is_post, retry_after=retry_after)

    assert isinstance(outcome, Done | Rejected | RetryLater | Misconfigured | Unknown)
    if isinstance(outcome, RetryLater) and outcome.retry_after_seconds is not None:
        assert outcome.retry_after_seconds >= 0


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sandbox without a Tallyman."""
    with Guard(tmp_path_factory.mktemp("cofactr")) as guard, sandbox(guard) as running:
        yield running


async def sent(url: str, command: Command, **options: Any) -> Outcome:
    """Make one call."""
    settings: dict[str, Any] = {"api_key": API_KEY, "timeout_seconds": 1.0} | options
    cofactr = Cofactr(base_url=url, clock=lambda: NOW, **settings)
    try:
        return await cofactr.send(command)
    finally:
        await cofactr.close()


async def test_an_event_goes_out_as_documented(stand_in: Sandbox) -> None:
    """A purchase event is a POST of its body, with the key and the organisation."""
    stand_in.forget()

    outcome = await sent(stand_in.url, EVENT)

    (request,) = stand_in.requests()
    assert outcome == Done(200, request["id"])
    assert (request["method"], request["path"], request["query"]) == (
        "POST",
        "/v1/purchase_events/",
        "",
    )
    assert request["headers"] == {
        "authorization": "Api-Key valid",
        "content-type": "application/json",
        "user-agent": "tallyman",
        "x-org-id": ORG,
    }
    assert request["body"] == {
        "event_type": "track",
        "purchase_lines": [str(LINE)],
        "send_alerts": False,
        "notes": "é",
    }


async def test_a_line_goes_out_as_documented(stand_in: Sandbox) -> None:
    """A NoPart line is a PATCH of one object to its order."""
    stand_in.forget()

    outcome = await sent(stand_in.url, UPDATE)

    (request,) = stand_in.requests()
    assert outcome == Done(200, None)
    assert request["method"] == "PATCH"
    assert request["path"] == f"/v1/purchase_orders/{ORDER}/no_part_lines/"
    assert request["body"] == {"id": str(LINE), "line_total": "12.50", "quant": "1"}
    assert "x-org-id" not in request["headers"]


async def test_lines_may_go_out_as_an_array(stand_in: Sandbox) -> None:
    """Where it is set so, a NoPart line is sent in an array of one."""
    stand_in.forget()

    await sent(stand_in.url, UPDATE, no_part_lines_body=NoPartLinesBody.ARRAY)

    (request,) = stand_in.requests()
    assert request["body"] == [{"id": str(LINE), "line_total": "12.50", "quant": "1"}]


async def test_a_wrong_key_is_misconfigured(stand_in: Sandbox) -> None:
    """A key that Cofactr does not know is a wrong set-up, and is not repeated to anybody."""
    outcome = await sent(stand_in.url, EVENT, api_key="wrong-key-77d0")

    assert isinstance(outcome, Misconfigured)
    assert "wrong-key-77d0" not in outcome.detail


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(talk: Talk) -> AsyncIterator[str]:
    """A server that says whatever a test wants."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def saying(*parts: bytes, pause: float = 0) -> Talk:
    """Say some bytes, and hang up."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


HEAD = b"HTTP/1.1 200 OK\r\n"
DONE = b'{"id": "made"}'
LENGTH = b"content-length: %d\r\n\r\n"


@pytest.mark.parametrize(
    "talk",
    [
        saying(HEAD + LENGTH % len(DONE) + DONE),
        saying(*(bytes([byte]) for byte in HEAD + LENGTH % len(DONE) + DONE)),
        saying(HEAD + b"connection: close\r\n\r\n" + DONE),
        saying(HEAD + b"transfer-encoding: chunked\r\n\r\ne\r\n" + DONE + b"\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + LENGTH % len(DONE) + DONE),
        saying(b"HTTP/1.0 200 OK\r\n\r\n" + DONE),
        saying(HEAD + b"\r\n" + DONE),
    ],
    ids=["plain", "byte by byte", "closed", "chunked", "continued", "old", "without a length"],
)
async def test_an_answer_is_read_in_any_form(talk: Talk) -> None:
    """An answer is understood however its server frames it."""
    async with answering(talk) as url:
        assert await sent(url, EVENT) == Done(200, "made")


@pytest.mark.parametrize(
    "talk",
    [
        saying(),
        saying(b"\x16\x03\x01"),
        saying(b"HTTP/1.1 "),
        saying(HEAD),
        saying(HEAD + b"content-length: 100\r\n\r\n{"),
        saying(HEAD + b"transfer-encoding: chunked\r\n\r\nz\r\n"),
        saying(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nab"),
        saying(HEAD, *[b"x: y\r\n"] * 100, pause=0.1),
        saying(HEAD + b"content-length: 10\r\n\r\n", *[b"."] * 9, pause=0.3),
    ],
    ids=[
        "nothing",
        "TLS",
        "a beginning",
        "no headers' end",
        "half a body",
        "a bad chunk",
        "half a chunk",
        "headers for ever",
        "a body for ever",
    ],
)
async def test_half_an_answer_is_unknown(talk: Talk) -> None:
    """Where an answer does not come whole and in time, whether the call took effect is unknown."""
    began_at = time.monotonic()

    async with answering(talk) as url:
        assert isinstance(await sent(url, EVENT), Unknown)

    assert time.monotonic() - began_at < 2


async def test_an_endless_answer_is_cut() -> None:
    """Of an answer that does not end no more than its beginning is read."""
    forever = saying(HEAD + b"connection: close\r\n\r\n", *[b" " * 65536] * 1000)

    async with answering(forever) as url:
        assert await sent(url, EVENT, timeout_seconds=10.0) == Done(200, None)


async def test_a_redirect_is_not_followed() -> None:
    """A redirect is a wrong address, and the key does not go where it points."""
    asked: list[bytes] = []

    async def elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(b"asked")
        writer.write(HEAD + LENGTH % 2 + b"{}")

    async with answering(elsewhere) as target:
        answer = b"HTTP/1.1 307 Go\r\nlocation: %s/x\r\n" % target.encode() + LENGTH % 0
        async with answering(saying(answer)) as url:
            outcome = await sent(url, EVENT)

    assert isinstance(outcome, Misconfigured)
    assert target in outcome.detail
    assert asked == []


async def test_what_was_not_sent_can_be_sent_again() -> None:
    """A connection that cannot be made is no doubt: nothing was sent."""
    for url in (f"http://127.0.0.1:{free_port()}", "http://host.invalid"):
        assert isinstance(await sent(url, EVENT), RetryLater)


async def test_the_transport_serves_httpx_as_well() -> None:
    """Our transport takes httpx's requests, and its errors are httpx's."""
    async with (
        Transport(tls=tls_context(), most_bytes=1000) as transport,
        httpx.AsyncClient(transport=transport, trust_env=False, timeout=0.1) as client,
    ):
        async with answering(saying(HEAD + b"x-y: z\r\n" + LENGTH % len(DONE) + DONE)) as url:
            answer = await client.post(url, content=b"{}")
        async with answering(saying(HEAD, pause=5)) as url:
            with pytest.raises(httpx.ReadTimeout):
                await client.post(url, content=b"{}")
        with pytest.raises(httpx.ConnectError):
            await client.post(f"http://127.0.0.1:{free_port()}", content=b"{}")

    assert (answer.status_code, answer.headers["x-y"], answer.content) == (200, "z", DONE)
