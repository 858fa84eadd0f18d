"""What the body of each call may hold, and the complaints about one that does not fit.

Sources: Cofactr Platform API, Create Purchase Event, modified 2024-09-26, and Update Many NoPart
Purchase Lines, modified 2024-08-23. The shape and the wording of complaints are those of Django
REST Framework (https://github.com/encode/django-rest-framework, rest_framework/fields.py, as of
2026-08-18), which Cofactr is thought, not documented, to run on.

A stand-in that forgives hides mistakes, so this one is stricter than that framework where the
documentation leaves no room:
- a field that is not documented is refused by name (the framework drops it in silence);
- a value has the documented JSON type: "5" is no integer, 12.5 is no decimal string, "true" is no
  boolean, and a decimal has no exponent, no sign but a minus, and no blanks around it;
- a date-time carries its offset, and a UUID its hyphens.

Not documented, and assumed here: an array of purchase lines holds at least one (the answer names
the purchase they belong to), and a text has no null character.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

EVENT_TYPES: Final = frozenset(
    {
        "shipped",
        "voided",
        "canceled",
        "adjusted",
        "imported",
        "delayed",
        "note",
        "return_request",
        "return",
        "confirm",
        "track",
        "divide",
        "combine",
        "invoiced",
        "delivered",
        "delivery_attempt",
        "reschedule_request",
        "reschedule",
        "received",
        "ignored",
        "snoozed",
    }
)
"""The values that Create Purchase Event allows for `event_type`."""

# Documented for the answer's `quant`, which is where a quantity ends up.
_SMALLEST_INTEGER: Final = -2_147_483_648
_LARGEST_INTEGER: Final = 2_147_483_647
# Documented for the answer's `tracking_number` and `invoice_number`. That the integration fields
# share it is inferred.
_LONGEST_SHORT_TEXT: Final = 255
# The framework's own limit before it looks at a decimal (DecimalField.MAX_STRING_LENGTH).
_LONGEST_DECIMAL: Final = 1000

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

_JSON_TYPES: Final = MappingProxyType(
    {dict: "dict", list: "list", str: "str", bool: "bool", int: "int", float: "float"}
)

Complaint = list[str] | dict[str, list[str]]
"""What is wrong with one field; of an array, what is wrong with each item, by its index."""

Complaints = dict[str, Complaint]
"""What is wrong with one object, by field."""

Check = Callable[[Any], Complaint | None]
"""Says what is wrong with a value, or None."""


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID as documented, with its hyphens."""
    return _UUID.fullmatch(text) is not None


def datatype(value: object) -> str:
    """Name the type of a JSON value as Django REST Framework words it."""
    return "NoneType" if value is None else _JSON_TYPES.get(type(value), "object")


def _boolean(value: object) -> Complaint | None:
    return None if isinstance(value, bool) else ["Must be a valid boolean."]


def _integer(value: object) -> Complaint | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return ["A valid integer is required."]
    if value < _SMALLEST_INTEGER:
        return [f"Ensure this value is greater than or equal to {_SMALLEST_INTEGER}."]
    if value > _LARGEST_INTEGER:
        return [f"Ensure this value is less than or equal to {_LARGEST_INTEGER}."]
    return None


def _decimal(value: object) -> Complaint | None:
    if not isinstance(value, str):
        return ["A valid number is required."]
    if len(value) > _LONGEST_DECIMAL:
        return ["String value too large."]
    return None if _DECIMAL.fullmatch(value) else ["A valid number is required."]


def _text(value: object) -> Complaint | None:
    if not isinstance(value, str):
        return ["Not a valid string."]
    return ["Null characters are not allowed."] if "\x00" in value else None


def _short_text(value: object) -> Complaint | None:
    if isinstance(value, str) and len(value) > _LONGEST_SHORT_TEXT:
        return [f"Ensure this field has no more than {_LONGEST_SHORT_TEXT} characters."]
    return _text(value)


def _filled_text(value: object) -> Complaint | None:
    # Blanks alone are refused too: the framework strips them before it counts.
    if isinstance(value, str) and not value.strip():
        return ["This field may not be blank."]
    return _text(value)


def _uuid(value: object) -> Complaint | None:
    return None if isinstance(value, str) and is_uuid(value) else ["Must be a valid UUID."]


def _uuids(value: object) -> Complaint | None:
    if not isinstance(value, list):
        return [f'Expected a list of items but got type "{datatype(value)}".']
    if not value:
        return ["This list may not be empty."]
    wrong = {str(index): ["Must be a valid UUID."] for index, i in enumerate(value) if _uuid(i)}
    return wrong or None


def _date(value: object) -> Complaint | None:
    wrong = ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return wrong
    try:
        date.fromisoformat(value)
    except ValueError:
        return wrong
    return None


def _date_time(value: object) -> Complaint | None:
    formats = "YYYY-MM-DDThh:mm:ss[.uuuuuu](+HH:MM|-HH:MM|Z)"
    wrong = [f"Datetime has wrong format. Use one of these formats instead: {formats}."]
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return wrong
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return wrong
    return None


def _object(value: object) -> Complaint | None:
    if isinstance(value, dict):
        return None
    return [f'Expected a dictionary of items but got type "{datatype(value)}".']


def _event_type(value: object) -> Complaint | None:
    if isinstance(value, str) and value in EVENT_TYPES:
        return None
    return [f'"{value}" is not a valid choice.']


class Fields:
    """The fields that one call documents, each with its check."""

    def __init__(self, required: str, checks: Mapping[str, Check]) -> None:
        """Take the one field that must be there, and the check of every field."""
        self.required = required
        self.checks = MappingProxyType(dict(checks))

    def complaints(self, body: Mapping[str, object]) -> Complaints:
        """Everything that is wrong with an object; empty if it may pass."""
        found: Complaints = {}
        for name, value in body.items():
            check = self.checks.get(name)
            if check is None:
                found[name] = ["This field is not known."]
            elif value is None:
                found[name] = ["This field may not be null."]
            elif wrong := check(value):
                found[name] = wrong
        if self.required not in body:
            found[self.required] = ["This field is required."]
        return found


_INTEGRATION: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "synced_from_integration": _boolean,
        "integration_source_name": _short_text,
        "integration_record_id": _short_text,
        "synced_from_integration_at": _date_time,
    }
)

PURCHASE_EVENT: Final = Fields(
    "purchase_lines",
    {
        **_INTEGRATION,
        "purchase_lines": _uuids,
        "quantity": _integer,
        "notes": _text,
        "tracking_number": _short_text,
        "line_total_paid": _decimal,
        "sales_tax_paid": _decimal,
        "shipping_paid": _decimal,
        "other_total_paid": _decimal,
        "duties_paid": _decimal,
        "estimated_delivery": _date,
        "expected_ship_by": _date,
        "snoozed_until": _date,
        "coo": _text,
        "date_code": _text,
        "mfg_lot": _text,
        "cofactr_invoice_number": _short_text,
        "cofactr_invoice_amount": _decimal,
        "event_type": _event_type,
        "divide_quant": _integer,
        "send_alerts": _boolean,
    },
)
"""The body of Create Purchase Event."""

NO_PART_LINE: Final = Fields(
    "id",
    {
        **_INTEGRATION,
        "metadata": _object,
        "notes": _filled_text,
        "description": _filled_text,
        "quant": _decimal,
        "unit_price": _decimal,
        "line_total": _decimal,
        "id": _uuid,
    },
)
"""One line in the body of Update Many NoPart Purchase Lines."""
