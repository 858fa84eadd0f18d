"""QuickBooks: both forms of its events, and a published signature."""

import json

import pytest

from purchasing.answers import Receipt
from purchasing.errors import MalformedError
from purchasing.sources.quickbooks import SOURCE
from tests.reading import notification
from tests.samples import sample
from tests.understanding import is_authentic

# WebhooksServiceTest.java of intuit/QuickBooks-V3-Java-SDK (commit 79b5a3c1): body, token, header.
PUBLISHED = (
    b'{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":'
    b'"Customer","id":"1","operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}'
)
TOKEN = "b5771f19b12ddb4bcdb9f08bdc50bc63878a"
SIGNATURE = "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q="


def test_the_published_signature_is_accepted() -> None:
    """The vector of Intuit's own test is accepted, and refused once a space is added."""
    header = {"intuit-signature": SIGNATURE}

    assert is_authentic(SOURCE, notification("quickbooks", PUBLISHED, header), TOKEN)
    assert not is_authentic(SOURCE, notification("quickbooks", PUBLISHED + b" ", header), TOKEN)
    assert not is_authentic(SOURCE, notification("quickbooks", PUBLISHED, header), TOKEN[:-1])


def test_the_answer_is_200() -> None:
    """Intuit wants 200, not any other success."""
    assert SOURCE.answer(notification("quickbooks", PUBLISHED), Receipt("n-1")).status == 200


def test_changes_of_several_companies_are_all_named() -> None:
    """Every changed record of every company is named, and what has no name is said to have none."""
    company = {"dataChangeEvent": {"entities": [{"name": "Bill", "id": "7", "operation": "Void"}]}}
    body = {
        "eventNotifications": [
            company,
            {"dataChangeEvent": None},
            {},
            company,
            {"dataChangeEvent": {"entities": [{}]}},
        ]
    }

    reading = SOURCE.read(notification("quickbooks", json.dumps(body).encode()))

    assert [finding.detail.split(";")[0] for finding in reading.ignored] == [
        "QuickBooks says Void of Bill 7",
        "QuickBooks says Void of Bill 7",
        "QuickBooks says something unnamed of something unnamed something unnamed",
    ]


def test_many_changes_are_counted_rather_than_named() -> None:
    """A posting with many changes names fifty of them and counts the others."""
    events = [{"type": "qbo.bill.created.v1", "intuitentityid": "7"}] * 51

    reading = SOURCE.read(notification("quickbooks", b" \r\n" + json.dumps(events).encode()))

    assert len(reading.ignored) == 51
    assert reading.ignored[-1].detail == "Further records that QuickBooks names: 1."


def test_an_array_of_something_else_is_malformed() -> None:
    """An array whose entries have no type is none of CloudEvents."""
    with pytest.raises(MalformedError):
        SOURCE.read(notification("quickbooks", b'[{"name":"Bill"}]'))


def test_the_collected_sample_is_authentic_and_ignored() -> None:
    """The collected file is the published body, whose signature is right."""
    body = sample("suppliers/quickbooks/customer-created-legacy.json")
    (header,) = (
        sample("suppliers/quickbooks/customer-created-legacy.headers.txt").decode().splitlines()
    )
    name, _, value = header.partition(": ")
    posted = notification("quickbooks", body, {name: value})

    assert is_authentic(SOURCE, posted, TOKEN)
    assert [finding.reason for finding in SOURCE.read(posted).ignored] == ["unsupported_kind"]
