"""Which choice of a guide's step an answer means."""

from __future__ import annotations

import pytest

from actions.guides.answers import already_said, choose, left_over
from actions.guides.durations import days
from actions.guides.model import Choice, GuideError, Step, find_step, load_guides
from actions.order_fields import read_level, read_quantity
from actions.turn import Turn, plain, yes_or_no
from tests.domain_files import ROOT, load_domain, load_yaml

# Answers nobody wrote down in the guides; at least this share is read rightly, at most this share wrongly.
HELD_OUT = [
    (step, str(text), None if title == "-" else title)
    for step, choices in load_yaml(ROOT / "tests" / "actions" / "guide_answers.yml").items()
    for title, texts in choices.items()
    for text in texts
]
RIGHT, WRONG = 0.9, 0.03
STEPS = [step for guide in load_guides().values() for step in guide.steps.values()]


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
        ("jag har den inte", "Nej"),
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


def test_answers_in_words_of_their_own_are_mostly_read_rightly() -> None:
    read = [(_chosen(step, _turn(text)), title) for step, text, title in HELD_OUT]
    assert len(read) >= 150
    assert sum(got == title for got, title in read) >= RIGHT * len(read)
    assert sum(got not in {title, None} for got, title in read) <= WRONG * len(read)


def test_the_answers_that_measure_are_none_of_the_examples() -> None:
    for key, text, _ in HELD_OUT:
        step = find_step(load_guides(), key.partition("/")[0], key)
        assert plain(text) not in {
            plain(example) for choice in step.choices for example in choice.examples
        }, text


def _same(one: Choice | None, other: Choice) -> bool:
    return one is not None and (one.next, one.start, one.check) == (other.next, other.start, other.check)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_step_has_a_short_question_and_its_examples_do_not_contradict_each_other(step: Step) -> None:
    assert step.question in load_domain()["responses"]
    read = [
        _same(choose(step, _turn(example)), choice)
        for choice in step.choices
        for example in choice.examples
        if choice in step.buttons
    ]
    assert sum(read) >= 0.95 * len(read)
    assert all(choice.examples for choice in step.choices)


@pytest.mark.parametrize(
    ("step", "text", "title"),
    [
        ("check_card_status/sent", "nej förlåt läste fel, det står spärrad", "Spärrat"),
        ("check_card_status/sent", "nej", "Nej tack"),
        ("check_card_status/sent", "nej men vad betyder skickad då?", "explain_status"),
        ("check_card_status/sent", "ja men hur lång tid tar det", None),
        ("check_card_status/sent", "ja", "Ja"),
        ("card_not_working/card_turned", "ja men kan jag göra det själv", None),
        ("update_siths_eid/ask_solved", "jo men en grej till", "Något mer"),
        ("update_siths_eid/ask_solved", "ja det gick igenom men kortet funkar fortfarande inte", "Nej"),
        ("update_siths_eid/unsolved", "nej jag vill veta hur man byter kod", None),
        ("update_siths_eid/unsolved", "nej", "Nej tack"),
        ("find_hsa_id/without_card", "räcker mobilt bankid?", None),
        ("unlock_card/have_puk", "nä, något reservkort är det inte", "Det är ett ordinarie kort"),
        ("unlock_card/no_puk", "beställ en, fast nej vänta nu hittade jag lappen", "Jag hittade PUK-koden"),
        ("lost_codes/have_puk", "nej och kortet är också borta sen i helgen", "Kortet är borta"),
        ("activate_card/which_card", "det är inte ett reservkort utan ett ordinarie", "Ordinarie kort"),
    ],
)
def test_what_follows_a_yes_or_a_no_counts(step: str, text: str, title: str | None) -> None:
    assert _chosen(step, _turn(text)) == title


@pytest.mark.parametrize(
    ("step", "text", "title"),
    [
        (
            "activation_interrupted/which_status",
            "vi började för nio dagar sedan",
            "Det har gått för lång tid",
        ),
        ("activation_interrupted/which_status", "vi började för tre dagar sedan", None),
        ("activate_card/which_card", "det har stått på skickad i fyra månader", "Det har gått för lång tid"),
        ("activate_card/which_card", "har vi tre månader kvar", None),
    ],
)
def test_a_time_that_has_passed_is_compared_with_the_limit(step: str, text: str, title: str | None) -> None:
    assert _chosen(step, _turn(text)) == title


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("det är 6 dar sen", 6),
        ("mer än fem dagar", 6),
        ("tre och en halv månad", 105),
        ("ett par veckor sen", 14),
        ("i 3,5 månad", 105),
        ("jag börjar om två veckor", None),
        ("det är fem dagar kvar", None),
        ("inom tre månader", None),
        ("ett år sedan, eller två", 365),
        ("i går", None),
    ],
)
def test_how_long_something_has_been(text: str, length: float | None) -> None:
    assert days(text) == length


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_step_explains_what_its_question_means(step: Step) -> None:
    responses = load_domain()["responses"]
    assert all(f"utter_guide_{choice.say}" in responses for choice in step.choices if choice.say)
    if step.explain:
        assert _chosen(step.key, _turn("vad menar du?")) == f"explain_{step.explain[0]}"


def test_what_was_chosen_is_not_left_over() -> None:
    step = find_step(load_guides(), "activate_card", "which_card")
    assert left_over(step, "ett ordinarie, det är mitt eget") == "det är mitt eget"
    assert not left_over(step, "det är mitt eget")


def test_a_sure_wish_for_something_else_is_no_bare_no() -> None:
    wish = _turn("nej jag ska beställa läsare", "order_card_reader", 0.95)
    assert _chosen("check_card_status/sent", wish) is None


@pytest.mark.parametrize(
    ("step", "text", "title"),
    [
        (
            "report_lost_card/what_happened",
            "hej min väska är stulen med kort och allt",
            "Borttappat eller stulet",
        ),
        ("report_lost_card/what_happened", "jag glömde kortet hemma i morse", "Glömt kortet hemma"),
        ("report_lost_card/what_happened", "jag har tappat bort mitt kort", None),
        ("unlock_card/have_puk", "kortet är låst och brevet med koden är borta", "Nej"),
        ("unlock_card/have_puk", "har skrivit fel puk tio gånger, permanent låst", "PUK-koden är låst"),
        ("unlock_card/have_puk", "kortet är låst", None),
        ("unlock_card/have_puk", "jag har slagit fel pin tre gånger och nu är kortet låst", None),
        ("card_not_working/app_running", "appen är inte installerad på datorn", "Appen saknas"),
        ("card_not_working/reader_reacts", "mitt kort fungerar inte", None),
        ("card_blocked/locked_or_revoked", "kortet är spärrat", None),
        ("card_blocked/locked_or_revoked", "kortet är spärrat i portalen", "Spärrat i SITHS eID Portal"),
        ("activate_card/which_card", "hur aktiverar jag ett reservkort", "Reservkort"),
        ("activate_card/which_card", "hur aktiverar jag ett nytt kort", None),
        ("unlock_card/have_puk", "det står att kortet är blockerat", "Kortet är blockerat"),
        ("unlock_card/have_puk", "jag har slagit in fel puk ett par gånger", "PUK-koden är fel"),
        ("unlock_card/have_puk", "min pin är fel säger den, två försök kvar", "PIN-koden är fel, inte låst"),
        (
            "unlock_card/have_puk",
            "kan jag låsa upp ett kort som är spärrat i portalen",
            "Kortet är spärrat i portalen",
        ),
        ("activate_card/who", "det är mitt kort och id-admin är här", "Det är mitt eget kort"),
        (
            "report_lost_card/what_happened",
            "jag har fått tillbaka kortet, det låg i bilen",
            "Kortet är hittat",
        ),
    ],
)
def test_what_the_opening_message_answers(step: str, text: str, title: str | None) -> None:
    choice = already_said(find_step(load_guides(), step.partition("/")[0], step), text)
    assert (choice.title if choice else None) == title


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
        ("ok 2:an", True, 2),
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
