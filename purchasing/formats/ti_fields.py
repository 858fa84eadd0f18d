"""The fields of what Texas Instruments pushes, by whichever of their names they come.

What is sent has other names than what is published: `SupplierWayBillNumberList` instead of
`wayBillNumberList`, `Items` instead of `items` (TI's forums, threads 855866 and 1333708, read
2026-11). The first word `Supplier` or `Shipment` and the case are therefore not looked at. How deep
the goods lie is partly unknown, too: whatever names a part, a line or a lot is a piece of a
shipment, and has the order, the part and the numbers of what it lies in.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from purchasing.documents import Item
from purchasing.errors import MalformedError
from purchasing.formats.json_values import date_of, number_of, object_of, objects_of, text_of

Fields = Mapping[str, object]

_FIRST_WORD = re.compile(r"^(supplier|shipment)(?=.)")
PO = ("customerpurchaseordernumber", "customerpurchaseorderidentifier")
TI_ORDER = ("ordernumber", "orderidentifier")
WAYBILL = ("waybillnumber", "waybillidentifier")
LINE = ("customerlineitemnumber",)
OWN_PART = ("customerpartnumber",)
PART = ("tipartnumber",)
LOT_QUANTITY = ("itemshiptrackcodequantity",)
QUANTITY = (*LOT_QUANTITY, "shippedquantity", "quantity")
LOT = ("batchnumber",)
ORIGIN = ("chipcountryoforigincode2character",)
TRACKING = ("carriershipmentmastertrackingnumber", "carriershipmentboxtrackingnumber")
LEAVES = ("shippingdate", "shipdate", "goodsissuedate")
ARRIVES = ("estimateddateofarrival",)
FINANCIAL = ("financialdocumentnumber",)

_GOODS = (PART, OWN_PART, LINE, LOT, LOT_QUANTITY)
# What lies in these is paper, not goods.
_PAPERS = re.compile(r"invoice|waybill")
_DEEPEST = 12
_WAYBILL_DIGITS = 10


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a push: what it says itself, and what it has from what it lies in.

    `tracking_numbers` are the master's and the box's; one that is not given is empty.
    """

    fields: Fields = {}
    item: Item = Item()
    tracking_numbers: tuple[str, ...] = ("", "")


def plain(fields: Fields) -> Fields:
    """The fields by their names in lower case and without a first word Supplier or Shipment."""
    named: dict[str, object] = {}
    for name, value in fields.items():
        key = _FIRST_WORD.sub("", name.lower())
        if not named.get(key):
            named[key] = value
    return named


def first(fields: Fields, names: tuple[str, ...]) -> str:
    """The first text that is given under one of the names; empty if none is.

    Raises:
        MalformedError: It is too long.
    """
    return next(filter(None, (text_of(fields.get(name)) for name in names)), "")


def first_date(fields: Fields, names: tuple[str, ...], what: str) -> date | None:
    """The first date that is given under one of the names; `what` names it.

    Raises:
        MalformedError: It is no date.
    """
    return date_of(first(fields, names), what)


def first_number(fields: Fields, names: tuple[str, ...], what: str) -> Decimal | None:
    """The first number that is given under one of the names; `what` names it.

    Raises:
        MalformedError: It is no number.
    """
    given = (fields.get(name) for name in names)
    return number_of(next((it for it in given if it is not None and it != ""), None), what)


def piece(fields: Fields, around: Piece) -> Piece:
    """A part of a push with what it says of itself, and for the rest what is around it.

    Raises:
        MalformedError: A reference is too long.
    """
    known = around.item
    return Piece(
        fields=fields,
        item=Item(
            po_number=first(fields, PO) or known.po_number,
            supplier_reference=first(fields, TI_ORDER) or known.supplier_reference,
            line_number=first(fields, LINE) or known.line_number,
            part_number=first(fields, OWN_PART) or known.part_number,
            manufacturer_part_number=first(fields, PART) or known.manufacturer_part_number,
        ),
        tracking_numbers=tuple(
            text_of(fields.get(name)) or outer
            for name, outer in zip(TRACKING, around.tracking_numbers, strict=True)
        ),
    )


def goods_in(fields: Fields, around: Piece, depth: int = 0) -> Iterator[Piece]:
    """The innermost parts of a shipment that name a part, a line or a lot.

    Raises:
        MalformedError: They lie more than 12 levels deep, or a reference is too long.
    """
    if depth > _DEEPEST:
        message = "it is nested too deeply"
        raise MalformedError(message)
    here = piece(fields, around)
    is_innermost = any(first(fields, names) for names in _GOODS)
    for inner in _inside(fields):
        for goods in goods_in(plain(inner), here, depth + 1):
            is_innermost = False
            yield goods
    if is_innermost:
        yield here


def _inside(fields: Fields) -> Iterator[Fields]:
    for name, value in fields.items():
        if not _PAPERS.search(name):
            yield from objects_of(value)
            yield object_of(value)


def waybill_of(shipment: Fields, around: Piece) -> str:
    """The number of the waybill with its zeros: TI writes it with and without them.

    Raises:
        MalformedError: It is too long.
    """
    papers = (plain(paper) for paper in objects_of(shipment.get("waybillnumberlist")))
    listed = next((first(paper, WAYBILL) for paper in papers), "")
    number = first(around.fields, WAYBILL) or listed
    is_number = number.isascii() and number.isdigit()
    return number.zfill(_WAYBILL_DIGITS) if is_number else number
