"""`tallyman notifications`: what arrived, and the story of each."""

import os
from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from tallyman.client import administered, notification_path
from tallyman.output import harmless, say, table
from tallyman.preview import show_decisions

Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=500))]


def list_notifications(
    *,
    state: str | None = None,
    source: str | None = None,
    find: str | None = None,
    limit: Limit = 50,
    cursor: int | None = None,
    json: bool = False,
) -> None:
    """List notifications, newest first.

    Args:
        state: Only in this state: queued, delivered, ignored, held, in_doubt or dead.
        source: Only of this source.
        find: Only with this reference: tracking, PO or invoice number, delivery key, id.
        limit: At most this many.
        cursor: Where to go on, as the page before says.
        json: Print the service's answer as it is.
    """
    params = {"state": state, "source": source, "find": find, "limit": limit, "cursor": cursor}
    given = {name: value for name, value in params.items() if value is not None}
    with administered(os.environ) as service:
        answer = service.ask("GET", "/v1/notifications", params=given)
        if json:
            say(answer.text)
            return
        page = answer.json()
    if not page["items"]:
        say("No such notification is there.")
        return
    titles = ("id", "received", "source", "state", "summary", "reasons", "attention")
    table(titles, map(_row, page["items"]))
    if page["next"] is not None:
        say(f"There are more: --cursor {page['next']}")


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        item["id"],
        _moment(item["received_at"]),
        item["source"],
        item["state"],
        item["summary"],
        item["reasons"],
        item["attention"],
    )


def show(identity: str, /, *, json: bool = False) -> None:
    """Tell the story of one notification: what was understood, decided and sent, and why.

    Args:
        identity: The notification's id.
        json: Print the service's answer as it is.
    """
    with administered(os.environ) as service:
        answer = service.ask("GET", notification_path(identity))
        if json:
            say(answer.text)
            return
        record = answer.json()
    say(f"notification  {harmless(record['id'])}")
    say(f"source        {harmless(record['source'])}")
    say(f"state         {harmless(record['state'])}")
    say(f"received      {_moment(record['received_at'])}")
    say(f"delivery key  {harmless(record['delivery_key'])}")
    show_decisions(record["decisions"])
    for attempt in record["attempts"]:
        _show_attempt(attempt)
    say()
    table(
        ("when", "what", ""),
        ((_moment(line["at"]), line["step"], line["text"]) for line in record["timeline"]),
    )


def _show_attempt(attempt: Mapping[str, Any]) -> None:
    outcome = attempt["outcome"]
    became = outcome["type"].replace("_", " ")
    if outcome.get("status"):
        became += f" ({outcome['status']})"
    if outcome.get("cofactr_id"):
        became += f", Cofactr's id {harmless(outcome['cofactr_id'])}"
    if outcome.get("detail"):
        became += f": {harmless(outcome['detail'])}"
    say(f"attempt {attempt['attempt']}     {_moment(attempt['began_at'])}  {became}")


def _moment(text: str) -> str:
    """An instant as it is read: to the second, in UTC."""
    return f"{text[:10]} {text[11:19]}" if text[10:11] == "T" else harmless(text)
