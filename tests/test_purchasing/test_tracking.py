"""The tracking rules, row by row and sentence by sentence, and what holds of any parcel."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import EventType
from purchasing.configuration import Scans
from purchasing.shipments import Shipment
from purchasing.tracking import EVIDENCE_OF_MOVEMENT, Told, consignment_of, note_of, tell
from purchasing.updates import Meaning, Scan, TrackingUpdate
from tests.parcels import types
from tests.strategies import journeys, snapshot, snapshots

NUMBER = "1Z999AA10123456784"
BEGAN_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
LEAVE = frozenset({EventType.RETURN, EventType.VOIDED})
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))

LABEL_CREATED = Meaning.LABEL_CREATED
MOVING = Meaning.MOVING
OUT_FOR_DELIVERY = Meaning.OUT_FOR_DELIVERY
READY_FOR_PICKUP = Meaning.READY_FOR_PICKUP
ATTEMPTED = Meaning.ATTEMPTED
DELAYED = Meaning.DELAYED
DAMAGED = Meaning.DAMAGED
LOST = Meaning.LOST
DELIVERED = Meaning.DELIVERED
RETURNING = Meaning.RETURNING
VOIDED = Meaning.VOIDED
NOT_FOUND = Meaning.NOT_FOUND
UNCHANGED = Meaning.UNCHANGED


def scan(meaning: Meaning | None, hour: float | None = 0, *, code: str = "") -> Scan:
    """A scan at an hour of the parcel's way, or at no known time."""
    at = None if hour is None else BEGAN_AT + timedelta(hours=hour)
    return Scan(meaning=meaning, code=code or str(meaning), at=at)


def hourly(*meanings: Meaning | None) -> tuple[Scan, ...]:
    """Scans an hour apart."""
    return tuple(scan(meaning, hour) for hour, meaning in enumerate(meanings))


def word(
    *scans: Scan,
    estimate: date | None = None,
    sender: str = "EasyPost",
    current: Scan | None = None,
) -> TrackingUpdate:
    """A snapshot whose last scan is the current one, unless another is."""
    return TrackingUpdate(
        sender=sender,
        tracking_number=NUMBER,
        current=current or scans[-1],
        history=scans,
        estimated_delivery=estimate,
    )


class Parcel:
    """What is known of one parcel, told of in one snapshot after another."""

    def __init__(
        self,
        *,
        scans: Scans = Scans.CHANGES,
        allowed: Iterable[EventType] = (),
        is_shipped: bool = False,
    ) -> None:
        self.known = Shipment(is_shipped=is_shipped)
        self._scans = scans
        self._allowed = frozenset(allowed)

    def hears(self, update: TrackingUpdate, source: str = "easypost") -> Told:
        """What is made of a snapshot; it is remembered."""
        told = tell(update, self.known, source=source, scans=self._scans, allowed=self._allowed)
        self.known = msgspec.msgpack.decode(msgspec.msgpack.encode(told.shipment), type=Shipment)
        assert self.known == told.shipment
        return told

    def says(
        self, *scans: Scan, estimate: date | None = None, source: str = "easypost"
    ) -> list[str]:
        """The types of what is said of a snapshot."""
        return types(self.hears(word(*scans, estimate=estimate), source))


def marks(told: Told) -> list[str]:
    """The names of what is said, by which it is known again."""
    return [statement.mark for statement in told.statements]


def ignored(told: Told) -> list[str]:
    """The reasons of what is ignored."""
    assert not told.statements
    return [finding.reason for finding in told.ignored]


def attention(told: Told) -> list[str]:
    """What a person should look at."""
    return [finding.reason for finding in told.attention]


# The table: what the first word of a parcel says, and what it says of one that is on its way.


@pytest.mark.parametrize(
    ("meaning", "first", "later"),
    [
        (LABEL_CREATED, ["track"], []),
        (MOVING, ["shipped"], []),
        (OUT_FOR_DELIVERY, ["shipped", "track"], ["track"]),
        (READY_FOR_PICKUP, ["shipped", "track"], ["track"]),
        (ATTEMPTED, ["shipped", "delivery_attempt"], ["delivery_attempt"]),
        (DELAYED, ["delayed"], ["delayed"]),
        (DAMAGED, ["delayed"], ["delayed"]),
        (LOST, ["delayed"], ["delayed"]),
        (DELIVERED, ["shipped", "delivered"], ["delivered"]),
        (RETURNING, ["shipped", "return"], ["return"]),
        (VOIDED, ["voided"], ["note"]),
        (NOT_FOUND, [], []),
        (UNCHANGED, [], []),
    ],
)
def test_a_meaning_becomes_its_events(meaning: Meaning, first: list[str], later: list[str]) -> None:
    """Each row of the table is said as it stands, `shipped` before it where it was not said."""
    parcel = Parcel(allowed=LEAVE)
    moving = Parcel(allowed=LEAVE)
    moving.says(scan(MOVING, 0))

    assert parcel.says(scan(meaning, 1)) == first
    assert moving.says(scan(MOVING, 0), scan(meaning, 1)) == later


def test_news_of_the_date_alone_moves_the_date_alone() -> None:
    """Word that the date moved, with nothing about the place, is told as the date's move."""
    parcel = Parcel()
    parcel.says(scan(MOVING, 0), estimate=MONDAY)

    assert parcel.says(scan(UNCHANGED, 1), estimate=MONDAY) == []
    assert parcel.says(scan(UNCHANGED, 2), estimate=WEDNESDAY) == ["delayed"]
    assert parcel.says(scan(UNCHANGED, 3), estimate=TUESDAY) == ["reschedule"]
    assert parcel.known.meaning is MOVING
    assert parcel.says(scan(MOVING, 4), estimate=TUESDAY) == []


def test_what_moves_after_a_return_is_the_way_back() -> None:
    """A first snapshot that shows a return and then movement tells of the return."""
    parcel = Parcel(allowed=LEAVE)

    assert parcel.says(*hourly(MOVING, RETURNING, MOVING)) == ["shipped", "return"]
    assert parcel.says(*hourly(MOVING, RETURNING, MOVING, OUT_FOR_DELIVERY)) == []
    assert parcel.known.meaning is RETURNING


def test_a_parcel_is_described_when_it_is_shipped() -> None:
    """Service, weight and the day of shipping are said once, as far as they are known."""
    it = word(scan(MOVING))
    known = msgspec.structs.replace(
        it, service="Ground", weight="2 KG", shipped_on=date(2026, 11, 20)
    )

    assert consignment_of(it) == ""
    assert consignment_of(known) == "Ground, 2 KG, shipped 2026-11-20"


def test_there_is_a_row_for_every_meaning() -> None:
    """Every meaning is either evidence of movement or known not to be."""
    assert {
        MOVING,
        OUT_FOR_DELIVERY,
        READY_FOR_PICKUP,
        ATTEMPTED,
        DELIVERED,
        RETURNING,
    } == EVIDENCE_OF_MOVEMENT
    assert set(Meaning) - EVIDENCE_OF_MOVEMENT == {
        LABEL_CREATED,
        DELAYED,
        DAMAGED,
        LOST,
        VOIDED,
        NOT_FOUND,
        UNCHANGED,
    }


def test_a_label_is_not_shipped() -> None:
    """A label says that nothing has moved; the first movement after it says `shipped`."""
    parcel = Parcel()

    assert parcel.says(*hourly(LABEL_CREATED)) == ["track"]
    assert not parcel.known.is_shipped
    assert parcel.says(*hourly(LABEL_CREATED, MOVING)) == ["shipped"]
    assert parcel.known.is_shipped


def test_a_delay_before_any_movement_is_not_shipped() -> None:
    """A delay is no evidence of movement; what moved before it is."""
    assert Parcel().says(*hourly(LABEL_CREATED, DELAYED)) == ["delayed"]
    assert Parcel().says(*hourly(LABEL_CREATED, MOVING, DELAYED)) == ["shipped", "delayed"]


def test_shipped_rests_on_the_first_movement() -> None:
    """`shipped` is said of the scan that was the first to show movement."""
    told = Parcel().hears(word(*hourly(LABEL_CREATED, DELAYED, MOVING, DELIVERED)))

    shipped, delivered = told.statements
    assert shipped.scan == scan(MOVING, 2)
    assert shipped.because == "EasyPost status moving is the first evidence of movement"
    assert delivered.scan == scan(DELIVERED, 3)
    assert delivered.because == "EasyPost status delivered means delivered"


def test_what_a_ship_notice_said_is_not_said_again() -> None:
    """After a ship notice, the first word *delivered* is `delivered` alone."""
    assert Parcel(is_shipped=True).says(*hourly(DELIVERED)) == ["delivered"]
    assert Parcel(is_shipped=True).says(*hourly(LABEL_CREATED, OUT_FOR_DELIVERY)) == ["track"]


def test_movement_after_a_ship_notice_is_a_change() -> None:
    """After a ship notice, the carrier's first movement is news of its own."""
    assert Parcel(is_shipped=True).says(*hourly(MOVING)) == ["track"]


def test_plain_movement_is_said_once() -> None:
    """Scan after scan of movement says nothing, while neither meaning nor date changes."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    told = parcel.hears(word(*hourly(MOVING, MOVING, MOVING)))

    assert ignored(told) == ["no_change"]


def test_with_all_scans_each_new_one_is_said() -> None:
    """With `scans = "all"`, each snapshot with a new scan says so, and none says it twice."""
    parcel = Parcel(scans=Scans.ALL)

    assert parcel.says(*hourly(MOVING)) == ["shipped"]
    assert parcel.says(*hourly(MOVING, MOVING)) == ["track"]
    assert parcel.says(*hourly(MOVING, MOVING)) == []
    assert parcel.says(*hourly(MOVING, MOVING, MOVING, DELAYED)) == ["delayed"]
    assert parcel.says(*hourly(MOVING, MOVING, MOVING, DELAYED, DELAYED)) == ["track"]


def test_movement_after_something_else_is_a_change() -> None:
    """A parcel that moves again after a delay is news."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING, DELAYED))

    told = parcel.hears(word(*hourly(MOVING, DELAYED, MOVING)))

    assert marks(told) == ["moving:2"]
    assert types(told) == ["track"]


def test_delayed_moving_and_delayed_again_are_two_delays() -> None:
    """Each time that a meaning begins it is said, and named by its number."""
    parcel = Parcel()
    way = hourly(MOVING, DELAYED, DELAYED, MOVING, DELAYED)

    said = [marks(parcel.hears(word(*way[:length]))) for length in range(1, 6)]

    assert said == [["shipped:1"], ["delayed:1"], [], ["moving:2"], ["delayed:2"]]


def test_what_happened_between_two_snapshots_is_counted() -> None:
    """Scans that no snapshot ended with are not said, and count as occurrences all the same."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    told = parcel.hears(word(*hourly(MOVING, DELAYED, MOVING, DELAYED)))

    assert marks(told) == ["delayed:2"]


# Attention, leave, and what waits.


@pytest.mark.parametrize("meaning", [DAMAGED, LOST, RETURNING])
def test_bad_news_raises_attention_once(meaning: Meaning) -> None:
    """Damage, loss and a return are looked at by a person, once."""
    parcel = Parcel()

    first = parcel.hears(word(*hourly(MOVING, meaning)))
    second = parcel.hears(word(*hourly(MOVING, meaning, meaning)))

    assert attention(first) == [str(meaning)]
    assert first.attention[0].detail.endswith(".")
    assert attention(second) == []


def test_ordinary_news_raises_no_attention() -> None:
    """A parcel that arrives as it should bothers nobody."""
    told = Parcel().hears(word(*hourly(LABEL_CREATED, MOVING, DELAYED, ATTEMPTED, DELIVERED)))

    assert attention(told) == []


def test_a_return_without_leave_is_a_note() -> None:
    """A source that may not cause a return says it in a note, and says why."""
    told = Parcel(allowed={EventType.VOIDED}).hears(word(*hourly(MOVING, RETURNING)))

    assert types(told) == ["shipped", "note"]
    assert told.statements[1].because == (
        "EasyPost status returning means return; a note, because this source may not cause return"
    )
    assert attention(told) == ["returning"]


def test_a_voided_label_without_leave_is_a_note() -> None:
    """A source that may not cause `voided` says it in a note, and says why."""
    told = Parcel(allowed={EventType.RETURN}).hears(word(*hourly(LABEL_CREATED, VOIDED)))

    assert types(told) == ["note"]
    assert "this source may not cause voided" in told.statements[0].because
    assert attention(told) == []


@pytest.mark.parametrize("is_told_at_once", [True, False])
def test_a_label_that_is_voided_after_movement_is_a_note(is_told_at_once: bool) -> None:  # noqa: FBT001  # an example
    """What has moved cannot be voided, whenever we hear of the movement; a person looks."""
    parcel = Parcel(allowed=LEAVE)
    if not is_told_at_once:
        parcel.says(*hourly(MOVING))

    told = parcel.hears(word(*hourly(MOVING, VOIDED)))

    assert types(told) == ["shipped", "note"][0 if is_told_at_once else 1 :]
    assert told.statements[-1].because.endswith(
        "a note, because a label cannot be voided after it moved"
    )
    assert attention(told) == ["voided_after_movement"]


def test_a_label_that_is_voided_after_a_ship_notice_is_a_note() -> None:
    """What a ship notice said has moved, although no carrier saw it."""
    parcel = Parcel(allowed=LEAVE, is_shipped=True)

    assert parcel.says(*hourly(LABEL_CREATED, VOIDED)) == ["note"]


def test_an_unknown_code_is_held() -> None:
    """A code that is not in the table is held with the code, and nothing is remembered."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))
    before = parcel.known

    told = parcel.hears(word(scan(MOVING, 0), scan(None, 1, code="beamed up")))

    assert [finding.reason for finding in told.held] == ["unknown_status"]
    assert '"beamed up"' in told.held[0].detail
    assert (told.statements, told.ignored, parcel.known) == ((), (), before)


def test_an_unknown_code_in_the_past_holds_nothing() -> None:
    """An unknown code of an earlier scan does not keep the current one from being said."""
    assert Parcel().says(*hourly(None, MOVING, None, DELIVERED)) == ["shipped", "delivered"]


def test_a_number_that_nobody_knows_is_no_change() -> None:
    """Unknown, expired and not found say nothing, and change nothing of what is known."""
    parcel = Parcel()

    told = parcel.hears(word(*hourly(NOT_FOUND)))

    assert ignored(told) == ["no_change"]
    assert attention(told) == []
    assert parcel.known == Shipment()


def test_a_parcel_that_is_no_longer_known_raises_attention() -> None:
    """A parcel that was moving and is unknown now is looked at, unless it had arrived."""
    moving, arrived = Parcel(), Parcel()
    moving.says(*hourly(MOVING))
    arrived.says(*hourly(MOVING, DELIVERED))

    assert attention(moving.hears(word(*hourly(MOVING, NOT_FOUND)))) == ["tracking_stopped"]
    assert attention(arrived.hears(word(*hourly(MOVING, DELIVERED, NOT_FOUND)))) == []
    assert moving.says(*hourly(MOVING, NOT_FOUND, DELIVERED)) == ["delivered"]


def test_a_gap_in_what_the_sender_knows_is_no_change() -> None:
    """A parcel that was unknown for a while moves on as before."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    told = parcel.hears(word(*hourly(MOVING, NOT_FOUND, MOVING)))

    assert ignored(told) == ["no_change"]
    assert parcel.known.occurrences == {"moving": 1}


# Never backwards.


def test_a_repeated_snapshot_is_no_change() -> None:
    """The same snapshot for a second time says nothing."""
    parcel = Parcel()
    update = word(*hourly(LABEL_CREATED, MOVING, DELIVERED), estimate=MONDAY)
    parcel.hears(update)
    before = parcel.known

    assert ignored(parcel.hears(update)) == ["no_change"]
    assert parcel.known == before


@pytest.mark.parametrize("length", [1, 2, 3])
def test_an_older_snapshot_is_superseded(length: int) -> None:
    """A snapshot that ends before what is known is kept and not said."""
    parcel = Parcel()
    way = hourly(LABEL_CREATED, MOVING, DELAYED, OUT_FOR_DELIVERY)
    parcel.says(*way)
    before = parcel.known

    assert ignored(parcel.hears(word(*way[:length]))) == ["superseded"]
    assert parcel.known == before


def test_an_older_scan_that_was_never_seen_is_superseded() -> None:
    """A scan dated before the last one known is behind, although it is new to us."""
    parcel = Parcel()
    parcel.says(scan(MOVING, 5))

    assert ignored(parcel.hears(word(scan(DELAYED, 4)))) == ["superseded"]


@pytest.mark.parametrize(
    "meaning", [MOVING, OUT_FOR_DELIVERY, READY_FOR_PICKUP, ATTEMPTED, DELAYED]
)
def test_nothing_but_a_return_follows_a_delivery(meaning: Meaning) -> None:
    """After the delivery, whatever is not a return is superseded."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*hourly(MOVING, DELIVERED))

    assert ignored(parcel.hears(word(*hourly(MOVING, DELIVERED, meaning)))) == ["superseded"]
    assert parcel.says(*hourly(MOVING, DELIVERED, meaning, RETURNING)) == ["return"]


@pytest.mark.parametrize("meaning", [LABEL_CREATED, VOIDED, DAMAGED, LOST])
def test_late_paperwork_does_not_follow_a_delivery(meaning: Meaning) -> None:
    """After the delivery, a label, its annulment or a complaint is superseded, too."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*hourly(MOVING, DELIVERED))

    assert ignored(parcel.hears(word(scan(meaning, 9)))) == ["superseded"]


def test_a_second_delivery_is_no_change() -> None:
    """A delivery that is told again, at another time, was already said."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING, DELIVERED))

    assert ignored(parcel.hears(word(*hourly(MOVING, DELIVERED, DELIVERED)))) == ["no_change"]


@pytest.mark.parametrize("meaning", [MOVING, OUT_FOR_DELIVERY, DELAYED, ATTEMPTED])
def test_the_way_back_is_not_told_as_the_way_here(meaning: Meaning) -> None:
    """Scans of a parcel on its way back are superseded."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*hourly(MOVING, RETURNING))

    assert ignored(parcel.hears(word(*hourly(MOVING, RETURNING, meaning)))) == ["superseded"]


def test_another_scan_of_the_way_back_is_no_change() -> None:
    """A return is said once, however many scans the way back has."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*hourly(MOVING, RETURNING))

    assert ignored(parcel.hears(word(*hourly(MOVING, RETURNING, RETURNING)))) == ["no_change"]


def test_a_label_scan_that_comes_late_is_superseded() -> None:
    """Some carriers date the scan of the label after the first movement."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    assert ignored(parcel.hears(word(*hourly(MOVING, LABEL_CREATED)))) == ["superseded"]


def test_a_label_scan_among_later_ones_takes_nothing_back() -> None:
    """A label that was scanned between two movements does not make the second one news."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    assert ignored(parcel.hears(word(*hourly(MOVING, LABEL_CREATED, MOVING)))) == ["no_change"]
    assert Parcel().says(*hourly(MOVING, LABEL_CREATED, MOVING)) == ["shipped"]


def test_the_position_goes_before_the_time() -> None:
    """A delivery that is dated before the label and stands behind it is the current state."""
    parcel = Parcel()
    label, movement, delivery = scan(LABEL_CREATED, 9), scan(MOVING, 3), scan(DELIVERED, 1)

    assert parcel.says(label) == ["track"]
    assert parcel.says(label, movement) == ["shipped"]
    assert parcel.says(label, movement, delivery) == ["delivered"]
    assert ignored(parcel.hears(word(label))) == ["superseded"]


@pytest.mark.parametrize("hours", [(9, 3, 1), (None, None, None)], ids=["odd", "timeless"])
def test_a_scan_that_was_seen_is_behind_whatever_its_time(hours: tuple[float | None, ...]) -> None:
    """An older snapshot is superseded although its last scan is dated later, or not at all."""
    parcel = Parcel()
    meanings = (MOVING, DELAYED, OUT_FOR_DELIVERY)
    way = [scan(meaning, hour) for meaning, hour in zip(meanings, hours, strict=True)]
    parcel.says(*way)

    assert ignored(parcel.hears(word(*way[:2]))) == ["superseded"]


def test_a_scan_behind_the_last_one_known_is_new_whatever_its_time() -> None:
    """Where a snapshot shows the last scan known, what stands behind it came after it."""
    parcel = Parcel()
    way = [scan(LABEL_CREATED, 9), scan(MOVING, 3), scan(DELAYED, 1), scan(MOVING, 2)]
    parcel.says(*way[:2])

    assert marks(parcel.hears(word(*way))) == ["moving:2"]


# Delivered after a return: nobody says to whom.


def test_a_delivery_after_a_return_is_held() -> None:
    """A parcel that was returning and is delivered is held: it may have come back to its sender."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*hourly(MOVING, RETURNING))
    before = parcel.known

    told = parcel.hears(word(*hourly(MOVING, RETURNING, DELIVERED)))

    assert [finding.reason for finding in told.held] == ["conflict"]
    assert (told.statements, parcel.known) == ((), before)


@pytest.mark.parametrize("known", [(), (MOVING,), (MOVING, DELIVERED)])
def test_a_return_and_a_delivery_in_one_snapshot_are_held(known: tuple[Meaning, ...]) -> None:
    """It is held, too, where the return and the delivery after it are heard of together."""
    parcel = Parcel(allowed=LEAVE)
    if known:
        parcel.says(*hourly(*known))

    way = hourly(*(known or (MOVING,)), RETURNING, DELIVERED)

    assert [finding.reason for finding in parcel.hears(word(*way)).held] == ["conflict"]


def test_a_return_after_a_delivery_is_no_conflict() -> None:
    """A delivery, then a return is what a return is; the delivery told again is known."""
    parcel = Parcel(allowed=LEAVE)
    way = hourly(MOVING, DELIVERED, RETURNING)

    assert parcel.says(*way[:2]) == ["shipped", "delivered"]
    assert parcel.says(*way) == ["return"]
    assert ignored(parcel.hears(word(*way[:2]))) == ["superseded"]


# Dates.


def test_the_first_date_is_no_change_and_rides_along() -> None:
    """The first date known is carried by whatever is said."""
    told = Parcel().hears(word(*hourly(MOVING), estimate=MONDAY))

    assert [(str(it.event_type), it.estimated_delivery) for it in told.statements] == [
        ("shipped", MONDAY)
    ]


def test_the_first_date_alone_is_not_said() -> None:
    """A first date with nothing else that is new is remembered."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING))

    assert ignored(parcel.hears(word(*hourly(MOVING, MOVING), estimate=MONDAY))) == ["no_change"]
    assert parcel.known.estimated_delivery == MONDAY


@pytest.mark.parametrize(("new", "event_type"), [(TUESDAY, "delayed"), (MONDAY, "reschedule")])
@pytest.mark.parametrize("more", [(), (MOVING,)])
def test_another_date_is_said_with_or_without_a_scan(
    new: date, event_type: str, more: tuple[Meaning, ...]
) -> None:
    """A later date is `delayed`, an earlier one `reschedule`, with a new scan or without."""
    parcel = Parcel()
    old = MONDAY if new == TUESDAY else TUESDAY
    parcel.says(*hourly(MOVING), estimate=old)

    told = parcel.hears(word(*hourly(MOVING, *more), estimate=new))

    assert types(told) == [event_type]
    assert told.statements[0].estimated_delivery == new
    assert parcel.known.estimated_delivery == new


def test_the_same_date_is_no_change() -> None:
    """A date that is said again changes nothing."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING), estimate=MONDAY)

    assert parcel.says(*hourly(MOVING, MOVING), estimate=MONDAY) == []
    assert parcel.says(*hourly(MOVING, MOVING, MOVING)) == []
    assert parcel.known.estimated_delivery == MONDAY


def test_a_date_that_moves_back_and_forth_is_said_each_time() -> None:
    """Each change of mind of one sender is a statement of its own."""
    parcel = Parcel()
    dates = [MONDAY, TUESDAY, MONDAY, TUESDAY]

    said = [marks(parcel.hears(word(*hourly(MOVING), estimate=day))) for day in dates]

    assert said == [
        ["shipped:1"],
        ["estimate_later:1"],
        ["estimate_earlier:1"],
        ["estimate_later:2"],
    ]


def test_a_moved_date_goes_before_a_mere_track() -> None:
    """A new date with a scan that would be `track` is said as the date's change."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING), estimate=MONDAY)

    assert parcel.says(*hourly(MOVING, OUT_FOR_DELIVERY), estimate=TUESDAY) == ["delayed"]


@pytest.mark.parametrize(
    ("meaning", "event_type"), [(ATTEMPTED, "delivery_attempt"), (DELAYED, "delayed")]
)
def test_a_moved_date_rides_on_more_important_news(meaning: Meaning, event_type: str) -> None:
    """A new date with news of its own is carried by the news, and said once."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING), estimate=MONDAY)

    told = parcel.hears(word(*hourly(MOVING, meaning), estimate=TUESDAY))

    assert types(told) == [event_type]
    assert told.statements[0].estimated_delivery == TUESDAY
    assert parcel.says(*hourly(MOVING, meaning, meaning), estimate=TUESDAY) == []


def test_a_delay_that_goes_on_with_a_later_date_is_said() -> None:
    """A delay that was said already is said again when its date moves on."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING, DELAYED), estimate=MONDAY)

    told = parcel.hears(word(*hourly(MOVING, DELAYED, DELAYED), estimate=TUESDAY))

    assert marks(told) == ["estimate_later:1"]


def test_the_first_movement_with_another_date_is_two_statements() -> None:
    """A parcel that begins to move with a later date is shipped, and delayed."""
    parcel = Parcel()
    parcel.says(*hourly(LABEL_CREATED), estimate=MONDAY)

    assert parcel.says(*hourly(LABEL_CREATED, MOVING), estimate=TUESDAY) == ["shipped", "delayed"]


def test_a_delivery_carries_no_estimate() -> None:
    """What has arrived is not expected any more, and its date moves no more."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING), estimate=MONDAY)

    told = parcel.hears(word(*hourly(MOVING, DELIVERED), estimate=TUESDAY))

    assert [(str(it.event_type), it.estimated_delivery) for it in told.statements] == [
        ("delivered", None)
    ]
    assert parcel.says(*hourly(MOVING, DELIVERED), estimate=WEDNESDAY) == []


@pytest.mark.parametrize("scans", [hourly(MOVING, RETURNING), hourly(MOVING, DELIVERED, RETURNING)])
def test_the_date_of_the_way_back_is_none_of_the_buyers(scans: tuple[Scan, ...]) -> None:
    """On the way back the sender's date says when it has the goods again, and is not said."""
    parcel = Parcel(allowed=LEAVE)
    parcel.says(*scans, estimate=MONDAY)

    assert parcel.says(*scans, scan(RETURNING, 8), estimate=WEDNESDAY) == []


def test_two_senders_that_disagree_on_the_date_do_not_move_it_forever() -> None:
    """Only a sender that changes its own mind says something new."""
    parcel = Parcel()
    way = hourly(*[MOVING] * 5)
    said = [
        parcel.says(*way[: 1 + number // 2], estimate=day, source=source)
        for number, (source, day) in enumerate(
            [("easypost", MONDAY), ("ups", TUESDAY)] * 4, start=0
        )
    ]

    assert said == [["shipped"], ["delayed"], [], [], [], [], [], []]
    assert parcel.says(*way, estimate=WEDNESDAY, source="easypost") == ["delayed"]


def test_a_repeated_scan_with_an_old_date_is_not_said() -> None:
    """A sender that repeats itself says nothing, although another sender named a later date."""
    parcel = Parcel(scans=Scans.ALL)
    parcel.says(*hourly(MOVING), estimate=MONDAY, source="easypost")

    assert parcel.says(*hourly(MOVING), estimate=TUESDAY, source="ups") == ["delayed"]
    assert parcel.says(*hourly(MOVING), estimate=MONDAY, source="easypost") == []


def test_two_senders_that_agree_on_the_date_do_not_move_it() -> None:
    """A date that another sender names for the first time, and that is known, is no change."""
    parcel = Parcel()
    parcel.says(*hourly(MOVING), estimate=MONDAY, source="easypost")

    assert parcel.says(*hourly(MOVING), estimate=MONDAY, source="ups") == []
    assert parcel.says(*hourly(MOVING, MOVING), estimate=MONDAY, source="fedex") == []


# Without times, and with several senders.


def test_scans_without_times_are_told_in_their_order() -> None:
    """Where no time is known, the position in the snapshot is all there is, and is enough."""
    parcel = Parcel()
    way = [
        Scan(meaning=meaning, code="x", words=f"Scan {number}")
        for number, meaning in enumerate([LABEL_CREATED, MOVING, DELAYED, DELIVERED])
    ]

    said = [parcel.says(*way[:length]) for length in range(1, 5)]

    assert said == [["track"], ["shipped"], ["delayed"], ["delivered"]]
    assert ignored(parcel.hears(word(*way[:2]))) == ["superseded"]


def test_a_sender_without_a_history_is_followed_by_time() -> None:
    """Senders that post one scan at a time are followed like the others."""
    parcel = Parcel()

    said = [
        parcel.says(scan(meaning, hour))
        for hour, meaning in enumerate([LABEL_CREATED, MOVING, OUT_FOR_DELIVERY, DELIVERED])
    ]

    assert said == [["track"], ["shipped"], ["track"], ["delivered"]]


def test_a_current_state_beyond_the_last_scan_is_told() -> None:
    """A snapshot whose state goes further than its scans is believed."""
    parcel = Parcel()
    way = hourly(LABEL_CREATED, MOVING)

    assert types(parcel.hears(word(*way, current=scan(DELAYED, 1)))) == ["shipped", "delayed"]
    assert ignored(parcel.hears(word(*way, current=scan(DELAYED, 1)))) == ["no_change"]
    assert parcel.says(*way, scan(MOVING, 2)) == ["track"]


def test_a_scan_of_the_same_minute_is_not_behind() -> None:
    """Another sender's scan that is dated like the last one known says more, and is told."""
    parcel = Parcel()
    parcel.says(scan(MOVING, 5))

    assert parcel.says(scan(DELIVERED, 5), source="ups") == ["delivered"]


def test_scans_that_were_seen_are_not_counted_again() -> None:
    """A scan that was seen is no new occurrence where the state went further than the scans."""
    parcel = Parcel()
    way = hourly(LABEL_CREATED, MOVING)
    parcel.hears(word(*way, current=scan(DELAYED, 1)))

    assert ignored(parcel.hears(word(*way, scan(DELAYED, 2)))) == ["no_change"]


def test_another_senders_clock_makes_no_new_scans() -> None:
    """A second sender that dates the same scans a few minutes later says nothing new."""
    parcel = Parcel()
    way = hourly(LABEL_CREATED, MOVING, ATTEMPTED, DELAYED)
    parcel.says(*way)

    told = parcel.hears(word(*(scan(it.meaning, hour + 0.1) for hour, it in enumerate(way))))

    assert ignored(told) == ["no_change"]


# What holds of any parcel.

settings_of_scans = st.sampled_from(Scans)
leaves = st.sampled_from([frozenset[EventType](), LEAVE])


@given(
    updates=st.lists(snapshots(), min_size=1, max_size=5),
    scans=settings_of_scans,
    allowed=leaves,
)
def test_the_same_word_twice_says_nothing_new(
    updates: list[TrackingUpdate], scans: Scans, allowed: frozenset[EventType]
) -> None:
    """Whatever was said before, a snapshot that is told again at once adds nothing."""
    parcel = Parcel(scans=scans, allowed=allowed)
    for update in updates:
        first = parcel.hears(update)
        before = parcel.known
        again = parcel.hears(update)

        assert again.statements == ()
        assert parcel.known == before
        assert [it.reason for it in again.held] == [it.reason for it in first.held]


@given(
    updates=st.lists(snapshots(), min_size=1, max_size=6),
    scans=settings_of_scans,
    allowed=leaves,
)
def test_one_notification_says_at_most_two_things(
    updates: list[TrackingUpdate], scans: Scans, allowed: frozenset[EventType]
) -> None:
    """A snapshot says `shipped`, if at all, then what is the case; or why it says nothing."""
    parcel = Parcel(scans=scans, allowed=allowed)
    for update in updates:
        told = parcel.hears(update)

        assert types(told) in ([], ["shipped"]) or (
            types(told)[:-1] in ([], ["shipped"]) and types(told)[-1] != "shipped"
        )
        assert told.statements or told.held or told.ignored
        assert not (told.statements and (told.held or told.ignored))


@given(
    updates=st.lists(snapshots(), min_size=1, max_size=8),
    scans=settings_of_scans,
    allowed=leaves,
)
def test_nothing_is_said_twice(
    updates: list[TrackingUpdate], scans: Scans, allowed: frozenset[EventType]
) -> None:
    """No two statements about one parcel have the same name, `shipped` least of all."""
    parcel = Parcel(scans=scans, allowed=allowed)

    said = [mark for update in updates for mark in marks(parcel.hears(update))]

    assert len(set(said)) == len(said)


@given(updates=st.lists(snapshots(), min_size=2, max_size=8), allowed=leaves)
def test_after_a_delivery_only_a_return_is_said(
    updates: list[TrackingUpdate], allowed: frozenset[EventType]
) -> None:
    """Whatever comes after a delivery, only its return is told, once."""
    parcel = Parcel(allowed=allowed)
    said: list[str] = []
    for update in updates:
        told = parcel.hears(update)
        if "delivered" in said:
            assert all(it.scan.meaning is RETURNING for it in told.statements)
        said += types(told)

    if "delivered" in said:
        after = said[said.index("delivered") + 1 :]
        assert after in ([], ["return" if allowed else "note"])


@given(journey=journeys(), data=st.data())
def test_old_snapshots_add_nothing(journey: tuple[Scan, ...], data: st.DataObject) -> None:
    """Once a whole way is known, its earlier snapshots say nothing, in whatever order they come."""
    parcel = Parcel(allowed=LEAVE)
    parcel.hears(snapshot(journey, len(journey)))
    before = parcel.known
    lengths = data.draw(st.permutations(range(1, len(journey) + 1)), label="lengths")

    for length in lengths:
        assert parcel.hears(snapshot(journey, length)).statements == ()
    assert parcel.known == before


@given(journey=journeys(), data=st.data())
def test_snapshots_in_any_order_say_nothing_that_order_does_not(
    journey: tuple[Scan, ...], data: st.DataObject
) -> None:
    """Snapshots that overtake each other say a part of what they say in their order."""
    straight, tangled = Parcel(allowed=LEAVE), Parcel(allowed=LEAVE)
    lengths = range(1, len(journey) + 1)
    expected = [m for length in lengths for m in marks(straight.hears(snapshot(journey, length)))]

    shuffled = data.draw(st.permutations(lengths), label="lengths")
    said = [m for length in shuffled for m in marks(tangled.hears(snapshot(journey, length)))]

    assert len(set(said)) == len(said)
    assert set(said) <= set(expected)
    assert tangled.known.meaning is straight.known.meaning
    assert tangled.known.is_shipped is straight.known.is_shipped


@given(journey=journeys(), minutes=st.integers(-20, 20), data=st.data())
def test_two_senders_say_each_thing_once(
    journey: tuple[Scan, ...], minutes: int, data: st.DataObject
) -> None:
    """Two senders that follow one parcel say together what one of them says alone."""
    alone, both = Parcel(allowed=LEAVE), Parcel(allowed=LEAVE)
    lengths = range(1, len(journey) + 1)
    expected = [m for length in lengths for m in marks(alone.hears(snapshot(journey, length)))]
    ahead = {"EasyPost": 0, "UPS": 0}
    clocks = {"EasyPost": 0, "UPS": minutes}

    said: list[str] = []
    while min(ahead.values()) < len(journey):
        sender = data.draw(
            st.sampled_from([name for name, seen in ahead.items() if seen < len(journey)])
        )
        ahead[sender] += 1
        update = snapshot(journey, ahead[sender], sender=sender, minutes=clocks[sender])
        said += marks(both.hears(update, source=sender))

    assert said == expected


# Words.


def scanned(**fields: object) -> Scan:
    """A scan with words."""
    return msgspec.convert({"meaning": "moving", "code": "in_transit"} | fields, Scan, strict=False)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (
            {
                "words": "Delivered, front door",
                "place": "Austin, TX, US",
                "at": "2026-11-03T14:05:00-06:00",
            },
            "UPS: Delivered, front door. Austin, TX, US, 2026-11-03 14:05 -06:00",
        ),
        (
            {"words": "Departed. ", "at": "2026-11-03T14:05:59+00:00"},
            "UPS: Departed. 2026-11-03 14:05 +00:00",
        ),
        (
            {"words": "Departed", "place": "Reno", "local_time": "2026-11-03T14:05"},
            "UPS: Departed. Reno, 2026-11-03T14:05",
        ),
        ({"words": "Departed"}, "UPS: Departed"),
        ({"words": " . ", "place": "Reno"}, "UPS: in_transit. Reno"),
        ({}, "UPS: in_transit"),
        ({"at": "2026-11-03T14:05:00+05:45"}, "UPS: in_transit. 2026-11-03 14:05 +05:45"),
    ],
)
def test_notes_say_what_where_and_when(fields: dict[str, object], note: str) -> None:
    """Notes hold the carrier, its words, the place, and the time with its offset if known."""
    update = msgspec.structs.replace(word(scanned()), carrier="UPS", signed_by="M. OKAFOR")

    assert note_of(update, scanned(**fields)) == note


def test_notes_name_who_signed() -> None:
    """The note of a delivery ends with who signed for it; no other note does."""
    update = msgspec.structs.replace(word(scan(DELIVERED)), signed_by="M. OKAFOR")

    assert note_of(update, scanned(meaning="delivered", words="Left")) == (
        "EasyPost: Left. Signed by M. OKAFOR"
    )
    assert note_of(update, scanned(words="Left")) == "EasyPost: Left"
    assert note_of(word(scan(DELIVERED)), scanned(meaning="delivered", words="Left")) == (
        "EasyPost: Left"
    )


def test_an_offset_is_kept_in_the_note() -> None:
    """The time in a note is the one on the clock at the place."""
    there = timezone(timedelta(hours=9))
    at = datetime(2026, 11, 20, 9, 5, tzinfo=there)
    it = msgspec.structs.replace(scan(MOVING), at=at)

    assert note_of(word(it), it) == "EasyPost: moving. 2026-11-20 09:05 +09:00"
