"""What senders may post, and what they are told."""

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.running import eventually
from tests.talking import (
    EASYPOST_SECRET,
    PATH_TOKEN,
    SECRETS,
    Tallyman,
    is_problem,
    parcel,
    signature,
)

NUMBER = "1Z999AA10123456784"
MEBIBYTE = 1024 * 1024


def evidence(tallyman: Tallyman, source: str = "easypost") -> list[dict[str, Any]]:
    """What is kept of refused notifications, newest first."""
    return [json.loads(each) for each in tallyman.redis.lrange(f"tallyman:refused:{source}", 0, -1)]


def counted(tallyman: Tallyman, source: str = "easypost") -> dict[str, int]:
    """The accounts of a source."""
    counts = tallyman.redis.hgetall(f"tallyman:accounts:{source}")
    return {name.decode(): int(count) for name, count in counts.items()}


def test_an_authentic_notification_is_taken_in(tallyman: Tallyman) -> None:
    """What is signed is answered 202 with its id, and is queued."""
    answer = tallyman.admin.notify(parcel(NUMBER, "in_transit"))

    assert answer.status_code == 202
    assert answer.json().keys() == {"id", "duplicate"}
    assert not answer.json()["duplicate"]
    record = tallyman.admin.record(answer.json()["id"])
    assert (record["state"], record["source"]) == ("queued", "easypost")
    assert counted(tallyman) == {"received": 1, "accepted": 1}


WRONG: dict[str, Callable[[bytes], dict[str, str]]] = {
    "another secret": lambda body: {"x-hmac-signature": signature(body, "another")},
    "another body": lambda body: {"x-hmac-signature": signature(body + b" ")},
    "no signature": lambda body: {},
    "an empty signature": lambda body: {"x-hmac-signature": ""},
    "no prefix": lambda body: {"x-hmac-signature": signature(body).partition("=")[2]},
    "the secret itself": lambda body: {"x-hmac-signature": EASYPOST_SECRET},
    "not ASCII": lambda body: {"x-hmac-signature": "hmac-sha256-hex=ÿþ"},
    "a v2 without its time": lambda body: {
        "x-hmac-signature": signature(body),
        "x-hmac-signature-v2": signature(body),
    },
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_signature_is_refused_and_counted(
    tallyman: Tallyman, headers: Callable[[bytes], dict[str, str]]
) -> None:
    """What is not authentic is answered 401; it is not queued, and counted with evidence."""
    body = parcel(NUMBER, "in_transit")
    wrong = [(name.encode(), value.encode("latin-1")) for name, value in headers(body).items()]

    answer = httpx.post(f"{tallyman.service.url}/webhooks/easypost", content=body, headers=wrong)

    assert is_problem(answer, 401, "unauthenticated")
    (kept,) = eventually(lambda: evidence(tallyman), what="evidence")
    assert kept["size"] == len(body)
    assert len(kept["digest"]) == 64
    assert kept["reason"]
    assert datetime.fromisoformat(kept["at"]) > datetime.now(UTC) - timedelta(minutes=1)
    assert counted(tallyman) == {"received": 1, "refused": 1}
    assert tallyman.admin.listed() == []
    assert tallyman.redis.llen("rq:queue:tallyman") == 0
    assert not tallyman.redis.keys("tallyman:raw:*")


def test_evidence_is_bounded(tallyman: Tallyman) -> None:
    """Of many refused ones all are counted, and the newest hundred are kept."""
    for _ in range(120):
        tallyman.admin.http.post("/webhooks/easypost", content=b"x")

    eventually(lambda: counted(tallyman).get("refused") == 120, what="120 refused")
    assert len(evidence(tallyman)) == 100


def test_a_signature_outlives_its_window_only_for_a_while(tallyman: Tallyman) -> None:
    """A signature with a time stamp is refused once it is older than the window."""
    body = parcel(NUMBER, "in_transit")

    def posted(at: datetime) -> httpx.Response:
        stamp = f"{at:%a, %d %b %Y %H:%M:%S} -0000"
        signed = f"{stamp}POST/webhooks/easypost".encode() + body
        headers = {
            "x-timestamp": stamp,
            "x-path": "/webhooks/easypost",
            "x-hmac-signature-v2": signature(signed),
        }
        return httpx.post(
            f"{tallyman.service.url}/webhooks/easypost", content=body, headers=headers
        )

    now = datetime.now(UTC)

    assert posted(now - timedelta(seconds=310)).status_code == 401
    assert posted(now + timedelta(seconds=320)).status_code == 401
    assert posted(now - timedelta(seconds=250)).status_code == 202


@pytest.mark.parametrize("source", ["nobody", "erp", "admin", "EASYPOST", "easypost%00", "a" * 300])
def test_an_unknown_source_is_not_found(tallyman: Tallyman, source: str) -> None:
    """An address of no configured sender is 404, and nothing is kept of what was posted there."""
    answer = tallyman.admin.notify(parcel(NUMBER, "in_transit"), source)

    assert is_problem(answer, 404, "not-found")
    assert tallyman.admin.listed() == []


def test_a_source_without_secrets_refuses_everything(tallyman: Tallyman) -> None:
    """A source that has no secrets refuses all, unless it says that it is unauthenticated."""
    body = parcel(NUMBER, "in_transit")

    assert is_problem(tallyman.admin.notify(body, "closed"), 401, "unauthenticated")
    assert tallyman.admin.http.post("/webhooks/open", content=body).status_code == 202


def chunks(size: int) -> Iterator[bytes]:
    """A body whose length is not said before."""
    for start in range(0, size, 65536):
        yield b" " * min(65536, size - start)


@pytest.mark.parametrize(
    ("source", "most"), [("easypost", MEBIBYTE), ("small", 1000), ("open", MEBIBYTE)]
)
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_may_be_as_large_as_its_source_allows(
    tallyman: Tallyman, source: str, most: int, *, is_chunked: bool
) -> None:
    """A body of the largest size is taken, and one byte more is 413, however it is sent."""

    def posted(size: int) -> httpx.Response:
        body = b" " * size
        headers = {"x-hmac-signature": signature(body)}
        content = chunks(size) if is_chunked else body
        return tallyman.admin.http.post(f"/webhooks/{source}", content=content, headers=headers)

    assert posted(most).status_code == 202
    assert is_problem(posted(most + 1), 413, "too-large")
    assert is_problem(posted(20 * most), 413, "too-large")
    assert len(tallyman.admin.listed()) == 1


def test_a_length_is_believed_before_the_body_comes(tallyman: Tallyman) -> None:
    """A body that says it is too large is refused before it is sent."""
    with socket.create_connection(("127.0.0.1", tallyman.service.port), timeout=10) as connection:
        connection.sendall(
            b"POST /webhooks/easypost HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n"
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def gzipped(body: bytes) -> bytes:
    """A body as `Content-Encoding: gzip` has it."""
    return gzip.compress(body)


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzipped), ("GZIP", gzipped), ("x-gzip", gzipped), ("deflate", zlib.compress)],
)
def test_a_compressed_body_is_read(
    tallyman: Tallyman, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    """A compressed body is verified and kept as its sender wrote it."""
    body = parcel(NUMBER, "in_transit")
    headers = {"x-hmac-signature": signature(body), "content-encoding": encoding}

    answer = tallyman.admin.http.post("/webhooks/easypost", content=encode(body), headers=headers)

    assert answer.status_code == 202
    assert tallyman.admin.record(answer.json()["id"])["raw"] == body.decode()


def test_a_bomb_is_refused(tallyman: Tallyman) -> None:
    """A small body that would unpack to more than is allowed is 413."""
    bomb = gzip.compress(b" " * (200 * MEBIBYTE))
    assert len(bomb) < MEBIBYTE

    answer = tallyman.admin.http.post(
        "/webhooks/open", content=bomb, headers={"content-encoding": "gzip"}
    )

    assert is_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "broken",
    [
        b"not gzip",
        gzip.compress(b'{"a": 1}')[:-9],
        gzip.compress(b'{"a": 1}')[:-8],
        gzip.compress(b'{"a": 1}') + b"more",
        b"",
    ],
    ids=["no gzip", "cut short", "without its sum", "with more behind it", "empty"],
)
def test_a_broken_encoding_is_refused(tallyman: Tallyman, broken: bytes) -> None:
    """A body that is not what its Content-Encoding says is refused as a whole."""
    answer = tallyman.admin.http.post(
        "/webhooks/open", content=broken, headers={"content-encoding": "gzip"}
    )

    assert is_problem(answer, 400, "bad-request")
    assert tallyman.admin.listed() == []


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "aes128gcm", "é"])
def test_an_unknown_encoding_is_refused(tallyman: Tallyman, encoding: str) -> None:
    """A body in an encoding that is not read is 415."""
    answer = tallyman.admin.http.post(
        "/webhooks/open",
        content=b"x",
        headers=[(b"content-encoding", encoding.encode("latin-1"))],
    )

    assert is_problem(answer, 415, "unsupported-encoding")


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "nonsense", "application/json; charset=x"]
)
def test_no_content_type_is_a_reason_to_refuse(tallyman: Tallyman, content_type: str) -> None:
    """An authentic notification is taken whatever type it says it is."""
    body = parcel(NUMBER, "in_transit")

    assert tallyman.admin.notify(body, **{"content-type": content_type}).status_code == 202


def test_a_body_that_ends_too_soon_is_not_taken(tallyman: Tallyman) -> None:
    """What a sender hung up on is not taken in, and does no harm."""
    with socket.create_connection(("127.0.0.1", tallyman.service.port), timeout=10) as connection:
        connection.sendall(
            b"POST /webhooks/open HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"
        )

    whole = tallyman.admin.notified(parcel(NUMBER, "in_transit"))
    assert tallyman.admin.listed() == [whole]
    assert "request_failed" not in tallyman.service.program.output()


def test_a_secret_where_it_does_not_belong_is_not_kept(tallyman: Tallyman) -> None:
    """A secret in a query or a header is not kept, and neither are credentials."""
    body = parcel(NUMBER, "in_transit")
    headers = {
        "x-hmac-signature": signature(body),
        "x-odd": f"it is {EASYPOST_SECRET}",
        "cookie": "session=1",
        "proxy-authorization": "Basic eA==",
    }

    answer = tallyman.admin.http.post(
        f"/webhooks/easypost?again={EASYPOST_SECRET}",
        content=body,
        headers=headers,
    )

    kept = tallyman.admin.record(answer.json()["id"])
    assert kept["headers"]["x-odd"] == "it is [secret]"
    assert not {"authorization", "cookie", "proxy-authorization"} & kept["headers"].keys()
    raw = tallyman.redis.get(f"tallyman:raw:{answer.json()['id']}")
    assert not [secret for secret in SECRETS if secret.encode() in raw]


def test_an_address_that_nobody_guesses_is_demanded_and_not_kept(tallyman: Tallyman) -> None:
    """Where a path token is configured, a right signature alone is refused; it is kept nowhere."""
    body = parcel(NUMBER, "in_transit")
    headers = {"x-hmac-signature": signature(body)}

    def posted(path: str) -> httpx.Response:
        return tallyman.admin.http.post(f"/webhooks/{path}", content=body, headers=headers)

    assert is_problem(posted("tokened"), 401, "unauthenticated")
    assert is_problem(posted("tokened/another-token-of-some-length"), 401, "unauthenticated")
    accepted = posted(f"tokened/{PATH_TOKEN}")
    assert accepted.status_code == 202

    record = tallyman.admin.record(accepted.json()["id"])
    assert record["state"] == "queued"
    assert PATH_TOKEN not in json.dumps(record)


def test_it_must_come_from_where_the_sender_is(tallyman: Tallyman) -> None:
    """Where addresses are configured, what a trusted proxy says of the sender's address decides."""
    body = parcel(NUMBER, "in_transit")

    def posted(**more: str) -> httpx.Response:
        headers = {"x-hmac-signature": signature(body)} | more
        return tallyman.admin.http.post("/webhooks/nearby", content=body, headers=headers)

    assert is_problem(posted(), 401, "unauthenticated")
    assert is_problem(
        posted(**{"x-forwarded-for": "192.0.2.7, 198.51.100.1"}), 401, "unauthenticated"
    )
    assert posted(**{"x-forwarded-for": "198.51.100.1, 192.0.2.7"}).status_code == 202
