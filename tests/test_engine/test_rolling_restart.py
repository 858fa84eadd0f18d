"""Replacing everything, one program at a time, as a deployment does: nobody notices."""

import threading
import time
from pathlib import Path
from random import Random

import httpx

from store import keys
from tests.running import Program, Service, eventually
from tests.talking import ENVIRONMENT, ERP_TOKEN, new_number, order, parcel, signature, some_lines
from tests.test_engine import reconciling
from tests.test_engine.stage import CONFIGURATION, Engine

_PAUSE_SECONDS = 0.01
_SENDERS = 3
_NOTICE_SECONDS = 0.3
# Far beyond what a restart takes here: nobody's lease lapses but by a worker that left one behind.
_LEASE_SECONDS = 60


class Balancer:
    """Where senders come out: at those that are not about to end, and that take the connection."""

    def __init__(self, services: list[Service]) -> None:
        self._urls = [service.url for service in services]

    def urls(self, turn: int) -> list[str]:
        """The services to be tried, each sender beginning at another one."""
        urls = list(self._urls)
        turn %= len(urls)
        return urls[turn:] + urls[:turn]

    def replace(self, service: Service) -> None:
        """Replace a service: first no new connection is led to it, then it is asked to end.

        The wait is what `preStop` of the chart is: a connection that is on its way to a program
        which no longer listens is lost, whoever wrote the program.
        """
        self._urls.remove(service.url)
        time.sleep(_NOTICE_SECONDS)
        service.restart()
        self._urls.append(service.url)


class Sender(threading.Thread):
    """Posts through a balancer, and goes on to the next service where it finds none."""

    def __init__(
        self, balancer: Balancer, place: int, numbers: list[str], stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._balancer = balancer
        self._place = place
        self._numbers = numbers
        self._stop_event = stop
        self._random = Random(place)
        self.accepted: list[str] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        # A connection of its own each time: one that is kept may be closed while it is used, and
        # what a balancer does then is its own affair.
        with httpx.Client(timeout=10, limits=httpx.Limits(max_keepalive_connections=0)) as http:
            while not self._stop_event.is_set():
                self._post(http)
                time.sleep(_PAUSE_SECONDS)

    def _post(self, http: httpx.Client) -> None:
        if self._random.random() < 0.5:
            body = parcel(self._random.choice(self._numbers), "in_transit")
            path, headers = "/webhooks/easypost", {"x-hmac-signature": signature(body)}
        else:
            (line,) = some_lines(1)
            body = f'{{"event_type": "note", "purchase_lines": ["{line}"]}}'.encode()
            path, headers = "/v1/events", {"authorization": f"Bearer {ERP_TOKEN}"}
        for url in self._balancer.urls(self._place):
            try:
                answer = http.post(f"{url}{path}", content=body, headers=headers)
            except httpx.ConnectError:
                continue
            except httpx.TransportError as error:
                self.wrong.append(f"{path}: {error!r}")
                return
            if answer.status_code == httpx.codes.ACCEPTED:
                self.accepted.append(answer.json()["id"])
            else:
                self.wrong.append(f"{path}: {answer.status_code} {answer.text}")
            return
        self.wrong.append(f"{path}: no service took the connection")


def replace_worker(engine: Engine, old: Program) -> Program:
    """Start a worker, and end another one when it has come; nothing of the old one may be left."""
    (new,) = engine.hire()
    assert old.stop() == 0, old.output()
    return new


def test_a_rolling_restart_loses_nothing_and_refuses_nobody(tmp_path: Path) -> None:
    """Under load, every program is replaced by SIGTERM: no 5xx, no loss, no lapsed lease."""
    engine = Engine(tmp_path, CONFIGURATION, lease_seconds=_LEASE_SECONDS)
    stop = threading.Event()
    senders: list[Sender] = []
    try:
        numbers = [new_number() for _ in range(20)]
        for place, number in enumerate(numbers):
            engine.admin.put(f"PO-{place}", order(number))
        engine.sandbox.fail({"delay_seconds": 0.1, "forever": True})
        second = Service(
            engine.guard, engine._configuration, REDIS_URL=engine.valkey.url, **ENVIRONMENT
        )
        services = [engine.service, second]
        workers = engine.hire(2)
        balancer = Balancer(services)
        for place in range(_SENDERS):
            senders.append(Sender(balancer, place, numbers, stop))
            senders[-1].start()
        engine.sandbox.received(10)

        for service in services:
            balancer.replace(service)
        workers = [replace_worker(engine, worker) for worker in workers]
        for service in services:
            balancer.replace(service)

        stop.set()
        for sender in senders:
            sender.join(15)
        reconciling.quiet(engine.admin, seconds=_LEASE_SECONDS / 2)
        accepted = [it for sender in senders for it in sender.accepted]
        assert [it for sender in senders for it in sender.wrong] == []
        assert len(accepted) > 100
        _nothing_is_amiss(engine, accepted)
    finally:
        stop.set()
        engine.dismiss()
        engine.close()


def _nothing_is_amiss(engine: Engine, accepted: list[str]) -> None:
    """Every answered notification came to its end, in one call each and without a reaper."""
    found = reconciling.states(engine.admin)
    assert set(accepted) == set(found)
    assert {state for _, state in found.values()} <= {"delivered", "ignored"}
    reconciling.accounts_add_up(engine.admin, found)
    sent, repeated = reconciling.nothing_was_sent_blindly(engine.redis, engine.sandbox)
    assert sent
    assert not repeated
    # A call that was cut off, or whose lease lapsed, would be on its second attempt.
    ledger = [engine.redis.hgetall(name) for name in engine.redis.scan_iter(keys.ledger("*"))]
    assert {entry[b"attempt"] for entry in ledger if b"attempt" in entry} <= {b"1"}
    eventually(lambda: not engine.redis.exists(keys.RQ_STARTED), what="no lease that is left")
    reconciling.nothing_is_left(engine.redis)
    assert "lease_lost" not in engine.guard.outputs()
