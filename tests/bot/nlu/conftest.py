"""A small classifier, trained once, and what it takes to train and load one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import spacy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.lookups import Lookups

from bot.nlu.classifier import SwedishIntentClassifier

ROOT = Path(__file__).resolve().parents[3]
TINY = {
    "unlock_card": [
        "kortet är låst",
        "hur låser jag upp mitt kort",
        "mitt kort har låst sig",
        "lås upp kortet",
    ],
    "order_puk": ["jag vill beställa en puk", "beställ ny pukkod", "skicka en puk till mig", "beställa puk"],
    "faq/price": ["vad kostar ett kort", "vad är priset", "hur mycket kostar det", "prislista tack"],
    "affirm": ["ja", "japp", "ja det stämmer", "absolut"],
    "deny": ["nej", "nix", "nej det stämmer inte", "absolut inte"],
}
RESOURCE = Resource("classifier")


def messages() -> list[Message]:
    """The training messages as Rasa hands them to a component."""
    made = []
    for label, texts in TINY.items():
        intent, _, topic = label.partition("/")
        data = {INTENT: intent, **({INTENT_RESPONSE_KEY: label} if topic else {})}
        made += [Message({TEXT: text, **data}) for text in texts]
    return made


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The component's settings with a short list of titles."""
    titles = tmp_path_factory.mktemp("titles") / "titles.yml"
    titles.write_text("unlock_card: Låsa upp kortet\norder_puk: Beställa en PUK-kod\nfaq/price: Priser\n")
    follow_ups = tmp_path_factory.mktemp("follow_ups") / "follow_ups.yml"
    follow_ups.write_text('- {after: order_puk, text: "och vad kostar den", label: faq/price}\n')
    concepts = str(ROOT / "data/catalogue/concepts.yml")
    return {
        **SwedishIntentClassifier.get_default_config(),
        "titles": str(titles),
        "concepts": concepts,
        "follow_ups": str(follow_ups),
        "threshold": 0.35,
    }


@pytest.fixture(scope="session")
def train(
    tmp_path_factory: pytest.TempPathFactory, config: dict[str, object]
) -> Callable[[], Callable[[], SwedishIntentClassifier]]:
    """Trains when called; what it returns loads the trained component, anew each time."""

    def train() -> Callable[[], SwedishIntentClassifier]:
        storage = LocalModelStorage.create(tmp_path_factory.mktemp("storage"))
        context = ExecutionContext(GraphSchema({}))
        SwedishIntentClassifier.create(config, storage, RESOURCE, context).train(TrainingData(messages()))
        return lambda: SwedishIntentClassifier.load(config, storage, RESOURCE, context)

    return train


@pytest.fixture(scope="session")
def trained(
    train: Callable[[], Callable[[], SwedishIntentClassifier]],
) -> Callable[[], SwedishIntentClassifier]:
    """Loads a trained component."""
    return train()


@pytest.fixture(scope="session")
def classifier(trained: Callable[[], SwedishIntentClassifier]) -> SwedishIntentClassifier:
    """A trained component, loaded."""
    return trained()


@pytest.fixture
def other_pipeline(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Installs, when called, a tiny pipeline that stands where `sv_core_news_sm` would."""

    def install() -> None:
        site = tmp_path_factory.mktemp("site")
        package = site / "sv_core_news_sm"
        package.mkdir()
        pipeline = spacy.blank("sv")
        pipeline.meta |= {"name": "core_news_sm", "version": "3.4.0"}
        lookups = Lookups()
        lookups.add_table("lemma_lookup", {"korten": "kort", "låste": "låsa"})
        pipeline.add_pipe("lemmatizer", config={"mode": "lookup"}).initialize(nlp=pipeline, lookups=lookups)
        pipeline.to_disk(package / "sv_core_news_sm-3.4.0")
        (package / "meta.json").write_text(json.dumps(pipeline.meta), encoding="utf-8")
        (package / "__init__.py").write_text(
            "from spacy.util import load_model_from_init_py\n"
            "def load(**overrides): return load_model_from_init_py(__file__, **overrides)\n"
        )
        information = site / "sv_core_news_sm-3.4.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: sv_core_news_sm\nVersion: 3.4.0\n"
        )
        monkeypatch.syspath_prepend(str(site))

    yield install
    sys.modules.pop("sv_core_news_sm", None)
