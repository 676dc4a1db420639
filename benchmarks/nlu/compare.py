"""What each idea is worth: `python -m benchmarks.nlu.compare`, in the engine's environment.

Every variant learns the same training messages. Printed as rows of a table: share of the evaluation messages
whose likeliest label is right, the same of a sixth of the training messages kept aside, and training time.
`benchmarks/nlu/stock.py` adds stock Rasa.
"""

from __future__ import annotations

import random
import time
from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import normalize

from benchmarks.nlu.corpus import LEXICON, evaluation_items, training_messages
from bot.nlu import model
from bot.nlu.concepts import Concepts, read_lexicon
from bot.nlu.features import VIEW_WEIGHTS, FeatureExtractor, character_grams
from bot.nlu.pipeline import SwedishLemmas
from bot.nlu.spelling import KnownWords, known_words
from bot.nlu.text import fold, normalise, words

WORDS = {"raw": 1.0, "rawpair": 0.6}
CHARACTERS = {**WORDS, "rawchar": 1.0}
FOLDED = {"folded": 1.0, "foldedpair": 0.6, "char": 1.0}
LEMMAS = {"lemma": 1.0, "pair": 0.6, "char": 1.0}
JOINED = {**LEMMAS, "joined": 0.5}
SPELLING = {**JOINED, "stem": 0.5}
COMPOUNDS = {**SPELLING, "part": 0.5}
LOGISTIC = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=15, tol=None, random_state=0)
VARIANTS = [
    ("SVM, words and pairs", WORDS, None),
    ("SVM, + characters", CHARACTERS, None),
    ("logistic regression, the same", CHARACTERS, LOGISTIC),
    ("SVM, folded", FOLDED, None),
    ("SVM, + lemmas", LEMMAS, None),
    ("SVM, + joined neighbours (särskrivning)", JOINED, None),
    ("SVM, + spelling corrected, stems", SPELLING, None),
    ("SVM, + parts of compounds", COMPOUNDS, None),
    ("SVM, spelling and concepts' pairs: **the product**", VIEW_WEIGHTS, None),
    ("SVM, and single concepts as well", {**VIEW_WEIGHTS, "concept": 1.0}, None),
    ("logistic regression, the product's views", VIEW_WEIGHTS, LOGISTIC),
]
PRODUCT, LOGISTIC_TOO = VARIANTS[-3][0], VARIANTS[-1][0]
GATES = (0.3, 0.4, 0.5)
BLOCK = 200
Views = dict[str, Counter[str]]


def pairs(tokens: list[str]) -> Counter[str]:
    """Neighbouring words."""
    return Counter(f"{one} {two}" for one, two in zip(["<", *tokens], [*tokens, ">"], strict=True))


class AllViews:
    """The product's views and those that did not make it."""

    def __init__(self, texts: list[str]) -> None:
        lexicon = read_lexicon(LEXICON)
        tokens = [words(normalise(text)) for text in texts]
        known = KnownWords(known_words(tokens, Concepts(lexicon).vocabulary()))
        self._known = known
        self._concepts = Concepts(lexicon, known.is_usual)
        self._product = FeatureExtractor(SwedishLemmas().lemma, self._concepts, known)

    def __call__(self, text: str) -> Views:
        """Features of `text` by view."""
        tokens = words(normalise(text))
        folded = [fold(token) for token in tokens]
        concepts = self._concepts.find([self._known.meant(token) for token in tokens])
        return self._product(text) | {
            "concept": Counter(concepts),
            "raw": Counter(tokens),
            "rawpair": pairs(tokens),
            "rawchar": Counter(gram for token in tokens for gram in character_grams(f" {token} ", 2, 5)),
            "folded": Counter(folded),
            "foldedpair": pairs(folded),
            "part": Counter(part for token in folded for part in self._parts(token)),
        }

    def _parts(self, word: str) -> tuple[str, ...]:
        """The two known words an unknown compound is made of, joined with or without an s."""
        if word in self._known:
            return ()
        for cut in range(len(word) - 3, 2, -1):
            first, second = word[:cut], word[cut:]
            for stem in (first, first.removesuffix("s")):
                if stem in self._known and second in self._known:
                    return stem, second
        return ()


def nearness(known: list[Views], asked: list[Views]) -> np.ndarray:
    """Cosine of each asked message with the nearest known one, by pieces of words (0..1)."""
    vectorizer = DictVectorizer(dtype=np.float32).fit([views["char"] for views in known])

    def rows(messages: list[Views]) -> csr_matrix:
        return normalize(vectorizer.transform([views["char"] for views in messages]))

    everything = rows(known).T.tocsr()
    blocks = [rows(asked[start : start + BLOCK]) @ everything for start in range(0, len(asked), BLOCK)]
    return np.concatenate([block.max(axis=1).toarray().ravel() for block in blocks])


def main() -> None:
    """Print the table."""
    samples, items = training_messages(), evaluation_items()
    random.Random(5).shuffle(samples)
    aside = len(samples) // 6
    views = AllViews([text for text, _ in samples])
    known = [views(text) for text, _ in samples]
    asked = [views(item.text) for item in items]
    labels = [label for _, label in samples]
    print("| | evaluation | kept aside | training, s |\n|---|---|---|---|")
    found: dict[str, np.ndarray] = {}
    names: list[str] = []
    for name, weights, learner in VARIANTS:
        start = time.process_time()
        whole = model.train(known, labels, weights, 0.5, 5.0, learner=learner)
        spent = time.process_time() - start
        part = model.train(known[aside:], labels[aside:], weights, 0.5, 5.0, learner=learner)
        found[name] = np.array([whole.probabilities(asking) for asking in asked])
        names = whole.labels
        kept = [
            part.labels[part.probabilities(v).argmax()] == label
            for v, label in zip(known[:aside], labels, strict=False)
        ]
        _print(name, _right(names, found[name]), f"{100 * np.mean(kept):.1f}", f"{spent:.0f}")
    _print("both of the product's views, mean", _right(names, (found[PRODUCT] + found[LOGISTIC_TOO]) / 2))
    near = nearness(known, asked)
    outside = names.index("out_of_scope")
    for gate in GATES:
        gated = found[PRODUCT].copy()
        gated[near < gate, outside] = 2.0
        _print(f"the product, what is further than {gate} out of scope", _right(names, gated))


def _print(name: str, right: float, kept: str = "", seconds: str = "") -> None:
    print(f"| {name} | {right:.1f} | {kept} | {seconds} |", flush=True)


def _right(labels: list[str], shares: np.ndarray) -> float:
    chosen = [labels[index] for index in shares.argmax(axis=1)]
    return 100 * float(
        np.mean([label in item.right for label, item in zip(chosen, evaluation_items(), strict=True)])
    )


if __name__ == "__main__":
    main()
