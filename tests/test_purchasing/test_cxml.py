"""cXML: who may send, what is kept, and what confirmations, ship notices and invoices say."""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.configuration import SourceSettings
from purchasing.documents import (
    Amounts,
    Invoice,
    OrderConfirmation,
    Promise,
    Purpose,
    ShipNotice,
)
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.formats.cxml_secrets import NOT_KEPT
from purchasing.formats.xml_body import (
    attribute,
    child,
    elements,
    name_of,
    read_xml,
    text,
)
from purchasing.notification import Notification
from purchasing.sources.cxml import SOURCE
from purchasing.trust import Trust
from purchasing.updates import Finding, Reading
from tests.reading import notification, read
from tests.samples import sample

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
SECRET = "of-the-old-quay-4711"

ORDER = '<OrderReference orderID="PO-7"><DocumentReference payloadID="1@b"/></OrderReference>'


def credential(identity: str = "QUAYSIDE", proof: str = "") -> str:
    """A credential, with whatever proves it."""
    return f"<Credential domain='NetworkID'><Identity>{identity}</Identity>{proof}</Credential>"


def shown(secret: str = SECRET) -> str:
    """The element that shows a secret."""
    return f"<SharedSecret>{secret}</SharedSecret>"


def document(
    content: str = "<ProfileRequest/>",
    *,
    sender: str = credential(proof=shown()),
    sent_by: str = credential(),
    more: str = "",
    payload: str = "1@quay",
    time: str = "2026-11-20T10:00:00-06:00",
) -> bytes:
    """A whole document around what it asks for."""
    return (
        f"<cXML payloadID='{payload}' timestamp='{time}'><Header><From>{sent_by}</From>"
        f"<To>{credential('US')}</To><Sender>{sender}<UserAgent>q</UserAgent></Sender></Header>"
        f"<Request{more}>{content}</Request></cXML>"
    ).encode()


def posted(body: bytes) -> Notification:
    """A notification with a body."""
    return notification("cxml", body)


def trust(*secrets: str, identity: str | None = None) -> Trust:
    """What a source is verified with."""
    return Trust(settings=SourceSettings(format="cxml", secrets=secrets, identity=identity))


def refused(body: bytes, *secrets: str, identity: str | None = None) -> str:
    """Why a body is not authentic; the sentence holds no secret."""
    with pytest.raises(UnauthenticatedError) as refusal:
        SOURCE.authenticate(posted(body), trust(*secrets, identity=identity), NOW)
    assert not any(secret in str(refusal.value) for secret in (SECRET, *secrets))
    return str(refusal.value)


def accept(body: bytes, *secrets: str, identity: str | None = None) -> None:
    """Fail unless a body is authentic."""
    SOURCE.authenticate(posted(body), trust(*(secrets or (SECRET,)), identity=identity), NOW)


def said(content: str) -> Reading:
    """What a request is read as, or the one reason why it is not."""
    return read(SOURCE, posted(document(content)))


def reasons(reading: Reading) -> tuple[list[str], list[str]]:
    """Why parts are held, and why parts are ignored."""
    return [it.reason for it in reading.held], [it.reason for it in reading.ignored]


# Who may send


def test_the_shared_secret_of_the_sender_opens() -> None:
    """The secret is accepted in any of the Sender's credentials, however it is written."""
    accept(document())
    accept(document(sender=credential("OTHER") + credential(proof=shown())))
    accept(document(sender=credential(proof=shown(f"\n  <![CDATA[{SECRET[:4]}]]>{SECRET[4:]} "))))
    accept(document(sender=credential(proof=shown(f"&#x{ord(SECRET[0]):x};{SECRET[1:]}"))))
    accept(document(), "newest", f" {SECRET} ")


def test_a_secret_elsewhere_does_not_open() -> None:
    """A secret that is wrong, missing, or not the Sender's is refused."""
    wrong = "the SharedSecret of the Sender is wrong"
    missing = "the Sender of the document shows no SharedSecret"

    assert refused(document(), "another") == wrong
    assert refused(document(sender=credential(proof=shown(""))), SECRET) == missing
    assert refused(document(sender="", sent_by=credential(proof=shown())), SECRET) == missing
    assert refused(document(shown(), sender=credential()), SECRET) == missing
    many = credential() * 10 + credential(proof=shown())
    assert refused(document(sender=many), SECRET) == missing
    assert "no secret is configured" in refused(document())


@pytest.mark.parametrize("proof", ["CredentialMac", "DigitalSignature"])
def test_other_proofs_are_refused_by_name(proof: str) -> None:
    """A proof that is not supported is refused with what is wanted instead."""
    body = document(sender=credential(proof=f"<{proof}>x</{proof}>"))

    assert refused(body, SECRET) == (
        f"a {proof} is not supported; the Sender has to show a SharedSecret"
    )


@pytest.mark.parametrize("body", [b"", b"hello", b"{}", b"<Order/>", b"cxml-base64=!!"])
def test_what_is_no_cxml_is_not_authentic(body: bytes) -> None:
    """A body that is no cXML document proves nothing."""
    assert "no cXML document" in refused(body, SECRET)


def test_the_identity_says_who_may_send() -> None:
    """The identity is the Sender's, or the From's where a network sends for many suppliers."""
    network = document(sender=credential("HUB", shown()), sent_by=credential(" Quayside "))

    for identity in ("quayside", "QUAYSIDE ", "hub"):
        accept(network, identity=identity)
    assert "has the source's identity" in refused(network, SECRET, identity="BRIGHTFIELD")
    assert "has the source's identity" in refused(network, SECRET, identity="US")
    nobody = document(sender=credential("", shown()), sent_by="")
    assert "has the source's identity" in refused(nobody, SECRET, identity=" ")


# What is kept


def in_encodings(body: bytes) -> Mapping[str, bytes]:
    """One document in every form in which it may arrive."""
    declared = '<?xml version="1.0" encoding="{0}"?>'
    plain = body.decode()
    return {
        "utf-8 with mark": b"\xef\xbb\xbf" + body,
        "utf-16": (declared.format("UTF-16") + plain).encode("utf-16"),
        "latin-1": (declared.format("ISO-8859-1") + plain).encode("latin-1"),
        "urlencoded": f"cXML-urlencoded={quote_plus(plain)}".encode(),
        "after a field": f"x=1&CXML-URLENCODED={quote_plus(plain)}&y=2".encode(),
        "base64": b"cXML-base64=" + base64.b64encode(body),
        "base64, escaped": f"cxml-base64={quote_plus(base64.encodebytes(body))}".encode(),
    }


@pytest.mark.parametrize("form", in_encodings(document()))
def test_every_form_is_proven_read_and_kept_without_the_secret(form: str) -> None:
    """In whatever form a document arrives, it is authentic, read, and stored without its secret."""
    content = f'<ConfirmationRequest><ConfirmationHeader type="accept"/>{ORDER}'
    body = document(f"{content}</ConfirmationRequest>")
    arrived = in_encodings(body)[form]

    accept(arrived)
    stored = SOURCE.without_secrets(arrived)
    assert SECRET.encode() not in stored
    assert SOURCE.read(posted(arrived)) == SOURCE.read(posted(stored)) == SOURCE.read(posted(body))
    assert SOURCE.delivery_key(posted(arrived)) == SOURCE.delivery_key(posted(body))


@pytest.mark.parametrize(
    "proof",
    [
        shown(),
        f"<SharedSecret><![CDATA[{SECRET}</SharedSecret>]]></SharedSecret>",
        f"<SharedSecret><b>{SECRET}</b>{SECRET}</SharedSecret>",
        f"<n:SharedSecret xmlns:n='urn:n'>{SECRET}</n:SharedSecret>",
        f"<sharedsecret kept='{SECRET}'>{SECRET}</sharedsecret>",
        f"<SharedSecret><SharedSecret>{SECRET}</SharedSecret></SharedSecret>",
        f"<!-- {SECRET} --><?keep {SECRET}?>{shown()}",
        "".join(f"&#{ord(letter)};" for letter in SECRET).join(
            ("<SharedSecret>", "</SharedSecret>")
        ),
    ],
)
def test_no_trace_of_a_secret_is_kept(proof: str) -> None:
    """However a secret is written, and wherever its element stands, it is not stored."""
    body = document(f"<ProfileRequest>{proof}</ProfileRequest>", sender=credential(proof=proof))

    stored = SOURCE.without_secrets(body)

    assert SECRET.encode() not in stored
    assert b"QUAYSIDE" in stored
    root = read_xml(stored, "a document")
    assert SECRET not in "".join(root.itertext())
    assert text(root, "Header", "Sender", "UserAgent") == "q"
    assert SOURCE.without_secrets(stored) == stored


def test_the_doctype_is_kept_without_what_it_holds() -> None:
    """The DOCTYPE stays, so that entities of the DTD stay readable; its inner part does not."""
    doctype = f'<!DOCTYPE cXML SYSTEM "a.dtd" [<!ATTLIST a b CDATA "{SECRET}">]>'

    stored = SOURCE.without_secrets(doctype.encode() + document("<a>&reg;</a>"))

    assert SECRET.encode() not in stored
    assert b'<!DOCTYPE cXML SYSTEM "a.dtd">' in stored
    assert b"&reg;" in stored


@given(scrap=st.binary(max_size=20), place=st.integers(0, 400))
def test_what_cannot_be_read_is_not_kept(scrap: bytes, place: int) -> None:
    """Where a secret cannot be found for certain, nothing of the body is stored."""
    body = document()
    broken = body[:place] + b"<" + scrap + body[place:]

    stored = SOURCE.without_secrets(broken)

    assert stored == NOT_KEPT or SECRET.encode() not in stored
    assert SOURCE.without_secrets(b"no XML, but " + SECRET.encode()) == NOT_KEPT
    assert SOURCE.without_secrets(NOT_KEPT) == NOT_KEPT


def test_a_document_is_signed_where_it_wants_its_secret() -> None:
    """The secret is put into the credential that has one, and into a made one if none is there."""
    two = document(sender=credential("A") + credential("B", shown("old")))
    for body in (two, document(sender=""), b"<cXML/>", b"<c:cXML xmlns:c='urn:c'/>"):
        accept(SOURCE.signed_body(body, trust("new", "older")), "new")
    assert SOURCE.signed_body(two, trust("new")).count(b"SharedSecret") == 2
    made = read_xml(SOURCE.signed_body(document(sender=""), trust("new")), "a document")
    names = [name_of(it) for it in elements(child(made, "Header", "Sender"))]
    assert names == ["Credential", "UserAgent"]
    assert SOURCE.signed_body(b"no XML", trust("new")) == b"no XML"
    assert SOURCE.sign(posted(two), trust("new"), NOW) == {
        "content-type": "text/xml; charset=utf-8"
    }
    with pytest.raises(MalformedError, match="no XML document can hold"):
        SOURCE.signed_body(document(), trust("\x01"))


# What is the same, and what is answered


def test_a_retry_has_the_same_key() -> None:
    """The key is that of the sender, the kind, the payloadID and the rest without the secret."""
    key = SOURCE.delivery_key(posted(document()))
    rotated = document(sender=credential(proof=shown("another")))

    assert key.startswith("QUAYSIDE:ProfileRequest:1@quay:")
    assert SOURCE.delivery_key(posted(rotated)) == key


def test_another_document_has_another_key() -> None:
    """A payloadID that is used again does not hide another document."""
    others = (
        document(),
        document("<ProfileRequest a='1'/>"),
        document("<StatusUpdateRequest/>"),
        document(payload="2@quay"),
        document(sender=credential("HUB", shown())),
        document(payload="x" * 1000),
        b"<cXML/>",
        b"<cXML><Response/></cXML>",
        b"<cXML><Message><Status/><PunchOutOrderMessage/></Message></cXML>",
        b"no XML",
    )
    keys = {SOURCE.delivery_key(posted(body)) for body in others}

    assert len(keys) == len(others)
    assert max(map(len, keys)) < 500


def test_a_sender_is_answered_in_cxml() -> None:
    """Success and refusal are Responses in HTTP 200, with an id and a time of ours."""
    told = SOURCE.answer(posted(document()), Receipt("n-1"))
    again = SOURCE.answer(posted(document()), Receipt("n-1", is_duplicate=True))
    refusal = SOURCE.refusal(posted(b"no XML"))

    assert told == again
    assert told.status == refusal.status == 200
    assert told.content_type == "text/xml; charset=utf-8"
    assert (
        b'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.063/cXML.dtd">' in told.body
    )
    root, other = (read_xml(it.body, "a Response") for it in (told, refusal))
    assert attribute(root, "payloadID") == "n-1@tallyman"
    assert attribute(root, "timestamp") == "2026-11-20T18:00:00+00:00"
    assert attribute(child(root, "Response", "Status"), "code") == "200"
    assert attribute(child(root, "Response", "Status"), "text") == "OK"
    assert attribute(child(other, "Response", "Status"), "code") == "401"


# What is no statement


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (document(), "unsupported_kind"),
        (document("<OrderRequest/>"), "unsupported_kind"),
        (document("<StatusUpdateRequest/>"), "unsupported_kind"),
        (document("<PunchOutSetupRequest/>"), "unsupported_kind"),
        (b"<cXML><Response><Status code='200' text='OK'/></Response></cXML>", "unsupported_kind"),
        (b"<cXML><Message><PunchOutOrderMessage/></Message></cXML>", "unsupported_kind"),
        (b"<cXML/>", "unsupported_kind"),
        (document("<ShipNoticeRequest/>", more=" deploymentMode='test'"), "test_mode"),
        (b"<cXML><Message deploymentMode='test'/></cXML>", "test_mode"),
    ],
)
def test_other_documents_cause_nothing(body: bytes, reason: str) -> None:
    """Documents of other kinds, answers and tests are ignored with their reason."""
    with pytest.raises(UnsupportedError) as refusal:
        SOURCE.read(posted(body))

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<ConfirmationRequest/><ShipNoticeRequest/>",
        "<ConfirmationRequest/>",
        "<ShipNoticeRequest/>",
        "<ShipNoticeRequest><ShipNoticeHeader shipmentID='1'/></ShipNoticeRequest>",
        "<InvoiceDetailRequest/>",
    ],
)
def test_a_request_without_its_parts_is_malformed(content: str) -> None:
    """A request that holds not one document, or one without what it must have, is refused."""
    with pytest.raises(MalformedError):
        SOURCE.read(posted(document(content)))


def test_an_envelope_names_its_sender_and_its_time() -> None:
    """The company is named where the document does; a time without a zone is none."""
    header = "<ConfirmationHeader type='accept'>{0}</ConfirmationHeader>"
    contact = "<Contact role='{0}'><Name>Quayside  Inc</Name></Contact>"
    correspondent = f"{credential('Q1')}<Correspondent><Contact><Name>Q Ltd</Name></Contact>"

    def about(inside: str, **more: str) -> tuple[str, str, datetime | None]:
        content = f"<ConfirmationRequest>{header.format(inside)}{ORDER}</ConfirmationRequest>"
        (update,) = SOURCE.read(posted(document(content, **more))).updates
        assert isinstance(update, OrderConfirmation)
        its = update.document
        return its.sender, its.supplier, its.said_at

    at = datetime.fromisoformat("2026-11-20T10:00:00-06:00")
    assert about("") == ("cXML", "QUAYSIDE", at)
    assert about(contact.format("supplierCorporate")) == ("Quayside Inc (cXML)", "Quayside Inc", at)
    assert about(contact.format("shipTo")) == ("cXML", "QUAYSIDE", at)
    named = about("", sent_by=f"{correspondent}</Correspondent>", time="2026-11-20 10:00")
    assert named == ("Q Ltd (cXML)", "Q Ltd", None)


# Confirmations


def confirmation(type_: str, *items: str, more: str = "", order: str = ORDER) -> str:
    """A confirmation of a type, with some lines."""
    header = f'<ConfirmationHeader type="{type_}" confirmID="C-1"{more}/>'
    return f"<ConfirmationRequest>{header}{order}{''.join(items)}</ConfirmationRequest>"


def confirmed(*statuses: str, line: str = "1", quantity: str = "100") -> str:
    """A line of a confirmation."""
    return (
        f'<ConfirmationItem lineNumber="{line}" quantity="{quantity}">{"".join(statuses)}'
        "</ConfirmationItem>"
    )


def status(type_: str, quantity: str = "100", inside: str = "", **dates: str) -> str:
    """A state of a line."""
    given = "".join(f' {name}="{value}"' for name, value in dates.items())
    return (
        f'<ConfirmationStatus type="{type_}" quantity="{quantity}"{given}>{inside}'
        "</ConfirmationStatus>"
    )


def promises(reading: Reading) -> list[tuple[Any, ...]]:
    """What is promised, of which line, and how much."""
    return [
        (it.promise, it.item.line_number, it.quantity, it.is_rest)
        for it in reading.updates
        if isinstance(it, OrderConfirmation)
    ]


@pytest.mark.parametrize(
    ("type_", "promise"),
    [
        ("accept", Promise.ACCEPTED),
        ("backordered", Promise.BACKORDERED),
        ("reject", Promise.REJECTED),
    ],
)
def test_a_confirmation_without_lines_is_about_the_whole_order(
    type_: str, promise: Promise
) -> None:
    """Without lines, the whole order is accepted, backordered or rejected."""
    assert promises(said(confirmation(type_))) == [(promise, "", None, False)]


@pytest.mark.parametrize(
    ("type_", "state", "promise"),
    [
        ("accept", "accept", Promise.ACCEPTED),
        ("except", "backordered", Promise.ACCEPTED),
        ("except", "detail", Promise.ACCEPTED),
        ("backordered", "backordered", Promise.BACKORDERED),
        ("reject", "reject", Promise.REJECTED),
    ],
)
def test_lines_that_are_not_listed_have_the_state_of_the_order(
    type_: str, state: str, promise: Promise
) -> None:
    """Types that speak of the whole order do so of the lines that are not listed, too."""
    reading = said(confirmation(type_, confirmed(status(state), line="2")))

    assert len(reading.updates) == 2
    rest = reading.updates[1]
    assert isinstance(rest, OrderConfirmation)
    assert (rest.promise, rest.is_rest) == (promise, True)
    assert [it.line_number for it in rest.others] == ["2"]
    assert rest.item.is_whole_order


@pytest.mark.parametrize("type_", ["detail", "allDetail"])
def test_lines_that_are_not_listed_keep_their_state(type_: str) -> None:
    """A detailed confirmation says nothing of the lines that it does not list."""
    reading = said(confirmation(type_, confirmed(status("accept")), confirmed(status("allDetail"))))

    assert [promise for promise, *_ in promises(reading)] == [Promise.ACCEPTED] * 2


@pytest.mark.parametrize(("type_", "state"), [("accept", "reject"), ("reject", "accept")])
def test_a_line_that_contradicts_the_whole_is_held(type_: str, state: str) -> None:
    """Where the order is accepted and a line of it rejected, nobody knows what is meant."""
    reading = said(confirmation(type_, confirmed(status(state))))

    assert not reading.updates
    assert reasons(reading) == (["conflict", "conflict"], [])


def test_the_rest_is_not_known_where_a_line_is_not() -> None:
    """A line without a number leaves open which lines are left over."""
    reading = said(confirmation("except", confirmed(status("reject"), line="")))

    assert reasons(reading) == (["malformed", "conflict"], [])


@pytest.mark.parametrize("type_", ["detail", "allDetail", "except"])
def test_a_type_that_needs_lines_is_malformed_without_them(type_: str) -> None:
    """A confirmation that must list lines and does not is refused."""
    assert reasons(said(confirmation(type_))) == (["malformed"], [])


@pytest.mark.parametrize(
    ("content", "held", "ignored"),
    [
        (confirmation("requestToPay"), [], ["unsupported_kind"]),
        (confirmation("replace"), ["needs_person"], []),
        (confirmation("accept", more=' operation="delete"'), ["needs_person"], []),
        (confirmation("approved"), ["unknown_status"], []),
        (confirmation("detail", confirmed(status("requestToPay"))), [], ["unsupported_kind"]),
        (confirmation("detail", confirmed(status("unknown"))), [], ["unsupported_kind"]),
        (
            confirmation("detail", confirmed(status("unknown")), more=' operation="update"'),
            ["needs_person"],
            [],
        ),
        (confirmation("detail", confirmed(status("maybe"))), ["unknown_status"], []),
        (confirmation("detail", confirmed()), ["malformed"], []),
        (confirmation("detail", confirmed(status("accept", "many"))), ["malformed"], []),
        (
            confirmation("detail", confirmed(status("accept", "-1"), quantity="-1")),
            ["malformed"],
            [],
        ),
        (confirmation("detail", confirmed(status("accept", "90"))), ["does_not_add_up"], []),
    ],
)
def test_what_is_no_promise_is_held_or_ignored(
    content: str, held: list[str], ignored: list[str]
) -> None:
    """Requests for payment are ignored; what takes back, replaces or cannot be is held."""
    reading = said(content)

    assert not reading.updates
    assert reasons(reading) == (held, ignored)
    assert all(SECRET not in it.detail for it in (*reading.held, *reading.ignored))


def test_a_line_that_cannot_be_read_keeps_no_other_back() -> None:
    """One bad line is held, and the others are read."""
    reading = said(
        confirmation(
            "detail", confirmed(status("accept", "x")), confirmed(status("accept"), line="2")
        )
    )

    assert promises(reading) == [(Promise.ACCEPTED, "2", Decimal(100), False)]
    assert reading.held[0].detail.startswith("ConfirmationItem 1: ")


def test_one_line_may_have_several_states() -> None:
    """A line that is partly accepted and partly backordered is two statements."""
    reading = said(
        confirmation("detail", confirmed(status("accept", "60"), status("backordered", "40")))
    )

    assert promises(reading) == [
        (Promise.ACCEPTED, "1", Decimal(60), False),
        (Promise.BACKORDERED, "1", Decimal(40), False),
    ]


def test_a_quantity_may_be_left_to_the_line() -> None:
    """The only state of a line has the line's quantity; one of several without one has none."""
    bare = '<ConfirmationStatus type="accept"/>'

    assert promises(said(confirmation("detail", confirmed(bare))))[0][2] == Decimal(100)
    assert promises(said(confirmation("detail", confirmed(bare, bare))))[0][2] is None


@pytest.mark.parametrize(
    ("of_line", "of_state", "unit"),
    [("EA", "EA", ""), ("RO", "", "RO"), ("EA", "RO", "RO"), ("RO", "EA", ""), ("", "", "")],
)
def test_a_quantity_has_the_nearest_unit(of_line: str, of_state: str, unit: str) -> None:
    """The unit is the state's, else the line's; pieces have none."""
    element = "<UnitOfMeasure>{0}</UnitOfMeasure>"
    state = status("accept", "100", element.format(of_state))
    (update,) = said(confirmation("detail", confirmed(element.format(of_line), state))).updates

    assert isinstance(update, OrderConfirmation)
    assert (update.quantity, update.unit) == (Decimal(100), unit)


def test_the_quantity_of_the_line_has_the_unit_of_the_line() -> None:
    """A state without a quantity has the line's, and then the line's unit."""
    unit = "<UnitOfMeasure>RO</UnitOfMeasure>"
    state = (
        '<ConfirmationStatus type="accept"><UnitOfMeasure>EA</UnitOfMeasure></ConfirmationStatus>'
    )
    (update,) = said(confirmation("detail", confirmed(unit, state))).updates

    assert isinstance(update, OrderConfirmation)
    assert (update.quantity, update.unit) == (Decimal(100), "RO")


def test_shipped_and_billed_quantities_have_their_units() -> None:
    """UnitOfMeasure is told of every lot of a line and of a line of an invoice."""
    box = "<UnitOfMeasure>BX</UnitOfMeasure>"
    lots = "".join(
        f'<Batch batchQuantity="50"><SupplierBatchID>{it}</SupplierBatchID></Batch>' for it in "AB"
    )

    assert [it.unit for it in notices(notice(portion(shipped(box + lots), shipped())))] == [
        "BX",
        "BX",
        "",
    ]
    assert [it.unit for it in invoiced(bill(billed(box))).lines] == ["BX"]


def test_quantities_in_different_units_are_not_added() -> None:
    """States in another unit than the line need not add up to it."""
    unit = "<UnitOfMeasure>{0}</UnitOfMeasure>"
    line = confirmed(unit.format("EA"), status("accept", "1", unit.format("KPC")))

    assert len(promises(said(confirmation("detail", line)))) == 1


def test_a_price_is_for_one_piece() -> None:
    """Prices per thousand, and per another unit, are those of one piece; no price is none."""
    basis = '<PriceBasisQuantity quantity="{0}" conversionFactor="{1}"/>'
    price = '<UnitPrice><Money currency="usd">12.50</Money></UnitPrice>'
    cases = {
        price: Decimal("12.50"),
        "": None,
        f"<ItemIn><ItemDetail>{price}{basis.format('1000', '1')}</ItemDetail></ItemIn>": Decimal(
            "0.0125"
        ),
        f"<ItemIn><ItemDetail>{price}{basis.format('1', '0.001')}</ItemDetail></ItemIn>": Decimal(
            "0.0125"
        ),
        f"<ItemIn><ItemDetail>{price}{basis.format('', '')}</ItemDetail></ItemIn>": Decimal("12.5"),
    }

    for inside, expected in cases.items():
        (update,) = said(confirmation("detail", confirmed(status("detail", "100", inside)))).updates
        assert isinstance(update, OrderConfirmation)
        assert update.unit_price == expected
        assert update.currency == ("" if expected is None else "USD")
    nothing = f"<ItemIn><ItemDetail>{price}{basis.format('0', '1')}</ItemDetail></ItemIn>"
    line = confirmed(status("detail", "100", nothing))
    assert reasons(said(confirmation("detail", line))) == (["malformed"], [])


def test_of_a_backorder_only_the_dates_count() -> None:
    """A price and a part beside a backorder are ignored, as documented."""
    inside = (
        "<ItemIn><ItemID><SupplierPartID>P-2</SupplierPartID></ItemID></ItemIn>"
        "<UnitPrice><Money currency='USD'>1</Money></UnitPrice>"
    )
    for state, part in (("detail", "P-2"), ("backordered", "")):
        dated = status(state, "100", inside, deliveryDate="2026-12-04T00:00:00+01:00")
        (update,) = said(confirmation("detail", confirmed(dated))).updates
        assert isinstance(update, OrderConfirmation)
        assert update.substitute == part
        assert (update.unit_price is None) is not bool(part)
        assert update.estimated_delivery == date(2026, 12, 4)


def test_a_date_that_cannot_be_read_is_told_in_words() -> None:
    """A date in another form is not guessed; it stays in the words."""
    (update,) = said(
        confirmation("detail", confirmed(status("accept", shipmentDate="12/04/2026 10:00")))
    ).updates

    assert isinstance(update, OrderConfirmation)
    assert update.expected_ship_by is None
    assert update.words == "shipmentDate 12/04/2026 10:00"


def test_an_order_may_be_named_by_its_document_alone() -> None:
    """Without orderID, the payloadID of the order's document is taken for its number."""
    order = '<OrderReference><DocumentReference payloadID=" 2252 "/></OrderReference>'
    (named,) = said(confirmation("accept", order=order)).updates
    (nameless,) = said(confirmation("accept", order="")).updates

    assert isinstance(named, OrderConfirmation)
    assert isinstance(nameless, OrderConfirmation)
    assert (named.item.po_number, nameless.item.po_number) == ("2252", "")


def test_what_is_longer_than_any_is_held() -> None:
    """A number longer than 255 characters is held; words are shortened and say so."""
    line = confirmed(status("accept", "100", f"<Comments>{'x' * 3000}</Comments>"), line="1" * 256)
    assert reasons(said(confirmation("detail", line))) == (["malformed"], [])

    line = confirmed(status("accept", "100", f"<Comments>{'x ' * 3000}</Comments>"))
    (update,) = said(confirmation("detail", line)).updates
    assert isinstance(update, OrderConfirmation)
    assert len(update.words) <= 1000
    assert update.words.endswith("x...")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", Decimal(1)),
        ("+1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("1,234.5", Decimal("1234.5")),
        ("1,234", None),
        ("1.234,5", None),
        ("1e3", None),
        ("NaN", None),
        ("1" * 19, None),
        ("٣", None),
    ],
)
def test_a_number_is_read_where_it_can_mean_one_thing(written: str, value: Decimal | None) -> None:
    """Numbers are as in US English; what may mean something else elsewhere is not guessed."""
    line = confirmed(status("accept", written), quantity="")
    reading = said(confirmation("detail", line))

    assert [it[2] for it in promises(reading)] == ([] if value is None else [value])
    assert reasons(reading)[0] == (["malformed"] if value is None else [])


# Ship notices


def notice(*portions: str, header: str = "", controls: str = "", inside: str = "") -> str:
    """A ship notice."""
    dates = 'shipmentDate="2026-11-19T08:00:00-06:00" deliveryDate="2026-11-25T12:00:00-06:00"'
    return (
        f'<ShipNoticeRequest><ShipNoticeHeader shipmentID="S-1" {dates}{header}>{inside}'
        f"</ShipNoticeHeader>{controls}{''.join(portions)}</ShipNoticeRequest>"
    )


def portion(*items: str, order: str = ORDER) -> str:
    """An order within a ship notice."""
    return f"<ShipNoticePortion>{order}{''.join(items)}</ShipNoticePortion>"


def shipped(inside: str = "", line: str = "1", quantity: str = "100") -> str:
    """A line within a ship notice."""
    return f'<ShipNoticeItem lineNumber="{line}" quantity="{quantity}">{inside}</ShipNoticeItem>'


def notices(content: str) -> list[ShipNotice]:
    """The ship notices that are read, where nothing else is."""
    reading = said(content)
    assert not reading.held
    assert not reading.ignored
    return [it for it in reading.updates if isinstance(it, ShipNotice)]


def test_a_portion_without_items_ships_the_whole_order() -> None:
    """Several orders in a notice are a statement each, and without lines about all of theirs."""
    other = '<OrderReference orderID="PO-8"/>'
    found = notices(notice(portion(), portion(shipped(), order=other)))

    assert [(it.item.po_number, it.item.is_whole_order, it.quantity) for it in found] == [
        ("PO-7", True, None),
        ("PO-8", False, Decimal(100)),
    ]
    assert found[0].shipped_on == date(2026, 11, 19)
    assert found[0].estimated_delivery == date(2026, 11, 25)
    assert found[0].document.number == "S-1"


def test_legs_follow_each_other_and_a_bill_of_lading_is_no_tracking_number() -> None:
    """The first leg's numbers come first, each once, as they are written."""
    control = "<ShipControl>{0}</ShipControl>"
    first = (
        "<CarrierIdentifier domain='SCAC'>UPSN</CarrierIdentifier>"
        "<ShipmentIdentifier domain='billOfLading'>BL 1</ShipmentIdentifier>"
        "<ShipmentIdentifier domain='trackingNumber'> 1Z 04\n T </ShipmentIdentifier>"
    )
    second = (
        "<CarrierIdentifier domain='companyName'>Slow</CarrierIdentifier>"
        "<ShipmentIdentifier>S-9</ShipmentIdentifier><ShipmentIdentifier/>"
        "<ShipmentIdentifier>1Z 04 T</ShipmentIdentifier>"
    )
    legs = control.format(first) + control.format(second)
    (found,) = notices(notice(portion(), controls=legs))

    assert found.tracking_numbers == ("1Z 04 T", "S-9")
    assert found.carrier == "UPSN"
    assert found.words == "Bill of lading BL 1"


def test_a_line_may_travel_under_its_own_number() -> None:
    """A tracking number at a line's packaging is that line's; the other lines have the notice's."""
    own = "<Packaging><ShipmentIdentifier>OWN-1</ShipmentIdentifier></Packaging>"
    controls = "<ShipControl><ShipmentIdentifier>ALL-1</ShipmentIdentifier></ShipControl>"
    found = notices(notice(portion(shipped(own), shipped(line="2")), controls=controls))

    assert [it.tracking_numbers for it in found] == [("OWN-1",), ("ALL-1",)]


def test_tracking_numbers_are_bounded() -> None:
    """Two hundred numbers are taken; more than that are held, because each line carries them."""
    one = "<ShipmentIdentifier>{0}</ShipmentIdentifier>"
    numbers = "".join(one.format(number) for number in range(201))
    control = "<ShipControl>{0}</ShipControl>"

    (found,) = notices(notice(portion(), controls=control.format(numbers[: -len(one.format(200))])))
    assert len(found.tracking_numbers) == 200
    many = notice(portion(), controls=control.format(numbers))
    assert reasons(said(many)) == (["malformed"], [])
    own = shipped(f"<Packaging>{numbers}</Packaging>")
    assert reasons(said(notice(portion(own)))) == (["malformed"], [])


def test_lots_of_a_line_are_statements_of_their_own() -> None:
    """Each batch has its quantity, lot and origin; what is no country code stays in words."""
    batches = (
        '<Batch batchQuantity="60" originCountryCode="my"><SupplierBatchID>A</SupplierBatchID>'
        '<BuyerBatchID>X</BuyerBatchID></Batch><Batch batchQuantity="40" '
        'originCountryCode="Malaysia" productionDate="wk 24"><BuyerBatchID>B</BuyerBatchID></Batch>'
    )
    found = notices(notice(portion(shipped(batches))))

    assert [(it.quantity, it.mfg_lot, it.coo, it.words) for it in found] == [
        (Decimal(60), "A", "MY", ""),
        (Decimal(40), "B", "", "productionDate wk 24; Origin MALAYSIA"),
    ]


def test_lots_without_quantities_are_not_told_apart() -> None:
    """Where nothing says which pieces are of which lot, all are one statement, and words tell."""
    batches = (
        "<SupplierBatchID>A</SupplierBatchID><Batch><SupplierBatchID>B</SupplierBatchID></Batch>"
    )
    (found,) = notices(notice(portion(shipped(batches))))

    assert (found.quantity, found.mfg_lot, found.words) == (Decimal(100), "", "Lots A, B")


def test_batches_that_do_not_add_up_are_held() -> None:
    """Batches that hold more or less than the line are held, and the other lines go on."""
    batch = '<Batch batchQuantity="60"/>'
    reading = said(notice(portion(shipped(batch), shipped(line="2"))))

    assert reasons(reading) == (["does_not_add_up"], [])
    assert reading.held[0].detail == ("Line 1: its batches hold 60 pieces together, the line 100.")
    assert len(reading.updates) == 1


@pytest.mark.parametrize(
    ("extrinsics", "code", "words"),
    [
        ("<Extrinsic name='Date Code'> 2624+ </Extrinsic>", "2624+", ""),
        ("<Extrinsic name='mfgDateCode'>2624</Extrinsic>", "2624", ""),
        ("<Extrinsic name='Date'>2624</Extrinsic>", "", ""),
        (
            "<Extrinsic name='datecode1'>A</Extrinsic><Extrinsic name='datecode2'>B</Extrinsic>",
            "",
            "Date codes A, B",
        ),
    ],
)
def test_a_date_code_is_what_an_extrinsic_calls_so(extrinsics: str, code: str, words: str) -> None:
    """A date code is taken as it is written, where it is called so and is one."""
    (found,) = notices(notice(portion(shipped(extrinsics))))

    assert (found.date_code, found.words) == (code, words)


def test_a_part_is_named_beside_the_line() -> None:
    """A line of a notice may name parts, or only parts; it must name something."""
    parts = (
        "<ItemID><SupplierPartID>S</SupplierPartID><BuyerPartID>B</BuyerPartID></ItemID>"
        "<ShipNoticeItemDetail><ManufacturerPartID>M</ManufacturerPartID></ShipNoticeItemDetail>"
    )
    (found,) = notices(notice(portion(shipped(parts, line=""))))

    assert found.item.part_numbers == ("B", "M", "S")
    assert reasons(said(notice(portion(shipped(line=""))))) == (["malformed"], [])


def test_a_planned_shipment_is_a_promise() -> None:
    """Nothing has left: the dates are promises, and lots do not divide them."""
    batches = '<Batch batchQuantity="60"/><Batch batchQuantity="40"/>'
    reading = said(notice(portion(shipped(batches)), header=' shipmentType="planned"'))

    (update,) = reading.updates
    assert isinstance(update, OrderConfirmation)
    assert (update.promise, update.quantity) == (Promise.PLANNED, Decimal(100))
    assert update.expected_ship_by == date(2026, 11, 19)
    assert update.estimated_delivery == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("operation", "purpose"),
    [("new", Purpose.NEW), ("update", Purpose.REPLACES), ("delete", Purpose.CANCELS)],
)
def test_a_notice_may_replace_or_cancel(operation: str, purpose: Purpose) -> None:
    """What a notice is to the one before it is told."""
    (found,) = notices(notice(portion(), header=f' operation="{operation}"'))

    assert found.purpose is purpose


@pytest.mark.parametrize(
    ("content", "held", "ignored"),
    [
        (notice(portion(), header=' reason="return"'), [], ["not_a_shipment"]),
        (notice(portion(), header=' operation="amend"'), ["needs_person"], []),
        (notice(header=' operation="delete"'), ["needs_person"], []),
        (
            notice(portion(), header=' operation="delete" shipmentType="planned"'),
            ["needs_person"],
            [],
        ),
        (notice(portion(), header=' shipmentType="guess"'), ["unknown_status"], []),
        (notice(portion(order=f'<OrderReference orderID="{"9" * 256}"/>')), ["malformed"], []),
        (notice(portion(shipped(quantity="ten"))), ["malformed"], []),
    ],
)
def test_what_is_no_shipment_is_held_or_ignored(
    content: str, held: list[str], ignored: list[str]
) -> None:
    """Returns are ignored; what is taken back or cannot be read is held."""
    reading = said(content)

    assert not reading.updates
    assert reasons(reading) == (held, ignored)


def test_a_number_may_be_in_another_case() -> None:
    """Some senders write ShipmentID."""
    content = notice(portion()).replace("shipmentID", "ShipmentID")

    assert notices(content)[0].document.number == "S-1"


# Invoices


def amount(name: str, value: str, currency: str = "USD", more: str = "") -> str:
    """An element with an amount of money."""
    return f'<{name}><Money currency="{currency}">{value}</Money>{more}</{name}>'


def billed(inside: str = "", *, subtotal: str = "100.00", line: str = "1") -> str:
    """A line of an invoice: a hundred pieces."""
    total = amount("SubtotalAmount", subtotal) if subtotal else ""
    return (
        f'<InvoiceDetailItem quantity="100">{amount("UnitPrice", "1.00")}'
        f'<InvoiceDetailItemReference lineNumber="{line}"/>{total}{inside}</InvoiceDetailItem>'
    )


def bill(
    *lines: str,
    net: str = "100.00",
    summary: str = "",
    header: str = "",
    indicator: str = "",
    reference: str = ORDER,
) -> str:
    """An invoice about one order."""
    return (
        f'<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID="I-1"{header}>'
        f"<InvoiceDetailLineIndicator{indicator}/></InvoiceDetailRequestHeader>"
        f"<InvoiceDetailOrder><InvoiceDetailOrderInfo>{reference}</InvoiceDetailOrderInfo>"
        f"{''.join(lines) or billed()}</InvoiceDetailOrder><InvoiceDetailSummary>{summary}"
        f"{amount('NetAmount', net)}</InvoiceDetailSummary></InvoiceDetailRequest>"
    )


def invoiced(content: str) -> Invoice:
    """The one invoice that is read."""
    reading = said(content)
    assert not reading.held, reading.held
    (update,) = reading.updates
    assert isinstance(update, Invoice)
    return update


def added(invoice: Invoice) -> Decimal:
    """What the parts of an invoice make."""
    every = [invoice.amounts, *(line.amounts for line in invoice.lines)]
    charges = sum(it.tax + it.shipping + it.duties + it.other - it.discount for it in every)
    return sum((line.total for line in invoice.lines), Decimal(charges))


TAX = amount("Tax", "8.00")
SHIPPING = amount("InvoiceDetailLineShipping", "5.00")
HANDLING = amount("InvoiceDetailLineSpecialHandling", "2.00")
DISCOUNT = amount("InvoiceDetailDiscount", "10.00")


def test_amounts_of_lines_count_where_the_header_says_so() -> None:
    """A line's amounts are its own where they are given by line; the summary repeats them."""
    all_in_line = " ".join(
        f'{name}="yes"'
        for name in (
            "isTaxInLine",
            "isShippingInLine",
            "isSpecialHandlingInLine",
            "isDiscountInLine",
        )
    )
    invoice = invoiced(
        bill(
            billed(TAX + SHIPPING + HANDLING + DISCOUNT),
            net="105.00",
            summary=TAX
            + amount("ShippingAmount", "5.00")
            + amount("SpecialHandlingAmount", "2.00")
            + DISCOUNT,
            indicator=f" {all_in_line}",
        )
    )

    (line,) = invoice.lines
    assert line.total == Decimal(90)
    assert line.amounts == Amounts(tax=Decimal(8), shipping=Decimal(5), other=Decimal(2))
    assert invoice.amounts == Amounts()
    assert added(invoice) == invoice.total == Decimal(105)


def test_amounts_of_lines_are_ignored_where_the_header_does_not_say_so() -> None:
    """A line's amounts that the header does not announce count for nothing; the summary's do."""
    invoice = invoiced(
        bill(billed(TAX + SHIPPING + HANDLING + DISCOUNT), net="98.00", summary=TAX + DISCOUNT)
    )

    assert invoice.lines[0].amounts == Amounts()
    assert invoice.amounts == Amounts(tax=Decimal(8), discount=Decimal(10))
    assert added(invoice) == Decimal(98)


def test_the_summary_adds_what_no_line_has() -> None:
    """Of a tax that is greater than those of the lines, the rest is the header's."""
    invoice = invoiced(
        bill(
            billed(TAX),
            net="110.00",
            summary=amount("Tax", "10.00"),
            indicator=' isTaxInLine="yes"',
        )
    )

    assert invoice.amounts == Amounts(tax=Decimal(2))
    assert added(invoice) == Decimal(110)


def test_a_summary_may_leave_out_what_the_lines_have() -> None:
    """A summary without a tax, or with one of nothing, takes nothing from the lines."""
    for summary in ("", amount("Tax", "0")):
        invoice = invoiced(
            bill(billed(TAX), net="108.00", summary=summary, indicator=' isTaxInLine="yes"')
        )
        assert added(invoice) == Decimal(108)


@pytest.mark.parametrize(
    ("indicator", "inside", "stated"),
    [
        ("isTaxInLine", TAX, amount("Tax", "7.99")),
        ("isShippingInLine", SHIPPING, amount("ShippingAmount", "1")),
        ("isSpecialHandlingInLine", HANDLING, amount("SpecialHandlingAmount", "1")),
        ("isDiscountInLine", DISCOUNT, amount("InvoiceDetailDiscount", "1")),
    ],
)
def test_lines_with_more_than_the_whole_are_held(indicator: str, inside: str, stated: str) -> None:
    """Lines that have more of an amount than the invoice states contradict it."""
    content = bill(billed(inside), summary=stated, indicator=f' {indicator}="yes"')

    assert reasons(said(content)) == (["does_not_add_up"], [])


def test_duty_is_a_tax_of_that_purpose() -> None:
    """Of a tax, the details that are for duty are duty; of duty by line, the lines keep theirs."""
    detail = f"<TaxDetail purpose='custom duty'>{amount('TaxAmount', '3.00')}</TaxDetail>"
    duty = amount("Tax", "8.00", more=detail + "<TaxDetail purpose='tax'/>")

    header = invoiced(bill(net="108.00", summary=duty))
    assert header.amounts == Amounts(tax=Decimal(5), duties=Decimal(3))
    line = invoiced(bill(billed(duty), net="108.00", summary=TAX, indicator=' isTaxInLine="yes"'))
    assert line.lines[0].amounts == Amounts(tax=Decimal(5), duties=Decimal(3))
    assert line.amounts == Amounts()
    # The other way round the sum is the same, and nothing is left for the header.
    again = invoiced(bill(billed(TAX), net="108.00", summary=duty, indicator=' isTaxInLine="yes"'))
    assert again.amounts == Amounts()
    more = invoiced(
        bill(
            billed(amount("Tax", "5.00")),
            net="108.00",
            summary=duty,
            indicator=' isTaxInLine="yes"',
        )
    )
    assert more.amounts == Amounts(duties=Decimal(3))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Import Duty", Amounts(duties=Decimal(4))),
        ("Customs", Amounts(duties=Decimal(4))),
        ("Section 301 tariff", Amounts(duties=Decimal(4))),
        ("Freight", Amounts(shipping=Decimal(4))),
        ("Express delivery", Amounts(shipping=Decimal(4))),
        ("VAT", Amounts(tax=Decimal(4))),
        ("Handling", Amounts(other=Decimal(4))),
        ("", Amounts(other=Decimal(4))),
    ],
)
def test_a_charge_is_what_it_is_called(name: str, expected: Amounts) -> None:
    """A named charge is duty, shipping or tax by its name, and otherwise another charge."""
    detail = f"<ModificationDetail name='{name}'/>"
    charge = f"<Modification>{amount('AdditionalCost', '4.00')}{detail}</Modification>"
    of_header = f"<InvoiceHeaderModifications>{charge}</InvoiceHeaderModifications>"
    of_line = f"<InvoiceItemModifications>{charge}</InvoiceItemModifications>"

    assert invoiced(bill(net="104.00", summary=of_header)).amounts == expected
    assert invoiced(bill(billed(of_line), net="104.00")).lines[0].amounts == expected


def test_an_allowance_lowers_what_it_stands_beside() -> None:
    """An allowance of a line lowers its total; one of the header is the header's discount."""
    deduction = f"<AdditionalDeduction>{amount('DeductionAmount', '4.00')}</AdditionalDeduction>"
    allowance = f"<Modification>{deduction}</Modification>"
    of_header = f"<InvoiceHeaderModifications>{allowance}</InvoiceHeaderModifications>"
    of_line = f"<InvoiceItemModifications>{allowance}</InvoiceItemModifications>"

    assert invoiced(bill(net="96.00", summary=of_header)).amounts == Amounts(discount=Decimal(4))
    line = invoiced(bill(billed(of_line), net="96.00")).lines[0]
    assert (line.total, line.amounts) == (Decimal(96), Amounts())
    percent = "<AdditionalCost><Percentage percent='4'/></AdditionalCost>"
    content = bill(
        summary=f"<InvoiceHeaderModifications><Modification>{percent}</Modification>"
        "</InvoiceHeaderModifications>"
    )
    assert reasons(said(content)) == (["malformed"], [])


def test_a_line_without_a_total_is_computed() -> None:
    """Without a subtotal, quantity and price make it, unrounded and for the price's basis."""
    basis = '<PriceBasisQuantity quantity="3" conversionFactor="1"/>'
    invoice = invoiced(bill(billed(basis, subtotal=""), net="33.33"))

    (line,) = invoice.lines
    assert line.is_total_computed
    assert line.total == Decimal(100) / 3
    assert line.quantity == Decimal(100)
    assert not invoiced(bill()).lines[0].is_total_computed
    nothing = '<InvoiceDetailItem><InvoiceDetailItemReference lineNumber="1"/></InvoiceDetailItem>'
    assert reasons(said(bill(nothing))) == (["malformed"], [])


def test_services_and_orders_without_lines_are_billed_too() -> None:
    """A service is a line like any other; a header invoice is about the whole order."""
    rate = f"<UnitRate><Money currency='USD'>50</Money></UnitRate>{amount('SubtotalAmount', '100')}"
    service = (
        "<InvoiceDetailServiceItem quantity='2'><InvoiceDetailServiceItemReference lineNumber='4'>"
        f"<Description>Programming</Description></InvoiceDetailServiceItemReference>{rate}"
        "</InvoiceDetailServiceItem>"
    )
    (line,) = invoiced(bill(service)).lines
    assert (line.item.line_number, line.unit_price, line.words) == ("4", Decimal(50), "Programming")

    whole = (
        f"<InvoiceDetailHeaderOrder><InvoiceDetailOrderInfo>{ORDER}"
        "<SupplierOrderInfo orderID='SO-1'/></InvoiceDetailOrderInfo><InvoiceDetailOrderSummary>"
        f"{amount('SubtotalAmount', '100')}</InvoiceDetailOrderSummary></InvoiceDetailHeaderOrder>"
    )
    start, _, rest = bill().partition("<InvoiceDetailOrder>")
    end = rest.partition("</InvoiceDetailOrder>")[2]
    (line,) = invoiced(start + whole + end).lines
    assert line.item.is_whole_order
    assert (line.item.po_number, line.item.supplier_reference) == ("PO-7", "SO-1")
    assert reasons(said(start + end)) == (["malformed"], [])


def test_an_order_may_be_named_by_the_buyers_id_alone() -> None:
    """An OrderIDInfo names the order where there is no reference to it."""
    invoice = invoiced(bill(reference='<OrderIDInfo orderID="PO-9"/>'))

    assert invoice.lines[0].item.po_number == "PO-9"


def test_a_total_is_net_else_gross() -> None:
    """A net amount that is empty, or 0 for goods that cost something, gives way to the gross."""
    gross = amount("GrossAmount", "100.00")

    assert invoiced(bill(net="99.00", summary=gross)).total == Decimal(99)
    for net in ("", "0", "0.00"):
        assert invoiced(bill(net=net, summary=gross)).total == Decimal(100)
        held = said(bill(net=net))
        assert reasons(held) == (["does_not_add_up"], [])
        assert held.held[0].detail.endswith("while its parts make 100.00.")


def test_a_total_of_nothing_is_one_where_nothing_is_owed() -> None:
    """An invoice that is discounted to nothing is one of 0."""
    everything = amount("InvoiceDetailDiscount", "100.00")

    assert invoiced(bill(net="0", summary=everything)).total == 0


@pytest.mark.parametrize("purpose", ["creditMemo", "lineLevelCreditMemo"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_is_negative_however_it_is_written(purpose: str, sign: str) -> None:
    """Credits have negative amounts; those that are written without the sign get it."""
    invoice = invoiced(
        bill(
            billed(subtotal=f"{sign}100.00"),
            net=f"{sign}108.00",
            summary=amount("Tax", f"{sign}8.00"),
            header=f' purpose="{purpose}"',
        )
    )

    assert invoice.is_credit
    assert invoice.total == added(invoice) == Decimal(-108)
    assert invoice.lines[0].total == Decimal(-100)
    assert invoice.amounts == Amounts(tax=Decimal(-8))


@pytest.mark.parametrize(
    ("content", "held", "ignored"),
    [
        (bill(header=' isInformationOnly="yes"'), [], ["unsupported_kind"]),
        (bill(header=' operation="delete"'), ["needs_person"], []),
        (bill(header=' purpose="debitMemo"'), ["needs_person"], []),
        (bill(header=' purpose="lineLevelDebitMemo"'), ["needs_person"], []),
        (bill(header=' purpose="gift"'), ["needs_person"], []),
        (bill(summary=amount("Tax", "1", "EUR")), ["wrong_currency"], []),
        (bill().replace("I-1", ""), ["malformed"], []),
        (bill(net="1,00"), ["malformed"], []),
        (bill(billed(line="")), ["malformed"], []),
    ],
)
def test_what_is_no_plain_invoice_is_held_or_ignored(
    content: str, held: list[str], ignored: list[str]
) -> None:
    """Debits, cancellations and mixed currencies are held; mere information is ignored."""
    reading = said(content)

    assert not reading.updates
    assert reasons(reading) == (held, ignored)


def test_other_currencies_in_extrinsics_do_not_mix() -> None:
    """An amount that only an Extrinsic repeats in another currency is not mixed with the others."""
    extrinsic = f"<Extrinsic name='local'>{amount('x', '1', 'JPY')}</Extrinsic>"

    assert invoiced(bill(billed(extrinsic))).currency == "USD"
    assert invoiced(bill().replace('currency="USD"', "")).currency == ""


cents = st.integers(0, 10_000_00).map(lambda value: Decimal(value) / 100)


@given(lines=st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=4), header=cents)
def test_an_invoice_that_adds_up_adds_up_when_it_is_read(
    lines: list[tuple[Decimal, Decimal, Decimal]], header: Decimal
) -> None:
    """Whatever its lines and the header hold, nothing is counted twice or lost."""
    tax = sum((it[1] for it in lines), header)
    discount = sum((it[2] for it in lines), Decimal(0))
    net = sum((it[0] for it in lines), Decimal(0)) + tax - discount
    content = bill(
        *(
            billed(
                amount("Tax", str(its_tax)) + amount("InvoiceDetailDiscount", str(its_discount)),
                subtotal=str(subtotal),
            )
            for subtotal, its_tax, its_discount in lines
        ),
        net=str(net),
        summary=amount("Tax", str(tax)) + amount("InvoiceDetailDiscount", str(discount)),
        indicator=' isTaxInLine="yes" isDiscountInLine="yes"',
    )

    invoice = invoiced(content)

    assert added(invoice) == invoice.total == net


# What others have published


def published(name: str) -> Reading:
    """A published document as it is read, and as it is read when it was stored."""
    body = sample(f"suppliers/cxml/{name}")
    reading = read(SOURCE, posted(body))
    assert read(SOURCE, posted(SOURCE.without_secrets(body))) == reading
    return reading


def test_the_published_confirmation_is_read() -> None:
    """Three accepted lines without a number, although the type says that something changed."""
    reading = published("confirmation-request-accept.xml")

    assert not reading.held
    assert promises(reading) == [
        (Promise.ACCEPTED, line, Decimal(quantity), False)
        for line, quantity in (("1", 20), ("2", 12), ("3", 2))
    ]
    first = reading.updates[0]
    assert isinstance(first, OrderConfirmation)
    assert first.item.po_number == "400-2591453-0"
    assert first.document.number == ""
    assert first.document.said_at == datetime.fromisoformat("2012-09-04T02:37:49-05:00")
    assert first.expected_ship_by == first.estimated_delivery == date(2012, 9, 5)
    assert (first.unit_price, first.currency) == (Decimal("4.44"), "USD")


def test_the_published_ship_notice_is_read() -> None:
    """A whole order under a number that is printed with spaces."""
    (update,) = published("ship-notice-request.xml").updates

    assert isinstance(update, ShipNotice)
    assert update.item.is_whole_order
    assert update.item.po_number == "DO1234"
    assert update.tracking_numbers == ("8202 8261 1194",)
    assert update.carrier == "Federal Express"
    assert update.document.number == "S2-123"
    assert (update.shipped_on, update.estimated_delivery) == (
        date(2000, 10, 14),
        date(2000, 10, 18),
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [("invoice-detail-taxes-at-line.xml", "408"), ("invoice-detail-two-orders.xml", "220")],
)
def test_the_published_invoices_state_no_total(name: str, parts: str) -> None:
    """An empty total and one of 0 are none: a person sees what the parts make."""
    (finding,) = published(name).held

    assert isinstance(finding, Finding)
    assert finding.reason == "does_not_add_up"
    assert finding.detail.endswith(f"while its parts make {parts}.")


@pytest.mark.parametrize(
    ("name", "total", "lines"),
    [
        ("invoice-detail-taxes-at-line.xml", "408", [("123", "1", "365", "8")]),
        (
            "invoice-detail-two-orders.xml",
            "220",
            [("2252", "1", "200", "0"), ("2253", "1", "20", "0")],
        ),
    ],
)
def test_the_published_invoices_are_read_once_they_have_a_total(
    name: str, total: str, lines: list[tuple[str, str, str, str]]
) -> None:
    """With a total in its place, each line finds its own order, and all adds up."""
    body = sample(f"suppliers/cxml/{name}")
    start, net, end = body.partition(b"<NetAmount>")
    money = end.partition(b"</NetAmount>")
    whole = f'<Money currency="USD">{total}</Money>'.encode()
    (update,) = SOURCE.read(posted(start + net + whole + money[1] + money[2])).updates

    assert isinstance(update, Invoice)
    assert [
        (it.item.po_number, it.item.line_number, str(it.total), str(it.amounts.tax))
        for it in update.lines
    ] == lines
    assert added(update) == update.total == Decimal(total)


def test_the_published_answer_says_nothing() -> None:
    """An answer of somebody else is no statement."""
    assert reasons(published("response-status-400.xml")) == ([], ["unsupported_kind"])


def test_what_is_read_can_be_kept() -> None:
    """A reading survives being stored and loaded."""
    reading = said(bill())

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading
