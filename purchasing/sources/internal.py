"""What internal services post to `/v1/events`: purchase events in Cofactr's own words.

They differ from every other sender in that their statements are passed on as they are, and that
they are told at once what is wrong with them.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import msgspec

from purchasing.answers import Answer, Receipt, receipt_in_json
from purchasing.errors import InvalidFieldsError, MalformedError, UnauthenticatedError
from purchasing.notification import Notification
from purchasing.signatures import bearer_token, same_as_any
from purchasing.trust import Strength, Trust
from purchasing.updates import DirectEvent, Reading
from purchasing.validation import read_fields

IDEMPOTENCY_KEY = "idempotency-key"
"""The optional header by which a caller makes two posts the same one
(draft-ietf-httpapi-idempotency-key-header-07)."""

_LONGEST_KEY = 255


class _Given(msgspec.Struct, frozen=True):
    line_numbers: tuple[str, ...] | None = None


_GIVEN = msgspec.json.Decoder(_Given)


def read_event(body: bytes) -> DirectEvent:
    """Read an event, and check what no type can say.

    Raises:
        InvalidFieldsError: Some fields are bad; each is named.
    """
    event = read_fields(body, DirectEvent, _faults)
    # Without line numbers, the whole order is meant, which an empty list need not mean.
    may_be_given = not event.line_numbers and b'"line_numbers"' in body
    if may_be_given and _GIVEN.decode(body).line_numbers is not None:
        fault = "must not be empty; without it, the whole order is meant"
        raise InvalidFieldsError({"line_numbers": fault})
    return event


def _faults(event: DirectEvent, bad: Collection[str]) -> dict[str, str]:
    """What no type can say; `bad` are fields that were given and cannot be read."""
    faults: dict[str, str] = {}
    by_order = {
        "po_number": event.po_number,
        "line_numbers": event.line_numbers,
        "part_number": event.part_number,
    }
    for name, value in by_order.items():
        if event.purchase_lines and value:
            faults[name] = "cannot be given together with purchase_lines"
        elif value and event.po_number is None and "po_number" not in bad:
            faults[name] = "needs po_number beside it"
    if len(set(event.purchase_lines)) != len(event.purchase_lines):
        faults["purchase_lines"] = "must not name a line twice"
    references = ("purchase_lines", "po_number", "tracking_number")
    if not any(getattr(event, name) not in (None, ()) or name in bad for name in references):
        faults.setdefault(
            "purchase_lines", "is required, or po_number, or tracking_number in its place"
        )
    return faults | _empty(event) | _timeless(event)


def _empty(event: DirectEvent) -> dict[str, str]:
    """References that are given and say nothing."""
    texts = ("po_number", "part_number", "tracking_number")
    given = {name: getattr(event, name) for name in texts}
    faults = {
        name: "must not be empty"
        for name, text in given.items()
        if text is not None and not text.strip()
    }
    if any(not number.strip() for number in event.line_numbers):
        faults["line_numbers"] = "must not hold an empty number"
    return faults


def _timeless(event: DirectEvent) -> dict[str, str]:
    """Times that are no moments."""
    faults: dict[str, str] = {}
    for name in ("occurred_at", "synced_from_integration_at"):
        at: datetime | None = getattr(event, name)
        if at is None:
            continue
        if at.tzinfo is None:
            faults[name] = "must say its offset from UTC"
            continue
        try:
            at.astimezone(UTC)
        except OverflowError:
            faults[name] = "lies before or after all times"
    return faults


class _Internal:
    name = "internal"
    title = "Internal service"
    authenticity = "bearer token"
    strength = Strength.SHOWN
    codes = "all 21 types of event"
    is_posted_to_webhooks = False

    def authenticate(self, notification: Notification, trust: Trust, now: datetime) -> None:
        """Compare the bearer token with the tokens of this service."""
        del now  # A token does not carry a time.
        given = bearer_token(notification.headers.get("authorization", ""))
        if not given or not same_as_any(given, trust.secrets):
            message = "the bearer token is missing or wrong"
            raise UnauthenticatedError(message)

    def delivery_key(self, notification: Notification) -> str:
        """The Idempotency-Key; without one, every post is a new one."""
        given = notification.headers.get(IDEMPOTENCY_KEY, "").strip()
        return f"key:{given}" if given else f"id:{notification.id}"

    def answer(self, notification: Notification, receipt: Receipt) -> Answer:
        """What any sender is told."""
        del notification
        return receipt_in_json(receipt)

    def read(self, notification: Notification) -> Reading:
        """Read the event again, as it was read when it was posted."""
        try:
            return Reading(updates=(read_event(notification.body),))
        except InvalidFieldsError as error:
            message = f"The event has bad fields: {error}."
            raise MalformedError(message) from None

    def sign(self, notification: Notification, trust: Trust, now: datetime) -> Mapping[str, str]:
        """Show the token."""
        del notification, now
        return {"content-type": "application/json", "authorization": f"Bearer {trust.secrets[0]}"}


def check_idempotency_key(headers: Mapping[str, str]) -> None:
    """Refuse a key that cannot be kept.

    Raises:
        InvalidFieldsError: The key is empty or longer than 255 characters.
    """
    given = headers.get(IDEMPOTENCY_KEY)
    if given is not None and not 0 < len(given.strip()) <= _LONGEST_KEY:
        raise InvalidFieldsError({"Idempotency-Key": "must have 1 to 255 characters"})


SOURCE = _Internal()
