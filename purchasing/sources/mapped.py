"""Any other sender of JSON or XML: its documents are read as the configuration says.

Nothing here knows a sender. `[[sources.NAME.mapped]]` gives an expression for each field of a
statement, in JMESPath or XPath; see docs/sources/mapped.md.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.configuration import SourceSettings
from purchasing.documents import (
    Amounts,
    Document,
    Invoice,
    InvoiceLine,
    Item,
    OrderConfirmation,
    Promise,
    ShipNotice,
)
from purchasing.errors import BadExpressionError, MalformedError, UnsupportedError
from purchasing.formats import expressions
from purchasing.formats.agreed_proof import AUTHENTICITY, authenticate_as_agreed, sign_as_agreed
from purchasing.formats.moments import day, moment
from purchasing.mappings import Mapped
from purchasing.notification import Notification, body_key
from purchasing.trust import Strength, Trust
from purchasing.units import unit_of
from purchasing.updates import Finding, Meaning, Reading, Scan, TrackingUpdate, Update

_DECIMAL = re.compile(r"[-+]?[0-9]{1,40}(\.[0-9]{1,20})?")
_MOST_LINES = 10_000
_LONGEST_KEY = 255

_compiled = lru_cache(maxsize=4_096)(expressions.compiled)


class _Fields:
    """The fields of one line: each expression is looked for on the line, then on the document."""

    def __init__(self, mapped: Mapped, document: Any, line: Any) -> None:
        self._mapped = mapped
        self._places = (("line", mapped.line, line), ("document", mapped.document, document))

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the sender's words mean."""
        return self._mapped.meanings

    def text(self, name: str) -> str:
        """One text; empty where there is none, or no expression for it."""
        return self._first(name, expressions.text) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """All texts."""
        return self._first(name, expressions.texts) or ()

    def is_true(self, name: str) -> bool:
        """Whether something is so."""
        return bool(self._first(name, expressions.is_true))

    def number(self, name: str) -> Decimal | None:
        """A number as it is written; None where there is none."""
        written = self.text(name)
        if not written:
            return None
        if not _DECIMAL.fullmatch(written):
            raise self._bad(name, f'gives "{written[:40]}", which is no decimal number')
        return Decimal(written)

    def day(self, name: str) -> date | None:
        """A date; None where there is none."""
        written = self.text(name)
        if not written:
            return None
        try:
            # A date has no zone, and none is given to it.
            found = (
                datetime.strptime(written, self._mapped.dates).date()  # noqa: DTZ007
                if self._mapped.dates
                else day(written)
            )
        except ValueError:
            found = None
        if found is None:
            raise self._bad(name, f'gives "{written[:40]}", which is no date')
        return found

    def moment(self, name: str) -> tuple[datetime | None, str]:
        """A time, and its text where its zone is not known."""
        return moment(self.text(name))

    def _first(self, name: str, evaluated: Callable[..., Any]) -> Any:
        for place, given, part in self._places:
            if name not in given or part is None:
                continue
            written = given[name]
            try:
                value = evaluated(_expression(self._mapped, written), part, written)
            except BadExpressionError as error:
                message = f"{place}.{name}: {error}."
                raise BadExpressionError(message) from None
            if value:
                return value
        return None

    def _bad(self, name: str, fault: str) -> BadExpressionError:
        place, given, _ = next(it for it in self._places if name in it[1])
        message = f"{place}.{name}: `{given[name]}` {fault}."
        return BadExpressionError(message)


def _expression(mapped: Mapped, written: str) -> expressions.Expression:
    return _compiled(written, mapped.body, _Names(mapped.namespaces))


class _Names(dict[str, str]):
    """Namespaces that can be remembered by."""

    def __hash__(self) -> int:  # type: ignore[override]  # it is never changed
        return hash(tuple(sorted(self.items())))


class _Mapped:
    name = "mapped"
    title = "Mapped"
    authenticity = AUTHENTICITY
    strength = Strength.SHOWN
    codes = "those that the configuration lists"
    is_posted_to_webhooks = True

    def __init__(self, mapped: tuple[Mapped, ...] = ()) -> None:
        self._mapped = mapped

    def configured(self, settings: SourceSettings) -> "_Mapped":
        """The source whose documents these settings describe."""
        return _Mapped(settings.mapped)

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check what both sides agreed on."""
        del now
        authenticate_as_agreed(notification, trust)

    def delivery_key(self, notification: Notification) -> str:
        """What the mapping's `key` gives; the body where there is none."""
        try:
            mapped, document = self._chosen(notification.body)
            key = expressions.text(_expression(mapped, mapped.key), document, mapped.key)
        except (MalformedError, UnsupportedError):
            return body_key(notification.body)
        return f"key:{key}" if key and len(key) <= _LONGEST_KEY else body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """What any sender is told."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read a document as the first mapping says whose `when` is met."""
        mapped, document = self._chosen(notification.body)
        whole = _Fields(mapped, document, None)
        if whole.is_true("is_test"):
            message = "The document says of itself that it is a test."
            raise UnsupportedError("test_mode", message)
        sender = whole.text("supplier") or notification.source
        lines = _lines(mapped, document)
        if mapped.says == "invoice":
            return Reading(updates=(_invoice(mapped, document, lines, sender),))
        updates: list[Update] = []
        held: list[Finding] = []
        for line in lines:
            try:
                updates.append(_READERS[mapped.says](_Fields(mapped, document, line), sender))
            except MalformedError as error:
                held.append(Finding("malformed", str(error)))
        return Reading(updates=tuple(updates), held=tuple(held))

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Prove it as both sides agreed."""
        del now
        return {"content-type": "application/json", **sign_as_agreed(notification, trust)}

    def _chosen(self, body: bytes) -> tuple[Mapped, Any]:
        """The mapping that is meant for a body, and the body as it sees it."""
        failure: MalformedError | None = None
        documents: dict[str, Any] = {}
        for mapped in self._mapped:
            try:
                if mapped.body not in documents:
                    documents[mapped.body] = expressions.read_document(body, mapped.body)
            except MalformedError as error:
                failure = failure or error
                continue
            document = documents[mapped.body]
            if not mapped.when or expressions.is_true(
                _expression(mapped, mapped.when), document, mapped.when
            ):
                return mapped, document
        if failure is not None and not documents:
            raise failure
        message = "None of the mappings of this source is meant for such a document."
        raise UnsupportedError("unsupported_kind", message)


def _lines(mapped: Mapped, document: Any) -> Sequence[Any]:
    if not mapped.lines:
        return (document,)
    lines = expressions.parts(_expression(mapped, mapped.lines), document, mapped.lines)
    if not lines:
        message = f"lines: `{mapped.lines}` gives no line."
        raise BadExpressionError(message)
    if len(lines) > _MOST_LINES:
        message = f"lines: `{mapped.lines}` gives more than {_MOST_LINES} lines."
        raise BadExpressionError(message)
    return lines


def _document(fields: _Fields, sender: str) -> Document:
    said_at, _ = fields.moment("said_at")
    return Document(
        sender=sender,
        number=fields.text("number"),
        supplier=fields.text("supplier"),
        said_at=said_at,
    )


def _item(fields: _Fields) -> Item:
    return Item(
        po_number=fields.text("po_number"),
        supplier_reference=fields.text("supplier_reference"),
        line_number=fields.text("line_number"),
        part_number=fields.text("part_number"),
        manufacturer_part_number=fields.text("manufacturer_part_number"),
        supplier_part_number=fields.text("supplier_part_number"),
    )


def _translated(fields: _Fields, name: str) -> tuple[str, str]:
    """The sender's word, and what the mapping says that it means; "" where it says nothing."""
    word = fields.text(name)
    return word, fields.meanings.get(word, "")


def _tracking(fields: _Fields, sender: str) -> TrackingUpdate:
    number = fields.text("tracking_number")
    if not number:
        message = "The document names no tracking number where the mapping looks for it."
        raise MalformedError(message)
    word, meaning = _translated(fields, "status")
    at, local_time = fields.moment("at")
    return TrackingUpdate(
        sender=sender,
        tracking_number=number,
        current=Scan(
            meaning=Meaning(meaning) if meaning else None,
            code=word,
            words=fields.text("words"),
            place=fields.text("place"),
            at=at,
            local_time=local_time,
        ),
        carrier=fields.text("carrier"),
        service=fields.text("service"),
        estimated_delivery=fields.day("estimated_delivery"),
        signed_by=fields.text("signed_by"),
        shipped_on=fields.day("shipped_on"),
        weight=fields.text("weight"),
    )


def _confirmation(fields: _Fields, sender: str) -> OrderConfirmation:
    word, promise = _translated(fields, "promise")
    if not promise:
        message = f'The promise "{word[:40]}" is not among the meanings of the mapping.'
        raise MalformedError(message)
    return OrderConfirmation(
        document=_document(fields, sender),
        item=_item(fields),
        promise=Promise(promise),
        quantity=fields.number("quantity"),
        unit=unit_of(fields.text("unit")),
        expected_ship_by=fields.day("expected_ship_by"),
        estimated_delivery=fields.day("estimated_delivery"),
        unit_price=fields.number("unit_price"),
        currency=fields.text("currency"),
        substitute=fields.text("substitute"),
        words=fields.text("words"),
    )


def _ship_notice(fields: _Fields, sender: str) -> ShipNotice:
    return ShipNotice(
        document=_document(fields, sender),
        item=_item(fields),
        quantity=fields.number("quantity"),
        unit=unit_of(fields.text("unit")),
        tracking_numbers=fields.texts("tracking_numbers"),
        carrier=fields.text("carrier"),
        service=fields.text("service"),
        shipped_on=fields.day("shipped_on"),
        estimated_delivery=fields.day("estimated_delivery"),
        coo=fields.text("coo"),
        date_code=fields.text("date_code"),
        mfg_lot=fields.text("mfg_lot"),
        words=fields.text("words"),
    )


_READERS: Mapping[str, Callable[[_Fields, str], Update]] = {
    "tracking": _tracking,
    "confirmation": _confirmation,
    "ship_notice": _ship_notice,
}


def _invoice(mapped: Mapped, document: Any, lines: Sequence[Any], sender: str) -> Invoice:
    whole = _Fields(mapped, document, None)
    total = whole.number("total")
    if total is None:
        message = "The document has no total where the mapping looks for it."
        raise MalformedError(message)
    is_credit = whole.is_true("is_credit")
    # Some write a credit note's amounts as positive ones; here they are what changes.
    sign = -1 if is_credit and total > 0 else 1
    return Invoice(
        document=_document(whole, sender),
        total=sign * total,
        lines=tuple(_invoice_line(mapped, document, line, sign) for line in lines),
        amounts=_amounts(whole, sign),
        currency=whole.text("currency"),
        is_credit=is_credit,
        words=whole.text("words"),
    )


def _invoice_line(mapped: Mapped, document: Any, line: Any, sign: int) -> InvoiceLine:
    # The document's amounts are not the line's; its order number is.
    own = _Fields(msgspec.structs.replace(mapped, document={}), None, line)
    total = own.number("total")
    if total is None:
        message = "A line of the invoice has no total where the mapping looks for it."
        raise MalformedError(message)
    return InvoiceLine(
        item=_item(_Fields(mapped, document, line)),
        total=sign * total,
        quantity=own.number("quantity"),
        unit=unit_of(own.text("unit")),
        unit_price=own.number("unit_price"),
        amounts=_amounts(own, sign),
        words=own.text("words"),
    )


def _amounts(fields: _Fields, sign: int) -> Amounts:
    given = {name: fields.number(name) for name in Amounts.__struct_fields__}
    return Amounts(**{name: sign * amount for name, amount in given.items() if amount})


SOURCE = _Mapped()
