"""The boxes of a despatch advice (CPS): which line lies in which, and what is said of them."""

from collections.abc import Iterator, Sequence

from purchasing.errors import MalformedError
from purchasing.formats.edifact_syntax import Segment
from purchasing.formats.edifact_values import LONGEST_HEADER

_DEEPEST = 20


def packed(
    segments: Sequence[Segment],
) -> Iterator[tuple[tuple[Segment, ...], tuple[Segment, ...]]]:
    """Each line, and what is said of the boxes around it, the nearest first (CPS)."""
    boxes: dict[str, tuple[str, list[Segment]]] = {}
    line: list[Segment] = []
    here = ""
    is_open = False
    for segment in segments:
        if segment.tag in ("CPS", "LIN", "CNT", "UNS"):
            if line:
                yield tuple(line), _around(here, boxes)
            line = [segment] if segment.tag == "LIN" else []
            is_open = segment.tag == "CPS"
        if segment.tag == "CPS":
            here = segment.at(0)
            boxes[here] = (segment.at(1), [])
        elif line and segment.tag != "LIN":
            line.append(segment)
        elif is_open:
            boxes[here][1].append(segment)
    if line:
        yield tuple(line), _around(here, boxes)


def _around(here: str, boxes: dict[str, tuple[str, list[Segment]]]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    seen: set[str] = set()
    while here in boxes and here not in seen:
        seen.add(here)
        here, own = boxes[here]
        found += own
        if len(found) > LONGEST_HEADER or len(seen) > _DEEPEST:
            text = "It packs boxes deeper, or says more of them, than any real notice."
            raise MalformedError(text)
    return tuple(found)
