"""One target, tried by atheris: `python -m tests.fuzzing_by_atheris NAME [libFuzzer's options]`."""

import contextlib
import sys

import atheris

with atheris.instrument_imports(include=["purchasing"]):
    from purchasing.errors import MalformedError
    from purchasing.keysets import read_key_set
    from purchasing.sources import Source

import msgspec

from tests.fuzz import KEY_SETS
from tests.reading import notification, whole_sources
from tests.understanding import assert_is_understood, is_authentic, signed

_SEPARATOR = b"\n\n"


def _try_source(source: Source, proofs: dict[str, str], data: bytes) -> None:
    """Read the bytes, and show some of them as the proof of the others."""
    assert_is_understood(source, notification(source.name, data))
    shown, _, body = data.partition(_SEPARATOR)
    headers = dict.fromkeys(proofs, shown.decode("latin-1"))
    posted = notification(source.name, body, proofs | headers)
    assert not is_authentic(source, posted)


def _try_key_set(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read_key_set(data)


def main(target: str, options: list[str]) -> None:
    """Try one target until libFuzzer ends the process."""
    if target == KEY_SETS:
        atheris.Setup([target, *options], _try_key_set)
    else:
        source = whole_sources()[target]
        proofs = dict(signed(source, b"{}").headers)
        # A content type proves nothing, and must not be what decides.
        proofs.pop("content-type", None)
        atheris.Setup([target, *options], lambda data: _try_source(source, proofs, data))
    atheris.Fuzz()


if __name__ == "__main__":
    msgspec.json.decode(b"{}")
    main(sys.argv[1], sys.argv[2:])
