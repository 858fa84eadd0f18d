"""A Tallyman whose workers come and go, and short words for what its tests do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from store import keys
from tests.running import Program, Service, eventually
from tests.talking import ACCESS, EASYPOST, Caller, Tallyman, some_lines

# Fast enough for tests; each setting as a line of its own, so that a test can have another one.
CONFIGURATION = f"""
[cofactr]
requests_per_second = 5000
max_in_flight = 64
timeout_seconds = 1

{ACCESS}

[sources.easypost]
{EASYPOST}
"""


class Engine(Tallyman):
    """A Tallyman with hired workers."""

    def __init__(self, folder: Path, configuration: str, *, lease_seconds: int = 1) -> None:
        super().__init__(folder, configuration, lease_seconds=lease_seconds)
        self._hired: list[Program] = []

    def hire(self, count: int = 1, **how: str) -> list[Program]:
        """Start workers, and wait until RQ's registry has them."""
        hired = [self.start_worker(**how) for _ in range(count)]
        self._hired += hired
        known = int(self.redis.scard(keys.RQ_WORKERS)) + count

        def look() -> bool:
            assert not any(worker.has_ended for worker in hired), self.guard.outputs()
            return int(self.redis.scard(keys.RQ_WORKERS)) >= known

        eventually(look, seconds=30, what="the registration of workers")
        return hired

    def dismissed_later(self, program: Program) -> None:
        """Have a program end with the test that started it."""
        self._hired.append(program)

    def dismiss(self) -> None:
        """End all hired workers where they stand."""
        for worker in self._hired:
            if not worker.has_ended:
                worker.kill()
        self._hired.clear()

    @contextmanager
    def another_service(self, **environment: str) -> Iterator[Caller]:
        """A second service beside the first one, and somebody who speaks to it."""
        configured = {"REDIS_URL": self.valkey.url} | self._environment | environment
        service = Service(self.guard, self._configuration, **configured)
        self._hired.append(service.program)
        caller = Caller(service.url)
        try:
            yield caller
        finally:
            caller.close()
            service.program.kill()

    def note(self, lane: str | None = None, **fields: Any) -> str:
        """Post a note on a purchase line, which is a lane of its own; returns its id."""
        (line,) = [lane] if lane else some_lines(1)
        return self.erp.posted({"event_type": "note", "purchase_lines": [line]} | fields)

    def state(self, notification: str) -> str:
        """The state of a notification now."""
        found: str = self.admin.record(notification)["state"]
        return found

    def depth(self) -> dict[str, Any]:
        """What `GET /v1/queue` says."""
        answer = self.admin.http.get("/v1/queue")
        assert answer.status_code == 200, answer.text
        depth: dict[str, Any] = answer.json()
        return depth

    def ask(self, notification: str, verb: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Decide about a notification; returns the status and the answer."""
        answer = self.admin.http.post(f"/v1/notifications/{notification}/{verb}", json=body)
        said: dict[str, Any] = answer.json()
        return answer.status_code, said

    def ledger(self, notification: str, number: int = 0) -> dict[str, str]:
        """What the ledger has of a command of a notification."""
        commands = self.admin.record(notification)["decisions"]["commands"]
        entry = self.redis.hgetall(keys.ledger(commands[number]["key"]))
        return {name.decode(): value.decode() for name, value in entry.items()}

    def for_rq(self) -> "Redis":
        """A connection of the kind that RQ's own tools have."""
        return Redis(unix_socket_path=self.valkey.socket)


def failing(status: int, **more: Any) -> Mapping[str, Any]:
    """A fault that lasts."""
    return {"status": status, "forever": True} | more
