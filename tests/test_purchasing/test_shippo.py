"""Shippo's codes one by one, its signature and its token, and what its notifications repeat."""

import hashlib
import hmac
import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification, scrubbed
from purchasing.sources import shippo
from purchasing.sources.shippo import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import by_code, told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# docs.goshippo.com/docs/tracking/tracking (read 2026-11); the meanings are the rows of the rules.
STATUSES = by_code(
    {
        Meaning.NOT_FOUND: "UNKNOWN",
        Meaning.LABEL_CREATED: "PRE_TRANSIT",
        Meaning.MOVING: "TRANSIT",
        Meaning.DELIVERED: "DELIVERED",
        Meaning.RETURNING: "RETURNED",
        Meaning.DELAYED: "FAILURE",
    }
)
SAYS_MORE = by_code(
    {
        Meaning.OUT_FOR_DELIVERY: "out_for_delivery",
        Meaning.READY_FOR_PICKUP: "pickup_available",
        Meaning.ATTEMPTED: "delivery_attempted notice_left location_inaccessible",
        Meaning.DELAYED: """
            reschedule_delivery delayed address_issue contact_carrier package_held
            package_undeliverable
        """,
        Meaning.DAMAGED: "package_damaged package_disposed",
        Meaning.LOST: "package_lost",
        Meaning.RETURNING: "return_to_sender",
        Meaning.UNCHANGED: "delivery_rescheduled",
    }
)
# Any other substatus says nothing beyond the status.
SUBSTATUSES = {code: SAYS_MORE.get(code) for code in shippo._SUBSTATUSES}
REFINED = ("TRANSIT", "FAILURE")
PLAIN = tuple(status for status in STATUSES if status not in REFINED)

NUMBER = "1Z04TX880312346100"


def status(name: Any, code: str | None = None, hour: int = 0, **more: Any) -> dict[str, Any]:
    """A status as Shippo lists it; one name at one hour always has the same id."""
    return {
        "object_id": hashlib.sha256(f"{name} {code} {hour}".encode()).hexdigest()[:32],
        "status": name,
        "substatus": code and {"code": code, "text": "", "action_required": False},
        "status_date": f"2026-11-19T{hour:02}:00:00Z",
        "status_details": f"{name} {code}",
        "location": None,
    } | more


def event(*statuses: dict[str, Any], **track: Any) -> dict[str, Any]:
    """An event whose latest status is the last of its history, unless it is said otherwise."""
    data = {
        "tracking_number": NUMBER,
        "carrier": "ups",
        "eta": "2026-11-23T00:00:00Z",
        "tracking_status": statuses[-1] if statuses else None,
        "tracking_history": list(statuses),
    }
    return {"event": "track_updated", "test": False, "data": data | track}


def posted(document: object) -> Notification:
    """A document as it is posted."""
    return notification("shippo", json.dumps(document).encode())


def tracking(document: object) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, posted(document))


def meaning_of(name: Any, code: str | None) -> Meaning | None:
    """What a pair of codes means, as what is the case and in the history alike."""
    update = tracking(event(status(name, code)))
    assert update.history == (update.current,)
    return update.current.meaning


def test_there_are_six_statuses_and_twenty_seven_substatuses() -> None:
    """The source knows as many codes as Shippo publishes."""
    assert (len(STATUSES), len(SUBSTATUSES)) == (6, 27)


@pytest.mark.parametrize(("name", "meaning"), STATUSES.items())
def test_a_status_has_its_meaning(name: str, meaning: Meaning) -> None:
    """Every published status means what its row of the rules says."""
    assert meaning_of(name, None) is meaning


@pytest.mark.parametrize("name", REFINED)
@pytest.mark.parametrize(("code", "meaning"), SUBSTATUSES.items())
def test_a_substatus_refines_its_status(name: str, code: str, meaning: Meaning | None) -> None:
    """A substatus says more of a parcel that is on its way or could not be delivered."""
    assert meaning_of(name, code) is (meaning or STATUSES[name])


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("code", SUBSTATUSES)
def test_other_statuses_are_plain(name: str, code: str) -> None:
    """A status that is final or says nothing keeps its meaning whatever the substatus."""
    assert meaning_of(name, code) is STATUSES[name]


@pytest.mark.parametrize("name", ["", "delivered", "DELIVERED ", "IN_TRANSIT", None])
def test_an_unknown_status_has_no_meaning(name: str | None) -> None:
    """A status that is not in the table has no meaning, however near to one it looks."""
    assert meaning_of(name, None) is None
    assert meaning_of(name, "package_arrived") is None


@pytest.mark.parametrize("name", STATUSES)
@pytest.mark.parametrize("code", ["Delayed", "stolen", "returned_to_sender"])
def test_an_unknown_substatus_has_no_meaning(name: str, code: str) -> None:
    """A substatus that is not in the table leaves the whole scan without a meaning."""
    assert meaning_of(name, code) is None


@pytest.mark.parametrize("substatus", [None, {}, {"code": None}, {"code": ""}])
def test_a_missing_substatus_says_nothing(substatus: dict[str, Any] | None) -> None:
    """A substatus that is null, empty or without a code leaves the status as it is."""
    current = tracking(event(status("TRANSIT") | {"substatus": substatus})).current

    assert (current.meaning, current.code) == (Meaning.MOVING, "TRANSIT")


def test_the_words_of_the_carrier_go_before_those_of_shippo() -> None:
    """A scan's words are its details, or the text of the substatus where there are none."""
    substatus = {"code": "delayed", "text": "Later than planned.", "action_required": False}
    both = status("TRANSIT", hour=1, status_details="Truck late", substatus=substatus)
    one = status("TRANSIT", hour=2, status_details="", substatus=substatus)

    words = [scan.words for scan in tracking(event(both, one)).history]

    assert words == ["Truck late", "Later than planned."]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"city": "Tempe", "state": "AZ", "zip": "85281", "country": "US"}, "Tempe, AZ, US"),
        ({"city": None, "state": " AZ ", "country": 7}, "AZ"),
        ("Tempe", ""),
        (None, ""),
    ],
)
def test_a_place_is_what_is_known_of_it(location: object, place: str) -> None:
    """A place is named by its city, state and country, as far as they are given."""
    assert tracking(event(status("TRANSIT", location=location))).current.place == place


@pytest.mark.parametrize(
    ("token", "carrier"),
    [("usps", "USPS"), ("dhl_express", "DHL Express"), ("hermes_uk", "hermes_uk"), (None, "")],
)
def test_a_carrier_is_named_as_people_write_it(token: str | None, carrier: str) -> None:
    """A carrier that is known by its token has its name; another one keeps the token."""
    assert tracking(event(status("TRANSIT"), carrier=token)).carrier == carrier


@pytest.mark.parametrize(
    ("eta", "expected"),
    [
        ("2026-11-24T00:00:00Z", date(2026, 11, 24)),
        ("2026-11-24T23:30:00Z", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_the_delivery_date_is_the_one_that_is_written(
    eta: str | None, expected: date | None
) -> None:
    """The date is taken as it stands, and the first promise never stands in for it."""
    update = tracking(event(status("TRANSIT"), eta=eta, original_eta="2026-11-20T00:00:00Z"))

    assert update.estimated_delivery == expected


@pytest.mark.parametrize(
    "kind",
    ["transaction_created", "transaction_updated", "batch_created", "batch_purchased", "", "all"],
)
def test_other_kinds_cause_nothing(kind: str) -> None:
    """An event of another kind is not looked into, whatever its content."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted({"event": kind, "data": {"tracking_number": 1}}))

    assert refused.value.reason == "unsupported_kind"
    assert kind in refused.value.detail


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (event(status("DELIVERED")) | {"test": True}, "test_mode"),
        (event(status("DELIVERED"), test=True), "test_mode"),
        (event(status("DELIVERED"), carrier="shippo"), "test_mode"),
    ],
    ids=["event", "track", "carrier"],
)
def test_trials_cause_nothing(document: object, reason: str) -> None:
    """A trial is a trial wherever it is marked."""
    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted(document))

    assert refused.value.reason == reason


@pytest.mark.parametrize("test", [False, None])
def test_what_is_no_trial_is_read(test: bool | None) -> None:  # noqa: FBT001  # Shippo's field
    """A mark that says no, or nothing, is none."""
    document = event(status("DELIVERED"), test=test) | {"test": test}

    assert tracking(document).current.meaning is Meaning.DELIVERED


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"tracking_number": None},
        {"tracking_number": "\t"},
        {"tracking_number": NUMBER, "tracking_status": "DELIVERED"},
        {"tracking_number": NUMBER, "tracking_history": [7]},
        {"tracking_number": NUMBER, "tracking_status": {"substatus": "delivered"}},
    ],
)
def test_an_event_without_its_parcel_is_malformed(data: object) -> None:
    """An event that names no parcel, or whose status is no status, is held for a person."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted({"event": "track_updated", "data": data}))


# What several notifications of one parcel say.


def said(*documents: object) -> list[list[str]]:
    """The types of the events that follow from each of some notifications, in their order."""
    results = told_in_turn(map(tracking, documents), allowed=frozenset(EventType))
    return [types(it) for it in results]


ACCEPTED = status("TRANSIT", "package_accepted", 1)
ON_ITS_WAY = status("TRANSIT", "package_departed", 2)
DELIVERY = status("DELIVERED", "delivered", 9)


def test_a_snapshot_that_comes_late_says_nothing() -> None:
    """Without times to trust, the scans seen before tell that a snapshot is older."""
    first, second = event(ACCEPTED, ON_ITS_WAY), event(ACCEPTED, ON_ITS_WAY, DELIVERY)

    assert said(second, first) == [["shipped", "delivered"], []]
    assert said(first, second) == [["shipped"], ["delivered"]]


def test_a_return_is_told_once_though_it_may_only_have_begun() -> None:
    """The scans of the way back, and its end, are one return."""
    back = status("RETURNED", "return_to_sender", 10)
    end = status("RETURNED", "return_to_sender", 15, status_details="With the sender")

    assert said(event(ACCEPTED), event(ACCEPTED, back), event(ACCEPTED, back, end)) == [
        ["shipped"],
        ["return"],
        [],
    ]


def test_a_date_that_moves_is_told_without_a_new_scan() -> None:
    """The delivery date alone may change, while the status keeps its id."""
    later = event(ACCEPTED, eta="2026-11-27T00:00:00Z")
    first = event(ACCEPTED)

    assert SOURCE.delivery_key(posted(first)) != SOURCE.delivery_key(posted(later))
    assert said(first, later, event(ACCEPTED, eta=None)) == [["shipped"], ["delayed"], []]


# The delivery key.


def test_a_number_that_is_registered_twice_is_told_once() -> None:
    """What belongs to the registration and not to the parcel is no part of the key."""
    once = event(ACCEPTED, metadata="first", messages=[])
    twice = event(ACCEPTED, metadata="second", messages=["again"])

    assert SOURCE.delivery_key(posted(once)) == SOURCE.delivery_key(posted(twice))


def test_different_statements_have_different_keys() -> None:
    """The key tells apart whatever makes a statement another one."""
    plain = event(ACCEPTED)
    others = [
        event(ACCEPTED, tracking_number="1Z04TX880312346101"),
        event(ACCEPTED, carrier="usps"),
        event(ACCEPTED, eta=None),
        event(ACCEPTED | {"object_id": "0f"}),
        event(ACCEPTED | {"status": "DELIVERED"}),
        event(ACCEPTED | {"substatus": None}),
        event(ACCEPTED | {"status_date": None}),
        plain | {"test": True},
        plain | {"event": "track_created"},
    ]

    keys = {SOURCE.delivery_key(posted(document)) for document in (plain, *others)}

    assert len(keys) == 1 + len(others)


def test_the_parts_of_a_key_do_not_run_into_one_another() -> None:
    """A letter that changes its place from one part of the key to the next changes the key."""
    one = event(ACCEPTED | {"object_id": 12, "status": 3})
    other = event(ACCEPTED | {"object_id": 1, "status": 23})

    assert SOURCE.delivery_key(posted(one)) != SOURCE.delivery_key(posted(other))


@pytest.mark.parametrize(
    "document",
    [
        event(),
        event(ACCEPTED | {"object_id": None}),
        event(ACCEPTED | {"object_id": ""}),
        {"event": "transaction_created", "data": {"object_id": "1f"}},
        {"event": "track_updated", "data": []},
        [],
    ],
)
def test_without_a_statuss_id_the_body_is_the_key(document: object) -> None:
    """What has no id of a status is told apart by its bytes."""
    key = SOURCE.delivery_key(posted(document))

    assert key.startswith("body:")
    assert key == SOURCE.delivery_key(posted(document))
    assert key != SOURCE.delivery_key(notification("shippo", json.dumps(document).encode() + b" "))


# The signature and the token, computed here as the documentation says, and not by `sign`.

TRUST = Trust(settings=SourceSettings(format="shippo", secrets=(SECRET,)))
BODY = json.dumps(event(ACCEPTED)).encode()
SECONDS = int(RECEIVED_AT.timestamp())
HEADER = "shippo-auth-signature"


def signature(seconds: object = SECONDS, body: bytes = BODY, secret: str = SECRET) -> str:
    """The header's value as Shippo writes it."""
    message = f"{seconds}.".encode() + body
    return f"t={seconds},v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def shown(query: str, headers: dict[str, str] | None = None) -> Notification:
    """A notification to an address with a query."""
    return msgspec.structs.replace(notification("shippo", BODY, headers), query=query)


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_a_signature_opens(age: int) -> None:
    """A signature over the time and the body opens while its time is near."""
    posting = notification("shippo", BODY, {HEADER: signature(SECONDS + age)})

    SOURCE.authenticate(posting, TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "not of its form"),
        ("t=,v1=", "not of its form"),
        (signature().replace(",", ", "), "not of its form"),
        (signature().replace("v1", "v0"), "not of its form"),
        (signature().upper(), "not of its form"),
        (signature() + f",v1={'0' * 64}", "not of its form"),
        (signature()[:-1], "not of its form"),
        (signature()[:-1] + "x", "not of its form"),
        (signature(SECONDS - 301), "more than 300 s away"),
        (signature(SECONDS + 301), "more than 300 s away"),
        (signature().replace(f"t={SECONDS}", f"t={SECONDS + 1}"), "does not match the body"),
        (signature(body=BODY + b"\n"), "does not match the body"),
        (signature(secret="another"), "does not match the body"),
    ],
)
def test_a_signature_that_is_given_must_hold(value: str, sentence: str) -> None:
    """A signature that does not hold is refused, though the right token stands in the address."""
    for query in ("", f"token={SECRET}"):
        with pytest.raises(UnauthenticatedError, match=sentence):
            SOURCE.authenticate(shown(query, {HEADER: value}), TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    "query", [f"token={SECRET}", f"a=1&token={SECRET}&b", f"token={SECRET.replace('-', '%2D')}"]
)
def test_a_token_in_the_address_opens(query: str) -> None:
    """Where nothing is signed, a secret that is shown in the address opens at any time."""
    SOURCE.authenticate(shown(query), TRUST, RECEIVED_AT + timedelta(days=9))


def test_a_token_may_be_any_text() -> None:
    """A token with signs that an address cannot hold is read as it was meant."""
    secret = "a+b c/ü&=%"
    trust = Trust(settings=SourceSettings(format="shippo", secrets=("newest", secret)))

    SOURCE.authenticate(shown(f"token={quote(secret, safe='')}"), trust, RECEIVED_AT)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "neither a Shippo-Auth-Signature header nor a token"),
        (SECRET, "neither a Shippo-Auth-Signature header nor a token"),
        (f"Token={SECRET}", "neither a Shippo-Auth-Signature header nor a token"),
        (f"secret={SECRET}", "neither a Shippo-Auth-Signature header nor a token"),
        ("token=", "missing or wrong"),
        ("token", "missing or wrong"),
        (f"token={SECRET}x", "missing or wrong"),
        (f"token={SECRET[:-1]}", "missing or wrong"),
        (f"token=no&token={SECRET}", "missing or wrong"),
        ("token=\ud800", "missing or wrong"),
        ("token=%ff%00", "missing or wrong"),
    ],
)
def test_a_wrong_token_is_refused(query: str, sentence: str) -> None:
    """A token that is missing, empty, wrong or under another name is refused, and not repeated."""
    with pytest.raises(UnauthenticatedError, match=sentence) as refused:
        SOURCE.authenticate(shown(query), TRUST, RECEIVED_AT)

    assert SECRET[:-1] not in str(refused.value)


def test_without_secrets_no_token_opens() -> None:
    """A source without secrets refuses an empty token like any other."""
    trust = Trust(settings=SourceSettings(format="shippo"))

    for query in ("token=", f"token={SECRET}"):
        with pytest.raises(UnauthenticatedError, match="no secret is configured"):
            SOURCE.authenticate(shown(query), trust, RECEIVED_AT)


def test_a_token_is_not_stored() -> None:
    """What is stored of a notification does not hold the token that opened it."""
    kept = scrubbed(shown(f"token={SECRET}"), TRUST.settings.confidential)

    assert kept.query == "token=[secret]"


def test_the_undocumented_header_proves_nothing() -> None:
    """A signature under another name, of which one public text speaks, does not count."""
    posting = notification("shippo", BODY, {"shippo-signature": signature()})

    with pytest.raises(UnauthenticatedError, match="neither"):
        SOURCE.authenticate(posting, TRUST, RECEIVED_AT)


def test_any_2xx_is_an_answer() -> None:
    """Shippo is told at once that its notification is kept."""
    assert SOURCE.answer(posted(event(ACCEPTED)), Receipt("n-1")).status == 202


def test_the_published_example_is_a_trial() -> None:
    """The example of the documentation is marked as a test."""
    body = sample("carriers/shippo/track_updated_doc_example.json")

    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(notification("shippo", body))

    assert refused.value.reason == "test_mode"


def test_the_published_example_is_read() -> None:
    """But for its mark, the example is a delivery whose substatus contradicts it."""
    document = json.loads(sample("carriers/shippo/track_updated_doc_example.json"))

    update = tracking(document | {"test": False})

    assert update.tracking_number == "9205590164917312751089"
    assert update.current.meaning is Meaning.DELIVERED
    assert update.current.code == "DELIVERED/information_received"
    assert (update.current.at, update.current.local_time) == (None, "2016-07-23 00:00:00")
    assert update.current.place == "Las Vegas, NV, US"
    assert update.history == (update.current,)
    assert update.estimated_delivery == date(2019, 8, 24)
    assert (update.carrier, update.service) == ("USPS", "Priority Mail Express")
    assert update.signed_by == ""
