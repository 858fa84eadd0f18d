"""One service for all of these tests, and nobody who works on what it takes in."""

from collections.abc import Iterator

import pytest

from tests.talking import ACCESS, EASYPOST, PATH_TOKEN, Tallyman

CONFIGURATION = f"""
{ACCESS}

[sources.easypost]
{EASYPOST}

[sources.small]
max_body_bytes = 1000
{EASYPOST}

[sources.open]
format = "easypost"
unauthenticated = true

[sources.closed]
format = "easypost"

[sources.tokened]
path_tokens = ["{PATH_TOKEN}"]
{EASYPOST}

[sources.nearby]
addresses = ["192.0.2.0/24"]
{EASYPOST}
"""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A service, as it is started once."""
    tallyman = Tallyman(tmp_path_factory.mktemp("service"), CONFIGURATION)
    try:
        yield tallyman
    finally:
        tallyman.close()


@pytest.fixture
def tallyman(running: Tallyman) -> Tallyman:
    """A service that was told nothing yet."""
    running.forget()
    return running
