"""`mapped` of a source: how documents of a sender that nobody has a module for are read.

Each field of a statement is given by an expression that points into the document.
"""

import difflib
from collections.abc import Iterator
from typing import Literal

import msgspec

from purchasing.documents import Promise
from purchasing.errors import BadExpressionError
from purchasing.formats.expressions import compiled
from purchasing.updates import Meaning

_ITEM = (
    "po_number",
    "supplier_reference",
    "line_number",
    "part_number",
    "manufacturer_part_number",
    "supplier_part_number",
)
_DOCUMENT = ("number", "supplier", "said_at", "is_test", "words")
_AMOUNTS = ("tax", "shipping", "duties", "other", "discount")

FIELDS = {
    "tracking": (
        "tracking_number",
        "status",
        "words",
        "place",
        "at",
        "estimated_delivery",
        "carrier",
        "service",
        "signed_by",
        "shipped_on",
        "weight",
        "is_test",
    ),
    "confirmation": (
        *_DOCUMENT,
        *_ITEM,
        "promise",
        "quantity",
        "unit",
        "expected_ship_by",
        "estimated_delivery",
        "unit_price",
        "currency",
        "substitute",
    ),
    "ship_notice": (
        *_DOCUMENT,
        *_ITEM,
        "quantity",
        "unit",
        "tracking_numbers",
        "carrier",
        "service",
        "shipped_on",
        "estimated_delivery",
        "coo",
        "date_code",
        "mfg_lot",
    ),
    "invoice": (
        *_DOCUMENT,
        *_ITEM,
        *_AMOUNTS,
        "total",
        "currency",
        "is_credit",
        "quantity",
        "unit",
        "unit_price",
    ),
}
"""The fields that each kind of statement has."""

_REQUIRED = {
    "tracking": ("tracking_number", "status"),
    "confirmation": ("promise",),
    "ship_notice": (),
    "invoice": ("document.number", "document.total", "line.total"),
}
_WORDS = {
    "tracking": {str(meaning) for meaning in Meaning},
    "confirmation": {str(promise) for promise in Promise},
}
"""What the sender's own words are translated to, in `meanings`."""


class Mapped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of document of one sender.

    `when` tells the document from others at the same address; `lines` gives its lines, and without
    it the whole document is the one line. `document` and `line` are expressions by the field that
    they give, over the document and over each line. `meanings` translates the sender's words for a
    status or a promise; `dates` is how dates are written, as strptime wants it, where they are not
    ISO 8601. `key` gives what stays the same when the sender repeats itself.
    """

    says: Literal["tracking", "confirmation", "ship_notice", "invoice"]
    body: Literal["json", "xml"] = "json"
    when: str = ""
    key: str = ""
    lines: str = ""
    document: dict[str, str] = {}
    line: dict[str, str] = {}
    meanings: dict[str, str] = {}
    namespaces: dict[str, str] = {}
    dates: str = ""


def faults_of(mapped: Mapped) -> Iterator[str]:
    """What is wrong with a mapping, as sentences that name the expression."""
    yield from _misspelt(mapped)
    known = FIELDS[mapped.says]
    for name in (*mapped.document, *mapped.line):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}."
            yield f'mapped has no field "{name}" in a {mapped.says}; {hint}'
    given = {*mapped.document, *mapped.line}
    given |= {f"document.{name}" for name in mapped.document}
    given |= {f"line.{name}" for name in mapped.line}
    for name in _REQUIRED[mapped.says]:
        if name not in given:
            yield f"mapped says a {mapped.says}, and has no expression for its {name}."
    words = _WORDS.get(mapped.says, set())
    for word, meaning in mapped.meanings.items():
        if meaning not in words:
            possible = ", ".join(sorted(words)) or "none"
            yield f'mapped meanings: "{word}" is to mean "{meaning}"; possible are {possible}.'


def _misspelt(mapped: Mapped) -> Iterator[str]:
    """Expressions that are not understood."""
    optional = {"when": mapped.when, "key": mapped.key, "lines": mapped.lines}
    expressions = {name: text for name, text in optional.items() if text}
    expressions |= {f"document.{name}": text for name, text in mapped.document.items()}
    expressions |= {f"line.{name}": text for name, text in mapped.line.items()}
    for place, text in expressions.items():
        try:
            compiled(text, mapped.body, mapped.namespaces)
        except BadExpressionError as error:
            yield f"mapped {place}: {error}."
