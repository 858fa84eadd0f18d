"""Makes `helm/values.schema.json` of `helm/values.yaml`: `python -m tests.test_chart.schema`.

The type of a value is that of its default, its description the sentence above it; a comment line
`# @schema {...}` adds what a default cannot say. Nothing is allowed that is not in the file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

HELM = Path(__file__).parents[2] / "helm"
VALUES = HELM / "values.yaml"
SCHEMA = HELM / "values.schema.json"

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_MARK = "@schema "


def schema_of(values: str) -> dict[str, Any]:
    """The schema of the values of a chart, from the text of their file.

    Raises:
        ValueError: A value has no sentence, or none of the types that are known.
    """
    root = yaml.compose(values, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        message = "The values are no mapping."
        raise ValueError(message)  # noqa: TRY004  # it is the file that is wrong
    title = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Tallyman's values"}
    return title | _object(root, values.splitlines(), "")


def text_of(schema: Mapping[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _object(node: yaml.MappingNode, lines: Sequence[str], path: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for key, value in node.value:
        name = f"{path}.{key.value}".lstrip(".")
        sentence, more = _comment(lines, key.start_mark.line)
        is_group = isinstance(value, yaml.MappingNode) and value.value
        if not sentence.endswith(".") and not is_group:
            message = f"{name} has no sentence above it."
            raise ValueError(message)
        described = {"description": sentence} if sentence else {}
        properties[key.value] = described | _schema(value, lines, name) | more
        if more.get("additionalProperties") is True:
            # An open object may also lack what its default has.
            properties[key.value].pop("required", None)
    # Helm takes a value that is set to null away; what a template needs must not be missing.
    needed = [name for name in properties if name != "global"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": needed,
        "properties": properties,
    }


def _schema(node: yaml.Node, lines: Sequence[str], path: str) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        empty = {"type": "object", "additionalProperties": False}
        return _object(node, lines, path) if node.value else empty
    if isinstance(node, yaml.SequenceNode):
        return {"type": "array"}
    kind = node.tag.rpartition(":")[2]
    if kind not in _TYPES:
        message = f"{path} has a default of the type {kind}, which says nothing."
        raise ValueError(message)
    return {"type": _TYPES[kind]}


def _comment(lines: Sequence[str], line: int) -> tuple[str, dict[str, Any]]:
    """The sentence in the comment above a line, and what `@schema` adds."""
    words: list[str] = []
    more: dict[str, Any] = {}
    while line and (found := re.match(r"^ *# (.*)$", lines[line - 1])):
        line -= 1
        text = found.group(1)
        if text.startswith(_MARK):
            more = json.loads(text.removeprefix(_MARK))
        else:
            words.insert(0, text)
    return " ".join(words), more


if __name__ == "__main__":
    SCHEMA.write_text(text_of(schema_of(VALUES.read_text(encoding="utf-8"))), encoding="utf-8")
