"""AfterShip's tags and subtags one by one, what contradicts itself, its signature and its keys."""

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
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification
from purchasing.sources import aftership
from purchasing.sources.aftership import SOURCE
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# aftership.com/docs/tracking/enum/delivery-statuses (read 2026-11).
TAGS = aftership._TAGS
# aftership.com/docs/tracking/enum/delivery-sub-statuses and the support article 1b0hdlx; the
# numbers of each tag, as far as they mean what the tag means.
PLAIN = {
    "Pending": range(1, 7),
    "InfoReceived": range(1, 2),
    "InTransit": range(1, 10),
    "OutForDelivery": (1, 3),
    "AttemptFail": range(1, 4),
    "AvailableForPickup": range(1, 2),
    "Delivered": range(1, 6),
    "Exception": (1, 2, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19),
    "Expired": range(1, 2),
}
REFINED = {
    "OutForDelivery_004": Meaning.UNCHANGED,
    "Exception_003": Meaning.ATTEMPTED,
    "Exception_010": Meaning.RETURNING,
    "Exception_011": Meaning.RETURNING,
    "Exception_012": Meaning.DAMAGED,
    "Exception_013": Meaning.LOST,
    "Exception_020": Meaning.VOIDED,
    "Exception_021": Meaning.DAMAGED,
}
SUBTAGS = {
    f"{tag}_{number:03}": TAGS[tag] for tag, numbers in PLAIN.items() for number in numbers
} | REFINED

NUMBER = "1Z7R3A580312349901"


def checkpoint(subtag: str, time: str | None = "2026-11-19T08:00:00", **more: Any) -> Any:
    """A checkpoint as AfterShip lists it."""
    tag = subtag.partition("_")[0]
    return {"tag": tag, "subtag": subtag, "checkpoint_time": time} | more


def event(*checkpoints: Any, kind: str = "tracking_update", **msg: Any) -> dict[str, Any]:
    """A tracking event whose last checkpoint is what the parcel says, unless said otherwise."""
    last = checkpoints[-1] if checkpoints else {"tag": "InTransit", "subtag": "InTransit_001"}
    return {
        "event": kind,
        "event_id": "5b1e0777-7c2d-4f8a-9e10-3a6d5c4b2f77",
        "msg": {
            "tracking_number": NUMBER,
            "tag": last["tag"],
            "subtag": last["subtag"],
            "checkpoints": list(checkpoints),
        }
        | msg,
        "ts": 1795176000,
    }


def posted(document: object) -> Notification:
    """A document as it is posted."""
    return notification("aftership", json.dumps(document).encode())


def tracking(document: object) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, posted(document))


def conflict(document: object) -> str:
    """Why a notification that says two things at once is held."""
    reading = SOURCE.read(posted(document))
    assert not reading.updates
    (finding,) = reading.held
    assert finding.reason == "conflict"
    assert NUMBER in finding.detail
    return finding.detail


def test_there_are_nine_tags_and_forty_eight_subtags() -> None:
    """The source knows the codes that were found published."""
    assert (len(TAGS), len(SUBTAGS)) == (9, 48)
    assert SUBTAGS.keys() == aftership._SUBTAGS.keys()


@pytest.mark.parametrize(("subtag", "meaning"), SUBTAGS.items())
def test_a_subtag_has_its_meaning(subtag: str, meaning: Meaning) -> None:
    """Every subtag means what its row of the rules says, now and in the past alike."""
    update = tracking(event(checkpoint(subtag)))

    assert (update.current.meaning, update.current.code) == (meaning, subtag)
    assert update.history == (update.current,)


@pytest.mark.parametrize("subtag", [None, ""])
@pytest.mark.parametrize(("tag", "meaning"), TAGS.items())
def test_without_a_subtag_the_tag_decides(tag: str, meaning: Meaning, subtag: str | None) -> None:
    """A tag that comes alone means what the table says."""
    update = tracking(event(tag=tag, subtag=subtag))

    assert (update.current.meaning, update.current.code) == (meaning, tag)


@pytest.mark.parametrize(
    "subtag", ["Exception_014", "Exception_015", "OutForDelivery_002", "delivered_001", "InTransit"]
)
def test_an_unknown_subtag_has_no_meaning(subtag: str) -> None:
    """A subtag that is not in the table has no meaning, however near to one it looks."""
    assert tracking(event(checkpoint(subtag))).current.meaning is None


@pytest.mark.parametrize("tag", ["", "delivered", "Delivered ", "Returned"])
@pytest.mark.parametrize("subtag", [None, "Delivered_001"])
def test_an_unknown_tag_has_no_meaning(tag: str, subtag: str | None) -> None:
    """A tag that is not in the table leaves the state without a meaning, whatever its subtag."""
    assert tracking(event(tag=tag, subtag=subtag)).current.meaning is None


# What contradicts itself


@pytest.mark.parametrize(
    ("tag", "subtag"),
    [
        ("Delivered", "Exception_011"),
        ("Exception", "Delivered_001"),
        ("InTransit", "Expired_001"),
        ("OutForDelivery", "InTransit_001"),
    ],
)
def test_a_subtag_of_another_tag_is_a_contradiction(tag: str, subtag: str) -> None:
    """A tag and a subtag that mean different things are held for a person."""
    assert f"{tag} and {subtag}" in conflict(event(tag=tag, subtag=subtag))


def test_a_subtag_of_another_tag_that_means_the_same_is_none() -> None:
    """A tag and a subtag of another one that mean the same are read, and both are told."""
    update = tracking(event(tag="AttemptFail", subtag="Exception_003"))

    assert update.current.meaning is Meaning.ATTEMPTED
    assert update.current.code == "AttemptFail/Exception_003"


@pytest.mark.parametrize(
    ("subtag", "message"),
    [
        ("Exception_007", "Returned to sender"),
        ("Exception_007", " RETURNING TO SENDER "),
        ("Delivered_001", "Returned to sender"),
        ("Exception_011", "Delivered"),
        ("Exception_013", "Shipment damage"),
        ("InTransit_001", "Shipment lost"),
    ],
)
def test_a_message_of_another_subtag_is_a_contradiction(subtag: str, message: str) -> None:
    """A message that is another subtag's own, of another meaning, is held for a person."""
    detail = conflict(event(checkpoint(subtag), subtag_message=message))

    assert f'{subtag} and "{message.strip()}"' in detail


@pytest.mark.parametrize(
    ("subtag", "message"),
    [
        ("Exception_010", "Returned to sender"),
        ("Delivered_001", "Sign by customer"),
        ("Exception_007", "Incorrect Address"),
        ("Exception_007", "Adresse incorrecte"),
        ("Exception_007", "returned to the sender, perhaps"),
        ("Exception_007", None),
        ("Exception_007", 7),
    ],
)
def test_other_messages_contradict_nothing(subtag: str, message: object) -> None:
    """A message of the same meaning, of no subtag, or none at all changes nothing."""
    update = tracking(event(checkpoint(subtag), subtag_message=message))

    assert update.current.meaning is SUBTAGS[subtag]


def test_an_unknown_code_is_no_contradiction() -> None:
    """A code that nobody knows is held as unknown, whatever else is said."""
    document = event(tag="Delivered", subtag="Exception_099", return_to_sender=True)

    assert tracking(document).current.meaning is None


@pytest.mark.parametrize(
    "subtag",
    [
        "InTransit_001",
        "OutForDelivery_001",
        "AvailableForPickup_001",
        "AttemptFail_001",
        "Exception_001",
        "Delivered_001",
    ],
)
@pytest.mark.parametrize("checkpoints", [(), (checkpoint("InTransit_002"),)], ids=["none", "one"])
def test_a_return_without_its_checkpoint_is_a_contradiction(
    subtag: str, checkpoints: tuple[Any, ...]
) -> None:
    """`return_to_sender` is true where a checkpoint is a return, so without one it is held."""
    tag = subtag.partition("_")[0]
    document = event(*checkpoints, tag=tag, subtag=subtag, return_to_sender=True)

    assert f"{subtag} and return_to_sender" in conflict(document)


@pytest.mark.parametrize(
    "subtag",
    [
        "Pending_001",
        "InfoReceived_001",
        "Expired_001",
        "OutForDelivery_004",
        "Exception_010",
        "Exception_011",
        "Exception_012",
        "Exception_013",
        "Exception_020",
    ],
)
def test_what_moves_nowhere_may_be_a_return(subtag: str) -> None:
    """What says nothing of a direction goes together with `return_to_sender`."""
    tag = subtag.partition("_")[0]
    update = tracking(event(tag=tag, subtag=subtag, return_to_sender=True))

    assert update.current.meaning is SUBTAGS[subtag]


@pytest.mark.parametrize("flag", [True, False, None])
@pytest.mark.parametrize(("subtag", "meaning"), SUBTAGS.items())
def test_after_a_return_all_that_moves_moves_back(
    subtag: str, meaning: Meaning, flag: object
) -> None:
    """Behind the checkpoint of a return, movement is on the way back; before it, it is not."""
    before = checkpoint("InTransit_002", "2026-11-18T08:00:00")
    back = checkpoint("Exception_010", "2026-11-19T08:00:00")
    update = tracking(
        event(before, back, checkpoint(subtag, "2026-11-20T08:00:00"), return_to_sender=flag)
    )
    moves = {
        Meaning.MOVING,
        Meaning.OUT_FOR_DELIVERY,
        Meaning.READY_FOR_PICKUP,
        Meaning.ATTEMPTED,
        Meaning.DELAYED,
    }
    expected = Meaning.RETURNING if meaning in moves else meaning

    assert [scan.meaning for scan in update.history] == [
        Meaning.MOVING,
        Meaning.RETURNING,
        expected,
    ]
    assert update.current == update.history[-1]


# Several notifications of one parcel


def told(*documents: object) -> list[tuple[list[str], list[str], list[str]]]:
    """What is said, held and raised by each of several notifications of one parcel, in turn."""
    results = told_in_turn(map(tracking, documents), allowed=frozenset({EventType.RETURN}))
    return [
        (
            types(it),
            [finding.reason for finding in it.held],
            [raised.reason for raised in it.attention],
        )
        for it in results
    ]


def test_a_return_is_said_once() -> None:
    """A parcel that is scanned several times on its way back is returned once."""
    scans = [
        checkpoint("InTransit_002", "2026-11-17T08:00:00"),
        checkpoint("Exception_010", "2026-11-18T08:00:00"),
        checkpoint("InTransit_003", "2026-11-19T08:00:00"),
        checkpoint("InTransit_007", "2026-11-19T20:00:00"),
        checkpoint("Exception_011", "2026-11-20T08:00:00"),
    ]
    documents = [event(*scans[:end], return_to_sender=end > 1) for end in range(1, 6)]

    assert told(*documents) == [
        (["shipped"], [], []),
        (["return"], [], ["returning"]),
        ([], [], []),
        ([], [], []),
        ([], [], []),
    ]


def test_a_return_that_is_heard_of_late_is_said() -> None:
    """Where the first that is heard of a parcel is a scan on its way back, it is returned."""
    scans = [
        checkpoint("InTransit_002", "2026-11-17T08:00:00"),
        checkpoint("Exception_010", "2026-11-18T08:00:00"),
        checkpoint("InTransit_003", "2026-11-19T08:00:00"),
    ]

    assert told(event(*scans, return_to_sender=True)) == [
        (["shipped", "return"], [], ["returning"])
    ]


def test_a_delivery_after_a_return_is_held() -> None:
    """Delivered after a return is held, since the carrier does not say to whom."""
    back = checkpoint("Exception_010", "2026-11-18T08:00:00")
    delivered = checkpoint("Delivered_001", "2026-11-19T08:00:00")

    assert told(event(back), event(back, delivered, return_to_sender=True))[1] == (
        [],
        ["conflict"],
        [],
    )


def test_the_acceptance_is_said_once() -> None:
    """Carriers whose every scan is an acceptance, as in a published body, ship a parcel once."""
    scans = [checkpoint("InTransit_002", f"2026-11-1{day}T08:00:00") for day in (7, 8, 9)]

    assert told(*(event(*scans[:end]) for end in (1, 2, 3))) == [
        (["shipped"], [], []),
        ([], [], []),
        ([], [], []),
    ]


def test_a_revised_date_is_said() -> None:
    """A later date than the one known is a delay, an earlier one a reschedule, the same nothing."""
    scan = checkpoint("InTransit_002")
    documents = [
        event(scan, kind="edd_revise", latest_estimated_delivery={"datetime": day})
        for day in ("2026-11-23", "2026-11-25", "2026-11-25T12:00:00-05:00", "2026-11-24")
    ]

    assert [types for types, _, _ in told(*documents)] == [
        ["shipped"],
        ["delayed"],
        [],
        ["reschedule"],
    ]


def test_a_parcel_without_checkpoints_goes_on() -> None:
    """Without any checkpoint each new state is said once."""
    states = ("InTransit_001", "InTransit_001", "OutForDelivery_001", "Delivered_001")
    documents = [event(tag=it.partition("_")[0], subtag=it) for it in (*states, states[-1])]

    assert [types for types, _, _ in told(*documents)] == [
        ["shipped"],
        [],
        ["track"],
        ["delivered"],
        [],
    ]


# Times, dates, places and the rest


def test_the_state_is_dated_by_the_last_checkpoint_that_says_it() -> None:
    """A checkpoint behind the one that the state rests on does not date it."""
    document = event(
        checkpoint("Delivered_001", "2026-11-18T08:00:00", message="At the dock"),
        checkpoint("Delivered_001", "2026-11-19T08:00:00", message="Signed"),
        checkpoint("InTransit_001", "2026-11-20T08:00:00", message="Papers filed"),
        tag="Delivered",
        subtag="Delivered_001",
        shipment_delivery_date="2026-11-01",
    )

    current = tracking(document).current

    assert (current.local_time, current.words) == ("2026-11-19T08:00:00", "Signed")


@pytest.mark.parametrize(
    ("subtag", "at"),
    [("Delivered_001", datetime(2026, 11, 20, 17, tzinfo=UTC)), ("Expired_001", None)],
)
def test_only_a_delivery_has_the_time_of_the_delivery(subtag: str, at: datetime | None) -> None:
    """A state that no checkpoint says has no time, but a delivery may have its own."""
    document = event(
        tag=subtag.partition("_")[0],
        subtag=subtag,
        shipment_delivery_date="2026-11-20T12:00:00-05:00",
    )

    assert tracking(document).current.at == at


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"expected_delivery": "2026-11-23"}, date(2026, 11, 23)),
        ({"expected_delivery": "2026-11-23T23:59:00+09:00"}, date(2026, 11, 23)),
        (
            {
                "custom_estimated_delivery_date": {"estimated_delivery_date": "2026-11-22"},
                "expected_delivery": "2026-11-23",
            },
            date(2026, 11, 22),
        ),
        (
            {
                "aftership_estimated_delivery_date": {"estimated_delivery_date": "2026-11-21"},
                "custom_estimated_delivery_date": {"estimated_delivery_date": "2026-11-22"},
            },
            date(2026, 11, 21),
        ),
        (
            {
                "courier_estimated_delivery_date": {
                    "estimated_delivery_date": None,
                    "estimated_delivery_date_max": "2026-11-26",
                },
                "aftership_estimated_delivery_date": {"estimated_delivery_date": "2026-11-21"},
            },
            date(2026, 11, 26),
        ),
        (
            {
                "latest_estimated_delivery": {"datetime_max": "2026-11-27T20:00:00"},
                "courier_estimated_delivery_date": {"estimated_delivery_date": "2026-11-26"},
            },
            date(2026, 11, 27),
        ),
        (
            {"latest_estimated_delivery": {"datetime": "2026-11-25", "datetime_max": "2026-11-27"}},
            date(2026, 11, 25),
        ),
        (
            {
                "latest_estimated_delivery": {"datetime": "soon"},
                "courier_estimated_delivery_date": "2026-11-24",
            },
            date(2026, 11, 24),
        ),
        ({"order_promised_delivery_date": "2026-11-21"}, None),
        ({"first_estimated_delivery": {"datetime": "2026-11-21"}}, None),
    ],
)
def test_the_latest_date_goes_before_the_others(
    fields: dict[str, Any], expected: date | None
) -> None:
    """The delivery date is the most telling one that is given, in the recipient's zone."""
    assert tracking(event(checkpoint("InTransit_001"), **fields)).estimated_delivery == expected


@pytest.mark.parametrize(
    ("fields", "weight"),
    [
        ({"shipment_weight": {"unit": "kg", "value": 1.25}}, "1.25 kg"),
        ({"shipment_weight": {"unit": "kg", "value": "1.25"}}, "1.25 kg"),
        ({"shipment_weight": {"unit": "", "value": 1.25}}, ""),
        ({"shipment_weight": {"unit": "kg"}}, ""),
        ({"shipment_weight": {"unit": "kg", "value": 0}}, ""),
        ({"shipment_weight": {"unit": "kg", "value": True}}, ""),
        ({"shipment_weight": 3, "shipment_weight_unit": "lb"}, "3 lb"),
        ({"shipment_weight": 3, "shipment_weight_unit": None}, ""),
        ({"shipment_weight": [3], "shipment_weight_unit": "lb"}, ""),
        ({}, ""),
    ],
)
def test_a_weight_has_its_unit(fields: dict[str, Any], weight: str) -> None:
    """A weight is a number with its unit, wherever the unit stands; without one it is nothing."""
    assert tracking(event(checkpoint("InTransit_001"), **fields)).weight == weight


@pytest.mark.parametrize(
    ("slug", "carrier"),
    [("ups", "UPS"), ("usps", "USPS"), ("sf-express", "sf-express"), ("", ""), (None, "")],
)
def test_a_carrier_is_named_as_people_name_it(slug: str | None, carrier: str) -> None:
    """A carrier that is not in the table keeps AfterShip's name for it."""
    assert tracking(event(checkpoint("InTransit_001"), slug=slug)).carrier == carrier


@pytest.mark.parametrize("kind", ["tracking_update", "edd_revise", "tracking_pending_time"])
def test_the_three_kinds_are_read_alike(kind: str) -> None:
    """Every kind of Tracking carries the whole parcel."""
    assert tracking(event(checkpoint("InTransit_001"), kind=kind)).tracking_number == NUMBER


@pytest.mark.parametrize(
    "document",
    [
        {"event": "return.approved", "data": {}},
        {"event": "tracking.delivered", "msg": {}},
        {"event_type": "calculate_rates", "data": {}},
        {"event": "", "event_type": "cancel_a_label"},
    ],
)
def test_other_kinds_cause_nothing(document: dict[str, Any]) -> None:
    """What other products of AfterShip post is not looked into."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted(document))

    assert refused.value.reason == "unsupported_kind"


@pytest.mark.parametrize(
    "change",
    [
        {"tracking_number": None},
        {"tracking_number": ""},
        {"tracking_number": 1.5},
        {"tracking_number": True},
        {"tag": None},
        {"subtag": 1},
        {"checkpoints": {}},
        {"checkpoints": [{"tag": 1}]},
        {"return_to_sender": "yes"},
    ],
)
def test_what_decides_must_be_readable(change: dict[str, Any]) -> None:
    """A parcel whose number, codes or checkpoints cannot be read is held for a person."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(event(checkpoint("InTransit_001"), **change)))


# The delivery key


def test_retries_have_one_key() -> None:
    """An event that is posted again is the same one, even if its time of sending is another."""
    first = event(checkpoint("InTransit_001"))

    assert SOURCE.delivery_key(posted(first)) == "5b1e0777-7c2d-4f8a-9e10-3a6d5c4b2f77"
    assert SOURCE.delivery_key(posted(first | {"ts": 1})) == SOURCE.delivery_key(posted(first))


@pytest.mark.parametrize("id_", ["", "5b1e0777", "5b1e0777-7c2d-4f8a-9e10-3a6d5c4b2f77\n", 7, None])
def test_without_an_events_id_the_body_is_the_key(id_: object) -> None:
    """What has no UUID is told apart by its bytes."""
    first = event(checkpoint("InTransit_001")) | {"event_id": id_}
    keys = {SOURCE.delivery_key(posted(it)) for it in (first, dict(first), first | {"ts": 1})}

    assert len(keys) == 2
    assert all(key.startswith("body:") for key in keys)


# The signature, computed here as the documentation says, and not by `sign`.

TRUST = Trust(settings=SourceSettings(format="aftership", secrets=(SECRET,)))
BODY = json.dumps(event(checkpoint("InTransit_001"))).encode()


def hashed(body: bytes, secret: str = SECRET) -> str:
    """A keyed hash as AfterShip writes it."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def authenticate(headers: dict[str, str], body: bytes = BODY, trust: Trust = TRUST) -> None:
    """Ask whether a body with these headers is AfterShip's."""
    SOURCE.authenticate(notification("aftership", body, headers), trust, RECEIVED_AT)


def test_the_signature_is_over_the_body() -> None:
    """What is signed as documented is accepted, at whatever time it comes."""
    posting = notification("aftership", BODY, {"aftership-hmac-sha256": hashed(BODY)})

    for days in (0, 400):
        SOURCE.authenticate(posting, TRUST, RECEIVED_AT + timedelta(days=days))
    assert SOURCE.strength is Strength.SIGNED


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "the Aftership-Hmac-Sha256 header is missing"),
        ({"aftership-hmac-sha256": ""}, "the Aftership-Hmac-Sha256 header is missing"),
        ({"as-signature-hmac-sha256": hashed(BODY)}, "the Aftership-Hmac-Sha256 header is missing"),
        (
            {"am-webhook-signature": f"hmac-sha256={hashed(BODY)}"},
            "the Aftership-Hmac-Sha256 header is missing",
        ),
        ({"aftership-hmac-sha256": hashed(BODY)[:-1]}, "does not match the body"),
        ({"aftership-hmac-sha256": hashed(BODY).swapcase()}, "does not match the body"),
        ({"aftership-hmac-sha256": hashed(BODY, "another")}, "does not match the body"),
        ({"aftership-hmac-sha256": hashed(BODY + b" ")}, "does not match the body"),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], sentence: str) -> None:
    """Another header, another key, another body, or letters of another case are refused."""
    with pytest.raises(UnauthenticatedError, match=sentence):
        authenticate(headers)


def test_without_a_secret_nothing_is_accepted() -> None:
    """A source without secrets refuses what is signed with nothing."""
    with pytest.raises(UnauthenticatedError, match="no secret is configured"):
        authenticate(
            {"aftership-hmac-sha256": hashed(BODY, "")},
            trust=Trust(settings=SourceSettings(format="aftership")),
        )


def test_a_signature_made_with_another_tool_is_accepted() -> None:
    """A body that openssl signed with a key of our own opens with that key."""
    body = b'{"event":"tracking_update","event_id":"5b1e0777-7c2d-4f8a-9e10-3a6d5c4b2f77"}'
    key = "a-key-of-our-own-41d9"

    authenticate(
        {"aftership-hmac-sha256": "T13aUqkdRsch1Y0SwGxbzkvyNjhIYRUIJryq5AvJ0RA="},
        body,
        Trust(settings=SourceSettings(format="aftership", secrets=(key,))),
    )


def test_the_answer_is_200() -> None:
    """AfterShip is told that its notification is kept, and again when it repeats it."""
    for is_duplicate in (False, True):
        answer = SOURCE.answer(posted({}), Receipt("n-1", is_duplicate))

        assert answer.status == 200
        assert json.loads(answer.body) == {"id": "n-1", "duplicate": is_duplicate}


def test_the_published_sample_is_read() -> None:
    """A body that was published, delivered and without a checkpoint, says what a person reads."""
    body = sample("carriers/aftership/tracking_update_delivered.json")
    reading = SOURCE.read(notification("aftership", body))
    (update,) = reading.updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "123456789"
    assert update.current.meaning is Meaning.DELIVERED
    assert (update.current.at, update.current.local_time) == (None, "")
    assert update.carrier == "TNT"
    assert update.shipment == "jz7ho3394wh9skspqn97m00g"
    assert (update.signed_by, update.estimated_delivery, update.history) == ("", None, ())
    assert (reading.held, reading.attention) == ((), ())
    assert (
        SOURCE.delivery_key(notification("aftership", body))
        == "c6e7be2c-e670-42fd-b59f-faf4e559e7d0"
    )
