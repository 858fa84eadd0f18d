"""A sender that wants to be called back, from its posting to the call."""

import json
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import httpx
import pytest

from purchasing.configuration import Configuration, SourceSettings
from purchasing.handshakes import Call
from service.app import create_app
from service.outside import Outside
from service.settings import Settings
from tests.talking import Tallyman

TOKEN = "hook-token-4d1e90aa"
API_KEY = "api-key-77c2f013"
SUBSCRIPTION = "5b1c0d9e-2f47-4a36-9e80-1d7c3b6a9f20"


class Recording(Outside):
    """Writes down what is to be called, and calls nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Call]] = []

    def start(self, source: str, call: Call) -> None:
        """Write a call down."""
        self.calls.append((source, call))


def validation(subscription: str) -> bytes:
    """DHL's request to confirm a subscription."""
    said = {"scope": "subscription.validate", "self": subscription, "secret": "one-time-secret"}
    return json.dumps(said).encode()


async def calls_after(
    tallyman: Tallyman, body: bytes, headers: dict[str, str]
) -> tuple[int, list[tuple[str, Call]]]:
    """How a posting to a DHL source is answered, and what is called because of it."""
    dhl = SourceSettings(format="dhl", secrets=(TOKEN,), api_key=API_KEY)
    settings = Settings(
        redis_url=tallyman.valkey.url,
        host="127.0.0.1",
        port=0,
        admin_token="",
        configuration=Configuration(sources={"our-dhl": dhl}),
    )
    outside = Recording()
    app: Any = create_app(  # Its types are narrower than httpx wants them.
        settings, clock=lambda: datetime.now(UTC), new_id=lambda: token_hex(12), outside=outside
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tallyman")
    async with app.lifespan(), client:
        answer = await client.post("/webhooks/our-dhl", content=body, headers=headers)
    return answer.status_code, outside.calls


async def test_a_subscription_is_confirmed(tallyman: Tallyman) -> None:
    """A request to confirm a subscription is kept, and confirmed with our key at DHL's address."""
    body = validation(f"https://api-eu.dhl.com/tracking/push/v1/subscription/{SUBSCRIPTION}")

    status, calls = await calls_after(tallyman, body, {"dhl-api-hook-token": TOKEN})

    assert status == 200
    ((source, call),) = calls
    assert source == "our-dhl"
    assert call.url == f"https://api-eu.dhl.com/tracking/push/v1/subscription/{SUBSCRIPTION}"
    assert call.headers["DHL-API-Key"] == API_KEY
    assert call.headers["DHL-API-Hook-Secret"] == "one-time-secret"


@pytest.mark.parametrize("token", ["", "another-token"])
async def test_nobody_else_makes_us_call(tallyman: Tallyman, token: str) -> None:
    """Who does not know the token is refused, and nothing is called."""
    body = validation(f"https://api-eu.dhl.com/tracking/push/v1/subscription/{SUBSCRIPTION}")

    status, calls = await calls_after(tallyman, body, {"dhl-api-hook-token": token})

    assert (status, calls) == (401, [])


async def test_the_call_never_goes_where_the_body_says(tallyman: Tallyman) -> None:
    """Of the address in the body, only the subscription's id is used."""
    body = validation(f"https://evil.example/steal/{SUBSCRIPTION}")

    _, calls = await calls_after(tallyman, body, {"dhl-api-hook-token": TOKEN})

    assert all(call.url.startswith("https://api-eu.dhl.com/") for _, call in calls)


async def test_what_is_no_handshake_causes_no_call(tallyman: Tallyman) -> None:
    """Other pushes are kept, and nobody is called."""
    body = json.dumps({"scope": "subscription.ready"}).encode()

    assert await calls_after(tallyman, body, {"dhl-api-hook-token": TOKEN}) == (200, [])
