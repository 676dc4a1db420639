"""Views of a message as named features: characters, words, pairs, lemmas, concepts.

Each view catches something else: characters survive misspelling, inflection and missing å, ä and ö;
words and pairs carry meaning; lemmas join inflections; joined pairs undo särskrivning; concepts and
their pairs carry over to wordings that no training message has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

from bot.nlu.concepts import Concepts
from bot.nlu.text import fold, normalise, words

Lemma = Callable[[str], str]
# How much each view weighs against the others after its own normalisation (benchmarks/nlu).
VIEW_WEIGHTS = {
    "char": 1.0,
    "joined": 0.5,
    "word": 1.0,
    "pair": 0.6,
    "concept": 1.0,
    "concepts": 0.7,
    "shape": 0.3,
}


def _character_grams(text: str, low: int, high: int) -> Iterator[str]:
    for size in range(low, high + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


class FeatureExtractor:
    """Turns a message into its views.

    Args:
        lemma: dictionary form of a lower-case word.
        concepts: the field's vocabulary.
    """

    def __init__(self, lemma: Lemma, concepts: Concepts) -> None:
        self._lemma = lemma
        self._concepts = concepts

    def __call__(self, text: str) -> dict[str, Counter[str]]:
        """Features of `text` with their counts, by view."""
        tokens = words(normalise(text))
        folded = [fold(token) for token in tokens]
        characters: Counter[str] = Counter()
        for token in folded:
            characters.update(_character_grams(f" {token} ", 2, 5))
        joined: Counter[str] = Counter()
        for first, second in zip(folded, folded[1:]):
            joined.update(_character_grams(first + second, 6, 6))
        lemmas = [fold(self._lemma(token)) for token in tokens]
        bounded = ["<", *lemmas, ">"]
        concepts = self._concepts.find(folded)
        shape = (
            f"words{min(5, len(tokens) // 3)}",
            f"asks{'?' in tokens}",
            f"concepts{min(4, len(concepts))}",
        )
        return {
            "char": characters,
            "joined": joined,
            "word": Counter(folded) + Counter(lemmas),
            "pair": Counter(f"{first} {second}" for first, second in zip(bounded, bounded[1:])),
            "concept": Counter(concepts),
            "concepts": Counter("|".join(pair) for pair in combinations(sorted(concepts), 2)),
            "shape": Counter(shape),
        }
