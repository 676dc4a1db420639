"""The engine is down, slow, or answers nothing: nobody is left alone and nothing is lost."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn, echo
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually


def notices(visitor: Visitor) -> list[dict[str, Any]]:
    return [
        line
        for line in visitor.log()
        if line["author"] == "system" and "längre tid än vanligt" in line["text"]
    ]


def test_the_gateway_greets_when_the_engine_is_down(gateway: RunningGateway, engine: EngineStandIn) -> None:
    engine.stop()
    started = time.monotonic()
    visitor = Visitor(gateway.url)
    assert time.monotonic() - started < 2
    [greeting] = eventually(visitor.log)
    assert greeting["author"] == "bot"
    assert "bot" in greeting["text"]


def test_the_gateway_greets_when_the_engine_hangs(gateway: RunningGateway, engine: EngineStandIn) -> None:
    go = threading.Event()
    engine.script = lambda body: [{"text": "för sent"}] if go.wait(10) else 500
    visitor = Visitor(gateway.url)
    [greeting] = eventually(visitor.log)
    go.set()
    assert "bot" in greeting["text"]
    assert len(visitor.log()) == 1


def test_a_visitor_is_told_within_five_seconds_and_answered_when_the_engine_is_back(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    engine.stop()
    started = time.monotonic()
    visitor.write("ett")
    visitor.write("två")
    [notice] = eventually(lambda: notices(visitor), 5)
    assert time.monotonic() - started < 5
    assert [button["title"] for button in notice["buttons"]] == ["Prata med en person"]
    assert visitor.read()["pending"] is True
    engine.start()
    visitor.wait_until_answered()
    assert visitor.said("bot")[1:] == ["svar: ett", "svar: två"]
    assert len(notices(visitor)) == 1


def script_of(failure: str, go: threading.Event) -> Any:
    """Fails until told to go."""

    def script(body: dict[str, Any]) -> Any:
        if go.is_set():
            return echo(body)
        return {"empty": [], "status": 500, "unavailable": 503, "malformed": [{"text": 7}]}[failure]

    return script


@pytest.mark.parametrize("failure", ["empty", "status", "unavailable", "malformed"])
def test_a_failure_is_tried_again_with_the_same_message_id(
    start_gateway: Gateways, engine: EngineStandIn, failure: str
) -> None:
    visitor = Visitor(start_gateway(late_notice_seconds=0.3).url).greeted()
    go = threading.Event()
    engine.script = script_of(failure, go)
    visitor.write("svara mig")
    eventually(lambda: len(engine.texts()) >= 2)
    eventually(lambda: notices(visitor))
    assert visitor.read()["pending"] is True
    go.set()
    visitor.wait_until_answered()
    assert visitor.said("bot")[-1] == "svar: svara mig"
    ids = {body["metadata"]["message_id"] for body in engine.received if body["message"] == "svara mig"}
    assert len(ids) == 1


def test_a_slow_engine_is_given_up_on_and_asked_again(start_gateway: Gateways, engine: EngineStandIn) -> None:
    visitor = Visitor(start_gateway(engine_timeout_seconds=0.3).url).greeted()
    go = threading.Event()
    tries: list[str] = []

    def slow_once(body: dict[str, Any]) -> Any:
        tries.append(body["message"])
        if len(tries) == 1:
            go.wait(10)
        return echo(body)

    engine.script = slow_once
    visitor.ask("trög")
    go.set()
    assert visitor.said("bot")[1:] == ["svar: trög"]
    assert len(tries) == 2


def test_one_hanging_conversation_does_not_hold_up_the_others(
    gateway: RunningGateway, engine: EngineStandIn, visitor: Visitor
) -> None:
    go = threading.Event()

    def script(body: dict[str, Any]) -> Any:
        if body["message"] == "häng":
            go.wait(20)
        return echo(body)

    engine.script = script
    visitor.write("häng")
    other = Visitor(gateway.url).greeted()
    assert other.ask("går det?")[-1]["text"] == "svar: går det?"
    assert visitor.read()["pending"] is True
    go.set()
    visitor.wait_until_answered()


def test_a_message_the_engine_can_never_answer_is_given_up_and_the_next_one_answered(
    start_gateway: Gateways, engine: EngineStandIn
) -> None:
    visitor = Visitor(start_gateway(give_up_seconds=0.1, late_notice_seconds=60).url).greeted()
    engine.script = lambda body: 500 if body["message"] == "giftig" else echo(body)
    visitor.write("giftig")
    visitor.write("vanlig")
    visitor.wait_until_answered(20)
    assert visitor.said("bot")[-1] == "svar: vanlig"
    [given_up] = [line for line in visitor.log() if "kan tyvärr inte svara" in line["text"]]
    assert given_up["buttons"][0]["title"] == "Prata med en person"


@pytest.mark.parametrize(
    "text", ["Jag vill prata med en människa", "kan jag få tala med någon person?", "handläggare"]
)
def test_who_asks_for_a_person_while_the_engine_is_down_gets_one(
    start_gateway: Gateways, engine: EngineStandIn, text: str
) -> None:
    visitor = Visitor(start_gateway().url).greeted()
    engine.stop()
    visitor.write(text)
    eventually(lambda: visitor.read()["state"] == "waiting", 5)
    assert visitor.read()["pending"] is False


def test_the_button_of_the_notice_reaches_a_person(start_gateway: Gateways, engine: EngineStandIn) -> None:
    visitor = Visitor(start_gateway(late_notice_seconds=0.1).url).greeted()
    engine.stop()
    visitor.write("hallå?")
    [notice] = eventually(lambda: notices(visitor))
    visitor.press(notice["buttons"][0]["id"])
    assert visitor.read()["state"] == "waiting"
    assert visitor.read()["pending"] is False
    engine.start()
    assert visitor.said("visitor")[-1] == "Prata med en person"


def test_directives_nobody_knows_are_ignored(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = lambda body: [
        {"custom": {"directive": "open_the_door"}},
        {"custom": {"directive": "check_card", "purpose": "nonsense"}},
        {"custom": {"nothing": "here"}},
        {"custom": {"directive": "check_card", "purpose": "diagnosis"}},
        {"text": "Klart."},
    ]
    answer = visitor.ask("hej")
    assert [(line["text"], line["card"]) for line in answer] == [
        ("", {"type": "check_card", "purpose": "diagnosis"}),
        ("Klart.", None),
    ]
