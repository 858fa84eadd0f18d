"""Two senders tell of one parcel, and Cofactr hears each thing once."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.talking import FEDEX_TOKEN, Tallyman, new_number, order, parcel

BEGAN_AT = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=6)

# What happened to the parcel, as each of the two words it, an hour apart.
JOURNEY = (
    ("PU", "Picked up", "in_transit"),
    ("DP", "Left FedEx origin facility", "in_transit"),
    ("OD", "On FedEx vehicle for delivery", "out_for_delivery"),
    ("DL", "Delivered", "delivered"),
)


def fedex(number: str, scans: int) -> bytes:
    """FedEx's own word on the parcel after so many scans, with all of them, newest first."""
    events = [
        {
            "date": (BEGAN_AT + timedelta(hours=hour)).isoformat(),
            "eventType": code,
            "eventDescription": words,
            "scanLocation": {"city": "AUSTIN", "stateOrProvinceCode": "TX", "countryCode": "US"},
        }
        for hour, (code, words, _) in enumerate(JOURNEY[:scans])
    ]
    code, words, _ = JOURNEY[scans - 1]
    result: dict[str, Any] = {
        "trackingNumberInfo": {"trackingNumber": number, "carrierCode": "FDXE"},
        "latestStatusDetail": {"code": code, "description": words},
        "scanEvents": events[::-1],
    }
    complete = {"trackingNumber": number, "trackResults": [result]}
    return json.dumps({"output": {"completeTrackResults": [complete]}}).encode()


def by_fedex(tallyman: Tallyman, number: str, scans: int) -> str:
    """Post FedEx's word; returns the notification's id."""
    body = fedex(number, scans)
    digest = hmac.new(FEDEX_TOKEN.encode(), body, hashlib.sha256).digest()
    headers = {"fdx-signature": base64.b64encode(digest).decode()}
    answer = tallyman.admin.http.post("/webhooks/fedex", content=body, headers=headers)
    assert answer.status_code in (200, 202)
    notification: str = answer.json()["id"]
    return notification


def by_easypost(tallyman: Tallyman, number: str, scans: int) -> str:
    """Post EasyPost's word on the same scans; returns the notification's id."""
    body = json.loads(parcel(number, *(status for _, _, status in JOURNEY[:scans])))
    for hour, detail in enumerate(body["result"]["tracking_details"]):
        at = BEGAN_AT + timedelta(hours=hour)
        # EasyPost is a minute behind, as senders at second hand are.
        detail["datetime"] = (at + timedelta(minutes=1)).isoformat()
    return tallyman.admin.notified(json.dumps(body).encode())


def settle(tallyman: Tallyman, notification: str) -> None:
    """Wait until a notification is dealt with, one way or another."""
    record = tallyman.admin.record(notification)
    while record["state"] == "queued":
        record = tallyman.admin.record(notification)
    assert record["state"] in ("delivered", "ignored"), record["decisions"]


@pytest.mark.parametrize("first", [by_fedex, by_easypost])
def test_each_thing_is_said_once_whoever_says_it_first(tallyman: Tallyman, first: Any) -> None:
    """A carrier and an aggregator that tell of the same parcel cause each event once."""
    number = new_number("77")
    tallyman.admin.put("PO-7", order(number))
    second = by_easypost if first is by_fedex else by_fedex

    for scans in range(1, len(JOURNEY) + 1):
        settle(tallyman, first(tallyman, number, scans))
        settle(tallyman, second(tallyman, number, scans))

    said = [request["body"]["event_type"] for request in tallyman.sandbox.requests()]
    assert said == ["shipped", "track", "delivered"]


@pytest.mark.parametrize("turns", sorted(set(permutations("ffee"))), ids="".join)
def test_nothing_is_said_twice_in_any_order_of_the_two(
    tallyman: Tallyman, turns: tuple[str, ...]
) -> None:
    """However the two alternate, and though each skips some of the scans, nothing comes twice."""
    number = new_number("77")
    tallyman.admin.put("PO-7", order(number))
    told = {"f": iter((1, 4)), "e": iter((2, 4))}
    tell = {"f": by_fedex, "e": by_easypost}

    for turn in turns:
        settle(tallyman, tell[turn](tallyman, number, next(told[turn])))

    said = [request["body"]["event_type"] for request in tallyman.sandbox.requests()]
    assert said == ["shipped", "delivered"]
