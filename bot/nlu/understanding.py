"""What a message means: exact answers first, then a linear model, then the courage to be unsure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu import model
from bot.nlu.concepts import Concepts
from bot.nlu.features import VIEW_WEIGHTS, FeatureExtractor
from bot.nlu.pipeline import SwedishLemmas
from bot.nlu.segments import segments
from bot.nlu.spelling import KnownWords, known_words
from bot.nlu.text import exact_key, fold, normalise, words

FALLBACK = "nlu_fallback"
# Taking one of these for the other does what the visitor does not want.
OPPOSITES = frozenset({"affirm", "deny"})


@dataclass(frozen=True)
class Settings:
    """How the classifier learns and when it is sure.

    Attributes:
        strength: inverse of regularisation.
        temperature: sharpness of the confidences.
        threshold: a best label less likely than this is not taken.
        margin: nor is one whose lead over the second is smaller.
        opposite_margin: the lead that yes needs over no, and no over yes.
        segment_threshold: how likely a part's label must be to count as a question of its own.
        ranking_length: how many labels a ranking holds.
    """

    strength: float = 0.5
    temperature: float = 5.0
    threshold: float = 0.3
    margin: float = 0.08
    opposite_margin: float = 0.4
    segment_threshold: float = 0.75
    ranking_length: int = 5


@dataclass(frozen=True)
class Ranked:
    """A label with its confidence, 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Understood:
    """A message's labels, best first (`nlu_fallback` leads when none is sure), and its further questions."""

    ranking: list[Ranked]
    topics: list[str]


class Understanding:
    """Ranks labels of messages.

    Args:
        errands: labels that a part of a message may have for itself; the others are only acts of talking.
        exact: whole messages with their label, by `exact_key`.
        lexicon: see `Concepts`.
        frequencies: see `KnownWords`.
        lemmas: those of this installation's pipeline if not given.
    """

    def __init__(
        self,
        settings: Settings,
        errands: Iterable[str],
        exact: Mapping[str, str],
        lexicon: Mapping[str, Sequence[str]],
        frequencies: Counter[str],
        *,
        lemmas: SwedishLemmas | None = None,
    ) -> None:
        self._settings = settings
        self._errands = frozenset(errands)
        self._exact = dict(exact)
        self._lexicon = dict(lexicon)
        self._frequencies = frequencies
        self._lemmas = lemmas or SwedishLemmas()
        self._views = FeatureExtractor(self._lemmas.lemma, Concepts(lexicon), KnownWords(frequencies))
        self._model: model.LinearIntentModel

    @classmethod
    def train(
        cls,
        samples: Sequence[tuple[str, str]],
        errands: Iterable[str],
        lexicon: Mapping[str, Sequence[str]],
        settings: Settings | None = None,
        view_weights: Mapping[str, float] = VIEW_WEIGHTS,
    ) -> Understanding:
        """Learn from messages with their labels."""
        settings = settings or Settings()
        tokens = [[fold(token) for token in words(normalise(text))] for text, _ in samples]
        frequencies = known_words(tokens, Concepts(lexicon).vocabulary())
        exact = {key: label for text, label in samples if (key := exact_key(text))}
        understanding = cls(settings, errands, exact, lexicon, frequencies)
        understanding._model = model.train(
            [understanding._views(text) for text, _ in samples],
            [label for _, label in samples],
            view_weights,
            settings.strength,
            settings.temperature,
        )
        return understanding

    def save(self, folder: Path) -> None:
        """Write everything needed to go on into `folder`."""
        self._model.save(folder)
        self._lemmas.save(folder)
        meta = {
            "errands": sorted(self._errands),
            "exact": self._exact,
            "lexicon": self._lexicon,
            "frequencies": self._frequencies,
        }
        (folder / "understanding.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Understanding:
        """Read what `save` wrote."""
        meta: dict[str, Any] = json.loads((folder / "understanding.json").read_text(encoding="utf-8"))
        meta["frequencies"] = Counter(meta["frequencies"])
        understanding = cls(settings, **meta, lemmas=SwedishLemmas.load(folder))
        understanding._model = model.LinearIntentModel.load(folder)
        return understanding

    def probabilities(self, text: str) -> dict[str, float]:
        """How likely each label is by the model alone, likeliest first."""
        shares = self._model.probabilities(self._views(text))
        return {self._model.labels[index]: float(shares[index]) for index in np.argsort(-shares)}

    def rank(self, text: str) -> list[Ranked]:
        """The likeliest labels of the whole message, best first; `nlu_fallback` leads when none is sure."""
        if known := self._exact.get(exact_key(text)):
            return [Ranked(known, 1.0)]
        likely = list(self.probabilities(text).items())[: self._settings.ranking_length]
        ranking = [Ranked(label, share) for label, share in likely]
        return (
            ranking if self._sure(*ranking[:2]) else [Ranked(FALLBACK, 1 - ranking[0].confidence), *ranking]
        )

    def _sure(self, best: Ranked, second: Ranked) -> bool:
        opposite = {best.name, second.name} == OPPOSITES
        margin = self._settings.opposite_margin if opposite else self._settings.margin
        return best.confidence >= self._settings.threshold and best.confidence - second.confidence >= margin

    def __call__(self, text: str) -> Understood:
        """The message's label and what else it asks.

        A long message that as a whole is unclear gets the label of its clearest part.
        """
        ranking = self.rank(text)
        parts = segments(text)
        if len(parts) == 1 or ranking[0].confidence == 1.0:
            return Understood(ranking, [])
        clear = [best for part in parts if (best := self.rank(part)[0]) and self._is_errand(best)]
        if ranking[0].name == FALLBACK and clear:
            best = max(clear, key=lambda ranked: ranked.confidence)
            ranking = [best, *(ranked for ranked in ranking[1:] if ranked.name != best.name)]
        topics = dict.fromkeys(ranked.name for ranked in clear if ranked.name != ranking[0].name)
        return Understood(ranking, list(topics))

    def _is_errand(self, best: Ranked) -> bool:
        return best.name in self._errands and best.confidence >= self._settings.segment_threshold


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The settings among the keys of `config`."""
    return Settings(**{key: config[key] for key in asdict(Settings()) if key in config})
