"""Senders that offer another protocol: their requests are read as what they are."""

import json
import re
import socket

import pytest

from tests.talking import ERP_TOKEN, Tallyman, some_lines

OFFERS = {
    "HTTP/2, as Java's client does": (
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    ),
    "a web socket": "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
    "TLS": "Connection: upgrade\r\nUpgrade: TLS/1.0\r\n",
}
each_offer = pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)


def event() -> bytes:
    """An event with lines of its own."""
    return json.dumps({"event_type": "track", "purchase_lines": some_lines(1)}).encode()


def request(body: bytes, offer: str, framing: str) -> bytes:
    """A request as it goes over the wire."""
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: tallyman\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {ERP_TOKEN}\r\n{offer}{framing}\r\n\r\n"
    )
    return head.encode() + body


def sized(offer: str) -> bytes:
    """A request that says how long its body is."""
    body = event()
    return request(body, offer, f"Content-Length: {len(body)}")


def chunked(offer: str) -> bytes:
    """A request whose body comes in two chunks."""
    body = event()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(it), it) for it in (body[:20], body[20:], b""))
    return request(chunks, offer, "Transfer-Encoding: chunked")


def answers(tallyman: Tallyman, *pieces: bytes, count: int = 1) -> list[int]:
    """The status of each answer to what is sent piece by piece."""
    with socket.create_connection(("127.0.0.1", tallyman.service.port), timeout=10) as connection:
        said = b""
        for piece in pieces:
            connection.sendall(piece)
        while len(found := re.findall(rb"HTTP/1.1 (\d+)", said)) < count:
            more = connection.recv(65536)
            assert more, said
            said += more
    return [int(status) for status in found]


@each_offer
@pytest.mark.parametrize("made", [sized, chunked])
def test_an_offer_takes_no_body_away(tallyman: Tallyman, made: object, offer: str) -> None:
    """A request that offers another protocol is answered and kept with its whole body."""
    assert callable(made)
    assert answers(tallyman, made(offer)) == [202]

    (notification,) = tallyman.admin.listed()
    assert json.loads(tallyman.admin.record(notification)["raw"])["event_type"] == "track"


@each_offer
def test_a_request_with_an_offer_may_come_in_pieces(tallyman: Tallyman, offer: str) -> None:
    """Where the head or the body is cut makes no difference."""
    for place in (10, 150, -30, -1):
        whole = sized(offer)
        assert answers(tallyman, whole[:place], whole[place:]) == [202]

    assert len(tallyman.admin.listed()) == 4


@each_offer
def test_requests_with_and_without_offers_share_a_connection(
    tallyman: Tallyman, offer: str
) -> None:
    """Each of several requests on one connection is read, whichever of them make an offer."""
    one, two, three, four = sized(offer), sized(""), chunked(offer), sized(offer)

    assert answers(tallyman, one + two + three + four, count=4) == [202] * 4
    assert answers(tallyman, one, two, three, four, count=4) == [202] * 4


def test_very_many_offers_at_once_are_answered(tallyman: Tallyman) -> None:
    """A thousand offers without a body are a thousand questions, one after the other."""
    asked = b"GET /livez HTTP/1.1\r\nHost: t\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"

    assert answers(tallyman, asked * 1000, count=1000) == [200] * 1000


def test_a_broken_request_with_an_offer_is_refused(tallyman: Tallyman) -> None:
    """A body that cannot be read is answered 400, and so is CONNECT, whatever is behind it."""
    broken = request(b"no length\r\n", OFFERS["TLS"], "Transfer-Encoding: chunked")
    connect = b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: t\r\n\r\n"

    assert answers(tallyman, broken) == [400]
    assert answers(tallyman, connect) == [400]
    assert tallyman.admin.http.get("/livez").status_code == 200


@pytest.mark.parametrize("count", [1, 1000])
def test_headers_without_end_are_refused(tallyman: Tallyman, count: int) -> None:
    """Headers of more than 64 KiB are answered 400, in one piece or many, and are not kept."""
    assert answers(tallyman, sized(headers(70_000, count))) == [400]

    assert tallyman.admin.listed() == []
    assert answers(tallyman, sized(headers(60_000, count // 2 or 1))) == [202]


@pytest.mark.parametrize("count", [1, 1000])
def test_headers_are_not_read_to_their_end(tallyman: Tallyman, count: int) -> None:
    """Of very many bytes of headers most are not taken: the connection is closed before."""
    address = ("127.0.0.1", tallyman.service.port)
    endless = b"GET / HTTP/1.1\r\n" + headers(1_000_000, count).encode() * 100

    connection = socket.create_connection(address, timeout=10)
    with connection, pytest.raises(ConnectionError):
        connection.sendall(endless)

    assert tallyman.admin.listed() == []


def headers(size: int, count: int) -> str:
    """Headers of some size together."""
    return "".join(f"X-{number}: {'x' * (size // count)}\r\n" for number in range(count))
