"""What a source may demand beside its sender's own proof."""

import msgspec
import pytest

from purchasing.admission import admit
from purchasing.configuration import SourceSettings
from purchasing.errors import UnauthenticatedError
from tests.reading import notification

TOKENS = ("new-path-token-8d1f07", "old-path-token-51c2aa")
RANGES = ("20.65.16.22/31", "2001:db8::/32")


def is_admitted(settings: SourceSettings, *, path_token: str = "", peer: str = "") -> bool:
    """Whether a notification is let in; what is said of one that is not holds no token."""
    posted = msgspec.structs.replace(notification("ups", b"{}"), path_token=path_token, peer=peer)
    try:
        admit(posted, settings)
    except UnauthenticatedError as error:
        said = str(error)
    else:
        return True
    assert not any(token in said for token in TOKENS)
    return False


def test_nothing_is_demanded_unless_it_is_configured() -> None:
    """A source without path tokens and addresses lets in whatever comes."""
    settings = SourceSettings(format="ups")

    assert is_admitted(settings)
    assert is_admitted(settings, path_token="anything", peer="nonsense")


@pytest.mark.parametrize(
    ("token", "is_known"),
    [*((token, True) for token in TOKENS), ("", False), ("new-path-token-8d1f08", False)],
)
def test_the_address_must_end_in_a_known_token(token: str, *, is_known: bool) -> None:
    """Where path tokens are configured, any of them lets in and nothing else does."""
    settings = SourceSettings(format="ups", path_tokens=TOKENS)

    assert is_admitted(settings, path_token=token) is is_known


@pytest.mark.parametrize(
    ("peer", "is_known"),
    [
        ("20.65.16.22", True),
        ("20.65.16.23", True),
        ("::ffff:20.65.16.23", True),
        ("2001:db8::17", True),
        ("20.65.16.24", False),
        ("2001:db9::17", False),
        ("", False),
        ("unix:", False),
        ("20.65.16.22, 1.2.3.4", False),
    ],
)
def test_it_must_come_from_a_known_address(peer: str, *, is_known: bool) -> None:
    """Where addresses are configured, only what comes from one of them is let in."""
    settings = SourceSettings(format="ups", addresses=RANGES)

    assert is_admitted(settings, peer=peer) is is_known


def test_both_are_demanded_where_both_are_configured() -> None:
    """A token does not make up for an address, nor an address for a token."""
    settings = SourceSettings(format="ups", path_tokens=TOKENS, addresses=RANGES)

    assert is_admitted(settings, path_token=TOKENS[1], peer="20.65.16.22")
    assert not is_admitted(settings, path_token=TOKENS[1], peer="20.65.16.20")
    assert not is_admitted(settings, path_token="", peer="20.65.16.22")
