"""Reading the body of a request, whole and within bounds."""

import zlib
from typing import Any

from litestar import Request
from litestar.exceptions import ClientException, InternalServerException

from service.problems import Problem

LARGEST_BODY = 1024 * 1024
"""The most bytes of a body where nothing else is configured."""

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def read_body(request: Request[Any, Any, Any], most: int = LARGEST_BODY) -> bytes:
    """The body as the sender wrote it, before any compression on its way.

    Raises:
        Problem: It is larger than allowed, or in an encoding that is not read.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity") and encoding not in _WINDOWS:
        detail = f"The Content-Encoding is {encoding[:40]}; gzip, deflate and identity are read."
        raise Problem("unsupported-encoding", detail)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise _too_large(most)
    except InternalServerException as error:
        # Litestar says so when the sender hangs up in the middle; nobody hears the answer.
        detail = "The body ended before its end."
        raise ClientException(detail) from error
    return _decoded(bytes(body), encoding, most) if encoding in _WINDOWS else bytes(body)


def _decoded(body: bytes, encoding: str, most: int) -> bytes:
    decoder = zlib.decompressobj(_WINDOWS[encoding])
    try:
        plain = decoder.decompress(body, most + 1)
    except zlib.error:
        raise _not_encoded(encoding) from None
    if len(plain) > most:
        raise _too_large(most)
    if not decoder.eof or decoder.unused_data:
        # Half a body would be another notification than the one that was sent.
        raise _not_encoded(encoding)
    return plain


def _not_encoded(encoding: str) -> Problem:
    return Problem("bad-request", f"The body is not {encoding}, as its Content-Encoding says.")


def _too_large(most: int) -> Problem:
    return Problem("too-large", f"At most {most} bytes are taken here.")
