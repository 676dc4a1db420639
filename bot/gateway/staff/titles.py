"""What labels, errands and guide steps are called in Swedish: from the dialogue's own files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

_ROOT: Final = Path(__file__).parents[3]
_QUESTION: Final = re.compile(r"[^.!?\n]*\?")


def title(label: str | None) -> str | None:
    """What a label of docs/nlu.md, or a form or guide for it, is called; None when it has no name."""
    return _titles().get((label or "").removesuffix("_form"))


def tried(step: str) -> str:
    """`guide/step: answer` as a person reads it: the question that was asked, and the answer."""
    key, colon, answer = step.partition(": ")
    guide, _, name = key.partition("/")
    asked = _responses().get(f"utter_guide_{guide}_{name}") or _responses().get(f"utter_guide_{name}") or ""
    questions: list[str] = _QUESTION.findall(asked)
    question = questions[-1].strip() if questions else title(guide)
    return f"{question} {answer}" if colon and question else step


@cache
def _titles() -> dict[str, str]:
    return {str(label): str(name) for label, name in _read("data/catalogue/titles.yml").items()}


@cache
def _responses() -> dict[str, str]:
    responses = _read("domain/guides.yml").get("responses", {})
    return {name: str(variants[0]["text"]) for name, variants in responses.items()}


def _read(path: str) -> dict[str, Any]:
    """Nothing where there is no dialogue."""
    file = _ROOT / path
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
