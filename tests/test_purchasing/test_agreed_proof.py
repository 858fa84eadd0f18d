"""The proof of formats that bring none of their own: a shown secret, or a hash that was agreed."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import Hmac, SourceSettings
from purchasing.errors import UnauthenticatedError
from purchasing.formats.agreed_proof import authenticate_as_agreed, sign_as_agreed
from purchasing.notification import Notification
from purchasing.trust import Trust

NEW, OLD = "the-newest-secret-0d31", "the-one-before-it-77fa"
BODY = b"ISA*00*"


def posted(headers: dict[str, str] | None = None, *, path_token: str = "") -> Notification:
    """A notification with what may prove it."""
    return Notification(
        id="n-1",
        source="bramble",
        format="x12",
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
        body=BODY,
        headers=headers or {},
        path_token=path_token,
    )


def trust(*secrets: str, agreed: Hmac | None = None) -> Trust:
    """What a source with some secrets is verified with."""
    return Trust(settings=SourceSettings(format="x12", secrets=secrets, hmac=agreed))


def basic(user: str, password: str, scheme: str = "Basic") -> dict[str, str]:
    """The header of HTTP Basic."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"{scheme} {credentials}"}


def is_refused(notification: Notification, trusted: Trust) -> bool:
    """Whether a notification is not proven; nothing that is said of it holds a secret."""
    said = ""
    try:
        authenticate_as_agreed(notification, trusted)
    except UnauthenticatedError as error:
        said = f"{error!r} {error}"
    assert NEW not in said
    assert OLD not in said
    return bool(said)


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_a_secret_is_shown_in_three_places(secret: str) -> None:
    """A bearer token, the password of HTTP Basic and the address prove alike, with any secret."""
    trusted = trust(NEW, OLD)

    assert not is_refused(posted({"authorization": f"Bearer {secret}"}), trusted)
    assert not is_refused(posted({"authorization": f"bearer  {secret} "}), trusted)
    assert not is_refused(posted(basic("anybody", secret)), trusted)
    assert not is_refused(posted(basic("", secret, "BASIC")), trusted)
    assert not is_refused(posted(path_token=secret), trusted)


def test_a_password_may_have_colons_and_any_script() -> None:
    """The first colon ends the user's name (RFC 7617), and the password is in UTF-8."""
    assert not is_refused(posted(basic("me", "a:b:密✓")), trust("a:b:密✓"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": NEW},
        {"authorization": "Bearer"},
        {"authorization": f"Token {NEW}"},
        {"authorization": "Basic"},
        {"authorization": "Basic §§§"},
        {"authorization": "Basic //8="},
        {"authorization": "Basic " + base64.b64encode(NEW.encode()).decode()},
        {"authorization": f"Bearer {NEW}x"},
        basic(NEW, ""),
        basic("me", "wrong"),
        {"x-secret": NEW},
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    """A secret in another place, a wrong one, a broken header and none at all are refused."""
    assert is_refused(posted(headers), trust(NEW, OLD))


def test_one_right_secret_is_enough() -> None:
    """A wrong token in the address does not undo a right one in the header."""
    right = {"authorization": f"Bearer {NEW}"}

    assert not is_refused(posted(right, path_token="wrong"), trust(NEW))


def test_without_secrets_everything_is_refused() -> None:
    """A source without secrets refuses even an empty one."""
    assert is_refused(posted(basic("", "")), trust())
    assert is_refused(posted(path_token="anything"), trust())
    assert is_refused(posted({"x-hash": ""}), trust(agreed=Hmac(header="x-hash")))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_hash_is_made_as_agreed(
    algorithm: Literal["sha1", "sha256", "sha384", "sha512"], encoding: Literal["hex", "base64"]
) -> None:
    """The hash is over the raw body, with the agreed algorithm, encoding, prefix and header."""
    agreed = Hmac(header="X-Proof", algorithm=algorithm, encoding=encoding, prefix="v1=")
    digest = hmac.new(OLD.encode(), BODY, getattr(hashlib, algorithm)).digest()
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    right = posted({"x-proof": f"v1={text}"})

    assert not is_refused(right, trust(NEW, OLD, agreed=agreed))
    assert is_refused(right, trust(NEW, agreed=agreed))
    assert is_refused(posted({"x-proof": text}), trust(OLD, agreed=agreed))
    assert is_refused(msgspec.structs.replace(right, body=BODY + b" "), trust(OLD, agreed=agreed))


def test_where_a_hash_is_agreed_a_shown_secret_is_not_enough() -> None:
    """A source that has `hmac` takes no bearer token in its place."""
    agreed = Hmac(header="x-proof")

    assert is_refused(posted({"authorization": f"Bearer {NEW}"}), trust(NEW, agreed=agreed))
    assert is_refused(posted(path_token=NEW), trust(NEW, agreed=agreed))


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=1),
    agreed=st.sampled_from([None, Hmac(header="X-Proof")]),
)
def test_what_is_signed_is_accepted(secret: str, agreed: Hmac | None) -> None:
    """What the sender would post with the newest secret is accepted, in either way."""
    trusted = trust(secret.strip() or "-", "another", agreed=agreed)

    headers = dict(sign_as_agreed(posted(), trusted))

    assert list(headers) == (["x-proof"] if agreed else ["authorization"])
    assert not is_refused(posted(headers), trusted)
