"""Which organisation a purchase event is for."""

import pytest

from tests.talking import Tallyman, new_number, order, parcel, some_lines

ORDER_ORG = "00000000-0000-4000-8000-0000000000a0"
EVENT_ORG = "00000000-0000-4000-8000-0000000000b0"
SOURCE_ORG = "00000000-0000-4000-8000-0000000000e0"
DEFAULT_ORG = "00000000-0000-4000-8000-0000000000d0"


@pytest.mark.parametrize(
    ("order_org", "source", "expected"),
    [
        (SOURCE_ORG, "easypost-eu", SOURCE_ORG),
        (ORDER_ORG, "easypost", ORDER_ORG),
        (None, "easypost-eu", SOURCE_ORG),
        (None, "easypost", DEFAULT_ORG),
    ],
)
def test_the_organisation_is_the_first_that_is_known(
    tallyman: Tallyman, order_org: str | None, source: str, expected: str
) -> None:
    """It is the order's, else the source's, else that of the configuration."""
    number = new_number()
    tallyman.admin.put("PO-1", order(number, org_id=order_org))

    notification = tallyman.admin.notified(parcel(number, "in_transit"), source)
    tallyman.admin.settled(notification, "delivered")

    (request,) = tallyman.sandbox.requests()
    assert request["headers"]["x-org-id"] == expected


@pytest.mark.parametrize(("order_org", "expected"), [(EVENT_ORG, EVENT_ORG), (None, EVENT_ORG)])
def test_an_event_may_name_its_organisation(
    tallyman: Tallyman, order_org: str | None, expected: str
) -> None:
    """An event's own organisation counts where its order has none."""
    tallyman.admin.put("PO-1", order(lines=1, org_id=order_org))

    tallyman.admin.settled(
        tallyman.erp.posted({"event_type": "note", "po_number": "PO-1", "org_id": EVENT_ORG}),
        "delivered",
    )

    (request,) = tallyman.sandbox.requests()
    assert request["headers"]["x-org-id"] == expected
    assert "org_id" not in request["body"]


def test_bare_lines_are_of_the_organisation_that_the_event_names(tallyman: Tallyman) -> None:
    """An event for lines that no order has goes to the organisation that it names."""
    event = {"event_type": "note", "purchase_lines": some_lines(1), "org_id": EVENT_ORG}

    tallyman.admin.settled(tallyman.erp.posted(event), "delivered")

    (request,) = tallyman.sandbox.requests()
    assert request["headers"]["x-org-id"] == EVENT_ORG


def test_the_order_of_another_organisation_is_not_matched(tallyman: Tallyman) -> None:
    """An event for one organisation does not find the order of another."""
    tallyman.admin.put("PO-1", order(org_id=ORDER_ORG))
    event = {"event_type": "note", "po_number": "PO-1", "org_id": EVENT_ORG}

    record = tallyman.admin.settled(tallyman.erp.posted(event), "held")

    assert record["reasons"] == ["unmatched"]


def test_a_number_of_several_organisations_is_not_guessed(tallyman: Tallyman) -> None:
    """A PO number that several organisations use is held, until the event says whose it means."""
    for org in (ORDER_ORG, EVENT_ORG):
        tallyman.admin.put(f"PO-1?org_id={org}", order())

    vague = tallyman.erp.posted({"event_type": "note", "po_number": "PO-1"})
    clear = tallyman.erp.posted({"event_type": "note", "po_number": "PO-1", "org_id": ORDER_ORG})

    held = tallyman.admin.settled(vague, "held")["decisions"]["held"][0]
    assert held["reason"] == "unmatched"
    assert ORDER_ORG in held["detail"]
    assert EVENT_ORG in held["detail"]
    tallyman.admin.settled(clear, "delivered")
    (request,) = tallyman.sandbox.requests()
    assert request["headers"]["x-org-id"] == ORDER_ORG
