"""Reading the files that are named on the command line."""

import sys
from pathlib import Path

from tallyman.errors import MisuseError


def read_file(name: str) -> bytes:
    """The bytes of a file; `-` is standard input.

    Raises:
        MisuseError: It cannot be read.
    """
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}."
        raise MisuseError(message) from None
