"""Reading an XML body of a sender: no DTD is loaded, no entity expanded, nothing fetched.

A DOCTYPE passes, because real cXML has one; a document that declares entities does not.
Source: libxml2's own limits hold for depth (256) and size of a text (10 MB) unless `huge_tree` is
set, which it is not (lxml.de/parsing.html, read 2026-11). It has none for the number of elements,
each of which takes far more memory than its few bytes: that one is held here, while reading.
"""

from collections.abc import Iterator

from lxml import etree

from purchasing.errors import MalformedError

Element = etree._Element  # noqa: SLF001  # lxml has no public name for it

_MOST_NODES = 500_000
"""How many elements and attributes a document may have together."""

_PIECE = 65_536
"""How many bytes are read before their elements are counted."""


def read_xml(body: bytes, what: str) -> Element:
    """The root of a document; `what` is what it should be, with its article.

    Raises:
        MalformedError: It is no well-formed XML, declares entities or is too large; the text says
            where, and repeats nothing of the document.
    """
    document = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not document:
        message = f"The body is not {what}: it is empty."
        raise MalformedError(message)
    try:
        root = _read(memoryview(document), what)
    except etree.XMLSyntaxError as error:
        message = f"The body is not {what}: {_fault(error.error_log)}."
        raise MalformedError(message) from None
    _refuse_entities(root, what)
    return root


def _read(body: memoryview, what: str) -> Element:
    # A parser keeps what it read last, so each document has its own.
    parser = etree.XMLPullParser(
        events=("start",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    nodes = 0
    for start in range(0, len(body), _PIECE):
        parser.feed(bytes(body[start : start + _PIECE]))
        # An entity that nobody declares ends the document and raises nothing: what follows would
        # be read as another document, and this one forgotten.
        faults = parser.feed_error_log.filter_from_fatals()
        if len(faults):
            message = f"The body is not {what}: {_fault(faults)}."
            raise MalformedError(message)
        nodes += sum(1 + len(element.attrib) for _, element in parser.read_events())
        if nodes > _MOST_NODES:
            message = f"The body is not {what} that is read here: it has too many elements."
            raise MalformedError(message)
    root: Element = parser.close()
    return root


def _refuse_entities(root: Element, what: str) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        message = f"The body is not {what} that is read here: it declares entities."
        raise MalformedError(message)


def _fault(log: etree._ListErrorLog) -> str:
    """The parser's name for what is wrong and its place; its own words may repeat the body."""
    last = log[-1]
    kind = last.type_name.removeprefix("ERR_").replace("_", " ").lower()
    return f"{kind}, line {last.line}, column {last.column}"


def name_of(element: Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(element: Element | None) -> Iterator[Element]:
    """The children that are elements; none of nothing."""
    if element is not None:
        yield from (child for child in element if name_of(child))


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of a name, whatever their namespace; none of nothing."""
    yield from (child for child in elements(element) if name_of(child) == name)


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at the end of a path of names; None where there is none."""
    for name in path:
        element = next(children(element, name), None)
    return element


def text(element: Element | None, *path: str) -> str:
    """The text at the end of a path of names, without the spaces around it; empty if none."""
    found = child(element, *path)
    return "".join(found.itertext()).strip() if found is not None else ""


def attribute(element: Element | None, name: str) -> str:
    """An attribute's value without the spaces around it; empty if none."""
    return (element.get(name) or "").strip() if element is not None else ""
