"""What hypothesis makes up: documents, notifications, and the journeys of parcels."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from purchasing.commands import EventType
from purchasing.updates import DirectEvent, Meaning, Scan, TrackingUpdate

# Text that has made readers fall over.
_AWKWARD = (
    "",
    " ",
    "\x00",
    "0",
    "-1",
    "1e999999999",
    "NaN",
    "null",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01",
    "2026-11-20T24:00:00Z",
    "2026-11-20T10:00:60Z",
    "10:00",
    "\u202e1Z",
    "ﬁ",
    "İ",
    "٣",
    "😀" * 100,
    "1" * 300,
)
_NUMBERS = (0, -1, 2**31, -(2**31) - 1, 2**63, -(2**63), 2**64, 1e300, -0.0, 10**400)

texts = st.sampled_from(_AWKWARD) | st.text(max_size=40)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(_NUMBERS) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
bodies = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(st.text(max_size=20), texts, max_size=4)

DEEP = (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000)
"""JSON that is nested more deeply than a stack holds."""


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """A document that something happened to on its way: bytes lost, added or changed."""
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 20)))
    return body[:start] + draw(st.binary(max_size=8)) + body[end:]


@st.composite
def altered(draw: st.DrawFn, document: Any) -> bytes:
    """A JSON document whose sender puts something unexpected into one or two of its places."""
    copy = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(copy))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = draw(json_values)
    return json.dumps(copy).encode()


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document that something can be put into."""
    entries: Iterable[tuple[Any, Any]] = ()
    if isinstance(document, dict):
        entries = document.items()
    elif isinstance(document, list):
        entries = enumerate(document)
    for key, value in list(entries):
        yield document, key
        yield from _places(value)


BEGAN_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
moments = st.datetimes(timezones=st.just(UTC)) | st.none()
scans = st.builds(
    Scan,
    meaning=st.sampled_from(Meaning) | st.none(),
    code=texts,
    words=texts,
    place=texts,
    at=st.integers(0, 6).map(lambda hours: BEGAN_AT + timedelta(hours=hours)) | moments,
    local_time=st.sampled_from(("", "yesterday", "2026-11-20")),
)
days = st.integers(0, 5).map(lambda number: date(2026, 11, 25) + timedelta(days=number))


@st.composite
def snapshots(draw: st.DrawFn) -> TrackingUpdate:
    """Anything at all that a sender may say of one parcel."""
    history = tuple(draw(st.lists(scans, max_size=5)))
    is_last = draw(st.booleans()) and bool(history)
    return TrackingUpdate(
        sender=draw(st.sampled_from(("EasyPost", "UPS"))),
        tracking_number="1Z999AA10123456784",
        current=history[-1] if is_last else draw(scans),
        history=history,
        estimated_delivery=draw(st.none() | days),
        signed_by=draw(st.sampled_from(("", "M. OKAFOR"))),
    )


decimals = st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", fullmatch=True)
integers = st.integers(-(2**31), 2**31 - 1)
names = st.text(min_size=1, max_size=255)
direct_events: st.SearchStrategy[DirectEvent] = st.builds(
    DirectEvent,
    event_type=st.sampled_from(EventType),
    purchase_lines=st.lists(st.uuids(), min_size=1, max_size=3, unique=True).map(tuple),
    send_alerts=st.none() | st.booleans(),
    occurred_at=moments,
    org_id=st.none() | names,
    synced_from_integration=st.none() | st.booleans(),
    integration_source_name=st.none() | names,
    integration_record_id=st.none() | names,
    synced_from_integration_at=moments,
    quantity=st.none() | integers,
    notes=st.none() | texts,
    tracking_number=st.none() | names,
    line_total_paid=st.none() | decimals,
    sales_tax_paid=st.none() | decimals,
    shipping_paid=st.none() | decimals,
    other_total_paid=st.none() | decimals,
    duties_paid=st.none() | decimals,
    estimated_delivery=st.none() | days,
    expected_ship_by=st.none() | days,
    snoozed_until=st.none() | days,
    coo=st.none() | texts,
    date_code=st.none() | texts,
    mfg_lot=st.none() | texts,
    cofactr_invoice_number=st.none() | names,
    cofactr_invoice_amount=st.none() | decimals,
    divide_quant=st.none() | integers,
)
"""Events as internal services word them, with any of Cofactr's fields."""


# What may happen to a parcel that is not lost for good, each an hour after the one before.
_ON_THE_WAY = (
    Meaning.MOVING,
    Meaning.OUT_FOR_DELIVERY,
    Meaning.READY_FOR_PICKUP,
    Meaning.ATTEMPTED,
    Meaning.DELAYED,
)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[Scan, ...]:
    """A parcel's way as it was: a label, what happened, perhaps an end, perhaps a way back."""
    meanings = [Meaning.LABEL_CREATED, *draw(st.lists(st.sampled_from(_ON_THE_WAY), max_size=6))]
    if draw(st.booleans()):
        meanings.append(Meaning.DELIVERED)
    if draw(st.booleans()):
        meanings.append(Meaning.RETURNING)
    return tuple(
        Scan(meaning=meaning, code=str(meaning), at=BEGAN_AT + timedelta(hours=hour))
        for hour, meaning in enumerate(meanings)
    )


def snapshot(
    journey: tuple[Scan, ...], length: int, *, sender: str = "EasyPost", minutes: int = 0
) -> TrackingUpdate:
    """What a sender shows of a journey when it has come so far; its clock may go differently."""
    seen = tuple(
        Scan(
            meaning=scan.meaning,
            code=f"{sender} {scan.code}",
            at=scan.at + timedelta(minutes=minutes) if scan.at else None,
        )
        for scan in journey[:length]
    )
    return TrackingUpdate(
        sender=sender, tracking_number="1Z999AA10123456784", current=seen[-1], history=seen
    )
