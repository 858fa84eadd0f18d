"""Events that only name records of one's own books: nothing follows from them, and each is told."""

from collections.abc import Sequence

from purchasing.formats.readings import collected, ignored
from purchasing.updates import Reading

_MOST_NAMED = 50


def only_named(sender: str, changes: Sequence[str]) -> Reading:
    """What changed, in a few words each; of very many the first, and how many there are beside."""
    parts = [
        ignored(
            "unsupported_kind",
            f"{sender} says {change}; the event does not hold the document, which would have to be "
            f"fetched from {sender}.",
        )
        for change in changes[:_MOST_NAMED]
    ]
    if len(changes) > _MOST_NAMED:
        more = f"Further records that {sender} names: {len(changes) - _MOST_NAMED}."
        parts.append(ignored("unsupported_kind", more))
    return collected(parts)
