"""The service without its queue: `python -m benchmarks.ceiling`.

Everything of the route is there, its authenticity and its delivery key too; only what would make
the notification durable answers at once.
"""

import asyncio
import os
import sys

from purchasing.notification import Notification
from service.__main__ import serve
from service.settings import settings_in
from store.acceptance import Acceptance, Accepted, Verdict


class AtOnce(Acceptance):
    """Stands where the acceptance would, and keeps nothing."""

    def __init__(self) -> None:
        """Need nothing."""

    @property
    def backlog(self) -> int:
        """Nothing ever waits."""
        return 0

    async def accept(
        self, notification: Notification, *, key: str, digest: str, dedupe_days: int
    ) -> Accepted:
        """Answer, and keep nothing."""
        del key, digest, dedupe_days
        return Accepted(Verdict.NEW, notification.id)

    async def run(self) -> None:
        """Do nothing until cancelled."""
        await asyncio.Event().wait()


def main() -> int:
    """Serve until stopped."""
    serve(settings_in(os.environ), AtOnce())
    return 0


if __name__ == "__main__":
    sys.exit(main())
