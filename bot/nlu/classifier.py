"""The Rasa component that understands a message."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.concepts import read_lexicon
from bot.nlu.context import Before
from bot.nlu.follow_ups import read_follow_ups
from bot.nlu.pipeline import describe_pipeline
from bot.nlu.understanding import Settings, Understanding, Understood, settings_of

RANKING = "intent_ranking"
RESPONSE_SELECTOR = "response_selector"
TOPICS = "topics"
READING = "reading"
# So many messages back an errand may be that a message still points to.
REMEMBERED_TURNS = 4
# The intent of a message that asks several things, when the first of them has a fixed answer.
SEVERAL = "several_questions"
# Labels that are answered at once, so that what else was asked can follow.
ANSWERED = ("faq/", "find_activation_office")
PIPELINE_FILE = "pipeline.txt"
# Buttons that are not errands of their own.
TALK = frozenset({"deny", "ask_capabilities", "request_human"})


class OtherPipelineError(RuntimeError):
    """The model was trained with another Swedish pipeline than the one installed here."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SwedishIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking`, `topics`, `reading`, and for `faq/<topic>` what a selector sets.

    A whole message that is known (a training message, a button title) is taken as what it is. When
    nothing is likely enough, the intent becomes `nlu_fallback` and the ranking still says what came close.
    `topics` are the labels of further questions in the same message. When the first has a fixed answer, the
    intent becomes `several_questions` and `topics` holds all of them. A message that leans on what was said
    before is understood with that, and `reading` is what it says in full.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Settings in `config.yml`: those of `Settings`, and the files `concepts`, `titles`, `follow_ups`."""
        return {
            **asdict(Settings()),
            "concepts": "data/catalogue/concepts.yml",
            "titles": "data/catalogue/titles.yml",
            "follow_ups": "data/catalogue/follow_ups.yml",
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._understanding: Understanding

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Changes when training would give another classifier though `config` and messages are the same.

        Rasa knows nothing of the files behind `config`, nor of the code that this class calls.
        """
        files = {**cls.get_default_config(), **config}
        read = [Path(files[name]) for name in ("concepts", "titles", "follow_ups")]
        sources = [*Path(__file__).parent.glob("*.py"), *read]
        digest = hashlib.sha256(describe_pipeline().encode())
        for source in sorted(sources, key=lambda path: path.name):
            digest.update(source.read_bytes())
        return digest.hexdigest()

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

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the training messages and from the titles of buttons."""
        titles = yaml.safe_load(Path(self._config["titles"]).read_text(encoding="utf-8"))
        samples = [
            (example.get(TEXT), _full_label(example))
            for example in training_data.intent_examples
            if example.get(TEXT)
        ]
        self._understanding = Understanding.train(
            [*samples, *((title, label) for label, title in titles.items())],
            set(titles) - TALK,
            read_lexicon(Path(self._config["concepts"])),
            settings_of(self._config),
            follow_ups=read_follow_ups(Path(self._config["follow_ups"])),
        )
        with self._storage.write_to(self._resource) as folder:
            self._understanding.save(folder)
            (folder / PIPELINE_FILE).write_text(describe_pipeline(), encoding="utf-8")
        return self._resource

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
            trained_with = (folder / PIPELINE_FILE).read_text(encoding="utf-8")
            if trained_with != describe_pipeline():
                raise OtherPipelineError(
                    f"the model was trained with {trained_with}, "
                    f"here is {describe_pipeline()}: run `make train`"
                )
            component._understanding = Understanding.load(folder, settings_of(config))
        return component

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Classify every message that has a text and no intent yet, given the conversation so far."""
        before = self._before(tracker) if tracker else None
        for message in messages:
            if message.get(TEXT) and not message.get(INTENT):
                _set(message, self._understanding(message.get(TEXT), before))
        return messages

    def _before(self, tracker: DialogueStateTracker) -> Before | None:
        """The visitor's last errand with what the bot said last; None when there was none lately."""
        said, turns = "", 0
        for event in reversed(tracker.events):
            if isinstance(event, BotUttered):
                said = said or event.text or ""
            elif isinstance(event, UserUttered):
                turns += 1
                label = _label(event)
                if self._understanding.is_errand(label):
                    reading = event.parse_data.get(READING) or event.text or ""
                    return Before(reading, said, waits=tracker.active_loop is not None, label=label)
                if turns == REMEMBERED_TURNS:
                    break
        return None


def _label(event: UserUttered) -> str:
    topics: list[str] = event.parse_data.get(TOPICS) or []  # type: ignore[assignment]
    if event.intent_name == SEVERAL and topics:
        return topics[-1]
    ranking: list[dict[str, Any]] = event.parse_data.get(RANKING) or []  # type: ignore[assignment]
    return str(ranking[0]["name"]) if ranking else ""


def _set(message: Message, understood: Understood) -> None:
    best = understood.ranking[0]
    if understood.topics and best.name.startswith(ANSWERED):
        message.set(INTENT, {"name": SEVERAL, "confidence": best.confidence}, add_to_output=True)
        message.set(RANKING, [asdict(entry) for entry in understood.ranking], add_to_output=True)
        message.set(TOPICS, [best.name, *understood.topics], add_to_output=True)
        return
    intent, _, topic = best.name.partition("/")
    message.set(INTENT, {"name": intent, "confidence": best.confidence}, add_to_output=True)
    message.set(RANKING, [asdict(entry) for entry in understood.ranking], add_to_output=True)
    message.set(TOPICS, understood.topics, add_to_output=True)
    if understood.reading:
        message.set(READING, understood.reading, add_to_output=True)
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
