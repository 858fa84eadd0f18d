"""cXML: the secrets in the Header of a document: found, taken out, and put in.

A document without its secrets is written anew in UTF-8, whatever its encoding was, so that nothing
depends on how a secret was written: as CDATA, in pieces, in another encoding or in a form's field.
"""

from itertools import islice

from lxml import etree

from purchasing.errors import MalformedError
from purchasing.formats.cxml import WHAT, credentials, read_envelope, unwrapped
from purchasing.formats.xml_body import Element, child, children, name_of, read_xml, text

_SECRET = "SharedSecret"  # noqa: S105  # the name of an element

# Every secret that is shown is compared with every one of ours.
_MOST_CREDENTIALS = 10

NOT_KEPT = b"Not kept: it is no XML that can be read, and may hold a secret."
"""What is stored in place of a body in which a secret cannot be found for certain."""


def shown_secrets(root: Element) -> tuple[str, ...]:
    """The secrets by which the sender of a document proves itself, at most ten."""
    first = islice(credentials(root, "Sender"), _MOST_CREDENTIALS)
    return tuple(secret for it in first if (secret := text(it, _SECRET)))


def without_secrets(body: bytes) -> bytes:
    """A document without the content of any SharedSecret, wherever that stands.

    Any bytes at all have one; what is no XML is replaced as a whole.
    """
    try:
        root = read_xml(unwrapped(body), WHAT)
    except MalformedError:
        return NOT_KEPT
    for element in list(root.iter()):
        if name_of(element).lower() == _SECRET.lower():
            _empty(element)
    return _written(root)


def with_secret(body: bytes, secret: str) -> bytes:
    """A document in which its sender shows a secret; what is no cXML is returned as it is.

    Raises:
        MalformedError: The secret has a character that no XML can hold.
    """
    try:
        root = read_envelope(body)
    except MalformedError:
        return body
    sender = _made(_made(root, "Header"), "Sender")
    holders = [*children(sender, "Credential")] or [_made(sender, "Credential")]
    holder = next((it for it in holders if child(it, _SECRET) is not None), holders[0])
    element = _made(holder, _SECRET)
    _empty(element)
    try:
        element.text = secret
    except ValueError:
        message = "The secret has a character that no XML document can hold."
        raise MalformedError(message) from None
    return _written(root)


def _made(parent: Element, name: str) -> Element:
    """The child of a name, in the place where the DTD wants it if it has to be made."""
    found = child(parent, name)
    if found is None:
        space = etree.QName(parent).namespace
        found = etree.Element(etree.QName(space, name))
        parent.insert(0 if name in ("Header", "Credential") else len(parent), found)
    return found


def _empty(element: Element) -> None:
    tail = element.tail
    element.clear()
    element.tail = tail


def _written(root: Element) -> bytes:
    # Of the DOCTYPE only the names stay: more of it may hold anything.
    return etree.tostring(
        root,
        encoding="UTF-8",
        xml_declaration=True,
        doctype=root.getroottree().docinfo.doctype or None,
    )
