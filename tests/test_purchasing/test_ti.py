"""Texas Instruments: two sets of names, goods at any depth, and dates that are yet to come."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.configuration import SourceSettings
from purchasing.documents import OrderConfirmation, Promise, ShipNotice
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.handshakes import Refuses
from purchasing.sources.ti import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Reading
from tests.reading import RECEIVED_AT, notification
from tests.samples import sample
from tests.understanding import NOW

SECRET = "shown-to-us-by-ti"


def read(body: object, received_at: datetime = RECEIVED_AT) -> Reading:
    """What a push means."""
    posted = notification("ti", json.dumps(body).encode())
    return SOURCE.read(msgspec.structs.replace(posted, received_at=received_at))


def push(*inside: dict[str, Any], **shipment: Any) -> dict[str, Any]:
    """A ship notice with something in its one shipment."""
    consolidated = {"shippingDate": "2026-11-20", "bookingOrderDetails": list(inside)} | shipment
    return {
        "customerPurchaseOrderNumber": "PO-7",
        "wayBillNumber": "0431",
        "data": {"consolidatedInformation": [consolidated]},
    }


def is_proven(headers: dict[str, str], header: str | None = None) -> bool:
    """Whether headers prove a push to a source with one secret."""
    settings = SourceSettings(format="ti", secrets=("older", SECRET), header=header)
    try:
        SOURCE.authenticate(notification("ti", b"{}", headers), Trust(settings=settings), NOW)
    except UnauthenticatedError:
        return False
    return True


def basic(credentials: str) -> str:
    """An Authorization header of HTTP Basic."""
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"


def test_the_secret_is_shown_in_one_of_three_ways() -> None:
    """A token in a header, the password of HTTP Basic and a bearer token are accepted."""
    assert is_proven({"x-api-key": SECRET})
    assert is_proven({"authorization": basic(f"tallyman:{SECRET}")})
    assert is_proven({"authorization": f"Bearer {SECRET}"})
    assert not is_proven({"x-api-key": "wrong"})
    assert not is_proven({"x-api-key": ""})
    assert not is_proven({"authorization": basic("tallyman:wrong")})
    assert not is_proven({})


def test_the_header_may_have_another_name() -> None:
    """The token is looked for in the header that was agreed with TI, and in no other."""
    assert is_proven({"x-from-ti": SECRET}, "X-From-TI")
    assert not is_proven({"x-api-key": SECRET}, "X-From-TI")
    assert is_proven({"authorization": f"Bearer {SECRET}"}, "X-From-TI")


def test_ti_is_answered_with_the_status_that_it_looks_for() -> None:
    """What is kept is accepted with 200, and what is not proven is rejected with 401."""
    posted = notification("ti", b"{}")
    accepted = SOURCE.answer(posted, Receipt("n-1"))
    assert isinstance(SOURCE, Refuses)
    refused = SOURCE.refusal(posted)

    assert (accepted.status, json.loads(accepted.body)) == (
        200,
        {"status": "accepted", "id": "n-1"},
    )
    assert (refused.status, json.loads(refused.body)) == (401, {"status": "rejected"})


@given(days=st.integers(-400, 400), hours=st.integers(0, 23))
def test_goods_have_left_only_once_their_day_has_come(days: int, hours: int) -> None:
    """A shipping date after the day of receipt is a plan; one of that day or before is shipped."""
    received_at = datetime(2026, 11, 20, hours, 59, tzinfo=UTC)
    leaves = date(2026, 11, 20) + timedelta(days=days)

    reading = read(push({"tiPartNumber": "LM358DR"}, shippingDate=str(leaves)), received_at)
    (update,) = reading.updates

    if days > 0:
        assert isinstance(update, OrderConfirmation)
        assert (update.promise, update.expected_ship_by) == (Promise.PLANNED, leaves)
    else:
        assert isinstance(update, ShipNotice)
        assert update.shipped_on == leaves


def test_lots_that_are_yet_to_leave_are_one_promise() -> None:
    """What is planned is confirmed in pieces; once it has left, each lot is told by itself."""
    lots = [{"tiPartNumber": "LM358DR", "batchNumber": it, "quantity": "20"} for it in ("A", "B")]

    (planned,) = read(push(*lots, shippingDate="2026-11-25")).updates
    shipped = read(push(*lots, shippingDate="2026-11-19")).updates

    assert isinstance(planned, OrderConfirmation)
    assert planned.quantity == 40
    assert [(it.mfg_lot, it.quantity) for it in shipped if isinstance(it, ShipNotice)] == [
        ("A", Decimal(20)),
        ("B", Decimal(20)),
    ]


def test_a_lot_goes_by_its_own_date() -> None:
    """Where a lot has a date of its own, it counts, and not that of the shipment."""
    item = {"tiPartNumber": "LM358DR", "SupplierShipDate": "2026-11-24"}

    (update,) = read(push(item)).updates

    assert isinstance(update, OrderConfirmation)
    assert update.expected_ship_by == date(2026, 11, 24)


@given(names=st.lists(st.sampled_from(("bookingOrderDetails", "PackageDetails", "x")), max_size=8))
def test_goods_are_found_at_any_depth(names: list[str]) -> None:
    """However deep a lot lies, it has the part and the numbers of what it lies in."""
    inside: dict[str, Any] = {"batchNumber": "5129004PHI", "quantity": "900"}
    for name in names:
        inside = {name: [inside]}
    outer = {
        "tiPartNumber": "LM358DR",
        "carrierShipmentBoxTrackingNumber": "BOX-2",
        "lots": inside,
    }

    reading = read(push(outer, carrierShipmentMasterTrackingNumber="0077"))
    (update,) = reading.updates

    assert isinstance(update, ShipNotice)
    assert update.item.manufacturer_part_number == "LM358DR"
    assert (update.mfg_lot, str(update.quantity)) == ("5129004PHI", "900")
    assert update.tracking_numbers == ("0077", "BOX-2")


def test_the_first_of_two_names_counts() -> None:
    """A value that comes under its published and its other name is the one that is not empty."""
    item = {
        "tiPartNumber": "",
        "SupplierTiPartNumber": "LM358DR",
        "shipmentTiPartNumber": "OPA2134",
    }

    (update,) = read(push(item)).updates

    assert isinstance(update, ShipNotice)
    assert update.item.manufacturer_part_number == "LM358DR"


def test_goods_that_lie_too_deep_are_held() -> None:
    """A shipment that is nested beyond reason is held, and not walked to its end."""
    inside: dict[str, Any] = {"tiPartNumber": "LM358DR"}
    for _ in range(15):
        inside = {"inside": inside}

    reading = read(push(inside))

    assert [finding.reason for finding in reading.held] == ["malformed"]
    assert "nested too deeply" in reading.held[0].detail


def test_a_shipment_of_too_many_parts_is_held() -> None:
    """A shipment is read up to 2000 parts."""
    reading = read(push(*({"tiPartNumber": "LM358DR"},) * 2001))

    assert not reading.updates
    assert "more than 2000 parts" in reading.held[0].detail


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("0499123456", "0499123456"),
        ("499123456", "0499123456"),
        (499123457, "0499123457"),
        ("WB-7", "WB-7"),
    ],
)
def test_a_waybill_is_the_same_with_and_without_its_zero(written: object, read_as: str) -> None:
    """TI writes a waybill with its leading zero and without; both are one business number."""
    body = push({"tiPartNumber": "LM358DR"}) | {"wayBillNumber": written}

    (update,) = read(body).updates

    assert isinstance(update, ShipNotice)
    assert update.document.number == read_as


def test_the_waybill_may_stand_in_its_list_alone() -> None:
    """Without a waybill at the top, the first of the shipment's list is the number."""
    body = push(
        {"tiPartNumber": "LM358DR"},
        SupplierWayBillNumberList=[{"SupplierWayBillIdentifier": "0426990017"}],
    )
    del body["wayBillNumber"]

    (update,) = read(body).updates

    assert isinstance(update, ShipNotice)
    assert update.document.number == "0426990017"


def test_a_reference_that_is_too_long_holds_its_part_alone() -> None:
    """An over-long reference is held where it stands, and refuses the push where all have it."""
    long = "9" * 256
    shipment = read(push({"tiPartNumber": long}))
    lot = read(push({"tiPartNumber": "LM358DR", "batchNumber": "B1", "quantity": long}))
    order = read({"orders": [{"orderNumber": long}]})
    line = read({"orders": [{"orderNumber": "T1", "lineItems": [{"tiPartNumber": long}]}]})

    for reading in (shipment, lot, order, line):
        assert [finding.reason for finding in reading.held] == ["malformed"]
    with pytest.raises(MalformedError, match="TI's push cannot be read"):
        read(push() | {"customerPurchaseOrderNumber": long})


def test_an_order_may_stand_alone() -> None:
    """An order that is not in a list is read in the same way, by either of its numbers."""
    part = {"scheduledQuantity": "10", "estimatedShipDate": "2026-12-01"}
    line = {"tiPartNumber": "LM358DR", "schedules": [{"confirmations": [part]}]}

    reading = read({"customerPurchaseOrderNumber": "PO-7", "lineItems": [line, {}]})

    assert [type(update) for update in reading.updates] == [OrderConfirmation]
    assert [(it.reason, it.detail) for it in reading.held] == [
        ("needs_person", "Line 2 of TI's order PO-7 names no part and no line.")
    ]


def test_a_schedule_that_says_nothing_is_held() -> None:
    """A confirmation without a quantity and a date is none, and neither is what is no object."""
    for part in ({"scheduledQuantity": ""}, None, "soon"):
        line = {"tiPartNumber": "LM358DR", "schedules": [{"confirmations": [part]}]}

        reading = read({"orders": [{"orderNumber": "T1", "lineItems": [line, 7]}]})

        assert [it.reason for it in reading.held] == ["malformed", "needs_person"]


def test_an_order_without_lines_is_held() -> None:
    """An order that lists no lines confirms nothing that could be told."""
    assert [it.reason for it in read({"orders": [{"orderNumber": "T1"}]}).held] == ["malformed"]


def test_what_ti_publishes_for_trials_is_ignored() -> None:
    """The order, the waybill and the financial document of TI's test endpoints are no news."""
    for body in (
        push({"tiPartNumber": "LM358DR"}) | {"wayBillNumber": "499999999"},
        {"orders": [{"orderNumber": "T10999999", "lineItems": [{"tiPartNumber": "LM358DR"}]}]},
        {"financialDocumentNumber": "5999999999"},
    ):
        assert [finding.reason for finding in read(body).ignored] == ["test_mode"]


def test_a_financial_document_names_what_a_person_needs() -> None:
    """A bill is held with its number and its order, and without guessing at its amounts."""
    (held,) = read({"financialDocumentNumber": "5910044821", "Amount": "7.00"}).held

    assert held.reason == "needs_person"
    assert "5910044821 (order: not named)" in held.detail


def test_the_published_header_is_held_for_want_of_parts() -> None:
    """What a customer showed of a push names a waybill and no part: it may be any line."""
    body = sample("suppliers/ti/asn-push-v1-header-excerpt.json")

    reading = SOURCE.read(notification("ti", body))

    assert [(it.reason, it.detail) for it in reading.held] == [
        ("needs_person", "TI's shipment 0426440132 names no part that can be told.")
    ]


def test_the_published_lot_is_read_once_it_lies_in_a_part() -> None:
    """The lot that a customer showed, put into the header that he showed, under a part."""
    body = json.loads(sample("suppliers/ti/asn-push-v1-header-excerpt.json"))
    lot = json.loads(sample("suppliers/ti/asn-push-v1-batch-excerpt.json"))
    (shipment,) = body["Data"]["ConsolidatedInformation"]
    shipment["BookingOrderDetails"] = [{"TiPartNumber": "LM358DR", "Batches": [lot]}]

    (update,) = read(body).updates

    assert isinstance(update, ShipNotice)
    assert update.document.number == "0426440132"
    assert update.tracking_numbers == ("30000001983162",)
    assert update.carrier == "EXPEDITORS PHILIPPINES INC"
    assert (update.shipped_on, update.estimated_delivery) == (date(2024, 6, 22), date(2024, 6, 27))
    assert (str(update.quantity), update.coo, update.mfg_lot) == ("900", "US", "4217286PHI")
