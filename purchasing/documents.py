"""What suppliers' documents say, in one vocabulary for all formats: confirmed, shipped, invoiced.

A confirmation and a ship notice are read as one statement for each line of the document, so that a
line that cannot be understood or matched keeps none of the others back. An invoice is one
statement as a whole, because money is all or nothing.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which goods a line of a document means, as far as it says; matched in the order of T6.

    `supplier_reference` is the supplier's own number of the order. `line_number` is the order's;
    `is_own_counter` says that it may be the document's own counter instead (X12's IT101, EDIFACT's
    LIN), which counts only where no part contradicts it. An item that names neither a line nor a
    part means the whole order.
    """

    po_number: str = ""
    supplier_reference: str = ""
    line_number: str = ""
    is_own_counter: bool = False
    part_number: str = ""
    manufacturer_part_number: str = ""
    supplier_part_number: str = ""

    @property
    def is_whole_order(self) -> bool:
        """Whether it names no line and no part."""
        return not (self.line_number or self.part_numbers)

    @property
    def part_numbers(self) -> tuple[str, ...]:
        """The parts that it names: the buyer's, the manufacturer's, the supplier's."""
        named = (self.part_number, self.manufacturer_part_number, self.supplier_part_number)
        return tuple(part for part in named if part)


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The document that a statement stands in.

    `sender` is what to call whoever sent it, for the notes. `number` is the document's business
    number (confirmID, BSN02, the number of the invoice), the same through every repetition of the
    document. `supplier` is the seller as the document names it. `said_at` is the time of the
    envelope, which says how old the news is; a document's own dates do not. `place` tells the
    documents of one notification apart, which may bring a document and then its replacement.
    """

    sender: str
    number: str = ""
    supplier: str = ""
    said_at: datetime | None = None
    place: int = 0


class Promise(StrEnum):
    """What a supplier says of a line that was ordered."""

    ACCEPTED = "accepted"
    BACKORDERED = "backordered"
    REJECTED = "rejected"
    PLANNED = "planned"


class OrderConfirmation(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="confirmation"
):
    """What a supplier promises of one line, or of a whole order.

    `PLANNED` is for a ship notice of goods that have not left yet. `unit_price` is for one piece,
    and `substitute` is a part that is sent in place of the ordered one. `is_rest` says that it is
    meant for the lines of the order that the document does not name (cXML's `except`), which are
    then listed in `others`. `unit` is that of the quantity as it is written, and empty where it
    simply counts pieces (purchasing.units).
    """

    document: Document
    item: Item
    promise: Promise
    quantity: Decimal | None = None
    unit: str = ""
    expected_ship_by: date | None = None
    estimated_delivery: date | None = None
    unit_price: Decimal | None = None
    currency: str = ""
    substitute: str = ""
    words: str = ""
    is_rest: bool = False
    others: tuple[Item, ...] = ()


class Purpose(StrEnum):
    """What a ship notice is to an earlier one of the same number."""

    NEW = "new"
    REPLACES = "replaces"
    CANCELS = "cancels"


class ShipNotice(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="ship_notice"):
    """Goods of one line and one lot, or of a whole order, that have left the supplier.

    `tracking_numbers` are those under which these goods travel, without saying which piece under
    which. `coo` is the country of origin in two letters (ISO 3166-1); `date_code` and `mfg_lot` are
    as the supplier writes them. `unit` is that of the quantity as it is written, and empty where
    it simply counts pieces.
    """

    document: Document
    item: Item
    purpose: Purpose = Purpose.NEW
    quantity: Decimal | None = None
    unit: str = ""
    tracking_numbers: tuple[str, ...] = ()
    carrier: str = ""
    service: str = ""
    shipped_on: date | None = None
    estimated_delivery: date | None = None
    coo: str = ""
    date_code: str = ""
    mfg_lot: str = ""
    words: str = ""


class Amounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money beside the goods themselves, in the document's currency; a discount is positive."""

    tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    duties: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an invoice.

    `total` is for the goods alone, after the line's own allowances, before tax and charges; where
    the format states none it is the unrounded product of quantity and price, and
    `is_total_computed` says so. `unit` is that of the quantity as it is written, and empty where it
    simply counts pieces. `unit_price` is for one piece, or one unit, whatever the price's basis is.
    `amounts` are those that the document gives to this line, and must not be among the
    header's. A line's own discount is in its total, and not in its amounts.
    """

    item: Item
    total: Decimal
    is_total_computed: bool = False
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    amounts: Amounts = Amounts()
    words: str = ""


class Invoice(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="invoice"):
    """A supplier's invoice or credit note, whole.

    `total` is the grand total, before deposits and prepayments; of a credit note all amounts are
    as they change what is owed: negative. `amounts` are those of the header that no line has yet.
    `currency` is empty where the document states none.
    """

    document: Document
    total: Decimal
    lines: tuple[InvoiceLine, ...]
    amounts: Amounts = Amounts()
    currency: str = ""
    is_credit: bool = False
    words: str = ""
