"""What a preview says, and that it does nothing."""

from typing import Any

import pytest

from tests.talking import OLD_SECRET, Tallyman, order, parcel, signature

NUMBER = "1Z999AA10123456784"
COMMAND = {"type", "org_id", "lane", "key", "body", "because"}
WHOLE = {
    "source",
    "authentic",
    "delivery_key",
    "updates",
    "commands",
    "held",
    "ignored",
    "attention",
}


def preview(tallyman: Tallyman, body: bytes, **headers: str) -> dict[str, Any]:
    """A preview of what EasyPost might post."""
    answer = tallyman.admin.http.post("/v1/preview/easypost", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    assert shown.keys() == WHOLE
    return shown


def everything(tallyman: Tallyman) -> dict[bytes | str, bytes | None]:
    """All that is stored."""
    return {key: tallyman.redis.dump(key) for key in tallyman.redis.keys("*")}


def test_a_preview_shows_what_would_be_sent_and_why(tallyman: Tallyman) -> None:
    """A preview has the shape of the contract, and says what a record will say."""
    known = order(NUMBER)
    tallyman.admin.put("PO-1", known)
    body = parcel(NUMBER, "in_transit", "delivered", event_id="evt_1")

    shown = preview(tallyman, body)
    record = tallyman.admin.settled(tallyman.admin.notified(body), "delivered")

    assert shown["source"] == "easypost"
    assert shown["authentic"] is None
    assert shown["delivery_key"] == "evt_1"
    (update,) = shown["updates"]
    assert (update["kind"], update["tracking_number"]) == ("tracking", NUMBER)
    assert [command["body"]["event_type"] for command in shown["commands"]] == [
        "shipped",
        "delivered",
    ]
    for command in shown["commands"]:
        assert command.keys() == COMMAND
        assert command["type"] == "create_purchase_event"
        assert command["lane"] == known["purchase_order"]
        assert all(isinstance(why, str) for why in command["because"])
    assert (shown["held"], shown["ignored"], shown["attention"]) == ([], [], [])
    decided = record["decisions"]
    for each in (*shown["commands"], *decided["commands"]):
        each["body"].pop("synced_from_integration_at")
    assert decided == shown | {"authentic": True}


def test_a_preview_changes_nothing(tallyman: Tallyman) -> None:
    """A preview leaves no record, sends nothing, and can be had again."""
    tallyman.admin.put("PO-1", order(NUMBER))
    body = parcel(NUMBER, "in_transit")
    before = everything(tallyman)

    first, second = preview(tallyman, body), preview(tallyman, body)

    for shown in (first, second):
        shown["commands"][0]["body"].pop("synced_from_integration_at")
    assert first == second
    assert everything(tallyman) == before
    assert tallyman.sandbox.requests() == []


@pytest.mark.parametrize(
    ("secret", "authentic"), [(None, None), (OLD_SECRET, True), ("another", False)]
)
def test_a_preview_says_whether_it_is_authentic(
    tallyman: Tallyman, secret: str | None, *, authentic: bool | None
) -> None:
    """A preview needs no signature, and says of one that is there whether it is right."""
    body = parcel(NUMBER, "in_transit")
    headers = {"x-hmac-signature": signature(body, secret)} if secret else {}

    assert preview(tallyman, body, **headers)["authentic"] is authentic


@pytest.mark.parametrize(
    ("body", "list_", "reason"),
    [
        (parcel("1ZNOBODY", "in_transit"), "held", "unmatched"),
        (b"\x00\xff", "held", "malformed"),
        (b'{"description": "report.available"}', "ignored", "unsupported_kind"),
    ],
)
def test_a_preview_says_what_would_be_held_or_ignored(
    tallyman: Tallyman, body: bytes, list_: str, reason: str
) -> None:
    """A preview names the reason, and explains it, where nothing would be sent."""
    shown = preview(tallyman, body)

    (finding,) = shown[list_]
    assert finding.keys() == {"reason", "detail"}
    assert finding["reason"] == reason
    assert finding["detail"]
    assert shown["commands"] == []


def test_an_event_can_be_previewed_by_its_own_service(tallyman: Tallyman) -> None:
    """An internal service may preview its own events, and not those of another."""
    event = {"event_type": "received", "po_number": "PO-1", "send_alerts": False}
    tallyman.erp.put("PO-1", order())

    own = tallyman.erp.http.post("/v1/preview/erp", json=event)
    others = tallyman.mes.http.post("/v1/preview/erp", json=event)

    assert own.status_code == 200
    (command,) = own.json()["commands"]
    assert command["because"] == ["erp says received", "alerts: off, as erp says"]
    assert others.status_code == 404
