"""CONTRL: telling a sender which of its interchanges and messages could be taken apart.

Source: ISO 9735-4, as in unece.org/trade/untdid/download/r1244r1.txt (1997-06-24) and, for syntax
version 3, gefeg.com/jswg/v3/data/v3-contrl.htm (CONTRL D.3, 1997-03-17); UCI and UCM as in
stylusstudio.com/edifact/30000/UCI_.htm; the actions (0083) as in
dacyb.org/edi/edifact/94A/0083.html (all read 2026-11).

A CONTRL speaks of the syntax alone: what is held for its meaning is acknowledged. No CONTRL answers
a CONTRL, or the two sides would never end.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from purchasing.formats.edifact import Fault, Group, Interchange
from purchasing.formats.edifact_syntax import CODECS

_ACKNOWLEDGED = "7"
_REJECTED = "4"
_NEW_VERSION = "4"
_OUR_SYNTAX = ("UNOC", "3")


def control_messages(interchanges: Sequence[Interchange], at: datetime) -> bytes:
    """One interchange with a CONTRL for each that wants one, one after another; empty if none.

    `at` is when they were received: what is made of the same interchanges is always the same.
    """
    return b"".join(_control(interchange, at) for interchange in interchanges)


def _control(subject: Interchange, at: datetime) -> bytes:
    header = subject.header
    if not _is_answered(subject):
        return b""
    # What is not known is not spoken either.
    syntax = header.elements[0] if subject.syntax in CODECS else _OUR_SYNTAX
    is_old = syntax[1:2] != (_NEW_VERSION,)
    inner = [
        ("UNH", "1", ("CONTRL", *(("D", "3") if is_old else ("4", "1")), "UN")),
        *_response(subject),
    ]
    reference = _reference(subject)
    day = at.astimezone(UTC).strftime("%y%m%d" if is_old else "%Y%m%d")
    segments = [
        (
            "UNB",
            syntax,
            header.elements[2],
            header.elements[1],
            (day, at.astimezone(UTC).strftime("%H%M")),
            reference,
            *((("",) * 5 + (header.at(10),)) if subject.is_test else ()),
        ),
        *inner,
        ("UNT", str(len(inner) + 1), "1"),
        ("UNZ", "1", reference),
    ]
    text = "".join(_written(*segment) for segment in segments)
    return text.encode(CODECS[syntax[0].strip()], "ignore")


def _is_answered(subject: Interchange) -> bool:
    """Whether there is somebody to send it to, something to name, and not a CONTRL to answer."""
    header, messages = subject.header, subject.messages
    is_contrl = bool(messages) and all(message.kind == "CONTRL" for message in messages)
    return bool(header.at(1) and header.at(2) and header.at(4)) and not is_contrl


def _reference(subject: Interchange) -> str:
    """Our control reference, which follows from theirs: 14 characters, as 0020 allows."""
    theirs = "\0".join((*subject.header.elements[1], subject.reference))
    return hashlib.blake2b(theirs.encode(), digest_size=7).hexdigest().upper()


def _response(subject: Interchange) -> Iterator[tuple[str | tuple[str, ...], ...]]:
    header = subject.header
    yield (
        "UCI",
        subject.reference,
        header.elements[1],
        header.elements[2],
        *_action(subject.fault),
    )
    for group in subject.groups:
        if group.header is not None:
            identity = group.header.elements[1:3]
            yield ("UCF", group.header.at(4), *identity, *_action(group.fault))
        yield from _of_messages(group)


def _of_messages(group: Group) -> Iterator[tuple[str | tuple[str, ...], ...]]:
    if group.fault is None:
        for message in group.messages:
            yield ("UCM", message.reference, message.identifier, *_action(message.fault))


def _action(fault: Fault | None) -> tuple[str, ...]:
    """The action, and where it is a rejection, what is wrong and in which service segment."""
    if fault is None:
        return (_ACKNOWLEDGED,)
    return (_REJECTED, fault.code, *((fault.segment,) if fault.segment else ()))


def _written(tag: str | tuple[str, ...], *elements: str | tuple[str, ...]) -> str:
    parts = (element if isinstance(element, tuple) else (element,) for element in (tag, *elements))
    return "+".join(":".join(map(_escaped, part)) for part in parts) + "'"


def _escaped(text: str) -> str:
    for sign in "?+:'":
        text = text.replace(sign, f"?{sign}")
    return text
