"""A loopback server that speaks the engine's REST contract and can fail on command.

The real engine cannot be made to hang or to answer nothing; everything else is tested with the real one
(tests/stack).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Replies = list[dict[str, Any]]
Script = Callable[[dict[str, Any]], Replies | int]


def echo(body: dict[str, Any]) -> Replies:
    """Greets a new session, else says what it was sent."""
    if body["metadata"].get("event") == "session_start":
        return [{"recipient_id": body["sender"], "text": "Hej från motorn"}]
    return [{"recipient_id": body["sender"], "text": f"svar: {body['message']}"}]


class EngineStandIn:
    """Starts and stops on one port. `script` answers a request with replies, or with an HTTP status."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.script: Script = echo
        self.received: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self.at_once: dict[str, int] = {}
        self.most_at_once = 0
        self.most_in_all = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def texts(self) -> list[str]:
        """What visitors wrote, in the order received, without events."""
        return [body["message"] for body in self.received if "event" not in body["metadata"]]

    def start(self) -> None:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                stand_in._connections.add(self.connection)

            def finish(self) -> None:
                stand_in._connections.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def do_GET(self) -> None:
                self._answer(200, b"Hello")

            def do_DELETE(self) -> None:
                stand_in.forgotten.append(self.path.rsplit("/", 1)[-1])
                self._answer(204, b"")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                result = stand_in.take(body)
                if isinstance(result, int):
                    self._answer(result, b"{}")
                else:
                    self._answer(200, json.dumps(result).encode())

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # the gateway stopped waiting
                    super().handle()

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            for connection in list(self._connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._server = None

    def take(self, body: dict[str, Any]) -> Replies | int:
        sender = body["sender"]
        with self._lock:
            self.received.append(body)
            self.at_once[sender] = self.at_once.get(sender, 0) + 1
            self.most_at_once = max(self.most_at_once, self.at_once[sender])
            self.most_in_all = max(self.most_in_all, sum(self.at_once.values()))
        try:
            return self.script(body)
        finally:
            with self._lock:
                self.at_once[sender] -= 1
