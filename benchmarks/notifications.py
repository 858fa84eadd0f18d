"""What is posted: EasyPost's tracker events of about 2 KB, signed, each of another parcel."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.notification import Notification
from purchasing.orders import Order, OrderLine
from purchasing.sources.easypost import SOURCE
from purchasing.trust import Trust

SECRET = "benchmark-secret"  # noqa: S105  # it guards nothing
PATH = "/webhooks/easypost"

_TRUST = Trust(settings=SourceSettings(format="easypost", secrets=(SECRET,)))

_ENCODER = msgspec.json.Encoder()


def tracking_number(parcel: int) -> str:
    """The number of a parcel."""
    return f"9405511899{parcel:012d}"


def body(parcel: int, *, mode: str = "production") -> bytes:
    """A parcel was picked up and left: about 2 KB, as EasyPost documents it."""
    number = tracking_number(parcel)
    return _ENCODER.encode(
        {
            "id": f"evt_{parcel:032x}",
            "object": "Event",
            "created_at": "2026-11-20T11:52:07Z",
            "updated_at": "2026-11-20T11:52:07Z",
            "description": "tracker.updated",
            "mode": mode,
            "previous_attributes": {"status": "pre_transit"},
            "pending_urls": [f"https://tallyman.example{PATH}"],
            "completed_urls": [],
            "user_id": "user_4c8e2a7b9f1d4e60a5b3c7d8e9f01234",
            "status": "pending",
            "result": {
                "id": f"trk_{parcel:032x}",
                "object": "Tracker",
                "mode": mode,
                "tracking_code": number,
                "status": "in_transit",
                "status_detail": "departed_facility",
                "created_at": "2026-11-19T14:03:44Z",
                "updated_at": "2026-11-20T11:52:06Z",
                "signed_by": None,
                "weight": 35.3,
                "est_delivery_date": "2026-11-23T00:00:00Z",
                "shipment_id": None,
                "carrier": "USPS",
                "tracking_details": list(_scans()),
                "carrier_detail": {
                    "object": "CarrierDetail",
                    "service": "GroundAdvantage",
                    "est_delivery_date_local": "2026-11-23",
                    "origin_location": "THIEF RIVER FALLS MN US",
                    "destination_location": "NEWARK NJ US",
                    "guaranteed_delivery_date": None,
                },
                "finalized": False,
                "is_return": False,
                "public_url": f"https://track.easypost.example/{number}",
            },
        }
    )


def _scans() -> Iterator[dict[str, object]]:
    for words, status, detail, at, city in (
        ("Shipping label created", "pre_transit", "label_created", "2026-11-19T14:01:00Z", None),
        (
            "Picked up by the carrier",
            "in_transit",
            "received_at_origin_facility",
            "2026-11-19T22:18:00Z",
            "THIEF RIVER FALLS",
        ),
        (
            "Departed the carrier's facility",
            "in_transit",
            "departed_facility",
            "2026-11-20T11:41:00Z",
            "GRAND FORKS",
        ),
    ):
        yield {
            "object": "TrackingDetail",
            "message": words,
            "description": words,
            "status": status,
            "status_detail": detail,
            "datetime": at,
            "source": "USPS",
            "tracking_location": {
                "object": "TrackingLocation",
                "city": city,
                "state": "MN",
                "country": "US",
                "zip": "56701",
            },
        }


def headers(posted: bytes, now: datetime) -> dict[str, str]:
    """The headers with which EasyPost posts a body: signed in both ways."""
    notification = Notification(
        id="", source="easypost", format="easypost", received_at=now, body=posted, path=PATH
    )
    return {
        "host": "tallyman.example",
        "user-agent": "EasyPost Webhook Agent",
        "accept": "*/*",
        "accept-encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "content-length": str(len(posted)),
        **SOURCE.sign(notification, _TRUST, now),
    }


def request(parcel: int, *, mode: str = "production") -> bytes:
    """A whole HTTP request."""
    posted = body(parcel, mode=mode)
    lines = "".join(
        f"{name}: {value}\r\n" for name, value in headers(posted, datetime.now(UTC)).items()
    )
    return f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + posted


def arrived(first: int, count: int) -> Iterator[Notification]:
    """Notifications as the service hands them on, made quickly: their signatures are alike."""
    now = datetime.now(UTC)
    mark = 987_654_321_012
    template = body(mark)
    signed = headers(template, now)
    for parcel in range(first, first + count):
        posted = template.replace(b"%032x" % mark, b"%032x" % parcel)
        yield Notification(
            id=f"{parcel:024x}",
            source="easypost",
            format="easypost",
            received_at=now,
            body=posted.replace(b"%012d" % mark, b"%012d" % parcel),
            headers=signed,
            path=PATH,
        )


def order(parcel: int) -> Order:
    """The order whose goods are in a parcel: each has one of its own."""
    return Order(
        po_number=f"PO-{parcel:08d}",
        purchase_order=uuid.UUID(int=(1 << 100) + parcel),
        supplier="Digi-Key",
        currency="USD",
        references=(f"SO-{parcel:08d}",),
        lines=tuple(
            OrderLine(
                purchase_line=uuid.UUID(int=(2 << 100) + 2 * parcel + number),
                line_number=str(number + 1),
                part_number=f"R-{parcel:06d}",
                manufacturer_part_number="RC0402FR-071KL",
                quantity=5000,
                tracking_numbers=(tracking_number(parcel),),
            )
            for number in range(2)
        ),
    )
