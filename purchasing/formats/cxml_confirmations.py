"""cXML's ConfirmationRequest: what a supplier promises, line by line or for a whole order.

Documentation: ConfirmationHeader, ConfirmationItem and ConfirmationStatus of Fulfill.dtd 1.2.063
(FriendsOfCXML/cxml-php, b162087, read 2026-11).

Quirks that this module knows:
- `detail` and `allDetail` do not prove that something changed; the values have to be compared.
- The lines that a document does not list keep their state, but for `accept` and `except` (they are
  accepted), `backordered` and `reject` (they are, too).
- One line may have several states, whose quantities make up the line's.
- `confirmID` may be empty; it stays the same through `operation="update"`, which is complete.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec

from purchasing.documents import Document, Item, OrderConfirmation, Promise
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.formats.cxml import (
    Request,
    comments,
    currencies,
    dated,
    identifier,
    item_of,
    money,
    order_of,
    per_piece,
    quantity_of,
    sentences,
)
from purchasing.formats.xml_body import Element, attribute, child, children, text
from purchasing.units import unit_of
from purchasing.updates import Finding, Reading

_PROMISES: Mapping[str, Promise] = {
    "accept": Promise.ACCEPTED,
    "allDetail": Promise.ACCEPTED,
    "detail": Promise.ACCEPTED,
    "backordered": Promise.BACKORDERED,
    "reject": Promise.REJECTED,
}

_OF_THE_REST: Mapping[str, Promise] = {
    "accept": Promise.ACCEPTED,
    "except": Promise.ACCEPTED,
    "backordered": Promise.BACKORDERED,
    "reject": Promise.REJECTED,
}
"""What the type of a document says of the lines that it does not list."""

_NEED_ITEMS = frozenset({"allDetail", "detail", "except"})

_SAYS_ALL = frozenset({"accept", "backordered", "reject"})
"""The types that speak of every line, so that a line with another state contradicts them."""


class _Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines of a document have in common."""

    document: Document
    order: Item
    type: str
    is_update: bool
    words: tuple[str, ...]


def read_confirmation(request: Request) -> Reading:
    """What a confirmation says.

    Raises:
        MalformedError: It has no header, names no type, or misses what its type needs.
        UnsupportedError: It asks for payment.
    """
    header = child(request.content, "ConfirmationHeader")
    if header is None:
        message = "The ConfirmationRequest has no ConfirmationHeader."
        raise MalformedError(message)
    type_ = attribute(header, "type")
    operation = attribute(header, "operation") or "new"
    if (held := _held_as_a_whole(type_, operation)) is not None:
        return Reading(held=(held,))
    items = tuple(children(request.content, "ConfirmationItem"))
    if type_ in _NEED_ITEMS and not items:
        message = f'A confirmation of type "{type_}" must list lines, and lists none.'
        raise MalformedError(message)
    number = identifier(attribute(header, "confirmID"), "the confirmID")
    frame = _Frame(
        document=request.numbered(number),
        order=order_of(request.content),
        type=type_,
        is_update=operation == "update",
        words=comments(header),
    )
    return _of_items(frame, items)


def _held_as_a_whole(type_: str, operation: str) -> Finding | None:
    if type_ == "requestToPay":
        message = "The document asks for a payment, and promises nothing."
        raise UnsupportedError("unsupported_kind", message)
    if operation not in ("new", "update"):
        detail = f'The operation of the confirmation is "{operation[:60]}"; a person must decide.'
        return Finding("needs_person", detail)
    if type_ == "replace":
        detail = "The supplier replaces the whole order by another; a person must decide."
        return Finding("needs_person", detail)
    if type_ not in _NEED_ITEMS | _SAYS_ALL:
        return Finding("unknown_status", f'The confirmation is of the unknown type "{type_[:60]}".')
    return None


def _of_items(frame: _Frame, items: tuple[Element, ...]) -> Reading:
    updates: list[OrderConfirmation] = []
    ignored: list[Finding] = []
    held: list[Finding] = []
    named: list[Item] = []
    for position, element in enumerate(items, start=1):
        try:
            item = item_of(frame.order, attribute(element, "lineNumber"), None, "")
            named.append(item)
            said = list(_statements(frame, item, element))
        except MalformedError as error:
            held.append(Finding("malformed", f"ConfirmationItem {position}: {error}"))
            continue
        faults = [it for it in said if isinstance(it, Finding)]
        held += [it for it in faults if it.reason != "unsupported_kind"]
        ignored += [it for it in faults if it.reason == "unsupported_kind"]
        updates += [it for it in said if isinstance(it, OrderConfirmation)]
    if frame.type in _OF_THE_REST:
        if len(named) == len(items) and not any(it.reason == "conflict" for it in held):
            updates.append(_rest(frame, tuple(named)))
        else:
            held.append(Finding("conflict", "Which lines are left over is not certain."))
    return Reading(updates=tuple(updates), ignored=tuple(ignored), held=tuple(held))


def _rest(frame: _Frame, named: tuple[Item, ...]) -> OrderConfirmation:
    """The statement about the whole order, or about the lines of it that are not listed."""
    return OrderConfirmation(
        document=frame.document,
        item=frame.order,
        promise=_OF_THE_REST[frame.type],
        words=sentences(*frame.words),
        is_rest=bool(named),
        others=named,
    )


def _statements(
    frame: _Frame, item: Item, element: Element
) -> Iterator[OrderConfirmation | Finding]:
    """What is said of one line: one statement for each of its states, or why there is none."""
    statuses = tuple(children(element, "ConfirmationStatus"))
    fault = _do_not_add_up(item, element, statuses)
    if fault is not None:
        yield fault
        return
    for status in statuses:
        type_ = attribute(status, "type")
        promise = _PROMISES.get(type_)
        if promise is None:
            yield _no_promise(frame, item, type_)
        elif frame.type in _SAYS_ALL and promise is not _OF_THE_REST[frame.type]:
            detail = f'line {item.line_number} has the state "{type_}".'
            yield Finding("conflict", f'The document is of type "{frame.type}", but {detail}')
        else:
            yield _promised(frame, item, promise, status, _counted(element, statuses, status))


def _counted(
    element: Element, statuses: tuple[Element, ...], status: Element
) -> tuple[Decimal | None, str]:
    """The quantity of a state and its unit, which is the line's where the state has none.

    A state without a quantity is about the whole line only if it is the one state.
    """
    quantity, of_line = quantity_of(status), text(element, "UnitOfMeasure")
    if quantity is not None:
        return quantity, unit_of(text(status, "UnitOfMeasure") or of_line)
    return (quantity_of(element) if len(statuses) == 1 else None), unit_of(of_line)


def _no_promise(frame: _Frame, item: Item, type_: str) -> Finding:
    line = f"Line {item.line_number}"
    if type_ == "requestToPay":
        return Finding("unsupported_kind", f"{line}: a payment is asked for, nothing promised.")
    if type_ == "unknown" and frame.is_update:
        detail = f"{line}: what was promised is taken back, its state is now unknown."
        return Finding("needs_person", detail)
    if type_ == "unknown":
        return Finding("unsupported_kind", f"{line}: its state is not known yet.")
    return Finding("unknown_status", f'{line} has the unknown state "{type_[:60]}".')


def _do_not_add_up(item: Item, element: Element, statuses: tuple[Element, ...]) -> Finding | None:
    """Why the states of a line cannot be its states, if they cannot."""
    line = f"Line {item.line_number}"
    if not statuses:
        return Finding("malformed", f"{line} has no ConfirmationStatus.")
    given = [quantity_of(status) for status in statuses]
    parts = [quantity for quantity in given if quantity is not None]
    ordered = quantity_of(element)
    if any(quantity < 0 for quantity in parts):
        return Finding("malformed", f"{line} has a negative quantity.")
    units = {text(it, "UnitOfMeasure") for it in (element, *statuses)} - {""}
    if ordered is None or len(parts) < len(statuses) or len(units) > 1:
        return None
    total = sum(parts, Decimal(0))
    if total != ordered:
        detail = f"{line}: its states are about {total:f} pieces together, the line about "
        return Finding("does_not_add_up", f"{detail}{ordered:f}.")
    return None


def _promised(
    frame: _Frame,
    item: Item,
    promise: Promise,
    status: Element,
    counted: tuple[Decimal | None, str],
) -> OrderConfirmation:
    ship_by, unread_ship_by = dated(status, "shipmentDate")
    delivery, unread_delivery = dated(status, "deliveryDate")
    quantity, unit = counted
    price = _price(status) if promise is Promise.ACCEPTED else None
    return OrderConfirmation(
        document=frame.document,
        item=item,
        promise=promise,
        quantity=quantity,
        unit=unit,
        expected_ship_by=ship_by,
        estimated_delivery=delivery,
        unit_price=price,
        currency=_currency(status) if price is not None else "",
        substitute=_substitute(status) if promise is Promise.ACCEPTED else "",
        words=sentences(*comments(status), unread_ship_by, unread_delivery, *frame.words),
    )


def _price(status: Element) -> Decimal | None:
    """The price of one piece; it stands in the ItemIn where there is one."""
    detail = child(status, "ItemIn", "ItemDetail")
    holder = status if child(status, "UnitPrice") is not None else detail
    amount = money(holder, "UnitPrice")
    return None if amount is None else per_piece(amount, holder)


def _currency(status: Element) -> str:
    """The one currency of the price."""
    prices = (child(status, "UnitPrice"), child(status, "ItemIn", "ItemDetail", "UnitPrice"))
    named = [currencies(price) for price in prices if price is not None]
    return next((min(it) for it in named if len(it) == 1), "")


def _substitute(status: Element) -> str:
    """The part of an ItemIn: another than the ordered one, or under `allDetail` maybe the same."""
    part = text(status, "ItemIn", "ItemID", "SupplierPartID")
    part = part or text(status, "ItemIn", "ItemDetail", "ManufacturerPartID")
    return identifier(part, "the part of an ItemIn")
