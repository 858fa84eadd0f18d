"""What is known of one shipment of one order: how far it got, and what Cofactr was told of it."""

from datetime import UTC, date, datetime
from functools import lru_cache

import msgspec

from purchasing.updates import Meaning, Scan

# Carriers repeat the whole history in every notification; a parcel with more scans than this is
# not known, and the oldest ones only guard against being said twice.
_SCANS_KEPT = 200


class Shipment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of the goods of one order that travel under one tracking number.

    `is_noticed` says that a ship notice said first that they are shipped, of its own lines alone.
    `occurrences` counts how often each meaning began; `estimates` is what each source last named as
    the delivery date, `estimated_delivery` the date that counts.
    """

    is_shipped: bool = False
    is_noticed: bool = False
    meaning: Meaning | None = None
    last_scan: str = ""
    last_at: datetime | None = None
    seen: tuple[str, ...] = ()
    occurrences: dict[str, int] = {}
    estimated_delivery: date | None = None
    estimates: dict[str, date] = {}

    def after(self, scan: Scan) -> "Shipment":
        """This shipment once a scan was seen; a scan that begins a meaning is its occurrence."""
        meaning = scan.meaning
        occurrences = self.occurrences
        if meaning is Meaning.UNCHANGED:
            meaning = self.meaning
        if meaning is not None and meaning is not self.meaning:
            occurrences = occurrences | {meaning: occurrences.get(meaning, 0) + 1}
        mark = identity(scan)
        seen = self.seen if mark in self.seen else (*self.seen, mark)[-_SCANS_KEPT:]
        return msgspec.structs.replace(
            self,
            meaning=meaning or self.meaning,
            last_scan=mark,
            last_at=scan.at or self.last_at,
            seen=seen,
            occurrences=occurrences,
        )


@lru_cache(maxsize=4096)
def identity(scan: Scan) -> str:
    """What makes two scans the same one, whoever tells of it: when it was, and what it means.

    One decision asks for it again and again, of the same few scans.
    """
    when = scan.local_time or f"?{scan.words}"
    if scan.at:
        when = scan.at.astimezone(UTC).isoformat(timespec="minutes")
    return f"{scan.meaning or scan.code}@{when}"
