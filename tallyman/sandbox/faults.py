"""The failures that a test asks for, and whose turn it is.

The entries of `PUT /_sandbox/faults` are tried in their order; the first one that applies to a
request decides what becomes of it, and no other is used up by it. An entry without `match` and
`probability` applies to every request, so a list of such entries is worked off from the front.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from random import Random
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from tallyman.sandbox.calls import Answer
from tallyman.sandbox.validation import NO_PART_LINE, PURCHASE_EVENT

# What `match` may ask for: the method, and any field of a body.
_METHOD: Final = "method"
_MATCHABLE: Final = frozenset({_METHOD, *PURCHASE_EVENT.checks, *NO_PART_LINE.checks})

# The one status of the allowed range that HTTP forbids a body (RFC 9110, 15.4.5).
_WITHOUT_BODY: Final = 304

# Longer than any caller waits, and short enough for every event loop's timers.
_LONGEST_DELAY_SECONDS: Final = 86_400

Status = Annotated[int, Meta(ge=300, le=599)]
"""A status that is no success: an answer that took effect is not a fault."""


class Fault(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One way to fail, and for whom and how often.

    Attributes:
        status: Answer with it, and let the request have no effect. A redirect points to the
            address asked for.
        retry_after: The `Retry-After` that goes with the status: seconds, or any text.
        html: Answer with a page, as a proxy does, instead of JSON.
        delay_seconds: Wait before answering, or before hanging up. An effect is not delayed, so a
            caller that gives up waiting has had its request carried out.
        hang_up: Close the connection without an answer, `before` or `after` the request took
            effect.
        times: To how many requests it happens; 1 if not said.
        forever: It never wears off.
        probability: Decide by dice, for each request, whether it happens.
        seed: Where these dice start, so that a run can be repeated.
        match: It happens only to requests with these fields in their body, or this `method`.

    """

    status: Status | None = None
    retry_after: (
        Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=r"^[!-~][ -~]*\Z")] | None
    ) = None
    html: bool = False
    delay_seconds: Annotated[float, Meta(gt=0, le=_LONGEST_DELAY_SECONDS)] | None = None
    hang_up: Literal["before", "after"] | None = None
    times: Annotated[int, Meta(ge=1)] | None = None
    forever: bool = False
    probability: Annotated[float, Meta(gt=0, le=1)] = 1.0
    seed: int = 0
    match: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, in words for whoever wrote it."""
        for is_wrong, reason in (
            (
                self.status is None and self.hang_up is None and self.delay_seconds is None,
                "say what happens: `status`, `delay_seconds` or `hang_up`",
            ),
            (
                self.status is not None and self.hang_up is not None,
                "`status` and `hang_up` exclude each other: who hangs up does not answer",
            ),
            (
                self.status is None and (self.retry_after is not None or self.html),
                "`retry_after` and `html` need a `status`",
            ),
            (self.status == _WITHOUT_BODY, "`status` 304 has no body and cannot be made here"),
            (self.forever and self.times is not None, "`times` and `forever` exclude each other"),
            (
                not _MATCHABLE.issuperset(self.match),
                f"`match` names what is no field: {sorted(self.match.keys() - _MATCHABLE)}",
            ),
        ):
            if is_wrong:
                raise ValueError(reason)

    @property
    def has_effect(self) -> bool:
        """Whether the request is carried out all the same."""
        return self.status is None and self.hang_up != "before"


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        """Start with none."""
        self._waiting: list[tuple[Fault, Random]] = []

    def plan(self, faults: Sequence[Fault]) -> None:
        """Let these happen from now on, and none of those asked for before."""
        self._waiting = [(_counted(fault), _dice(fault.seed)) for fault in faults]

    def left(self) -> list[Fault]:
        """List what is still to happen, with the times that are left."""
        return [fault for fault, _ in self._waiting]

    def take(self, method: str, body: object) -> Fault | None:
        """Find the fault that happens to this request, if any, and use it up by one."""
        for index, (fault, dice) in enumerate(self._waiting):
            if not _matches(fault.match, method, body):
                continue
            if fault.probability < 1 and dice.random() >= fault.probability:
                continue
            self._use_up(index)
            return fault
        return None

    def _use_up(self, index: int) -> None:
        fault, dice = self._waiting[index]
        if fault.times is None:
            return
        if fault.times == 1:
            del self._waiting[index]
        else:
            self._waiting[index] = (replace(fault, times=fault.times - 1), dice)


def failure(fault: Fault, status: int, path: str) -> Answer:
    """Make the answer of a fault with a status to a request for `path`."""
    title = f"{status} {_phrase(status)}"
    headers = []
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    if status < HTTPStatus.BAD_REQUEST:
        headers.append((b"location", path.encode()))
    if fault.html:
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        html = b"text/html; charset=utf-8"
        return Answer(status=status, body=page.encode(), content_type=html, headers=tuple(headers))
    body = msgspec.json.encode({"detail": f"{title}: a fault asked for in the sandbox."})
    return Answer(status=status, body=body, headers=tuple(headers))


def _counted(fault: Fault) -> Fault:
    return fault if fault.forever else replace(fault, times=fault.times or 1)


def _dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 # has to be repeatable; keeps no secret


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _matches(match: Mapping[str, Any], method: str, body: object) -> bool:
    """Whether a request is one that a fault is for; of an array, one item is enough."""
    if not match:
        return True
    if match.get(_METHOD, method) != method:
        return False
    fields = {name: value for name, value in match.items() if name != _METHOD}
    candidates = body if isinstance(body, list) else [body]
    return not fields or any(
        isinstance(candidate, dict)
        and all(name in candidate and candidate[name] == fields[name] for name in fields)
        for candidate in candidates
    )
