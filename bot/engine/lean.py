"""Keeps what this bot never uses out of the process.

`import rasa` pulls in TensorFlow (two training-only classes inherit from it), fourteen chat services'
clients, and the clients of DynamoDB and MongoDB: 6 s and 400 MB that this bot never touches. What only
training and testing need, scikit-learn, SciPy and matplotlib among it, is 2 s and 90 MB more.
Before Rasa is imported, the modules that pull them in are replaced by ones with the same names whose
classes refuse to be made. A model with a component that needs the real ones gets them (`Needs`).

Private to Rasa 3.6.21; `tests/bot/engine/test_lean.py` fails when Rasa's modules ask for other names.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.engine.errors import StartError

# Classes that only train or run TensorFlow models.
_TENSORFLOW = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator", "RasaDataGenerator"),
}
# Tracker stores in DynamoDB and MongoDB, which `rasa.core.tracker_store` declares beside the base class.
_DATABASES: dict[str, tuple[str, ...]] = {
    "boto3": (),
    "boto3.dynamodb": (),
    "boto3.dynamodb.conditions": ("Key",),
    "pymongo": (),
    "pymongo.collection": ("Collection",),
}
# What Rasa's data classes and test tools want of SciPy and scikit-learn.
_LEARNING = {
    "scipy": (),
    "scipy.sparse": ("spmatrix",),
    "sklearn.model_selection": ("train_test_split",),
}
# What only trains, tests, sends telemetry, reminds, or signs tokens.
_NOT_ANSWERING: dict[str, tuple[str, ...]] = {
    "dask": (),
    # Setuptools answers with its own copy of it, 0.2 s for a function that Sanic imports and does not call.
    "distutils.util": ("strtobool",),
    "jwt": (),
    "requests": (),
    "rasa.core.jobs": (),
    "rasa.core.test": (),
    "rasa.nlu.test": ("determine_token_labels",),
}
_CHANNELS = "rasa.core.channels"
# Components that run TensorFlow; without them in a configuration it is not needed to train either.
_TENSORFLOW_COMPONENTS = {
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
}
# Components that answer without SciPy and scikit-learn.
_WITHOUT_LEARNING = (
    "bot.",
    "rasa.graph_components.",
    "rasa.core.policies.ensemble",
    "rasa.core.policies.memoization",
    "rasa.core.policies.rule_policy",
    "rasa.nlu.classifiers.fallback_classifier",
    "rasa.nlu.classifiers.regex_message_handler",
)


class LeftOutError(RuntimeError):
    """Something asked for a part of Rasa that the serving process leaves out."""


@dataclass(frozen=True)
class Needs:
    """Which of the heavy parts a process needs: TensorFlow, SciPy and scikit-learn, what is not answering."""

    tensorflow: bool
    learning: bool
    training: bool


def needs_of_model(model: Path) -> Needs:
    """What answering with `model` needs.

    Raises:
        StartError: the file is not a model archive.
    """
    try:
        with tarfile.open(model) as archive:
            member = next(part for part in archive if Path(part.name).name == "metadata.json")
            content = archive.extractfile(member)
            metadata: Any = json.load(content) if content else {}
        used = {node["uses"].rpartition(".")[0] for node in metadata["predict_schema"]["nodes"].values()}
    except (OSError, EOFError, tarfile.TarError, StopIteration, ValueError, LookupError) as error:
        raise StartError(f"{model} is not a Rasa model") from error
    tensorflow = not used.isdisjoint(_TENSORFLOW_COMPONENTS)
    learning = not all(name.startswith(_WITHOUT_LEARNING) for name in used)
    return Needs(tensorflow, learning, training=False)


def leave_out(needs: Needs) -> None:
    """Call before anything of Rasa is imported; leaves out all that is not among `needs`."""
    if any(name == "rasa" or name.startswith("rasa.") for name in sys.modules):
        raise LeftOutError("Rasa is already imported")
    unused = dict(_DATABASES)
    if not needs.tensorflow:
        unused |= {**_TENSORFLOW, **_TENSORFLOW_COMPONENTS}
        # spaCy's thinc uses TensorFlow when it can be imported; this makes an import say that it cannot.
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    if not needs.learning:
        unused |= _LEARNING
    if not needs.training:
        unused |= _NOT_ANSWERING
    for name, classes in unused.items():
        module = sys.modules[name] = _empty_module(name, classes)
        parent, _, child = name.rpartition(".")
        if parent in unused:
            setattr(sys.modules[parent], child, module)
    _only_base_channels()


def needs_of_training(config: Path) -> Needs:
    """What training with `config` needs; TensorFlow only if a component runs it or Rasa has the choice."""
    return Needs(_trains_tensorflow(config), learning=True, training=True)


def _trains_tensorflow(config: Path) -> bool:
    import yaml

    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
        components = [*content["pipeline"], *content["policies"]]
        names = {str(component["name"]).rpartition(".")[2] for component in components}
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return True
    return any(not names.isdisjoint(classes) for classes in _TENSORFLOW_COMPONENTS.values())


def _empty_module(name: str, classes: tuple[str, ...]) -> ModuleType:
    module = ModuleType(name, f"Left out of the server: {name}.")
    module.__path__ = []
    for each in classes:
        setattr(module, each, type(each, (), {"__init__": _refuse, "__module__": name}))
    return module


def _refuse(self: object, *_: Any, **__: Any) -> None:
    raise LeftOutError(f"{type(self).__module__}.{type(self).__name__} is left out of the server")


def _only_base_channels() -> None:
    """`rasa.core.channels` with its base classes but without importing every chat service's client."""
    rasa = importlib.util.find_spec("rasa")
    if rasa is None or not rasa.submodule_search_locations:
        raise LeftOutError("Rasa is not installed")
    package = ModuleType(_CHANNELS, "Rasa's channels, without those of chat services.")
    package.__path__ = [str(Path(rasa.submodule_search_locations[0], "core", "channels"))]
    package.__spec__ = importlib.util.spec_from_loader(_CHANNELS, None, is_package=True)
    package.BUILTIN_CHANNELS = {}  # type: ignore[attr-defined]
    sys.modules[_CHANNELS] = package
    from rasa.core.channels import channel

    for name in ("InputChannel", "OutputChannel", "UserMessage", "CollectingOutputChannel"):
        setattr(package, name, getattr(channel, name))
