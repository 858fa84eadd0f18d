"""What a listing shows while nobody has worked on anything yet."""

from typing import Any

import pytest

from tests.talking import Tallyman, is_problem, parcel, some_lines


def note(**more: Any) -> dict[str, Any]:
    """Any event."""
    return {"event_type": "note", "purchase_lines": some_lines(1)} | more


@pytest.mark.parametrize(
    "find",
    ["evt_Ab12", "EVT_AB12", " evt_ab12 ", "e v t _ A b 1 2", "key:Goods in 7", "KEY:goodsin7"],
)
def test_a_queued_notification_is_found_by_its_delivery_key(tallyman: Tallyman, find: str) -> None:
    """What nobody has read yet is found by its delivery key, whatever its case and its spaces."""
    by_easypost = tallyman.admin.notified(parcel("1Z", "in_transit", event_id="evt_Ab12"))
    key = {"idempotency-key": "Goods in 7"}
    by_service = tallyman.erp.post(note(), **key).json()["id"]
    tallyman.admin.notified(parcel("1Z", "in_transit", event_id="evt_Ab123"))

    (item,) = tallyman.admin.http.get("/v1/notifications", params={"find": find}).json()["items"]

    assert item["id"] in {by_easypost, by_service}
    assert item["state"] == "queued"
    assert item["delivery_key"] in {"evt_Ab12", "key:Goods in 7"}


def test_a_queued_notification_is_found_by_its_id(tallyman: Tallyman) -> None:
    """A notification that nobody has read yet is found by its id, ignoring case and spaces."""
    first, second = (tallyman.erp.posted(note()) for _ in range(2))

    for find in (first, first.upper(), f" {first} ", f"{first[:8]} {first[8:]}"):
        assert tallyman.admin.listed(find=find) == [first]
    assert tallyman.admin.listed(find=second) == [second]
    assert tallyman.erp.listed(find=first) == [first]
    assert tallyman.mes.listed(find=first) == []


def test_a_listing_is_newest_first_and_comes_in_pages(tallyman: Tallyman) -> None:
    """Pages follow one another without gap or repetition, while new notifications come in."""
    ids = [
        tallyman.erp.posted(note())
        if number % 3
        else tallyman.admin.notified(parcel(f"1Z{number}", "in_transit"))
        for number in range(25)
    ]
    seen: list[str] = []
    sizes: list[int] = []
    cursor: int | None = None

    while True:
        query = {"limit": 10} | ({} if cursor is None else {"cursor": cursor})
        page = tallyman.admin.http.get("/v1/notifications", params=query).json()
        seen += [item["id"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next"]
        tallyman.erp.posted(note())
        if cursor is None:
            break

    assert seen == ids[::-1]
    assert sizes == [10, 10, 5]


@pytest.mark.parametrize("limit", [1, 4, 5])
def test_a_page_that_holds_all_is_the_last(tallyman: Tallyman, limit: int) -> None:
    """There is a next page exactly if something is on it."""
    ids = [tallyman.erp.posted(note()) for _ in range(5)]

    page = tallyman.admin.http.get("/v1/notifications", params={"limit": limit}).json()

    assert [item["id"] for item in page["items"]] == ids[::-1][:limit]
    assert (page["next"] is None) == (limit == len(ids))


def test_a_service_pages_through_its_own(tallyman: Tallyman) -> None:
    """What others posted neither shows up in a service's pages nor makes them shorter."""
    own: list[str] = []
    for _ in range(6):
        own.append(tallyman.erp.posted(note()))
        for _ in range(5):
            tallyman.mes.posted(note())

    first = tallyman.erp.http.get("/v1/notifications", params={"limit": 4}).json()
    second = tallyman.erp.http.get(
        "/v1/notifications", params={"limit": 4, "cursor": first["next"]}
    ).json()

    assert [item["id"] for item in (*first["items"], *second["items"])] == own[::-1]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "many"},
        {"limit": "-1"},
        {"limit": ""},
        {"cursor": "x"},
        {"cursor": "1.5"},
        {"state": "lost"},
        {"state": ""},
    ],
)
def test_a_query_that_means_nothing_is_refused(tallyman: Tallyman, query: dict[str, str]) -> None:
    """A parameter that cannot be is 400 by its name, and not taken for another."""
    answer = tallyman.admin.http.get("/v1/notifications", params=query)

    assert is_problem(answer, 400, "bad-request")
    assert f"{next(iter(query))}: " in answer.json()["detail"]


@pytest.mark.parametrize("cursor", [0, -5, 10**30])
def test_a_cursor_of_nowhere_is_an_empty_page_or_all(tallyman: Tallyman, cursor: int) -> None:
    """A cursor before everything shows nothing, and one behind everything shows all."""
    notification = tallyman.erp.posted(note())

    assert tallyman.admin.listed(cursor=cursor) == ([notification] if cursor > 0 else [])


def test_a_record_that_is_not_there_is_not_found(tallyman: Tallyman) -> None:
    """A notification that nobody posted is 404."""
    for notification in ("0" * 24, "x", "a:b", "%00", "é", "*"):
        answer = tallyman.admin.http.get(f"/v1/notifications/{notification}")
        assert is_problem(answer, 404, "not-found")
