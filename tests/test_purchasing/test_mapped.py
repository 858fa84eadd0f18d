"""Documents that are read as the configuration says, and the expressions that say it."""

import base64
import hashlib
import hmac
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.configuration import SourceSettings, read_configuration
from purchasing.documents import Invoice, OrderConfirmation, ShipNotice
from purchasing.errors import BadExpressionError, ConfigurationError, MalformedError
from purchasing.formats import expressions
from purchasing.mappings import FIELDS, Mapped, faults_of
from purchasing.sources import all_sources, configured
from purchasing.updates import Reading, TrackingUpdate
from tests.reading import RECEIVED_AT, notification, secrets_for, trust_in, whole_sources

MAPPED = whole_sources()["mapped"]
PARCEL = {"tracking_number": "n", "status": "s"}


def read(body: bytes, **mapping: Any) -> Reading:
    """What a source with one mapping reads."""
    given = {"says": "tracking", "document": PARCEL} | mapping
    settings = SourceSettings(format="mapped", mapped=(msgspec.convert(given, Mapped),))
    return configured(all_sources()["mapped"], settings).read(notification("mapped", body))


def parcel(body: bytes, **mapping: Any) -> TrackingUpdate:
    """The one parcel that a document speaks of."""
    (update,) = read(body, **mapping).updates
    assert isinstance(update, TrackingUpdate)
    return update


def evaluated(written: str, body: bytes, language: str = "json", **names: str) -> str:
    """The text that an expression gives."""
    document = expressions.read_document(body, language)
    return expressions.text(expressions.compiled(written, language, names), document, written)


@pytest.mark.parametrize(("unit", "expected"), [("pcs", ""), ("reel", "reel"), ("", "")])
def test_a_quantity_has_its_unit(unit: str, expected: str) -> None:
    """The field `unit` is there for whatever has a quantity, and empty where it is pieces."""
    body = msgspec.json.encode({"l": [{"q": 5, "u": unit}]})
    line = {"quantity": "q", "unit": "u"}
    confirmed = read(
        body,
        says="confirmation",
        lines="l",
        document={},
        line=line | {"promise": "'Y'"},
        meanings={"Y": "accepted"},
    )
    shipped = read(body, says="ship_notice", lines="l", document={}, line=line)
    billed = read(
        body,
        says="invoice",
        lines="l",
        document={"number": "'1'", "total": "'5'"},
        line=line | {"total": "'5'"},
    )

    for reading in (confirmed, shipped):
        (update,) = reading.updates
        assert isinstance(update, OrderConfirmation | ShipNotice)
        assert (update.quantity, update.unit) == (Decimal(5), expected)
    (update,) = billed.updates
    assert isinstance(update, Invoice)
    assert update.lines[0].unit == expected


def test_the_agreed_header_proves_the_body() -> None:
    """The hash is computed as the configuration says: its algorithm, encoding, header, prefix."""
    body = b'{"type": "parcel"}'
    secret = secrets_for(MAPPED)[0]
    digest = hmac.new(secret.encode(), body, hashlib.sha512).digest()
    header = {"x-acme-signature": f"v1={base64.b64encode(digest).decode()}"}

    trust = trust_in(MAPPED, secret)
    MAPPED.authenticate(notification("mapped", body, header), trust, RECEIVED_AT)
    assert MAPPED.sign(notification("mapped", body), trust, RECEIVED_AT).items() >= header.items()


def test_the_key_is_what_the_mapping_gives() -> None:
    """Two documents with the same key are the same; without a key, the body decides."""

    def key(body: bytes) -> str:
        return MAPPED.delivery_key(notification("mapped", body))

    assert key(b'{"type": "parcel", "id": "a"}') == "key:a"
    assert key(b'{"id": "a", "type": "invoice"}') == "key:a"
    for body in (b'{"type": "parcel"}', b'{"type": "parcel", "id": {}}', b"{}", b"?"):
        assert key(body).startswith("body:")
    assert key(b'{"type": "parcel", "id": "%s"}' % (b"x" * 300)).startswith("body:")
    assert key(b'<notice xmlns="urn:acme:notice" id="N-5"/>') == "key:N-5"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a": " x "}', "x"),
        (b'{"a": 7}', "7"),
        (b'{"a": 0.10}', "0.10"),
        (b'{"a": 1e2}', "100"),
        (b'{"a": true}', "true"),
        (b'{"a": false}', "false"),
        (b'{"a": null}', ""),
        (b"{}", ""),
        (b'{"a": ["x", "x"]}', "x"),
        (b'{"a": []}', ""),
        (b'{"a": 123456789012345678901234567890}', "123456789012345678901234567890"),
        (b'{"a": 1e999999999}', "1E+999999999"),
        (b'{"a": 1e99999999999999999999}', "1e99999999999999999999"),
    ],
)
def test_a_value_of_json_is_the_text_that_stands_there(body: bytes, text: str) -> None:
    """Numbers are kept as they are written, and what is absent is empty."""
    assert evaluated("a", body) == text


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "1e99999999999999999999"])
def test_a_number_beyond_all_bounds_is_refused_and_fills_no_memory(number: str) -> None:
    """A notification with an impossible number still has a key, and is held for what it is."""
    mapping = msgspec.convert(
        {"says": "tracking", "key": "k", "document": PARCEL | {"weight": "k"}}, Mapped
    )
    source = configured(all_sources()["mapped"], SourceSettings(format="mapped", mapped=(mapping,)))
    body = b'{"n": "1", "s": "2", "k": %s, "t": %s}' % (number.encode(), number.encode())

    assert len(source.delivery_key(notification("mapped", body))) < 80
    with pytest.raises(MalformedError, match="no decimal number"):
        read(
            body,
            says="invoice",
            document={"number": "n", "total": "t"},
            line={"total": "t"},
        )


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("/r/a", "one"),
        ("string(/r/a)", "one"),
        ("/r/a/@n", "1.50"),
        ("'constant'", "constant"),
        ("/r/b", ""),
        ("boolean(/r/a)", "true"),
        ("/p:r", "two"),
    ],
)
def test_a_value_of_xml_is_the_text_that_stands_there(written: str, text: str) -> None:
    """Elements, attributes and texts are read; what is absent is empty."""
    body = b'<p:r xmlns:p="urn:x">two</p:r>' if "p:" in written else b'<r><a n="1.50"> one </a></r>'

    assert evaluated(written, body, "xml", p="urn:x") == text


@pytest.mark.parametrize(
    ("written", "language", "body", "said"),
    [
        ("a", "json", b'{"a": ["x", "y"]}', "`a` gives 2 different texts where one is wanted"),
        ("a", "json", b'{"a": {}}', "`a` gives an object where a text is wanted"),
        ("a", "json", b'{"a": [[1]]}', "`a` gives a list where a text is wanted"),
        ("sum(a)", "json", b'{"a": "x"}', "`sum(a)` cannot be evaluated: "),
        ("number(/a)", "xml", b"<a>0.1</a>", "gives a number that was computed, which may not be"),
        ("$x", "xml", b"<a/>", "`$x` cannot be evaluated: "),
    ],
)
def test_an_expression_that_does_not_fit_is_named(
    written: str, language: str, body: bytes, said: str
) -> None:
    """What an expression gives that is no one text is said with the expression."""
    with pytest.raises(BadExpressionError) as refused:
        evaluated(written, body, language)

    assert said in str(refused.value)


def test_a_number_never_passes_through_a_float() -> None:
    """An amount with more digits than a float has is read exactly."""
    body = b'{"n": "A", "s": "x", "w": 0.1234567890123456789}'
    document = PARCEL | {"weight": "w"}

    assert parcel(body, document=document).weight == "0.1234567890123456789"


@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_amounts_are_exact(amount: Decimal) -> None:
    """Whatever decimal number a document gives is the total of its invoice."""
    body = b'{"n": "I", "t": %s, "l": [{"t": "1"}]}' % f"{amount:f}".encode()
    (invoice,) = read(
        body, says="invoice", lines="l", document={"number": "n", "total": "t"}, line={"total": "t"}
    ).updates

    assert getattr(invoice, "total", None) == amount


def test_dates_are_read_as_they_are_said_to_be_written() -> None:
    """A date in the configured form is read, and one in another form is named."""
    document = PARCEL | {"shipped_on": "d"}
    body = b'{"n": "A", "s": "x", "d": "%s"}'

    read_ = parcel(body % b"01.12.2026", document=document, dates="%d.%m.%Y")
    assert str(read_.shipped_on) == "2026-12-01"
    (held,) = read(body % b"2026-12-01", document=document, dates="%d.%m.%Y").held
    assert held.detail == 'document.shipped_on: `d` gives "2026-12-01", which is no date.'


def test_a_field_is_looked_for_on_the_line_first() -> None:
    """A field in both tables is the line's where the line has it, else the document's."""
    reading = read(
        b'{"o": "PO-1", "q": "9", "l": [{"o": "PO-2"}, {}]}',
        says="ship_notice",
        lines="l",
        document={"po_number": "o", "quantity": "q"},
        line={"po_number": "o"},
    )

    orders = [getattr(update, "item", None) for update in reading.updates]
    assert [getattr(item, "po_number", None) for item in orders] == ["PO-2", "PO-1"]


def test_too_many_lines_are_refused() -> None:
    """A document with more lines than any order has is held, and not worked through."""
    body = msgspec.json.encode({"l": [{"n": "1"}] * 10_001})

    with pytest.raises(MalformedError, match="more than 10000 lines"):
        read(body, lines="l")


def test_lines_that_are_nowhere_are_no_lines() -> None:
    """A document without the list of its lines is held, and the expression is named."""
    for body in (b'{"l": null}', b'{"l": []}', b"{}"):
        with pytest.raises(MalformedError, match="lines: `l` gives no line"):
            read(body, lines="l")


def test_the_first_mapping_that_is_meant_is_taken() -> None:
    """Mappings are tried in their order, and one for XML is passed over by JSON."""
    mappings = (
        Mapped(says="tracking", body="xml", document={"tracking_number": "/n", "status": "/s"}),
        Mapped(says="tracking", when="a", document={"tracking_number": "'A'", "status": "'s'"}),
        Mapped(says="tracking", document={"tracking_number": "'B'", "status": "'s'"}),
    )
    settings = SourceSettings(format="mapped", mapped=mappings)
    source = configured(all_sources()["mapped"], settings)

    def number(body: bytes) -> str:
        (update,) = source.read(notification("mapped", body)).updates
        return getattr(update, "tracking_number", "")

    assert number(b'{"a": 1}') == "A"
    assert number(b'{"a": null}') == "B"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            {"document": {"tracking_number": "a[", "status": "s"}},
            "mapped document.tracking_number: `a[` is not understood",
        ),
        ({"when": "||", "document": PARCEL}, "mapped when: `||` is not understood"),
        ({"lines": "(", "document": PARCEL}, "mapped lines: `(` is not understood"),
        (
            {"body": "xml", "document": {"tracking_number": "//[", "status": "/s"}},
            "mapped document.tracking_number: `//[` is not understood",
        ),
        (
            {"document": PARCEL | {"trackin_number": "x"}},
            'mapped has no field "trackin_number" in a tracking; did you mean tracking_number?',
        ),
        (
            {"document": PARCEL | {"zzz": "x"}},
            'mapped has no field "zzz" in a tracking; it has tracking_number, ',
        ),
        (
            {"document": {"status": "s"}},
            "mapped says a tracking, and has no expression for its tracking_number.",
        ),
        (
            {"says": "invoice", "document": {"number": "n", "total": "t"}},
            "mapped says a invoice, and has no expression for its line.total.",
        ),
        (
            {"document": PARCEL, "meanings": {"X": "gone"}},
            'mapped meanings: "X" is to mean "gone"; possible are attempted, ',
        ),
        (
            {"says": "ship_notice", "meanings": {"X": "moving"}},
            'mapped meanings: "X" is to mean "moving"; possible are none.',
        ),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(mapping: dict[str, Any], said: str) -> None:
    """A mapping that cannot work is refused with the expression or the field that is wrong."""
    faults = list(faults_of(msgspec.convert({"says": "tracking"} | mapping, Mapped)))

    assert any(said in fault for fault in faults), faults


MISSPELT = """
[sources.a]
format = "mapped"
[[sources.a.mapped]]
says = "ship_notice"
document = {quantty = "q"}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sources.a]\nformat = "mapped"', "[sources.a] needs [[mapped]]"),
        (
            '[sources.a]\nformat = "easypost"\n[[sources.a.mapped]]\nsays = "ship_notice"',
            "and has no use for it otherwise",
        ),
        (MISSPELT, '[sources.a] mapped has no field "quantty"'),
        (
            '[sources.a]\nformat = "easypost"\nhmac = {header = "X-S"}',
            "[sources.a] has hmac, but easypost proves itself in its own way",
        ),
        (
            '[sources.a]\nformat = "ubl"\nhmac = {header = "X S"}',
            '[sources.a] hmac names the header "X S"',
        ),
    ],
)
def test_a_source_is_mapped_or_it_is_not(text: str, said: str) -> None:
    """A mapping and an agreed hash belong to the formats that need them, and start only whole."""
    with pytest.raises(ConfigurationError) as stopped:
        read_configuration(text, {}, {"easypost", "mapped", "ubl"}, file="tallyman.toml")

    assert said in str(stopped.value)


def test_every_field_can_be_mapped() -> None:
    """Every field that a kind is said to have is taken, and every word that means something."""
    for says, fields in FIELDS.items():
        document = dict.fromkeys(fields, "a")
        words = {"tracking": {"X": "moving"}, "confirmation": {"X": "accepted"}}.get(says, {})
        given = {"says": says, "document": document, "line": {"total": "a"}, "meanings": words}
        if says != "invoice":
            given["line"] = {}
        assert list(faults_of(msgspec.convert(given, Mapped))) == []
