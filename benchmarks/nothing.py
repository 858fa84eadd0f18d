"""A worker whose jobs do nothing: `python -m benchmarks.nothing`.

The engine is whole, with its claims, commits and leases; only what a notification means is not
looked at: every decision is an empty one.
"""

import os
import sys
from collections.abc import Sequence

import uvloop

from store.queue import Claimed, Decided
from workers.__main__ import until_signalled
from workers.rounds import Job, Rounds
from workers.settings import settings_in


class EmptyRounds(Rounds):
    """Decides nothing of any notification."""

    def __init__(self) -> None:
        """Need nothing."""

    async def prepare(self, claimed: Sequence[Claimed]) -> list[tuple[Job, Decided]]:
        """Find that there is nothing to do."""
        return [(Job(id=job.id), Decided(id=job.id)) for job in claimed]


def main() -> int:
    """Work until stopped."""
    uvloop.run(until_signalled(settings_in(os.environ), EmptyRounds()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
