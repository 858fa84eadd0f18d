"""What the sandbox received, in the order in which it came.

Refused requests are kept like accepted ones, so that a test sees all that was sent. The key itself
is never kept: of `Authorization` only the scheme stays, and whether the key was right.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Raw, Struct
from msgspec.structs import replace

CAPACITY: Final = 1_000_000
"""How many requests are kept; of more, the oldest are forgotten.

Set by memory: a request with every field filled in takes about 1.5 kB.
"""


class SeenHeaders(Struct, frozen=True, kw_only=True, gc=False, rename="kebab", omit_defaults=True):
    """The headers worth a look; one that was not sent is left out.

    `authorization` says the scheme, then `valid` or `invalid`.
    """

    authorization: str | None = None
    content_type: str | None = None
    user_agent: str | None = None
    x_org_id: str | None = None


# Without `gc=False`, each collection would walk through up to a million of these; they hold nothing
# that could refer back to them.
class Received(Struct, frozen=True, kw_only=True, gc=False):
    """One request, and what came of it.

    `status` is None while an answer is being delayed, and stays so where the connection ended
    without one. `body` is the JSON as sent, a text where it was no JSON, None where it was empty.
    `id` is that of the purchase event which the request created.
    """

    method: str
    path: str
    query: str
    headers: SeenHeaders
    body: Raw | str | None
    status: int | None
    took_effect: bool
    at: datetime
    id: UUID | None


class Journal:
    """The requests received since it was last emptied, oldest first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keep at most `capacity` requests."""
        self._capacity = capacity
        self._kept: dict[int, Received] = {}
        self._first = 0
        self._next = 0

    def note(self, received: Received) -> int:
        """Write a request down, and return the number under which it stands."""
        number = self._next
        self._next += 1
        self._kept[number] = received
        if len(self._kept) > self._capacity:
            del self._kept[next(iter(self._kept))]
        return number

    def answered(self, number: int, status: int) -> None:
        """Complete a request that was answered late, unless it has been forgotten meanwhile."""
        received = self._kept.get(number)
        if received is not None:
            self._kept[number] = replace(received, status=status)

    def since(self, count: int) -> Iterator[Received]:
        """All requests but the first `count` ones, whether or not those are still kept."""
        start = self._first + count
        return (received for number, received in self._kept.items() if number >= start)

    def forget(self) -> None:
        """Forget every request.

        Numbers go on, so that a late answer completes no other request than its own.
        """
        self._kept.clear()
        self._first = self._next
