"""The calls that a sender's handshake asks for."""

import asyncio
from collections.abc import Callable

import pytest

from purchasing.handshakes import Call
from service.outside import Outside
from tests.listening import Sender

IMPATIENT = (0.01, 0.02, 0.03)


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def call(sender: Sender) -> Call:
    """A call that a sender waits for."""
    return Call(
        url=f"{sender.url}/subscription/17",
        about="activation",
        headers={"dhl-api-hook-secret": "s-1"},
        body=b"{}",
    )


async def test_a_sender_is_called_back() -> None:
    """A call goes out once, as it was asked for."""
    with Sender((200, b"")) as sender:
        calls = Outside(IMPATIENT)
        calls.start("dhl", call(sender))
        await until(lambda: sender.heard)
        await asyncio.sleep(0.1)

        ((method, path, headers, body),) = sender.heard
        assert (method, path, body) == ("POST", "/subscription/17", b"{}")
        assert headers["dhl-api-hook-secret"] == "s-1"
        await calls.aclose()


async def test_a_sender_that_is_away_is_called_again() -> None:
    """A call that met a broken sender is made a few times more, and no oftener."""
    with Sender((503, b""), (500, b""), (204, b"")) as sender:
        calls = Outside(IMPATIENT)
        calls.start("dhl", call(sender))
        await until(lambda: len(sender.heard) == 3)

        sender.answers((500, b""))
        sender.heard.clear()
        calls.start("dhl", call(sender))
        await until(lambda: len(sender.heard) == 4)
        await asyncio.sleep(0.1)
        assert len(sender.heard) == 4
        await calls.aclose()


@pytest.mark.parametrize("status", [301, 400, 401, 404])
async def test_a_sender_that_refuses_is_left_alone(status: int) -> None:
    """A call that was refused is not repeated, and leads nowhere else."""
    with Sender((status, b"")) as sender:
        calls = Outside(IMPATIENT)
        calls.start("dhl", call(sender))
        await until(lambda: sender.heard)
        await asyncio.sleep(0.1)

        assert [path for _, path, _, _ in sender.heard] == ["/subscription/17"]
        await calls.aclose()


async def test_a_call_that_cannot_be_made_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Where nobody listens, the call is given up after some attempts."""
    with Sender((200, b"")) as sender:
        gone = call(sender)
    calls = Outside(IMPATIENT)

    calls.start("dhl", gone)
    await asyncio.sleep(0.3)

    assert await calls.aclose() is None  # type: ignore[func-returns-value]  # it ends


async def test_too_many_calls_are_not_begun() -> None:
    """Of a flood of handshakes only a few are answered at a time."""
    with Sender((500, b"")) as sender:
        calls = Outside(IMPATIENT)
        for _ in range(100):
            calls.start("dhl", call(sender))
        await asyncio.sleep(0.5)

        assert len(sender.heard) <= 16 * 4
        await calls.aclose()
