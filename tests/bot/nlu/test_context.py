"""Messages that lean on what was said before, and those that stand by themselves."""

from __future__ import annotations

import pytest

from bot.nlu.concepts import Concepts, read_lexicon
from bot.nlu.context import Before, Context, asks
from tests.bot.nlu.conftest import ROOT

CONTEXT = Context(Concepts(read_lexicon(ROOT / "data/catalogue/concepts.yml")), str)


def readings(before: str, text: str, **more: str | bool) -> list[str]:
    return CONTEXT.readings(text, Before(before, **more))  # type: ignore[arg-type]


def test_what_a_pronoun_points_to_is_filled_in() -> None:
    assert readings("vart skickas PUK-koden", "och hur lång tid tar det?") == [
        "PUK-koden och hur lång tid tar det?",
        "vart skickas PUK-koden och hur lång tid tar det?",
    ]


def test_one_card_takes_the_place_of_another() -> None:
    assert readings("hur länge gäller ett reservkort", "och ett ordinarie?") == [
        "hur länge gäller ett och ett ordinarie?"
    ]
    assert readings("vad betyder status skickad", "och aktiv då") == ["vad betyder status och aktiv då"]


def test_a_bare_answer_belongs_to_what_was_asked() -> None:
    assert readings("hur beställer jag?", "reservkort") == ["hur beställer jag? reservkort"]


def test_what_the_bot_named_is_pointed_to_when_the_visitor_named_nothing() -> None:
    found = readings("kortet är låst", "vart skickas den?", said="Du kan beställa en PUK-kod.")
    assert found[0] == "PUK-kod. vart skickas den?"


@pytest.mark.parametrize(
    "text",
    [
        "hur beställer man ett reservkort till en vikarie",  # names what it is about and asks for itself
        "jag har fått ett nytt kort och det har slutat fungera sedan i går morse",  # long
        "och blir det regnigt väder då",  # foreign
    ],
)
def test_a_message_that_stands_by_itself_is_left_alone(text: str) -> None:
    assert readings("vart skickas PUK-koden", text) == []


def test_a_short_message_that_is_clear_is_left_alone() -> None:
    before = Before("beställ puk")
    assert CONTEXT.readings("hur går beställningen", before, clear=True) == []
    assert CONTEXT.readings("hur går beställningen", before) != []
    assert CONTEXT.readings("hur går det med den", before, clear=True) != []


def test_an_answer_to_an_open_question_is_no_question() -> None:
    assert readings("kortet är låst", "reservkort", waits=True) == []
    assert readings("kortet är låst", "vart skickas den?", waits=True) != []


@pytest.mark.parametrize(("text", "expected"), [("var är den", True), ("ja?", True), ("det är klart", False)])
def test_what_asks(text: str, expected: bool) -> None:
    assert asks(text) is expected
