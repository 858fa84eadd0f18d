"""ShipEngine's codes one by one, its keys and signature, and what its notifications leave out."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import (
    MalformedError,
    UnauthenticatedError,
    UnknownKeyError,
    UnsupportedError,
)
from purchasing.handshakes import PublishesKeys
from purchasing.keysets import PublicKey, read_key_set
from purchasing.notification import Notification
from purchasing.sources import shipengine
from purchasing.sources.shipengine import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Finding, Meaning, TrackingUpdate
from tests.parcels import by_code, told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, decide, notification, secrets_for
from tests.samples import sample

# openapi.yaml of ShipEngine/shipengine-openapi (f77943e5); the meanings are the rows of the
# tracking rules.
STATUSES = by_code(
    {
        Meaning.NOT_FOUND: "UN NY",
        Meaning.MOVING: "AC IT",
        Meaning.DELIVERED: "DE",
        Meaning.DELAYED: "EX",
        Meaning.ATTEMPTED: "AT",
        Meaning.READY_FOR_PICKUP: "SP",
    }
)
# None: it says nothing beyond the status.
DETAILS = by_code(
    {
        Meaning.LABEL_CREATED: """
            SHIPMENT_CREATED AWAITING_PICKUP_DROP_OFF ELEC_ADVICE_RECD_BY_CARRIER
        """,
        Meaning.MOVING: """
            DROPPED_OFF PICKED_UP CUSTOMS_CLEARED CUSTOMS_PROCESSING HUB_SCAN_OUT
            HUB_SCAN_IN IN_TRANSIT RECEIVED_BY_CARRIER RECEIVED_LOCAL_DELIVERY_DEPOT
            SUB_CONTRACTOR_EVENT SUB_CONTRACTOR_RECEIVED HUB_PROCESSING
            DELIVERED_IN_PART RECD_BY_CARRIER_NO_ELEC_ADVICE
        """,
        Meaning.UNCHANGED: """
            DELIVERY_ARRANGED_WITH_RECIPIENT INFORMATION PARCEL_UPDATE_NOTIFICATION
            DELIVERY_SCHEDULED DELIVERY_RESCHEDULED COD_AMOUNT_PAID POST_TRANSIT_STATUS
        """,
        None: """
            CARRIER_STATUS_NOT_MAPPED PARCEL_OVER_LABELLED PARCEL_REDIRECTED
            PARCEL_REDIRECTED_BY_CARRIER
        """,
        Meaning.ATTEMPTED: """
            ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_FINAL CUSTOMER_CARDED
            COD_AMOUNT_NOT_PAID CUSTOMER_IDENTIFICATION_FAILED
            NO_ACCESS_TO_RECIPIENTS_ADDRESS REFUSED_BY_CUSTOMER
        """,
        Meaning.READY_FOR_PICKUP: """
            AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO
            CUSTOMER_TO_COLLECT_FROM_CARRIER DELIVERED_TO_PICKUP_POINT
            DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION
        """,
        Meaning.DELIVERED: """
            DELIVERED_TO_RECEPTION DELIVERED DELIVERED_DAMAGED
            DELIVERED_SPECIFIED_SAFE_PLACE DELIVERED_TO_NEIGHBOUR DELIVERED_TO_PO_BOX
            PARCEL_COLLECTED_FROM_PICKUP_POINT PROOF_OF_DELIVERY
        """,
        Meaning.DELAYED: """
            PICKUP_FAILED NOT_YET_RECEIVED_BY_CARRIER ADDRESS_QUERY CARRIER_DELAYS
            DELAYED_NOT_CARRIER HELD_BY_CARRIER
            HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING HELD_BY_CUSTOMS
            INCORRECT_DECLARATION MISROUTED PARCEL_REPACKED HAZARDOUS_PROHIBITED
            NOT_DELIVERED_ADDRESSEE_DECEASED PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY
            UNSPECIFIED_EXCEPTION DUTY_NOT_PAID
        """,
        Meaning.RETURNING: """
            CUSTOMER_MOVED NOT_COLLECTED_FROM_PICKUP_POINT NOT_DELIVERED
            RETURN_TO_SENDER UNDELIVERABLE_RETURNED_TO_SENDER
        """,
        Meaning.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
        Meaning.DAMAGED: "PARCEL_DAMAGED PARCEL_DISPOSED",
        Meaning.LOST: "PARCEL_LOST",
        Meaning.VOIDED: "CANCELLED",
        Meaning.NOT_FOUND: "TRACKING_EXPIRED",
    }
)
# docs.shipstation.com/openapi/labels/get_tracking_log_from_label (read 2026-11).
EARLIER = by_code(
    {
        Meaning.DELAYED: """
            COLLECTION_FAILED HELD_BY_EXPORT_CUSTOMS HELD_BY_IMPORT_CUSTOMS MISSORTED
            ROUTING_ERROR
        """,
        Meaning.LABEL_CREATED: "AWAITING_DESPATCH COLLECTION_REQUESTED AWAITING_ELECTRONIC_ADVICE",
        Meaning.MOVING: "DESPATCHED COLLECTION_MADE",
        Meaning.ATTEMPTED: """
            ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD INVALID_METHOD_OF_PAYMENT
        """,
        Meaning.VOIDED: "CANCELLED_BEFORE_DESPATCH",
        Meaning.UNCHANGED: """
            PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL PARCEL_UPDATE_NOTIFICATION_VIA_SMS
        """,
        Meaning.DELIVERED: "DELIVERED_TO_LOCKER_COLLECTION_POINT",
    }
)
ALL_DETAILS = DETAILS | EARLIER

NUMBER = "1Z58F03A0340079901"
BEGAN_AT = datetime(2026, 11, 19, 8, tzinfo=UTC)


def scan(
    status: str | None = None, detail: str | None = None, hour: int = 0, **more: Any
) -> dict[str, Any]:
    """A scan as ShipEngine lists it, at a place that is six hours behind UTC."""
    at = BEGAN_AT + timedelta(hours=hour)
    there = at - timedelta(hours=6)
    return {
        "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "carrier_occurred_at": f"{there:%Y-%m-%dT%H:%M:%S}",
        "status_code": status,
        "status_detail_code": detail,
    } | more


def event(
    *scans: dict[str, Any], url: object = None, kind: str = "API_TRACK", **data: Any
) -> bytes:
    """A tracking event, newest scan first, which says what that scan says unless told otherwise."""
    newest = scans[0] if scans else {}
    tracking = {
        "tracking_number": NUMBER,
        "carrier_code": "ups",
        "status_code": newest.get("status_code"),
        "status_detail_code": newest.get("status_detail_code"),
        "events": list(scans),
    } | data
    return json.dumps({"resource_url": url, "resource_type": kind, "data": tracking}).encode()


def tracking(body: bytes) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, notification("shipengine", body))


def meaning_of(status: str | None, detail: str | None) -> Meaning | None:
    """What a pair of codes means, as what is the case and in the history alike."""
    update = tracking(event(scan(status, detail)))
    assert update.history[0].meaning is update.current.meaning
    return update.current.meaning


def test_there_are_eight_statuses_and_seventy_five_details() -> None:
    """The source knows as many codes as ShipEngine documents."""
    assert (len(STATUSES), len(DETAILS), len(EARLIER)) == (8, 75, 17)
    assert not DETAILS.keys() & EARLIER.keys()
    assert DETAILS.keys() == shipengine._DETAILS.keys()
    assert EARLIER.keys() == shipengine._EARLIER_DETAILS.keys()


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_a_status_has_its_meaning(status: str, meaning: Meaning) -> None:
    """Every documented status means what its row of the rules says, in small letters too."""
    assert meaning_of(status, None) is meaning
    assert meaning_of(status, "") is meaning
    assert meaning_of(status.lower(), None) is meaning


@pytest.mark.parametrize("status", ["AC", "IT"])
@pytest.mark.parametrize(("detail", "meaning"), ALL_DETAILS.items())
def test_a_detail_refines_movement(status: str, detail: str, meaning: Meaning | None) -> None:
    """Beside a status of movement every detail counts, but a delivery contradicts it."""
    expected = None if meaning is Meaning.DELIVERED else meaning or Meaning.MOVING

    assert meaning_of(status, detail) is expected


@pytest.mark.parametrize("status", ["UN", "EX", "AT", "NY"])
@pytest.mark.parametrize(("detail", "meaning"), ALL_DETAILS.items())
def test_words_do_not_cover_a_status(status: str, detail: str, meaning: Meaning | None) -> None:
    """Beside another status, a detail that says nothing of the parcel leaves it as it is."""
    expected: Meaning | None = meaning
    if meaning in (None, Meaning.UNCHANGED):
        expected = STATUSES[status]
    if meaning is Meaning.DELIVERED:
        expected = None

    assert meaning_of(status, detail) is expected


@pytest.mark.parametrize(("detail", "meaning"), ALL_DETAILS.items())
def test_a_delivery_is_refined_by_where_it_ended(detail: str, meaning: Meaning | None) -> None:
    """Beside DE, a detail may name another end; whatever else denies the delivery is held."""
    expected: Meaning | None = None
    if meaning in (None, Meaning.UNCHANGED, Meaning.DELIVERED):
        expected = Meaning.DELIVERED
    elif meaning in (Meaning.READY_FOR_PICKUP, Meaning.RETURNING):
        expected = meaning
    elif detail == "DELIVERED_IN_PART":
        expected = Meaning.MOVING

    assert meaning_of("DE", detail) is expected


@pytest.mark.parametrize(("detail", "meaning"), ALL_DETAILS.items())
def test_a_collection_location_is_not_the_buyer(detail: str, meaning: Meaning | None) -> None:
    """Beside SP, only a parcel that was collected is in the buyer's hands."""
    expected = meaning
    if meaning in (None, Meaning.UNCHANGED, Meaning.DELIVERED):
        expected = Meaning.READY_FOR_PICKUP
    if detail == "PARCEL_COLLECTED_FROM_PICKUP_POINT":
        expected = Meaning.DELIVERED

    assert meaning_of("SP", detail) is expected


@pytest.mark.parametrize(("detail", "meaning"), ALL_DETAILS.items())
def test_a_detail_may_stand_alone(detail: str, meaning: Meaning | None) -> None:
    """Without a status, a detail means what it says."""
    assert meaning_of(None, detail) is meaning
    assert meaning_of("", detail) is meaning


@pytest.mark.parametrize("status", ["XX", "DELIVERED", "D E", "\u017fP", "0", "it_"])
def test_an_unknown_status_has_no_meaning(status: str) -> None:
    """A status that is not in the table has no meaning, whatever its detail."""
    assert meaning_of(status, None) is None
    assert meaning_of(status, "DELIVERED") is None


@pytest.mark.parametrize("status", [None, *STATUSES])
@pytest.mark.parametrize("detail", ["delivered", "STOLEN", "DE", "DELIVERED."])
def test_an_unknown_detail_has_no_meaning(status: str | None, detail: str) -> None:
    """A detail that is not in the table leaves the whole scan without a meaning."""
    assert meaning_of(status, detail) is None


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [("de", "DELIVERED", "DE/DELIVERED"), ("IT", None, "IT"), (None, "IN_TRANSIT", "IN_TRANSIT")],
)
def test_a_code_names_both(status: str | None, detail: str | None, code: str) -> None:
    """A scan is called by its status and its detail, as far as they are given."""
    assert tracking(event(scan(status, detail))).current.code == code


# Scans, and which of them says what is the case


def test_the_history_begins_with_the_oldest_scan() -> None:
    """ShipEngine lists the newest scan first, and a history is told from its beginning."""
    update = tracking(
        event(scan("DE", hour=9), scan("IT", "OUT_FOR_DELIVERY", hour=5), scan("AC", hour=1))
    )

    assert [it.meaning for it in update.history] == [
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.DELIVERED,
    ]


def test_times_that_run_backwards_turn_the_list() -> None:
    """A list whose times say that the oldest scan comes first is read from its other end."""
    update = tracking(event(scan("AC", hour=1), scan("DE", hour=9), status_code="DE"))

    assert [it.code for it in update.history] == ["AC", "DE"]


@pytest.mark.parametrize("hour", [3, 4])
def test_equal_times_keep_the_order(hour: int) -> None:
    """Scans of one minute, or of which one has no time, stay as they are listed."""
    update = tracking(
        event(
            scan("IT", "HUB_SCAN_OUT", hour=hour),
            scan("IT", "HUB_SCAN_IN", occurred_at=None, carrier_occurred_at=None),
            scan("AC", hour=3),
        )
    )

    assert [it.code for it in update.history] == ["AC", "IT/HUB_SCAN_IN", "IT/HUB_SCAN_OUT"]


def test_the_newest_scan_has_the_status_of_the_parcel() -> None:
    """Of scans without codes, the newest is what the status is about; older ones say nothing."""
    update = tracking(
        event(
            scan(None, None, hour=9, event_code="03"),
            scan("", None, hour=5, event_code="10"),
            status_code="DE",
            status_detail_code="DELIVERED",
        )
    )

    assert [(it.meaning, it.code) for it in update.history] == [
        (None, "10"),
        (Meaning.DELIVERED, "DE/DELIVERED"),
    ]
    assert update.current == update.history[-1]


def test_a_state_is_dated_by_the_newest_scan_that_says_so() -> None:
    """What was told after the scan that a state rests on does not date the state."""
    update = tracking(
        event(
            scan("IT", "INFORMATION", hour=9),
            scan("IT", "HUB_SCAN_IN", hour=5, description="Arrived"),
            scan("IT", "HUB_SCAN_OUT", hour=1),
            status_detail_code="IN_TRANSIT",
        )
    )

    assert update.current.at == BEGAN_AT + timedelta(hours=5)
    assert (update.current.code, update.current.words) == ("IT/IN_TRANSIT", "Arrived")


def test_a_delivery_is_dated_by_its_first_scan() -> None:
    """A proof of delivery that follows hours later is not when the parcel was delivered."""
    update = tracking(
        event(
            scan("DE", "PROOF_OF_DELIVERY", hour=9, signer="R. LINDGREN"),
            scan("DE", "POST_TRANSIT_STATUS", hour=8),
            scan("DE", "DELIVERED", hour=5, signer=""),
            scan("EX", "CARRIER_DELAYS", hour=4),
            scan("DE", "DELIVERED", hour=1, signer="AN EARLIER PARCEL"),
        )
    )

    assert update.current.at == BEGAN_AT + timedelta(hours=5)
    assert update.signed_by == "R. LINDGREN"


def test_an_unknown_state_is_dated_by_the_newest_scan() -> None:
    """What nobody understands is shown with the newest scan there is, and without any."""
    newest = scan("IT", hour=9)

    update = tracking(event(newest, scan(None, None, hour=1), status_code="ZZ"))
    bare = tracking(event(status_code="ZZ"))

    assert (update.current.code, update.current.at) == ("ZZ", BEGAN_AT + timedelta(hours=9))
    assert (bare.current.code, bare.current.at) == ("ZZ", None)


@pytest.mark.parametrize(
    ("status", "when", "at", "local_time"),
    [
        ("DE", "2026-11-19T08:00:00Z", BEGAN_AT, ""),
        ("DE", "2026-11-19T08:00:00", None, "2026-11-19T08:00:00"),
        ("DE", None, None, ""),
        ("SP", "2026-11-19T08:00:00Z", None, ""),
        ("EX", "2026-11-19T08:00:00Z", None, ""),
    ],
)
def test_a_delivery_without_a_scan_has_its_own_date(
    status: str, when: str | None, at: datetime | None, local_time: str
) -> None:
    """A delivery that no scan shows is dated by its own field, and nothing else is."""
    current = tracking(event(status_code=status, actual_delivery_date=when)).current

    assert (current.at, current.local_time) == (at, local_time)


def test_a_state_that_no_scan_shows_is_not_dated() -> None:
    """A state that none of the scans speaks of is given no scan's time or place."""
    current = tracking(
        event(scan("AC", city_locality="Fargo"), status_code="EX", status_description="Exception")
    ).current

    assert (current.at, current.place, current.words) == (None, "", "Exception")


@pytest.mark.parametrize(
    ("status", "exception", "words"),
    [("EX", "Snow", "Snow"), ("EX", "", "Late"), ("EX", None, "Late"), ("IT", "Snow", "Late")],
)
def test_an_exception_is_explained(status: str, exception: str | None, words: str) -> None:
    """An exception is told in the words that explain it, and any other state in the scan's."""
    body = event(scan(status, description="Late"), exception_description=exception)

    assert tracking(body).current.words == words


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"description": " At the hub ", "status_description": "In Transit"}, "At the hub"),
        ({"description": "", "status_description": "In Transit"}, "In Transit"),
        ({"description": 5}, "5"),
        ({"description": ["x"]}, "Carrier's words"),
    ],
)
def test_a_scan_is_told_in_its_own_words(more: dict[str, Any], words: str) -> None:
    """The words are the scan's, or those of the parcel where the scan has none."""
    body = event(scan("IT", **more), carrier_status_description="Carrier's words")

    assert tracking(body).current.words == words


# Times, dates, names


@pytest.mark.parametrize(
    ("stamp", "there", "at", "local_time"),
    [
        ("2026-11-19T08:00:00Z", "2026-11-19T02:00:00", BEGAN_AT, ""),
        ("2026-11-19T08:00:00.000Z", None, BEGAN_AT, ""),
        ("2026-11-19T08:00:00Z", "", BEGAN_AT, ""),
        ("2026-11-19T08:00:00Z", "morning", BEGAN_AT, ""),
        ("2026-11-19T08:00:00Z", "2026-11-19T08:00:00", None, "2026-11-19 08:00:00"),
        ("2026-11-19T08:00:00.000Z", "2026-11-19T08:00:00Z", None, "2026-11-19 08:00:00"),
        ("2026-11-19T02:00:00-06:00", "2026-11-19T02:00:00", BEGAN_AT, ""),
        ("2026-11-19T08:00:00", None, None, "2026-11-19T08:00:00"),
        ("2026-11-19T08:00:00", "2026-11-19T02:00:00", None, "2026-11-19 02:00:00"),
        (None, "2026-11-19T02:00:00", None, "2026-11-19 02:00:00"),
        ("9999-12-31T23:00:00-05:00", None, None, "9999-12-31T23:00:00-05:00"),
        ("yesterday", None, None, "yesterday"),
        (None, None, None, ""),
    ],
)
def test_a_time_is_an_instant_only_with_its_zone(
    stamp: str | None, there: str | None, at: datetime | None, local_time: str
) -> None:
    """A Z is believed unless the clock of the place is said to show the very same."""
    body = event(scan("IT", occurred_at=stamp, carrier_occurred_at=there))
    current = tracking(body).current

    assert (current.at, current.local_time) == (at, local_time)


@pytest.mark.parametrize(
    ("data", "shipped", "estimated"),
    [
        ({"ship_date": "2026-11-18T16:30:00"}, date(2026, 11, 18), None),
        ({"ship_date": "", "shipped_date": "2026-11-18T06:00:00.000Z"}, date(2026, 11, 18), None),
        ({"estimated_delivery_date": "2026-11-24T00:00:00"}, None, date(2026, 11, 24)),
        ({"estimated_delivery_date": "2026-11-24T23:59:00Z"}, None, date(2026, 11, 24)),
        ({"estimated_delivery_date": "soon", "ship_date": "2026-02-30"}, None, None),
    ],
)
def test_dates_are_those_that_are_written(
    data: dict[str, Any], shipped: date | None, estimated: date | None
) -> None:
    """A date is read as it is written, with or without a Z; what is no date is none."""
    update = tracking(event(scan("IT"), **data))

    assert (update.shipped_on, update.estimated_delivery) == (shipped, estimated)


ASKED = "https://api.shipengine.com/v1/tracking"


@pytest.mark.parametrize(
    ("token", "url", "carrier"),
    [
        ("ups", None, "UPS"),
        ("usps", f"{ASKED}?carrier_code=fedex&tracking_number=1", "USPS"),
        ("dhl_express_uk", None, "dhl_express_uk"),
        (None, f"{ASKED}?carrier_code=fedex&tracking_number=1", "FedEx"),
        ("", f"{ASKED}?tracking_number=1&carrier_code=royal_mail", "Royal Mail"),
        (None, f"{ASKED}/stamps_com/9400", "Stamps.com"),
        (None, f"{ASKED}/some%20carrier/9400?x=1", "some carrier"),
        (None, f"{ASKED}?tracking_number=1", ""),
        (None, "https://api.shipstation.com/v2/labels/se-1/track", ""),
        (None, "carrier_code=ups", ""),
        (None, 5, ""),
        (None, None, ""),
        (3, None, "3"),
    ],
)
def test_the_carrier_is_found_where_it_stands(token: object, url: object, carrier: str) -> None:
    """Where the body does not name the carrier, the address that it names may."""
    assert tracking(event(scan("IT"), url=url, carrier_code=token)).carrier == carrier


@pytest.mark.parametrize(
    ("url", "shipment"),
    [
        ("https://api.shipstation.com/v2/labels/se-1234567/track", "se-1234567"),
        ("https://api.shipengine.com/v1/labels/se-1234567/track?x=1", "se-1234567"),
        ("https://api.shipengine.com/v1/labels/se-1234567", ""),
        (f"{ASKED}?carrier_code=ups", ""),
        (None, ""),
    ],
)
def test_the_label_is_the_shipment(url: str | None, shipment: str) -> None:
    """A parcel whose label ShipEngine made is known by the label's id."""
    assert tracking(event(scan("IT"), url=url)).shipment == shipment


def test_only_who_signed_for_the_delivery_signed() -> None:
    """A signer at another scan, such as the driver who collected it, did not receive the parcel."""
    moving = tracking(event(scan("IT", signer="DRIVER 12")))
    delivered = tracking(
        event(scan("DE", hour=9, signer=" "), scan("AC", "PICKED_UP", signer="DRIVER 12"))
    )

    assert moving.signed_by == delivered.signed_by == ""


def test_a_number_may_be_a_number() -> None:
    """A tracking number that comes without quotation marks is the same one."""
    assert tracking(event(scan("IT"), tracking_number=770099123456)).tracking_number == (
        "770099123456"
    )


@pytest.mark.parametrize("number", ["", " \t", None, 1.5, True, ["1Z"], {}])
def test_without_a_number_it_is_malformed(number: object) -> None:
    """A tracking event that names no parcel is held until a person looks."""
    with pytest.raises(MalformedError):
        tracking(event(scan("IT"), tracking_number=number))


@pytest.mark.parametrize("status", [None, "", " ", [], {}, 1.5, True])
def test_without_a_status_it_is_malformed(status: object) -> None:
    """A tracking event that does not say what is the case is held until a person looks."""
    with pytest.raises(MalformedError, match="no status_code"):
        tracking(event(scan("IT"), status_code=status))


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": []}, {"data": "1Z"}, {"data": 5}])
def test_without_data_it_is_malformed(data: dict[str, Any]) -> None:
    """A tracking event that only names an address to be asked is held."""
    body = json.dumps({"resource_url": ASKED, "resource_type": "TRACK_EVENT_V2"} | data).encode()

    with pytest.raises(MalformedError):
        SOURCE.read(notification("shipengine", body))


@pytest.mark.parametrize("kind", ["API_TRACK", "TRACK_EVENT_V2"])
def test_both_names_of_the_kind_are_read(kind: str) -> None:
    """ShipEngine and ShipStation API call the same thing by two names."""
    assert tracking(event(scan("DE"), kind=kind)).current.meaning is Meaning.DELIVERED


@pytest.mark.parametrize(
    "kind",
    [
        "API_BATCH",
        "API_RATE",
        "API_CARRIER_CONNECTED",
        "API_REPORT_COMPLETE",
        "API_ORDER_SOURCE_REFRESH_COMPLETE",
        "API_SALES_ORDERS_IMPORTED",
        "BATCH_PROCESSED_V2",
        "LABEL_CREATED_V2",
        "SHIPMENT_CREATED_V2",
        "FULFILLMENT_SHIPPED_V2",
        "api_track",
        "",
    ],
)
def test_other_kinds_cause_nothing(kind: str) -> None:
    """A notification of another kind is not looked into, whatever it brings along."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(notification("shipengine", event(scan("DE"), kind=kind)))

    assert refused.value.reason == "unsupported_kind"
    assert kind in refused.value.detail


def test_a_damaged_delivery_deserves_a_look() -> None:
    """A parcel that arrived damaged is delivered, and somebody is told; on the way back not."""
    finding = Finding("damaged", f"{NUMBER} was delivered with visible damage.")

    def attention(status: str) -> tuple[Finding, ...]:
        posted = notification("shipengine", event(scan(status, "DELIVERED_DAMAGED")))
        return SOURCE.read(posted).attention

    assert attention("DE") == (finding,)
    assert attention("SP") == attention("EX") == ()


# Several notifications of one parcel


def told(*notifications: bytes) -> list[list[str]]:
    """What Cofactr is told of one parcel by each of several notifications, in their order."""
    results = told_in_turn(map(tracking, notifications), allowed=frozenset({EventType.RETURN}))
    return [types(it) + [finding.reason for finding in (*it.held, *it.ignored)] for it in results]


LABEL = scan("NY", "SHIPMENT_CREATED")
PICKED_UP = scan("AC", "PICKED_UP", hour=2)
IN_PART = scan("DE", "DELIVERED_IN_PART", hour=20)
AT_THE_COUNTER = scan("SP", "DELIVERED_TO_PICKUP_POINT", hour=20)
COLLECTED = scan("SP", "PARCEL_COLLECTED_FROM_PICKUP_POINT", hour=30)
DELIVERED = scan("DE", "DELIVERED", hour=24)
PROOF = scan("DE", "PROOF_OF_DELIVERY", hour=26)


def test_a_proof_after_the_delivery_says_nothing_new() -> None:
    """The proof of a delivery that was told is ignored, and so is whatever is added later."""
    extra = scan("DE", "POST_TRANSIT_STATUS", hour=30)

    assert told(
        event(LABEL),
        event(PICKED_UP, LABEL),
        event(DELIVERED, PICKED_UP, LABEL),
        event(PROOF, DELIVERED, PICKED_UP, LABEL),
        event(extra, PROOF, DELIVERED, PICKED_UP, LABEL),
    ) == [["track"], ["shipped"], ["delivered"], ["no_change"], ["no_change"]]


def test_a_part_is_not_the_whole() -> None:
    """A delivery in part is movement, and the delivery of the rest is the delivery."""
    assert told(
        event(IN_PART, PICKED_UP),
        event(DELIVERED, IN_PART, PICKED_UP),
    ) == [["shipped"], ["delivered"]]


def test_a_counter_is_not_the_buyer() -> None:
    """A parcel at a pickup point is delivered only when it is collected there."""
    assert told(
        event(AT_THE_COUNTER, PICKED_UP),
        event(COLLECTED, AT_THE_COUNTER, PICKED_UP),
    ) == [["shipped", "track"], ["delivered"]]


def test_what_went_back_is_not_delivered() -> None:
    """A parcel that is handed to its sender again is a return, and a delivery after it is held."""
    back = scan("DE", "UNDELIVERABLE_RETURNED_TO_SENDER", hour=30)

    assert told(
        event(PICKED_UP),
        event(back, PICKED_UP),
        event(scan("DE", "DELIVERED", hour=40), back, PICKED_UP),
    ) == [["shipped"], ["return"], ["conflict"]]


def test_a_late_notification_changes_nothing() -> None:
    """A notification that was overtaken by a later one takes nothing back."""
    assert told(
        event(DELIVERED, PICKED_UP),
        event(PICKED_UP, LABEL),
    ) == [["shipped", "delivered"], ["superseded"]]


def test_scans_without_codes_are_told_once() -> None:
    """Older bodies, whose scans have no codes, are followed from one notification to the next."""
    first = scan(None, None, hour=1, description="Accepted")
    second = scan(None, None, hour=5, description="On the road")
    third = scan(None, None, hour=9, description="Handed over")

    assert told(
        event(first, status_code="IT"),
        event(second, first, status_code="IT"),
        event(third, second, first, status_code="DE"),
        event(second, first, status_code="IT"),
    ) == [["shipped"], ["no_change"], ["delivered"], ["superseded"]]


def test_a_long_history_is_read_whole() -> None:
    """A parcel with a thousand scans is told like any other, and loses none of them."""
    scans = [scan("IT", "HUB_SCAN_IN", hour=-hour) for hour in range(1, 1001)]
    body = event(scan("DE"), *scans)

    assert len(tracking(body).history) == 1001
    assert len(decide(SOURCE, notification("shipengine", body)).commands) == 2


# Delivery keys


def test_a_repetition_has_the_same_key() -> None:
    """The same bytes have one key, whatever headers they come with."""
    body = event(scan("IT"))
    again = notification("shipengine", body, {"x-shipengine-timestamp": "2026-11-20T19:00:00Z"})

    assert SOURCE.delivery_key(again) == SOURCE.delivery_key(notification("shipengine", body))


def test_another_statement_has_another_key() -> None:
    """Two notifications that differ in a date alone are two, as they say two things."""
    dates = ("2026-11-24T00:00:00", "2026-11-25T00:00:00")
    keys = {
        SOURCE.delivery_key(
            notification("shipengine", event(scan("IT"), estimated_delivery_date=it))
        )
        for it in dates
    }

    assert len(keys) == 2


def test_the_answer_is_200() -> None:
    """A notification that is kept is answered with 200."""
    answer = SOURCE.answer(notification("shipengine", b"{}"), Receipt("n-1"))

    assert (answer.status, answer.body) == (200, b'{"id":"n-1","duplicate":false}')


# The keys and the signature, computed here as the documentation says, and not by `sign`.

PEMS = secrets_for(SOURCE)
STAMP = "2026-11-20T18:00:00Z"
BODY = event(scan("IT"))
KID = "a-key-of-shipengine"


def private(pem: str) -> RSAPrivateKey:
    """The private key of a PEM."""
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


KEYS = [private(pem) for pem in PEMS]


def public_pem(key: RSAPrivateKey) -> str:
    """The public half of a key, as a PEM."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def in_base64url(number: int) -> str:
    """A number as a JWK writes it."""
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def thumbprint(key: RSAPrivateKey) -> str:
    """The JWK thumbprint of a key, RFC 7638 section 3."""
    numbers = key.public_key().public_numbers()
    members = {"e": in_base64url(numbers.e), "kty": "RSA", "n": in_base64url(numbers.n)}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def signed(
    key: RSAPrivateKey = KEYS[0], kid: str = KID, stamp: str = STAMP, body: bytes = BODY
) -> dict[str, str]:
    """The headers of a notification."""
    raw = key.sign(stamp.encode() + b"." + body, PKCS1v15(), SHA256())
    return {
        "x-shipengine-rsa-sha256-key-id": kid,
        "x-shipengine-rsa-sha256-signature": base64.b64encode(raw).decode(),
        "x-shipengine-timestamp": stamp,
    }


def trusting(*secrets: str, keys: Mapping[str, PublicKey] | None = None) -> Trust:
    """What a source with some secrets and some published keys trusts."""
    settings = SourceSettings(format="shipengine", secrets=secrets)
    return Trust(settings=settings, keys=keys or {})


PUBLISHED = trusting(keys={KID: KEYS[0].public_key(), "older": KEYS[1].public_key()})


def posted(headers: dict[str, str], body: bytes = BODY) -> Notification:
    """A notification with its headers."""
    return notification("shipengine", body, headers)


def test_the_keys_are_published() -> None:
    """The service is told where ShipEngine publishes its keys."""
    assert isinstance(SOURCE, PublishesKeys)
    assert SOURCE.keys_url == "https://api.shipengine.com/jwks"


def test_a_published_key_opens() -> None:
    """What is signed with a key that ShipEngine publishes is accepted, without any secret."""
    for key, kid in ((KEYS[0], KID), (KEYS[1], "older")):
        SOURCE.authenticate(posted(signed(key, kid)), PUBLISHED, RECEIVED_AT)


def test_a_key_of_a_fetched_set_opens() -> None:
    """A set of keys as it is published, read by the service, verifies what its key signed."""
    numbers = KEYS[0].public_key().public_numbers()
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID}
    jwk |= {"n": in_base64url(numbers.n), "e": in_base64url(numbers.e)}
    keys = read_key_set(json.dumps({"keys": [jwk]}).encode())

    SOURCE.authenticate(posted(signed()), trusting(keys=keys), RECEIVED_AT)


MISSING = r"the x-shipengine-[a-z0-9-]+ header is missing"
WRONG = "the signature does not match the body"


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, MISSING),
        (signed() | {"x-shipengine-timestamp": ""}, MISSING),
        (signed() | {"x-shipengine-rsa-sha256-key-id": ""}, MISSING),
        (signed() | {"x-shipengine-rsa-sha256-signature": ""}, MISSING),
        (signed(stamp="2026-11-20T17:54:59Z"), "more than 300 s away"),
        (signed(stamp="2026-11-20T18:05:01Z"), "more than 300 s away"),
        (signed(stamp="noon"), "the time stamp header cannot be read"),
        (signed(KEYS[1]), WRONG),
        (signed(body=BODY + b" "), WRONG),
        (signed() | {"x-shipengine-timestamp": "2026-11-20T18:00:01Z"}, WRONG),
        (signed() | {"x-shipengine-timestamp": "2026-11-20T18:00:00+00:00"}, WRONG),
        (signed() | {"x-shipengine-rsa-sha256-signature": "bm8="}, WRONG),
        (signed() | {"x-shipengine-rsa-sha256-key-id": "older"}, WRONG),
    ],
)
def test_what_is_not_proven_is_refused(headers: dict[str, str], sentence: str) -> None:
    """Each thing that can be wrong with a proof is refused with its own sentence."""
    with pytest.raises(UnauthenticatedError, match=sentence) as refused:
        SOURCE.authenticate(posted(headers), PUBLISHED, RECEIVED_AT)

    assert not isinstance(refused.value, UnknownKeyError)


@pytest.mark.parametrize(
    "stamp", ["2026-11-20T17:55:01Z", "2026-11-20T18:04:59.1234567Z", "2026-11-20T13:00:00-05:00"]
)
def test_a_time_within_the_window_is_accepted(stamp: str) -> None:
    """Five minutes on either side are near enough, in any way that ISO 8601 writes a time."""
    SOURCE.authenticate(posted(signed(stamp=stamp)), PUBLISHED, RECEIVED_AT)


def test_a_key_that_is_not_known_is_asked_for() -> None:
    """A key that neither ShipEngine's set nor a secret has makes the service fetch the set."""
    for trust in (PUBLISHED, trusting(), trusting(PEMS[1])):
        with pytest.raises(UnknownKeyError, match="a key that is not known"):
            SOURCE.authenticate(posted(signed(kid="a-new-one")), trust, RECEIVED_AT)


def test_a_stale_notification_asks_for_no_key() -> None:
    """An old notification is refused before anybody looks for its key."""
    headers = signed(kid="a-new-one", stamp="2026-11-19T18:00:00Z")

    with pytest.raises(UnauthenticatedError) as refused:
        SOURCE.authenticate(posted(headers), PUBLISHED, RECEIVED_AT)

    assert not isinstance(refused.value, UnknownKeyError)


@pytest.mark.parametrize("secret", [PEMS[0], public_pem(KEYS[0])], ids=["private", "public"])
def test_a_secret_verifies_what_names_its_thumbprint(secret: str) -> None:
    """A key in PEM, either half of it, is known by its thumbprint and by no other name."""
    trust = trusting("no key", secret, PEMS[3])

    SOURCE.authenticate(posted(signed(kid=thumbprint(KEYS[0]))), trust, RECEIVED_AT)
    with pytest.raises(UnknownKeyError):
        SOURCE.authenticate(posted(signed(kid=KID)), trust, RECEIVED_AT)
    with pytest.raises(UnauthenticatedError, match=WRONG):
        SOURCE.authenticate(posted(signed(kid=thumbprint(KEYS[3]))), trust, RECEIVED_AT)


def test_a_published_key_goes_before_a_secret() -> None:
    """A secret takes no name away from a key that is published."""
    name = thumbprint(KEYS[0])
    trust = trusting(PEMS[0], keys={name: KEYS[1].public_key()})

    SOURCE.authenticate(posted(signed(KEYS[1], name)), trust, RECEIVED_AT)
    with pytest.raises(UnauthenticatedError, match=WRONG):
        SOURCE.authenticate(posted(signed(KEYS[0], name)), trust, RECEIVED_AT)


def useless_secrets() -> dict[str, str]:
    """What somebody may take for a key of this format."""
    curve = generate_curve(SECP256R1())
    locked = BestAvailableEncryption(b"password")
    return {
        "text": "secret",
        "surrogate": "\ud800",
        "cut": PEMS[0][:300],
        "cut public": public_pem(KEYS[0])[:200],
        "locked": KEYS[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode(),
        "curve": curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public curve": curve.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }


USELESS = useless_secrets()


@pytest.mark.parametrize("secret", USELESS.values(), ids=USELESS)
def test_what_is_no_key_verifies_and_signs_nothing(secret: str) -> None:
    """A secret that is no RSA key is passed over, and leaves a trial unsigned."""
    trust = trusting(secret)

    with pytest.raises(UnknownKeyError):
        SOURCE.authenticate(posted(signed(kid=thumbprint(KEYS[0]))), trust, RECEIVED_AT)
    assert SOURCE.sign(posted({}), trust, RECEIVED_AT) == {"content-type": "application/json"}


def test_a_public_key_does_not_sign() -> None:
    """With a public key alone a trial stays unsigned, as nobody could sign it."""
    headers = SOURCE.sign(posted({}), trusting(public_pem(KEYS[0])), RECEIVED_AT)

    assert headers == {"content-type": "application/json"}


def test_a_trial_is_signed_as_shipengine_signs() -> None:
    """A private key signs the time in UTC and the body, under its thumbprint."""
    headers = SOURCE.sign(posted({}), trusting(*PEMS), RECEIVED_AT)

    assert headers == signed(kid=thumbprint(KEYS[0])) | {"content-type": "application/json"}


def test_keys_in_the_older_form_are_read() -> None:
    """A private key may be written in the form that names RSA as well."""
    older = (
        KEYS[0]
        .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
    )

    assert SOURCE.sign(posted({}), trusting(older), RECEIVED_AT) == SOURCE.sign(
        posted({}), trusting(PEMS[0]), RECEIVED_AT
    )


def test_a_thumbprint_is_that_of_its_standard() -> None:
    """The id of a key without one is computed as RFC 7638 says, for any exponent."""
    key = generate_private_key(3, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    headers = SOURCE.sign(posted({}), trusting(pem), RECEIVED_AT)

    assert headers["x-shipengine-rsa-sha256-key-id"] == thumbprint(key)
    assert len(thumbprint(key)) == 43


# A published example


def test_a_published_example_is_read() -> None:
    """An example of a setup guide, whose times and place were edited by its author, is read."""
    update = tracking(sample("carriers/shipengine/api_track_in_transit.json"))

    assert update.tracking_number == "1Z9634841399247181"
    assert update.carrier == "UPS"
    assert update.shipped_on == date(2025, 10, 22)
    assert update.estimated_delivery == date(2025, 10, 23)
    assert update.signed_by == ""
    assert msgspec.structs.asdict(update.current) == {
        "meaning": Meaning.MOVING,
        "code": "IT",
        "words": "In Transit",
        "place": "Oakland, CA, US",
        "at": datetime(2025, 10, 22, 20, tzinfo=UTC),
        "local_time": "",
    }
    assert update.history == (update.current,)
