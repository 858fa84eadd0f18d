"""TrackingMore's codes one by one, its two signatures, and the two places of its scans."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.notification import Notification
from purchasing.sources import trackingmore
from purchasing.sources.trackingmore import SOURCE
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# trackingmore.com/docs/logistics_status.php (read 2026-11).
STATUSES = trackingmore._STATUSES
# The same page in several languages, and public handlers; the numbers of each status, as far as
# they mean what the status means.
PLAIN = {
    "notfound": (2,),
    "inforeceived": (1,),
    "transit": range(1, 8),
    "pickup": (1, 3),
    "delivered": range(1, 5),
    "undelivered": range(1, 5),
    "exception": (4, 5, 6),
    "expired": (1,),
}
REFINED = {
    "notfound001": Meaning.LABEL_CREATED,
    "pickup002": Meaning.READY_FOR_PICKUP,
    "exception007": Meaning.DAMAGED,
    "exception008": Meaning.VOIDED,
    "exception009": Meaning.ATTEMPTED,
    "exception010": Meaning.RETURNING,
    "exception011": Meaning.RETURNING,
}
SUBSTATUSES = {
    f"{status}{number:03}": STATUSES[status]
    for status, numbers in PLAIN.items()
    for number in numbers
} | REFINED

NUMBER = "1Z5K8E440312349901"


def scan(substatus: str, time: str | None = "2026-11-19T08:00:00", **more: Any) -> dict[str, Any]:
    """A scan as TrackingMore lists it."""
    return {
        "checkpoint_delivery_status": substatus.rstrip("0123456789"),
        "checkpoint_delivery_substatus": substatus,
        "checkpoint_date": time,
    } | more


def parcel(*scans: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parcel whose newest scan, which is the first, is what it says, unless said otherwise."""
    newest = scans[0] if scans else scan("transit001")
    return {
        "tracking_number": NUMBER,
        "courier_code": "ups",
        "delivery_status": newest["checkpoint_delivery_status"],
        "substatus": newest["checkpoint_delivery_substatus"],
        "origin_info": {"trackinfo": list(scans)},
    } | more


def posted(data: object) -> Notification:
    """What is said of one or several parcels, as it is posted."""
    body = json.dumps({"code": 200, "message": "Success", "data": data}).encode()
    return notification("trackingmore", body)


def tracking(data: object) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, posted(data))


def test_there_are_nine_statuses_and_thirty_substatuses() -> None:
    """The source knows the codes that were found, one of them in two spellings."""
    assert (len({status.lower() for status in STATUSES}), len(SUBSTATUSES)) == (9, 30)
    assert STATUSES["InfoReceived"] is STATUSES["inforeceived"]
    assert SUBSTATUSES.keys() == trackingmore._SUBSTATUSES.keys()


@pytest.mark.parametrize(("substatus", "meaning"), SUBSTATUSES.items())
def test_a_substatus_has_its_meaning(substatus: str, meaning: Meaning) -> None:
    """Every sub-status means what its row of the rules says, now and in the past alike."""
    update = tracking(parcel(scan(substatus)))

    assert (update.current.meaning, update.current.code) == (meaning, substatus)
    assert update.history == (update.current,)


@pytest.mark.parametrize("substatus", [None, ""])
@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_without_a_substatus_the_status_decides(
    status: str, meaning: Meaning, substatus: str | None
) -> None:
    """A status that comes alone means what the table says."""
    current = tracking(parcel(delivery_status=status, substatus=substatus)).current

    assert (current.meaning, current.code) == (meaning, status)


@pytest.mark.parametrize("status", STATUSES)
def test_an_unknown_substatus_has_no_meaning(status: str) -> None:
    """A sub-status that is not in the table has no meaning, however plain its status is."""
    for substatus in (f"{status}099", f"{status} 001", "Delivered001", "not found001", "returned"):
        current = tracking(parcel(delivery_status=status, substatus=substatus)).current

        assert current.meaning is None


@pytest.mark.parametrize("status", ["", "Transit", "TRANSIT", "delivered ", "returned"])
@pytest.mark.parametrize("substatus", [None, "transit001"])
def test_an_unknown_status_has_no_meaning(status: str, substatus: str | None) -> None:
    """A status that is not in the table leaves the state without a meaning."""
    current = tracking(parcel(delivery_status=status, substatus=substatus)).current

    assert current.meaning is None


@pytest.mark.parametrize(
    ("status", "substatus"),
    [
        ("delivered", "transit001"),
        ("delivered", "exception010"),
        ("transit", "delivered001"),
        ("exception", "delivered001"),
        ("notfound", "transit001"),
    ],
)
def test_a_substatus_of_another_status_is_a_contradiction(status: str, substatus: str) -> None:
    """A status and a sub-status that mean different things are held for a person."""
    reading = SOURCE.read(posted(parcel(delivery_status=status, substatus=substatus)))

    assert not reading.updates
    (finding,) = reading.held
    assert finding.reason == "conflict"
    assert f"{status} and {substatus} of {NUMBER}" in finding.detail


@pytest.mark.parametrize(
    ("status", "substatus"),
    [
        ("inforeceived", "notfound001"),
        ("InfoReceived", "notfound001"),
        ("pending", "notfound002"),
        ("undelivered", "exception009"),
    ],
)
def test_a_substatus_of_another_status_that_means_the_same_is_none(
    status: str, substatus: str
) -> None:
    """A status and a sub-status of another one that mean the same are read, and both are told."""
    current = tracking(parcel(delivery_status=status, substatus=substatus)).current

    assert current.meaning is STATUSES[status]
    assert current.code == f"{status}/{substatus}"


# The scans


def times(update: TrackingUpdate) -> list[str]:
    """When the scans of a history were, as it is written."""
    return [it.local_time for it in update.history]


def test_the_newest_scan_comes_first() -> None:
    """Scans are told in their order, oldest first, which is the other way round than listed."""
    update = tracking(
        parcel(
            scan("delivered001", "2026-11-20T08:00:00"),
            scan("pickup001", "2026-11-19T08:00:00"),
            scan("transit001", "2026-11-18T08:00:00"),
        )
    )

    assert times(update) == ["2026-11-18T08:00:00", "2026-11-19T08:00:00", "2026-11-20T08:00:00"]
    assert update.current == update.history[-1]


def test_the_scans_of_both_legs_are_told_in_one_order() -> None:
    """What the two carriers saw is one history, by the clock at each place."""
    first, second, third, fourth = (
        scan("transit001", "2026-11-15 22:00:00"),
        scan("transit004", "2026-11-17T09:00:00"),
        scan("transit005", "2026-11-17 11:00:00"),
        scan("delivered001", "2026-11-20T08:00:00"),
    )
    update = tracking(
        parcel(
            origin_info={"trackinfo": [third, first]},
            destination_info={"trackinfo": [fourth, second]},
            delivery_status="delivered",
            substatus="delivered001",
        )
    )

    assert times(update) == [it["checkpoint_date"] for it in (first, second, third, fourth)]


def test_a_leg_keeps_its_own_order() -> None:
    """Where the zone changes on the way, an earlier clock is not an earlier scan."""
    update = tracking(
        parcel(
            scan("transit004", "2026-11-16T18:00:00", tracking_detail="Landed"),
            scan("transit007", "2026-11-16T23:00:00", tracking_detail="Took off"),
        )
    )

    assert [it.words for it in update.history] == ["Took off", "Landed"]


@pytest.mark.parametrize("leg", [None, {}, {"trackinfo": None}, {"trackinfo": []}])
def test_a_parcel_may_have_no_scans(leg: object) -> None:
    """Without scans the state has the words and the time of the parcel."""
    update = tracking(
        parcel(
            origin_info=leg,
            destination_info=leg,
            latest_event="Delivered, TEMPE",
            latest_checkpoint_time="2026-11-20T08:00:00",
            delivery_status="delivered",
            substatus="delivered002",
        )
    )

    assert update.history == ()
    assert (update.current.words, update.current.local_time, update.current.at) == (
        "Delivered, TEMPE",
        "2026-11-20T08:00:00",
        None,
    )


def test_the_state_is_dated_by_the_last_scan_that_says_it() -> None:
    """A scan behind the one that the state rests on does not date it."""
    update = tracking(
        parcel(
            scan("transit001", "2026-11-20T08:00:00"),
            scan("delivered001", "2026-11-19T08:00:00"),
            delivery_status="delivered",
            substatus="delivered001",
            latest_checkpoint_time="2026-11-20T08:00:00",
        )
    )

    assert update.current.local_time == "2026-11-19T08:00:00"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"location": "TEMPE, AZ", "city": "Tempe"}, "TEMPE, AZ"),
        ({"location": " ", "city": "Tempe", "state": "AZ", "country_iso2": "US"}, "Tempe, AZ, US"),
        ({"city": None, "country_iso2": "US"}, "US"),
        ({}, ""),
    ],
)
def test_a_place_is_what_is_known_of_it(fields: dict[str, Any], place: str) -> None:
    """A place is the text that is given for it, or else its city, state and country."""
    assert tracking(parcel(scan("transit001", **fields))).current.place == place


def test_an_offset_that_is_written_is_believed() -> None:
    """A time with its offset is an instant, and keeps the offset."""
    current = tracking(parcel(scan("transit001", "2026-11-19T08:00:00-05:00"))).current

    assert current.at == datetime(2026, 11, 19, 13, tzinfo=UTC)
    assert current.local_time == ""


# Several notifications of one parcel


def test_what_is_repeated_is_said_once() -> None:
    """Each notification repeats all scans; every new state is said once, and movement too."""
    scans = [
        scan("transit001", "2026-11-17T08:00:00"),
        scan("transit002", "2026-11-18T08:00:00"),
        scan("undelivered002", "2026-11-19T08:00:00"),
        scan("delivered003", "2026-11-20T08:00:00"),
    ]
    results = told_in_turn(tracking(parcel(*reversed(scans[:end]))) for end in (1, 2, 3, 3, 4, 4))

    assert [types(it) for it in results] == [
        ["shipped"],
        [],
        ["delivery_attempt"],
        [],
        ["delivered"],
        [],
    ]


# The rest


@pytest.mark.parametrize(
    ("fields", "weight"),
    [
        ({"weight": "3.4 LB", "weight_kg": "1.54"}, "3.4 LB"),
        ({"weight": "1.54kg"}, "1.54kg"),
        ({"weight": "3.4", "weight_kg": "1.54"}, "1.54 kg"),
        ({"weight": "3.4"}, ""),
        ({"weight": None, "weight_kg": ""}, ""),
        ({"weight": 3.4, "weight_kg": 1.54}, ""),
    ],
)
def test_a_weight_has_its_unit(fields: dict[str, Any], weight: str) -> None:
    """A weight is told in the carrier's unit, or in kilograms; without a unit it is nothing."""
    assert tracking(parcel(scan("transit001"), **fields)).weight == weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23", date(2026, 11, 23)),
        ("2026-11-23 20:00:00", date(2026, 11, 23)),
        ("2026-11-23T23:00:00-06:00", date(2026, 11, 23)),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_the_delivery_date_is_the_one_at_the_place(text: str | None, expected: date | None) -> None:
    """The delivery date is the one that is written, in whatever zone that is."""
    update = tracking(parcel(scan("transit001"), scheduled_delivery_date=text))

    assert update.estimated_delivery == expected


@pytest.mark.parametrize(
    ("code", "carrier"),
    [
        ("fedex", "FedEx"),
        ("dhl", "DHL Express"),
        ("sf-express", "sf-express"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_carrier_is_named_as_people_name_it(code: str | None, carrier: str) -> None:
    """A carrier that is not in the table keeps TrackingMore's code."""
    assert tracking(parcel(scan("transit001"), courier_code=code)).carrier == carrier


@pytest.mark.parametrize(
    "change",
    [
        {"tracking_number": None},
        {"tracking_number": ""},
        {"tracking_number": 1.5},
        {"delivery_status": None},
        {"delivery_status": 4},
        {"substatus": 1},
        {"origin_info": []},
        {"origin_info": {"trackinfo": {}}},
        {"destination_info": {"trackinfo": ["delivered"]}},
    ],
)
def test_what_decides_must_be_readable(change: dict[str, Any]) -> None:
    """A parcel whose number, codes or scans cannot be read is held for a person."""
    broken = parcel(scan("transit001"), **change)

    with pytest.raises(MalformedError):
        SOURCE.read(posted(broken))

    reading = SOURCE.read(posted([broken, parcel(scan("delivered001"))]))
    assert [finding.reason for finding in reading.held] == ["malformed"]
    assert len(reading.updates) == 1


@pytest.mark.parametrize("data", [None, [], {}, "parcel", 1, True])
def test_a_notification_without_a_parcel_is_malformed(data: object) -> None:
    """What names no parcel is held for a person."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(data))


def test_the_body_is_the_key() -> None:
    """The same bytes are the same notification, and any others are another one."""
    first, same, other = (
        posted(parcel(scan("transit001", time))) for time in ("8:00", "8:00", "9:00")
    )

    assert SOURCE.delivery_key(first) == SOURCE.delivery_key(same)
    assert SOURCE.delivery_key(first) != SOURCE.delivery_key(other)
    assert SOURCE.delivery_key(first).startswith("body:")


# The signatures, computed here as the documentation says, and not by `sign`.

TRUST = Trust(settings=SourceSettings(format="trackingmore", secrets=(SECRET,)))
BODY = posted(parcel(scan("transit001"))).body
STAMP = str(int(RECEIVED_AT.timestamp()))


def of_the_body(body: bytes = BODY, secret: str = SECRET) -> str:
    """A keyed hash of the body, as the documentation describes it in words."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def of_the_time(stamp: str = STAMP, secret: str = SECRET) -> str:
    """A keyed hash of the time stamp, as the documentation's example computes it."""
    return hmac.new(secret.encode(), stamp.encode(), hashlib.sha256).hexdigest()


def authenticate(
    headers: dict[str, str], body: bytes = BODY, trust: Trust = TRUST, now: datetime = RECEIVED_AT
) -> None:
    """Ask whether a body with these headers is TrackingMore's."""
    SOURCE.authenticate(notification("trackingmore", body, headers), trust, now)


def test_the_proof_is_called_weak() -> None:
    """Since the weaker form is accepted, the source says that the body is not always signed."""
    assert SOURCE.strength is Strength.PARTLY_SIGNED
    assert SOURCE.strength.is_weak


def test_a_signature_of_the_body_is_accepted() -> None:
    """What is signed as the words of the documentation say is accepted, at whatever time."""
    authenticate({"signature": of_the_body()})
    authenticate({"signature": of_the_body(), "timestamp": "1"}, now=RECEIVED_AT.replace(year=2028))


def test_a_signature_of_the_time_is_accepted() -> None:
    """What is signed as the example of the documentation says is accepted within the window."""
    for seconds in (-300, 0, 300):
        now = RECEIVED_AT + timedelta(seconds=seconds)
        authenticate({"signature": of_the_time(), "timestamp": STAMP}, now=now)


def test_a_signature_of_the_time_says_nothing_of_the_body() -> None:
    """A pair of headers that was seen once authenticates any other body while the time is near."""
    authenticate({"signature": of_the_time(), "timestamp": STAMP}, b"anything else")


@pytest.mark.parametrize("used", [0, 1, 2])
def test_any_of_several_secrets_signs_the_time(used: int) -> None:
    """While a key is changed, the new one and the old ones open alike."""
    secrets = ("newest", "older", "oldest")
    trust = Trust(settings=SourceSettings(format="trackingmore", secrets=secrets))

    authenticate({"signature": of_the_time(secret=secrets[used]), "timestamp": STAMP}, trust=trust)
    with pytest.raises(UnauthenticatedError, match="does not match"):
        authenticate({"signature": of_the_time(), "timestamp": STAMP}, trust=trust)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "the signature header is missing"),
        ({"timestamp": STAMP}, "the signature header is missing"),
        ({"signature": "", "timestamp": STAMP}, "the signature header is missing"),
        ({"signature": of_the_body()[:-1]}, "does not match the body"),
        ({"signature": of_the_body().swapcase()}, "does not match the body"),
        ({"signature": of_the_body(BODY + b" ")}, "does not match the body"),
        ({"signature": of_the_body(secret="another")}, "does not match the body"),
        ({"signature": of_the_time()}, "the time stamp cannot be read"),
        ({"signature": of_the_time(""), "timestamp": ""}, "the time stamp cannot be read"),
        ({"signature": of_the_time("now"), "timestamp": "now"}, "the time stamp cannot be read"),
        (
            {"signature": of_the_time("٣" * 10), "timestamp": "٣" * 10},
            "the time stamp cannot be read",
        ),
        ({"signature": of_the_time("1662371528"), "timestamp": "1662371528"}, "more than 300 s"),
        (
            {"signature": of_the_time(f"{STAMP}999"), "timestamp": f"{STAMP}999"},
            "the time stamp cannot be read",
        ),
        ({"signature": of_the_time(), "timestamp": str(int(STAMP) + 1)}, "does not match the body"),
        ({"signature": of_the_time().upper(), "timestamp": STAMP}, "does not match the body"),
        ({"signature": of_the_time(secret="another"), "timestamp": STAMP}, "does not match"),
        (
            {"signature": hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()},
            "the time stamp cannot be read",
        ),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], sentence: str) -> None:
    """A form that is neither of the two, another key, and a time that is not near are refused."""
    with pytest.raises(UnauthenticatedError, match=sentence):
        authenticate(headers)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_time_outside_the_window_is_refused(seconds: int) -> None:
    """A pair of headers that was seen once is worth nothing after a few minutes."""
    with pytest.raises(UnauthenticatedError, match="more than 300 s away"):
        authenticate(
            {"signature": of_the_time(), "timestamp": STAMP},
            now=RECEIVED_AT + timedelta(seconds=seconds),
        )


@pytest.mark.parametrize("signature", [of_the_body(secret=""), of_the_time(secret="")])
def test_without_a_secret_nothing_is_accepted(signature: str) -> None:
    """A source without secrets refuses what is signed with nothing."""
    with pytest.raises(UnauthenticatedError, match="no secret is configured"):
        authenticate(
            {"signature": signature, "timestamp": STAMP},
            trust=Trust(settings=SourceSettings(format="trackingmore")),
        )


def test_the_proof_of_version_2_is_refused() -> None:
    """An e-mail address is no secret, so what only it signs, inside the body, proves nothing."""
    mail = "buyer@cofactr.example"
    trust = Trust(settings=SourceSettings(format="trackingmore", secrets=(mail,)))
    proof = {"timeStr": int(STAMP), "signature": of_the_time(secret=mail)}
    body = json.dumps({"data": parcel(scan("transit001")), "verifyInfo": proof}).encode()

    with pytest.raises(UnauthenticatedError, match="the signature header is missing"):
        authenticate({}, body, trust)


def test_the_published_signature_of_a_time_is_accepted() -> None:
    """The value that is published with the example's key opens, and the body may be anything."""
    # clooney/usps-tracking-api:webhook.md, commit 96abda97.
    key = "2e55b9a3-4dd1-4416-9897-c4bd1e3d738f"
    published = "a37084ab68ae16b77db1f8463f31be9fcc965e2515e03efecf8139bb1e511b06"

    authenticate(
        {"signature": published, "timestamp": "1662371528"},
        trust=Trust(settings=SourceSettings(format="trackingmore", secrets=(key,))),
        now=datetime(2022, 9, 5, 9, 52, 8, tzinfo=UTC),
    )


def test_a_signature_made_with_another_tool_is_accepted() -> None:
    """A body that openssl signed with a key of our own opens with that key."""
    body = b'{"code":200,"data":{"tracking_number":"1Z5K8E440312340011"}}'
    key = "a-key-of-our-own-41d9"

    authenticate(
        {"signature": "MIX+23Q00/ozoAD13TyG6hNz+XZjvO1RDxdpnrfj5kk="},
        body,
        Trust(settings=SourceSettings(format="trackingmore", secrets=(key,))),
    )


def test_the_answer_is_200() -> None:
    """TrackingMore is told that its notification is kept, and again when it repeats it."""
    for is_duplicate in (False, True):
        answer = SOURCE.answer(posted(None), Receipt("n-1", is_duplicate))

        assert answer.status == 200
        assert json.loads(answer.body) == {"id": "n-1", "duplicate": is_duplicate}


def test_the_published_sample_is_read() -> None:
    """An answer of the API that was published says what a person reads; its scans lie elsewhere."""
    body = sample("carriers/trackingmore/get_tracking_delivered.json")
    (update,) = SOURCE.read(notification("trackingmore", body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "9104223295"
    assert update.current.meaning is Meaning.DELIVERED
    assert update.current.local_time == "2023-09-15T15:00:00"
    assert update.carrier == "DHL Express"
    assert update.shipment == "9a71ac3628f63b843820bddbc9fb7e35"
    assert (update.signed_by, update.estimated_delivery, update.history) == ("", None, ())
