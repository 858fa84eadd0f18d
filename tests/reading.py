"""The notifications that are kept beside the tests, and how the core reads and decides them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from purchasing.commands import Command
from purchasing.configuration import SourceSettings
from purchasing.decisions import Decision, Judgement
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.matching import Found, lookups_of_update, match
from purchasing.notification import Notification
from purchasing.orders import Learned, Order, OrderLine, lookups_of
from purchasing.planning import plan
from purchasing.plans import Known, OrderKey, Terms
from purchasing.sources import Source, all_sources, configured
from purchasing.trust import Trust
from purchasing.updates import Finding, Reading, TrackingUpdate, Update

PAYLOADS = Path(__file__).parent / "payloads"
RECEIVED_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
SETTINGS = "settings.json"
SECRET = "secret-of-these-tests-5f1c"
_SECRETS = (
    SECRET,
    "another-secret-of-these-tests-c07e",
    "the-newest-of-three-secrets-4c1d",
    "the-one-before-the-newest-9e77",
    "the-oldest-of-three-secrets-02ba",
)

LINES = tuple(UUID(f"3d0b7a54-2c1e-4f6a-9b8d-00000000000{number}") for number in (1, 2, 3))
_PARTS = ("GRM155R71C104KA88D", "RC0402FR-071KL", "LM358DR")
_NUMBER = "1Z04TX880312345907"


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """One notification, and what a person says that it means; see tests/payloads/README.md."""

    format: str
    case: str
    body: bytes
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        """What to call it in a report."""
        return f"{self.format}/{self.case}"


def trust_in(source: Source, *secrets: str) -> Trust:
    """What a source of a format is verified with: some secrets, and what the format needs."""
    needed = settings_for(source) | {"format": source.name, "secrets": secrets}
    return Trust(settings=msgspec.convert(needed, SourceSettings))


def secrets_for(source: Source) -> tuple[str, ...]:
    """Five secrets for a format: any texts, or those of its folder where they have a form."""
    given = settings_for(source).get("secrets")
    return tuple(given or _SECRETS)


def whole_sources() -> Mapping[str, Source]:
    """Every source, and where its reading is a matter of configuration, as its folder sets it."""
    return MappingProxyType(
        {
            name: configured(source, trust_in(source).settings)
            for name, source in all_sources().items()
        }
    )


def takes_any_secret(source: Source) -> bool:
    """Whether a secret of this format may be any text."""
    return "secrets" not in settings_for(source)


def settings_for(source: Source) -> dict[str, Any]:
    """The settings without which a source of a format is not whole; see the payloads' README."""
    file = PAYLOADS / source.name / SETTINGS
    return msgspec.json.decode(file.read_bytes()) if file.exists() else {}


def payloads(folder: Path = PAYLOADS) -> tuple[Payload, ...]:
    """Every payload of a folder that has a folder for each format."""
    return tuple(
        Payload(
            format=answer.parent.name,
            case=_case(answer),
            body=_body_beside(answer).read_bytes(),
            expected=msgspec.json.decode(answer.read_bytes()),
        )
        for answer in sorted(folder.glob("*/*.expected.json"))
    )


def _case(answer: Path) -> str:
    return answer.name.removesuffix(".expected.json")


def _body_beside(answer: Path) -> Path:
    (body,) = (file for file in answer.parent.glob(f"{_case(answer)}.*") if file != answer)
    return body


def notification(
    format_: str, body: bytes, headers: dict[str, str] | None = None, *, id_: str = "n-1"
) -> Notification:
    """A notification as it would be taken in."""
    return Notification(
        id=id_,
        source=f"our-{format_}",
        format=format_,
        received_at=RECEIVED_AT,
        body=body,
        headers=headers or {},
        path=f"/webhooks/our-{format_}",
    )


def read(source: Source, posted: Notification) -> Reading:
    """What a source says of a notification; one that is refused as a whole is one finding."""
    try:
        return source.read(posted)
    except MalformedError as error:
        return Reading(held=(Finding("malformed", str(error)),))
    except UnsupportedError as error:
        return Reading(ignored=(Finding(error.reason, error.detail),))


def known_order(tracking_number: str | None = None) -> Order:
    """An order of three lines, two of which travel together."""
    numbers = (tracking_number or _NUMBER,)
    return Order(
        po_number="PO-1001",
        purchase_order=UUID("5b0b9e0e-6f0f-4c53-9d0c-0d8f1f2a7c11"),
        supplier="Digi-Key",
        lines=tuple(
            OrderLine(
                purchase_line=line,
                line_number=str(number),
                manufacturer_part_number=part,
                tracking_numbers=numbers if number < 3 else (),
            )
            for number, (line, part) in enumerate(zip(LINES, _PARTS, strict=True), start=1)
        ),
    )


def decide(source: Source, posted: Notification, orders: Sequence[Order] = ()) -> Decision:
    """The decision about a notification that is the first to speak of its goods.

    Without `orders`, the order book has one, of whose lines two bear the tracking number.
    """
    reading = read(source, posted)
    decision = Decision(
        judgements=(
            Judgement(held=reading.held, ignored=reading.ignored, attention=reading.attention),
        )
    )
    known = Known()
    for update in reading.updates:
        number = update.tracking_number if isinstance(update, TrackingUpdate) else None
        book = [
            order.with_learned(known.learned.get(OrderKey("", order.po_number), Learned()))
            for order in orders or (known_order(number),)
        ]
        decision, known = _with_update(decision, known, update, posted, book)
    return decision


def _with_update(
    decision: Decision, known: Known, update: Update, posted: Notification, book: Sequence[Order]
) -> tuple[Decision, Known]:
    """The decision with one statement more, and what the next one is decided by."""
    settings = SourceSettings(format=posted.format)
    found = Found(
        {
            name: tuple(order for order in book if name in lookups_of(order))
            for name in lookups_of_update(update)
        }
    )
    goods = match(update, found, settings)
    if isinstance(goods, Finding):
        judgement = Judgement(update=update, held=(goods,))
        return _and(decision, judgement, ()), known
    terms = Terms(
        notification=posted.id,
        source=posted.source,
        settings=settings,
        rules=(),
        received_at=posted.received_at,
    )
    planned = plan(update, goods, known, terms)
    part = planned.part
    judgement = Judgement(
        update=update, held=part.held, ignored=part.ignored, attention=part.attention
    )
    return _and(decision, judgement, part.commands), Known(
        shipments={**known.shipments, **planned.shipments},
        learned={**known.learned, **planned.learned},
    )


def _and(decision: Decision, judgement: Judgement, commands: tuple[Command, ...]) -> Decision:
    return Decision(
        judgements=(*decision.judgements, judgement),
        commands=(*decision.commands, *commands),
    )
