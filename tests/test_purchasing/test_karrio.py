"""Karrio's codes one by one, the secret that it shows, and what its notifications repeat."""

import json
from datetime import date
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification, scrubbed
from purchasing.sources import karrio
from purchasing.sources.karrio import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Meaning, Scan, TrackingUpdate
from tests.parcels import by_code, told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# karrioapi/karrio@deea10f8, modules/sdk/karrio/core/units.py; the meanings are the rows of the
# rules.
STATUSES = by_code(
    {
        Meaning.LABEL_CREATED: "pending",
        Meaning.NOT_FOUND: "unknown",
        Meaning.DELAYED: "on_hold delivery_delayed",
        Meaning.MOVING: "picked_up in_transit",
        Meaning.DELIVERED: "delivered",
        Meaning.VOIDED: "cancelled",
        Meaning.OUT_FOR_DELIVERY: "out_for_delivery",
        Meaning.READY_FOR_PICKUP: "ready_for_pickup",
        Meaning.ATTEMPTED: "delivery_failed",
        Meaning.RETURNING: "return_to_sender",
    }
)
OTHERWISE = by_code(
    {
        Meaning.ATTEMPTED: """
            consignee_refused consignee_business_closed consignee_not_available consignee_not_home
            consignee_verification_failed consignee_access_restricted
            consignee_safe_place_unavailable
        """,
        Meaning.DAMAGED: "carrier_damaged_parcel",
        Meaning.LOST: "carrier_parcel_lost",
        None: "unknown",
    }
)
# Any other reason is one for a delay; None: it says nothing beyond the status.
REASONS = {reason: OTHERWISE.get(reason, Meaning.DELAYED) for reason in karrio._REASONS}
PLAIN = ("ready_for_pickup", "delivered", "return_to_sender", "cancelled")
REFINED = tuple(status for status in STATUSES if status not in PLAIN)

NUMBER = "1Z04TX880312347100"


def scan(status: str | None, day: int = 19, **more: Any) -> dict[str, Any]:
    """An event as Karrio lists it."""
    return {
        "date": f"2026-11-{day}",
        "description": f"{status} on the {day}th",
        "location": "Reno, NV",
        "code": "X1",
        "time": "20:34",
        "timestamp": f"2026-11-{day}T20:34:00.000Z",
        "status": status,
        "reason": None,
    } | more


def tracker(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What Karrio posts of a tracker; the newest event stands first, and is what is the case."""
    data = {
        "id": "trk_5d2f",
        "tracking_number": NUMBER,
        "carrier_name": "ups",
        "status": events[0]["status"] if events else "pending",
        "estimated_delivery": "2026-11-23",
        "events": list(events),
        "info": None,
        "test_mode": False,
    }
    return {"event": "tracker_updated", "data": data | more}


def posted(document: object, headers: dict[str, str] | None = None) -> Notification:
    """A document as it is posted."""
    return notification("karrio", json.dumps(document).encode(), headers)


def tracking(document: object) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, posted(document))


def meaning_of(status: str, reason: str | None) -> Meaning | None:
    """What a status and a reason mean, as what is the case and in the history alike."""
    update = tracking(tracker(scan(status, reason=reason)))
    assert update.history == (update.current,)
    return update.current.meaning


def test_there_are_twelve_statuses_and_thirty_five_reasons() -> None:
    """The source knows as many codes as Karrio's own."""
    assert (len(STATUSES), len(REASONS)) == (12, 35)


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_a_status_has_its_meaning(status: str, meaning: Meaning) -> None:
    """Every status means what its row of the rules says."""
    assert meaning_of(status, None) is meaning
    assert meaning_of(status, "") is meaning


@pytest.mark.parametrize("status", REFINED)
@pytest.mark.parametrize(("reason", "meaning"), REASONS.items())
def test_a_reason_refines_its_status(status: str, reason: str, meaning: Meaning | None) -> None:
    """A reason says more of a parcel that is not at its end."""
    assert meaning_of(status, reason) is (meaning or STATUSES[status])


@pytest.mark.parametrize("status", PLAIN)
@pytest.mark.parametrize("reason", REASONS)
def test_other_statuses_are_plain(status: str, reason: str) -> None:
    """A status that is final keeps its meaning whatever the reason."""
    assert meaning_of(status, reason) is STATUSES[status]


@pytest.mark.parametrize("status", ["", "DELIVERED", "delivered ", "transit", "shipped"])
def test_an_unknown_status_has_no_meaning(status: str) -> None:
    """A status that is not in the table has no meaning, however near to one it looks."""
    assert tracking(tracker(scan("in_transit"), status=status)).current.meaning is None


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("reason", ["carrier_strike", "Weather_delay"])
def test_an_unknown_reason_has_no_meaning(status: str, reason: str) -> None:
    """A reason that is not in the table leaves the whole scan without a meaning."""
    assert meaning_of(status, reason) is None


def test_the_newest_event_gives_the_status_its_reason() -> None:
    """A status has no reason of its own; an older event's reason is over."""
    update = tracking(tracker(scan("in_transit", 20), scan("on_hold", 19, reason="customs_delay")))

    assert [it.meaning for it in update.history] == [Meaning.DELAYED, Meaning.MOVING]
    assert (update.current.meaning, update.current.code) == (Meaning.MOVING, "in_transit")


def test_the_trackers_status_goes_before_that_of_its_newest_event() -> None:
    """Where the two contradict each other, the tracker's is what is the case."""
    update = tracking(tracker(scan("in_transit"), status="delivered"))

    assert update.current.meaning is Meaning.DELIVERED
    assert update.current.local_time == "2026-11-19 20:34:00"


def test_pending_without_events_is_not_found() -> None:
    """A tracker of which no carrier has said anything does not claim a label."""
    for events in ((), None):
        document = tracker(events=events)
        assert tracking(document).current == Scan(meaning=Meaning.NOT_FOUND, code="pending")
    assert tracking(tracker(status="in_transit")).current.meaning is Meaning.MOVING


@pytest.mark.parametrize(
    ("times", "local_time"),
    [
        ({}, "2026-11-19 20:34:00"),
        ({"timestamp": "2026-11-19T13:58:00-05:00"}, "2026-11-19 13:58:00"),
        ({"timestamp": None}, "2026-11-19 20:34:00"),
        ({"timestamp": None, "time": "08:34 PM"}, "2026-11-19 08:34 PM"),
        ({"timestamp": None, "time": None}, "2026-11-19"),
        ({"timestamp": None, "time": "07:00", "date": None}, "07:00"),
        ({"timestamp": None, "time": None, "date": None}, ""),
        ({"timestamp": 7, "time": 8, "date": 9}, ""),
    ],
)
def test_a_time_has_no_zone(times: dict[str, Any], local_time: str) -> None:
    """Karrio stamps Z on local time; the hour is kept as text, and none is made up."""
    current = tracking(tracker(scan("in_transit", **times))).current

    assert (current.at, current.local_time) == (None, local_time)


@pytest.mark.parametrize(
    ("info", "weight"),
    [
        ({"package_weight": "12.5", "package_weight_unit": "LB"}, "12.5 LB"),
        ({"package_weight": 2, "package_weight_unit": "KG"}, "2 KG"),
        ({"package_weight": " ", "package_weight_unit": "KG"}, ""),
        ({"package_weight": "2", "package_weight_unit": None}, ""),
        ({"package_weight": True, "package_weight_unit": "KG"}, ""),
        ({"package_weight": ["2"], "package_weight_unit": "KG"}, ""),
        ({"package_weight": 0, "package_weight_unit": "KG"}, ""),
        ({"package_weight_unit": "KG"}, ""),
        ("2 KG", ""),
        (None, ""),
    ],
)
def test_a_weight_has_its_unit(info: object, weight: str) -> None:
    """A weight is a number with its unit, or none at all."""
    assert tracking(tracker(scan("in_transit"), info=info)).weight == weight


@pytest.mark.parametrize(
    ("estimate", "expected", "day"),
    [
        ("2026-11-24", "2026-11-25", date(2026, 11, 24)),
        (None, "2026-11-25", date(2026, 11, 25)),
        ("soon", "2026-11-25T00:00:00", date(2026, 11, 25)),
        (None, None, None),
    ],
)
def test_the_delivery_date_is_the_trackers(
    estimate: str | None, expected: str | None, day: date | None
) -> None:
    """The tracker's date goes before the one among its details."""
    document = tracker(
        scan("in_transit"), estimated_delivery=estimate, info={"expected_delivery": expected}
    )

    assert tracking(document).estimated_delivery == day


@pytest.mark.parametrize(
    ("name", "carrier"),
    [("usps", "USPS"), ("dhl_universal", "DHL"), ("colissimo", "colissimo"), (None, "")],
)
def test_a_carrier_is_named_as_people_write_it(name: str | None, carrier: str) -> None:
    """A carrier that is known by Karrio's name for it has its own; another one keeps that."""
    assert tracking(tracker(scan("in_transit"), carrier_name=name)).carrier == carrier


@pytest.mark.parametrize(
    "kind", ["tracker_created", "tracker_updated", "tracker.created", "tracker.updated"]
)
def test_a_dot_is_as_good_as_an_underscore(kind: str) -> None:
    """A kind of tracker is read however it is written."""
    assert tracking(tracker(scan("in_transit")) | {"event": kind}).tracking_number == NUMBER


@pytest.mark.parametrize(
    "kind",
    [
        "shipment_purchased",
        "shipment.purchased",
        "shipment_cancelled",
        "shipment_fulfilled",
        "shipment_out_for_delivery",
        "shipment_needs_attention",
        "shipment_delivery_failed",
        "pickup_scheduled",
        "pickup_cancelled",
        "pickup_closed",
        "order_created",
        "order_updated",
        "order_fulfilled",
        "order_cancelled",
        "order_delivered",
        "batch_queued",
        "batch_failed",
        "batch_running",
        "batch_completed",
        "tracker_deleted",
        "",
    ],
)
def test_other_kinds_cause_nothing(kind: str) -> None:
    """An event of another kind is not looked into, whatever its content."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted({"event": kind, "data": {"status": 1}}))

    assert refused.value.reason == "unsupported_kind"
    assert kind in refused.value.detail


def test_the_test_mode_causes_nothing() -> None:
    """A tracker of the test mode is ignored, and one that says nothing of a mode is read."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted(tracker(scan("in_transit"), test_mode=True)))

    assert refused.value.reason == "test_mode"
    assert tracking(tracker(scan("in_transit"), test_mode=None)).tracking_number == NUMBER


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"tracking_number": NUMBER},
        {"tracking_number": None, "status": "delivered"},
        {"tracking_number": " ", "status": "delivered"},
        {"tracking_number": NUMBER, "status": None},
        {"tracking_number": NUMBER, "status": "delivered", "events": {}},
        {"tracking_number": NUMBER, "status": "delivered", "events": [{"status": 7}]},
    ],
)
def test_an_event_without_its_parcel_is_malformed(data: object) -> None:
    """An event that names no parcel, or does not say what is the case, is held for a person."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted({"event": "tracker_updated", "data": data}))


# What several notifications of one parcel say.


def said(*documents: object) -> list[list[str]]:
    """The types of the events that follow from each of some notifications, in their order."""
    results = told_in_turn(map(tracking, documents), allowed=frozenset(EventType))
    return [types(it) for it in results]


LABEL, PICKED_UP = scan("pending", 17), scan("picked_up", 18)
ON_ITS_WAY, DELIVERY = scan("in_transit", 19), scan("delivered", 20)


def test_a_snapshot_that_comes_late_says_nothing() -> None:
    """Without times to trust, the scans seen before tell that a snapshot is older."""
    first = tracker(ON_ITS_WAY, PICKED_UP, LABEL)
    second = tracker(DELIVERY, ON_ITS_WAY, PICKED_UP, LABEL)

    assert said(second, first) == [["shipped", "delivered"], []]
    assert said(first, second, second) == [["shipped"], ["delivered"], []]


def test_the_smallest_events_lead_on_from_one_another() -> None:
    """Events with a day and words alone are enough to tell news from what is old."""
    one = scan(None, 18, time=None, timestamp=None)
    two = scan(None, 19, time=None, timestamp=None)
    first, second = tracker(one, status="in_transit"), tracker(two, one, status="delivered")

    assert said(first, second, first) == [["shipped"], ["delivered"], []]


def test_a_cancelled_label_is_voided_only_before_it_moves() -> None:
    """What has moved is not voided by a word of Karrio's."""
    cancelled = scan("cancelled", 20)

    assert said(tracker(LABEL), tracker(cancelled, LABEL)) == [["track"], ["voided"]]
    assert said(tracker(PICKED_UP), tracker(cancelled, PICKED_UP)) == [["shipped"], ["note"]]


# The delivery key.


def test_what_is_posted_again_has_its_key() -> None:
    """A person may have a tracker posted again, later and with other times of Karrio's own."""
    once = tracker(ON_ITS_WAY, updated_at="2026-11-19T20:35:00Z")
    again = tracker(ON_ITS_WAY, updated_at="2026-11-21T08:00:00Z")

    assert SOURCE.delivery_key(posted(once)) == SOURCE.delivery_key(posted(again))


def test_different_statements_have_different_keys() -> None:
    """The key tells apart whatever makes a statement another one."""
    plain = tracker(ON_ITS_WAY)
    others = [
        tracker(ON_ITS_WAY, PICKED_UP),
        tracker(ON_ITS_WAY | {"reason": "weather_delay"}),
        tracker(ON_ITS_WAY, id="trk_77aa"),
        tracker(ON_ITS_WAY, carrier_name="fedex"),
        tracker(ON_ITS_WAY, tracking_number="1Z04TX880312347101"),
        tracker(ON_ITS_WAY, status="delivered"),
        tracker(ON_ITS_WAY, estimated_delivery="2026-11-24"),
        tracker(ON_ITS_WAY, info={"signed_by": "J. Novak"}),
        tracker(ON_ITS_WAY, test_mode=True),
        plain | {"event": "tracker_created"},
    ]

    keys = {SOURCE.delivery_key(posted(document)) for document in (plain, *others)}

    assert len(keys) == 1 + len(others)


def test_the_parts_of_a_key_do_not_run_into_one_another() -> None:
    """A digit that changes its place from one part of the key to the next changes the key."""
    one = tracker(id=12, carrier_name=3)
    other = tracker(id=1, carrier_name=23)

    assert SOURCE.delivery_key(posted(one)) != SOURCE.delivery_key(posted(other))


@pytest.mark.parametrize(
    "document",
    [
        {"event": "tracker_updated", "data": []},
        {"event": "tracker_updated", "data": {"id": "trk_5d2f"}},
        {"data": {"tracking_number": NUMBER}},
        [],
    ],
)
def test_without_a_number_the_body_is_the_key(document: object) -> None:
    """What names no parcel is told apart by its bytes."""
    key = SOURCE.delivery_key(posted(document))

    assert key.startswith("body:")
    assert key != SOURCE.delivery_key(notification("karrio", json.dumps(document).encode() + b" "))


# The secret, which travels in a header that looks like an id.

TRUST = Trust(settings=SourceSettings(format="karrio", secrets=(SECRET, "whsec_the_old_one")))
HEADER = "x-event-id"


@pytest.mark.parametrize("secret", TRUST.secrets)
def test_the_shown_secret_opens(secret: str) -> None:
    """A notification that shows one of the secrets is the sender's."""
    SOURCE.authenticate(posted(tracker(), {HEADER: secret}), TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "evt_5d2f"},
        {HEADER: f"{SECRET} "},
        {HEADER: SECRET[:-1]},
        {"x-karrio-signature": SECRET},
        {"authorization": f"Bearer {SECRET}"},
    ],
    ids=["none", "empty", "an id", "longer", "shorter", "another header", "a bearer"],
)
def test_another_secret_is_refused(headers: dict[str, str]) -> None:
    """Anything but the whole secret in its header is refused, and not repeated."""
    with pytest.raises(UnauthenticatedError, match="missing or wrong") as refused:
        SOURCE.authenticate(posted(tracker(), headers), TRUST, RECEIVED_AT)

    assert SECRET[:-1] not in str(refused.value)


def test_without_secrets_everything_is_refused() -> None:
    """A source without secrets refuses an empty header like any other."""
    trust = Trust(settings=SourceSettings(format="karrio"))

    for headers in ({}, {HEADER: ""}, {HEADER: SECRET}):
        with pytest.raises(UnauthenticatedError, match="no secret is configured"):
            SOURCE.authenticate(posted(tracker(), headers), trust, RECEIVED_AT)


def test_the_secret_is_no_key_and_is_not_stored() -> None:
    """The header that looks like an id takes no part in the key, and is blotted out."""
    one, other = (posted(tracker(ON_ITS_WAY), {HEADER: secret}) for secret in TRUST.secrets)

    assert SOURCE.delivery_key(one) == SOURCE.delivery_key(other)
    assert SECRET not in SOURCE.delivery_key(one)
    assert scrubbed(one, TRUST.settings.confidential).headers == {HEADER: "[secret]"}


def test_any_success_is_an_answer() -> None:
    """Karrio is told that its notification is kept."""
    assert SOURCE.answer(posted(tracker()), Receipt("n-1")).status == 202


def test_the_published_example_is_read() -> None:
    """The smallest tracker of Karrio's own tests is on its way, without a time of day."""
    body = sample("carriers/karrio/tracker_updated.json")

    (update,) = SOURCE.read(notification("karrio", body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "1Z999AA10123456784"
    assert update.current == Scan(
        meaning=Meaning.MOVING,
        code="in_transit",
        words="Departed facility",
        place="Memphis, TN",
        local_time="2026-03-10",
    )
    assert [scan.code for scan in update.history] == ["PU", "in_transit"]
    assert update.estimated_delivery == date(2026, 3, 15)
    assert (update.carrier, update.shipment) == ("UPS", "trk_abc123")
    assert update.signed_by == ""
