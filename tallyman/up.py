"""`tallyman up`: everything on this machine, until it is told to end."""

import asyncio
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
from cyclopts import Parameter
from cyclopts.validators import Number

from tallyman.client import connected
from tallyman.data import DataDirectory, data_directory
from tallyman.demonstration import import_orders, write_notification
from tallyman.embedded import Valkey
from tallyman.errors import CommandError
from tallyman.output import as_typed, complain, near, say
from tallyman.plan import Plan, plan, without_password
from tallyman.processes import Household, Signals

_MOST_WORKERS = 64
_POLL_SECONDS = 0.03

_SILENT = "it does not answer"

# Ten times what it takes on a slow machine.
_START_SECONDS = 30.0


def up(
    *,
    port: Annotated[int | None, Parameter(validator=Number(gte=0, lte=65_535))] = None,
    workers: Annotated[int, Parameter(validator=Number(gte=1, lte=_MOST_WORKERS))] = 2,
    config: Path | None = None,
) -> int:
    """Run everything on this machine: Valkey, the Cofactr sandbox, the service and workers.

    REDIS_URL replaces the Valkey, COFACTR_API_KEY the sandbox. Without any configuration, a
    demonstration is run. Ctrl-C ends it in good order, a second one at once.

    Args:
        port: Where the service listens; 0 takes any free port. TALLYMAN_PORT, or 8080, without.
        workers: How many workers there are.
        config: The configuration file. TALLYMAN_CONFIG, or ./tallyman.toml, without.
    """
    environment = dict(os.environ)
    data = data_directory(environment)
    data.create()
    with data.locked() as lock:
        planned = plan(environment, data, lock=lock, port=port, workers=workers, config=config)
        return asyncio.run(_run(planned, data))


async def _run(planned: Plan, data: DataDirectory) -> int:
    household = Household(_report)
    signals = Signals(household)
    asked = asyncio.create_task(signals.asked.wait())
    starting = asyncio.create_task(_start(planned, household, data))
    try:
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            _announce(planned, data)
            await asked
        _report("Ending: what is under way is finished first. Once more Ctrl-C ends it at once.")
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await household.stop(planned.drain_seconds)
        if planned.valkey is not None:
            planned.valkey.tidy()
        data.take_back()
    return 0


async def _start(planned: Plan, household: Household, data: DataDirectory) -> None:
    """Start every program, and return when notifications can be taken in."""
    if planned.valkey is not None:
        await _start_valkey(planned.valkey, household)
    if planned.sandbox is not None:
        household.start([planned.sandbox])
    household.start(planned.shells)
    data.tell(planned.running)
    ready = asyncio.create_task(_ready(planned.running.url))
    defective = asyncio.create_task(household.defective())
    await _first(ready, defective)
    if not ready.done():
        message = f"{defective.result()} cannot start; what it said is above."
        raise CommandError(message)
    ready.result()
    if planned.is_demonstration:
        await asyncio.to_thread(_demonstrate, planned, data)


async def _start_valkey(valkey: Valkey, household: Household) -> None:
    household.start([valkey.program])
    ready = asyncio.create_task(valkey.ready())
    await _first(ready, asyncio.create_task(household.defective()))
    if not ready.done():
        message = f"Valkey cannot start; {valkey.log} ends with: {valkey.last_words()}"
        raise CommandError(message)


async def _first(*tasks: "asyncio.Task[None] | asyncio.Task[str]") -> None:
    """Wait for the first of some tasks, and give the others up."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _ready(url: str) -> None:
    """Wait until the service says that it can make a notification durable."""
    said = ""
    try:
        async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(trust_env=False) as client:
            while (reason := await _obstacle(client, url)) is not None:
                if reason not in {said, _SILENT}:
                    _report(f"Not ready yet: {reason}.")
                said = reason
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        message = f"The service is not ready after {_START_SECONDS:g} s: {said}."
        raise CommandError(message) from None


async def _obstacle(client: httpx.AsyncClient, url: str) -> str | None:
    """Why the service takes nothing in; None where it does."""
    try:
        answer = await client.get(f"{url}/readyz")
        return None if answer.is_success else str(answer.json()["reason"])
    except (httpx.HTTPError, ValueError, KeyError):
        return _SILENT


def _demonstrate(planned: Plan, data: DataDirectory) -> None:
    now = datetime.now(UTC)
    write_notification(data, now)
    with connected(planned.running.url, planned.running.admin_token) as service:
        import_orders(service, now)


def _announce(planned: Plan, data: DataDirectory) -> None:
    """Say where everything is, and what to try."""
    running = planned.running
    token = running.admin_token if planned.is_token_ours else "$TALLYMAN_ADMIN_TOKEN"
    say("Tallyman is ready.")
    say(f"  service      {running.url}")
    if running.sandbox_url:
        say(f"  sandbox      {running.sandbox_url}  (stands in for Cofactr)")
    say(f"  redis        {without_password(running.redis_url)}")
    say(f"  config       {running.config}")
    if planned.is_token_ours:
        say(f"  admin token  {token}")
    if planned.is_demonstration:
        say("This is a demonstration, because nothing is configured: a source, some orders.")
    say("Try:")
    sample = near(data.path / "easypost_in_transit.json")
    what = ("easypost", sample) if planned.is_demonstration else ("SOURCE", "FILE")
    # Another terminal does not know what this one's environment says.
    elsewhere = f"TALLYMAN_DATA_DIR={near(data.path)} " if planned.is_data_elsewhere else ""
    say(f"  {elsewhere}{as_typed('send', *what)}")
    say(f'  curl -H "Authorization: Bearer {token}" {running.url}/v1/notifications')
    if running.sandbox_url:
        say(f"  curl {running.sandbox_url}/_sandbox/requests")
    sys.stdout.flush()


def _report(sentence: str) -> None:
    """Say what happens meanwhile; a terminal that is gone is no reason to stop."""
    with suppress(OSError):
        complain(sentence)
        sys.stderr.flush()
