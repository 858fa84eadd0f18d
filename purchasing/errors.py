"""Every error that somebody acts on.

TallymanError
  ConfigurationError       start-up stops and prints the sentence
  UnauthenticatedError     the sender is answered 401 and nothing is queued
  UnknownKeyError          the keys are fetched again; the sender is answered 503, or 401
  MalformedError           the notification is held until a person looks
    BadExpressionError     so is this; at start-up it stops the start, because a setting is wrong
  UnsupportedError         the notification is ignored, with its reason kept
  HeldError                what is said is held until a person looks, with its reason kept
  InvalidFieldsError       the caller is answered 422, with every bad field named
  StoreUnavailableError    the sender is answered 503 and tries again
  NotAcceptingError        as above: we are too far behind
"""

from collections.abc import Mapping


class TallymanError(Exception):
    """The root of every error that Tallyman raises on purpose."""


class ConfigurationError(TallymanError):
    """A setting is missing, unknown or impossible; the text says which, where and what to do."""


class UnauthenticatedError(TallymanError):
    """The bytes were not proven to come from the sender; the text never holds a secret."""


class UnknownKeyError(UnauthenticatedError):
    """A notification names a public key that is not known; the sender may have a new one."""


class MalformedError(TallymanError):
    """An authentic notification cannot be read as what its format says it is."""


class BadExpressionError(MalformedError):
    """An expression of the configuration is not understood, or does not fit a document."""


class UnsupportedError(TallymanError):
    """An authentic notification, or a line of a document, is of a kind that causes nothing.

    `reason` is one of the reasons for `ignored` of the contract: of a whole notification it is
    `unsupported_kind`, `test_mode` or `not_a_shipment`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class HeldError(TallymanError):
    """A document, or a statement that was matched, cannot be told to Cofactr as it stands.

    `reason` is one of the reasons for `held` of the contract.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class InvalidFieldsError(TallymanError):
    """A document posted by an internal caller has bad fields: `fields` maps each to its fault."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in fields.items()))
        self.fields = dict(fields)


class StoreUnavailableError(TallymanError):
    """Redis does not answer or cannot take a write; nothing can be promised until it does."""


class NotAcceptingError(StoreUnavailableError):
    """So much waits to be made durable that taking more would only make everyone wait longer."""
