"""Every answer says what the turn was about, when that has a title."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, UserUttered

from bot.engine.topics import topics_directive


def _said(label: str | None, *topics: str) -> UserUttered:
    return UserUttered("hej", parse_data={"intent": {"name": label}, "topics": list(topics)})


def _answered(response: str) -> BotUttered:
    return BotUttered("svar", metadata={"utter_action": response})


def _labels(*turn: Event, loop: str | None = None) -> list[str]:
    found = topics_directive("a", turn, loop)
    assert found is None or found["recipient_id"] == "a"
    return found["custom"]["labels"] if found else []


@pytest.mark.parametrize(
    "label", ["affirm", "greet", "request_human", "deny", "nlu_fallback", "finns_inte", None]
)
def test_talk_is_about_nothing(label: str | None) -> None:
    assert _labels(_said(label), _answered("utter_thank")) == []


def test_questions_count_when_they_are_answered() -> None:
    assert _labels(_said("faq"), _answered("utter_faq/price")) == ["faq/price"]
    both = (_answered("utter_faq/price"), _answered("utter_faq/privacy"))
    assert _labels(_said("several_questions", "faq/price", "faq/privacy"), *both) == [
        "faq/price",
        "faq/privacy",
    ]
    assert _labels(_said("faq", "faq/price"), _answered("utter_answer_not_understood")) == []


def test_a_task_counts_when_it_begins() -> None:
    assert _labels(_said("check_my_card")) == ["check_my_card"]
    begun = (_said("order_puk", "faq/price"), _answered("utter_faq/price"), ActiveLoop("order_puk_form"))
    assert _labels(*begun, loop="order_puk_form") == ["faq/price", "order_puk"]
    assert _labels(_said("affirm"), ActiveLoop("order_puk_form"), loop="order_puk_form") == ["order_puk"]
    another = (_said("unlock_card"), ActiveLoop(None), ActiveLoop("guide_form"))
    assert _labels(*another, loop="guide_form") == ["unlock_card"]


def test_the_answer_to_a_forms_question_is_no_topic() -> None:
    assert _labels(_said("order_card_reader"), loop="order_puk_form") == []
    assert _labels(_said("order_card_reader"), ActiveLoop(None)) == []
    assert _labels(_said("faq"), _answered("utter_faq/price"), loop="guide_form") == ["faq/price"]


def test_the_engine_adds_it_to_the_answer_and_repeats_it(
    start_bot: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = start_bot()
    monkeypatch.setattr("bot.engine.topics._counted", lambda: frozenset({"report_lost"}))
    first = bot.say("a", "jag har tappat mitt kort", message_id="m1")
    assert first[-1]["custom"] == {"directive": "topics", "labels": ["report_lost"]}
    assert bot.say("a", "jag har tappat mitt kort", message_id="m1") == first
