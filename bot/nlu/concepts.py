"""The field's vocabulary: which concepts a message mentions (`data/catalogue/concepts.yml`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bot.nlu.text import fold, words

SHORTEST_STEM = 4  # in a phrase, a shorter word must match as a whole


def read_lexicon(path: Path) -> dict[str, list[str]]:
    """Concept → its entries, of all groups of `concepts.yml`."""
    groups = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {concept: entries for group in groups.values() for concept, entries in group.items()}


class Concepts:
    """Finds concepts in a list of folded words.

    Args:
        lexicon: concept name → its entries, as the file's header explains them.
    """

    def __init__(self, lexicon: Mapping[str, Iterable[str]]) -> None:
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._parts: dict[str, set[str]] = defaultdict(set)
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for concept, entries in lexicon.items():
            for entry in entries:
                self._add(concept, str(entry))
        self._longest_stem = max(map(len, self._stems), default=0)
        self._of_word = lru_cache(maxsize=20_000)(self._look_up)

    def _add(self, concept: str, entry: str) -> None:
        marker = entry[0] if entry[0] in "=~" else ""
        parts = words(fold(entry.lstrip("=~").lower()))
        if len(parts) > 1:
            self._phrases[parts[0][:SHORTEST_STEM]].append((tuple(parts), concept))
        elif parts:
            target = {"=": self._whole, "~": self._parts}.get(marker, self._stems)
            target[parts[0]].add(concept)

    def vocabulary(self) -> set[str]:
        """All single words of the lexicon, folded: what misspelt words are corrected to."""
        phrase_words = {word for entries in self._phrases.values() for parts, _ in entries for word in parts}
        return {*self._whole, *self._stems, *self._parts, *phrase_words}

    def find(self, tokens: list[str]) -> list[str]:
        """The concepts of folded `tokens`, in order of first mention, each once."""
        found: dict[str, None] = {}
        for position, token in enumerate(tokens):
            for concept in sorted({*self._of_word(token), *self._of_phrases(tokens, position)}):
                found[concept] = None
        return list(found)

    def _look_up(self, token: str) -> frozenset[str]:
        concepts = set(self._whole.get(token, ()))
        for length in range(1, min(len(token), self._longest_stem) + 1):
            concepts |= self._stems.get(token[:length], set())
        for part, of_part in self._parts.items():
            if part in token:
                concepts |= of_part
        return frozenset(concepts)

    def _of_phrases(self, tokens: list[str], position: int) -> set[str]:
        return {
            concept
            for parts, concept in self._phrases.get(tokens[position][:SHORTEST_STEM], ())
            if len(parts) <= len(tokens) - position and all(map(_matches, parts, tokens[position:]))
        }


def _matches(part: str, token: str) -> bool:
    return token == part or (len(part) >= SHORTEST_STEM and token.startswith(part))
