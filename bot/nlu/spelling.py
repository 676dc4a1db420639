"""Misspelt words and words without å, ä and ö: the known word that is meant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from bot.nlu.text import fold

SHORTEST_MISSPELT = 5  # shorter words have too many neighbours
LONG = 8  # letters of a word that may have two slips


class KnownWords:
    """The words the training messages and the field's vocabulary use.

    Args:
        frequencies: word → how often it is used; the more frequent of two equally near words wins.
    """

    def __init__(self, frequencies: Counter[str]) -> None:
        self._written = frozenset(frequencies)
        self._frequencies: Counter[str] = Counter()
        self._usual: dict[str, str] = {}
        for word, count in sorted(frequencies.items(), key=lambda item: (-item[1], item[0])):
            self._frequencies[fold(word)] += count
            self._usual.setdefault(fold(word), word)
        self._near: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word, _ in sorted(self._frequencies.items(), key=lambda item: (-item[1], item[0])):
            self._near[word[0], len(word)].append(word)

    def __contains__(self, folded: str) -> bool:
        return folded in self._frequencies

    def meant(self, word: str) -> str:
        """The known word that `word` stands for, with its å, ä and ö; `word` itself when there is none."""
        folded = fold(word)
        if word != folded and word in self._written:
            return word
        return self._usual.get(self.nearest(folded) or folded, word)

    def is_usual(self, word: str) -> bool:
        """Whether `word` is known and most often written as it stands."""
        return self._usual.get(fold(word)) == word

    def nearest(self, word: str) -> str | None:
        """The known word one slip away, two from eight letters on, both folded; None when there is none."""
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
