"""What a message means: exact answers, a linear model, what was said before, and the courage to be unsure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu import model
from bot.nlu.concepts import Concepts, Lexicon
from bot.nlu.context import Before, Context, asks
from bot.nlu.features import VIEW_WEIGHTS, FeatureExtractor
from bot.nlu.follow_ups import FollowUp, said_after_anything
from bot.nlu.pipeline import SwedishLemmas
from bot.nlu.segments import SHORTEST, continues, fragments, segments
from bot.nlu.spelling import KnownWords, known_words
from bot.nlu.text import exact_key, normalise, words

FALLBACK = "nlu_fallback"
OUTSIDE = "out_of_scope"
# Said on the way to what is wanted: a clear errand in the same message comes first.
COURTESY = frozenset({"greet", "thank", "praise", "complaint", "insult", "small_talk", "affirm", "deny"})
# Labels that a message may have by its own words and mean something else after what was said before.
MAY_LEAN = frozenset({FALLBACK, OUTSIDE, "small_talk", "ask_more"})
CORRECTION = "correct"
# Known messages that mean something else after an answer: "och sen då?"
LOOSE = frozenset({"next_step", "ask_more"})
# No errand of the bot's own, but what an angry message may end with.
PERSON = "request_human"
THANKS = frozenset({"thank", "praise"})
LONGEST_THANKS = 5  # words
A_PAIR = 2  # parts
_WORD = re.compile(r"\S+")
_MEANT = re.compile(
    r"^.{0,25}?\b(?:menade?|menar|skulle skriva)\b(?:\s+alltså)?[\s,:]+(?:att\s+)?", re.IGNORECASE
)
# Of a message that leans on another: what each label has at least by the message's own words, what the chosen
# one must have, and the words up to which they need not speak for it at all ("reservkort").
LEAST, BELIEVABLE, ELLIPSIS = 1e-4, 5e-4, 3
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
        story_threshold: the same in a message of more than two parts, most of which only tell how it came.
        context_threshold: how likely a label must be that was found with what was said before.
        ranking_length: how many labels a ranking holds.
    """

    strength: float = 0.5
    temperature: float = 5.0
    threshold: float = 0.3
    margin: float = 0.08
    opposite_margin: float = 0.4
    segment_threshold: float = 0.75
    story_threshold: float = 0.9
    context_threshold: float = 0.5
    ranking_length: int = 5


@dataclass(frozen=True)
class Ranked:
    """A label with its confidence, 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Understood:
    """How a message was understood.

    Attributes:
        ranking: its labels, best first; `nlu_fallback` leads when none is sure.
        topics: the labels of its further questions.
        reading: what it says in full, where that took what was said before.
    """

    ranking: list[Ranked]
    topics: list[str]
    reading: str | None = None


class Understanding:
    """Ranks labels of messages.

    Args:
        errands: labels that a part of a message may have for itself; the others are only acts of talking.
        exact: whole messages with their label, by `exact_key`.
        lexicon: see `Concepts`.
        frequencies: see `KnownWords`.
        ambiguous: those of `exact` that are also known as said after an answer and may mean otherwise there.
        lemmas: those of this installation's pipeline if not given.
    """

    def __init__(
        self,
        settings: Settings,
        errands: Iterable[str],
        exact: Mapping[str, str],
        lexicon: Lexicon,
        frequencies: Counter[str],
        *,
        ambiguous: Iterable[str] = (),
        lemmas: SwedishLemmas | None = None,
    ) -> None:
        self._settings = settings
        self._errands = frozenset(errands)
        self._exact = dict(exact)
        self._ambiguous = frozenset(ambiguous)
        self._lexicon = lexicon
        self._frequencies = frequencies
        self._lemmas = lemmas or SwedishLemmas()
        known = KnownWords(frequencies)
        concepts = Concepts(lexicon, known.is_usual)
        self._views = FeatureExtractor(self._lemmas.lemma, concepts, known)
        self._context = Context(concepts, known.meant)
        self._model: model.LinearIntentModel

    @classmethod
    def train(
        cls,
        samples: Sequence[tuple[str, str]],
        errands: Iterable[str],
        lexicon: Lexicon,
        settings: Settings | None = None,
        *,
        view_weights: Mapping[str, float] = VIEW_WEIGHTS,
        follow_ups: Sequence[FollowUp] = (),
    ) -> Understanding:
        """Learn from messages with their labels, alone and after others."""
        settings = settings or Settings()
        tokens = [
            words(normalise(text)) for text in (*(text for text, _ in samples), *(f.text for f in follow_ups))
        ]
        frequencies = known_words(tokens, Concepts(lexicon).vocabulary())
        exact = {key: label for text, label in samples if (key := exact_key(text))}
        wanted = frozenset(errands)
        said_after = exact.keys() & {exact_key(follow_up.text) for follow_up in follow_ups}
        ambiguous = [key for key in said_after if exact[key] in wanted]
        understanding = cls(settings, wanted, exact, lexicon, frequencies, ambiguous=ambiguous)
        following = [*follow_ups, *said_after_anything(samples, follow_ups)]
        understanding._model = model.train(
            [
                *(understanding._views(text) for text, _ in samples),
                *(understanding._views(follow_up.text, follow_up.after) for follow_up in following),
            ],
            [*(label for _, label in samples), *(follow_up.label for follow_up in following)],
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
            "ambiguous": sorted(self._ambiguous),
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

    def probabilities(self, text: str, after: str | None = None) -> dict[str, float]:
        """How likely each label is by the model alone, likeliest first."""
        shares = self._model.probabilities(self._views(text, after))
        return {self._model.labels[index]: float(shares[index]) for index in np.argsort(-shares)}

    def rank(self, text: str, after: str | None = None) -> list[Ranked]:
        """The likeliest labels of the whole message, best first; `nlu_fallback` leads when none is sure.

        Args:
            after: the label of the errand before it, if it may lean on that.
        """
        key = exact_key(text)
        known = self._exact.get(key)
        if known and not (after and (known in LOOSE or key in self._ambiguous)):
            return [Ranked(known, 1.0)]
        likely = list(self.probabilities(text, after).items())[: self._settings.ranking_length]
        ranking = [Ranked(label, share) for label, share in likely]
        return (
            ranking if self._sure(*ranking[:2]) else [Ranked(FALLBACK, 1 - ranking[0].confidence), *ranking]
        )

    def _sure(self, best: Ranked, second: Ranked) -> bool:
        opposite = {best.name, second.name} == OPPOSITES
        margin = self._settings.opposite_margin if opposite else self._settings.margin
        return best.confidence >= self._settings.threshold and best.confidence - second.confidence >= margin

    def __call__(self, text: str, before: Before | None = None) -> Understood:
        """The message's label and what else it asks, in the light of what was talked about `before`.

        A long message that as a whole is unclear gets the label of its clearest part.
        """
        stands = before is None or (before.waits and not asks(text)) or self._context.is_foreign(text)
        after = before.label if before and not stands else None
        ranking = self.rank(text, after)
        if before and ranking[0].name == CORRECTION and (meant := self._meant(text, before)):
            return meant
        if ranking[0].name in {FALLBACK, *THANKS} and (asked := self._after_thanks(text)):
            return self(asked, before)
        if before and self._may_lean(ranking[0]) and (leaning := self._leaning(text, before, ranking[0])):
            return leaning
        parts = self._parts(text)
        if parts == [text] or ranking[0].confidence == 1.0:
            return Understood(ranking, [])
        clear = self._errands_of(parts)
        if clear and ranking[0].name in {FALLBACK, *COURTESY}:
            best = max(clear, key=lambda ranked: ranked.confidence)
            ranking = [best, *(ranked for ranked in ranking if ranked.name not in {FALLBACK, best.name})]
        if len(parts) == 1:
            return Understood(ranking, [])
        topics = dict.fromkeys(
            ranked.name for ranked in clear if ranked.name not in {ranking[0].name, PERSON}
        )
        return Understood(ranking, list(topics))

    def _after_thanks(self, text: str) -> str | None:
        """The question that follows words known as thanks; None when there is none."""
        said = list(_WORD.finditer(text))
        for count in range(min(LONGEST_THANKS, len(said) - SHORTEST), 0, -1):
            rest = text[said[count].start() :]
            thanks = self._exact.get(exact_key(text[: said[count - 1].end()])) in THANKS
            if thanks and asks(rest) and self.is_errand(self.rank(rest)[0].name):
                return rest
        return None

    def _parts(self, text: str) -> list[str]:
        smallest = fragments(text)
        if len(smallest) == 1:
            return smallest
        return segments(smallest, self._clarity)

    def _clarity(self, text: str) -> float:
        """How likely the likeliest label of `text` is, 0..1."""
        if exact_key(text) in self._exact:
            return 1.0
        return float(self._model.probabilities(self._views(text)).max())

    def _errands_of(self, parts: Sequence[str]) -> list[Ranked]:
        """What the clear ones of `parts` are about; each may lean on the errand before it."""
        found: list[Ranked] = []
        before: Before | None = None
        asked = False
        few = len(parts) <= A_PAIR
        least = self._settings.segment_threshold if few else self._settings.story_threshold
        for part in parts:
            best = self.rank(part)[0]
            if before and self._may_lean(best) and (leaning := self._leaning(part, before, best)):
                best = leaning.ranking[0]
            asked = asks(part) or (asked and continues(part))
            if self.is_errand(best.name):
                before = Before(part, label=best.name)
            elif best.name != PERSON:
                continue
            # A fact that is told, not asked for, is the background of something else.
            told = best.name.startswith("faq/") and not asked
            if best.confidence >= least and not told:
                found.append(best)
        return found

    def _meant(self, text: str, before: Before) -> Understood | None:
        """What "nej, jag menade …" puts in the place of what was understood; None when that is no errand."""
        instead = _MEANT.sub("", text)
        if instead == text or before.waits:
            return None
        meant = self(instead, before)
        return meant if self.is_errand(meant.ranking[0].name) else None

    def _may_lean(self, best: Ranked) -> bool:
        return best.name in self._errands or best.name in MAY_LEAN

    def _leaning(self, text: str, before: Before, alone: Ranked) -> Understood | None:
        """How `text` is understood together with what was said before; None when it stands by itself.

        Its own words count, too: a label that they speak against is not taken.
        """
        clear = self.is_errand(alone.name) and alone.confidence >= self._settings.segment_threshold
        readings = self._context.readings(text, before, clear=clear)
        if not readings:
            return None
        own = self._model.probabilities(self._views(text, before.label or None))
        full = sum(self._model.probabilities(self._views(reading)) for reading in readings) / len(readings)
        both = (own + LEAST) * np.sqrt(full)
        both /= both.sum()
        ranking = [
            Ranked(self._model.labels[index], float(both[index]))
            for index in np.argsort(-both)[: self._settings.ranking_length]
        ]
        best = ranking[0]
        believable = own[self._model.labels.index(best.name)] >= BELIEVABLE or len(text.split()) <= ELLIPSIS
        if (
            best.name not in self._errands
            or best.confidence < self._settings.context_threshold
            or not believable
        ):
            return None
        return Understood(ranking, [], readings[-1])

    def is_errand(self, label: str) -> bool:
        """Whether `label` is something a visitor wants, not only an act of talking."""
        return label in self._errands


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The settings among the keys of `config`."""
    return Settings(**{key: config[key] for key in asdict(Settings()) if key in config})
