"""What suppliers' documents in XML have in common, and any document with something odd in it."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from purchasing.documents import InvoiceLine, Item
from purchasing.errors import MalformedError
from purchasing.formats.invoices import amounts_of, are_of_lines
from purchasing.formats.xml_body import read_xml
from purchasing.formats.xml_documents import country_of, name, number, sentences
from purchasing.sources import all_sources
from purchasing.updates import Reading
from tests.reading import Payload, notification, payloads, read
from tests.strategies import texts

SOURCES = all_sources()
DOCUMENTS = [
    it for it in payloads() if it.format in ("ubl", "opentrans") and it.expected["updates"]
]

_READING = msgspec.msgpack.Decoder(Reading)

# What XML can hold of the texts that have made readers fall over.
odd = texts.map(lambda text: "".join(sign for sign in text if sign.isprintable())) | st.from_regex(
    r"[+-]?[0-9]{1,20}(\.[0-9]{0,12})?", fullmatch=True
)


def value(text: str) -> etree._Element:
    """A document of one value."""
    document = etree.Element("a")
    etree.SubElement(document, "b").text = text
    return read_xml(etree.tostring(document), "a document")


@given(written=st.from_regex(r"[+-]?[0-9]{1,15}(\.[0-9]{0,10})?", fullmatch=True))
def test_a_number_is_exactly_what_is_written(written: str) -> None:
    """A decimal number is read with all its places, and nothing is added to it."""
    assert number(value(written), "b") == Decimal(written)


@pytest.mark.parametrize("text", ["1,5", "1e3", "NaN", "Infinity", "٣", "1 000", "9" * 16, "--1"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    """Nothing but plain decimal digits is a number, and not so many of them."""
    with pytest.raises(MalformedError, match=r"^The b is no decimal number"):
        number(value(text), "b")


def test_what_is_not_there_is_no_number() -> None:
    """An empty element, or none, is no number."""
    assert number(value(" "), "b") is None
    assert number(value("1"), "c") is None
    assert number(None) is None


def test_a_name_is_in_one_line() -> None:
    """Spaces and line ends within a name count as one space."""
    assert name(value(" PO-1\n\t 2 "), "b") == "PO-1 2"


@pytest.mark.parametrize(
    ("code", "country"), [("DE", "DE"), ("de-nw", "DE"), ("DEU", ""), ("", ""), ("D1", "")]
)
def test_a_country_is_two_letters(code: str, country: str) -> None:
    """A country's code, or a region's, gives two letters; anything else gives none."""
    assert country_of(code) == country


def test_sentences_end_once() -> None:
    """Each part ends in one full stop; what has nothing to say is left out."""
    assert sentences("One", "", "Two.", ".", "Three...") == "One. Two. Three."


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=5))
def test_taxes_of_lines_are_all_there_is_or_not(taxes: list[Decimal]) -> None:
    """Taxes belong to the lines where they come to the sum, and where no sum is told."""
    assert are_of_lines(taxes, [sum(taxes, Decimal(0))], "EUR")
    assert are_of_lines(taxes, [], "EUR")
    assert not are_of_lines(taxes, [sum(taxes, Decimal("0.01"))], "EUR")
    assert not are_of_lines([*taxes, None], [], "EUR")


def test_an_amount_of_zero_is_left_out() -> None:
    """Amounts without a value are those that nobody gave."""
    given_line = InvoiceLine(item=Item(), total=Decimal(1), amounts=amounts_of(tax=Decimal("0.00")))

    assert msgspec.to_builtins(given_line)["amounts"] == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[it.name for it in DOCUMENTS])
@given(data=st.data())
def test_an_odd_document_is_read_or_refused(document: Payload, data: st.DataObject) -> None:
    """Whatever is missing, repeated or strange in a document, it has a reading or our error."""
    root = etree.fromstring(document.body)
    for _ in range(data.draw(st.integers(1, 3))):
        _alter(data, root)
    reading = read(SOURCES[document.format], notification(document.format, etree.tostring(root)))
    assert reading.updates or reading.held or reading.ignored
    assert _READING.decode(msgspec.msgpack.encode(reading)) == reading
    assert all(len(text) <= 1_000 for text in _texts(msgspec.to_builtins(reading.updates)))


def _alter(data: st.DataObject, root: etree._Element) -> None:
    """Take out, repeat or change one element."""
    element = data.draw(st.sampled_from(list(root.iter(etree.Element))), label="element")
    parent = element.getparent()
    change = data.draw(st.sampled_from(("text", "out", "again")), label="change")
    if change == "text" or parent is None:
        element.text = data.draw(odd, label="text")
    elif change == "out":
        parent.remove(element)
    else:
        parent.append(etree.fromstring(etree.tostring(element)))


def _texts(value_: object) -> Iterable[str]:
    """Every text of a value."""
    if isinstance(value_, str):
        yield value_
    elif isinstance(value_, dict):
        yield from (text for each in value_.values() for text in _texts(each))
    elif isinstance(value_, list | tuple):
        yield from (text for each in value_ for text in _texts(each))
