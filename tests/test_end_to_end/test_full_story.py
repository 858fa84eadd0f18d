"""An order from its confirmation to its invoice, told in four formats by three senders."""

import json
from decimal import Decimal
from typing import Any

import httpx

from tests.talking import SUPPLIER_SECRET, UPS_CREDENTIAL, Tallyman, lines_of, new_number, order


def confirmation(po_number: str) -> str:
    """The supplier's confirmation of line 1, in cXML, with its secret in it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.063/Fulfill.dtd">
<cXML payloadID="{new_number("P")}@millrace.example" timestamp="2026-11-20T09:15:00-06:00">
  <Header>
    <From><Credential domain="NetworkID"><Identity>MILLRACE</Identity></Credential></From>
    <To><Credential domain="NetworkID"><Identity>US</Identity></Credential></To>
    <Sender>
      <Credential domain="NetworkID">
        <Identity>MILLRACE</Identity><SharedSecret>{SUPPLIER_SECRET}</SharedSecret>
      </Credential>
      <UserAgent>Millrace 1</UserAgent>
    </Sender>
  </Header>
  <Request>
    <ConfirmationRequest>
      <ConfirmationHeader confirmID="OC-1" type="detail" noticeDate="2026-11-20T09:14:30-06:00"/>
      <OrderReference orderID="{po_number}"><DocumentReference payloadID="x"/></OrderReference>
      <ConfirmationItem lineNumber="1" quantity="60">
        <UnitOfMeasure>EA</UnitOfMeasure>
        <ConfirmationStatus type="accept" quantity="60" shipmentDate="2026-11-24">
          <UnitOfMeasure>EA</UnitOfMeasure>
        </ConfirmationStatus>
      </ConfirmationItem>
    </ConfirmationRequest>
  </Request>
</cXML>"""


def ship_notice(
    po_number: str, parcel: str, *, lines: tuple[int, ...] = (1,), purpose: str = "00"
) -> str:
    """The supplier's ship notice of some lines, in X12."""
    items = [
        segment
        for place, line in enumerate(lines, start=4)
        for segment in (f"HL*{place}*3*I", f"LIN*{line}*PL*{line}*LT*K7M2*CH*JP", "SN1**60*EA")
    ]
    segments = (
        "ST*856*0001",
        f"BSN*{purpose}*SN-{po_number}*20261120*1700*0001",
        "HL*1**S",
        "TD5*B*2*UPSN",
        "DTM*011*20261120",
        "HL*2*1*O",
        f"PRF*{po_number}",
        "HL*3*2*P",
        f"MAN*CP*{parcel}",
        *items,
        f"CTT*{3 + len(lines)}",
    )
    parties = f"ZZ*{'MILLRACE':<15}*ZZ*{'US':<15}"
    head = (
        f"ISA*00*{'':<10}*00*{'':<10}*{parties}*261120*1715*U*00401*000000017*0*P*>",
        "GS*SH*MILLRACE*US*20261120*1715*17*X*004010",
    )
    tail = (f"SE*{len(segments) + 1}*0001", "GE*1*17", "IEA*1*000000017")
    return "".join(f"{segment}~\n" for segment in (*head, *segments, *tail))


def delivery(parcel: str) -> dict[str, Any]:
    """UPS's word that the parcel was delivered."""
    return {
        "trackingNumber": parcel,
        "localActivityDate": "20261123",
        "localActivityTime": "112030",
        "activityLocation": {"city": "TOLEDO", "stateProvince": "OH", "country": "US"},
        "activityStatus": {"type": "D", "code": "FS", "description": "Delivered"},
        "gmtActivityDate": "20261123",
        "gmtActivityTime": "162030",
        "receivedBy": "OYELARAN",
    }


def invoice(po_number: str) -> str:
    """The supplier's invoice of line 1 with freight and tax, in UBL."""
    names = "urn:oasis:names:specification:ubl:schema:xsd"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{names}:Invoice-2" xmlns:cac="{names}:CommonAggregateComponents-2"
         xmlns:cbc="{names}:CommonBasicComponents-2">
  <cbc:ID>I-{po_number}</cbc:ID>
  <cbc:IssueDate>2026-11-24</cbc:IssueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>{po_number}</cbc:ID></cac:OrderReference>
  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>true</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReasonCode>FC</cbc:AllowanceChargeReasonCode>
    <cbc:Amount currencyID="USD">5.00</cbc:Amount>
  </cac:AllowanceCharge>
  <cac:TaxTotal><cbc:TaxAmount currencyID="USD">1.75</cbc:TaxAmount></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="USD">30.00</cbc:LineExtensionAmount>
    <cbc:TaxInclusiveAmount currencyID="USD">36.75</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="USD">36.75</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="H87">60</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="USD">30.00</cbc:LineExtensionAmount>
    <cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>
    <cac:Item><cbc:Name>Resistor</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="USD">0.50</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>"""


def post(tallyman: Tallyman, source: str, body: str, **headers: str) -> httpx.Response:
    """Post what a sender says."""
    return tallyman.admin.http.post(f"/webhooks/{source}", content=body.encode(), headers=headers)


def settle(tallyman: Tallyman, source: str, state: str = "delivered") -> dict[str, Any]:
    """Wait until what a source said last is dealt with; returns its record."""
    (latest, *_) = tallyman.admin.listed(source=source, limit=1)
    return tallyman.admin.settled(latest, state)


def test_an_order_is_followed_from_its_confirmation_to_its_invoice(tallyman: Tallyman) -> None:
    """Confirmed in cXML, shipped in X12, delivered by UPS, invoiced in UBL: each for its line."""
    po_number, parcel = new_number("PO-"), new_number("1Z")
    known = order(lines=2, supplier="Millrace", currency="USD")
    first_line = lines_of(known)[:1]
    bearer = {"authorization": f"Bearer {SUPPLIER_SECRET}"}
    tallyman.admin.put(po_number, known)

    answer = post(tallyman, "millrace-cxml", confirmation(po_number))
    assert answer.status_code == 200
    assert 'code="200"' in answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    settle(tallyman, "millrace-cxml")
    post(tallyman, "millrace-x12", ship_notice(po_number, parcel), **bearer)
    noticed = settle(tallyman, "millrace-x12")
    post(tallyman, "ups", json.dumps(delivery(parcel)), credential=UPS_CREDENTIAL)
    settle(tallyman, "ups")
    post(tallyman, "millrace-ubl", invoice(po_number), **bearer)
    settle(tallyman, "millrace-ubl")

    said = [request["body"] for request in tallyman.sandbox.requests()]
    assert [body["event_type"] for body in said] == ["confirm", "shipped", "delivered", "invoiced"]
    assert all(body["purchase_lines"] == first_line for body in said)
    confirmed, shipped, delivered, invoiced = said
    assert (confirmed["quantity"], confirmed["expected_ship_by"]) == (60, "2026-11-24")
    assert (shipped["quantity"], shipped["mfg_lot"], shipped["coo"]) == (60, "K7M2", "JP")
    assert shipped["tracking_number"] == delivered["tracking_number"] == parcel
    amounts = ("line_total_paid", "shipping_paid", "sales_tax_paid")
    assert [invoiced[name] for name in amounts] == ["30.00", "5.00", "1.75"]
    assert sum(Decimal(invoiced[name]) for name in amounts) == Decimal("36.75")
    path = f"/v1/notifications/{noticed['id']}/acknowledgement"
    acknowledged = tallyman.admin.http.get(path)
    assert acknowledged.headers["content-type"].startswith("application/edi-x12")
    assert "AK9*A*1*1*1" in acknowledged.text


def test_a_notice_that_takes_a_line_back_waits_for_a_person(tallyman: Tallyman) -> None:
    """A replacing notice that no longer names a line is held, and nothing is told of it."""
    po_number, parcel = new_number("PO-"), new_number("1Z")
    bearer = {"authorization": f"Bearer {SUPPLIER_SECRET}"}
    tallyman.admin.put(po_number, order(lines=2, supplier="Millrace"))

    post(tallyman, "millrace-x12", ship_notice(po_number, parcel, lines=(1, 2)), **bearer)
    settle(tallyman, "millrace-x12")
    post(tallyman, "millrace-x12", ship_notice(po_number, parcel, purpose="05"), **bearer)
    record = settle(tallyman, "millrace-x12", "held")

    assert set(record["reasons"]) == {"duplicate_statement", "needs_person"}
    (held,) = record["decisions"]["held"]
    assert held["detail"].startswith(f"Line 2 of order {po_number}: ship notice SN-{po_number} ")
    assert len(tallyman.sandbox.requests()) == 2


def test_the_secret_of_a_document_is_kept_nowhere(tallyman: Tallyman) -> None:
    """The secret that a cXML document carries is in no record, and a wrong one is refused."""
    tallyman.admin.put("PO-5", order(lines=1))
    post(tallyman, "millrace-cxml", confirmation("PO-5"))
    record = settle(tallyman, "millrace-cxml")

    assert SUPPLIER_SECRET not in str(record)
    assert "OC-1" in record["raw"]
    forged = confirmation("PO-5").replace(SUPPLIER_SECRET, "another")
    refused = post(tallyman, "millrace-cxml", forged)
    assert refused.status_code == 200
    assert 'code="401"' in refused.text


def test_an_acknowledgement_is_for_those_who_may_see_it(tallyman: Tallyman) -> None:
    """Who posts events of its own sees no acknowledgement of others, and there is none of cXML."""
    tallyman.admin.put("PO-6", order(lines=1))
    post(tallyman, "millrace-cxml", confirmation("PO-6"))
    record = settle(tallyman, "millrace-cxml")
    path = f"/v1/notifications/{record['id']}/acknowledgement"

    assert tallyman.admin.http.get(path).status_code == 404
    assert tallyman.erp.http.get(path).status_code == 404
    assert tallyman.admin.http.get("/v1/notifications/none/acknowledgement").status_code == 404
