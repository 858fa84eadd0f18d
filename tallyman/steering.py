"""`tallyman queue` and the decisions about notifications: replay, discard, resolve."""

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from tallyman.client import Service, administered, notification_path
from tallyman.errors import CommandError, MisuseError
from tallyman.output import complain, harmless, say, say_json, table

_JOBS = ("waiting", "in_flight", "scheduled", "deferred", "failed")

Reason = Annotated[str, Parameter(required=True)]


def status(*, json: bool = False) -> None:
    """Say how much waits, since when, who works on it, and what holds it.

    Args:
        json: Print the service's answer as it is.
    """
    _show_queue("GET", "/v1/queue", json=json)


def pause(*, json: bool = False) -> None:
    """Begin nothing new; everything is still taken in, and held.

    Args:
        json: Print the service's answer as it is.
    """
    _show_queue("POST", "/v1/queue/pause", json=json)


def resume(*, json: bool = False) -> None:
    """Begin again where it was paused.

    Args:
        json: Print the service's answer as it is.
    """
    _show_queue("POST", "/v1/queue/resume", json=json)


def replay(*identities: str, send_alerts: bool = False, json: bool = False) -> int:
    """Take notifications up again; what Cofactr has is not sent again.

    Args:
        identities: The notifications' ids.
        send_alerts: Let people be told of what is sent.
        json: Print the answers as JSON.
    """
    return _decide(identities, "replay", {"send_alerts": send_alerts}, as_json=json)


def discard(*identities: str, reason: Reason, json: bool = False) -> int:
    """Give notifications up: nothing more is sent of them.

    Args:
        identities: The notifications' ids.
        reason: Why, for whoever reads the record.
        json: Print the answers as JSON.
    """
    return _decide(identities, "discard", {"reason": reason}, as_json=json)


def resolve(
    identity: str, /, *, sent: bool = False, not_sent: bool = False, json: bool = False
) -> int:
    """Say what became of a call whose outcome is in doubt; what was not sent is sent now.

    Args:
        identity: The notification's id.
        sent: It took effect.
        not_sent: It did not.
        json: Print the answer as JSON.
    """
    if sent == not_sent:
        message = "Say either --sent or --not-sent."
        raise MisuseError(message)
    outcome = "sent" if sent else "not_sent"
    return _decide([identity], "resolve", {"outcome": outcome}, as_json=json)


def _decide(
    identities: Sequence[str], verb: str, body: Mapping[str, object], *, as_json: bool
) -> int:
    """Carry out one decision for each id; those that refuse do not stop the others."""
    if not identities:
        message = f"Say which notifications to {verb}, by their ids."
        raise MisuseError(message)
    answers: list[Any] = []
    refused = 0
    with administered(os.environ) as service:
        for identity in identities:
            try:
                answers.append(_decide_one(service, identity, verb, body))
            except CommandError as error:
                refused += 1
                complain(f"{identity}: {error}")
    if as_json:
        say_json({"items": answers, "next": None})
    else:
        for answer in answers:
            say(f"{harmless(answer['id'])}  {harmless(answer['state'])}")
    return 1 if refused else 0


def _decide_one(service: Service, identity: str, verb: str, body: Mapping[str, object]) -> Any:
    path = f"{notification_path(identity)}/{verb}"
    return service.document("POST", path, json=body)


def _show_queue(method: str, path: str, *, json: bool) -> None:
    with administered(os.environ) as service:
        answer = service.ask(method, path)
        if json:
            say(answer.text)
            return
        depth = answer.json()
    say("The queue is paused." if depth["paused"] else "The queue is running.")
    oldest = depth["oldest_seconds"]
    rows = [(name.replace("_", " "), depth[name]) for name in _JOBS]
    rows.append(("workers", depth["workers"]))
    rows.append(("oldest", "none" if oldest is None else f"{oldest:.0f} s"))
    rows.append(("accepted a minute", depth["accepted_per_minute"]))
    rows.append(("sent a minute", depth["sent_per_minute"]))
    table(("what", "how many"), rows)
    for breaker in depth["breakers"]:
        whose = breaker["org_id"] or "the key's own organisation"
        say(f"Calls for {harmless(whose)} are held: {harmless(breaker['why'])}")
