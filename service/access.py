"""Who asks: the administrator, or an internal service."""

from typing import Any

import msgspec
from litestar import Request

from purchasing.configuration import ADMIN, Configuration
from purchasing.signatures import bearer_token, same_as_any
from service.problems import Problem

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Caller(msgspec.Struct, frozen=True):
    """Somebody who proved who they are; `name` is the name of what they post."""

    name: str

    @property
    def is_admin(self) -> bool:
        """Whether this is the administrator, who may do everything."""
        return self.name == ADMIN


class Access:
    """Knows the tokens."""

    def __init__(self, configuration: Configuration, admin_token: str) -> None:
        self._tokens = dict(configuration.internal.tokens)
        if admin_token:
            self._tokens[ADMIN] = admin_token

    def caller(self, request: Request[Any, Any, Any]) -> Caller:
        """Who asks.

        Raises:
            Problem: No token was given, or one that is not known.
        """
        token = bearer_token(request.headers.get("authorization", ""))
        # Every token is compared, so that the time taken tells nothing about any of them.
        known = [name for name, own in self._tokens.items() if same_as_any(token, (own,))]
        if not token or not known:
            detail = "A bearer token is needed, and none that is known was given."
            raise Problem("unauthenticated", detail, _CHALLENGE)
        return Caller(ADMIN if ADMIN in known else known[0])

    def admin(self, request: Request[Any, Any, Any]) -> Caller:
        """The administrator.

        Raises:
            Problem: It is somebody else.
        """
        caller = self.caller(request)
        if not caller.is_admin:
            raise Problem("forbidden", "Only the admin token may do this.")
        return caller
