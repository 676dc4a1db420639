"""A no outside every task, and what a yes means."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import HandleDeny
from actions.said import accepted

REUSE = {
    "event": "bot",
    "text": "Nej. Vill du beställa ett nytt?",
    "data": {"buttons": [{"title": "Beställa reservkort"}, {"title": "Prata med en person"}]},
    "metadata": {"utter_action": "utter_faq/reserve_card_reuse"},
}


def tracker(text: str, *ranking: tuple[str, float]) -> Tracker:
    entries = [{"name": name, "confidence": share} for name, share in ranking]
    message = {"text": text, "intent": entries[0], "intent_ranking": entries}
    events: list[dict[str, Any]] = [{"event": "user", "text": "x"}, REUSE, {"event": "user", "text": text}]
    return Tracker("a", {}, message, events, False, None, {}, "action_listen")


def answer(asked: Tracker) -> dict[str, Any]:
    dispatcher = CollectingDispatcher()
    asyncio.run(HandleDeny().run(dispatcher, asked, {}))
    assert len(dispatcher.messages) == 1
    message: dict[str, Any] = dispatcher.messages[0]
    return message


def test_a_no_that_says_what_is_meant_gets_choices_other_than_what_was_said() -> None:
    ranking = (("deny", 0.5), ("order_siths_card", 0.2), ("faq/reserve_card_reuse", 0.1), ("greet", 0.1))
    said = answer(tracker("nej den ska tillbaka till henne som hade den i våras", *ranking))
    assert said["response"] == "utter_did_you_mean_instead"
    assert [button["title"] for button in said["buttons"]] == ["Beställa SITHS-kort", "Något annat"]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("nej den ska tillbaka till henne som hade den i våras", "utter_correct"),
        ("nej", "utter_something_else"),
        ("nej jag vill inte beställa något just nu faktiskt", "utter_something_else"),
        ("nä det räcker tack", "utter_guide_done"),
    ],
)
def test_other_noes(text: str, response: str) -> None:
    assert answer(tracker(text, ("deny", 0.9)))["response"] == response


def test_a_yes_means_what_was_asked_and_not_the_person_beside_it() -> None:
    assert accepted(tracker("ja", ("affirm", 1.0))) == ["order_reserve_card"]
