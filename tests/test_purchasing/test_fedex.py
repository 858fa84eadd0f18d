"""FedEx's codes one by one, its signature in two spellings, retries, and numbers used again."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from purchasing.answers import Receipt
from purchasing.commands import EventType
from purchasing.configuration import SourceSettings
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification
from purchasing.sources import fedex
from purchasing.sources.fedex import SOURCE
from purchasing.tracking import Told
from purchasing.trust import Trust
from purchasing.updates import Meaning, Reading, TrackingUpdate
from tests.parcels import by_code, told_in_turn, tracking_in, types
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

# developer.fedex.com/api/en-us/guides/api-reference (read 2026-11), in the order of its tables.
CODES = by_code(
    {
        Meaning.LABEL_CREATED: "AP EP MD OC RP",
        Meaning.MOVING: """
            AA AC AF AR AX CC CH CP DO DP EA EO FD IP IT IX LO OF OW PF PL PM PU PX SF TR
        """,
        Meaning.OUT_FOR_DELIVERY: "AD ED OD",
        Meaning.READY_FOR_PICKUP: "HL HP",
        Meaning.DELAYED: "CD DD DE DY PD PY RL SE",
        Meaning.DELIVERED: "DL",
        Meaning.RETURNING: "RS",
        Meaning.VOIDED: "CA LC LP",
        Meaning.NOT_FOUND: "RD",
        Meaning.UNCHANGED: "AE AO AS DR DS HA IN OX PR RA RC RG RM RR RT SP US",
    }
)
# None: the reason says nothing beyond DE and SE.
REASONS = {
    "007": Meaning.ATTEMPTED,
    "03": None,
    "060G": Meaning.RETURNING,
    "07": Meaning.ATTEMPTED,
    "08": Meaning.ATTEMPTED,
    "083": None,
    "099": None,
    "17": None,
    "A13": None,
    "A52": None,
}

NUMBER = "770255310148"
BEGAN_AT = datetime(2026, 11, 19, 8, tzinfo=UTC)


def scan(code: str, hour: int = 0, **more: Any) -> dict[str, Any]:
    """A scan as FedEx lists it, with the derived code that most scans have."""
    at = BEGAN_AT + timedelta(hours=hour)
    return {"date": at.isoformat(), "eventType": code, "derivedStatusCode": "IT"} | more


def result(code: str | None, *scans: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A track result, its scans given in the order in which they were made."""
    status = {} if code is None else {"latestStatusDetail": {"code": code, "derivedCode": "IT"}}
    identity = {"trackingNumber": NUMBER, "trackingNumberUniqueId": f"12029~{NUMBER}~FDEG"}
    return {"trackingNumberInfo": identity, "scanEvents": list(reversed(scans))} | status | more


def document(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A push of results under one number."""
    known = [{"trackingNumber": NUMBER, "trackResults": list(results)}]
    return {"transactionId": "t-1", "output": {"completeTrackResults": known}} | more


def posted(content: object) -> Notification:
    """A document as it is posted."""
    return notification("fedex", json.dumps(content).encode())


def reading(*results: dict[str, Any]) -> Reading:
    """What a push of some results says."""
    return SOURCE.read(posted(document(*results)))


def tracking(*results: dict[str, Any]) -> TrackingUpdate:
    """The one statement of a push."""
    return tracking_in(SOURCE, posted(document(*results)))


def reasons(*codes: str) -> dict[str, Any]:
    """A status DE with reasons of its own."""
    details = [{"reason": code, "reasonDescription": f"Reason {code}"} for code in codes]
    return {"latestStatusDetail": {"code": "DE", "ancillaryDetails": details}}


def test_there_are_as_many_codes_as_are_said() -> None:
    """The source knows as many codes as it says that it does."""
    assert (len(CODES), len(REASONS)) == (65 + 2, 10)
    assert CODES.keys() == fedex._CODES.keys()
    assert REASONS.keys() == fedex._EXCEPTIONS.keys()
    assert SOURCE.codes.startswith("all 65 of movement and clearance")


@pytest.mark.parametrize(("code", "meaning"), CODES.items())
def test_a_code_has_its_meaning(code: str, meaning: Meaning) -> None:
    """A code means the same as a status and as a scan, whatever the derived codes."""
    update = tracking(result(code, scan(code)))

    assert update.current.meaning is meaning
    assert update.history == (update.current,)
    assert update.current.code == code


@pytest.mark.parametrize("code", ["ZZ", "od", " OD", "DELIVERED", "SH", "CU", "BR", "TP"])
def test_a_code_outside_the_table_has_no_meaning(code: str) -> None:
    """A code that is not in the table has no meaning, however near to one it looks."""
    update = tracking(result(code, scan(code)))

    assert update.current.meaning is None
    assert update.history[0].meaning is None


@pytest.mark.parametrize("code", ["DE", "SE"])
@pytest.mark.parametrize(("reason", "meaning"), REASONS.items())
def test_a_reason_refines_an_exception(code: str, reason: str, meaning: Meaning | None) -> None:
    """The reason of an exception says more of it, be it the scan's or the status's own."""
    by_scan = tracking(result(code, scan(code, exceptionCode=reason)))
    details = {"latestStatusDetail": {"code": code, "ancillaryDetails": [{"reason": reason}]}}
    by_status = tracking(result(None, **details))

    expected = (meaning or Meaning.DELAYED, f"{code}/{reason}")
    for current in (by_scan.current, by_scan.history[0], by_status.current):
        assert (current.meaning, current.code) == expected


@pytest.mark.parametrize("reason", ["15", "7", "8", "0007", "60G", "060g", "Z9X", ""])
def test_an_unknown_reason_says_no_more(reason: str) -> None:
    """A reason that is not in the table, one without its zeros included, leaves the exception."""
    assert tracking(result("DE", scan("DE", exceptionCode=reason))).current.meaning is (
        Meaning.DELAYED
    )


@pytest.mark.parametrize("code", [code for code in CODES if code not in ("DE", "SE")])
@pytest.mark.parametrize("reason", ["060G", "08"])
def test_other_codes_are_plain(code: str, reason: str) -> None:
    """A code that is no exception keeps its meaning whatever the reason."""
    current = tracking(result(code, scan(code, exceptionCode=reason))).current

    assert (current.meaning, current.code) == (CODES[code], code)


def test_the_first_reason_that_says_more_counts() -> None:
    """Of several reasons, the first that says more than the exception does is meant."""
    current = tracking(result(None, **reasons("03", "08", "060G"))).current

    assert (current.meaning, current.code) == (Meaning.ATTEMPTED, "DE/03")


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("RS", Meaning.RETURNING),
        ("HP", Meaning.READY_FOR_PICKUP),
        ("AF", Meaning.DELAYED),
        ("RR", Meaning.DELAYED),
        ("ZZ", Meaning.DELAYED),
    ],
)
def test_an_exception_may_be_told_by_another_scan(code: str, meaning: Meaning) -> None:
    """A scan that shares the reason of an exception says where the parcel goes, if it knows."""
    other = scan(code, 5, exceptionCode="060X", exceptionDescription="Going elsewhere")

    current = tracking(result(None, scan("DE"), other, **reasons("060X"))).current

    assert current.meaning is meaning
    assert current.at == BEGAN_AT + timedelta(hours=5)


def test_the_reason_of_another_scan_is_not_the_statuss() -> None:
    """An exception with a reason of its own is not refined by an earlier one's."""
    current = tracking(result(None, scan("DE", exceptionCode="007"), **reasons("03"))).current

    assert (current.meaning, current.code) == (Meaning.DELAYED, "DE/03")


def test_an_exception_without_its_scan_has_its_own_words() -> None:
    """A status that no scan tells says its reason, and none of another scan's words."""
    other = scan("AF", exceptionDescription="Tendered elsewhere")

    exception = tracking(result(None, other, **reasons("03")))
    plain = tracking(result("DY", other))

    assert exception.current.words == "Reason 03"
    assert plain.current.words == ""


def test_a_derived_delivery_is_none() -> None:
    """A parcel on its way back is not delivered, although its scan's derived code says so."""
    update = tracking(result("RS", scan("RS", derivedStatusCode="DL", derivedStatus="Delivered")))

    assert update.current.meaning is Meaning.RETURNING


@pytest.mark.parametrize("code", ["DL", "IT", "PU"])
def test_a_delay_detail_changes_no_meaning(code: str) -> None:
    """A parcel that is late moves, and a delivered one is delivered, whatever its delay."""
    delay = {"type": "WEATHER", "subType": "SNOW", "status": "DELAYED"}
    status = {"latestStatusDetail": {"code": code, "delayDetail": delay}}

    update = tracking(result(None, scan(code, delayDetail=delay), **status))

    assert update.current.meaning is CODES[code]
    assert update.history[0].meaning is CODES[code]


def test_the_words_are_the_descriptions() -> None:
    """A scan's words are its own and those of its exception; a status has the scan's beside it."""
    status = {"code": "DE", "description": "Delivery exception", "statusByLocale": "Lieferproblem"}
    event: dict[str, Any] = {
        "eventDescription": "Delivery exception ",
        "exceptionDescription": " Refused",
    }

    update = tracking(result(None, scan("DE", **event), latestStatusDetail=status))

    assert update.current.words == update.history[0].words == "Delivery exception: Refused"


def test_a_status_without_a_description_has_its_local_words() -> None:
    """The words of a status in the project's language stand in for its description."""
    status = {"code": "DE", "statusByLocale": "Lieferproblem"}
    details = [{"reason": "03", "reasonDescription": "Incorrect address"}]

    update = tracking(
        result(None, scan("DE"), latestStatusDetail=status | {"ancillaryDetails": details})
    )

    assert update.current.words == "Lieferproblem: Incorrect address"


def test_the_place_is_the_scans() -> None:
    """Where the status is said to be is often the destination, so the scan is believed."""
    destination = {"city": "Tempe", "stateOrProvinceCode": "AZ", "countryCode": "US"}
    status = {"code": "IT", "scanLocation": destination}
    here = {"city": " YUMA", "stateOrProvinceCode": "AZ", "countryCode": ""}

    update = tracking(result(None, scan("IT", scanLocation=here), latestStatusDetail=status))
    unseen = tracking(result(None, latestStatusDetail=status))

    assert update.current.place == "YUMA, AZ"
    assert (unseen.current.place, unseen.current.at) == ("", None)


@pytest.mark.parametrize("location", [None, "Yuma", {"city": 7}, []])
def test_a_place_of_another_shape_is_left_out(location: object) -> None:
    """A location that cannot be read costs no scan."""
    assert tracking(result("IT", scan("IT", scanLocation=location))).current.place == ""


def test_a_status_rests_on_the_last_scan_of_its_code() -> None:
    """What a later scan says besides does not date a status."""
    update = tracking(result("OD", scan("OD"), scan("AE", 1)))

    assert update.current.at == BEGAN_AT
    assert [it.meaning for it in update.history] == [Meaning.OUT_FOR_DELIVERY, Meaning.UNCHANGED]


def test_a_status_without_its_scan_rests_on_one_that_means_the_same() -> None:
    """A status that no scan has is dated by the last scan that means the same, or by the last."""
    alike = tracking(result("IT", scan("PU"), scan("DP", 2), scan("AE", 3)))
    another = tracking(result("DY", scan("PU"), scan("DP", 2)))

    assert alike.current.at == BEGAN_AT + timedelta(hours=2)
    assert another.current.at == BEGAN_AT + timedelta(hours=2)
    assert another.current.meaning is Meaning.DELAYED


def test_a_delivery_without_its_scan_has_the_actual_date() -> None:
    """A delivery that no scan tells is dated by ACTUAL_DELIVERY, and is where the status is."""
    dates = [{"type": "ACTUAL_DELIVERY", "dateTime": "2026-11-20T12:41:57-04:00"}]
    status = {"code": "DL", "scanLocation": {"city": "Tempe", "countryCode": "US"}}

    current = tracking(
        result(None, scan("AF"), dateAndTimes=dates, latestStatusDetail=status)
    ).current

    assert current.at == datetime(2026, 11, 20, 16, 41, 57, tzinfo=UTC)
    assert current.place == "Tempe, US"


@pytest.mark.parametrize("status", [None, {}, {"code": ""}, {"derivedCode": "DL"}])
def test_without_a_status_the_last_scan_counts(status: dict[str, Any] | None) -> None:
    """A result without a code of its status is where its last scan was; nothing derived counts."""
    update = tracking(result(None, scan("PU"), scan("OD", 1), latestStatusDetail=status))

    assert update.current == update.history[-1]
    assert update.current.meaning is Meaning.OUT_FOR_DELIVERY


MIDNIGHT = "2026-11-19T00:00:00"


def codes_in_order(*newest_first: dict[str, Any]) -> str:
    """The codes of a history, for scans as FedEx lists them."""
    events = {"scanEvents": list(newest_first)}
    return " ".join(it.code for it in tracking(result(None, **events)).history)


@pytest.mark.parametrize(
    ("newest_first", "expected"),
    [
        ([scan("DP", 9), scan("OC", 1), scan("PU", date=MIDNIGHT)], "OC PU DP"),
        ([scan("DP", 9), scan("PU", date=MIDNIGHT), scan("OC", 1)], "OC PU DP"),
        ([scan("DP", 9), scan("OC", 1), scan("PU", date="2026-11-18T00:00:00")], "PU OC DP"),
        ([scan("DP", 9), scan("PU", date=MIDNIGHT)], "PU DP"),
        ([scan("DP", 9), scan("AR", date=MIDNIGHT), scan("PU", 1)], "PU AR DP"),
        ([scan("AR", date=MIDNIGHT), scan("DP", 9), scan("PU", 1)], "PU DP AR"),
        ([scan("PU", 1), scan("AR", 2), scan("DP", 9)], "PU AR DP"),
        ([scan("DP", 9), scan("PU", 1), scan("AR", 2)], "PU AR DP"),
        ([scan("AR", 2), scan("PU", 2)], "PU AR"),
        ([scan("PU", date=MIDNIGHT), scan("OC", date=MIDNIGHT)], "OC PU"),
        ([scan("PU", date=None), scan("OC", date="soon")], "OC PU"),
        ([scan("AR", date="2026-11-19T10:30:00+02:00"), scan("DP", 0)], "DP AR"),
    ],
)
def test_scans_are_in_the_order_in_which_they_were_made(
    newest_first: Sequence[dict[str, Any]], expected: str
) -> None:
    """Times decide; one without a zone stays in its position, but not before its day's label."""
    assert codes_in_order(*newest_first) == expected


def test_a_time_without_a_zone_is_kept_as_text() -> None:
    """A midnight without a zone is no instant, and is not given a zone."""
    current = tracking(result("PU", scan("PU", date=MIDNIGHT))).current

    assert (current.at, current.local_time) == (None, MIDNIGHT)


def window(**ends: str) -> dict[str, Any]:
    """A window of time as FedEx writes it."""
    return {"window": ends}


ESTIMATED = [{"type": "ESTIMATED_DELIVERY", "dateTime": "2026-11-22T00:00:00-06:00"}]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"estimatedDeliveryTimeWindow": {}, "standardTransitTimeWindow": {}}, None),
        ({"estimatedDeliveryTimeWindow": window()}, None),
        ({"standardTransitTimeWindow": window(ends="2026-11-23T00:00:00-06:00")}, 23),
        ({"standardTransitTimeWindow": window(begins="2026-11-23T08:00:00")}, 23),
        ({"dateAndTimes": ESTIMATED}, 22),
        (
            {"dateAndTimes": ESTIMATED, "standardTransitTimeWindow": window(ends="2026-11-23")},
            22,
        ),
        (
            {
                "dateAndTimes": ESTIMATED,
                "estimatedDeliveryTimeWindow": window(
                    begins="2026-11-23T22:00:00-07:00", ends="2026-11-24T01:00:00-07:00"
                ),
            },
            24,
        ),
        ({"estimatedDeliveryTimeWindow": "soon", "dateAndTimes": ESTIMATED}, 22),
        ({"estimatedDeliveryTimeWindow": window(ends="soon"), "dateAndTimes": "soon"}, None),
    ],
)
def test_the_day_of_delivery_is_the_best_estimate(
    fields: dict[str, Any], expected: int | None
) -> None:
    """The window goes before the estimate, and that before the usual time; the date is as told."""
    day = None if expected is None else date(2026, 11, expected)

    assert tracking(result("IT", scan("IT"), **fields)).estimated_delivery == day


def test_the_day_of_shipping_is_as_it_is_written() -> None:
    """SHIP is midnight at a fixed offset, and its date is taken without converting it."""
    dates = [{"type": "SHIP", "dateTime": "2026-11-17T00:00:00-06:00"}]

    assert tracking(result("IT", scan("IT"), dateAndTimes=dates)).shipped_on == date(2026, 11, 17)


@pytest.mark.parametrize(
    ("code", "delivery", "expected"),
    [
        ("DL", {"signedByName": "R. BRANDT", "receivedByName": "RBRANDT"}, "R. BRANDT"),
        ("DL", {"receivedByName": " RBRANDT "}, "RBRANDT"),
        ("DL", {"signedByName": "", "receivedByName": "RBRANDT"}, "RBRANDT"),
        ("DL", {}, ""),
        ("DL", None, ""),
        ("RS", {"receivedByName": "RBRANDT"}, ""),
        ("OD", {"signedByName": "R. BRANDT"}, ""),
    ],
)
def test_who_signed_is_told_of_a_delivery(
    code: str, delivery: dict[str, str] | None, expected: str
) -> None:
    """Who signed goes before who received it; before the delivery nobody did."""
    update = tracking(result(code, scan(code), deliveryDetails=delivery))

    assert update.signed_by == expected


POUNDS = {"value": "4.4", "unit": "LB"}
KILOGRAMS = {"value": "2.0", "unit": "KG"}


@pytest.mark.parametrize(
    ("package", "shipment", "expected"),
    [
        ([POUNDS, KILOGRAMS], [{"value": "9", "unit": "LB"}], "4.4 LB"),
        ([], [KILOGRAMS], "2.0 KG"),
        ([{"value": 4.4, "unit": "LB"}], [], "4.4 LB"),
        ([{"value": "4.4"}, {"unit": "LB"}, {"value": "", "unit": "LB"}], [KILOGRAMS], "2.0 KG"),
        ("heavy", [KILOGRAMS], "2.0 KG"),
        ([], [], ""),
    ],
)
def test_the_weight_is_the_first_that_is_whole(
    package: object, shipment: object, expected: str
) -> None:
    """The package's weight goes before that of the shipment, with its unit and as it is written."""
    fields = {
        "packageDetails": {"weightAndDimensions": {"weight": package}},
        "shipmentDetails": {"weight": shipment},
    }

    assert tracking(result("IT", scan("IT"), **fields)).weight == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"type": "FEDEX_GROUND", "description": "FedEx Ground"}, "FedEx Ground"),
        ({"type": "FEDEX_GROUND"}, "FEDEX_GROUND"),
        ({}, ""),
        (["FEDEX_GROUND"], ""),
    ],
)
def test_the_service_is_what_people_call_it(service: object, expected: str) -> None:
    """The service's description goes before its type."""
    assert tracking(result("IT", scan("IT"), serviceDetail=service)).service == expected


def test_an_error_alone_is_its_code() -> None:
    """An unknown number is not found; any other error has no meaning, and is held later."""
    known, other = (
        tracking(result(None, error={"code": code}))
        for code in ("TRACKING.TRACKINGNUMBER.NOTFOUND", "TRACKING.TRACKINGNUMBER.INVALID")
    )

    assert known.current.meaning is Meaning.NOT_FOUND
    assert (other.current.meaning, other.current.code) == (None, "TRACKING.TRACKINGNUMBER.INVALID")


@pytest.mark.parametrize("error", [None, {}, {"code": ""}, {"code": None}])
def test_a_result_that_says_nothing_is_held(error: object) -> None:
    """A result without a status, a scan and an error names its number, and waits for a person."""
    (held,) = reading(result(None, error=error)).held

    assert held.reason == "malformed"
    assert NUMBER in held.detail


# Numbers that are used again.


def shipment(id_: str, *scans: dict[str, Any], shipped: str | None = None) -> dict[str, Any]:
    """A shipment under our number, with an id of its own."""
    dates = [{"type": "SHIP", "dateTime": shipped}] if shipped else []
    identity = {"trackingNumber": NUMBER, "trackingNumberUniqueId": id_}
    code = scans[-1]["eventType"] if scans else "OC"
    return result(code, *scans, dateAndTimes=dates) | {"trackingNumberInfo": identity}


OLD = shipment("2460999000~1~FX", scan("PU", -9000), scan("DL", -8900))
YOUNG = shipment("2461362000~1~FX", scan("OC"))


@pytest.mark.parametrize("results", [(OLD, YOUNG), (YOUNG, OLD)], ids=["old first", "old last"])
def test_of_two_shipments_the_younger_one_has_the_number(
    results: tuple[dict[str, Any], ...],
) -> None:
    """The shipment that was seen last is meant, wherever it stands, and the other is named."""
    found = reading(*results)

    (update,) = found.updates
    assert isinstance(update, TrackingUpdate)
    assert update.shipment == "2461362000~1~FX"
    assert [finding.reason for finding in found.ignored] == ["superseded"]
    assert "2460999000~1~FX" in found.ignored[0].detail


def test_a_number_is_used_again_in_another_part_of_the_push() -> None:
    """Two entries for one number are one number all the same."""
    known = [{"trackingNumber": NUMBER, "trackResults": [it]} for it in (YOUNG, OLD)]

    found = SOURCE.read(posted({"output": {"completeTrackResults": known}}))

    assert len(found.updates) == len(found.ignored) == 1


def test_a_shipment_without_scans_is_as_young_as_its_label() -> None:
    """A label for a coming day is younger than a delivery of last year."""
    label = shipment("2461366000~1~FX", shipped="2026-11-23T00:00:00-06:00")

    (update,) = reading(label, OLD).updates

    assert isinstance(update, TrackingUpdate)
    assert update.shipment == "2461366000~1~FX"


def test_of_two_shipments_of_one_age_none_is_chosen() -> None:
    """Where nothing tells which shipment is the younger one, both wait for a person."""
    found = reading(shipment("1~1~FX", scan("DL")), shipment("2~1~FX", scan("PU")))

    assert not found.updates
    assert [finding.reason for finding in found.held] == ["conflict"]
    assert NUMBER in found.held[0].detail


def test_two_states_of_one_shipment_are_both_told() -> None:
    """The same shipment twice is two statements, the older one first."""
    states = (shipment("1~1~FX", scan("OD", 5)), shipment("1~1~FX", scan("PU")))

    found = reading(*states)

    codes = [it.current.code for it in found.updates if isinstance(it, TrackingUpdate)]
    assert codes == ["PU", "OD"]
    assert not found.ignored


def test_a_shipment_without_an_id_is_named_so() -> None:
    """A shipment that has no id is another one than the one that has."""
    found = reading(shipment("", scan("DL", -9000)), YOUNG)

    assert "without an id" in found.ignored[0].detail


# Test mode, and what is no push.


@pytest.mark.parametrize(
    "alerts",
    [
        [{"code": "VIRTUAL.RESPONSE", "message": "Invented words."}],
        {"code": "VIRTUAL.RESPONSE"},
        "VIRTUAL.RESPONSE - Invented words",
    ],
)
def test_a_virtual_response_causes_nothing(alerts: object) -> None:
    """What the sandbox makes up is a test, in whichever shape it says so."""
    content = document(result("DL", scan("DL")))
    content["output"]["alerts"] = alerts

    with pytest.raises(UnsupportedError) as refused:
        SOURCE.read(posted(content))

    assert refused.value.reason == "test_mode"


@pytest.mark.parametrize("alerts", ["TRACKING.DATA.NOTFOUND", [], [{"code": "ANY"}], None, 7])
def test_other_alerts_change_nothing(alerts: object) -> None:
    """An alert is a text or a list, and the results are read beside it."""
    content = document(result("DL", scan("DL")))
    content["output"]["alerts"] = alerts

    assert len(SOURCE.read(posted(content)).updates) == 1


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"output": None},
        {"output": {}},
        {"output": {"completeTrackResults": None}},
        {"output": {"completeTrackResults": [{"trackingNumber": NUMBER}]}},
        {"trackResults": []},
        {"output": "delivered"},
        {"output": {"completeTrackResults": {}}},
        [],
        "DL",
        7,
    ],
)
def test_what_holds_no_results_is_malformed(content: object) -> None:
    """A push without any result waits until a person looks."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(content))


@pytest.mark.parametrize(
    "number", ["", " ", None, {"trackingNumber": 1.5}, 1.5, True, {}, ["7702"]]
)
def test_a_parcel_needs_a_number(number: object) -> None:
    """A result whose numbers are empty, or no numbers, is held by itself."""
    bad = result("PU", scan("PU")) | {"trackingNumberInfo": {"trackingNumber": number}}
    known = [{"trackResults": [bad]}, {"trackingNumber": NUMBER, "trackResults": [YOUNG]}]

    found = SOURCE.read(posted({"output": {"completeTrackResults": known}}))

    assert [finding.reason for finding in found.held] == ["malformed"]
    assert len(found.updates) == 1


def test_a_number_of_twenty_digits_is_read_as_it_is_written() -> None:
    """A long number that is written as a JSON number loses none of its digits."""
    body = b'{"trackResults":[{"trackingNumberInfo":{"trackingNumber":61292701078443410536},'
    body += b'"latestStatusDetail":{"code":"PU"}}]}'

    (update,) = SOURCE.read(notification("fedex", body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "61292701078443410536"


# Sequences of several pushes.


def told(*updates: TrackingUpdate) -> list[Told]:
    """What is said of one shipment after each of several pushes."""
    return told_in_turn(updates, allowed=frozenset({EventType.RETURN, EventType.VOIDED}))


def test_pushes_out_of_order_take_nothing_back() -> None:
    """FedEx says that pushes overtake each other; an older one is behind what is known."""
    pickup, delivery = scan("PU", date=MIDNIGHT), scan("DL", 30)
    pushes = [
        result("OC", scan("OC")),
        result("DL", pickup, scan("OC"), scan("OD", 25), delivery),
        result("OD", pickup, scan("OC"), scan("OD", 25)),
        result("DL", pickup, scan("OC"), scan("OD", 25), delivery),
    ]

    said = told(*(tracking(it) for it in pushes))

    assert [types(it) for it in said] == [["track"], ["shipped", "delivered"], [], []]
    assert [finding.reason for it in said for finding in it.ignored] == ["superseded", "no_change"]


def test_an_attempt_is_told_once_for_each_scan() -> None:
    """Two attempts on two days are two, and repeating the second says nothing."""
    first = [scan("OD"), scan("DE", 3, exceptionCode="007")]
    second = [*first, scan("OD", 24), scan("DE", 27, exceptionCode="007")]

    said = told(*(tracking(result("DE", *scans)) for scans in (first, second, second)))

    assert [types(it) for it in said] == [
        ["shipped", "delivery_attempt"],
        ["delivery_attempt"],
        [],
    ]


def test_a_held_parcel_that_is_ready_is_told_once() -> None:
    """The status HL and the scan HP are one thing, however often they are told."""
    scans = [scan("PU"), scan("HP", 4)]

    said = told(*(tracking(result(code, *scans)) for code in ("HL", "HP")))

    assert [types(it) for it in said] == [["shipped", "track"], []]


def test_an_informative_scan_moves_only_the_date() -> None:
    """A parcel that arrives early is where it was; only its date is new."""
    scans = [scan("PU"), scan("AR", 4)]
    late, early = (
        {"estimatedDeliveryTimeWindow": window(ends=f"2026-11-{day}T17:00:00-07:00")}
        for day in (24, 23)
    )

    said = told(
        tracking(result("AR", *scans, **late)),
        tracking(result("AR", *scans, scan("AE", 5), **early)),
    )

    assert [types(it) for it in said] == [["shipped"], ["reschedule"]]


# The delivery key.


def key(content: object) -> str:
    """The delivery key of a document."""
    return SOURCE.delivery_key(posted(content))


FIRST = document(OLD, outputMetaData=[{"attempt": "1", "pushTimestamp": "2026-11-20T17:58:02Z"}])


@pytest.mark.parametrize(
    "change",
    [
        {"outputMetaData": [{"attempt": "2", "pushTimestamp": "2026-11-20T18:03:02Z"}]},
        {"outputMetaData": None},
        {"transactionId": "t-2"},
        {"customerTransactionId": "c-2"},
        {"customertransactionId": "c-2"},
        {"output": FIRST["output"] | {"outputMetaData": [{"attempt": "2"}]}},
    ],
)
def test_a_retry_keeps_its_key(change: dict[str, Any]) -> None:
    """What belongs to the attempt is no part of the key, wherever it stands."""
    assert key(FIRST) == key(FIRST | change)
    assert key(FIRST).startswith("results:")


def test_the_order_of_the_numbers_is_no_part_of_the_key() -> None:
    """The same results in another order are the same statement."""
    known = [{"trackingNumber": "1", "trackResults": [it]} for it in (OLD, YOUNG)]
    keys = {key({"output": {"completeTrackResults": order}}) for order in (known, known[::-1])}

    assert len(keys) == 1


def test_different_statements_have_different_keys() -> None:
    """Whatever is read makes a difference: a status, a scan, a number, an alert, how often."""
    known = [{"trackingNumber": NUMBER, "trackResults": [OLD]}]
    contents: list[object] = [
        FIRST,
        document(YOUNG),
        document(OLD, YOUNG),
        document(result("OD", scan("PU"))),
        document(result("PU", scan("PU"))),
        document(result("PU", scan("PU", 1))),
        document(result("PU", scan("PU"), error={"code": "ANY"})),
        {"output": {"completeTrackResults": known * 2}},
        {"output": {"completeTrackResults": known, "alerts": [{"code": "VIRTUAL.RESPONSE"}]}},
        {"output": {"completeTrackResults": [{"trackingNumber": "2", "trackResults": [OLD]}]}},
        {"output": {"completeTrackResults": known[0]}},
        {"output": {"completeTrackResults": []}},
        {"output": {"completeTrackResults": {}}},
        {"output": {}},
        {"output": []},
        {"output": None},
        {"trackingNumber": NUMBER, "trackResults": [OLD]},
        {"trackResults": [OLD]},
        {"trackResults": [OLD], "output": {}},
        {"output": {"}": 1}},
        {"output": {}, "}": 1},
        {"outputMetaData": []},
        {},
        [],
    ]

    assert len({key(content) for content in contents}) == len(contents)


def test_long_numbers_do_not_become_one() -> None:
    """Two JSON numbers that no machine number tells apart have two keys."""
    bodies = [
        b'{"trackResults":[{"trackingNumberInfo":{"trackingNumber":6129270107844341053%d}}]}' % it
        for it in (6, 7)
    ]
    keys = {SOURCE.delivery_key(notification("fedex", body)) for body in bodies}

    assert len(keys) == len(bodies)


# The signature, computed here as the documentation says, and not by `sign`.

TRUST = Trust(settings=SourceSettings(format="fedex", secrets=(SECRET,)))
BODY = json.dumps(FIRST).encode()
DIGEST = hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()
IN_BASE64 = base64.b64encode(DIGEST).decode()


def authenticate(signature: str | None, body: bytes = BODY) -> None:
    """Authenticate a body with a signature, or with none."""
    headers = {} if signature is None else {"fdx-signature": signature}
    SOURCE.authenticate(notification("fedex", body, headers), TRUST, RECEIVED_AT)


@pytest.mark.parametrize(
    "signature", [IN_BASE64, DIGEST.hex(), DIGEST.hex().upper(), f" {IN_BASE64} "]
)
def test_either_spelling_of_the_signature_opens(signature: str) -> None:
    """The keyed hash is accepted in base64 and in hexadecimal of either case."""
    authenticate(signature)


@pytest.mark.parametrize("signature", [None, "", " "])
def test_a_signature_is_needed(signature: str | None) -> None:
    """A push without a signature is refused with a sentence that names the header."""
    with pytest.raises(UnauthenticatedError, match="the fdx-signature header is missing"):
        authenticate(signature)


@pytest.mark.parametrize(
    "signature",
    [
        IN_BASE64.rstrip("="),
        IN_BASE64.lower(),
        DIGEST.hex()[:-1],
        "0" * 64,
        base64.b64encode(DIGEST.hex().encode()).decode(),
        base64.b64encode(hmac.new(SECRET.encode(), BODY, hashlib.sha512).digest()).decode(),
        base64.b64encode(hashlib.sha256(SECRET.encode() + BODY).digest()).decode(),
    ],
)
def test_another_signature_does_not_open(signature: str) -> None:
    """Another hash, another spelling and a part of the right one are refused."""
    with pytest.raises(UnauthenticatedError, match="does not match the body"):
        authenticate(signature)


def test_either_spelling_covers_the_body() -> None:
    """One byte more is enough to refuse either spelling."""
    for signature in (IN_BASE64, DIGEST.hex()):
        with pytest.raises(UnauthenticatedError, match="does not match the body"):
            authenticate(signature, BODY + b" ")


def test_a_push_is_answered_with_200() -> None:
    """FedEx takes no other success than 200 and 202 for an answer."""
    assert SOURCE.answer(notification("fedex", BODY), Receipt("n-1")).status == 200


# Published results, where they are at hand.


def test_a_published_delivery_is_read() -> None:
    """A recorded Ground parcel is read as a person reads it: 17 scans, one without a zone."""
    body = sample("carriers/fedex/track_results_delivered_ground.json")

    (update,) = SOURCE.read(notification("fedex", body)).updates

    assert isinstance(update, TrackingUpdate)
    assert update.tracking_number == "738488882438"
    assert update.current.meaning is Meaning.DELIVERED
    assert update.current.at == datetime(
        2024, 8, 20, 12, 41, 57, tzinfo=timezone(timedelta(hours=-4))
    )
    assert update.current.place == "Blue Point, NY, US"
    assert update.signed_by == "CREILLY"
    assert update.shipped_on == date(2024, 8, 15)
    assert update.estimated_delivery == date(2024, 8, 21)
    assert (update.service, update.weight) == ("FedEx Ground", "28.8 LB")
    assert len(update.history) == 17
    assert [it.code for it in update.history[:3]] == ["OC", "PU", "AR"]
    assert update.history[1].local_time == "2024-08-15T00:00:00"


def test_published_results_of_two_numbers_are_read() -> None:
    """FedEx's own example has a picked-up parcel, its error aside, and a number not found."""
    body = sample("carriers/fedex/track_results_picked_up_and_not_found.json")

    moving, unknown = SOURCE.read(notification("fedex", body)).updates

    assert isinstance(moving, TrackingUpdate)
    assert isinstance(unknown, TrackingUpdate)
    assert moving.tracking_number == "128667043726"
    assert moving.current.meaning is Meaning.MOVING
    assert moving.current.at == datetime(2018, 2, 2, 19, 1, tzinfo=UTC)
    assert moving.estimated_delivery == date(2021, 10, 15)
    assert moving.signed_by == ""
    assert moving.weight == "22222.0 LB"
    assert unknown.tracking_number == "39936862321"
    assert unknown.current.meaning is Meaning.NOT_FOUND
