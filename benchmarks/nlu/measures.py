"""What is measured on the evaluation messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.nlu.corpus import Item
from bot.nlu.context import Before
from bot.nlu.understanding import FALLBACK, Understanding

CHOICES = 3  # so many buttons are offered when asked back
# A wrong answer of these makes the visitor do the wrong thing with a card, a code or an order.
ACTS = frozenset(
    {
        "unlock_card",
        "unlock_card_at_visit",
        "change_pin",
        "lost_codes",
        "activate_card",
        "update_siths_eid",
        "report_lost_card",
        "block_card",
        "card_blocked",
        "card_expired",
        "activation_interrupted",
        "order_puk",
        "order_reserve_card",
        "order_siths_card",
        "order_card_reader",
        "cancel_order",
        "cancel",
        "start_over",
        "affirm",
        "deny",
    }
)


@dataclass(frozen=True)
class Outcome:
    """How one evaluation message was understood.

    Attributes:
        answered: the label that is acted on; `nlu_fallback` when asked back.
        best: the likeliest label, sure or not.
        confidence: of `best`.
        choices: what the visitor would be offered when asked back.
        topics: further questions found.
    """

    item: Item
    answered: str
    best: str
    confidence: float
    choices: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the label acted on is right."""
        return self.answered in self.item.right

    @property
    def asked_well(self) -> bool:
        """Whether it was asked back with the right label among the choices."""
        return self.answered == FALLBACK and bool(self.item.right & set(self.choices))

    @property
    def harmful(self) -> bool:
        """Whether a wrong label was acted on that makes the visitor do the wrong thing."""
        return self.answered != FALLBACK and not self.right and self.answered in ACTS


def understand(understanding: Understanding, items: Iterable[Item]) -> list[Outcome]:
    """Each item's outcome."""
    outcomes = []
    for item in items:
        before = Before(item.before, label=item.after or "") if item.before else None
        understood = understanding(item.text, before)
        ranked = [entry for entry in understood.ranking if entry.name != FALLBACK]
        outcomes.append(
            Outcome(
                item,
                understood.ranking[0].name,
                ranked[0].name,
                ranked[0].confidence,
                tuple(entry.name for entry in ranked[:CHOICES]),
                tuple(understood.topics),
            )
        )
    return outcomes


@dataclass(frozen=True)
class Figures:
    """Shares, 0..1, of a list of outcomes.

    Attributes:
        accuracy: acted on rightly.
        asked: asked back with the right label among the choices.
        with_half: `accuracy` plus half of `asked`.
        best: likeliest label right, whether sure or not.
        wrong: acted on wrongly.
        harmful: wrongly, so that the visitor does the wrong thing.
        admitted: of what is out of scope, taken as that or not answered.
        false_rejection: of what is in scope, taken as out of scope.
        macro_f1: mean over labels of the harmonic mean of precision and recall.
        both: of messages with two questions, both found.
        confused: number of yes taken as no or no as yes.
    """

    count: int
    accuracy: float
    asked: float
    with_half: float
    best: float
    wrong: float
    harmful: float
    admitted: float
    false_rejection: float
    macro_f1: float
    both: float
    confused: int


def figures(outcomes: list[Outcome]) -> Figures:
    """The figures of `outcomes`."""
    outside = [o for o in outcomes if o.item.label == "out_of_scope"]
    inside = [o for o in outcomes if o.item.label != "out_of_scope"]
    two = [o for o in outcomes if o.item.second]
    accuracy, asked = _share(outcomes, "right"), _share(outcomes, "asked_well")
    opposite = {"affirm": "deny", "deny": "affirm"}
    return Figures(
        count=len(outcomes),
        accuracy=accuracy,
        asked=asked,
        with_half=accuracy + asked / 2,
        best=_mean(o.best in o.item.right for o in outcomes),
        wrong=_mean(o.answered != FALLBACK and not o.right for o in outcomes),
        harmful=_share(outcomes, "harmful"),
        admitted=_mean(o.answered in {"out_of_scope", FALLBACK} for o in outside),
        false_rejection=_mean(o.answered == "out_of_scope" and not o.right for o in inside),
        macro_f1=macro_f1(outcomes),
        both=_mean({o.item.label, o.item.second} <= {o.answered, *o.topics} for o in two),
        confused=sum(opposite.get(o.item.label) == o.answered for o in outcomes),
    )


def macro_f1(outcomes: list[Outcome]) -> float:
    """Mean F1 over the labels that occur; a label of `also` counts as the label."""
    hit: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for outcome in outcomes:
        label = outcome.item.label
        answered = label if outcome.right else outcome.answered
        meant[label] += 1
        given[answered] += 1
        hit[label] += outcome.right
    return _mean(2 * hit[label] / (meant[label] + given[label]) for label in meant)


def calibration(outcomes: list[Outcome], bins: int = 10) -> list[tuple[float, float, int]]:
    """Per bin of confidence: mean confidence, share right, number of messages."""
    grouped: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        grouped[min(int(outcome.confidence * bins), bins - 1)].append(outcome)
    return [
        (_mean(o.confidence for o in group), _mean(o.best in o.item.right for o in group), len(group))
        for _, group in sorted(grouped.items())
    ]


def _share(outcomes: list[Outcome], what: str) -> float:
    return _mean(bool(getattr(outcome, what)) for outcome in outcomes)


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return sum(collected) / len(collected) if collected else 0.0
