"""The order book: purchase orders, and the references by which others name them."""

import secrets
from collections.abc import Iterable, Mapping

import msgspec

from purchasing.matching import Found
from purchasing.orders import Learned, Lookup, Order, comparable, lookups_of
from purchasing.plans import OrderKey
from store import keys, scripts
from store.client import Client
from store.connection import translated
from store.durability import Durable
from store.jobs import Clock, job_template

_ENCODER = msgspec.msgpack.Encoder()
_NAMES = msgspec.msgpack.Decoder(list[str])
_ORDER = msgspec.msgpack.Decoder(Order)
_LEARNED = msgspec.msgpack.Decoder(Learned)

VERSION_BYTES = 8
"""Every value that a decision depends on begins with a random version, so that it can be checked
cheaply whether it is still the one that was read."""

_TRIES = 50
_PAGE = 1000


def versioned(value: bytes) -> bytes:
    """A value with a new version in front."""
    return secrets.token_bytes(VERSION_BYTES) + value


def version_of(stored: bytes | None) -> bytes:
    """The version of a stored value; empty where there is none."""
    return stored[:VERSION_BYTES] if stored else b""


class Look(msgspec.Struct, frozen=True):
    """What the order book answered, and the version of everything it looked at.

    `withdrawn` are the notifications whose invoices no longer count.
    """

    found: Found
    learned: Mapping[OrderKey, Learned]
    names: Mapping[Lookup, tuple[str, ...]]
    reads: Mapping[str, bytes]
    withdrawn: frozenset[str]


class OrderBook:
    """The orders of one Redis."""

    def __init__(self, redis: Client, clock: Clock, durable: Durable) -> None:
        self._redis = redis
        self._clock = clock
        self._durable = durable

    async def put(self, order: Order) -> list[str]:
        """Put or replace an order; returns the ids of held notifications that go on."""
        return await self._change(OrderKey(order.org_id or "", order.po_number), order) or []

    async def delete(self, key: OrderKey) -> bool:
        """Take an order out, with what was learned of it; False where there is none."""
        return await self._change(key, None) is not None

    async def get(self, key: OrderKey) -> Order | None:
        """An order with what was learned of it."""
        stored, learned = await self._read(key)
        return _joined(stored, learned) if stored else None

    async def by_po_number(self, po_number: str) -> tuple[Order, ...]:
        """The orders of every organisation that have a PO number, as it is written."""
        look = await self.look([Lookup("po", comparable(po_number))])
        orders = (order for found in look.found.orders.values() for order in found)
        return tuple(order for order in orders if order.po_number == po_number)

    async def page(
        self, *, find: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        """Orders by key; `find` matches exactly any reference of an order."""
        if find is not None:
            return await self._find(find), None
        start = f"({cursor}" if cursor else "-"
        with translated():
            names = await self._redis.zrangebylex(keys.ORDERS, start, "+", 0, limit + 1)
        wanted = [keys.order_key(name.decode()) for name in names[:limit]]
        orders = [order for key in wanted if (order := await self.get(key))]
        more = len(names) > limit
        return orders, keys.order_name(wanted[-1]) if more else None

    async def look(self, lookups: Iterable[Lookup]) -> Look:
        """Find the orders that references lead to."""
        wanted = tuple(dict.fromkeys(lookups))
        reads: dict[str, bytes] = {}
        stored = await self._get_all([keys.lookup(lookup) for lookup in wanted], reads)
        names = {
            lookup: tuple(_NAMES.decode(value[VERSION_BYTES:])) if value else ()
            for lookup, value in zip(wanted, stored, strict=True)
        }
        order_keys = [
            keys.order_key(name)
            for name in dict.fromkeys(n for found in names.values() for n in found)
        ]
        values = await self._get_all(
            [made(key) for key in order_keys for made in (keys.order, keys.learned)], reads
        )
        orders: dict[str, Order] = {}
        learned: dict[OrderKey, Learned] = {}
        for number, key in enumerate(order_keys):
            order, told = values[2 * number], values[2 * number + 1]
            if order:
                orders[keys.order_name(key)] = _joined(order, told)
            if told:
                learned[key] = _LEARNED.decode(told[VERSION_BYTES:])
        found = {
            lookup: tuple(orders[name] for name in found if name in orders)
            for lookup, found in names.items()
        }
        withdrawn = await self._withdrawn() if any(it.invoices for it in learned.values()) else ()
        return Look(Found(found), learned, names, reads, frozenset(withdrawn))

    async def _find(self, text: str) -> list[Order]:
        wanted = comparable(text)
        look = await self.look(
            [Lookup(kind, wanted) for kind in ("po", "reference", "tracking", "line")]
        )
        orders = {
            (order.org_id, order.po_number): order
            for found in look.found.orders.values()
            for order in found
        }
        return [orders[key] for key in sorted(orders, key=str)]

    async def _get_all(self, names: list[str], reads: dict[str, bytes]) -> list[bytes | None]:
        if not names:
            return []
        with translated():
            values: list[bytes | None] = await self._redis.mget(names)
        reads.update((name, version_of(value)) for name, value in zip(names, values, strict=True))
        return values

    async def _withdrawn(self) -> list[str]:
        with translated():
            return [name.decode() for name in await self._redis.smembers(keys.WITHDRAWN)]

    async def _read(self, key: OrderKey) -> tuple[bytes | None, bytes | None]:
        with translated():
            stored, learned = await self._redis.mget([keys.order(key), keys.learned(key)])
        return stored, learned

    async def _change(self, key: OrderKey, order: Order | None) -> list[str] | None:
        for _ in range(_TRIES):
            stored, learned = await self._read(key)
            if order is None and stored is None:
                return None
            told = _LEARNED.decode(learned[VERSION_BYTES:]) if learned else Learned()
            before = lookups_of(_joined(stored, learned)) if stored else frozenset()
            after = lookups_of(order.with_learned(told)) if order else frozenset()
            answer = await self._durable.run(
                "put_order",
                {
                    "order": keys.order_name(key),
                    "value": scripts.blob(_ENCODER.encode(order) if order else b""),
                    "add": sorted(keys.lookup_name(lookup) for lookup in after),
                    "remove": sorted(keys.lookup_name(lookup) for lookup in before - after),
                    "version": scripts.blob(secrets.token_bytes(VERSION_BYTES)),
                    "expected": scripts.blob(version_of(stored)),
                    "learned": scripts.blob(version_of(learned)),
                    "job": job_template(self._clock()),
                },
            )
            if answer[0] == b"put":
                return [released.decode() for released in (answer[1] if order else [])]
        message = f"order {key.po_number} was changed by others {_TRIES} times while it was put"
        raise RuntimeError(message)


def _joined(stored: bytes, learned: bytes | None) -> Order:
    order = _ORDER.decode(stored[VERSION_BYTES:])
    if not learned:
        return order
    return order.with_learned(_LEARNED.decode(learned[VERSION_BYTES:]))
