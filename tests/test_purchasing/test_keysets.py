"""Sets of public keys as senders publish them, whole and damaged, and what their keys verify."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from hypothesis import given
from hypothesis import strategies as st

from purchasing.errors import MalformedError
from purchasing.keysets import PublicKey, is_signed_with, read_key_set
from tests.strategies import DEEP, altered, bodies, damaged

KEY = generate_private_key(65537, 2048)
OTHER = generate_private_key(65537, 2048)
LARGER = generate_private_key(65537, 3072)
MODULUS = KEY.public_key().public_numbers().n
MESSAGE = b"2026-11-20T18:00:00Z.{}"


def written(number: int, length: int | None = None) -> str:
    """A number as a set of keys writes it: base64url without padding, RFC 7518 section 2."""
    raw = number.to_bytes(length or max(1, (number.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def entry(key: RSAPrivateKey = KEY, **changes: Any) -> dict[str, Any]:
    """A key as RFC 7517 appendix A.1 shows one; None takes a member away."""
    numbers = key.public_key().public_numbers()
    whole = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": "2026-11",
        "n": written(numbers.n),
        "e": written(numbers.e),
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


# A key of another kind, as RFC 7517 appendix A.1 puts one beside the RSA key.
CURVE = {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "Ag", "use": "sig", "kid": "curve"}


def document(*entries: object) -> bytes:
    """A set of keys as it is published."""
    return json.dumps({"keys": list(entries)}).encode()


def ids(*entries: object) -> set[str]:
    """The ids of the keys that a set gives."""
    return set(read_key_set(document(*entries)))


def numbers_of(keys: Mapping[str, PublicKey]) -> dict[str, int]:
    """The modulus of every key."""
    return {name: key.public_numbers().n for name, key in keys.items()}


def signature(key: RSAPrivateKey = KEY, message: bytes = MESSAGE) -> str:
    """A signature as senders write it into a header."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def test_every_signing_key_is_known_by_its_id() -> None:
    """A set gives each of its RSA keys under its own id, with the numbers that were published."""
    keys = read_key_set(document(entry(), entry(OTHER, kid="older"), entry(LARGER, kid="larger")))

    assert numbers_of(keys) == {
        "2026-11": MODULUS,
        "older": OTHER.public_key().public_numbers().n,
        "larger": LARGER.public_key().public_numbers().n,
    }
    assert {key.public_numbers().e for key in keys.values()} == {65537}


@pytest.mark.parametrize(
    "changes",
    [
        {"use": None},
        {"alg": None},
        {"alg": "PS256"},
        {"x5c": ["MIIB"], "x5t": "GvnPApfWMdLRi8PDmisFn7bprKg"},
        {"key_ops": ["verify"]},
        {"n": written(MODULUS, 257)},
        {"n": written(MODULUS) + "==="[: -len(written(MODULUS)) % 4]},
        {"e": "AAEAAQ"},
        {"e": "Aw"},
    ],
    ids=["use", "alg", "other alg", "certificate", "key_ops", "zero", "padded", "zero e", "three"],
)
def test_what_is_optional_may_be_missing_or_more(changes: dict[str, Any]) -> None:
    """A key is taken without its optional members, with others, and with zeros in front."""
    assert ids(entry(**changes)) == {"2026-11"}


@pytest.mark.parametrize(
    "useless",
    [
        CURVE,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "2026-11"},
        entry(kid="encrypts", use="enc"),
        entry(kid="", use="sig"),
        entry(kid=None),
        entry(kid="lower", kty="rsa"),
        entry(kid="kind", kty=None),
        entry(kid="number", n=5),
        entry(kid="modulus", n=None),
        entry(kid="exponent", e=None),
        entry(kid="one", e="AQ"),
        entry(kid=7),
        entry(kid="used", use=None) | {"use": None},
        "2026-11",
        None,
        [],
        {},
    ],
)
def test_a_key_of_no_use_takes_no_other_one_with_it(useless: object) -> None:
    """A key of another kind or use, or one that is broken, is passed over: RFC 7517 section 5."""
    assert ids(useless, entry()) == {"2026-11"}
    assert ids(entry(), useless) == {"2026-11"}
    with pytest.raises(MalformedError, match="holds no RSA key that signs"):
        read_key_set(document(useless))


@pytest.mark.parametrize(
    ("e", "n"),
    [
        (0, MODULUS),
        (1, MODULUS),
        (2, MODULUS),
        (4, MODULUS),
        (65536, MODULUS),
        (MODULUS, MODULUS),
        (MODULUS + 2, MODULUS),
        (65537, 0),
        (65537, 1),
        (65537, 15),
        (3, 15),
        (65537, MODULUS - 1),
        (65537, 2**2047),
        (65537, 2**2046 + 1),
        (65537, 2**1023 + 1),
        (65537, 2**16384 + 1),
        (65537, 2**20000 + 1),
        (2**20000 + 1, MODULUS),
    ],
    ids=[
        "e 0",
        "e 1",
        "e 2",
        "e 4",
        "e even",
        "e is n",
        "e beyond n",
        "n 0",
        "n 1",
        "n 15",
        "both tiny",
        "n even",
        "n even power",
        "n of 2047 bits",
        "n of 1024 bits",
        "n too long",
        "n far too long",
        "e too long",
    ],
)
def test_numbers_that_make_no_key_are_malformed(e: int, n: int) -> None:
    """Numbers that no RSA key has, or none that is still safe, are refused with our own error."""
    with pytest.raises(MalformedError, match=r"holds no RSA key that signs \(.+\)\."):
        read_key_set(document(entry(e=written(e), n=written(n))))


@pytest.mark.parametrize("text", ["", "A", "AQAB!", "AQ AB", "ÄQAB", "AQAB\n", "====", "😀"])
@pytest.mark.parametrize("name", ["e", "n"])
def test_what_is_no_number_is_malformed(name: str, text: str) -> None:
    """A number that is not in base64url is refused with our own error."""
    with pytest.raises(MalformedError):
        read_key_set(document(entry() | {name: text}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"keys": null}',
        b'{"keys": {}}',
        b'{"keys": "n"}',
        b'{"keys": []}',
        b"\xff\xfe",
        b'{"keys": [{"kid": "\xff", "kty": "RSA"}]}',
        b'{"keys": [{"kid": "\\ud800"}]}',
        document(entry())[:-1],
        document(entry()) + b"}",
        b"<html>503</html>",
        *DEEP,
        b'{"keys":' + DEEP[2] + b"}",
        b'{"keys":[' + DEEP[2] + b"]}",
    ],
)
def test_what_is_no_set_is_malformed(body: bytes) -> None:
    """A document that is no set of keys is refused with our own error, whatever it is."""
    with pytest.raises(MalformedError):
        read_key_set(body)


def test_a_set_may_say_more() -> None:
    """Members of a set that are not known are passed over."""
    body = json.dumps({"keys": [entry()], "issuer": "nobody", "keys_for": None}).encode()

    assert set(read_key_set(body)) == {"2026-11"}


def test_no_more_keys_are_read_than_a_sender_has() -> None:
    """Of a set that is too long, only the first 64 keys are looked at."""
    many = [entry(kid=str(number)) for number in range(65)]

    assert ids(*many) == {str(number) for number in range(64)}


def test_a_refusal_holds_no_key() -> None:
    """What is said of a set that is refused does not repeat it."""
    with pytest.raises(MalformedError) as refused:
        read_key_set(document(entry(e="AQ")))

    assert written(MODULUS)[:20] not in str(refused.value)


@given(body=bodies)
def test_any_bytes_are_a_set_or_malformed(body: bytes) -> None:
    """Any bytes end in keys or in our own error."""
    assert_is_judged(body)


@given(data=st.data())
def test_a_damaged_set_is_read_or_malformed(data: st.DataObject) -> None:
    """A set that was damaged on its way ends in keys or in our own error."""
    assert_is_judged(data.draw(damaged(document(entry(), CURVE)), label="body"))


@given(data=st.data())
def test_an_altered_set_is_read_or_malformed(data: st.DataObject) -> None:
    """A set with something unexpected in it ends in keys or in our own error."""
    assert_is_judged(data.draw(altered({"keys": [entry(), CURVE]}), label="body"))


@given(
    e=st.integers(0, 2**70) | st.integers(0, 2**2100),
    n=st.integers(0, 2**64) | st.integers(2**2000, 2**2100),
)
def test_any_numbers_are_a_key_or_malformed(e: int, n: int) -> None:
    """Any two numbers end in a key or in our own error, and so does every use of such a key."""
    assert_is_judged(document(entry(e=written(e), n=written(n))))


def assert_is_judged(body: bytes) -> None:
    """A document gives keys that can be used, or our own error."""
    try:
        keys = read_key_set(body)
    except MalformedError:
        return
    assert keys
    for key in keys.values():
        assert key.key_size >= 2048
        assert is_signed_with(key, signature(), MESSAGE) is (key.public_numbers().n == MODULUS)


# What a key verifies.


def test_a_signature_is_the_keys_own() -> None:
    """A signature is right with its own key and its own message, and with no other one."""
    assert is_signed_with(KEY.public_key(), signature(), MESSAGE)
    assert is_signed_with(LARGER.public_key(), signature(LARGER, b""), b"")
    assert not is_signed_with(OTHER.public_key(), signature(), MESSAGE)
    assert not is_signed_with(LARGER.public_key(), signature(), MESSAGE)
    assert not is_signed_with(KEY.public_key(), signature(), MESSAGE + b" ")


def test_another_hash_is_refused() -> None:
    """A signature over another hash is not right, though the key is."""
    raw = KEY.sign(MESSAGE, PKCS1v15(), SHA512())

    assert not is_signed_with(KEY.public_key(), base64.b64encode(raw).decode(), MESSAGE)


def test_another_padding_is_refused() -> None:
    """A signature with another padding is not right, though the key is."""
    raw = KEY.sign(MESSAGE, PSS(mgf=MGF1(SHA256()), salt_length=32), SHA256())

    assert not is_signed_with(KEY.public_key(), base64.b64encode(raw).decode(), MESSAGE)


WRITTEN_OTHERWISE = {
    "missing": "",
    "cut at its end": signature()[:-4],
    "cut at its beginning": signature()[4:],
    "longer": signature() + "AAAA",
    "without padding": signature().rstrip("="),
    "with more padding": signature() + "=",
    "after a space": f" {signature()}",
    "with a line break behind": f"{signature()}\n",
    "with a line break within": f"{signature()[:64]}\n{signature()[64:]}",
    "with another alphabet": f"-{signature()[1:]}",
    "with a foreign letter": f"é{signature()[1:]}",
    "with half a letter": f"\ud800{signature()[1:]}",
    "very long": "A" * 100_000,
}


@pytest.mark.parametrize("text", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
def test_a_signature_that_is_written_otherwise_is_refused(text: str) -> None:
    """Anything but the one right text is refused, and none of it is an error."""
    assert not is_signed_with(KEY.public_key(), text, MESSAGE)


def test_a_signature_has_one_spelling() -> None:
    """The last letter of a signature has bits to spare, and they may not be used for another."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    right = signature()
    spelled = {f"{right[:-3]}{letter}==" for letter in letters}

    same = {text for text in spelled if base64.b64decode(text) == base64.b64decode(right)}

    assert len(same) == 16
    assert {text for text in spelled if is_signed_with(KEY.public_key(), text, MESSAGE)} == {right}


@given(text=st.text() | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode()))
def test_any_text_is_judged(text: str) -> None:
    """Any text in the place of a signature is refused, and is no error."""
    assert not is_signed_with(KEY.public_key(), text, MESSAGE)
