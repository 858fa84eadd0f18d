"""Answering X12: a 997 for every functional group, or a TA1 where the envelope itself is broken.

A 997 says that transaction sets arrived whole, and nothing about what they say: a set whose
envelope is right is accepted, whatever becomes of it here. Acknowledgements are not acknowledged.

Everything is derived from what is answered: identities change places, control numbers and
separators are the sender's own, and the date is when the notification was received, so that the
answer is the same whenever it is asked for.

Source: 997 and TA1 of 004010 (edi.stedi.com/x12-004010; a sample of xlate/staedi; read 2026-11).
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from purchasing.answers import OK, Answer
from purchasing.formats.x12 import Group, Interchange, Interchanges, Transaction

CONTENT_TYPE = "application/edi-x12"
"""RFC 1767 section 2."""

_ACKNOWLEDGEMENT = "FA"
_OLDEST_REPETITION = "00402"
"""From this version on, ISA11 is the repetition separator; before it is `U` (X12.5)."""


def acknowledgement(read: Interchanges, received_at: datetime) -> Answer | None:
    """The answer to the interchanges of a body: one interchange for each that wants one."""
    at = received_at.astimezone(UTC)
    answers = [
        text for interchange in read.interchanges if (text := "".join(_answer(interchange, at)))
    ]
    if not answers:
        return None
    body = "".join(answers).encode(read.encoding)
    return Answer(status=OK, body=body, content_type=CONTENT_TYPE)


def _answer(interchange: Interchange, at: datetime) -> Iterator[str]:
    """The segments that answer one interchange; none where it holds acknowledgements alone."""
    groups = [it for it in interchange.groups if it.header.at(1) != _ACKNOWLEDGEMENT]
    is_answer = bool(interchange.groups) or interchange.has_acknowledgements
    if not groups and is_answer:
        return
    fault = interchange.fault
    answered = () if fault else tuple(groups)
    yield _segment(interchange, *_header(interchange, at))
    if fault or interchange.header.at(14) == "1":
        verdict = ("R", fault.code) if fault else ("A", "000")
        sent = (interchange.header.at(9), interchange.header.at(10))
        yield _segment(interchange, "TA1", _number(interchange), *sent, *verdict)
    for group in answered:
        yield from _answer_to_group(interchange, group, at)
    yield _segment(interchange, "IEA", str(len(answered)), _number(interchange))


def _answer_to_group(interchange: Interchange, group: Group, at: datetime) -> Iterator[str]:
    theirs = group.header
    number = theirs.at(6)
    version = theirs.at(8) or "004010"
    when = (at.strftime("%Y%m%d"), at.strftime("%H%M"))
    header = ("GS", _ACKNOWLEDGEMENT, theirs.at(3), theirs.at(2), *when, number, "X", version)
    verdicts = [
        segment for transaction in group.transactions for segment in _verdict(transaction, group)
    ]
    said = (("AK1", theirs.at(1), number), *verdicts, _verdict_on_group(group))
    yield _segment(interchange, *header)
    yield _segment(interchange, "ST", "997", "0001")
    for segment in said:
        yield _segment(interchange, *segment)
    yield _segment(interchange, "SE", str(len(said) + 2), "0001")
    yield _segment(interchange, "GE", "1", number)


def _verdict(transaction: Transaction, group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """AK2 and AK5; every set of a group whose own envelope is broken is rejected with it."""
    yes_or_no: tuple[str, ...] = ("A",)
    if transaction.fault:
        yes_or_no = ("R", transaction.fault.code)
    elif group.fault:
        yes_or_no = ("R",)
    return ("AK2", transaction.kind, transaction.number), ("AK5", *yes_or_no)


def _verdict_on_group(group: Group) -> tuple[str, ...]:
    count = len(group.transactions)
    accepted = 0 if group.fault else sum(it.fault is None for it in group.transactions)
    verdict = "A" if accepted == count else "P" if accepted else "R"
    # How many are included is what GE01 says; received and accepted is what was found.
    said = group.trailer.at(1) or str(count)
    code = (group.fault.code,) if group.fault else ()
    return ("AK9", "R" if group.fault else verdict, said, str(count), str(accepted), *code)


def _header(interchange: Interchange, at: datetime) -> tuple[str, ...]:
    theirs = interchange.header
    version = theirs.at(12).zfill(5)
    signs = f"{interchange.separators.element}{interchange.separators.terminator}"
    repetition = theirs.at(11)[:1] if version >= _OLDEST_REPETITION else "U"
    return (
        "ISA",
        *("00", " " * 10) * 2,
        *(theirs.at(7).ljust(2), theirs.at(8).ljust(15)),
        *(theirs.at(5).ljust(2), theirs.at(6).ljust(15)),
        *(at.strftime("%y%m%d"), at.strftime("%H%M")),
        repetition if repetition and repetition not in signs else "U",
        version,
        _number(interchange),
        "0",
        "T" if interchange.is_test else "P",
        interchange.separators.component,
    )


def _number(interchange: Interchange) -> str:
    """Their control number in nine digits; a text that is none is left as it is."""
    return interchange.number.zfill(9)


def _segment(interchange: Interchange, *elements: str) -> str:
    return interchange.separators.element.join(elements) + interchange.separators.terminator
