"""cXML: confirmations, ship notices and invoices as suppliers and their networks post them.

Documentation: the DTDs of cXML 1.2.063 (cXML, Fulfill) and 1.2.037 (InvoiceDetail), whose comments
are the specification's text, as FriendsOfCXML/cxml-php (b162087) and officeluv/cxml (515be33) hold
them; that a refusal travels in HTTP 200: gatebold.com/en/tools/cxml-error-codes (read 2026-11).

Quirks that this module knows:
- The secret is in the body, so a stored copy would give it away; it is stored without.
- A payloadID should be unique and is reused by some, so the body's hash is a part of the key.
- Through a network, Sender is the network and From the supplier.
- A body may be a form with the document in a field of it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from purchasing.answers import OK, Answer, Receipt
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.cxml import (
    credentials,
    identity_of,
    kind_of,
    read_envelope,
    read_request,
)
from purchasing.formats.cxml_confirmations import read_confirmation
from purchasing.formats.cxml_invoices import read_invoice
from purchasing.formats.cxml_secrets import shown_secrets, with_secret, without_secrets
from purchasing.formats.cxml_shipments import read_ship_notice
from purchasing.formats.xml_body import Element, attribute, child, text
from purchasing.notification import Notification, body_key
from purchasing.signatures import same_as_any
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_READERS = {
    "ConfirmationRequest": read_confirmation,
    "ShipNoticeRequest": read_ship_notice,
    "InvoiceDetailRequest": read_invoice,
}

_CONTENT_TYPE = "text/xml; charset=utf-8"

_ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.063/cXML.dtd">
<cXML payloadID="{id}@tallyman" timestamp="{time}" version="1.2.063">
  <Response>
    <Status code="{code}" text="{text}">{detail}</Status>
  </Response>
</cXML>
"""
"""A Response of the newest version whose DTD was read; Status is the same in all of 1.2."""

# A key is shown to people and searched for, so its parts are kept short.
_LONGEST_PART = 120


class _Cxml:
    name = "cxml"
    title = "cXML"
    authenticity = "a SharedSecret of the Sender, shown in the document's Header"
    strength = Strength.SHOWN
    codes = "ConfirmationRequest, ShipNoticeRequest and InvoiceDetailRequest, all documented types"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the SharedSecret, then who sends with whom the source is for."""
        del now
        if not trust.secrets:
            message = "no secret is configured for this source, so nothing can be verified"
            raise UnauthenticatedError(message)
        try:
            root = read_envelope(notification.body)
        except MalformedError:
            message = "the body is no cXML document, so it shows no SharedSecret"
            raise UnauthenticatedError(message) from None
        shown = shown_secrets(root)
        if not shown:
            raise UnauthenticatedError(_what_is_missing(root))
        known = tuple(secret.strip() for secret in trust.secrets)
        # Each is compared, so that the time taken tells nothing about which one was right.
        matches = [same_as_any(secret, known) for secret in shown]
        if not any(matches):
            message = "the SharedSecret of the Sender is wrong"
            raise UnauthenticatedError(message)
        if not _may_send(root, trust.settings.identity):
            message = "neither the Sender nor the From of the document has the source's identity"
            raise UnauthenticatedError(message)

    def delivery_key(self, notification: Notification) -> str:
        """Who sends, what, its payloadID, and a hash of it without the secret."""
        try:
            root = read_envelope(notification.body)
        except MalformedError:
            return body_key(notification.body)
        named = (identity_of(root, "Sender"), kind_of(root), attribute(root, "payloadID"))
        rest = hashlib.blake2b(without_secrets(notification.body), digest_size=16).hexdigest()
        return ":".join((*(part[:_LONGEST_PART] for part in named), rest))

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """A Response with status 200, the same for a repetition."""
        return _answer(notification, receipt.id, 200, "OK")

    def refusal(self, notification: Notification) -> Answer:
        """A Response with status 401, in an HTTP answer of 200 as the senders expect."""
        detail = "The SharedSecret of the Sender, or its identity, is not accepted here."
        return _answer(notification, notification.id, 401, "Unauthorized", detail)

    def without_secrets(self, body: bytes) -> bytes:
        """The document without the content of any SharedSecret."""
        return without_secrets(body)

    def read(self, notification: Notification) -> Reading:
        """Read a confirmation, a ship notice or an invoice."""
        request = read_request(notification.body, self.title)
        reader = _READERS.get(request.kind)
        if reader is None:
            message = f"A cXML {request.kind[:60]} is not read."
            raise UnsupportedError("unsupported_kind", message)
        return reader(request)

    def signed_body(self, body: bytes, trust: Trust) -> bytes:
        """The document with the newest secret as the Sender's SharedSecret."""
        return with_secret(body, trust.secrets[0])

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """The content type alone: what proves the sender is in the body."""
        del notification, trust, now
        return {"content-type": _CONTENT_TYPE}


def _what_is_missing(root: Element) -> str:
    for other in ("CredentialMac", "DigitalSignature"):
        if any(child(it, other) is not None for it in credentials(root, "Sender")):
            return f"a {other} is not supported; the Sender has to show a SharedSecret"
    return "the Sender of the document shows no SharedSecret"


def _may_send(root: Element, identity: str | None) -> bool:
    """Whether a credential of Sender or From has the identity for which the source is."""
    if identity is None:
        return True
    parties = (it for party in ("Sender", "From") for it in credentials(root, party))
    given = {text(credential, "Identity").casefold() for credential in parties}
    return identity.strip().casefold() in given - {""}


def _answer(
    notification: Notification, id_: str, code: int, status: str, detail: str = ""
) -> Answer:
    body = _ANSWER.format(
        id=escape(id_),
        time=notification.received_at.astimezone(UTC).isoformat(timespec="seconds"),
        code=code,
        text=status,
        detail=escape(detail),
    )
    return Answer(status=OK, body=body.encode(), content_type=_CONTENT_TYPE)


SOURCE = _Cxml()
