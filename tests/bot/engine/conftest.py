"""A small real bot, trained once, and what is needed to talk to it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
TINY = Path(__file__).parent / "tiny"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bot, trained."""
    out = tmp_path_factory.mktemp("model") / "tiny.tar.gz"
    files = ["--config", TINY / "config.yml", "--domain", TINY / "domain.yml", "--data", TINY / "data.yml"]
    command = [sys.executable, "-m", "bot.engine", "train", "--out", out, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def order_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One line for every order that the tiny bot's action placed."""
    return tmp_path_factory.mktemp("orders") / "orders.jsonl"


@pytest.fixture(scope="session")
def actions_url(order_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tiny bot's actions, served by rasa-sdk in the app environment."""
    port = _free_port()
    server = subprocess.Popen(
        [
            ROOT / ".venv/bin/python",
            "-W",
            "ignore",
            "-m",
            "rasa_sdk",
            "--actions",
            "actions",
            "--port",
            str(port),
        ],
        cwd=TINY,
        env={**os.environ, "TINY_ORDERS": str(order_log), "TINY_ECHO": "1", "SANIC_HOST": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
        stderr=(tmp_path_factory.mktemp("actions") / "log").open("w"),
    )
    deadline = time.monotonic() + 30
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the action server did not start ({server.poll()})")
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/webhook"
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture(params=["sqlite", "postgresql"])
def tracker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh tracker database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tracker.db"
    import psycopg2

    server = request.getfixturevalue("postgres_server")
    name = f"tracker_{uuid.uuid4().hex}"
    connection = psycopg2.connect(server.replace("+psycopg", "") + "/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    return f"{server}/{name}"


class Bot:
    """A loaded engine, spoken to from a plain test."""

    def __init__(self, engine: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.engine = engine
        self.loop = loop

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def ask(self, sender: str, text: str, **metadata: Any) -> list[dict[str, Any]]:
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        channel = CollectingOutputChannel()
        await self.engine.handle(UserMessage(text, channel, sender, metadata=metadata, input_channel="rest"))
        return channel.messages

    def say(self, sender: str, text: str, **metadata: Any) -> list[dict[str, Any]]:
        return self.run(self.ask(sender, text, **metadata))

    def texts(self, sender: str, text: str, **metadata: Any) -> list[str]:
        return [message.get("text", "") for message in self.say(sender, text, **metadata)]

    def tracker(self, sender: str) -> Any:
        return self.run(self.engine.store.retrieve(sender))


@pytest.fixture
def start_bot(tiny_model: Path, tmp_path: Path) -> Iterator[Callable[..., Bot]]:
    """Starts a bot on a tracker database (SQLite in a fresh folder if none is named); stops it afterwards."""
    from bot.engine.engine import load_engine
    from bot.engine.responses import SupportResponses, load_addresses
    from bot.engine.settings import Settings, database_address

    loop = asyncio.new_event_loop()
    started: list[Bot] = []

    def start(
        tracker_url: str = "", actions_url: str = "http://127.0.0.1:9/webhook", redis_url: str | None = None
    ) -> Bot:
        url = database_address(tracker_url or f"sqlite:///{tmp_path}/tracker.db")
        responses = SupportResponses(addresses=load_addresses(TINY / "addresses.yml"))

        async def load() -> Any:
            return load_engine(tiny_model, Settings(url, actions_url, redis_url), responses)

        started.append(Bot(loop.run_until_complete(load()), loop))
        return started[-1]

    yield start
    for bot in started:
        loop.run_until_complete(bot.engine.close())
    loop.close()


@pytest.fixture(scope="session")
def engine_command() -> list[str]:
    """How the engine is started."""
    return [sys.executable, "-m", "bot.engine"]
