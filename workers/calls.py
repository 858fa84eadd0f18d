"""The calls of one worker: many at once, each settled in the ledger before anything follows it."""

import asyncio
from collections.abc import Mapping
from itertools import count
from random import Random
from secrets import token_hex

import structlog
from prometheus_client import Histogram

from purchasing.alerts import AFTER_DOUBT, overruled, replayed
from purchasing.alerts import Decision as Alerts
from purchasing.commands import Command
from purchasing.configuration import Configuration
from purchasing.outcomes import Misconfigured, detail_of, health_of
from purchasing.retrying import Again, Dead, Finished, InDoubtNow, Next, after, on_doubt
from purchasing.telemetry import Log
from store.jobs import Clock
from store.queue import Applied, Entry, Gone, Numbered, Queue, Settlement, Status
from workers import narration
from workers.batching import Batch
from workers.cofactr import Cofactr, request_for
from workers.rounds import Job

_LOG = structlog.get_logger()


class Calls:
    """Sends commands whose intent is written; `run` must be running."""

    def __init__(
        self,
        *,
        queue: Queue,
        cofactr: Cofactr,
        configuration: Configuration,
        clock: Clock,
        random: Random,
        seconds: Histogram,
    ) -> None:
        self._cofactr = cofactr
        self._configuration = configuration
        self._clock = clock
        self._random = random
        self._seconds = seconds
        self._settling: Batch[Settlement, Applied | Gone] = Batch(queue.settle)
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, frozenset[tuple[int, int]]] = {}
        self._room = asyncio.Event()
        self._is_ending = False
        # No two outcomes have the same mark, whoever writes them.
        self._marks = map(f"{token_hex(8)}-{{}}".format, count())

    @property
    def jobs(self) -> tuple[str, ...]:
        """The notifications some of whose commands are being sent."""
        return tuple(self._jobs)

    async def run(self) -> None:
        """Write down what became of calls until cancelled."""
        await self._settling.run()

    async def room(self) -> None:
        """Wait until a call has ended."""
        self._room.clear()
        await self._room.wait()

    async def end(self) -> None:
        """Wait until no call is under way; none follows those that are."""
        self._is_ending = True
        while self._jobs:
            await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    def begin(self, job: Job, started: Mapping[int, int]) -> None:
        """Send the commands of a job that may be sent, and then those that they held up."""
        fresh = self._unsent(job, started)
        if not fresh:
            return
        task = asyncio.create_task(self._work(job, fresh, self._jobs.get(job.id)))
        self._jobs[job.id] = task
        task.add_done_callback(lambda done: self._ended(job.id, done))

    def _unsent(self, job: Job, started: Mapping[int, int]) -> dict[int, int]:
        """The commands that were not sent yet: an answer of the store may come twice."""
        sent = self._sent.get(job.id, frozenset())
        fresh = started.items() - sent
        if fresh:
            self._sent[job.id] = sent | fresh
        return dict(sorted(fresh))

    def _ended(self, job_id: str, task: "asyncio.Task[None]") -> None:
        if self._jobs.get(job_id) is task:
            del self._jobs[job_id]
            self._sent.pop(job_id, None)
        self._room.set()
        if not task.cancelled() and (error := task.exception()):
            # The lease lapses and the job is taken up again; the defect must be seen.
            _LOG.error(Log.JOB_CRASHED, id=job_id, exc_info=error)

    async def _work(
        self, job: Job, started: Mapping[int, int], before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None:
            # The same notification, already back in the queue before its last call returned here.
            await asyncio.wait({before})
        while len(started) == 1:
            # Most have one command only, which needs no task of its own.
            ((index, attempt),) = started.items()
            started = self._unsent(job, await self._send(job, index, attempt))
        waiting = {self._task(job, *pair) for pair in started.items()}
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                following = self._unsent(job, task.result())
                waiting |= {self._task(job, *pair) for pair in following.items()}

    def _task(self, job: Job, index: int, attempt: int) -> "asyncio.Task[Mapping[int, int]]":
        return asyncio.create_task(self._send(job, index, attempt))

    async def _send(self, job: Job, index: int, attempt: int) -> Mapping[int, int]:
        """Make one call and write down what became of it; returns what may be sent next."""
        command = self._worded(job, index)
        began_at = self._clock()
        outcome = await self._cofactr.send(command)
        ended_at = self._clock()
        self._seconds.labels(outcome.__struct_config__.tag).observe(
            (ended_at - began_at).total_seconds()
        )
        entry = job.entries.get(index)
        then = after(
            outcome,
            attempt=attempt,
            planned_at=entry.planned_at if entry else began_at,
            now=ended_at,
            jitter=self._random.random(),
            on_doubt=on_doubt(command, self._configuration),
        )
        if isinstance(outcome, Misconfigured):
            _LOG.error(Log.COFACTR_MISCONFIGURED, detail=outcome.detail)
        body = request_for(command, self._configuration.cofactr.no_part_lines_body).body
        record = narration.attempt(
            command,
            number=attempt,
            body=body,
            outcome=outcome,
            is_reworded=command is not job.decision.commands[index],
            began_at=began_at,
            ended_at=ended_at,
        )
        words = narration.called(outcome, then, command, ended_at)
        again = then if isinstance(then, Again) else None
        settled = await self._settling.put(
            Settlement(
                id=job.id,
                mark=next(self._marks),
                numbered=Numbered(index, command),
                attempt=attempt,
                health=health_of(outcome),
                why=detail_of(outcome),
                entry=record,
                timeline=(words,),
                commands=job.numbered,
                has_held=bool(job.decision.held),
                is_ending=self._is_ending,
                status=_status(then),
                next_at=again.at if again else None,
                is_doubtful=again.is_doubtful if again else False,
                is_unspent=again.is_unspent if again else False,
                cofactr_id=(then.cofactr_id or "") if isinstance(then, Finished) else "",
            )
        )
        if isinstance(settled, Gone):
            _LOG.warning(Log.LEASE_LOST, id=job.id, command=command.key)
            return {}
        return settled.started

    def _worded(self, job: Job, index: int) -> Command:
        """The command as it is sent now, when it may be the second of its kind."""
        command = job.decision.commands[index]
        entry = job.entries.get(index)
        alerts = _overruling(entry) if entry else None
        return overruled(command, alerts) if alerts else command


def _overruling(entry: Entry) -> Alerts | None:
    """Who decides on alerts, if not the decision that the command was made with."""
    match entry.status:
        case Status.SENDING:
            return AFTER_DOUBT
        case Status.DEAD if entry.alerts != AFTER_DOUBT:
            # It was given back by RQ's own means, which cannot ask for alerts.
            return replayed(send=False)
        case _:
            return entry.alerts


def _status(then: Next) -> Status:
    match then:
        case Finished():
            return Status.DONE
        case Again():
            return Status.RETRY
        case Dead():
            return Status.DEAD
        case InDoubtNow():
            return Status.IN_DOUBT
