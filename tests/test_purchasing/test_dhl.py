"""DHL's five codes, the call that makes a subscription active, and one scan told in two ways."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.handshakes import CallsBack
from purchasing.notification import Notification
from purchasing.shipments import Shipment
from purchasing.sources import dhl
from purchasing.sources.dhl import SOURCE
from purchasing.tracking import Told
from purchasing.trust import Strength, Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import told_of, tracking_in, types
from tests.reading import RECEIVED_AT, notification
from tests.samples import sample

NUMBER = "00340435811207799901"
SELF = "https://api-eu.dhl.com/tracking/push/v1/subscription/8f3b-22c1"
SECRET, KEY = "a-token-of-our-own-7d21", "our-key-for-the-api-90af"


def event(code: object, clock: object = "2026-11-19T08:00:00", **more: Any) -> dict[str, Any]:
    """A scan as DHL lists it, without a zone."""
    return {"timestamp": clock, "statusCode": code} | more


def shipment(status: Any, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A shipment with its status and its events, newest first."""
    return {"id": NUMBER, "service": "parcel-de", "status": status, "events": list(events)} | more


def push(*shipments: Any, **more: Any) -> bytes:
    """A push of some shipments."""
    whole = {"scope": "subscription.push", "self": SELF, "shipments": list(shipments)} | more
    return json.dumps(whole).encode()


def posted(body: bytes, headers: dict[str, str] | None = None) -> Notification:
    """A notification with this body."""
    return notification("dhl", body, headers)


def tracking(body: bytes) -> TrackingUpdate:
    """The one statement of a notification."""
    return tracking_in(SOURCE, posted(body))


def with_id(literal: str) -> bytes:
    """A push whose shipment has an id that is written like this."""
    return push(shipment(event("transit"), id="@")).replace(b'"@"', literal.encode())


@pytest.mark.parametrize(("code", "meaning"), dhl._STATUS_CODES.items())
def test_a_status_code_has_its_meaning(code: str, meaning: Meaning) -> None:
    """Every documented code means what the table says, as status and as event."""
    update = tracking(push(shipment(event(code), event(code))))

    assert update.current.meaning is meaning
    assert update.history == (update.current,)


@pytest.mark.parametrize("code", ["", "Delivered", "DELIVERED", "in-transit", "returned", 3, None])
def test_another_status_code_has_no_meaning(code: object) -> None:
    """A code that is not among the five has no meaning, however near to one it looks."""
    assert tracking(push(shipment(event(code)))).current.meaning is None


@pytest.mark.parametrize(
    "text",
    ["OUT FOR DELIVERY", "DELIVERED", "Returned to sender", "Zugestellt", "Lost", "unknown"],
)
def test_the_text_decides_nothing(text: str) -> None:
    """Whatever the text says, in whatever language, the code decides."""
    update = tracking(push(shipment(event("transit", status=text, description=text, remark=text))))

    assert (update.current.meaning, update.current.words) == (Meaning.MOVING, text)


@pytest.mark.parametrize(
    ("status", "description", "words"),
    [
        ("transit", "Arrived in transit depot", "Arrived in transit depot"),
        ("DELIVERED", "H. BERG", "DELIVERED: H. BERG"),
        ("Picked up", None, "Picked up"),
        (None, "Picked up", "Picked up"),
        (None, None, ""),
    ],
)
def test_the_words_are_what_is_said(
    status: str | None, description: str | None, words: str
) -> None:
    """A scan's words are its two texts, or the longer one where it holds the other."""
    scan = event("transit", status=status, description=description)

    assert tracking(push(shipment(scan))).current.words == words


@pytest.mark.parametrize(
    ("literal", "number"),
    [
        ("7777777770", "7777777770"),
        ("12345678901234567890123456789", "12345678901234567890123456789"),
        ('"00340435811207799901"', "00340435811207799901"),
        ('" 0012 "', "0012"),
        ('"JD01\\u0034600"', "JD014600"),
    ],
)
def test_an_id_is_kept_letter_for_letter(literal: str, number: str) -> None:
    """A number loses no figure and a text none of its zeros."""
    assert tracking(with_id(literal)).tracking_number == number


@pytest.mark.parametrize(
    "literal", ["null", '""', '"  "', "7.7e9", "12.0", "-5", "true", "[]", '{"a":1}', "1e999"]
)
def test_what_is_no_id_is_malformed(literal: str) -> None:
    """A shipment whose id is neither a text nor written in figures is held."""
    with pytest.raises(MalformedError, match="has no id"):
        SOURCE.read(posted(with_id(literal)))


@pytest.mark.parametrize("literal", [b'"\\ud800"', b"0012", b'"\xff"', b'{"a":"\xff"}'])
def test_what_cannot_be_decoded_is_malformed(literal: bytes) -> None:
    """An id that is no valid JSON is held like any other damage, and the push keeps a key."""
    body = with_id("@@").replace(b"@@", literal)

    with pytest.raises(MalformedError):
        SOURCE.read(posted(body))
    assert SOURCE.delivery_key(posted(body))


@pytest.mark.parametrize(
    ("of_status", "of_event", "expected"),
    [
        ("2026-11-19T08:00:00Z", "2026-11-19T08:00:00", "2026-11-19 08:00:00"),
        ("2026-11-19T08:00:00Z", "2026-11-19T08:00:00Z", "2026-11-19 08:00:00"),
        ("2026-11-19T08:00:00.000Z", "2026-11-19 08:00:00", "2026-11-19 08:00:00"),
        ("2026-11-19T08:00:00Z", "2026-11-19T08:00:00+02:00", "2026-11-19T08:00:00+02:00"),
        ("2026-11-19T08:00:00+02:00", "2026-11-19T08:00:00", "2026-11-19T08:00:00+02:00"),
        (None, "2026-11-19T08:00:00+02:00", "2026-11-19T08:00:00+02:00"),
        (None, "2026-11-19T08:00:00", "2026-11-19 08:00:00"),
        ("", "today", "today"),
        (None, None, ""),
    ],
)
def test_one_scan_has_one_time(of_status: str | None, of_event: str | None, expected: str) -> None:
    """What status and events tell of one scan is one scan, at an instant if one of them has it."""
    update = tracking(push(shipment(event("transit", of_status), event("transit", of_event))))

    current = update.current
    assert update.history == (current,)
    assert (current.at.isoformat() if current.at else current.local_time) == expected


def test_another_scan_of_the_same_time_stays_another() -> None:
    """Events of another code or another time are not taken for the status."""
    scans = (event("failure"), event("transit", "2026-11-19T07:00:00+01:00"))
    update = tracking(push(shipment(event("transit", "2026-11-19T08:00:00Z"), *scans)))

    assert update.current.local_time == "2026-11-19 08:00:00"
    assert [scan.local_time for scan in update.history] == ["", "2026-11-19 08:00:00"]


@pytest.mark.parametrize(
    ("clocks", "order"),
    [
        (["2026-11-20T09:00:00", "2026-11-19T09:00:00"], [1, 0]),
        (["2026-11-19T09:00:00", "2026-11-20T09:00:00"], [0, 1]),
        (["2026-11-19T09:00:00", "2026-11-19T09:00:00"], [1, 0]),
        ([None, "2026-11-19T09:00:00"], [1, 0]),
        (["2026-11-19T09:00:00", None], [1, 0]),
        ([], []),
    ],
)
def test_the_older_end_of_the_events_comes_first(clocks: list[Any], order: list[int]) -> None:
    """Events are taken as newest first, unless their times say the opposite."""
    scans = [event("transit", clock, status=str(place)) for place, clock in enumerate(clocks)]
    update = tracking(push(shipment(event("unknown"), *scans)))

    assert [scan.words for scan in update.history] == [str(place) for place in order]


def test_the_end_of_the_calendar_is_a_text() -> None:
    """A time that no clock in UTC ever shows is kept without its zone."""
    update = tracking(push(shipment(event("transit", "0001-01-01T00:00:00+05:00"))))

    assert (update.current.at, update.current.local_time) == (None, "0001-01-01 00:00:00")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"estimatedTimeOfDelivery": "2026-11-23T00:00:00Z"}, date(2026, 11, 23)),
        ({"estimatedTimeOfDelivery": "2026-11-23T23:30:00+02:00"}, date(2026, 11, 23)),
        ({"estimatedDeliveryTimeFrame": {"estimatedThrough": "2026-11-24"}}, date(2026, 11, 24)),
        (
            {
                "estimatedTimeOfDelivery": "2026-11-23",
                "estimatedDeliveryTimeFrame": {"estimatedThrough": "2026-11-24"},
            },
            date(2026, 11, 23),
        ),
        ({"estimatedTimeOfDelivery": "by noon"}, None),
        ({"estimatedTimeOfDelivery": None, "estimatedDeliveryTimeFrame": []}, None),
    ],
)
def test_the_date_is_read_as_it_is_written(more: dict[str, Any], expected: date | None) -> None:
    """The date of delivery is the written one, or else the end of the time frame."""
    assert tracking(push(shipment(event("transit"), **more))).estimated_delivery == expected


@pytest.mark.parametrize(
    ("details", "signed_by", "weight"),
    [
        ({"proofOfDelivery": {"signed": {"name": "B. Okoye", "givenName": "X"}}}, "B. Okoye", ""),
        ({"proofOfDelivery": {"signed": {"givenName": "Bisi"}}}, "Bisi", ""),
        ({"proofOfDelivery": {"signed": "B. Okoye"}}, "", ""),
        ({"proofOfDelivery": None, "weight": {"value": 3, "unitText": "kg"}}, "", "3 kg"),
        ({"weight": {"value": 0.25, "unitText": "kg"}}, "", "0.25 kg"),
        ({"weight": {"value": 3}}, "", ""),
        ({"weight": {"value": True, "unitText": "kg"}}, "", ""),
        ({"weight": {"value": "heavy", "unitText": "kg"}}, "", ""),
        ({"weight": [], "references": [{"number": 5}], "pieceIds": ["JD1", "JD2"]}, "", ""),
        ({"references": {"number": "5", "type": "customer-reference"}}, "", ""),
        (None, "", ""),
        ("none", "", ""),
    ],
)
def test_details_are_taken_where_they_are(details: Any, signed_by: str, weight: str) -> None:
    """Signer and weight are told where they are given in their form, and hold nothing up else."""
    update = tracking(push(shipment(event("delivered"), details=details)))

    assert (update.signed_by, update.weight) == (signed_by, weight)


def test_a_shipment_of_several_pieces_is_one_parcel() -> None:
    """DHL speaks of the shipment as a whole, so its pieces are not told one by one."""
    body = push(shipment(event("delivered"), details={"pieceIds": ["JD01", "JD02", "JD03"]}))

    assert tracking(body).tracking_number == NUMBER


def test_number_and_service_name_the_shipment() -> None:
    """The same number may run with two of DHL's companies."""
    assert tracking(push(shipment(event("transit")))).shipment == f"parcel-de/{NUMBER}"
    assert tracking(push(shipment(event("transit"), service=None))).shipment == NUMBER


@pytest.mark.parametrize(
    "scope",
    ["subscription.validate", "subscription.ready", "subscription.deleted", "shipment.created"],
)
def test_other_scopes_cause_nothing(scope: str) -> None:
    """What is about a subscription is not looked into, whatever else it holds."""
    with pytest.raises(UnsupportedError, match=scope) as refused:
        SOURCE.read(posted(push(shipment(event("delivered")), scope=scope)))

    assert refused.value.reason == "unsupported_kind"


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ({"title": "Gone", "detail": "It expired"}, "(Gone: It expired)"),
        ({"title": "Gone", "detail": 7}, "(Gone)"),
        ({"detail": "x" * 900}, f"({'x' * 200})"),
        ("gone", "(it gives no reason)"),
        (None, "(it gives no reason)"),
    ],
)
def test_a_failed_subscription_deserves_a_look(failure: Any, why: str) -> None:
    """A subscription that came to nothing is nothing to tell Cofactr, and something to people."""
    body = json.dumps({"scope": "subscription.failure", "self": SELF, "failure": failure}).encode()
    reading = SOURCE.read(posted(body))

    assert [finding.reason for finding in reading.ignored] == ["unsupported_kind"]
    assert [finding.reason for finding in reading.attention] == ["subscription_failed"]
    assert why in reading.ignored[0].detail
    assert why in reading.attention[0].detail
    assert (reading.updates, reading.held) == ((), ())


def test_the_test_environment_causes_nothing() -> None:
    """Whatever comes from the host of trials is no shipment."""
    address = SELF.replace("api-eu", "api-test")

    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted(push(shipment(event("delivered")), self=address)))
    assert refused.value.reason == "test_mode"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"scope":"subscription.push"}', push(), push(1), push(None), push({})],
)
def test_what_names_no_shipment_is_malformed(body: bytes) -> None:
    """A push that cannot be read as a whole is held."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(body))


def test_a_broken_shipment_holds_no_other() -> None:
    """Each shipment of a push is read by itself."""
    reading = SOURCE.read(posted(push(shipment(event("transit")), {"id": 5}, 7)))

    assert len(reading.updates) == 1
    assert [finding.reason for finding in reading.held] == ["malformed", "malformed"]


# A parcel's way


def told(known: Shipment, body: bytes) -> Told:
    """What is said of a shipment once a push arrives."""
    return told_of(known, tracking(body))


def test_the_same_scan_is_not_told_twice() -> None:
    """A scan that a later push lists among its events, without the Z, is the one told before."""
    first = told(Shipment(), push(shipment(event("failure", "2026-11-19T08:00:00Z"))))
    second = told(
        first.shipment, push(shipment(event("failure", "2026-11-19T08:00:00Z"), event("failure")))
    )
    later = event("delivered", "2026-11-20T10:00:00")
    third = told(
        second.shipment,
        push(
            shipment(event("delivered", f"{later}Z"), event("delivered", later), event("failure"))
        ),
    )

    assert types(first) == [EventType.DELAYED]
    assert types(second) == []
    assert types(third) == [EventType.SHIPPED, EventType.DELIVERED]


def test_a_delivery_in_words_alone_is_not_told() -> None:
    """Code and text contradict each other in an official example; nothing is delivered by it."""
    body = push(shipment(event("pre-transit", status="DELIVERED")))

    assert types(told(Shipment(), body)) == [EventType.TRACK]


# The token


def trust(*secrets: str, **settings: Any) -> Trust:
    """A source with these secrets and settings."""
    return Trust(settings=SourceSettings(format="dhl", secrets=secrets, **settings))


BODY = push(shipment(event("transit")))


@pytest.mark.parametrize(
    ("configured", "header"),
    [(None, "dhl-api-hook-token"), ("X-Our-Token", "x-our-token"), ("x-hook", "x-hook")],
)
def test_the_token_is_in_the_header_that_was_chosen(configured: str | None, header: str) -> None:
    """The token is looked for in the header of the settings, and in no other."""
    settings = trust(SECRET, header=configured)
    SOURCE.authenticate(posted(BODY, {header: SECRET}), settings, RECEIVED_AT)

    assert SOURCE.sign(posted(BODY), settings, RECEIVED_AT)[header] == SECRET
    with pytest.raises(UnauthenticatedError, match="missing or wrong"):
        SOURCE.authenticate(posted(BODY, {"x-another": SECRET}), settings, RECEIVED_AT)


@pytest.mark.parametrize("shown", ["", SECRET[:-1], SECRET.upper(), f"Bearer {SECRET}"])
def test_another_token_is_refused(shown: str) -> None:
    """A token that is not exactly one of ours is refused, and not repeated."""
    with pytest.raises(UnauthenticatedError, match="missing or wrong") as refused:
        SOURCE.authenticate(posted(BODY, {"dhl-api-hook-token": shown}), trust(SECRET), RECEIVED_AT)
    assert SECRET not in str(refused.value)


def test_without_a_secret_nothing_is_verified() -> None:
    """A source without secrets refuses even an empty token."""
    with pytest.raises(UnauthenticatedError, match="no secret is configured"):
        SOURCE.authenticate(posted(BODY, {"dhl-api-hook-token": ""}), trust(), RECEIVED_AT)


def test_a_shown_token_is_weak() -> None:
    """Who saw one push can make another, so the source says that it is weak."""
    assert SOURCE.strength is Strength.SHOWN
    assert SOURCE.strength.is_weak


def test_a_request_to_validate_must_be_authentic() -> None:
    """Nothing about a subscription is believed without the token."""
    with pytest.raises(UnauthenticatedError):
        SOURCE.authenticate(posted(validation()), trust(SECRET), RECEIVED_AT)


# The call back


def validation(**more: Any) -> bytes:
    """The request to make a subscription active."""
    whole = {"scope": "subscription.validate", "self": SELF, "secret": "Yw7-once"}
    return json.dumps(whole | more).encode()


READY = trust(SECRET, api_key=KEY)


def test_a_subscription_is_made_active_by_a_call() -> None:
    """DHL's own host is called, with our key and the secret that was just given."""
    assert isinstance(SOURCE, CallsBack)
    call = SOURCE.call_back(posted(validation()), READY)

    assert call is not None
    assert call.url == "https://api-eu.dhl.com/tracking/push/v1/subscription/8f3b-22c1"
    assert call.headers == {"DHL-API-Key": KEY, "DHL-API-Hook-Secret": "Yw7-once"}
    assert call.body == b""
    assert not {KEY, "Yw7-once"} & set(call.about.split())


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/tracking/push/v1/subscription/8f3b-22c1",
        "http://127.0.0.1:6379/subscription/8f3b-22c1",
        "https://api-eu.dhl.com@evil.example/x?y=/subscription/8f3b-22c1",
        "/subscription/8f3b-22c1",
    ],
)
def test_only_the_id_is_taken_from_the_address(address: str) -> None:
    """Whatever host the body names, the call goes to DHL's."""
    call = SOURCE.call_back(posted(validation(self=address)), READY)

    assert call is not None
    assert call.url == "https://api-eu.dhl.com/tracking/push/v1/subscription/8f3b-22c1"


@pytest.mark.parametrize(
    "changed",
    [
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/"},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/a/../../x"},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/.."},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/a%2Fb"},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/a?b=c"},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/a\nb"},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/subscription/" + "a" * 65},
        {"self": "https://api-eu.dhl.com/tracking/push/v1/8f3b-22c1"},
        {"self": None},
        {"self": 7},
        {"secret": ""},
        {"secret": None},
        {"secret": "a b"},
        {"secret": "a\r\nHost: evil.example"},
        {"secret": "schlüssel"},
        {"secret": "x" * 513},
        {"scope": "subscription.ready"},
        {"scope": "subscription.push"},
        {"scope": None},
    ],
)
def test_a_request_of_another_form_asks_for_no_call(changed: dict[str, Any]) -> None:
    """An id or a secret that is not of its form is not passed on, and other scopes ask nothing."""
    assert SOURCE.call_back(posted(validation(**changed)), READY) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", BODY])
def test_other_bodies_ask_for_no_call(body: bytes) -> None:
    """Any other bytes ask for no call."""
    assert SOURCE.call_back(posted(body), READY) is None


@pytest.mark.parametrize("key", [None, "", "ключ", "a b", "a\nb"])
def test_without_a_key_there_is_no_call(key: str | None) -> None:
    """Without a key that DHL's API can be shown, a person has to make the subscription active."""
    assert SOURCE.call_back(posted(validation()), trust(SECRET, api_key=key)) is None


def test_nobody_unknown_spends_our_key() -> None:
    """What is not authentic asks for a call only where it came by an address nobody guesses."""
    anybody = msgspec.structs.replace(posted(validation()), is_authentic=False)
    by_path = trust(api_key=KEY, path_tokens=("a-path-nobody-guesses",))

    assert SOURCE.call_back(anybody, trust(api_key=KEY)) is None
    assert SOURCE.call_back(anybody, by_path) is not None


# Delivery keys


def test_the_shipments_are_the_key() -> None:
    """The same shipments are the same statement, by whichever subscription they come."""
    other = push(shipment(event("transit")), self=f"{SELF}9", expires="2026-12-01")
    scan = event("transit")
    bodies = [
        BODY,
        push(shipment(event("failure"))),
        push(shipment(event("transit", "2026-11-19T08:00:01"))),
        push(shipment(scan, id=int(NUMBER))),
        push(shipment(scan, service="express")),
        push(shipment(scan, estimatedTimeOfDelivery="2026-11-25")),
        push(shipment(scan), shipment(scan)),
    ]

    assert SOURCE.delivery_key(posted(other)) == SOURCE.delivery_key(posted(BODY))
    assert len({SOURCE.delivery_key(posted(body)) for body in bodies}) == len(bodies)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{}", validation(), push().replace(b"[]", b"null")]
)
def test_without_shipments_the_body_is_the_key(body: bytes) -> None:
    """What lists no shipments is told apart by its bytes, so that a new secret is a new request."""
    assert SOURCE.delivery_key(posted(body)).startswith("body:")


def test_dhl_is_answered_200() -> None:
    """A push is answered with 200, at first and again."""
    assert SOURCE.answer(posted(BODY), Receipt("n-1")).status == 200


def test_the_official_example_is_read() -> None:
    """The official example is announced and not delivered, whatever its text says."""
    document = json.loads(sample("carriers/dhl/unified_tracking_reference.json"))

    update = tracking(push(*document["trackingResponse"]["shipments"]))

    assert update.tracking_number == "7777777770"
    assert update.current.meaning is Meaning.LABEL_CREATED
    assert (update.current.at, update.current.local_time) == (None, "2018-03-02 07:53:47")
    assert update.history == (update.current,)
    assert update.current.words == "DELIVERED: JESSICA"
    assert update.current.place == "Oderweg 2, AMSTERDAM, NL"
    assert (update.signed_by, update.weight) == ("John", "253.5 kg")
    assert update.estimated_delivery == date(2018, 8, 3)
    assert (update.service, update.shipment) == ("express", "express/7777777770")
