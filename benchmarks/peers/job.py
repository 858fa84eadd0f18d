"""The work itself, as a plain function: read, match, plan, note the intent, call, note the outcome.

The judgement is Tallyman's own, from `purchasing`; the order book is read from the same keys. The
clients are made once, when the module is imported, and keep their connections.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import httpx
import msgspec
from redis import Redis

from benchmarks.notifications import SECRET
from purchasing.configuration import SourceSettings
from purchasing.errors import UnauthenticatedError
from purchasing.matching import Found, lookups_of_update, match
from purchasing.notification import Notification
from purchasing.orders import Lookup, Order
from purchasing.planning import plan, shipments_for
from purchasing.plans import Known, ShipmentKey, Terms
from purchasing.shipments import Shipment
from purchasing.sources.easypost import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Finding
from store import keys
from store.book import VERSION_BYTES

REDIS_URL = os.environ["REDIS_URL"]

_SETTINGS = SourceSettings(format="easypost", secrets=(SECRET,), timestamp_tolerance_seconds=86_400)
_REDIS = Redis.from_url(REDIS_URL)
_CLIENT = httpx.Client(
    base_url=os.environ.get("COFACTR_BASE_URL", ""),
    headers={"Authorization": "Api-Key benchmark", "Content-Type": "application/json"},
    timeout=10.0,
    trust_env=False,
)
_ENCODER = msgspec.json.Encoder()
_NAMES = msgspec.msgpack.Decoder(list[str])
_ORDER = msgspec.msgpack.Decoder(Order)
_SHIPMENT = msgspec.json.Decoder(Shipment)


def notification(posted: bytes, headers: dict[str, str], path: str) -> Notification:
    """What was posted, as the functions of the core take it."""
    return Notification(
        id="",
        source="easypost",
        format="easypost",
        received_at=datetime.now(UTC),
        body=posted,
        headers=headers,
        path=path,
    )


def is_authentic(posted: bytes, headers: dict[str, str], path: str) -> bool:
    """Whether EasyPost signed it."""
    it = notification(posted, headers, path)
    try:
        SOURCE.authenticate(it, Trust(settings=_SETTINGS), it.received_at)
    except UnauthenticatedError:
        return False
    return True


def translate(posted: bytes, headers: dict[str, str]) -> None:
    """Translate one notification into calls to Cofactr."""
    it = notification(posted, headers, "/webhooks/easypost")
    terms = Terms(
        notification=it.id,
        source=it.source,
        settings=_SETTINGS,
        rules=(),
        received_at=it.received_at,
    )
    for update in SOURCE.read(it).updates:
        goods = match(update, _found(lookups_of_update(update)), _SETTINGS)
        if isinstance(goods, Finding):
            raise LookupError(goods.detail)  # noqa: TRY004  # nothing is wrong with its type
        places = shipments_for(update, goods)
        planned = plan(update, goods, Known(shipments=_shipments(places)), terms)
        written = {
            f"shipment:{place}": _ENCODER.encode(shipment)
            for place, shipment in planned.shipments.items()
        }
        for command in planned.part.commands:
            _REDIS.mset({f"ledger:{command.key}": b"sending", **written})
            _CLIENT.post(
                "/v1/purchase_events/", content=_ENCODER.encode(command.body)
            ).raise_for_status()
            _REDIS.set(f"ledger:{command.key}", b"done")


def nothing() -> None:
    """Do nothing at all."""


def _get(names: list[str]) -> Sequence[bytes | None]:
    return cast("Sequence[bytes | None]", _REDIS.mget(names)) if names else ()


def _found(lookups: tuple[Lookup, ...]) -> Found:
    stored = _get([keys.lookup(lookup) for lookup in lookups])
    names = [_NAMES.decode(value[VERSION_BYTES:]) if value else [] for value in stored]
    wanted = sorted({name for each in names for name in each})
    values = _get([keys.order(keys.order_key(name)) for name in wanted])
    orders = {
        name: _ORDER.decode(value[VERSION_BYTES:])
        for name, value in zip(wanted, values, strict=True)
        if value
    }
    return Found(
        {
            lookup: tuple(orders[name] for name in each if name in orders)
            for lookup, each in zip(lookups, names, strict=True)
        }
    )


def _shipments(places: tuple[ShipmentKey, ...]) -> dict[ShipmentKey, Shipment]:
    values = _get([f"shipment:{place}" for place in places])
    return {
        place: _SHIPMENT.decode(value) for place, value in zip(places, values, strict=True) if value
    }
