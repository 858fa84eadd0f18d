"""Stripe: invoices that a supplier writes there, as far as its events hold them.

Documentation: docs.stripe.com/webhooks, /api/events/object, /api/invoices/object,
/api/invoice-line-item/object and /currencies; the signature as `stripe/_webhook.py` of
stripe-python computes it (commit 6c6e373) (all read 2026-11).

Quirks that this module knows:
- The signature's header may hold several `v1`, one for each secret that is in use at Stripe.
- The events of a supplier's account tell of all its customers; only an invoice that names a
  purchase order is taken to be for us.
- An event holds the invoice as it was. A thin one (`v2.core.event`) holds no object at all.
- Amounts are of the currency's smallest unit: yen have no decimals, dinars three. ISK is written
  with two although it has none; of UGX the documentation says both.
- The first ten lines come along; `has_more` says that there are others.
- Nothing of an invoice changes once it is finalized: its further events repeat it.
- A line has an amount before discounts; tax that is inside of it (`inclusive`) is not told apart.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.documents import Amounts, Document, Invoice, InvoiceLine, Item
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.json_body import peek_json, read_json
from purchasing.formats.json_values import (
    loose_decoder,
    number_of,
    object_of,
    objects_of,
    text_of,
    unix_moment_of,
    words_of,
)
from purchasing.formats.readings import held, said
from purchasing.notification import Notification, body_key
from purchasing.signatures import keyed_hash, unix_time, verify, within_window
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_SIGNATURE = "stripe-signature"
_MOST_SIGNATURES = 8

_WHOLE = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
_THREE = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_AMBIGUOUS = "ugx"
_CURRENCY = re.compile(r"[a-z]{3}")

_PO_NAMES = frozenset({"po", "ponumber", "purchaseorder", "purchaseordernumber"})
_LINE_NAMES = frozenset({"poline", "polinenumber", "linenumber"})
_PART_NAMES = frozenset({"sku", "part", "partnumber"})
_SIGNS = re.compile(r"[^a-z]")

_Fields = Mapping[str, object]


class _Event(msgspec.Struct, frozen=True):
    type: object
    livemode: object = None
    created: object = None
    data: object = None


class _Identity(msgspec.Struct, frozen=True):
    id: str = ""


_EVENT = loose_decoder(_Event)
_IDENTITY = msgspec.json.Decoder(_Identity)


class _Stripe:
    name = "stripe"
    title = "Stripe"
    authenticity = "HMAC-SHA256 of time and body"
    strength = Strength.SIGNED_WITH_TIME
    codes = "the 5 states of an invoice"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the time first, then that one of the signatures is right."""
        seconds, signatures = _signed(notification.headers.get(_SIGNATURE, ""))
        within_window(unix_time(seconds), now, trust.tolerance)
        refusals: list[UnauthenticatedError] = []
        for given in signatures:
            try:
                verify(
                    given,
                    trust.secrets,
                    lambda secret: _signature(secret, seconds, notification.body),
                )
            except UnauthenticatedError as refusal:
                refusals.append(refusal)
        if len(refusals) == len(signatures):
            raise refusals[0]

    def delivery_key(self, notification: Notification) -> str:
        """The event's id, which stands in the signed body; the body where there is none."""
        event = peek_json(_IDENTITY, notification.body)
        if event is None or not event.id.startswith("evt_"):
            return body_key(notification.body)
        return event.id

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do."""
        del notification
        return receipt_in_json(receipt, 200)

    def read(self, notification: Notification) -> Reading:
        """Read the invoice of an event."""
        event = read_json(_EVENT, notification.body, "a Stripe event")
        document = object_of(object_of(event.data).get("object"))
        if event.livemode is False:
            message = "Stripe marks this event as one of its test mode."
            raise UnsupportedError("test_mode", message)
        if words_of(document.get("object")) not in {"invoice", "credit_note"}:
            message = (
                f"Stripe's {words_of(event.type) or 'event'} holds no invoice; an event that only "
                "names one would have to be fetched from Stripe."
            )
            raise UnsupportedError("unsupported_kind", message)
        try:
            return _read(document, event)
        except MalformedError as error:
            message = f"Stripe's invoice cannot be read: {error}."
            raise MalformedError(message) from None

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as Stripe does for an endpoint with one secret."""
        seconds = str(int(now.timestamp()))
        signature = _signature(trust.secrets[0], seconds, notification.body)
        return {"content-type": "application/json", _SIGNATURE: f"t={seconds},v1={signature}"}


def _signed(header: str) -> tuple[str, tuple[str, ...]]:
    """The time and the signatures of the header; schemes other than v1 are passed over."""
    pairs = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = tuple(value for name, _, value in pairs if name == "v1")
    if len(times) != 1 or not 1 <= len(signatures) <= _MOST_SIGNATURES:
        message = "the Stripe-Signature header is missing or not of its form"
        raise UnauthenticatedError(message)
    return times[0], signatures


def _signature(secret: str, seconds: str, body: bytes) -> str:
    return keyed_hash(secret.encode(), seconds.encode() + b"." + body)


def _read(document: _Fields, event: _Event) -> Reading:
    number, order = text_of(document.get("number")), _po_number(document)
    if not order:
        message = (
            f"Stripe's invoice {number or 'without a number'} names no purchase order, so it may "
            "be for any customer of the supplier's."
        )
        raise UnsupportedError("unsupported_kind", message)
    status = text_of(document.get("status"))
    if document.get("object") == "credit_note":
        return held("needs_person", f"Stripe's credit note {number} for order {order} is not read.")
    if status == "draft":
        message = f"Stripe's invoice for order {order} is a draft."
        raise UnsupportedError("unsupported_kind", message)
    if status in {"void", "uncollectible"}:
        return held("needs_person", f"Stripe's invoice {number} for order {order} is {status}.")
    if status not in {"open", "paid"}:
        detail = f'Stripe\'s invoice {number} has the unknown status "{status}".'
        return held("unknown_status", detail)
    return _fault(document, number) or _invoice(document, event, number, order)


def _named(entries: Iterable[tuple[object, object]], names: frozenset[str]) -> str:
    """The value of the first entry that bears one of the names, whatever signs are in it."""
    values = (
        text_of(value) for name, value in entries if _SIGNS.sub("", words_of(name).lower()) in names
    )
    return next(filter(None, values), "")


def _po_number(document: _Fields) -> str:
    """The order, from the metadata, or from the custom fields that are printed on the invoice."""
    fields = objects_of(document.get("custom_fields"))
    printed = tuple((field.get("name"), field.get("value")) for field in fields)
    return _named((*object_of(document.get("metadata")).items(), *printed), _PO_NAMES)


def _fault(document: _Fields, number: str) -> Reading | None:
    """Why an invoice cannot be read whole, and money is all or nothing."""
    lines = object_of(document.get("lines"))
    if not number:
        return held("malformed", "Stripe's invoice is finalized and has no number.")
    if lines.get("has_more") is not False or not objects_of(lines.get("data")):
        detail = f"Stripe's event does not hold all lines of invoice {number}."
        return held("needs_person", detail)
    if (number_of(document.get("total"), "its total") or 0) < 0:
        detail = f"Stripe's invoice {number} is over less than nothing, as a credit note is."
        return held("needs_person", detail)
    if any(_is_inclusive(tax) for tax in _taxes(document)):
        detail = f"The prices of Stripe's invoice {number} include tax, which is not told apart."
        return held("needs_person", detail)
    for count, line in enumerate(objects_of(lines.get("data")), start=1):
        if _item(line, "").is_whole_order:
            detail = f"Line {count} of Stripe's invoice {number} names no line and no part."
            return held("needs_person", detail)
    return None


def _taxes(document: _Fields) -> tuple[_Fields, ...]:
    """The taxes of an invoice; until 2025 they had another name."""
    return objects_of(document.get("total_taxes")) or objects_of(document.get("total_tax_amounts"))


def _is_inclusive(tax: _Fields) -> bool:
    return tax.get("tax_behavior") == "inclusive" or tax.get("inclusive") is True


def _item(line: _Fields, order: str) -> Item:
    entries = tuple(object_of(line.get("metadata")).items())
    return Item(
        po_number=order,
        line_number=_named(entries, _LINE_NAMES),
        supplier_part_number=_named(entries, _PART_NAMES),
    )


def _invoice(document: _Fields, event: _Event, number: str, order: str) -> Reading:
    currency = text_of(document.get("currency")).lower()
    decimals = _decimals(currency)
    supplier = words_of(document.get("account_name"))
    shipping = object_of(document.get("shipping_cost")).get("amount_subtotal")
    invoice = Invoice(
        document=Document(
            sender=f"{supplier} (Stripe)" if supplier else "Stripe",
            number=number,
            supplier=supplier,
            said_at=unix_moment_of(event.created),
        ),
        currency=currency.upper(),
        total=_required(document.get("total"), "its total", decimals),
        amounts=Amounts(
            tax=_sum(_taxes(document), decimals),
            shipping=_money(shipping, "its shipping", decimals),
        ),
        lines=tuple(
            _line(line, order, decimals)
            for line in objects_of(object_of(document.get("lines")).get("data"))
        ),
    )
    return said(invoice)


def _line(line: _Fields, order: str, decimals: int) -> InvoiceLine:
    amount = _required(line.get("amount"), "the amount of a line", decimals)
    return InvoiceLine(
        item=_item(line, order),
        total=amount - _sum(objects_of(line.get("discount_amounts")), decimals),
        quantity=number_of(
            line.get("quantity_decimal") or line.get("quantity"), "the quantity of a line"
        ),
        words=words_of(line.get("description")),
    )


def _decimals(currency: str) -> int:
    if not _CURRENCY.fullmatch(currency) or currency == _AMBIGUOUS:
        message = "its currency is missing, or one whose smallest unit is not known"
        raise MalformedError(message)
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THREE else 2


def _required(value: object, what: str, decimals: int) -> Decimal:
    if value is None:
        message = f"{what} is missing"
        raise MalformedError(message)
    return _money(value, what, decimals)


def _money(value: object, what: str, decimals: int) -> Decimal:
    """An amount of smallest units as one of the currency; nothing where there is none."""
    number = number_of(value, what) or Decimal(0)
    if number != number.to_integral_value():
        message = f"{what} is no whole number of smallest units"
        raise MalformedError(message)
    return number.scaleb(-decimals)


def _sum(entries: Iterable[_Fields], decimals: int) -> Decimal:
    amounts = (_money(entry.get("amount"), "an amount", decimals) for entry in entries)
    return sum(amounts, Decimal(0))


SOURCE = _Stripe()
