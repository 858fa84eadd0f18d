"""Orders as people keep them: CSV with one line per row, or JSON in the shape of the API."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import Any, get_type_hints
from urllib.parse import quote

import msgspec

from purchasing.orders import Charge, NoPartLine, Order, OrderLine
from tallyman.errors import MisuseError

_ORDER = get_type_hints(Order, include_extras=True)
_LINE = get_type_hints(OrderLine, include_extras=True)
_NO_PART_LINE = get_type_hints(NoPartLine, include_extras=True)

_SHARED_COLUMNS = ("purchase_order", "org_id", "supplier", "currency", "references")
_LINE_COLUMNS = OrderLine.__struct_fields__
_NO_PART_COLUMNS = {"no_part_line": "id", "charge": "charge", "description": "description"}
_COLUMNS = ("po_number", *_SHARED_COLUMNS, *_LINE_COLUMNS, *_NO_PART_COLUMNS)
_NEEDED_COLUMNS = ("po_number", "purchase_order")
_UUID = "a UUID"
_DATE = "a date such as 2026-12-01"
_TEXT = "a text of 1 to 255 characters"
_EXPECTED = {
    "purchase_order": _UUID,
    "purchase_line": _UUID,
    "no_part_line": _UUID,
    "currency": "a currency such as USD",
    "quantity": "a whole number from 0 to 2147483647",
    "unit_price": "an amount such as 0.0125",
    "promised_ship_on": _DATE,
    "promised_delivery_on": _DATE,
    "charge": f"one of {', '.join(Charge)}",
}
_LISTS = frozenset({"references", "tracking_numbers"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a file: its number, and what is put under it."""

    po_number: str
    body: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is put."""
        return order_path(self.po_number)


def order_path(po_number: str) -> str:
    """The address of an order; a slash in its number belongs to the number.

    Raises:
        MisuseError: The number is empty.
    """
    if not po_number.strip():
        message = "The number of an order is needed, and this one is empty."
        raise MisuseError(message)
    return f"/v1/orders/{quote(po_number, safe='')}"


def read_orders(file: str, content: bytes) -> list[Entry]:
    """Read the orders of a file; its name says which kind it is.

    Raises:
        MisuseError: It is of neither kind, or something in it is wrong: the text says where.
    """
    kind = PurePath(file).suffix.lower()
    if kind not in (".csv", ".json"):
        message = f"{file} is neither .csv nor .json."
        raise MisuseError(message)
    try:
        entries = _read_csv(content) if kind == ".csv" else _read_json(content)
        _refuse_twins(entries)
        for entry in entries:
            _refuse_fields(entry)
    except _FaultError as fault:
        message = f"{file}: {fault}."
        raise MisuseError(message) from None
    return entries


def _refuse_fields(entry: Entry) -> None:
    """Refuse what the service would: all of a file is put, or nothing."""
    order = msgspec.json.encode({**entry.body, "po_number": entry.po_number})
    try:
        msgspec.json.decode(order, type=Order)
    except msgspec.ValidationError as error:
        message = f'order "{entry.po_number[:80]}": {error}'
        raise _FaultError(message) from None


class _FaultError(Exception):
    """What is wrong with a file, and where."""


class _Row(msgspec.Struct, frozen=True):
    """A row that says something; `number` counts as a spreadsheet does."""

    number: int
    cells: Mapping[str, str]

    def has_any(self, columns: Sequence[str] | Mapping[str, str]) -> bool:
        return any(column in self.cells for column in columns)

    def fault(self, column: str, text: str) -> _FaultError:
        return _FaultError(f"row {self.number}, column {column}: {text}")

    def value(self, column: str, kind: Any) -> Any:
        """A cell as the value that goes into the order."""
        text = self.cells[column]
        given = text.replace(";", " ").split() if column in _LISTS else text
        try:
            value = msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError:
            raise self._impossible(column) from None
        if isinstance(value, Decimal) and not value.is_finite():
            raise self._impossible(column)
        return msgspec.to_builtins(value)

    def _impossible(self, column: str) -> _FaultError:
        expected = _EXPECTED.get(column, _TEXT)
        return self.fault(column, f'"{self.cells[column]}" is not {expected}')


def _read_csv(content: bytes) -> list[Entry]:
    orders: dict[tuple[str, str], list[_Row]] = {}
    for row in _rows(content):
        if "po_number" not in row.cells:
            raise row.fault("po_number", "is empty")
        row.value("po_number", _ORDER["po_number"])
        key = (row.cells.get("org_id", ""), row.cells["po_number"])
        orders.setdefault(key, []).append(row)
    return [Entry(po_number=number, body=_order(rows)) for (_, number), rows in orders.items()]


def _rows(content: bytes) -> Iterator[_Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _FaultError("it is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        titles = [title.strip() for title in next(reader, [])]
        _check_titles(titles)
        for number, cells in enumerate(reader, start=2):
            if len(cells) > len(titles):
                message = (
                    f"row {number} has {len(cells)} cells, and there are {len(titles)} columns"
                )
                raise _FaultError(message)
            named = zip(titles, cells, strict=False)
            filled = {title: cell.strip() for title, cell in named if cell.strip()}
            if filled:
                yield _Row(number, filled)
    except csv.Error as error:
        raise _FaultError(f"after row {max(number, 1)} it is no CSV: {error}") from None


def _check_titles(titles: Sequence[str]) -> None:
    for title in titles:
        if title not in _COLUMNS:
            known = ", ".join(_COLUMNS)
            raise _FaultError(f'there is no column "{title}"; the columns are {known}')
        if titles.count(title) > 1:
            raise _FaultError(f'the column "{title}" is there twice')
    for title in _NEEDED_COLUMNS:
        if title not in titles:
            raise _FaultError(f'the column "{title}" is missing')


def _order(rows: Sequence[_Row]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for column in _SHARED_COLUMNS:
        said = [row for row in rows if column in row.cells]
        if said:
            body[column] = _shared(column, said)
        elif column == "purchase_order":
            raise rows[0].fault(column, "is empty, and no other row of this order has it")
    body["lines"] = []
    body["no_part_lines"] = []
    places: dict[str, _Row] = {}
    for row in rows:
        _add(row, body, places)
    return body


def _shared(column: str, rows: Sequence[_Row]) -> Any:
    """What belongs to the order as a whole: a row may leave it out, but not contradict another."""
    values = [row.value(column, _ORDER[column]) for row in rows]
    if column in _LISTS:
        return list(dict.fromkeys(text for value in values for text in value))
    for row, value in zip(rows, values, strict=True):
        if value != values[0]:
            text = f'"{row.cells[column]}" contradicts row {rows[0].number} of the same order'
            raise row.fault(column, text)
    return values[0]


def _add(row: _Row, body: dict[str, Any], places: dict[str, _Row]) -> None:
    """Add the line that a row is, if it is one: an order may have none."""
    is_line, is_no_part = row.has_any(_LINE_COLUMNS), row.has_any(_NO_PART_COLUMNS)
    if is_line and is_no_part:
        raise row.fault("no_part_line", "a row is a line or a no-part line, and this one is both")
    if not is_line and not is_no_part:
        return
    identity = "purchase_line" if is_line else "no_part_line"
    if identity not in row.cells:
        raise row.fault(identity, "is empty")
    if is_line:
        line = {it: row.value(it, _LINE[it]) for it in _LINE_COLUMNS if it in row.cells}
        body["lines"].append(line)
    else:
        known = {it: name for it, name in _NO_PART_COLUMNS.items() if it in row.cells}
        line = {name: row.value(it, _NO_PART_LINE[name]) for it, name in known.items()}
        body["no_part_lines"].append(line)
    before = places.setdefault(line[_NO_PART_COLUMNS.get(identity, identity)], row)
    if before is not row:
        raise row.fault(identity, f"is the same as in row {before.number}")


def _read_json(content: bytes) -> list[Entry]:
    try:
        # Money as it is written, not as a binary fraction.
        document = msgspec.json.Decoder(float_hook=Decimal).decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _FaultError(f"it is not JSON: {error}") from None
    if isinstance(document, list):
        return [_entry(order, f"order {at}") for at, order in enumerate(document, start=1)]
    if isinstance(document, dict) and isinstance(document.get("po_number", {}), dict):
        return [_named_entry(number, order) for number, order in document.items()]
    return [_entry(document, "the order")]


def _named_entry(number: str, order: Any) -> Entry:
    if isinstance(order, dict) and order.get("po_number", number) != number:
        raise _FaultError(f'order "{number}" calls itself "{order["po_number"]}"')
    return _entry(order | {"po_number": number} if isinstance(order, dict) else order, number)


def _entry(order: Any, place: str) -> Entry:
    if not isinstance(order, dict):
        raise _FaultError(f"{place} is not an object")
    number = order.get("po_number")
    if not isinstance(number, str) or not number.strip():
        raise _FaultError(f"{place} has no po_number, or one that is not a text")
    body = {name: value for name, value in order.items() if name != "po_number"}
    return Entry(po_number=number, body=body)


def _refuse_twins(entries: Sequence[Entry]) -> None:
    seen = set()
    for entry in entries:
        identity = (str(entry.body.get("org_id") or ""), entry.po_number)
        if identity in seen:
            raise _FaultError(f'order "{entry.po_number}" is there twice')
        seen.add(identity)
