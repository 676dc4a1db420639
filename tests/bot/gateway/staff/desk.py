"""A staff member's side of the staff API, for tests."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from bot.gateway.database import create_engine
from bot.gateway.staff import accounts
from bot.gateway.staff.accounts import Role
from tests.bot.gateway.visitor import new_client

PASSWORD = "hemligt nog för test"


def make_account(database_url: str, username: str, role: Role = Role.AGENT, name: str = "") -> None:
    """What `python -m bot staff add` does."""
    engine = create_engine(database_url, immediate=True)
    with engine.begin() as connection:
        accounts.add(connection, username, name or username.title(), role, PASSWORD)
    engine.dispose()


class Desk:
    """One signed-in staff member with a cookie of their own."""

    def __init__(self, base_url: str, username: str, password: str = PASSWORD) -> None:
        self.http = new_client(base_url=base_url)
        answer = self.http.post("/api/staff/sign-in", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        self.me: dict[str, Any] = answer.json()
        self.headers = {"X-CSRF-Token": self.me["csrf"]}

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.http.request(method, f"/api/staff{path}", headers=self.headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.call("POST", path, json=body)

    def take(self, conversation_id: str) -> httpx.Response:
        return self.post(f"/conversations/{conversation_id}/take")

    def write(self, conversation_id: str, text: str, message_id: str | None = None) -> httpx.Response:
        body = {"client_message_id": message_id or str(uuid.uuid4()), "text": text}
        return self.post(f"/conversations/{conversation_id}/messages", **body)

    def read(self, conversation_id: str) -> dict[str, Any]:
        answer = self.get(f"/conversations/{conversation_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def lists(self) -> dict[str, list[str]]:
        """The ids in each list."""
        found: dict[str, list[str]] = {}
        for chat in self.get("/lists").json()["chats"]:
            found.setdefault(chat["place"], []).append(chat["id"])
        return found
