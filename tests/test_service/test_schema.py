"""The description of the API."""

import re
from typing import Any

import httpx
import pytest

from tests.talking import Tallyman

METHODS = {"get", "put", "post", "delete"}
# The table of the contract, as far as the service goes.
DESCRIBED = {
    ("post", "/webhooks/{source}"),
    ("post", "/v1/events"),
    ("post", "/v1/preview/{source}"),
    ("get", "/v1/notifications"),
    ("get", "/v1/notifications/{notification_id}"),
    ("put", "/v1/orders/{po_number}"),
    ("get", "/v1/orders/{po_number}"),
    ("delete", "/v1/orders/{po_number}"),
    ("get", "/v1/orders"),
    ("get", "/v1/sources"),
    ("get", "/livez"),
    ("get", "/readyz"),
}


@pytest.fixture(scope="session")
def schema(running: Tallyman) -> dict[str, Any]:
    """The description, as anybody gets it."""
    answer = httpx.get(f"{running.service.url}/schema")
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    described: dict[str, Any] = answer.json()
    return described


def test_it_is_an_openapi_description(schema: dict[str, Any]) -> None:
    """`/schema` is an OpenAPI 3.1 document with its required parts."""
    assert re.fullmatch(r"3\.1\.\d+", schema["openapi"])
    assert schema["info"]["title"] == "Tallyman"
    assert schema["info"]["version"]
    assert schema["paths"]


def test_it_describes_every_address(schema: dict[str, Any]) -> None:
    """Every address of the contract is described, with its methods."""
    described = {
        (method, path) for path, item in schema["paths"].items() for method in item.keys() & METHODS
    }

    assert described >= DESCRIBED


def test_every_operation_is_whole(schema: dict[str, Any]) -> None:
    """Every operation has an id of its own, a summary, its answers and all of its parameters."""
    ids = []
    for path, item in schema["paths"].items():
        assert path.startswith("/")
        for method in item.keys() & METHODS:
            operation = item[method]
            ids.append(operation["operationId"])
            assert operation["summary"]
            assert operation["responses"]
            assert all(re.fullmatch(r"[1-5]\d\d", status) for status in operation["responses"])
            parameters = operation.get("parameters", [])
            in_path = {each["name"] for each in parameters if each["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path)), path
            assert all(each["required"] for each in parameters if each["in"] == "path")
    assert len(set(ids)) == len(ids)


def test_no_reference_leads_nowhere(schema: dict[str, Any]) -> None:
    """Whatever the description refers to is in it."""

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [each for value in part.values() for each in references(value)]
        if isinstance(part, list):
            return [each for value in part for each in references(value)]
        return []

    for reference in references(schema):
        place: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            place = place[step.replace("~1", "/").replace("~0", "~")]
        assert place
