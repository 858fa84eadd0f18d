"""What X12's 855, 865, 856 and 810 say: each code of each table, and the traps by name."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.documents import (
    Amounts,
    Invoice,
    InvoiceLine,
    Item,
    OrderConfirmation,
    Promise,
    Purpose,
    ShipNotice,
)
from purchasing.errors import MalformedError
from purchasing.formats.x12 import Transaction
from purchasing.formats.x12_charges import KINDS
from purchasing.formats.x12_invoice import IS_CREDIT, read_invoice
from purchasing.formats.x12_order import read_order
from purchasing.formats.x12_order_codes import CHANGES, STATUSES, WHOLE
from purchasing.formats.x12_segments import Segment
from purchasing.formats.x12_ship_notice import PURPOSES, read_ship_notice
from purchasing.updates import Finding, Reading

T = TypeVar("T")

AT = datetime(2026, 11, 20, 17, 15, tzinfo=UTC)
READERS = {"855": read_order, "865": read_order, "856": read_ship_notice, "810": read_invoice}


def read(kind: str, *segments: str) -> Reading:
    """What a transaction set of some segments is read as."""
    parts = (segment.split("*") for segment in segments)
    transaction = Transaction(
        kind=kind,
        number="0001",
        segments=tuple(Segment(name, tuple(elements)) for name, *elements in parts),
    )
    return READERS[kind](transaction, AT)


def only(kind: type[T], reading: Reading) -> list[T]:
    """The statements of a reading, which are all of one kind."""
    found: list[T] = [it for it in reading.updates if isinstance(it, kind)]
    assert len(found) == len(reading.updates)
    return found


def one(kind: type[T], reading: Reading) -> T:
    """The one statement of a reading in which nothing is held."""
    assert reading.held == ()
    found: list[T] = only(kind, reading)
    assert len(found) == 1
    return found[0]


def reasons(findings: Sequence[Finding]) -> list[str]:
    """The reasons of some findings."""
    return [it.reason for it in findings]


BAK = "BAK*00*AC*PO-1001*20261118****SO1"
PO1 = "PO1*1*40*EA*.5**MG*LM358DR"
BCA = "BCA*00*AC*PO-1001***20261118***SO1"


# 855: what a supplier answers


@pytest.mark.parametrize("code", STATUSES)
def test_every_status_of_a_line_is_known(code: str) -> None:
    """A status promises something in words of its own, or is for a person."""
    promise, words = STATUSES[code]
    reading = read("855", BAK, PO1, f"ACK*{code}*40*EA")

    if promise is None:
        assert reading.updates == ()
        assert reasons(reading.held) == ["needs_person"]
        assert words in reading.held[0].detail
    else:
        update = one(OrderConfirmation, reading)
        assert (update.promise, update.words, update.quantity) == (promise, words, Decimal(40))


def test_an_unknown_status_holds_its_line_alone() -> None:
    """A code that is in no table is held, and the other lines go on."""
    reading = read("855", BAK, PO1, "ACK*ZZ*40", "PO1*2*1*EA", "ACK*IA*1")

    assert [it.item.line_number for it in only(OrderConfirmation, reading)] == ["2"]
    assert reading.held == (
        Finding("unknown_status", "Line 1 of order PO-1001: ACK01 is ZZ, which is not known here."),
    )


@pytest.mark.parametrize("code", WHOLE)
def test_a_document_without_lines_is_for_the_whole_order(code: str) -> None:
    """BAK02 alone accepts or refuses every line, with the dates of the document."""
    reading = read("855", BAK.replace("AC", code), "DTM*017*20261204", "DTM*068*20261201")
    update = one(OrderConfirmation, reading)

    assert update.promise is WHOLE[code]
    assert update.item == Item(po_number="PO-1001", supplier_reference="SO1")
    assert not update.is_rest
    assert (update.expected_ship_by, update.estimated_delivery) == (
        date(2026, 12, 1),
        date(2026, 12, 4),
    )


@pytest.mark.parametrize("code", ["AH", "AP", "NA", "RO", "ZZ", ""])
def test_a_document_that_accepts_nothing_is_held(code: str) -> None:
    """On hold, a counter offer and mutually defined codes are no acceptance."""
    assert reasons(read("855", BAK.replace("AC", code)).held) == ["unknown_status"]


def test_only_the_exceptions_have_lines() -> None:
    """AE accepts, and RF refuses, the lines that the document does not name."""
    for code, promise in (("AE", Promise.ACCEPTED), ("RF", Promise.REJECTED)):
        reading = read("855", BAK.replace("AC", code), "NTE*GEN*Sorry", PO1, "ACK*IB*40*EA")
        line, rest = only(OrderConfirmation, reading)

        assert (line.promise, line.is_rest) == (Promise.BACKORDERED, False)
        assert (rest.promise, rest.is_rest, rest.others) == (promise, True, (line.item,))
        assert (rest.item.is_whole_order, rest.words) == (True, "Sorry")


def test_an_exception_must_say_what_it_is() -> None:
    """A line without ACK says nothing where only the exceptions have lines."""
    reading = read("855", BAK.replace("AC", "AE"), PO1)

    assert reasons(reading.held) == ["unknown_status"]
    assert [it.is_rest for it in only(OrderConfirmation, reading)] == [True]


def test_a_line_without_status_is_as_the_document_says() -> None:
    """Without ACK, BAK02 counts for the line, with its quantity."""
    accepted = one(OrderConfirmation, read("855", BAK, PO1))
    refused = one(OrderConfirmation, read("855", BAK.replace("AC", "RD"), PO1))

    assert (accepted.promise, accepted.quantity) == (Promise.ACCEPTED, Decimal(40))
    assert refused.promise is Promise.REJECTED
    assert reasons(read("855", BAK.replace("AC", "ZZ"), PO1).held) == ["unknown_status"]


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [("01", "needs_person"), ("03", "needs_person"), ("18", "unknown_status")],
)
def test_a_confirmation_that_is_taken_back_is_for_a_person(purpose: str, reason: str) -> None:
    """BAK01 of a cancellation is not read as an acceptance."""
    reading = read("855", BAK.replace("00", purpose, 1), PO1)

    assert reading.updates == ()
    assert reasons(reading.held) == [reason]


def test_a_document_without_its_beginning_is_malformed() -> None:
    """An 855 without BAK, and an 865 without BCA, are held whole."""
    for kind, name in (("855", "BAK"), ("865", "BCA")):
        with pytest.raises(MalformedError, match=rf"The {kind} has no {name}\."):
            read(kind, PO1)


def test_dates_are_taken_from_the_nearest_place() -> None:
    """ACK05, then the DTM behind the ACK, then the line's own, then the document's."""
    dates = ["DTM*068*20261201", PO1, "DTM*068*20261202", "DTM*067*20261207"]
    first, second, third = only(
        OrderConfirmation,
        read(
            "855", BAK, *dates, "ACK*IA*1*EA*068*20261204", "ACK*IA*2", "DTM*069*261209", "ACK*IA*3"
        ),
    )

    assert [it.expected_ship_by for it in (first, second, third)] == [
        date(2026, 12, 4),
        date(2026, 12, 2),
        date(2026, 12, 2),
    ]
    assert [it.estimated_delivery for it in (first, second, third)] == [
        date(2026, 12, 7),
        date(2026, 12, 9),
        date(2026, 12, 7),
    ]


@pytest.mark.parametrize("qualifier", ["010", "002", "111", "", "999"])
def test_what_the_buyer_asked_for_is_no_promise(qualifier: str) -> None:
    """Requested dates, and those that cannot be read, are left out."""
    asked = one(OrderConfirmation, read("855", BAK, PO1, f"ACK*IA*40*EA*{qualifier}*20261204"))
    broken = one(OrderConfirmation, read("855", BAK, PO1, "ACK*IA*40*EA*068*200"))

    for update in (asked, broken):
        assert (update.expected_ship_by, update.estimated_delivery) == (None, None)


def test_a_schedule_of_one_part_dates_its_line() -> None:
    """One SCH gives dates and leaves the quantity of the ACK; of a refused line it gives none."""
    schedule = "SCH*30*EA***080*20261201**067*20261209"
    accepted = one(OrderConfirmation, read("855", BAK, PO1, "ACK*IA*40*EA", schedule))
    refused = one(OrderConfirmation, read("855", BAK, PO1, "ACK*IR*0*EA", schedule))

    assert accepted.quantity == 40
    assert accepted.expected_ship_by == date(2026, 12, 1)
    assert accepted.estimated_delivery == date(2026, 12, 9)
    assert (refused.quantity, refused.expected_ship_by) == (Decimal(0), None)


def test_what_is_backordered_has_no_date_of_what_is_accepted() -> None:
    """A date of the line is that of its accepted part; a backordered part has its own or none."""
    line = (PO1, "DTM*068*20261201", "ACK*IA*60*EA", "ACK*IB*40*EA")

    accepted, backordered = only(OrderConfirmation, read("855", BAK, *line))
    _, dated = only(OrderConfirmation, read("855", BAK, *line, "DTM*068*20270110"))
    (alone,) = only(OrderConfirmation, read("855", BAK, PO1, "DTM*068*20261201", "ACK*IB*40*EA"))

    assert accepted.expected_ship_by == date(2026, 12, 1)
    assert backordered.expected_ship_by is None
    assert dated.expected_ship_by == date(2027, 1, 10)
    assert alone.expected_ship_by == date(2026, 12, 1)


def test_a_quantity_is_only_taken_from_the_line_where_it_is_not_split() -> None:
    """Two ACKs without quantities do not each confirm the whole line."""
    assert one(OrderConfirmation, read("855", BAK, PO1, "ACK*IA")).quantity == 40
    split = only(OrderConfirmation, read("855", BAK, PO1, "ACK*IA*10", "ACK*IB"))
    assert [it.quantity for it in split] == [10, None]


@pytest.mark.parametrize(
    ("price", "basis", "expected"),
    [
        ("12.5", "", "12.5"),
        ("12.5", "PE", "12.5"),
        ("12.5", "HP", "0.125"),
        ("12.5", "TP", "0.0125"),
        ("12", "TD", "1"),
        ("12.5", "HT", "0.000125"),
    ],
)
def test_a_price_is_for_one_piece(price: str, basis: str, expected: str) -> None:
    """A price for a hundred or a thousand is told for one."""
    update = one(OrderConfirmation, read("855", BAK, f"PO1*1*40*EA*{price}*{basis}", "ACK*IA*40"))

    assert update.unit_price == Decimal(expected)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((PO1, "ACK*IA*40*EA"), [("40", "")]),
        (("PO1*1*40*CA*.5**MG*LM358DR", "ACK*IA"), [("40", "CA")]),
        (("PO1*1*40*CA*.5**MG*LM358DR", "ACK*IA*40"), [("40", "CA")]),
        (("PO1*1*4*CA*.5**MG*LM358DR", "ACK*IA*40*EA"), [("40", "")]),
        (("PO1*1*4*EA*.5**MG*LM358DR", "ACK*IA**CA"), [("4", "")]),
        (
            (PO1, "ACK*IA*4*BX", "SCH*3*EA***068*20261214", "SCH*1****068*20261215"),
            [("3", ""), ("1", "BX")],
        ),
        ((PO1, "ACK*IA*4*BX", "SCH*4*EA***068*20261214"), [("4", "BX")]),
    ],
)
def test_a_quantity_has_the_nearest_unit(
    segments: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    """The unit stands beside its quantity, else it is the one above it; pieces have none."""
    found = only(OrderConfirmation, read("855", BAK, *segments))

    assert [(str(it.quantity), it.unit) for it in found] == expected


def test_the_unit_of_a_change_is_poc05() -> None:
    """An 865 has the unit in a composite, which with a multiplier is no single piece."""
    for poc05, unit in (("EA", ""), ("RL", "RL"), ("EA>1>10", "EA>1>10")):
        found = one(OrderConfirmation, read("865", BCA, f"POC*1*CT*40**{poc05}*.5*PE*MG*A"))
        assert (found.quantity, found.unit) == (Decimal(40), unit)


def test_units_of_notices_and_invoices_are_as_they_are_written() -> None:
    """SN103 and IT103 are told where they are no pieces, of planned goods as well."""
    levels = ["HL*1**O", "PRF*PO-1", "HL*2*1*I", "LIN*1*MG*LM358DR"]
    assert one(ShipNotice, notice(*levels, "SN1*1*40*RL")).unit == "RL"
    plan = notice(*levels, "SN1*1*40*BX", begin=f"{BSN}**PL")
    assert [it.unit for it in only(OrderConfirmation, plan)] == ["BX"]
    billed = invoice("IT1*1*10*CA*5**MG*A", "IT1*2*10*EA*5**MG*B", "TDS*10000")
    assert [it.unit for it in billed.lines] == ["CA", ""]


def test_a_changed_price_counts() -> None:
    """CTP CUP is the price that is confirmed; any other CTP is not."""
    lines = [BAK, "CUR*SE*USD", PO1, "CTP**RTL*9", "CTP**CUP*.75", "ACK*IP*40"]
    update = one(OrderConfirmation, read("855", *lines))

    assert (update.unit_price, update.currency) == (Decimal(".75"), "USD")
    assert one(OrderConfirmation, read("855", BAK, "PO1*1", "ACK*IA")).unit_price is None


@pytest.mark.parametrize(
    ("ack", "expected"),
    [
        ("ACK*IS*40*EA****MG*LM358DT", "LM358DT"),
        ("ACK*IC*40*EA****MG*LM358DT", "LM358DT"),
        ("ACK*IA*40*EA****MG*LM358DR", ""),
        ("ACK*IA*40*EA****VP*BR-358", ""),
        ("ACK*IS*40*EA****VP*BR-358", "BR-358"),
        ("ACK*IA*40*EA" + "*" * 24 + "MG*OTHER*X", ""),
    ],
)
def test_a_part_that_is_sent_instead_is_told(ack: str, expected: str) -> None:
    """Another part of the same kind is a substitute; another name of the part is none."""
    assert one(OrderConfirmation, read("855", BAK, PO1, ack)).substitute == expected


@pytest.mark.parametrize("line", ["PO1*1*x", "PO1*1*40*EA*1,5"])
def test_a_line_that_cannot_be_read_waits_alone(line: str) -> None:
    """A quantity or a price that is no number holds its line, and says where."""
    reading = read("855", BAK, line, "PO1*2*1", "ACK*IA*1")

    assert [it.item.line_number for it in only(OrderConfirmation, reading)] == ["2"]
    assert reasons(reading.held) == ["malformed"]
    assert reading.held[0].detail.startswith("Line 1 of order PO-1001: PO10")


def test_identities_of_lines_may_be_texts() -> None:
    """PO101 is the order's, whatever it is; without it, the buyer's line (PL) or the part is."""
    text, line, article = only(
        OrderConfirmation,
        read(
            "855",
            "BAK*00*AC",
            "REF*PO*PO-7",
            "PO1*item-1*1",
            "PO1**1****BP*77*PL*4",
            "PO1**1****EN*9780",
        ),
    )

    assert text.item == Item(po_number="PO-7", line_number="item-1")
    assert line.item == Item(po_number="PO-7", line_number="4", part_number="77")
    assert article.item == Item(po_number="PO-7", supplier_part_number="9780")


def test_a_number_of_an_article_does_not_contradict_the_line() -> None:
    """An EAN beside a line number or a part is no part number of its own."""
    by_line = one(OrderConfirmation, read("855", BAK, "PO1*1*1****UP*0123"))

    assert by_line.item.part_numbers == ()


def test_the_document_is_called_by_the_supplier() -> None:
    """The seller is the supplier; the supplier's own number of the order is the document's."""
    update = one(OrderConfirmation, read("855", BAK, "N1*ST*Us", "N1*SE", "N1*VN*Bramble", PO1))

    assert update.document.sender == "Bramble (X12)"
    assert (update.document.supplier, update.document.number) == ("Bramble", "SO1")
    assert update.document.said_at == AT
    assert one(OrderConfirmation, read("855", "BAK*00*AT*PO-2")).document.number == "PO-2"


def test_a_wrong_count_of_lines_is_only_noted() -> None:
    """CTT01 is informative."""
    right = read("855", BAK, PO1, "CTT*1")
    wrong = read("855", BAK, PO1, "CTT*2")

    assert (right.attention, right.updates) == ((), wrong.updates)
    assert wrong.attention == (Finding("does_not_add_up", "CTT01 says 2 lines, and there are 1."),)


# 865: what a supplier changes


@pytest.mark.parametrize("code", CHANGES)
def test_every_change_of_a_line_is_known(code: str) -> None:
    """A change promises the line as it then is; a deleted one is refused."""
    line = f"POC*1*{code}*40*40*EA*.5**MG*LM358DR"
    update = one(OrderConfirmation, read("865", BCA, line))
    with_status = one(OrderConfirmation, read("865", BCA, line, "ACK*IA*40"))

    assert update.promise is with_status.promise is CHANGES[code]
    assert (update.quantity, update.unit_price) == (Decimal(40), Decimal(".5"))
    assert update.item == Item(
        po_number="PO-1001",
        supplier_reference="SO1",
        line_number="1",
        manufacturer_part_number="LM358DR",
    )


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ([BCA, "POC*1*CF*40"], "unknown_status"),
        ([BCA, "POC*1*CT*40", "ACK*IR*0"], "needs_person"),
        ([BCA.replace("AC", "RJ"), "POC*1**40"], "needs_person"),
        ([BCA.replace("AC", "RJ")], "needs_person"),
        ([BCA.replace("AC", ""), "POC*1**40"], "unknown_status"),
        ([BCA.replace("AC", "")], "unknown_status"),
    ],
)
def test_a_refused_change_does_not_cancel_the_line(segments: list[str], reason: str) -> None:
    """An 865 may refuse a change that the buyer wanted, which leaves the line as it was."""
    reading = read("865", *segments)

    assert reading.updates == ()
    assert reasons(reading.held) == [reason]


def test_an_accepted_change_confirms_the_order() -> None:
    """An 865 without lines that accepts is a confirmation; AE leaves no rest of an order."""
    assert one(OrderConfirmation, read("865", BCA)).promise is Promise.ACCEPTED
    line = "POC*1*NC*40"
    assert len(read("865", BCA.replace("AC", "AE"), line).updates) == 1


# 856: what has left

BSN = "BSN*00*SN-1*20261120*1700"
ITEM = ["LIN*1*MG*LM358DR", "SN1*1*40*EA"]


def notice(*levels: str, begin: str = BSN) -> Reading:
    """What an 856 of some levels is read as."""
    return read("856", begin, *levels)


@pytest.mark.parametrize("code", PURPOSES)
def test_every_purpose_is_known(code: str) -> None:
    """BSN01 says whether a notice is new, replaces or cancels."""
    reading = notice("HL*1**O", "PRF*PO-1", begin=f"BSN*{code}*SN-1")

    assert one(ShipNotice, reading).purpose is PURPOSES[code]


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        ("BSN*04*SN-1", "unknown_status"),
        ("BSN*00*SN-1****XX", "unknown_status"),
        ("BSN*03*SN-1****PL", "needs_person"),
    ],
)
def test_an_unknown_purpose_is_held(begin: str, reason: str) -> None:
    """A change of a notice, an unknown type, and a plan that is withdrawn are for a person."""
    reading = notice("HL*1**O", "PRF*PO-1", begin=begin)

    assert reading.updates == ()
    assert reasons(reading.held) == [reason]


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([], "The 856 has no HL."),
        (["HL*1**S", "HL*1**O"], "HL 1 is there twice, or its parent  is not before it."),
        (["HL*1*2*S", "HL*2**O"], "HL 1 is there twice, or its parent 2 is not before it."),
        (["HL*1*1*S"], "HL 1 is there twice, or its parent 1 is not before it."),
        (
            [f"HL*{it}*{it - 1 or ''}*P" for it in range(1, 20)],
            "The levels of the 856 are more than 16 deep.",
        ),
        (
            ["HL*1**S", *["REF*ZZ*1"] * 1001],
            "The 856 has more than 10000 levels, or one of 1000 segments.",
        ),
        (["HL*1**P"], "The 856 has no level that is a shipment, an order or an item."),
    ],
)
def test_levels_must_be_a_tree(levels: list[str], sentence: str) -> None:
    """A parent comes before its children, each level is there once, and there are not too many."""
    with pytest.raises(MalformedError) as refused:
        notice(*levels)

    assert str(refused.value) == sentence
    with pytest.raises(MalformedError, match=r"The 856 has no BSN\."):
        read("856", "HL*1**S")


@pytest.mark.parametrize(
    "levels",
    [
        ["HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*P", "MAN*CP*1Z9", "HL*4*3*I", *ITEM],
        ["HL*1**S", "HL*2*1*P", "MAN*CP*1Z9", "HL*3*2*O", "PRF*PO-1", "HL*4*3*I", *ITEM],
        ["HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*I", *ITEM, "HL*4*3*P", "MAN*CP*1Z9"],
        ["HL*1**S", "MAN*CP*1Z9", "HL*2*1*O", "PRF*PO-1", "HL*3*2*T", "HL*4*3*I", *ITEM],
        ["HL*1**S", "REF*2I*1Z9", "HL*2**O", "PRF*PO-1", "HL*3*2*I", *ITEM],
        ["MAN*CP*1Z9", "HL*9**O", "REF*PO*PO-1", "HL*7*9*I", *ITEM],
        ["HL*A**I", *ITEM, "REF*PO*PO-1", "MAN*GM*00001**CP*1Z9"],
    ],
)
def test_any_order_of_levels_is_read(levels: list[str]) -> None:
    """The order and the pack of an item are found by the parents, wherever they stand."""
    update = one(ShipNotice, notice(*levels))

    assert update.item == Item(
        po_number="PO-1", line_number="1", is_own_counter=True, manufacturer_part_number="LM358DR"
    )
    assert (update.quantity, update.tracking_numbers) == (Decimal(40), ("1Z9",))


def test_each_pack_tracks_its_own_items() -> None:
    """A number at a pack belongs to the items below it, and not to those of another."""
    levels = ["HL*1**S", "REF*CN*MASTER", "HL*2*1*O", "PRF*PO-1"]
    packs = ["HL*3*2*P", "MAN*CP*A", "HL*4*3*I", *ITEM, "HL*5*2*P", "MAN*CP*B", "HL*6*5*I", *ITEM]
    rest = ["HL*7*2*I", *ITEM]

    found = only(ShipNotice, notice(*levels, *packs, *rest))

    assert [it.tracking_numbers for it in found] == [("A",), ("B",), ("MASTER",)]


def test_packs_that_share_out_an_item_are_parts_of_it() -> None:
    """Levels below an item with quantities of their own are told one by one."""
    parts = [
        "HL*3*2*P",
        "SN1**25*EA",
        "MAN*CP*A",
        "LIN**LT*L1",
        "HL*4*2*P",
        "SN1**15*EA",
        "MAN*CP*B",
    ]
    found = only(ShipNotice, notice("HL*1**O", "PRF*PO-1", "HL*2*1*I", *ITEM, *parts))

    assert [it.quantity for it in found] == [25, 15]
    assert [it.tracking_numbers for it in found] == [("A",), ("B",)]
    assert [it.mfg_lot for it in found] == ["L1", ""]
    assert {it.item.manufacturer_part_number for it in found} == {"LM358DR"}


def test_tracking_numbers_are_in_their_order() -> None:
    """REF 2I, then REF CN, then MAN CP, then TD508 behind ZZ; a bill of lading is none."""
    places = [
        "TD5*****X**ZZ*D",
        "TD5*****X**XX*no",
        "MAN*CP*C",
        "REF*CN*B",
        "REF*2I*A",
        "REF*BM*no",
        "REF*CN*A",
    ]
    update = one(ShipNotice, notice("HL*1**S", *places, "PRF*PO-1"))

    assert update.tracking_numbers == ("A", "B", "C", "D")


def test_too_many_tracking_numbers_are_held() -> None:
    """Goods with more numbers than a person can look at wait."""
    numbers = [f"REF*CN*{it}" for it in range(201)]
    reading = notice("HL*1**S", *numbers, "PRF*PO-1")

    assert reading.held == (
        Finding("malformed", "Level 1 of the 856: The goods have more than 200 tracking numbers."),
    )


def test_a_notice_without_items_is_for_the_whole_order() -> None:
    """Each order without items below it has left whole; a shipment without orders, too."""
    two = only(
        ShipNotice,
        notice("HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*P", "MAN*CP*A", "HL*4*1*O", "PRF*PO-2"),
    )
    alone = one(ShipNotice, notice("REF*PO*PO-3", "HL*1**S", "REF*VN*SO3"))

    assert [(it.item, it.tracking_numbers) for it in two] == [
        (Item(po_number="PO-1"), ("A",)),
        (Item(po_number="PO-2"), ()),
    ]
    assert alone.item == Item(po_number="PO-3", supplier_reference="SO3")


def test_an_item_that_names_nothing_is_not_the_whole_order() -> None:
    """An item level without a line and a part is held, and the others go on."""
    reading = notice("HL*1**O", "PRF*PO-1", "HL*2*1*I", "SN1**40*EA", "HL*3*1*I", *ITEM)

    assert len(only(ShipNotice, reading)) == 1
    assert reading.held == (
        Finding("malformed", "Level 2 of the 856: The item names no line and no part."),
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            ["LIN*7*VP*A", "SN1*2*1"],
            Item(line_number="2", is_own_counter=True, supplier_part_number="A"),
        ),
        (
            ["LIN*7*VN*A", "SN1**1"],
            Item(line_number="7", is_own_counter=True, supplier_part_number="A"),
        ),
        (["LIN*7*BP*A*PL*3", "SN1*2*1"], Item(line_number="3", part_number="A")),
        (["LIN**UP*A", "SN1**1"], Item(supplier_part_number="A")),
        (["LIN**MF*Texas*MG*A*UP*B"], Item(manufacturer_part_number="A")),
        (["LIN**MG*A*PO*PO-9"], Item(po_number="PO-9", manufacturer_part_number="A")),
        (["LIN**MG*A*VP"], Item(manufacturer_part_number="A")),
    ],
)
def test_the_line_of_an_item_is_its_own_counter_unless_it_says_so(
    item: list[str], expected: Item
) -> None:
    """SN101 and LIN01 may be counters; the qualifier PL is the order's line."""
    assert one(ShipNotice, notice("HL*1**I", *item)).item == expected


@pytest.mark.parametrize(
    ("segments", "lot", "words"),
    [
        (["LIN**MG*A*LT*L1"], "L1", ""),
        (["LIN**MG*A*LT*L1*B8*L2"], "L2", "Further lots: L1"),
        (["LIN**MG*A", "REF*BT*L3", "REF*LT*L4"], "L3", "Further lots: L4"),
        (["LIN**MG*A*B8*L5", "REF*BT*batchQuantity*40", "REF*BT*L5"], "L5", ""),
        (["LIN**MG*A", "DTM*036*20281231"], "", "Expires 20281231"),
        (["LIN**MG*A", "MSG*Handle with care."], "", "Handle with care"),
    ],
)
def test_lots_are_told_as_they_are_written(segments: list[str], lot: str, words: str) -> None:
    """The supplier's lot comes first, and the others are in the words."""
    update = one(ShipNotice, notice("HL*1**I", *segments))

    assert (update.mfg_lot, update.words) == (lot, words)


@pytest.mark.parametrize(
    ("segment", "coo", "words"),
    [
        ("LIN**MG*A*CH*jp", "JP", ""),
        ("MAN*L*COO*MY", "MY", ""),
        ("REF*BT*originCountryCode*PH", "PH", ""),
        ("LIN**MG*A*CH*PHL", "", "Origin PHL"),
        ("MAN*L*COO*日本", "", "Origin 日本"),
        ("MAN*L*XXX*MY", "", ""),
    ],
)
def test_the_origin_is_in_two_letters(segment: str, coo: str, words: str) -> None:
    """A country that is not in two letters is told in words, and not guessed."""
    lines = [segment] if segment.startswith("LIN") else ["LIN**MG*A", segment]
    update = one(ShipNotice, notice("HL*1**I", *lines))

    assert (update.coo, update.words) == (coo, words)


@pytest.mark.parametrize(
    ("td5", "carrier", "service"),
    [
        ("TD5*B*2*FDEG**FedEx Ground", "FDEG", "FedEx Ground"),
        ("TD5*B****DHL", "DHL", ""),
        ("TD5*B***Express", "", ""),
        ("TD5*B*2*UPSN*********ND", "UPSN", "ND"),
        ("TD5*****UPS", "UPS", ""),
    ],
)
def test_the_carrier_is_named(td5: str, carrier: str, service: str) -> None:
    """TD503 is the carrier's code, TD505 its routing in words."""
    update = one(ShipNotice, notice("HL*1**S", td5, "PRF*PO-1"))

    assert (update.carrier, update.service) == (carrier, service)


def test_dates_may_stand_before_the_first_level() -> None:
    """What is said of all is said of each, unless a level says otherwise."""
    update = one(
        ShipNotice,
        read(
            "856",
            BSN,
            "DTM*011*20261119",
            "DTM*017*20261125",
            "HL*1**S",
            "DTM*011*261120",
            "HL*2*1*O",
            "PRF*PO-1",
        ),
    )

    assert (update.shipped_on, update.estimated_delivery) == (
        date(2026, 11, 20),
        date(2026, 11, 25),
    )


def test_a_plan_is_no_shipment() -> None:
    """BSN06 PL promises a date, and nothing has left."""
    begin = "BSN*00*SN-1*20261120*1700*0001*PL"
    update = one(
        OrderConfirmation, notice("HL*1**O", "DTM*068*20261202", "HL*2*1*I", *ITEM, begin=begin)
    )

    assert (update.promise, update.quantity) == (Promise.PLANNED, Decimal(40))
    assert update.expected_ship_by == date(2026, 12, 2)


@pytest.mark.parametrize(("code", "kind"), [("PL", OrderConfirmation), ("", ShipNotice)])
def test_boxes_of_the_same_goods_are_one_statement(
    code: str, kind: type[OrderConfirmation | ShipNotice]
) -> None:
    """Three boxes of one lot under one number are one quantity, and another number is another."""
    boxes = [
        it
        for place, number in enumerate("AABA", start=2)
        for it in (
            f"HL*{2 * place}*1*P",
            f"MAN*CP*{number}",
            f"HL*{2 * place + 1}*{2 * place}*I",
            *ITEM,
        )
    ]
    reading = notice("HL*1**O", "PRF*PO-1", *boxes, begin=f"BSN*00*SN-1*20261120*1700*0001*{code}")

    found = only(kind, reading)

    assert [it.quantity for it in found] == ([160] if code else [120, 40])


def test_the_levels_are_counted() -> None:
    """CTT01 of an 856 counts levels; a sender that counts items is not reproached."""
    levels = ["HL*1**O", "PRF*PO-1", "HL*2*1*I", *ITEM]

    assert [notice(*levels, f"CTT*{it}").attention for it in (1, 2)] == [(), ()]
    assert reasons(notice(*levels, "CTT*5").attention) == ["does_not_add_up"]


# 810: what is billed

BIG = "BIG*20261120*INV-1*20261118*PO-1001***DI*00"


def invoice(*segments: str, big: str = BIG) -> Invoice:
    """The invoice that some segments are."""
    return one(Invoice, read("810", big, *segments))


def charged(update: Invoice) -> list[Amounts]:
    """The amounts of each line, and then those of no line."""
    return [*(line.amounts for line in update.lines), update.amounts]


def sums(update: Invoice) -> Decimal:
    """What the statement adds up to."""
    parts = charged(update)
    goods = sum((line.total for line in update.lines), Decimal(0))
    added = sum((it.tax + it.shipping + it.duties + it.other for it in parts), Decimal(0))
    return goods + added - update.amounts.discount


def test_totals_have_two_implied_decimals_and_prices_their_own() -> None:
    """TDS01 is in cents, IT104 as it is written."""
    update = invoice("IT1*1*1000*EA*.0125", "TDS*1250")

    assert update.total == Decimal("12.50")
    assert update.lines[0].total == Decimal("12.5")
    assert update.lines[0].is_total_computed
    assert update.lines[0].item == Item(po_number="PO-1001", line_number="1", is_own_counter=True)


@pytest.mark.parametrize(
    ("line", "unit_price", "total"),
    [
        (["IT1*1*2500*EA*12.5*TP"], "0.0125", "31.25"),
        (["IT1*1*250*EA*3*HP"], "0.03", "7.5"),
        (["IT1*1*3*EA*1*LD"], None, "0.25"),
        (["IT1*1*250*EA", "CTP**NET*.5"], "0.5", "125"),
        (["IT1*1*2500*EA*12.5", "CTP*WS**12.5*1000*EA*CSD*1"], "0.0125", "31.25"),
        (["IT1*1*2*RL*12.5", "CTP*WS**12.5*1000*EA*CSD*4000"], "50", "100"),
        (["IT1*1*2*EA*12.5", "CTP*WS**12.5**EA*CSD"], "12.5", "25"),
    ],
)
def test_a_price_may_be_for_many(line: list[str], unit_price: str | None, total: str) -> None:
    """The basis of a price is IT105 or, in SAP's dialect, CTP04 with CTP07."""
    (billed,) = invoice(*line, "TDS*100").lines

    assert billed.total == Decimal(total)
    assert unit_price is None or billed.unit_price == Decimal(unit_price)


@pytest.mark.parametrize(("code", "kind"), [*KINDS.items(), ("H550", "other"), ("", "other")])
def test_every_charge_has_its_kind(code: str, kind: str) -> None:
    """A charge is tax, shipping, duties or, where its code is in no table, other."""
    update = invoice("IT1*1*1*EA*1", "TDS*200", f"SAC*C*{code}***100")

    assert getattr(update.amounts, kind) == 1
    assert sums(update) == update.total


def test_an_allowance_lowers_its_line_or_the_document() -> None:
    """A line's own allowance is in its total, a document's is a discount."""
    update = invoice("IT1*1*1*EA*10", "SAC*A*C310***100", "TDS*700", "SAC*A*D170***200")

    assert update.lines[0].total == 9
    assert update.lines[0].amounts.discount == 0
    assert update.amounts.discount == 2
    assert sums(update) == update.total == 7


def test_what_moves_no_money_is_not_added() -> None:
    """SAC N is accounting, TXI07 I is in the price, and O stands there to be read."""
    extra = ["SAC*N*B840***9900", "TXI*ST*5*****I", "TXI*ST*5*****O", "SAC*C*G830"]
    update = invoice("IT1*1*1*EA*10", *extra, "TDS*1000")

    assert sums(update) == 10


ONE_TAX = ["TXI*ST*4", "TXI*CT*.5"]


@pytest.mark.parametrize(
    ("line", "head", "total"),
    [
        ([*ONE_TAX], [], "1450"),
        (["SAC*C*H850***450", *ONE_TAX], [], "1450"),
        ([*ONE_TAX], ["SAC*C*H850***450"], "1450"),
        (["SAC*C*H850***450", *ONE_TAX], ["SAC*C*H850***450", *ONE_TAX], "1450"),
        (["SAC*C*H850***450"], ["TXI*ST*4.5"], "1450"),
    ],
)
def test_one_tax_is_counted_once(line: list[str], head: list[str], total: str) -> None:
    """The same tax at the line and at the document, as SAC and as TXI, stays at the line."""
    update = invoice("IT1*1*1*EA*10", *line, f"TDS*{total}", *head)

    assert [it.tax for it in charged(update)] == [Decimal("4.5"), 0]
    assert sums(update) == update.total


def test_of_amounts_that_differ_the_documents_counts() -> None:
    """Where line and document state different shipping, only the document's is added."""
    lines = ["IT1*1*1*EA*10", "SAC*C*G830***300", "IT1*2*1*EA*10", "SAC*C*G830***3"]
    update = invoice(*lines, "TDS*2600", "SAC*C*G830***600")

    assert [it.shipping for it in charged(update)] == [0, 0, 6]
    assert sums(update) == update.total


def test_unless_only_both_make_up_the_total() -> None:
    """The document's own total tells when a line's charge and the document's are two."""
    lines = ["IT1*1*1*EA*10", "SAC*C*G830***300", "TXI*ST*1", "SAC*C*H740***50"]
    update = invoice(*lines, "TDS*2050", "SAC*C*G830***600")

    assert [it.shipping for it in charged(update)] == [3, 6]
    assert [it.tax for it in charged(update)] == [Decimal("1.5"), 0]
    assert sums(update) == update.total


def test_one_invoice_over_several_orders() -> None:
    """Each line may name its own order: as a product qualifier, or as a reference."""
    update = invoice(
        "REF*VN*SO1", "IT1**1*EA*1**PO*PO-2*MG*A", "IT1**1*EA*1**BP*B", "REF*PO*PO-3", "REF*VN*SO3",
        "IT1**1*EA*1**PL*7*VP*C", "TDS*300", big="BIG*20261120*INV-1**NONPO",
    )  # fmt: skip

    assert [line.item for line in update.lines] == [
        Item(po_number="PO-2", supplier_reference="SO1", manufacturer_part_number="A"),
        Item(po_number="PO-3", supplier_reference="SO3", part_number="B"),
        Item(supplier_reference="SO1", line_number="7", supplier_part_number="C"),
    ]


@pytest.mark.parametrize(
    ("big", "reference", "number", "words"),
    [
        ("BIG*20261120*INV-1", "REF*IV*INV-1-LONGER", "INV-1-LONGER", ""),
        ("BIG*20261120*INV-1", "REF*IV*PO-1001", "INV-1", "REF*IV PO-1001"),
        ("BIG*20261120*", "REF*IV*INV-2", "INV-2", ""),
        ("BIG*20261120*INV-1", "REF*ZZ*x", "INV-1", ""),
    ],
)
def test_the_number_is_big02(big: str, reference: str, number: str, words: str) -> None:
    """A REF IV that BIG02 is only the beginning of is the number; another one is only told."""
    update = invoice(reference, "IT1*1*1*EA*1", "TDS*100", big=big)

    assert (update.document.number, update.words) == (number, words)


@pytest.mark.parametrize("kind", IS_CREDIT)
def test_every_type_of_invoice_is_known(kind: str) -> None:
    """BIG07 tells credit notes from invoices."""
    update = invoice("IT1*1*1*EA*1", "TDS*100", big=f"BIG*20261120*INV-1****{''}*{kind}")

    assert update.is_credit is IS_CREDIT[kind]
    assert (update.total < 0) is update.is_credit


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        (["IT1*1*2*EA*10", "TXI*ST*1"], "2100"),
        (["IT1*1*2*EA*10", "TXI*ST*1"], "-2100"),
        (["IT1*1*-2*EA*10", "TXI*ST*-1"], "-2100"),
        (["IT1*1*2*EA*-10", "TXI*ST*-1"], "-2100"),
    ],
)
@pytest.mark.parametrize("kind", ["CR", "CN"])
def test_a_credit_note_is_negative_however_it_is_signed(
    lines: list[str], total: str, kind: str
) -> None:
    """All amounts are as they change what is owed."""
    update = invoice(*lines, f"TDS*{total}", big=BIG.replace("DI", kind))

    assert update.is_credit
    assert update.total == -21
    assert update.lines[0].total == -20
    assert update.lines[0].amounts.tax == -1
    assert sums(update) == update.total


def test_the_charges_of_a_credit_note_are_negative() -> None:
    """A charge and a discount of the document change their signs with the lines."""
    charges = ["SAC*C*G830***300", "SAC*A*C310***100"]
    update = invoice("IT1*1*2*EA*10", "TDS*2200", *charges, big=BIG.replace("DI", "CR"))

    assert update.amounts.shipping == -3
    assert update.amounts.discount == -1
    assert sums(update) == update.total == -22


def test_an_invoice_of_less_than_nothing_is_a_credit() -> None:
    """A negative total is a credit, whatever BIG07 says."""
    assert invoice("IT1*1*-2*EA*10", "TDS*-2000").is_credit


@pytest.mark.parametrize(
    ("big", "reason"),
    [
        (BIG.replace("DI*00", "DI*01"), "needs_person"),
        (BIG.replace("DI*00", "DI*03"), "needs_person"),
        (BIG.replace("DI*00", "DI*77"), "unknown_status"),
        (BIG.replace("DI*00", "DR*00"), "needs_person"),
        (BIG.replace("DI*00", "DC*00"), "needs_person"),
        (BIG.replace("DI*00", "ME*00"), "unknown_status"),
    ],
)
def test_an_invoice_in_doubt_is_for_a_person(big: str, reason: str) -> None:
    """Withdrawn invoices, debit memos and unknown types are not billed."""
    reading = read("810", big, "IT1*1*1*EA*1", "TDS*100")

    assert reading.updates == ()
    assert reasons(reading.held) == [reason]


def test_an_invoice_without_lines_is_for_a_person() -> None:
    """Freight that is billed alone belongs to no line."""
    assert reasons(read("810", BIG, "TDS*100", "SAC*C*G830***100").held) == ["needs_person"]


@pytest.mark.parametrize(
    ("segments", "sentence"),
    [
        (["TDS*100"], "The 810 has no BIG."),
        ([BIG, "IT1*1*1*EA*1"], "The 810 has no TDS01."),
        (
            [BIG, "IT1*1*1*EA*1", "TDS*1.00"],
            "TDS01 is 1.00, which is no number with two implied decimals.",
        ),
        ([BIG, "IT1*1*1*EA", "TDS*100"], "Line 1 of the 810 has no quantity or no price."),
        ([BIG, "IT1*1**EA*1", "TDS*100"], "Line 1 of the 810 has no quantity or no price."),
        ([BIG, "IT1**1e9*EA*1", "TDS*100"], "IT102 of line ? is 1e9, which is no number."),
        (
            [BIG, "IT1*1*1*EA*1", "TDS*100", "SAC*C*G830***1.5"],
            "SAC05 is 1.5, which is no number with two implied decimals.",
        ),
        ([BIG, "IT1*1*1*EA*1", "TXI*ST*x", "TDS*100"], "TXI02 is x, which is no number."),
        (["BIG*20261120*", "IT1*1*1*EA*1", "TDS*100"], "The 810 has no number: BIG02 is empty."),
    ],
)
def test_money_is_all_or_nothing(segments: list[str], sentence: str) -> None:
    """An amount that cannot be read holds the whole invoice, and says where."""
    with pytest.raises(MalformedError) as refused:
        read("810", *segments)

    assert str(refused.value) == sentence


def test_the_currency_is_the_documents() -> None:
    """CUR02 is the currency; none stated is none."""
    assert invoice("CUR*SE*eur", "IT1*1*1*EA*1", "TDS*100").currency == "EUR"
    assert invoice("IT1*1*1*EA*1", "TDS*100").currency == ""


@given(
    amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    tax=st.integers(0, 10**5),
    freight=st.integers(0, 10**5),
)
def test_a_document_that_adds_up_is_read_to_add_up(
    amounts: list[int], tax: int, freight: int
) -> None:
    """Whatever its lines, tax and freight are, the statement adds up to the document's total."""
    lines = [f"IT1*{place}*1*EA*{Decimal(it) / 100}" for place, it in enumerate(amounts, 1)]
    total = sum(amounts) + tax + freight
    charges = [f"SAC*C*H850***{tax}", f"SAC*C*D240***{freight}"]
    update = invoice(*lines, f"TXI*ST*{Decimal(tax) / 100:f}", f"TDS*{total}", *charges)

    assert sums(update) == update.total == Decimal(total) / 100
    assert all(isinstance(line, InvoiceLine) for line in update.lines)


def test_purposes_are_those_of_a_notice() -> None:
    """The table of BSN01 has all three purposes."""
    assert set(PURPOSES.values()) == set(Purpose)
