"""`tallyman sources`: who is configured to post, and which formats there are."""

import os

from purchasing.sources import all_sources
from tallyman.client import administered
from tallyman.output import say, say_json, table


def sources(*, formats: bool = False, json: bool = False) -> None:
    """List the configured sources: format, whether authenticated, and the last notification.

    Args:
        formats: List the formats that a source may have instead; this needs no running service.
        json: Print JSON.
    """
    if formats:
        _list_formats(as_json=json)
        return
    with administered(os.environ) as service:
        answer = service.ask("GET", "/v1/sources")
        if json:
            say(answer.text)
            return
        items = answer.json()["items"]
    if not items:
        say("No source is configured.")
        return
    titles = ("source", "format", "authenticated", "last notification")
    table(
        titles,
        (
            (it["name"], it["format"], _authenticated(it), it["last_notification_at"] or "never")
            for it in items
        ),
    )


def _list_formats(*, as_json: bool) -> None:
    known = [it for it in all_sources().values() if it.is_posted_to_webhooks]
    if as_json:
        items = [
            {
                "name": it.name,
                "title": it.title,
                "authenticity": it.authenticity,
                "strength": it.strength,
                "codes": it.codes,
            }
            for it in known
        ]
        say_json({"items": items, "next": None})
        return
    table(
        ("format", "sender", "how it proves itself", "which is", "codes that are known"),
        ((it.name, it.title, it.authenticity, it.strength, it.codes) for it in known),
    )


def _authenticated(item: dict[str, object]) -> str:
    if item["unauthenticated"]:
        return "no, and everything is taken"
    return "yes" if item["authenticated"] else "no secrets: everything is refused"
