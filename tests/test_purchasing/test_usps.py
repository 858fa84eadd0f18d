"""USPS's codes one by one, its signature over a part of the body, and its two clocks."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.notification import Notification
from purchasing.shipments import Shipment
from purchasing.sources import usps
from purchasing.sources.usps import SOURCE
from purchasing.tracking import Told
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, Reading, TrackingUpdate
from tests.parcels import by_code, told_of, tracking_in, types
from tests.reading import RECEIVED_AT, notification
from tests.samples import sample

# Codes.pm of marlencrabapple/USPS-WebTools-Tracking (49), and the codes of the Tracking v3 sample
# and of app.theneo.io/ehub (10); the meanings are the rows of the tracking rules.
MEANINGS = by_code(
    {
        Meaning.LABEL_CREATED: "83 89 GX MA",
        Meaning.MOVING: "03 06 07 10 19 41 42 80 81 82 A1 AD EF OA PA PC SF T1 TL TM UA",
        Meaning.OUT_FOR_DELIVERY: "OF",
        Meaning.READY_FOR_PICKUP: "14 16",
        Meaning.ATTEMPTED: "02 04 30 51 52 53 54 55 56",
        Meaning.DELAYED: "05 08 11 15 DX",
        Meaning.DELIVERED: "01 17 43",
        Meaning.RETURNING: "09 21 22 23 24 25 26 27 28 29 31 44",
        Meaning.UNCHANGED: "71 GC",
    }
)
CATEGORIES = {
    "Pre-Shipment": Meaning.LABEL_CREATED,
    "Accepted": Meaning.MOVING,
    "In Transit": Meaning.MOVING,
    "Out for Delivery": Meaning.OUT_FOR_DELIVERY,
    "Available for Pickup": Meaning.READY_FOR_PICKUP,
    "Delivery Attempt": Meaning.ATTEMPTED,
    "Alert": Meaning.DELAYED,
    "Delivered": Meaning.DELIVERED,
}

NUMBER = "9405511899223197499001"
BEGAN_AT = datetime(2026, 11, 19, 8, tzinfo=UTC)


def event(code: object, hour: int = 0, **more: Any) -> dict[str, Any]:
    """A scan as USPS lists it, five hours behind GMT."""
    at = BEGAN_AT + timedelta(hours=hour)
    return {
        "eventCode": code,
        "eventTimestamp": f"{at - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}",
        "GMTTimestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "GMTOffset": "-05:00",
    } | more


def tracked(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body with these scans, newest first."""
    return {"trackingNumber": NUMBER, "trackingEvents": list(events)} | more


def envelope(content: object, **more: Any) -> bytes:
    """A notification around some content, or around a text as it is."""
    payload = content if isinstance(content, str) else json.dumps(content)
    whole = {"subscriptionId": "s-1", "timestamp": "2026-11-20T18:00:00Z", "payload": payload}
    return json.dumps(whole | more).encode()


def reading(content: object) -> Reading:
    """What a content says."""
    return SOURCE.read(notification("usps", envelope(content)))


def tracking(content: object) -> TrackingUpdate:
    """The one statement of a content."""
    return tracking_in(SOURCE, notification("usps", envelope(content)))


def test_there_are_fifty_nine_codes() -> None:
    """The source knows the codes of the lists that they were taken from."""
    assert len(MEANINGS) == 59
    assert MEANINGS.keys() == usps._CODES.keys()


@pytest.mark.parametrize(("code", "meaning"), MEANINGS.items())
def test_a_code_has_its_meaning(code: str, meaning: Meaning) -> None:
    """Every listed code means what its row of the rules says, as current and in the history."""
    update = tracking(tracked(event(code)))

    assert update.current.meaning is meaning
    assert update.history == (update.current,)


@pytest.mark.parametrize("code", ["", "1", " ", "of", "ZZ", "H0", "DELIVERED", None, ["01"], {}])
def test_another_code_has_no_meaning(code: object) -> None:
    """A code that is not in the table has no meaning, however near to one it looks."""
    update = tracking(tracked(event(code), event("OF"), statusCategory="Delivered"))

    assert update.current.meaning is None


@pytest.mark.parametrize(("category", "meaning"), CATEGORIES.items())
@pytest.mark.parametrize("name", ["statusCategory", "status"])
def test_a_milestone_decides_where_there_is_no_scan(
    name: str, category: str, meaning: Meaning
) -> None:
    """Without a scan the milestone says where the parcel is, under either of its names."""
    update = tracking({"trackingNumber": NUMBER, name: category})

    assert (update.current.meaning, update.current.code) == (meaning, category)
    assert (update.current.at, update.history) == (None, ())


@pytest.mark.parametrize("status", ["Delivered, Parcel Locker", "delivered", "Moving"])
def test_a_free_text_is_no_milestone(status: str) -> None:
    """A status that is not exactly a milestone has no meaning."""
    assert tracking({"trackingNumber": NUMBER, "status": status}).current.meaning is None


@pytest.mark.parametrize("code", MEANINGS)
@pytest.mark.parametrize("category", CATEGORIES)
def test_scan_and_category_must_agree_about_a_delivery(code: str, category: str) -> None:
    """What only one of the two calls delivered is held; whatever else differs is not."""
    found = reading(tracked(event(code), statusCategory=category))

    is_by_category = MEANINGS[code] is Meaning.UNCHANGED
    agree = is_by_category or ((MEANINGS[code] is Meaning.DELIVERED) is (category == "Delivered"))
    assert [finding.reason for finding in found.held] == ([] if agree else ["conflict"])
    assert len(found.updates) == agree


@pytest.mark.parametrize("code", ["71", "GC"])
def test_a_scan_that_says_nothing_is_not_the_current_one(code: str) -> None:
    """The newest scan that says where the parcel is comes before a newer one that does not."""
    update = tracking(
        tracked(event(code, 9), event("01", 8), event("OF", 2), statusCategory="Delivered")
    )

    assert update.current == update.history[1]
    assert update.current.meaning is Meaning.DELIVERED


def test_the_position_decides_which_scan_is_the_newest() -> None:
    """The first of the list is the newest, whatever its time."""
    update = tracking(tracked(event("OF", 1), event("07", 5)))

    assert [scan.code for scan in update.history] == ["07", "OF"]
    assert update.current.code == "OF"


@pytest.mark.parametrize(
    ("gmt", "offset", "clock", "expected"),
    [
        ("2026-11-20T03:30:15Z", "-05:00", "2026-11-19T22:30:00", "2026-11-19T22:30:15-05:00"),
        ("2026-11-20T03:30:15Z", "-5:00", "2026-11-19T22:30:00", "2026-11-19T22:30:15-05:00"),
        ("2026-11-20T03:30:15Z", "0530", None, "2026-11-20T09:00:15+05:30"),
        ("2026-11-20T03:30:15", "+00:00", None, "2026-11-20T03:30:15+00:00"),
        ("2026-11-20T03:30:15Z", None, "2026-11-19T22:30:00", "2026-11-20T03:30:15+00:00"),
        ("2026-11-20T03:30:15Z", "-15:00", None, "2026-11-20T03:30:15+00:00"),
        (None, "-05:00", "2026-11-19T22:30:00", "2026-11-19T22:30:00-05:00"),
        ("yesterday", "-05:00", "2026-11-19T22:30:00Z", "2026-11-19T22:30:00-05:00"),
        ("0001-01-01T00:30:00Z", "-05:00", None, "0001-01-01T00:30:00+00:00"),
    ],
)
def test_a_time_is_that_of_gmt_on_the_clock_of_the_place(
    gmt: str | None, offset: str | None, clock: str | None, expected: str
) -> None:
    """The exact time is told in the place's offset, as far as both are known."""
    scan = event("07", GMTTimestamp=gmt, GMTOffset=offset, eventTimestamp=clock)
    current = tracking(tracked(scan)).current

    assert current.at is not None
    assert (current.at.isoformat(), current.local_time) == (expected, "")


@pytest.mark.parametrize(
    ("gmt", "offset", "clock", "expected"),
    [
        (None, None, "2026-11-19T22:30:00", "2026-11-19 22:30:00"),
        (None, "EST", "2026-11-19T22:30:00Z", "2026-11-19 22:30:00"),
        ("2026-11-20", "-05:00", None, "2026-11-20"),
        (None, "-05:00", "tonight", "tonight"),
        (None, None, None, ""),
    ],
)
def test_a_time_without_its_zone_is_kept_as_a_text(
    gmt: str | None, offset: str | None, clock: str | None, expected: str
) -> None:
    """Where neither GMT nor the offset is known there is no instant; a Z on local time is none."""
    scan = event("07", GMTTimestamp=gmt, GMTOffset=offset, eventTimestamp=clock)
    current = tracking(tracked(scan)).current

    assert (current.at, current.local_time) == (None, expected)


def test_the_dates_have_an_order() -> None:
    """The expected date goes before the predicted one, and that before the guaranteed one."""
    named = {
        "expectedDeliveryDate": "2026-11-21",
        "expectedDeliveryTimeStamp": "2026-11-22T23:59:00Z",
        "predictedDeliveryDate": "2026-11-23",
        "predictedDeliveryTimeStamp": "2026-11-24T00:00:00Z",
        "guaranteedDeliveryDate": "2026-11-25",
        "guaranteedDeliveryTimeStamp": "2026-11-26T00:00:00Z",
    }
    found = []
    for name in list(named):
        found.append(tracking(tracked(event("07"), **named)).estimated_delivery)
        named[name] = "unknown"

    assert found == [date(2026, 11, day) for day in range(21, 27)]
    assert tracking(tracked(event("07"), **named)).estimated_delivery is None


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("USPS Ground Advantage<SUP>&#153;</SUP>", "USPS Ground Advantage"),
        ("Priority&nbsp;Mail <b>Express</b>&trade; ", "Priority Mail Express™"),
        ("BOUND_PRINTED_MATTER", "BOUND_PRINTED_MATTER"),
        ("a &lt; b", "a < b"),
        (None, ""),
    ],
)
def test_the_class_of_mail_is_freed_of_markup(text: object, service: str) -> None:
    """Tags and raised marks are left out of the class of mail, and entities are spelled out."""
    assert tracking(tracked(event("07"), mailClass=text)).service == service


@pytest.mark.parametrize("code", ["03", "80", "AD", "OA", "PA", "TM", "UA"])
def test_the_first_acceptance_is_the_day_of_shipping(code: str) -> None:
    """A parcel left on the day of its first acceptance, by the clock of the place."""
    update = tracking(tracked(event("07", 30), event("03", 20), event(code, -5), event("GX", -90)))

    assert update.shipped_on == date(2026, 11, 18)
    assert tracking(tracked(event("07"), event("GX"))).shipped_on is None
    assert tracking(tracked(event(code, GMTTimestamp=None, GMTOffset=None))).shipped_on == date(
        2026, 11, 19
    )


def test_who_signed_is_named_by_the_newest_delivery() -> None:
    """The name stands on the scan of the delivery; names on other scans are not signatures."""
    update = tracking(
        tracked(
            event("GC", 9, name="DESK"), event("01", 8, name="R IDRIS"), event("02", 2, name="X")
        )
    )

    assert update.signed_by == "R IDRIS"
    assert tracking(tracked(event("02", name="X"))).signed_by == ""
    assert tracking(tracked(event("01", name=None))).signed_by == ""


@pytest.mark.parametrize(
    ("piece", "intake", "shipment"),
    [
        ("11", "2026-11-17 09:00:00.000000", "11/2026-11-17 09:00:00.000000"),
        ("11", None, "11"),
        (None, "2026-11-17", "2026-11-17"),
        (None, None, ""),
    ],
)
def test_mail_piece_and_intake_name_the_parcel(
    piece: str | None, intake: str | None, shipment: str
) -> None:
    """What USPS tells one use of a number from the next by is the parcel's own identity."""
    body = tracked(event("07"), uniqueMailPieceID=piece, mailPieceIntakeDate=intake)

    assert tracking(body).shipment == shipment


def told(shipment: Shipment, *events: dict[str, Any], **more: Any) -> Told:
    """What is said of a shipment once a body arrives."""
    return told_of(shipment, tracking(tracked(*events, **more)))


def test_a_parcels_way_is_told_once() -> None:
    """Each notification repeats the scans before it, and only what is new is said."""
    label, taken, out, done = event("GX"), event("03", 9), event("OF", 30), event("01", 34)

    first = told(Shipment(), label)
    second = told(first.shipment, taken, label)
    third = told(second.shipment, out, taken, label)
    again = told(third.shipment, out, taken, label)
    last = told(third.shipment, done, out, taken, label)

    assert [types(it) for it in (first, second, third, again, last)] == [
        [EventType.TRACK],
        [EventType.SHIPPED],
        [EventType.TRACK],
        [],
        [EventType.DELIVERED],
    ]


def test_a_rescheduled_delivery_is_a_delay_by_its_date() -> None:
    """The scan that moves the date says nothing, and the later date with it says delayed."""
    out = event("OF", 1)
    before = told(Shipment(), out, expectedDeliveryDate="2026-11-20")

    moved = told(before.shipment, event("71", 9), out, expectedDeliveryDate="2026-11-21")

    assert types(moved) == [EventType.DELAYED]


def test_a_delivery_after_a_return_is_held() -> None:
    """USPS has one code for a delivery to the buyer and one to the sender, so a person looks."""
    found = told(Shipment(), event("01", 50), event("09", 20), event("03"))

    assert [finding.reason for finding in found.held] == ["conflict"]


# The signature, computed here as it is described, and not by `sign`.

SECRET = "0123456789abcdefghijklmnopqrstuv"
TIME = "2026-11-20T18:00:00Z"
PAYLOAD = json.dumps(tracked(event("07", eventCity='S\u00e3o "Jo\u00e3o"')))
BODY = envelope(PAYLOAD)


def digest(time: str = TIME, payload: str = PAYLOAD, secret: str = SECRET) -> str:
    """The signature over the two decoded texts."""
    signed = hmac.new(secret.encode(), (time + payload).encode(), hashlib.sha256).digest()
    return base64.b64encode(signed).decode()


def trust(*secrets: str) -> Trust:
    """A source with these secrets."""
    return Trust(settings=SourceSettings(format="usps", secrets=secrets))


def posted(body: bytes = BODY, headers: dict[str, str] | None = None) -> Notification:
    """A notification that is signed as a whole, unless it is said otherwise."""
    return notification("usps", body, {"x-hmac": digest()} if headers is None else headers)


@pytest.mark.parametrize("header", ["x-hmac", "hmac-header"])
def test_either_header_holds_the_signature(header: str) -> None:
    """The old name of the header is as good as the new one."""
    SOURCE.authenticate(posted(headers={header: digest()}), trust(SECRET), RECEIVED_AT)


def test_the_decoded_texts_are_signed() -> None:
    """However the envelope spells its letters, its order and its spaces, the texts are the same."""
    spelled = json.dumps(json.loads(BODY), ensure_ascii=False, indent=3, sort_keys=True).encode()
    escaped = BODY.replace(b"trackingNumber", b"\\u0074rackingNumber")

    for body in (BODY, spelled, escaped):
        SOURCE.authenticate(posted(body), trust(SECRET), RECEIVED_AT)


def test_what_is_not_signed_is_not_read() -> None:
    """Whoever changes what is not covered by the signature changes nothing that is understood."""
    forged = envelope(PAYLOAD, subscriptionId="s-2", subscriptionType="OTHER", links=[{"href": 1}])

    SOURCE.authenticate(posted(forged), trust(SECRET), RECEIVED_AT)
    assert SOURCE.read(posted(forged)) == SOURCE.read(posted())
    assert SOURCE.delivery_key(posted(forged)) == SOURCE.delivery_key(posted())
    assert SOURCE.strength is Strength.SIGNED


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (BODY, {}, "the X-HMAC header is missing"),
        (BODY, {"x-hmac": ""}, "does not match the body"),
        (BODY, {"x-hmac": "", "hmac-header": digest()}, "does not match the body"),
        (BODY, {"x-hmac": digest()[:-1]}, "does not match the body"),
        (BODY, {"x-hmac": digest(secret=SECRET[::-1])}, "does not match the body"),
        (BODY, {"x-hmac": digest("2026-11-20T18:00:01Z")}, "does not match the body"),
        (BODY, {"x-hmac": digest(payload=PAYLOAD + " ")}, "does not match the body"),
        (envelope(PAYLOAD + " "), {"x-hmac": digest()}, "does not match the body"),
        (envelope(PAYLOAD, timestamp=""), {"x-hmac": digest()}, "does not match the body"),
        (b"{}", {"x-hmac": digest("", "")}, "has no timestamp and payload"),
        (b"[]", {"x-hmac": digest()}, "has no timestamp and payload"),
        (b"\xff", {"x-hmac": digest()}, "has no timestamp and payload"),
        (envelope(PAYLOAD, timestamp=1), {"x-hmac": digest()}, "has no timestamp and payload"),
        (envelope(PAYLOAD, payload={}), {"x-hmac": digest()}, "has no timestamp and payload"),
        (envelope(PAYLOAD, payload="\ud800"), {"x-hmac": digest()}, "has no timestamp and payload"),
    ],
)
def test_what_is_not_signed_is_refused(body: bytes, headers: dict[str, str], sentence: str) -> None:
    """Without the signature over exactly this time and payload, it is refused."""
    with pytest.raises(UnauthenticatedError, match=sentence):
        SOURCE.authenticate(posted(body, headers), trust(SECRET), RECEIVED_AT)


@pytest.mark.parametrize("wrong", [SECRET[:-1], SECRET + "w", "short"])
def test_a_secret_of_another_length_is_refused_by_name(wrong: str) -> None:
    """A secret that USPS cannot have taken stops everything, before it hides behind a good one."""
    for secrets in ((wrong,), (SECRET, wrong)):
        with pytest.raises(UnauthenticatedError, match="not the 32 characters") as refused:
            SOURCE.authenticate(posted(), trust(*secrets), RECEIVED_AT)
        assert wrong not in str(refused.value)


def test_without_a_secret_nothing_is_verified() -> None:
    """A source without secrets refuses even what is signed well."""
    with pytest.raises(UnauthenticatedError, match="no secret is configured"):
        SOURCE.authenticate(posted(), trust(), RECEIVED_AT)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff"])
def test_a_body_without_its_texts_can_be_signed_and_stays_refused(body: bytes) -> None:
    """What is no envelope is signed for a trial as if it were empty, and is refused."""
    headers = dict(SOURCE.sign(posted(body), trust(SECRET), RECEIVED_AT))

    with pytest.raises(UnauthenticatedError):
        SOURCE.authenticate(posted(body, headers), trust(SECRET), RECEIVED_AT)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"{", b"\xff", b'{"payload":1}'])
def test_what_is_no_envelope_is_malformed(body: bytes) -> None:
    """A body that is no envelope is held, and its key is its bytes."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(body))
    assert SOURCE.delivery_key(posted(body)).startswith("body:")


def test_the_payload_is_the_key() -> None:
    """The same payload is the same statement whenever it is sent; another one is another."""
    later = envelope(PAYLOAD, timestamp="2026-11-21T02:00:00Z", subscriptionId="s-9")
    scan = event("07", 1)
    contents = [
        tracked(scan),
        tracked(scan, event("GX")),  # A scan that came late, behind the newest.
        tracked(scan, expectedDeliveryDate="2026-11-23"),
        tracked(scan, uniqueMailPieceID="7"),
        tracked(event("07", 2)),
        tracked(event("10", 1)),
        tracked(scan) | {"trackingNumber": NUMBER[:-1]},
    ]

    assert SOURCE.delivery_key(posted(later)) == SOURCE.delivery_key(posted())
    assert len({SOURCE.delivery_key(posted(envelope(it))) for it in contents}) == len(contents)


def test_usps_is_answered_200() -> None:
    """A listener answers 200, at first and again."""
    assert SOURCE.answer(posted(), Receipt("n-1")).status == 200


def test_the_published_body_is_read() -> None:
    """The published body is read as its text says, once it has the number that it lacks."""
    bodies = json.loads(sample("carriers/usps/tracking_v3_delivered_list.json"))
    real, schema = bodies

    found = reading([real, schema])
    delivered, placeholder = found.updates

    assert isinstance(delivered, TrackingUpdate)
    assert delivered.tracking_number == "9400109104250532908587"
    assert delivered.current.meaning is Meaning.DELIVERED
    assert delivered.current.at == datetime(2024, 11, 22, 18, 58, 40, tzinfo=UTC)
    assert delivered.current.at.isoformat() == "2024-11-22T13:58:40-05:00"
    assert delivered.current.place == "HERNANDO, FL"
    assert delivered.service == "USPS Ground Advantage"
    assert delivered.shipment == "110158946/2024-11-15 11:09:19.000000"
    assert (delivered.signed_by, delivered.estimated_delivery) == ("", None)
    assert delivered.shipped_on == date(2024, 11, 18)
    assert [scan.code for scan in delivered.history] == (
        ["GX", "03", "SF", "10", "T1", "TL", "TL", "TL", "A1", "07", "OF", "01"]
    )
    assert isinstance(placeholder, TrackingUpdate)
    assert placeholder.tracking_number == "string"
    assert placeholder.current.meaning is None
    assert placeholder.estimated_delivery == date(2019, 8, 24)


def test_the_published_envelope_is_read() -> None:
    """The published envelope says that its parcel is delivered, and not when."""
    body = sample("carriers/usps/envelope_doc_example.json")

    (update,) = SOURCE.read(posted(body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "9400100000000000000000"
    assert update.current.meaning is Meaning.DELIVERED
    assert (update.current.at, update.current.local_time) == (None, "")
