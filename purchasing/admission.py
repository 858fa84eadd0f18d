"""What a source may demand beside its sender's own proof: a path nobody guesses, known addresses.

Senders that sign only a part of what they post, or nothing, are made harder to imitate in this way.
"""

from ipaddress import ip_address, ip_network

from purchasing.configuration import SourceSettings
from purchasing.errors import UnauthenticatedError
from purchasing.notification import Notification
from purchasing.signatures import same_as_any


def admit(notification: Notification, settings: SourceSettings) -> None:
    """Let in what comes by a known path and from a known address, where these are configured.

    Raises:
        UnauthenticatedError: It came by another path, or from elsewhere.
    """
    if settings.path_tokens and not same_as_any(notification.path_token, settings.path_tokens):
        message = "the address does not end in a token that this source knows"
        raise UnauthenticatedError(message)
    if settings.addresses and not _is_known(notification.peer, settings.addresses):
        message = f"it came from {notification.peer or 'nowhere'}, which this source does not list"
        raise UnauthenticatedError(message)


def _is_known(peer: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    # A socket for both families shows IPv4 inside IPv6.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in networks)
