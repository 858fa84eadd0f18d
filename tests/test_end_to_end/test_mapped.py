"""A supplier whose documents nobody has a module for, from its signed posting to Cofactr."""

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.talking import ACME_SECRET, Tallyman, accepted, lines_of, new_number, order

FREIGHT = str(uuid4())


def post(tallyman: Tallyman, document: dict[str, Any], **headers: str) -> httpx.Response:
    """Post a document as Acme does: with the hash in a header of its own."""
    body = json.dumps(document).encode()
    digest = hmac.new(ACME_SECRET.encode(), body, hashlib.sha256).hexdigest()
    signed = {"x-acme-signature": f"sha256={digest}"} | headers
    return tallyman.admin.http.post("/webhooks/acme", content=body, headers=signed)


def invoice(po_number: str, **more: Any) -> dict[str, Any]:
    """An invoice of three lines with freight, tax and a rebate in its header: 120.07 in all."""
    return {
        "type": "invoice",
        "id": new_number("INV"),
        "order": po_number,
        "currency": "USD",
        "lines": [
            {"line": "1", "amount": "33.33", "pieces": 100},
            {"line": "2", "amount": "33.33", "pieces": 7},
            {"line": "3", "amount": "33.34", "pieces": 1},
        ],
        "freight": "9.99",
        "vat": "20.08",
        "rebate": "10.00",
        "total": "120.07",
    } | more


def sent(tallyman: Tallyman, count: int) -> list[dict[str, Any]]:
    """What Cofactr was told, once it was told so many things."""
    return [request["body"] for request in tallyman.sandbox.received(count)]


def amounts(bodies: list[dict[str, Any]]) -> Decimal:
    """The sum of all amounts of some events."""
    names = (
        "line_total_paid",
        "sales_tax_paid",
        "shipping_paid",
        "duties_paid",
        "other_total_paid",
    )
    return sum((Decimal(body.get(name, "0")) for body in bodies for name in names), Decimal(0))


def test_the_events_of_an_invoice_sum_to_its_total(tallyman: Tallyman) -> None:
    """Three lines, freight, tax and a discount are told to the cent, and to nothing beyond."""
    po_number = new_number("PO-")
    known = order(lines=3, currency="USD")
    tallyman.admin.put(po_number, known)

    notification = accepted(post(tallyman, invoice(po_number)))
    bodies = sent(tallyman, 3)
    tallyman.admin.settled(notification, "delivered")

    assert {body["event_type"] for body in bodies} == {"invoiced"}
    assert [body["purchase_lines"] for body in bodies] == [[line] for line in lines_of(known)]
    assert amounts(bodies) == Decimal("120.07")
    assert {body["cofactr_invoice_amount"] for body in bodies} == {"120.07"}
    assert sum(Decimal(body["shipping_paid"]) for body in bodies) == Decimal("9.99")
    assert sum(Decimal(body["sales_tax_paid"]) for body in bodies) == Decimal("20.08")
    assert sum(Decimal(body["line_total_paid"]) for body in bodies) == Decimal("90.00")
    assert [body["quantity"] for body in bodies] == [100, 7, 1]


def test_freight_goes_to_the_line_that_is_there_for_it(tallyman: Tallyman) -> None:
    """With a NoPart line for freight, one PATCH sets it, and no event carries any of it."""
    po_number = new_number("PO-")
    no_part = {"id": FREIGHT, "charge": "shipping", "description": "Freight"}
    known = order(lines=3, currency="USD", no_part_lines=[no_part])
    tallyman.admin.put(po_number, known)

    tallyman.admin.settled(accepted(post(tallyman, invoice(po_number))), "delivered")
    requests = tallyman.sandbox.received(4)

    (patch,) = [request for request in requests if request["method"] == "PATCH"]
    bodies = [request["body"] for request in requests if request["method"] == "POST"]
    assert patch["path"] == f"/v1/purchase_orders/{known['purchase_order']}/no_part_lines/"
    assert patch["body"]["id"] == FREIGHT
    assert patch["body"]["line_total"] == "9.99"
    assert not any("shipping_paid" in body for body in bodies)
    assert amounts(bodies) + Decimal("9.99") == Decimal("120.07")


def test_a_second_invoice_adds_to_the_line_of_the_freight(tallyman: Tallyman) -> None:
    """A NoPart line is set to the sum over all invoices of its order."""
    po_number = new_number("PO-")
    no_part = {"id": FREIGHT, "charge": "shipping", "description": "Freight"}
    tallyman.admin.put(po_number, order(lines=3, currency="USD", no_part_lines=[no_part]))

    for _ in range(2):
        tallyman.admin.settled(accepted(post(tallyman, invoice(po_number))), "delivered")

    patches = [
        request["body"]["line_total"]
        for request in tallyman.sandbox.received(8)
        if request["method"] == "PATCH"
    ]
    assert patches == ["9.99", "19.98"]


def with_freight(tallyman: Tallyman) -> str:
    """The number of an order that has a line for freight."""
    po_number = new_number("PO-")
    no_part = {"id": FREIGHT, "charge": "shipping", "description": "Freight"}
    tallyman.admin.put(po_number, order(lines=3, currency="USD", no_part_lines=[no_part]))
    return po_number


def freight(tallyman: Tallyman) -> list[str]:
    """What the line for freight was set to, again and again."""
    requests = tallyman.sandbox.requests()
    return [it["body"]["line_total"] for it in requests if it["method"] == "PATCH"]


def test_a_replay_sets_no_line_back(tallyman: Tallyman) -> None:
    """A dead PATCH that is replayed after a later one is not sent: the later one has its sum."""
    po_number = with_freight(tallyman)
    tallyman.sandbox.fail({"status": 404, "match": {"method": "PATCH"}})
    first = accepted(post(tallyman, invoice(po_number)))
    tallyman.admin.settled(first, "dead")
    tallyman.admin.settled(accepted(post(tallyman, invoice(po_number))), "delivered")

    assert tallyman.admin.http.post(f"/v1/notifications/{first}/replay", json={}).is_success

    record = tallyman.admin.settled(first, "delivered")
    assert freight(tallyman) == ["9.99", "19.98"]
    assert "superseded" in [line["step"] for line in record["timeline"]]


def test_an_invoice_of_which_nothing_was_sent_does_not_count(tallyman: Tallyman) -> None:
    """Once it is discarded it is in no sum, and its supplier may send it again."""
    po_number = with_freight(tallyman)
    document = invoice(po_number)
    tallyman.sandbox.fail({"status": 400, "times": 4})
    first = accepted(post(tallyman, document))
    tallyman.admin.settled(first, "dead")
    reason = {"reason": "not known at Cofactr"}
    assert tallyman.admin.http.post(f"/v1/notifications/{first}/discard", json=reason).is_success
    tallyman.sandbox.forget()

    tallyman.admin.settled(accepted(post(tallyman, invoice(po_number))), "delivered")
    again = accepted(post(tallyman, document | {"sent": "again"}))
    tallyman.admin.settled(again, "delivered")

    assert freight(tallyman) == ["9.99", "19.98"]
    assert len(tallyman.sandbox.requests()) == 8


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"total": "120.08"}, "does_not_add_up"), ({"currency": "EUR"}, "wrong_currency")],
)
def test_money_that_is_wrong_is_held_whole(
    tallyman: Tallyman, more: dict[str, str], reason: str
) -> None:
    """An invoice that does not add up, or is in another currency, tells Cofactr nothing."""
    po_number = new_number("PO-")
    tallyman.admin.put(po_number, order(lines=3, currency="USD"))

    record = tallyman.admin.settled(accepted(post(tallyman, invoice(po_number, **more))), "held")

    assert record["reasons"] == [reason]
    assert tallyman.sandbox.requests() == []


def test_the_same_invoice_again_is_told_once(tallyman: Tallyman) -> None:
    """An invoice that comes again in another document is ignored, naming the first."""
    po_number = new_number("PO-")
    tallyman.admin.put(po_number, order(lines=3, currency="USD"))
    document = invoice(po_number)
    first = accepted(post(tallyman, document))
    tallyman.admin.settled(first, "delivered")

    again = accepted(post(tallyman, document | {"sent": "again"}))
    record = tallyman.admin.settled(again, "ignored")

    assert record["reasons"] == ["duplicate_statement"]
    assert first in record["decisions"]["ignored"][0]["detail"]
    assert len(tallyman.sandbox.requests()) == 3


def test_a_new_supplier_needs_no_line_of_code(tallyman: Tallyman) -> None:
    """A supplier that is only configured confirms and ships, and its parcel is known by then."""
    po_number, parcel = new_number("PO-"), new_number("AC")
    known = order(lines=2)
    tallyman.admin.put(po_number, known)
    confirmation = {
        "type": "confirmation",
        "id": "C-1",
        "order": po_number,
        "lines": [{"line": "1", "answer": "YES", "pieces": 60, "leaves": "2026-12-01"}],
    }
    notice = {
        "type": "despatch",
        "id": "D-1",
        "order": po_number,
        "parcel": parcel,
        "lines": [{"line": "1", "pieces": 60, "lot": "L-77", "code": "2633", "origin": "TW"}],
    }

    for document in (confirmation, notice):
        tallyman.admin.settled(accepted(post(tallyman, document)), "delivered")

    confirmed, shipped = sent(tallyman, 2)
    assert (confirmed["event_type"], shipped["event_type"]) == ("confirm", "shipped")
    assert confirmed["expected_ship_by"] == "2026-12-01"
    assert {name: shipped[name] for name in ("quantity", "tracking_number", "mfg_lot", "coo")} == {
        "quantity": 60,
        "tracking_number": parcel,
        "mfg_lot": "L-77",
        "coo": "TW",
    }
    (numbers, *_) = [
        line.get("tracking_numbers")
        for line in tallyman.admin.http.get(f"/v1/orders/{po_number}").json()["lines"]
    ]
    assert numbers == [parcel]


def test_a_wrong_hash_is_refused(tallyman: Tallyman) -> None:
    """What is not signed as agreed is answered 401."""
    answer = post(tallyman, {"type": "invoice"}, **{"x-acme-signature": "sha256=00"})

    assert answer.status_code == 401
