"""The action server as the engine, and as others, meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from actions.orders.database import Database
from actions.orders.schema import migrate

ROOT = Path(__file__).resolve().parents[2]
SECRET = "mitt personnummer"
# The real server, with one action more that fails the way a bug would.
PROGRAM = """
import sys
from rasa_sdk import Action
from actions import server

class ActionBroken(Action):
    def name(self):
        return "action_broken"

    async def run(self, dispatcher, tracker, domain):
        raise ValueError(tracker.latest_message["text"])

class ActionAnswer(Action):
    def name(self):
        return "action_answer"

    async def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="svar")
        return []

ActionBroken.__module__ = ActionAnswer.__module__ = "actions.test"
server.serve(int(sys.argv[1]))
"""


def call(name: str) -> dict[str, object]:
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {"text": SECRET}, "events": []}
    return {"next_action": name, "tracker": tracker, "domain": {}, "version": "3.6.21"}


class Server:
    def __init__(self, port: int, log: Path) -> None:
        self.log = log
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(port)], cwd=ROOT, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 30
        while b"ready on" not in log.read_bytes():
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from bot.cli.ports import find_free

    server = Server(find_free(1)[0], tmp_path_factory.mktemp("server") / "log")
    yield server
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0
    server.client.close()


def test_health(server: Server) -> None:
    assert server.client.get("/health").json() == {"status": "ok"}


def test_runs_an_action_also_from_a_compressed_call(server: Server) -> None:
    plain = server.client.post("/webhook", json=call("action_answer"))
    packed = zlib.compress(json.dumps(call("action_answer")).encode())
    deflated = server.client.post("/webhook", content=packed, headers={"Content-Encoding": "deflate"})
    assert plain.status_code == deflated.status_code == 200
    assert plain.json() == deflated.json()
    assert [message["text"] for message in plain.json()["responses"]] == ["svar"]


def test_a_failure_says_nothing_of_the_conversation(server: Server) -> None:
    answer = server.client.post("/webhook", json=call("action_broken"))
    assert answer.status_code == 500
    assert SECRET not in answer.text
    log = server.log.read_text()
    assert SECRET not in log
    number = answer.json()["error"].removeprefix("failure ")
    assert f"action_broken failed ({number}): ValueError at __main__:" in log


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"\xff"])
def test_what_is_no_call_is_refused(server: Server, body: bytes) -> None:
    assert server.client.post("/webhook", content=body).status_code == 400


def test_a_compressed_flood_is_refused(server: Server) -> None:
    flood = zlib.compress(b" " * 64 * 1024 * 1024)
    answer = server.client.post("/webhook", content=flood, headers={"Content-Encoding": "deflate"})
    assert answer.status_code == 400


def test_an_unknown_action_and_path(server: Server) -> None:
    assert server.client.post("/webhook", json=call("action_of_nobody")).status_code == 404
    assert server.client.get("/nothing").status_code == 404


def test_says_nothing_to_browsers(server: Server) -> None:
    answer = server.client.get("/health", headers={"Origin": "https://example.com"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def serve_once(port: int, database_url: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "actions", "serve", "--port", str(port)]
    environment = {**os.environ, "SUPPORT_DATABASE_URL": database_url}
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def migrated(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path}/support.db"
    database = Database(address)
    migrate(database)
    database.close()
    return address


def test_a_missing_schema_stops_the_start(tmp_path: Path, free_port: int) -> None:
    missing = serve_once(free_port, f"sqlite:///{tmp_path}/empty.db")
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "actions.orders migrate" in missing.stderr


def test_an_old_schema_stops_the_start(migrated: str, free_port: int) -> None:
    engine = create_engine(migrated)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version_orders SET version_num = 'old'"))
    engine.dispose()
    old = serve_once(free_port, migrated)
    assert old.returncode == 1
    assert "schema is old" in old.stderr


def test_a_taken_port_stops_the_start(server: Server, migrated: str) -> None:
    port = server.client.base_url.port
    assert port
    taken = serve_once(port, migrated)
    assert taken.returncode == 1
    assert taken.stderr == f"actions: port {port} is taken\n"
