"""Whole dialogues, actions running. Each file is a claim; its folder is the kind of dialogue.

A turn is what the visitor writes and what must come back:

- `visitor`: the text; `<customer>`, `<email>`, `<code>`, `<hsa_id>`, `<order>` … are the visitor's own;
- or `event`, with `report` or `reason`: what the gateway sends instead of a text;
- `customer: true`: the visitor came through the customer portal;
- `bot`: the names of the responses, in order; `says` and `never`: words in the answer, whatever the case;
- `buttons`: titles that are offered; `directive`: what the gateway is asked to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conversations.conftest import Person, name_of
from tests.domain_files import load_yaml

FOLDER = Path(__file__).parent
KEYS = {"visitor", "event", "report", "reason", "customer", "bot", "says", "never", "buttons", "directive"}
DIALOGUES = sorted(path for path in FOLDER.rglob("*.yml"))
LEAST = 60


def _metadata(person: Person, turn: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: turn[key] for key in ("event", "report", "reason") if key in turn}
    if turn.get("customer"):
        words = person.words
        metadata["customer"] = {"customer_number": words["customer"], "contact_email": words["email"]}
    return metadata


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_dialogue(path: Path, person: Person) -> None:
    for number, turn in enumerate(load_yaml(path)["turns"], start=1):
        assert set(turn) <= KEYS, turn
        answer = person.say(turn.get("visitor", ""), _metadata(person, turn))
        texts = [part["text"] for part in answer if part.get("text")]
        where = f"turn {number}, {turn.get('visitor') or turn.get('event')!r}: {texts}"
        assert answer, where
        names = [name_of(text) for text in texts]
        if "bot" in turn:
            assert names == _as_list(turn["bot"]), where
        whole = "\n".join(texts).lower()
        for word in _as_list(turn.get("says", [])):
            assert person.fill(word).lower() in whole, f"{where} lacks {word!r}"
        for word in _as_list(turn.get("never", [])):
            assert person.fill(word).lower() not in whole, f"{where} says {word!r}"
        titles = {button["title"] for part in answer for button in part.get("buttons") or ()}
        assert set(turn.get("buttons", [])) <= titles, where
        directives = [part["custom"]["directive"] for part in answer if part.get("custom")]
        if "directive" in turn:
            assert turn["directive"] in directives, where


def test_there_are_dialogues_in_every_folder() -> None:
    folders = {path.parent.name for path in DIALOGUES}
    wanted = {"happy_path", "corrections", "cancellations", "digressions", "disambiguation", "negations"}
    assert wanted | {"invalid_input"} == folders
    assert len(DIALOGUES) >= LEAST
