"""A decision as a whole: what it gathers, how it is found, how it is shown."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from purchasing.commands import EventType
from purchasing.decisions import Decision, Judgement, preview, references_in, summary_of
from purchasing.documents import (
    Document,
    Invoice,
    InvoiceLine,
    Item,
    OrderConfirmation,
    Promise,
    ShipNotice,
)
from purchasing.sources.easypost import SOURCE
from purchasing.updates import DirectEvent, Finding, Meaning, Scan, TrackingUpdate
from tests.reading import decide, notification, payloads

LINES = tuple(UUID(int=number) for number in range(1, 6))
TRACKING = TrackingUpdate(
    sender="EasyPost",
    carrier="UPS",
    tracking_number="1Z99",
    current=Scan(
        meaning=Meaning.DELIVERED, code="delivered", at=datetime(2026, 11, 20, tzinfo=UTC)
    ),
)
DIRECT = DirectEvent(
    event_type=EventType.INVOICED,
    po_number="PO-1",
    tracking_number="4401",
    cofactr_invoice_number="INV-7",
)
DOCUMENT = Document(sender="Digi-Key (cXML)", number="D-1")
INVOICE = Invoice(
    document=DOCUMENT,
    total=Decimal("12.50"),
    currency="USD",
    lines=(
        InvoiceLine(item=Item(po_number="PO-4"), total=Decimal("12.50")),
        InvoiceLine(item=Item(supplier_reference="SO-4"), total=Decimal(0)),
    ),
)
UNMATCHED = Finding("unmatched", "No purchase line is known.")
NO_CHANGE = Finding("no_change", "It was known.")
TWICE = Finding("no_change", "It was known, too.")
DAMAGED = Finding("damaged", "The goods are damaged.")
DECISION = Decision(
    judgements=(
        Judgement(update=TRACKING, held=(UNMATCHED,)),
        Judgement(update=DIRECT, ignored=(NO_CHANGE, TWICE), attention=(DAMAGED,)),
        Judgement(held=(Finding("malformed", "A part cannot be read."),)),
    )
)


def test_a_decision_gathers_what_was_found_of_each_statement() -> None:
    """What was understood, held, ignored and noticed is told for the notification as a whole."""
    assert DECISION.updates == (TRACKING, DIRECT)
    assert [it.reason for it in DECISION.held] == ["unmatched", "malformed"]
    assert DECISION.ignored == (NO_CHANGE, TWICE)
    assert DECISION.attention == (DAMAGED,)


def test_a_reason_is_named_once() -> None:
    """The reasons of what was held or ignored are listed once each; attention is none."""
    assert DECISION.reasons == ("unmatched", "malformed", "no_change")


def test_nothing_decided_is_empty() -> None:
    """A decision about nothing has nothing to show."""
    nothing = Decision()

    assert (nothing.updates, nothing.held, nothing.ignored, nothing.attention) == ((), (), (), ())
    assert (nothing.reasons, nothing.summary) == ((), "")


def test_a_summary_is_one_line() -> None:
    """A listing shows the first three statements, each in a few words."""
    many = Decision(judgements=tuple(Judgement(update=TRACKING) for _ in range(5)))

    assert DECISION.summary == "UPS 1Z99: delivered; invoiced for PO-1"
    assert many.summary == "; ".join(["UPS 1Z99: delivered"] * 3)


def test_a_statement_is_summed_up_by_what_it_is_about() -> None:
    """A summary names the carrier or the sender, and the goods by their first reference."""
    unnamed = msgspec.structs.replace(TRACKING, carrier="")
    by_number = DirectEvent(event_type=EventType.NOTE, tracking_number="4401")
    by_lines = DirectEvent(event_type=EventType.NOTE, purchase_lines=LINES)

    assert summary_of(unnamed) == "EasyPost 1Z99: delivered"
    assert summary_of(by_number) == "note for 4401"
    assert summary_of(by_lines) == f"note for {LINES[0]}, {LINES[1]}, {LINES[2]}"


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (Item(po_number="PO-1"), "PO-1"),
        (Item(supplier_reference="SO-7", line_number="2"), "SO-7 line 2"),
        (
            Item(po_number="PO-1", line_number="2", part_number="R-1", supplier_part_number="S-1"),
            "PO-1 line 2 (R-1, S-1)",
        ),
        (Item(), "an order that is not named"),
    ],
)
def test_a_document_is_summed_up_by_what_it_says_of_what(item: Item, named: str) -> None:
    """A confirmation and a ship notice are named with their sender and their goods."""
    confirmation = OrderConfirmation(document=DOCUMENT, item=item, promise=Promise.BACKORDERED)
    notice = ShipNotice(document=DOCUMENT, item=item, tracking_numbers=("1Z1", "1Z2"))
    bare = msgspec.structs.replace(notice, tracking_numbers=())

    assert summary_of(confirmation) == f"backordered by Digi-Key (cXML) for {named}"
    assert summary_of(notice) == f"shipped by Digi-Key (cXML): {named} under 1Z1, 1Z2"
    assert summary_of(bare) == f"shipped by Digi-Key (cXML): {named}"


def test_an_invoice_is_summed_up_by_its_total() -> None:
    """An invoice is named with its number and its total, a credit note as such."""
    credit = msgspec.structs.replace(INVOICE, is_credit=True, currency="")

    assert summary_of(INVOICE) == "invoice D-1 of Digi-Key (cXML) over 12.50 USD"
    assert summary_of(credit) == "credit note D-1 of Digi-Key (cXML) over 12.50"


def test_a_document_is_found_by_what_it_names() -> None:
    """The orders, tracking numbers and invoice numbers of documents lead to them."""
    item = Item(po_number="PO-2")
    documents = (
        OrderConfirmation(document=DOCUMENT, item=item, promise=Promise.ACCEPTED),
        ShipNotice(document=DOCUMENT, item=Item(po_number="PO-3"), tracking_numbers=("1Z1",)),
        INVOICE,
    )

    decision = Decision(judgements=tuple(Judgement(update=it) for it in documents))

    assert references_in(decision) == {
        "tracking_number": {"1Z1"},
        "po_number": {"PO-2", "PO-3", "PO-4"},
        "invoice_number": {"D-1"},
    }


def test_a_notification_is_found_by_what_it_names() -> None:
    """Every tracking number, PO number and invoice number that was read leads to it."""
    assert references_in(DECISION) == {
        "tracking_number": {"1Z99", "4401"},
        "po_number": {"PO-1"},
        "invoice_number": {"INV-7"},
    }


def test_what_is_not_named_finds_nothing() -> None:
    """A statement that names nothing is found by nothing, not by an empty text."""
    bare = Decision(
        judgements=(Judgement(update=DirectEvent(event_type=EventType.NOTE)), Judgement())
    )

    assert references_in(bare) == {
        "tracking_number": frozenset(),
        "po_number": frozenset(),
        "invoice_number": frozenset(),
    }


def test_a_preview_has_the_documented_shape() -> None:
    """A preview shows what arrived, what was understood, what follows, and why."""
    (payload,) = (it for it in payloads() if it.name == "easypost/damaged")
    decision = decide(SOURCE, notification("easypost", payload.body))

    shown = msgspec.json.decode(
        msgspec.json.encode(
            preview(decision, source="easypost", authentic=None, delivery_key="evt_1")
        )
    )

    assert set(shown) == {
        "source",
        "authentic",
        "delivery_key",
        "updates",
        "commands",
        "held",
        "ignored",
        "attention",
    }
    assert (shown["source"], shown["authentic"], shown["delivery_key"]) == (
        "easypost",
        None,
        "evt_1",
    )
    assert [update["kind"] for update in shown["updates"]] == ["tracking"]
    shipped, delayed = shown["commands"]
    assert set(delayed) == {"type", "org_id", "lane", "key", "body", "because"}
    assert (shipped["type"], delayed["type"]) == ("create_purchase_event",) * 2
    assert delayed["because"] == [
        "EasyPost status failure/damaged means delayed",
        "alerts: default for delayed is on",
    ]
    assert shown["attention"] == [
        {"reason": "damaged", "detail": "The carrier says that the goods are damaged."}
    ]


def test_a_decision_is_kept_as_it_is() -> None:
    """A decision that was kept and read again is the same one."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(DECISION), type=Decision) == DECISION
