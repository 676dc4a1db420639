"""An answer that was just given is not said again as if nothing had been asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.repetition import times_said
from bot.engine.responses import SupportResponses

PRICE, HOURS = "utter_faq/price", "utter_faq/opening_hours"
RESPONSES = {
    PRICE: [{"text": "Fråga {phone}.", "buttons": [{"title": "Bli kund", "payload": "Bli kund"}]}],
    "utter_faq/opening_hours": [{"text": "Dygnet runt."}],
    "utter_ask": [{"text": "Vilket kundnummer?"}],
    "utter_said_before": [
        {
            "text": "Bättre vet jag inte: {answer}",
            "metadata": {"variables": ["answer"]},
            "buttons": [{"title": "Person", "payload": "Person"}],
        }
    ],
    "utter_nothing_more": [{"text": "Mer vet jag inte."}],
}


def visitor(text: str, intent: str = "faq") -> Event:
    return UserUttered(text, intent={"name": intent, "confidence": 1.0})


def bot(*responses: str) -> list[Event]:
    return [BotUttered("…", metadata={"utter_action": response}) for response in responses]


def count(*events: Event, response: str = PRICE) -> int:
    return times_said(reversed(events), response)


def test_the_first_answer_is_the_first() -> None:
    assert count(visitor("vad kostar det")) == 0
    assert count(visitor("när har ni öppet"), *bot(HOURS), visitor("vad kostar det")) == 0


def test_another_question_with_the_same_answer_counts() -> None:
    first = [visitor("vad kostar det"), *bot(PRICE)]
    second = [*first, visitor("ingår moms"), *bot(PRICE)]
    assert count(*first, visitor("ingår moms")) == 1
    assert count(*second, visitor("och frakten?")) == 2
    # Beside another answer, and before a form's question, it is an answer all the same.
    assert count(visitor("a"), *bot(HOURS, PRICE, "utter_ask"), visitor("b"), *bot(HOURS)) == 1


def test_something_else_in_between_begins_anew() -> None:
    talk = [visitor("vad kostar det"), *bot(PRICE), visitor("när har ni öppet"), *bot(HOURS)]
    assert count(*talk, visitor("och frakten?")) == 0


def test_the_same_question_again_and_the_wish_to_hear_it_again_get_the_answer() -> None:
    first = [visitor("Vad kostar det?"), *bot(PRICE)]
    assert count(*first, visitor("vad kostar det")) == 0
    assert count(*first, visitor("säg det igen", "repeat")) == 0


def test_what_a_task_asks_may_come_again() -> None:
    assert count(visitor("a"), *bot("utter_ask"), visitor("b"), response="utter_ask") == 0


@pytest.fixture
def answer() -> Any:
    responses = SupportResponses(addresses={"phone": "018-1"})
    responses.use_domain(Domain.from_dict({"responses": RESPONSES}))

    def say(*events: Event) -> Any:
        tracker = DialogueStateTracker.from_events("a", list(events))
        return asyncio.run(responses.generate(PRICE, tracker, "rest"))

    return say


def test_the_second_time_it_is_led_in_and_the_third_time_left_out(answer: Any) -> None:
    first = [visitor("vad kostar det"), *bot(PRICE)]
    second = [*first, visitor("ingår moms"), *bot(PRICE)]
    assert answer(visitor("vad kostar det"))["text"] == "Fråga 018-1."
    again = answer(*first, visitor("ingår moms"))
    assert again["text"] == "Bättre vet jag inte: Fråga 018-1."
    assert [button["title"] for button in again["buttons"]] == ["Bli kund", "Person"]
    assert answer(*second, visitor("och frakten?"))["text"] == "Mer vet jag inte."
