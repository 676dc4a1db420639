"""A visitor's side of the conversations API, for tests."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

_clients: list[httpx.Client] = []


def new_client(**options: Any) -> httpx.Client:
    """A client that is closed when the test ends."""
    client = httpx.Client(timeout=20, trust_env=False, **options)
    _clients.append(client)
    return client


def close_clients() -> None:
    while _clients:
        _clients.pop().close()


def eventually(look: Callable[[], T], seconds: float = 10) -> T:
    """The first true result of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        result = look()
        if result:
            return result
        assert time.monotonic() < deadline, f"nothing came within {seconds} s"
        time.sleep(0.02)


def problem(answer: httpx.Response, status: int, code: str) -> None:
    """Asserts that the answer is an error of the API's one shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code
    assert re.search("[a-zåäö]", body["message"])


class Visitor:
    """One conversation."""

    def __init__(self, base_url: str, **body: Any) -> None:
        self.http = new_client(base_url=base_url)
        opened = (
            self.http.post("/api/conversations", json=body) if body else self.http.post("/api/conversations")
        )
        assert opened.status_code == 201, opened.text
        self.opened = opened.json()
        self.id: str = self.opened["id"]
        self.token: str = self.opened["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.path = f"/api/conversations/{self.id}"

    def call(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        return self.http.request(method, self.path + path, headers=self.headers, **options)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.call("POST", path, json=body)

    def write(self, text: str, message_id: str | None = None) -> httpx.Response:
        return self.post("/messages", client_message_id=message_id or str(uuid.uuid4()), text=text)

    def press(self, button: str) -> httpx.Response:
        return self.post("/messages", client_message_id=str(uuid.uuid4()), button=button)

    def read(self, after: int = 0) -> dict[str, Any]:
        answer = self.call("GET", "/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log(self) -> list[dict[str, Any]]:
        return self.read()["messages"]

    def said(self, author: str) -> list[str]:
        return [message["text"] for message in self.log() if message["author"] == author]

    def greeted(self) -> Visitor:
        eventually(self.log)
        return self

    def ask(self, text: str) -> list[dict[str, Any]]:
        """Writes, waits for the answer, returns what came after."""
        answer = self.write(text)
        assert answer.status_code == 202, answer.text
        self.wait_until_answered()
        return self.read(after=answer.json()["seq"])["messages"]

    def wait_until_answered(self, seconds: float = 10) -> None:
        eventually(lambda: not self.read(after=1_000_000)["pending"], seconds)

    def status(self) -> dict[str, Any]:
        return self.call("GET").json()

    def events(self, last_id: int | None = None) -> Stream:
        return Stream(self, last_id)


class Stream:
    """An open event stream; iterate for `(event, id, data)`."""

    def __init__(self, visitor: Visitor, last_id: int | None = None) -> None:
        headers = dict(visitor.headers)
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        request = visitor.http.build_request("GET", f"{visitor.path}/events", headers=headers)
        self.response = new_client().send(request, stream=True)
        self._lines = self.response.iter_lines()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
        event, number, data = "", None, ""
        for line in self._lines:
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and event:
                yield event, number, json.loads(data)
                event, number, data = "", None, ""

    def until(
        self, wanted: Callable[[str, dict[str, Any]], bool]
    ) -> list[tuple[str, int | None, dict[str, Any]]]:
        """All events up to and including the wanted one."""
        seen = []
        for event in self:
            seen.append(event)
            if wanted(event[0], event[2]):
                return seen
        raise AssertionError(f"the stream ended after {seen}")

    def close(self) -> None:
        self.response.close()
