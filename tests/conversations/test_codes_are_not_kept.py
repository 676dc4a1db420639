"""After a verification the one-time code stands in no database, no log and no answer."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select

from tests.conversations.conftest import Person, name_of


def rows(url: str) -> str:
    """Every row of every table."""
    engine = create_engine(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )
    engine.dispose()
    return found


def files(stack: Any) -> list[Path]:
    """Both databases with their write-ahead logs, and what every part has logged."""
    folder = Path(stack.tracker_url.removeprefix("sqlite:///")).parent
    return [*folder.glob("*.db*"), *Path(stack.logs).rglob("*.log")]


def say(person: Person, text: str) -> tuple[list[str], str]:
    """The names of the answer's texts, and the whole answer; sent with an id and a second time with it."""
    metadata = {"message_id": uuid.uuid4().hex}
    answer = person.say(text, metadata)
    assert person.say(text, metadata) == answer
    return [name_of(part["text"]) for part in answer if part.get("text")], str(answer)


@pytest.mark.parametrize("spelling", ["{}", "{} ", "koden är {}"])
def test_a_typed_code_is_not_kept(stack: Any, person: Person, spelling: str) -> None:
    person.say(person.fill("jag vill beställa en puk till <hsa_id>"))
    person.say("<customer>")
    assert say(person, "<email>")[0][-1] == "utter_ask_one_time_code"
    code = person.fill("<code>")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    refused, first = say(person, spelling.format(wrong))
    assert refused[0] == "utter_code_rejected"
    accepted, second = say(person, spelling.format(f"{code[:3]} {code[3:]}" if " " in spelling else code))
    assert "utter_ask_order_confirmed" in accepted
    person.say("prata med en människa")
    kept = {str(file): file.read_bytes() for file in files(stack)}
    assert any(name.endswith("tracker.db-wal") for name in kept)
    assert any(name.endswith("engine.log") for name in kept)
    stored = rows(stack.tracker_url)
    assert person.sender in stored
    for secret in (code, f"{code[:3]} {code[3:]}", wrong):
        assert secret not in first + second
        assert secret not in stored
        assert secret not in rows(stack.database_url)
        assert [name for name, content in kept.items() if secret.encode() in content] == []
