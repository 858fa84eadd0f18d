"""What `tallyman up` runs where nothing is configured: a source, a few orders, a notification.

The orders and the notification are written as of one day, and moved to the day of their use.
"""

import importlib.resources
import re
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import msgspec

from tallyman.client import Service
from tallyman.data import DataDirectory
from tallyman.orderfile import read_orders

_WRITTEN_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The moment as of which the files beside this module are written."""

_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")

# Told later, a carrier's news would be too old to tell anybody; kept for a while, sending the same
# file again after a restart shows that a repetition is known as one.
_FRESH_SECONDS = 24 * 3600

_SECRET_BYTES = 24

_CONFIGURATION = """\
# Made by `tallyman up`, because there is no tallyman.toml here and TALLYMAN_CONFIG is not set.
# It is a demonstration: its secrets were made up on this machine. It is not written a second time.

[internal.tokens]
erp = "{erp}"

[sources.easypost]
format = "easypost"
secrets = ["{easypost}"]
"""


def write_configuration(data: DataDirectory) -> Path:
    """Write the configuration, with secrets of its own, unless it is there."""
    path = data.path / "demonstration.toml"
    if not path.exists():
        text = _CONFIGURATION.format(
            erp=token_urlsafe(_SECRET_BYTES), easypost=token_urlsafe(_SECRET_BYTES)
        )
        data.write(path.name, text.encode())
    return path


def write_notification(data: DataDirectory, now: datetime) -> Path:
    """Write the notification, as EasyPost would send it now, unless a fresh one is there."""
    path = data.path / "easypost_in_transit.json"
    if path.exists() and time.time() - path.stat().st_mtime < _FRESH_SECONDS:
        return path
    event = _read(path.name, now) | {"id": f"evt_{token_hex(16)}"}
    return data.write(path.name, msgspec.json.encode(event))


def import_orders(service: Service, now: datetime) -> None:
    """Put those orders that are not there into the order book."""
    for entry in read_orders("orders.json", msgspec.json.encode(_read("orders.json", now))):
        found = service.document("GET", "/v1/orders", params={"find": entry.po_number})
        if not found["items"]:
            service.put(entry.path, entry.body)


def _read(name: str, now: datetime) -> Any:
    text = importlib.resources.files(__name__).joinpath(name).read_bytes()
    whole_days = timedelta(days=(now - _WRITTEN_AT).days)
    return _moved(msgspec.json.decode(text), now - _WRITTEN_AT, whole_days)


def _moved(value: Any, by: timedelta, by_days: timedelta) -> Any:
    """A document with every date and every time in it moved on."""
    match value:
        case dict():
            return {key: _moved(item, by, by_days) for key, item in value.items()}
        case list():
            return [_moved(item, by, by_days) for item in value]
        case str() if _INSTANT.match(value):
            moved = (datetime.fromisoformat(value) + by).replace(microsecond=0)
            return moved.strftime("%Y-%m-%dT%H:%M:%SZ")
        case str() if _DATE.match(value):
            return (date.fromisoformat(value) + by_days).isoformat()
        case _:
            return value
