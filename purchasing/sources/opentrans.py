"""openTRANS 2.1: order responses, dispatch notifications and invoices in XML, as in Germany.

Documentation: see `purchasing/formats/opentrans.py`; the webhooks of JACOB Elektronik in
jacob-elektronik/joe-api-documentation, `webhooks.md` (4e91ccb) and `README.md` (8a637bd), read
2026-11.

Quirks that this module knows:
- JACOB posts the documents themselves, without a signature; what it calls events only points to
  them. A 4xx other than 408 and 429 ends its attempts, so nothing that is authentic gets one.
- Documents may be in ISO-8859-1, and may lack the namespace.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.formats.agreed_proof import AUTHENTICITY, authenticate_as_agreed, sign_as_agreed
from purchasing.formats.opentrans import TITLE, root_of
from purchasing.formats.opentrans_delivery import read_dispatch, read_response
from purchasing.formats.opentrans_invoice import read_invoice
from purchasing.formats.xml_body import Element, name_of
from purchasing.notification import Notification, body_key
from purchasing.trust import Strength, Trust
from purchasing.updates import Reading

_KINDS: Mapping[str, Callable[[Element], Reading]] = {
    "ORDERRESPONSE": read_response,
    "DISPATCHNOTIFICATION": read_dispatch,
    "INVOICE": read_invoice,
}


class _OpenTrans:
    name = "opentrans"
    title = TITLE
    authenticity = AUTHENTICITY
    strength = Strength.SHOWN
    codes = "order responses, dispatch notifications and invoices; all 3 types of an invoice"
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
        return _KINDS[name_of(root)](root)

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Prove the body as agreed."""
        del now
        return {"content-type": "application/xml", **sign_as_agreed(notification, trust)}


SOURCE = _OpenTrans()
