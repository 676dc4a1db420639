"""A one-time code the bot has asked for reaches the engine, and is readable nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.test_conversations import rows
from tests.bot.gateway.visitor import Visitor, eventually


def asks_for_code(body: dict[str, Any]) -> list[dict[str, Any]]:
    if body["message"] == "beställ":
        return [
            {"text": "Skriv koden vi skickade."},
            {"custom": {"directive": "expect_one_time_code", "digits": 6}},
        ]
    return [{"text": f"fick {len(body['message'])} tecken"}]


@pytest.mark.parametrize("typed", ["482913", "482 913", "482913."])
def test_the_code_passes_to_the_engine_and_is_stored_masked(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway, typed: str
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.ask(typed)
    assert engine.texts()[-1] == "482913"
    assert visitor.said("visitor")[-1].rstrip(".") == "••••••"
    assert visitor.said("system") == []
    assert "482913" not in str(rows(gateway, "SELECT text FROM messages"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("koden i mejlet är 482913", "koden i mejlet är ••••••"),
        ("här: 482 913, tack!", "här: ••••••, tack!"),
    ],
)
def test_the_code_is_found_in_a_sentence(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway, typed: str, kept: str
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.ask(typed)
    assert engine.texts()[-1] == "482913"
    assert visitor.said("visitor")[-1] == kept
    assert "482913" not in str(rows(gateway, "SELECT text FROM messages"))


@pytest.mark.parametrize(
    "typed",
    ["kundnummer 482913", "nej, kundnumret ska ju vara 482913", "482913 eller 482914"],
)
def test_another_number_is_not_taken_for_the_code(
    visitor: Visitor, engine: EngineStandIn, typed: str
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.ask(typed)
    assert visitor.said("visitor")[-1] != "••••••"
    assert "482913" not in engine.texts()


def test_the_code_waits_encrypted_while_the_engine_is_down(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    engine.stop()
    visitor.write("482913")
    [(text, secret)] = rows(gateway, "SELECT text, secret FROM jobs")
    assert text == "••••••"
    assert secret
    assert b"482913" not in bytes(secret)
    gateway.stop()
    gateway.start()
    engine.start()
    visitor.wait_until_answered()
    assert engine.texts()[-1] == "482913"
    assert rows(gateway, "SELECT count(*) FROM jobs") == [(0,)]


def test_only_the_next_message_may_be_a_code(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.ask("vilken kod då?")
    visitor.ask("koden är 482913")
    assert "482913" not in str(engine.received)


@pytest.mark.parametrize("typed", ["48291", "4829134", "min pin är 482913"])
def test_what_is_not_the_asked_code_is_treated_as_any_text(
    visitor: Visitor, engine: EngineStandIn, typed: str
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.ask(typed)
    assert "482913" not in engine.texts()
    assert "48291" not in str(visitor.log())


def test_a_code_is_not_let_through_to_staff(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.post("/handoff")
    visitor.write("482913")
    eventually(lambda: visitor.said("visitor")[-1] == "••••••")
    assert "PIN" not in visitor.said("system")[-1]


def test_the_code_is_taken_again_when_the_visitor_waits_no_longer(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    engine.script = asks_for_code
    visitor.ask("beställ")
    visitor.post("/handoff")
    visitor.write("hallå är det någon där?")
    visitor.call("DELETE", "/handoff")
    visitor.ask("482913")
    assert engine.texts()[-1] == "482913"
