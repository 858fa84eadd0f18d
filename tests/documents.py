"""What the tests of suppliers' documents share: an order, the documents, and what is remembered."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from purchasing.commands import Command, CreatePurchaseEvent, EventType, PurchaseEventBody
from purchasing.configuration import SourceSettings
from purchasing.documents import Document, Item, OrderConfirmation, Promise, ShipNotice
from purchasing.matching import Goods
from purchasing.orders import Order, OrderLine
from purchasing.planning import plan
from purchasing.plans import Known, OrderKey, Part, Plan, Terms
from purchasing.progress import LineProgress
from purchasing.updates import Update

RECEIVED_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
SAID_AT = RECEIVED_AT - timedelta(hours=1)
ONE, TWO, THREE = (UUID(int=number) for number in (11, 12, 13))
NUMBER = "1Z 77A 001"

ORDER = Order(
    po_number="PO-1",
    purchase_order=UUID(int=1),
    supplier="Digi-Key",
    currency="USD",
    lines=(
        OrderLine(
            purchase_line=ONE,
            line_number="1",
            part_number="R-1",
            quantity=100,
            unit_price=Decimal("0.0125"),
            promised_ship_on=date(2026, 12, 1),
            promised_delivery_on=date(2026, 12, 4),
        ),
        OrderLine(purchase_line=TWO, line_number="2"),
        OrderLine(purchase_line=THREE),
    ),
)
ORDER_KEY = OrderKey("", "PO-1")
LINE_ONE = Goods(order=ORDER, purchase_lines=(ONE,))
LINE_TWO = Goods(order=ORDER, purchase_lines=(TWO,))
WHOLE = Goods(order=ORDER, purchase_lines=(ONE, TWO, THREE))
UNKNOWN = Goods(order=None, purchase_lines=(UUID(int=99),))

TERMS = Terms(
    notification="n-1",
    source="digikey",
    settings=SourceSettings(format="cxml"),
    rules=(),
    received_at=RECEIVED_AT,
)


def day(number: int) -> date:
    """A day of December 2026."""
    return date(2026, 12, number)


def confirmation(
    promise: Promise = Promise.ACCEPTED,
    *,
    number: str = "C-1001",
    said_at: datetime | None = SAID_AT,
    **fields: Any,
) -> OrderConfirmation:
    """A confirmation of a line."""
    return OrderConfirmation(
        document=Document(sender="Digi-Key (cXML)", number=number, said_at=said_at),
        item=Item(po_number="PO-1"),
        promise=promise,
        **_exact(fields),
    )


def notice(
    *,
    number: str = "S-1001",
    tracking: tuple[str, ...] = (NUMBER,),
    said_at: datetime | None = SAID_AT,
    **fields: Any,
) -> ShipNotice:
    """A ship notice of a line."""
    return ShipNotice(
        document=Document(sender="Digi-Key (cXML)", number=number, said_at=said_at),
        item=Item(po_number="PO-1"),
        tracking_numbers=tracking,
        **_exact(fields),
    )


def _exact(fields: dict[str, Any]) -> dict[str, Any]:
    exact = {"quantity", "unit_price"}
    return {
        name: Decimal(it) if name in exact and it is not None else it for name, it in fields.items()
    }


class Memory:
    """What the store remembers from one notification to the next."""

    def __init__(self) -> None:
        self.known = Known()
        self.count = 0

    def plan(
        self,
        update: Update,
        *goods: Goods,
        allow: frozenset[EventType] = frozenset(),
        source: str = "digikey",
        same: bool = False,
    ) -> Part:
        """Decide a statement of a new notification, or of the same one, and remember."""
        self.count += not same
        terms = msgspec.structs.replace(
            TERMS,
            notification=f"n-{self.count}",
            source=source,
            settings=SourceSettings(format="cxml", allow=allow),
        )
        planned = plan(update, goods or (LINE_ONE,), self.known, terms)
        self.known = remembered(self.known, planned)
        return planned.part

    def progress(self, line: UUID = ONE) -> LineProgress:
        """How far a line is."""
        return self.known.learned[ORDER_KEY].lines[str(line)]


def remembered(known: Known, planned: Plan) -> Known:
    """What is known after a plan; it survives being kept."""
    after = Known(
        shipments={**known.shipments, **planned.shipments},
        learned={**known.learned, **planned.learned},
    )
    for value in (*after.shipments.values(), *after.learned.values()):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=type(value)) == value
    return after


def planned(update: Update, *goods: Goods, allow: frozenset[EventType] = frozenset()) -> Part:
    """What is decided of a statement that is the first one."""
    return Memory().plan(update, *goods, allow=allow)


def body(command: Command) -> PurchaseEventBody:
    """The body of a purchase event."""
    assert isinstance(command, CreatePurchaseEvent)
    return command.body


def only(part: Part) -> PurchaseEventBody:
    """The body of the one event that is sent."""
    (command,) = part.commands
    return body(command)


def outcome(part: Part) -> list[str]:
    """The types of what is sent, and the reasons of what is not."""
    findings = (*part.held, *part.ignored)
    return [str(body(it).event_type) for it in part.commands] + [it.reason for it in findings]


def attention(part: Part) -> list[str]:
    """The reasons for which a person should look."""
    return [finding.reason for finding in part.attention]
