"""UBL and Peppol: how they prove themselves, and the traps of their documents."""

import base64
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import Hmac, SourceSettings
from purchasing.documents import Invoice, OrderConfirmation, Promise, Purpose, ShipNotice
from purchasing.sources.ubl import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Reading, Update
from tests.reading import RECEIVED_AT, SECRET, notification, read
from tests.samples import sample
from tests.understanding import is_authentic

_ORDER = "<OrderReference><ID>PO-1</ID></OrderReference>"
_REFERENCE = "<OrderLineReference><LineID>{}</LineID></OrderLineReference>"


def ubl(kind: str, inner: str) -> bytes:
    """A UBL document with a number and a date; inside, no name has a namespace of its own."""
    namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
    head = "<ID>D-1</ID><IssueDate>2026-11-20</IssueDate>"
    return f'<{kind} xmlns="{namespace}">{head}{inner}</{kind}>'.encode()


def reading(body: bytes) -> Reading:
    """What is read of a document."""
    return read(SOURCE, notification("ubl", body))


def only(body: bytes) -> Update:
    """The one statement of a document of which nothing is held or ignored."""
    found = reading(body)
    assert (found.held, found.ignored) == ((), ())
    (update,) = found.updates
    return update


def held(body: bytes) -> list[str]:
    """The reasons for which a document, of which nothing else is said, is held."""
    found = reading(body)
    assert (found.updates, found.ignored) == ((), ())
    return [finding.reason for finding in found.held]


def ignored(body: bytes) -> list[str]:
    """The reasons for which a document, of which nothing else is said, is ignored."""
    found = reading(body)
    assert (found.updates, found.held) == ((), ())
    return [finding.reason for finding in found.ignored]


# Authenticity


def test_a_secret_is_shown_in_one_of_three_ways() -> None:
    """The agreed secret opens as a bearer token, as a Basic password, and in the address."""
    posted = notification("ubl", ubl("Invoice", ""))
    basic = base64.b64encode(f"peppol:{SECRET}".encode()).decode()
    trust = Trust(settings=SourceSettings(format="ubl", secrets=(SECRET,)))

    for shown in (f"Bearer {SECRET}", f"Basic {basic}"):
        sent = msgspec.structs.replace(posted, headers={"authorization": shown})
        SOURCE.authenticate(sent, trust, RECEIVED_AT)
    SOURCE.authenticate(msgspec.structs.replace(posted, path_token=SECRET), trust, RECEIVED_AT)


def test_a_document_without_the_secret_is_refused() -> None:
    """A document that shows nothing is refused, whatever it says of itself."""
    assert not is_authentic(SOURCE, notification("ubl", ubl("Invoice", "")))


def test_an_agreed_hash_covers_the_body() -> None:
    """Where a hash is agreed, what `sign` makes of a body opens for that body alone."""
    settings = SourceSettings(format="ubl", secrets=(SECRET,), hmac=Hmac(header="X-Signature"))
    trust = Trust(settings=settings)
    posted = notification("ubl", ubl("Invoice", ""))
    headers = dict(SOURCE.sign(posted, trust, RECEIVED_AT))

    SOURCE.authenticate(msgspec.structs.replace(posted, headers=headers), trust, RECEIVED_AT)
    assert headers["content-type"] == "application/xml"


def test_the_same_bytes_are_the_same_delivery() -> None:
    """A document that is posted again has the same key, another one has another."""
    keys = [
        SOURCE.delivery_key(notification("ubl", ubl("Invoice", inner), id_=id_))
        for inner, id_ in (("", "n-1"), ("", "n-2"), ("<Note/>", "n-3"))
    ]
    assert keys[0] == keys[1] != keys[2]


# What is read at all


def test_an_envelope_holds_one_document() -> None:
    """An envelope with nothing in it, or with two documents, is held."""
    inside = ubl("Invoice", "").decode()
    for many in ("", inside * 2):
        body = f"<StandardBusinessDocument>{many}</StandardBusinessDocument>".encode()
        assert held(body) == ["malformed"]


@pytest.mark.parametrize(
    "body",
    [
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-1.0"/>',
        b"<Invoice/>",
        b'<Invoice xmlns="https://example.com/shop"/>',
        b"{}",
        b"",
    ],
)
def test_what_only_looks_like_ubl_is_held(body: bytes) -> None:
    """The root must be one of UBL 2: an invoice of anybody else is not half understood."""
    assert held(body) == ["malformed"]


def test_a_debit_note_needs_a_person() -> None:
    """A debit note is never taken for a second invoice."""
    assert held(ubl("DebitNote", "")) == ["needs_person"]


def test_the_age_of_a_document_is_that_of_its_day() -> None:
    """A document is said at the end of the day of its IssueDate; without one nobody knows when."""
    body = ubl("OrderResponseSimple", f"<AcceptedIndicator>true</AcceptedIndicator>{_ORDER}")
    said = only(body)
    unsaid = only(body.replace(b"2026-11-20", b"in November"))

    assert isinstance(said, OrderConfirmation)
    assert isinstance(unsaid, OrderConfirmation)
    assert str(said.document.said_at) == "2026-11-20 23:59:59+00:00"
    assert unsaid.document.said_at is None


def test_a_seller_without_a_name_is_called_by_its_registration() -> None:
    """The seller's registered name stands in for its name."""
    seller = (
        "<SellerSupplierParty><Party><PartyLegalEntity>"
        "<RegistrationName>Lund Parts</RegistrationName>"
        "</PartyLegalEntity></Party></SellerSupplierParty>"
    )
    said = only(
        ubl("OrderResponseSimple", f"<AcceptedIndicator>1</AcceptedIndicator>{_ORDER}{seller}")
    )

    assert isinstance(said, OrderConfirmation)
    assert said.document.sender == "Lund Parts (UBL)"


# Order responses


def response(code: str, *lines: str, more: str = "") -> bytes:
    """An OrderResponse with a code in its header."""
    return ubl(
        "OrderResponse",
        f"<OrderResponseCode>{code}</OrderResponseCode>{_ORDER}{more}{''.join(lines)}",
    )


def ordered(status: str, number: str = "1", more: str = "") -> str:
    """A line of an OrderResponse."""
    return (
        f"<OrderLine><LineItem><ID>{number}</ID><LineStatusCode>{status}</LineStatusCode>{more}"
        f"</LineItem>{_REFERENCE.format(number)}</OrderLine>"
    )


def test_a_quantity_has_its_unit() -> None:
    """The unitCode is told where it is no pieces, in each of the documents."""
    for code, unit in (("H87", ""), ("XRL", "XRL"), ("MTR", "MTR")):
        quantity = f'<Quantity unitCode="{code}">5</Quantity>'
        said = only(response("CA", ordered("5", more=quantity)))
        assert isinstance(said, OrderConfirmation)
        assert (said.quantity, said.unit) == (Decimal(5), unit)

        body = advice(sent("5")).replace(
            b"<DeliveredQuantity>", f'<DeliveredQuantity unitCode="{code}">'.encode()
        )
        notice = only(body)
        assert isinstance(notice, ShipNotice)
        assert (notice.quantity, notice.unit) == (Decimal(5), unit)

        body = money().replace(
            b"<InvoicedQuantity>", f'<InvoicedQuantity unitCode="{code}">'.encode()
        )
        assert billed(body).lines[0].unit == unit


def test_a_refused_order_needs_no_lines() -> None:
    """RE without lines refuses the whole order."""
    said = only(response("RE"))

    assert isinstance(said, OrderConfirmation)
    assert said.promise is Promise.REJECTED
    assert said.item.is_whole_order


def test_a_response_may_be_about_a_change() -> None:
    """An accepted change confirms the order; a refused one refuses the change alone."""
    change = "<OrderChangeDocumentReference><ID>C-1</ID></OrderChangeDocumentReference>"
    accepted = only(response("AP", more=change))

    assert isinstance(accepted, OrderConfirmation)
    assert accepted.promise is Promise.ACCEPTED
    assert held(response("RE", more=change)) == ["needs_person"]
    assert held(response("RE", ordered("7"), more=change)) == ["needs_person"]


@pytest.mark.parametrize("code", ["AP", "RE"])
def test_a_response_may_be_about_a_cancellation(code: str) -> None:
    """In advanced ordering nobody can tell an answer to the order from one to its cancellation."""
    profile = (
        "<CustomizationID>urn:fdc:peppol.eu:poacc:trns:order_response_advanced:3</CustomizationID>"
    )
    change = "<OrderChangeDocumentReference><ID>C-1</ID></OrderChangeDocumentReference>"

    assert held(response(code, more=profile)) == ["needs_person"]
    assert len(reading(response("AP", more=profile + change)).updates) == 1
    assert len(reading(response(code, ordered("7"), more=profile)).updates) == 1


@pytest.mark.parametrize("code", ["CA", "", "XX"])
def test_without_lines_the_code_must_say_it_all(code: str) -> None:
    """A response without lines is held where its code leaves them to decide, or is unknown."""
    assert held(response(code)) == ["unknown_status"]


def test_an_unknown_code_holds_the_lines_too() -> None:
    """Under a code that nobody knows, no line is told."""
    assert held(response("XX", ordered("5"))) == ["unknown_status"]


@pytest.mark.parametrize(("code", "promise"), [("AP", Promise.ACCEPTED), ("RE", Promise.REJECTED)])
def test_a_line_without_a_status_is_as_the_header_says(code: str, promise: Promise) -> None:
    """The header's code holds for the lines that say nothing else."""
    said = only(response(code, ordered("")))

    assert isinstance(said, OrderConfirmation)
    assert said.promise is promise


def test_nobody_knows_what_a_line_without_any_status_means() -> None:
    """Where the header leaves it to the lines, each of them has to say what becomes of it."""
    assert held(response("CA", ordered(""))) == ["unknown_status"]


def test_a_line_that_is_accepted_in_a_refused_order_is_a_conflict() -> None:
    """The header refuses what the line accepts."""
    assert held(response("RE", ordered("5"))) == ["conflict"]


def test_a_disputed_response_confirms_nothing() -> None:
    """A status of the document that is not plain holds it."""
    more = "<DocumentStatusCode>Disputed</DocumentStatusCode>"
    assert held(response("AP", more=more)) == ["unknown_status"]


def test_a_response_has_to_name_its_order() -> None:
    """A response about a whole order that names none is held, as one that names two."""
    two = _ORDER.replace("PO-1", "PO-2")
    assert held(response("AP", more=two)) == ["malformed"]
    assert held(response("AP").replace(_ORDER.encode(), b"")) == ["malformed"]


def test_the_indicator_has_to_say_yes_or_no() -> None:
    """A simple response without its indicator says nothing."""
    assert held(ubl("OrderResponseSimple", _ORDER)) == ["malformed"]


def test_a_simple_response_may_be_disputed() -> None:
    """The status of the document holds a simple response, too."""
    more = "<AcceptedIndicator>true</AcceptedIndicator><DocumentStatusCode>Cancelled"
    assert held(ubl("OrderResponseSimple", f"{more}</DocumentStatusCode>{_ORDER}")) == [
        "unknown_status"
    ]


def test_one_bad_line_keeps_no_other_back() -> None:
    """A line with a quantity that is no number is held, and the others are told."""
    found = reading(
        response("CA", ordered("5", "1", "<Quantity>1,5</Quantity>"), ordered("5", "2"))
    )

    (finding,) = found.held
    assert finding.detail == "Line 1: The Quantity is no decimal number that can be read."
    assert [it.item.line_number for it in found.updates if isinstance(it, OrderConfirmation)] == [
        "2"
    ]


def test_a_price_for_no_piece_is_held() -> None:
    """A price cannot be for a quantity of zero."""
    price = "<Price><PriceAmount>1</PriceAmount><BaseQuantity>0</BaseQuantity></Price>"
    assert held(response("CA", ordered("5", more=price))) == ["malformed"]


def test_a_currency_has_three_letters() -> None:
    """A price in something that is no currency is held."""
    price = '<Price><PriceAmount currencyID="EURO">1</PriceAmount></Price>'
    assert held(response("CA", ordered("5", more=price))) == ["malformed"]


def test_a_part_that_is_proposed_is_told_as_a_substitute() -> None:
    """A proposed substitute is named, by its name where it has no number."""
    proposed = (
        "<SellerProposedSubstituteLineItem><Item><Name>Resistor</Name></Item>"
        "</SellerProposedSubstituteLineItem></OrderLine>"
    )
    said = only(response("CA", ordered("3").replace("</OrderLine>", proposed)))

    assert isinstance(said, OrderConfirmation)
    assert said.substitute == "Resistor"


def test_a_latest_date_is_a_date_by_which() -> None:
    """Without a window the latest delivery date counts."""
    more = "<Delivery><LatestDeliveryDate>2026-12-24</LatestDeliveryDate></Delivery>"
    said = only(response("AP", more=more))

    assert isinstance(said, OrderConfirmation)
    assert str(said.estimated_delivery) == "2026-12-24"


def test_a_line_without_a_line_item_says_little() -> None:
    """A line that only refers to the order's is as the header says."""
    said = only(response("AP", f"<OrderLine>{_REFERENCE.format('2')}</OrderLine>"))

    assert isinstance(said, OrderConfirmation)
    assert said.item.line_number == "2"


# References


def test_a_document_that_refers_to_no_line_counts_its_own() -> None:
    """Where no line refers to the order's, the document's own number may count."""
    line = ordered("5", "7").replace(_REFERENCE.format("7"), "")
    said = only(response("CA", line))

    assert isinstance(said, OrderConfirmation)
    assert (said.item.line_number, said.item.is_own_counter) == ("7", True)


def test_a_line_without_a_reference_beside_others_is_not_counted() -> None:
    """Where other lines refer to the order's, one that does not must name a part."""
    bare = ordered("5", "2").replace(_REFERENCE.format("2"), "")
    part = "<Item><BuyersItemIdentification><ID>R-1</ID></BuyersItemIdentification></Item>"
    found = reading(response("CA", ordered("5", "1"), bare))
    named = reading(
        response("CA", ordered("5", "1"), bare.replace("</LineItem>", f"{part}</LineItem>"))
    )

    assert [it.reason for it in found.held] == ["unmatched"]
    assert isinstance(named.updates[1], OrderConfirmation)
    assert named.updates[1].item.line_number == ""
    assert named.updates[1].item.part_number == "R-1"


def test_a_line_about_several_lines_needs_a_person() -> None:
    """Nobody can tell how much of a quantity belongs to which of several lines."""
    line = ordered("5", "1").replace("</OrderLine>", f"{_REFERENCE.format('2')}</OrderLine>")
    assert held(response("CA", line)) == ["needs_person"]


def test_a_line_may_name_an_order_of_its_own() -> None:
    """A line's own order wins over the document's."""
    own = "<LineID>1</LineID><OrderReference><ID>PO-2</ID></OrderReference>"
    said = only(response("CA", ordered("5").replace("<LineID>1</LineID>", own)))

    assert isinstance(said, OrderConfirmation)
    assert said.item.po_number == "PO-2"


def test_an_overlong_reference_is_held() -> None:
    """A number that is longer than any is refused, never cut."""
    assert held(response("CA", ordered("5", "1" * 256))) == ["malformed"]


# Despatch advices


def advice(*lines: str, more: str = "") -> bytes:
    """A DespatchAdvice."""
    return ubl("DespatchAdvice", f"{_ORDER}{more}{''.join(lines)}")


def sent(quantity: str, more: str = "") -> str:
    """A line of a DespatchAdvice."""
    return (
        f"<DespatchLine><ID>1</ID><DeliveredQuantity>{quantity}</DeliveredQuantity>"
        f"{_REFERENCE.format('1')}{more}</DespatchLine>"
    )


@pytest.mark.parametrize(
    ("status", "purpose"),
    [("NoStatus", Purpose.NEW), ("Revised", Purpose.REPLACES), ("Cancelled", Purpose.CANCELS)],
)
def test_the_status_of_an_advice_says_what_it_is_for(status: str, purpose: Purpose) -> None:
    """An advice is new, replaces an earlier one, or takes it back."""
    code = f"<DocumentStatusCode>{status}</DocumentStatusCode>"
    said = only(advice(sent("5"), more=code))

    assert isinstance(said, ShipNotice)
    assert said.purpose is purpose


@pytest.mark.parametrize("name", ["DocumentStatusCode", "DespatchAdviceTypeCode"])
def test_an_advice_of_an_unknown_kind_is_held(name: str) -> None:
    """A status or a type that nobody knows holds the advice."""
    assert held(advice(sent("5"), more=f"<{name}>Disputed</{name}>")) == ["unknown_status"]


def test_goods_that_come_back_need_a_person() -> None:
    """A negative quantity is no shipment to the buyer."""
    assert held(advice(sent("-5"))) == ["needs_person"]


def test_nothing_sent_is_no_shipment() -> None:
    """A line of which nothing was sent is ignored, and says what is to follow."""
    more = "<BackorderQuantity>10</BackorderQuantity><BackorderReason>fab</BackorderReason>"
    found = reading(advice(sent("0", more)))

    (finding,) = found.ignored
    assert finding.detail == "Line 1: Nothing of it was sent. 10 on backorder: fab."


def test_what_is_not_outstanding_is_not_told() -> None:
    """An outstanding quantity of zero is no word on what is to follow."""
    more = "<OutstandingQuantity>0</OutstandingQuantity><OutstandingReason>AV</OutstandingReason>"
    said = only(advice(sent("5", more)))

    assert isinstance(said, ShipNotice)
    assert said.words == ""


def test_an_advice_without_lines_has_to_name_its_order() -> None:
    """Without lines and without an order nobody knows what was sent."""
    assert held(ubl("DespatchAdvice", "")) == ["malformed"]


def test_a_whole_order_may_be_about_to_leave() -> None:
    """An announced despatch of the whole order is a promise."""
    code = "<DespatchAdviceTypeCode>345</DespatchAdviceTypeCode>"
    said = only(advice(more=code))

    assert isinstance(said, OrderConfirmation)
    assert said.promise is Promise.PLANNED


def test_several_lots_of_a_line_are_told_in_words() -> None:
    """No lot is chosen among several; one that is repeated for each piece is one."""
    lot = (
        "<ItemInstance><LotIdentification><LotNumberID>{}</LotNumberID></LotIdentification>"
        "</ItemInstance>"
    )
    several = only(advice(sent("5", f"<Item>{lot.format('A')}{lot.format('B')}</Item>")))
    same = only(advice(sent("5", f"<Item>{lot.format('A')}{lot.format('A')}</Item>")))

    assert isinstance(several, ShipNotice)
    assert isinstance(same, ShipNotice)
    assert (several.mfg_lot, several.words) == ("", "Lots A, B.")
    assert (same.mfg_lot, same.words) == ("A", "")


def test_very_many_pieces_are_not_all_listed() -> None:
    """Of very many serial numbers the first are told, and how many there are beside."""
    pieces = "".join(f"<ItemInstance><SerialID>{n}</SerialID></ItemInstance>" for n in range(25))
    said = only(advice(sent("25", f"<Item>{pieces}</Item>")))

    assert isinstance(said, ShipNotice)
    assert said.words.endswith(", 18, 19 and 5 more.")


def test_a_long_note_ends_in_dots() -> None:
    """What is too long for a note shows that it goes on."""
    said = only(advice(sent("5", f"<Note>{'word ' * 400}</Note>")))

    assert isinstance(said, ShipNotice)
    assert len(said.words) <= 1_000
    assert said.words.endswith("...")


def test_a_country_that_is_no_code_is_left_out() -> None:
    """The country of origin is two letters, or is not told."""
    place = (
        "<Item><OriginCountry><IdentificationCode>{}</IdentificationCode></OriginCountry></Item>"
    )
    said = [only(advice(sent("5", place.format(code)))) for code in ("jp", "Japan")]

    assert [it.coo for it in said if isinstance(it, ShipNotice)] == ["JP", ""]


def test_a_carrier_is_called_by_what_it_has() -> None:
    """A carrier has a name, a registered name, or a number."""
    party = "<Shipment><Consignment><CarrierParty>{}</CarrierParty></Consignment></Shipment>"
    registered = (
        "<PartyLegalEntity><RegistrationName>Bring AS</RegistrationName></PartyLegalEntity>"
    )
    said = only(advice(sent("5", party.format(registered)), more=party.format("")))

    assert isinstance(said, ShipNotice)
    assert said.carrier == "Bring AS"


# Invoices


def money(
    total: str = "12.50",
    *,
    tax: str = "<TaxTotal><TaxAmount>2.50</TaxAmount></TaxTotal>",
    more: str = "",
    line: str = "",
    kind: str = "Invoice",
    amount: str = "10.00",
) -> bytes:
    """An invoice of one line over 20 pieces for 0.50."""
    return ubl(
        kind,
        f"{_ORDER}{more}{tax}<LegalMonetaryTotal><TaxInclusiveAmount>{total}</TaxInclusiveAmount>"
        f"</LegalMonetaryTotal><{kind}Line><ID>1</ID><InvoicedQuantity>20</InvoicedQuantity>"
        f"<LineExtensionAmount>{amount}</LineExtensionAmount>{_REFERENCE.format('1')}{line}"
        f"<Price><PriceAmount>0.50</PriceAmount></Price></{kind}Line>",
    )


def billed(body: bytes) -> Invoice:
    """The invoice that a document is."""
    said = only(body)
    assert isinstance(said, Invoice)
    return said


def type_code(code: str) -> str:
    """The kind of an invoice."""
    return f"<InvoiceTypeCode>{code}</InvoiceTypeCode>"


@pytest.mark.parametrize("code", ["383", "384", "386", "80", "261", "389", "751"])
def test_an_invoice_that_is_not_like_others_needs_a_person(code: str) -> None:
    """Debit notes, corrections and prepayments are never a second invoice."""
    assert held(money(more=type_code(code))) == ["needs_person"]


def test_an_unknown_kind_of_invoice_is_held() -> None:
    """A code that nobody knows is no invoice yet; a credit note is not of an invoice's kind."""
    kind = "<CreditNoteTypeCode>380</CreditNoteTypeCode>"
    assert held(money(more=type_code("999"))) == ["unknown_status"]
    assert held(money(kind="CreditNote", more=kind)) == ["unknown_status"]


def test_a_negative_invoice_is_a_credit() -> None:
    """A 380 over less than nothing gives money back, in the amounts in which it says so."""
    said = billed(money("-12.50", amount="-10.00", more=type_code("380")))

    assert said.is_credit
    assert (said.total, said.lines[0].total) == (Decimal("-12.50"), Decimal("-10.00"))


def test_a_credit_may_be_an_invoice_by_its_root() -> None:
    """An Invoice of the kind 381 is a credit note."""
    said = billed(money(more=type_code("381")))

    assert said.is_credit
    assert (said.total, said.amounts.tax) == (Decimal("-12.50"), Decimal("-2.50"))


def test_a_negative_credit_note_needs_a_person() -> None:
    """A credit note over less than nothing may be a claim or a mistake."""
    assert held(money("-1", kind="CreditNote")) == ["needs_person"]


def test_an_invoice_without_its_total_number_or_lines_is_held() -> None:
    """What an invoice cannot do without is its number, its total, and lines with totals."""
    whole = money()
    for part in (
        b"<ID>D-1</ID>",
        b"<TaxInclusiveAmount>12.50</TaxInclusiveAmount>",
        b"<LineExtensionAmount>10.00</LineExtensionAmount>",
    ):
        assert held(whole.replace(part, b"")) == ["malformed"]
    assert held(ubl("Invoice", _ORDER)) == ["malformed"]


def test_one_line_that_names_nothing_holds_the_invoice() -> None:
    """Money is all or nothing: a line without reference or part holds the whole."""
    extra = "<InvoiceLine><ID>9</ID><LineExtensionAmount>1</LineExtensionAmount></InvoiceLine>"
    body = money().replace(b"</Invoice>", f"{extra}</Invoice>".encode())
    found = reading(body)

    (finding,) = found.held
    assert finding.reason == "unmatched"
    assert finding.detail.startswith("Line 2: ")


def test_an_invoice_may_name_no_order() -> None:
    """With a buyer's reference alone the order is left to the matching."""
    body = money(more="<BuyerReference>Bench 4</BuyerReference>").replace(_ORDER.encode(), b"")

    assert billed(body).lines[0].item.po_number == ""


def test_the_amounts_decide_the_currency_that_is_not_stated() -> None:
    """Without a document's currency that of the amounts counts, if it is one."""
    body = money(amount='10.00</LineExtensionAmount><LineExtensionAmount currencyID="sek">1')

    assert billed(body).currency == "SEK"
    assert billed(money()).currency == ""


def test_the_taxes_of_the_lines_stay_with_them() -> None:
    """Where every line tells its tax and they come to the document's, they are the lines'."""
    own = "<TaxTotal><TaxAmount>2.50</TaxAmount></TaxTotal>"
    told = billed(money(line=own))
    alone = billed(money(line=own, tax=""))

    for said in (told, alone):
        assert (said.amounts.tax, said.lines[0].amounts.tax) == (Decimal(0), Decimal("2.50"))


@pytest.mark.parametrize(
    ("currency", "tax", "is_own"),
    [("EUR", "2.50", True), ("KWD", "2.505", True), ("JPY", "2.50", False), ("JPY", "2", True)],
)
def test_a_line_without_tax_gets_none_of_anothers(currency: str, tax: str, *, is_own: bool) -> None:
    """A tax in whole minor units stays with the one line that has it; else it is the whole's."""
    own = f"<TaxTotal><TaxAmount>{tax}</TaxAmount></TaxTotal>"
    untaxed = (
        "<InvoiceLine><ID>2</ID><LineExtensionAmount>5</LineExtensionAmount>"
        f"{_REFERENCE.format('2')}</InvoiceLine>"
    )
    stated = f"<DocumentCurrencyCode>{currency}</DocumentCurrencyCode>"
    body = money(line=own, tax=own, more=stated)
    said = billed(body.replace(b"</InvoiceLine>", b"</InvoiceLine>" + untaxed.encode(), 1))

    assert [bool(it.amounts.tax) for it in said.lines] == [is_own, False]
    assert bool(said.amounts.tax) is not is_own


@pytest.mark.parametrize("tax", ["2.499", "2.40"])
def test_taxes_of_lines_that_are_not_all_of_it_are_left_aside(tax: str) -> None:
    """Where the lines' taxes are no whole cents, or do not come to the sum, the sum counts."""
    said = billed(money(line=f"<TaxTotal><TaxAmount>{tax}</TaxAmount></TaxTotal>"))

    assert (said.amounts.tax, said.lines[0].amounts.tax) == (Decimal("2.50"), Decimal(0))


def charge(amount: str, indicator: str = "true", code: str = "") -> str:
    """A charge, or an allowance."""
    return (
        f"<AllowanceCharge><ChargeIndicator>{indicator}</ChargeIndicator>"
        f"<AllowanceChargeReasonCode>{code}</AllowanceChargeReasonCode>"
        f"<Amount>{amount}</Amount></AllowanceCharge>"
    )


def test_a_charge_is_carriage_by_its_code_alone() -> None:
    """Freight, delivery and rush delivery are shipping; a word in place of a code is not read."""
    codes = "".join(charge("1", code=code) for code in ("FC", "DL", "AAT", "ABL", ""))
    said = billed(money(more=codes))

    assert (said.amounts.shipping, said.amounts.other) == (Decimal(3), Decimal(2))


@pytest.mark.parametrize("code", ["AAT", "CAB", "DL", "FAC", "FC", "SAA", "TT", "TV"])
def test_a_charge_for_bringing_goods_is_shipping_as_in_edifact(code: str) -> None:
    """The codes of UNCL 7161 mean the same in both formats, so that an invoice is the same."""
    said = billed(money("15.50", more=charge("3.00", code=code)))

    assert (said.amounts.shipping, said.amounts.other) == (Decimal(3), Decimal(0))


def test_a_charge_has_to_say_what_it_is() -> None:
    """A charge without an amount, or without saying what it is, holds the invoice."""
    for wrong in (charge(""), charge("1", indicator="maybe")):
        assert held(money(more=wrong)) == ["malformed"]


def test_a_charge_of_a_line_is_taken_out_of_its_total() -> None:
    """A line's total that includes its charge is told without it, its discount stays in it."""
    both = charge("1.00", code="FC") + charge("2.00", indicator="false")
    said = billed(money(amount="9.00", line=both))

    assert (said.lines[0].total, said.lines[0].amounts.shipping) == (Decimal("8.00"), Decimal(1))


def test_a_charge_that_is_only_told_of_stays_out() -> None:
    """A line whose total is quantity by price has none of its charges in it."""
    said = billed(money(line=charge("1.00")))
    bare = money(line=charge("1.00")).replace(b"<PriceAmount>0.50</PriceAmount>", b"")

    assert (said.lines[0].total, said.lines[0].amounts.other) == (Decimal("10.00"), Decimal(0))
    assert billed(bare).lines[0].total == Decimal("10.00")


@given(
    amounts=st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=5),
    tax=st.decimals(0, 10**5, places=2),
)
def test_a_credit_note_is_its_invoice_with_the_sign_turned(
    amounts: list[Decimal], tax: Decimal
) -> None:
    """All amounts of a credit note are those that an invoice would have, turned around."""
    lines = "".join(
        f"<*Line><ID>{n}</ID><LineExtensionAmount>{amount}</LineExtensionAmount></*Line>"
        for n, amount in enumerate(amounts, start=1)
    )
    inner = (
        f"<TaxTotal><TaxAmount>{tax}</TaxAmount></TaxTotal><LegalMonetaryTotal>"
        f"<TaxInclusiveAmount>1.00</TaxInclusiveAmount></LegalMonetaryTotal>{lines}"
    )
    claim = billed(ubl("Invoice", inner.replace("*", "Invoice")))
    credit = billed(ubl("CreditNote", inner.replace("*", "CreditNote")))

    assert credit.total == -claim.total
    assert credit.amounts.tax == -claim.amounts.tax
    assert [it.total for it in credit.lines] == [-it.total for it in claim.lines]


# Published documents


def test_published_documents_are_read() -> None:
    """The examples of OASIS are read as a person reads them."""
    accepted = only(sample("suppliers/ubl/order-response-simple-accept.xml"))
    advised = only(sample("suppliers/ubl/despatch-advice-ubl20-backorder.xml"))
    invoice = only(sample("suppliers/ubl/invoice-ubl21-charges-negative-lines.xml"))

    assert isinstance(accepted, OrderConfirmation)
    assert (accepted.promise, accepted.item.po_number) == (Promise.ACCEPTED, "AEG012345")
    assert isinstance(advised, ShipNotice)
    assert (advised.quantity, advised.mfg_lot) == (Decimal(90), "546378239")
    assert advised.words.startswith("10 on backorder: lack of stock")
    assert isinstance(invoice, Invoice)
    assert (invoice.total, invoice.amounts.tax) == (Decimal("1729.30"), Decimal("292.20"))
    assert [it.item.line_number for it in invoice.lines] == ["1", "5", "3", "2", "4"]
    assert [it.quantity for it in invoice.lines] == [1, -1, 2, -1, 250]
