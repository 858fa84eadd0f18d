"""How far an order got by what its supplier's documents said: confirmed, shipped, invoiced."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from purchasing.documents import Promise

# A line of which more was said than this is not known; the oldest words only guard against a
# document that comes back after so many others.
_STATEMENTS_KEPT = 200


class Promised(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a confirmation said of a line, or of a part of it.

    `promise` is accepted (planned goods are, too), backordered or rejected; a date that the
    document left out is the one known before. `notification` is the first that said it.
    """

    promise: Promise
    notification: str
    quantity: Decimal | None = None
    expected_ship_by: date | None = None
    estimated_delivery: date | None = None
    unit_price: Decimal | None = None
    substitute: str = ""


class ShippedPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a ship notice said of one line's goods of one lot under one tracking number.

    `quantity` is all of them, None where the notice gives none; `notification` said so first.
    """

    notification: str
    quantity: Decimal | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one ship notice's word on one line.

    `parts` is what Cofactr was told, by lot and tracking number. `seen` is what the notification
    `transmission`, the last that brought the notice, has said of them so far: a notice that comes
    again tells its parts once more, one by one. `said_at` is the newest envelope that brought it.
    """

    transmission: str = ""
    parts: dict[str, ShippedPart] = {}
    seen: dict[str, Decimal | None] = {}
    estimated_delivery: date | None = None
    said_at: datetime | None = None

    def seen_in(self, transmission: str) -> dict[str, Decimal | None]:
        """What a notification has said of the parts so far."""
        return self.seen if transmission == self.transmission else {}


class LineProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What documents said of one purchase line.

    `promises` are those of `document`, the last confirmation that spoke of the line, and
    `promises_before` are those of the one before it. `said` names the notification that first made
    each statement, by the statement's key; `said_at` is each source's newest envelope. `shipped` is
    the quantity by the ship notice's number, as far as notices give one, and `notices` are its
    parts; `invoiced` is the quantity by the invoice's key.
    """

    is_confirmed: bool = False
    document: str = ""
    promises: tuple[Promised, ...] = ()
    promises_before: tuple[Promised, ...] = ()
    said: dict[str, str] = {}
    said_at: dict[str, datetime] = {}
    notices: dict[str, Notice] = {}
    shipped: dict[str, Decimal] = {}
    invoiced: dict[str, Decimal] = {}

    def known_to(self, document: str) -> tuple[Promised, ...]:
        """What was promised before a document: its own statements are no change of each other."""
        return self.promises_before if document == self.document else self.promises

    def with_promise(
        self, promised: Promised, document: str, beside: tuple[Promised, ...] = ()
    ) -> "LineProgress":
        """This progress once a document has promised something, `beside` what stands as it was."""
        so_far = self.promises if document == self.document else beside
        return msgspec.structs.replace(
            self,
            is_confirmed=self.is_confirmed or promised.promise is Promise.ACCEPTED,
            document=document,
            promises=so_far if promised in so_far else (*so_far, promised),
            promises_before=self.known_to(document),
        )

    def read_anew(self, notification: str) -> "LineProgress":
        """This progress for a notification that is read once more: it has told nothing so far."""
        notices = {
            number: msgspec.structs.replace(it, transmission="", seen={})
            if it.transmission.partition("/")[0] == notification
            else it
            for number, it in self.notices.items()
        }
        return msgspec.structs.replace(self, notices=notices)

    def with_said(self, key: str, notification: str) -> "LineProgress":
        """This progress once a statement was made; whoever made it first stays the first."""
        if key in self.said:
            return self
        kept = [*self.said.items(), (key, notification)][-_STATEMENTS_KEPT:]
        return msgspec.structs.replace(self, said=dict(kept))

    def is_behind(self, source: str, said_at: datetime | None) -> bool:
        """Whether a source's envelope is older than another one of its own that was heard.

        Two sources are not compared: their clocks may be hours apart where a format has no zone.
        """
        newest = self.said_at.get(source)
        return said_at is not None and newest is not None and said_at < newest

    def is_ahead(self, source: str, said_at: datetime | None) -> bool:
        """Whether a source's envelope is newer than every other one of its own that was heard."""
        newest = self.said_at.get(source)
        return said_at is not None and newest is not None and said_at > newest

    def heard(self, source: str, said_at: datetime | None) -> "LineProgress":
        """This progress once an envelope of a source was heard."""
        if said_at is None or self.is_behind(source, said_at):
            return self
        return msgspec.structs.replace(self, said_at=self.said_at | {source: said_at})


class KnownInvoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice that was accepted for an order.

    `says` is a hash of its content, `notification` the first that brought it, `over` its grand
    total in words, and `charges` what it added to each NoPart line of the order, by the line's
    UUID, in `currency`; a credit note adds less than nothing.
    """

    says: str
    notification: str
    over: str = ""
    currency: str = ""
    charges: dict[str, Decimal] = {}
