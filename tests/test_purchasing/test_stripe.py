"""Stripe: headers with several signatures, smallest units, and invoices that are not whole."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.documents import Invoice
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.notification import body_key
from purchasing.sources.stripe import SOURCE
from purchasing.updates import Reading
from tests.reading import notification
from tests.understanding import NOW, is_authentic, signed

NAME = "stripe-signature"
WRONG = "0" * 64


def event(**invoice: Any) -> dict[str, Any]:
    """An event with an invoice of one line."""
    line = {"amount": 700, "quantity": 7, "metadata": {"po_line": "2"}}
    return {
        "id": "evt_1",
        "type": "invoice.finalized",
        "livemode": True,
        "data": {
            "object": {
                "object": "invoice",
                "number": "A-1",
                "status": "open",
                "currency": "eur",
                "metadata": {"po_number": "PO-9"},
                "total": 700,
                "lines": {"has_more": False, "data": [line]},
            }
            | invoice
        },
    }


def read(body: object) -> Reading:
    """What an event means."""
    return SOURCE.read(notification("stripe", json.dumps(body).encode()))


def invoice_of(body: object) -> Invoice:
    """The one invoice of an event."""
    (invoice,) = read(body).updates
    assert isinstance(invoice, Invoice)
    return invoice


def authentic_with(header: str, *, late: timedelta = timedelta(0)) -> bool:
    """Whether a header proves the body that `good_header` was made for."""
    posted = notification("stripe", b"{}", {NAME: header})
    return is_authentic(SOURCE, posted, now=NOW + late)


def good_header() -> str:
    """The header with which Stripe would post."""
    return signed(SOURCE, b"{}").headers[NAME]


def test_one_of_several_signatures_is_enough() -> None:
    """While a secret is changed, Stripe signs with both; other schemes are passed over."""
    good = good_header()

    assert authentic_with(f"{good},v1={WRONG}")
    assert authentic_with(good.replace(",v1=", f",v1={WRONG},v1="))
    assert authentic_with(f"{good},v0={WRONG}")
    assert not authentic_with(good.replace(",v1=", ",v0="))
    assert not authentic_with(",".join([good.split(",")[0], *[f"v1={WRONG}"] * 8]))


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=now,v1=00", "t=1,t=2,v1=00"])
def test_a_header_of_another_form_is_refused(header: str) -> None:
    """A header without its one time or without a signature proves nothing."""
    assert not authentic_with(header)


def test_a_header_with_endless_signatures_is_refused() -> None:
    """More signatures than anybody sends are not even tried."""
    assert not authentic_with(good_header() + f",v1={WRONG}" * 8)
    assert authentic_with(good_header() + f",v1={WRONG}" * 7)


def test_an_old_signature_is_refused() -> None:
    """A right signature of a time that is long over is refused."""
    assert authentic_with(good_header(), late=timedelta(seconds=299))
    assert not authentic_with(good_header(), late=timedelta(seconds=301))


def test_the_signature_is_the_documented_one() -> None:
    """The signature is the HMAC-SHA256 of time, dot and body in hexadecimal."""
    header = "t=1795197600,v1=1281997df1967b24a9e2a5e9fc64d8f80e43a830c96a63f60d9a5c0063fbd090"
    posted = notification("stripe", b'{"id":"evt_1"}', {NAME: header})

    assert is_authentic(SOURCE, posted, "whsec_of_a_test")


def test_the_event_is_the_delivery() -> None:
    """An event that is sent again is the same one; without its id, the body is."""
    first = b'{"id":"evt_7","pending_webhooks":1}'
    again = b'{"id":"evt_7","pending_webhooks":0}'

    keys = {SOURCE.delivery_key(notification("stripe", body)) for body in (first, again)}

    assert keys == {"evt_7"}
    for body in (b'{"id":"in_7"}', b'{"id":7}', b"no"):
        assert SOURCE.delivery_key(notification("stripe", body)) == body_key(body)


def test_the_answer_is_a_success() -> None:
    """Stripe is told that its event is kept."""
    assert SOURCE.answer(notification("stripe", b"{}"), Receipt("n-1")).status == 200


@pytest.mark.parametrize(
    ("currency", "total"),
    [
        ("eur", "7.00"),
        ("USD", "7.00"),
        ("jpy", "700"),
        ("krw", "700"),
        ("kwd", "0.700"),
        ("isk", "7.00"),
    ],
)
def test_amounts_are_of_the_smallest_unit(currency: str, total: str) -> None:
    """A whole number of smallest units is as many decimals of the currency as that has."""
    invoice = invoice_of(event(currency=currency))

    assert str(invoice.total) == total
    assert str(invoice.lines[0].total) == total
    assert invoice.currency == currency.upper()


@pytest.mark.parametrize("currency", ["ugx", "", None, "euro", 978, "€€€"])
def test_a_currency_that_is_not_known_well_is_refused(currency: object) -> None:
    """An amount whose unit is in doubt is not told."""
    with pytest.raises(MalformedError, match="its currency is missing"):
        read(event(currency=currency))


@given(amounts=st.lists(st.integers(0, 10**9), min_size=1, max_size=5), tax=st.integers(0, 10**6))
def test_what_adds_up_at_stripe_adds_up_here(amounts: list[int], tax: int) -> None:
    """Lines less their discounts, and tax and shipping, are the total to the cent."""
    lines = [
        {
            "amount": amount,
            "discount_amounts": [{"amount": amount // 3}],
            "metadata": {"PO line": str(number)},
        }
        for number, amount in enumerate(amounts)
    ]
    total = sum(amount - amount // 3 for amount in amounts) + tax + 990

    invoice = invoice_of(
        event(
            lines={"has_more": False, "data": lines},
            total=total,
            total_taxes=[{"amount": tax, "tax_behavior": "exclusive"}],
            shipping_cost={"amount_subtotal": 990},
        )
    )

    goods = sum((line.total for line in invoice.lines), Decimal(0))
    assert goods + invoice.amounts.tax + invoice.amounts.shipping == invoice.total


@pytest.mark.parametrize("amount", [7.5, "seven", True, None])
def test_a_line_without_a_whole_amount_holds_the_invoice(amount: object) -> None:
    """Money is all or nothing: an amount that cannot be read refuses the invoice."""
    line = {"amount": amount, "metadata": {"part_number": "LM358DR"}}

    with pytest.raises(MalformedError, match="Stripe's invoice cannot be read"):
        read(event(lines={"has_more": False, "data": [line]}))


def test_an_invoice_without_a_total_is_refused() -> None:
    """A total is not computed where Stripe states none."""
    with pytest.raises(MalformedError, match="its total is missing"):
        read(event(total=None))


@pytest.mark.parametrize("lines", [None, {}, {"data": []}, {"has_more": False, "data": []}])
def test_an_invoice_of_which_lines_may_be_missing_waits(lines: object) -> None:
    """Only an invoice that says that all its lines are there is read."""
    assert [it.reason for it in read(event(lines=lines)).held] == ["needs_person"]


@pytest.mark.parametrize("status", ["void", "uncollectible"])
def test_an_invoice_that_is_over_waits_for_a_person(status: str) -> None:
    """What was told of an invoice that is void cannot be taken back."""
    assert [it.reason for it in read(event(status=status)).held] == ["needs_person"]


def test_later_events_say_the_same_invoice_again() -> None:
    """Nothing of an invoice changes once it is finalized, so that a payment repeats it."""
    finalized = invoice_of(event())
    paid = invoice_of(event(status="paid") | {"id": "evt_2", "type": "invoice.paid"})

    assert paid == finalized


def test_tax_inside_of_prices_is_known_by_both_names() -> None:
    """Whether a tax is inside was a flag until 2025, and is a word since."""
    for taxes in (
        {"total_tax_amounts": [{"amount": 1, "inclusive": True}]},
        {"total_taxes": [{"amount": 1, "tax_behavior": "inclusive"}]},
    ):
        assert [it.reason for it in read(event(**taxes)).held] == ["needs_person"]


def test_an_order_is_named_in_metadata_or_on_the_invoice() -> None:
    """The order is named where it is printed, or in the metadata, which come first."""
    printed = [{"name": "Purchase order", "value": "PO-8"}]

    both = invoice_of(event(custom_fields=printed))
    one = invoice_of(event(custom_fields=printed, metadata=None))

    assert both.lines[0].item.po_number == "PO-9"
    assert one.lines[0].item.po_number == "PO-8"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "customer.created", "data": {"object": {"object": "customer"}}},
        {"type": "v2.core.account.updated", "related_object": {"id": "acct_1"}},
        {"type": 7, "data": []},
        {"type": "invoice.paid", "data": {"object": {"object": ["invoice"]}}},
    ],
)
def test_events_without_an_invoice_cause_nothing(body: object) -> None:
    """An event of another kind, or one that only names its object, is ignored."""
    with pytest.raises(UnsupportedError, match="holds no invoice") as refusal:
        read(body)

    assert refusal.value.reason == "unsupported_kind"


def test_a_text_that_is_too_long_holds_the_invoice() -> None:
    """An over-long number refuses the invoice rather than being cut."""
    with pytest.raises(MalformedError, match="256 characters"):
        read(event(number="x" * 256))
