"""What the commands print: lines, tables and JSON on standard output, complaints on standard error.

Much of it was written by strangers, so nothing is printed that could steer a terminal.
"""

import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Whoever reads through a pipe wants whole lines.
_PIPE_WIDTH = 10_000


def harmless(value: object) -> str:
    """A text in one line, with every control character made visible."""
    return "".join(
        character if character.isprintable() else _visible(character)
        for character in " ".join(str(value).split("\n"))
    )


def _visible(character: str) -> str:
    return " " if character in "\t\r" else "\N{REPLACEMENT CHARACTER}"


def say(line: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def say_json(document: object) -> None:
    """Print a document of our own as JSON."""
    say(msgspec.json.encode(document).decode())


def complain(sentence: str) -> None:
    """Print one line to standard error."""
    sys.stderr.write(f"{harmless(sentence.strip())}\n")


def as_typed(*words: str) -> str:
    """A command of ours as it can be typed in this directory, whatever is on the path."""
    started_as = Path(sys.argv[0])
    if shutil.which("tallyman"):
        program = "tallyman"
    elif started_as.name == "__main__.py":
        program = f"{near(Path(sys.executable))} -m tallyman"
    else:
        program = near(started_as)
    return " ".join([program, *words])


def near(path: Path) -> str:
    """A path as it can be typed in this directory."""
    here, whole = Path.cwd(), path.absolute()
    return shlex.quote(str(whole.relative_to(here) if whole.is_relative_to(here) else whole))


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under titles; what is None or empty stays empty."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        drawn.add_column(title, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    is_terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if is_terminal else _PIPE_WIDTH)
    with console.capture() as capture:
        console.print(drawn)
    for line in capture.get().splitlines():
        say(line.rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(harmless(item) for item in value)
    return harmless(value)
