"""How a person finds a notification again."""

from typing import Any

import pytest

from tests.talking import Tallyman, order, parcel

NUMBER = "1Z999AA10123456784"


@pytest.fixture
def told(tallyman: Tallyman) -> dict[str, str]:
    """Notifications in several states, by a name for each, oldest first."""
    tallyman.admin.put("PO-1001", order(NUMBER))
    event = {"event_type": "invoiced", "po_number": "PO-2002", "cofactr_invoice_number": "INV 7"}
    erp, easypost = tallyman.erp, tallyman.admin
    ids = {
        "shipped": easypost.notified(parcel(NUMBER, "in_transit", event_id="evt_Aa1")),
        "held": easypost.notified(parcel("1ZHELD", "in_transit", event_id="evt_Bb2")),
        "event": erp.post(event, **{"idempotency-key": "Key 9"}).json()["id"],
        "delivered": easypost.notified(parcel(NUMBER, "in_transit", "delivered")),
        "ignored": easypost.notified(b'{"description": "batch.created"}'),
    }
    for name, notification in ids.items():
        state = {"shipped": "delivered", "event": "held"}.get(name, name)
        tallyman.admin.settled(notification, state)
    return ids


@pytest.mark.parametrize(
    ("find", "names"),
    [
        ("evt_Aa1", ["shipped"]),
        (" EVT_aa1 ", ["shipped"]),
        ("1ZHELD", ["held"]),
        ("1z held", ["held"]),
        ("po-2002", ["event"]),
        ("P O - 2 0 0 2", ["event"]),
        ("inv7", ["event"]),
        ("key:Key 9", ["event"]),
        ("1Z", []),
        ("PO-100", []),
        ("", []),
        ("*", []),
    ],
)
def test_any_reference_finds_its_notification(
    tallyman: Tallyman, told: dict[str, str], find: str, names: list[str]
) -> None:
    """A reference finds exactly what carries it, whatever its case and its spaces."""
    assert tallyman.admin.listed(find=find) == [told[name] for name in names]


@pytest.mark.parametrize("spelled", ["{}", "  {} ", "{:u}"])
def test_an_id_finds_its_notification(
    tallyman: Tallyman, told: dict[str, str], spelled: str
) -> None:
    """A notification is found by its id, whatever its case and the spaces around it."""
    for notification in told.values():
        upper = notification.upper()
        text = spelled.replace("{:u}", upper).replace("{}", notification)
        assert tallyman.admin.listed(find=text) == [notification]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"tracking_number": "1zheld"}, ["held"]),
        ({"po_number": "PO-2002"}, ["event"]),
        ({"invoice_number": "INV7"}, ["event"]),
        ({"state": "held"}, ["event", "held"]),
        ({"state": "held", "source": "erp"}, ["event"]),
        ({"state": "held", "source": "easypost"}, ["held"]),
        ({"state": "dead"}, []),
        ({"source": "nobody"}, []),
        ({"tracking_number": "1zheld", "state": "delivered"}, []),
        ({"find": "1zheld", "state": "held"}, ["held"]),
        ({"find": "1zheld", "source": "erp"}, []),
        ({"po_number": "PO-2002", "tracking_number": "1ZHELD"}, []),
        ({"po_number": "PO-2002", "invoice_number": "INV7"}, ["event"]),
        ({"find": "PO-2002", "invoice_number": "INV7"}, ["event"]),
        ({"find": "evt_Aa1", "invoice_number": "INV7"}, []),
    ],
)
def test_every_condition_must_hold(
    tallyman: Tallyman, told: dict[str, str], query: dict[str, Any], names: list[str]
) -> None:
    """A listing shows what meets all of its conditions, newest first."""
    assert tallyman.admin.listed(**query) == [told[name] for name in names]


def test_a_carriers_word_is_found_by_its_order(tallyman: Tallyman, told: dict[str, str]) -> None:
    """What was matched to an order is found by that order's number, all of it, newest first."""
    found = [told["delivered"], told["shipped"]]

    assert tallyman.admin.listed(find="PO-1001") == found
    assert tallyman.admin.listed(po_number="po-1001") == found


def test_a_service_finds_its_own(tallyman: Tallyman, told: dict[str, str]) -> None:
    """An internal service finds what it posted itself, and nothing else, by whatever reference."""
    assert tallyman.erp.listed() == [told["event"]]
    assert tallyman.erp.listed(find="PO-2002") == [told["event"]]
    assert tallyman.erp.listed(source="easypost") == []
    assert tallyman.erp.listed(find=told["held"]) == []
    assert tallyman.erp.listed(find="1ZHELD") == []
    assert tallyman.mes.listed() == []
    assert tallyman.mes.http.get(f"/v1/notifications/{told['event']}").status_code == 404


def test_an_item_says_what_it_is_about(tallyman: Tallyman, told: dict[str, str]) -> None:
    """An item of a listing has the fields that a person chooses by."""
    answer = tallyman.admin.http.get("/v1/notifications", params={"find": told["held"]}).json()

    (item,) = answer["items"]
    assert answer["next"] is None
    assert item["id"] == told["held"]
    assert item["source"] == "easypost"
    assert item["state"] == "held"
    assert item["reasons"] == ["unmatched"]
    assert "1ZHELD" in item["summary"]
    assert item.items() <= tallyman.admin.record(told["held"]).items()
