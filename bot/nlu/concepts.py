"""The field's vocabulary: which concepts a message mentions (`data/catalogue/concepts.yml`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bot.nlu.text import fold, words

SHORTEST_STEM = 4  # in a phrase, a shorter word must match as a whole


Lexicon = dict[str, dict[str, list[str]]]


def read_lexicon(path: Path) -> Lexicon:
    """Group → concept → its entries, of `concepts.yml`."""
    groups: Lexicon = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return groups


class Concepts:
    """Finds concepts in a list of words.

    A word with å, ä or ö, and one that is known to have none, matches as it is written; any other word also
    matches an entry that has them.

    Args:
        lexicon: group → concept → its entries, as the file's header explains them.
        known: the words that need no å, ä and ö added: they are written as they should be.

    Attributes:
        group: concept → its group.
    """

    def __init__(
        self,
        lexicon: Mapping[str, Mapping[str, Iterable[str]]],
        known: Callable[[str], bool] = lambda _word: False,
    ) -> None:
        self.group = {concept: group for group, concepts in lexicon.items() for concept in concepts}
        written = [
            (concept, str(entry).lower())
            for concepts in lexicon.values()
            for concept, entries in concepts.items()
            for entry in entries
        ]
        self._written = _Entries(written)
        self._folded = _Entries([(concept, fold(entry)) for concept, entry in written])
        self._known = known

    def vocabulary(self) -> set[str]:
        """All single words of the lexicon: what misspelt words are corrected to."""
        return self._written.words

    def find(self, tokens: list[str]) -> list[str]:
        """The concepts of lower-case `tokens`, in order of first mention, each once."""
        found: dict[str, None] = {}
        folded = [fold(token) for token in tokens]
        for position, token in enumerate(tokens):
            as_written = token != folded[position] or self._known(token)
            entries, read = (self._written, tokens) if as_written else (self._folded, folded)
            for concept in sorted({*entries.of_word(read[position]), *entries.of_phrases(read, position)}):
                found[concept] = None
        return list(found)


class _Entries:
    """The entries in one way of writing."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._parts: dict[str, set[str]] = defaultdict(set)
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for concept, entry in entries:
            self._add(concept, entry)
        phrase_words = {word for found in self._phrases.values() for parts, _ in found for word in parts}
        self.words = {*self._whole, *self._stems, *self._parts, *phrase_words}
        self._longest_stem = max(map(len, self._stems), default=0)
        self.of_word = lru_cache(maxsize=20_000)(self._look_up)

    def _add(self, concept: str, entry: str) -> None:
        marker = entry[0] if entry[0] in "=~" else ""
        parts = words(entry.lstrip("=~"))
        if len(parts) > 1:
            self._phrases[parts[0][:SHORTEST_STEM]].append((tuple(parts), concept))
        elif parts:
            target = {"=": self._whole, "~": self._parts}.get(marker, self._stems)
            target[parts[0]].add(concept)

    def _look_up(self, token: str) -> frozenset[str]:
        concepts = set(self._whole.get(token, ()))
        for length in range(1, min(len(token), self._longest_stem) + 1):
            concepts |= self._stems.get(token[:length], set())
        for part, of_part in self._parts.items():
            if part in token:
                concepts |= of_part
        return frozenset(concepts)

    def of_phrases(self, tokens: list[str], position: int) -> set[str]:
        """The concepts of phrases that begin at `position`."""
        return {
            concept
            for parts, concept in self._phrases.get(tokens[position][:SHORTEST_STEM], ())
            if len(parts) <= len(tokens) - position and all(map(_matches, parts, tokens[position:]))
        }


def _matches(part: str, token: str) -> bool:
    return token == part or (len(part) >= SHORTEST_STEM and token.startswith(part))
