"""Views of a message as named features: characters, words, pairs, lemmas, concepts.

Each view catches something else: characters survive misspelling, inflection and missing å, ä and ö;
words and pairs carry meaning; lemmas join inflections; joined pairs undo särskrivning; concepts, their
pairs and their order carry over to wordings that no training message has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

from bot.nlu.concepts import Concepts
from bot.nlu.spelling import KnownWords
from bot.nlu.text import fold, normalise, words

Lemma = Callable[[str], str]
# How much each view weighs against the others after its own normalisation (benchmarks/nlu).
VIEW_WEIGHTS = {
    "char": 1.5,
    "joined": 0.8,
    "stem": 0.8,
    "lemma": 1.0,
    "pair": 0.9,
    "concepts": 0.7,
    "order": 0.5,
    "shape": 0.2,
    "after": 1.0,
}
CACHED_WORDS = 20_000
STEM = 5


class Word(NamedTuple):
    """What is taken from one word, wherever it stands."""

    folded: str
    meant: str
    lemma: str
    grams: tuple[str, ...]


def character_grams(text: str, low: int, high: int) -> list[str]:
    """All pieces of `text` of `low` to `high` letters."""
    return [
        text[start : start + size] for size in range(low, high + 1) for start in range(len(text) - size + 1)
    ]


class FeatureExtractor:
    """Turns a message into its views.

    Args:
        lemma: dictionary form of a lower-case word.
        concepts: the field's vocabulary.
        known: the words that misspelt ones are read as, in all views but the characters.
    """

    def __init__(self, lemma: Lemma, concepts: Concepts, known: KnownWords) -> None:
        self._lemma = lemma
        self._concepts = concepts
        self._known = known
        self._word = lru_cache(maxsize=CACHED_WORDS)(self._look_at)

    def _look_at(self, token: str) -> Word:
        folded, meant = fold(token), self._known.meant(token)
        return Word(
            folded,
            meant,
            fold(self._lemma(meant)),
            tuple(character_grams(f" {folded} ", 2, 5)),
        )

    def __call__(self, text: str, after: str | None = None) -> dict[str, Counter[str]]:
        """Features of `text` with their counts, by view; `after` is the label of the errand before it."""
        tokens = [self._word(token) for token in words(normalise(text))]
        lemmas = [word.lemma for word in tokens]
        concepts = self._concepts.find([word.meant for word in tokens])
        shape = (
            f"words{min(5, len(tokens) // 3)}",
            f"asks{'?' in lemmas}",
            f"concepts{min(4, len(concepts))}",
        )
        return {
            "char": Counter(gram for word in tokens for gram in word.grams),
            "joined": Counter(
                gram
                for first, second in pairwise(tokens)
                for gram in character_grams(first.folded + second.folded, 6, 6)
            ),
            "stem": Counter(fold(word.meant)[:STEM] for word in tokens),
            "lemma": Counter(lemmas),
            "pair": Counter(f"{one} {two}" for one, two in pairwise(["<", *lemmas, ">"])),
            "concepts": Counter("|".join(pair) for pair in combinations(sorted(concepts), 2)),
            "order": Counter(f"{one}>{two}" for one, two in pairwise(["<", *concepts, ">"])),
            "shape": Counter(shape),
            "after": _following(after, [*lemmas, *concepts]) if after else Counter(),
        }


def _following(after: str, said: list[str]) -> Counter[str]:
    """What is said, together with the label it follows and with each word of that label's name."""
    names = [after, *after.removeprefix("faq/").split("_")]
    return Counter([after, *(f"{name}|{word}" for name in names for word in said)])
