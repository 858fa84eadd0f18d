"""From suppliers' invoices and credit notes to what Cofactr is told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import (
    CreatePurchaseEvent,
    EventType,
    PurchaseEventBody,
    UpdateNoPartLine,
)
from purchasing.configuration import AlertRule, SourceSettings, ThreeWayMatch
from purchasing.documents import Amounts, Document, Invoice, InvoiceLine, Item
from purchasing.matching import Goods
from purchasing.money import decimals_of
from purchasing.notification import Notification
from purchasing.orders import Charge, Learned, NoPartLine, Order, OrderLine
from purchasing.planning import plan
from purchasing.plans import Known, OrderKey, Part, Terms
from purchasing.progress import LineProgress
from purchasing.sources import Source
from purchasing.updates import Finding, Reading
from tests.reading import LINES, decide, notification

RECEIVED_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
ONE, TWO, THREE, ELSEWHERE = (UUID(int=number) for number in (11, 12, 13, 21))
SHIPPING, TAX, DUTY, OTHER = (UUID(int=number) for number in (31, 32, 33, 34))
HOMES = tuple(
    NoPartLine(id=line, charge=charge)
    for line, charge in (
        (SHIPPING, Charge.SHIPPING),
        (TAX, Charge.TAX),
        (DUTY, Charge.DUTY),
        (OTHER, Charge.OTHER),
    )
)

ORDER = Order(
    po_number="PO-1",
    org_id="org-of-the-order",
    purchase_order=UUID(int=1),
    supplier="Digi-Key",
    currency="USD",
    lines=(
        OrderLine(purchase_line=ONE, line_number="1"),
        OrderLine(purchase_line=TWO, line_number="2"),
        OrderLine(purchase_line=THREE, line_number="10"),
    ),
)
SECOND = Order(
    po_number="PO-2",
    purchase_order=UUID(int=2),
    supplier="Digi-Key",
    lines=(OrderLine(purchase_line=ELSEWHERE, line_number="1"),),
)
KEY, SECOND_KEY = OrderKey("org-of-the-order", "PO-1"), OrderKey("", "PO-2")
encode, decode_learned = msgspec.msgpack.encode, msgspec.msgpack.Decoder(Learned).decode
PLAIN = SourceSettings(format="x12")
CREDITING = SourceSettings(format="x12", allow=frozenset({EventType.ADJUSTED}))
HOLDING = SourceSettings(format="x12", three_way_match=ThreeWayMatch.HOLD)


def with_homes(order: Order, *charges: Charge) -> Order:
    """An order with a NoPart line for each of some charges."""
    lines = tuple(home for charge in charges for home in HOMES if home.charge is charge)
    return msgspec.structs.replace(order, no_part_lines=lines)


def terms(
    *,
    notification: str = "n-1",
    source: str = "digikey-edi",
    settings: SourceSettings = PLAIN,
    rules: tuple[AlertRule, ...] = (),
) -> Terms:
    """The circumstances of a notification."""
    return Terms(
        notification=notification,
        source=source,
        settings=settings,
        rules=rules,
        received_at=RECEIVED_AT,
        default_org_id=None,
    )


def line(total: str, quantity: str | None = "10", price: str | None = None, **more: Any) -> Any:
    """One line of an invoice; what it names is matched elsewhere."""
    return InvoiceLine(
        item=Item(po_number="PO-1", line_number="1"),
        total=Decimal(total),
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        **more,
    )


def amounts(**given: str) -> Amounts:
    """Money beside the goods."""
    return Amounts(**{name: Decimal(amount) for name, amount in given.items()})


def invoice(
    total: str,
    *lines: InvoiceLine,
    number: str = "INV-77",
    supplier: str = "",
    said_at: datetime | None = None,
    currency: str = "USD",
    **more: Any,
) -> Invoice:
    """An invoice of a supplier."""
    document = Document(sender="Digi-Key (X12)", number=number, supplier=supplier, said_at=said_at)
    return Invoice(document=document, total=Decimal(total), lines=lines, currency=currency, **more)


def its(purchase_line: UUID, order: Order | None = ORDER) -> Goods:
    """The goods of one line of an invoice."""
    return Goods(order=order, purchase_lines=(purchase_line,))


class Memory:
    """What the store remembers from one notification to the next."""

    def __init__(self, **learned: Learned) -> None:
        self.known = Known(learned={KEY: learned.get("order", Learned())})

    def plan(self, update: Invoice, *goods: Goods, terms: Terms | None = None) -> Part:
        """Decide an invoice, and remember what is known afterwards."""
        planned = plan(update, goods or (its(ONE),), self.known, terms or TERMS)
        # What is remembered goes through the bytes that the store keeps.
        kept = {key: decode_learned(encode(learned)) for key, learned in planned.learned.items()}
        assert kept == planned.learned
        self.known = Known(learned={**self.known.learned, **kept})
        return planned.part

    @property
    def order(self) -> Learned:
        """What is known of the first order."""
        return self.known.learned[KEY]


TERMS = terms()


def planned(update: Invoice, *goods: Goods, terms: Terms | None = None) -> Part:
    """What is decided of an invoice that is the first one."""
    return Memory().plan(update, *goods, terms=terms)


def events(part: Part) -> list[PurchaseEventBody]:
    """The bodies of the purchase events, in their order."""
    return [it.body for it in part.commands if isinstance(it, CreatePurchaseEvent)]


def patches(part: Part) -> dict[UUID, str | None]:
    """What the NoPart lines are set to."""
    return {
        it.body.id: it.body.line_total for it in part.commands if isinstance(it, UpdateNoPartLine)
    }


def paid(part: Part, field: str = "line_total_paid") -> dict[UUID, str | None]:
    """One amount of each purchase line."""
    return {body.purchase_lines[0]: getattr(body, field) for body in events(part)}


def held(part: Part) -> Finding:
    """The one reason to hold an invoice, of which nothing is sent."""
    assert not part.commands
    (finding,) = part.held
    return finding


# One event for each purchase line.


def test_every_field_of_an_invoiced_event_is_as_documented() -> None:
    """A line is sent with its money, its quantity, the invoice and its origin, and nothing else."""
    part = planned(
        invoice(
            "133.25",
            line(
                "100.00",
                "80",
                "1.25",
                amounts=amounts(tax="8.25", shipping="12.00", duties="9.00", other="4.00"),
            ),
            said_at=RECEIVED_AT,
        )
    )
    (command,) = part.commands

    assert isinstance(command, CreatePurchaseEvent)
    assert msgspec.json.decode(msgspec.json.encode(command.body)) == {
        "event_type": "invoiced",
        "purchase_lines": [str(ONE)],
        "send_alerts": True,
        "quantity": 80,
        "line_total_paid": "100.00",
        "sales_tax_paid": "8.25",
        "shipping_paid": "12.00",
        "duties_paid": "9.00",
        "other_total_paid": "4.00",
        "cofactr_invoice_number": "INV-77",
        "cofactr_invoice_amount": "133.25",
        "notes": "Digi-Key (X12): invoice INV-77 over 133.25 USD. Billed: 80 at 1.25.",
        "synced_from_integration": True,
        "integration_source_name": "digikey-edi",
        "integration_record_id": command.key,
        "synced_from_integration_at": "2026-11-20T18:00:00Z",
    }
    assert command.lane == str(ORDER.purchase_order)
    assert command.org_id == "org-of-the-order"
    assert command.because == (
        "invoice INV-77 of Digi-Key (X12) is for line 1 of order PO-1",
        "alerts: default for invoiced is on",
    )
    assert not part.attention


def test_an_amount_of_zero_is_left_out() -> None:
    """A line that costs nothing has no amounts, and still its quantity and the invoice's number."""
    (body,) = events(planned(invoice("0", line("0.00"))))

    assert (body.line_total_paid, body.cofactr_invoice_amount, body.sales_tax_paid) == (None,) * 3
    assert (body.shipping_paid, body.duties_paid, body.other_total_paid) == (None,) * 3
    assert (body.quantity, body.cofactr_invoice_number) == (10, "INV-77")


def test_lines_are_sent_in_the_order_of_the_purchase_order() -> None:
    """However the invoice lists them, lines are sent by their numbers in the order, 2 before 10."""
    part = planned(invoice("6", line("1"), line("2"), line("3")), its(THREE), its(TWO), its(ONE))

    assert paid(part) == {ONE: "3.00", TWO: "2.00", THREE: "1.00"}
    assert list(paid(part)) == [ONE, TWO, THREE]


def test_two_lines_for_one_purchase_line_are_one_event() -> None:
    """Money and pieces of the same purchase line are summed, and its prices stand in the notes."""
    part = planned(
        invoice(
            "30.00",
            line("10.00", "10", "1.00", amounts=amounts(tax="1.00"), words="Reel."),
            line("18.00", "20", "0.90", amounts=amounts(tax="1.00"), words="Cut tape"),
        ),
        its(ONE),
        its(ONE),
    )
    (body,) = events(part)

    assert (body.line_total_paid, body.sales_tax_paid, body.quantity) == ("28.00", "2.00", 30)
    assert (body.notes or "").endswith("Billed: 30 at 0.90 and 1.00. Reel. Cut tape.")


def test_a_quantity_that_is_not_known_of_every_line_is_left_out() -> None:
    """Where one of two lines states no quantity, the quantity of both is not known."""
    part = planned(invoice("3", line("1", "10"), line("2", None)), its(ONE), its(ONE))

    assert events(part)[0].quantity is None
    assert "Billed: an unknown quantity." in (events(part)[0].notes or "")


def test_what_is_taken_off_is_not_counted_as_billed() -> None:
    """Ten pieces and a rebate on its own line are not eleven pieces, nor nine: it is not said."""
    (body,) = events(planned(invoice("96", line("100", "10"), line("-4", "1")), its(ONE), its(ONE)))

    assert (body.line_total_paid, body.quantity) == ("96.00", None)


def test_a_quantity_that_is_no_whole_number_is_left_out_with_a_note() -> None:
    """Half a piece is not rounded: Cofactr takes whole numbers, so the notes say it."""
    (body,) = events(planned(invoice("5", line("5", "2.5"))))

    assert body.quantity is None
    assert (body.notes or "").endswith(
        "Billed: 2.5. The quantity is no whole number, so it stands only here."
    )


def test_fractions_that_make_a_whole_are_sent() -> None:
    """Two lines of half a piece are one piece."""
    part = planned(invoice("2", line("1", "0.5"), line("1", "0.50")), its(ONE), its(ONE))

    assert events(part)[0].quantity == 1


def test_a_changed_price_is_in_the_notes() -> None:
    """A price that is not the order's is said in words, be it higher or lower."""
    (body,) = events(planned(invoice("9", line("9", "10", "0.90")), its(ONE, ordered("1.00"))))

    assert (body.notes or "").endswith(
        "Billed: 10 at 0.90. The price was 1.00 when it was ordered."
    )


def test_the_words_of_the_document_are_in_the_notes() -> None:
    """What the line and the invoice say in words is passed on."""
    (body,) = events(planned(invoice("9", line("9", words="Cut tape"), words="Net 30.")))

    assert (body.notes or "").endswith("Billed: 10. Cut tape. Net 30.")


# The share of what is stated for the whole invoice.


def test_a_discount_of_the_header_lowers_the_lines_in_proportion() -> None:
    """A discount on the whole takes from each line by what it costs."""
    part = planned(
        invoice("90", line("75"), line("25"), amounts=amounts(discount="10")), its(ONE), its(TWO)
    )

    assert paid(part) == {ONE: "67.50", TWO: "22.50"}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("tax", "sales_tax_paid"),
        ("shipping", "shipping_paid"),
        ("duties", "duties_paid"),
        ("other", "other_total_paid"),
    ],
)
def test_a_charge_of_the_header_goes_to_the_lines_in_proportion(name: str, field: str) -> None:
    """Without a NoPart line for it, a charge is shared by the lines, and added to their own."""
    part = planned(
        invoice(
            "111",
            line("75", amounts=amounts(**{name: "1"})),
            line("25"),
            amounts=amounts(**{name: "10"}),
        ),
        its(ONE),
        its(TWO),
    )

    assert paid(part, field) == {ONE: "8.50", TWO: "2.50"}
    assert not patches(part)


def test_charges_are_shared_by_what_lines_cost_before_the_discount() -> None:
    """A discount on the whole changes no proportion, and may take everything."""
    part = planned(
        invoice("4", line("75"), line("25"), amounts=amounts(discount="100", shipping="4")),
        its(ONE),
        its(TWO),
    )

    assert paid(part) == {ONE: None, TWO: None}
    assert paid(part, "shipping_paid") == {ONE: "3.00", TWO: "1.00"}


def test_a_tie_goes_to_the_lower_line_of_the_purchase_order() -> None:
    """The odd cent of a charge goes to line 2 rather than to line 10."""
    part = planned(
        invoice("20.01", line("10"), line("10"), amounts=amounts(tax="0.01")), its(THREE), its(TWO)
    )

    assert paid(part, "sales_tax_paid") == {TWO: "0.01", THREE: None}


@pytest.mark.parametrize("name", ["tax", "shipping", "duties", "other"])
def test_what_has_no_proportion_is_held(name: str) -> None:
    """Where the lines come to nothing, a charge on the whole cannot be shared."""
    finding = held(planned(invoice("5", line("0"), amounts=amounts(**{name: "5"}))))

    assert finding == Finding(
        "does_not_add_up",
        f"The {name} of 5.00 for the whole invoice cannot be shared out in proportion, because its "
        "lines come to 0.00.",
    )


def test_a_discount_without_a_proportion_is_held() -> None:
    """Where the lines come to less than nothing, a discount on the whole cannot be shared."""
    finding = held(
        planned(
            invoice("1", line("-1"), amounts=amounts(discount="-1", tax="1")),
        )
    )

    assert finding.reason == "does_not_add_up"
    assert "discount of -1.00" in finding.detail


def test_lines_need_no_proportion_where_nothing_is_shared() -> None:
    """What every line has for itself can be sent even if the goods cost nothing."""
    part = planned(invoice("5", line("0", amounts=amounts(shipping="5"))))

    assert paid(part, "shipping_paid") == {ONE: "5.00"}


# NoPart lines.


def test_every_field_of_a_no_part_line_is_as_documented() -> None:
    """A charge is set on the order's NoPart line for it, and the lines do not have it."""
    order = with_homes(ORDER, Charge.SHIPPING)
    part = planned(invoice("22", line("10"), amounts=amounts(shipping="12")), its(ONE, order))
    event, patch = part.commands

    assert paid(part, "shipping_paid") == {ONE: None}
    assert isinstance(patch, UpdateNoPartLine)
    assert msgspec.json.decode(msgspec.json.encode(patch.body)) == {
        "id": str(SHIPPING),
        "quant": "1",
        "unit_price": "12.00",
        "line_total": "12.00",
        "synced_from_integration": True,
        "integration_source_name": "digikey-edi",
        "integration_record_id": patch.key,
        "synced_from_integration_at": "2026-11-20T18:00:00Z",
    }
    assert (patch.purchase_order, patch.org_id) == (ORDER.purchase_order, "org-of-the-order")
    assert patch.lane == event.lane == str(ORDER.purchase_order)
    assert patch.key != event.key
    assert patch.because == (
        "invoice INV-77 adds 12.00 to the shipping of order PO-1, which comes to 12.00",
    )


def test_each_charge_goes_to_its_own_no_part_line() -> None:
    """Tax, shipping, duties and other charges each have a kind of NoPart line."""
    everything = amounts(tax="1", shipping="2", duties="3", other="4")
    order = with_homes(ORDER, *Charge)

    part = planned(invoice("20", line("10"), amounts=everything), its(ONE, order))

    assert patches(part) == {TAX: "1.00", SHIPPING: "2.00", DUTY: "3.00", OTHER: "4.00"}
    assert len(part.commands) == 5
    assert isinstance(part.commands[0], CreatePurchaseEvent)


def test_a_charge_of_a_line_stays_with_its_line() -> None:
    """What the document gives to a line is the line's, whatever NoPart lines the order has."""
    part = planned(
        invoice("15", line("10", amounts=amounts(shipping="5"))),
        its(ONE, with_homes(ORDER, Charge.SHIPPING)),
    )

    assert paid(part, "shipping_paid") == {ONE: "5.00"}
    assert not patches(part)


def test_two_no_part_lines_for_a_charge_are_none() -> None:
    """It is not guessed which of two NoPart lines a charge belongs to; the lines take it."""
    order = with_homes(ORDER, Charge.SHIPPING, Charge.SHIPPING)

    part = planned(invoice("15", line("10"), amounts=amounts(shipping="5")), its(ONE, order))

    assert paid(part, "shipping_paid") == {ONE: "5.00"}
    assert not patches(part)


def test_a_no_part_line_needs_no_proportion() -> None:
    """Freight for goods that cost nothing goes to the one NoPart line that there is."""
    order = with_homes(ORDER, Charge.SHIPPING)

    part = planned(invoice("5", line("0"), amounts=amounts(shipping="5")), its(ONE, order))

    assert patches(part) == {SHIPPING: "5.00"}


def test_no_part_lines_are_set_to_the_sum_of_all_invoices() -> None:
    """Each invoice sets the NoPart line to what all accepted ones say together."""
    memory, order = Memory(), with_homes(ORDER, Charge.SHIPPING, Charge.TAX)
    goods = its(ONE, order)

    first = memory.plan(invoice("15", line("10"), amounts=amounts(shipping="5")), goods)
    second = memory.plan(
        invoice("18.50", line("10"), amounts=amounts(shipping="7.50", tax="1"), number="INV-78"),
        goods,
    )

    assert patches(first) == {SHIPPING: "5.00"}
    assert patches(second) == {SHIPPING: "12.50", TAX: "1.00"}


def test_a_credit_note_lowers_a_no_part_line() -> None:
    """What is credited is taken off the sum, down to nothing, which is sent as such."""
    memory, goods = Memory(), its(ONE, with_homes(ORDER, Charge.SHIPPING))
    crediting = terms(settings=CREDITING)

    memory.plan(invoice("15", line("10"), amounts=amounts(shipping="5")), goods)
    some = memory.plan(credit("CN-1", "-12", "-10", shipping="-2"), goods, terms=crediting)
    rest = memory.plan(credit("CN-2", "-4", "-1", shipping="-3"), goods, terms=crediting)

    assert patches(some) == {SHIPPING: "3.00"}
    assert patches(rest) == {SHIPPING: "0.00"}


def test_the_same_value_of_a_no_part_line_is_set_again_by_another_invoice() -> None:
    """Two invoices that set a NoPart line to the same sum are two commands."""
    memory, goods = Memory(), its(ONE, with_homes(ORDER, Charge.SHIPPING))
    crediting = terms(settings=CREDITING)

    first = memory.plan(invoice("15", line("10"), amounts=amounts(shipping="5")), goods)
    memory.plan(credit("CN-1", "-12", "-10", shipping="-2"), goods, terms=crediting)
    again = memory.plan(
        invoice("12", line("10"), amounts=amounts(shipping="2"), number="INV-78"), goods
    )

    assert patches(first) == patches(again) == {SHIPPING: "5.00"}
    assert first.commands[-1].key != again.commands[-1].key


# Several orders.


def test_each_order_takes_its_share_first_then_its_no_part_line() -> None:
    """Of a charge on the whole, an order's part goes to its NoPart line, another's to its lines."""
    order = with_homes(ORDER, Charge.SHIPPING)

    part = planned(
        invoice("330", line("100"), line("50"), line("150"), amounts=amounts(shipping="30")),
        its(ONE, order),
        its(TWO, order),
        its(ELSEWHERE, SECOND),
    )

    assert patches(part) == {SHIPPING: "15.00"}
    assert paid(part, "shipping_paid") == {ONE: None, TWO: None, ELSEWHERE: "15.00"}


def test_orders_keep_to_their_lanes_and_the_lines_come_first() -> None:
    """All lines are sent before all NoPart lines, each in the lane of its order."""
    first, second = with_homes(ORDER, Charge.TAX), with_homes(SECOND, Charge.DUTY)
    goods = (its(ELSEWHERE, second), its(ONE, first))

    part = planned(
        invoice("24", line("10"), line("10"), amounts=amounts(tax="2", duties="2")), *goods
    )

    assert [command.lane[-1] for command in part.commands] == ["2", "1", "1", "2"]
    assert patches(part) == {TAX: "1.00", DUTY: "1.00"}
    assert paid(part, "sales_tax_paid") == {ELSEWHERE: "1.00", ONE: None}
    assert {command.org_id for command in part.commands} == {None, "org-of-the-order"}


def test_an_order_whose_share_is_nothing_has_no_patch() -> None:
    """A NoPart line to which an invoice adds nothing is left as it is."""
    order = with_homes(ORDER, Charge.SHIPPING)

    part = planned(
        invoice("15", line("0"), line("10"), amounts=amounts(shipping="5")),
        its(ONE, order),
        its(ELSEWHERE, SECOND),
    )

    assert not patches(part)
    assert paid(part, "shipping_paid") == {ONE: None, ELSEWHERE: "5.00"}


def test_every_order_remembers_the_invoice() -> None:
    """An invoice over two orders is known by both, each with what its own NoPart line got."""
    memory, order = Memory(), with_homes(ORDER, Charge.SHIPPING)
    update = invoice("24", line("10", "3"), line("10", "4"), amounts=amounts(shipping="4"))
    goods = (its(ONE, order), its(ELSEWHERE, SECOND))

    memory.plan(update, *goods)
    ((key, first),) = memory.order.invoices.items()
    ((same, second),) = memory.known.learned[SECOND_KEY].invoices.items()

    assert key == same
    assert (first.says, first.notification, first.over) == (second.says, "n-1", "24.00 USD")
    assert (first.charges, second.charges) == ({str(SHIPPING): Decimal("2.00")}, {})
    assert memory.order.lines[str(ONE)].invoiced == {key: Decimal(3)}
    assert memory.known.learned[SECOND_KEY].lines[str(ELSEWHERE)].invoiced == {key: Decimal(4)}
    assert memory.plan(update, *goods).ignored[0].reason == "duplicate_statement"


def test_what_else_is_known_of_an_order_stays() -> None:
    """An invoice changes nothing of tracking numbers, promises or shipments."""
    progress = LineProgress(is_confirmed=True, shipped={"ASN-1": Decimal(10)})
    before = Learned(
        tracking_numbers={str(ONE): ("1Z",)}, lines={str(ONE): progress, str(TWO): progress}
    )
    memory = Memory(order=before)

    memory.plan(invoice("10", line("10", "10")))

    assert memory.order.tracking_numbers == before.tracking_numbers
    assert memory.order.lines[str(TWO)] == progress
    assert memory.order.lines[str(ONE)].shipped == progress.shipped
    assert memory.order.lines[str(ONE)].is_confirmed


# It must add up.


def test_what_does_not_add_up_is_held_with_its_arithmetic() -> None:
    """A grand total that is not the sum of its parts holds the invoice, and shows why."""
    update = invoice(
        "120",
        line("100", amounts=amounts(tax="8.25")),
        amounts=amounts(shipping="12", discount="5"),
    )

    assert held(planned(update)) == Finding(
        "does_not_add_up",
        "The invoice does not add up: lines 100.00 + tax 8.25 + shipping 12.00 - discounts 5.00 "
        "= 115.25, and the grand total is 120.00 USD.",
    )


def test_an_invoice_that_was_held_is_not_remembered() -> None:
    """What was held may come again in good order under the same number."""
    memory = Memory()

    held(memory.plan(invoice("11", line("10"))))
    assert memory.order == Learned()
    assert memory.plan(invoice("10", line("10"))).commands


@pytest.mark.parametrize("total", ["9.99", "10.01"])
def test_a_single_minor_unit_is_enough_to_be_held(total: str) -> None:
    """The sum is compared to the minor unit, and nothing is forgiven."""
    assert held(planned(invoice(total, line("10.00")))).reason == "does_not_add_up"


def test_computed_totals_are_summed_before_they_are_rounded() -> None:
    """Products of quantity and price are compared as a sum, then rounded by largest remainder."""
    part = planned(
        invoice(
            "1.01",
            line("0.333", is_total_computed=True),
            line("0.336", is_total_computed=True),
            line("0.336", is_total_computed=True),
        ),
        its(ONE),
        its(TWO),
        its(THREE),
    )

    # 1.005 was rounded to 1.01; 33.3 + 33.6 + 33.6 cents lack two, which go to the larger ones.
    assert paid(part) == {ONE: "0.33", TWO: "0.34", THREE: "0.34"}


def test_computed_totals_that_do_not_come_to_the_sum_are_held_unrounded() -> None:
    """The arithmetic of computed totals shows their exact sum."""
    update = invoice("1.02", line("1.005", is_total_computed=True))

    assert "lines 1.005, and the grand total is 1.02 USD" in held(planned(update)).detail


def test_stated_totals_are_not_changed_by_rounding_others() -> None:
    """Only what was computed is rounded, beside lines that state their totals."""
    part = planned(
        invoice("11.01", line("10"), line("1.0050", is_total_computed=True)), its(ONE), its(TWO)
    )

    assert paid(part) == {ONE: "10.00", TWO: "1.01"}


@pytest.mark.parametrize(
    ("update", "what"),
    [
        (invoice("10.005", line("10.005")), "The grand total, 10.005,"),
        (
            invoice("10", line("9.995"), amounts=amounts(tax="0.005")),
            "The amount of tax for the whole, 0.005,",
        ),
        (invoice("10", line("10.001")), "The total of line 1, 10.001,"),
        (
            invoice("10", line("9.999", is_total_computed=True, amounts=amounts(other="0.001"))),
            "The amount of other for line 1, 0.001,",
        ),
    ],
)
def test_an_amount_that_is_more_exact_than_its_currency_is_held(update: Invoice, what: str) -> None:
    """A stated amount with parts of a minor unit is not rounded but held."""
    finding = held(planned(update, its(ONE, without_currency())))

    assert finding.reason == "does_not_add_up"
    assert finding.detail == f"{what} has more than the 2 decimals of its currency."


def test_zeros_behind_the_minor_unit_are_none() -> None:
    """An amount may be written with more zeros than its currency has decimals."""
    assert paid(planned(invoice("10.0000", line("10.000")))) == {ONE: "10.00"}


def test_a_discount_that_a_line_has_beside_its_total_is_its_own() -> None:
    """A line's discount that is not in its total yet is taken off, as the sum then shows."""
    part = planned(invoice("9", line("10", amounts=amounts(discount="1"))))

    assert paid(part) == {ONE: "9.00"}


# Currencies.


def test_another_currency_than_the_orders_is_held() -> None:
    """An order in dollars is not billed in euros."""
    assert held(planned(invoice("10", line("10"), currency="EUR"))) == Finding(
        "wrong_currency", "The invoice is in EUR, and order PO-1 is in USD."
    )


@pytest.mark.parametrize("currency", ["USD", "usd", " USD ", ""])
def test_a_currency_that_is_not_stated_is_the_orders(currency: str) -> None:
    """Without a word on it, the amounts are in the order's currency; case does not matter."""
    (body,) = events(planned(invoice("10", line("10"), currency=currency)))

    assert "over 10.00 USD." in (body.notes or "")


def test_orders_in_two_currencies_need_one_that_is_stated() -> None:
    """One invoice over orders in two currencies is held, whatever it states or does not."""
    euros = msgspec.structs.replace(SECOND, currency="EUR")
    goods = (its(ONE), its(ELSEWHERE, euros))

    silent = held(planned(invoice("20", line("10"), line("10"), currency=""), *goods))
    stated = held(planned(invoice("20", line("10"), line("10"), currency="USD"), *goods))

    assert silent == Finding(
        "wrong_currency", "The invoice states no currency, and its orders are in EUR and USD."
    )
    assert stated == Finding("wrong_currency", "The invoice is in USD, and order PO-2 is in EUR.")


@pytest.mark.parametrize(
    ("currency", "total", "shares"),
    [("JPY", "1001", ("334", "334", "333")), ("KWD", "1", ("0.334", "0.333", "0.333"))],
)
def test_shares_are_whole_minor_units_of_the_currency(
    currency: str, total: str, shares: tuple[str, ...]
) -> None:
    """Yen have no decimals and dinars three, and so have their shares."""
    order = without_currency()
    goods = [its(ONE, order), its(TWO, order), its(THREE, order)]
    grand = str(Decimal(total) + 3)

    part = planned(
        invoice(grand, *[line("1")] * 3, amounts=amounts(tax=total), currency=currency), *goods
    )

    assert tuple(paid(part, "sales_tax_paid").values()) == shares


@pytest.mark.parametrize(
    ("currency", "totals", "tax", "expected"),
    [
        ("", ("100", "50"), "10", ("7", "3")),
        ("", ("100.00", "50"), "10", ("6.67", "3.33")),
        ("", ("100", "50"), "10.000", ("6.667", "3.333")),
        ("", ("100.000000", "50"), "10", ("6.6667", "3.3333")),
        ("", ("1E+2", "5E+1"), "10", ("7", "3")),
        ("US dollars", ("100", "50.0"), "10", ("6.7", "3.3")),
    ],
)
def test_without_a_currency_amounts_are_as_exact_as_they_are_written(
    currency: str, totals: tuple[str, str], tax: str, expected: tuple[str, str]
) -> None:
    """Where no minor unit is known, the document's own decimals are its units, four at most."""
    order = without_currency()

    part = planned(
        invoice("160", *map(line, totals), amounts=amounts(tax=tax), currency=currency),
        its(ONE, order),
        its(TWO, order),
    )

    assert tuple(paid(part, "sales_tax_paid").values()) == expected


def test_charges_in_two_currencies_make_no_sum() -> None:
    """A NoPart line of an order without a currency is never set to euros plus dollars."""
    order = with_homes(msgspec.structs.replace(ORDER, currency=None), Charge.SHIPPING)
    freight = amounts(shipping="10")
    memory = Memory()
    memory.plan(invoice("20", line("10"), currency="EUR", amounts=freight), its(ONE, order))

    dollars = invoice("20", line("10"), number="INV-78", amounts=freight)
    euros = invoice("20", line("10"), number="INV-79", currency="EUR", amounts=freight)

    assert held(memory.plan(dollars, its(ONE, order))).reason == "wrong_currency"
    assert patches(memory.plan(euros, its(ONE, order))) == {SHIPPING: "20.00"}


def test_a_currency_that_nobody_states_is_said_to_be_unknown() -> None:
    """The notes say that the document and the order name no currency."""
    (body,) = events(planned(invoice("10", line("10"), currency=""), its(ONE, without_currency())))

    assert (body.notes or "").startswith("Digi-Key (X12): invoice INV-77 over 10, no currency")


# What an invoice is.


def test_the_same_invoice_again_is_ignored() -> None:
    """The second document that says the same is a duplicate, and names the first."""
    memory = Memory()

    memory.plan(invoice("10", line("10")))
    again = memory.plan(invoice("10", line("10")), terms=terms(notification="n-2"))

    assert not again.commands
    assert again.ignored == (
        Finding("duplicate_statement", "Invoice INV-77 was already said by notification n-1."),
    )


def test_the_same_invoice_in_another_format_is_the_same() -> None:
    """Sender, spelling, order of lines, and where charges stand do not make another invoice."""
    memory, goods = Memory(), (its(ONE), its(TWO))
    by_edi = invoice(
        "21.50",
        line("9.996", is_total_computed=True),
        line("9.999", is_total_computed=True),
        amounts=amounts(tax="1.5"),
    )
    by_cxml = invoice(
        "21.50",
        line("10.0"),
        line("10.00", "10.0", "1.0", amounts=amounts(tax="1.50")),
        number="inv - 77",
        supplier="DIGI-KEY ELECTRONICS",
        currency="",
    )

    memory.plan(by_edi, *goods)
    again = memory.plan(by_cxml, *reversed(goods), terms=terms(source="digikey-cxml"))

    assert [finding.reason for finding in again.ignored] == ["duplicate_statement"]


@pytest.mark.parametrize(
    ("update", "goods"),
    [
        (invoice("11", line("11")), (its(ONE),)),
        (invoice("10", line("10", "11")), (its(ONE),)),
        (invoice("10", line("10", None)), (its(ONE),)),
        (invoice("10", line("10")), (its(TWO),)),
        (invoice("10", line("9"), amounts=amounts(tax="1")), (its(ONE),)),
        (invoice("10", line("5"), line("5")), (its(ONE), its(TWO))),
        (invoice("10", line("11"), amounts=amounts(discount="1")), (its(ONE),)),
    ],
)
def test_the_same_invoice_with_other_amounts_is_held(
    update: Invoice, goods: tuple[Goods, ...]
) -> None:
    """An invoice number that was accepted says something else now; a person decides."""
    memory = Memory()
    memory.plan(invoice("10", line("10")))
    before = memory.known

    finding = held(memory.plan(update, *goods, terms=terms(notification="n-2")))

    assert finding == Finding(
        "conflict",
        "Invoice INV-77 over 10.00 USD was accepted from notification n-1; the one over "
        f"{update.total}.00 USD does not say the same.",
    )
    assert memory.known == before


def test_another_set_of_orders_is_another_invoice() -> None:
    """One number for two orders, each billed by a document of its own, is two invoices."""
    memory = Memory()

    first = memory.plan(invoice("10", line("10")))
    second = memory.plan(invoice("10", line("10")), its(ELSEWHERE, SECOND))

    assert len(first.commands) == len(second.commands) == 1
    assert first.commands[0].key != second.commands[0].key


@pytest.mark.parametrize(
    ("order", "supplier", "source", "is_same"),
    [
        ("Digi-Key", "Somebody else", "another", True),
        (None, "digi key", "another", True),
        (None, "Somebody else", "digikey-edi", False),
        (None, "", "digikey-edi", False),
    ],
)
def test_the_supplier_is_the_orders_then_the_documents_then_the_source(
    order: str | None, supplier: str, source: str, *, is_same: bool
) -> None:
    """Who an invoice is from is asked of the order first, and of the document before the source."""
    goods = its(ONE, msgspec.structs.replace(ORDER, supplier=order))
    memory = Memory()
    memory.plan(invoice("10", line("10"), supplier="Digi Key"), goods)

    again = memory.plan(
        invoice("10", line("10"), supplier=supplier), goods, terms=terms(source=source)
    )

    assert bool(again.ignored) is is_same


def test_without_any_name_the_source_is_the_supplier() -> None:
    """Two sources that name no supplier speak of two invoices, one source of one."""
    goods = its(ONE, msgspec.structs.replace(ORDER, supplier=None))
    memory = Memory()

    memory.plan(invoice("10", line("10")), goods)
    assert memory.plan(invoice("10", line("10")), goods).ignored
    assert memory.plan(invoice("10", line("10")), goods, terms=terms(source="other")).commands


def test_an_order_in_other_words_is_the_same_order() -> None:
    """A supplier that is spelled anew in the order book does not make its invoices new."""
    memory = Memory()
    memory.plan(invoice("10", line("10")))

    renamed = its(ONE, msgspec.structs.replace(ORDER, supplier="Digi-Key Electronics"))

    assert memory.plan(invoice("10", line("10")), renamed).ignored


@pytest.mark.parametrize(("before", "after"), [(None, "Digi-Key"), ("Digi-Key", None)])
def test_an_order_that_names_its_supplier_later_is_the_same_order(
    before: str | None, after: str | None
) -> None:
    """An invoice is not told twice because its order named a supplier since, or does no longer."""
    memory = Memory()
    memory.plan(
        invoice("10", line("10")), its(ONE, msgspec.structs.replace(ORDER, supplier=before))
    )
    known = its(ONE, msgspec.structs.replace(ORDER, supplier=after))

    assert memory.plan(invoice("10", line("10")), known).ignored[0].reason == "duplicate_statement"
    assert held(memory.plan(invoice("11", line("11")), known)).reason == "conflict"


def test_keys_are_those_of_the_statement() -> None:
    """The key of a command is the same for the same statement, and another for any other."""
    order = with_homes(ORDER, Charge.TAX)
    goods = (its(ONE, order), its(TWO, order))
    update = invoice("21", line("10"), line("10"), amounts=amounts(tax="1"))
    other = invoice("21", line("10"), line("10"), amounts=amounts(tax="1"), number="INV-78")
    dearer = invoice("22", line("10"), line("10"), amounts=amounts(tax="2"))

    def keys(*updates: Invoice, source: str = "digikey-edi") -> list[str]:
        parts = [planned(it, *goods, terms=terms(source=source)) for it in updates]
        return [command.key for part in parts for command in part.commands]

    assert keys(update) == keys(update, source="digikey-cxml")
    assert len(set(keys(update, other, dearer))) == 9


@pytest.mark.parametrize(
    ("number", "detail"),
    [
        ("", "The invoice has no number."),
        ("9" * 256, "The invoice's number has 256 characters; 255 is the most."),
    ],
)
def test_an_invoice_needs_a_number_that_cofactr_takes(number: str, detail: str) -> None:
    """Without a number, or with one that is too long, an invoice is held and nothing is cut."""
    finding = held(planned(invoice("10", line("10"), number=number)))

    assert finding == Finding("malformed", detail)


def test_the_longest_number_is_sent_whole() -> None:
    """A number of 255 characters is sent as it is."""
    (body,) = events(planned(invoice("10", line("10"), number="9" * 255)))

    assert body.cofactr_invoice_number == "9" * 255


# Which lines it bills.


def test_a_line_that_could_be_several_is_held() -> None:
    """A line that names only an order of several lines does not say what it bills."""
    whole = Goods(order=ORDER, purchase_lines=(ONE, TWO, THREE))

    finding = held(planned(invoice("20", line("10"), line("10")), its(ONE), whole))

    assert finding == Finding(
        "unmatched",
        "Line 2 of the invoice could be any of 3 lines of order PO-1; it does not say which.",
    )


def test_a_line_that_names_an_order_of_one_line_is_that_line() -> None:
    """An order that has one line leaves no doubt what an invoice of it bills."""
    goods = Goods(order=SECOND, purchase_lines=(ELSEWHERE,))

    assert paid(planned(invoice("10", line("10")), goods)) == {ELSEWHERE: "10.00"}


def test_an_invoice_without_lines_is_held() -> None:
    """An invoice that has no lines bills nothing that is known."""
    update = invoice("10")

    assert held(plan(update, (), Known(), TERMS).part) == Finding(
        "unmatched", "The invoice has no lines, so it is not said what it bills."
    )


def test_a_line_without_an_order_is_held() -> None:
    """Without its order, neither currency nor NoPart lines of a purchase line are known."""
    assert held(planned(invoice("10", line("10")), its(ONE, None))) == Finding(
        "unmatched", "Line 1 of the invoice names no order."
    )


def test_a_line_that_left_the_order_is_billed_all_the_same() -> None:
    """What is known of a line but its UUID is not needed to bill it."""
    (body,) = events(planned(invoice("10", line("10")), its(UUID(int=99))))

    assert body.purchase_lines == (UUID(int=99),)


# The three-way match.


def ordered(price: str | None = None, quantity: int | None = None) -> Order:
    """The order, with what was ordered of its first line."""
    first = OrderLine(
        purchase_line=ONE,
        line_number="1",
        quantity=quantity,
        unit_price=None if price is None else Decimal(price),
    )
    return msgspec.structs.replace(ORDER, lines=(first, *ORDER.lines[1:]))


def without_currency() -> Order:
    """The order, in no known currency."""
    return msgspec.structs.replace(ORDER, currency=None)


def known_line(**progress: Any) -> Memory:
    """A memory of how far the first line got."""
    return Memory(order=Learned(lines={str(ONE): LineProgress(**progress)}))


def test_a_line_by_the_case_is_billed_without_a_quantity() -> None:
    """Money is right in any unit: it is sent, and only what is counted in pieces is compared."""
    memory = known_line(shipped={"S-1": Decimal(5)})
    update = invoice("500", line("500", "10", "50.00", unit="CA"))
    part = memory.plan(update, its(ONE, ordered("1.00", 5)))

    (event,) = events(part)
    assert (event.quantity, event.line_total_paid) == (None, "500.00")
    assert part.attention == ()
    assert "10 CA at 50.00: how many pieces that is, the document does not say." in (
        event.notes or ""
    )
    assert memory.order.lines[str(ONE)].invoiced == {}


def test_a_line_by_measure_is_compared_and_named() -> None:
    """What is billed by the metre was ordered by the metre."""
    part = planned(
        invoice("12", line("12", "12", "1.00", unit="MTR")), its(ONE, ordered("1.00", 10))
    )

    assert events(part)[0].quantity == 12
    assert [it.reason for it in part.attention] == ["over_billed"]
    assert "The quantity is in metres (MTR)." in (events(part)[0].notes or "")


def test_more_than_was_ordered_raises_attention() -> None:
    """What is billed over the ordered quantity is sent, with everything side by side."""
    part = planned(invoice("12", line("12", "12", "1.00")), its(ONE, ordered("1.00", 10)))

    assert events(part)[0].quantity == 12
    assert part.attention == (
        Finding(
            "over_billed",
            "Line 1 of order PO-1 is billed more than was ordered: ordered 10 at 1.00; no ship "
            "notice so far; invoiced 12 at 1.00.",
        ),
    )


def test_more_than_was_shipped_raises_attention() -> None:
    """What is billed over the shipped quantity is sent, once a ship notice said how much."""
    memory = known_line(shipped={"ASN-1": Decimal(4), "ASN-2": Decimal(2)})

    part = memory.plan(invoice("10", line("10", "10")), its(ONE, ordered(None, 10)))

    assert [finding.detail for finding in part.attention] == [
        "Line 1 of order PO-1 is billed more than was shipped: ordered 10; shipped 6; invoiced 10."
    ]


def test_earlier_invoices_count() -> None:
    """Two invoices that are right alone are too much together."""
    memory, goods = known_line(shipped={"ASN-1": Decimal(9)}), its(ONE, ordered("1.00", 10))

    first = memory.plan(invoice("6", line("6", "6", "1.00")), goods)
    second = memory.plan(invoice("6", line("6", "6", "1.00"), number="INV-78"), goods)

    assert not first.attention
    (finding,) = second.attention
    assert finding.detail == (
        "Line 1 of order PO-1 is billed more than was ordered and more than was shipped: ordered "
        "10 at 1.00; shipped 9; invoiced 6 at 1.00, after 6 before."
    )


@pytest.mark.parametrize(
    ("update", "is_dearer"),
    [
        (invoice("10.00", line("10.00", "10", "1.00")), False),
        (invoice("9.00", line("9.00", "10", "0.90")), False),
        (invoice("11.00", line("11.00", "10", "1.10")), True),
        (invoice("10.01", line("10.01", "10", "1.001")), True),
        (invoice("10.01", line("10.01", "10")), True),
        (invoice("10.00", line("10.00", "10")), False),
        (invoice("11.00", line("11.00", "10", "1.00")), True),
        (invoice("10.00", line("10.00", "10", "1.10")), False),
        (invoice("10.00", line("10.00", None, "1.10")), True),
        (invoice("10.00", line("10.00", None, "1.00")), False),
        (invoice("10.00", line("10.00", None)), False),
    ],
)
def test_what_is_dearer_than_ordered_raises_attention(update: Invoice, *, is_dearer: bool) -> None:
    """A line that costs more than by the order's price is shown, and one that costs less is not."""
    part = planned(update, its(ONE, ordered("1.00")))

    assert part.commands
    assert ["billed dearer than ordered: " in it.detail for it in part.attention] == [True] * (
        is_dearer
    )


def test_half_a_minor_unit_is_rounding() -> None:
    """A total that was rounded up from the order's price is not dearer, unless the price is."""
    goods = its(ONE, ordered("0.125"))

    assert not planned(invoice("0.13", line("0.13", "1")), goods).attention
    assert planned(invoice("0.13", line("0.13", "1", "0.126")), goods).attention


@pytest.mark.parametrize("price", ["1E+999999999", "1E-999999999"])
def test_a_price_that_cannot_be_reckoned_with_is_not_compared(price: str) -> None:
    """A price in the order book that is no price keeps no invoice back."""
    part = planned(invoice("12", line("12", "12", "1")), its(ONE, ordered(price, 10)))

    assert [": ordered 10; " in finding.detail for finding in part.attention] == [True]


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_what_is_taken_back_is_not_billed_over(quantity: str) -> None:
    """A line over no pieces, or fewer than none, cannot bill more than was ordered."""
    memory = known_line(invoiced={"earlier": Decimal(20)})

    part = memory.plan(
        invoice("5", line("-5", quantity), line("10")), its(ONE, ordered(None, 10)), its(TWO)
    )

    assert not part.attention
    assert events(part)[0].quantity == int(quantity)


def test_a_source_may_hold_what_is_billed_over() -> None:
    """With `three_way_match = "hold"` nothing of such an invoice is sent or remembered."""
    memory, order = Memory(), ordered("1.00", 10)

    update = invoice("30", line("20", "20"), line("10"))
    goods = (its(ONE, order), its(TWO, order))
    finding = held(memory.plan(update, *goods, terms=terms(settings=HOLDING)))

    assert finding == Finding(
        "needs_person",
        "Line 1 of order PO-1 is billed more than was ordered: ordered 10 at 1.00; no ship notice "
        "so far; invoiced 20.",
    )
    assert memory.order == Learned()


def test_a_source_that_holds_sends_what_is_right() -> None:
    """With `three_way_match = "hold"` an invoice that is as ordered goes on."""
    part = planned(
        invoice("10", line("10")), its(ONE, ordered("1.00", 10)), terms=terms(settings=HOLDING)
    )

    assert part.commands


def test_a_line_without_a_number_is_named_by_its_uuid() -> None:
    """What has no line number in the order book is still found by whoever reads of it."""
    order = msgspec.structs.replace(SECOND, lines=(OrderLine(purchase_line=ELSEWHERE, quantity=1),))

    part = planned(invoice("10", line("10")), its(ELSEWHERE, order))

    assert part.attention[0].detail.startswith(f"Line {ELSEWHERE} of order PO-2 is billed more")
    assert f"is for line {ELSEWHERE} of order PO-2" in part.commands[0].because[0]


# Credit notes.


def credit(number: str, total: str, goods: str, quantity: str = "-10", **header: str) -> Invoice:
    """A credit note of one line."""
    return invoice(
        total, line(goods, quantity), number=number, is_credit=True, amounts=amounts(**header)
    )


def test_a_credit_note_needs_a_person() -> None:
    """A source that may not cause `adjusted` has its credit notes held, and none is remembered."""
    memory = Memory()

    finding = held(memory.plan(credit("CN-1", "-10", "-10")))

    assert finding == Finding(
        "needs_person",
        "Digi-Key (X12) credits -10.00 USD by credit note CN-1, and this source may not cause "
        "adjusted.",
    )
    assert memory.order == Learned()


def test_a_credit_note_is_adjusted_with_negative_amounts() -> None:
    """A source that may cause `adjusted` says a credit note by it, every amount negative."""
    update = credit("CN-1", "-12.50", "-10", "-4", tax="-1.50", shipping="-1")
    (body,) = events(planned(update, terms=terms(settings=CREDITING)))

    assert (body.event_type, body.quantity) == (EventType.ADJUSTED, -4)
    assert (body.line_total_paid, body.cofactr_invoice_amount) == ("-10.00", "-12.50")
    assert (body.sales_tax_paid, body.shipping_paid) == ("-1.50", "-1.00")
    assert body.cofactr_invoice_number == "CN-1"
    assert body.notes == ("Digi-Key (X12): credit note CN-1 over -12.50 USD. Credited: -4.")


def test_an_invoice_over_less_than_nothing_is_a_credit_note() -> None:
    """A format without credit notes sends a negative invoice, which is treated as one."""
    update = invoice("-10", line("-10", "-10"))

    assert held(planned(update)).reason == "needs_person"
    assert events(planned(update, terms=terms(settings=CREDITING)))[0].event_type == "adjusted"


def test_a_credit_note_that_asks_for_money_is_held() -> None:
    """What calls itself a credit note and is to be paid contradicts itself."""
    update = credit("CN-1", "10", "10")

    assert held(planned(update, terms=terms(settings=CREDITING))) == Finding(
        "conflict", "It is a credit note, and its grand total of 10 is to be paid."
    )


def test_a_credit_note_takes_back_what_was_billed() -> None:
    """What was credited may be billed again; a credit note itself is never too much or too dear."""
    memory, goods = Memory(), its(ONE, ordered("1.00", 10))
    crediting = terms(settings=CREDITING)

    memory.plan(invoice("10", line("10", "10")), goods)
    credited = memory.plan(credit("CN-1", "-10", "-10"), goods, terms=crediting)
    again = memory.plan(invoice("10", line("10", "10"), number="INV-78"), goods)

    assert not credited.attention
    assert not again.attention


def test_a_credit_note_bills_nothing_whatever_sign_its_quantity_has() -> None:
    """Pieces that are credited are less than nothing, also where the document counts them up."""
    memory, goods = Memory(), its(ONE, ordered("1.00", 10))

    part = memory.plan(credit("CN-1", "-1", "-1", "10"), goods, terms=terms(settings=CREDITING))

    assert events(part)[0].quantity == -10
    assert not memory.plan(invoice("20", line("20", "20", "1.00")), goods).attention


def test_what_a_credit_note_charges_is_not_counted_as_billed() -> None:
    """A fee for taking goods back, on a line of a credit note, is not more of the goods."""
    memory, order = Memory(), ordered("1.00", 10)
    update = invoice("-8", line("2", "1"), line("-10", "-10"), is_credit=True)

    part = memory.plan(update, its(ONE, order), its(TWO, order), terms=terms(settings=CREDITING))

    assert [body.quantity for body in events(part)] == [1, -10]
    assert not memory.plan(invoice("10", line("10", "10")), its(ONE, order)).attention


def test_a_credit_note_again_is_a_duplicate_even_if_it_may_no_longer_be_caused() -> None:
    """What was accepted once is the same statement later, whatever the source may do then."""
    memory = Memory()
    memory.plan(credit("CN-1", "-10", "-10"), terms=terms(settings=CREDITING))

    assert memory.plan(credit("CN-1", "-10", "-10")).ignored


def test_a_credit_note_without_a_proportion_is_held() -> None:
    """A credit note whose lines come to more than nothing has no shares."""
    update = invoice("-1", line("1"), is_credit=True, amounts=amounts(shipping="-2"))

    finding = held(planned(update, terms=terms(settings=CREDITING)))

    assert finding.reason == "does_not_add_up"


# What Cofactr cannot take.


@pytest.mark.parametrize("bad", ["NaN", "sNaN", "Infinity", "1E+40", "1E-101", "-1E+999999999"])
@pytest.mark.parametrize("place", ["grand", "header", "line", "computed", "quantity", "price"])
def test_what_is_no_amount_is_held(bad: str, place: str) -> None:
    """A number that cannot be money is held wherever it stands, and stops nothing."""
    number = Decimal(bad)
    tax = Amounts(tax=number)
    updates = {
        "grand": invoice(bad, line("10")),
        "header": invoice("10", line("10"), amounts=tax),
        "line": invoice("10", line("10", amounts=tax)),
        "computed": invoice("10", line(bad, is_total_computed=True)),
        "quantity": invoice("10", line("10", bad)),
        "price": invoice("10", line("10", "10", bad)),
    }

    finding = held(planned(updates[place]))

    assert finding.reason == "malformed"
    assert "is no number of a size that money has" in finding.detail


def test_an_amount_that_grows_over_cofactrs_digits_is_held() -> None:
    """Shares and sums may be longer than what they were made of; then nothing is sent."""
    large = "9" * 40

    update = invoice("3", line(large), line(f"-{'9' * 39}8"), amounts=amounts(shipping="2"))

    assert held(planned(update, its(ONE), its(TWO))) == Finding(
        "malformed", "An amount of the invoice has more digits than Cofactr takes."
    )


@pytest.mark.parametrize("quantity", ["2147483648", "-2147483648"])
def test_a_quantity_that_cofactr_does_not_take_is_held(quantity: str) -> None:
    """A quantity beyond 32 bits is held, and none of the invoice is sent."""
    finding = held(planned(invoice("10", line("10", quantity))))

    assert finding == Finding(
        "malformed", "The quantity of line 1 of order PO-1 is larger than Cofactr takes."
    )


# Whether people are told.


def test_old_news_alarm_nobody() -> None:
    """The age of an invoice is that of its envelope."""
    old = invoice("10", line("10"), said_at=RECEIVED_AT - timedelta(hours=73))
    new = invoice("10", line("10"), said_at=RECEIVED_AT - timedelta(hours=71))

    assert not events(planned(old))[0].send_alerts
    assert events(planned(new))[0].send_alerts


def test_a_rule_decides_about_invoices() -> None:
    """Alerts for invoices follow the rules of the configuration."""
    rule = AlertRule(send=False, event_type=EventType.INVOICED, supplier="Digi-Key")

    assert not events(planned(invoice("10", line("10")), terms=terms(rules=(rule,))))[0].send_alerts


class OneInvoice:
    """A source that reads an invoice, whatever was posted."""

    def __init__(self, update: Invoice) -> None:
        self.update = update

    def read(self, posted: Notification) -> Reading:
        return Reading(updates=(self.update,))


def test_an_invoice_finds_its_lines_by_itself() -> None:
    """From its references to its events: each line of an invoice is matched in its order."""
    lines = tuple(
        InvoiceLine(item=Item(po_number="PO-1001", line_number=number), total=Decimal(5))
        for number in ("3", "01")
    )
    source = OneInvoice(invoice("12", *lines, amounts=amounts(tax="2")))

    decision = decide(cast("Source", source), notification("x12", b""))

    assert paid(Part(commands=decision.commands)) == {LINES[0]: "5.00", LINES[2]: "5.00"}
    assert not decision.held


def test_a_line_that_finds_nothing_holds_the_whole_invoice() -> None:
    """Money is all or nothing: an invoice with one unknown line says nothing of the others."""
    lines = tuple(
        InvoiceLine(item=Item(po_number="PO-1001", line_number=number), total=Decimal(5))
        for number in ("1", "9")
    )
    source = OneInvoice(invoice("10", *lines))

    decision = decide(cast("Source", source), notification("x12", b""))

    assert not decision.commands
    assert decision.reasons == ("unmatched",)


# What holds of every invoice.

PLACES = (ONE, TWO, THREE, ELSEWHERE)
SETS_OF_HOMES = st.lists(st.sampled_from(Charge), max_size=5)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "CLF"])


@st.composite
def invoices(draw: st.DrawFn) -> tuple[Invoice, tuple[Goods, ...]]:
    """An invoice that adds up, over one or two orders that have some NoPart lines."""
    currency = draw(CURRENCIES)
    decimals = decimals_of(currency) or 0
    first = with_homes(without_currency(), *draw(SETS_OF_HOMES))
    second = with_homes(SECOND, *draw(SETS_OF_HOMES))

    def money(low: int, high: int) -> Decimal:
        return Decimal(draw(st.integers(low, high))).scaleb(-decimals)

    def some(low: int = -500) -> Amounts:
        names = ("tax", "shipping", "duties", "other")
        return Amounts(**{name: money(low, 9999) for name in names})

    lines: list[InvoiceLine] = []
    goods: list[Goods] = []
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.sampled_from(PLACES))
        goods.append(its(place, second if place == ELSEWHERE else first))
        part = draw(st.integers(0, 999)) if draw(st.booleans()) else 0
        total = money(5000, 99999) + Decimal(part).scaleb(-3 - decimals)
        lines.append(
            line(
                str(total),
                str(draw(st.integers(1, 99))),
                is_total_computed=bool(part),
                amounts=some() if draw(st.booleans()) else Amounts(),
            )
        )
    header = msgspec.structs.replace(some(), discount=money(0, 99))
    names = ("tax", "shipping", "duties", "other")
    every = [header, *(it.amounts for it in lines)]
    exact = sum((it.total for it in lines), Decimal()) - header.discount
    exact += sum((getattr(it, name) for it in every for name in names), Decimal())
    total = exact.quantize(Decimal(1).scaleb(-decimals))
    return invoice(str(total), *lines, amounts=header, currency=currency), tuple(goods)


def mirrored(update: Invoice) -> Invoice:
    """The credit note that takes an invoice back."""

    def negative(it: Amounts) -> Amounts:
        return Amounts(**{name: -getattr(it, name) for name in Amounts.__struct_fields__})

    lines = tuple(
        msgspec.structs.replace(
            it,
            total=-it.total,
            quantity=None if it.quantity is None else -it.quantity,
            amounts=negative(it.amounts),
        )
        for it in update.lines
    )
    return msgspec.structs.replace(
        update, total=-update.total, lines=lines, amounts=negative(update.amounts), is_credit=True
    )


MONEY = (
    "line_total_paid",
    "sales_tax_paid",
    "shipping_paid",
    "duties_paid",
    "other_total_paid",
)


def amounts_of(part: Part) -> dict[tuple[UUID, str], Decimal]:
    """Every amount that is sent but the grand total, by line and field."""
    found = {
        (body.purchase_lines[0], field): Decimal(amount)
        for body in events(part)
        for field in MONEY
        if (amount := getattr(body, field)) is not None
    }
    found |= {(line, "line_total"): Decimal(amount or "") for line, amount in patches(part).items()}
    return found


def exactly(parts: Iterable[Decimal]) -> Fraction:
    """A sum that nothing rounds."""
    return sum(map(Fraction, parts), Fraction())


@given(invoices())
def test_nothing_is_invented(made: tuple[Invoice, tuple[Goods, ...]]) -> None:
    """What is sent sums to the invoice's grand total, to the minor unit, nothing twice."""
    update, goods = made
    part = planned(update, *distinct(goods), terms=terms(settings=CREDITING))

    assert not part.held
    assert exactly(amounts_of(part).values()) == Fraction(update.total)


@given(invoices(), st.randoms(use_true_random=False))
def test_the_order_of_an_invoices_lines_changes_nothing(
    made: tuple[Invoice, tuple[Goods, ...]], dice: Any
) -> None:
    """Whatever order a document lists its lines in, the same is sent in the same order."""
    update, goods = made[0], distinct(made[1])
    places = list(range(len(goods)))
    dice.shuffle(places)
    shuffled = msgspec.structs.replace(update, lines=tuple(update.lines[it] for it in places))

    before, after = Memory(), Memory()
    part = before.plan(update, *goods)

    assert after.plan(shuffled, *(goods[it] for it in places)) == part
    assert after.known == before.known


@given(invoices())
def test_a_credit_note_mirrors_its_invoice(made: tuple[Invoice, tuple[Goods, ...]]) -> None:
    """Taking an invoice back says every amount of it with the other sign."""
    update, goods = made[0], distinct(made[1])
    crediting = terms(settings=CREDITING)

    charged = planned(update, *goods, terms=crediting)
    credited = planned(mirrored(update), *goods, terms=crediting)

    assert amounts_of(credited) == {place: -it for place, it in amounts_of(charged).items()}


@given(invoices())
def test_an_invoice_that_is_taken_back_leaves_nothing(
    made: tuple[Invoice, tuple[Goods, ...]],
) -> None:
    """Once a credit note takes an invoice back, every NoPart line is set to nothing."""
    update, goods = made[0], distinct(made[1])
    memory, crediting = Memory(), terms(settings=CREDITING)
    number = msgspec.structs.replace(update.document, number="CN-1")

    memory.plan(update, *goods, terms=crediting)
    back = msgspec.structs.replace(mirrored(update), document=number)
    part = memory.plan(back, *goods, terms=crediting)

    assert all(Decimal(amount or "") == 0 for amount in patches(part).values())


def distinct(goods: tuple[Goods, ...]) -> tuple[Goods, ...]:
    """The goods, with NoPart lines of the second order that are not those of the first."""

    def moved(it: Goods) -> Goods:
        if it.order is None or it.order.po_number != "PO-2":
            return it
        lines = tuple(
            msgspec.structs.replace(home, id=UUID(int=home.id.int + 100))
            for home in it.order.no_part_lines
        )
        order = msgspec.structs.replace(it.order, no_part_lines=lines)
        return msgspec.structs.replace(it, order=order)

    return tuple(map(moved, goods))
