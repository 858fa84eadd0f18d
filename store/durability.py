"""Whether what Redis confirms is on disk, and waiting until it is where it takes a wait.

`appendfsync always` puts a write on disk before it is confirmed. With `everysec`, `WAITAOF`
(Redis 7.2, Valkey 7.2) is asked after each batch. Without either, nothing is promised, and so
nothing is accepted.
"""

import asyncio
from enum import StrEnum
from typing import Any

import msgspec
from redis.exceptions import NoScriptError, RedisError, ResponseError

from purchasing.configuration import Durability
from purchasing.errors import StoreUnavailableError
from store import scripts
from store.client import Client
from store.connection import translated

# A server may be replaced by another one that is set up otherwise.
_TRUSTED_SECONDS = 10.0
_REPLICA_MS = 450
_DISK_MS = 900
_WAITAOF_SINCE = (7, 2)


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True):
    """One thing about the server that matters, in a sentence."""

    level: Level
    text: str


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What the server promises: whether a confirmed write is on disk, or can be waited for."""

    is_durable: bool
    must_wait: bool
    findings: tuple[Finding, ...]


async def inspect(redis: Client) -> Promise:
    """Read how the server is set up; what it does not tell is a warning.

    Raises:
        StoreUnavailableError: It does not answer.
    """
    with translated():
        server = await redis.info("server")
        persistence = await redis.info("persistence")
    settings = await _settings(redis)
    can_wait = _version(server) >= _WAITAOF_SINCE
    findings = [*_memory(settings)]
    if not int(persistence.get("aof_enabled", 0)):
        text = "Redis keeps no append-only file; set appendonly yes."
        findings.append(Finding(Level.ERROR, text))
        return Promise(is_durable=False, must_wait=False, findings=tuple(findings))
    fsync = settings.get("appendfsync")
    match fsync, can_wait:
        case "always", _:
            findings.append(Finding(Level.OK, "Redis writes to disk before it confirms."))
            return Promise(is_durable=True, must_wait=False, findings=tuple(findings))
        case (("everysec" | None), True):
            why = "appendfsync is everysec" if fsync else "appendfsync cannot be read"
            text = f"{why}, so WAITAOF is asked after each batch; always would be faster."
            findings.append(Finding(Level.WARNING, text))
            return Promise(is_durable=True, must_wait=True, findings=tuple(findings))
        case None, False:
            text = (
                "appendfsync cannot be read, and the server has no WAITAOF: trust is all there is."
            )
            findings.append(Finding(Level.WARNING, text))
            return Promise(is_durable=True, must_wait=False, findings=tuple(findings))
        case _:
            text = f"appendfsync is {fsync}, and confirmed writes can be lost; set it to always."
            findings.append(Finding(Level.ERROR, text))
            return Promise(is_durable=False, must_wait=False, findings=tuple(findings))


class Durable:
    """Runs scripts whose effect must be on disk when they return."""

    def __init__(self, redis: Client, settings: Durability) -> None:
        self._redis = redis
        self._settings = settings
        self._promise: Promise | None = None
        self._trusted_until = 0.0

    async def run(self, name: str, argument: dict[str, Any]) -> Any:
        """Run a script, and wait as long as it takes for its effect to be safe.

        Raises:
            StoreUnavailableError: Redis does not answer, or does not promise what is asked.
        """
        promise = await self.promise()
        if not promise.is_durable:
            detail = " ".join(it.text for it in promise.findings if it.level is Level.ERROR)
            raise StoreUnavailableError(detail)
        try:
            return await self._run(name, argument, promise)
        except StoreUnavailableError:
            # Who answers next may be another server.
            self._promise = None
            raise

    async def _run(self, name: str, argument: dict[str, Any], promise: Promise) -> Any:
        if not promise.must_wait and not self._settings.replicas:
            return await scripts.run(self._redis, name, argument)
        with translated():
            try:
                return await self._waiting(scripts.by_digest(name, argument), promise)
            except NoScriptError:
                return await self._waiting(scripts.by_source(name, argument), promise)

    async def promise(self) -> Promise:
        """What the server promises, asked again from time to time.

        Raises:
            StoreUnavailableError: It does not answer.
        """
        now = asyncio.get_running_loop().time()
        if self._promise is None or now >= self._trusted_until:
            self._promise = await inspect(self._redis)
            self._trusted_until = now + _TRUSTED_SECONDS
        return self._promise

    async def _waiting(self, command: tuple[Any, ...], promise: Promise) -> Any:
        """The script and the wait on one connection: a wait is for that connection's writes."""
        waits = self._waits(promise)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.execute_command(*command)
            for words, _ in waits:
                pipe.execute_command(*words)
            answer, *reached = await pipe.execute()
        for (words, least), count in zip(waits, reached, strict=True):
            counts = count if isinstance(count, list) else [count]
            if any(have < want for have, want in zip(counts, least, strict=True)):
                message = f"{words[0]} answered {count}, which is less than is asked for"
                raise StoreUnavailableError(message)
        return answer

    def _waits(self, promise: Promise) -> list[tuple[tuple[object, ...], tuple[int, ...]]]:
        """The waits that are asked for, each with the least counts that it must answer.

        A replica that is asked what it has on disk in the moment in which it gets it says no, and
        is not asked again for a second: so it is first waited for until it has it at all.
        """
        replicas = self._settings.replicas
        local, remote = int(promise.must_wait), replicas if self._settings.on_disk else 0
        waits: list[tuple[tuple[object, ...], tuple[int, ...]]] = []
        if replicas:
            waits.append((("WAIT", replicas, _REPLICA_MS), (replicas,)))
        if local or remote:
            waits.append((("WAITAOF", local, remote, _DISK_MS), (local, remote)))
        return waits


async def _settings(redis: Client) -> dict[str, str]:
    """The settings that matter, as far as the server tells them; managed ones refuse CONFIG."""
    try:
        found = await redis.config_get("*append*") | await redis.config_get("maxmemory*")
    except ResponseError:
        return {}
    except (RedisError, OSError) as error:
        raise StoreUnavailableError(str(error)) from error
    return {_text(name): _text(value) for name, value in found.items()}


def _memory(settings: dict[str, str]) -> list[Finding]:
    policy = settings.get("maxmemory-policy")
    if policy is None:
        return [Finding(Level.WARNING, "maxmemory-policy cannot be read; it must be noeviction.")]
    if policy != "noeviction":
        text = f"maxmemory-policy is {policy}, which deletes what was accepted; set noeviction."
        return [Finding(Level.ERROR, text)]
    return [Finding(Level.OK, "Redis never evicts what it holds.")]


def _version(server: dict[str, Any]) -> tuple[int, ...]:
    text = str(server.get("valkey_version") or server.get("redis_version") or "0")
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
