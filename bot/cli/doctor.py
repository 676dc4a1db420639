"""`python -m bot doctor`: what is installed, what is in use, and what is missing. Every probe completes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import yaml

from bot.cli import ports
from bot.cli.errors import CommandError
from bot.cli.model import model_path, models
from bot.cli.paths import ENGINE_PYTHON, ROOT
from bot.cli.settings import load_settings

APP_PACKAGES = ("fastapi", "sqlalchemy", "pydantic", "rasa-sdk")
ENGINE_PACKAGES = ("rasa", "tensorflow", "spacy")
PROBE_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """One line of the report. `wrong` findings make the command's exit code 1; `todo` ones do not."""

    label: str
    text: str
    level: str = "ok"


def _ask(command: list[str]) -> str:
    """A program's output; raises CommandError with the last line of what it complained about."""
    try:
        result = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(str(error)) from error
    if result.returncode:
        raise CommandError((result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1])
    return result.stdout


def app_versions() -> Iterator[Finding]:
    """Python and the libraries that matter in the environment this runs in."""
    found = []
    for package in APP_PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Finding("app", f"{package} is not installed; run `make run`", "wrong")
    yield Finding("app", ", ".join([f"Python {platform.python_version()}", *found]))


def engine_versions() -> Iterator[Finding]:
    """The same of the engine's environment."""
    code = (
        "import platform, sys, importlib.metadata as m;"
        "print('Python', platform.python_version(), *[f', {p} {m.version(p)}' for p in sys.argv[1:]])"
    )
    yield Finding(
        "engine", _ask([str(ENGINE_PYTHON), "-c", code, *ENGINE_PACKAGES]).strip().replace(" ,", ",")
    )


def swedish_pipeline() -> Iterator[Finding]:
    """Which Swedish spaCy pipeline the engine uses, and why not the other."""
    answer = json.loads(_ask([str(ENGINE_PYTHON), "-m", "bot.nlu.pipeline"]))
    yield Finding("spaCy", str(answer["pipeline"]))
    stamp = ENGINE_PYTHON.parents[1] / ".spacy-model.json"
    reason = json.loads(stamp.read_text()).get("reason") if stamp.exists() else None
    if reason:
        yield Finding(
            "spaCy", f"sv_core_news_sm could not be had ({reason}); `make spacy-model` tries again", "todo"
        )


def trained_model() -> Iterator[Finding]:
    """The age of the newest model, and whether it is of the tree as it is now."""
    found = models()
    if not found:
        yield Finding("model", "none yet; `make train` or `make run` makes one", "todo")
        return
    hours = (time.time() - found[0].stat().st_mtime) / 3600
    age = f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.1f} hours"
    current = model_path()
    if current.exists():
        yield Finding("model", f"{current.name}, trained {age} ago, of the data as it is now")
    else:
        yield Finding("model", f"{found[0].name}, {age} old; its data has changed: `make train`", "todo")


def port_use() -> Iterator[Finding]:
    """Whether the ports are free, or who has them. Raises CommandError for a bad setting."""
    settings = load_settings()
    yield Finding("mode", settings.mode)
    for name in ("gateway", "engine", "actions"):
        port: int = getattr(settings, f"{name}_port")
        yield Finding(f"port {port}", f"{name}: " + ("free" if ports.is_free(port) else ports.holder(port)))


def system_packages() -> Iterator[Finding]:
    """Packages of the operating system that the tests need."""
    absent = _ask([sys.executable, "scripts/system_packages.py", "--list"]).split()
    if absent:
        yield Finding("tests", f"need {', '.join(absent)}; `make test-deps` installs", "todo")
    else:
        yield Finding("tests", "every system package is installed")


def _catalogue(name: str) -> Any:
    return yaml.safe_load((ROOT / "data" / "catalogue" / name).read_text(encoding="utf-8"))


def open_questions() -> Iterator[Finding]:
    """What the owner of the support page has still to tell."""
    for item in _catalogue("unresolved.yml") or []:
        note = " ".join(str(item["note"]).split())
        yield Finding("source", f"{item['answer']!r} has no question. {note}", "todo")
    for name, entry in (_catalogue("addresses.yml") or {}).items():
        if not (entry.get("url") or entry.get("text")):
            yield Finding(
                "address", f"{entry['label']} ({name}) has no url; the support page stands in", "todo"
            )


PROBES: tuple[Callable[[], Iterator[Finding]], ...] = (
    app_versions,
    engine_versions,
    swedish_pipeline,
    trained_model,
    port_use,
    system_packages,
    open_questions,
)


def examine() -> Iterator[Finding]:
    """Every probe's findings; one that cannot be made says why instead."""
    for probe in PROBES:
        try:
            yield from probe()
        except (CommandError, OSError, ValueError, KeyError, yaml.YAMLError) as error:
            yield Finding(probe.__name__.replace("_", " "), " ".join(str(error).split()), "wrong")


def doctor() -> int:
    """Print the report; returns 1 when something is wrong."""
    wrong = False
    for finding in examine():
        mark = {"ok": " ", "todo": "-", "wrong": "!"}[finding.level]
        wrong = wrong or finding.level == "wrong"
        print(f"{mark} {finding.label:12} {finding.text}")
    return 1 if wrong else 0
