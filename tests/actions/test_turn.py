"""What a message says besides its label."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker

from actions.english import read_english
from actions.labels import covered
from actions.turn import Turn


def turn(text: str, label: str = "nlu_fallback", topics: tuple[str, ...] = ()) -> Turn:
    message = {"text": text, "intent": {"name": label, "confidence": 0.9}, "topics": list(topics)}
    return Turn.of(Tracker("a", {}, message, [], False, None, {}, "action_listen"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("yeah", "affirm"),
        ("Yes, I've got it here", "affirm"),
        ("no I haven't", "deny"),
        ("I don’t have any code", "deny"),
        ("I'm not sure", "dont_know"),
        ("never mind", "cancel"),
        ("done", "next_step"),
        ("could I please speak to a real person", "request_human"),
        ("is there anyone there I can chat with? I want to contact support", "request_human"),
    ],
)
def test_a_plain_english_answer_is_read(text: str, label: str) -> None:
    answer = read_english(text)
    assert answer is not None
    assert answer.label == label


@pytest.mark.parametrize(
    "text",
    [
        "how do I unlock my card?",
        "no what should I do with the puk",
        "someone has stolen my card",
        "my card is locked and I need it today, what now",
        "yes I would like to order a new card for a colleague please",
    ],
)
def test_english_that_asks_or_tells_is_no_answer(text: str) -> None:
    assert read_english(text) is None


def test_an_english_answer_becomes_the_swedish_one_only_where_it_is_english() -> None:
    assert (turn("I don't have it", "speak_english").label, turn("no", "deny").text) == ("deny", "no")
    assert turn("I don't have it", "speak_english").text.startswith("nej")
    assert turn("how does it work?", "speak_english").label == "speak_english"


def test_the_narrower_answer_stands_for_the_others() -> None:
    narrow, wide = "faq/activation_office_reserve_card", "faq/activation_office_may_use"
    asked = turn("x", "several_questions", (wide, narrow, "faq/price", "activate_card"))
    assert asked.topics == (narrow, "faq/price")
    assert not asked.covered
    assert covered(["faq/price", wide]) == frozenset()


def test_a_task_is_covered_by_a_question_beside_it() -> None:
    asked = turn("x", "activate_card", ("faq/protected_identity",))
    assert asked.covered
    assert asked.topics == ("faq/protected_identity",)
    assert not turn("x", "activate_card", ("faq/price",)).covered


@pytest.mark.parametrize(
    "text",
    ["glöm det, vad kostar ett kort", "nä men strunta i det. hur byter jag pin", "äh skit i det! var bor ni"],
)
def test_what_goes_on_is_dropped_for_something_else(text: str) -> None:
    assert turn(text).gives_up


@pytest.mark.parametrize(
    "text",
    ["glöm det", "glöm det jag skrev nyss", "jag glömmer det alltid, hur", "glöm inte det, tack"],
)
def test_no_more_is_dropped_than_was_said(text: str) -> None:
    assert not turn(text).gives_up


def test_who_is_content_wants_nothing_more() -> None:
    assert all(turn(text, "deny").is_content for text in ("nej tack", "nä det är lugnt", "nej det var allt"))
    wants = ("nej", "nej det är inte bra", "nej tack, hur gör jag då?", "nej inte allt")
    assert not any(turn(text, "deny").is_content for text in wants)


def test_a_question_or_request_expects_an_answer() -> None:
    assert all(turn(text).expects_answer for text in ("vem fixar det åt mig", "kan ni ta med den hit?"))
    assert turn("och varför då", "ask_more").expects_answer
    assert not any(turn(text).expects_answer for text in ("i förrådet", "den blå", "det blinkar"))
    assert not turn("hur ska jag veta det", "dont_know").expects_answer
