"""17TRACK's codes one by one, its signature, its keys, and the traps of its snapshots."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification
from purchasing.shipments import Shipment
from purchasing.sources import seventeentrack
from purchasing.sources.seventeentrack import SOURCE
from purchasing.tracking import Told
from purchasing.trust import Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import by_code, told_of, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# api.17track.net/en/doc?version=v2.4; the meanings are the rows of the tracking rules.
STATUSES = seventeentrack._STATUSES
REFINED = by_code(
    {
        Meaning.DELAYED: """
            InTransit_CustomsRequiringInformation DeliveryFailure_Security
            DeliveryFailure_InvalidAddress
        """,
        Meaning.RETURNING: "Exception_Returning Exception_Returned",
        Meaning.DAMAGED: "Exception_Damage Exception_Destroyed",
        Meaning.LOST: "Exception_Lost",
        Meaning.VOIDED: "Exception_Cancel",
    }
)
# Any other sub-status means what its main status does, and a stage is one of the two, shortened.
SUB_STATUSES = {
    code: REFINED.get(code, STATUSES[code.partition("_")[0]])
    for code in seventeentrack._SUB_STATUSES
}
STAGES = {
    stage: STATUSES.get(stage)
    or SUB_STATUSES.get(f"InTransit_{stage}")
    or SUB_STATUSES[f"Exception_{stage}"]
    for stage in seventeentrack._STAGES
}

NUMBER = "RB740018265SG"
NOON = "2026-11-19T12:00:00+08:00"
TRUST = Trust(settings=SourceSettings(format="seventeentrack", secrets=(SECRET,)))


def scan(hour: int = 12, sub_status: str | None = None, **more: Any) -> dict[str, Any]:
    """A scan of 2026-11-19 as 17TRACK lists it."""
    return {
        "time_iso": f"2026-11-19T{hour:02}:00:00+08:00",
        "time_utc": None,
        "time_raw": None,
        "description": f"At {hour} o'clock",
        "location": None,
        "stage": None,
        "sub_status": sub_status,
    } | more


def provider(*scans: dict[str, Any], name: str | None = "Singapore Post") -> dict[str, Any]:
    """A provider with its scans, of which the first is the newest."""
    return {"provider": {"key": 19131, "name": name}, "events": list(scans), "events_hash": 5}


def document(
    *providers: dict[str, Any], status: str = "InTransit", sub: str | None = None, **info: Any
) -> dict[str, Any]:
    """A push; the newest scan of the first provider is the latest one of the parcel."""
    newest = providers[0]["events"][:1] if providers else []
    track_info = {
        "latest_status": {"status": status, "sub_status": sub},
        "latest_event": newest[0] if newest else None,
        "time_metrics": {"days_of_transit": 2, "estimated_delivery_date": None},
        "tracking": {"providers_hash": -12, "providers": list(providers)},
    } | info
    data = {"number": NUMBER, "carrier": 19131, "tag": "", "track_info": track_info}
    return {"event": "TRACKING_UPDATED", "data": data}


def posted(pushed: object) -> Notification:
    """A document as it is posted."""
    return notification("seventeentrack", json.dumps(pushed).encode())


def tracking(pushed: object) -> TrackingUpdate:
    """The one statement of a push."""
    return tracking_in(SOURCE, posted(pushed))


def told(shipment: Shipment, pushed: object) -> Told:
    """What a push says of a shipment of which something is known."""
    return told_of(shipment, tracking(pushed))


# The codes


def test_there_are_nine_statuses_thirty_sub_statuses_and_nine_stages() -> None:
    """The source knows as many codes as 17TRACK documents."""
    assert (len(STATUSES), len(SUB_STATUSES), len(STAGES)) == (9, 30, 9)


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
@pytest.mark.parametrize("sub", [None, ""])
def test_a_status_has_its_meaning(status: str, sub: str | None, meaning: Meaning) -> None:
    """A main status without a sub-status means what the table says."""
    current = tracking(document(status=status, sub=sub)).current

    assert (current.meaning, current.code) == (meaning, status)


@pytest.mark.parametrize(("sub", "meaning"), SUB_STATUSES.items())
def test_a_sub_status_has_its_meaning(sub: str, meaning: Meaning) -> None:
    """A sub-status means the same as what is the case and in the history."""
    update = tracking(
        document(provider(scan(sub_status=sub)), status=sub.split("_", maxsplit=1)[0], sub=sub)
    )

    assert (update.current.meaning, update.current.code) == (meaning, sub)
    assert (update.history[0].meaning, update.history[0].code) == (meaning, sub)


@pytest.mark.parametrize(("stage", "meaning"), STAGES.items())
def test_a_stage_is_read_where_the_sub_status_is_null(stage: str, meaning: Meaning) -> None:
    """A scan whose sub-status is null is read by its stage."""
    (seen,) = tracking(document(provider(scan(stage=stage)))).history

    assert (seen.meaning, seen.code) == (meaning, stage)


@pytest.mark.parametrize("stage", STAGES)
def test_a_sub_status_goes_before_the_stage(stage: str) -> None:
    """A scan that has both is read by its sub-status, even where that is unknown."""
    known = scan(9, "Exception_Damage", stage=stage)
    unknown = scan(10, "InTransit_New", stage=stage)

    history = tracking(document(provider(unknown, known))).history

    assert [it.meaning for it in history] == [Meaning.DAMAGED, None]


@pytest.mark.parametrize("status", ["", " ", "delivered", "Delivered ", "Undelivered"])
def test_an_unknown_status_has_no_meaning(status: str) -> None:
    """A status that is not in the table has no meaning, however near to one it looks."""
    if not status:
        with pytest.raises(MalformedError, match="no latest_status"):
            tracking(document(status=status))
        return
    assert tracking(document(status=status)).current.meaning is None


@pytest.mark.parametrize(
    ("status", "sub", "code"),
    [
        ("InTransit", "InTransit_New", "InTransit_New"),
        ("InTransit", "InTransit", "InTransit"),
        ("Delivered", "InTransit_Other", "Delivered/InTransit_Other"),
        ("InTransit", "Delivered_Other", "InTransit/Delivered_Other"),
        ("InfoReceived", "InfoReceived_Other", "InfoReceived_Other"),
        ("New", "New_Other", "New_Other"),
    ],
)
def test_an_unknown_or_contrary_sub_status_has_no_meaning(status: str, sub: str, code: str) -> None:
    """A sub-status that is unknown, or of another main status, leaves the state unknown."""
    current = tracking(document(status=status, sub=sub)).current

    assert (current.meaning, current.code) == (None, code)


# When, where, what


@pytest.mark.parametrize(
    ("times", "at", "local"),
    [
        ({}, NOON, ""),
        ({"time_iso": None, "time_utc": "2026-11-19T04:00:00Z"}, "2026-11-19T04:00:00+00:00", ""),
        ({"time_iso": "", "time_utc": "2026-11-19T04:00:00Z"}, "2026-11-19T04:00:00+00:00", ""),
        ({"time_iso": "2026-11-19T12:00:00"}, None, "2026-11-19T12:00:00"),
        ({"time_iso": None}, None, ""),
        (
            {"time_iso": None, "time_raw": {"date": "2026-11-19", "time": "12:00:00"}},
            None,
            "2026-11-19 12:00:00",
        ),
        (
            {
                "time_iso": None,
                "time_raw": {"date": "2026-11-19", "time": "12:00:00", "timezone": "+08:00"},
            },
            NOON,
            "",
        ),
        (
            {
                "time_iso": None,
                "time_raw": {"date": "2026-11-19", "time": "12:00:00", "timezone": " SGT"},
            },
            None,
            "2026-11-19 12:00:00 SGT",
        ),
        (
            {"time_iso": None, "time_raw": {"date": "2026-11-19", "timezone": "+08:00"}},
            None,
            "2026-11-19",
        ),
        ({"time_iso": None, "time_raw": {"date": "19/11/2026"}}, None, "19/11/2026"),
        ({"time_iso": None, "time_raw": {"time": "12:00"}}, None, "12:00"),
        ({"time_raw": {"date": "2026-11-19", "time": "13:00:00"}}, NOON, ""),
    ],
)
def test_the_first_time_that_is_given_counts(
    times: dict[str, Any], at: str | None, local: str
) -> None:
    """A time with its zone is an instant; one from `time_raw` without a zone stays a text."""
    update = tracking(document(provider(scan(**times))))

    assert update.current.at == (datetime.fromisoformat(at) if at else None)
    assert update.current.local_time == local
    assert update.history[0].local_time == local


def test_the_scans_of_two_providers_are_put_together_by_time() -> None:
    """What two posts saw is one history, whichever of them comes first."""
    origin = provider(scan(11), scan(8), name="China Post")
    destination = provider(scan(12), scan(9), name="Singapore Post")

    for pushed in (document(destination, origin), document(origin, destination)):
        update = tracking(pushed)
        assert [it.words for it in update.history] == [
            "At 8 o'clock",
            "At 9 o'clock",
            "At 11 o'clock",
            "At 12 o'clock",
        ]
        assert update.carrier == "Singapore Post"


def test_the_scans_of_one_provider_keep_their_order() -> None:
    """A label that is dated behind the delivery stays in its place, beside another provider too."""
    one = provider(scan(10, "Delivered_Other"), scan(11, "InfoReceived"), name="UPS")
    other = provider(scan(9, "InTransit_Other"), name="China Post")

    update = tracking(document(one, other, status="Delivered"))

    assert [it.code for it in update.history] == [
        "InTransit_Other",
        "InfoReceived",
        "Delivered_Other",
    ]
    assert update.carrier == "UPS"


def test_a_time_without_a_zone_is_put_in_order_as_if_it_were_in_utc() -> None:
    """A zone-less time is given no zone, and yet has a place among the scans of another post."""
    early = scan(time_iso="2026-11-19T03:00:00", description="early")
    late = scan(time_iso="2026-11-19T05:00:00", description="late")
    never = scan(time_iso=None, description="never")

    update = tracking(document(provider(late, early, never), provider(scan(12))))

    assert [it.words for it in update.history] == ["never", "early", "At 12 o'clock", "late"]
    assert all(it.at is None for it in update.history if it.words != "At 12 o'clock")


@pytest.mark.parametrize(
    ("providers", "carrier"),
    [
        ([], ""),
        ([provider(name="UPS"), provider(name="China Post")], "UPS"),
        ([provider(scan(), name=None)], ""),
        ([provider(scan()) | {"provider": None}], ""),
        ([{"events": None, "provider": {"name": "UPS"}}], "UPS"),
    ],
)
def test_the_carrier_is_the_provider_of_the_newest_scan(
    providers: list[dict[str, Any]], carrier: str
) -> None:
    """Without scans it is the first provider; a key is no name and is not shown."""
    pushed = document(latest_event=None)
    pushed["data"]["track_info"]["tracking"]["providers"] = providers

    assert tracking(pushed).carrier == carrier


def test_the_status_is_dated_by_the_latest_event() -> None:
    """What is the case now is dated by `latest_event`, whatever the lists of scans show."""
    update = tracking(document(provider(scan(9)), latest_event=scan(14, location="Changi")))

    assert (update.current.words, update.current.place) == ("At 14 o'clock", "Changi")
    assert [it.words for it in update.history] == ["At 9 o'clock"]


@pytest.mark.parametrize(
    ("fields", "words", "place"),
    [
        ({}, "At 12 o'clock", ""),
        ({"description": None}, "", ""),
        ({"description_translation": {"description": "Arrived"}}, "Arrived", ""),
        ({"description_translation": {"description": None}}, "At 12 o'clock", ""),
        (
            {"location": " ", "address": {"city": "Jurong", "country": "SG"}},
            "At 12 o'clock",
            "Jurong, SG",
        ),
        ({"location": "JURONG", "address": {"city": "Jurong"}}, "At 12 o'clock", "JURONG"),
        ({"address": {"state": None}}, "At 12 o'clock", ""),
    ],
)
def test_a_scan_has_words_and_a_place(fields: dict[str, Any], words: str, place: str) -> None:
    """A translation goes before the carrier's own language, and a place before its address."""
    current = tracking(document(provider(scan(**fields)))).current

    assert (current.words, current.place) == (words, place)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"from": "2026-11-24T00:00:00-07:00", "to": "2026-11-26T23:00:00-07:00"}, (26,)),
        ({"from": "2026-11-24T00:00:00-07:00", "to": None}, (24,)),
        ({"from": None, "to": "2026-11-26"}, (26,)),
        ({"from": "soon", "to": "later"}, ()),
        ({}, ()),
        (None, ()),
        ("2026-11-26", ()),
    ],
)
def test_the_end_of_the_window_is_the_expected_day(
    window: object, expected: tuple[int, ...]
) -> None:
    """The expected day is the last one of the window, in the zone in which it is written."""
    pushed = document(time_metrics={"estimated_delivery_date": window})

    assert tracking(pushed).estimated_delivery == (date(2026, 11, *expected) if expected else None)


@pytest.mark.parametrize(
    ("misc", "weight"),
    [
        ({"weight_raw": "49.20LBS", "weight_kg": "22.32"}, "49.20 LBS"),
        ({"weight_raw": "2 kg", "weight_kg": None}, "2 kg"),
        ({"weight_raw": "12,5 kg", "weight_kg": "12.5"}, "12.5 kg"),
        ({"weight_raw": None, "weight_kg": 0.25}, "0.25 kg"),
        ({"weight_raw": "heavy", "weight_kg": None}, ""),
        ({"weight_raw": "", "weight_kg": ""}, ""),
        ({}, ""),
        (None, ""),
        ({"weight_raw": 3}, ""),
    ],
)
def test_the_weight_is_a_number_with_a_unit(misc: object, weight: str) -> None:
    """The carrier's own weight goes before the one in kilograms where it is a number."""
    assert tracking(document(misc_info=misc)).weight == weight


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ([{"key_stage": "Delivered", "time_iso": NOON}], None),
        ([{"key_stage": "PickedUp", "time_iso": NOON}], date(2026, 11, 19)),
        (
            [{"key_stage": "PickedUp", "time_iso": None, "time_raw": {"date": "2026-11-18"}}],
            date(2026, 11, 18),
        ),
        ([{"key_stage": "PickedUp", "time_iso": None, "time_raw": None}], None),
        ([], None),
        (None, None),
        ({"PickedUp": NOON}, None),
    ],
)
def test_the_milestone_says_when_it_left(milestones: object, expected: date | None) -> None:
    """The day on which a parcel was shipped is that of the milestone PickedUp."""
    assert tracking(document(milestone=milestones)).shipped_on == expected


def test_the_service_is_that_of_the_parcel() -> None:
    """The service's name is taken over as it is."""
    assert tracking(document(misc_info={"service_type": "SpeedPost"})).service == "SpeedPost"


@pytest.mark.parametrize("number", [" 9400 1 ", 94001, 0])
def test_a_number_may_be_a_number(number: object) -> None:
    """A tracking number that is written without quotes is the same text."""
    pushed = document()
    pushed["data"]["number"] = number

    assert tracking(pushed).tracking_number == str(number).strip()


# What is not read


@pytest.mark.parametrize("event", ["AWB_UPDATED", "TEST", "", "tracking_updated"])
def test_other_events_cause_nothing(event: str) -> None:
    """An event of another kind is not looked into, whatever its data, be it a trial."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted({"event": event, "data": 1}))

    assert refused.value.reason == "unsupported_kind"
    assert event in refused.value.detail


@pytest.mark.parametrize(
    ("pushed", "sentence"),
    [
        ({}, "required field `event`"),
        ([], "Expected `object`"),
        ({"event": "TRACKING_UPDATED"}, "Expected `object`, got `null`"),
        ({"event": "TRACKING_STOPPED", "data": {}}, "required field `number`"),
        ({"event": "TRACKING_STOPPED", "data": {"number": ""}}, "empty number"),
        ({"event": "TRACKING_UPDATED", "data": {"number": "1"}}, "no latest_status"),
        (document(latest_status=None), "no latest_status"),
        (document(latest_status={"sub_status": "Delivered_Other"}), "no latest_status"),
        (document(latest_event="today"), "Expected `object | null`"),
    ],
)
def test_what_names_no_parcel_or_no_state_is_malformed(pushed: object, sentence: str) -> None:
    """A push that does not say which parcel is where is held until a person looks."""
    with pytest.raises(MalformedError, match=sentence.replace("|", r"\|")):
        SOURCE.read(posted(pushed))


# Sequences


def test_a_parcel_that_is_no_longer_followed_while_it_moves_deserves_a_look() -> None:
    """`TRACKING_STOPPED` says nothing to Cofactr, and raises attention if the parcel moved."""
    moving = told(Shipment(), document(provider(scan(9, "InTransit_Other"))))
    stopped = {"event": "TRACKING_STOPPED", "data": {"number": NUMBER, "carrier": 19131}}

    result = told(moving.shipment, stopped)

    assert types(result) == []
    assert [finding.reason for finding in result.ignored] == ["no_change"]
    assert [finding.reason for finding in result.attention] == ["tracking_stopped"]


def test_a_parcel_that_is_no_longer_followed_after_its_delivery_is_no_news() -> None:
    """Nothing is said, and nobody has to look, when a delivered parcel is let go."""
    delivered = told(Shipment(), document(provider(scan(9)), status="Delivered"))
    stopped = {"event": "TRACKING_STOPPED", "data": {"number": NUMBER, "carrier": 19131}}

    result = told(delivered.shipment, stopped)

    assert types(delivered) == ["shipped", "delivered"]
    assert (types(result), result.attention) == ([], ())


def test_a_state_is_said_once_however_its_scans_are_coded() -> None:
    """A scan without codes dates the state, and the next push does not say that state again."""
    first, second, third = scan(9), scan(10), scan(11, stage="OutForDelivery")

    moving = told(Shipment(), document(provider(first)))
    still = told(moving.shipment, document(provider(second, first)))
    out = told(still.shipment, document(provider(third, second, first), status="OutForDelivery"))
    again = told(out.shipment, document(provider(third, second, first), status="OutForDelivery"))

    assert [types(it) for it in (moving, still, out, again)] == [["shipped"], [], ["track"], []]


def test_two_delays_with_movement_between_them_are_two() -> None:
    """What lies between two pushes counts, by the codes of the scans."""
    first, second, third = (
        scan(9, "Exception_Delayed"),
        scan(10, "InTransit_Arrival"),
        scan(11, "Exception_Delayed"),
    )

    one = told(Shipment(), document(provider(first), status="Exception", sub="Exception_Delayed"))
    other = told(
        one.shipment,
        document(provider(third, second, first), status="Exception", sub="Exception_Delayed"),
    )

    assert (types(one), types(other)) == (["delayed"], ["shipped", "delayed"])


def test_a_number_that_is_used_again_is_another_orders_parcel() -> None:
    """A first scan after a delivery moves the old order's parcel nowhere."""
    delivered = told(Shipment(), document(provider(scan(9)), status="Delivered"))

    result = told(delivered.shipment, document(provider(scan(20)), status="InfoReceived"))

    assert types(result) == []
    assert [finding.reason for finding in result.ignored] == ["superseded"]


# The delivery key


def changed(**info: Any) -> dict[str, Any]:
    """The push of these tests with some of its state changed."""
    pushed = document(provider(scan(9, "InTransit_Other")))
    pushed["data"]["track_info"] |= info
    return pushed


def key_of(pushed: object) -> str:
    """The delivery key of a document."""
    return SOURCE.delivery_key(posted(pushed))


@pytest.mark.parametrize(
    "info",
    [
        {"time_metrics": {"days_of_transit": 3, "estimated_delivery_date": None}},
        {"misc_info": {"risk_factor": 1}},
        {
            "tracking": {
                "providers_hash": 7,
                "providers": [
                    provider(scan(9, "InTransit_Other"))
                    | {"latest_sync_time": "2026-11-20T18:00:00Z", "events_hash": 6}
                ],
            }
        },
    ],
)
def test_a_counter_that_moves_by_itself_makes_no_news(info: dict[str, Any]) -> None:
    """A push that is repeated a day later has other counters and sync times, and the same key."""
    assert key_of(changed(**info)) == key_of(changed())


@pytest.mark.parametrize(
    "info",
    [
        {"latest_status": {"status": "Expired", "sub_status": "Expired_Other"}},
        {"latest_event": scan(10)},
        {"time_metrics": {"estimated_delivery_date": {"to": "2026-11-24"}}},
        {"time_metrics": {"estimated_delivery_date": {"from": "2026-11-24"}}},
        {"tracking": {"providers": [provider(scan(9, "InTransit_Other"), scan(8))]}},
        {"tracking": {"providers": [provider(scan(9, "Exception_Lost"))]}},
        {"tracking": {"providers": []}},
        {"tracking": None},
    ],
)
def test_another_state_has_another_key(info: dict[str, Any]) -> None:
    """A status, a scan, an expected day or a list of scans that is another one is news."""
    assert key_of(changed(**info)) != key_of(changed())


@pytest.mark.parametrize("other", [{"number": "RB740018266SG"}, {"carrier": 3011}])
def test_another_parcel_has_another_key(other: dict[str, Any]) -> None:
    """The same state of two parcels, or of one number at two carriers, is two statements."""
    pushed = changed()
    pushed["data"] |= other

    assert key_of(pushed) != key_of(changed())
    assert key_of(changed() | {"event": "TRACKING_STOPPED"}) != key_of(changed())


@pytest.mark.parametrize("info", [None, {}, "none", {"latest_event": 1}])
def test_without_a_state_the_body_is_the_key(info: object) -> None:
    """What states nothing that can be read is told apart by its bytes."""
    first, second = changed(), changed()
    first["data"]["track_info"] = second["data"]["track_info"] = info
    second["data"]["tag"] = "PO-1001"

    assert key_of(first) == key_of(first)
    assert key_of(first) != key_of(second)


def test_a_parcel_that_is_no_longer_followed_is_known_by_the_body() -> None:
    """`TRACKING_STOPPED` says the same whenever it is posted, and another parcel's is another."""
    first, second = (
        {"event": "TRACKING_STOPPED", "data": {"number": number, "carrier": 19131}}
        for number in (NUMBER, "RB740018266SG")
    )

    assert key_of(first) == key_of(first) != key_of(second)


# The signature, computed here as the documentation says, and not by `sign`.

BODY = json.dumps(changed()).encode()


def hashed(body: bytes, key: str = SECRET) -> str:
    """A plain hash of a body, a slash and a key."""
    return hashlib.sha256(body + f"/{key}".encode()).hexdigest()


def test_the_documented_text_is_what_is_hashed() -> None:
    """The documented concatenation of a body and a key has the hash that it has elsewhere."""
    body = (
        b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011,"tag":null}}'
    )
    sign = "45acb4a6f4a194a6ac1f0f712182c4e314b1ae9399941ea086987408f3166994"
    trust = Trust(settings=SourceSettings(format="seventeentrack", secrets=("123456ABCDEF",)))

    SOURCE.authenticate(notification("seventeentrack", body, {"sign": sign}), trust, RECEIVED_AT)
    assert SOURCE.sign(notification("seventeentrack", body), trust, RECEIVED_AT)["sign"] == sign


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "the sign header is missing"),
        ({"sign": ""}, "does not match the body"),
        ({"sign": hashed(BODY).upper()}, "does not match the body"),
        ({"sign": hashed(BODY)[:-1]}, "does not match the body"),
        ({"sign": f" {hashed(BODY)}"}, "does not match the body"),
        ({"sign": hashed(BODY, "another key")}, "does not match the body"),
        ({"sign": hashlib.sha256(BODY).hexdigest()}, "does not match the body"),
        ({"sign": hashlib.sha256(BODY + SECRET.encode()).hexdigest()}, "does not match the body"),
        ({"17token": SECRET}, "the sign header is missing"),
    ],
)
def test_a_signature_that_is_not_exactly_it_is_refused(
    headers: dict[str, str], sentence: str
) -> None:
    """Only the hash in lower case of body, slash and key is a proof."""
    with pytest.raises(UnauthenticatedError, match=sentence):
        SOURCE.authenticate(notification("seventeentrack", BODY, headers), TRUST, RECEIVED_AT)


def test_bytes_that_are_no_text_can_be_signed() -> None:
    """The hash is over the bytes as they came, whatever they are."""
    body = b"\xff\x00/"
    posted_ = notification("seventeentrack", body, {"sign": hashed(body)})

    SOURCE.authenticate(posted_, TRUST, RECEIVED_AT)


@pytest.mark.parametrize("is_duplicate", [False, True])
def test_the_answer_is_exactly_200(is_duplicate: bool) -> None:  # noqa: FBT001  # a case
    """17TRACK is answered 200, which is the only success that is known of it."""
    answer = SOURCE.answer(posted({}), Receipt("n-1", is_duplicate=is_duplicate))

    assert answer.status == 200


# What others have published, where a collection of it is at hand


def published(name: str) -> Any:
    """A published document."""
    return json.loads(sample(f"carriers/17track/{name}"))


def test_the_published_delivery_is_read() -> None:
    """The documentation's own example is a delivery of UPS with five scans."""
    update = tracking(published("tracking_updated_delivered.json"))

    assert update.tracking_number == "1Z2617V10397725789"
    assert update.current.meaning is Meaning.DELIVERED
    assert update.current.at == datetime(2022, 4, 4, 23, 35, 22, tzinfo=UTC)
    assert update.current.place == "GASQUET, CA, US"
    assert [it.meaning for it in update.history] == [
        Meaning.LABEL_CREATED,
        None,
        None,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.DELIVERED,
    ]
    assert (update.carrier, update.service) == ("UPS", "UPS Ground")
    assert (update.weight, update.shipped_on) == ("49.20 LBS", None)
    assert (update.signed_by, update.estimated_delivery) == ("", None)


def test_the_published_parcel_in_transit_is_read() -> None:
    """A parcel of the API in the wrapper of a push has an unknown sub-status in its past."""
    (parcel,) = published("gettrackinfo_in_transit_and_rejected.json")["data"]["accepted"]

    update = tracking({"event": "TRACKING_UPDATED", "data": parcel})

    assert update.tracking_number == "YT2616912345678901"
    assert update.current.meaning is Meaning.MOVING
    assert update.current.at == datetime(2026, 6, 29, 13, 5, tzinfo=UTC)
    assert [it.meaning for it in update.history] == [Meaning.MOVING, None, Meaning.MOVING]
    assert (update.carrier, update.shipped_on) == ("Yanwen", date(2026, 6, 24))
    assert update.estimated_delivery == date(2026, 7, 12)


def test_the_published_delivery_with_a_raw_time_is_read() -> None:
    """A delivery whose only time has no zone is dated by its text."""
    (parcel,) = published("gettrackinfo_delivered_raw_time_only.json")["data"]["accepted"]

    update = tracking({"event": "TRACKING_UPDATED", "data": parcel})

    assert update.tracking_number == "AA123456789BR"
    assert update.current.meaning is Meaning.DELIVERED
    assert (update.current.at, update.current.local_time) == (None, "2026-06-30 14:23:00")
    assert update.current.words == "Object delivered to the recipient"
    assert [it.meaning for it in update.history] == [
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.DELIVERED,
    ]
    assert (update.carrier, update.service) == ("Correios", "SEDEX")
    assert update.shipped_on == date(2026, 6, 25)
