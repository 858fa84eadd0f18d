"""UBL 2.x and Peppol: order responses, despatch advices, invoices and credit notes in XML.

Documentation: OASIS UBL 2.1 and Peppol BIS; see `purchasing/formats/ubl.py` (read 2026-11).

Quirks that this module knows:
- In Peppol the signature ends at the access point: what is posted proves nothing by itself, so a
  secret is agreed with whoever posts it.
- A document may stand in an envelope (SBDH), or alone; its root element says what it is.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import UnsupportedError
from purchasing.formats.agreed_proof import AUTHENTICITY, authenticate_as_agreed, sign_as_agreed
from purchasing.formats.readings import held
from purchasing.formats.ubl import TITLE, refuse_copy, root_of
from purchasing.formats.ubl_despatch import read_despatch
from purchasing.formats.ubl_invoice import read_invoice
from purchasing.formats.ubl_response import read_response, read_simple
from purchasing.formats.xml_body import Element, name_of
from purchasing.notification import Notification, body_key
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading


def _debit_note(root: Element) -> Reading:
    del root
    return held("needs_person", "It is a debit note, and not an invoice like others.")


_KINDS: Mapping[str, Callable[[Element], Reading]] = {
    "OrderResponse": read_response,
    "OrderResponseSimple": read_simple,
    "DespatchAdvice": read_despatch,
    "Invoice": read_invoice,
    "CreditNote": read_invoice,
    "DebitNote": _debit_note,
}


class _Ubl:
    name = "ubl"
    title = TITLE
    authenticity = AUTHENTICITY
    strength = Strength.SHOWN
    codes = "order responses, despatch advices, invoices and credit notes, with Peppol's codes"
    is_posted_to_webhooks = True

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Check the secret, or the hash, that was agreed."""
        del now
        authenticate_as_agreed(notification, trust)

    def delivery_key(self, notification: Notification) -> str:
        """The body: whoever repeats a document repeats its bytes."""
        return body_key(notification.body)

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """Any 2xx will do."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read a document by its root element."""
        root = root_of(notification.body)
        kind = name_of(root)
        if kind not in _KINDS:
            message = f"UBL's {kind[:60]} says nothing that a purchase is told of."
            raise UnsupportedError("unsupported_kind", message)
        refuse_copy(root)
        return _KINDS[kind](root)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Prove the body as agreed."""
        del now
        return {"content-type": "application/xml", **sign_as_agreed(notification, trust)}


SOURCE = _Ubl()
