"""EDIFACT: envelopes, character sets, order responses, despatch advices, invoices, CONTRL."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import Hmac, SourceSettings
from purchasing.documents import Amounts, Invoice, OrderConfirmation, Promise, ShipNotice
from purchasing.errors import MalformedError, UnauthenticatedError
from purchasing.formats.edifact import Interchange, read_interchanges
from purchasing.formats.edifact_secrets import without_passwords
from purchasing.formats.edifact_syntax import CODECS
from purchasing.handshakes import HidesSecrets
from purchasing.sources.edifact import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Finding, Reading
from tests.reading import RECEIVED_AT, SECRET, notification
from tests.samples import sample

UNB = "UNB+UNOC:3+SUPPLIER:14+BUYER:14+261119:0915+R1'"


def message(kind: str, *segments: str, reference: str = "1") -> str:
    """A message with its envelope, rightly counted."""
    inner = "".join(f"{segment}'" for segment in segments)
    count = len(segments) + 2
    return f"UNH+{reference}+{kind}:D:96A:UN'{inner}UNT+{count}+{reference}'"


def body_of(*messages: str, header: str = UNB, trailer: str = "") -> bytes:
    """An interchange around some messages."""
    text = header + "".join(messages) + (trailer or f"UNZ+{len(messages)}+R1'")
    return text.encode("latin-1")


def read(body: bytes) -> Reading:
    """What the source says of a body."""
    return SOURCE.read(notification("edifact", body))


def only(body: bytes) -> Interchange:
    """The one interchange of a body."""
    (interchange,) = read_interchanges(body)
    return interchange


def response(*segments: str, answer: str = "AC") -> Reading:
    """The reading of an order response for PO-1."""
    head = (f"BGM+231+AB-1+9+{answer}", "RFF+ON:PO-1")
    return read(body_of(message("ORDRSP", *head, *segments)))


def advice(*segments: str) -> Reading:
    """The reading of a despatch advice."""
    return read(body_of(message("DESADV", "BGM+351+LS-1+9", *segments)))


def invoice(*segments: str, name: str = "380") -> Reading:
    """The reading of an invoice for PO-1."""
    return read(body_of(message("INVOIC", f"BGM+{name}+RE-1+9", "RFF+ON:PO-1", *segments)))


def the_confirmation(reading: Reading) -> OrderConfirmation:
    """The one confirmation of a reading that holds nothing."""
    assert reading.held == ()
    (update,) = reading.updates
    assert isinstance(update, OrderConfirmation)
    return update


def the_notice(reading: Reading) -> ShipNotice:
    """The one ship notice of a reading that holds nothing."""
    assert reading.held == ()
    (update,) = reading.updates
    assert isinstance(update, ShipNotice)
    return update


def the_invoice(reading: Reading) -> Invoice:
    """The one invoice of a reading that holds nothing."""
    assert reading.held == ()
    (update,) = reading.updates
    assert isinstance(update, Invoice)
    return update


def reason(findings: tuple[Finding, ...], words: str = "") -> str:
    """The reason of the one finding, whose detail has some words."""
    (finding,) = findings
    assert words in finding.detail
    return finding.reason


# Authenticity


def is_authentic(headers: Mapping[str, str], path_token: str = "", **more: Any) -> bool:
    """Whether a posting is proven with the tests' secret."""
    posted = msgspec.structs.replace(
        notification("edifact", body_of(), dict(headers)), path_token=path_token
    )
    trust = Trust(settings=SourceSettings(format="edifact", secrets=(SECRET,), **more))
    try:
        SOURCE.authenticate(posted, trust, RECEIVED_AT)
    except UnauthenticatedError:
        return False
    return True


def test_a_secret_is_shown_as_agreed() -> None:
    """A bearer token or the last part of the address proves the sender; nothing else does."""
    assert is_authentic({"authorization": f"Bearer {SECRET}"})
    assert is_authentic({}, path_token=SECRET)
    assert not is_authentic({"authorization": "Bearer another"})
    assert not is_authentic({})


def test_a_shown_secret_proves_nothing_where_a_hash_is_agreed() -> None:
    """Where the body is to be hashed, the secret itself is no proof."""
    agreed = Hmac(header="X-Signature")

    assert not is_authentic({"authorization": f"Bearer {SECRET}"}, hmac=agreed)


def test_the_same_reference_with_other_bytes_is_another_transmission() -> None:
    """Control references are used again, so they do not make two postings the same one."""
    first, other = (
        SOURCE.delivery_key(notification("edifact", body_of(message("ORDRSP", segment))))
        for segment in ("BGM+231+A", "BGM+231+B")
    )

    assert first != other


def test_a_password_is_taken_out_before_a_body_is_kept() -> None:
    """UNB 0022 and UNG 0058 are emptied, under any service characters, and read as before."""
    assert isinstance(SOURCE, HidesSecrets)
    header = "UNB+UNOC:3+A:14+B:14+261119:0915+R1+PASS?+WORD:AA+ORDRSP'"
    group = "UNG+ORDRSP+A+B+261119:0915+G1+UN+D:96A+GROUPPASS'"
    other = "UNA=*.! ~\r\nUNB*UNOC=3*A*B*261119=0915*R2*SE!*CRET~UNZ*0*R2~"
    spaced = "UNA:+. 'UNB+UNOC:3+A+B+261119:0915+R3+TOP+X'"
    body = (header + group + other + spaced).encode()

    kept = SOURCE.without_secrets(body)

    assert kept == (
        b"UNB+UNOC:3+A:14+B:14+261119:0915+R1++ORDRSP'"
        b"UNG+ORDRSP+A+B+261119:0915+G1+UN+D:96A+'"
        b"UNA=*.! ~\r\nUNB*UNOC=3*A*B*261119=0915*R2*~UNZ*0*R2~"
        b"UNA:+. 'UNB+UNOC:3+A+B+261119:0915+R3+TOP+X'"
    )


def test_a_password_is_found_where_nothing_releases() -> None:
    """A space in the UNA means that no character is released."""
    body = b"UNA:+.  'UNB+UNOC:3+A+B+261119:0915+R3+TOP?+X'"

    assert without_passwords(body) == b"UNA:+.  'UNB+UNOC:3+A+B+261119:0915+R3++X'"


@given(body=st.binary(max_size=300))
def test_any_body_has_one_without_passwords(body: bytes) -> None:
    """Whatever the bytes, they can be kept, and nothing is left to take out."""
    kept = without_passwords(body)

    assert without_passwords(kept) == kept


# Syntax

SIGNS = st.lists(
    st.sampled_from("!#$%&()*+-./:;<=>?@[]^_{|}~'\"\x1c\x1d\x1f"),
    min_size=4,
    max_size=4,
    unique=True,
)
VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)


@given(
    signs=SIGNS,
    values=st.lists(st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=4),
    line_break=st.sampled_from(("", "\n", "\r\n")),
)
def test_service_characters_of_any_kind_are_understood(
    signs: list[str], values: list[list[str]], line_break: str
) -> None:
    """What is written with any service characters and released is read as it was."""
    component, element, release, terminator = signs

    def written(parts: list[list[str]]) -> str:
        released = str.maketrans({sign: release + sign for sign in signs})
        joined = (component.join(it.translate(released) for it in part) for part in parts)
        return element.join(joined) + terminator + line_break

    segments = (
        [["UNB"], ["UNOY", "4"], ["A"], ["B"], ["20261119", "0915"], ["R1"]],
        [["UNH"], ["1"], ["ORDRSP", "D", "96A", "UN"]],
        [["XYZ"], *values],
        [["UNT"], ["3"], ["1"]],
        [["UNZ"], ["1"], ["R1"]],
    )
    advice_ = f"UNA{component}{element}.{release} {terminator}{line_break}"
    body = (advice_ + "".join(map(written, segments))).encode()

    (read_message,) = only(body).messages

    assert read_message.fault is None
    assert read_message.segments[0].elements == tuple(tuple(part) for part in values)


def test_a_space_in_the_advice_releases_nothing() -> None:
    """Where the UNA gives no release character, spaces stay and a question mark is itself."""
    text = "BGM+231+A B?+9"
    (one,) = only(b"UNA:+.  '" + body_of(message("ORDRSP", text))).messages

    assert one.segments[0].at(1) == "A B?"


@pytest.mark.parametrize(
    "advice_", [b"UNA::.? '", b"UNA:+.+ '", b"UNAx+.? '", b"UNA:+.? ?", b"UNA +.? '"]
)
def test_service_characters_that_cannot_be_told_apart_are_refused(advice_: bytes) -> None:
    """An advice that names a character twice, or a letter, makes the body malformed."""
    with pytest.raises(MalformedError):
        read(advice_ + body_of())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"hello",
        b"UNB",
        b"UNB+",
        b"UNB*UNOC*'",
        b"UNA:+.? 'UNH+1'",
        b"\xff\xfeU\x00N\x00B\x00",
        b"UNB+" + b"A" * 600 + b"'",
        b"UNB+" + b"+" * 40_000 + b"'",
    ],
)
def test_what_is_no_interchange_is_malformed(body: bytes) -> None:
    """A body that does not begin with a whole UNB is refused."""
    with pytest.raises(MalformedError):
        read(body)


def test_a_flood_of_segments_is_refused() -> None:
    """An interchange of more segments than any document has is not read."""
    with pytest.raises(MalformedError, match="too many segments"):
        read(UNB.encode() + b"A'" * 100_001)


@pytest.mark.parametrize(
    ("syntax", "name"),
    [
        ("UNOC", "Ünïcode"),
        ("UNOD", "Łódź"),
        ("UNOE", "Москва"),
        ("UNOF", "Αθήνα"),
        ("UNOY", "東京"),
    ],
)
def test_a_character_set_is_that_of_its_syntax_identifier(syntax: str, name: str) -> None:
    """Names are read in the character set that the UNB announces."""
    text = message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1", f"NAD+SU+1++{name}")
    body = f"UNB+{syntax}:3+A+B+261119:0915+R1'{text}UNZ+1+R1'".encode(CODECS[syntax])

    assert the_confirmation(read(body)).document.supplier == name


def test_bytes_outside_the_character_set_hold_their_message_alone() -> None:
    """An umlaut under UNOA holds its message; the other one is read."""
    broken = message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PÖ-1")
    whole = message("ORDRSP", "BGM+231+AB-2+9+AP", "RFF+ON:PO-1", reference="2")
    reading = read(body_of(broken, whole, header=UNB.replace("UNOC", "UNOA")))

    assert reason(reading.held, "character set") == "malformed"
    assert len(reading.updates) == 1
    assert b"UCM+1+ORDRSP:D:96A:UN+4+21'" in contrl_of(reading)


def test_a_message_whose_header_cannot_be_read_is_held() -> None:
    """A UNH outside the character set leaves a message without a name, which is held."""
    reading = read(body_of("UNH+Ö+ORDRSP'UNT+2+Ö'", header=UNB.replace("UNOC", "UNOA")))

    assert reason(reading.held, "Message ?") == "malformed"


def test_bytes_outside_the_character_set_in_a_trailer_hold_the_interchange() -> None:
    """The interchange behind it is read all the same."""
    broken = body_of(header=UNB.replace("UNOC", "UNOA"), trailer="UNZ+0+Ö'")
    reading = read(broken + body_of(message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1")))

    assert reason(reading.held, "character set") == "malformed"
    assert len(reading.updates) == 1
    assert b"+4+21'" in contrl_of(reading)


def test_an_unknown_character_set_holds_the_interchange() -> None:
    """A syntax identifier that switches sets on the way, or none, is not read."""
    reading = read(body_of(header=UNB.replace("UNOC", "UNOX")))

    assert reason(reading.held, "UNOX") == "malformed"
    assert b"+4+46+UNB'" in contrl_of(reading)
    assert contrl_of(reading).startswith(b"UNB+UNOC:3+BUYER:14+SUPPLIER:14+")


def test_a_byte_order_mark_decides_the_character_set() -> None:
    """A body with the mark of UTF-8 is UTF-8, whatever its UNB says."""
    text = message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1", "NAD+SE+1++Größe")
    body = b"\xef\xbb\xbf" + f"{UNB}{text}UNZ+1+R1'".encode()

    assert the_confirmation(read(body)).document.supplier == "Größe"


def test_lines_may_be_wrapped_anywhere() -> None:
    """Line breaks inside of segments mean nothing."""
    body = body_of(message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO\r\n-1"))

    assert the_confirmation(read(body)).item.po_number == "PO-1"


def test_a_terminator_may_be_a_line_break() -> None:
    """Segments that end with their lines are read, and empty lines are none."""
    text = message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1").replace("'", "\r\n")
    body = f"UNA:+.? \n{UNB[:-1]}\n\n{text}\nUNZ+1+R1\n".encode()

    assert the_confirmation(read(body)).item.po_number == "PO-1"


def test_a_value_beyond_measure_holds_the_message() -> None:
    """A value is not longer than the longest element of the directories."""
    reading = read(body_of(message("ORDRSP", f"BGM+231+{'A' * 513}+9+AC")))

    assert reason(reading.held, "too long") == "malformed"
    assert b"+4+18'" in contrl_of(reading)


def test_control_characters_in_a_value_hold_the_message() -> None:
    """No character set of EDIFACT has control characters."""
    reading = read(body_of(message("ORDRSP", "BGM+231+AB\x01+9+AP")))

    assert reason(reading.held, "control characters") == "malformed"


# Envelopes


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (body_of(trailer="UNZ+0+R2'"), b"28+UNZ", "reference R1 and its UNZ R2"),
        (body_of(message("ORDRSP"), trailer="UNZ+2+R1'"), b"29+UNZ", "counts 2 messages"),
        (body_of(trailer="UNZ++R1'"), b"29+UNZ", "counts no messages"),
        (body_of(trailer="UNZ+x+R1'"), b"29+UNZ", "counts x messages"),
        (body_of(trailer="UNH+1'"), b"13+UNZ", "it has no UNZ"),
        (body_of("BGM+1'", trailer="UNZ+0+R1'"), b"33+UNH", "outside its messages"),
        (
            body_of("UNG+A+B+C+D:T+G'UNE+0+G'BGM+1'", trailer="UNZ+1+R1'"),
            b"30+UNE",
            "outside its groups",
        ),
        (
            body_of("UNH+1'UNE+0+G'UNG+A+B+C+D:T+G'UNE+0+G'", trailer="UNZ+1+R1'"),
            b"30+UNG",
            "outside its groups",
        ),
        (
            body_of("UNG+A+B+C+D:T+G'UNE+0+G'", trailer="UNZ+2+R1'"),
            b"29+UNZ",
            "counts 2 groups",
        ),
    ],
)
def test_a_wrong_envelope_holds_the_interchange(body: bytes, code: bytes, words: str) -> None:
    """An interchange whose own counts or references are wrong is held, and rejected."""
    reading = read(body)

    assert reading.updates == ()
    assert reason(reading.held, words) == "malformed"
    assert b"UCI+R1+SUPPLIER:14+BUYER:14+4+" + code in contrl_of(reading)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UNH+1+ORDRSP:D:96A:UN'UNT+2+2'", b"28+UNT"),
        ("UNH+1+ORDRSP:D:96A:UN'UNT+3+1'", b"29+UNT"),
        ("UNH+1+ORDRSP:D:96A:UN'BGM+231'", b"13+UNT"),
        ("UNH+1+ORDRSP:D:96A:UN'", b"13+UNT"),
    ],
)
def test_a_wrong_envelope_of_a_message_holds_that_message(text: str, code: bytes) -> None:
    """The message beside it is read, and only the wrong one is rejected."""
    good = message("ORDRSP", "BGM+231+AB-2+9+AP", "RFF+ON:PO-1", reference="2")
    reading = read(body_of(text, good))

    assert len(reading.updates) == 1
    assert reason(reading.held) == "malformed"
    assert b"UCM+1+ORDRSP:D:96A:UN+4+" + code in contrl_of(reading)
    assert b"UCM+2+ORDRSP:D:96A:UN+7'" in contrl_of(reading)


def test_a_message_without_a_reference_is_held() -> None:
    """A UNH has to name its message."""
    assert reason(read(body_of("UNH'UNT+2+'")).held, "no reference") == "malformed"


def test_a_group_whose_references_differ_is_held_by_itself() -> None:
    """UNG 0048 is what UNE 0048 repeats; the group beside it is read."""
    inner = message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1")
    groups = "".join(
        f"UNG+ORDRSP+A:ZZ+B:ZZ+261119:0915+{name}'{inner}UNE+1+G1'" for name in ("G1", "G2")
    )
    reading = read(body_of(groups, trailer="UNZ+2+R1'"))

    assert len(reading.updates) == 1
    assert reason(reading.held, "UNG has the reference G2") == "malformed"
    contrl = contrl_of(reading)
    assert b"UCF+G1+A:ZZ+B:ZZ+7'UCM+1+ORDRSP:D:96A:UN+7'UCF+G2+A:ZZ+B:ZZ+4+28+UNE'" in contrl


def test_two_interchanges_without_an_advice_are_two() -> None:
    """An interchange that breaks off where the next begins harms that one only."""
    whole = body_of(message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1"))
    for first in (body_of(), UNB.encode()):
        reading = read(first + b"\r\n" + whole)
        assert len(reading.updates) == 1
        assert contrl_of(reading).count(b"UNB+") == 2


def test_what_stands_behind_an_interchange_is_held() -> None:
    """Bytes that are no interchange are held, and the interchange before them is read."""
    reading = read(body_of(message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1")) + b"and more")

    assert len(reading.updates) == 1
    assert reason(reading.held, "no UNB") == "malformed"


def test_an_interchange_without_messages_says_nothing() -> None:
    """It is ignored as one."""
    assert reason(read(body_of()).ignored, "no message") == "unsupported_kind"


@pytest.mark.parametrize(
    ("given_time", "said"),
    [
        ("261119:0915", datetime(2026, 11, 19, 9, 15, tzinfo=UTC)),
        ("20261119:2359", datetime(2026, 11, 19, 23, 59, tzinfo=UTC)),
        ("261119", datetime(2026, 11, 19, tzinfo=UTC)),
        ("269919:0915", None),
        ("", None),
    ],
)
def test_the_time_of_an_interchange_is_taken_for_utc(
    given_time: str, said: datetime | None
) -> None:
    """UNB 0017 and 0019 have no zone; a time that is none is left out."""
    header = UNB.replace("261119:0915", given_time)

    assert only(body_of(header=header)).prepared_at == said


# CONTRL


def contrl_of(reading: Reading) -> bytes:
    """The acknowledgement of a reading."""
    assert reading.acknowledgement is not None
    assert reading.acknowledgement.status == 200
    assert reading.acknowledgement.content_type == "application/EDIFACT"
    return reading.acknowledgement.body


def test_an_interchange_is_acknowledged_to_its_sender() -> None:
    """The identities are turned round, the references follow from theirs, nothing is left open."""
    body = body_of(message("ORDRSP", "BGM+231+AB-1+9+AP", "RFF+ON:PO-1"))
    first, again = contrl_of(read(body)), contrl_of(read(body))

    assert first == again
    (control,) = read_interchanges(first)
    assert control.fault is None
    assert control.header.elements[1:4] == (("BUYER", "14"), ("SUPPLIER", "14"), ("261120", "1800"))
    assert len(control.reference) == 14
    (one,) = control.messages
    assert one.fault is None
    assert one.identifier == ("CONTRL", "D", "3", "UN")
    assert [(it.tag, it.elements) for it in one.segments] == [
        ("UCI", (("R1",), ("SUPPLIER", "14"), ("BUYER", "14"), ("7",))),
        ("UCM", (("1",), ("ORDRSP", "D", "96A", "UN"), ("7",))),
    ]


def test_version_four_is_acknowledged_in_its_own_way() -> None:
    """Syntax version 4 writes the century, has its own CONTRL, and a test is answered as one."""
    header = "UNB+UNOY:4:::01+SUP?+PLIER+BUYER+20261119:0915+R1++++++1'"
    contrl = contrl_of(read(body_of(message("ORDRSP", "BGM+231"), header=header)))

    assert contrl.startswith(b"UNB+UNOY:4:::01+BUYER+SUP?+PLIER+20261120:1800+")
    assert b"++++++1'UNH+1+CONTRL:4:1:UN'" in contrl


@pytest.mark.parametrize(
    "body",
    [
        body_of(message("CONTRL", "UCI+R+BUYER+SUPPLIER+7")),
        body_of(header="UNB+UNOC:3+SUPPLIER++261119:0915+R1'"),
        body_of(header="UNB+UNOC:3+SUPPLIER+BUYER+261119:0915'"),
    ],
)
def test_some_interchanges_are_not_acknowledged(body: bytes) -> None:
    """A CONTRL is not answered, and neither is what names nobody or has no reference."""
    assert read(body).acknowledgement is None


# Order responses


@pytest.mark.parametrize(
    ("beginning", "kind", "code"),
    [
        ("231+A+9+AJ", "ignored", "unsupported_kind"),
        ("231+A+7+AP", "ignored", "unsupported_kind"),
        ("231+A+31+AP", "ignored", "unsupported_kind"),
        ("231+A+1+AP", "held", "needs_person"),
        ("231+A+46+AP", "held", "unknown_status"),
        ("231+A+9+XX", "held", "unknown_status"),
        ("320+A+9+AP", "held", "unknown_status"),
        ("231++9+AP", "held", "malformed"),
        ("231+A+9+AC", "held", "malformed"),
    ],
)
def test_a_response_that_is_no_plain_answer(beginning: str, kind: str, code: str) -> None:
    """Receipts and copies are ignored; what takes back, is unknown or incomplete is held."""
    reading = read(body_of(message("ORDRSP", f"BGM+{beginning}", "RFF+ON:PO-1")))

    assert reading.updates == ()
    assert reason(getattr(reading, kind)) == code


def test_a_response_without_a_beginning_is_held() -> None:
    """A message has to say what it is."""
    for kind in ("ORDRSP", "DESADV", "INVOIC"):
        assert reason(read(body_of(message(kind))).held) == "unknown_status"


def test_a_whole_response_needs_one_order() -> None:
    """An answer to all lines of no order, or of two, is held; the supplier's number will do."""
    for orders in ((), ("RFF+ON:PO-1", "RFF+ON:PO-2")):
        reading = read(body_of(message("ORDRSP", "BGM+231+A+9+RE", *orders)))
        assert reason(reading.held, "as a whole") == "malformed"
    item = the_confirmation(read(body_of(message("ORDRSP", "BGM+231+A+9+RE", "RFF+VN:SO-1")))).item
    assert item.supplier_reference == "SO-1"


def test_wishes_are_no_promises() -> None:
    """The dates that the buyer asked for (2, 10) are not taken for the supplier's."""
    said = the_confirmation(
        response("DTM+2:20261201:102", "LIN+1+5+X:SA", "DTM+10:20261202:102", "DTM+69:20261203:102")
    )

    assert said.expected_ship_by is None
    assert said.estimated_delivery == date(2026, 12, 3)


def test_a_conditional_answer_says_so() -> None:
    """CA accepts under conditions, which the words say."""
    said = the_confirmation(response("LIN+1++X:SA", "QTY+21:5", answer="CA"))

    assert said.promise is Promise.ACCEPTED
    assert said.quantity == 5
    assert said.words == "Accepted under conditions"


def test_a_refused_line_has_the_refused_quantity() -> None:
    """QTY 185 goes before the ordered quantity."""
    said = the_confirmation(response("LIN+1+7+X:SA", "QTY+21:5", "QTY+185:4"))

    assert (said.promise, said.quantity) == (Promise.REJECTED, Decimal(4))


def test_an_untouched_line_says_nothing() -> None:
    """A line with which nothing is done is ignored."""
    assert reason(response("LIN+1+4+X:SA").ignored) == "no_change"


def test_a_line_that_is_accepted_with_nothing_needs_a_person() -> None:
    """Accepting zero pieces is no acceptance."""
    assert reason(response("LIN+1+6+X:SA", "QTY+113:0").held) == "needs_person"


def test_a_back_order_alone_has_the_line_s_dates() -> None:
    """Where nothing is accepted, the dates are for what is on back-order."""
    said = the_confirmation(response("LIN+1++X:SA", "QTY+83:5", "DTM+67:20270110:102"))

    assert said.promise is Promise.BACKORDERED
    assert said.estimated_delivery == date(2027, 1, 10)


def test_an_ordered_quantity_in_a_schedule_answers_only_in_an_answer() -> None:
    """QTY 21 in a schedule is what an accepted line is split into, and else promises nothing."""
    split = ("LIN+1++X:SA", "SCC+1", "QTY+21:5", "DTM+67:20270110:102", "SCC+1", "QTY+21:7")

    first, second = response(*split).updates
    assert isinstance(first, OrderConfirmation)
    assert isinstance(second, OrderConfirmation)
    assert (first.quantity, first.estimated_delivery) == (Decimal(5), date(2027, 1, 10))
    assert (second.quantity, second.estimated_delivery) == (Decimal(7), None)
    assert reason(response(*split, answer="").held) == "unknown_status"


def test_a_week_is_no_day_and_is_not_lost() -> None:
    """A date in weeks is left out, and the words keep it."""
    said = the_confirmation(response("LIN+1+5+X:SA", "DTM+67:202649:616"))

    assert said.estimated_delivery is None
    assert said.words == "Date 67 is 202649 in format 616"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20261203", date(2026, 12, 3)),
        ("261203", date(2026, 12, 3)),
        ("202612031200", date(2026, 12, 3)),
        ("20261203120000:204", date(2026, 12, 3)),
        ("2612031200:201", date(2026, 12, 3)),
        ("", None),
    ],
)
def test_a_date_without_a_format_is_read_by_its_length(written: str, day: date | None) -> None:
    """Six and ten digits have no century, eight, twelve and fourteen have one."""
    said = the_confirmation(response("LIN+1+5+X:SA", f"DTM+67:{written}"))

    assert said.estimated_delivery == day


@pytest.mark.parametrize("written", ["20269901:102", "2026115:102", "٢٠٢٦١٢٠٣:102", ":102"])
def test_a_date_that_is_none_holds_its_line(written: str) -> None:
    """Month 99, a missing digit and digits of another script are no dates."""
    body = f"{UNB}{message('ORDRSP', 'BGM+231+A+9+AC', 'LIN+1+5', f'DTM+67:{written}')}UNZ+1+R1'"
    reading = read(b"\xef\xbb\xbf" + body.encode())

    assert reason(reading.held, "where a date should") == "malformed"


@pytest.mark.parametrize(
    ("mark", "written", "number"),
    [
        ("", "1.25", "1.25"),
        ("", "1,25", "1.25"),
        (",", "1,25", "1.25"),
        (".", ".5", "0.5"),
        ("", "-3", "-3"),
        (".", "1,25", None),
        (",", "1.25", None),
        ("", "1.000,25", None),
        ("", "1e5", None),
        ("", "٣", None),
        ("", "", None),
        ("", "1" * 26, None),
    ],
)
def test_a_number_has_the_mark_that_is_announced(
    mark: str, written: str, number: str | None
) -> None:
    """Without an advice either mark will do; thousands are never separated."""
    text = f"{UNB}{message('ORDRSP', 'BGM+231+A+9+AC', 'LIN+1+5', f'QTY+113:{written}')}UNZ+1+R1'"
    reading = read(f"\ufeffUNA:+{mark or ' '}? '{text}".encode())

    if number is None:
        assert reason(reading.held, "where a number should") == "malformed"
    else:
        assert the_confirmation(reading).quantity == Decimal(number)


def test_from_version_four_on_either_mark_will_do() -> None:
    """The decimal mark of the advice says nothing in syntax version 4."""
    header = UNB.replace("UNOC:3", "UNOC:4")
    line = message("ORDRSP", "BGM+231+A+9+AC", "LIN+1+5", "QTY+113:1,25")

    assert the_confirmation(read(b"UNA:+.? '" + body_of(line, header=header))).quantity == Decimal(
        "1.25"
    )


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("AAA:12:::100", "0.12"),
        ("AAB:12:::1000", "0.012"),
        ("CAL:1.5", "1.5"),
        ("XYZ:1.5", None),
    ],
)
def test_a_price_is_for_one_piece(price: str, expected: str | None) -> None:
    """A price per 100 or 1000 is divided; a kind that is not known is left out."""
    said = the_confirmation(response("LIN+1+5+X:SA", f"PRI+{price}"))

    assert said.unit_price == (Decimal(expected) if expected else None)


def test_a_price_for_nothing_holds_its_line() -> None:
    """A price basis of zero is no basis."""
    reading = response("LIN+1+5+X:SA", "PRI+AAA:12:::0", "LIN+2+5+Y:SA")

    assert reason(reading.held, "for 0 pieces") == "malformed"
    assert len(reading.updates) == 1


@pytest.mark.parametrize(
    ("line", "item"),
    [
        (
            ("LIN+1++A:SA",),
            {"line_number": "1", "supplier_part_number": "A", "is_own_counter": True},
        ),
        (("LIN+1++A:BP",), {"line_number": "1", "part_number": "A", "is_own_counter": True}),
        (("LIN+++A:MF", "PIA+1+B:IN"), {"manufacturer_part_number": "A", "part_number": "B"}),
        (("LIN+++4012345000016:EN",), {"supplier_part_number": "4012345000016"}),
        (("LIN+++4012345000016:EN", "PIA+5+A:SA"), {"supplier_part_number": "A"}),
        (("LIN+1", "RFF+LI:7"), {"line_number": "7"}),
        (("LIN+1", "RFF+LI:X:8"), {"line_number": "8"}),
        (("LIN+1", "RFF+ON:PO-1:9"), {"line_number": "9"}),
        (("LIN+1", "PIA+1+10:PL"), {"line_number": "10"}),
        (("LIN+1", "RFF+LI:PO-1"), {"line_number": "1", "is_own_counter": True}),
        (("LIN+++A:SN", "PIA+1+85423390:HS"), {}),
        (("LIN+++NEW:SA", "PIA+4+OLD:SA"), {"supplier_part_number": "OLD"}),
        (("LIN+++OLD:SA", "PIA+3+NEW:SA", "PIA+2+MAYBE:SA"), {"supplier_part_number": "OLD"}),
    ],
)
def test_a_line_names_its_goods(line: tuple[str, ...], item: dict[str, Any]) -> None:
    """Whose number it is decides; the document's own counter is told from the order's line."""
    reading = response(*(segment for segment in line), "QTY+113:1")

    said = the_confirmation(reading)
    assert msgspec.to_builtins(said.item) == {"po_number": "PO-1"} | item
    assert said.substitute == ("NEW" if "OLD" in str(line) else "")


def test_a_line_that_does_not_say_which_order_is_held() -> None:
    """Where the header names two orders, a line has to name one of them."""
    body = body_of(
        message(
            "ORDRSP",
            *("BGM+231+A+9+AC", "RFF+ON:PO-1", "RFF+ON:PO-2"),
            *("LIN+1+5", "LIN+2+5", "RFF+ON:PO-2"),
        )
    )
    reading = read(body)

    assert reason(reading.held, "PO-1, PO-2") == "malformed"
    (said,) = reading.updates
    assert isinstance(said, OrderConfirmation)
    assert said.item.po_number == "PO-2"


def test_the_supplier_s_number_in_the_header_is_for_the_header_s_order() -> None:
    """A line of another order does not get it."""
    lines = ("LIN+1+5", "LIN+2+5", "RFF+ON:PO-2", "LIN+3+5", "RFF+ON:PO-1:3")
    said = response("RFF+VN:SO-1", *lines).updates

    assert [it.item.supplier_reference for it in said if isinstance(it, OrderConfirmation)] == [
        "SO-1",
        "",
        "SO-1",
    ]


def test_lines_behind_the_summary_are_not_read() -> None:
    """A line behind the end of the lines makes the message malformed."""
    reading = response("LIN+1+5", "UNS+S", "LIN+2+5")

    assert reason(reading.held, "behind the end") == "malformed"


def test_long_texts_end_visibly() -> None:
    """Words that are longer than any note end with a sign that there were more."""
    said = the_confirmation(response("LIN+1+5", *(f"FTX+AAI+++{'x' * 500}" for _ in range(3))))

    assert len(said.words) == 1_000
    assert said.words.endswith("…")


@pytest.mark.parametrize(
    "segments",
    [
        ("RFF+XX:1",) * 501,
        ("LIN+1", *("QTY+12:1",) * 1_000),
        ("LIN+1",) * 10_001,
    ],
)
def test_documents_beyond_measure_are_refused(segments: tuple[str, ...]) -> None:
    """More lines than any order, or more segments in a part, are not read."""
    assert reason(advice(*segments).held, "than any real document") == "malformed"


# Despatch advices


@pytest.mark.parametrize(
    ("beginning", "code"),
    [
        ("350+A+9", "unknown_status"),
        ("351+A+2", "unknown_status"),
        ("345+A+1", "needs_person"),
        ("351++9", "malformed"),
        ("351+A+9", "malformed"),
    ],
)
def test_a_despatch_that_is_no_plain_notice_is_held(beginning: str, code: str) -> None:
    """Unknown kinds, what is taken back, and what names no goods at all are held."""
    assert reason(read(body_of(message("DESADV", f"BGM+{beginning}"))).held) == code


def test_a_despatch_without_lines_is_for_its_orders() -> None:
    """Each order that it names is shipped as a whole; the supplier's number will do."""
    orders = [
        update.item.po_number
        for update in advice("RFF+ON:PO-1", "RFF+ON:PO-2").updates
        if isinstance(update, ShipNotice)
    ]
    assert orders == ["PO-1", "PO-2"]
    assert the_notice(advice("RFF+VN:SO-1")).item.supplier_reference == "SO-1"


def test_a_box_has_its_own_tracking_number() -> None:
    """What is said of one box is not said of the next; a box in a box has what the outer has."""
    reading = advice(
        *("RFF+ON:PO-1", "CPS+1", "CPS+2+1", "RFF+CN:TRACK-A", "LIN+1++A:MF", "QTY+12:5"),
        *("CPS+3+2", "LIN+2++B:MF", "QTY+12:5", "CPS+4+4", "LIN+3++C:MF", "QTY+12:5"),
    )

    numbers = [it.tracking_numbers for it in reading.updates if isinstance(it, ShipNotice)]
    assert numbers == [("TRACK-A",), ("TRACK-A",), ()]


def test_boxes_beyond_measure_are_refused() -> None:
    """Boxes in boxes have an end, even where each is in the other."""
    deep = [f"CPS+{number}+{number - 1}" for number in range(1, 30)]
    boxes = ("CPS+1+2", "CPS+2+1", "RFF+CN:T", "LIN+1++A:MF", "QTY+12:5")

    assert reason(advice("RFF+ON:PO-1", *deep, "LIN+1").held, "boxes deeper") == "malformed"
    assert the_notice(advice("RFF+ON:PO-1", *boxes)).tracking_numbers == ("T",)


def test_numbers_that_follow_no_parcel_are_no_tracking_numbers() -> None:
    """SSCCs, serial numbers, bills of lading and waybills do not stand in for one."""
    said = the_notice(
        advice(
            *("RFF+ON:PO-1", "RFF+BM:BOL-1", "CPS+1", "LIN+1++A:MF", "QTY+12:5"),
            *("PCI+33E", "GIN+BJ+340123450000000017", "GIN+BN+SERIAL-1"),
        )
    )

    assert said.tracking_numbers == ()
    assert said.mfg_lot == ""
    assert said.words == "Bill of lading BOL-1"


def test_the_carrier_s_reference_goes_before_the_consignment() -> None:
    """RFF+CN is said first, RFF+BN after it, and the line's own before the header's."""
    said = the_notice(
        advice("RFF+ON:PO-1", "RFF+CN:H", "LIN+1++A:MF", "QTY+12:5", "RFF+BN:B", "RFF+CN:C")
    )

    assert said.tracking_numbers == ("C", "B")


LOTS = ("PCI+10", "QTY+12:60", "GIN+BX+LOT-A", "DTM+36:20280101:102", "PCI+10", "QTY+12:40")


def test_lots_with_their_quantities_are_said_one_by_one() -> None:
    """A line of two lots is two notices, each with its quantity."""
    reading = advice("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+12:100", *LOTS, "GIN+BX+LOT-B")

    said = [
        (it.quantity, it.mfg_lot, it.words) for it in reading.updates if isinstance(it, ShipNotice)
    ]
    assert said == [
        (Decimal(60), "LOT-A", "Expires 2028-01-01"),
        (Decimal(40), "LOT-B", ""),
    ]


def test_lots_that_do_not_add_up_hold_their_line() -> None:
    """Lots of other sums than the line's quantity are held."""
    reading = advice("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+12:90", *LOTS, "GIN+BX+LOT-B")

    assert reason(reading.held, "do not add up") == "malformed"


def test_lots_in_another_unit_need_not_add_up() -> None:
    """Two reels may be of a hundred pieces, which are then told lot by lot."""
    reading = advice("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+12:2:XRL", *LOTS, "GIN+BX+LOT-B")

    said = [(it.quantity, it.unit) for it in reading.updates if isinstance(it, ShipNotice)]
    assert said == [(Decimal(60), ""), (Decimal(40), "")]


def test_a_quantity_has_its_unit() -> None:
    """The unit (6411) is told of every quantity that is no pieces, in each of the messages."""
    assert the_notice(advice("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+12:2:XRL")).unit == "XRL"
    assert the_notice(advice("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+12:2:C62")).unit == ""
    refused = response("LIN+1+7+X:SA", "QTY+21:5:PCE", "QTY+185:4:XBX")
    assert the_confirmation(refused).unit == "XBX"
    assert the_confirmation(response("LIN+1+5+X:SA", "QTY+21:5:MTR")).unit == "MTR"
    split = response("LIN+1++X:SA", "QTY+113:5:XBX", "QTY+83:7:PCE", "SCC+1", "QTY+185:1:DZN")
    units = [it.unit for it in split.updates if isinstance(it, OrderConfirmation)]
    assert sorted(units) == ["", "DZN", "XBX"]
    line = ("RFF+ON:PO-1", "LIN+1++A:MF", "QTY+47:2:XBX", "MOA+203:10", "UNS+S", "MOA+77:10")
    assert the_invoice(invoice(*line)).lines[0].unit == "XBX"


def test_lots_without_their_quantities_stay_together() -> None:
    """Several lots of one quantity are one notice that names them all."""
    said = the_notice(
        advice(
            "RFF+ON:PO-1",
            "LIN+1++A:MF",
            "PIA+1+LOT-C:BB",
            "QTY+12:9",
            "RFF+BT:LOT-A",
            "GIN+BX+LOT-B",
        )
    )

    assert said.mfg_lot == "LOT-A, LOT-B, LOT-C"


def test_the_same_goods_in_two_boxes_are_one_notice() -> None:
    """Their quantities are added; goods without a quantity are not."""
    line = ("LIN+1++A:MF", "RFF+LI:1")
    said = the_notice(advice("RFF+ON:PO-1", *line, "QTY+12:5", "CPS+2", *line, "QTY+12:7"))
    assert said.quantity == 12
    assert len(advice("RFF+ON:PO-1", *line, "QTY+12:5", "CPS+2", *line).updates) == 2
    assert len(advice("RFF+ON:PO-1", *line, "CPS+2", *line).updates) == 1


def test_an_origin_is_a_country_in_two_letters() -> None:
    """What is no code of a country is left out, and the carrier's code stands in for its name."""
    said = the_notice(
        advice("RFF+ON:PO-1", "TDT+20++30++UPSN:172:182", "LIN+1++A:MF", "ALI+CHINA", "ALI+CN")
    )

    assert (said.coo, said.carrier, said.quantity) == ("CN", "UPSN", None)


# Invoices

LINE = ("LIN+1++A:MF", "QTY+47:10", "MOA+203:100", "PRI+AAA:10")


@pytest.mark.parametrize(
    ("name", "function", "kind", "code"),
    [
        ("389", "9", "ignored", "unsupported_kind"),
        ("383", "9", "held", "needs_person"),
        ("386", "9", "held", "needs_person"),
        ("999", "9", "held", "unknown_status"),
        ("380", "1", "held", "needs_person"),
        ("380", "46", "held", "unknown_status"),
        ("380", "31", "ignored", "unsupported_kind"),
    ],
)
def test_an_invoice_that_is_no_plain_one(name: str, function: str, kind: str, code: str) -> None:
    """What asks for no money is ignored; what changes money needs a person."""
    body = body_of(message("INVOIC", f"BGM+{name}+RE-1+{function}", *LINE, "UNS+S", "MOA+77:100"))
    reading = read(body)

    assert reading.updates == ()
    assert reason(getattr(reading, kind)) == code


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        (("UNS+S", "MOA+77:100"), "without lines"),
        ((*LINE, "UNS+S"), "states no total"),
        ((*LINE, "UNS+S", "MOA+9:50", "MOA+113:50"), "states no total"),
        (("LIN+5++A:MF", "UNS+S", "MOA+77:1"), "Line 5: it states no amount"),
        (("LIN++", "QTY+47:x", "UNS+S", "MOA+77:1"), "Line 1: x stands where"),
        (
            ("LIN+1", "MOA+66:9", "ALC+A", "MOA+204:1", "UNS+S", "MOA+77:8"),
            "no amount after them",
        ),
        ((*LINE, "ALC+C++++FC", "PCD+3:5", "UNS+S", "MOA+77:100"), "states no amount"),
        (
            ("ALC+C++++FC", "MOA+8:5", "MOA+64:6", *LINE, "UNS+S", "MOA+77:105"),
            "freight is 6 at one place and 5 at another",
        ),
        ((*LINE, "MOA+124:19", "UNS+S", "MOA+77:119", "MOA+176:9"), "more tax than"),
    ],
)
def test_an_invoice_is_read_whole_or_not_at_all(segments: tuple[str, ...], words: str) -> None:
    """One part that cannot be read holds all of it."""
    reading = invoice(*segments)

    assert reading.updates == ()
    assert reason(reading.held, words) == "malformed"


@pytest.mark.parametrize(
    ("segments", "total"),
    [
        (("MOA+77:119", "MOA+39:100"), "119"),
        (("MOA+39:119", "MOA+9:19"), "119"),
        (("MOA+388:119",), "119"),
        (("MOA+86:119",), "119"),
        (("MOA+9:119",), "119"),
        (("MOA+77:130:USD:7", "MOA+77:119:EUR:4"), "119"),
    ],
)
def test_the_grand_total_is_the_one_before_payments(segments: tuple[str, ...], total: str) -> None:
    """MOA 77 or 39 go before what is payable, and an amount in another currency is passed over."""
    said = the_invoice(invoice(*LINE, "UNS+S", *segments, "MOA+124:19"))

    assert said.total == Decimal(total)
    assert said.amounts.tax == 19


def test_a_line_without_an_amount_is_multiplied() -> None:
    """MOA 66 stands in for MOA 203; without either, quantity and price are multiplied."""
    said = the_invoice(
        invoice(
            *("LIN+1++A:MF", "QTY+47:3", "PRI+AAA:0.333", "LIN+2++B:MF", "MOA+66:5"),
            *("UNS+S", "MOA+77:6"),
        )
    )

    first, second = said.lines
    assert (first.total, first.is_total_computed) == (Decimal("0.999"), True)
    assert (second.total, second.is_total_computed) == (Decimal(5), False)


@pytest.mark.parametrize(("stated", "total"), [("107", "100"), ("100", "100")])
def test_a_line_s_charge_is_taken_out_of_its_amount_where_it_is_in(stated: str, total: str) -> None:
    """MOA 203 may have the line's charges in it or not; the grand total tells."""
    said = the_invoice(
        invoice(
            *("LIN+1++A:MF", f"MOA+203:{stated}", "ALC+C++++PC", "MOA+8:7"),
            *("UNS+S", "MOA+77:107", "ALC+C++++PC", "MOA+131:7"),
        )
    )

    assert said.lines[0].total == Decimal(total)
    assert said.lines[0].amounts == Amounts(other=Decimal(7))
    assert said.amounts == Amounts()


@pytest.mark.parametrize(
    ("header", "summary", "amounts"),
    [
        (("ALC+A++++DI", "MOA+204:10"), (), {"discount": "10"}),
        (("ALC+C+:79", "MOA+23:10"), (), {"shipping": "10"}),
        (("ALC+C++1++FC", "MOA+8:10"), (), {}),
        (("ALC+N", "MOA+8:10"), (), {}),
        ((), ("MOA+64:10", "MOA+55:2"), {"shipping": "10", "duties": "2"}),
        ((), ("MOA+131:10",), {"other": "10"}),
        ((), ("MOA+131:-10",), {"discount": "10"}),
        ((), ("ALC+A++++DI", "MOA+131:10"), {"discount": "10"}),
        (("ALC+C++++PC", "MOA+8:4"), ("ALC+C++++PC", "MOA+131:4"), {"other": "4"}),
        ((), ("MOA+176:21", "TAX+5+CUD", "MOA+161:2"), {"tax": "19", "duties": "2"}),
        ((), ("TAX+7+VAT", "MOA+124:19", "TAX+7+CUD", "MOA+124:2"), {"tax": "19", "duties": "2"}),
        (("TAX+7+VAT", "MOA+124:19"), (), {"tax": "19"}),
    ],
)
def test_the_same_money_counts_once(
    header: tuple[str, ...], summary: tuple[str, ...], amounts: dict[str, str]
) -> None:
    """Header, summary and bare amounts say the same money; each kind is taken from one place."""
    said = the_invoice(invoice(*header, *LINE, "UNS+S", "MOA+77:100", *summary))

    assert said.amounts == Amounts(**{name: Decimal(value) for name, value in amounts.items()})


@pytest.mark.parametrize(
    ("segments", "currency"),
    [
        (("CUX+3:EUR+2:USD",), "USD"),
        (("CUX+1:CHF",), "CHF"),
        (("CUX+2:euro",), ""),
        (("CUX",), ""),
        ((), ""),
    ],
)
def test_the_currency_is_the_reference_currency(segments: tuple[str, ...], currency: str) -> None:
    """Of two currencies, the one of the amounts counts; none stated is none."""
    assert the_invoice(invoice(*segments, *LINE, "UNS+S", "MOA+77:100")).currency == currency


@pytest.mark.parametrize(
    "segments",
    [
        ("CUX+2:EUR", *LINE, "UNS+S", "MOA+77:100:USD"),
        ("CUX+2:EUR", "LIN+1++A:MF", "MOA+203:100:USD", "UNS+S", "MOA+77:100"),
        (*LINE, "UNS+S", "MOA+77:100:USD", "MOA+79:100:EUR"),
    ],
)
def test_amounts_in_another_currency_than_the_invoice_are_held(segments: tuple[str, ...]) -> None:
    """An amount that names another currency is never told in that of the invoice."""
    assert reason(invoice(*segments).held, "currency") == "wrong_currency"


def test_an_amount_said_once_more_in_another_currency_is_no_matter() -> None:
    """What is also told in the currency of the tax or the payment mixes nothing."""
    again = ("MOA+77:1100:SEK:11", "MOA+124:0:SEK")
    said = the_invoice(invoice("CUX+2:EUR", *LINE, "UNS+S", "MOA+77:100:EUR", *again))

    assert (said.currency, said.total) == ("EUR", Decimal(100))


@pytest.mark.parametrize("code", ["AAT", "CAB", "DL", "FAC", "FC", "SAA", "TT", "TV"])
def test_a_charge_for_bringing_goods_is_shipping_as_in_ubl(code: str) -> None:
    """The codes of UNCL 7161 mean the same in both formats, so that an invoice is the same."""
    charge = (f"ALC+C++++{code}", "MOA+8:3")
    said = the_invoice(invoice(*charge, *LINE, "UNS+S", "MOA+77:103"))

    assert (said.amounts.shipping, said.amounts.other) == (Decimal(3), Decimal(0))


def test_an_amount_may_name_the_currency() -> None:
    """Without a CUX, the currency is that of an amount which is not said once more in another."""
    assert the_invoice(invoice(*LINE, "UNS+S", "MOA+77:100:SEK")).currency == "SEK"
    both = ("MOA+77:130:USD:7", "MOA+77:100:EUR:4")
    assert the_invoice(invoice(*LINE, "UNS+S", *both)).currency == "EUR"


def test_a_credit_with_its_sign_keeps_it() -> None:
    """A credit note that states negative amounts is not turned round once more."""
    line = ("LIN+1++A:MF", "MOA+203:-100")
    said = the_invoice(invoice(*line, "UNS+S", "MOA+77:-119", "MOA+176:-19", name="381"))

    assert said.is_credit
    assert said.total == -119
    assert said.lines[0].total == -100
    assert said.amounts.tax == -19


# Anything at all

TAGS = ("BGM", "DTM", "RFF", "NAD", "CPS", "LIN", "PIA", "QTY", "SCC", "PCI", "GIN", "ALC", "MOA")
MORE_TAGS = ("TAX", "CUX", "UNS", "CNT", "PRI", "ALI", "FTX", "TDT")
QUALIFIERS = ("S", "A", "C", "ON", "LI", "CN", "BT", "SA", "MF", "NB", "AAA", "FC", "AC", "AP")
VALUES_IN_USE = ("", "0", "-1", "1,5", "2.5", "20261119", "102", "PO-1", "EUR", "DE", "X")
CODES = (
    st.integers(1, 400).map(str)
    | st.sampled_from(("12", "17", "21", "77", "83", "113", "124", "176", "203"))
    | st.sampled_from(QUALIFIERS)
    | st.sampled_from(VALUES_IN_USE)
)
SEGMENTS = st.builds(
    lambda tag, parts: "+".join((tag, *map(":".join, parts))),
    st.sampled_from((*TAGS, *MORE_TAGS)),
    st.lists(st.lists(CODES, min_size=1, max_size=4), max_size=5),
)


@given(
    kind=st.sampled_from(("ORDRSP", "DESADV", "INVOIC")),
    beginning=st.sampled_from(("231+A+9+AC", "231+A", "351+A+9", "345+A", "380+A", "381+A+9")),
    segments=st.lists(SEGMENTS, max_size=25),
)
def test_any_segments_end_in_statements_or_findings(
    kind: str, beginning: str, segments: list[str]
) -> None:
    """Whatever stands in a message, it is said, held or ignored, and texts are trimmed."""
    reading = read(body_of(message(kind, f"BGM+{beginning}", *segments)))

    assert reading.updates or reading.held or reading.ignored
    for update in reading.updates:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(update), type=type(update)) == update


# Samples that others published


def published(name: str) -> Reading:
    """The reading of a published document."""
    return read(sample(f"suppliers/edifact/{name}"))


def test_the_line_s_order_goes_before_the_header_s() -> None:
    """A despatch advice of two orders: each line names its own, and RFF+LI repeats it."""
    first, second = published("desadv-d96a-two-orders.edi").updates

    assert isinstance(first, ShipNotice)
    assert isinstance(second, ShipNotice)
    assert [it.item.po_number for it in (first, second)] == ["6877871", "6905456"]
    assert [it.item.line_number for it in (first, second)] == ["001", "002"]
    assert first.item.is_own_counter
    assert (first.quantity, first.shipped_on) == (Decimal(1), date(2016, 7, 26))
    assert first.document.said_at == datetime(2016, 7, 27, 9, 53, tzinfo=UTC)


def test_an_invoice_with_the_signs_of_x12_is_read() -> None:
    """Two lines of 1202.58 and 410, a charge of 525, and 2137.58 in all."""
    said = the_invoice(published("invoic-d97b-custom-una.edi"))

    assert said.document.supplier == "GENERAL WIDGET COMPANY"
    assert (said.total, said.currency) == (Decimal("2137.58"), "USD")
    assert [line.total for line in said.lines] == [Decimal("1202.58"), 410]
    assert [line.item.part_number for line in said.lines] == ["157870", "157871"]
    assert said.amounts == Amounts(other=Decimal(525))


def test_a_message_of_the_energy_market_is_not_half_understood() -> None:
    """Its trailer's reference is wrong; with the right one it is of another industry."""
    assert reason(published("ordrsp-d10a-bom.edi").held, "DAREFNR0000001") == "malformed"
    body = sample("suppliers/edifact/ordrsp-d10a-bom.edi")
    body = body.replace(b"UNZ+1+DAREFNR00001'", b"UNZ+1+DAREFNR0000001'")
    assert reason(read(body).held, "9IMX20YSP0009") == "malformed"
    body = body.replace(b"UNT+17+9IM20YSP9'", b"UNT+30+9IMX20YSP0009'")
    assert reason(read(body).ignored, "1.1e is one of the energy market") == "unsupported_kind"


def test_the_messages_of_an_interchange_are_told_apart() -> None:
    """A notice and its replacement have one number, and are two documents all the same."""
    lines = ("RFF+ON:PO-1", "LIN+1++X-1:SA", "QTY+12:50")
    new = message("DESADV", "BGM+351+LS-1+9", *lines)
    replacing = message("DESADV", "BGM+351+LS-1+5", *lines, reference="2")
    updates = read(body_of(new, replacing)).updates

    assert [it.document.place for it in updates if isinstance(it, ShipNotice)] == [0, 1]


def test_an_empty_box_takes_nothing_from_a_full_one() -> None:
    """A line that is given with 0 for one box and with 50 for the next has 50."""
    sent = the_notice(
        advice("CPS+1", "LIN+1++X-1:SA", "QTY+12:0", "CPS+2", "LIN+1++X-1:SA", "QTY+12:50")
    )

    assert sent.quantity == 50
