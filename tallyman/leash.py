"""A program that dies when its parent does: `python leash.py PARENT_PID PROGRAM [ARGUMENT...]`.

It makes the arrangement for itself, then becomes the program. It is run as a file and imports
nothing of ours, so that it takes a few milliseconds.

Only Linux knows such an arrangement (prctl(2), PR_SET_PDEATHSIG); elsewhere it is just the program.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: Sequence[str]) -> None:
    """Become the program."""
    parent, *command = arguments
    if sys.platform == "linux":
        # Not SIGTERM: what drains waits for Valkey, which dies at the same moment.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != int(parent):
            # The parent died before the arrangement was made, and nobody would tell.
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606  # it becomes what it was told to start


if __name__ == "__main__":
    main(sys.argv[1:])
