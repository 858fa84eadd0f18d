"""What the parts of a notification are put together to."""

from decimal import Decimal

from purchasing.commands import EventType
from purchasing.formats.readings import said, together
from purchasing.updates import DirectEvent
from tests.documents import confirmation, notice


def test_statements_that_are_alike_are_one() -> None:
    """Boxes of the same goods are one; others, and what counts no goods, stay as they are."""
    event = DirectEvent(event_type=EventType.NOTE, po_number="PO-1")
    box, other, uncounted = notice(quantity="5"), notice(quantity="7", mfg_lot="L"), notice()
    promise = confirmation(quantity="5")

    reading = together(said(box, event, other, box, uncounted, promise, uncounted, event))

    assert [getattr(it, "quantity", None) for it in reading.updates] == [
        Decimal(10),
        None,
        Decimal(7),
        None,
        Decimal(5),
        None,
    ]
