"""Public keys as a sender publishes them."""

import base64

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key


def key_set(*ids: str) -> bytes:
    """A JWK set with a fresh key for each id."""
    return msgspec.json.encode({"keys": [jwk(key) for key in ids]})


def jwk(key: str) -> dict[str, str]:
    """A fresh public key as it is published."""
    numbers = generate_private_key(65537, 2048).public_key().public_numbers()

    def written(number: int) -> str:
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    return {"kid": key, "kty": "RSA", "use": "sig", "n": written(numbers.n), "e": written(65537)}
