"""One Tallyman for all of these tests, whose workers come and go."""

from collections.abc import Iterator

import pytest

from tests.talking import ACCESS, EASYPOST, Tallyman

LEASE_SECONDS = 2

CONFIGURATION = f"""
[cofactr]
requests_per_second = 5000
timeout_seconds = 2

{ACCESS}

[sources.easypost]
{EASYPOST}

[in_doubt]
delivered = "park"
canceled = "resend"
"""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A Tallyman without workers, as it is started once."""
    folder = tmp_path_factory.mktemp("workers")
    tallyman = Tallyman(folder, CONFIGURATION, lease_seconds=LEASE_SECONDS)
    try:
        yield tallyman
    finally:
        tallyman.close()


@pytest.fixture
def idle(running: Tallyman) -> Iterator[Tallyman]:
    """A Tallyman that knows nothing yet, and whose workers the test starts itself."""
    running.end_workers()
    running.forget()
    yield running
    running.end_workers()


@pytest.fixture
def tallyman(running: Tallyman) -> Tallyman:
    """A Tallyman that knows nothing yet, with a worker."""
    running.forget()
    if not running.workers:
        running.work()
        running.forget()
    return running


@pytest.fixture
def anyio_backend() -> str:
    """What `async def` tests run on."""
    return "asyncio"
