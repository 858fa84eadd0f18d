"""One round: from what is at the head of the queue to what is written down about it."""

from collections.abc import Mapping, Sequence

import msgspec
import structlog

from purchasing.configuration import Configuration, InDoubt
from purchasing.decisions import Decision, references_in
from purchasing.handoff import JOB, decode_job
from purchasing.notification import Notification
from purchasing.retrying import on_doubt
from purchasing.telemetry import Log
from store import keys
from store.deciding import Case, Deciding, Outcome
from store.jobs import Clock
from store.queue import Claimed, Decided, Entry, Numbered, Status, Verb
from workers import narration

_LOG = structlog.get_logger()
_ENCODER = msgspec.msgpack.Encoder()
_NOTIFICATION = msgspec.msgpack.Decoder(Notification)
_DECISION = msgspec.msgpack.Decoder(Decision)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with its decision, and what the ledger knew of each command before."""

    id: str
    decision: Decision = Decision()
    entries: Mapping[int, Entry] = {}

    @property
    def numbered(self) -> tuple[Numbered, ...]:
        """The commands with their places."""
        return tuple(
            Numbered(index, command) for index, command in enumerate(self.decision.commands)
        )


class Rounds:
    """Prepares rounds; nothing is written here."""

    def __init__(self, deciding: Deciding, configuration: Configuration, clock: Clock) -> None:
        self._deciding = deciding
        self._configuration = configuration
        self._clock = clock
        self._taken: dict[str, Mapping[str, str]] = {}

    def is_taken(self, job: Job, by: Mapping[str, str]) -> None:
        """Remember that others made some of a job's commands, for when it is decided again."""
        self._taken[job.id] = by

    async def prepare(self, claimed: Sequence[Claimed]) -> list[tuple[Job, Decided]]:
        """Decide the jobs at the head of the queue, in their order; the last ones may be left."""
        heads = list({job.id: job for job in claimed}.values())
        faults = {job.id: fault for job in heads if (fault := _fault(job))}
        cases = {job.id: self._case(job) for job in heads if job.must_plan and job.id not in faults}
        outcomes = dict(zip(cases, await self._deciding.decide(list(cases.values())), strict=False))
        prepared: list[tuple[Job, Decided]] = []
        for job in heads:
            if job.id in faults:
                _LOG.error(Log.JOB_SET_ASIDE, id=job.id, reason=faults[job.id])
                prepared.append(self._set_aside(job, faults[job.id]))
            elif job.id not in cases:
                prepared.append(self._resumed(job))
            elif job.id in outcomes:
                prepared.append(self._decided(job, cases[job.id], outcomes[job.id]))
            else:
                break
        return prepared

    def _set_aside(self, job: Claimed, fault: str) -> tuple[Job, Decided]:
        """A job that cannot be worked on, with the reason for whoever looks at it."""
        timeline = (narration.entry(self._clock(), "dead", f"It was set aside: {fault}."),)
        return Job(id=job.id), Decided(id=job.id, set_aside=fault, timeline=timeline)

    def _case(self, job: Claimed) -> Case:
        return Case(
            notification=_NOTIFICATION.decode(job.raw),
            before=_DECISION.decode(job.decision) if job.decision else Decision(),
            taken=self._taken.pop(job.id, {}),
            replay_says=job.replay_says,
        )

    def _resumed(self, job: Claimed) -> tuple[Job, Decided]:
        """A job whose decision stands, and some of whose commands are still to be sent."""
        decision = _DECISION.decode(job.decision)
        work = Job(id=job.id, decision=decision, entries=dict(enumerate(job.entries)))
        commands = tuple((numbered, self._verb(job, numbered)) for numbered in work.numbered)
        return work, Decided(
            id=job.id,
            commands=commands,
            has_held=bool(decision.held),
            timeline=tuple(
                narration.interrupted(numbered.command, self._clock(), is_parked=verb is Verb.PARK)
                for numbered, verb in commands
                if verb in (Verb.PARK, Verb.RESEND)
            ),
        )

    def _decided(self, job: Claimed, case: Case, outcome: Outcome) -> tuple[Job, Decided]:
        decision = outcome.decision
        work = Job(id=job.id, decision=decision, entries=dict(enumerate(job.entries)))
        known = len(case.before.commands)
        references = _references(outcome)
        # It is found by this one since it was accepted.
        own = keys.reference("delivery_key", self._deciding.delivery_key(case.notification))
        return work, Decided(
            id=job.id,
            reads=outcome.reads,
            writes=outcome.writes,
            record={
                "decision": _ENCODER.encode(decision),
                "commands": _ENCODER.encode([_as_kept(numbered) for numbered in work.numbered]),
                "references": _ENCODER.encode((*references, own)),
                "summary": decision.summary,
                "reasons": ",".join(decision.reasons),
                "attention": ",".join(dict.fromkeys(it.reason for it in decision.attention)),
                "has_held": "1" if decision.held else "0",
            },
            references=references,
            waits=outcome.waits,
            wakes=outcome.wakes,
            timeline=narration.decided(decision, outcome.goods, self._clock()),
            commands=tuple(
                (numbered, Verb.NEW if numbered.index >= known else self._verb(job, numbered))
                for numbered in work.numbered
            ),
            has_held=bool(decision.held),
            is_replanned=True,
        )

    def _verb(self, job: Claimed, numbered: Numbered) -> Verb:
        """What is done with a command that was decided before.

        One that is still marked as being sent was sent by a worker that is gone.
        """
        entry = job.entries[numbered.index]
        if entry.status is Status.DEAD and _is_over(job):
            # Somebody gave it back with RQ's own means; that is a replay.
            return Verb.REPLAY
        if entry.status is not Status.SENDING or entry.notification != job.id:
            return Verb.RESUME
        parks = on_doubt(numbered.command, self._configuration) is InDoubt.PARK
        return Verb.PARK if parks else Verb.RESEND


def _references(outcome: Outcome) -> tuple[str, ...]:
    """Where a notification can be found once it is understood."""
    found = dict(references_in(outcome.decision))
    orders = {its.order.po_number for its in outcome.goods if its.order is not None}
    found["po_number"] = found["po_number"] | orders
    return tuple(keys.reference(kind, text) for kind, texts in found.items() for text in texts)


def _is_over(job: Claimed) -> bool:
    """Whether a job came back to the queue of which nothing was left to do, and nobody said why."""
    ended = (Status.DONE, Status.DEAD, Status.DISCARDED, Status.IN_DOUBT, Status.GONE)
    return job.state == Status.DEAD and all(entry.status in ended for entry in job.entries)


def _as_kept(numbered: Numbered) -> dict[str, object]:
    """A command as the scripts need it, for when only they look at the record."""
    item = numbered.as_item()
    item.pop("verb")
    return item


def _fault(job: Claimed) -> str:
    """Why a job cannot be worked on, whoever put it into the queue; empty where it can."""
    if not job.state:
        return "no notification is stored for this job"
    try:
        function, arguments = decode_job(job.data)
        if function != JOB or arguments != [job.id]:
            return "this is not a job that may be run here"
        if job.must_plan:
            _NOTIFICATION.decode(job.raw)
        if job.decision:
            _DECISION.decode(job.decision)
    except (ValueError, msgspec.MsgspecError) as error:
        return f"what is stored of it cannot be read: {error}"
    return ""
