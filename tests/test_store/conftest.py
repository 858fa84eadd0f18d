"""A Valkey for all of these tests; each finds it empty."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from store.client import Client
from store.connection import connect
from tests.running import Guard, Valkey, valkey


@pytest.fixture
def anyio_backend() -> str:
    """What `async def` tests run on."""
    return "asyncio"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Valkey, as it is started once."""
    run, data = (tmp_path_factory.mktemp(name) for name in ("store-run", "store-data"))
    with Guard(run) as guard, valkey(guard, data) as running:
        yield running


@pytest.fixture
def redis(server: Valkey) -> Any:
    """A look behind the scenes; nothing is stored yet."""
    server.redis.flushall()
    return server.redis


@pytest.fixture
async def client(server: Valkey, redis: Any) -> AsyncIterator[Client]:
    """A client as the service and the workers have it."""
    del redis  # It is asked for, so that the server is empty.
    made = connect(server.url)
    yield made
    await made.aclose()
