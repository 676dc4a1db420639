"""The Swedish spaCy pipeline: `sv_core_news_sm` where it is installed, else lookups on a blank one.

`python -m bot.nlu.pipeline` prints which of the two is in use, as JSON.
"""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = "sv_core_news_sm"
# spaCy keeps every new word for ever (its StringStore); past this many a fresh pipeline is loaded.
MAX_STRINGS = 200_000
# Only what a lemma needs; parser and entity recogniser cost milliseconds and are not used.
UNUSED = ("parser", "ner", "senter")


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


class SwedishLemmas:
    """Lemmas of single words, cached, in bounded memory."""

    def __init__(self, cache_size: int = 20_000) -> None:
        self._pipeline = load_pipeline()
        self.lemma = lru_cache(maxsize=cache_size)(self._lemma)

    def _lemma(self, word: str) -> str:
        """The dictionary form of one lower-case word; the word itself where none is known."""
        if len(self._pipeline.vocab.strings) > MAX_STRINGS:
            self._pipeline = load_pipeline()
        return self._pipeline(word)[0].lemma_.lower() or word


if __name__ == "__main__":
    print(json.dumps({"pipeline": describe_pipeline()}))  # noqa: T201
