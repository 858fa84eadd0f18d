"""XML of strangers: read where it is a document, refused where it is a trap, always bounded."""

import contextlib
import resource
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.errors import MalformedError
from purchasing.formats.xml_body import (
    attribute,
    child,
    children,
    elements,
    name_of,
    read_xml,
    text,
)
from tests.strategies import bodies

WHAT = "a document of these tests"
MEGABYTE = 1_048_576


def refused(body: bytes) -> str:
    """What is said of a body that is refused."""
    with pytest.raises(MalformedError) as refusal:
        read_xml(body, WHAT)
    said = str(refusal.value)
    assert said.startswith(f"The body is not {WHAT}")
    assert said.endswith(".")
    return said


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address that notes who calls it."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def wait() -> None:
            connection, _ = server.accept()
            with connection:
                calls.append(connection.recv(1000))

        waiting = threading.Thread(target=wait)
        waiting.start()
        port = server.getsockname()[1]
        yield f"http://127.0.0.1:{port}/a.dtd", calls
        # Somebody has to call in the end, so that nobody waits.
        with socket.create_connection(("127.0.0.1", port)) as last:
            last.sendall(b"the end")
        waiting.join()


def test_a_document_is_read() -> None:
    """Elements are found by their names, whatever their namespace, and texts without spaces."""
    root = read_xml(
        b'<?xml version="1.0"?><!-- not this --><o:Order xmlns:o="urn:orders" id=" 7 ">'
        b"<?skip this?><o:Line> one <b>bold</b> </o:Line><Line><![CDATA[two & ]]></Line>"
        b"<Empty/></o:Order>",
        WHAT,
    )

    assert name_of(root) == "Order"
    assert attribute(root, "id") == "7"
    assert [text(line) for line in children(root, "Line")] == ["one bold", "two &"]
    assert [name_of(each) for each in elements(root)] == ["Line", "Line", "Empty"]
    assert text(root, "Line", "b") == "bold"


def test_nothing_is_found_in_nothing() -> None:
    """What is not there has no children, no text and no attributes."""
    root = read_xml(b"<a/>", WHAT)

    assert child(root, "b", "c") is None
    assert text(root, "b") == ""
    assert text(None) == ""
    assert attribute(root, "b") == ""
    assert attribute(None, "b") == ""
    assert list(children(None, "b")) == []
    assert list(elements(None)) == []


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n \t", b"\xef\xbb\xbf\n"])
def test_a_mark_or_space_before_the_document_does_no_harm(before: bytes) -> None:
    """A byte order mark and white space before the declaration are passed over."""
    body = before + '<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode()

    assert text(read_xml(body, WHAT)) == "é"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1"])
def test_a_document_may_be_in_another_encoding(encoding: str) -> None:
    """The encoding that a document names is used."""
    written = f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'.encode(encoding)

    assert text(read_xml(written, WHAT)) == "é"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b"hello", "document empty, line 1, column 1"),
        (b"{}", "document empty"),
        (b"<a><b></a>", "tag name mismatch, line 1"),
        (b"<a>\n<b>", "line 2"),
        (b"<a/><b/>", "document end"),
        (b"<a>\x00</a>", "invalid char"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>', "invalid encoding"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "unsupported encoding"),
        ('<?xml version="1.0" encoding="IBM037"?><a/>'.encode("cp037"), "unsupported encoding"),
        (b"<a>&nobody;</a>", "undeclared entity"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, fault: str) -> None:
    """What is not well-formed is refused, with what is wrong and where."""
    assert fault in refused(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<Hidden-4711></Secret-4712>",
        b"<a>&Hidden-4711;</a>",
        b"<a Hidden-4711=>",
        b'<a xmlns:b="Hidden-4711"><c:d/></a>',
    ],
)
def test_a_refusal_repeats_nothing_of_the_document(body: bytes) -> None:
    """A sentence about a document holds none of its words: one may be a secret."""
    said = refused(body)

    assert "4711" not in said
    assert "4712" not in said


def test_a_doctype_passes_and_is_not_fetched(listener: tuple[str, list[bytes]]) -> None:
    """A document with the DOCTYPE of real cXML is read, and nobody asks for its DTD."""
    address, calls = listener
    doctype = f'<!DOCTYPE cXML SYSTEM "{address}">'.encode()

    assert name_of(read_xml(doctype + b"<cXML a='1'>x</cXML>", WHAT)) == "cXML"
    assert calls == []


def test_an_entity_that_only_a_dtd_explains_stays_as_it_is(
    listener: tuple[str, list[bytes]],
) -> None:
    """An entity that the DTD elsewhere may declare is not looked up, and its name is kept."""
    address, calls = listener
    doctype = f'<!DOCTYPE cXML SYSTEM "{address}">'.encode()

    root = read_xml(doctype + b"<cXML>a&reg;b<c/></cXML>", WHAT)

    assert text(root) == "a&reg;b"
    assert [name_of(each) for each in elements(root)] == ["c"]
    assert calls == []


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x "text">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x SYSTEM "{address}">',
        '<!ENTITY x PUBLIC "p" "{address}">',
        '<!ENTITY % x SYSTEM "{address}">%x;',
        "<!ENTITY % x \"<!ENTITY y 'z'>\">%x;",
    ],
)
def test_a_document_that_declares_entities_is_refused(
    declared: str, listener: tuple[str, list[bytes]]
) -> None:
    """Entities of any kind are refused, used or not, and nothing that they name is fetched."""
    address, calls = listener
    doctype = f"<!DOCTYPE a [{declared.replace('{address}', address)}]>".encode()

    assert "declares entities" in refused(doctype + b"<a/>")
    assert "declares entities" in refused(doctype + b"<a>&x;</a>")
    assert calls == []


@pytest.mark.parametrize("use", ["<a>&a11;</a>", '<a b="&a11;"/>'])
def test_a_bomb_of_entities_does_not_go_off(use: str) -> None:
    """Entities that name each other ten times over are refused before they grow."""
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))

    refused(f'<!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">{bomb}]>{use}'.encode())
    refused(f'<!DOCTYPE a [<!ENTITY a0 "{"a" * 50_000}">]><a b="{"&a0;" * 50_000}"/>'.encode())


def test_an_inclusion_is_not_followed() -> None:
    """An XInclude is an element like any other."""
    body = (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude">'
        b'<xi:include href="/etc/passwd" parse="text"/></a>'
    )

    assert text(read_xml(body, WHAT)) == ""


def test_a_bottomless_document_is_refused_at_once() -> None:
    """Fifty megabytes of nesting are refused at the depth that no document has."""
    assert "resource limit" in refused(b"<a>" * (50 * MEGABYTE // 3))


def test_a_text_without_end_is_refused() -> None:
    """A text of more than ten megabytes is refused."""
    assert "resource limit" in refused(b"<a>" + b"x" * (20 * MEGABYTE) + b"</a>")


@pytest.mark.parametrize(
    "flood", [b"<a/>", b'<a b="" c=""/>'], ids=["elements", "elements and attributes"]
)
def test_a_flood_of_elements_is_stopped_while_it_is_read(flood: bytes) -> None:
    """A document of nothing but elements takes no more memory than the largest that is read."""
    body = b"<r>" + flood * (40 * MEGABYTE // len(flood)) + b"</r>"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert "too many elements" in refused(body)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    unit = 1 if sys.platform == "darwin" else 1024
    assert grown * unit < 400 * MEGABYTE


@pytest.mark.parametrize("start", [b"<a>&nobody;", b"<a>&nobody;</a>", b'<a b="&nobody;">'])
def test_what_follows_a_broken_document_is_not_read_instead(start: bytes) -> None:
    """A document that breaks in its first piece is refused, whatever the second one looks like."""
    padding = b" " * (65_536 - len(start))

    assert "undeclared entity" in refused(start + padding + b"<b>another document</b>")


def test_a_long_document_is_read() -> None:
    """A document of a hundred thousand elements is no flood."""
    root = read_xml(b"<r>" + b"<a>1</a>" * 100_000 + b"</r>", WHAT)

    assert sum(1 for _ in children(root, "a")) == 100_000


# Beginnings that lead on, so that not everything is refused at its first byte.
_STARTS = (
    b"<",
    b"<?xml",
    b'<?xml version="1.0" encoding="',
    b"<!DOCTYPE a [",
    b"<a>",
    b"\xff\xfe<\x00",
    b"\x00<",
)
_SCRAPS = st.sampled_from(
    (
        b"<a>",
        b"</a>",
        b"<a",
        b" b='",
        b"'",
        b">",
        b"&#",
        b";",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"\x00",
    )
)


@given(
    start=st.sampled_from(_STARTS),
    body=bodies | st.lists(_SCRAPS | st.binary(max_size=3)).map(b"".join),
)
def test_any_bytes_end_in_a_value_or_a_refusal(start: bytes, body: bytes) -> None:
    """Any bytes are a document whose parts can be asked for, or are refused with our own error."""
    for candidate in (body, start + body):
        with contextlib.suppress(MalformedError):
            root = read_xml(candidate, WHAT)
            assert name_of(root)
            assert text(root).encode() is not None


@given(words=st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S"))))
def test_a_text_is_what_was_written(words: str) -> None:
    """Whatever text was written into a document is read out of it."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert text(read_xml(f"<a>{escaped}</a>".encode(), WHAT)) == words
