"""Public keys as senders publish them (RFC 7517), and the signatures that they verify."""

import base64
import binascii
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from purchasing.errors import MalformedError

PublicKey = RSAPublicKey

# A set is a handful of keys; more than these is not what a sender publishes.
_MOST_KEYS = 64
_LONGEST_MODULUS = 16_384 // 8
# What is shorter can be broken, and signs nothing by RFC 7518 section 3.3.
_SHORTEST_MODULUS_BITS = 2048


class _Key(msgspec.Struct, frozen=True):
    kid: str = ""
    kty: str = ""
    use: str = "sig"
    n: str = ""
    e: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: tuple[msgspec.Raw, ...]


_KEY_SET = msgspec.json.Decoder(_KeySet)
_KEY = msgspec.json.Decoder(_Key)


def read_key_set(document: bytes) -> Mapping[str, PublicKey]:
    """The RSA keys of a JWK set that sign, by their ids; every other key is passed over.

    That is how RFC 7517 section 5 wants it: a key that cannot be used takes no other one with it.

    Raises:
        MalformedError: It is no JWK set, or one without a key that could verify anything.
    """
    try:
        listed = _KEY_SET.decode(document).keys[:_MOST_KEYS]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        message = f"This is not a JWK set: {error}."
        raise MalformedError(message) from None
    found: dict[str, PublicKey] = {}
    faults: list[str] = []
    for raw in listed:
        try:
            key = _KEY.decode(raw)
            if key.kid and key.kty == "RSA" and key.use == "sig":
                found[key.kid] = _public_key(key)
        except (msgspec.MsgspecError, ValueError) as error:
            faults.append(str(error).rstrip("."))
    if not found:
        why = f" ({faults[0]})" if faults else ""
        message = f"The JWK set holds no RSA key that signs{why}."
        raise MalformedError(message)
    return found


def _public_key(key: _Key) -> PublicKey:
    public = RSAPublicNumbers(_number(key.e), _number(key.n)).public_key()
    if public.key_size < _SHORTEST_MODULUS_BITS or not public.public_numbers().n % 2:
        message = "the modulus of a key is too short or even"
        raise ValueError(message)
    return public


def _number(text: str) -> int:
    """A number as RFC 7518 section 6.3.1 writes it: big-endian bytes in unpadded base64url."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if not 0 < len(raw) <= _LONGEST_MODULUS:
        message = "a number of a key is empty or too long"
        raise ValueError(message)
    return int.from_bytes(raw, "big")


def is_signed_with(key: PublicKey, signature: str, message: bytes) -> bool:
    """Whether a base64 text is the key's RSA-SHA256 signature (PKCS #1 v1.5) of a message."""
    try:
        raw = base64.b64decode(signature.encode("ascii"), validate=True)
        key.verify(raw, message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, UnicodeEncodeError):
        return False
    # The last sign of a base64 text has bits to spare: only one way to write a signature is right.
    return base64.b64encode(raw).decode("ascii") == signature
