"""What a replacing ship notice leaves out of what its number said before.

A statement is planned by itself, and so cannot tell that another one is missing: this looks at all
that one notification says of a notice.
"""

from collections.abc import Iterator, Mapping, Sequence

from purchasing.documents import Purpose, ShipNotice
from purchasing.matching import Goods
from purchasing.notices import transmission_of
from purchasing.orders import Learned, comparable
from purchasing.plans import OrderKey, order_key
from purchasing.updates import Finding

Planned = tuple[ShipNotice, tuple[Goods, ...]]
"""A ship notice with the goods that it was found to mean."""


def left_out(
    planned: Sequence[Planned], learned: Mapping[OrderKey, Learned], notification: str
) -> Iterator[Finding]:
    """A finding for each line of which a replacing notice no longer says all.

    An event cannot be taken back, so a person has to look.

    `learned` is what is known once all of the notification's statements were planned.
    """
    for (key, number, transmission), (its, named) in _replaced(planned, notification).items():
        for line in its.order.lines if its.order else ():
            progress = learned.get(key, Learned()).lines.get(str(line.purchase_line))
            notice = progress.notices.get(comparable(number)) if progress else None
            if notice is None:
                continue
            seen = notice.seen_in(transmission)
            # A line that is named and of which nothing was seen is held for a reason of its own.
            if line.purchase_line in named and not seen:
                continue
            if notice.parts.keys() - seen.keys():
                detail = (
                    f"{its.named(line)}: ship notice {number} replaces what it said before, and "
                    "leaves out some or all of this line."
                )
                yield Finding("needs_person", detail)


def _replaced(
    planned: Sequence[Planned], notification: str
) -> dict[tuple[OrderKey, str, str], tuple[Goods, frozenset[object]]]:
    """The notices that are replaced, by order, number and transmission, with the lines named."""
    found: dict[tuple[OrderKey, str, str], tuple[Goods, frozenset[object]]] = {}
    for update, goods in planned:
        number = update.document.number
        if update.purpose is not Purpose.REPLACES or not number:
            continue
        for its in goods:
            key = order_key(its)
            if key is not None:
                name = (key, number, transmission_of(update, notification))
                _, named = found.get(name, (its, frozenset()))
                # A line of which the notice sends nothing is one that it leaves out.
                lines = set() if update.quantity == 0 else set(its.purchase_lines)
                found[name] = (its, named | lines)
    return found
