"""The understanding must not get worse, and must be measured on messages it has not learnt."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.nlu.corpus import (
    FOLLOW_UPS,
    evaluation_items,
    near_duplicates,
    settings,
    train,
    training_messages,
)
from benchmarks.nlu.measures import figures, understand
from bot.nlu.context import Before
from bot.nlu.follow_ups import read_follow_ups
from bot.nlu.text import exact_key
from bot.nlu.understanding import Understanding

ROOT = Path(__file__).resolve().parents[3]
RESULTS = json.loads((ROOT / "benchmarks/nlu/results.json").read_text(encoding="utf-8"))
COMMITTED = RESULTS["evaluation"]
POINT = 0.01


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return train(training_messages())


@pytest.mark.timeout(900)
def test_evaluation_is_no_worse_than_the_last_committed_one(understanding: Understanding) -> None:
    now = figures(understand(understanding, evaluation_items()))
    assert now.accuracy >= COMMITTED["accuracy"] - POINT
    assert now.with_half >= COMMITTED["with_half"] - POINT
    assert now.admitted >= 0.9
    assert now.harmful < 0.01
    assert now.confused == 0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", ["follow_up", "follow_up_month", "new_subject"])
def test_messages_after_others_are_understood_no_worse(understanding: Understanding, group: str) -> None:
    items = [item for item in evaluation_items("follow_ups.yml") if item.group == group]
    now = figures(understand(understanding, items))
    assert now.accuracy >= RESULTS["groups"][group]["accuracy"] - 2 * POINT


def test_no_follow_up_is_learnt() -> None:
    learnt = {(one.after, exact_key(one.text)) for one in read_follow_ups(FOLLOW_UPS)}
    items = evaluation_items("follow_ups.yml")
    assert [item.text for item in items if (item.after, exact_key(item.text)) in learnt] == []


@pytest.mark.timeout(900)
def test_saved_and_loaded_classifier_understands_the_same(
    understanding: Understanding, tmp_path: Path
) -> None:
    understanding.save(tmp_path)
    loaded = Understanding.load(tmp_path, settings())
    for item in evaluation_items()[::20]:
        assert loaded(item.text) == understanding(item.text)


def test_no_evaluation_message_is_learnt_almost_word_by_word() -> None:
    assert near_duplicates(evaluation_items(), training_messages()) == []


def test_no_training_message_has_two_labels() -> None:
    labels: dict[str, set[str]] = {}
    for text, label in training_messages():
        if key := exact_key(text):
            labels.setdefault(key, set()).add(label)
    assert {key: found for key, found in labels.items() if len(found) > 1} == {}


def test_evaluation_set_is_large_and_covers_every_label() -> None:
    items = evaluation_items()
    groups = Counter(item.group for item in items)
    assert len(items) >= 400
    assert groups["out_of_scope"] >= 80
    assert groups["yes_no"] >= 40
    pairs = Counter(item.pair for item in items if item.pair)
    assert sum(count == 2 for count in pairs.values()) >= 40
    assert {item.label for item in items} == {label for _, label in training_messages()}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("perfekt tack. hur lång tid tar det innan en puk kommer hem", "faq/puk_delivery"),
        ("tack så mycket! men vad kostar ett kort egentligen", "faq/price"),
        ("tack så mycket, nu vet jag hur jag ska göra", "thank"),
        ("åh tack, du är bäst!", "thank"),
    ],
)
def test_a_question_after_thanks_is_the_message(understanding: Understanding, text: str, label: str) -> None:
    assert understanding(text).ranking[0].name == label


@pytest.mark.timeout(900)
def test_what_is_known_may_mean_something_else_after_an_answer(understanding: Understanding) -> None:
    before = Before("hur länge gäller ett reservkort", label="faq/reserve_card_validity")
    assert understanding("säkert?").ranking[0].name == "faq/privacy"
    assert understanding("säkert?", before).ranking[0].name == "ask_more"
    assert understanding("japp", before).ranking[0].name == "affirm"
