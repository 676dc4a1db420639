"""When the model is trained again, and when not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.cli import model
from bot.cli.errors import CommandError

TRAINER = """#!{python}
import pathlib, sys
assert sys.argv[1:5] == ["-m", "bot.engine", "train", "--out"], sys.argv
out = pathlib.Path(sys.argv[5])
count = out.parent / "trainings"
count.write_text(str(int(count.read_text()) + 1 if count.exists() else 1))
if (out.parent / "broken").exists():
    sys.exit("engine: config.yml does not exist")
out.write_bytes(b"model")
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, whose engine environment holds a trainer that takes no time."""
    for name in (
        "config.yml",
        "domain/a.yml",
        "data/nlu/a.yml",
        "data/catalogue/addresses.yml",
        "bot/nlu/a.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    for name in ("bot/engine/a.py", "requirements/engine.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    trainer = tmp_path / "trainer"
    trainer.write_text(TRAINER.format(python=sys.executable))
    trainer.chmod(0o755)
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "MODELS", tmp_path / "models")
    monkeypatch.setattr(model, "LOGS", tmp_path / "log")
    monkeypatch.setattr(model, "ENGINE_PYTHON", trainer)
    monkeypatch.setattr(
        model, "model_path", lambda: tmp_path / "models" / f"{model.fingerprint(tmp_path)}.tar.gz"
    )
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain/a.yml",
        "data/nlu/a.yml",
        "data/catalogue/titles.yml",
        "bot/nlu/a.py",
        "bot/engine/a.py",
        "requirements/engine.txt",
    ],
)
def test_every_input_changes_the_fingerprint(tree: Path, name: str) -> None:
    before = model.fingerprint(tree)
    (tree / name).write_text("changed\n")
    assert model.fingerprint(tree) != before


def test_a_new_a_moved_and_a_removed_file_change_it(tree: Path) -> None:
    seen = {model.fingerprint(tree)}
    new = tree / "data" / "nlu" / "b.yml"
    new.write_text("b\n")
    seen.add(model.fingerprint(tree))
    moved = new.rename(new.with_name("c.yml"))
    seen.add(model.fingerprint(tree))
    moved.unlink()
    assert len(seen) == 3
    assert model.fingerprint(tree) in seen


def test_the_spacy_model_changes_it(tree: Path) -> None:
    before = model.fingerprint(tree)
    (tree / ".venv-engine/lib/python3.10/site-packages/sv_core_news_sm-3.4.0.dist-info").mkdir(parents=True)
    assert model.fingerprint(tree) != before


@pytest.mark.parametrize("name", ["data/catalogue/addresses.yml", "bot/nlu/__pycache__/a.pyc", "README.md"])
def test_what_training_does_not_read_does_not(tree: Path, name: str) -> None:
    before = model.fingerprint(tree)
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("changed\n")
    assert model.fingerprint(tree) == before


def test_trains_once_and_again_only_after_a_change(tree: Path) -> None:
    said: list[str] = []
    first = model.ensure_model(said.append)
    assert first.read_bytes() == b"model"
    assert model.ensure_model(said.append) == first
    assert (tree / "models" / "trainings").read_text() == "1"
    (tree / "config.yml").write_text("changed\n")
    assert model.ensure_model(said.append) != first
    assert (tree / "models" / "trainings").read_text() == "2"
    assert len([line for line in said if line.startswith("Training")]) == 2


def test_a_failed_training_is_said_and_tried_again(tree: Path) -> None:
    broken = tree / "models" / "broken"
    broken.parent.mkdir()
    broken.touch()
    with pytest.raises(CommandError, match=r"could not be trained: engine: config\.yml does not exist"):
        model.ensure_model(print)
    assert model.models() == []
    broken.unlink()
    assert model.ensure_model(print).exists()


def test_keeps_only_the_newest_models_and_no_unfinished_one(tree: Path) -> None:
    (tree / "models").mkdir()
    (tree / "models" / ".x.part.tar.gz").touch()
    for number in range(5):
        (tree / "config.yml").write_text(f"{number}\n")
        newest = model.ensure_model(print)
    found = model.models()
    assert len(found) == model.KEPT
    assert newest in found
    assert not list((tree / "models").glob(".*.tar.gz"))
