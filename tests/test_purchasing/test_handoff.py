"""What the service puts into the queue is what a worker takes out of it."""

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.handoff import JOB, decode_job, encode_job


@given(notification=st.text())
def test_a_job_is_handed_over_as_it_is(notification: str) -> None:
    """A job that was encoded and decoded names the same function and the same notification."""
    assert decode_job(encode_job(notification)) == (JOB, [notification])


@given(notification=st.text(max_size=60))
def test_a_job_that_rq_compressed_is_read_alike(notification: str) -> None:
    """A job that RQ's own tools gave back to the queue is compressed, and the same job."""
    assert decode_job(zlib.compress(encode_job(notification))) == (JOB, [notification])


@given(data=st.binary() | st.binary().map(lambda data: b"\x78" + data))
def test_anything_else_is_no_job(data: bytes) -> None:
    """Any other bytes are no job of ours, and said to be none."""
    with pytest.raises(ValueError, match=r"not a job of ours|utf-8"):
        decode_job(data)


@pytest.mark.parametrize(
    "value",
    [
        (JOB, None, ["n-1"]),
        (JOB, None, ["n-1"], {}, "more"),
        (JOB, "an instance", ["n-1"], {}),
        (JOB, None, [1], {}),
        (JOB, None, "n-1", {}),
        (JOB, None, ["n-1"], {"timeout": 3}),
        [],
        "n-1",
    ],
)
def test_a_call_of_another_form_is_no_job(value: object) -> None:
    """Only a function and texts for it are a job of ours."""
    with pytest.raises(ValueError, match="not a job of ours"):
        decode_job(msgspec.msgpack.encode(value))


def test_a_job_that_swells_is_no_job() -> None:
    """What would fill the memory once it is decompressed is given up early."""
    bomb = zlib.compress(encode_job("n" * 5_000_000), 9)

    with pytest.raises(ValueError, match="not a job of ours"):
        decode_job(bomb)
