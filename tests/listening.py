"""A real HTTP server on this machine that stands for a sender, and answers as it is told."""

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Sender:
    """Listens from its making until it is closed; answers each request with the next answer.

    The last answer stays. `heard` is what was asked: method, path, headers in lower case, body.
    """

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        self._answers = deque(answers)
        sender = self

        class Listening(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:  # http.server's name
                self._answer()

            def _answer(self) -> None:
                size = int(self.headers.get("content-length", "0"))
                headers = {name.lower(): value for name, value in self.headers.items()}
                sender.heard.append((self.command, self.path, headers, self.rfile.read(size)))
                status, body = sender.next_answer()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.send_header("location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing: `heard` knows."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def answers(self, *answers: tuple[int, bytes]) -> None:
        """Answer differently from now on."""
        self._answers = deque(answers)

    def next_answer(self) -> tuple[int, bytes]:
        """The answer to the request that is there."""
        return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
