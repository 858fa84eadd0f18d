"""Xero: the intent to receive, and events that only name a record."""

import json

import pytest

from purchasing.answers import Receipt
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.handshakes import Refuses
from purchasing.sources.xero import SOURCE
from tests.reading import notification
from tests.samples import sample
from tests.understanding import is_authentic, signed

INTENT = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'


def test_the_intent_to_receive_is_answered_as_xero_wants() -> None:
    """A right signature gets 200 and a wrong one 401, both with nothing in them."""
    posted = signed(SOURCE, INTENT)

    accepted = SOURCE.answer(posted, Receipt("n-1"))
    assert isinstance(SOURCE, Refuses)
    refused = SOURCE.refusal(posted)

    assert is_authentic(SOURCE, posted)
    assert not is_authentic(SOURCE, signed(SOURCE, INTENT, "another key"))
    assert (accepted.status, accepted.body) == (200, b"")
    assert (refused.status, refused.body) == (401, b"")


def test_the_signature_is_base64_of_the_whole_hash() -> None:
    """The signature is the one that any other implementation of HMAC-SHA256 computes."""
    signature = "EKlpLj7DV/k8cpc4vok0gowp17+PT0gKeXoeriN62qA="
    posted = notification("xero", INTENT, {"x-xero-signature": signature})

    assert is_authentic(SOURCE, posted, "a-key-of-xero")
    assert not is_authentic(
        SOURCE, notification("xero", INTENT, {"x-xero-signature": signature[:-1]}), "a-key-of-xero"
    )


def test_an_empty_list_of_events_is_ignored() -> None:
    """A posting without events says nothing."""
    with pytest.raises(UnsupportedError) as refusal:
        SOURCE.read(notification("xero", INTENT))

    assert refusal.value.reason == "unsupported_kind"


def test_an_event_without_fields_is_named_all_the_same() -> None:
    """An event of which nothing is known is ignored like any other."""
    reading = SOURCE.read(notification("xero", b'{"events":[{"eventType":7}]}'))

    assert [finding.reason for finding in reading.ignored] == ["unsupported_kind"]
    assert "something of record without an id" in reading.ignored[0].detail


def test_many_events_are_counted_rather_than_named() -> None:
    """A posting with many events names fifty of them and counts the others."""
    events = [{"eventCategory": "INVOICE", "eventType": "CREATE", "resourceId": "r"}] * 60

    reading = SOURCE.read(notification("xero", json.dumps({"events": events}).encode()))

    assert len(reading.ignored) == 51
    assert reading.ignored[-1].detail == "Further records that Xero names: 10."


def test_what_is_no_list_of_events_is_malformed() -> None:
    """A body of another shape is not taken for an intent to receive."""
    with pytest.raises(MalformedError):
        SOURCE.read(notification("xero", b'{"events":"none"}'))


def test_a_published_event_is_ignored() -> None:
    """The example of Xero's own description names a credit note and causes nothing."""
    body = sample("suppliers/xero/credit-note-created.json")

    reading = SOURCE.read(notification("xero", body))

    assert not reading.updates
    assert reading.ignored[0].detail.startswith(
        "Xero says create of creditnote 55d84274-a3da-4829-a7c0-0cab601b95cc"
    )
