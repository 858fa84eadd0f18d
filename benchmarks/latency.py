"""How long it takes from a sender's POST to the call at Cofactr, where nothing waits."""

import asyncio
import re
import statistics

from benchmarks import notifications
from benchmarks.load import pace
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from benchmarks.working import a_whole_tallyman, put_orders

RATE = 100

_NUMBER = re.compile(rb'"tracking_number":"(\d+)"')
_WARM_UP = 100


async def latency(stage: Stage, scale: Scale) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    count = RATE * scale.paced_seconds + _WARM_UP
    await stage.valkey.empty()
    await put_orders(stage, count)
    requests = [notifications.request(parcel) for parcel in range(count)]
    async with stage.sink(0.0) as sink, a_whole_tallyman(stage, sink) as port:
        await pace(port, requests[:_WARM_UP], per_second=RATE)
        sent = await pace(port, requests[_WARM_UP:], per_second=RATE)
        while await sink.count() < count:  # noqa: ASYNC110  # another process does not set events
            await asyncio.sleep(0.1)
        came: dict[str, float] = {}
        for arrival in await sink.arrivals():
            if number := _NUMBER.search(arrival.body):
                came[number.group(1).decode()] = arrival.at
    taken = [
        came[notifications.tracking_number(parcel)] - at
        for parcel, at in enumerate(sent, start=_WARM_UP)
    ]
    cuts = statistics.quantiles(taken, n=100)
    return cuts[49] * 1000, cuts[98] * 1000
