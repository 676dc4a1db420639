"""The Swedish spaCy pipeline: `sv_core_news_sm` where it is installed, else lookups on a blank one.

`python -m bot.nlu.pipeline` prints which of the two is in use, as JSON.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.nlu import lemmas
from bot.nlu.text import WORD

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = "sv_core_news_sm"
# spaCy keeps every new word for ever (its StringStore); past this many a fresh pipeline is loaded.
MAX_STRINGS = 200_000
# Only what a lemma needs; parser and entity recogniser cost milliseconds and are not used.
UNUSED = ("parser", "ner", "senter")
LEMMA_FILE = "lemmas.txt"
CACHED_WORDS = 20_000


def describe_pipeline() -> str:
    """Which pipeline `SwedishLemmas` loads here, for example `sv_core_news_sm 3.4.0`."""
    if importlib.util.find_spec(MODEL):
        return f"{MODEL} {version(MODEL)}"
    return f"blank sv + spacy-lookups-data {version('spacy-lookups-data')}"


def load_pipeline() -> Language:
    """A pipeline that tokenises and lemmatises Swedish.

    Raises:
        OSError: an installed `sv_core_news_sm` cannot be read.
    """
    import spacy

    if importlib.util.find_spec(MODEL):
        return spacy.load(MODEL, exclude=[*UNUSED])
    pipeline = spacy.blank("sv")
    pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipeline.initialize()
    return pipeline


class PipelineLemmas:
    """Lemmas that a spaCy pipeline gives, in bounded memory."""

    def __init__(self) -> None:
        self._pipeline = load_pipeline()

    def lemma(self, word: str) -> str:
        """The dictionary form of one lower-case word; the word itself where none is known."""
        if len(self._pipeline.vocab.strings) > MAX_STRINGS:
            self._pipeline = load_pipeline()
        return self._pipeline(word)[0].lemma_.lower() or word

    def save(self, folder: Path) -> None:
        """Writes what `SwedishLemmas.load` takes instead of the pipeline; nothing if it needs that."""
        if importlib.util.find_spec(MODEL):
            return
        from spacy.util import load_language_data, registry

        words = dict(load_language_data(registry.lookups.get("sv")["lemma_lookup"]))
        rules: Any = getattr(self._pipeline.tokenizer, "rules")  # noqa: B009 - declared as a function
        lemmas.write(
            folder / LEMMA_FILE,
            {word: lemma.lower() for word, lemma in words.items() if WORD.fullmatch(word)},
            {word: self.lemma(word) for word in rules if WORD.fullmatch(word)},
        )


class SwedishLemmas:
    """Lemmas of single words, cached.

    Args:
        source: gives a word's lemma; the pipeline of this installation if not given.
    """

    def __init__(
        self, source: PipelineLemmas | lemmas.LemmaFile | None = None, cache_size: int = CACHED_WORDS
    ) -> None:
        self._source = source or PipelineLemmas()
        self.lemma: Callable[[str], str] = lru_cache(maxsize=cache_size)(self._source.lemma)

    def save(self, folder: Path) -> None:
        """Writes what `load` needs into the folder of a trained model."""
        if isinstance(self._source, PipelineLemmas):
            self._source.save(folder)

    @classmethod
    def load(cls, folder: Path) -> SwedishLemmas:
        """The lemmas that a model was trained with, without spaCy where the model holds them all."""
        stored = folder / LEMMA_FILE
        return cls(lemmas.LemmaFile(stored) if stored.exists() else None)


if __name__ == "__main__":
    print(json.dumps({"pipeline": describe_pipeline()}))  # noqa: T201
