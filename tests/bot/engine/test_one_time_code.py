"""A one-time code is gone once its turn is stored: from database, live conversation and answer."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered

from bot.engine import tables
from bot.engine.settings import database_address
from bot.engine.tracker_store import LiveTrackerStore

SLOT = {"type": "any", "influence_conversation": False}
DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {**SLOT, "mappings": [{"type": "custom"}]}
            for name in ("customer_number", "contact_email", "one_time_code")
        },
        "forms": {"order_form": {"required_slots": []}},
    }
)
ASKS = SlotSet("requested_slot", "one_time_code")
DIRECTIVE = BotUttered(data={"custom": {"directive": "expect_one_time_code", "digits": 6}})
CODE = "482913"


class Log:
    """A tracker store and all that is in its database."""

    def __init__(self, url: str) -> None:
        self.url = database_address(url)
        self.loop = asyncio.new_event_loop()
        self.store = LiveTrackerStore(DOMAIN, host=self.url)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def turn(self, *events: Any, answer: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        async def turn() -> list[dict[str, Any]]:
            tracker = await self.store.retrieve("a") or await self.store.create_tracker("a")
            for event in events:
                tracker.update(copy.copy(event))
            messages = [*(answer or [])]
            await self.store.save_turn(tracker, f"m{len(tracker.events)}", messages)
            return messages

        return self.run(turn())  # type: ignore[no-any-return]

    def stored(self) -> str:
        engine = sa.create_engine(self.url, future=True)
        with engine.connect() as connection:
            found = [
                str(connection.execute(sa.select(table)).all()) for table in tables.metadata.sorted_tables
            ]
        engine.dispose()
        return "\n".join(found)

    def live(self) -> str:
        tracker = self.run(self.store.retrieve("a"))
        state = [event.as_dict() for event in tracker.events], tracker.latest_message.as_dict()
        return json.dumps([state, tracker.current_slot_values()], ensure_ascii=False)


@pytest.fixture
def log(tracker_url: str) -> Iterator[Log]:
    made = Log(tracker_url)
    yield made
    made.store.close()
    made.loop.close()


def said(text: str) -> UserUttered:
    entity = {"entity": "customer_number", "value": text, "start": 0, "end": len(text)}
    parsed = {"text": text, "entities": [entity], "intent": {"name": "x"}, "metadata": {"note": text}}
    return UserUttered(text, {"name": "x"}, [entity], parsed, metadata={"note": text})


@pytest.mark.parametrize("typed", [CODE, "482 913", "koden är 482-913."])
@pytest.mark.parametrize("question", [ASKS, DIRECTIVE])
def test_a_code_that_was_asked_for_is_nowhere_afterwards(log: Log, typed: str, question: Any) -> None:
    log.turn(said("min adress"), question)
    echo = BotUttered(f"Du skrev {typed}", data={"custom": {"directive": "handoff", "last_text": typed}})
    answer = log.turn(said(typed), SlotSet("one_time_code", CODE), echo, answer=[{"text": f"fick {typed}"}])
    everything = log.stored() + log.live() + json.dumps(answer, ensure_ascii=False)
    digits = everything.replace(" ", "").replace("-", "")
    assert CODE not in digits
    assert "••••••" in log.stored()
    assert "••••••" in log.live()
    log.store.forget("a")
    assert "••••••" in log.live()


def test_later_turns_and_a_cut_history_do_not_bring_it_back(log: Log) -> None:
    log.turn(said("hej"), ASKS, DIRECTIVE)
    log.turn(said(CODE), SlotSet("requested_slot", None))
    for number in range(150):
        log.turn(said(f"hej {number}"))
    assert CODE not in log.stored() + log.live()


def test_a_rejected_code_and_the_next_are_both_hidden(log: Log) -> None:
    log.turn(said("hej"), ASKS, DIRECTIVE)
    log.turn(said("111222"), DIRECTIVE)
    log.turn(said("333444"))
    assert not {"111222", "333444"} & set(log.stored().split("'"))
    assert "111222" not in log.stored() + log.live()
    assert "333444" not in log.stored() + log.live()


def test_other_numbers_stay(log: Log) -> None:
    log.turn(said("100200"), SlotSet("customer_number", "100200"), ASKS, DIRECTIVE)
    answer = log.turn(said("100200"), SlotSet("customer_number", "100200"), answer=[{"text": "100 200"}])
    assert answer == [{"text": "100 200"}]
    assert log.run(log.store.retrieve("a")).get_slot("customer_number") == "100200"
    log.turn(SlotSet("requested_slot", None), said("ordern P-7K2M-4QX till SE5560360793-1003, 200300"))
    assert "SE5560360793-1003, 200300" in log.stored()


def test_nothing_is_left_in_the_files_of_sqlite(tmp_path: Path) -> None:
    log = Log(f"sqlite:///{tmp_path}/tracker.db")
    log.turn(said("hej"), ASKS, DIRECTIVE)
    log.turn(said(CODE))
    files = list(tmp_path.glob("tracker.db*"))
    assert any(file.name.endswith("-wal") for file in files)
    assert all(CODE.encode() not in file.read_bytes() for file in files)
    log.store.close()
    log.loop.close()
