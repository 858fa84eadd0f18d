"""UPS Track Alert: its types and codes, its two proofs, the token, and what its times are worth."""

import base64
import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.answers import Answer, Receipt
from purchasing.configuration import SourceSettings
from purchasing.errors import UnauthenticatedError
from purchasing.handshakes import IssuesTokens
from purchasing.shipments import Shipment
from purchasing.sources import ups
from purchasing.sources.ups import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Meaning, TrackingUpdate
from tests.parcels import told_of, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample
from tests.strategies import bodies, headers

NOW = RECEIVED_AT
NUMBER = "1Z9F7K250344129991"
CLIENT = "ups-track-alert"
OTHER = "another-secret-of-these-tests"

TYPES = ups._TYPES | dict.fromkeys("DX")
CODES = ups._CODES | ups._SEEN_CODES


def event(pair: str = "I/DP", hour: int = 8, **more: Any) -> bytes:
    """A message about an hour of 2026-11-19, five hours behind GMT, in the US."""
    kind, _, code = pair.partition("/")
    message = {
        "trackingNumber": NUMBER,
        "localActivityDate": "20261119",
        "localActivityTime": f"{hour:02}0000",
        "gmtActivityDate": "20261119",
        "gmtActivityTime": f"{hour + 5:02}0000",
        "activityLocation": {"city": "Erie", "stateProvince": "PA", "country": "US"},
        "activityStatus": {"type": kind, "code": code, "description": "Some words"},
    }
    return json.dumps(message | more).encode()


def tracking(body: bytes) -> TrackingUpdate:
    """The one statement of a message."""
    return tracking_in(SOURCE, notification("ups", body))


def key(body: bytes) -> str:
    """The delivery key of a message."""
    return SOURCE.delivery_key(notification("ups", body))


def trust(*secrets: str, client: str | None = None) -> Trust:
    """What a source of UPS is believed for; one with a client is of version 2."""
    return Trust(settings=SourceSettings(format="ups", secrets=secrets, client_id=client))


V1 = trust(SECRET)
V2 = trust(SECRET, client=CLIENT)


def refusal(given_headers: dict[str, str], believed: Trust, now: datetime = NOW) -> str:
    """Why a message with such headers is refused; empty if it is not."""
    try:
        SOURCE.authenticate(notification("ups", event(), given_headers), believed, now)
    except UnauthenticatedError as error:
        return str(error)
    return ""


def basic(client: str = CLIENT, secret: str = SECRET, scheme: str = "Basic") -> dict[str, str]:
    """The header with which a client shows its id and its secret."""
    credentials = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return {"authorization": f"{scheme} {credentials}"}


def asked(
    given_headers: dict[str, str] | None = None,
    body: bytes | None = None,
    believed: Trust = V2,
    now: datetime = NOW,
    **form: str,
) -> Answer:
    """The answer to a request for a token."""
    fields = {"grant_type": "client_credentials"} | form
    sent = urlencode(fields).encode() if body is None else body
    known = (*believed.secrets, SECRET)[0]
    right = basic(believed.settings.client_id or CLIENT, known)
    request = notification("ups", sent, right if given_headers is None else given_headers)
    return SOURCE.issue_token(request, believed, now)


def said(answer: Answer) -> dict[str, Any]:
    """What an answer about a token says; no such answer may be stored by anyone between."""
    assert answer.content_type == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    found: dict[str, Any] = json.loads(answer.body)
    return found


def refused(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal, which say nothing else."""
    found = said(answer)
    assert set(found) == {"error"}
    assert ("www-authenticate" in answer.headers) is (answer.status == 401)
    return answer.status, found["error"]


def shown(token: str, client: str = CLIENT) -> dict[str, str]:
    """The headers with which UPS shows a token."""
    return {"authorization": f"Bearer {token}", "x-api-key": client}


def token(believed: Trust = V2, now: datetime = NOW) -> str:
    """A token that was issued."""
    return str(said(asked(believed=believed, now=now))["access_token"])


@pytest.mark.parametrize(("kind", "meaning"), TYPES.items())
@pytest.mark.parametrize("code", ["", "ZZ"])
def test_a_type_has_its_meaning(kind: str, meaning: Meaning | None, code: str) -> None:
    """Each published type means what it says by itself, and D and X nothing by themselves."""
    pair = f"{kind}/{code}" if code else kind
    current = tracking(event(pair)).current
    assert (current.meaning, current.code) == (meaning, pair)


@pytest.mark.parametrize(("pair", "meaning"), CODES.items())
def test_a_code_has_its_meaning(pair: str, meaning: Meaning) -> None:
    """Each known code means, with its type, what the table says."""
    current = tracking(event(pair)).current
    assert (current.meaning, current.code) == (meaning, pair)


@pytest.mark.parametrize("pair", ["D/OR", "X/FS", "P/FS", "i/DP", "DELIVERED", "D/fs", "D/SR"])
def test_a_code_of_another_type_is_not_guessed(pair: str) -> None:
    """A code is known only with its type: a delivery's code in an exception is no delivery."""
    assert tracking(event(pair, words="Delivered")).current.meaning is None


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, 10**40, -1])
def test_a_code_of_another_kind_of_value_is_none(value: object) -> None:
    """A code that is no text and no number is not there."""
    status = {"type": "D", "code": value, "description": value}
    current = tracking(event(activityStatus=status)).current
    assert (current.meaning, current.code, current.words) == (None, "D", "")


def test_a_code_may_be_a_number() -> None:
    """A code and a number that are written without quotes are read as text."""
    update = tracking(event(trackingNumber=5012, activityStatus={"type": "X", "code": 48}))
    assert (update.tracking_number, update.current.code) == ("5012", "X/48")


def test_the_credential_is_shown() -> None:
    """Version 1 is proven by the subscription's credential, as it is."""
    assert not refusal({"credential": SECRET}, V1)
    assert not refusal({"credential": SECRET}, trust(OTHER, SECRET))
    assert refusal({"credential": f"Bearer {SECRET}"}, V1)
    assert refusal({"authorization": f"Bearer {SECRET}"}, V1)
    assert refusal({"credential": ""}, V1) == "the secret that was shown is missing or wrong"
    assert "no secret is configured" in refusal({"credential": SECRET}, trust())


def test_a_client_that_is_configured_has_to_show_a_token() -> None:
    """With a client configured, the credential of version 1 opens nothing."""
    assert refusal({"credential": SECRET}, V2)
    assert refusal({"credential": SECRET, "x-api-key": CLIENT}, V2)
    assert refusal(shown(SECRET), V2)
    assert "no secret is configured" in refusal(shown(token()), trust(client=CLIENT))
    assert not refusal({"credential": SECRET}, trust(SECRET, client=""))


def test_a_token_opens_for_an_hour() -> None:
    """A token is accepted until its hour is over, and not a second longer."""
    issued = token()
    assert not refusal(shown(issued), V2, NOW + timedelta(seconds=3599))
    assert refusal(shown(issued), V2, NOW + timedelta(seconds=3600)) == "the token has expired"


def test_a_token_outlives_a_change_of_the_secret() -> None:
    """A token of an old secret opens as long as that secret is configured."""
    issued = token(trust(OTHER, client=CLIENT))
    assert not refusal(shown(issued), trust(SECRET, OTHER, client=CLIENT))
    assert refusal(shown(issued), V2) == (
        "the token was altered, or was not issued here for this client"
    )


def test_a_token_is_bound_to_its_client() -> None:
    """A token of one client does not open for another, though they have one secret."""
    issued = token(trust(SECRET, client="another"))
    assert refusal(shown(issued), V2)
    assert refusal(shown(issued, "another"), V2) == (
        "the x-api-key header is missing or names another client"
    )
    assert refusal({"authorization": f"Bearer {token()}"}, V2)


def test_an_expiry_cannot_be_put_off() -> None:
    """A token whose expiry is moved, or written otherwise, is not the one that was issued."""
    expiry, _, mark = token().partition(".")
    for moved in (str(int(expiry) + 1), f"0{expiry}", "99999999999", "1e9", "٣", ""):
        assert refusal(shown(f"{moved}.{mark}"), V2)


@pytest.mark.parametrize("scheme", ["bearer ", "Bearer  ", "Bearer", "Basic ", "Bearer\t", ""])
def test_a_token_is_shown_as_it_was_issued(scheme: str) -> None:
    """The header is the scheme, a space and the token, and nothing else."""
    assert refusal(shown("") | {"authorization": f"{scheme}{token()}"}, V2)


@given(data=st.data())
def test_any_change_of_the_headers_is_refused(data: st.DataObject) -> None:
    """One character more, fewer or another in either header of version 2 is refused."""
    proof = shown(token())
    name = data.draw(st.sampled_from(sorted(proof)), label="header")
    value = proof[name]
    place = data.draw(st.integers(0, len(value) - 1), label="place")
    sign = data.draw(st.characters(exclude_characters=value[place]), label="sign")

    assert not refusal(proof, V2)
    for changed in (sign, sign + value[place], ""):
        altered = value[:place] + changed + value[place + 1 :]
        assert altered == value or refusal(proof | {name: altered}, V2)


@given(given_headers=headers, authorization=st.text())
def test_any_headers_are_judged(given_headers: dict[str, str], authorization: str) -> None:
    """Any headers at all are refused in words that hold no secret."""
    sent = given_headers | {"authorization": authorization, "x-api-key": CLIENT}
    sentence = refusal(sent, V2)
    assert sentence
    assert SECRET not in sentence


@pytest.mark.parametrize("believed", [V1, V2, trust(OTHER, SECRET, client=CLIENT)])
def test_what_is_signed_is_accepted(believed: Trust) -> None:
    """A message is signed in the version that is configured, and names UPS's service."""
    signed = dict(SOURCE.sign(notification("ups", event()), believed, NOW))
    assert not refusal(signed, believed)
    assert ("credential" in signed) is (believed.settings.client_id is None)
    assert signed["user-agent"] == "UPSPubSubTrackingService"


def test_a_token_is_issued() -> None:
    """The right client is given a bearer token for an hour, as UPS's client library expects it."""
    assert isinstance(SOURCE, IssuesTokens)
    answer = asked()
    found = said(answer)
    assert answer.status == 200
    assert set(found) == {"access_token", "token_type", "expires_in"}
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 3600)
    assert quote_plus(found["access_token"]) == found["access_token"]
    assert SECRET not in answer.body.decode()
    assert not refusal(shown(found["access_token"]), V2)


@pytest.mark.parametrize(
    "given_headers",
    [basic(scheme="basic"), basic(quote_plus(CLIENT), quote_plus(SECRET)), basic(secret=OTHER)],
)
def test_a_client_shows_itself_in_the_header(given_headers: dict[str, str]) -> None:
    """The header is read whether it is form-encoded or not, with any of the secrets."""
    assert asked(given_headers, believed=trust(SECRET, OTHER, client=CLIENT)).status == 200


@pytest.mark.parametrize("secret", ["a+b %41&=:/é✓", "p:q:r", "%zz", "a b", " "])
def test_a_secret_of_any_signs_is_understood(secret: str) -> None:
    """A secret with signs that encodings treat in their own way opens in each of the ways."""
    believed = trust(secret, client="a client-1")
    name = "a client-1"
    assert asked(basic(name, secret), believed=believed).status == 200
    assert asked(basic(quote_plus(name), quote_plus(secret)), believed=believed).status == 200
    assert asked({}, believed=believed, client_id=name, client_secret=secret).status == 200


def test_a_client_shows_itself_in_the_form() -> None:
    """The id and the secret may be fields of the form, and other fields do not matter."""
    answer = asked({}, client_id=CLIENT, client_secret=SECRET, scope="", more="x")
    assert answer.status == 200


def test_an_id_in_the_form_beside_the_header_does_not_matter() -> None:
    """Some libraries repeat the id in the form; only a second secret is one too many."""
    assert asked(client_id=CLIENT).status == 200
    assert refused(asked(client_secret=SECRET)) == (400, "invalid_request")


@pytest.mark.parametrize(
    "given_headers",
    [
        basic(secret="wrong"),
        basic(client="wrong"),
        basic(secret=""),
        basic(scheme="Bearer"),
        {"authorization": ""},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!!"},
        {"authorization": "Basic \u2713"},
        {"authorization": "Basic \udc80"},
        {"authorization": "Basic /w=="},
        {"authorization": "Basic " + base64.b64encode(CLIENT.encode()).decode()},
        {},
    ],
)
def test_a_wrong_client_is_refused(given_headers: dict[str, str]) -> None:
    """Whoever does not show the client's id and secret is asked for them."""
    assert refused(asked(given_headers)) == (401, "invalid_client")


def test_a_wrong_client_in_the_form_is_refused() -> None:
    """A wrong secret, or a wrong id, is refused in the form as in the header."""
    assert refused(asked({}, client_id=CLIENT, client_secret="wrong"))[0] == 401
    assert refused(asked({}, client_id="wrong", client_secret=SECRET))[0] == 401
    assert refused(asked({}, client_id=CLIENT))[0] == 401


@pytest.mark.parametrize("believed", [V1, trust(SECRET, client=""), trust(client=CLIENT)])
def test_a_source_without_client_or_secret_issues_nothing(believed: Trust) -> None:
    """Without a client's id or without a secret there are no credentials that could be right."""
    for name in (CLIENT, ""):
        for secret in (SECRET, ""):
            assert refused(asked(basic(name, secret), believed=believed))[0] == 401


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=Client_Credentials", "unsupported_grant_type"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b'{"grant_type": "client_credentials"}', "invalid_request"),
        (b"\xff", "invalid_request"),
        (b"a&" * 100, "invalid_request"),
    ],
)
def test_another_request_is_refused(body: bytes, error: str) -> None:
    """A request that is not one for a client's own token is refused with the error's code."""
    assert refused(asked(body=body)) == (400, error)


@given(body=bodies, given_headers=headers, authorization=st.none() | st.text())
def test_any_request_for_a_token_is_answered(
    body: bytes, given_headers: dict[str, str], authorization: str | None
) -> None:
    """Any bytes with any headers are refused as the protocol says, and never break anything."""
    more = {} if authorization is None else {"authorization": authorization}
    assert refused(asked(given_headers | more, body)) in {
        (400, "invalid_request"),
        (401, "invalid_client"),
    }


def test_a_message_is_answered_with_200() -> None:
    """UPS documents a 200 and nothing else."""
    assert SOURCE.answer(notification("ups", event()), Receipt("n-1")).status == 200


def test_a_photo_repeats_its_delivery() -> None:
    """The message with the photo has the key of the delivery, whatever else came with it."""
    photo = base64.b64encode(b"\xff\xd8" * 300_000).decode()
    again = event("D/FS", deliveryPhoto=photo, receivedBy="A", scheduledDeliveryDate="20191014")
    assert key(again) == key(event("D/FS"))
    assert tracking(again).signed_by == "A"
    assert len(key(again)) < 50


def test_a_photo_says_nothing_new() -> None:
    """Where the photo's message is a new one after all, Cofactr is told nothing."""
    shipment, first = told(Shipment(), event("D/FS"))
    _, again = told(shipment, event("D/FS", deliveryPhoto="aGk="))
    assert first == ["shipped", "delivered"]
    assert again == []


@pytest.mark.parametrize(
    "other",
    [
        event("D/FS"),
        event("X/DP"),
        event("I/OT"),
        event("I"),
        event(hour=9),
        event(trackingNumber="1Z9F7K250344129992"),
        event(gmtActivityDate="20261120"),
        event(gmtActivityTime="130001"),
        event(localActivityDate="20261118"),
        event(localActivityTime="080001"),
    ],
)
def test_other_events_have_other_keys(other: bytes) -> None:
    """Another parcel, another time, another type or another code is another event."""
    assert key(other) != key(event())


def test_the_parts_of_a_key_do_not_run_into_one_another() -> None:
    """What ends one part never begins the next."""
    one = event(trackingNumber="1Z9", gmtActivityDate="920261119")
    other = event(trackingNumber="1Z99", gmtActivityDate="20261119")
    assert key(one) != key(other)


def test_an_update_is_known_by_its_date() -> None:
    """Two updates of one second that name two days are two."""
    one, other = (event("U/6Q", scheduledDeliveryDate=it) for it in ("20261124", "20261125"))
    assert key(one) != key(other)
    assert key(event(scheduledDeliveryDate="20261124")) == key(event())


def test_a_key_does_not_depend_on_how_it_is_written() -> None:
    """Empty or missing, with or without a space, text or number: it is the same event."""
    bare = json.loads(event()) | {"trackingNumber": f" {NUMBER}", "localActivityTime": 80000}
    assert key(json.dumps(bare, indent=1).encode()) == key(event())
    empty = event(gmtActivityDate="", gmtActivityTime="")
    missing = event(gmtActivityDate=None, gmtActivityTime=None)
    assert key(empty) == key(missing) != key(event())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"trackingNumber": "\\ud800"}',
        b'{"trackingNumber": 1e999}',
        event(activityStatus="D"),
        event(activityStatus={}),
        event(trackingNumber=""),
        event(localActivityTime="", gmtActivityTime=""),
        event(localActivityDate=None, gmtActivityDate=None),
    ],
)
def test_what_has_no_time_is_known_by_its_body(body: bytes) -> None:
    """Without a number, a type or any time, only the same bytes are the same message."""
    assert key(body).startswith("body:")


def test_gmt_on_the_wrong_side_is_not_believed() -> None:
    """A GMT time that is earlier than the local one is impossible in the US, as in a manifest."""
    current = tracking(event("M/MP", gmtActivityTime="030000")).current
    assert (current.at, current.local_time) == (None, "2026-11-19 08:00:00")


@pytest.mark.parametrize("country", ["CA", "MX", "PR", "US"])
def test_a_western_country_is_never_on_gmt(country: str) -> None:
    """West of Greenwich, two equal times are one time that was written twice."""
    where = {"country": country}
    assert tracking(event(activityLocation=where, gmtActivityTime="080000")).current.at is None
    assert tracking(event(activityLocation=where)).current.at is not None


@pytest.mark.parametrize(
    ("gmt", "at"),
    [
        ("080000", "2026-11-19T08:00:00+00:00"),
        ("023000", "2026-11-19T08:00:00+05:30"),
        ("021500", "2026-11-19T08:00:00+05:45"),
        ("021000", None),
        ("200000", "2026-11-19T08:00:00-12:00"),
        ("201500", None),
    ],
)
def test_only_zones_that_exist_are_believed(gmt: str, at: str | None) -> None:
    """The two times must differ by a quarter of an hour's multiple, from 12 behind to 14 ahead."""
    current = tracking(event(activityLocation={"country": "NP"}, gmtActivityTime=gmt)).current
    assert (current.at and current.at.isoformat()) == at
    assert bool(current.local_time) is (at is None)


@pytest.mark.parametrize(
    ("offset", "at"),
    [
        ("-05.00", "2026-11-19T08:00:00-05:00"),
        ("-05:00", "2026-11-19T08:00:00-05:00"),
        ("+05.00", None),
        ("-99.99", None),
        ("-5", None),
        ("", None),
    ],
)
def test_the_offset_stands_in_for_gmt(offset: str, at: str | None) -> None:
    """Without GMT, the offset gives the local time its zone, where it is one of that country."""
    current = tracking(event(gmtActivityDate="", gmtOffset=offset)).current
    assert (current.at and current.at.isoformat()) == at


@pytest.mark.parametrize("offset", ["-06.00", "+05.00", "-05.30"])
def test_an_offset_that_contradicts_gmt_settles_nothing(offset: str) -> None:
    """Where the offset is not the difference of the two times, the local text is kept."""
    assert tracking(event(gmtOffset=offset)).current.at is None
    assert tracking(event(gmtOffset="-05.00")).current.at is not None


def test_the_ends_of_the_calendar_are_text() -> None:
    """A time that does not exist in UTC is kept as text."""
    current = tracking(
        event(
            activityLocation={"country": "IN"},
            localActivityDate="00010101",
            localActivityTime="000000",
            gmtActivityDate="",
            gmtOffset="+05.30",
        )
    ).current
    assert (current.at, current.local_time) == (None, "0001-01-01T00:00:00+05:30")


def test_a_day_without_a_time_is_text() -> None:
    """Without a time of the day, the date is kept as it is written."""
    current = tracking(event(localActivityTime="", gmtActivityTime="")).current
    assert (current.at, current.local_time) == (None, "20261119")


@pytest.mark.parametrize(
    ("pair", "is_believed"),
    [("U/6Q", True), ("M/MP", True), ("M/ZZ", True), ("I/OR", True)]
    + [(pair, False) for pair in ("I/DP", "I/OT", "I/YP", "D/FS", "X/SR", "X/OR", "MV", "D/OR")],
)
def test_the_scheduled_day_is_believed_where_it_is_told(pair: str, *, is_believed: bool) -> None:
    """An update and the beginning tell the day; elsewhere it may lag behind an update."""
    told_day = tracking(event(pair, scheduledDeliveryDate="20261124")).estimated_delivery
    assert told_day == (date(2026, 11, 24) if is_believed else None)


@pytest.mark.parametrize("text", ["20261118", "20191014", "", "soon", None, [], "00000000"])
def test_a_scheduled_day_in_the_past_is_none(text: object) -> None:
    """A day before the activity's own is a leftover, and what is no day is none."""
    assert tracking(event("U/6Q", scheduledDeliveryDate=text)).estimated_delivery is None
    same_day = event("U/6Q", scheduledDeliveryDate="20261119")
    assert tracking(same_day).estimated_delivery == date(2026, 11, 19)


def test_a_scheduled_day_needs_a_day_to_be_held_against() -> None:
    """The GMT day will do where there is no local one; without either, no date is believed."""
    with_gmt = event("U/6Q", localActivityDate="", scheduledDeliveryDate="20261124")
    without = event(
        "U/6Q", localActivityDate="", gmtActivityDate="", scheduledDeliveryDate="20261124"
    )
    assert tracking(with_gmt).estimated_delivery == date(2026, 11, 24)
    assert tracking(without).estimated_delivery is None


def told(shipment: Shipment, body: bytes) -> tuple[Shipment, list[str]]:
    """What is known after a message, and what Cofactr is told."""
    result = told_of(shipment, tracking(body))
    return result.shipment, types(result)


def test_the_original_day_does_not_undo_an_update() -> None:
    """After an update, the scans that still carry the original day change nothing."""
    journey = [
        (event("M/MP", 1), ["track"]),
        (event("I/OR", 2, scheduledDeliveryDate="20261123"), ["shipped"]),
        (event("U/6Q", 3, scheduledDeliveryDate="20261125"), ["delayed"]),
        (event("I/DP", 4, scheduledDeliveryDate="20261123"), []),
        (event("U/6Q", 5, scheduledDeliveryDate="20261124"), ["reschedule"]),
        (event("I/OT", 6, scheduledDeliveryDate="20261123"), ["track"]),
        (event("D/FS", 7, scheduledDeliveryDate="20191014"), ["delivered"]),
    ]
    shipment = Shipment()
    for body, expected in journey:
        shipment, types = told(shipment, body)
        assert types == expected
    assert shipment.estimated_delivery == date(2026, 11, 24)


def test_events_out_of_order_move_nothing_back() -> None:
    """An older scan that comes late is kept and not said."""
    shipment, _ = told(Shipment(), event("I/OT", 9))
    assert told(shipment, event("I/OR", 2))[1] == []


def test_a_delivery_of_an_unknown_code_is_held() -> None:
    """A delivery whose code is unknown leaves what is known as it was."""
    shipment, _ = told(Shipment(), event("I/OT", 9))
    result = told_of(shipment, tracking(event("D/9Z", 10)))
    assert [finding.reason for finding in result.held] == ["unknown_status"]
    assert result.shipment == shipment


# What a person reads in UPS's published examples: meaning, code, time or local text, date.
PUBLISHED = {
    "v1_manifest": (
        "1ZABCXYZ0112346789",
        Meaning.LABEL_CREATED,
        "2024-04-22 09:12:30",
        None,
    ),
    "v1_origin_scan": (
        "1ZABCXYZ0112346789",
        Meaning.MOVING,
        "2024-04-22T21:29:01-04:00",
        date(2024, 4, 23),
    ),
    "v1_preparing_for_delivery": (
        "1ZABCXYZ0112346789",
        Meaning.MOVING,
        "2024-04-23T00:30:52-04:00",
        None,
    ),
    "v2_out_for_delivery": (
        "1Z204W4R0308071865",
        Meaning.OUT_FOR_DELIVERY,
        "2024-04-23T09:15:19-04:00",
        None,
    ),
}


@pytest.mark.parametrize(("name", "expected"), PUBLISHED.items())
def test_a_published_example_is_read(
    name: str, expected: tuple[str, Meaning, str, date | None]
) -> None:
    """UPS's own examples are read as a person reads them."""
    update = tracking(sample(f"carriers/ups/{name}.json"))
    current = update.current
    when = current.at.isoformat() if current.at else current.local_time
    assert (update.tracking_number, current.meaning, when, update.estimated_delivery) == expected
    assert update.signed_by == ""
