"""Reading a JSON body of a sender: any bytes end in a value or in one of our errors."""

from typing import TypeVar

import msgspec

from purchasing.errors import MalformedError

T = TypeVar("T")


def read_json(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw | str, what: str) -> T:
    """A body as the decoder's type; `what` is what it should be, with its article.

    Raises:
        MalformedError: It is no JSON, or not of that shape; the text says where.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        message = f"The body is not {what}: {error}."
        raise MalformedError(message) from None


def inside(value: object, *path: str) -> object:
    """What lies in an object at the end of a path of names; None where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def loose_text(value: object, *path: str) -> str:
    """A text without the spaces around it; empty where anything else stands there, or nothing.

    For fields that are of use where they are right, and must hold nothing up where they are not.
    """
    found = inside(value, *path)
    return found.strip() if isinstance(found, str) else ""


def peek_json(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw | str) -> T | None:
    """A body as the decoder's type, or None: for what is read before anything is proven."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
