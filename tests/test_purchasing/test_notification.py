"""What may be stored of a notification, and what makes two of them the same one."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.notification import Notification, body_key, scrubbed

SECRET = "whsec-4f1d9a"
POSTED = Notification(
    id="n-1",
    source="x12",
    format="x12",
    received_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
    body=b"ISA*00*whsec-4f1d9a~",
    headers={
        "authorization": f"Bearer {SECRET}",
        "proxy-authorization": "Basic eA==",
        "cookie": "session=1",
        "content-type": "text/plain",
        "x-hmac-signature": "hmac-sha256-hex=00",
        "x-event-id": SECRET,
        "x-forwarded-uri": f"/webhooks/x12/{SECRET}?key={SECRET}",
    },
    path=f"/webhooks/x12/{SECRET}",
    query=f"key={SECRET}&other=1",
)


def test_credentials_are_never_stored() -> None:
    """The headers that carry credentials are dropped, whatever they hold."""
    kept = scrubbed(POSTED, ())

    assert set(POSTED.headers) - set(kept.headers) == {
        "authorization",
        "proxy-authorization",
        "cookie",
    }


def test_secrets_are_blotted_out_wherever_they_stand() -> None:
    """A secret in a header, in the path or in the query is replaced; the rest stays."""
    kept = scrubbed(POSTED, (SECRET,))

    assert kept.headers == {
        "content-type": "text/plain",
        "x-hmac-signature": "hmac-sha256-hex=00",
        "x-event-id": "[secret]",
        "x-forwarded-uri": "/webhooks/x12/[secret]?key=[secret]",
    }
    assert kept.path == "/webhooks/x12/[secret]"
    assert kept.query == "key=[secret]&other=1"


def test_the_rest_of_a_notification_is_kept_as_it_was() -> None:
    """The body above all is kept byte for byte, because it is what is read later."""
    kept = scrubbed(POSTED, (SECRET,))

    assert (kept.id, kept.source, kept.format) == ("n-1", "x12", "x12")
    assert (kept.body, kept.received_at, kept.method) == (
        POSTED.body,
        POSTED.received_at,
        "POST",
    )


def test_the_longest_secret_goes_first() -> None:
    """A secret that another one begins with leaves nothing of the longer one behind."""
    posted = msgspec.structs.replace(POSTED, path=f"/{SECRET}-new", query="", headers={})

    assert scrubbed(posted, (SECRET, f"{SECRET}-new")).path == "/[secret]"


def test_an_empty_secret_hides_nothing() -> None:
    """An empty secret does not stand between all letters."""
    assert scrubbed(POSTED, ("",)).path == POSTED.path


@given(
    secrets=st.lists(st.text(min_size=12, max_size=20), min_size=1, max_size=3),
    text=st.text(alphabet="/?=&ab", max_size=10),
)
def test_no_secret_is_left(secrets: list[str], text: str) -> None:
    """Whatever surrounds them, secrets are gone from what is stored."""
    line = text.join(secrets)
    posted = msgspec.structs.replace(POSTED, path=line, query=line, headers={"x": line})

    kept = scrubbed(posted, secrets)

    for secret in secrets:
        assert secret not in kept.path + kept.query + kept.headers["x"]


@pytest.mark.parametrize("other", [b"", b"{} ", b"{}\n", b"[]"])
def test_a_body_is_its_own_key(other: bytes) -> None:
    """Where a sender gives no identity, the same bytes are the same notification."""
    assert body_key(b"{}") == body_key(b"{}")
    assert body_key(other) != body_key(b"{}")
    assert body_key(b"{}").startswith("body:")


def test_a_notification_is_kept_as_it_is() -> None:
    """A notification that was kept and read again is the same one."""
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(POSTED), type=Notification)

    assert kept == POSTED


@pytest.mark.parametrize("name", ["x-event-id", "credential"])
def test_secrets_under_harmless_names_are_never_stored(name: str) -> None:
    """What Karrio and UPS show as their secret is blotted out, though it be none of ours."""
    headers = {name: "unknown-secret", "x-other": "kept"}
    posted = msgspec.structs.replace(POSTED, headers=headers)

    assert scrubbed(posted, ()).headers == {name: "[secret]", "x-other": "kept"}
