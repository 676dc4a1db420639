"""Misspelt words: the nearest known word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

SHORTEST_MISSPELT = 5  # shorter words have too many neighbours
LONG = 8  # letters of a word that may have two slips


class KnownWords:
    """The words the training messages and the field's vocabulary use, folded.

    Args:
        frequencies: word → how often it is used; the more frequent of two equally near words wins.
    """

    def __init__(self, frequencies: Counter[str]) -> None:
        self._frequencies = frequencies
        self._near: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word, _ in sorted(frequencies.items(), key=lambda item: (-item[1], item[0])):
            self._near[word[0], len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._frequencies

    def nearest(self, word: str) -> str | None:
        """The known word one slip away, two for words of eight letters and more; None when there is none."""
        if len(word) < SHORTEST_MISSPELT or word in self:
            return None
        for slips in (1, 2) if len(word) >= LONG else (1,):
            if near := self._within(word, slips):
                return near
        return None

    def _within(self, word: str, slips: int) -> str | None:
        # The first letter is hardly ever the wrong one, and another one tends to be another word.
        found = [
            match[0]
            for length in range(len(word) - slips, len(word) + slips + 1)
            if (known := self._near.get((word[0], length)))
            and (match := extractOne(word, known, scorer=OSA.distance, score_cutoff=slips))
        ]
        return max(found, key=self._frequencies.__getitem__, default=None)


def known_words(
    messages: Iterable[Iterable[str]], vocabulary: Iterable[str], at_least: int = 2
) -> Counter[str]:
    """How often each word is used in `messages`; those of `vocabulary` count whether used or not."""
    used = Counter(word for message in messages for word in message)
    kept = {word: count for word, count in used.items() if count >= at_least and word.isalpha()}
    return Counter({word: kept.get(word, 1) for word in {*kept, *filter(str.isalpha, vocabulary)}})
