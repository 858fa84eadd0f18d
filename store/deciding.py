"""From claimed notifications to decisions: read each, look up what it speaks of, and plan.

The judgement lives in `purchasing`; this module fetches what the judgement needs, for many
notifications at a time, and notes what it rested on: it is written only if that still holds.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog

from purchasing.answers import Answer
from purchasing.commands import Command, CreatePurchaseEvent, UpdateNoPartLine
from purchasing.configuration import Configuration, SourceSettings
from purchasing.decisions import Decision, Judgement
from purchasing.documents import ShipNotice
from purchasing.errors import MalformedError, UnsupportedError
from purchasing.matching import Goods, lookups_of_update, match
from purchasing.notification import Notification
from purchasing.orders import Learned, Lookup, by_tracking_number
from purchasing.planning import plan, shipments_for
from purchasing.plans import Known, OrderKey, Part, Plan, ShipmentKey, Terms, order_key
from purchasing.replacing import left_out
from purchasing.shipments import Shipment
from purchasing.sources import Source, configured
from purchasing.telemetry import Log
from purchasing.updates import Finding, Reading, Update
from store import keys
from store.book import VERSION_BYTES, Look, OrderBook, version_of, versioned
from store.client import Client
from store.connection import translated

_LOG = structlog.get_logger()
_ENCODER = msgspec.msgpack.Encoder()
_SHIPMENT = msgspec.msgpack.Decoder(Shipment)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A notification to be decided; `before` is the decision that some of it is held by."""

    notification: Notification
    before: Decision = Decision()
    taken: Mapping[str, str] = {}
    replay_says: bool | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, what it rested on, and what has to be written along with it."""

    decision: Decision
    goods: tuple[Goods, ...] = ()
    reads: Mapping[str, bytes] = {}
    writes: Mapping[str, bytes] = {}
    waits: tuple[str, ...] = ()
    wakes: tuple[str, ...] = ()


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement on its way to a judgement, once its goods were looked for."""

    update: Update
    goods: tuple[Goods, ...] | Finding
    lookups: tuple[Lookup, ...]

    @property
    def shipments(self) -> tuple[ShipmentKey, ...]:
        if isinstance(self.goods, Finding):
            return ()
        return shipments_for(self.update, self.goods)


class _Shipments:
    """The shipments of one round: as they are stored, and as this round's decisions leave them."""

    def __init__(self, stored: Mapping[ShipmentKey, bytes | None]) -> None:
        self._values = {key: value for key, value in stored.items() if value}

    def read(
        self, wanted: Iterable[ShipmentKey]
    ) -> tuple[dict[ShipmentKey, Shipment], dict[str, bytes]]:
        known: dict[ShipmentKey, Shipment] = {}
        reads: dict[str, bytes] = {}
        for key in wanted:
            value = self._values.get(key)
            reads[keys.shipment(key)] = version_of(value)
            if value:
                known[key] = _SHIPMENT.decode(value[VERSION_BYTES:])
        return known, reads

    def write(self, changed: Mapping[ShipmentKey, Shipment]) -> dict[str, bytes]:
        values = {key: versioned(_ENCODER.encode(shipment)) for key, shipment in changed.items()}
        self._values |= values
        return {keys.shipment(key): value for key, value in values.items()}


class Deciding:
    """Decides rounds of notifications, each in the light of those before it."""

    def __init__(
        self,
        redis: Client,
        book: OrderBook,
        sources: Mapping[str, Source],
        configuration: Configuration,
    ) -> None:
        self._redis = redis
        self._book = book
        self._sources = sources
        self._configuration = configuration

    async def decide(self, cases: Sequence[Case]) -> list[Outcome]:
        """Decide cases in their order.

        Fewer outcomes than cases come back where one case teaches the order book something that
        the following ones may depend on; those are to be decided in another round.
        """
        read = [self._judge_reading(case) for case in cases]
        lookups = [
            lookup
            for it in (judgement for judgements, _ in read for judgement in judgements)
            if it.update is not None
            for lookup in lookups_of_update(it.update)
        ]
        look = await self._book.look(lookups)
        matched = [
            [self._match(case, it.update, look) if it.update else it for it in judgements]
            for case, (judgements, _) in zip(cases, read, strict=True)
        ]
        shipments = await self._load(
            key
            for each in matched
            for it in each
            if isinstance(it, _Statement)
            for key in it.shipments
        )
        outcomes: list[Outcome] = []
        for case, each, (_, acknowledgement) in zip(cases, matched, read, strict=True):
            outcome, has_learned = self._plan_or_hold(case, each, look, shipments)
            outcomes.append(_acknowledged(outcome, acknowledgement))
            if has_learned:
                break
        return outcomes

    def delivery_key(self, notification: Notification) -> str:
        """What makes this notification the same one as another of its source."""
        source = self._sources.get(notification.format)
        if source is None:
            return ""
        return configured(source, self._settings(notification)).delivery_key(notification)

    def _settings(self, notification: Notification) -> SourceSettings:
        # A source that was taken out of the configuration still has notifications to decide.
        return self._configuration.source(notification.source) or SourceSettings(
            format=notification.format
        )

    def _judge_reading(self, case: Case) -> tuple[list[Judgement], Answer | None]:
        """What a notification says, or why that is not known, and how that is acknowledged.

        What was held is taken up again.
        """
        if case.before.commands:
            return list(case.before.judgements), case.before.acknowledgement
        reading = self._read(case)
        judgements = [Judgement(update=update) for update in reading.updates]
        if reading.held or reading.ignored or reading.attention:
            judgements.append(
                Judgement(held=reading.held, ignored=reading.ignored, attention=reading.attention)
            )
        return judgements, reading.acknowledgement

    def _read(self, case: Case) -> Reading:
        """What a notification says; one that is refused as a whole is a finding."""
        source = self._sources.get(case.notification.format)
        if source is None:
            detail = f'The format "{case.notification.format}" is not known to this version.'
            return Reading(held=(Finding("malformed", detail),))
        settings = self._settings(case.notification)
        try:
            return configured(source, settings).read(case.notification)
        except MalformedError as error:
            return Reading(held=(Finding("malformed", str(error)),))
        except UnsupportedError as error:
            return Reading(ignored=(Finding(error.reason, error.detail),))
        except Exception as error:  # noqa: BLE001  # whatever the defect is
            # A defect of ours must neither stop the worker nor lose what it cannot read.
            _LOG.exception(Log.READING_FAILED, id=case.notification.id)
            detail = f"A defect of this version keeps it from being read: {type(error).__name__}."
            return Reading(held=(Finding("malformed", detail),))

    def _match(self, case: Case, update: Update, look: Look) -> _Statement:
        settings = self._settings(case.notification)
        return _Statement(
            update=update,
            goods=match(update, look.found, settings),
            lookups=lookups_of_update(update),
        )

    async def _load(self, wanted: Iterable[ShipmentKey]) -> _Shipments:
        names = list(dict.fromkeys(wanted))
        if not names:
            return _Shipments({})
        with translated():
            values = await self._redis.mget([keys.shipment(key) for key in names])
        return _Shipments(dict(zip(names, values, strict=True)))

    def _plan_or_hold(
        self,
        case: Case,
        each: Sequence[_Statement | Judgement],
        look: Look,
        shipments: _Shipments,
    ) -> tuple[Outcome, bool]:
        try:
            return self._plan(case, each, look, shipments)
        except Exception as error:  # noqa: BLE001  # whatever the defect is
            # As in reading: a defect of ours neither stops the worker nor loses the notification.
            _LOG.exception(Log.PLANNING_FAILED, id=case.notification.id)
            detail = (
                f"A defect of this version keeps it from being planned: {type(error).__name__}."
            )
            held = Decision(judgements=(Judgement(held=(Finding("malformed", detail),)),))
            # What was decided before stands, and stays held for the reason that it had.
            return Outcome(decision=case.before if case.before.commands else held), False

    def _plan(
        self,
        case: Case,
        each: Sequence[_Statement | Judgement],
        look: Look,
        shipments: _Shipments,
    ) -> tuple[Outcome, bool]:
        builder = _Builder(case, self._terms(case), look, shipments)
        for number, it in enumerate(each):
            before = case.before.judgements[number] if case.before.commands else None
            if before is not None and not before.held:
                builder.keep(before)
            elif isinstance(it, Judgement):
                builder.keep(it)
            else:
                builder.judge(it)
        if not case.before.commands or _was_not_looked_back_on(case.before):
            builder.look_back([it for it in each if isinstance(it, _Statement)])
        return builder.outcome(), builder.has_learned

    def _terms(self, case: Case) -> Terms:
        notification = case.notification
        return Terms(
            notification=notification.id,
            source=notification.source,
            settings=self._settings(notification),
            rules=self._configuration.alerts,
            received_at=notification.received_at,
            default_org_id=self._configuration.cofactr.org_id,
            replay_says=case.replay_says,
        )


def _was_not_looked_back_on(before: Decision) -> bool:
    """Whether something that could not be found kept `look_back` from a decision."""
    reasons = {it.reason for judgement in before.judgements for it in judgement.held}
    return not reasons.isdisjoint(("unmatched", "conflict", "not_allowed"))


def _acknowledged(outcome: Outcome, acknowledgement: Answer | None) -> Outcome:
    """The outcome with the document by which the sender is told; most senders get none."""
    if acknowledgement is None:
        return outcome
    decision = msgspec.structs.replace(outcome.decision, acknowledgement=acknowledgement)
    return msgspec.structs.replace(outcome, decision=decision)


class _Builder:
    """Gathers the outcome of one case, statement by statement."""

    def __init__(self, case: Case, terms: Terms, look: Look, shipments: _Shipments) -> None:
        self._case = case
        self._terms = terms
        self._look = look
        self._shipments = shipments
        self._judgements: list[Judgement] = []
        self._commands = list(case.before.commands)
        self._goods: list[Goods] = []
        self._reads: dict[str, bytes] = {}
        self._writes: dict[str, bytes] = {}
        self._waits: list[str] = []
        self._wakes: list[str] = []
        self._newly_learned: dict[OrderKey, Learned] = {}
        self._names: dict[Lookup, set[str]] = {}
        self.has_learned = False

    def keep(self, judgement: Judgement) -> None:
        """Take a judgement over as it stands."""
        self._judgements.append(judgement)

    def judge(self, it: _Statement) -> None:
        """Plan a statement, or hold it where its goods are not known."""
        self._rest_on(it.lookups)
        if isinstance(it.goods, Finding):
            self._wait(it, it.goods)
            self._judgements.append(Judgement(update=it.update, held=(it.goods,)))
            return
        self._goods += it.goods
        known, reads = self._shipments.read(it.shipments)
        for key, version in reads.items():
            self._reads.setdefault(key, version)
        planned = plan(
            it.update,
            it.goods,
            Known(
                shipments=known,
                learned=self._known_of(it.goods),
                withdrawn=self._look.withdrawn,
            ),
            self._terms,
        )
        self._writes |= self._shipments.write(planned.shipments)
        self._learn(planned)
        part = self._without_taken(planned.part)
        self._wait(it, *part.held)
        self._commands += part.commands
        self._judgements.append(
            Judgement(
                update=it.update, held=part.held, ignored=part.ignored, attention=part.attention
            )
        )

    def _wait(self, it: _Statement, *held: Finding) -> None:
        """Have what is unmatched go on when the order book learns more."""
        if any(finding.reason == "unmatched" for finding in held):
            self._waits += [keys.waiting(lookup) for lookup in it.lookups]

    def look_back(self, statements: Sequence[_Statement]) -> None:
        """Hold what replacing ship notices leave out, once all that they say was planned."""
        if any(isinstance(it.goods, Finding) for it in statements):
            return  # What was not found may be what seems to be missing.
        planned = [
            (it.update, it.goods)
            for it in statements
            if isinstance(it.update, ShipNotice) and not isinstance(it.goods, Finding)
        ]
        learned = self._known_of(its for _, goods in planned for its in goods)
        found = left_out(planned, learned, self._case.notification.id)
        held = tuple(it for it in found if it not in self._case.before.held)
        if held:
            self._judgements.append(Judgement(held=held))

    def outcome(self) -> Outcome:
        """All of it."""
        return Outcome(
            decision=Decision(judgements=tuple(self._judgements), commands=tuple(self._commands)),
            goods=tuple(self._goods),
            reads=self._reads,
            writes=self._writes,
            waits=tuple(self._waits),
            wakes=tuple(self._wakes),
        )

    def _rest_on(self, lookups: Iterable[Lookup]) -> None:
        names = [name for lookup in lookups for name in self._look.names[lookup]]
        touched = [keys.lookup(lookup) for lookup in lookups]
        for name in names:
            key = keys.order_key(name)
            touched += [keys.order(key), keys.learned(key)]
        for key_name in touched:
            self._reads[key_name] = self._look.reads[key_name]

    def _learned_of(self, key: OrderKey) -> Learned:
        if key in self._newly_learned:
            return self._newly_learned[key]
        learned = self._look.learned.get(key, Learned())
        before = self._case.before
        # What was decided and sent nothing is read as a whole once more, and must not add up with
        # what the same notification taught the order book the first time.
        is_read_anew = bool(before.judgements) and not before.commands
        return learned.read_anew(self._case.notification.id) if is_read_anew else learned

    def _known_of(self, goods: Iterable[Goods]) -> dict[OrderKey, Learned]:
        return {key: self._learned_of(key) for its in goods if (key := order_key(its))}

    def _learn(self, planned: Plan) -> None:
        """Keep what is known of orders now, and let go on what waited for a tracking number."""
        for key, learned in planned.learned.items():
            before = self._learned_of(key)
            if learned == before:
                continue
            self.has_learned = True
            self._newly_learned[key] = learned
            self._writes[keys.learned(key)] = versioned(_ENCODER.encode(learned))
            for number in sorted(learned.numbers - before.numbers):
                self._bind(key, number)

    def _bind(self, key: OrderKey, tracking_number: str) -> None:
        """Let an order be found by a tracking number."""
        lookup = by_tracking_number(tracking_number)
        known = self._names.get(lookup) or set(self._look.names.get(lookup, ()))
        self._names[lookup] = known | {keys.order_name(key)}
        self._writes[keys.lookup(lookup)] = versioned(_ENCODER.encode(sorted(self._names[lookup])))
        self._wakes.append(keys.waiting(lookup))

    def _without_taken(self, part: Part) -> Part:
        """The part without the commands that were made before, by others or by this one."""
        own = {command.key for command in self._commands}
        kept: list[Command] = []
        repeated: list[Finding] = []
        for command in part.commands:
            first = self._case.taken.get(command.key)
            if command.key in own:
                first = self._case.notification.id
            if first is None:
                kept.append(command)
                own.add(command.key)
            else:
                what = _said(command)
                detail = f"{what} was already said by notification {first}."
                repeated.append(Finding("duplicate_statement", detail))
        return msgspec.structs.replace(
            part, commands=tuple(kept), ignored=(*part.ignored, *repeated)
        )


def _said(command: Command) -> str:
    match command:
        case CreatePurchaseEvent():
            return f"{command.body.event_type}"
        case UpdateNoPartLine():
            return f"the NoPart line {command.body.id}"
