"""The order book: what is put comes back, and is found by every name it has."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from purchasing.configuration import Durability
from purchasing.orders import (
    Charge,
    Learned,
    Lookup,
    NoPartLine,
    Order,
    OrderLine,
    by_line,
    by_po_number,
    by_tracking_number,
    lookups_of,
)
from purchasing.plans import OrderKey
from store import keys
from store.book import OrderBook, versioned
from store.client import Client
from store.connection import connect
from store.durability import Durable
from tests.running import Valkey
from tests.test_store.queueing import acceptance, clock, decided, notification, queue

ORGS = st.from_regex(r"\A[!-~]([ -~]{0,20}[!-~])?\Z")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)
DATES = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
LINES = st.builds(
    OrderLine,
    purchase_line=st.uuids(),
    line_number=st.none() | NAMES,
    part_number=st.none() | NAMES,
    manufacturer_part_number=st.none() | NAMES,
    supplier_part_number=st.none() | NAMES,
    quantity=st.none() | st.integers(0, 2**31 - 1),
    unit_price=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    promised_ship_on=DATES,
    promised_delivery_on=DATES,
    tracking_numbers=st.lists(NAMES, max_size=3, unique=True).map(tuple),
)
ORDERS = st.builds(
    Order,
    po_number=NAMES,
    purchase_order=st.uuids(),
    org_id=st.none() | ORGS,
    supplier=st.none() | NAMES,
    currency=st.none() | st.just("USD"),
    references=st.lists(NAMES, max_size=3).map(tuple),
    lines=st.lists(LINES, max_size=4, unique_by=lambda line: line.purchase_line).map(tuple),
    no_part_lines=st.lists(
        st.builds(NoPartLine, id=st.uuids(), charge=st.sampled_from(Charge)), max_size=2
    ).map(tuple),
)

bounded = settings(suppress_health_check=[HealthCheck.too_slow])


def order(po_number: str = "PO-1", *numbers: str, **more: Any) -> Order:
    """An order whose one line travels under some numbers."""
    line = OrderLine(purchase_line=uuid4(), tracking_numbers=numbers)
    fields: dict[str, Any] = {"purchase_order": uuid4(), "lines": (line,)}
    return Order(po_number=po_number, **fields | more)


def key_of(an_order: Order) -> OrderKey:
    """How an order is known."""
    return OrderKey(an_order.org_id or "", an_order.po_number)


async def found(book: OrderBook, lookup: Lookup) -> list[str]:
    """The PO numbers that a reference leads to."""
    look = await book.look([lookup])
    return [each.po_number for each in look.found.by(lookup)]


def with_a_book(server: Valkey, test: Callable[[OrderBook], Coroutine[Any, Any, None]]) -> None:
    """Run a test on an empty book."""
    server.redis.flushall()

    async def run() -> None:
        client = connect(server.url)
        try:
            await test(OrderBook(client, clock, Durable(client, Durability())))
        finally:
            await client.aclose()

    asyncio.run(run())


@given(first=ORDERS, second=ORDERS)
@bounded
def test_an_order_comes_back_as_it_was_put(server: Valkey, first: Order, second: Order) -> None:
    """Any order comes back by its key, and by every reference of it."""

    async def test(book: OrderBook) -> None:
        for each in (first, second):
            assert await book.put(each) == []
            assert await book.get(key_of(each)) == each
        for each in (second, first) if key_of(first) != key_of(second) else (second,):
            for lookup in lookups_of(each):
                assert each.po_number in await found(book, lookup)
            assert each in await book.by_po_number(each.po_number)

    with_a_book(server, test)


@given(puts=st.lists(ORDERS, min_size=1, max_size=4), last=ORDERS)
@bounded
def test_only_what_an_order_says_now_leads_to_it(
    server: Valkey, puts: list[Order], last: Order
) -> None:
    """However often an order is replaced, exactly the references of the last one lead to it."""

    async def test(book: OrderBook) -> None:
        for each in puts:
            await book.put(Order(**_fields(each) | _name(last)))
        await book.put(last)
        wanted = {keys.lookup(lookup).encode() for lookup in lookups_of(last)}
        assert set(server.redis.keys("tallyman:lookup:*")) == wanted

        assert await book.delete(key_of(last))
        assert not server.redis.keys("tallyman:lookup:*")
        assert not server.redis.keys("tallyman:order*")
        assert not await book.delete(key_of(last))

    with_a_book(server, test)


def _fields(an_order: Order) -> dict[str, Any]:
    return {name: getattr(an_order, name) for name in an_order.__struct_fields__}


def _name(an_order: Order) -> dict[str, Any]:
    return {"po_number": an_order.po_number, "org_id": an_order.org_id}


async def test_an_order_of_many_lines_is_kept(client: Client) -> None:
    """An order of ten thousand lines is put and found."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    lines = tuple(
        OrderLine(purchase_line=UUID(int=number), unit_price=Decimal("0.01"))
        for number in range(1, 10_001)
    )

    await book.put(order(lines=lines))

    assert await found(book, by_line(UUID(int=7000))) == ["PO-1"]


async def test_what_was_learned_outlives_a_put(client: Client, redis: Any) -> None:
    """Tracking numbers that notices told stay with their lines, and lead to the order."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    known = order("PO-1", "1ZOWN")
    await book.put(known)
    learn(redis, known, "1ZLEARNED")

    await book.put(known)
    kept = await book.get(key_of(known))

    assert kept is not None
    assert kept.lines[0].tracking_numbers == ("1ZOWN", "1ZLEARNED")
    for number in ("1ZOWN", "1zlearned"):
        assert await found(book, by_tracking_number(number)) == ["PO-1"]


async def test_what_was_learned_of_a_line_goes_with_the_line(client: Client, redis: Any) -> None:
    """A line that an order no longer has is not found by what was learned of it."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    known = order("PO-1")
    await book.put(known)
    learn(redis, known, "1ZLEARNED")
    await book.put(known)

    await book.put(order("PO-1", purchase_order=known.purchase_order))

    assert await found(book, by_tracking_number("1ZLEARNED")) == []


async def test_a_deleted_order_forgets_what_was_learned(client: Client, redis: Any) -> None:
    """An order that is deleted and put again begins anew."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    known = order("PO-1")
    await book.put(known)
    learn(redis, known, "1ZLEARNED")

    await book.delete(key_of(known))
    await book.put(known)

    assert await book.get(key_of(known)) == known
    assert await found(book, by_tracking_number("1ZLEARNED")) == []


def learn(redis: Any, known: Order, number: str) -> None:
    """Write what a notice tells, as a decision does."""
    learned = Learned().with_tracking_number(number, known.lines)
    value = versioned(msgspec.msgpack.encode(learned))
    redis.set(keys.learned(key_of(known)), value)


async def test_of_puts_at_the_same_time_one_is_last(client: Client, redis: Any) -> None:
    """Puts of one order that race end with one of them, whole, and with its references only."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    versions = [order("PO-1", f"1Z{number}") for number in range(12)]

    await asyncio.gather(*(book.put(each) for each in versions))

    kept = await book.get(OrderKey("", "PO-1"))
    assert kept in versions
    wanted = {keys.lookup(lookup).encode() for lookup in lookups_of(kept)}
    assert set(redis.keys("tallyman:lookup:*")) == wanted


async def test_orders_that_share_a_reference_keep_it_until_the_last(client: Client) -> None:
    """A reference leads to all orders that have it, and to the rest when one of them goes."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    names = [f"PO-{number}" for number in range(8)]
    await asyncio.gather(*(book.put(order(name, "1ZSHARED")) for name in names))
    assert await found(book, by_tracking_number("1ZSHARED")) == names

    await asyncio.gather(*(book.delete(OrderKey("", name)) for name in names[:-1]))

    assert await found(book, by_tracking_number("1ZSHARED")) == names[-1:]


async def test_a_put_lets_go_on_what_waited_in_its_order(client: Client, redis: Any) -> None:
    """What waited for a reference of an order goes back into the queue, oldest first, and once."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    ids = await held(client, [by_po_number("PO-1"), by_tracking_number("1Z1")], 5)

    released = await book.put(order("PO-1", "1Z1"))
    again = await book.put(order("PO-1", "1Z1"))

    assert released == ids
    assert again == []
    assert redis.lrange("rq:queue:tallyman", 0, -1) == [each.encode() for each in ids]
    assert redis.zrange(keys.index("erp", "queued"), 0, -1) == [each.encode() for each in ids]
    assert not redis.keys("tallyman:waiting:*")


async def held(client: Client, on: Iterable[Lookup], count: int) -> list[str]:
    """Take in notifications and hold them, the newest first."""
    accepting, worker = acceptance(client), queue(client, "one")
    running = asyncio.create_task(accepting.run())
    taken = [notification(number) for number in range(count)]
    for each in taken:
        await accepting.accept(each, key=each.id, digest="", dedupe_days=1)
    running.cancel()
    await asyncio.wait({running})
    jobs = await worker.claim(100)
    assert isinstance(jobs, list)
    waits = tuple(keys.waiting(lookup) for lookup in on)
    await worker.commit([decided(job, waits=waits, has_held=True) for job in reversed(jobs)])
    return [each.id for each in taken]


async def test_a_delete_lets_nothing_go_on(client: Client, redis: Any) -> None:
    """Taking an order out answers nobody who waits."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    await book.put(order("PO-1"))
    await held(client, [by_po_number("PO-1")], 1)

    await book.delete(OrderKey("", "PO-1"))

    assert redis.llen("rq:queue:tallyman") == 0
    assert len(redis.keys("tallyman:waiting:*")) == 1


async def test_orders_are_listed_page_by_page(client: Client) -> None:
    """Pages of orders follow one another, and end."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    names = {f"PO {number:03}/é" for number in range(23)}
    for name in names:
        await book.put(order(name))

    seen: list[str] = []
    cursor: str | None = None
    for size in (10, 10, 3):
        page, cursor = await book.page(find=None, limit=10, cursor=cursor)
        assert len(page) == size
        seen += [each.po_number for each in page]

    assert cursor is None
    assert sorted(seen) == sorted(names)
    (only,), nothing = await book.page(find="po 007/É", limit=10, cursor=None)
    assert (only.po_number, nothing) == ("PO 007/é", None)


async def test_a_look_says_what_it_rests_on(client: Client, redis: Any) -> None:
    """Whatever a look looked at is named with its version, also where there was nothing."""
    book = OrderBook(client, clock, Durable(client, Durability()))
    known = order("PO-1", "1Z1")
    await book.put(known)
    there, absent = by_tracking_number("1Z1"), by_tracking_number("1Z2")

    look = await book.look([there, absent])

    assert look.reads == {
        keys.lookup(there): redis.get(keys.lookup(there))[:8],
        keys.lookup(absent): b"",
        keys.order(key_of(known)): redis.get(keys.order(key_of(known)))[:8],
        keys.learned(key_of(known)): b"",
    }
    await book.put(known)
    assert (await book.look([there])).reads[keys.order(key_of(known))] != look.reads[
        keys.order(key_of(known))
    ]
