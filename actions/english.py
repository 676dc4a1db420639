"""Plain English answers, read as the Swedish ones in whose place they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

_CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "catalogue" / "english.yml"
# A longer message says more than an answer, and one that asks is none.
LONGEST = 8
_ASKS = re.compile(r"\b(?:what|which|how|when|where|why|who|should i|do i|can i|is it|is there)\b")


@dataclass(frozen=True)
class Answer:
    """What an English answer means: its label, and the Swedish words for it."""

    label: str
    swedish: str


@lru_cache(maxsize=1)
def _answers() -> tuple[tuple[Answer, re.Pattern[str]], ...]:
    entries = yaml.safe_load(_CATALOGUE.read_text(encoding="utf-8"))
    return tuple((Answer(entry["label"], entry["swedish"]), _pattern(entry)) for entry in entries)


def _pattern(entry: dict[str, list[str]]) -> re.Pattern[str]:
    if "begins" in entry:
        return re.compile(rf"^{_any(entry['begins'])}\b")
    return re.compile(rf"\b{_any(entry['after'])}\b.*\b{_any(entry['has'])}\b")


def _any(phrases: list[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, phrases))})"


def read_english(text: str) -> Answer | None:
    """The answer that the English `text` gives; None when it asks or tells something else."""
    said = " ".join(re.findall(r"\w+", re.sub(r"['’`´]", "", text.casefold())))
    found = next((answer for answer, pattern in _answers() if pattern.search(said)), None)
    if found is None or found.label == "request_human":
        return found
    return None if len(said.split()) > LONGEST or _ASKS.search(said) or "?" in text else found
