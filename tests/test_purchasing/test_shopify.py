"""Shopify: what is signed, what has left, and which parcel a status is about."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.documents import Purpose, ShipNotice
from purchasing.errors import MalformedError
from purchasing.sources.shopify import SOURCE
from purchasing.updates import Meaning, Reading, TrackingUpdate
from tests.reading import notification
from tests.samples import sample
from tests.understanding import is_authentic, signed

NAME = "x-shopify-hmac-sha256"

SHIPMENTS = {
    "carrier_picked_up": Meaning.MOVING,
    "in_transit": Meaning.MOVING,
    "out_for_delivery": Meaning.OUT_FOR_DELIVERY,
    "ready_for_pickup": Meaning.READY_FOR_PICKUP,
    "attempted_delivery": Meaning.ATTEMPTED,
    "delayed": Meaning.DELAYED,
    "delivered": Meaning.DELIVERED,
    "picked_up": Meaning.DELIVERED,
    "failure": Meaning.NOT_FOUND,
}


def fulfillment(**changed: Any) -> dict[str, Any]:
    """A fulfillment that has left in one parcel."""
    return {
        "name": "#88-EU.2",
        "status": "success",
        "created_at": "2026-11-20T10:00:00+01:00",
        "updated_at": "2026-11-20T12:00:00+01:00",
        "tracking_numbers": ["00340434161094015902"],
        "tracking_company": "DHL",
        "line_items": [{"sku": "311-1.00KLRCT-ND", "quantity": 100}],
    } | changed


def read(body: object) -> Reading:
    """What a posting means."""
    return SOURCE.read(notification("shopify", json.dumps(body).encode()))


def test_the_header_has_two_names() -> None:
    """The signature is accepted under the old and the new name; where both are, both must hold."""
    posted = signed(SOURCE, b"{}")
    right = posted.headers[NAME]

    def with_headers(**headers: str) -> bool:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return is_authentic(SOURCE, msgspec.structs.replace(posted, headers=names))

    assert with_headers(shopify_hmac_sha256=right)
    assert with_headers(shopify_hmac_sha256=right, x_shopify_hmac_sha256=right)
    assert not with_headers(shopify_hmac_sha256=right, x_shopify_hmac_sha256="wrong")
    assert not with_headers(shopify_hmac_sha256="wrong", x_shopify_hmac_sha256=right)
    assert not with_headers()


def test_the_signature_is_base64() -> None:
    """The signature is the one that any other implementation of HMAC-SHA256 computes."""
    header = {NAME: "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="}

    assert is_authentic(SOURCE, notification("shopify", b'{"id":1}', header), "hush")


@given(identity=st.text(max_size=40))
def test_unsigned_headers_do_not_tell_deliveries_apart(identity: str) -> None:
    """A captured body is the same delivery whatever identity its headers claim."""
    plain = notification("shopify", b'{"id":1}')
    claimed = notification(
        "shopify", b'{"id":1}', {"x-shopify-event-id": identity, "x-shopify-webhook-id": identity}
    )

    assert SOURCE.delivery_key(claimed) == SOURCE.delivery_key(plain)


def test_unsigned_topics_do_not_tell_what_is_posted() -> None:
    """A fulfillment is one whatever the topic in the headers claims."""
    body = json.dumps(fulfillment()).encode()

    claimed = SOURCE.read(notification("shopify", body, {"x-shopify-topic": "orders/cancelled"}))

    assert claimed == SOURCE.read(notification("shopify", body))


def test_the_answer_is_200() -> None:
    """Shopify wants 200, not any other success."""
    assert SOURCE.answer(notification("shopify", b"{}"), Receipt("n-1")).status == 200


@pytest.mark.parametrize("status", ["pending", "open", "error", "failure"])
def test_only_success_is_a_shipment(status: str) -> None:
    """A fulfillment that waits or failed has not left."""
    reading = read(fulfillment(status=status))

    assert not reading.updates
    assert [finding.reason for finding in reading.ignored] == ["not_a_shipment"]


@pytest.mark.parametrize("shipment", ["label_printed", "label_purchased", "confirmed"])
def test_a_label_is_no_shipment(shipment: str) -> None:
    """A label, or a carrier that waits for the parcel, moves nothing."""
    reading = read(fulfillment(shipment_status=shipment))

    assert not reading.updates
    assert [finding.reason for finding in reading.ignored] == ["not_a_shipment"]


@pytest.mark.parametrize(("shipment", "meaning"), SHIPMENTS.items())
def test_the_status_of_one_parcel_is_that_of_its_number(shipment: str, meaning: Meaning) -> None:
    """With one tracking number, the shipment's status is a scan of that parcel."""
    notice, tracking = read(fulfillment(shipment_status=shipment)).updates

    assert isinstance(notice, ShipNotice)
    assert isinstance(tracking, TrackingUpdate)
    assert (tracking.current.meaning, tracking.current.code) == (meaning, shipment)
    assert tracking.tracking_number == "00340434161094015902"


def test_the_order_is_named_by_the_fulfillment() -> None:
    """What stands before the last dot of a fulfillment's name is the name of the order."""
    (notice,) = read(fulfillment()).updates

    assert isinstance(notice, ShipNotice)
    assert notice.item.supplier_reference == "#88-EU"
    assert notice.document.number == "#88-EU.2"
    assert notice.purpose is Purpose.REPLACES


def test_a_time_without_a_zone_is_not_said() -> None:
    """A time of which the zone is unknown says nothing of how old the news is."""
    notice, tracking = read(
        fulfillment(updated_at="2026-11-20T12:00:00", shipment_status="in_transit")
    ).updates

    assert isinstance(notice, ShipNotice)
    assert isinstance(tracking, TrackingUpdate)
    assert notice.document.said_at is None
    assert (tracking.current.at, tracking.current.local_time) == (None, "2026-11-20T12:00:00")


@pytest.mark.parametrize(
    "name", ["po_number", "PO Number", "Purchase Order", "purchase-order-number"]
)
def test_the_buyers_number_may_stand_in_the_notes(name: str) -> None:
    """A shop that has no field for the buyer's number puts it into the order's attributes."""
    order = {
        "order_number": 88,
        "name": "#88",
        "note_attributes": [{"name": "colour", "value": "red"}, {"name": name, "value": "PO-9"}],
        "fulfillments": [fulfillment()],
    }

    (notice,) = read(order).updates

    assert isinstance(notice, ShipNotice)
    assert notice.item.po_number == "PO-9"


def test_texts_that_are_too_long_hold_what_they_stand_in() -> None:
    """An over-long text holds the line, the fulfillment or the order that it stands in."""
    long = "x" * 256
    line = read(fulfillment(line_items=[{"sku": long, "quantity": 1}, {"sku": "A", "quantity": 1}]))
    whole = read(fulfillment(name=long))

    assert (len(line.updates), [it.reason for it in line.held]) == (1, ["malformed"])
    assert [it.reason for it in whole.held] == ["malformed"]
    with pytest.raises(MalformedError, match="Shopify's order cannot be read"):
        read({"order_number": 88, "name": long})


def test_no_line_item_is_lost() -> None:
    """A line item that is no object is held like one that has no SKU."""
    reading = read(fulfillment(line_items=["LM358DR", {"sku": "LM358DR", "quantity": 1}]))

    assert len(reading.updates) == 1
    assert [it.reason for it in reading.held] == ["needs_person"]


def test_a_cancelled_order_has_to_be_named() -> None:
    """A cancelled order without a name or number could be any."""
    order = {"order_number": 88, "cancelled_at": "2026-11-20T12:00:00Z"}

    assert [it.reason for it in read(order).held] == ["malformed"]
    assert [it.reason for it in read(order | {"name": "#88"}).held] == []


def test_tracking_numbers_that_are_no_list_are_none() -> None:
    """A fulfillment whose tracking numbers are missing is shipped without any."""
    (notice,) = read(fulfillment(tracking_numbers=None, shipment_status="delivered")).updates

    assert isinstance(notice, ShipNotice)
    assert notice.tracking_numbers == ()


def test_the_published_fulfillment_is_a_test() -> None:
    """The fulfillment of Shopify's own library is marked as a test, pending, by no real carrier."""
    reading = SOURCE.read(notification("shopify", sample("suppliers/shopify/fulfillment.json")))

    assert not reading.updates
    assert [finding.reason for finding in reading.ignored] == ["test_mode"]
