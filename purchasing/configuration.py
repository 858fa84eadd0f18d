"""`tallyman.toml` as values: read from text, with the environment's values put in their places."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from purchasing.commands import NEEDS_LEAVE, EventType, OrgId
from purchasing.errors import ConfigurationError
from purchasing.mappings import Mapped, faults_of

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# A source's name is a part of its URL and of Redis keys.
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")

_PATH_TOKEN = re.compile(r"[A-Za-z0-9._-]{16,128}")
# RFC 9110 section 5.1, in lower case and without the rarer signs.
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")

# How msgspec spells the value of any key of a table.
_ANY_KEY = re.compile(r"`\$\.([a-z_.]+)\[\.\.\.\]")

Positive = Annotated[int, Meta(ge=1)]
Hours = Annotated[int, Meta(ge=1, le=24 * 365)]
Days = Annotated[int, Meta(ge=1, le=3650)]
# An HTTP body is held in memory and in Redis: past this, a sender wants another protocol.
_LARGEST_BODY = 64 * 1024 * 1024


class Scans(StrEnum):
    """Which of a carrier's scans are said: those that change something, or all."""

    CHANGES = "changes"
    ALL = "all"


class ThreeWayMatch(StrEnum):
    """What happens to an invoice that bills more than was ordered or shipped."""

    ATTENTION = "attention"
    HOLD = "hold"


class InDoubt(StrEnum):
    """What happens to a call whose outcome is unknown."""

    RESEND = "resend"
    PARK = "park"


class NoPartLinesBody(StrEnum):
    """Whether a NoPart PATCH carries one object, as documented, or an array of them."""

    OBJECT = "object"
    ARRAY = "array"


class Cofactr(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[cofactr]`: how the Platform API is called."""

    org_id: OrgId | None = None
    requests_per_second: Annotated[float, Meta(gt=0)] = 20.0
    max_in_flight: Positive = 64
    timeout_seconds: Annotated[float, Meta(gt=0, le=300)] = 10.0
    no_part_lines_body: NoPartLinesBody = NoPartLinesBody.OBJECT


class Hmac(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`hmac` of a source: a hash over the raw body, for formats that have no proof of their own."""

    header: str
    algorithm: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.NAME]`: one sender, the secrets it signs with, and what it may cause."""

    format: str
    secrets: tuple[str, ...] = ()
    unauthenticated: bool = False
    org_id: OrgId | None = None
    allow: frozenset[EventType] = frozenset()
    suppliers: tuple[str, ...] = ()
    scans: Scans = Scans.CHANGES
    identity: str | None = None
    path_tokens: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    header: str | None = None
    client_id: str | None = None
    api_key: str | None = None
    keys_file: str | None = None
    hmac: Hmac | None = None
    mapped: tuple[Mapped, ...] = ()
    timestamp_tolerance_seconds: Positive = 300
    dedupe_days: Days = 14
    max_body_bytes: Annotated[int, Meta(ge=1, le=_LARGEST_BODY)] = 1_048_576
    stale_after_hours: Hours = 72
    three_way_match: ThreeWayMatch = ThreeWayMatch.ATTENTION

    @property
    def confidential(self) -> tuple[str, ...]:
        """Whatever of these settings must never be stored, logged or shown."""
        return (*self.secrets, *self.path_tokens, *((self.api_key,) if self.api_key else ()))


class AlertRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[alerts]]`: whether people are told, for what matches; the first match decides."""

    send: bool
    reason: str = ""
    source: str | tuple[str, ...] = ()
    event_type: EventType | tuple[EventType, ...] = ()
    supplier: str | tuple[str, ...] = ()


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[retention]`: how long what is over is kept, in days."""

    raw_days: Days = 14
    records_days: Days = 90
    ledger_days: Days = 400


class Durability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[durability]`: how many replicas must have a notification before it is answered.

    `on_disk` says whether they must have it on disk, or only in memory.
    """

    replicas: Annotated[int, Meta(ge=0, le=16)] = 0
    on_disk: bool = True


class Internal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[internal]`: the services that may post events, each with its bearer token."""

    tokens: dict[str, str] = {}


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `tallyman.toml`."""

    cofactr: Cofactr = Cofactr()
    internal: Internal = Internal()
    sources: dict[str, SourceSettings] = {}
    alerts: tuple[AlertRule, ...] = ()
    in_doubt: dict[EventType, InDoubt] = {}
    retention: Retention = Retention()
    durability: Durability = Durability()

    def source(self, name: str) -> SourceSettings | None:
        """The settings of a source by its name; an internal service is a source of its own."""
        if name in self.sources:
            return self.sources[name]
        if name in self.internal.tokens or name == ADMIN:
            return SourceSettings(format="internal")
        return None


PROVEN_AS_AGREED = frozenset({"x12", "edifact", "ubl", "opentrans", "mapped"})
"""The formats that have no proof of their own, so that both sides agree on one."""

ADMIN = "admin"
"""The source name of what the admin token posts."""


def read_configuration(
    text: str, environment: Mapping[str, str], formats: Collection[str], *, file: str
) -> Configuration:
    """Read the text of a `tallyman.toml`; `formats` are those that a source may name.

    Raises:
        ConfigurationError: The text is not TOML, names an unset variable or an unknown key or
            format, or holds an impossible value.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{file} is not valid TOML: {error}."
        raise ConfigurationError(message) from None
    tables = _substituted(tables, environment, where="", file=file)
    _refuse_unknown_keys(tables, Configuration, where="", file=file)
    try:
        configuration = msgspec.convert(tables, Configuration)
    except msgspec.ValidationError as error:
        message = f"{file}: {_plain(str(error), tables)}."
        raise ConfigurationError(message) from None
    for sentence in _faults(configuration, formats):
        message = f"{file}: {sentence}"
        raise ConfigurationError(message)
    return configuration


def _substituted(value: Any, environment: Mapping[str, str], *, where: str, file: str) -> Any:
    if isinstance(value, str):

        def of(match: re.Match[str]) -> str:
            name = match.group(1)
            if not environment.get(name):
                message = f"{file}: {where} needs ${{{name}}}, which is not set in the environment."
                raise ConfigurationError(message)
            if not _is_text(environment[name]):
                message = f"{file}: {where} needs ${{{name}}}, whose value is not valid UTF-8."
                raise ConfigurationError(message)
            return environment[name]

        return _NAME.sub(of, value)
    if isinstance(value, list):
        return [_substituted(item, environment, where=where, file=file) for item in value]
    if isinstance(value, dict):
        return {
            key: _substituted(
                item, environment, where=f"{where}.{key}" if where else key, file=file
            )
            for key, item in value.items()
        }
    return value


def _is_text(value: str) -> bool:
    """Whether a value of the environment was decoded without bytes left over."""
    return not any("\udc80" <= letter <= "\udcff" for letter in value)


def _refuse_unknown_keys(value: Any, kind: Any, *, where: str, file: str) -> None:
    """Walk a table beside the type it should have; an unknown key stops with its neighbours."""
    if isinstance(value, list) and get_origin(kind) is tuple:
        for item in value:
            _refuse_unknown_keys(item, get_args(kind)[0], where=where, file=file)
    if not isinstance(value, dict):
        return
    if get_origin(kind) is dict:
        kinds = dict.fromkeys(value, get_args(kind)[1])
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        kinds = get_type_hints(kind)
    else:
        return
    for key, item in value.items():
        if key not in kinds:
            place = f"[{where}]" if where else "the top level"
            message = f'{file}: {place} has no setting "{key}"; it has {", ".join(sorted(kinds))}.'
            raise ConfigurationError(message)
        inner = f"{where}.{key}" if where else key
        _refuse_unknown_keys(item, kinds[key], where=inner, file=file)


def _plain(error: str, tables: Mapping[str, Any]) -> str:
    """A msgspec message with its path in the notation of the file: `$.cofactr.x` is `cofactr.x`."""
    place = _ANY_KEY.search(error)
    if place is not None:
        error = error.replace("[...]", f".{_culprit(place.group(1).split('.'), tables, error)}")
    return error.replace("`$.", "`")


def _culprit(path: Sequence[str], tables: Mapping[str, Any], error: str) -> str:
    """The key of a table that msgspec calls `[...]`: the one that has the fault by itself."""
    table: Mapping[str, Any] = tables
    for name in path:
        table = table[name]
    faulty = (key for key, value in table.items() if _fault((*path, key), value) == error)
    return next(faulty, "[...]")


def _fault(path: Sequence[str], value: Any) -> str:
    """What msgspec says of a file that has nothing but one value."""
    for name in reversed(path):
        value = {name: value}
    try:
        msgspec.convert(value, Configuration)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _faults(configuration: Configuration, formats: Collection[str]) -> Iterator[str]:
    """What no type can say, as sentences."""
    for name, source in configuration.sources.items():
        yield from (f"[sources.{name}] {fault}" for fault in _source_faults(name, source, formats))
        if name in configuration.internal.tokens or name == ADMIN:
            yield f'"{name}" names a source and an internal service alike; give one another name.'
        days = configuration.retention.ledger_days
        if source.dedupe_days > days:
            yield f"[sources.{name}] dedupe_days is longer than [retention] ledger_days ({days})."
    for name, token in configuration.internal.tokens.items():
        if not _SOURCE_NAME.fullmatch(name) or name == ADMIN:
            yield f'[internal.tokens] "{name}" is no possible name for an internal service.'
        if not token.strip():
            yield f"[internal.tokens] {name} is empty; remove it or set it."
    yield from _alert_faults(configuration)


def _source_faults(name: str, source: SourceSettings, formats: Collection[str]) -> Iterator[str]:
    if not _SOURCE_NAME.fullmatch(name):
        yield 'is no possible name; use a-z, 0-9, "_" and "-", at most 63 of them.'
    if source.format not in formats:
        known = ", ".join(sorted(formats))
        yield f'has the unknown format "{source.format}"; the formats are {known}.'
    if source.unauthenticated and source.secrets:
        yield "has secrets and says unauthenticated = true; remove one."
    if any(not secret.strip() for secret in source.secrets):
        yield "secrets holds an empty secret; remove it or set it."
    yield from _admission_faults(source)
    yield from _agreed_faults(source)
    for needless in sorted(source.allow - NEEDS_LEAVE):
        needful = ", ".join(sorted(NEEDS_LEAVE))
        yield f'allow names "{needless}", which needs no leave; it may name {needful}.'


def _agreed_faults(source: SourceSettings) -> Iterator[str]:
    """What is wrong with what both sides agree on, where the format leaves that open."""
    yield from (fault for mapped in source.mapped for fault in faults_of(mapped))
    if bool(source.mapped) is not (source.format == "mapped"):
        yield 'needs [[mapped]] if its format is "mapped", and has no use for it otherwise.'
    if source.hmac is not None and not _HEADER.fullmatch(source.hmac.header):
        yield f'hmac names the header "{source.hmac.header}", which is no name of a header.'
    if source.hmac is not None and source.format not in PROVEN_AS_AGREED:
        agreed = ", ".join(sorted(PROVEN_AS_AGREED))
        yield f"has hmac, but {source.format} proves itself in its own way; {agreed} may have it."


def _admission_faults(source: SourceSettings) -> Iterator[str]:
    for token in source.path_tokens:
        if not _PATH_TOKEN.fullmatch(token):
            yield (
                "path_tokens holds one that is too short or no part of an address; "
                'use 16 to 128 of A-Z, a-z, 0-9, "_", "." and "-".'
            )
    for network in source.addresses:
        try:
            ip_network(network)
        except ValueError as error:
            yield f'addresses holds "{network}", which is no address or range: {error}.'
    if source.header is not None and not _HEADER.fullmatch(source.header):
        yield f'header is "{source.header}", which is no name of a header.'


def _alert_faults(configuration: Configuration) -> Iterator[str]:
    known = {*configuration.sources, *configuration.internal.tokens, ADMIN}
    for number, rule in enumerate(configuration.alerts, start=1):
        named = (rule.source,) if isinstance(rule.source, str) else rule.source
        for name in named:
            if name not in known:
                yield f'[[alerts]] number {number} names the source "{name}", which is not there.'
