"""Reading EDIFACT: interchanges, groups and messages, with the checks of their envelopes.

pydifact sees no wrong count, no wrong reference and no missing end, reads two interchanges as one
and knows no groups, so the envelopes are judged here. Source of the rules: ISO 9735 parts 1 and 4
(unece.org/trade/untdid/download/r1244r1.txt for CONTRL; the codes of 0085 as in
stedi.com/edi/edifact/elements/0085; read 2026-11).
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from purchasing.errors import MalformedError
from purchasing.formats.edifact_syntax import (
    CODECS,
    Segment,
    SegmentError,
    Taken,
    cut,
    gap,
    segment,
    separators_at,
)

_MARK = b"\xef\xbb\xbf"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a level of the envelope.

    `code` is for a CONTRL (0085), `segment` the service segment that it is found in, if it is one.
    """

    code: str
    segment: str
    sentence: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message without its UNH and UNT; `kind` is INVOIC or the like.

    `prepared_at` and `decimal` are those of its interchange. One with a `fault` is not to be read.
    """

    reference: str
    identifier: tuple[str, ...]
    segments: tuple[Segment, ...] = ()
    prepared_at: datetime | None = None
    decimal: str = ""
    fault: Fault | None = None

    @property
    def kind(self) -> str:
        """The type of the message (0065)."""
        return self.identifier[0] if self.identifier else ""

    @property
    def association(self) -> str:
        """The code by which an industry names its own use of the message (0057)."""
        return self.identifier[4].strip() if len(self.identifier) > 4 else ""  # noqa: PLR2004


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A functional group; messages that stand in none are in one without a header."""

    header: Segment | None = None
    messages: tuple[Message, ...] = ()
    fault: Fault | None = None


class Interchange(msgspec.Struct, frozen=True, kw_only=True):
    """An interchange; one with a `fault` is not to be read.

    `prepared_at` has no zone in EDIFACT and is taken for UTC.
    """

    header: Segment
    groups: tuple[Group, ...] = ()
    prepared_at: datetime | None = None
    fault: Fault | None = None

    @property
    def syntax(self) -> str:
        """The syntax identifier (0001)."""
        return self.header.at(0)

    @property
    def reference(self) -> str:
        """The control reference (0020)."""
        return self.header.at(4)

    @property
    def is_test(self) -> bool:
        """Whether the sender marks it as a test (0035); any value is one in some version."""
        return bool(self.header.at(10))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages of all its groups."""
        return tuple(message for group in self.groups for message in group.messages)


def read_interchanges(body: bytes) -> Iterator[Interchange]:
    """The interchanges of a body, one after another.

    Raises:
        MalformedError: What stands at this place is no interchange; nothing behind it is read.
    """
    codec = "utf-8" if body.startswith(_MARK) else ""
    # Latin-1 keeps every byte; the character set is known only with the UNB.
    text = body.removeprefix(_MARK).decode("latin-1")
    position = gap(text, 0)
    if position == len(text):
        message = "The body is no EDIFACT interchange: it is empty."
        raise MalformedError(message)
    while position < len(text):
        separators, position = separators_at(text, position)
        taken = Taken(separators=separators, codec=codec, segments=[])
        position = cut(text, position, taken)
        yield _interchange(taken)
        position = gap(text, position)


def _interchange(taken: Taken) -> Interchange:
    if not taken.segments:
        message = "The interchange breaks off in its UNB."
        raise MalformedError(message)
    own_codec, taken.codec = taken.codec, taken.codec or "latin-1"
    header = segment(taken, taken.segments[0][1])
    taken.codec = own_codec or CODECS.get(header.at(0), "")
    interchange = Interchange(header=header, prepared_at=_prepared_at(header))
    try:
        groups = _checked(taken, interchange)
    except _Broken as broken:
        return msgspec.structs.replace(interchange, fault=broken.fault)
    except SegmentError as error:
        return msgspec.structs.replace(interchange, fault=Fault(error.code, "", str(error)))
    return msgspec.structs.replace(interchange, groups=groups)


def _checked(taken: Taken, interchange: Interchange) -> tuple[Group, ...]:
    """The groups of an interchange whose UNB and UNZ are in order."""
    header = interchange.header
    if not taken.codec:
        sentence = f"the character set {header.at(0) or 'of its UNB'} is not known"
        raise _Broken(Fault("46", "UNB", sentence))
    if not (header.at(1) and header.at(2) and header.at(4)):
        sentence = "its UNB names no sender, no recipient or no reference"
        raise _Broken(Fault("13", "UNB", sentence))
    tag, raw = taken.segments[-1]
    if tag != "UNZ":
        raise _Broken(Fault("13", "UNZ", "it has no UNZ, so it is not whole"))
    trailer = segment(taken, raw)
    _compare(header, header.at(4), trailer)
    return _groups(taken, trailer, interchange)


def _compare(header: Segment, reference: str, trailer: Segment) -> None:
    """Compare the reference of a header with the one that its trailer repeats."""
    said = trailer.at(1)
    if said != reference:
        sentence = f"its {header.tag} has the reference {reference} and its {trailer.tag} {said}"
        raise _Broken(Fault("28", trailer.tag, sentence))


def _prepared_at(header: Segment) -> datetime | None:
    """The time of a UNB (0017 and 0019); the day has two digits of the year, or four."""
    day, time = header.at(3), header.at(3, 1)
    day = f"20{day}" if len(day) == len("YYMMDD") else day
    try:
        return datetime.strptime(f"{day}{time or '0000'}", "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


class _Broken(Exception):  # noqa: N818  # it carries a fault upwards and is no error of its own
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def _groups(taken: Taken, trailer: Segment, interchange: Interchange) -> tuple[Group, ...]:
    """The groups between UNB and UNZ, counted."""
    inner = taken.segments[1:-1]
    if not any(tag == "UNG" for tag, _ in inner):
        group = Group(messages=_messages(taken, inner, interchange))
        _count(trailer, len(group.messages), "messages")
        return (group,)
    groups: list[Group] = []
    start = 0
    for place, (tag, _) in enumerate(inner):
        if tag == "UNE":
            groups.append(_group(taken, inner[start : place + 1], interchange))
            start = place + 1
    if start != len(inner):
        raise _Broken(Fault("30", "UNE", "segments stand outside its groups"))
    _count(trailer, len(groups), "groups")
    return tuple(groups)


def _group(taken: Taken, inner: list[tuple[str, str]], interchange: Interchange) -> Group:
    if inner[0][0] != "UNG":
        raise _Broken(Fault("30", "UNG", "segments stand outside its groups"))
    header, trailer = (segment(taken, raw) for _, raw in (inner[0], inner[-1]))
    messages: tuple[Message, ...] = ()
    fault: Fault | None = None
    try:
        messages = _messages(taken, inner[1:-1], interchange)
        _count(trailer, len(messages), "messages")
        _compare(header, header.at(4), trailer)
    except _Broken as broken:
        fault = broken.fault
    return Group(header=header, messages=messages, fault=fault)


def _count(trailer: Segment, found: int, what: str) -> None:
    """Compare a trailer's count with what was found."""
    said = trailer.at(0)
    if not (said.isascii() and said.isdigit() and int(said[:9]) == found):
        sentence = f"its {trailer.tag} counts {said or 'no'} {what}, and {found} are there"
        raise _Broken(Fault("29", trailer.tag, sentence))


def _messages(
    taken: Taken, inner: list[tuple[str, str]], interchange: Interchange
) -> tuple[Message, ...]:
    """The messages in some segments; each begins with a UNH and may lack its UNT."""
    starts = [place for place, (tag, _) in enumerate(inner) if tag == "UNH"]
    if inner and (not starts or starts[0] != 0):
        raise _Broken(Fault("33", "UNH", "segments stand outside its messages"))
    ends = [*starts[1:], len(inner)]
    return tuple(
        _message(taken, inner[start:end], interchange)
        for start, end in zip(starts, ends, strict=False)
    )


def _message(taken: Taken, inner: list[tuple[str, str]], interchange: Interchange) -> Message:
    try:
        header, *segments = (segment(taken, raw) for _, raw in inner)
    except SegmentError as error:
        # The header may be in order where another segment is not.
        header, segments = _segment_or_none(taken, inner[0][1]), []
        fault: Fault | None = Fault(error.code, "", str(error))
    else:
        fault = _fault_of_message(header, segments)
    return Message(
        reference=header.at(0),
        identifier=header.elements[1] if len(header.elements) > 1 else (),
        segments=tuple(segments[:-1]) if fault is None else (),
        prepared_at=interchange.prepared_at,
        # From version 4 on, the decimal mark of the UNA says nothing.
        decimal="" if interchange.header.at(0, 1) == "4" else taken.separators.decimal,
        fault=fault,
    )


def _segment_or_none(taken: Taken, raw: str) -> Segment:
    try:
        return segment(taken, raw)
    except SegmentError:
        return Segment("UNH", ())


def _fault_of_message(header: Segment, segments: list[Segment]) -> Fault | None:
    """What is wrong with the envelope of a message."""
    if not header.at(0):
        return Fault("13", "UNH", "its UNH has no reference")
    if not segments or segments[-1].tag != "UNT":
        return Fault("13", "UNT", "it does not end with a UNT")
    trailer = segments[-1]
    try:
        _compare(header, header.at(0), trailer)
        _count(trailer, len(segments) + 1, "segments")
    except _Broken as broken:
        return broken.fault
    return None
