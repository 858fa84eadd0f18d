"""Where every request to Cofactr's side arrives: read, written down, failed on demand, answered.

It is a plain ASGI application, mounted into the Litestar one, for three reasons: Litestar takes an
address with and without its trailing slash for the same, a hang-up is not an answer that a route
could return, and whatever is sent to a wrong address has to be written down, too.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar.types import HTTPScope, Receive, Send
from msgspec import UNSET, Raw

from tallyman.sandbox.calls import Answer, Call, Cofactr
from tallyman.sandbox.faults import Fault, Faults, failure
from tallyman.sandbox.journal import Journal, Received, SeenHeaders
from tallyman.sandbox.server import hang_up

# Schemes that may be shown. Any other first word of the header could be a key without its scheme.
_SCHEMES: Final = frozenset({"api-key", "basic", "bearer", "digest", "token"})

# A slip in a test's own address is nothing that Cofactr would have got.
_CONTROL: Final = "/_sandbox"
_NO_CONTROL: Final = Answer(status=404, body=b'{"detail":"No such address under /_sandbox."}')

# What a hang-up before the effect would have answered.
_NEVER_SENT: Final = Answer(status=500, body=b"")


class Front:
    """Takes the requests to Cofactr's side."""

    def __init__(
        self,
        *,
        cofactr: Cofactr,
        api_key: str,
        faults: Faults,
        journal: Journal,
        now: Callable[[], datetime],
    ) -> None:
        """Take who answers, the key to keep quiet about, the faults, the journal and the clock."""
        self._cofactr = cofactr
        self._api_key = api_key
        self._faults = faults
        self._journal = journal
        self._now = now

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Deal with one request."""
        body = await _whole_body(receive)
        if body is None:
            return
        call = _call(scope, body)
        if call.path.startswith(_CONTROL):
            await _send(_NO_CONTROL, send)
            return
        received_at = self._now()
        fault = self._faults.take(call.method, call.json)
        answer = self._answer(call, fault)
        if fault is None or (fault.delay_seconds is None and fault.hang_up is None):
            self._note(call, answer, at=received_at, status=answer.status)
            await _send(answer, send)
            return
        number = self._note(call, answer, at=received_at, status=None)
        if fault.delay_seconds and not await _waits(receive, fault.delay_seconds):
            return
        if fault.hang_up:
            await hang_up(scope, receive)
            return
        self._journal.answered(number, answer.status)
        await _send(answer, send)

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        if fault is None or fault.has_effect:
            return self._cofactr.answer(call)
        if fault.status is None:
            return _NEVER_SENT
        return failure(fault, fault.status, call.path)

    def _note(self, call: Call, answer: Answer, *, at: datetime, status: int | None) -> int:
        return self._journal.note(
            Received(
                method=call.method,
                path=call.path,
                query=self._quiet(call.query) or "",
                headers=self._seen(call),
                body=_seen_body(call),
                status=status,
                took_effect=answer.took_effect,
                at=at,
                id=answer.event_id,
            )
        )

    def _seen(self, call: Call) -> SeenHeaders:
        authorization = None
        if call.authorization is not None:
            scheme = call.authorization.partition(" ")[0]
            shown = scheme if scheme.lower() in _SCHEMES else "(no known scheme)"
            validity = "valid" if self._cofactr.knows(call.authorization) else "invalid"
            authorization = f"{shown} {validity}"
        return SeenHeaders(
            authorization=authorization,
            content_type=self._quiet(call.content_type),
            user_agent=self._quiet(call.user_agent),
            x_org_id=self._quiet(call.org_id),
        )

    def _quiet(self, text: str | None) -> str | None:
        """Hide the key, should it have been sent where it does not belong."""
        return text and text.replace(self._api_key, "(key)")


async def _whole_body(receive: Receive) -> bytes | None:
    """Read the body of a request; None if the caller left before it was complete."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


def _call(scope: HTTPScope, body: bytes) -> Call:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    decoded: Any = UNSET
    error = ""
    if body:
        try:
            decoded = msgspec.json.decode(body)
        # A text that is no UTF-8 and nesting beyond all reason have errors of their own.
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as refusal:
            error = str(refusal)
    else:
        # As Django REST Framework reads it, so that the refusal names the fields that are missing.
        decoded = {}
    return Call(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        authorization=headers.get(b"authorization"),
        content_type=headers.get(b"content-type"),
        user_agent=headers.get(b"user-agent"),
        org_id=headers.get(b"x-org-id"),
        body=body,
        json=decoded,
        json_error=error,
    )


def _seen_body(call: Call) -> Raw | str | None:
    if not call.body:
        return None
    return call.body.decode(errors="replace") if call.json is UNSET else Raw(call.body)


async def _waits(receive: Receive, seconds: float) -> bool:
    """Wait, and say whether the caller waited, too."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return True
    return False


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
