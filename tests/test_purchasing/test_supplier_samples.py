"""What a careful buyer would have made of the public samples of suppliers' documents.

Each order was made up to fit its document, and what is expected was written by reading both.
"""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from purchasing.commands import Command, CreatePurchaseEvent
from purchasing.orders import Order, OrderLine
from tests.reading import decide, notification, whole_sources
from tests.samples import sample


class Sample(msgspec.Struct, frozen=True):
    """A document, the orders that it can speak of, and what follows from it.

    `told` has a purchase event for each command: its type, the number of its line, and its fields;
    `told` of a line that is in two orders is in the order of the document.
    """

    file: str
    orders: tuple[Order, ...]
    told: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    held: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()


def order(po_number: str, *parts: str, lines: int = 0, currency: str | None = None) -> Order:
    """An order whose lines have a part number of the supplier's, or none."""
    parts = parts or ("",) * lines
    return Order(
        po_number=po_number,
        purchase_order=UUID(int=sum(po_number.encode())),
        currency=currency,
        lines=tuple(
            OrderLine(
                purchase_line=UUID(int=number),
                line_number=str(number),
                supplier_part_number=part or None,
            )
            for number, part in enumerate(parts, start=1)
        ),
    )


CHIPS = tuple(f"0028400{number}" for number in (22222, 33333, 44444, 55555, 66666, 77777, 88888))
DISTRIBUTED = order("GWAHJV-160131-1470", "123002", "123001", "123003", currency="EUR")

DOCUMENTS = (
    # Twenty reams and twelve boxes are no number of pieces; two pieces are.
    Sample(
        "cxml/confirmation-request-accept.xml",
        (order("400-2591453-0", "751441", "429175", "908194"),),
        told=(
            (
                "confirm",
                "3",
                {
                    "quantity": 2,
                    "expected_ship_by": "2012-09-05",
                    "estimated_delivery": "2012-09-05",
                },
            ),
        ),
        held=("needs_person", "needs_person"),
    ),
    # No items: the whole order was shipped, and nobody says how many pieces.
    Sample(
        "cxml/ship-notice-request.xml",
        (order("DO1234", lines=2),),
        told=tuple(
            (
                "shipped",
                line,
                {
                    "tracking_number": "8202 8261 1194",
                    "estimated_delivery": "2000-10-18",
                    "quantity": None,
                },
            )
            for line in ("1", "2")
        ),
    ),
    # Its total is empty; what its parts make is nobody's word.
    Sample(
        "cxml/invoice-detail-taxes-at-line.xml",
        (order("123", lines=1),),
        held=("does_not_add_up",),
    ),
    # Its total is 0, and its parts make 220.
    Sample(
        "cxml/invoice-detail-two-orders.xml",
        (order("2252", lines=1), order("2253", lines=1)),
        held=("does_not_add_up",),
    ),
    Sample("cxml/response-status-400.xml", (), ignored=("unsupported_kind",)),
    Sample(
        "opentrans/dispatchnotification-it-distributor.xml",
        (DISTRIBUTED,),
        told=tuple(
            ("shipped", line, {"tracking_number": "1Z7318301287125572", "quantity": int(line)})
            for line in ("1", "2", "3")
        ),
    ),
    # Its second item names line 3 and the part of line 2.
    Sample("opentrans/invoice-it-distributor.xml", (DISTRIBUTED,), held=("conflict",)),
    Sample("x12/997-rejected.edi", (), ignored=("unsupported_kind",)),
    # 6.00 of freight is said once for all, and 3.00 and 0.03 at the lines do not make it.
    Sample(
        "x12/810-line-charges-bom-tabs.edi",
        (order("DO091003", "ID001", "ID002", currency="USD"),),
        told=(
            (
                "invoiced",
                "1",
                {
                    "quantity": 2,
                    "line_total_paid": "199.98",
                    "sales_tax_paid": "19.98",
                    "shipping_paid": "3.33",
                    "cofactr_invoice_number": "DO091003TESTINV01TAX",
                    "cofactr_invoice_amount": "401.92",
                },
            ),
            (
                "invoiced",
                "2",
                {
                    "quantity": 2,
                    "line_total_paid": "159.98",
                    "sales_tax_paid": "15.98",
                    "shipping_paid": "2.67",
                    "cofactr_invoice_amount": "401.92",
                },
            ),
        ),
    ),
    # Cases are no pieces, but what they cost is clear; the second invoice states the first one's
    # total, and its lines make 1851.00.
    Sample(
        "x12/810-two-invoices-same-number.edi",
        (order("A99999-01", *CHIPS), order("A99999-04", CHIPS[0], CHIPS[4])),
        told=tuple(
            ("invoiced", str(line), {"line_total_paid": total, "quantity": None})
            for line, total in enumerate(
                ("197.44", "160.42", "394.88", "629.34", "111.06", "1048.90", "12.34"), start=1
            )
        ),
        held=("does_not_add_up",),
    ),
    # What is refused may not be told as canceled without the source's leave.
    Sample(
        "x12/855-partial-reject.edi",
        (order("POTEST1112", "9780446360265", "9780767928427", "9780099599531", "9780446360272"),),
        told=(
            ("confirm", "1", {"quantity": 3}),
            ("note", "2", {"notes": "X12: Rejected. Code CW. Confirmation POTEST1112"}),
            ("note", "3", {"notes": "X12: Rejected. Code KK. Confirmation POTEST1112"}),
            ("confirm", "4", {"quantity": 2}),
        ),
        attention=("rejected", "rejected"),
    ),
    # The interchange ends under another number than it began with.
    Sample(
        "x12/856-newline-terminator.txt",
        (order("99999817", "87787D", "99887D"),),
        held=("malformed",),
    ),
    # Each item names the order that it belongs to, and nothing travels under a number.
    Sample(
        "edifact/desadv-d96a-two-orders.edi",
        (order("6877871", "9780738507330"), order("6905456", "9781568361871")),
        told=(
            ("shipped", "1", {"quantity": 1, "tracking_number": None}),
            ("shipped", "1", {"quantity": 1, "tracking_number": None}),
        ),
    ),
    # A charge of 525 that nothing names; 391.52 and 133.48 are its shares by 1202.58 and 410.
    Sample(
        "edifact/invoic-d97b-custom-una.edi",
        (order("521052", "157870", "157871"),),
        told=(
            (
                "invoiced",
                "1",
                {
                    "quantity": 1020,
                    "line_total_paid": "1202.58",
                    "other_total_paid": "391.52",
                    "cofactr_invoice_amount": "2137.58",
                },
            ),
            (
                "invoiced",
                "2",
                {
                    "quantity": 20,
                    "line_total_paid": "410.00",
                    "other_total_paid": "133.48",
                    "cofactr_invoice_amount": "2137.58",
                },
            ),
        ),
    ),
    # Of the energy market, and closed under another reference than it was opened with.
    Sample("edifact/ordrsp-d10a-bom.edi", (order("00001672", lines=1),), held=("malformed",)),
    # Ninety kilograms went, ten follow.
    Sample(
        "ubl/despatch-advice-ubl20-backorder.xml",
        (order("AEG012345", "17589683"),),
        told=(("shipped", "1", {"quantity": 90, "mfg_lot": "546378239"}),),
    ),
    Sample(
        "ubl/order-response-simple-accept.xml",
        (order("AEG012345", lines=2),),
        told=(("confirm", "1", {"quantity": None}), ("confirm", "2", {"quantity": None})),
    ),
    # Its total has the rounding of 0.30 in it and states it beside it once more.
    Sample(
        "ubl/invoice-ubl21-charges-negative-lines.xml",
        (order("123", lines=5),),
        held=("does_not_add_up",),
    ),
    Sample("shopify/fulfillment.json", (), ignored=("test_mode",)),
    Sample("xero/credit-note-created.json", (), ignored=("unsupported_kind",)),
    Sample("quickbooks/customer-created-legacy.json", (), ignored=("unsupported_kind",)),
    # The excerpts name no part, or nothing at all.
    Sample("ti/asn-push-v1-header-excerpt.json", (), held=("needs_person",)),
    Sample("ti/asn-push-v1-batch-excerpt.json", (), held=("malformed",)),
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda it: it.file)
def test_a_sample_ends_as_a_careful_buyer_would_expect(document: Sample) -> None:
    """What Cofactr is told of a document, what is held and why, is what its reader expects."""
    source = whole_sources()[document.file.partition("/")[0]]
    # Two are marked as tests, which would be all that there is to say of them.
    body = sample(f"suppliers/{document.file}").replace(b"*0*T*>", b"*0*P*>")

    decision = decide(source, notification(source.name, body), document.orders)

    assert [_type_and_line(it) for it in decision.commands] == [it[:2] for it in document.told]
    for command, (_, _, fields) in zip(decision.commands, document.told, strict=True):
        written = msgspec.to_builtins(command.body)
        assert {name: written.get(name) for name in fields} == fields
    for name in ("held", "ignored", "attention"):
        assert tuple(it.reason for it in getattr(decision, name)) == getattr(document, name), name


def _type_and_line(command: Command) -> tuple[str, str]:
    assert isinstance(command, CreatePurchaseEvent)
    (line,) = command.body.purchase_lines
    return command.body.event_type, str(line.int)
