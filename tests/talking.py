"""What tests say to a running service: notifications as EasyPost signs them, events, orders."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.running import API_KEY, Program, Stack, eventually

ADMIN_TOKEN = "admin-token-4be07d35"
ERP_TOKEN = "erp-token-91c2aa7e"
MES_TOKEN = "mes-token-5d0fb3c8"
EASYPOST_SECRET = "easypost-secret-e2a9417d"
OLD_SECRET = "easypost-old-secret-77f1d06b"
FEDEX_TOKEN = "fedex-token-3a1f7c9e04d2"
ACME_SECRET = "acme-secret-90b1d7e4"
SUPPLIER_SECRET = "supplier-secret-7fd20c13"
UPS_CREDENTIAL = "ups-credential-0a4e91bb"
PATH_TOKEN = "path-token-6f0c2e81b7d94a35"
SECRETS = (
    ADMIN_TOKEN,
    ERP_TOKEN,
    MES_TOKEN,
    EASYPOST_SECRET,
    OLD_SECRET,
    FEDEX_TOKEN,
    ACME_SECRET,
    SUPPLIER_SECRET,
    UPS_CREDENTIAL,
    PATH_TOKEN,
)

# The secrets come from the environment, as in production.
ENVIRONMENT = {
    "TALLYMAN_ADMIN_TOKEN": ADMIN_TOKEN,
    "ERP_TOKEN": ERP_TOKEN,
    "MES_TOKEN": MES_TOKEN,
    "EASYPOST_SECRET": EASYPOST_SECRET,
    "EASYPOST_OLD_SECRET": OLD_SECRET,
    "FEDEX_TOKEN": FEDEX_TOKEN,
    "ACME_SECRET": ACME_SECRET,
    "SUPPLIER_SECRET": SUPPLIER_SECRET,
    "UPS_CREDENTIAL": UPS_CREDENTIAL,
    "TALLYMAN_TRUSTED_PROXIES": "127.0.0.1",
}
ACCESS = """
[internal.tokens]
erp = "${ERP_TOKEN}"
mes = "${MES_TOKEN}"
"""
EASYPOST = """
format = "easypost"
secrets = ["${EASYPOST_SECRET}", "${EASYPOST_OLD_SECRET}"]
"""

# Events that are older than three days are told quietly; these happened in the last hour.
_NEW = timedelta(hours=1)


def new_number(prefix: str = "1Z") -> str:
    """A tracking number or a PO number that nobody used before."""
    return f"{prefix}{uuid4().hex[:16].upper()}"


def signature(body: bytes, secret: str = EASYPOST_SECRET) -> str:
    """EasyPost's X-Hmac-Signature, computed as its documentation says."""
    return f"hmac-sha256-hex={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def parcel(
    number: str,
    *scans: str,
    event_id: str | None = None,
    began_at: datetime | None = None,
    estimate: str | None = None,
    **more: Any,
) -> bytes:
    """EasyPost's word on a parcel: scans a minute apart, each `status` or `status/detail`."""
    start = began_at or datetime.now(UTC) - _NEW
    details = []
    for minute, scan in enumerate(scans):
        status, _, detail = scan.partition("/")
        details.append(
            {
                "object": "TrackingDetail",
                "message": f"Scan {minute}",
                "status": status,
                "status_detail": detail or None,
                "datetime": f"{start + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}",
                "tracking_location": {"city": "AUSTIN", "state": "TX", "country": "US"},
            }
        )
    tracker = {
        "id": f"trk_{number}",
        "object": "Tracker",
        "mode": "production",
        "tracking_code": number,
        "status": details[-1]["status"],
        "status_detail": details[-1]["status_detail"],
        "carrier": "UPS",
        "est_delivery_date": estimate,
        "tracking_details": details,
    } | more
    return json.dumps(
        {
            "id": event_id or f"evt_{uuid4().hex}",
            "object": "Event",
            "description": "tracker.updated",
            "mode": "production",
            "result": tracker,
        }
    ).encode()


def order(*numbers: str, lines: int = 1, **more: Any) -> dict[str, Any]:
    """An order whose lines all travel under some tracking numbers."""
    return {
        "purchase_order": str(uuid4()),
        "lines": [
            {
                "purchase_line": str(uuid4()),
                "line_number": str(number),
                "tracking_numbers": list(numbers),
            }
            for number in range(1, lines + 1)
        ],
    } | more


def lines_of(an_order: Mapping[str, Any]) -> list[str]:
    """The purchase lines of an order."""
    return [line["purchase_line"] for line in an_order["lines"]]


class Caller:
    """Somebody who speaks to the service, with one token."""

    def __init__(self, url: str, token: str = ADMIN_TOKEN) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=10
        )

    def close(self) -> None:
        """Hang up."""
        self.http.close()

    def notify(self, body: bytes, source: str = "easypost", **headers: str) -> httpx.Response:
        """Post a notification as EasyPost does."""
        signed = {"content-type": "application/json", "x-hmac-signature": signature(body)}
        return self.http.post(f"/webhooks/{source}", content=body, headers=signed | headers)

    def notified(self, body: bytes, source: str = "easypost") -> str:
        """Post a notification; returns its id."""
        return accepted(self.notify(body, source))

    def post(self, event: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Post an event as an internal service does."""
        return self.http.post("/v1/events", json=event, headers=headers)

    def posted(self, event: Mapping[str, Any]) -> str:
        """Post an event; returns its id."""
        return accepted(self.post(event))

    def put(self, po_number: str, an_order: Mapping[str, Any]) -> dict[str, Any]:
        """Put an order; returns it as it is kept."""
        answer = self.http.put(f"/v1/orders/{po_number}", json=an_order)
        assert answer.status_code == 200, answer.text
        kept: dict[str, Any] = answer.json()
        return kept

    def record(self, notification: str) -> dict[str, Any]:
        """The whole record of a notification."""
        answer = self.http.get(f"/v1/notifications/{notification}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, notification: str, state: str, *, seconds: float = 10.0) -> dict[str, Any]:
        """Wait for the state of a notification, and return its record."""
        seen: dict[str, Any] = {}

        def look() -> bool:
            seen.update(self.record(notification))
            # These it does not leave by itself.
            return seen["state"] in (state, "delivered", "ignored", "dead", "in_doubt")

        eventually(look, seconds=seconds, what=f"{state} of {notification}")
        assert seen["state"] == state, seen
        return seen

    def listed(self, **query: Any) -> list[str]:
        """The ids of the notifications that a query finds."""
        answer = self.http.get("/v1/notifications", params=query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]


def accepted(answer: httpx.Response) -> str:
    """The id of what was taken in."""
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert not said["duplicate"]
    found: str = said["id"]
    return found


def is_problem(answer: httpx.Response, status: int, kind: str) -> bool:
    """Whether an answer is this problem document; fails where it is not."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["type"] == f"urn:tallyman:problem:{kind}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return True


def some_lines(count: int) -> list[str]:
    """Purchase lines that no order has."""
    return [str(uuid4()) for _ in range(count)]


class Tallyman(Stack):
    """A whole Tallyman, and those who speak to it."""

    def __init__(self, folder: Path, configuration: str, *, lease_seconds: int = 20) -> None:
        super().__init__(folder, configuration, lease_seconds=lease_seconds, **ENVIRONMENT)
        self.workers: list[Program] = []
        self.admin = Caller(self.service.url)
        self.erp = Caller(self.service.url, ERP_TOKEN)
        self.mes = Caller(self.service.url, MES_TOKEN)

    def add_worker(self, *, cofactr_url: str = "", api_key: str = API_KEY) -> Program:
        """Start one worker more."""
        self.workers.append(self.start_worker(cofactr_url=cofactr_url, api_key=api_key))
        return self.workers[-1]

    def end_workers(self) -> None:
        """End all workers, whatever they are doing; fail if one ended by itself before."""
        ended = [worker.output() for worker in self.workers if worker.has_ended]
        for worker in self.workers:
            if not worker.has_ended:
                worker.kill()
        self.workers.clear()
        assert not ended, ended

    def work(self) -> None:
        """Start a worker, and wait until it works."""
        self.add_worker()
        warm = self.erp.posted({"event_type": "note", "purchase_lines": some_lines(1)})
        self.admin.settled(warm, "delivered", seconds=30)

    def close(self) -> None:
        """End everything."""
        for caller in (self.admin, self.erp, self.mes):
            caller.close()
        super().close()
