"""Who may do what."""

from typing import Any

import httpx
import pytest

from tests.talking import ADMIN_TOKEN, ERP_TOKEN, Tallyman, is_problem, order, some_lines

EVENT: dict[str, Any] = {"event_type": "note", "purchase_lines": some_lines(1)}
ADDRESSES = [
    ("POST", "/v1/events"),
    ("POST", "/v1/preview/easypost"),
    ("PUT", "/v1/orders/PO-1"),
    ("GET", "/v1/orders/PO-1"),
    ("DELETE", "/v1/orders/PO-1"),
    ("GET", "/v1/orders"),
    ("GET", "/v1/notifications"),
    ("GET", "/v1/notifications/0123456789abcdef01234567"),
    ("GET", "/v1/sources"),
]
ONLY_ADMIN = [("GET", "/v1/sources")]
OPEN = ["/livez", "/readyz", "/schema"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {ERP_TOKEN}",
        ERP_TOKEN,
        f"Bearer {ERP_TOKEN}x",
        f"Bearer {ERP_TOKEN[:-1]}",
        f"Bearer {ERP_TOKEN.upper()}",
        "Bearer é",
    ],
)
def test_without_a_token_nothing_can_be_done(tallyman: Tallyman, authorization: str | None) -> None:
    """Without a token that is known every address of the API is 401, and says what is needed."""
    given = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]

    with httpx.Client(base_url=tallyman.service.url, headers=given) as stranger:
        for method, path in ADDRESSES:
            answer = stranger.request(method, path)
            assert is_problem(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", OPEN)
def test_whether_it_runs_can_be_asked_by_anybody(tallyman: Tallyman, path: str) -> None:
    """Probes and the description of the API need no token."""
    assert httpx.get(f"{tallyman.service.url}{path}").status_code == 200


@pytest.mark.parametrize(("method", "path"), ONLY_ADMIN)
def test_administration_is_for_the_administrator(
    tallyman: Tallyman, method: str, path: str
) -> None:
    """What only the administrator may do is 403 for an internal service."""
    assert is_problem(tallyman.erp.http.request(method, path), 403, "forbidden")
    assert tallyman.admin.http.request(method, path).status_code == 200


def test_a_service_reads_what_it_posted_itself(tallyman: Tallyman) -> None:
    """The notification of another service is 404, as if it were not there."""
    notification = tallyman.erp.posted(EVENT)
    path = f"/v1/notifications/{notification}"

    assert tallyman.erp.record(notification)["source"] == "erp"
    assert tallyman.admin.record(notification)["source"] == "erp"
    hidden = tallyman.mes.http.get(path)
    absent = tallyman.mes.http.get("/v1/notifications/" + "0" * 24)
    assert is_problem(hidden, 404, "not-found")
    assert hidden.json()["detail"].replace(notification, "0" * 24) == absent.json()["detail"]


def test_every_service_keeps_the_order_book(tallyman: Tallyman) -> None:
    """An internal service may put, read, list and delete orders."""
    tallyman.erp.put("PO-1", order())

    assert tallyman.mes.http.get("/v1/orders/PO-1").status_code == 200
    assert len(tallyman.mes.http.get("/v1/orders").json()["items"]) == 1
    assert tallyman.mes.http.delete("/v1/orders/PO-1").status_code == 204
    assert tallyman.erp.http.get("/v1/orders").json() == {"items": [], "next": None}


def test_the_administrator_may_post_events(tallyman: Tallyman) -> None:
    """What the admin token posts is of the source `admin`."""
    assert tallyman.admin.record(tallyman.admin.posted(EVENT))["source"] == "admin"


def test_the_token_is_not_a_sender(tallyman: Tallyman) -> None:
    """The admin token signs no notification."""
    answer = httpx.post(
        f"{tallyman.service.url}/webhooks/easypost",
        content=b"{}",
        headers={"authorization": f"Bearer {ADMIN_TOKEN}"},
    )

    assert is_problem(answer, 401, "unauthenticated")


def test_sources_are_shown_as_they_are_set_up(tallyman: Tallyman) -> None:
    """Each source is listed with its format, whether it is authenticated, and its last word."""
    tallyman.admin.http.post("/webhooks/open", content=b"{}")

    items = {item["name"]: item for item in tallyman.admin.http.get("/v1/sources").json()["items"]}

    assert items.keys() == {"easypost", "small", "open", "closed", "tokened", "nearby"}
    assert items["easypost"]["format"] == "easypost"
    assert items["easypost"]["authenticated"]
    assert items["easypost"]["last_notification_at"] is None
    assert not items["closed"]["authenticated"]
    assert items["open"]["unauthenticated"]
    assert (
        items["open"]["last_notification_at"]
        == tallyman.admin.record(tallyman.admin.listed()[0])["received_at"]
    )
