"""HTTP as it is, for senders that offer to go on in another protocol.

Java's HTTP client, for one, offers HTTP/2 in each first request over plain HTTP. The parser takes
an offer for accepted and reads no body behind it, so that uvicorn would hand on an empty one; a
server that declines ignores the offer (RFC 9110, 7.8, read 2026-11-21).
"""

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFERS = frozenset({b"upgrade", b"http2-settings"})

# Of a request line and all headers; what is kept of a notification must have an end.
_LARGEST_HEAD = 64 * 1024

_TOO_LARGE = "The headers are larger than 64 KiB."


class PlainHttp(HttpToolsProtocol):
    """A connection whose requests are read again without the offers that are in them."""

    _declined = b""
    """The head of the request under way, without its offer; nothing where it made none."""

    _head_size: int | None = None
    """The bytes of a head that is not complete yet; None where there is none."""

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._head_size = 0

    def on_headers_complete(self) -> None:
        """Take note of an offer, or begin to answer."""
        self._head_size = None
        if sum(len(name) + len(value) for name, value in self.headers) > _LARGEST_HEAD:
            raise httptools.HttpParserError(_TOO_LARGE)
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._declined = self._head_without_offer()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the request, if it was begun."""
        if not self._declined:
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read what came, and what is behind an offer as the request that it belongs to."""
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                # Behind CONNECT comes whatever was to be said to somebody else.
                data = self._declined and self._declined + data[offer.args[0] :]
                self._declined = b""
                self.parser = _parser(self)
            except httptools.HttpParserError:
                self.send_400_response("Invalid HTTP request received.")
                return
            else:
                self._bound_head(len(data))
                return

    def _bound_head(self, more: int) -> None:
        if self._head_size is None:
            return
        self._head_size += more
        if self._head_size > _LARGEST_HEAD:
            self.send_400_response(_TOO_LARGE)

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                words = (word.strip() for word in value.split(b","))
                kept = b", ".join(word for word in words if word.lower() not in _OFFERS)
                lines.append(b"connection: " + kept)
            elif name not in _OFFERS:
                lines.append(b"%b: %b" % (name, value))
        return b"\r\n".join((*lines, b"", b""))


def _parser(protocol: PlainHttp) -> httptools.HttpRequestParser:
    """A parser that is set up as uvicorn's own."""
    parser = httptools.HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser
