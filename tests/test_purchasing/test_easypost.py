"""EasyPost's codes one by one, its two signatures, and what its notifications repeat."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from purchasing.commands import PurchaseEventBody
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification
from purchasing.sources import easypost
from purchasing.sources.easypost import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import by_code, tracking_in
from tests.reading import RECEIVED_AT, SECRET, decide, notification

# docs.easypost.com/docs/trackers (read 2026-11); the meanings are the rows of the tracking rules.
STATUSES = by_code(
    {
        Meaning.NOT_FOUND: "unknown error",
        Meaning.LABEL_CREATED: "pre_transit",
        Meaning.MOVING: "in_transit",
        Meaning.OUT_FOR_DELIVERY: "out_for_delivery",
        Meaning.DELIVERED: "delivered",
        Meaning.READY_FOR_PICKUP: "available_for_pickup",
        Meaning.RETURNING: "return_to_sender",
        Meaning.DELAYED: "failure",
        Meaning.VOIDED: "cancelled",
    }
)
SAYS_MORE = by_code(
    {
        Meaning.DELAYED: """
            address_correction awaiting_information delayed held missorted transit_exception
            weather_delay
        """,
        Meaning.ATTEMPTED: "delivery_exception refused",
        Meaning.DAMAGED: "damaged",
        Meaning.LOST: "lost",
        Meaning.NOT_FOUND: "expired",
        Meaning.RETURNING: "return",
    }
)
# Any other detail says nothing beyond the status.
DETAILS = {detail: SAYS_MORE.get(detail) for detail in easypost._DETAILS}
REFINED = ("pre_transit", "in_transit", "out_for_delivery", "failure")
PLAIN = tuple(status for status in STATUSES if status not in REFINED)

NUMBER = "1Z04TX880312345901"
BEGAN_AT = datetime(2026, 11, 19, 8, tzinfo=UTC)


def scan(status: str, detail: str | None = None, hour: int = 0, **more: Any) -> dict[str, Any]:
    """A scan as EasyPost lists it."""
    at = BEGAN_AT + timedelta(hours=hour)
    return {
        "object": "TrackingDetail",
        "status": status,
        "status_detail": detail,
        "datetime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    } | more


def event(*scans: dict[str, Any], **tracker: Any) -> bytes:
    """A tracker event whose last scan is what the tracker says, unless it is said otherwise."""
    last = scans[-1] if scans else {}
    result = {
        "object": "Tracker",
        "mode": "production",
        "tracking_code": NUMBER,
        "status": last.get("status"),
        "status_detail": last.get("status_detail"),
        "tracking_details": list(scans),
    } | tracker
    return json.dumps(
        {
            "object": "Event",
            "id": "evt_5d2f",
            "mode": "production",
            "description": "tracker.updated",
            "result": result,
        }
    ).encode()


def tracking(body: bytes) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, notification("easypost", body))


def meaning_of(status: str, detail: str | None, **tracker: Any) -> Meaning | None:
    """What a pair of codes means, as what is the case and in the history alike."""
    update = tracking(event(scan(status, detail), **tracker))
    assert update.history[0].meaning is update.current.meaning
    return update.current.meaning


def test_there_are_ten_statuses_and_twenty_eight_details() -> None:
    """The source knows as many codes as EasyPost documents."""
    assert (len(STATUSES), len(DETAILS)) == (10, 28)


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_a_status_has_its_meaning(status: str, meaning: Meaning) -> None:
    """Every documented status means what its row of the rules says."""
    assert meaning_of(status, None) is meaning


@pytest.mark.parametrize("status", REFINED)
@pytest.mark.parametrize(("detail", "meaning"), DETAILS.items())
def test_a_detail_refines_its_status(status: str, detail: str, meaning: Meaning | None) -> None:
    """A detail says more of a parcel that is on its way or could not be delivered."""
    assert meaning_of(status, detail) is (meaning or STATUSES[status])


@pytest.mark.parametrize("status", PLAIN)
@pytest.mark.parametrize("detail", DETAILS)
def test_other_statuses_are_plain(status: str, detail: str) -> None:
    """A status that is final or says nothing keeps its meaning whatever the detail."""
    assert meaning_of(status, detail) is STATUSES[status]


@pytest.mark.parametrize("status", ["", "DELIVERED", "delivered ", "in-transit", "lost"])
def test_an_unknown_status_has_no_meaning(status: str) -> None:
    """A status that is not in the table has no meaning, however near to one it looks."""
    assert meaning_of(status, None) is None


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("detail", ["", "Delayed", "stolen"])
def test_an_unknown_detail_has_no_meaning(status: str, detail: str) -> None:
    """A detail that is not in the table leaves the whole scan without a meaning."""
    assert meaning_of(status, detail) is None


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_a_return_label_brings_goods_back(status: str, meaning: Meaning) -> None:
    """Whatever moves under a return label is on its way back, its delivery included."""
    unmoved = {Meaning.LABEL_CREATED, Meaning.VOIDED, Meaning.NOT_FOUND}

    assert meaning_of(status, None, is_return=True) is (
        meaning if meaning in unmoved else Meaning.RETURNING
    )


def test_a_missing_detail_of_a_scan_takes_the_trackers_status() -> None:
    """A scan without a status of its own is read with that of the tracker."""
    update = tracking(event(scan("in_transit") | {"status": None}, status="out_for_delivery"))

    assert update.history[0].meaning is Meaning.OUT_FOR_DELIVERY


def test_the_position_decides_which_scan_is_current() -> None:
    """The last scan of the list is where and when of the current state, whatever its time."""
    late_label = scan("pre_transit", "label_created", hour=9, message="Label")
    delivery = scan("delivered", None, hour=1, message="Dropped off")

    update = tracking(event(late_label, delivery))

    assert update.current.words == "Dropped off"
    assert update.current.at == BEGAN_AT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("local", "utc", "expected"),
    [
        ("2026-11-23", "2026-11-24T04:59:00Z", date(2026, 11, 23)),
        (None, "2026-11-24T04:59:00Z", date(2026, 11, 24)),
        ("", "2026-11-24", date(2026, 11, 24)),
        ("2026-11-23", None, date(2026, 11, 23)),
        ("soon", "2026-11-24T00:00:00Z", date(2026, 11, 24)),
        ("2026-02-30", "later", None),
        (None, None, None),
    ],
)
def test_the_local_date_goes_before_the_one_in_utc(
    local: str | None, utc: str | None, expected: date | None
) -> None:
    """The date of delivery is the one at the destination; the other one where there is none."""
    body = event(
        scan("in_transit"),
        est_delivery_date=utc,
        carrier_detail={"est_delivery_date_local": local},
    )

    assert tracking(body).estimated_delivery == expected


@pytest.mark.parametrize(
    ("text", "at", "local"),
    [
        ("2026-11-19T08:00:00Z", BEGAN_AT, ""),
        ("2026-11-19T08:00:00.000Z", BEGAN_AT, ""),
        ("2026-11-19T03:00:00-05:00", BEGAN_AT, ""),
        ("2026-11-19T08:00:00", None, "2026-11-19T08:00:00"),
        ("2026-11-19", None, "2026-11-19"),
        ("Thursday", None, "Thursday"),
        ("", None, ""),
        (None, None, ""),
        ("9999-12-31T23:00:00-05:00", None, "9999-12-31T23:00:00-05:00"),
    ],
)
def test_a_time_is_an_instant_only_with_its_zone(
    text: str | None, at: datetime | None, local: str
) -> None:
    """A time without a zone, or one that no clock in UTC ever shows, is kept as it is written."""
    current = tracking(event(scan("in_transit", None) | {"datetime": text})).current

    assert (current.at, current.local_time) == (at, local)


def test_the_offset_of_a_time_is_kept() -> None:
    """A time is kept with the offset at the place, which is what people there read."""
    current = tracking(
        event(scan("in_transit", None, datetime="2026-11-19T03:00:00-05:00"))
    ).current

    assert current.at is not None
    assert current.at.isoformat() == "2026-11-19T03:00:00-05:00"


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"city": "AUSTIN", "state": "TX", "country": "US", "zip": "78701"}, "AUSTIN, TX, US"),
        ({"city": None, "state": "TX", "country": ""}, "TX"),
        ({"zip": 78701}, ""),
        (None, ""),
    ],
)
def test_a_place_is_what_is_known_of_it(location: Any, place: str) -> None:
    """A place is named by its city, state and country, as far as they are given."""
    body = event(scan("in_transit", None, tracking_location=location))

    assert tracking(body).current.place == place


def test_the_message_goes_before_the_description() -> None:
    """A scan's words are its message, or its description where there is none."""
    both = scan("in_transit", message="Picked up", description="PU")
    one = scan("in_transit", message=None, description="PU")

    assert [it.words for it in tracking(event(both, one)).history] == ["Picked up", "PU"]


def test_a_long_history_is_read_whole() -> None:
    """A parcel with a thousand scans is told like any other, and loses none of them."""
    scans = [scan("in_transit", "in_transit", hour=hour) for hour in range(-1000, 0)]
    body = event(*scans, scan("delivered", None))

    update = tracking(body)
    decision = decide(SOURCE, notification("easypost", body))

    assert len(update.history) == 1001
    bodies = [command.body for command in decision.commands]
    types = [str(body.event_type) for body in bodies if isinstance(body, PurchaseEventBody)]
    assert types == ["shipped", "delivered"]


@pytest.mark.parametrize(
    "kind",
    [
        "batch.created",
        "batch.updated",
        "insurance.cancelled",
        "payment.created",
        "refund.successful",
        "report.new",
        "scan_form.updated",
        "shipment.invoice.created",
        "trackers",
    ],
)
def test_other_kinds_cause_nothing(kind: str) -> None:
    """An event of another kind is not looked into, whatever its result."""
    body = json.dumps({"object": "Event", "description": kind, "result": {"status": 1}}).encode()

    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(notification("easypost", body))

    assert refused.value.reason == "unsupported_kind"
    assert kind in refused.value.detail


@pytest.mark.parametrize(
    "result", [{"result": None}, {}, {"result": []}, {"result": {}}, {"result": "trk_1"}]
)
def test_an_event_without_a_parcel_is_malformed(result: dict[str, Any]) -> None:
    """An event of a tracker that names no parcel is held until a person looks."""
    body = json.dumps({"object": "Event", "description": "tracker.created"} | result).encode()

    with pytest.raises(MalformedError):
        SOURCE.read(notification("easypost", body))


def test_retries_have_one_key() -> None:
    """EasyPost changes what is pending between its attempts, and the event stays the same one."""
    first = json.loads(event(scan("in_transit")))
    retry = first | {"status": "failed", "pending_urls": [], "updated_at": "2026-11-20T13:00:00Z"}

    keys = {SOURCE.delivery_key(posted(document)) for document in (first, retry)}

    assert keys == {"evt_5d2f"}


def test_the_same_state_told_by_two_events_has_two_keys() -> None:
    """Each event is a notification of its own; that it says nothing new is found out later."""
    first = json.loads(event(scan("in_transit")))

    assert SOURCE.delivery_key(posted(first)) != SOURCE.delivery_key(
        posted(first | {"id": "evt_77aa"})
    )


@pytest.mark.parametrize("id_", ["", "5d2f", "trk_5d2f", 7, None])
def test_without_an_events_id_the_body_is_the_key(id_: object) -> None:
    """What has no id of an event is told apart by its bytes."""
    first = json.loads(event(scan("in_transit"))) | {"id": id_}
    second = first | {"status": "failed"}

    assert SOURCE.delivery_key(posted(first)) == SOURCE.delivery_key(posted(first))
    assert SOURCE.delivery_key(posted(first)) != SOURCE.delivery_key(posted(second))


def posted(document: object) -> Notification:
    """A document as it is posted."""
    return notification("easypost", json.dumps(document).encode())


# The signatures, computed here as the documentation says, and not by `sign`.

TRUST = Trust(settings=SourceSettings(format="easypost", secrets=(SECRET,)))
STAMP = "Fri, 20 Nov 2026 18:00:00 -0000"
BODY = event(scan("in_transit"))


def hashed(message: bytes, secret: str = SECRET) -> str:
    """A keyed hash as EasyPost writes it."""
    return f"hmac-sha256-hex={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


V1 = {"x-hmac-signature": hashed(BODY)}
V2 = {
    "x-timestamp": STAMP,
    "x-path": "/webhooks/our-easypost",
    "x-hmac-signature-v2": hashed(f"{STAMP}POST/webhooks/our-easypost".encode() + BODY),
}


@pytest.mark.parametrize("headers", [V1, V2, V1 | V2], ids=["v1", "v2", "both"])
def test_either_signature_is_enough(headers: dict[str, str]) -> None:
    """A notification is proven by its first signature, by its second, or by both."""
    SOURCE.authenticate(notification("easypost", BODY, headers), TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "the X-Hmac-Signature header is missing"),
        (V1 | {"x-hmac-signature": hashed(BODY)[:-1]}, "does not match the body"),
        (V1 | {"x-hmac-signature": hashed(BODY).upper()}, "does not match the body"),
        (V2 | V1 | {"x-hmac-signature": ""}, "does not match the body"),
        (V1 | V2 | {"x-hmac-signature-v2": ""}, "does not match the body"),
        (V1 | V2 | {"x-path": "/webhooks/another"}, "does not match the body"),
        ({k: V2[k] for k in V2 if k != "x-timestamp"}, "the x-timestamp header is missing"),
        ({k: V2[k] for k in V2 if k != "x-path"}, "the x-path header is missing"),
        (V2 | {"x-timestamp": "now"}, "the time stamp header cannot be read"),
        (V2 | {"x-timestamp": ""}, "the time stamp header cannot be read"),
        (V2 | {"x-timestamp": "Fri, 20 Nov 2026 17:54:59 -0000"}, "more than 300 s away"),
        (V2 | {"x-timestamp": "Fri, 20 Nov 2026 18:05:01 -0000"}, "more than 300 s away"),
    ],
)
def test_a_signature_that_is_given_must_hold(headers: dict[str, str], sentence: str) -> None:
    """One signature that does not hold is enough to refuse, whatever the other one says."""
    with pytest.raises(UnauthenticatedError, match=sentence):
        SOURCE.authenticate(notification("easypost", BODY, headers), TRUST, RECEIVED_AT)


def test_the_secret_is_normalised() -> None:
    """A secret is the same key whether its accents are letters of their own or not."""
    composed, decomposed = "s\u00e9cret", "se\u0301cret"
    headers = {"x-hmac-signature": hashed(BODY, decomposed)}

    for secret in (composed, decomposed):
        trust = Trust(settings=SourceSettings(format="easypost", secrets=(secret,)))
        SOURCE.authenticate(notification("easypost", BODY, headers), trust, RECEIVED_AT)


def test_the_path_of_a_signature_is_the_one_that_was_posted_to() -> None:
    """What is signed for an address without a path is signed for its root."""
    bare = Notification(id="n", source="s", format="easypost", received_at=RECEIVED_AT, body=BODY)

    assert SOURCE.sign(bare, TRUST, RECEIVED_AT)["x-path"] == "/"
