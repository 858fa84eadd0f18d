"""`/v1/orders`: the order book, kept by internal services and by the administrator."""

from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from purchasing.errors import InvalidFieldsError
from purchasing.orders import Order, OrderFields
from purchasing.plans import OrderKey
from purchasing.validation import read_fields
from service.bodies import read_body
from service.context import Context
from service.problems import Problem

_LONGEST_NUMBER = 255
# An order of 10,000 lines takes about 4 MiB.
_LARGEST_ORDER = 8 * 1024 * 1024

OrgId = Annotated[
    str | None,
    QueryParameter(
        description="The organisation, where several use it.", pattern=r"^[ -~]{0,255}$"
    ),
]
Find = Annotated[str | None, QueryParameter(description="Any reference of an order, exactly.")]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="At most this many.")]
Cursor = Annotated[str | None, QueryParameter(description="The `next` of the page before.")]


@put(
    "/v1/orders/{po_number:path}",
    summary="Put or replace an order",
    status_code=200,
    request_max_body_size=_LARGEST_ORDER,
)
async def put_order(
    request: Request[Any, Any, State],
    po_number: FromPath[str],
    context: NamedDependency[Context],
    org_id: OrgId = None,
) -> Response[Any]:
    """Put an order; what waited for it goes on."""
    context.access.caller(request)
    number = _po_number(request)
    del po_number
    fields = read_fields(await read_body(request, _LARGEST_ORDER), OrderFields, _faults)
    if org_id:
        if fields.org_id not in (None, org_id):
            raise InvalidFieldsError({"org_id": "differs from the org_id of the address"})
        if not org_id.isprintable():
            # It goes into a header; the `$` of a pattern lets a line's end through.
            raise InvalidFieldsError({"org_id": "must be text that can be seen"})
        fields = msgspec.structs.replace(fields, org_id=org_id)
    order = Order(po_number=number, **msgspec.structs.asdict(fields))
    released = await context.book.put(order)
    stored = await context.book.get(OrderKey(order.org_id or "", number)) or order
    return Response(shown(stored) | {"released": released}, status_code=200)


@get("/v1/orders/{po_number:path}", summary="Show an order")
async def get_order(
    request: Request[Any, Any, State],
    po_number: FromPath[str],
    context: NamedDependency[Context],
    org_id: OrgId = None,
) -> Response[Any]:
    """Show one order, with what was learned of it."""
    context.access.caller(request)
    del po_number
    return Response(shown(await _the_order(_po_number(request), org_id, context)))


@delete("/v1/orders/{po_number:path}", summary="Take an order out", status_code=204)
async def delete_order(
    request: Request[Any, Any, State],
    po_number: FromPath[str],
    context: NamedDependency[Context],
    org_id: OrgId = None,
) -> None:
    """Take an order out of the book, with what was learned of it."""
    context.access.caller(request)
    del po_number
    order = await _the_order(_po_number(request), org_id, context)
    await context.book.delete(OrderKey(order.org_id or "", order.po_number))


@get("/v1/orders", summary="List orders")
async def list_orders(
    request: Request[Any, Any, State],
    context: NamedDependency[Context],
    find: Find = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Any]:
    """List orders by organisation and number."""
    context.access.caller(request)
    orders, following = await context.book.page(find=find, limit=limit, cursor=cursor)
    return Response({"items": [shown(order) for order in orders], "next": following})


def shown(order: Order) -> dict[str, Any]:
    """An order in the shape in which it was put."""
    built: dict[str, Any] = msgspec.to_builtins(order)
    return built


async def _the_order(number: str, org_id: str | None, context: Context) -> Order:
    if org_id is not None:
        order = await context.book.get(OrderKey(org_id, number))
        if order is not None:
            return order
        raise Problem("not-found", f"No order {number} of {org_id} is in the order book.")
    orders = await context.book.by_po_number(number)
    if len(orders) > 1:
        named = ", ".join(order.org_id or "none" for order in orders)
        detail = f"Order {number} is there for several organisations ({named}); add ?org_id=."
        raise Problem("bad-request", detail)
    if not orders:
        raise Problem("not-found", f"No order {number} is in the order book.")
    return orders[0]


def _po_number(request: Request[Any, Any, State]) -> str:
    """The number as the caller wrote it: a `%2F` in it is a slash of the number."""
    raw = request.scope.get("raw_path", b"") or request.scope["path"].encode()
    written = raw.decode("latin-1").split("?")[0].removeprefix("/v1/orders/")
    # A slash behind an address means the same address.
    number = unquote(written.rstrip("/")).strip()
    if not 0 < len(number) <= _LONGEST_NUMBER:
        raise InvalidFieldsError({"po_number": "must have 1 to 255 characters"})
    return number


def _faults(fields: OrderFields, bad: Collection[str]) -> dict[str, str]:
    del bad  # A list that cannot be read is empty here, and names nothing twice.
    faults: dict[str, str] = {}
    lines = [line.purchase_line for line in fields.lines]
    if len(set(lines)) != len(lines):
        faults["lines"] = "must not name a purchase_line twice"
    for place, line in enumerate(fields.lines):
        if line.unit_price is not None and not line.unit_price.is_finite():
            faults[f"lines[{place}].unit_price"] = "must be a number"
    no_part = [line.id for line in fields.no_part_lines]
    if len(set(no_part)) != len(no_part):
        faults["no_part_lines"] = "must not name an id twice"
    return faults
