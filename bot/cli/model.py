"""The trained model of exactly the data, configuration and code in this tree."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bot.cli.errors import CommandError
from bot.cli.paths import ENGINE_PYTHON, LOGS, MODELS, ROOT

INPUTS: Final = (
    "config.yml",
    "domain.yml",
    "domain",
    "data",
    "bot/nlu",
    "bot/engine",
    "requirements/engine.txt",
)
# Read when the parts start, not when the model is trained.
NOT_INPUTS: Final = tuple(
    f"data/catalogue/{name}.yml" for name in ("addresses", "activation_offices", "towns", "unresolved")
)
KEPT: Final = 3
PROGRESS_SECONDS: Final = 5
# TensorFlow and Rasa write pages about themselves otherwise; telemetry is never wanted.
QUIET: Final = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
}


def _files(root: Path) -> Iterator[Path]:
    for name in INPUTS:
        path = root / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            relative = file.relative_to(root)
            skipped = "__pycache__" in relative.parts or relative.as_posix().startswith(NOT_INPUTS)
            if file.is_file() and not skipped:
                yield relative


def _spacy_model(root: Path) -> str:
    """The installed `sv_core_news_sm`, whose lemmas the model is trained on; empty where lookups stand in."""
    found = sorted(root.glob(".venv-engine/lib/python3*/site-packages/sv_core_news_sm-*.dist-info"))
    return found[-1].name if found else ""


def fingerprint(root: Path = ROOT) -> str:
    """16 hex digits that change when, and only when, training could give another model."""
    digest = hashlib.sha256(_spacy_model(root).encode())
    for relative in _files(root):
        content = hashlib.sha256((root / relative).read_bytes()).hexdigest()
        digest.update(f"{relative.as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:16]


def model_path(root: Path = ROOT) -> Path:
    """Where the model of the tree as it is now is, or would be."""
    return MODELS / f"{fingerprint(root)}.tar.gz"


def models() -> list[Path]:
    """The trained models, newest first."""
    found = [path for path in MODELS.glob("*.tar.gz") if not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure_model(say: Callable[[str], None]) -> Path:
    """The model of the tree as it is now, trained first if there is none (about half a minute).

    Raises CommandError when training fails. An interrupted training leaves no model.
    """
    path = model_path()
    if path.exists():
        return path
    with _only_one():
        path = model_path()
        if path.exists():
            return path
        say("Training the model: its data, configuration or code changed …")
        began = time.monotonic()
        for unfinished in MODELS.glob(".*.tar.gz"):
            unfinished.unlink()
        _train(path, say)
        for old in models()[KEPT:]:
            old.unlink()
        say(f"Trained {path.relative_to(ROOT)} in {time.monotonic() - began:.0f} s.")
    return path


def _train(target: Path, say: Callable[[str], None]) -> None:
    command = [str(ENGINE_PYTHON), "-m", "bot.engine", "train", "--out", str(target)]
    environment = {**os.environ, **QUIET, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    log = LOGS / "training.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            for seconds in itertools.count(PROGRESS_SECONDS, PROGRESS_SECONDS):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(PROGRESS_SECONDS)
                    break
                say(f"  … {seconds} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode or not target.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"exit code {process.returncode}"
        raise CommandError(f"the model could not be trained: {why} (log: {log})")
