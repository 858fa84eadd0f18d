"""The pages of the documentation, taken apart: headings, tables, code."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")


@cache
def text_of(page: str) -> str:
    """A page by its path."""
    return (ROOT / page).read_text(encoding="utf-8")


def sections(text: str, level: int) -> dict[str, str]:
    """What stands under each heading of a level, up to the next one of that level or above."""
    prose = _FENCE.sub(lambda fence: re.sub(r"^#", " #", fence.group(), flags=re.MULTILINE), text)
    found: dict[str, str] = {}
    headings = [it for it in _HEADING.finditer(prose) if len(it.group(1)) <= level]
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(prose)
        if len(heading.group(1)) == level:
            found[heading.group(2)] = prose[heading.end() : end]
    return found


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    rules = {number for number, row in enumerate(cells) if set("".join(row)) == {"-"}}
    heads = {number - 1 for number in rules}
    return [row for number, row in enumerate(cells) if number not in rules | heads]


def codes(text: str) -> set[str]:
    """Everything that is written as code in a line."""
    return set(_CODE.findall(prose_of(text)))


def blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """The fenced blocks of a page: the paragraph before, the language, and what is inside."""
    for fence in _FENCE.finditer(text):
        before = text[: fence.start()].rstrip().rsplit("\n\n", 1)[-1]
        yield before, fence.group(1), fence.group(2)


def prose_of(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)
