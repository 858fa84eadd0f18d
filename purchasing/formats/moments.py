"""Times, dates and places as senders write them; what has no zone is not given one."""

from datetime import UTC, date, datetime


def moment(text: str | None) -> tuple[datetime | None, str]:
    """An ISO 8601 time as (aware moment, ""), or as (None, the text) where it names no zone."""
    if not text or not text.strip():
        return None, ""
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo:
            at.astimezone(UTC)  # At either end of the calendar there is none in UTC.
    except (ValueError, OverflowError):
        return None, text.strip()
    return (at, "") if at.tzinfo else (None, text.strip())


def local(text: str | None) -> tuple[None, str]:
    """A time whose zone the sender names wrongly, or not at all: its text alone, without a zone."""
    words = (text or "").strip()
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None, words
    return None, at.replace(tzinfo=None).isoformat(sep=" ")


def day(text: str | None) -> date | None:
    """The date that an ISO 8601 date or time begins with, in the zone in which it is written."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def place(*parts: str | None) -> str:
    """The parts of a place that are given, from the smallest to the largest."""
    return ", ".join(part.strip() for part in parts if part and part.strip())
