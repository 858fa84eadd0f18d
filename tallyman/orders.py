"""`tallyman orders`: the order book, from files and on the screen."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from tallyman.client import Service, administered
from tallyman.errors import CommandError
from tallyman.files import read_file
from tallyman.orderfile import Entry, order_path, read_orders
from tallyman.output import complain, harmless, say, table

_AT_ONCE = 16

Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=500))]


def import_orders(file: str, /) -> None:
    """Put the orders of a file into the order book; each replaces the order of its number.

    Nothing is put if anything in the file is wrong.

    Args:
        file: A .json with one order, a list of them, or a mapping of PO numbers to them; or a .csv
            with one line per row.
    """
    entries = read_orders(file, read_file(file))
    refused = 0
    # Several at once, because the service waits for the disk before it answers.
    with administered(os.environ) as service, ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda entry: _put(entry, service), entries)
        for entry, answer in zip(entries, answers, strict=True):
            if isinstance(answer, CommandError):
                complain(f"{entry.po_number}: {answer}")
                refused += 1
            else:
                _tell(entry, answer)
    if refused:
        message = f"{refused} of {len(entries)} orders were refused."
        raise CommandError(message)


def _put(entry: Entry, service: Service) -> Any | CommandError:
    try:
        return service.put(entry.path, entry.body)
    except CommandError as error:
        return error


def _tell(entry: Entry, order: Mapping[str, Any]) -> None:
    lines, no_part_lines = len(order.get("lines", ())), len(order.get("no_part_lines", ()))
    released = len(order.get("released", ()))
    goes_on = f"; {_count(released, 'held notification')} can go on" if released else ""
    what = f"{_count(lines, 'line')} and {_count(no_part_lines, 'NoPart line')}"
    say(f"{harmless(entry.po_number)}: {what}{goes_on}")


def show(po_number: str, /, *, org_id: str | None = None, json: bool = False) -> None:
    """Show one order, with what was learned of it.

    Args:
        po_number: The number of the purchase order.
        org_id: The organisation, where several use the number.
        json: Print the service's answer as it is.
    """
    with administered(os.environ) as service:
        params = {"org_id": org_id} if org_id is not None else None
        answer = service.ask("GET", order_path(po_number), params=params)
        if json:
            say(answer.text)
            return
        _show(answer.json())


def _show(order: Mapping[str, Any]) -> None:
    for name in ("po_number", "purchase_order", "org_id", "supplier", "currency"):
        if order.get(name):
            say(f"{name:<15} {harmless(order[name])}")
    if order.get("references"):
        say(f"references      {harmless(', '.join(order['references']))}")
    for title, names in (
        (
            "lines",
            (
                "line_number",
                "part_number",
                "manufacturer_part_number",
                "quantity",
                "unit_price",
                "promised_delivery_on",
                "tracking_numbers",
                "purchase_line",
            ),
        ),
        ("no_part_lines", ("charge", "description", "id")),
    ):
        if order.get(title):
            say()
            heads = [name.replace("_", " ") for name in names]
            table(heads, ([line.get(name) for name in names] for line in order[title]))


def list_orders(
    *, find: str | None = None, limit: Limit = 50, cursor: str | None = None, json: bool = False
) -> None:
    """List the orders of the order book.

    Args:
        find: Only those with this reference: PO number, supplier's number, tracking number, line.
        limit: At most this many.
        cursor: Where to go on, as the page before says.
        json: Print the service's answer as it is.
    """
    params = {"find": find, "limit": limit, "cursor": cursor}
    given = {name: value for name, value in params.items() if value is not None}
    with administered(os.environ) as service:
        answer = service.ask("GET", "/v1/orders", params=given)
        if json:
            say(answer.text)
            return
        page = answer.json()
    if not page["items"]:
        say("No order is there." if find is None else "No order has this reference.")
        return
    table(("PO number", "org", "supplier", "references", "lines"), map(_row, page["items"]))
    if page["next"] is not None:
        say(f"There are more: --cursor {harmless(page['next'])}")


def _row(order: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        order["po_number"],
        order.get("org_id"),
        order.get("supplier"),
        order.get("references"),
        len(order.get("lines", ())),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
