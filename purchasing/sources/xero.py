"""Xero: events that say which record of our own books changed, and no more than that.

Documentation: `xero-webhooks.yaml` of XeroAPI/Xero-OpenAPI (commit e952d0bd), and Xero's guide to
webhooks at developer.xero.com/documentation/guides/webhooks (read 2026-11).

Quirks that this module knows:
- Before an address is taken into use, Xero posts to it with right and wrong signatures ("intent to
  receive") and wants 200 and 401. The events of those posts are an empty list, or null.
- An event names a record that has to be fetched with a key of one's own; it has no number, no
  amount and no order, so nothing follows from it.
- The records are those of one's own organisation: a supplier's invoice is there once somebody has
  entered it.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt
from purchasing.errors import UnsupportedError
from purchasing.formats.json_body import read_json
from purchasing.formats.json_values import words_of
from purchasing.formats.thin_events import only_named
from purchasing.notification import Notification, body_key
from purchasing.signatures import base64_hash, verify
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_SIGNATURE = "x-xero-signature"


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    event_category: object = None
    event_type: object = None
    resource_id: object = None


class _Events(msgspec.Struct, frozen=True):
    events: tuple[_Event, ...] | None


_EVENTS = msgspec.json.Decoder(_Events)


class _Xero:
    name = "xero"
    title = "Xero"
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
        """The body: events have no identity of their own."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """200 with nothing in it."""
        del notification, receipt
        return Answer(status=200, body=b"")

    def refusal(self, notification: Notification) -> Answer:
        """401 with nothing in it, which the intent to receive waits for."""
        del notification
        return Answer(status=401, body=b"")

    def read(self, notification: Notification) -> Reading:
        """Name what would have to be fetched."""
        events = read_json(_EVENTS, notification.body, "a Xero notification").events
        if not events:
            message = "Xero asks whether we receive its events; there is none in it."
            raise UnsupportedError("unsupported_kind", message)
        return only_named("Xero", [_change(event) for event in events])

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Sign as Xero does."""
        del now
        return {
            "content-type": "application/json",
            _SIGNATURE: base64_hash(trust.secrets[0], notification.body),
        }


def _change(event: _Event) -> str:
    """What changed, in a few words."""
    what = words_of(event.event_type).lower() or "something"
    category = words_of(event.event_category).lower() or "record"
    return f"{what} of {category} {words_of(event.resource_id) or 'without an id'}"


SOURCE = _Xero()
