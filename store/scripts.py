"""The Lua files of the folder `scripts`, each run as one atomic step."""

import importlib.resources
from collections.abc import Mapping
from functools import cache
from hashlib import sha1
from typing import Any

import msgspec
from redis.exceptions import NoScriptError

from store.client import Client
from store.connection import translated

_ENCODER = msgspec.msgpack.Encoder()


@cache
def source_of(name: str) -> bytes:
    """The text of a script, behind what all scripts share."""
    folder = importlib.resources.files("store").joinpath("scripts")
    common = folder.joinpath("common.lua").read_bytes()
    return common + b"\n" + folder.joinpath(f"{name}.lua").read_bytes()


@cache
def _digest(name: str) -> str:
    # Redis names scripts by SHA-1; nothing is protected by it.
    return sha1(source_of(name), usedforsecurity=False).hexdigest()


def blob(value: bytes) -> msgspec.Raw:
    """Bytes in an argument of a script: Lua's msgpack knows texts only, of any bytes at all."""
    return msgspec.Raw(b"\xdb" + len(value).to_bytes(4, "big") + value)


def by_digest(name: str, argument: Mapping[str, Any]) -> tuple[Any, ...]:
    """The command that runs a script which the server knows already."""
    return "EVALSHA", _digest(name), 0, _ENCODER.encode(argument)


def by_source(name: str, argument: Mapping[str, Any]) -> tuple[Any, ...]:
    """The command that runs a script whatever the server knows."""
    return "EVAL", source_of(name), 0, _ENCODER.encode(argument)


async def run(redis: Client, name: str, argument: Mapping[str, Any]) -> Any:
    """Run a script with one argument, a map that it unpacks.

    Raises:
        StoreUnavailableError: Redis does not answer, or cannot take a write.
    """
    with translated():
        try:
            return await redis.execute_command(*by_digest(name, argument))
        except NoScriptError:
            return await redis.execute_command(*by_source(name, argument))
