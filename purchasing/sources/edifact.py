"""EDIFACT: order responses, despatch advices and invoices of suppliers, in any envelope.

Documentation: ISO 9735 (syntax), UN/EDIFACT directories D.96A to D.21A for ORDRSP, DESADV and
INVOIC; the modules of `purchasing/formats` name their sources.

Quirks that this module knows:
- A body may hold several interchanges, each with service characters of its own, and a byte order
  mark before the first.
- Control references wrap and are used again, and a document that is sent again may get new ones.
- The energy market has messages of the same names that mean something else; their association code
  is a version number such as 2.5a (INVOIC MIG 2.5a of EDI@Energy, 2013-04-01).
- UNB may hold a password (0022).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.agreed_proof import AUTHENTICITY, authenticate_as_agreed, sign_as_agreed
from purchasing.formats.edifact import Group, Interchange, Message, read_interchanges
from purchasing.formats.edifact_contrl import control_messages
from purchasing.formats.edifact_despatch import read_advice
from purchasing.formats.edifact_invoice import read_invoice
from purchasing.formats.edifact_order import read_response
from purchasing.formats.edifact_secrets import without_passwords
from purchasing.formats.readings import collected, held, ignored, told_apart
from purchasing.notification import Notification, body_key
from purchasing.trust import Strength, Trust
from purchasing.updates import Finding, Reading

_READERS: Mapping[str, Callable[[Message], Reading]] = {
    "ORDRSP": read_response,
    "DESADV": read_advice,
    "INVOIC": read_invoice,
}
_CONTENT_TYPE = "application/EDIFACT"
_OF_ENERGY = re.compile(r"[A-Z]?[0-9]+(?:\.[0-9]+)+[a-z]?")


class _Edifact:
    name = "edifact"
    title = "EDIFACT"
    authenticity = AUTHENTICITY
    strength = Strength.SHOWN
    codes = "ORDRSP, DESADV and INVOIC of D.96A to D.21A; other codes are held"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check what both sides agreed on; nothing in the body is a proof."""
        del now  # None of it carries a time.
        authenticate_as_agreed(notification, trust)

    def delivery_key(self, notification: Notification) -> str:
        """The body: the same bytes are the same transmission, the same reference need not be."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read every message of every interchange; what is wrong with one harms no other."""
        interchanges: list[Interchange] = []
        readings: list[Reading] = []
        try:
            for interchange in read_interchanges(notification.body):
                interchanges.append(interchange)
                readings += _of_interchange(interchange)
        except MalformedError as error:
            if not interchanges:
                raise
            readings.append(held("malformed", str(error)))
        contrl = control_messages(interchanges, notification.received_at)
        told = Answer(status=200, body=contrl, content_type=_CONTENT_TYPE) if contrl else None
        return msgspec.structs.replace(collected(told_apart(readings)), acknowledgement=told)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Prove it as agreed."""
        del now
        return {"content-type": _CONTENT_TYPE, **sign_as_agreed(notification, trust)}

    def without_secrets(self, body: bytes) -> bytes:
        """The body without the passwords of its headers."""
        return without_passwords(body)


def _of_interchange(interchange: Interchange) -> Iterator[Reading]:
    name = f"Interchange {interchange.reference or '?'}"
    if interchange.fault is not None:
        text = f"{name} cannot be read: {interchange.fault.sentence}."
        yield held("malformed", text)
    elif interchange.is_test:
        yield ignored("test_mode", f"{name} is marked as a test.")
    elif not (interchange.messages or any(group.fault for group in interchange.groups)):
        yield ignored("unsupported_kind", f"{name} holds no message.")
    else:
        for group in interchange.groups:
            yield from _of_group(group, name)


def _of_group(group: Group, name: str) -> Iterator[Reading]:
    if group.fault is not None:
        text = f"A group of {name} cannot be read: {group.fault.sentence}."
        yield held("malformed", text)
        return
    for message in group.messages:
        what = f"{message.kind or 'Message'} {message.reference or '?'}"
        try:
            yield _named(_of_message(message), what)
        except MalformedError as error:
            yield held("malformed", f"{what}: {error}")
        except UnsupportedError as error:
            yield ignored(error.reason, f"{what}: {error.detail}")


def _of_message(message: Message) -> Reading:
    if message.fault is not None:
        text = f"It cannot be read: {message.fault.sentence}."
        raise MalformedError(text)
    reader = _READERS.get(message.kind)
    if reader is None:
        text = "Messages of this kind say nothing of an order's goods or money."
        raise UnsupportedError("unsupported_kind", text)
    if _OF_ENERGY.fullmatch(message.association):
        text = f"Its association code {message.association} is one of the energy market."
        raise UnsupportedError("unsupported_kind", text)
    return reader(message)


def _named(reading: Reading, what: str) -> Reading:
    """The reading, with the message's name before each of its findings."""
    return Reading(
        updates=reading.updates,
        ignored=tuple(Finding(it.reason, f"{what}: {it.detail}") for it in reading.ignored),
        held=tuple(Finding(it.reason, f"{what}: {it.detail}") for it in reading.held),
    )


SOURCE = _Edifact()
