"""What the server leaves out is really unused, and Rasa asks for no other names."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TINY = Path(__file__).parent / "tiny"


def in_new_process(code: str, *arguments: str) -> dict[str, object]:
    """What `code` prints as JSON, run in a process that has imported nothing."""
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


LOAD = """
import asyncio, json, sys
from pathlib import Path
from bot.engine.lean import leave_out, needs_of_model
model = Path(sys.argv[1])
leave_out(needs_of_model(model))
from bot.engine.engine import load_engine
from bot.engine.responses import SupportResponses, load_addresses
from bot.engine.settings import Settings
async def load():
    addresses = load_addresses(Path(sys.argv[2]))
    settings = Settings(f"sqlite:///{sys.argv[3]}/t.db", "http://127.0.0.1:9", None)
    engine = load_engine(model, settings, SupportResponses(addresses=addresses))
    await engine.close()
asyncio.run(load())
heavy = sys.argv[4].split(",")
real = [name for name in heavy if getattr(sys.modules.get(name), "__file__", None)]
print(json.dumps({"loaded": real}))
"""
HEAVY = "tensorflow,keras,jax,aiogram,twilio,botocore,matplotlib,dask,apscheduler,requests,jwt,spacy"


@pytest.fixture(scope="module")
def support_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bot's messages, understood by the project's own components."""
    folder = tmp_path_factory.mktemp("support")
    (folder / "config.yml").write_text((ROOT / "config.yml").read_text())
    command = [sys.executable, "-m", "bot.engine", "train", "--out", folder / "support.tar.gz"]
    command += ["--config", folder / "config.yml", "--domain", TINY / "domain.yml"]
    command += ["--data", TINY / "data.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "support.tar.gz"


@pytest.mark.parametrize(
    ("model", "addresses", "unneeded"),
    [
        # scikit-learn is what understands in the tiny bot.
        ("tiny_model", TINY / "addresses.yml", HEAVY),
        ("support_model", ROOT / "data/catalogue/addresses.yml", f"{HEAVY},scipy,sklearn,joblib"),
    ],
)
def test_the_server_loads_a_model_without_the_heavy_parts(
    model: str, addresses: Path, unneeded: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(model)
    assert in_new_process(LOAD, str(path), str(addresses), str(tmp_path), unneeded) == {"loaded": []}


def test_an_installed_spacy_model_works_beside_what_is_left_out(tmp_path: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path\n"
        "from bot.engine.lean import Needs, leave_out\n"
        "leave_out(Needs(tensorflow=False, learning=False, training=False))\n"
        "import spacy; from bot.nlu.pipeline import PipelineLemmas\n"
        "spacy.blank('sv').to_disk(sys.argv[1]); spacy.load(sys.argv[1])\n"
        "print(json.dumps({'lemma': PipelineLemmas().lemma('korten')}))"
    )
    assert in_new_process(code, str(tmp_path / "pipeline")) == {"lemma": "kort"}


def imported_names(module: str) -> dict[str, set[str]]:
    """Module → names that the source of `module` imports from it when it is imported itself."""
    import importlib.util

    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    found: dict[str, set[str]] = {}
    for node in ast.parse(Path(spec.origin).read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found.setdefault(node.module, set()).update(alias.name for alias in node.names)
    return found


def test_rasa_asks_for_no_more_than_the_empty_modules_have() -> None:
    from bot.engine import lean

    training_only = imported_names("rasa.utils.train_utils")
    for module, classes in lean._TENSORFLOW.items():
        assert training_only[module] <= set(classes)
    stores = imported_names("rasa.core.tracker_store")
    for module, classes in lean._DATABASES.items():
        assert stores.get(module, set()) <= set(classes)


def test_the_base_channels_are_those_that_rasa_exports() -> None:
    exported = imported_names("rasa.core.channels")["rasa.core.channels.channel"]
    assert exported == {"InputChannel", "OutputChannel", "UserMessage", "CollectingOutputChannel"}


def test_what_is_left_out_says_so_when_it_is_used() -> None:
    code = (
        "import json; from bot.engine.lean import LeftOutError, Needs, leave_out\n"
        "leave_out(Needs(tensorflow=False, learning=False, training=False))\n"
        "from pymongo.collection import Collection\n"
        "try: Collection()\n"
        "except LeftOutError as error: print(json.dumps({'said': str(error)}))"
    )
    assert in_new_process(code) == {"said": "pymongo.collection.Collection is left out of the server"}


def test_it_must_come_before_rasa() -> None:
    code = (
        "import json, rasa; from bot.engine.lean import LeftOutError, Needs, leave_out\n"
        "try: leave_out(Needs(tensorflow=False, learning=False, training=False))\n"
        "except LeftOutError as error: print(json.dumps({'said': str(error)}))"
    )
    assert in_new_process(code) == {"said": "Rasa is already imported"}


@pytest.mark.parametrize(
    ("uses", "tensorflow", "learning"),
    [
        ("rasa.nlu.classifiers.diet_classifier.DIETClassifier", True, True),
        ("rasa.core.policies.ted_policy.TEDPolicy", True, True),
        ("rasa.nlu.classifiers.logistic_regression_classifier.LogisticRegressionClassifier", False, True),
        ("somewhere.else.Component", False, True),
        ("bot.nlu.classifier.SwedishIntentClassifier", False, False),
        ("rasa.core.policies.rule_policy.RulePolicy", False, False),
    ],
)
def test_a_model_gets_what_its_components_need(
    tmp_path: Path, uses: str, tensorflow: bool, learning: bool
) -> None:
    import tarfile

    from bot.engine.lean import Needs, needs_of_model

    metadata = tmp_path / "metadata.json"
    metadata.write_text(json.dumps({"predict_schema": {"nodes": {"one": {"uses": uses}}}}))
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(metadata, "metadata.json")
    assert needs_of_model(archive) == Needs(tensorflow, learning, training=False)


@pytest.mark.parametrize(
    ("config", "needed"),
    [
        ("pipeline: [{name: WhitespaceTokenizer}]\npolicies: [{name: RulePolicy}]", False),
        ("pipeline: [{name: DIETClassifier}]\npolicies: [{name: RulePolicy}]", True),
        ("pipeline: [{name: x.Mine}]\npolicies: [{name: rasa.core.policies.ted_policy.TEDPolicy}]", True),
        ("pipeline:\npolicies:", True),
    ],
)
def test_training_gets_tensorflow_when_it_needs_it(tmp_path: Path, config: str, needed: bool) -> None:
    from bot.engine.lean import needs_of_training

    path = tmp_path / "config.yml"
    path.write_text(config)
    assert needs_of_training(path).tensorflow is needed


def test_every_tensorflow_component_of_rasa_is_known() -> None:
    import importlib.util

    from bot.engine import lean

    spec = importlib.util.find_spec("rasa")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    components = [
        ".".join(("rasa", *path.relative_to(folder).with_suffix("").parts))
        for part in ("nlu", "core")
        for path in (folder / part).rglob("*.py")
        if "DefaultV1Recipe.register" in path.read_text() and "tensorflow as tf" in path.read_text()
    ]
    assert set(components) == set(lean._TENSORFLOW_COMPONENTS)


def test_the_domain_of_a_model_is_read_as_rasa_reads_it(tmp_path: Path) -> None:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.graph_components.providers.domain_provider import DomainProvider

    from bot.engine.archive import TrainedDomainProvider
    from bot.engine.importer import SplitDomainImporter

    storage, resource = LocalModelStorage.create(tmp_path), Resource("domain")
    context = ExecutionContext(GraphSchema({}))
    importer = SplitDomainImporter(None, str(ROOT / "domain.yml"), [])
    DomainProvider.create({}, storage, resource, context).provide_train(importer)
    ours, rasas = (
        provider.load({}, storage, resource, context).provide_inference()
        for provider in (TrainedDomainProvider, DomainProvider)
    )
    assert ours.fingerprint() == rasas.fingerprint()
    assert len(ours.responses) > 50
