"""The report's figures, on outcomes counted by hand."""

from __future__ import annotations

import pytest

from benchmarks.nlu.corpus import Item, near_duplicates
from benchmarks.nlu.measures import Outcome, calibration, figures


def outcome(
    label: str, answered: str, *choices: str, second: str | None = None, topics: tuple[str, ...] = ()
) -> Outcome:
    ranked = choices or (answered,)
    return Outcome(Item("text", label, "main", second=second), answered, ranked[0], 0.75, ranked, topics)


OUTCOMES = [
    outcome("order_puk", "order_puk"),
    outcome("faq/price", "nlu_fallback", "order_puk", "faq/price"),
    outcome("faq/price", "unlock_card"),
    outcome("out_of_scope", "nlu_fallback", "greet"),
    outcome("affirm", "deny"),
    outcome("unlock_card", "unlock_card", second="faq/price", topics=("faq/price",)),
    outcome("unlock_card", "unlock_card", second="faq/price"),
    outcome("faq/price", "out_of_scope"),
]


def test_figures() -> None:
    counted = figures(OUTCOMES)
    assert counted.count == 8
    assert counted.accuracy == pytest.approx(3 / 8)
    assert counted.asked == pytest.approx(1 / 8)
    assert counted.with_half == pytest.approx(3.5 / 8)
    assert counted.wrong == pytest.approx(3 / 8)
    assert counted.harmful == pytest.approx(2 / 8)
    assert counted.admitted == 1
    assert counted.false_rejection == pytest.approx(1 / 7)
    assert counted.both == pytest.approx(1 / 2)
    assert counted.confused == 1


def test_calibration_bins_by_confidence() -> None:
    assert calibration(OUTCOMES) == [(0.75, pytest.approx(3 / 8), 8)]


def test_near_duplicate_needs_the_same_label_and_nearly_the_same_words() -> None:
    items = [Item("Hur låser jag upp mitt kort?", "unlock_card", "main")]
    assert near_duplicates(items, [("hur laser jag upp mitt kort", "unlock_card")])
    assert not near_duplicates(items, [("hur låser jag upp mitt kort", "change_pin")])
    assert not near_duplicates(items, [("hur byter jag pin på mitt kort", "unlock_card")])
