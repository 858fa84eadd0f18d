"""A source whose notifications are read as a test wants it."""

from collections.abc import Callable

from purchasing.notification import Notification
from purchasing.sources.easypost import SOURCE
from purchasing.updates import Reading


class ReadBy:
    """EasyPost's source, but for how it reads."""

    name = "easypost"
    title = SOURCE.title
    authenticity = SOURCE.authenticity
    strength = SOURCE.strength
    codes = SOURCE.codes
    is_posted_to_webhooks = True
    authenticate = SOURCE.authenticate
    delivery_key = SOURCE.delivery_key
    answer = SOURCE.answer
    sign = SOURCE.sign

    def __init__(self, read: Callable[[Notification], Reading]) -> None:
        self._read = read

    def read(self, notification: Notification) -> Reading:
        """Read in the way of the test."""
        return self._read(notification)
