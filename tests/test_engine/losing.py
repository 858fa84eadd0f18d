"""A way to Redis on which a reply can get lost, as when a connection breaks at the wrong moment."""

import socket
import threading
from contextlib import suppress
from hashlib import sha1
from typing import Self

from store.scripts import source_of

_CHUNK = 1 << 20


class Losing:
    """Passes everything on to Valkey and back, but for the replies that are to be lost."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        port: int = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/0"
        self._digest = b""
        self._left = 0
        self.lost = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()

    def lose(self, script: str, times: int = 1) -> None:
        """Break the connection in place of the next replies of a script, after it has run."""
        self._digest = sha1(source_of(script), usedforsecurity=False).hexdigest().encode()
        self._left = times

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        must_lose = threading.Event()
        with suppress(OSError), near, far:
            far.connect(self._path)
            threading.Thread(target=self._back, args=(far, near, must_lose), daemon=True).start()
            while data := near.recv(_CHUNK):
                if self._left and self._digest in data:
                    self._left -= 1
                    must_lose.set()
                far.sendall(data)

    def _back(self, far: socket.socket, near: socket.socket, must_lose: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(_CHUNK):
                # A script that the server does not know has not run.
                if must_lose.is_set() and not data.startswith(b"-NOSCRIPT"):
                    self.lost += 1
                    near.shutdown(socket.SHUT_RDWR)
                    return
                near.sendall(data)
