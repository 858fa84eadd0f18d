"""`tallyman preview`: what a notification would cause, and why; nothing is queued or sent."""

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from cyclopts import Parameter

from tallyman.client import administered
from tallyman.files import read_file
from tallyman.output import harmless, say

_FINDINGS = ("held", "ignored", "attention")


def preview(
    source: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    json: bool = False,
) -> None:
    """Show what would be sent to Cofactr if a source posted a file now, and why.

    Args:
        source: The name of a source, or of an internal service, in the configuration.
        file: The notification; - reads standard input.
        json: Print the service's answer as it is.
    """
    body = read_file(file)
    with administered(os.environ) as service:
        answer = service.ask("POST", f"/v1/preview/{quote(source, safe='')}", content=body)
        if json:
            say(answer.text)
            return
        decisions = answer.json()
    say(f"delivery key  {harmless(decisions['delivery_key'])}")
    if decisions["authentic"] is not None:
        say(f"authentic     {'yes' if decisions['authentic'] else 'no'}")
    show_decisions(decisions)


def show_decisions(decisions: Mapping[str, Any]) -> None:
    """Print what was understood, what follows, and what does not."""
    for update in decisions["updates"]:
        say(f"understood    {_named(update)}")
    for command in decisions["commands"]:
        show_command(command)
    for kind in _FINDINGS:
        for finding in decisions[kind]:
            say(f"{kind:<13} {finding['reason']}: {harmless(finding['detail'])}")
    if not any(decisions[kind] for kind in ("commands", *_FINDINGS)):
        say("Nothing would be sent.")


def show_command(command: Mapping[str, Any]) -> None:
    """Print one command: what it is, its fields, and why."""
    body = command["body"]
    if command["type"] == "create_purchase_event":
        what = f"purchase event {body['event_type']}"
    else:
        what = f"NoPart line {body['id']} of purchase order {command['purchase_order']}"
    say(
        f"command       {what}"
        + (f" (org {harmless(command['org_id'])})" if command["org_id"] else "")
    )
    for name, value in body.items():
        if name not in ("event_type", "id"):
            say(f"              {name}: {_text(value)}")
    for reason in command["because"]:
        say(f"  because     {harmless(reason)}")


def _named(update: Mapping[str, Any]) -> str:
    """An update in one line: its kind, and its fields as far as they are short."""
    fields = (
        f"{name} {_text(value)}"
        for name, value in update.items()
        if name != "kind" and isinstance(value, str | int) and value != ""
    )
    current = update.get("current") or {}
    status = f": {harmless(current['code'])}" if current.get("code") else ""
    return f"{update['kind']}{status} ({', '.join(fields)})"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(harmless(item) for item in value)
    return harmless(value)
