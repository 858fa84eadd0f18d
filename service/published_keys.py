"""The public keys that senders publish: fetched outside the requests' way, kept, and rotated."""

import asyncio
import math
from collections.abc import Mapping

import httpx
import structlog

from purchasing.configuration import Configuration, SourceSettings
from purchasing.errors import MalformedError
from purchasing.handshakes import PublishesKeys
from purchasing.keysets import PublicKey, read_key_set
from purchasing.sources import Source
from purchasing.telemetry import Log
from purchasing.trust import Trust
from service.outside import Outside
from store.environment import keys_in_file

_LOG = structlog.get_logger()

# Keys are rotated in months; an hour is soon enough to forget one that was withdrawn.
_REFRESH_SECONDS = 3600.0
# Anybody can name a key that does not exist: that may cost the sender one fetch a minute.
_REFETCH_SECONDS = 60.0
_LARGEST_SET = 256 * 1024


class PublishedKeys:
    """Knows the keys of every configured source whose sender publishes some.

    `refetch_seconds` is how long an unknown key costs the sender no further fetch.
    """

    def __init__(
        self,
        configuration: Configuration,
        sources: Mapping[str, Source],
        outside: Outside,
        *,
        refetch_seconds: float = _REFETCH_SECONDS,
    ) -> None:
        self._outside = outside
        self._refetch_seconds = refetch_seconds
        self._urls: dict[str, str] = {}
        self._keys: dict[str, Mapping[str, PublicKey]] = {}
        self._fetched_at: dict[str, float] = {}
        self._wanted = asyncio.Event()
        for name, settings in configuration.sources.items():
            format_ = sources[settings.format]
            if settings.keys_file is not None:
                self._keys[name] = keys_in_file(settings.keys_file)
            elif isinstance(format_, PublishesKeys) and not settings.unauthenticated:
                self._urls[name] = format_.keys_url

    def trust(self, source: str, settings: SourceSettings) -> Trust:
        """What a source's notifications are verified with now."""
        return Trust(settings=settings, keys=self._keys.get(source, {}))

    def is_worth_waiting(self, source: str) -> bool:
        """Whether a key that is not known may be known soon; it is looked for from now on."""
        if source not in self._urls:
            return False
        now = asyncio.get_running_loop().time()
        if now - self._fetched_at.get(source, -math.inf) < self._refetch_seconds:
            # What was fetched just now does not have it; without any set, only trying again helps.
            return source not in self._keys
        self._wanted.set()
        return True

    async def run(self) -> None:
        """Fetch every set now, every hour, and when an unknown key is named, until cancelled."""
        while self._urls:
            self._wanted.clear()
            await asyncio.gather(*(self._fetch(source) for source in self._urls))
            has_all = all(source in self._keys for source in self._urls)
            delay = _REFRESH_SECONDS if has_all else self._refetch_seconds
            try:
                await asyncio.wait_for(self._wanted.wait(), delay)
            except TimeoutError:
                continue

    async def _fetch(self, source: str) -> None:
        url = self._urls[source]
        self._fetched_at[source] = asyncio.get_running_loop().time()
        try:
            document = await self._outside.get(url, _LARGEST_SET)
            keys = read_key_set(document)
        except (httpx.HTTPError, MalformedError) as error:
            # The keys that are known stay: a sender that is away withdraws nothing.
            _LOG.warning(Log.KEYS_NOT_FETCHED, source=source, url=url, error=str(error))
            return
        if keys.keys() != self._keys.get(source, {}).keys():
            _LOG.info(Log.KEYS_FETCHED, source=source, url=url, keys=sorted(keys))
        self._keys[source] = keys
