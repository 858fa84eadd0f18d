"""Everything is killed, again and again, under load: `python -m tests.chaos --minutes 5`.

Senders post until they are answered; Cofactr is slow, refuses and hangs up; the service, the
workers and Valkey are killed at random moments and at every marked step. In the end the accounts
must balance by id, and nothing may have been sent twice unless the ledger says why.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.running import Program
from tests.talking import (
    ACCESS,
    EASYPOST,
    ERP_TOKEN,
    Tallyman,
    order,
    parcel,
    signature,
    some_lines,
)
from tests.test_engine import reconciling
from tests.test_engine.marked import SERVICE_STEPS, STEP, WORKER_STEPS

CONFIGURATION = f"""
[cofactr]
requests_per_second = 500
max_in_flight = 64
timeout_seconds = 2

{ACCESS}

[sources.easypost]
{EASYPOST}
"""

_KILLED = -9
_SENDERS = 3
_PAUSE_SECONDS = 0.03
_SCANS = ("in_transit", "out_for_delivery", "delivered")


def faults(seed: int) -> list[dict[str, Any]]:
    """What Cofactr does to some calls, for as long as it is told to."""
    ways: tuple[dict[str, Any], ...] = (
        {"status": 429, "retry_after": 1, "probability": 0.02},
        {"status": 500, "probability": 0.02},
        {"status": 503, "probability": 0.02},
        {"hang_up": "before", "probability": 0.02},
        {"hang_up": "after", "probability": 0.02},
        {"hang_up": "after", "delay_seconds": 0.1, "probability": 0.02},
        {"delay_seconds": 0.05, "probability": 0.5},
        {"delay_seconds": 0.3, "probability": 0.2},
    )
    return [way | {"forever": True, "seed": seed + number} for number, way in enumerate(ways)]


class Sender(threading.Thread):
    """Posts what carriers and internal services post, and repeats what was not answered."""

    def __init__(self, url: str, seed: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._http = httpx.Client(base_url=url, timeout=5)
        self._random = Random(seed)
        self._stop_event = stop
        self._numbers = [f"1Z{seed:06d}{number:04d}" for number in range(60)]
        self._lanes = some_lines(8)
        self._scans = dict.fromkeys(self._numbers, 0)
        self._posted = 0
        self.accepted: dict[str, str] = {}
        self.lost: set[str] = set()
        self.errors: list[str] = []

    def orders(self) -> list[tuple[str, dict[str, Any]]]:
        """The orders whose parcels it tells of; some numbers are in none."""
        return [(f"PO-{number}", order(number)) for number in self._numbers[:50]]

    def run(self) -> None:
        while not self._stop_event.is_set():
            if self._random.random() < 0.5:
                self._post(*self._parcel(), may_repeat=True, source="easypost")
            else:
                self._post_event()
            time.sleep(_PAUSE_SECONDS * self._random.random())
        self._http.close()

    def _parcel(self) -> tuple[str, bytes, dict[str, str]]:
        number = self._random.choice(self._numbers)
        count = min(self._scans[number] + 1, len(_SCANS))
        self._scans[number] = count
        body = parcel(number, *_SCANS[:count])
        return "/webhooks/easypost", body, {"x-hmac-signature": signature(body)}

    def _post_event(self) -> None:
        self._posted += 1
        kind = "received" if self._random.random() < 0.3 else "note"
        lane = self._random.choice(self._lanes)
        text = f'{{"event_type": "{kind}", "purchase_lines": ["{lane}"], "quantity": 1}}'
        headers = {"authorization": f"Bearer {ERP_TOKEN}"}
        has_key = self._random.random() < 0.7
        if has_key:
            headers["idempotency-key"] = f"{self.name}-{self._posted}"
        self._post("/v1/events", text.encode(), headers, may_repeat=has_key, source="erp")

    def _post(
        self, path: str, body: bytes, headers: dict[str, str], *, may_repeat: bool, source: str
    ) -> None:
        while True:
            try:
                answer = self._http.post(path, content=body, headers=headers)
            except httpx.ConnectError:
                time.sleep(0.05)
                continue
            except httpx.TransportError:
                if not may_repeat:
                    # Whether it was taken in is not known, and repeating it would be another one.
                    self.lost.add(source)
                    return
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                self.accepted[answer.json()["id"]] = source
                return
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                self.errors.append(f"{path} was answered {answer.status_code}: {answer.text}")
                return
            if not may_repeat:
                self.lost.add(source)
                return
            assert "retry-after" in answer.headers
            time.sleep(0.05)


class Victim:
    """A process that is started again whenever it was killed, by itself or by us."""

    def __init__(
        self, start: Callable[[str], Program], steps: Iterator[str], random: Random
    ) -> None:
        self._start = start
        self._steps = steps
        self._random = random
        self._begin()

    def _begin(self) -> None:
        self._step = next(self._steps)
        times = self._random.randint(1, 20)
        self.program = self._start(f"{self._step}:{times}" if self._step else "")
        patience = 10.0 if self._step else 1.0 + 2.0 * self._random.random()
        self._till = time.monotonic() + patience

    def look(self) -> str | None:
        """How it was killed since the last look, if it was; it is started again then."""
        if self.program.has_ended:
            assert self.program.ended() == _KILLED, self.program.output()
            killed = self._step
        elif time.monotonic() > self._till:
            self.program.kill()
            killed = "at random"
        else:
            return None
        self._begin()
        return killed


class Chaos:
    """One run: load, kills, and then the reckoning."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self._random = Random(seed)
        self._seed = seed
        self._tallyman = Tallyman(folder, CONFIGURATION, lease_seconds=1)

    def close(self) -> None:
        """End everything."""
        self._tallyman.close()

    def run(self, enough: Callable[[Counter[str]], bool]) -> dict[str, int]:
        """Kill until it is enough, then let all work end and see that everything adds up."""
        tallyman = self._tallyman
        stop = threading.Event()
        seeds = range(self._seed, self._seed + _SENDERS)
        senders = [Sender(tallyman.service.url, seed, stop) for seed in seeds]
        for sender in senders:
            for po_number, an_order in sender.orders():
                tallyman.admin.put(po_number, an_order)
        tallyman.sandbox.fail(*faults(self._seed))
        for sender in senders:
            sender.start()
        try:
            self._kill(enough)
        finally:
            stop.set()
        tallyman.sandbox.fail()
        tallyman.service.restart()
        workers = [tallyman.start_worker() for _ in range(2)]
        for sender in senders:
            sender.join(timeout=30)
            assert not sender.is_alive(), "a sender was never answered"
            assert not sender.errors, sender.errors
        reconciling.quiet(tallyman.admin, seconds=60)
        said = self._reckon(senders)
        for worker in workers:
            assert worker.stop() == 0, worker.output()
        return said

    def _kill(self, enough: Callable[[Counter[str]], bool]) -> None:
        tallyman = self._tallyman
        tallyman.service.program.kill()
        # A life at random and one that ends at a marked step, in turn.
        service_steps = cycle(["", SERVICE_STEPS[0], SERVICE_STEPS[1]])
        worker_steps = cycle(WORKER_STEPS)
        victims = [
            Victim(self._service, service_steps, self._random),
            Victim(self._worker, worker_steps, self._random),
            Victim(self._worker, worker_steps, self._random),
            Victim(self._worker, cycle([""]), self._random),
        ]
        next_valkey = time.monotonic() + 1
        while not enough(self.kills):
            for victim in victims:
                killed = victim.look()
                if killed is not None:
                    self.kills[killed] += 1
            if time.monotonic() > next_valkey:
                self._kill_valkey()
                next_valkey = time.monotonic() + 1 + 3 * self._random.random()
            time.sleep(0.01)
        for victim in victims:
            victim.program.kill()

    def _kill_valkey(self) -> None:
        valkey = self._tallyman.valkey
        valkey.stop(kill=True)
        time.sleep(0.5 * self._random.random())
        valkey.start()
        self.kills["valkey"] += 1

    def _service(self, step: str) -> Program:
        module = "tests.test_engine.marked_service" if step else "service"
        return self._tallyman.service.launch(module, **{STEP: step})

    def _worker(self, step: str) -> Program:
        module = "tests.test_engine.marked_worker" if step else "workers"
        return self._tallyman.start_worker(module=module, **{STEP: step})

    def _reckon(self, senders: Sequence[Sender]) -> dict[str, int]:
        tallyman = self._tallyman
        found = reconciling.states(tallyman.admin)
        accepted = {name: source for it in senders for name, source in it.accepted.items()}
        missing = accepted.keys() - found.keys()
        assert not missing, f"{len(missing)} accepted notifications are gone: {missing}"
        # What is there besides came in with an answer that was lost.
        surplus = {name: found[name][0] for name in found.keys() - accepted.keys()}
        lost = {source for it in senders for source in it.lost}
        assert set(surplus.values()) <= lost, surplus
        reconciling.accounts_add_up(tallyman.admin, found)
        effects, repeated = reconciling.nothing_was_sent_blindly(tallyman.redis, tallyman.sandbox)
        lanes = reconciling.lanes_kept_their_order(tallyman.redis, tallyman.sandbox)
        reconciling.nothing_is_left(tallyman.redis)
        by_state = Counter(state for _, state in found.values())
        return {
            "accepted": len(accepted),
            "answer lost": len(surplus),
            "took effect": effects,
            "twice": repeated,
            "lanes": lanes,
        } | dict(by_state)


def main(arguments: Sequence[str]) -> int:
    """Run with one seed after another until the time is up."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=None, help="only this one")
    options = parser.parse_args(arguments)
    end = time.monotonic() + options.minutes * 60
    seed = options.seed if options.seed is not None else int(time.time()) % 1_000_000
    while time.monotonic() < end:
        sys.stdout.write(f"seed {seed}: ")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory() as folder:
            chaos = Chaos(Path(folder), seed)
            try:
                said = chaos.run(lambda kills: kills.total() >= 100)
            finally:
                chaos.close()
        sys.stdout.write(f"{chaos.kills.total()} kills, {said}\n")
        if options.seed is None:
            seed += _SENDERS
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
