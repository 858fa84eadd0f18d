"""Cutting ANSI X12 into segments: the separators of each interchange, and its secrets.

The signs that separate are those of each interchange itself: the element separator is the fourth
character, the component separator is ISA16, and the terminator is what follows it. They are found
by counting sixteen elements, because an ISA that was pasted is often not padded to 106 characters.
A body is text in UTF-8, or else in Latin-1, which has X12's extended characters.

Line breaks are no data, so those around and inside of segments are dropped, unless one of them is
a separator itself. Components and repetitions of an element stay in one text.

Source: X12.5 as suppliers' samples use it (read 2026-11): a byte order mark before ISA, line breaks
behind the terminator or as the terminator, tabs, an ISA without padding.
"""

import re
from collections.abc import Iterator

import msgspec

from purchasing.errors import MalformedError
from purchasing.notification import body_key

_ELEMENTS_OF_ISA = 16
_BLANKS = " \t\r\n\x00\x1a\ufeff"
"""What may stand around segments: white space, a byte order mark, an old end of file."""

_LONGEST_HEADER = 512
_LONGEST_ELEMENT = 512
_MOST_ELEMENTS = 128
_MOST_SEGMENTS = 200_000

_PADDING = " " * 10
"""ISA02 and ISA04 are ten characters, blank where nothing is said."""

# What looks like an ISA where the envelope cannot be read: its first four elements.
_LOOSE = re.compile(
    r"(?<![A-Za-z0-9])(ISA([^A-Za-z0-9\s])(?:(?!\2)[\s\S]){0,128}\2)((?:(?!\2)[\s\S]){0,128})"
    r"(\2(?:(?!\2)[\s\S]){0,128}\2)?((?:(?!\2)[\s\S]){0,128})"
)


class Segment(msgspec.Struct, frozen=True):
    """A segment: its name, and its elements.

    `is_whole` is False where it has more or longer elements than any segment has; then it has none.
    """

    name: str
    elements: tuple[str, ...] = ()
    is_whole: bool = True

    def at(self, place: int) -> str:
        """An element by its number, from 1, without the spaces around it; empty if there is none.

        What cannot be seen is left out of it.
        """
        if place > len(self.elements):
            return ""
        return "".join(filter(str.isprintable, self.elements[place - 1])).strip()


class Separators(msgspec.Struct, frozen=True):
    """The signs that separate elements and components, and that end segments."""

    element: str
    component: str
    terminator: str


class Span(msgspec.Struct, frozen=True):
    """An interchange in a text: its ISA, its separators, and the segments behind the ISA."""

    header: Segment
    separators: Separators
    segments: tuple[Segment, ...]


def without_secrets(body: bytes) -> bytes:
    """The body with ISA02 and ISA04 blank; any bytes at all have one, and one without stays as is.

    Where an envelope cannot be read, whatever looks like an ISA is treated as one.
    """
    text, encoding = decoded(body)
    pieces: list[str] = []
    end = 0
    try:
        for start, header_end, sign in _headers(text):
            pieces += (text[end:start], _hidden(text[start:header_end], sign))
            end = header_end
    except MalformedError:
        pieces.append(_LOOSE.sub(_loosely_hidden, text[end:]))
        end = len(text)
    return "".join((*pieces, text[end:])).encode(encoding)


def identity(body: bytes) -> str:
    """What stays the same when an interchange is sent again: sender, control number, content.

    Control numbers wrap and are used again, so they alone do not tell two bodies apart. The content
    counts without its secrets.
    """
    content = body_key(without_secrets(body))
    try:
        text, _ = decoded(body)
        header, _, _ = _header(text, _after_blanks(text, 0))
    except MalformedError:
        return content
    return f"{header.at(5)}:{header.at(6)}:{header.at(13)}:{content}"


def decoded(body: bytes) -> tuple[str, str]:
    """A body as text, and the encoding that it is in."""
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANKS:
        position += 1
    return position


def spans(text: str) -> Iterator[Span]:
    """The interchanges of a text.

    Raises:
        MalformedError: From here on there is no interchange, or there are too many segments.
    """
    budget = _MOST_SEGMENTS
    start = _after_blanks(text, 0)
    while start < len(text):
        header, separators, header_end = _header(text, start)
        segments, end = _segments(text, header_end, separators, budget)
        budget -= len(segments)
        yield Span(header, separators, segments)
        start = _after_blanks(text, end)


def _headers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each ISA begins and ends, and its element separator."""
    start = _after_blanks(text, 0)
    while start < len(text):
        _, separators, end = _header(text, start)
        yield start, end, separators.element
        if text.find("ISA", end) < 0:
            return  # The usual case, in which the segments need not be told apart.
        _, end = _segments(text, end, separators, _MOST_SEGMENTS)
        start = _after_blanks(text, end)


def _header(text: str, start: int) -> tuple[Segment, Separators, int]:
    """The ISA at a place, its separators, and where it ends."""
    if text[start : start + 3] != "ISA":
        message = f"At character {start + 1} there is no ISA, with which an interchange begins."
        raise MalformedError(message)
    sign = text[start + 3 : start + 4]
    parts = (
        text[start : start + _LONGEST_HEADER].split(sign, _ELEMENTS_OF_ISA)
        if _may_separate(sign)
        else []
    )
    # Behind ISA15 stand ISA16 and the terminator, one sign each.
    component, terminator = (
        (parts[-1][:1], parts[-1][1:2]) if parts[_ELEMENTS_OF_ISA:] else ("", "")
    )
    if not terminator:
        message = f"The ISA at character {start + 1} has not its sixteen elements."
        raise MalformedError(message)
    if not _may_separate(terminator) or terminator in (sign, component) or component == sign:
        message = f"The ISA at character {start + 1} does not tell how segments end."
        raise MalformedError(message)
    end = start + sum(len(part) for part in parts[:-1]) + _ELEMENTS_OF_ISA + 2
    header = Segment("ISA", (*parts[1:-1], component))
    return header, Separators(sign, component, terminator), end


def _may_separate(sign: str) -> bool:
    return len(sign) == 1 and not sign.isalnum() and sign != " "


def _segments(
    text: str, position: int, separators: Separators, budget: int
) -> tuple[tuple[Segment, ...], int]:
    """The segments from a place to IEA, to the next ISA or to the end, and where they end."""
    blanks = "".join(
        sign for sign in _BLANKS if sign not in (separators.element, separators.terminator)
    )
    breaks = str.maketrans("", "", "".join(sign for sign in "\r\n" if sign in blanks))
    segments: list[Segment] = []
    while position < len(text):
        end = text.find(separators.terminator, position)
        end = len(text) if end < 0 else end
        raw = text[position:end].strip(blanks)
        if raw.startswith("ISA") and _may_separate(raw[3:4]):
            return tuple(segments), text.index("ISA", position)
        if len(segments) == budget:
            message = f"The body has more than {_MOST_SEGMENTS} segments."
            raise MalformedError(message)
        if raw:
            segments.append(_segment(raw.translate(breaks), separators.element))
        position = end + 1
        if segments and segments[-1].name == "IEA":
            break
    return tuple(segments), min(position, len(text))


def _segment(raw: str, sign: str) -> Segment:
    name, *elements = raw.split(sign, _MOST_ELEMENTS + 1)
    if len(elements) > _MOST_ELEMENTS or any(len(it) > _LONGEST_ELEMENT for it in elements):
        return Segment(name[:3], is_whole=False)
    return Segment(name.strip()[:3], tuple(elements))


def _hidden(header: str, sign: str) -> str:
    parts = header.split(sign, 5)
    return sign.join(_blank(it) if place in (2, 4) else it for place, it in enumerate(parts))


def _loosely_hidden(found: re.Match[str]) -> str:
    begin, _, second, between, fourth = found.groups(default="")
    return f"{begin}{_blank(second)}{between}{_blank(fourth)}"


def _blank(text: str) -> str:
    return _PADDING if text.strip() else text
