"""One Tallyman for all of these tests, all of it real; each test finds it empty."""

from collections.abc import Iterator

import pytest

from tests.talking import ACCESS, EASYPOST, Tallyman

DEFAULT_ORG = "00000000-0000-4000-8000-0000000000d0"
SOURCE_ORG = "00000000-0000-4000-8000-0000000000e0"

CONFIGURATION = f"""
[cofactr]
org_id = "{DEFAULT_ORG}"
requests_per_second = 5000
timeout_seconds = 10

{ACCESS}

[sources.easypost]
{EASYPOST}

[sources.fedex]
format = "fedex"
secrets = ["${{FEDEX_TOKEN}}"]

[sources.easypost-too]
{EASYPOST}

[sources.easypost-eu]
org_id = "{SOURCE_ORG}"
{EASYPOST}
"""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A Tallyman, as it is started once."""
    tallyman = Tallyman(tmp_path_factory.mktemp("tallyman"), CONFIGURATION)
    try:
        tallyman.work()
        yield tallyman
    finally:
        tallyman.close()


@pytest.fixture
def tallyman(running: Tallyman) -> Tallyman:
    """A Tallyman that knows nothing yet."""
    running.forget()
    return running
