"""QuickBooks Online: events that say which record of our own books changed, and no more than that.

Documentation: developer.intuit.com "Webhooks" and the notice of 2025-11-12 on CloudEvents; the
signature as intuit/QuickBooks-V3-Java-SDK (commit 79b5a3c1) tests it, with a published vector (all
read 2026-11).

Quirks that this module knows:
- There are two forms: an object with `eventNotifications`, and, between November 2025 and 2026 in
  its place, an array of CloudEvents.
- The signature is over the bytes: Intuit's own example hashes the JSON written anew, which fails as
  soon as a space differs.
- An event names a record that has to be fetched with a key of one's own; it has no number, no
  amount and no order, so nothing follows from it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import UnsupportedError
from purchasing.formats.json_body import read_json
from purchasing.formats.json_values import words_of
from purchasing.formats.thin_events import only_named
from purchasing.notification import Notification, body_key
from purchasing.signatures import base64_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_SIGNATURE = "intuit-signature"


class _Entity(msgspec.Struct, frozen=True):
    name: object = None
    id: object = None
    operation: object = None


class _Change(msgspec.Struct, frozen=True):
    entities: tuple[_Entity, ...] | None = None


class _OfCompany(msgspec.Struct, frozen=True, rename="camel"):
    data_change_event: _Change | None = None


class _OldForm(msgspec.Struct, frozen=True, rename="camel"):
    event_notifications: tuple[_OfCompany, ...] | None


class _CloudEvent(msgspec.Struct, frozen=True):
    type: object
    intuitentityid: object = None


_OLD_FORM = msgspec.json.Decoder(_OldForm)
_CLOUD_EVENTS = msgspec.json.Decoder(tuple[_CloudEvent, ...])


class _QuickBooks:
    name = "quickbooks"
    title = "QuickBooks"
    authenticity = "HMAC-SHA256 of the body"
    strength = Strength.SIGNED
    codes = "none: an event only names a record that has to be fetched"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the signature."""
        del now
        given = notification.headers.get(_SIGNATURE, "")
        verify(given, trust.secrets, lambda secret: base64_hash(secret, notification.body))

    def delivery_key(self, notification: Notification) -> str:
        """The body: the old form has no identity, and nothing follows from either."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200, as the documentation asks for."""
        del notification
        return receipt_in_json(receipt, 200)

    def read(self, notification: Notification) -> Reading:
        """Name what would have to be fetched."""
        named = tuple(_changes(notification.body))
        if not named:
            message = "QuickBooks names no record that it has changed."
            raise UnsupportedError("unsupported_kind", message)
        return only_named("QuickBooks", named)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as Intuit does."""
        del now
        return {
            "content-type": "application/json",
            _SIGNATURE: base64_hash(trust.secrets[0], notification.body),
        }


def _changes(body: bytes) -> Iterator[str]:
    """What changed, in a few words each, from either form."""
    if body.lstrip(b" \t\r\n").startswith(b"["):
        for event in read_json(_CLOUD_EVENTS, body, "an array of QuickBooks events"):
            yield f"{_said(event.type)} of record {_said(event.intuitentityid)}"
        return
    form = read_json(_OLD_FORM, body, "a QuickBooks notification")
    for company in form.event_notifications or ():
        change = company.data_change_event or _Change()
        for entity in change.entities or ():
            yield f"{_said(entity.operation)} of {_said(entity.name)} {_said(entity.id)}"


def _said(value: object) -> str:
    return words_of(value) or "something unnamed"


SOURCE = _QuickBooks()
