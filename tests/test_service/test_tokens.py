"""A sender that asks us for a token first, over real HTTP."""

import base64
import json
from collections.abc import Iterator

import httpx
import pytest

from tests.talking import ACCESS, EASYPOST_SECRET, Tallyman, new_number

CLIENT = "ups-track-alert"
PATH_TOKEN = "a-path-that-nobody-guesses"  # of this test alone

CONFIGURATION = f"""
{ACCESS}

[sources.ups]
format = "ups"
client_id = "{CLIENT}"
secrets = ["${{EASYPOST_SECRET}}"]
path_tokens = ["{PATH_TOKEN}"]
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a source of UPS, in its version with a token."""
    tallyman = Tallyman(tmp_path_factory.mktemp("tokens"), CONFIGURATION)
    try:
        yield f"{tallyman.service.url}/webhooks/ups"
    finally:
        tallyman.close()


def asked(url: str, secret: str, grant: str = "client_credentials") -> httpx.Response:
    """The answer to a client that asks for a token."""
    shown = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
    return httpx.post(
        f"{url}/token", data={"grant_type": grant}, headers={"authorization": f"Basic {shown}"}
    )


def test_a_token_opens_the_webhook(url: str) -> None:
    """UPS fetches a token and posts with it, to an address that is a secret, too."""
    answer = asked(url, EASYPOST_SECRET)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"

    token = answer.json()["access_token"]
    body = json.dumps(
        {"trackingNumber": new_number(), "activityStatus": {"type": "I", "code": "OR"}}
    )
    headers = {"authorization": f"Bearer {token}", "x-api-key": CLIENT}
    posted = httpx.post(f"{url}/{PATH_TOKEN}", content=body, headers=headers)
    assert (posted.status_code, posted.json()["duplicate"]) == (200, False)

    altered = headers | {"authorization": f"Bearer {token[:-1]}"}
    for address, shown in ((f"{url}/{PATH_TOKEN}", altered), (url, headers)):
        assert httpx.post(address, content=body, headers=shown).status_code == 401


def test_a_token_is_refused_as_the_protocol_says(url: str) -> None:
    """A wrong client is challenged, and another request is told what is wrong with it."""
    wrong = asked(url, "wrong")
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
    assert wrong.headers["www-authenticate"].startswith("Basic ")

    other = asked(url, EASYPOST_SECRET, "password")
    assert (other.status_code, other.json()) == (400, {"error": "unsupported_grant_type"})
