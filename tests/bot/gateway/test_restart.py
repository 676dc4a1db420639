"""The gateway is stopped or killed at any moment: what was acknowledged is answered, once, in order."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.gateway.schema import migrate
from bot.gateway.server import serve
from bot.gateway.settings import Settings
from tests.bot.gateway.engine_stand_in import EngineStandIn, echo
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually
from tests.conftest import _free_port

# A fork of a process that has imported everything starts at once, and can be killed like any other.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["bot.gateway.server"])


def serve_quietly(settings: dict[str, Any], port: int) -> None:
    """What the child runs: the real server."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        serve(Settings(**settings), "127.0.0.1", port, lambda _address: None)


class GatewayProcess:
    """The real server in a process of its own."""

    def __init__(self, database_url: str, engine_url: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {"database_url": database_url, "engine_url": engine_url, "writes_burst": 100_000}
        self._process: Any = None
        migrate(database_url)

    def start(self) -> None:
        self._process = _processes.Process(target=serve_quietly, args=(self._settings, self.port))
        self._process.start()

    def wait_until_live(self) -> None:
        def live() -> bool:
            try:
                return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200
            except httpx.HTTPError:
                return False

        eventually(live, 60)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None


@pytest.fixture
def process(database_url: str, engine: EngineStandIn) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(database_url, engine.url)
    gateway.start()
    gateway.wait_until_live()
    yield gateway
    gateway.kill()


def test_what_waits_for_an_answer_is_resumed_at_the_next_start(
    gateway: RunningGateway, visitor: Visitor, engine: EngineStandIn
) -> None:
    engine.stop()
    for text in ("ett", "två", "tre"):
        visitor.write(text)
    gateway.stop()
    engine.start()
    gateway.start()
    visitor.wait_until_answered()
    assert visitor.said("bot")[1:] == ["svar: ett", "svar: två", "svar: tre"]


def test_a_stream_goes_on_after_a_restart_without_loss(gateway: RunningGateway, visitor: Visitor) -> None:
    visitor.ask("före")
    last = visitor.log()[-1]["seq"]
    gateway.stop()
    gateway.start()
    visitor.write("efter")
    with visitor.events(last_id=last) as stream:
        seen = stream.until(lambda name, data: name == "message" and data["author"] == "bot")
    assert [data["seq"] for name, _, data in seen if name == "message"] == [last + 1, last + 2]


def test_killed_between_the_engines_answer_and_the_log_the_message_is_sent_again_under_the_same_id(
    process: GatewayProcess, engine: EngineStandIn
) -> None:
    asked, go = threading.Event(), threading.Event()
    answers: dict[str, list[dict[str, Any]]] = {}

    def script(body: dict[str, Any]) -> Any:
        # As the real engine does: a repeated message_id gets the answer it got before.
        answer = answers.setdefault(body["metadata"]["message_id"], echo(body))
        if body["message"] == "ja":
            asked.set()
            go.wait(20)
        return answer

    visitor = Visitor(process.url).greeted()
    engine.script = script
    visitor.write("ja")
    assert asked.wait(10)
    process.kill()
    go.set()
    process.start()
    process.wait_until_live()
    visitor.wait_until_answered()
    assert visitor.said("bot")[1:] == ["svar: ja"]
    sent = [body["metadata"]["message_id"] for body in engine.received if body["message"] == "ja"]
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_killed_again_and_again_under_load_nothing_is_lost_or_doubled(
    process: GatewayProcess, engine: EngineStandIn
) -> None:
    visitors = [Visitor(process.url).greeted() for _ in range(4)]
    stop = threading.Event()
    acknowledged: dict[str, list[str]] = {visitor.id: [] for visitor in visitors}
    dice = random.Random(7)

    def script(body: dict[str, Any]) -> Any:
        time.sleep(dice.random() * 0.05)  # an engine takes its time; the kill meets every phase
        return echo(body)

    engine.script = script

    def talk(visitor: Visitor) -> None:
        number = 0
        while not stop.is_set():
            text, message_id = f"nr {number}", str(uuid.uuid4())
            while True:
                try:
                    answer = visitor.write(text, message_id)
                except httpx.HTTPError:
                    stop.wait(0.05)
                    continue
                assert answer.status_code in (200, 202), answer.text
                break
            acknowledged[visitor.id].append(text)
            number += 1
            stop.wait(0.03)

    talkers = [threading.Thread(target=talk, args=(visitor,)) for visitor in visitors]
    for talker in talkers:
        talker.start()
    for _ in range(6):
        before = sum(map(len, acknowledged.values()))
        eventually(lambda before=before: sum(map(len, acknowledged.values())) > before + 10, 30)
        process.kill()
        process.start()
        process.wait_until_live()
    stop.set()
    for talker in talkers:
        talker.join(30)
    for visitor in visitors:
        visitor.wait_until_answered(30)
        texts = acknowledged[visitor.id]
        log = visitor.log()
        assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
        assert visitor.said("visitor") == texts
        assert [text for text in visitor.said("bot") if text.startswith("svar: ")] == [
            f"svar: {text}" for text in texts
        ]
