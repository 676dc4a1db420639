"""Swedish intent classifier: exact answers first, then a linear model, then the courage to be unsure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import model
from bot.nlu.concepts import Concepts
from bot.nlu.features import VIEW_WEIGHTS, FeatureExtractor
from bot.nlu.pipeline import SwedishLemmas, describe_pipeline
from bot.nlu.text import exact_key

logger = logging.getLogger(__name__)

FALLBACK = "nlu_fallback"
RANKING = "intent_ranking"
RESPONSE_SELECTOR = "response_selector"


class OtherPipelineError(RuntimeError):
    """The model was trained with another Swedish pipeline than the one installed here."""


@dataclass(frozen=True)
class Ranked:
    """A label with its confidence, 0..1."""

    name: str
    confidence: float


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SwedishIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking` and, for `faq/<topic>`, what the response selector would have set.

    A whole message that is known (a training message, a button title) is taken as what it is. When
    nothing is likely enough, the intent becomes `nlu_fallback` and the ranking still says what came close.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Settings in `config.yml`.

        `strength`: inverse of regularisation; `temperature`: sharpness of the confidences;
        `threshold`: below this confidence the intent is `nlu_fallback`; `margin`: also when the second is
        this near; `ranking_length`: how many labels the ranking holds; `concepts`, `titles`: files.
        """
        return {
            "strength": 0.5,
            "temperature": 5.0,
            "threshold": 0.4,
            "margin": 0.08,
            "ranking_length": 5,
            "concepts": "data/catalogue/concepts.yml",
            "titles": "data/catalogue/titles.yml",
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._exact: dict[str, str] = {}
        self._lexicon: dict[str, list[str]] = {}
        self._model: model.LinearIntentModel | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SwedishIntentClassifier:
        """See the base class."""
        return cls(config, model_storage, resource)

    def _prepare(self) -> None:
        self._views = FeatureExtractor(SwedishLemmas().lemma, Concepts(self._lexicon))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the training messages and from the titles of buttons."""
        grouped = yaml.safe_load(Path(self._config["concepts"]).read_text(encoding="utf-8"))
        self._lexicon = {concept: entries for group in grouped.values() for concept, entries in group.items()}
        self._prepare()
        samples = [
            (example.get(TEXT), _full_label(example))
            for example in training_data.intent_examples
            if example.get(TEXT)
        ]
        titles = yaml.safe_load(Path(self._config["titles"]).read_text(encoding="utf-8"))
        samples += [(title, label) for label, title in titles.items()]
        self._exact = {exact_key(text): label for text, label in samples if exact_key(text)}
        self._model = model.train(
            [self._views(text) for text, _ in samples],
            [label for _, label in samples],
            VIEW_WEIGHTS,
            self._config["strength"],
            self._config["temperature"],
        )
        self._persist()
        return self._resource

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            assert self._model is not None  # noqa: S101 - set by train
            self._model.save(folder)
            meta = {"exact": self._exact, "lexicon": self._lexicon, "pipeline": describe_pipeline()}
            (folder / "meta.yml").write_text(yaml.safe_dump(meta, allow_unicode=True), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SwedishIntentClassifier:
        """Read a trained classifier.

        Raises:
            OtherPipelineError: it was trained with another spaCy pipeline.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            meta = yaml.load((folder / "meta.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506
            if meta["pipeline"] != describe_pipeline():
                raise OtherPipelineError(
                    f"the model was trained with {meta['pipeline']}, here is {describe_pipeline()}: run `make train`"
                )
            component._exact, component._lexicon = meta["exact"], meta["lexicon"]
            component._model = model.LinearIntentModel.load(folder)
        component._prepare()
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify every message that has a text and no intent yet."""
        for message in messages:
            if message.get(TEXT) and not message.get(INTENT):
                self._set(message, self.rank(message.get(TEXT)))
        return messages

    def rank(self, text: str) -> list[Ranked]:
        """The likeliest labels, best first; `nlu_fallback` leads when none is likely enough."""
        if known := self._exact.get(exact_key(text)):
            return [Ranked(known, 1.0)]
        assert self._model is not None  # noqa: S101 - trained or loaded
        probabilities = self._model.probabilities(self._views(text))
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        ranking = [Ranked(self._model.labels[index], float(probabilities[index])) for index in best]
        unsure = ranking[0].confidence < self._config["threshold"]
        near = ranking[0].confidence - ranking[1].confidence < self._config["margin"]
        if unsure or near:
            return [Ranked(FALLBACK, 1 - ranking[0].confidence), *ranking]
        return ranking

    @staticmethod
    def _set(message: Message, ranking: list[Ranked]) -> None:
        best = ranking[0]
        intent, _, topic = best.name.partition("/")
        message.set(INTENT, {"name": intent, "confidence": best.confidence}, add_to_output=True)
        message.set(RANKING, [vars(entry) for entry in ranking], add_to_output=True)
        if topic:
            answer = {
                "response": {
                    "responses": [],
                    "confidence": best.confidence,
                    "intent_response_key": best.name,
                    "utter_action": f"utter_{best.name}",
                },
                "ranking": [],
            }
            message.set(RESPONSE_SELECTOR, {intent: answer}, add_to_output=True)


def _full_label(example: Message) -> str:
    key = example.get(INTENT_RESPONSE_KEY)
    return str(key or example.get(INTENT))
