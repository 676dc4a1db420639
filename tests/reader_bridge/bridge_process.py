"""A bridge in its own process, and calls to it as a page's browser would make them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ORIGIN = "https://support.example"
OTHER_ORIGIN = "https://other.example:8443"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> Any:
        return self.json["code"]


class BridgeProcess:
    """`python -m reader_bridge serve` on a free port; `code` and `port` are read from what it prints."""

    def __init__(self, environment: dict[str, str], *options: str) -> None:
        command = [sys.executable, "-m", "reader_bridge", "serve", "--port", "0", "--no-window", *options]
        origins = ["--allow-origin", ORIGIN, "--allow-origin", OTHER_ORIGIN]
        self.process = subprocess.Popen(
            [*command, *origins], env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        self.code = self.line().removeprefix("Kod: ")
        self.port = int(self.line().split("127.0.0.1:")[1].split()[0])

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def __enter__(self) -> BridgeProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def send(
        self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None = None
    ) -> Answer:
        """Exactly these headers, and the body as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            sent = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, sent, answer.read())
        finally:
            connection.close()

    def headers(
        self, body: bytes | None = None, token: str | None = None, origin: str = ORIGIN, **changes: str | None
    ) -> list[tuple[str, str]]:
        """A page's headers; a change of None leaves that header out."""
        headers: dict[str, str | None] = {
            "Host": f"127.0.0.1:{self.port}",
            "Origin": origin,
            "X-Requested-With": "support-chat",
        }
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        return [(name, value) for name, value in headers.items() if value is not None]

    def call(
        self,
        path: str,
        content: Any = None,
        token: str | None = None,
        origin: str = ORIGIN,
        **changes: str | None,
    ) -> Answer:
        """GET without content, POST with it."""
        body = None if content is None else json.dumps(content).encode()
        headers = self.headers(body, token, origin, **changes)
        return self.send("GET" if content is None else "POST", path, headers, body)

    def pair(self, origin: str = ORIGIN) -> str:
        answer = self.call("/v1/pair", {"code": self.code}, origin=origin)
        assert answer.status == 200, answer
        return str(answer.json["token"])

    def events(self, token: str) -> Iterator[tuple[str, Any]]:
        """The event stream, until the bridge or the caller ends it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest("GET", "/v1/events", skip_host=True)
            for name, value in self.headers(token=token):
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            name = ""
            while line := answer.readline().decode():
                key, _, value = line.rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    yield name, json.loads(value)
        finally:
            connection.close()
