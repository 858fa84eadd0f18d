"""Every sender that Tallyman understands: one module of this folder each, found by walking it.

A module's one public name is `SOURCE`. A module that cannot be imported, has no `SOURCE`, or whose
`SOURCE.name` is not the module's name stops start-up: a sender never vanishes quietly.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from purchasing.answers import Answer, Receipt
from purchasing.configuration import SourceSettings
from purchasing.errors import ConfigurationError
from purchasing.notification import Notification
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading


@runtime_checkable
class Source(Protocol):
    """How one sender's notifications are verified, told apart and read.

    Implementations hold no state: everything they need is passed in.
    """

    @property
    def name(self) -> str:
        """The format's name in `tallyman.toml`, and the name of the module."""

    @property
    def title(self) -> str:
        """The sender's name as people write it."""

    @property
    def authenticity(self) -> str:
        """How the sender proves itself, in a few words for people."""

    @property
    def strength(self) -> Strength:
        """How much that proves, which decides what `tallyman check` advises."""

    @property
    def codes(self) -> str:
        """How complete the table of the sender's codes is, in a few words for people."""

    @property
    def is_posted_to_webhooks(self) -> bool:
        """Whether the sender posts to `/webhooks/{source}`, and so may be configured."""

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Prove that the sender sent these bytes; called before anything else is read.

        Raises:
            UnauthenticatedError: It is not proven.
        """

    def delivery_key(self, notification: Notification) -> str:
        """What stays the same when the sender repeats itself; any bytes at all have one."""

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """What the sender is told once its notification is durable."""

    def read(self, notification: Notification) -> Reading:
        """Say what an authentic notification means.

        Raises:
            MalformedError: It is not what this sender sends.
            UnsupportedError: It is of a kind that causes nothing.
        """

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """The headers with which the sender would post this body: for trials and tests.

        They are made with the newest of the secrets, of which there is at least one.
        """


@runtime_checkable
class Configurable(Protocol):
    """A format whose reading is written down in the configuration of each source."""

    def configured(self, settings: SourceSettings) -> Source:
        """The source that these settings describe."""


def configured(source: Source, settings: SourceSettings) -> Source:
    """A format as a source of it is configured; most formats are the same for all."""
    return source.configured(settings) if isinstance(source, Configurable) else source


def discover(package: str, path: Sequence[str]) -> Mapping[str, Source]:
    """Find the sources in a package; tests may pass one of their own.

    Raises:
        ConfigurationError: A module is defective; the text names it.
    """
    found: dict[str, Source] = {}
    for module_info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        name = module_info.name
        try:
            module = importlib.import_module(f"{package}.{name}")
        except Exception as error:
            message = f"The source {name} cannot be loaded: {type(error).__name__}: {error}."
            raise ConfigurationError(message) from error
        source = getattr(module, "SOURCE", None)
        if isinstance(source, type) or not isinstance(source, Source):
            message = (
                f"The source {name} has no SOURCE that is a Source; see docs/adding-a-source.md."
            )
            raise ConfigurationError(message)
        if source.name != name:
            message = f'The source {name} calls itself "{source.name}"; the two must be the same.'
            raise ConfigurationError(message)
        found[name] = source
    return MappingProxyType(found)


def all_sources() -> Mapping[str, Source]:
    """Every source of this installation, by its format's name."""
    return discover(__name__, __path__)


def webhook_formats(sources: Mapping[str, Source]) -> frozenset[str]:
    """The formats that `[sources.NAME]` may name."""
    return frozenset(name for name, source in sources.items() if source.is_posted_to_webhooks)
