"""Keeps what this bot never uses out of the process.

`import rasa` pulls in TensorFlow (two training-only classes inherit from it), fourteen chat services'
clients, and the clients of DynamoDB and MongoDB: 6 s and 400 MB that this bot never touches.
Before Rasa is imported, the modules that pull them in are replaced by ones with the same names whose
classes refuse to be made. A model that has a TensorFlow component gets the real ones (`needs_tensorflow`).

Private to Rasa 3.6.21; `tests/bot/engine/test_lean.py` fails when Rasa's modules ask for other names.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tarfile
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


class LeftOutError(RuntimeError):
    """Something asked for a part of Rasa that the serving process leaves out."""


def leave_out(tensorflow: bool) -> None:
    """Call before anything of Rasa is imported; with `tensorflow` that is left out too."""
    if any(name == "rasa" or name.startswith("rasa.") for name in sys.modules):
        raise LeftOutError("Rasa is already imported")
    unused = {**_DATABASES, **_TENSORFLOW, **_TENSORFLOW_COMPONENTS} if tensorflow else _DATABASES
    for name, classes in unused.items():
        sys.modules[name] = _empty_module(name, classes)
    if tensorflow:
        # spaCy's thinc uses TensorFlow when it can be imported; this makes an import say that it cannot.
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    _only_base_channels()


def needs_tensorflow(model: Path) -> bool:
    """Whether the model has a component that runs TensorFlow.

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
    return not used.isdisjoint(_TENSORFLOW_COMPONENTS)


def training_needs_tensorflow(config: Path) -> bool:
    """Whether `config` names a component that runs TensorFlow, or leaves the choice to Rasa."""
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
