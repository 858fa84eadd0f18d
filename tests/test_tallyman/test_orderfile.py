"""Orders as people keep them, in files."""

import csv
import io
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.orders import Charge, OrderFields
from tallyman.errors import MisuseError
from tallyman.orderfile import Entry, order_path, read_orders

ORDER = "5b0b9e0e-6f0f-4c53-9d0c-0d8f1f2a7c12"
LINES = ("0f6f3a52-58d7-4f0e-8a55-3f9f0a3f1e01", "0f6f3a52-58d7-4f0e-8a55-3f9f0a3f1e02")
FREIGHT = "9a1c7c64-94a0-4f3c-8f8e-6f1f6d2b0b01"


def in_csv(*rows: dict[str, Any], also: tuple[str, ...] = ()) -> bytes:
    """The rows of a CSV file, with all columns that any of them has."""
    columns = dict.fromkeys([*(name for row in rows for name in row), *also])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def row(**cells: Any) -> dict[str, Any]:
    """A row of the order PO-1."""
    return {"po_number": "PO-1", "purchase_order": ORDER} | cells


def refusal(content: bytes, name: str = "orders.csv") -> str:
    """Why a file is refused."""
    with pytest.raises(MisuseError) as refused:
        read_orders(name, content)
    return str(refused.value)


def test_rows_with_the_same_number_are_one_order() -> None:
    """Rows of one number make one order, with one line or NoPart line for each row."""
    content = in_csv(
        row(
            supplier="Acme",
            currency="USD",
            references="SO-1;SO-2 SO-3",
            purchase_line=LINES[0],
            line_number="1",
            quantity="10",
            unit_price="0.0125",
            promised_delivery_on="2026-12-01",
            tracking_numbers="1Z1 1Z2",
        ),
        row(purchase_line=LINES[1], references="SO-3 SO-4"),
        row(no_part_line=FREIGHT, charge="shipping", description="Freight, by air"),
    )
    (entry,) = read_orders("orders.csv", content)
    assert entry.po_number == "PO-1"
    assert json.loads(msgspec.json.encode(entry.body)) == {
        "purchase_order": ORDER,
        "supplier": "Acme",
        "currency": "USD",
        "references": ["SO-1", "SO-2", "SO-3", "SO-4"],
        "lines": [
            {
                "purchase_line": LINES[0],
                "line_number": "1",
                "quantity": 10,
                "unit_price": "0.0125",
                "promised_delivery_on": "2026-12-01",
                "tracking_numbers": ["1Z1", "1Z2"],
            },
            {"purchase_line": LINES[1]},
        ],
        "no_part_lines": [{"id": FREIGHT, "charge": "shipping", "description": "Freight, by air"}],
    }


def test_an_order_of_another_organisation_is_another_order() -> None:
    """The same number in two organisations is two orders."""
    content = in_csv(row(org_id="A"), row(org_id="B"))
    assert [entry.body["org_id"] for entry in read_orders("orders.csv", content)] == ["A", "B"]


def test_an_order_needs_no_lines() -> None:
    """A row without any line is an order without lines; a row without anything is nothing."""
    content = in_csv(row(), also=("purchase_line",)) + b"\r\n,,\r\n"
    (entry,) = read_orders("orders.csv", content)
    assert entry.body == {"purchase_order": ORDER, "lines": [], "no_part_lines": []}


def test_what_a_spreadsheet_adds_is_no_part_of_the_file() -> None:
    """A byte order mark, blanks around a cell and an ending in capitals are nothing."""
    content = "\ufeff".encode() + in_csv(row(po_number=" PO-1 "))
    (entry,) = read_orders("ORDERS.CSV", content)
    assert entry.po_number == "PO-1"


NUMBERS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)
LINE = st.fixed_dictionaries(
    {"purchase_line": st.uuids().map(str)},
    optional={
        "line_number": NUMBERS,
        "manufacturer_part_number": NUMBERS,
        "quantity": st.integers(0, 2**31 - 1).map(str),
        "unit_price": st.decimals(0, 10**6, places=4).map(str),
        "promised_ship_on": st.dates().map(str),
        "tracking_numbers": st.lists(NUMBERS.filter(lambda it: ";" not in it)).map(" ".join),
    },
)
NO_PART_LINE = st.fixed_dictionaries(
    {"no_part_line": st.uuids().map(str)},
    optional={"charge": st.sampled_from(Charge).map(str), "description": NUMBERS},
)


@given(
    number=NUMBERS,
    lines=st.lists(LINE | NO_PART_LINE, max_size=6, unique_by=lambda it: next(iter(it.values()))),
)
def test_what_is_read_can_be_put(number: str, lines: list[dict[str, str]]) -> None:
    """Whatever is read from a CSV is an order as the API takes it, with a line for each row."""
    rows = [row(po_number=number) | line for line in lines] or [row(po_number=number)]
    (entry,) = read_orders("orders.csv", in_csv(*rows))
    order = msgspec.json.decode(msgspec.json.encode(entry.body), type=OrderFields)
    assert entry.po_number == number
    assert order.purchase_order == UUID(ORDER)
    assert len(order.lines) + len(order.no_part_lines) == len(lines)
    prices = [Decimal(line["unit_price"]) for line in lines if "unit_price" in line]
    assert [line.unit_price for line in order.lines if line.unit_price is not None] == prices


@given(st.binary())
def test_any_bytes_are_orders_or_refused(content: bytes) -> None:
    """No content ends in anything but orders or one sentence, whichever kind it is taken for."""
    for name in ("orders.csv", "orders.json"):
        try:
            read_orders(name, content)
        except MisuseError as refused:
            assert str(refused).startswith(f"{name}: ")  # noqa: PT017  # either is right


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"quantity": "ten"}, "quantity", '"ten" is not a whole number from 0 to 2147483647'),
        ({"quantity": "-1"}, "quantity", '"-1" is not a whole number from 0 to 2147483647'),
        ({"unit_price": "NaN"}, "unit_price", '"NaN" is not an amount such as 0.0125'),
        ({"unit_price": "1,20"}, "unit_price", '"1,20" is not an amount such as 0.0125'),
        ({"promised_ship_on": "1.12.26"}, "promised_ship_on", "is not a date such as 2026-12-01"),
        ({"purchase_line": "1"}, "purchase_line", '"1" is not a UUID'),
        ({"purchase_line": ""}, "purchase_line", "is empty"),
        ({"purchase_line": LINES[0]}, "purchase_line", "is the same as in row 2"),
        ({"no_part_line": FREIGHT}, "no_part_line", "a row is a line or a no-part line"),
        ({"currency": "dollars"}, "currency", '"dollars" is not a currency such as USD'),
        ({"supplier": "Bcme"}, "supplier", '"Bcme" contradicts row 2 of the same order'),
        ({"po_number": ""}, "po_number", "is empty"),
        ({"po_number": "x" * 256}, "po_number", "is not a text of 1 to 255 characters"),
        (
            {"po_number": "PO-2", "purchase_order": ""},
            "purchase_order",
            "is empty, and no other row of this order has it",
        ),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(
    changes: dict[str, str], column: str, said: str
) -> None:
    """What is wrong in a cell is said with its row, as a spreadsheet counts, and its column."""
    good = row(supplier="Acme", currency="USD", purchase_line=LINES[0], quantity="1")
    bad = row(purchase_line=LINES[1], quantity="1") | changes
    sentence = refusal(in_csv(good, bad))
    assert sentence.startswith(f"orders.csv: row 3, column {column}: ")
    assert said in sentence


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (in_csv(row(colour="red")), 'there is no column "colour"; the columns are po_number,'),
        (b"po_number\nPO-1\n", 'the column "purchase_order" is missing'),
        (b"po_number,purchase_order,po_number\n", 'the column "po_number" is there twice'),
        (b"po_number,purchase_order\nPO-1,,x\n", "row 2 has 3 cells, and there are 2 columns"),
        (b'po_number,purchase_order\n"PO-1\n', "it is no CSV"),
        (b"po_number\xff", "it is not UTF-8"),
        (b"", 'the column "po_number" is missing'),
    ],
)
def test_a_bad_csv_is_refused_as_a_whole(content: bytes, said: str) -> None:
    """An unknown, missing or doubled column, a torn row and a wrong encoding are named."""
    assert said in refusal(content)


@pytest.mark.parametrize(
    "document",
    [
        {"po_number": "PO/1", "purchase_order": ORDER},
        [{"po_number": "PO/1", "purchase_order": ORDER}],
        {"PO/1": {"purchase_order": ORDER}},
        {"PO/1": {"po_number": "PO/1", "purchase_order": ORDER}},
    ],
)
def test_json_has_three_shapes(document: object) -> None:
    """One order, a list of them and a mapping of numbers to them say the same."""
    entries = read_orders("orders.json", json.dumps(document).encode())
    assert entries == [Entry(po_number="PO/1", body={"purchase_order": ORDER})]


def test_amounts_in_json_stay_exact() -> None:
    """An amount that is written as a number in JSON is put with the same digits."""
    line = f'{{"purchase_line": "{ORDER}", "unit_price": 0.10000000000000000001}}'
    content = f'{{"po_number": "P", "purchase_order": "{ORDER}", "lines": [{line}]}}'
    (entry,) = read_orders("orders.json", content.encode())
    assert b'"0.10000000000000000001"' in msgspec.json.encode(entry.body)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "it is not JSON"),
        (b"7", "the order is not an object"),
        (b"[[]]", "order 1 is not an object"),
        (b'[{"po_number": "A"}, {}]', "order 2 has no po_number"),
        (b'{"po_number": 7}', "the order has no po_number, or one that is not a text"),
        (b'{"A": {"po_number": "B"}}', 'order "A" calls itself "B"'),
        (b'[{"po_number": "A"}, {"po_number": "A"}]', 'order "A" is there twice'),
        (b'{"po_number": "A"}', 'order "A": Object missing required field `purchase_order`'),
        (
            f'{{"po_number": "A", "purchase_order": "{ORDER}", "currency": "usd"}}'.encode(),
            'order "A": Expected `str` matching regex',
        ),
    ],
)
def test_bad_json_is_refused(content: bytes, said: str) -> None:
    """JSON that is no orders is refused, and the order that is wrong is named."""
    assert said in refusal(content, "orders.json")


def test_a_file_of_another_kind_is_refused() -> None:
    """The name of a file says which kind it is, and there are two."""
    assert refusal(b"", "orders.xlsx") == "orders.xlsx is neither .csv nor .json."


def test_a_slash_in_a_number_stays_in_the_number() -> None:
    """The address of an order has its number in one segment."""
    assert order_path("PO/1 #2?") == "/v1/orders/PO%2F1%20%232%3F"
