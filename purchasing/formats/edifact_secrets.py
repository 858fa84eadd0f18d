"""Taking the passwords out of an EDIFACT body, whatever else may be wrong with it."""

import re

_ADVICE = re.compile(rb"UNA(.)(.).(.).(.)(?=[ \t\r\n]*UNB)", re.DOTALL)
_PASSWORDS = ((b"UNB", 5), (b"UNG", 7))
"""The segments that may hold a password, and how many elements stand before it.

They are the recipient's reference or password in UNB (0022) and the application's in UNG (0058).
"""


def without_passwords(body: bytes) -> bytes:
    """The body with empty elements where passwords stood; everything else stays as it is."""
    advices = list(_ADVICE.finditer(body))
    ends = [advice.start() for advice in advices[1:]] + [len(body)]
    pieces = [_scrubbed(body[: advices[0].start() if advices else len(body)])]
    pieces += [
        _scrubbed(body[advice.start() : end], *advice.groups())
        for advice, end in zip(advices, ends, strict=False)
    ]
    return b"".join(pieces)


def _scrubbed(
    piece: bytes,
    component: bytes = b":",
    element: bytes = b"+",
    release: bytes = b"?",
    terminator: bytes = b"'",
) -> bytes:
    del component  # A password goes with its qualifier.
    split, end, skip = (re.escape(sign) for sign in (element, terminator, release))
    value = b"(?:%b.|[^%b%b%b])*+" % (skip, split, end, skip)
    if release == b" ":
        value = b"[^%b%b]*+" % (split, end)
    for tag, before in _PASSWORDS:
        pattern = b"(?<![A-Za-z0-9])(%b(?:%b%b){%d}%b)%b" % (
            tag,
            split,
            value,
            before,
            split,
            value,
        )
        piece = re.sub(pattern, rb"\1", piece, flags=re.DOTALL)
    return piece
