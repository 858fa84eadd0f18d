"""What holds of every source and any bytes: they are judged, and understood or refused."""

from datetime import datetime

import msgspec

from purchasing.decisions import Decision, references_in
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.handshakes import SignsBody
from purchasing.notification import Notification
from purchasing.shipments import identity
from purchasing.sources import Source
from purchasing.updates import Reading, TrackingUpdate
from tests.reading import RECEIVED_AT, decide, notification, secrets_for, trust_in

NOW = RECEIVED_AT
REASONS_TO_IGNORE = frozenset({"unsupported_kind", "test_mode", "not_a_shipment"})

_READING = msgspec.msgpack.Decoder(Reading)
_DECISION = msgspec.msgpack.Decoder(Decision)


def signed(
    source: Source, body: bytes, secret: str | None = None, at: datetime = NOW
) -> Notification:
    """A notification as the sender would post it, by default with the first of its secrets."""
    trust = trust_in(source, secrets_for(source)[0] if secret is None else secret)
    if isinstance(source, SignsBody):
        body = source.signed_body(body, trust)
    posted = notification(source.name, body)
    return msgspec.structs.replace(posted, headers=dict(source.sign(posted, trust, at)))


def is_authentic(source: Source, posted: Notification, *secrets: str, now: datetime = NOW) -> bool:
    """Whether a notification is proven; whatever is said of one that is not holds no secret."""
    known = secrets or secrets_for(source)[:1]
    said = ""
    try:
        source.authenticate(posted, trust_in(source, *known), now)
    except UnauthenticatedError as error:
        said = f"{error!r} {error}"
    assert not any(secret in said for secret in known)
    return not said


def assert_is_understood(source: Source, posted: Notification) -> None:
    """A notification has a key, a reading or a refusal, and a decision that can be kept."""
    key = source.delivery_key(posted)
    assert key
    assert key.encode()
    refusal: Exception | None = None
    reading = Reading()
    try:
        reading = source.read(posted)
    except (MalformedError, UnsupportedError) as error:
        refusal = error
    if refusal is not None:
        assert str(refusal)
        assert getattr(refusal, "reason", "") in {"", *REASONS_TO_IGNORE}
        return
    assert _READING.decode(msgspec.msgpack.encode(reading)) == reading
    for update in reading.updates:
        if isinstance(update, TrackingUpdate):
            assert update.tracking_number.strip() == update.tracking_number != ""
            assert all(identity(scan) for scan in (update.current, *update.history))
    decision = decide(source, posted)
    assert _DECISION.decode(msgspec.msgpack.encode(decision)) == decision
    assert decision.commands or decision.held or decision.ignored
    assert references_in(decision)
