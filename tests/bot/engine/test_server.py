"""The engine as a process: starts, answers over HTTP, keeps quiet, stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]
TINY = Path(__file__).parent / "tiny"
SECRET = "hemligt 19121212-1212"


class Process:
    """A started engine."""

    def __init__(self, command: list[str], model: Path, port: int, folder: Path, actions: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.errors = folder / "stderr"
        self.database = folder / "tracker.db"
        self.server = subprocess.Popen(
            [*command, "serve", "--port", str(port), "--model", model, "--addresses", TINY / "addresses.yml"],
            cwd=ROOT,
            env={
                **os.environ,
                "SUPPORT_TRACKER_URL": f"sqlite:///{self.database}",
                "SUPPORT_ACTIONS_URL": actions,
            },
            stdout=subprocess.PIPE,
            stderr=self.errors.open("w"),
            text=True,
        )
        assert self.server.stdout is not None
        self.first_line = self.server.stdout.readline().strip()

    def post(self, body: Any, path: str = "/webhooks/rest/webhook", method: str = "POST") -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        response = requests.request(method, self.address + path, data=data, headers=headers, timeout=30)
        return response.status_code, response.json() if response.content else None

    def stop(self) -> int:
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait(timeout=30)


@pytest.fixture(scope="module")
def engine(
    engine_command: list[str], tiny_model: Path, actions_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = Process(engine_command, tiny_model, port, tmp_path_factory.mktemp("engine"), actions_url)
    yield process
    process.server.kill()
    process.server.wait()


def test_it_says_when_it_is_ready(engine: Process) -> None:
    assert engine.first_line == f"engine ready on {engine.address}"
    response = requests.get(engine.address + "/", timeout=5)
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers


def test_it_answers_a_message(engine: Process) -> None:
    assert engine.post({"sender": "a", "message": "hej"}) == (
        200,
        [{"recipient_id": "a", "text": "Hej! Jag hjälper dig med kort."}],
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"message": "hej"}, "missing_sender"),
        ({"sender": "", "message": "hej"}, "missing_sender"),
        ({"sender": 5, "message": "hej"}, "missing_sender"),
        ({"sender": "a", "message": 5}, "invalid_message"),
        ({"sender": "a", "metadata": []}, "invalid_metadata"),
        ({"sender": "a", "metadata": {"event": "restart"}}, "unknown_event"),
        ({"sender": "a", "metadata": {"message_id": 5}}, "invalid_message_id"),
        (["hej"], "invalid_json"),
        (b'{"sender": "a"', "invalid_json"),
        (b"", "invalid_json"),
    ],
)
def test_a_malformed_request_is_refused(engine: Process, body: Any, code: str) -> None:
    status, answer = engine.post(body)
    assert (status, answer["code"]) == (400, code)
    assert answer["message"]


@pytest.mark.parametrize(
    "text",
    ["", " \n\t ", "x" * 10_000, "🙂", "\u202e\u0000\u0007", "12345",
     '<script>alert("x")</script>', "/restart", '/intent{"a":1}', "\ud800"],
)  # fmt: skip
def test_bad_input_gets_a_proper_answer(engine: Process, text: str) -> None:
    status, answer = engine.post({"sender": "bad", "message": text})
    assert status == 200
    assert answer[0]["text"]


def test_events_become_intents(engine: Process) -> None:
    status, answer = engine.post({"sender": "e", "metadata": {"event": "session_start"}})
    assert (status, answer[0]["text"]) == (200, "Hej! Jag hjälper dig med kort.")
    report = {"findings": [{"code": "CARD_EXPIRED"}]}
    status, answer = engine.post({"sender": "e", "metadata": {"event": "card_report", "report": report}})
    assert answer[0]["text"] == "Tack, jag har läst rapporten."
    rows = stored(engine, "e")
    assert [row["metadata"].get("report") for row in rows if row["event"] == "user"] == [None, report]


def stored(engine: Process, sender: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(engine.database)
    rows = connection.execute("SELECT data FROM engine_events WHERE sender_id = ? ORDER BY seq", [sender])
    events = [json.loads(data) for (data,) in rows]
    connection.close()
    return events


def test_long_text_is_cut(engine: Process) -> None:
    engine.post({"sender": "long", "message": "å" * 5000})
    assert [row["text"] for row in stored(engine, "long") if row["event"] == "user"] == ["å" * 1000]


def test_everything_said_is_stored_before_the_answer(engine: Process) -> None:
    for number in range(5):
        engine.post({"sender": "durable", "message": f"hej {number}"})
        assert f"hej {number}" in [row.get("text") for row in stored(engine, "durable")]


def test_two_quick_messages_do_not_wait_a_second(engine: Process) -> None:
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: engine.post({"sender": "quick", "message": f"hej {n}"}), range(4)))
    assert [status for status, _ in answers] == [200] * 4
    assert time.monotonic() - begun < 1.0


def test_a_failed_turn_is_an_error_that_can_be_retried(engine: Process) -> None:
    status, answer = engine.post({"sender": "f", "message": f"provocera ett fel {SECRET}"})
    assert (status, answer["code"]) == (503, "actions_unavailable")
    assert stored(engine, "f") == []


def test_an_erased_conversation_is_gone(engine: Process) -> None:
    engine.post({"sender": "gone", "message": "hej"})
    assert engine.post(b"", "/webhooks/rest/conversations/gone", "DELETE") == (204, None)
    assert stored(engine, "gone") == []


def test_an_unknown_address_is_404(engine: Process) -> None:
    assert engine.post({}, "/conversations/a/tracker")[0] == 404
    assert engine.post({}, "/model")[0] == 404


def test_no_log_has_a_visitors_words(engine: Process) -> None:
    engine.post({"sender": "log", "message": SECRET})
    engine.post({"sender": "log", "message": f"{SECRET} {{okänd}}"})
    log = engine.errors.read_text()
    assert "hemligt" not in log
    assert "1212" not in log


def test_a_second_engine_on_the_port_says_so_at_once(
    engine: Process, engine_command: list[str], tiny_model: Path
) -> None:
    port = engine.address.rsplit(":", 1)[1]
    begun = time.monotonic()
    second = run([*engine_command, "serve", "--port", port, "--model", str(tiny_model)])
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) == 1
    assert port in second.stderr
    assert time.monotonic() - begun < 5


def test_it_stops_cleanly_when_told(
    engine_command: list[str], tiny_model: Path, actions_url: str, tmp_path: Path, free_port: int
) -> None:
    process = Process(engine_command, tiny_model, free_port, tmp_path, actions_url)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(process.post, {"sender": "a", "message": "var finns kontoren, långsamt"})
        time.sleep(0.4)
        assert not under_way.done()
        assert process.stop() == 0
        assert under_way.result()[0] == 200
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", free_port), timeout=1)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--model", "models/none.tar.gz"], "no model at models/none.tar.gz"),
        (["--host", "192.0.2.1"], "loopback"),
    ],
)
def test_it_says_in_one_line_why_it_cannot_start(
    engine_command: list[str], options: list[str], reason: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    stopped = run([*engine_command, "serve", "--port", port, *options])
    assert stopped.returncode == 1
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert reason in stopped.stderr


def test_a_file_that_is_no_model_is_refused(engine_command: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not a model")
    stopped = run([*engine_command, "serve", "--port", "0", "--model", str(broken)])
    assert stopped.returncode == 1
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert "broken.tar.gz is not a Rasa model" in stopped.stderr


def test_training_names_a_missing_file(engine_command: list[str], tmp_path: Path) -> None:
    stopped = run([*engine_command, "train", "--out", str(tmp_path / "m.tar.gz"), "--config", "none.yml"])
    assert stopped.returncode == 1
    assert stopped.stderr.strip() == "engine: none.yml does not exist"
