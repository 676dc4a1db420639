"""Talks with the running engine and actions, as the gateway does."""

from __future__ import annotations

import email
import itertools
import random
import re
import uuid
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from actions.orders.database import Database
from actions.orders.registers import COLUMNS, upsert
from tests.domain_files import load_domain

_NUMBERS: Final = itertools.count(random.randrange(200_001, 900_000))
_HOLDERS: Final = {
    # placeholder: (in HSA, Swedish address, card)
    "hsa_id": ("ja", "ja", "ordinary"),
    "no_address": ("ja", "nej", "none"),
    "not_in_hsa": ("nej", "ja", "none"),
    "has_reserve_card": ("ja", "ja", "reserve"),
    "no_card": ("ja", "ja", "none"),
}


def _pattern(text: str) -> re.Pattern[str]:
    """A response's text with anything in the place of its variables."""
    parts = re.split(r"{[a-z_0-9]+}", text)
    return re.compile(".+?".join(map(re.escape, parts)), re.DOTALL)


RESPONSES: Final = [
    (name, _pattern(variant["text"]))
    for name, variants in load_domain()["responses"].items()
    for variant in variants
]


def name_of(text: str) -> str:
    """The response that says `text`: the longest one that fits."""
    fitting = [(len(pattern.pattern), name) for name, pattern in RESPONSES if pattern.fullmatch(text)]
    return max(fitting, default=(0, "?"))[1]


class Person:
    """A visitor of a customer of its own, so that no dialogue meets another's orders."""

    def __init__(self, stack: Any) -> None:
        self._stack = stack
        self.sender = uuid.uuid4().hex
        number = next(_NUMBERS)
        self.words = {"customer": str(number), "email": f"bestallare{number}@mottagningen.example"}
        self._register(str(number))

    def _register(self, number: str) -> None:
        now = datetime.now(UTC)
        database = Database(self._stack.database_url)
        rows: list[tuple[str, tuple[str, ...]]] = [
            ("customers", (number, f"Mottagningen {number}", "Provgatan 3, 753 20 Uppsala", "nej")),
            ("contacts", (number, "Bo Beställare", self.words["email"], "ja")),
        ]
        for position, (word, facts) in enumerate(_HOLDERS.items()):
            self.words[word] = f"SE5560360793-{number}{position}"
            rows.append(("holders", (number, self.words[word], f"Kim {word.title()}", *facts)))
        with database.write() as session:
            for register, record in rows:
                upsert(session, register, dict(zip(COLUMNS[register], record, strict=True)), now)
        database.close()

    def _code(self) -> str:
        newest = sorted(Path(self._stack.outbox).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        for path in reversed(newest):
            letter = email.message_from_bytes(path.read_bytes(), policy=default)
            if letter["To"] and self.words["email"] in str(letter["To"]):
                body = letter.get_body()
                assert body is not None
                found = re.search(r"\b\d{6}\b", body.get_content())
                assert found
                return found.group()
        raise AssertionError("no code has been mailed")

    def fill(self, text: str) -> str:
        """`text` with its `<placeholders>` replaced."""
        return re.sub(
            r"<(code|order|customer|email|\w*(?:hsa|address|card|hsa_id))>",
            lambda match: self._code() if match[1] == "code" else self.words[match[1]],
            text,
        )

    def say(self, text: str, metadata: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """What the bot answers."""
        message = {"sender": self.sender, "message": self.fill(text), "metadata": metadata or {}}
        reply = httpx.post(f"{self._stack.engine_url}/webhooks/rest/webhook", json=message, timeout=30)
        assert reply.status_code == 200, reply.text
        answer: list[dict[str, Any]] = reply.json()
        for part in answer:
            if (part.get("custom") or {}).get("order_number"):
                self.words["order"] = part["custom"]["order_number"]
        return answer


@pytest.fixture
def person(stack: Any) -> Person:
    """Somebody new in the chat."""
    return Person(stack)
