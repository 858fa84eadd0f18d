"""ANSI X12: order confirmations, ship notices and invoices of suppliers, as EDI.

Documentation: 855, 856, 810 and 865 of 004010 (edi.stedi.com/x12-004010, ECIA's guidelines), SAP
Business Network's maps of them to cXML, and public samples (read 2026-11). The modules of
`purchasing/formats/x12*.py` name the sources of each code list.

Quirks that this module knows:
- The proof is agreed on; ISA02 and ISA04 may hold a password, prove nothing, and are never stored.
- Control numbers wrap and are used again: only the same number with the same bytes is a repetition.
- Samples have a byte order mark, line breaks, tabs, an ISA without padding, any ISA12.
- One interchange may hold sets of several kinds, and one body several interchanges.
- ISA09 and ISA10 name no zone; they are taken as UTC, which is hours off at most.
- An 860 is the buyer's own change of an order, which tells its sender nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import MalformedError
from purchasing.formats.agreed_proof import AUTHENTICITY, authenticate_as_agreed, sign_as_agreed
from purchasing.formats.readings import collected, held, ignored, told_apart
from purchasing.formats.x12 import Group, Interchange, Transaction, read_interchanges
from purchasing.formats.x12_acknowledgement import CONTENT_TYPE, acknowledgement
from purchasing.formats.x12_elements import said_at
from purchasing.formats.x12_invoice import read_invoice
from purchasing.formats.x12_order import read_order
from purchasing.formats.x12_segments import identity, without_secrets
from purchasing.formats.x12_ship_notice import read_ship_notice
from purchasing.notification import Notification
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_READERS: Mapping[str, Callable[[Transaction, datetime | None], Reading]] = {
    "810": read_invoice,
    "855": read_order,
    "856": read_ship_notice,
    "865": read_order,
}

_NOT_OURS = {
    "824": "says what became of a document of ours",
    "850": "is an order of the buyer",
    "860": "is a change that the buyer makes",
    "870": "reports the status of orders",
    "997": "acknowledges a document of ours",
    "999": "acknowledges a document of ours",
}
"""What the sets are that suppliers are known to send and that cause nothing."""


class _X12:
    name = "x12"
    title = "ANSI X12"
    authenticity = AUTHENTICITY
    strength = Strength.SHOWN
    codes = "855, 856, 810 and 865 of 004010; all 25 line statuses, the common purposes and charges"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check what was agreed on; nothing in an interchange proves its sender."""
        del now
        authenticate_as_agreed(notification, trust)

    def delivery_key(self, notification: Notification) -> str:
        """The sender and control number of the first interchange, with a hash of the body."""
        return identity(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do; the 997 is made of what was read."""
        del notification
        return receipt_in_json(receipt)

    def without_secrets(self, body: bytes) -> bytes:
        """The body without ISA02 and ISA04."""
        return without_secrets(body)

    def read(self, notification: Notification) -> Reading:
        """Read every transaction set by itself, and make the acknowledgement."""
        read = read_interchanges(notification.body)
        parts = list(told_apart(part for it in read.interchanges for part in _interchange(it)))
        if read.fault:
            parts.append(held("malformed", read.fault))
        told = acknowledgement(read, notification.received_at)
        return msgspec.structs.replace(collected(parts), acknowledgement=told)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Prove the body as agreed."""
        del now
        return {"content-type": CONTENT_TYPE, **sign_as_agreed(notification, trust)}


def _interchange(interchange: Interchange) -> Iterator[Reading]:
    number = interchange.number or "?"
    if interchange.fault:
        yield held("malformed", interchange.fault.detail)
    elif interchange.is_test:
        yield ignored("test_mode", f"ISA15 marks interchange {number} as a test.")
    elif not interchange.groups:
        detail = f"Interchange {number} has no groups: it acknowledges one of ours, or is empty."
        yield ignored("unsupported_kind", detail)
    else:
        for group in interchange.groups:
            yield from _group(interchange, group)


def _group(interchange: Interchange, group: Group) -> Iterator[Reading]:
    if group.fault:
        yield held("malformed", group.fault.detail)
        return
    if not group.transactions:
        detail = f"Group {group.header.at(6)} has no transaction sets."
        yield ignored("unsupported_kind", detail)
    for transaction in group.transactions:
        yield _transaction(interchange, transaction)


def _transaction(interchange: Interchange, transaction: Transaction) -> Reading:
    name = f"{transaction.kind} {transaction.number}"
    if transaction.fault:
        return held("malformed", transaction.fault.detail)
    reader = _READERS.get(transaction.kind)
    if reader is None:
        what = _NOT_OURS.get(transaction.kind, "is of a kind that is not read here")
        return ignored("unsupported_kind", f"{name} {what}.")
    try:
        return reader(transaction, said_at(interchange))
    except MalformedError as error:
        return held("malformed", f"{name}: {error}")


SOURCE = _X12()
