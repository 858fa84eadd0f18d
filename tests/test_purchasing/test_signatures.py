"""Keyed hashes against published vectors, and what a signature or a time stamp may be."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import SourceSettings
from purchasing.errors import UnauthenticatedError
from purchasing.signatures import (
    Encoding,
    keyed_hash,
    rfc2822_time,
    same,
    same_as_any,
    verify,
    within_window,
)
from purchasing.sources.easypost import SOURCE
from purchasing.trust import Trust
from tests.reading import notification
from tests.samples import sample

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)

_LARGE = b"Test Using Larger Than Block-Size Key - Hash Key First"
_LARGER = (
    b"This is a test using a larger than block-size key and a larger than block-size data. "
    b"The key needs to be hashed before being used by the HMAC algorithm."
)
# RFC 4231, sections 4.2 to 4.5, 4.7 and 4.8.
RFC_4231 = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (b"\xaa" * 131, _LARGE, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (b"\xaa" * 131, _LARGER, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]


@pytest.mark.parametrize(("key", "message", "digest"), RFC_4231)
def test_a_keyed_hash_is_the_published_one(key: bytes, message: bytes, digest: str) -> None:
    """HMAC-SHA256 is that of RFC 4231, in hexadecimal or in base64."""
    assert keyed_hash(key, message) == digest
    assert keyed_hash(key, message, encoding=Encoding.BASE64) == base64.b64encode(
        bytes.fromhex(digest)
    ).decode("ascii")


def test_another_algorithm_may_be_named() -> None:
    """A sender that uses SHA-1 is computed with it (RFC 2202, test case 1)."""
    digest = keyed_hash(b"\x0b" * 20, b"Hi There", algorithm="sha1")

    assert digest == "b617318655057264e28bc0b6fb378c8ef146be00"


def test_easyposts_own_example_is_authentic() -> None:
    """The signature that EasyPost publishes for the example of its client libraries is right.

    EasyPost/examples, official/fixtures/client-library-fixtures.json and event-body.json at
    112a6d1 (MIT); the body is signed without the newline that ends the file.
    """
    published = "hmac-sha256-hex=38f3f53c103713df81616a0a186d77141957323ec21d5fe9363db93840f527db"
    trust = Trust(settings=SourceSettings(format="easypost", secrets=("s\u00e9cret",)))

    body = sample("carriers/easypost/tracker_updated_in_transit.json").removesuffix(b"\n")
    posted = notification("easypost", body, {"x-hmac-signature": published})
    SOURCE.authenticate(posted, trust, NOW)


@given(one=st.text(), other=st.text())
def test_texts_are_the_same_only_if_they_are_equal(one: str, other: str) -> None:
    """Comparing in constant time finds what comparing finds, in any script."""
    assert same(one, other) is (one == other)
    assert same(one, one)
    assert same_as_any(one, (other, one))
    assert same_as_any(one, (other,)) is (one == other)


def test_nothing_is_the_same_as_none_of_no_secrets() -> None:
    """Where there are no secrets, nothing equals one of them."""
    assert not same_as_any("", ())
    assert not same_as_any("x", ())


def test_half_a_character_is_compared_like_any_other() -> None:
    """A text that is no valid Unicode is compared, and not a crash."""
    assert not same("\ud800", "x")
    assert not same_as_any("\ud800", ("x",))


def test_any_secret_may_explain_a_signature() -> None:
    """A signature is accepted if any of the secrets explains it."""
    for secret in ("new", "old"):
        verify(f"signed with {secret}", ("new", "old"), lambda secret: f"signed with {secret}")


def test_every_secret_is_tried() -> None:
    """All secrets are tried even when the first is right, so that time tells nothing."""
    tried: list[str] = []

    def signature(secret: str) -> str:
        tried.append(secret)
        return secret

    verify("a", ["a", "b", "c"], signature)

    assert tried == ["a", "b", "c"]


def test_a_signature_that_no_secret_explains_is_refused() -> None:
    """A wrong signature is refused with a sentence that holds neither it nor a secret."""
    with pytest.raises(UnauthenticatedError) as refused:
        verify("mine", ("new", "old"), str.upper)

    assert str(refused.value) == "the signature does not match the body"


def test_without_secrets_no_signature_is_right() -> None:
    """Where no secret is configured, nothing is computed and everything refused."""
    with pytest.raises(UnauthenticatedError, match="no secret is configured"):
        verify("", (), lambda _: "")


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_stamp_within_the_window_is_accepted(seconds: int) -> None:
    """A time stamp may be as far from now as the tolerance, on either side."""
    within_window(NOW + timedelta(seconds=seconds), NOW, timedelta(seconds=300))


@pytest.mark.parametrize("seconds", [-301, 301, 10**9, -(10**10)])
def test_a_stamp_outside_the_window_is_refused(seconds: int) -> None:
    """A time stamp that is further away than the tolerance is refused."""
    with pytest.raises(UnauthenticatedError, match="more than 300 s away from now"):
        within_window(NOW + timedelta(seconds=seconds), NOW, timedelta(seconds=300))


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 20 Nov 2026 18:00:00 -0000",
        "Fri, 20 Nov 2026 18:00:00 +0000",
        "Fri, 20 Nov 2026 18:00:00 GMT",
        "Fri, 20 Nov 2026 19:00:00 +0100",
        "20 Nov 2026 12:00:00 -0600",
        "20 Nov 2026 12:00:00 CST",
    ],
)
def test_a_time_as_mail_writes_it_is_read(text: str) -> None:
    """A time stamp of RFC 5322 is an instant; -0000 is UTC."""
    assert rfc2822_time(text) == NOW


@given(text=st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ [\d:]+ [+-]\d+\Z"))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    """Whatever stands in the place of a time stamp is an aware instant or refused."""
    try:
        stamp = rfc2822_time(text)
    except UnauthenticatedError:
        return
    assert stamp.tzinfo is not None
    assert abs(NOW - stamp) >= timedelta(0)
