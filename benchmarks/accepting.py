"""How fast notifications are made durable."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from benchmarks import notifications
from benchmarks.load import blast
from benchmarks.scale import Scale
from benchmarks.stage import Stage

CONNECTIONS = 64

_WARM_UP = 200
_PEERS = {
    "rq": "rq_stack:app",
    "celery": "celery_stack:web",
    "dramatiq": "dramatiq_stack:app",
}


async def accepting(stage: Stage, scale: Scale) -> list[Mapping[str, float]]:
    """The rate of every side, round by round."""
    requests = [notifications.request(parcel) for parcel in range(scale.accepted + _WARM_UP)]
    rounds: list[Mapping[str, float]] = []
    async with AsyncExitStack() as stack:
        ports = {
            "tallyman": await stack.enter_async_context(stage.serving("service")),
            "ceiling": await stack.enter_async_context(stage.serving("benchmarks.ceiling")),
        }
        for name, app in _PEERS.items():
            ports[name] = await stack.enter_async_context(stage.serving_peer(app))
        for _ in range(scale.rounds):
            rates: dict[str, float] = {}
            for side, port in ports.items():
                count = scale.accepted if side in ("tallyman", "ceiling") else scale.accepted // 5
                await stage.valkey.empty()
                await blast(port, requests[:_WARM_UP], connections=CONNECTIONS)
                load = await blast(
                    port, requests[_WARM_UP : _WARM_UP + count], connections=CONNECTIONS
                )
                rates[side] = load.rate
            rounds.append(rates)
    return rounds
