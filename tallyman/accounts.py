"""`tallyman accounts`: whether everything that was received is accounted for."""

import os
from collections.abc import Mapping
from typing import Any

from tallyman.client import administered
from tallyman.output import say, table

_COLUMNS = (
    "received",
    "refused",
    "duplicate",
    "queued",
    "held",
    "in_doubt",
    "dead",
    "ignored",
    "delivered",
)


def accounts(*, json: bool = False) -> int:
    """Show the accounts by source; the exit code is 1 if they do not balance.

    Args:
        json: Print the service's answer as it is.
    """
    with administered(os.environ) as service:
        answer = service.ask("GET", "/v1/accounts")
        total = answer.json()
    if json:
        say(answer.text)
    else:
        rows = [_row(name, account) for name, account in sorted(total["sources"].items())]
        table(("source", *_COLUMNS, "balanced"), [*rows, _row("all", total)])
    return 0 if total["balanced"] else 1


def _row(name: str, account: Mapping[str, Any]) -> tuple[object, ...]:
    return (name, *(account[column] for column in _COLUMNS), account["balanced"])
