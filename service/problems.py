"""Errors as RFC 9457 problem documents: the only place that knows their status codes.

Each `type` is explained in `docs/problems.md`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from purchasing.errors import (
    InvalidFieldsError,
    NotAcceptingError,
    StoreUnavailableError,
    TallymanError,
    UnauthenticatedError,
    UnknownKeyError,
)
from purchasing.telemetry import Log

_LOG = structlog.get_logger()

TYPES = {
    "unauthenticated": (401, "It is not proven who sent this"),
    "forbidden": (403, "This token may not do that"),
    "not-found": (404, "There is no such thing here"),
    "method-not-allowed": (405, "That cannot be done to this address"),
    "wrong-state": (409, "That cannot be done in this state"),
    "too-large": (413, "The body is larger than this source may send"),
    "unsupported-encoding": (415, "The body is encoded in a way that is not read here"),
    "invalid-fields": (422, "Some fields are bad"),
    "conflict": (422, "The same key was used for another body"),
    "unavailable": (503, "Nothing can be made durable now"),
    "bad-request": (400, "The request cannot be read"),
    "internal": (500, "A defect of ours"),
}
"""Every type of problem, with its status and its title."""

RETRY_AFTER_SECONDS = 2
"""What a sender is asked to wait for while Redis is away."""


class Problem(TallymanError):  # noqa: N818  # the standard's own word for it
    """A request that is refused for a reason that only the HTTP shell knows."""

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})


def respond(
    kind: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response[Any]:
    """A problem document."""
    status, title = TYPES[kind]
    return Response(
        {
            "type": f"urn:tallyman:problem:{kind}",
            "title": title,
            "status": status,
            "detail": detail,
            **more,
        },
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def on_tallyman_error(request: Request[Any, Any, Any], error: TallymanError) -> Response[Any]:
    """Answer one of our errors."""
    del request
    match error:
        case Problem():
            return respond(error.kind, error.detail, headers=error.headers)
        case UnknownKeyError():
            return respond(
                "unavailable",
                "The key that signed this is not known yet; this is not kept. Send it again.",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        case UnauthenticatedError():
            return respond("unauthenticated", f"Not authentic: {error}.")
        case InvalidFieldsError():
            return respond("invalid-fields", f"Bad fields: {error}.", fields=error.fields)
        case NotAcceptingError() | StoreUnavailableError():
            # What Redis says is for the log; the sender only needs to know that it is not kept.
            _LOG.warning(Log.NOT_DURABLE, detail=str(error))
            return respond(
                "unavailable",
                "This could not be made durable; it is not kept. Send it again.",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        case _:
            return respond("internal", "This should not have happened; the log says more.")


_BY_STATUS = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer an error of the framework: a path that is not there, a method that is not allowed."""
    del request
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error(Log.REQUEST_FAILED, exc_info=error)
        return respond("internal", "This should not have happened; the log says more.")
    kind = _BY_STATUS.get(status, "bad-request")
    detail = _bad_parameters(error.extra) or error.detail or TYPES[kind][1]
    return respond(kind, detail, headers=error.headers)


def _bad_parameters(extra: object) -> str:
    """What is wrong with the parameters of a request, each by its name; empty for other errors."""
    faults = [it for it in extra if isinstance(it, dict)] if isinstance(extra, list) else []
    said = [f"{it.get('key')}: {it.get('message')}" for it in faults if it.get("key")]
    return f"Bad parameters: {'; '.join(said)}." if said else ""


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a defect without telling more than that it is one."""
    _LOG.error(Log.REQUEST_FAILED, path=request.url.path, exc_info=error)
    return respond("internal", "This should not have happened; the log says more.")
