"""Reading ANSI X12: interchanges, functional groups and transaction sets, with their envelopes.

Control numbers and counts are checked on each level, and what is wrong on one level is the fault of
that part alone: the other transaction sets, groups and interchanges are read all the same.

Source: the error codes are those of elements I18 (interchange), 716 (group) and 718 (transaction
set) of 004010 (learn.microsoft.com, "X12 997 Acknowledgment Error Codes", and public code lists;
read 2026-11).
"""

from collections.abc import Iterable

import msgspec

from purchasing.errors import MalformedError
from purchasing.formats.x12_segments import Segment, Separators, Span, decoded, spans


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with an envelope: X12's code for it, and a sentence."""

    code: str
    detail: str


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction set: ST01, ST02, and the segments between ST and SE."""

    kind: str
    number: str
    segments: tuple[Segment, ...]
    fault: Fault | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A functional group: its GS and GE, and the transaction sets in it."""

    header: Segment
    trailer: Segment
    transactions: tuple[Transaction, ...]
    fault: Fault | None = None


class Interchange(msgspec.Struct, frozen=True, kw_only=True):
    """An interchange: its ISA, and the groups in it."""

    header: Segment
    separators: Separators
    groups: tuple[Group, ...]
    has_acknowledgements: bool = False
    fault: Fault | None = None

    @property
    def number(self) -> str:
        """ISA13, the control number."""
        return self.header.at(13)

    @property
    def is_test(self) -> bool:
        """Whether ISA15 says that it is a test."""
        return self.header.at(15) == "T"


class Interchanges(msgspec.Struct, frozen=True, kw_only=True):
    """The interchanges of a body; `fault` says what is wrong with whatever comes after them."""

    interchanges: tuple[Interchange, ...]
    encoding: str
    fault: str = ""


def read_interchanges(body: bytes) -> Interchanges:
    """The interchanges of a body, each read by itself.

    Raises:
        MalformedError: It does not begin with an interchange, or has too many segments.
    """
    text, encoding = decoded(body)
    found: list[Interchange] = []
    fault = ""
    try:
        found.extend(_interchange(span) for span in spans(text))
    except MalformedError as error:
        if not found:
            raise
        fault = str(error)
    if not found:
        message = "The body is empty, and no X12."
        raise MalformedError(message)
    return Interchanges(interchanges=tuple(found), encoding=encoding, fault=fault)


def _blocks(
    segments: Iterable[Segment], opening: str, closing: str
) -> tuple[list[list[Segment]], list[Segment]]:
    """The runs of segments from an opening to its closing, or to the next opening; and the rest."""
    blocks: list[list[Segment]] = []
    others: list[Segment] = []
    is_open = False
    for segment in segments:
        if segment.name == opening:
            blocks.append([])
            is_open = True
        (blocks[-1] if is_open else others).append(segment)
        is_open = is_open and segment.name != closing
    return blocks, others


def _interchange(span: Span) -> Interchange:
    segments = span.segments
    trailer = segments[-1] if segments and segments[-1].name == "IEA" else None
    blocks, others = _blocks(segments[:-1] if trailer else segments, "GS", "GE")
    number = span.header.at(13)
    strays = [it for it in others if it.name != "TA1"]
    fault = None
    if trailer is None:
        fault = Fault("023", f"Interchange {number} has no IEA: its end is missing.")
    elif not _is_same(number, trailer.at(2)):
        fault = Fault("001", f"ISA13 is {number}, and IEA02 is {trailer.at(2)}.")
    elif not _is_count(trailer.at(1), len(blocks)):
        fault = Fault("021", f"IEA01 says {trailer.at(1)} groups, and there are {len(blocks)}.")
    elif strays:
        detail = f"Interchange {number} has {strays[0].name} outside of its groups."
        fault = Fault("024", detail)
    return Interchange(
        header=span.header,
        separators=span.separators,
        groups=tuple(_group(block) for block in blocks),
        has_acknowledgements=len(others) > len(strays),
        fault=fault,
    )


def _group(segments: list[Segment]) -> Group:
    header = segments[0]
    trailer = segments[-1] if segments[-1].name == "GE" else None
    blocks, strays = _blocks(segments[1:-1] if trailer else segments[1:], "ST", "SE")
    number = header.at(6)
    fault = None
    if trailer is None:
        fault = Fault("3", f"Group {number} has no GE: its end is missing.")
    elif not _is_same(number, trailer.at(2)):
        fault = Fault("4", f"GS06 is {number}, and GE02 is {trailer.at(2)}.")
    elif not _is_count(trailer.at(1), len(blocks)):
        detail = f"GE01 says {trailer.at(1)} transaction sets, and there are {len(blocks)}."
        fault = Fault("5", detail)
    elif strays:
        fault = Fault("5", f"Group {number} has {strays[0].name} outside of its transaction sets.")
    return Group(
        header=header,
        trailer=trailer or Segment("GE"),
        transactions=tuple(_transaction(block) for block in blocks),
        fault=fault,
    )


def _transaction(segments: list[Segment]) -> Transaction:
    header = segments[0]
    trailer = segments[-1] if segments[-1].name == "SE" else None
    kind, number = header.at(1), header.at(2)
    fault = None
    if trailer is None:
        fault = Fault("2", f"Transaction set {number} has no SE: its end is missing.")
    elif not kind:
        fault = Fault("6", f"Transaction set {number} does not say what it is.")
    elif not number or number != trailer.at(2):
        fault = Fault("3", f"ST02 is {number or 'empty'}, and SE02 is {trailer.at(2)}.")
    elif not _is_count(trailer.at(1), len(segments)):
        fault = Fault("4", f"SE01 says {trailer.at(1)} segments, and there are {len(segments)}.")
    elif not all(it.is_whole for it in segments):
        fault = Fault("5", f"Transaction set {number} has a segment larger than any segment is.")
    return Transaction(
        kind=kind,
        number=number,
        segments=tuple(segments[1:-1] if trailer else segments[1:]),
        fault=fault,
    )


def _is_same(one: str, other: str) -> bool:
    """Whether two control numbers are equal; leading zeros say nothing (X12's type N0)."""
    return bool(one and other) and one.lstrip("0") == other.lstrip("0")


def _is_count(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and text.lstrip("0") == str(count or "")
