"""What the service and the workers agree on: the queue, the job's name, and its encoding."""

import zlib

import msgspec

QUEUE = "tallyman"
"""The RQ queue that notifications wait in."""

JOB = "workers.jobs.translate"
"""The job that translates one notification; its only argument is the notification's id."""

# A function, an id, and nothing else.
_LARGEST = 1024

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[str, None, list[str], dict[str, str]])


def encode_job(notification_id: str) -> bytes:
    """The `data` of an RQ job, as (function, instance, arguments, keyword arguments)."""
    return _ENCODER.encode((JOB, None, [notification_id], {}))


def decode_job(data: bytes) -> tuple[str, list[str]]:
    """The function's path and its arguments, from the `data` of an RQ job.

    Raises:
        ValueError: The bytes are not a job of ours.
    """
    try:
        function, _, arguments, _ = _DECODER.decode(_inflated(data))
    except (msgspec.MsgspecError, zlib.error) as error:
        message = f"not a job of ours: {error}"
        raise ValueError(message) from None
    return function, arguments


def _inflated(data: bytes) -> bytes:
    """RQ compresses what it saves itself, as when a job is requeued; what we write is plain."""
    return zlib.decompressobj().decompress(data, _LARGEST) if data[:1] == b"\x78" else data
