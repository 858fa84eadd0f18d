"""Every name that is logged or measured, with its meaning; nothing else is."""

from enum import StrEnum


class Log(StrEnum):
    """The events of the log."""

    REDIS_UNAVAILABLE = "redis_unavailable"
    """Redis did not answer or could not write; what was to be written is tried again."""

    NOT_DURABLE = "not_durable"
    """A sender was answered 503, because a notification could not be made durable."""

    REQUEST_FAILED = "request_failed"
    """A defect of ours: a request was answered 500."""

    READING_FAILED = "reading_failed"
    """A defect of ours: a source could not read a notification, which is held."""

    PLANNING_FAILED = "planning_failed"
    """A defect of ours: what a notification says could not be planned, and is held."""

    JOB_SET_ASIDE = "job_set_aside"
    """A job in the queue is none of ours, or what is stored of it is broken."""

    JOB_CRASHED = "job_crashed"
    """A defect of ours: a call could not be settled; its lease lapses and it is taken up again."""

    LEASE_LOST = "lease_lost"
    """A call ended after its worker was given up: another worker dealt with the command."""

    COFACTR_MISCONFIGURED = "cofactr_misconfigured"
    """Cofactr refuses the key or the address; all work is held until that is mended."""

    KEYS_FETCHED = "keys_fetched"
    """A sender publishes other keys than before; its signatures are held against these now."""

    KEYS_NOT_FETCHED = "keys_not_fetched"
    """The keys that a sender publishes could not be had; those that are known stay."""

    CALLED_BACK = "called_back"
    """A sender was called back, as its handshake asks."""

    NOT_CALLED_BACK = "not_called_back"
    """A sender could not be called back; its handshake has to be begun anew."""

    DURABILITY = "durability"
    """How Redis is set up promises less than it should; the detail says what to set."""


class Metric(StrEnum):
    """The metrics, in Prometheus' notation; times are in seconds."""

    ACCEPT_SECONDS = "tallyman_accept_seconds"
    """How long it took to make a notification durable, by source."""

    NOTIFICATIONS = "tallyman_notifications"
    """How many notifications there are by source and state, refused and duplicate among them."""

    QUEUE = "tallyman_queue"
    """How many jobs there are: waiting, in flight, scheduled, deferred, failed."""

    OLDEST_SECONDS = "tallyman_queue_oldest_seconds"
    """The age of the oldest notification that is still queued."""

    WORKERS = "tallyman_workers"
    """How many workers say that they run."""

    PAUSED = "tallyman_queue_paused"
    """1 while the queue is paused."""

    BREAKER_OPEN = "tallyman_breaker_open"
    """1 for each organisation whose calls are held, with whether the configuration is at fault."""

    BACKLOG = "tallyman_accept_backlog"
    """How many notifications wait in this process to be made durable."""

    CALL_SECONDS = "tallyman_call_seconds"
    """How long calls to Cofactr took, by what became of them."""
