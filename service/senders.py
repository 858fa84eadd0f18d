"""The configured sources, each with what its format offers looked up once."""

from collections.abc import Mapping

import msgspec

from purchasing.configuration import Configuration, SourceSettings
from purchasing.handshakes import CallsBack, HidesSecrets, IssuesTokens, Refuses
from purchasing.sources import Source, configured


class Sender(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One sender as it is configured.

    Whether a format has a protocol takes microseconds to ask, and there are thousands of requests
    a second: it is known here, as the format itself or None.
    """

    settings: SourceSettings
    format: Source
    hides_secrets: HidesSecrets | None
    refuses: Refuses | None
    calls_back: CallsBack | None
    issues_tokens: IssuesTokens | None
    confidential: tuple[str, ...]


def senders_of(configuration: Configuration, sources: Mapping[str, Source]) -> Mapping[str, Sender]:
    """Every configured sender, by the source's name."""
    return {
        name: _sender(settings, configured(sources[settings.format], settings))
        for name, settings in configuration.sources.items()
    }


def _sender(settings: SourceSettings, format_: Source) -> Sender:
    return Sender(
        settings=settings,
        format=format_,
        hides_secrets=format_ if isinstance(format_, HidesSecrets) else None,
        refuses=format_ if isinstance(format_, Refuses) else None,
        calls_back=format_ if isinstance(format_, CallsBack) else None,
        issues_tokens=format_ if isinstance(format_, IssuesTokens) else None,
        confidential=settings.confidential,
    )
