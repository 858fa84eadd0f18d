"""The data directory: what `tallyman up` keeps, and what it tells the other commands.

Everything in it is for its owner's eyes only: there are secrets and other people's shipments in it.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import TypeVar

import msgspec

from tallyman.errors import CommandError

_Kind = TypeVar("_Kind")

_DEFAULT = ".tallyman"
_SECRET_BYTES = 24

# After a kill, Valkey holds the lock for as long as it takes to die.
_LOCK_PATIENCE_SECONDS = 5.0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What a running `tallyman up` tells the other commands."""

    url: str
    admin_token: str
    config: str
    redis_url: str
    sandbox_url: str | None = None


class DataDirectory:
    """One data directory; nothing is made before `create`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def create(self) -> None:
        """Make the directory, if it is not there.

        Raises:
            CommandError: It cannot be made or written to.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"The data directory {self.path} cannot be made: {error.strerror}."
            raise CommandError(message) from None
        if not os.access(self.path, os.W_OK | os.X_OK):
            message = f"The data directory {self.path} may not be written to."
            raise CommandError(message)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keep every other `tallyman up` out; gives the descriptor of the lock.

        A process that inherits the descriptor keeps the lock, too.

        Raises:
            CommandError: Another one is running.
        """
        file = os.open(self.path / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(file)
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
            yield file
        finally:
            os.close(file)

    def _lock(self, file: int) -> None:
        until = time.monotonic() + _LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                holder = os.pread(file, 20, 0).decode("ascii", "replace")
                if _lives(holder) or time.monotonic() > until:
                    message = (
                        f"Another `tallyman up` (process {holder}) uses the data directory"
                        f" {self.path}; end it first, or set TALLYMAN_DATA_DIR to another one."
                    )
                    raise CommandError(message) from None
            time.sleep(0.05)

    def write(self, name: str, content: bytes) -> Path:
        """Write a file as a whole or not at all."""
        path = self.path / name
        draft = path.with_name(f"{name}.new")
        with suppress(FileNotFoundError):
            draft.unlink()
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(path)
        return path

    def secret(self, name: str) -> str:
        """A secret by its name: made when it is first asked for, and kept."""
        kept = self._read("secrets.json", dict[str, str]) or {}
        if name not in kept:
            kept[name] = token_urlsafe(_SECRET_BYTES)
            self.write("secrets.json", msgspec.json.format(msgspec.json.encode(kept)))
        return kept[name]

    def running(self) -> Running | None:
        """What a running `tallyman up` said; one that was killed could not take it back."""
        return self._read("up.json", Running)

    def tell(self, running: Running) -> None:
        """Tell the other commands."""
        self.write("up.json", msgspec.json.format(msgspec.json.encode(running)))

    def take_back(self) -> None:
        """Tell the other commands that nothing is running any more."""
        (self.path / "up.json").unlink(missing_ok=True)

    def _read(self, name: str, kind: type[_Kind]) -> _Kind | None:
        path = self.path / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            message = f"{path} cannot be read: {error}. Remove it and start `tallyman up` again."
            raise CommandError(message) from None


def data_directory(environment: Mapping[str, str]) -> DataDirectory:
    """The data directory that `TALLYMAN_DATA_DIR` names; `.tallyman` here without."""
    return DataDirectory(Path(environment.get("TALLYMAN_DATA_DIR") or _DEFAULT))


def _lives(process: str) -> bool:
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
