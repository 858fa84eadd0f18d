"""One target, tried by hypothesis: `python -m tests.fuzzing_by_hypothesis NAME SECONDS`."""

import contextlib
import json
import sys
import time

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from purchasing.errors import MalformedError
from purchasing.keysets import read_key_set
from purchasing.sources import Source
from tests.fuzz import KEY_SETS
from tests.reading import notification, payloads, whole_sources
from tests.strategies import altered, bodies, damaged, headers, texts
from tests.understanding import assert_is_understood, is_authentic, signed

# Between two batches, the clock is looked at.
_BATCH = settings(
    max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def _try_source(source: Source) -> None:
    known = [payload.body for payload in payloads() if payload.format == source.name]
    documents = []
    for body in known:
        with contextlib.suppress(ValueError):
            documents.append(json.loads(body))
    odd = bodies | st.sampled_from(known).flatmap(damaged)
    if documents:
        odd |= st.sampled_from(documents).flatmap(altered)
    proofs = signed(source, known[0]).headers

    @_BATCH
    @given(data=st.data())
    def is_understood(data: st.DataObject) -> None:
        body = data.draw(odd, label="body")
        assert_is_understood(source, notification(source.name, body))

    @_BATCH
    @given(body=bodies, others=headers, shown=texts | st.text(alphabet="0123456789abcdef=:,"))
    def is_refused(body: bytes, others: dict[str, str], shown: str) -> None:
        posted = notification(source.name, body, others | dict.fromkeys(proofs, shown))
        assert not is_authentic(source, posted)

    is_understood()
    is_refused()


@_BATCH
@given(body=bodies)
def _try_key_set(body: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read_key_set(body)
    with contextlib.suppress(MalformedError):
        read_key_set(msgspec.json.encode({"keys": [{"kid": "1", "kty": "RSA", "n": body.hex()}]}))


def main(target: str, seconds: float) -> None:
    """Try one target, one batch after another, until the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if target == KEY_SETS:
            _try_key_set()
        else:
            _try_source(whole_sources()[target])


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
