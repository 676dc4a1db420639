"""Every answer says what the message was about, when that has a title."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import UserUttered

from bot.engine.topics import topics_directive


def _labels(parse_data: dict[str, Any]) -> list[str]:
    found = topics_directive("a", UserUttered("hej", parse_data=parse_data))
    assert found is None or found["recipient_id"] == "a"
    return found["custom"]["labels"] if found else []


@pytest.mark.parametrize(
    "label", ["affirm", "greet", "request_human", "deny", "nlu_fallback", "finns_inte", None]
)
def test_talk_is_about_nothing(label: str | None) -> None:
    assert _labels({"intent": {"name": label}}) == []


def test_a_task_a_question_and_what_is_asked_beside_it() -> None:
    assert _labels({"intent": {"name": "order_puk"}, "topics": ["faq/price"]}) == ["order_puk", "faq/price"]
    answer = {"faq": {"response": {"intent_response_key": "faq/price"}}}
    assert _labels({"intent": {"name": "faq"}, "response_selector": answer}) == ["faq/price"]
    several = {"intent": {"name": "several_questions"}, "topics": ["faq/price", "faq/privacy"]}
    assert _labels(several) == ["faq/price", "faq/privacy"]
    assert topics_directive("a", None) is None
