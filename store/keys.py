"""The names of our keys in Redis; `scripts/common.lua` makes the same ones.

RQ's own keys start with `rq:`; RQ 2.12 gives them their names.
"""

import hashlib
from functools import lru_cache
from urllib.parse import quote, unquote

from purchasing.handoff import QUEUE
from purchasing.orders import Lookup, comparable
from purchasing.plans import OrderKey, ShipmentKey

PREFIX = "tallyman:"

PAUSED = f"{PREFIX}paused"
BREAKERS = f"{PREFIX}breakers"
WAKE = f"{PREFIX}wake"
SOURCES = f"{PREFIX}sources"
WITHDRAWN = f"{PREFIX}withdrawn"
"""The notifications that were discarded before anything of them was sent."""
ORDERS = f"{PREFIX}orders"

RQ_QUEUE = f"rq:queue:{QUEUE}"
RQ_STARTED = f"rq:wip:{QUEUE}"
RQ_SCHEDULED = f"rq:scheduled:{QUEUE}"
RQ_DEFERRED = f"rq:deferred:{QUEUE}"
RQ_FAILED = f"rq:failed:{QUEUE}"
RQ_WORKERS = f"rq:workers:{QUEUE}"

STATES = ("queued", "held", "in_doubt", "dead", "ignored", "delivered")
"""The states of a notification; every one that was accepted is in exactly one."""

REFERENCE_KINDS = ("tracking_number", "po_number", "invoice_number", "delivery_key", "reference")
"""What a notification can be found by once it is understood, besides its id."""


def delivery(source: str, key: str) -> str:
    """The name under which a delivery key is remembered: short, whatever the sender sends."""
    digest = hashlib.blake2b(f"{len(source)}:{source}{key}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def record(notification_id: str) -> str:
    """The hash of a notification's record."""
    return f"{PREFIX}record:{notification_id}"


def raw(notification_id: str) -> str:
    """The notification as it arrived."""
    return f"{PREFIX}raw:{notification_id}"


def timeline(notification_id: str) -> str:
    """What happened to a notification, in order."""
    return f"{PREFIX}timeline:{notification_id}"


def attempts(notification_id: str) -> str:
    """The calls that were made for a notification, in order."""
    return f"{PREFIX}attempts:{notification_id}"


def index(source: str, state: str) -> str:
    """The notifications of a source in a state, by their order of acceptance."""
    return f"{PREFIX}index:{source}:{state}"


def accounts(source: str) -> str:
    """How many notifications of a source were received, refused, repeated, accepted."""
    return f"{PREFIX}accounts:{source}"


def reference(kind: str, text: str) -> str:
    """The notifications that carry a reference."""
    return f"{PREFIX}reference:{kind}:{comparable(text)}"


def ledger(command_key: str) -> str:
    """What is known of a command."""
    return f"{PREFIX}ledger:{command_key}"


def breaker(org_id: str) -> str:
    """The circuit breaker of an organisation."""
    return f"{PREFIX}breaker:{org_id}"


def minute(what: str, number: int) -> str:
    """How much of something there was in a minute, counted since 1970."""
    return f"{PREFIX}minute:{what}:{number}"


@lru_cache(maxsize=4096)
def order_name(key: OrderKey) -> str:
    """An order's key as text; `/` parts the organisation from the number."""
    return f"{quote(key.org_id, safe='')}/{quote(key.po_number, safe='')}"


def order_key(name: str) -> OrderKey:
    """The reverse of `order_name`."""
    org_id, _, po_number = name.partition("/")
    return OrderKey(unquote(org_id), unquote(po_number))


def order(key: OrderKey) -> str:
    """An order, as it was put."""
    return f"{PREFIX}order:{order_name(key)}"


def learned(key: OrderKey) -> str:
    """What notices told of an order."""
    return f"{PREFIX}learned:{order_name(key)}"


def lookup_name(lookup: Lookup) -> str:
    """A reference to orders as text."""
    return f"{lookup.kind}:{lookup.text}"


def lookup(of: Lookup) -> str:
    """The orders that a reference leads to."""
    return f"{PREFIX}lookup:{lookup_name(of)}"


def waiting(on: Lookup) -> str:
    """The held notifications that a reference would let go on."""
    return f"{PREFIX}waiting:{lookup_name(on)}"


def shipment(key: ShipmentKey) -> str:
    """What is known of a shipment."""
    return f"{PREFIX}shipment:{order_name(key.order)}/{quote(key.tracking_number, safe='')}"
