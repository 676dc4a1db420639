"""Figures for supervisors, and training drafts from what the bot could not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from bot.gateway.conversation import now
from bot.gateway.database import create_engine
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.insight import group
from bot.gateway.tables import conversations
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.conftest import SignIn
from tests.bot.gateway.visitor import Visitor, problem

NOT_UNDERSTOOD = "Jag förstod inte riktigt. Kan du beskriva det med andra ord?"


def test_topics_count_once_a_chat_whoever_answered(
    visitor: Visitor, gateway: RunningGateway, sign_in: SignIn, engine: EngineStandIn
) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    about = {"pris": ["faq/price"], "puk": ["order_puk", "faq/price"], "annat": ["finns_inte"]}

    def script(body: dict[str, Any]) -> list[dict[str, Any]]:
        labels = about.get(body["message"])
        directive = [{"custom": {"directive": "topics", "labels": labels}}] if labels else []
        return [{"text": "svar"}, *directive]

    engine.script = script
    for text in ("pris", "puk", "pris", "annat", "hej"):
        visitor.ask(text)
    other = Visitor(gateway.url).greeted()
    other.ask("pris")
    other.post("/handoff")
    figures = eva.get("/insight").json()
    assert figures["topics"] == [
        {"name": "Pris och faktura", "count": 2},
        {"name": "Beställa en PUK-kod", "count": 1},
    ]
    assert "Ämne;Pris och faktura;2" in eva.get("/insight.csv").content.decode("utf-8-sig")
    waiting = next(chat for chat in eva.get("/lists").json()["chats"] if chat["id"] == other.id)
    assert waiting["errand"] == eva.read(other.id)["summary"]["errand"] == "Pris och faktura"


def _age(gateway: RunningGateway, visitor: Visitor, minutes: int) -> None:
    engine = create_engine(gateway.settings.database_url, immediate=True)
    with engine.begin() as connection:
        past = now() - timedelta(minutes=minutes)
        connection.execute(
            sa.update(conversations).where(conversations.c.id == visitor.id).values(updated_at=past)
        )
    engine.dispose()


@pytest.mark.parametrize(
    ("minutes", "says", "then", "counted_as"),
    [
        (0, "Så här gör du.", None, "ongoing"),
        (61, "Så här gör du.", None, "resolved_by_bot"),
        (0, "Så här gör du.", ("/close", {}), "resolved_by_bot"),
        (61, NOT_UNDERSTOOD, None, "unresolved"),
        (0, NOT_UNDERSTOOD, ("/close", {}), "unresolved"),
        (61, "Så här gör du.", ("/rating", {"score": 2}), "unresolved"),
        (61, "Så här gör du.", ("/rating", {"score": 3}), "resolved_by_bot"),
        (61, "Så här gör du.", ("/handoff", {}), "handed_over"),
        (61, None, None, "unresolved"),
    ],
)
def test_how_a_chat_ended(
    gateway: RunningGateway,
    visitor: Visitor,
    sign_in: SignIn,
    engine: EngineStandIn,
    *,
    minutes: int,
    says: str | None,
    then: tuple[str, dict[str, Any]] | None,
    counted_as: str,
) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    if says is None:
        engine.stop()
        visitor.write("hur gör jag")
    else:
        engine.script = lambda _: [{"text": says}]
        visitor.ask("hur gör jag")
    if then:
        visitor.post(then[0], **then[1])
    _age(gateway, visitor, minutes)
    figures = eva.get("/insight").json()
    ends = {name: figures[name] for name in ("resolved_by_bot", "unresolved", "handed_over", "ongoing")}
    assert ends == {**dict.fromkeys(ends, 0), counted_as: 1} and figures["chats"] == 1


def test_what_the_bot_could_not_answer_is_listed(
    visitor: Visitor, sign_in: SignIn, engine: EngineStandIn
) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    engine.script = lambda _: [{"text": NOT_UNDERSTOOD}]
    visitor.ask("kan kortet öppna garaget")
    visitor.ask("kan kortet öppna garaget?")
    (found,) = eva.get("/insight").json()["unanswered"]
    assert found["count"] == 2 and found["conversation_id"] == visitor.id


def test_figures_tell_what_happened(visitor: Visitor, sign_in: SignIn) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    visitor.ask("=2+2")
    visitor.post("/handoff")
    eva.take(visitor.id)
    visitor.post("/rating", score=4)
    eva.post(f"/conversations/{visitor.id}/close", reason="solved")
    figures = eva.get("/insight").json()
    assert (figures["chats"], figures["handed_over"], figures["resolved_by_bot"]) == (1, 1, 0)
    assert figures["reasons"] == [{"name": "visitor_asked", "count": 1}]
    assert figures["mean_rating"] == 4 and figures["median_wait"] >= 0
    assert figures["days"][-1]["chats"] == 1
    sheet = eva.get("/insight.csv").content.decode("utf-8-sig")
    assert "Chattar;1" in sheet


def test_questions_alike_are_one_group() -> None:
    asked = [("Hur byter jag efternamn?", "a"), ("hur byter jag efternamn", "b"), ("Var parkerar man?", "c")]
    groups = group([*asked, ("efternamn", "d"), ("???", "e")])
    assert [(item.count, item.conversation_id) for item in groups][:2] == [(2, "a"), (1, "c")]
    assert len(groups) == 4  # one word is not alike every question with that word


def test_a_training_draft_is_yaml_that_rasa_reads_and_holds_no_personnummer(
    visitor: Visitor, sign_in: SignIn
) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    examples = ["beställ [puk](x)", "jag är 19121212-1212", "två\nrader"]
    answer = eva.post("/training-draft", intent="faq/puk_delivery", examples=examples)
    read = yaml.safe_load(answer.text)
    lines = read["nlu"][0]["examples"].splitlines()
    assert lines[0] == "- beställ (puk)(x)" and lines[2] == "- två rader"
    assert "1212" not in answer.text
    problem(eva.post("/training-draft", intent="../x", examples=["x"]), 422, "validation_error")
