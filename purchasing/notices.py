"""A ship notice's word on one line, held against what the same notice said of it before."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from purchasing.documents import Purpose, ShipNotice
from purchasing.line_by_line import spelled
from purchasing.matching import Goods
from purchasing.orders import OrderLine, bears, comparable
from purchasing.plans import ShipmentKey, Terms, command_key
from purchasing.progress import LineProgress, Notice, ShippedPart
from purchasing.shipments import Shipment


def transmission_of(update: ShipNotice, notification: str) -> str:
    """The name of a document as one notification brings it."""
    return f"{notification}/{update.document.place}"


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What a ship notice says of one line, beside what is known of the line."""

    update: ShipNotice
    its: Goods
    line: OrderLine
    progress: LineProgress
    shipments: Mapping[ShipmentKey, Shipment]
    terms: Terms

    @property
    def number(self) -> str:
        """What makes the notice the same one; without a number, all that it says."""
        it = self.update
        if it.document.number:
            return comparable(it.document.number)
        quantity = "" if it.quantity is None else spelled(it.quantity)
        return command_key("unnumbered", self.part, str(it.shipped_on or ""), quantity)

    @property
    def part(self) -> str:
        """Which of the line's goods are meant: those of one lot under one tracking number."""
        return self._part(*self.update.tracking_numbers[:1])

    def _part(self, *tracking_number: str) -> str:
        told_apart = (self.update.mfg_lot, self.update.date_code, self.update.coo, *tracking_number)
        return command_key("part", *(comparable(text) for text in told_apart))

    @property
    def transmission(self) -> str:
        """What brings the notice: one of the documents of the notification."""
        return transmission_of(self.update, self.terms.notification)

    @property
    def notice(self) -> Notice:
        """What the notice said of the line before."""
        return self.progress.notices.get(self.number, Notice())

    @property
    def seen(self) -> dict[str, Decimal | None]:
        """What this transmission said of the notice's parts before."""
        return self.notice.seen_in(self.transmission)

    @property
    def told(self) -> ShippedPart | None:
        """What Cofactr was told of this part; None where it is new."""
        return self.notice.parts.get(self.part)

    @property
    def unnumbered(self) -> ShippedPart | None:
        """The same goods as the notice told of them before it had a tracking number for them."""
        before = self.notice.parts.get(self._part())
        is_same = before is not None and before.quantity == self.total
        is_said_beside = self._part() in self.seen
        return before if is_same and self.told is None and not is_said_beside else None

    @property
    def total(self) -> Decimal | None:
        """The quantity of the part by this notification, which may say it in several boxes."""
        before, quantity = self.seen.get(self.part), self.update.quantity
        return quantity if quantity is None or before is None else before + quantity

    @property
    def shipment(self) -> Shipment:
        """The shipment under the number that is sent."""
        return next(iter(self.shipments.values()), Shipment())

    @property
    def key(self) -> str:
        """The key of what the notice says of this part of the line."""
        total = "" if self.total is None else spelled(self.total)
        return command_key(
            "ship_notice", str(self.line.purchase_line), self.number, self.part, total
        )

    @property
    def date_key(self) -> str:
        """The key of what the notice says of the line's delivery date.

        A newer envelope may go back to a date that it said before another one.
        """
        key = command_key(
            "ship_notice_date",
            str(self.line.purchase_line),
            self.number,
            str(self.update.estimated_delivery or ""),
        )
        goes_back = key in self.progress.said and self._has_another_date()
        return command_key(key, str(self.update.document.said_at)) if goes_back else key

    def _has_another_date(self) -> bool:
        """Whether a newer envelope gives another date than the notice gave last."""
        said_at, heard_at = self.update.document.said_at, self.notice.said_at
        is_newer = said_at is not None and heard_at is not None and said_at > heard_at
        return is_newer and self.update.estimated_delivery != self.notice.estimated_delivery

    @property
    def is_new(self) -> bool:
        """Whether it says a part of the line that was not said, or more of one that was."""
        return self.told is None or _is_more(self.total, self.told)

    @property
    def more(self) -> Decimal | None:
        """The quantity that is said with it: what goes beyond what was said before."""
        told, total = self.told, self.total
        if told is None or told.quantity is None or total is None:
            return total
        return total - told.quantity

    @property
    def is_told_by_carrier(self) -> bool:
        """Whether a carrier's `shipped` has said all of what the notice says."""
        it, shipment = self.update, self.shipment
        return (
            it.quantity is None
            and not (it.mfg_lot or it.date_code or it.coo)
            and shipment.is_shipped
            and not shipment.is_noticed
            and bears(self.line, it.tracking_numbers[0])
        )

    @property
    def contradiction(self) -> str:
        """How the notice goes against what its number said before; empty where it does not."""
        told, total = self.told, self.total
        if told is None:
            if all(self._repeats(part, it) for part, it in self.notice.parts.items()):
                return ""
            return "names a lot or tracking number that is new, and not all that it named before"
        if told.quantity is None or total is None:
            return "" if told.quantity == total else "gives a quantity once and once none"
        if total >= told.quantity:
            return ""
        if self.update.purpose is Purpose.NEW and self.key in self.progress.said:
            # What comes again is an older state of a notice that was replaced since.
            return ""
        return f"said {spelled(told.quantity)} before, and now says {spelled(total)}"

    def _repeats(self, part: str, told: ShippedPart) -> bool:
        """Whether this notification has said again, in full, what was said of another part."""
        if part not in self.seen:
            return False
        return self.seen[part] == told.quantity or _is_more(self.seen[part], told)

    def progress_after(self) -> LineProgress:
        """How far the line is once this was said."""
        notice, who = self.notice, self.terms.notification
        parts = notice.parts
        if self.unnumbered is not None:
            others = {name: it for name, it in parts.items() if name != self._part()}
            parts = others | {self.part: self.unnumbered}
        elif self.is_new:
            parts = parts | {self.part: ShippedPart(notification=who, quantity=self.total)}
        counted = [it.quantity for it in parts.values() if it.quantity is not None]
        shipped = {self.number: sum(counted, Decimal(0))} if counted else {}
        notice = Notice(
            transmission=self.transmission,
            parts=parts,
            seen=self.seen | {self.part: self.total},
            estimated_delivery=self.update.estimated_delivery or notice.estimated_delivery,
            said_at=max(filter(None, (notice.said_at, self.update.document.said_at)), default=None),
        )
        after = msgspec.structs.replace(
            self.progress,
            notices=self.progress.notices | {self.number: notice},
            shipped=self.progress.shipped | shipped,
        ).with_said(self.key, who)
        return after.with_said(self.date_key, who) if self.update.estimated_delivery else after


def _is_more(total: Decimal | None, told: ShippedPart) -> bool:
    return total is not None and told.quantity is not None and total > told.quantity
