"""`python -m bot chat`: the bot in a terminal, through the gateway, as a visitor meets it."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bot.cli import ports
from bot.cli.errors import CommandError
from bot.cli.model import ensure_model
from bot.cli.parts import prepare_databases, product
from bot.cli.paths import LOGS
from bot.cli.run import ignore_signals, stop_on_signals
from bot.cli.settings import CliSettings, load_settings
from bot.cli.supervisor import Supervisor

POLL_SECONDS = 0.15
ANSWER_SECONDS = 30.0


class Conversation:
    """One conversation with a running gateway."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        opened = self._answer(client.post("/api/conversations"))
        self._path = f"/api/conversations/{opened['id']}"
        client.headers["Authorization"] = f"Bearer {opened['token']}"
        self._seen = 0
        self.buttons: list[dict[str, str]] = []

    def send(self, typed: str) -> None:
        """Send what was typed; the number of an offered button presses it. Raises CommandError."""
        body = {"client_message_id": str(uuid.uuid4())}
        if typed.isdecimal() and 1 <= int(typed) <= len(self.buttons):
            body["button"] = self.buttons[int(typed) - 1]["id"]
        else:
            body["text"] = typed
        self._answer(self._client.post(f"{self._path}/messages", json=body))

    def answers(self) -> Iterator[dict[str, Any]]:
        """What others have written since the last call, once the bot has finished answering.

        The first call waits for the greeting. Raises CommandError when no answer comes.
        """
        greeted = self._seen > 0
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            news = self._answer(self._client.get(f"{self._path}/messages", params={"after": self._seen}))
            for message in news["messages"]:
                self._seen = message["seq"]
                if message["author"] != "visitor":
                    self.buttons = message["buttons"]
                    yield message
            if not news["pending"] and (greeted or self._seen):
                return
            if time.monotonic() > deadline:
                raise CommandError(f"no answer within {ANSWER_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Tell the gateway that the visitor has left."""
        self._client.post(f"{self._path}/close")

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = response.json()
        if response.is_error:
            raise CommandError(f"the gateway answered {response.status_code}: {body.get('message', '')}")
        return body


@contextmanager
def _gateway(settings: CliSettings) -> Iterator[str]:
    """Base address of the running gateway, or of one started for this chat on free ports."""
    try:
        if httpx.get(f"{settings.gateway_url}/health/live", trust_env=False).status_code == httpx.codes.OK:
            yield settings.gateway_url
            return
    except httpx.TransportError:
        pass
    model = ensure_model(print)
    prepare_databases(settings)
    names = ("gateway_port", "engine_port", "actions_port")
    own = settings.model_copy(update=dict(zip(names, ports.find_free(3), strict=True)))
    supervisor = Supervisor(product(own, model), LOGS / "chat")
    try:
        print("Starting …", flush=True)
        supervisor.start()
        yield own.gateway_url
    finally:
        ignore_signals()
        supervisor.stop()


def show(message: dict[str, Any]) -> None:
    """Print one message, its card in one line and its buttons as numbers."""
    name = message["name"] or message["author"]
    print(f"{name}: {message['text']}")
    if message["card"]:
        print(f"  [{message['card']}]")
    for number, button in enumerate(message["buttons"], start=1):
        print(f"  {number}. {button['title']}")


def chat() -> int:
    """Talk until end of input; returns the exit code. Raises CommandError."""
    stop_on_signals()
    with _gateway(load_settings()) as address, httpx.Client(base_url=address, trust_env=False) as client:
        conversation = Conversation(client)
        print("(A number presses a button. Enter alone looks for news. Ctrl-D ends.)", flush=True)
        try:
            while True:
                for message in conversation.answers():
                    show(message)
                print("> ", end="", flush=True)
                line = sys.stdin.readline()
                if not line:
                    break
                if line.strip():
                    conversation.send(line.strip())
        except KeyboardInterrupt:
            pass
        conversation.close()
    print()
    return 0
