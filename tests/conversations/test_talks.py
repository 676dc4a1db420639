"""Short talks that only make sense with what was said before (`tests/nlu/dialogues.yml`)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversations.conftest import Person
from tests.domain_files import ROOT, load_yaml

TALKS: list[dict[str, Any]] = load_yaml(ROOT / "tests/nlu/dialogues.yml")["dialogues"]
LEAST = 55


def _words(turn: dict[str, Any], key: str) -> list[str]:
    value = turn.get(key, [])
    return [str(word).lower() for word in (value if isinstance(value, list) else [value])]


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk["name"])
def test_talk(talk: dict[str, Any], person: Person) -> None:
    for turn in talk["turns"]:
        answer = "\n".join(part.get("text") or "" for part in person.say(turn["visitor"])).lower()
        for word in _words(turn, "expects"):
            assert word in answer, f"{turn['visitor']!r}: {answer} lacks {word!r}"
        for word in _words(turn, "rejects"):
            assert word not in answer, f"{turn['visitor']!r}: {answer} says {word!r}"


def test_talks_are_many_and_each_expects_something() -> None:
    assert len(TALKS) >= LEAST
    assert len({talk["name"] for talk in TALKS}) == len(TALKS)
    for talk in TALKS:
        assert any({"label", "expects", "rejects"} & set(turn) for turn in talk["turns"]), talk["name"]
