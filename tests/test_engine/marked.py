"""Ending one's own process at a marked step, as a power cut would."""

import os
import signal
from collections.abc import Mapping

STEP = "TALLYMAN_TEST_STEP"
"""The variable that names the step at which a process ends, and at which of its times: `name:3`."""

WORKER_STEPS = (
    "before claim",
    "after claim",
    "before commit",
    "after commit",
    "before call",
    "after call",
    "before settle",
    "after settle",
)
SERVICE_STEPS = ("before accept", "after accept")


class Mark:
    """Ends this process when a step is reached for the n-th time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        name, _, times = environment.get(STEP, "").partition(":")
        self._name = name
        self._left = int(times or "1")

    def reached(self, name: str) -> None:
        """Say that a step was reached; where it is the marked one, nothing follows."""
        if name != self._name:
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
