"""One part of Tallyman each: the service, workers, the sandbox."""

import asyncio
import os
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from tallyman.output import complain
from tallyman.processes import CANNOT_START, Household, Signals, module, worker

_MOST_PROCESSES = 256


def serve() -> None:
    """Run the service alone: REDIS_URL says where Redis is, TALLYMAN_PORT where it listens."""
    _become("service")


def work(
    *, processes: Annotated[int, Parameter(validator=Number(gte=1, lte=_MOST_PROCESSES))] = 1
) -> int:
    """Run workers alone: REDIS_URL says where Redis is, COFACTR_API_KEY is Cofactr's key.

    The first Ctrl-C or SIGTERM lets them finish their calls, a second one ends them at once.

    Args:
        processes: How many there are.
    """
    if processes == 1:
        _become("workers")
    return asyncio.run(_work(processes))


def sandbox(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))] = 8090,
) -> None:
    """Run the stand-in for Cofactr alone; COFACTR_API_KEY is the key that it takes.

    Args:
        host: The address that it listens on.
        port: Where it listens; 0 takes any free port.
    """
    _become("tallyman.sandbox", "--host", host, "--port", str(port))


def _become(name: str, *arguments: str) -> None:
    """Become another program: signals then reach it without a detour."""
    command = module(name, *arguments)
    os.execv(command[0], command)  # noqa: S606  # the command is our own


async def _work(processes: int) -> int:
    household = Household(complain)
    signals = Signals(household)
    household.start([worker(number, os.environ) for number in range(1, processes + 1)])
    asked = asyncio.create_task(signals.asked.wait())
    defective = asyncio.create_task(household.defective())
    await asyncio.wait({asked, defective}, return_when=asyncio.FIRST_COMPLETED)
    is_asked = asked.done()
    for task in (asked, defective):
        task.cancel()
    # What is under way may take as long as it takes: whoever is in haste says it a second time.
    await household.stop(None)
    return 0 if is_asked else CANNOT_START
