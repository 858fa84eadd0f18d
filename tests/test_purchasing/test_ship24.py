"""Ship24's codes one by one, its secret, its keys, and the traps of posting only what is new."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.notification import Notification
from purchasing.shipments import Shipment
from purchasing.sources import ship24
from purchasing.sources.ship24 import SOURCE
from purchasing.tracking import Told
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import by_code, told_of, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# docs.ship24.com/status (read 2026-11); the meanings are the rows of the tracking rules.
MILESTONES = by_code(
    {
        Meaning.NOT_FOUND: "pending",
        Meaning.LABEL_CREATED: "info_received",
        Meaning.MOVING: "in_transit",
        Meaning.OUT_FOR_DELIVERY: "out_for_delivery",
        Meaning.ATTEMPTED: "failed_attempt",
        Meaning.READY_FOR_PICKUP: "available_for_pickup",
        Meaning.DELIVERED: "delivered",
        Meaning.DELAYED: "exception",
    }
)
REFINED = by_code(
    {
        Meaning.VOIDED: "data_order_cancelled",
        Meaning.DELAYED: "customs_exception customs_rejected delivery_exception",
        Meaning.ATTEMPTED: "delivery_attempted delivery_refused",
        Meaning.RETURNING: "exception_return",
        Meaning.LOST: "exception_lost",
        Meaning.DAMAGED: "exception_discarded",
    }
)
# Any other code says nothing beyond the milestone.
CODES = {code: REFINED.get(code) for code in ship24._CODES}
PENDING = tuple(milestone for milestone in MILESTONES if milestone != "delivered")

NUMBER = "9405503301300000000041"
TRUST = Trust(settings=SourceSettings(format="ship24", secrets=("older", SECRET)))


def event(
    when: str | None = "2026-11-19T10:00:00Z",
    milestone: str | None = "in_transit",
    code: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An event as Ship24 posts it; its id and its words are its time unless they are given."""
    return {
        "eventId": f"e-{when}-{milestone}",
        "status": when,
        "occurrenceDatetime": when,
        "order": None,
        "location": None,
        "courierCode": None,
        "statusCode": code,
        "statusMilestone": milestone,
    } | more


def parcel(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A tracking whose shipment has the state of the newest of its events, its first."""
    first = events[0] if events else {}
    return {
        "metadata": {
            "generatedAt": "2026-11-20T17:00:00.000Z",
            "messageId": "m-1",
            "topic": "tracking/events",
        },
        "tracker": {"trackerId": "t-1", "trackingNumber": NUMBER},
        "shipment": {
            "shipmentId": "s-1",
            "statusMilestone": first.get("statusMilestone"),
            "statusCode": first.get("statusCode"),
        },
        "events": list(events),
    } | more


def of_another(tracking_: dict[str, Any], number: str, tracker: str) -> dict[str, Any]:
    """The same tracking of another parcel."""
    return tracking_ | {"tracker": {"trackerId": tracker, "trackingNumber": number}}


def posted(*trackings: object) -> Notification:
    """Trackings as they are posted."""
    return notification("ship24", json.dumps({"trackings": trackings}).encode())


def tracking(*trackings: object) -> TrackingUpdate:
    """The one statement of a post."""
    return tracking_in(SOURCE, posted(*trackings))


def told(shipment: Shipment, tracking_: object) -> Told:
    """What a tracking says of a shipment of which something is known."""
    return told_of(shipment, tracking(tracking_))


def words(update: TrackingUpdate) -> list[str]:
    """The words of the scans, in their order."""
    return [scan.words for scan in update.history]


# The codes


def test_there_are_eight_milestones_and_twenty_codes() -> None:
    """The source knows as many codes as Ship24 documents."""
    assert (len(MILESTONES), len(CODES)) == (8, 20)


@pytest.mark.parametrize(("milestone", "meaning"), MILESTONES.items())
@pytest.mark.parametrize("code", [None, ""])
def test_a_milestone_has_its_meaning(milestone: str, code: str | None, meaning: Meaning) -> None:
    """Every milestone without a code means what its row of the rules says."""
    update = tracking(parcel(event(milestone=milestone, code=code)))

    assert (update.current.meaning, update.current.code) == (meaning, milestone)
    assert update.history == (update.current,)


@pytest.mark.parametrize("milestone", PENDING)
@pytest.mark.parametrize(("code", "meaning"), CODES.items())
def test_a_code_refines_its_milestone(milestone: str, code: str, meaning: Meaning | None) -> None:
    """A code that says more than the milestone goes before it, until the parcel is delivered."""
    current = tracking(parcel(event(milestone=milestone, code=code))).current

    assert current.meaning is (meaning or MILESTONES[milestone])
    assert current.code == f"{milestone}/{code}"


@pytest.mark.parametrize(("code", "meaning"), CODES.items())
def test_a_code_does_not_contradict_a_delivery(code: str, meaning: Meaning | None) -> None:
    """What is delivered and something else by its code has no meaning; the rest is delivered."""
    current = tracking(parcel(event(milestone="delivered", code=code))).current

    assert current.meaning is (Meaning.DELIVERED if meaning is None else None)


@pytest.mark.parametrize("milestone", ["archived", "Delivered", "delivered ", " "])
def test_an_unknown_milestone_has_no_meaning(milestone: str) -> None:
    """A milestone that is not in the table has no meaning, whatever the code beside it."""
    for code in (None, "delivery_delivered", "exception_lost"):
        assert tracking(parcel(event(milestone=milestone, code=code))).current.meaning is None


@pytest.mark.parametrize("milestone", MILESTONES)
@pytest.mark.parametrize("code", ["delivery_delayed", "delivered", "Exception_Lost", " "])
def test_an_unknown_code_has_no_meaning(milestone: str, code: str) -> None:
    """A code that is not in the table leaves the event without a meaning."""
    assert tracking(parcel(event(milestone=milestone, code=code))).current.meaning is None


# The state, and the event that it rests on


def test_an_event_without_a_milestone_says_nothing() -> None:
    """An event of the past that has neither milestone nor code is kept without a meaning."""
    update = tracking(parcel(event(), event("2026-11-18T10:00:00Z", milestone=None)))

    assert [(scan.meaning, scan.code) for scan in update.history] == [
        (None, ""),
        (Meaning.MOVING, "in_transit"),
    ]


def test_an_event_that_has_only_a_code_is_not_known() -> None:
    """A code without its milestone is no state, and its scan is kept without a meaning."""
    update = tracking(parcel(event(), event("2026-11-18", None, "exception_lost")))

    assert (update.history[0].meaning, update.history[0].code) == (None, "/exception_lost")


@pytest.mark.parametrize("shipment", [None, {}, {"statusMilestone": None}])
def test_without_a_state_of_the_parcel_the_newest_event_is_it(shipment: object) -> None:
    """A tracking without the parcel's milestone is read by its newest event."""
    older = event("2026-11-18T10:00:00Z", "in_transit")

    current = tracking(parcel(event(milestone="delivered"), older, shipment=shipment)).current

    assert (current.meaning, current.words) == (Meaning.DELIVERED, "2026-11-19T10:00:00Z")


@pytest.mark.parametrize(
    "tracking_",
    [parcel(), parcel(event(milestone=None)), parcel(events=None), parcel(shipment=None)],
)
def test_a_tracking_without_any_milestone_is_held(tracking_: object) -> None:
    """What does not say where the parcel is waits for a person; its words are not guessed from."""
    reading = SOURCE.read(posted(tracking_))

    assert not reading.updates
    (finding,) = reading.held
    assert finding.reason == "malformed"
    assert finding.detail == "Tracking 1 of 1: no statusMilestone says where the parcel is."


def test_an_older_event_does_not_date_the_state() -> None:
    """An event that is found late is history; the state began when its milestone was reached."""
    late = event("2026-11-17T10:00:00Z", "in_transit", courierCode="us-post")
    timestamps = {"inTransitDatetime": "2026-11-16", "deliveredDatetime": "2026-11-19T08:30:00"}
    state = {"statusMilestone": "delivered", "statusCode": "delivery_delivered"}

    update = tracking(parcel(late, shipment=state, statistics={"timestamps": timestamps}))

    assert update.current.meaning is Meaning.DELIVERED
    assert (update.current.at, update.current.local_time) == (None, "2026-11-19T08:30:00")
    assert (update.current.words, update.current.code) == ("", "delivered/delivery_delivered")
    assert words(update) == ["2026-11-17T10:00:00Z"]
    assert (update.shipped_on, update.carrier) == (date(2026, 11, 16), "USPS")


@pytest.mark.parametrize(
    ("milestone", "name"),
    [
        ("info_received", "infoReceivedDatetime"),
        ("in_transit", "inTransitDatetime"),
        ("out_for_delivery", "outForDeliveryDatetime"),
        ("failed_attempt", "failedAttemptDatetime"),
        ("available_for_pickup", "availableForPickupDatetime"),
        ("exception", "exceptionDatetime"),
        ("delivered", "deliveredDatetime"),
    ],
)
def test_each_milestone_has_its_own_time_in_the_statistics(milestone: str, name: str) -> None:
    """The seven names of the statistics are the milestones' own."""
    stamps = {"timestamps": {name: "2026-11-19T08:30:00Z"}}

    current = tracking(parcel(shipment={"statusMilestone": milestone}, statistics=stamps)).current

    assert current.at == datetime(2026, 11, 19, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "statistics", [None, {}, {"timestamps": None}, [], {"timestamps": {"x": 1}}]
)
def test_statistics_that_are_missing_or_odd_hold_nothing_up(statistics: object) -> None:
    """A state for which no time is known has none."""
    update = tracking(parcel(shipment={"statusMilestone": "pending"}, statistics=statistics))

    assert (update.current.at, update.current.local_time, update.shipped_on) == (None, "", None)


# Times and their order


@pytest.mark.parametrize(
    ("when", "at", "local"),
    [
        ("2026-11-19T10:00:00", None, "2026-11-19T10:00:00"),
        ("2026-11-19T10:00:00.000Z", "2026-11-19T10:00:00+00:00", ""),
        ("2026-11-19T10:00:00+02:00", "2026-11-19T10:00:00+02:00", ""),
        ("2026-11-19", None, "2026-11-19"),
        ("yesterday", None, "yesterday"),
        (None, None, ""),
    ],
)
def test_a_time_has_one_of_four_forms(when: str | None, at: str | None, local: str) -> None:
    """Only a time with its zone is an instant; the others are kept as they are written."""
    (scan,) = tracking(parcel(event(when, datetime="2026-11-19T10:00:00.000Z"))).history

    assert scan.at == (datetime.fromisoformat(at) if at else None)
    assert scan.local_time == local


@pytest.mark.parametrize(
    ("newest_first", "oldest_first"),
    [
        # As documented.
        (("2026-11-20T09:00:00", "2026-11-19T09:00:00"), (1, 0)),
        # Not as documented: by their times.
        (("2026-11-19T09:00:00", "2026-11-20T08:00:00", "2026-11-20T09:00:00"), (0, 1, 2)),
        (("2026-11-20T09:00:00Z", "2026-11-20T10:30:00+02:00"), (1, 0)),
        # Nothing tells: by their places in the list.
        (("2026-11-20T09:00:00", "2026-11-20T09:00:00"), (1, 0)),
        (("2026-11-20", "2026-11-20T09:00:00"), (1, 0)),
        ((None, "2026-11-20T09:00:00", "soon"), (2, 1, 0)),
    ],
)
def test_events_are_put_in_order(
    newest_first: tuple[str | None, ...], oldest_first: tuple[int, ...]
) -> None:
    """The history is oldest first: by the times, and by the list where they do not tell."""
    events = [event(when, status=str(place)) for place, when in enumerate(newest_first)]

    assert words(tracking(parcel(*events))) == [str(place) for place in oldest_first]


@pytest.mark.parametrize(
    ("orders", "oldest_first"),
    [
        ((8, 9), (0, 1)),
        ((0, 1), (0, 1)),
        ((9, 8), (1, 0)),
        ((None, 9), (1, 0)),
        ((9, None), (1, 0)),
    ],
)
@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-20T09:00:00", "2026-11-20T09:00:00"),
        ("2026-11-20", "2026-11-20T09:00:00"),
        ("2026-11-20T09:00:00", "2026-11-20"),
        (None, "2026-11-20"),
        ("9999-12-31T23:00:00-05:00", "9999-12-31T23:00:00"),
    ],
)
def test_a_lower_order_is_older_where_the_times_do_not_tell(
    times: tuple[str, str], orders: tuple[int | None, int | None], oldest_first: tuple[int, int]
) -> None:
    """Of two events at one time, or on one day without an hour, `order` says which came first."""
    events = [
        event(when, status=str(place), order=order)
        for place, (when, order) in enumerate(zip(times, orders, strict=True))
    ]

    assert words(tracking(parcel(*events))) == [str(place) for place in oldest_first]


def test_the_order_does_not_go_before_the_times() -> None:
    """Where the times differ, `order` says nothing."""
    newer = event("2026-11-20T09:00:00", status="newer", order=1)
    older = event("2026-11-20T08:00:00", status="older", order=2)

    assert words(tracking(parcel(newer, older))) == ["older", "newer"]


# The parcel


def test_the_buyers_number_is_the_trackers() -> None:
    """The numbers of the last mile, of the parcel and of its events, are not the buyer's."""
    state = {
        "statusMilestone": "in_transit",
        "trackingNumbers": [{"tn": "420852819400100000000000000017"}, {"tn": NUMBER}],
    }
    found_under = event(eventTrackingNumber="420852819400100000000000000017", trackingNumber="x")

    assert tracking(parcel(found_under, shipment=state)).tracking_number == NUMBER


@pytest.mark.parametrize(
    ("couriers", "carrier"),
    [
        (("us-post",), "USPS"),
        (("fr-post",), "La Poste"),
        (("ups",), "ups"),
        ((None, "us-post", "cn-post"), "USPS"),
        ((None,), ""),
        ((), ""),
    ],
)
def test_the_courier_is_that_of_the_newest_event(
    couriers: tuple[str | None, ...], carrier: str
) -> None:
    """A code whose name is documented is shown by its name, another one as it is."""
    events = [
        event(f"2026-11-1{9 - place}T10:00:00Z", courierCode=code)
        for place, code in enumerate(couriers)
    ]
    state = {"statusMilestone": "in_transit"}

    assert tracking(parcel(*events, shipment=state)).carrier == carrier


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        ({"courierEstimatedDeliveryDate": {"from": "2026-11-23", "to": "2026-11-24"}}, 24),
        ({"courierEstimatedDeliveryDate": {"from": "2026-11-23T09:00:00", "to": None}}, 23),
        (
            {
                "courierEstimatedDeliveryDate": {"to": "2026-11-24T21:00:00"},
                "estimatedDeliveryDate": "2026-11-25T03:00:00",
            },
            24,
        ),
        (
            {
                "courierEstimatedDeliveryDate": None,
                "estimatedDeliveryDate": "2026-11-25T03:00:00",
            },
            25,
        ),
        ({"estimatedDeliveryDate": None}, None),
        ({"estimatedDeliveryDate": "soon"}, None),
        ({"estimatedDeliveryDate": 20261125}, None),
        (None, None),
    ],
)
def test_the_couriers_own_day_goes_before_the_one_in_utc(
    delivery: object, expected: int | None
) -> None:
    """The expected day is the end of the courier's window at the place, if there is one."""
    state = {"statusMilestone": "in_transit", "delivery": delivery}

    update = tracking(parcel(event(), shipment=state))

    assert update.estimated_delivery == (date(2026, 11, expected) if expected else None)


def test_service_and_signer_are_those_of_the_delivery() -> None:
    """The service, and who signed, are taken over as they are."""
    delivery = {"service": "Priority Mail", "signedBy": "K. OYELARAN"}
    state = {"statusMilestone": "delivered", "delivery": delivery}

    update = tracking(parcel(event(milestone="delivered"), shipment=state))

    assert (update.service, update.signed_by) == ("Priority Mail", "K. OYELARAN")


@pytest.mark.parametrize(
    ("shipment_id", "tracker_id", "expected"),
    [("s-1", "t-1", "s-1"), (None, "t-1", "t-1"), (None, None, "")],
)
def test_the_parcel_has_the_identity_that_ship24_gives_it(
    shipment_id: str | None, tracker_id: str | None, expected: str
) -> None:
    """It is the shipment's id, or the tracker's where the parcel was not found yet."""
    state = {"statusMilestone": "in_transit", "shipmentId": shipment_id}
    tracker = {"trackerId": tracker_id, "trackingNumber": NUMBER}

    assert tracking(parcel(event(), shipment=state, tracker=tracker)).shipment == expected


# Several trackings


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        "tracking",
        [],
        {},
        {"tracker": None},
        {"tracker": {"trackingNumber": None}},
        {"tracker": {"trackingNumber": " "}},
        parcel(event(order="first")),
        parcel(event(occurrenceDatetime=1)),
        parcel(events={}),
        parcel(metadata="none"),
    ],
)
def test_a_broken_tracking_does_not_harm_the_others(broken: object) -> None:
    """What cannot be read is held by its place in the post, and the rest is told."""
    other = of_another(parcel(event()), "LX330130042CN", "t-2")

    reading = SOURCE.read(posted(parcel(event()), broken, other))

    numbers = [it.tracking_number for it in reading.updates if isinstance(it, TrackingUpdate)]
    assert numbers == [NUMBER, "LX330130042CN"]
    (finding,) = reading.held
    assert finding.reason == "malformed"
    assert finding.detail.startswith("Tracking 2 of 3: ")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"metadata": {"topic": "tracking/pod"}}, "unsupported_kind"),
        ({"metadata": {"topic": "tracker/created"}, "tracker": None}, "unsupported_kind"),
        ({"tracker": {"trackingNumber": "SHIP24_SAMPLE_EXCEPTION_017"}}, "test_mode"),
        ({"tracker": {"trackingNumber": "SHIP24TEST2023H1M10"}}, "test_mode"),
    ],
)
def test_what_is_no_state_of_a_parcel_causes_nothing(changes: Any, reason: str) -> None:
    """A proof of delivery, another topic and a number for tests are ignored, beside the rest."""
    reading = SOURCE.read(posted(parcel(event(), **changes), parcel(event())))

    assert [finding.reason for finding in reading.ignored] == [reason]
    assert (len(reading.updates), reading.held) == (1, ())


@pytest.mark.parametrize("metadata", [None, {}, {"topic": None}, {"topic": ""}])
def test_a_tracking_without_a_topic_is_one_of_events(metadata: object) -> None:
    """The older form of a post has no topic, and is read like the others."""
    assert tracking(parcel(event(), metadata=metadata)).current.meaning is Meaning.MOVING


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"trackings": {}}', b'{"trackings": []}', b""])
def test_a_post_without_trackings_is_malformed(body: bytes) -> None:
    """What is no list of trackings is held as a whole."""
    with pytest.raises(MalformedError):
        SOURCE.read(notification("ship24", body))


# Sequences


def test_one_event_in_each_post_is_a_journey() -> None:
    """Posts that each show only what is new carry a parcel on like whole histories do."""
    steps = [
        event("2026-11-17T09:00:00Z", "info_received", "data_order_created"),
        event("2026-11-18T09:00:00Z", "in_transit", "transit_handover"),
        event("2026-11-18T12:00:00Z", "in_transit"),
        event("2026-11-19T09:00:00Z", "in_transit", "customs_exception"),
        event("2026-11-20T09:00:00Z", "out_for_delivery", "delivery_out_for_delivery"),
        event("2026-11-20T12:00:00Z", "delivered", "delivery_delivered"),
        event("2026-11-20T12:00:00Z", "delivered", "delivery_delivered"),
    ]
    shipment, said = Shipment(), []
    for step in steps:
        result = told(shipment, parcel(step))
        shipment = result.shipment
        said.append(types(result))

    assert said == [["track"], ["shipped"], [], ["delayed"], ["track"], ["delivered"], []]


def test_an_older_event_that_comes_late_moves_nothing_back() -> None:
    """A post that arrives out of order, by its own state or the parcel's, says nothing more."""
    delivered = event("2026-11-20T12:00:00Z", "delivered", "delivery_delivered")
    late = event("2026-11-19T12:00:00Z", "in_transit")
    reached = {"timestamps": {"deliveredDatetime": "2026-11-20T12:00:00Z"}}
    first = told(Shipment(), parcel(delivered))

    by_its_own = told(first.shipment, parcel(late))
    by_the_parcels = told(
        first.shipment,
        parcel(late, shipment={"statusMilestone": "delivered"}, statistics=reached),
    )

    assert types(first) == ["shipped", "delivered"]
    assert [finding.reason for finding in by_its_own.ignored] == ["superseded"]
    assert [finding.reason for finding in by_the_parcels.ignored] == ["no_change"]
    assert (types(by_its_own), types(by_the_parcels)) == ([], [])


def test_a_parcel_that_comes_back_is_not_delivered() -> None:
    """A delivery behind a return is held: it may be the sender's."""
    back = told(Shipment(), parcel(event("2026-11-19", "exception", "exception_return")))

    result = told(back.shipment, parcel(event("2026-11-20", "delivered", "delivery_delivered")))

    assert types(back) == ["shipped", "note"]
    assert [finding.reason for finding in result.held] == ["conflict"]


# The delivery key

ONE = parcel(event())
OTHER = of_another(parcel(event("2026-11-18T10:00:00Z")), "LX330130042CN", "t-2")


def key_of(*trackings: object) -> str:
    """The delivery key of some trackings in one post."""
    return SOURCE.delivery_key(posted(*trackings))


def test_what_is_sent_again_has_the_same_key() -> None:
    """A repetition may have another message, and be made at another time."""
    metadata = {"generatedAt": "2026-11-21T09:00:00.000Z", "messageId": "m-2"}
    again = ONE | {"metadata": ONE["metadata"] | metadata}

    assert key_of(again) == key_of(ONE)


def test_the_order_of_what_is_grouped_makes_no_difference() -> None:
    """The same trackings, and the same events of one of them, are the same post in any order."""
    first, second = event("2026-11-18"), event("2026-11-19")
    state = {"statusMilestone": "in_transit"}

    assert key_of(ONE, OTHER) == key_of(OTHER, ONE)
    assert key_of(parcel(first, second, shipment=state)) == key_of(
        parcel(second, first, shipment=state)
    )


@pytest.mark.parametrize(
    "other",
    [
        (ONE, ONE),
        (ONE, OTHER),
        (OTHER,),
        (of_another(ONE, NUMBER, "t-2"),),
        (of_another(ONE, "LX330130042CN", "t-1"),),
        (parcel(event(eventId="e-2")),),
        (parcel(event(code="customs_exception")),),
        (parcel(event(), event("2026-11-18")),),
        (parcel(event(), event(code="customs_exception")),),
        (parcel(event(occurrenceDatetime="2026-11-19T10:00:00")),),
        (parcel(event(), shipment={"statusMilestone": "delivered"}),),
        (
            parcel(
                event(),
                shipment=ONE["shipment"] | {"delivery": {"estimatedDeliveryDate": "2026-11-25"}},
            ),
        ),
        (parcel(event(), statistics={"timestamps": {"inTransitDatetime": "2026-11-18"}}),),
        (ONE | {"metadata": ONE["metadata"] | {"topic": "tracking/pod"}},),
        (),
    ],
)
def test_another_statement_has_another_key(other: tuple[object, ...]) -> None:
    """Another parcel, event, state or day, or one more of them, is another post."""
    assert key_of(*other) != key_of(ONE)


def test_a_message_without_events_is_known_by_its_bytes() -> None:
    """Where no event is new, all that a message holds tells two posts of one state apart."""
    first = parcel(shipment={"statusMilestone": "pending"})
    second = first | {"metadata": first["metadata"] | {"messageId": "m-2"}}

    assert key_of(first) == key_of(first)
    assert key_of(first) != key_of(second)


@pytest.mark.parametrize(
    "broken",
    [{"events": [{"statusCode": 1}]}, {"tracker": {}}, {"x": "y"}, parcel(event(eventId=None))],
)
def test_a_tracking_without_identities_is_known_by_its_bytes(broken: dict[str, Any]) -> None:
    """What names no event is told apart by what it is made of, beside the others."""
    assert key_of(ONE, broken) == key_of(broken, ONE)
    assert key_of(ONE, broken) != key_of(ONE)
    assert key_of(ONE, broken) != key_of(ONE, broken | {"z": 1})


def test_without_trackings_the_body_is_the_key() -> None:
    """What is no post is told apart by its bytes."""
    keys = {SOURCE.delivery_key(notification("ship24", body)) for body in (b"", b"{}", b"[]")}

    assert len(keys) == 3
    assert all(key.startswith("body:") for key in keys)


# The secret


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("secret", ["older", SECRET])
def test_the_scheme_is_written_in_any_case(scheme: str, secret: str) -> None:
    """The name of the scheme is the same in any case; any of the secrets opens."""
    headers = {"authorization": f"{scheme} {secret}"}

    SOURCE.authenticate(notification("ship24", b"{}", headers), TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "missing or shows no bearer secret"),
        ({"authorization": ""}, "missing or shows no bearer secret"),
        ({"authorization": "Bearer"}, "missing or shows no bearer secret"),
        ({"authorization": "Bearer "}, "missing or shows no bearer secret"),
        ({"authorization": SECRET}, "missing or shows no bearer secret"),
        ({"authorization": f"Basic {SECRET}"}, "missing or shows no bearer secret"),
        ({"authorization": f"Bearer\t{SECRET}"}, "missing or shows no bearer secret"),
        ({"authorization": f"Bearer  {SECRET}"}, "shown is missing or wrong"),
        ({"authorization": f"Bearer {SECRET} "}, "shown is missing or wrong"),
        ({"authorization": f"Bearer {SECRET.upper()}"}, "shown is missing or wrong"),
        ({"authorization": f"Bearer {SECRET[:-1]}"}, "shown is missing or wrong"),
        ({"x-authorization": f"Bearer {SECRET}"}, "missing or shows no bearer secret"),
    ],
)
def test_anything_but_the_secret_is_refused(headers: dict[str, str], sentence: str) -> None:
    """Only the whole secret, exactly as it is, is a proof; the refusal does not tell it."""
    with pytest.raises(UnauthenticatedError, match=sentence) as refused:
        SOURCE.authenticate(notification("ship24", b"{}", headers), TRUST, RECEIVED_AT)

    assert SECRET not in str(refused.value)


def test_a_shown_secret_is_weak() -> None:
    """Who saw one post can make another, and the source says so."""
    assert SOURCE.strength is Strength.SHOWN
    assert SOURCE.strength.is_weak


@pytest.mark.parametrize("is_duplicate", [False, True])
def test_the_answer_is_200_and_never_a_failure(is_duplicate: bool) -> None:  # noqa: FBT001  # a case
    """Ship24 takes `success: false` in an answer for a failure, so it has no such word."""
    answer = SOURCE.answer(posted(), Receipt("n-1", is_duplicate=is_duplicate))

    assert answer.status == 200
    assert set(json.loads(answer.body)) == {"id", "duplicate"}


# What others have published, where a collection of it is at hand


def test_the_published_delivery_is_read() -> None:
    """The documentation's own example is a delivery by USPS under another number."""
    body = sample("carriers/ship24/webhook_delivered.json")

    (update,) = SOURCE.read(notification("ship24", body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "9400115901047177598206"
    assert update.current.meaning is Meaning.DELIVERED
    assert (update.current.at, update.current.local_time) == (None, "2025-03-04T17:12:57")
    assert update.current.place == "SAN RAFAEL, CA 94901"
    assert update.history == (update.current,)
    assert (update.carrier, update.service, update.signed_by) == ("USPS", "", "")
    assert update.estimated_delivery == date(2025, 3, 4)
    assert update.shipped_on == date(2025, 3, 2)
    assert update.shipment == "f4f888d7-d140-423f-9a48-e0689d27e098"
