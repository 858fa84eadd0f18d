"""openTRANS: how it proves itself, and the traps of its documents."""

import base64
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import SourceSettings
from purchasing.documents import Invoice, OrderConfirmation, Promise, ShipNotice
from purchasing.sources.opentrans import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Reading, Update
from tests.reading import RECEIVED_AT, SECRET, notification, read
from tests.samples import sample
from tests.understanding import is_authentic

_REFERENCE = (
    "<ORDER_REFERENCE><ORDER_ID>PO-1</ORDER_ID><LINE_ITEM_ID>{}</LINE_ITEM_ID></ORDER_REFERENCE>"
)


def reading(body: bytes | str) -> Reading:
    """What is read of a document."""
    return read(
        SOURCE, notification("opentrans", body if isinstance(body, bytes) else body.encode())
    )


def only(body: bytes | str) -> Update:
    """The one statement of a document of which nothing is held or ignored."""
    found = reading(body)
    assert (found.held, found.ignored) == ((), ())
    (update,) = found.updates
    return update


def held(body: bytes | str) -> list[str]:
    """The reasons for which a document, of which nothing else is said, is held."""
    found = reading(body)
    assert (found.updates, found.ignored) == ((), ())
    return [finding.reason for finding in found.held]


# Authenticity


def test_a_secret_is_shown_in_one_of_three_ways() -> None:
    """The agreed secret opens as a bearer token, as a Basic password, and in the address."""
    posted = notification("opentrans", b"<INVOICE/>")
    basic = base64.b64encode(f"jacob:{SECRET}".encode()).decode()
    trust = Trust(settings=SourceSettings(format="opentrans", secrets=(SECRET,)))

    for shown in (f"Bearer {SECRET}", f"Basic {basic}"):
        sent = msgspec.structs.replace(posted, headers={"authorization": shown})
        SOURCE.authenticate(sent, trust, RECEIVED_AT)
    SOURCE.authenticate(msgspec.structs.replace(posted, path_token=SECRET), trust, RECEIVED_AT)


def test_a_document_without_the_secret_is_refused() -> None:
    """A document that shows nothing is refused, whatever it says of itself."""
    assert not is_authentic(SOURCE, notification("opentrans", b"<INVOICE/>"))


# What is read at all


@pytest.mark.parametrize(
    "body",
    [
        '<INVOICE xmlns="https://example.com/shop"/>',
        "<invoice/>",
        "<Invoice/>",
        "",
        "[]",
        "{",
        '{"id": 1}',
        '{"invoiceHeader": {}}',
        '{"orderResponseHeader": {}}',
    ],
)
def test_what_only_looks_like_opentrans_is_held(body: str) -> None:
    """An invoice of anybody else is not half understood, and no document in JSON is read."""
    assert held(body) == ["malformed"]


@pytest.mark.parametrize("kind", ["ORDERRESPONSE", "DISPATCHNOTIFICATION", "INVOICE"])
def test_an_empty_document_is_held(kind: str) -> None:
    """A document in which nothing stands says nothing, and not something of a whole order."""
    assert held(f"<{kind}/>") == ["malformed"]


# Order responses


def response(items: str, info: str = "<ORDER_ID>PO-1</ORDER_ID>") -> str:
    """An ORDERRESPONSE."""
    return (
        f"<ORDERRESPONSE><ORDERRESPONSE_HEADER><ORDERRESPONSE_INFO>{info}</ORDERRESPONSE_INFO>"
        f"</ORDERRESPONSE_HEADER><ORDERRESPONSE_ITEM_LIST>{items}</ORDERRESPONSE_ITEM_LIST>"
        "</ORDERRESPONSE>"
    )


def promised(more: str, number: str = "1") -> str:
    """A line of an ORDERRESPONSE."""
    return f"<ORDERRESPONSE_ITEM><LINE_ITEM_ID>{number}</LINE_ITEM_ID>{more}</ORDERRESPONSE_ITEM>"


def confirmed(more: str, info: str = "<ORDER_ID>PO-1</ORDER_ID>") -> OrderConfirmation:
    """The one promise of a response of one line."""
    said = only(response(promised(more), info))
    assert isinstance(said, OrderConfirmation)
    return said


def test_a_response_without_lines_confirms_nothing() -> None:
    """A response has no code that would hold for the whole order."""
    assert held(response("")) == ["malformed"]


def test_the_line_of_a_response_is_that_of_the_order() -> None:
    """A response has no other reference, so its number of a line is no counter of its own."""
    said = confirmed("<QUANTITY>5</QUANTITY>")

    assert (said.promise, said.item.line_number) == (Promise.ACCEPTED, "1")
    assert not said.item.is_own_counter


def test_a_response_of_the_supplier_s_own_number_is_enough() -> None:
    """An order may be named by the supplier's number alone."""
    said = confirmed("", "<SUPPLIER_ORDER_ID>A-1</SUPPLIER_ORDER_ID>")

    assert (said.item.po_number, said.item.supplier_reference) == ("", "A-1")


def test_a_line_that_names_nothing_is_held() -> None:
    """A line without a number and without a part must not pass for the whole order."""
    assert held(response(promised("", number=""))) == ["unmatched"]


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("<PRICE_AMOUNT>4.00</PRICE_AMOUNT>", "4.00"),
        ("<PRICE_AMOUNT>4.00</PRICE_AMOUNT><PRICE_QUANTITY>10</PRICE_QUANTITY>", "0.400"),
        ("<PRICE_AMOUNT>4.00</PRICE_AMOUNT><PRICE_QUANTITY>0</PRICE_QUANTITY>", None),
        ("<PRICE_QUANTITY>10</PRICE_QUANTITY>", None),
    ],
)
def test_a_price_may_be_for_several_pieces(price: str, expected: str | None) -> None:
    """The price of one piece is told, where it can be."""
    said = confirmed(f"<PRODUCT_PRICE_FIX>{price}</PRODUCT_PRICE_FIX>")

    assert said.unit_price == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("units", "total", "expected"),
    [
        ("100", "2.00", "0.04"),
        ("25", "100.00", "2"),
        ("7", "200.00", "4"),
        ("7", "123.00", None),
        ("7", "", None),
        ("0", "200.00", None),
    ],
)
def test_the_total_shows_what_a_price_base_means(
    units: str, total: str, expected: str | None
) -> None:
    """A price in other units is for so many pieces, or so many units come to the line."""
    said = confirmed(
        "<QUANTITY>50</QUANTITY><PRODUCT_PRICE_FIX><PRICE_AMOUNT>4</PRICE_AMOUNT><PRICE_BASE_FIX>"
        f"<PRICE_UNIT_VALUE>{units}</PRICE_UNIT_VALUE></PRICE_BASE_FIX></PRODUCT_PRICE_FIX>"
        f"<PRICE_LINE_AMOUNT>{total}</PRICE_LINE_AMOUNT>"
    )

    assert said.unit_price == (Decimal(expected) if expected else None)


@pytest.mark.parametrize("written", ["20261203", "2026-12-03", "2026-12-03T12:16:38+01:00"])
def test_dates_have_three_forms(written: str) -> None:
    """A date may be eight digits, a date, or a date with a time."""
    period = f"<DELIVERY_DATE><DELIVERY_START_DATE>{written}</DELIVERY_START_DATE></DELIVERY_DATE>"

    assert str(confirmed(period).estimated_delivery) == "2026-12-03"


def test_a_date_that_is_none_is_left_out() -> None:
    """Words in the place of a date are no date."""
    period = "<DELIVERY_DATE><DELIVERY_END_DATE>KW 49</DELIVERY_END_DATE></DELIVERY_DATE>"

    assert confirmed(period).estimated_delivery is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20261120", "2026-11-20 23:59:59+00:00"),
        ("2026-11-20T12:00:00", "2026-11-20 12:00:00+00:00"),
        ("2026-11-20T12:00:00+01:00", "2026-11-20 12:00:00+01:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01 23:59:59+00:00"),
        ("today", "None"),
    ],
)
def test_the_age_of_a_document_is_told_by_its_own_time(written: str, expected: str) -> None:
    """A time without a zone is taken as UTC, and a mere day by its end."""
    info = f"<ORDER_ID>PO-1</ORDER_ID><ORDERRESPONSE_DATE>{written}</ORDERRESPONSE_DATE>"

    assert str(confirmed("", info).document.said_at) == expected


# Dispatch notifications


def dispatch(items: str, info: str = "") -> str:
    """A DISPATCHNOTIFICATION."""
    return (
        "<DISPATCHNOTIFICATION><DISPATCHNOTIFICATION_HEADER><DISPATCHNOTIFICATION_INFO>"
        f"<DISPATCHNOTIFICATION_ID>L-1</DISPATCHNOTIFICATION_ID>{info}"
        "</DISPATCHNOTIFICATION_INFO></DISPATCHNOTIFICATION_HEADER><DISPATCHNOTIFICATION_ITEM_LIST>"
        f"{items}</DISPATCHNOTIFICATION_ITEM_LIST></DISPATCHNOTIFICATION>"
    )


def sent(more: str, quantity: str = "5") -> str:
    """A line of a DISPATCHNOTIFICATION."""
    return (
        f"<DISPATCHNOTIFICATION_ITEM><LINE_ITEM_ID>1</LINE_ITEM_ID><QUANTITY>{quantity}</QUANTITY>"
        f"{_REFERENCE.format('00002')}{more}</DISPATCHNOTIFICATION_ITEM>"
    )


def shipped(more: str = "", info: str = "") -> ShipNotice:
    """The one statement of a notification of one line."""
    said = only(dispatch(sent(more), info))
    assert isinstance(said, ShipNotice)
    return said


def test_the_order_s_line_wins_over_the_document_s_counter() -> None:
    """The line of the order is the one that is referred to, as it is written there."""
    item = shipped().item

    assert (item.line_number, item.is_own_counter) == ("00002", False)


def test_an_address_alone_is_no_tracking_number() -> None:
    """No number is guessed out of an address, not even in literal CDATA marks."""
    link = "<TRACKING_TRACING_URL>&lt;![CDATA[https://x.example/1Z]]&gt;</TRACKING_TRACING_URL>"
    said = shipped(info=link)

    assert said.tracking_numbers == ()
    assert said.words == "Tracking: https://x.example/1Z."


def test_the_number_of_the_notification_is_no_tracking_number() -> None:
    """A supplier that repeats its own number names no shipment of a carrier."""
    assert shipped(info="<SHIPMENT_ID>L-1</SHIPMENT_ID>").tracking_numbers == ()
    assert shipped(info="<SHIPMENT_ID>1Z9</SHIPMENT_ID>").tracking_numbers == ("1Z9",)


def test_the_carrier_stands_in_a_remark() -> None:
    """A remark of ITscope's type names the carrier, and is not told a second time."""
    said = shipped(
        info='<REMARKS type="delivererCode">DPD</REMARKS><REMARKS type="other">Fragile</REMARKS>'
    )

    assert (said.carrier, said.words) == ("DPD", "Fragile.")


def test_goods_that_come_back_need_a_person() -> None:
    """A negative quantity is no shipment to the buyer."""
    assert held(dispatch(sent("", "-1"))) == ["needs_person"]


def test_one_bad_line_keeps_no_other_back() -> None:
    """A line with a quantity that is no number is held, and the others are told."""
    found = reading(dispatch(sent("", "1.000,00") + sent("", "3")))

    assert [it.detail for it in found.held] == [
        "Line 1: The QUANTITY is no decimal number that can be read."
    ]
    assert [it.quantity for it in found.updates if isinstance(it, ShipNotice)] == [3]


def test_parts_of_a_delivery_are_told_in_words() -> None:
    """A line in parts arrives with the last of them; parts without a date are not told."""
    part = "<PARTIAL_DELIVERY><QUANTITY>{}</QUANTITY>{}</PARTIAL_DELIVERY>"
    day = "<DELIVERY_DATE><DELIVERY_END_DATE>2026-12-0{}</DELIVERY_END_DATE></DELIVERY_DATE>"
    parts = part.format(2, day.format(5)) + part.format(2, day.format(3)) + part.format(1, "")
    said = shipped(f"<PARTIAL_DELIVERY_LIST>{parts}</PARTIAL_DELIVERY_LIST>")

    assert str(said.estimated_delivery) == "2026-12-05"
    assert said.words == "2 by 2026-12-05, 2 by 2026-12-03."


# Invoices


def invoice(
    items: str,
    total: str = "11.90",
    *,
    tax: str = "1.90",
    info: str = "",
    charges: str = "",
    history: str = "<ORDER_HISTORY><ORDER_ID>PO-1</ORDER_ID></ORDER_HISTORY>",
) -> str:
    """An INVOICE."""
    taxes = f"<TAX_DETAILS_FIX><TAX_AMOUNT>{tax}</TAX_AMOUNT></TAX_DETAILS_FIX>" if tax else ""
    return (
        f"<INVOICE><INVOICE_HEADER><INVOICE_INFO><INVOICE_ID>R-1</INVOICE_ID>{info}</INVOICE_INFO>"
        f"{history}</INVOICE_HEADER><INVOICE_ITEM_LIST>{items}</INVOICE_ITEM_LIST><INVOICE_SUMMARY>"
        f"<TOTAL_AMOUNT>{total}</TOTAL_AMOUNT><ALLOW_OR_CHARGES_FIX>{charges}"
        f"</ALLOW_OR_CHARGES_FIX><TOTAL_TAX>{taxes}</TOTAL_TAX></INVOICE_SUMMARY></INVOICE>"
    )


def item(amount: str = "10.00", *, price: str = "0.50", tax: str = "", more: str = "") -> str:
    """A line over 20 pieces for 0.50."""
    taxes = f"<TAX_DETAILS_FIX><TAX_AMOUNT>{tax}</TAX_AMOUNT></TAX_DETAILS_FIX>" if tax else ""
    return (
        "<INVOICE_ITEM><LINE_ITEM_ID>1</LINE_ITEM_ID><QUANTITY>20</QUANTITY><PRODUCT_PRICE_FIX>"
        f"<PRICE_AMOUNT>{price}</PRICE_AMOUNT>{taxes}</PRODUCT_PRICE_FIX>"
        f"<PRICE_LINE_AMOUNT>{amount}</PRICE_LINE_AMOUNT>{more}</INVOICE_ITEM>"
    )


def billed(body: str) -> Invoice:
    """The invoice that a document is."""
    said = only(body)
    assert isinstance(said, Invoice)
    return said


def test_a_line_s_amount_is_without_tax() -> None:
    """Lines that come to the total together with the tax are without it."""
    said = billed(invoice(item()))

    assert (said.lines[0].total, said.lines[0].is_total_computed) == (Decimal(10), False)
    assert said.amounts.tax == Decimal("1.90")


def test_a_line_s_amount_may_be_with_tax() -> None:
    """Lines that alone come to the total include the tax: quantity by price is what they are."""
    said = billed(invoice(item("11.90")))

    assert (said.lines[0].total, said.lines[0].is_total_computed) == (Decimal(10), True)


@pytest.mark.parametrize("price", ["0.55", ""])
def test_what_adds_up_in_no_way_is_told_as_it_stands(price: str) -> None:
    """Where neither reading adds up, the lines are as stated, and the sums show it."""
    said = billed(invoice(item("11.90", price=price)))

    assert (said.lines[0].total, said.lines[0].is_total_computed) == (Decimal("11.90"), False)


def test_a_line_without_an_amount_is_worked_out() -> None:
    """Quantity by price stands in for the amount of a line; without them it is held."""
    said = billed(invoice(item("")))

    assert (said.lines[0].total, said.lines[0].is_total_computed) == (Decimal(10), True)
    assert held(invoice(item("", price=""))) == ["malformed"]


def test_the_taxes_of_the_lines_stay_with_them() -> None:
    """Where every line tells its tax and they come to the sum, they are the lines'."""
    for sum_ in ("1.90", ""):
        said = billed(invoice(item(tax="1.90"), tax=sum_))
        assert (said.amounts.tax, said.lines[0].amounts.tax) == (Decimal(0), Decimal("1.90"))


def test_a_tax_for_one_piece_is_not_the_line_s() -> None:
    """Where the lines' taxes do not come to the sum, the sum counts."""
    said = billed(invoice(item(tax="0.095")))

    assert (said.amounts.tax, said.lines[0].amounts.tax) == (Decimal("1.90"), Decimal(0))


def charge(kind: str, amount: str = "1.00", which: str = "surcharge") -> str:
    """A surcharge, or an allowance."""
    return (
        f'<ALLOW_OR_CHARGE type="{which}"><ALLOW_OR_CHARGE_TYPE>{kind}</ALLOW_OR_CHARGE_TYPE>'
        f"<ALLOW_OR_CHARGE_VALUE><AOC_MONETARY_AMOUNT>{amount}</AOC_MONETARY_AMOUNT>"
        "</ALLOW_OR_CHARGE_VALUE></ALLOW_OR_CHARGE>"
    )


def test_surcharges_are_told_by_their_types() -> None:
    """Freight, postage and express are shipping, customs are duties, the rest is other."""
    kinds = ("freight", "postage", "express", "customs", "eco", "packing")
    allowance = charge("rebate", "0.25", "allowance")
    said = billed(invoice(item(), "17.65", charges="".join(map(charge, kinds)) + allowance))

    amounts = said.amounts
    assert (amounts.shipping, amounts.duties, amounts.other) == (Decimal(3), Decimal(1), Decimal(2))
    assert amounts.discount == Decimal("0.25")


def test_a_surcharge_has_to_say_what_it_is() -> None:
    """A surcharge without an amount, or of neither kind, holds the invoice."""
    for wrong in (charge("freight", ""), charge("freight", which="")):
        assert held(invoice(item(), charges=wrong)) == ["malformed"]


def test_an_item_that_was_not_ordered_is_a_charge() -> None:
    """Additional charges and pledges are no lines of the order."""
    extra = item("2.00", price="0.10").replace(
        "<INVOICE_ITEM>", '<INVOICE_ITEM type="pledge_item">'
    )
    said = billed(invoice(item() + extra, "13.90"))

    assert len(said.lines) == 1
    assert said.amounts.other == 2
    assert held(invoice(extra, "3.90")) == ["needs_person"]


def test_a_collective_invoice_names_its_orders_at_the_lines() -> None:
    """Of several orders in the header none is taken for the lines'."""
    several = "".join(
        f"<ORDER_HISTORY><ORDER_ID>PO-{number}</ORDER_ID></ORDER_HISTORY>" for number in (1, 2)
    )
    body = invoice(item() + item(more=_REFERENCE.format("4")), history=several)

    assert [(it.item.po_number, it.item.is_own_counter) for it in billed(body).lines] == [
        ("", True),
        ("PO-1", False),
    ]


def test_an_invoice_without_its_number_or_total_is_held() -> None:
    """What an invoice cannot do without is its number and its total."""
    for part in ("<INVOICE_ID>R-1</INVOICE_ID>", "<TOTAL_AMOUNT>11.90</TOTAL_AMOUNT>"):
        assert held(invoice(item()).replace(part, "")) == ["malformed"]


@pytest.mark.parametrize(
    ("reference", "supplier"), [("S-20", "Rheinchip KG"), ("S-21", ""), ("", "")]
)
def test_the_issuer_of_an_invoice_is_its_supplier(reference: str, supplier: str) -> None:
    """Where no party is called the supplier, the one that is referred to as the issuer is."""
    parties = (
        "<PARTIES><PARTY><PARTY_ID>S-20</PARTY_ID><PARTY_ROLE>document_creator</PARTY_ROLE>"
        "<ADDRESS><NAME>Rheinchip KG</NAME></ADDRESS></PARTY></PARTIES>"
        f"<INVOICE_ISSUER_IDREF>{reference}</INVOICE_ISSUER_IDREF>"
    )

    assert billed(invoice(item(), info=parties)).document.supplier == supplier


def test_a_correction_needs_a_person() -> None:
    """A line that corrects an earlier invoice is never billed again."""
    assert held(invoice(item(more="<INVOICE_CORRECTION/>"))) == ["needs_person"]


def test_an_unknown_type_of_invoice_is_held() -> None:
    """A type that nobody knows is no invoice yet."""
    kind = "<INVOICE_TYPE>self_billing</INVOICE_TYPE>"
    assert held(invoice(item(), info=kind)) == ["unknown_status"]


def test_a_negative_invoice_is_a_credit() -> None:
    """An invoice over less than nothing gives money back, in the amounts in which it says so."""
    said = billed(invoice(item("-10.00", price="-0.50"), "-11.90", tax="-1.90"))

    assert said.is_credit
    assert (said.total, said.amounts.tax) == (Decimal("-11.90"), Decimal("-1.90"))


def test_a_negative_credit_memo_needs_a_person() -> None:
    """A credit memo over less than nothing may be a claim or a mistake."""
    kind = "<INVOICE_TYPE>credit_memo</INVOICE_TYPE>"
    assert held(invoice(item(), "-11.90", info=kind)) == ["needs_person"]


def test_a_currency_has_three_letters() -> None:
    """A currency by its sign holds the invoice; the names of version 1.0 are read, too."""
    assert held(invoice(item(), info="<CURRENCY>€</CURRENCY>")) == ["malformed"]
    assert billed(invoice(item(), info="<PRICE_CURRENCY>EUR</PRICE_CURRENCY>")).currency == "EUR"


def test_an_invoice_of_version_1_is_read() -> None:
    """The price of an article has the amount and the tax of its line."""
    line = (
        "<INVOICE_ITEM><LINE_ITEM_ID>1</LINE_ITEM_ID><QUANTITY>20</QUANTITY><ARTICLE_PRICE>"
        "<PRICE_AMOUNT>0.50</PRICE_AMOUNT><PRICE_LINE_AMOUNT>10.00</PRICE_LINE_AMOUNT>"
        "<TAX_AMOUNT>1.90</TAX_AMOUNT></ARTICLE_PRICE></INVOICE_ITEM>"
    )
    (read_line,) = billed(invoice(line)).lines

    assert (read_line.total, read_line.amounts.tax) == (Decimal(10), Decimal("1.90"))


@given(
    prices=st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=5),
    rate=st.sampled_from(["0.07", "0.19", "0.25"]),
)
def test_both_ways_to_write_an_invoice_come_to_the_same(prices: list[Decimal], rate: str) -> None:
    """The lines' totals are the same, whether their amounts are written with tax or without."""
    nets = [price * 20 for price in prices]
    taxes = [(net * Decimal(rate)).quantize(Decimal("0.01")) for net in nets]
    total = sum(nets) + sum(taxes)
    pairs = list(zip(prices, nets, taxes, strict=True))
    without = "".join(item(str(net), price=str(price)) for price, net, _ in pairs)
    within = "".join(item(str(net + tax), price=str(price)) for price, net, tax in pairs)
    told = [billed(invoice(it, str(total), tax=str(sum(taxes)))) for it in (without, within)]

    assert [line.total for line in told[0].lines] == [line.total for line in told[1].lines]


# Published documents


def test_published_documents_are_read() -> None:
    """The examples of ITscope are read as a person reads them."""
    notices = reading(sample("suppliers/opentrans/dispatchnotification-it-distributor.xml")).updates
    said = only(sample("suppliers/opentrans/invoice-it-distributor.xml"))

    assert [
        (it.item.po_number, it.item.line_number, it.quantity, it.tracking_numbers, it.carrier)
        for it in notices
        if isinstance(it, ShipNotice)
    ] == [
        ("GWAHJV-160131-1470", number, quantity, ("1Z7318301287125572",), _TRANSOFLEX)
        for number, quantity in zip(
            ("00001", "00002", "00003"), map(Decimal, (1, 2, 3)), strict=True
        )
    ]
    assert isinstance(said, Invoice)
    assert (said.total, said.currency) == (Decimal("1678.09"), "EUR")
    assert [(it.item.line_number, it.total) for it in said.lines] == [
        ("00001", Decimal(562)),
        ("00003", Decimal(188)),
        ("00003", Decimal(651)),
    ]
    amounts = said.amounts
    assert (amounts.tax, amounts.shipping, amounts.other) == (
        Decimal("266.19"),
        Decimal("8.4"),
        Decimal("2.5"),
    )


_TRANSOFLEX = "Trans-O-Flex GmbH & Co. KG"


def test_a_quantity_has_its_unit() -> None:
    """ORDER_UNIT is told where it is no pieces, in each of the documents."""
    reel, piece = "<ORDER_UNIT>XRL</ORDER_UNIT>", "<ORDER_UNIT>C62</ORDER_UNIT>"

    assert confirmed(f"<QUANTITY>5</QUANTITY>{reel}").unit == "XRL"
    assert confirmed(f"<QUANTITY>5</QUANTITY>{piece}").unit == ""
    assert shipped(reel).unit == "XRL"
    assert billed(invoice(item(more=reel))).lines[0].unit == "XRL"
