"""What a sender is told once its notification is durable."""

from collections.abc import Mapping

import msgspec

OK = 200
ACCEPTED = 202


class Receipt(msgspec.Struct, frozen=True):
    """What became of a posting: its id, or the id of the first one if this is a repetition."""

    id: str
    is_duplicate: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer, whole; `headers` are those beside the length and the type of the body."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}


def receipt_in_json(receipt: Receipt, status: int = ACCEPTED) -> Answer:
    """The answer of most senders: which notification it is, and whether it is a repetition."""
    body = {"id": receipt.id, "duplicate": receipt.is_duplicate}
    return Answer(status=status, body=msgspec.json.encode(body))
