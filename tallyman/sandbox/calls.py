"""The two documented calls: which one a request is, whether it may be made, what is answered.

Sources: Cofactr Platform API, Create Purchase Event, modified 2024-09-26, and Update Many NoPart
Purchase Lines, modified 2024-08-23. How refusals look is not documented. They follow Django REST
Framework (https://github.com/encode/django-rest-framework, rest_framework/exceptions.py and
views.py, as of 2026-08-18), and so does the order of checks: address, credentials, method, content
type, JSON, fields. Where that leaves a choice:

- A missing trailing slash is 404. Django would answer a PATCH or POST like that with a redirect or
  an error, by its settings; neither is documented, and nobody may rely on either. The 404 is JSON,
  like every other refusal; for the HTML of proxies there are faults.
- Without an `Api-Key` the answer is 401, with a wrong key 403. The framework gives either, by how
  the key is checked; with both in use here, a caller has to be ready for both.
"""

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal
from urllib.parse import unquote
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from tallyman.sandbox.responses import created, updated
from tallyman.sandbox.validation import NO_PART_LINE, PURCHASE_EVENT, Complaints, datatype

NoPartLinesBody = Literal["object", "array"]
"""What the body of Update Many NoPart Purchase Lines may be.

The page shows one object, although its title speaks of many. `array` takes an array of such objects
as well.
"""

_PURCHASE_EVENTS: Final = "/v1/purchase_events/"
_NO_PART_LINES: Final = re.compile(r"/v1/purchase_orders/([^/]+)/no_part_lines/")
_SCHEME: Final = "Api-Key "
_JSON: Final = "application/json"


class Call(Struct, frozen=True, kw_only=True):
    """One request as it came in.

    `path` is as sent, percent signs and all. `json` is unset where the body is no JSON, and
    `json_error` then says why.
    """

    method: str
    path: str
    query: str
    authorization: str | None
    content_type: str | None
    user_agent: str | None
    org_id: str | None
    body: bytes
    json: object | UnsetType
    json_error: str


class Answer(Struct, frozen=True, kw_only=True):
    """What goes back, and whether anything came of the request."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    took_effect: bool = False
    event_id: UUID | None = None


class Cofactr:
    """Plays Cofactr: answers each call by the documentation alone, remembering nothing."""

    def __init__(
        self,
        *,
        api_key: str,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
        no_part_lines_body: NoPartLinesBody,
    ) -> None:
        """Take the only valid key, the clock, the source of ids, and the body that a PATCH has."""
        self._api_key = api_key.encode()
        self._now = now
        self._new_id = new_id
        self._takes_array = no_part_lines_body == "array"

    def knows(self, authorization: str | None) -> bool:
        """Whether a header carries the valid key, in the documented spelling."""
        if authorization is None or not authorization.startswith(_SCHEME):
            return False
        key = authorization.removeprefix(_SCHEME).encode("latin-1")
        return hmac.compare_digest(key, self._api_key)

    def answer(self, call: Call) -> Answer:
        """Say what Cofactr would to a call."""
        if call.path == _PURCHASE_EVENTS:
            return self._refusal(call, allowed="POST") or self._create_purchase_event(call)
        if address := _NO_PART_LINES.fullmatch(call.path):
            purchase_id = unquote(address[1])
            return self._refusal(call, allowed="PATCH") or self._update_lines(call, purchase_id)
        return _refused(404, "Not found.")

    def _refusal(self, call: Call, *, allowed: str) -> Answer | None:
        """Refuse what does not depend on fields, or None."""
        if call.authorization is None or not call.authorization.startswith(_SCHEME):
            detail = "Authentication credentials were not provided."
            return _refused(401, detail, (b"www-authenticate", b"Api-Key"))
        if not self.knows(call.authorization):
            return _refused(403, "You do not have permission to perform this action.")
        if call.method != allowed:
            detail = f'Method "{call.method}" not allowed.'
            return _refused(405, detail, (b"allow", allowed.encode()))
        # The framework asks for the type of a body only where there is one.
        if call.body and _media_type(call.content_type) != _JSON:
            media_type = call.content_type or ""
            return _refused(415, f'Unsupported media type "{media_type}" in request.')
        if call.json is UNSET:
            return _refused(400, f"JSON parse error - {call.json_error}")
        return None

    def _create_purchase_event(self, call: Call) -> Answer:
        body = call.json
        if not isinstance(body, dict):
            return _invalid(_not_an_object(body))
        if wrong := PURCHASE_EVENT.complaints(body):
            return _invalid(wrong)
        event_id = self._new_id()
        event = created(body, event_id=event_id, created_at=self._now(), org_id=call.org_id)
        body_out = msgspec.json.encode(event)
        return Answer(status=200, body=body_out, took_effect=True, event_id=event_id)

    def _update_lines(self, call: Call, purchase_id: str) -> Answer:
        if isinstance(call.json, list) and self._takes_array:
            if not call.json:
                return _invalid({"non_field_errors": ["This list may not be empty."]})
            items, wrong = call.json, [_line_complaints(line) for line in call.json]
            if any(wrong):
                return _invalid(wrong)
        else:
            items = [call.json]
            if alone := _line_complaints(call.json):
                return _invalid(alone)
        lines = [updated(line, purchase_order_id=purchase_id) for line in items]
        return Answer(status=200, body=msgspec.json.encode(lines), took_effect=True)


def _line_complaints(line: object) -> Complaints:
    return NO_PART_LINE.complaints(line) if isinstance(line, dict) else _not_an_object(line)


def _not_an_object(body: object) -> Complaints:
    detail = f"Invalid data. Expected a dictionary, but got {datatype(body)}."
    return {"non_field_errors": [detail]}


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _refused(status: int, detail: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status=status, body=msgspec.json.encode({"detail": detail}), headers=headers)


def _invalid(complaints: Complaints | list[Complaints]) -> Answer:
    return Answer(status=400, body=msgspec.json.encode(complaints))
