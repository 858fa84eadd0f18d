"""The syntax of EDIFACT: service characters, character sets, and segments cut into elements.

Source of the rules: ISO 9735 syntax versions 1 to 4 and their service code lists
(gefeg.com/jswg/cl/v4x/40100/cl1.htm for 0001; service.unece.org/trade/untdid/d96b/uncl/unsl.htm;
read 2026-11). pydifact cuts a segment into its elements; where one ends is found out here, because
pydifact drops what is not whole without a word.
"""

import re

import msgspec
from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.token import Token
from pydifact.tokenizer import Tokenizer

from purchasing.errors import MalformedError

CODECS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
"""The character set of each syntax identifier (0001).

UNOX switches between sets on the way and is not read. The code list calls UNOY ISO 10646-1 without
saying in which form of octets; what is sent under it is UTF-8.
"""

_LONGEST_SEGMENT = 35_000
_MOST_SEGMENTS = 100_000
# The longest element of the directories is a free text of 512 characters (4440).
_LONGEST_VALUE = 512
_NO_RELEASE = "\ud800"  # Stands in no text, so that nothing is taken for a release character.

_ADVICE = re.compile(r"UNA([\x01-\x7f])([\x01-\x7f])(.)([\x01-\x7f])(.)([\x01-\x7f])", re.DOTALL)
_BETWEEN = re.compile(r"[ \t\r\n\x00\x1a]*")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class SegmentError(MalformedError):
    """A segment cannot be read; `code` says why in a CONTRL (0085)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Separators(msgspec.Struct, frozen=True):
    """The service characters; `decimal` is empty where either mark may stand in a number."""

    component: str = ":"
    element: str = "+"
    decimal: str = ""
    release: str = "?"
    terminator: str = "'"

    @property
    def one_segment(self) -> re.Pattern[str]:
        """A segment with its terminator."""
        end = re.escape(self.terminator)
        if not self.release:
            return re.compile(f"[^{end}]*+{end}")
        skip = re.escape(self.release)
        return re.compile(rf"(?:{skip}.|[^{skip}{end}])*+{end}", re.DOTALL)

    @property
    def characters(self) -> Characters:
        """The same for pydifact."""
        release = self.release or _NO_RELEASE
        return Characters.from_str(f"{self.component}{self.element}.{release} {self.terminator}")


class Segment(msgspec.Struct, frozen=True):
    """A segment: its tag, and its elements, each of one component or more."""

    tag: str
    elements: tuple[tuple[str, ...], ...]

    def at(self, element: int, component: int = 0) -> str:
        """The text at a place, counted from 0, without the spaces around it; empty if none."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component].strip()


class Taken(msgspec.Struct):
    """An interchange as it is cut out of a body, segment by segment, each with its tag."""

    separators: Separators
    codec: str = "ascii"
    segments: list[tuple[str, str]] = []


def gap(text: str, position: int) -> int:
    """The place behind what may stand between segments."""
    found = _BETWEEN.match(text, position)
    return found.end() if found else position


def separators_at(text: str, position: int) -> tuple[Separators, int]:
    """The service characters of the interchange that begins here, and where its UNB does."""
    separators = Separators()
    advice = _ADVICE.match(text, position)
    if advice is not None:
        component, element, decimal, release, _, terminator = advice.groups()
        separators = Separators(
            component=component,
            element=element,
            decimal=decimal if decimal in (",", ".") else "",
            release=release.strip(" "),
            terminator=terminator,
        )
        used = component + element + separators.release + terminator
        if len(set(used)) < len(used) or any(sign.isalnum() or sign == " " for sign in used):
            message = "The UNA names service characters that cannot be told apart from the text."
            raise MalformedError(message)
        position = gap(text, advice.end())
    if not text.startswith(f"UNB{separators.element}", position):
        message = (
            "The body is no EDIFACT interchange, or something else stands behind one: "
            "there is no UNB with the service characters that it is announced with."
        )
        raise MalformedError(message)
    return separators, position


def cut(text: str, position: int, taken: Taken) -> int:
    """Cut segments out of a text until an interchange ends; returns the place behind it."""
    pattern = taken.separators.one_segment
    kept = taken.separators.terminator + taken.separators.element + taken.separators.component
    # Senders wrap lines anywhere, and no repertoire of a syntax identifier has a line break.
    breaks = {ord(sign): None for sign in "\r\n" if sign not in kept}
    while found := pattern.match(text, position):
        raw = found[0].translate(breaks).lstrip(" ")
        tag = raw[:3]
        if taken.segments and tag in ("UNA", "UNB"):
            return position
        if len(raw) > _LONGEST_SEGMENT or len(taken.segments) >= _MOST_SEGMENTS:
            message = "The interchange has too many segments, or too long a segment."
            raise MalformedError(message)
        position = found.end()
        if raw == taken.separators.terminator:
            continue  # Nothing stands between two terminators, or in an empty line.
        taken.segments.append((tag, raw))
        if tag == "UNZ":
            return position
    return len(text)


def segment(taken: Taken, raw: str) -> Segment:
    """A segment cut into its elements and components.

    Raises:
        SegmentError: It is not in its character set, or a value is too long.
    """
    elements: list[list[str]] = [[""]]
    try:
        text = raw.encode("latin-1").decode(taken.codec)
        for token in Tokenizer().get_tokens(text, taken.separators.characters):
            if token.type is Token.Type.DATA_SEPARATOR:
                elements.append([""])
            elif token.type is Token.Type.COMPONENT_SEPARATOR:
                elements[-1].append("")
            elif token.type is Token.Type.CONTENT:
                elements[-1][-1] = token.value
    except (EDISyntaxError, UnicodeError):
        message = f"a {raw[:3]!r} segment is not in the character set that its UNB announces"
        raise SegmentError("21", message) from None
    values = [value for element in elements for value in element]
    if any(len(value) > _LONGEST_VALUE for value in values):
        message = f"a {raw[:3]!r} segment has a value that is too long"
        raise SegmentError("18", message)
    if any(_CONTROL.search(value) for value in values):
        message = f"a {raw[:3]!r} segment has control characters in a value"
        raise SegmentError("21", message)
    return Segment(elements[0][0], tuple(tuple(element) for element in elements[1:]))
