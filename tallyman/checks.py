"""`tallyman check`: whether everything is set up as it must be, one remark per line."""

import asyncio
import os
from collections.abc import Iterator, Mapping

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.errors import ConfigurationError, StoreUnavailableError
from purchasing.handshakes import JudgesSecrets, PublishesKeys
from purchasing.sources import Source, all_sources
from purchasing.trust import Strength
from store.connection import connect
from store.durability import Level, inspect
from store.environment import keys_in_file
from tallyman.configuration import configuration_here
from tallyman.data import Running, data_directory
from tallyman.output import harmless, say, say_json

# 16 random characters are beyond guessing; what people make up that is shorter is not.
_SHORTEST_SECRET = 16


class Remark(msgspec.Struct, frozen=True):
    """One line: `about` is what was looked at."""

    level: Level
    about: str
    text: str


def check(*, json: bool = False) -> int:
    """Say whether configuration, Redis, Cofactr's key and the tokens are as they must be.

    The exit code is 1 if anything is wrong; a warning alone leaves it 0.

    Args:
        json: Print JSON.
    """
    remarks = asyncio.run(remarks_in(os.environ, data_directory(os.environ).running()))
    if json:
        say_json({"items": remarks, "next": None})
    else:
        for remark in remarks:
            say(f"{remark.level:<8} {harmless(remark.about)}: {harmless(remark.text)}")
    return int(any(remark.level is Level.ERROR for remark in remarks))


async def remarks_in(environment: Mapping[str, str], running: Running | None) -> list[Remark]:
    """Everything there is to say; what the environment leaves open, a running `up` may answer."""
    return [
        *_on_configuration(environment, running),
        *await _on_redis(environment, running),
        _on_cofactr(environment, running),
        _on_admin_token(environment, running),
    ]


def _on_configuration(environment: Mapping[str, str], running: Running | None) -> Iterator[Remark]:
    about = "configuration"
    try:
        configuration = configuration_here(environment, running)
    except ConfigurationError as error:
        yield Remark(Level.ERROR, about, str(error))
        return
    senders = [*configuration.sources, *configuration.internal.tokens]
    if not senders:
        text = "nobody is configured who may post; write a tallyman.toml"
        yield Remark(Level.WARNING, about, text)
        return
    yield Remark(Level.OK, about, f"{', '.join(senders)} may post")
    formats = all_sources()
    for name, settings in configuration.sources.items():
        yield from _on_source(f"source {name}", settings, formats[settings.format])
    for name, token in configuration.internal.tokens.items():
        yield _on_secrets(f"internal service {name}", (token,), "bearer token")


def _on_source(about: str, settings: SourceSettings, format_: Source) -> Iterator[Remark]:
    has_keys = isinstance(format_, PublishesKeys)
    if settings.unauthenticated:
        text = "unauthenticated = true: whoever knows the address can post as this source"
        yield Remark(Level.WARNING, about, text)
    elif not settings.secrets and not has_keys:
        text = "it has no secrets, so everything that it posts is refused"
        yield Remark(Level.WARNING, about, text)
    else:
        strength = Strength.SIGNED if settings.hmac else format_.strength
        yield _on_secrets(about, settings.secrets, f"{strength}: {format_.authenticity}")
        yield from _on_form(about, settings, format_)
        yield from _on_strength(about, settings, format_)
    if settings.keys_file is not None:
        yield _on_keys(about, settings.keys_file)


def _on_form(about: str, settings: SourceSettings, format_: Source) -> Iterator[Remark]:
    """What the sender itself would not take as a secret."""
    if isinstance(format_, JudgesSecrets):
        faults = (format_.secret_fault(secret) for secret in settings.secrets)
        yield from (Remark(Level.ERROR, about, fault) for fault in faults if fault)


def _on_strength(about: str, settings: SourceSettings, format_: Source) -> Iterator[Remark]:
    """What is added to a proof that does not cover all that is posted, or could be."""
    added = [name for name in ("path_tokens", "addresses") if getattr(settings, name)]
    if added:
        yield Remark(Level.OK, about, f"strengthened by {' and '.join(added)}")
    elif format_.strength.is_weak and settings.hmac is None:
        text = (
            f"{format_.title} does not sign all that it posts, so whoever saw one notification can "
            "make another; add path_tokens or addresses"
        )
        yield Remark(Level.WARNING, about, text)


def _on_keys(about: str, file: str) -> Remark:
    try:
        keys = keys_in_file(file)
    except ConfigurationError as error:
        return Remark(Level.ERROR, about, str(error))
    return Remark(Level.OK, about, f"keys_file holds {', '.join(sorted(keys))}")


def _on_secrets(about: str, secrets: tuple[str, ...], authenticity: str) -> Remark:
    if any(len(secret) < _SHORTEST_SECRET for secret in secrets):
        text = f"{authenticity}; a secret of it is shorter than {_SHORTEST_SECRET} characters"
        return Remark(Level.WARNING, about, text)
    return Remark(Level.OK, about, authenticity)


async def _on_redis(environment: Mapping[str, str], running: Running | None) -> list[Remark]:
    url = environment.get("REDIS_URL") or (running.redis_url if running else "")
    if not url:
        text = "REDIS_URL is not set, and no `tallyman up`, which brings a Valkey, runs here"
        return [Remark(Level.ERROR, "redis", text)]
    try:
        redis = connect(url)
        try:
            promise = await inspect(redis)
        finally:
            await redis.aclose()
    except (ConfigurationError, StoreUnavailableError) as error:
        return [Remark(Level.ERROR, "redis", str(error))]
    return [Remark(finding.level, "redis", finding.text) for finding in promise.findings]


def _on_cofactr(environment: Mapping[str, str], running: Running | None) -> Remark:
    if environment.get("COFACTR_API_KEY"):
        return Remark(Level.OK, "cofactr", "COFACTR_API_KEY is set")
    if running is not None and running.sandbox_url:
        return Remark(Level.OK, "cofactr", f"the sandbox at {running.sandbox_url} stands in")
    text = "COFACTR_API_KEY is not set, so nothing can be sent to Cofactr"
    return Remark(Level.ERROR, "cofactr", text)


def _on_admin_token(environment: Mapping[str, str], running: Running | None) -> Remark:
    about = "admin token"
    if environment.get("TALLYMAN_ADMIN_TOKEN"):
        return Remark(Level.OK, about, "TALLYMAN_ADMIN_TOKEN is set")
    if running is not None:
        return Remark(Level.OK, about, "`tallyman up` made one")
    text = "TALLYMAN_ADMIN_TOKEN is not set, so nobody administers"
    return Remark(Level.WARNING, about, text)
