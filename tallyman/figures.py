"""What one machine carried when it was measured; `tallyman capacity` reckons with it.

The rates are those of the README's table, which `make bench` prints: 2 cores shared by load and
servers, an embedded Valkey that writes every batch to the disk, signed EasyPost bodies of 2,105
bytes. A test holds them against what the benchmark kept.
The bytes of what is over were measured beside it, as the growth of Valkey's `used_memory` by 1,500
such notifications that were each delivered in one call, and its decline when each kind of key was
deleted (2026-11-21).
"""

from typing import Final

ACCEPTED_PER_SECOND: Final = 5_565.0
"""Taken in, on disk and answered by one service process."""

ACCEPTED_BESIDE_BACKLOG: Final = 0.947
"""Which share of it is left with 500,000 notifications in the queue."""

WORKED_PER_SECOND: Final = 2_556.0
"""Sent by one worker to a Cofactr that answers after 50 ms, with 256 calls in flight."""

QUEUED_BYTES: Final = 3_799
"""The memory of a queued notification."""

BODY_AND_HEADERS_BYTES: Final = 2_527
"""How much of it are its body and its headers."""

RAW_BYTES: Final = 2_780
"""The memory of the body, the headers and the delivery key of what is over, for as long as
`raw_days`; delivery keys are kept for `dedupe_days`, which is as long by default."""

RECORD_BYTES: Final = 3_930
"""The memory of its record: story, calls, index and references, for as long as `records_days`."""

LEDGER_BYTES: Final = 540
"""The memory of a command in the ledger and of its shipment, for as long as `ledger_days`."""

LARGEST_BATCH: Final = 256
"""How many notifications one write to the disk takes along at most."""
