"""Expressions by which a configuration points into a document: JMESPath for JSON, XPath for XML.

An expression gives texts, or truth; numbers are texts as the document writes them, so that no
amount ever passes through a float.
Sources: jmespath.org/specification.html; lxml.de/xpathxslt.html (both read 2026-11).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import jmespath
import jmespath.exceptions
import msgspec
from lxml import etree

from purchasing.errors import BadExpressionError
from purchasing.formats.json_body import read_json
from purchasing.formats.json_values import exact
from purchasing.formats.xml_body import read_xml

Expression = Callable[[Any], Any]
"""What an expression is once it is understood: from a document, or a part of it, to a value."""

_JSON = msgspec.json.Decoder(float_hook=exact)

# The zeros that a number may need to be written out; no quantity and no amount has as many.
_MOST_ZEROS = 255


def read_document(body: bytes, language: str) -> Any:
    """A body as the expressions of a language see it.

    Raises:
        MalformedError: It is no JSON, or no XML.
    """
    return read_xml(body, "XML") if language == "xml" else read_json(_JSON, body, "JSON")


def compiled(text: str, language: str, namespaces: Mapping[str, str]) -> Expression:
    """Understand an expression.

    Raises:
        BadExpressionError: It is not written as its language demands.
    """
    try:
        if language == "xml":
            return etree.XPath(text, namespaces=dict(namespaces), regexp=False, smart_strings=False)
        search = jmespath.compile(text)
    except (etree.XPathError, jmespath.exceptions.JMESPathError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"`{text}` is not understood: {reason}"
        raise BadExpressionError(message) from None
    return cast("Expression", search.search)


def texts(expression: Expression, document: Any, written: str) -> tuple[str, ...]:
    """All texts that an expression gives, without the empty ones; `written` is for the errors.

    Raises:
        BadExpressionError: It gives something that is no text and no list of texts.
    """
    value = _value(expression, document, written)
    values = value if isinstance(value, list) else [value]
    found = [_text(each, written) for each in values]
    return tuple(each for each in found if each)


def text(expression: Expression, document: Any, written: str) -> str:
    """The one text that an expression gives; empty if there is none.

    Raises:
        BadExpressionError: It gives something that is no text, or several that differ.
    """
    found = dict.fromkeys(texts(expression, document, written))
    if len(found) > 1:
        message = f"`{written}` gives {len(found)} different texts where one is wanted"
        raise BadExpressionError(message)
    return next(iter(found), "")


def is_true(expression: Expression, document: Any, written: str) -> bool:
    """Whether an expression gives something, or says that something is true.

    Raises:
        BadExpressionError: It cannot be evaluated.
    """
    value = _value(expression, document, written)
    return value not in (None, False, "", [], {}) and value != "false"


def parts(expression: Expression, document: Any, written: str) -> Sequence[Any]:
    """The parts of a document that an expression gives, such as its lines.

    Raises:
        BadExpressionError: It gives no list.
    """
    value = _value(expression, document, written)
    if value is None:
        return ()
    if not isinstance(value, list):
        message = f"`{written}` gives no list"
        raise BadExpressionError(message)
    return value


def _value(expression: Expression, document: Any, written: str) -> Any:
    try:
        return expression(document)
    except (jmespath.exceptions.JMESPathError, etree.XPathError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"`{written}` cannot be evaluated: {reason}"
        raise BadExpressionError(message) from None


def _text(value: Any, written: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int():
            return str(value)
        case Decimal():
            # Written out, 1e999999999 would fill the memory.
            return f"{value:f}" if abs(value.adjusted()) < _MOST_ZEROS else str(value)
        case etree._Element():  # noqa: SLF001  # lxml has no public name for it
            return "".join(value.itertext()).strip()
        case _:
            message = f"`{written}` gives {_named(value)} where a text is wanted"
            raise BadExpressionError(message)


def _named(value: Any) -> str:
    if isinstance(value, float):
        return "a number that was computed, which may not be exact,"
    return "a list" if isinstance(value, list) else "an object"
