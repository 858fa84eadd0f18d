"""X12's envelopes: separators, control numbers and counts, secrets, and what is answered."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.configuration import Hmac, SourceSettings
from purchasing.documents import Invoice, OrderConfirmation, ShipNotice
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.formats.x12 import Interchange, Interchanges, read_interchanges
from purchasing.formats.x12_acknowledgement import acknowledgement
from purchasing.formats.x12_elements import said_at
from purchasing.formats.x12_segments import Segment, identity, without_secrets
from purchasing.sources.x12 import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Finding, Reading
from tests.reading import SECRET, notification, payloads, read
from tests.samples import sample
from tests.strategies import bodies, damaged

T = TypeVar("T")

RECEIVED = datetime(2026, 11, 20, 18, tzinfo=UTC)
BODIES = [payload.body for payload in payloads() if payload.format == "x12"]


def isa(number: str = "000000007", **fields: str) -> str:
    """An ISA; fields are named by their numbers, such as `at_15`."""
    values = {
        "at_1": "00",
        "at_2": " " * 10,
        "at_3": "00",
        "at_4": " " * 10,
        "at_5": "ZZ",
        "at_6": "BRAMBLE".ljust(15),
        "at_7": "ZZ",
        "at_8": "OURCOMPANY".ljust(15),
        "at_9": "261120",
        "at_10": "1715",
        "at_11": "U",
        "at_12": "00401",
        "at_13": number,
        "at_14": "0",
        "at_15": "P",
        "at_16": ">",
    } | fields
    return "*".join(["ISA", *values.values()])


ACCEPTED = ["ST*855*0001", "BAK*00*AT*PO-1001*20261118****SO1", "SE*3*0001"]


def group(*segments: str, code: str = "PR", number: str = "5", sets: int = 1) -> list[str]:
    """A group around some segments."""
    header = f"GS*{code}*THEM*US*20261120*1715*{number}*X*004010"
    return [header, *segments, f"GE*{sets}*{number}"]


def body(*segments: str, header: str = "", trailer: str = "IEA*1*000000007") -> bytes:
    """A body of one interchange."""
    return "".join(f"{it}~" for it in (header or isa(), *segments, trailer) if it).encode()


def the_interchange(text: bytes) -> Interchange:
    """The one interchange of a body."""
    (interchange,) = read_interchanges(text).interchanges
    return interchange


def reading(text: bytes) -> Reading:
    """What a body is read as."""
    return read(SOURCE, notification("x12", text))


def answered(text: bytes) -> list[str]:
    """The segments of the answer to a body; none if there is no answer."""
    answer = acknowledgement(read_interchanges(text), RECEIVED)
    return answer.body.decode().split("~")[:-1] if answer else []


# The proof


def test_the_proof_is_what_was_agreed() -> None:
    """A shown secret or a hash proves a body; a password in the interchange proves nothing."""
    posted = notification("x12", body(header=isa(at_4=SECRET[:10])))
    shown, hashed = (
        Trust(settings=SourceSettings(format="x12", secrets=(SECRET,), hmac=agreed))
        for agreed in (None, Hmac(header="X-Proof"))
    )

    for trust in (shown, hashed):
        headers = dict(SOURCE.sign(posted, trust, RECEIVED))
        assert headers["content-type"] == "application/edi-x12"
        SOURCE.authenticate(msgspec.structs.replace(posted, headers=headers), trust, RECEIVED)
        with pytest.raises(UnauthenticatedError):
            SOURCE.authenticate(posted, trust, RECEIVED)


def test_the_sender_is_told_that_it_is_kept() -> None:
    """The answer to the posting itself is ours; the 997 is made later."""
    answer = SOURCE.answer(notification("x12", b""), Receipt("n-1"))

    assert (answer.status, answer.content_type) == (202, "application/json")


# Separators

_SIGNS = st.characters(codec="utf-8", exclude_categories=["L", "N", "Zs", "Cc", "Cs"])


@given(data=st.data(), signs=st.lists(_SIGNS, min_size=3, max_size=3, unique=True))
def test_any_separators_and_texts_are_told_apart(data: st.DataObject, signs: list[str]) -> None:
    """Any three signs separate any texts in which they are not, and nothing of a text is lost."""
    assume(not any(sign.isalnum() or sign == "\ufeff" for sign in signs))
    element, component, terminator = signs
    letters = st.characters(codec="utf-8", exclude_characters=signs).filter(str.isprintable)
    texts = st.text(letters, max_size=20).map(str.strip)
    elements = data.draw(st.lists(texts.filter(lambda it: not it.startswith("ISA")), min_size=1))
    assume(len(elements) <= 100)
    segments = [isa(at_16="").split("*")[:16], ["GS"], ["ST"], ["XYZ", *elements]]
    lines = [element.join(it) for it in segments]
    lines[0] += f"{element}{component}"
    tail = [element.join(it) for it in (["SE", "3"], ["GE", "1"], ["IEA", "1", "7"])]
    written = "".join(line + terminator for line in (*lines, *tail)).encode()

    interchange = the_interchange(written)

    ((transaction,),) = (it.transactions for it in interchange.groups)
    (segment,) = transaction.segments
    assert [segment.at(place) for place in range(1, len(elements) + 1)] == elements
    assert interchange.fault is None
    assert interchange.number == "000000007"


@pytest.mark.parametrize(
    "terminator", ["~", "~\n", "~\r\n", "\n", "\r\n", "\r", "\t", "'", "§", "~ \t\n"]
)
@pytest.mark.parametrize("lead", ["", "\ufeff", " \r\n\t", "\ufeff\n"])
def test_what_stands_around_segments_is_no_data(terminator: str, lead: str) -> None:
    """Line breaks, tabs and a byte order mark around segments change nothing."""
    plain = body(*group(*ACCEPTED)).decode()
    written = (lead + plain.replace("~", terminator)).encode()

    assert reading(written).updates == reading(plain.encode()).updates != ()
    assert reading(written).held == ()


def test_the_last_segment_need_not_be_ended() -> None:
    """An IEA without a terminator is whole."""
    assert reading(body(*group(*ACCEPTED)).removesuffix(b"~")).held == ()


def test_a_body_that_was_wrapped_is_put_together() -> None:
    """Line breaks within a segment are dropped: some gateways break lines at 80 characters."""
    plain = body(*group(*ACCEPTED)).decode()
    wrapped = "\r\n".join(plain[place : place + 80] for place in range(0, len(plain), 80))

    assert reading(wrapped.encode()).updates == reading(plain.encode()).updates


def test_an_isa_need_not_be_padded() -> None:
    """The terminator is found by counting sixteen elements."""
    header = "*".join(part.strip() for part in isa(at_12="00204").split("*"))

    assert reading(body(*group(*ACCEPTED), header=header)).held == ()


def test_repetitions_stay_in_one_text() -> None:
    """ISA11 as the repetition separator does no harm."""
    header = isa(at_11="^", at_12="00501")
    sets = ["ST*855*0001", "BAK*00*AT*PO^1*20261118****SO1", "SE*3*0001"]
    (update,) = statements(OrderConfirmation, body(*group(*sets), header=header))

    assert update.item.po_number == "PO^1"


def test_what_cannot_be_seen_is_left_out() -> None:
    """Control characters inside of an element are no part of it."""
    assert Segment("REF", (" a\x00b\x1b ",)).at(1) == "ab"
    assert Segment("REF").at(1) == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The body is empty, and no X12."),
        (" \n", "The body is empty, and no X12."),
        ("hello", "At character 1 there is no ISA, with which an interchange begins."),
        ("ISA", "The ISA at character 1 has not its sixteen elements."),
        ("ISABELLA*1", "The ISA at character 1 has not its sixteen elements."),
        ("ISA 00 ", "The ISA at character 1 has not its sixteen elements."),
        ("\nISA*00*x~", "The ISA at character 2 has not its sixteen elements."),
        (isa(), "The ISA at character 1 has not its sixteen elements."),
        (isa(at_6="x" * 600) + "~", "The ISA at character 1 has not its sixteen elements."),
        (isa() + "*", "The ISA at character 1 does not tell how segments end."),
        (isa() + ">", "The ISA at character 1 does not tell how segments end."),
        (isa() + "G", "The ISA at character 1 does not tell how segments end."),
        (isa(at_16="*") + "~", "The ISA at character 1 does not tell how segments end."),
    ],
)
def test_what_is_no_interchange_is_refused(text: str, sentence: str) -> None:
    """A body that does not begin with a whole ISA is refused with what is wrong and where."""
    with pytest.raises(MalformedError) as refused:
        read_interchanges(text.encode())

    assert str(refused.value) == sentence


def test_a_body_has_an_end() -> None:
    """Segments are counted, over all interchanges of a body; those before too many are read."""
    whole = body(*group(*ACCEPTED))
    flood = (isa() + "~" + "X~" * 200_001).encode()

    read = reading(whole + flood)

    assert [it.detail for it in read.held] == ["The body has more than 200000 segments."]
    assert read.updates == reading(whole).updates != ()


# Envelopes


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        (
            body(*group(*ACCEPTED), trailer=""),
            "023",
            "Interchange 000000007 has no IEA: its end is missing.",
        ),
        (body(trailer=""), "023", "Interchange 000000007 has no IEA: its end is missing."),
        (
            body(*group(*ACCEPTED), trailer="IEA*1*000000008"),
            "001",
            "ISA13 is 000000007, and IEA02 is 000000008.",
        ),
        (body(*group(*ACCEPTED), trailer="IEA*1"), "001", "ISA13 is 000000007, and IEA02 is ."),
        (
            body(*group(*ACCEPTED), trailer="IEA*2*7"),
            "021",
            "IEA01 says 2 groups, and there are 1.",
        ),
        (body(*group(*ACCEPTED), trailer="IEA**7"), "021", "IEA01 says  groups, and there are 1."),
        (
            body("REF*XX*1", *group(*ACCEPTED)),
            "024",
            "Interchange 000000007 has REF outside of its groups.",
        ),
    ],
)
def test_a_broken_interchange_is_held_and_answered_with_ta1(
    text: bytes, code: str, sentence: str
) -> None:
    """Where the interchange's own envelope is wrong, nothing of it is read, and TA1 says why."""
    assert reading(text) == Reading(
        held=(Finding("malformed", sentence),), acknowledgement=reading(text).acknowledgement
    )
    header, ta1, trailer = answered(text)
    assert header.startswith("ISA*00*")
    assert ta1 == f"TA1*000000007*261120*1715*R*{code}"
    assert trailer == "IEA*0*000000007"


@pytest.mark.parametrize(
    ("segments", "code", "sentence"),
    [
        (group(*ACCEPTED)[:-1], "3", "Group 5 has no GE: its end is missing."),
        ([*group(*ACCEPTED)[:-1], "GE*1*6"], "4", "GS06 is 5, and GE02 is 6."),
        (group(*ACCEPTED, sets=2), "5", "GE01 says 2 transaction sets, and there are 1."),
        (group("N1*ST*x", *ACCEPTED), "5", "Group 5 has N1 outside of its transaction sets."),
    ],
)
def test_a_broken_group_is_held_and_rejected(segments: list[str], code: str, sentence: str) -> None:
    """Where a group's envelope is wrong, it waits, and the other groups go on."""
    other = group(*ACCEPTED, number="6")
    text = body(*segments, *other, trailer="IEA*2*000000007")

    assert [it.detail for it in reading(text).held] == [sentence]
    assert len(reading(text).updates) == 1
    assert [it for it in answered(text) if it.startswith(("AK5", "AK9"))] == [
        "AK5*R",
        f"AK9*R*{segments[-1].split('*')[1] if code != '3' else 1}*1*0*{code}",
        "AK5*A",
        "AK9*A*1*1*1",
    ]


@pytest.mark.parametrize(
    ("broken", "code", "sentence"),
    [
        (
            ["ST*855*0001", "BAK*00*AT*PO-1"],
            "2",
            "Transaction set 0001 has no SE: its end is missing.",
        ),
        (["ST**0001", "SE*2*0001"], "6", "Transaction set 0001 does not say what it is."),
        (["ST*855*0001", "SE*2*0002"], "3", "ST02 is 0001, and SE02 is 0002."),
        (["ST*855", "SE*2"], "3", "ST02 is empty, and SE02 is ."),
        (["ST*855*0001", "SE*3*0001"], "4", "SE01 says 3 segments, and there are 2."),
        (["ST*855*0001", "SE**0001"], "4", "SE01 says  segments, and there are 2."),
        (["ST*855*0001", "SE*²*0001"], "4", "SE01 says ² segments, and there are 2."),
        (
            ["ST*855*0001", f"MSG*{'x' * 513}", "SE*3*0001"],
            "5",
            "Transaction set 0001 has a segment larger than any segment is.",
        ),
        (
            ["ST*855*0001", f"ACK{'*1' * 129}", "SE*3*0001"],
            "5",
            "Transaction set 0001 has a segment larger than any segment is.",
        ),
    ],
)
def test_a_broken_set_is_held_and_rejected(broken: list[str], code: str, sentence: str) -> None:
    """Where a transaction set's envelope is wrong, it waits, and the other sets go on."""
    second = [it.replace("0001", "0009") for it in ACCEPTED]
    text = body(*group(*broken, *second, sets=2))

    assert reading(text).held == (Finding("malformed", sentence),)
    assert len(reading(text).updates) == 1
    assert [it for it in answered(text) if it.startswith(("AK5", "AK9"))] == [
        f"AK5*R*{code}",
        "AK5*A",
        "AK9*P*2*2*1",
    ]


def test_leading_zeros_of_control_numbers_say_nothing() -> None:
    """ISA13 and GS06 are numbers; ST02 is a text."""
    segments = [*group(*ACCEPTED)[:-1], "GE*01*0005"]

    assert reading(body(*segments, trailer="IEA*01*7")).held == ()


def test_each_interchange_of_a_body_is_read_by_itself() -> None:
    """Interchanges may have separators of their own, and one that breaks off ends at the next."""
    whole = body(*group(*ACCEPTED))
    other = whole.replace(b"*", b"|").replace(b"~", b"\n").replace(b">", b":")
    broken = body(*group(*ACCEPTED), trailer="")
    text = whole + b"\r\n" + broken + b"\n" + other + b"\x1a"

    assert len(reading(text).updates) == 2
    assert [it.reason for it in reading(text).held] == ["malformed"]
    answer = reading(text).acknowledgement
    assert answer is not None
    assert (answer.status, answer.content_type) == (200, "application/edi-x12")
    answers = read_interchanges(answer.body)
    assert [it.separators.element for it in answers.interchanges] == ["*", "*", "|"]
    assert [it.fault for it in answers.interchanges] == [None, None, None]
    assert [it.header.at(6) for it in answers.interchanges] == ["OURCOMPANY"] * 3


def test_what_follows_an_interchange_and_is_none_waits() -> None:
    """Something else behind the last IEA holds nothing but itself."""
    text = body(*group(*ACCEPTED))

    assert len(reading(text + b"hello").updates) == 1
    (held,) = reading(text + b"hello").held
    assert held == Finding(
        "malformed",
        f"At character {len(text) + 1} there is no ISA, with which an interchange begins.",
    )


def test_a_body_is_utf8_or_latin_1() -> None:
    """A text that is no UTF-8 is Latin-1, in what is read and in what is answered."""
    header = isa(at_6="BÄUERLE")
    text = body(*group(*ACCEPTED), header=header).decode()

    for encoding in ("utf-8", "latin-1"):
        read_back = read_interchanges(text.encode(encoding))
        assert read_back.encoding == encoding
        assert read_back.interchanges[0].header.at(6) == "BÄUERLE"
        answer = acknowledgement(read_back, RECEIVED)
        assert answer is not None
        assert "BÄUERLE" in answer.body.decode(encoding)


# What causes nothing


@pytest.mark.parametrize("kind", ["820", "824", "850", "860", "870", "997", "999", "XYZ"])
def test_other_sets_cause_nothing(kind: str) -> None:
    """Sets that tell nothing of an order's progress are ignored, and acknowledged."""
    text = body(*group(f"ST*{kind}*0001", "SE*2*0001"))

    assert [it.reason for it in reading(text).ignored] == ["unsupported_kind"]
    assert "AK5*A" in answered(text)


@pytest.mark.parametrize("segments", [["TA1*1*261120*1715*A*000"], [], group(sets=0)])
def test_an_interchange_without_sets_causes_nothing(segments: list[str]) -> None:
    """A TA1, an empty interchange and an empty group are ignored."""
    text = body(*segments, trailer=f"IEA*{int(len(segments) > 1)}*7")

    assert [it.reason for it in reading(text).ignored] == ["unsupported_kind"]


def test_a_test_causes_nothing_and_is_answered_as_a_test() -> None:
    """ISA15 T is a test; who tries out a connection waits for the answer."""
    text = body(*group(*ACCEPTED), header=isa(at_15="T"))

    assert reading(text).updates == ()
    assert [it.reason for it in reading(text).ignored] == ["test_mode"]
    assert answered(text)[0].endswith("*T*>")
    assert "AK5*A" in answered(text)


# Acknowledgements


def test_a_group_is_acknowledged_with_a_997() -> None:
    """Identities change places, control numbers are theirs, and the time is that of the receipt."""
    theirs = f"ZZ*{'OURCOMPANY':15}*ZZ*{'BRAMBLE':15}"
    blank = f"00*{' ' * 10}"
    assert answered(body(*group(*ACCEPTED))) == [
        f"ISA*{blank}*{blank}*{theirs}*261120*1800*U*00401*000000007*0*P*>",
        "GS*FA*US*THEM*20261120*1800*5*X*004010",
        "ST*997*0001",
        "AK1*PR*5",
        "AK2*855*0001",
        "AK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*5",
        "IEA*1*000000007",
    ]


def test_acknowledgements_are_not_acknowledged() -> None:
    """A group of acknowledgements, a TA1 and both together get no answer; a mixed one gets one."""
    answers = group("ST*997*0001", "SE*2*0001", code="FA")

    assert answered(body(*answers)) == []
    assert answered(body("TA1*1*261120*1715*A*000", trailer="IEA*0*7")) == []
    assert answered(body(*answers, trailer="IEA*1*8")) == []
    mixed = answered(body(*answers, *group(*ACCEPTED, number="6"), trailer="IEA*2*7"))
    assert [it for it in mixed if it.startswith(("AK1", "IEA"))] == ["AK1*PR*6", "IEA*1*000000007"]


def test_an_interchange_that_asks_for_it_is_answered_with_ta1() -> None:
    """ISA14 1 asks for a TA1, which comes before the 997."""
    text = body(*group(*ACCEPTED), header=isa(at_14="1"))

    assert answered(text)[1] == "TA1*000000007*261120*1715*A*000"
    assert "AK5*A" in answered(text)


@pytest.mark.parametrize(
    ("version", "sign", "expected"),
    [("00401", "-", "U"), ("00501", "^", "^"), ("00501", "", "U"), ("00501", "~", "U")],
)
def test_the_answer_keeps_the_repetition_separator(version: str, sign: str, expected: str) -> None:
    """Later versions have a repetition separator in ISA11, which is not one of the other signs."""
    header = isa(at_11=sign, at_12=version).replace("*~*", "*\x00*")

    assert f"*{expected}*{version}*" in answered(body(*group(*ACCEPTED), header=header))[0]


def test_the_answer_does_not_depend_on_the_zone() -> None:
    """The time of the answer is in UTC, wherever the notification was received."""
    read_back: Interchanges = read_interchanges(body(*group(*ACCEPTED)))
    shifted = RECEIVED.astimezone(datetime(2026, 1, 1).astimezone().tzinfo)

    assert acknowledgement(read_back, shifted) == acknowledgement(read_back, RECEIVED)


@given(data=st.data())
def test_every_answer_is_an_interchange_that_is_right(data: st.DataObject) -> None:
    """Whatever is answered, its own control numbers and counts are right."""
    text = data.draw(damaged(data.draw(st.sampled_from(BODIES))))
    try:
        answer = acknowledgement(read_interchanges(text), RECEIVED)
    except MalformedError:
        return
    if answer is not None:
        assert read_interchanges(answer.body).fault == ""


# Secrets, keys and times


def test_passwords_are_never_stored() -> None:
    """ISA02 and ISA04 are blank afterwards, and the body says the same as before."""
    header = isa(at_1="01", at_2="LETMEIN   ", at_3="01", at_4="0000000000")
    text = body(*group(*ACCEPTED), header=header)
    hidden = without_secrets(text)

    assert b"LETMEIN" not in hidden
    assert hidden == text.replace(b"LETMEIN   ", b" " * 10).replace(b"0000000000", b" " * 10)
    assert SOURCE.without_secrets(hidden) == hidden
    assert reading(hidden) == reading(text)


@pytest.mark.parametrize(
    "text",
    [
        "ISA*00*hush*00*psst",
        "ISA*00*hush*00*psst*ZZ*x",
        "ISA*00*hush",
        "\ufeff  ISA*00*hush*00*psst*ZZ~",
        "form=ISA|00|hush|00|psst|ZZ|",
        "ISA*03*hush*01*psst*ZZ*B*ZZ*U*261120*1715*U*00401*7*0*P*>~IEA*0*7~ISA+03+hush+01+psst+ZZ",
        "ISA*03*hush*01*psst*ZZ*B*ZZ*U*261120*1715*U*00401*7*0*P*>~GS*X~ISA*03*hush*01*psst*ZZ*Ä",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_passwords_are_hidden_in_broken_envelopes(text: str, encoding: str) -> None:
    """An ISA that is not padded, cut off or out of place keeps its secrets to itself too."""
    hidden = without_secrets(
        text.replace("\ufeff", "" if encoding == "latin-1" else "\ufeff").encode(encoding)
    )

    assert b"hush" not in hidden
    assert b"psst" not in hidden


def test_what_only_looks_like_an_isa_is_kept() -> None:
    """A party called ISA in a whole interchange loses nothing."""
    sets = [
        "ST*855*0001",
        "BAK*00*AT*PO-1001",
        "N1*SE*ISA*92*12345",
        "N1*ST*ISA*92*6789",
        "SE*5*0001",
    ]
    text = body(*group(*sets))

    assert without_secrets(text) == text


@given(text=bodies)
def test_any_bytes_have_a_body_without_secrets(text: bytes) -> None:
    """Any bytes at all can be stored, and what was hidden once stays as it is."""
    assert without_secrets(without_secrets(text)) == without_secrets(text)


def test_a_key_is_of_sender_number_and_content() -> None:
    """A repetition keeps the key; a control number that is used again does not stand for it."""
    text = body(*group(*ACCEPTED))
    other = body(*group(*ACCEPTED, number="6"))

    assert identity(text).startswith("ZZ:BRAMBLE:000000007:body:")
    assert identity(text) == SOURCE.delivery_key(notification("x12", text))
    assert identity(text) != identity(other)
    assert identity(b"hello").startswith("body:")


def test_the_key_does_not_give_a_password_away() -> None:
    """The hash is of the body as it is stored: of a short password, it could be guessed."""
    one, other = (body(header=isa(at_4=secret), trailer="") for secret in ("aaaaaaaaaa", "b"))

    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    ("on", "at", "expected"),
    [
        ("261120", "1715", datetime(2026, 11, 20, 17, 15, tzinfo=UTC)),
        ("20261120", "171559", datetime(2026, 11, 20, 17, 15, tzinfo=UTC)),
        ("960807", "0000", datetime(1996, 8, 7, tzinfo=UTC)),
        ("261320", "1715", None),
        ("261120", "2415", None),
        ("261120", "", None),
        ("", "1715", None),
        ("2611²0", "1715", None),
    ],
)
def test_the_envelope_tells_the_age(on: str, at: str, expected: datetime | None) -> None:
    """ISA09 and ISA10 are taken as UTC; what cannot be read is not known."""
    assert said_at(the_interchange(body(header=isa(at_9=on, at_10=at), trailer=""))) == expected


@given(data=st.data())
def test_damaged_interchanges_are_read_or_refused(data: st.DataObject) -> None:
    """A body that was damaged on its way has a reading with something in it, or is refused."""
    text = data.draw(damaged(data.draw(st.sampled_from(BODIES))))

    found = reading(text)

    assert found.updates or found.held or found.ignored


def test_reading_takes_no_long_time() -> None:
    """A body that is all levels, or all passwords, is judged in time."""
    levels = "".join(f"HL*{place}*{place - 1 or ''}*S~" for place in range(1, 20_000))
    started = datetime.now(UTC)

    reading(body(*group("ST*856*1", "BSN*00*1", *levels.split("~"), "SE*20002*1")))
    without_secrets(b"ISA*00*x" * 50_000)
    without_secrets("".join(f"ISA{chr(0x2200 + place % 900)}" for place in range(50_000)).encode())

    assert datetime.now(UTC) - started < timedelta(seconds=20)


# The samples of suppliers


def live(name: str) -> bytes:
    """A public sample; those that are marked as tests as if they were not."""
    return sample(f"suppliers/x12/{name}").replace(b"*0*T*>", b"*0*P*>")


def statements(kind: type[T], text: bytes) -> list[T]:
    """The statements of a body, which are all of one kind."""
    updates = reading(text).updates
    assert all(isinstance(it, kind) for it in updates)
    return [it for it in updates if isinstance(it, kind)]


def test_two_samples_are_tests() -> None:
    """What is marked as a test causes nothing."""
    for name in ("810-line-charges-bom-tabs.edi", "810-two-invoices-same-number.edi"):
        found = reading(sample(f"suppliers/x12/{name}"))
        assert [it.reason for it in found.ignored] == ["test_mode"]


def test_the_sample_with_the_same_tax_four_times() -> None:
    """Tax stays at the lines; a shipping charge that differs there counts as the document's."""
    (update,) = statements(Invoice, live("810-line-charges-bom-tabs.edi"))

    assert update.total == Decimal("401.92")
    assert [line.total for line in update.lines] == [Decimal("199.98"), Decimal("159.98")]
    assert [line.amounts.tax for line in update.lines] == [Decimal("19.98"), Decimal("15.98")]
    assert [line.amounts.shipping for line in update.lines] == [0, 0]
    assert (update.amounts.tax, update.amounts.shipping) == (Decimal(0), Decimal("6.00"))
    assert update.document.number == "DO091003TESTINV01TAX"


def test_the_sample_of_two_invoices_with_one_number() -> None:
    """Two sets are two invoices, each with its own order."""
    updates = statements(Invoice, live("810-two-invoices-same-number.edi"))

    assert [it.document.number for it in updates] == ["00001"] * 2
    assert [it.total for it in updates] == [Decimal("2554.38")] * 2
    assert [it.lines[0].item.po_number for it in updates] == ["A99999-01", "A99999-04"]
    assert [len(it.lines) for it in updates] == [7, 2]


def test_the_sample_that_refuses_two_lines() -> None:
    """Two lines are accepted, two refused with a quantity of nothing."""
    updates = statements(OrderConfirmation, live("855-partial-reject.edi"))

    assert [str(it.promise) for it in updates] == ["accepted", "rejected", "rejected", "accepted"]
    assert [it.item.line_number for it in updates] == ["1", "2", "3", "4"]
    assert [it.quantity for it in updates] == [3, 0, 0, 2]
    assert [it.words for it in updates] == ["Code AC", "Code CW", "Code KK", "Code AC"]


def test_the_sample_with_a_wrong_control_number() -> None:
    """IEA02 of the sample is that of its group; put right, its items are read."""
    text = live("856-newline-terminator.txt")
    assert [it.reason for it in reading(text).held] == ["malformed"]

    updates = statements(ShipNotice, text.replace(b"IEA*1*000000049", b"IEA*1*000003438"))

    assert [it.item.supplier_part_number for it in updates] == ["87787D", "99887D"]
    assert [it.item.po_number for it in updates] == ["99999817"] * 2
    assert [it.quantity for it in updates] == [24, 6]
    assert [it.tracking_numbers for it in updates] == [("5787970539",)] * 2
    assert {it.shipped_on for it in updates} == {date(2011, 12, 6)}


def test_the_sample_of_an_acknowledgement() -> None:
    """A rejection by 997 is no word about an order, and is not answered."""
    found = reading(live("997-rejected.edi"))

    assert [it.reason for it in found.ignored] == ["unsupported_kind"]
    assert found.acknowledgement is None
