"""Which choice of a guide's step an answer means."""

from __future__ import annotations

import pytest

from actions.guides.answers import choose
from actions.guides.model import GuideError, find_step, load_guides
from actions.order_fields import read_level, read_quantity
from actions.turn import Turn, yes_or_no


def _turn(text: str, label: str = "nlu_fallback", confidence: float = 0.3) -> Turn:
    return Turn(text, label, confidence, (), (), {})


def _chosen(step: str, turn: Turn) -> str | None:
    guide = step.partition("/")[0]
    choice = choose(find_step(load_guides(), guide, step), turn)
    return choice.title if choice else None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Ja, jag har PUK-koden", "Ja, jag har PUK-koden"),
        ("ja", "Ja, jag har PUK-koden"),
        ("jo den har jag här", "Ja, jag har PUK-koden"),
        ("1", "Ja, jag har PUK-koden"),
        ("jag har ingen", "Nej"),
        ("nä", "Nej"),
        ("nej den är borta", "Nej"),
        ("jag har den inte", None),
        ("det är ett reservkrot", "Det är ett reservkort"),
        ("9", None),
        ("blå", None),
    ],
)
def test_answers_in_own_words(text: str, title: str | None) -> None:
    assert _chosen("unlock_card/have_puk", _turn(text)) == title


def test_a_sure_wish_for_something_else_outdoes_a_shared_word() -> None:
    lost = _turn("jag har tappat mitt kort", "report_lost_card", 0.95)
    assert _chosen("change_pin/know_pin", lost) is None


def test_a_label_means_a_choice() -> None:
    turn = _turn("kommer inte ihåg ett dugg", "lost_codes", 0.9)
    assert _chosen("change_pin/know_pin", turn) == "Nej, jag har glömt den"


def test_a_step_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(GuideError):
        find_step(load_guides(), "unlock_card", "nowhere")


@pytest.mark.parametrize(
    ("text", "said"), [("Japp!", "affirm"), ("nej tack", "deny"), ("jaså", None), ("Nejlikor", None)]
)
def test_yes_and_no_by_their_first_word(text: str, said: str | None) -> None:
    assert yes_or_no(_turn(text)) == said


@pytest.mark.parametrize(
    ("text", "asked", "number"),
    [
        ("fem st", False, 5),
        ("12", True, 12),
        ("12", False, None),
        ("tjugo läsare", False, 20),
        ("många", True, None),
    ],
)
def test_numbers(text: str, asked: bool, number: int | None) -> None:
    assert read_quantity(_turn(text), asked=asked) == number


@pytest.mark.parametrize(
    ("text", "asked", "level"),
    [
        ("nivå 3", True, 3),
        ("loa2", True, 2),
        ("tvåan", True, 2),
        ("tre", True, 3),
        ("nivå 7", True, None),
        ("3 kort", True, None),
        ("då tar vi trean", False, 3),
        ("tre", False, None),
        ("vad skiljer nivå 2 från nivå 3", True, None),
    ],
)
def test_levels(text: str, asked: bool, level: int | None) -> None:
    assert read_level(_turn(text), asked=asked) == level
