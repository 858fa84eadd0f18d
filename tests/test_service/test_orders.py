"""The order book over HTTP."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.talking import Tallyman, is_problem, order

LINE = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER_LINE = "ca27f506-c3a4-4924-9878-316d53640467"
ORG = "3b4eb1f5-aaca-43c1-9ccf-5bbd44308aba"

# The example of the contract, whole.
FULL: dict[str, Any] = {
    "purchase_order": "8a27d890-b284-49d1-927f-4282ff02e838",
    "org_id": ORG,
    "supplier": "Digi-Key",
    "currency": "USD",
    "references": ["SO-778812"],
    "lines": [
        {
            "purchase_line": LINE,
            "line_number": "1",
            "part_number": "R-0001",
            "manufacturer_part_number": "RC0402FR-071KL",
            "supplier_part_number": "311-1.00KLRCT-ND",
            "quantity": 100,
            "unit_price": "0.0125",
            "promised_ship_on": "2026-12-01",
            "promised_delivery_on": "2026-12-05",
            "tracking_numbers": ["1Z999AA10123456784"],
        }
    ],
    "no_part_lines": [{"id": OTHER_LINE, "charge": "shipping", "description": "Freight"}],
}


def test_an_order_is_kept_as_it_was_put(tallyman: Tallyman) -> None:
    """Every field of an order comes back as it was put."""
    put = tallyman.erp.put("PO-1001", FULL)
    got = tallyman.erp.http.get("/v1/orders/PO-1001").json()

    assert got == FULL | {"po_number": "PO-1001"}
    assert put == got | {"released": []}


def test_a_put_replaces_the_order(tallyman: Tallyman) -> None:
    """What an order no longer says is no longer known, nor found by it."""
    tallyman.erp.put("PO-1", FULL)
    tallyman.erp.put("PO-1", {"purchase_order": FULL["purchase_order"], "org_id": ORG})

    got = tallyman.erp.http.get("/v1/orders/PO-1").json()

    assert got == {
        "po_number": "PO-1",
        "org_id": ORG,
        "purchase_order": FULL["purchase_order"],
    }
    for find in ("SO-778812", LINE, "1Z999AA10123456784"):
        assert tallyman.erp.http.get("/v1/orders", params={"find": find}).json()["items"] == []


@pytest.mark.parametrize(
    "find", ["PO-1001", "p o - 1001", "so-778812", LINE, "1z 999aa10123456784"]
)
def test_an_order_is_found_by_any_reference(tallyman: Tallyman, find: str) -> None:
    """An order is found by its number, references, lines and parcels, ignoring case and spaces."""
    tallyman.erp.put("PO-1001", FULL)
    tallyman.erp.put("PO-1002", order("1ZOTHER"))

    items = tallyman.erp.http.get("/v1/orders", params={"find": find}).json()["items"]

    assert [item["po_number"] for item in items] == ["PO-1001"]


NUMBERS = [
    "A/B",
    "A%2FB",
    "a b",
    "/A",
    "A/",
    "A//B",
    "PO?1",
    "PO#1",
    "PO%",
    "Ünï/çødé",
    "x" * 255,
    "0",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_can_be_an_orders(tallyman: Tallyman, number: str) -> None:
    """Whatever people call an order, it is put, found, read and deleted by it."""
    path = f"/v1/orders/{quote(number, safe='')}"
    known = order()

    put = tallyman.erp.http.put(path, json=known)

    assert put.json()["po_number"] == number
    assert tallyman.erp.http.get(path).json()["purchase_order"] == known["purchase_order"]
    items = tallyman.erp.http.get("/v1/orders", params={"find": number}).json()["items"]
    assert [item["po_number"] for item in items] == [number]
    assert tallyman.erp.http.delete(path).status_code == 204
    assert is_problem(tallyman.erp.http.get(path), 404, "not-found")


@pytest.mark.parametrize("path", ["PO-1/", "PO-1//"])
def test_a_slash_behind_the_number_is_no_part_of_it(tallyman: Tallyman, path: str) -> None:
    """A slash at the end of an address is not a character of the number."""
    tallyman.erp.put("PO-1", order())

    assert tallyman.erp.http.get(f"/v1/orders/{path}").json()["po_number"] == "PO-1"
    assert tallyman.erp.put(path, order())["po_number"] == "PO-1"


@pytest.mark.parametrize("number", ["%20", "%20%09", "x" * 256])
def test_a_number_has_1_to_255_characters(tallyman: Tallyman, number: str) -> None:
    """A number that is blank or too long is refused."""
    answer = tallyman.erp.http.put(f"/v1/orders/{number}", json=order())

    assert is_problem(answer, 422, "invalid-fields")
    assert answer.json()["fields"].keys() == {"po_number"}


def test_a_number_may_be_used_by_several_organisations(tallyman: Tallyman) -> None:
    """Orders of the same number are kept apart by organisation, and named by it."""
    orgs = [None, "org-a", "org/b"]
    for org in orgs:
        tallyman.erp.put("PO-1", order(org_id=org))

    def got(org: str | None) -> Any:
        params = {} if org is None else {"org_id": org}
        return tallyman.erp.http.get("/v1/orders/PO-1", params=params)

    for org in orgs[1:]:
        assert got(org).json()["org_id"] == org
    vague = got(None)
    assert is_problem(vague, 400, "bad-request")
    assert "org-a" in vague.json()["detail"]
    assert is_problem(got("org-c"), 404, "not-found")
    assert "org_id" not in got("").json()
    vaguely = tallyman.erp.http.delete("/v1/orders/PO-1")
    assert is_problem(vaguely, 400, "bad-request")
    for org in orgs[1:]:
        params = {"org_id": org}
        assert tallyman.erp.http.delete("/v1/orders/PO-1", params=params).status_code == 204
    assert "org_id" not in got(None).json()


def test_the_organisation_may_be_in_the_address(tallyman: Tallyman) -> None:
    """The organisation is the one of the address, and a body that names another is refused."""
    kept = tallyman.erp.put(f"PO-1?org_id={ORG}", order())
    nobodys = tallyman.erp.put("PO-1?org_id=", order())

    other = tallyman.erp.http.put(
        "/v1/orders/PO-1", params={"org_id": ORG}, json=order(org_id="another")
    )

    assert kept["org_id"] == ORG
    assert "org_id" not in nobodys
    assert is_problem(other, 422, "invalid-fields")
    assert other.json()["fields"].keys() == {"org_id"}


def test_orders_come_in_pages(tallyman: Tallyman) -> None:
    """Pages of orders follow one another without gap or repetition."""
    numbers = {f"PO-{number:02}" for number in range(11)} | {"A/B", "Ünï"}
    for number in numbers:
        tallyman.erp.put(quote(number, safe=""), order())
    seen: list[str] = []
    cursor = None

    while True:
        params = {"limit": "5"} | ({"cursor": cursor} if cursor else {})
        page = tallyman.erp.http.get("/v1/orders", params=params).json()
        seen += [item["po_number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(numbers)
    assert set(seen) == numbers


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({"purchase_order": None}, {"purchase_order"}),
        ({"purchase_order": "x"}, {"purchase_order"}),
        ({"colour": 1, "Lines": []}, {"colour", "Lines"}),
        ({"currency": "usd"}, {"currency"}),
        ({"currency": "EURO", "supplier": 5, "org_id": ""}, {"currency", "supplier", "org_id"}),
        ({"references": "SO"}, {"references"}),
        ({"lines": [{}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "colour": 1}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "quantity": -1}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "quantity": 1.5}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "unit_price": "x"}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "unit_price": "NaN"}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE, "tracking_numbers": [""]}]}, {"lines"}),
        ({"lines": [{"purchase_line": LINE}] * 2}, {"lines"}),
        ({"no_part_lines": [{"id": LINE, "charge": "tip"}]}, {"no_part_lines"}),
        ({"no_part_lines": [{"id": LINE}] * 2}, {"no_part_lines"}),
    ],
)
def test_a_bad_order_is_refused_field_by_field(
    tallyman: Tallyman, more: dict[str, Any], names: set[str]
) -> None:
    """Every bad field of an order is named, and nothing of it is kept."""
    answer = tallyman.erp.http.put("/v1/orders/PO-1", json=order() | more)

    assert is_problem(answer, 422, "invalid-fields")
    assert {place.partition("[")[0] for place in answer.json()["fields"]} == names
    assert tallyman.erp.http.get("/v1/orders/PO-1").status_code == 404


def test_a_price_may_be_a_number(tallyman: Tallyman) -> None:
    """A price given as a number is taken digit by digit, never through a float."""
    price = "0.1000000000000000055511"
    line = {"purchase_line": LINE, "unit_price": "PRICE"}
    body = json.dumps(order() | {"lines": [line]}).replace('"PRICE"', price)

    kept = tallyman.erp.http.put("/v1/orders/PO-1", content=body).json()

    assert kept["lines"][0]["unit_price"] == price


def test_an_order_may_be_large_and_not_too_large(tallyman: Tallyman) -> None:
    """An order of ten thousand lines is taken, and a body over its bounds is 413, however sent."""
    many = order(lines=10_000)

    assert len(tallyman.erp.put("PO-1", many)["lines"]) == 10_000
    for content in (b" " * 9_000_000, iter([b" " * 1_000_000] * 9)):
        answer = tallyman.erp.http.put("/v1/orders/PO-2", content=content)
        assert is_problem(answer, 413, "too-large")


def test_there_is_no_order_without_a_number(tallyman: Tallyman) -> None:
    """An order cannot be put at the address of the list."""
    for path in ("/v1/orders", "/v1/orders/"):
        assert is_problem(tallyman.erp.http.put(path, json=order()), 405, "method-not-allowed")


def test_an_organisation_in_the_address_is_one_line(tallyman: Tallyman) -> None:
    """An organisation goes into a header, so that one with the end of a line is refused."""
    answer = tallyman.admin.http.put("/v1/orders/PO-LINE?org_id=a%0A", json=order())

    assert 400 <= answer.status_code < 500
    assert tallyman.admin.http.get("/v1/orders?find=PO-LINE").json()["items"] == []
