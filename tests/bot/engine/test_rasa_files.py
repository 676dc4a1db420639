"""`endpoints.yml` and `credentials.yml` give Rasa's own tools our classes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import rasa.shared.utils.io
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.run import create_http_input_channels
from rasa.core.tracker_store import TrackerStore, check_if_tracker_store_async
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain

from bot.engine.channel import RestChannel, clean_text
from bot.engine.locks import FairLockStore
from bot.engine.responses import SupportResponses
from bot.engine.settings import Settings, StartError, database_address
from bot.engine.tracker_store import LiveTrackerStore

ROOT = Path(__file__).resolve().parents[3]


def test_rasa_finds_our_classes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(store, LiveTrackerStore)
    assert check_if_tracker_store_async(store)
    assert (tmp_path / "var" / "tracker.db").exists()
    assert isinstance(LockStore.create(endpoints.lock_store), FairLockStore)
    assert isinstance(NaturalLanguageGenerator.create(endpoints.nlg, Domain.empty()), SupportResponses)
    channels = create_http_input_channels(None, str(ROOT / "credentials.yml"))
    assert [type(channel) for channel in channels] == [RestChannel]
    assert [channel.name() for channel in channels] == ["rest"]
    store.close()


def test_the_file_names_the_actions_that_the_engine_uses() -> None:
    content = rasa.shared.utils.io.read_config_file(ROOT / "endpoints.yml")
    assert content["action_endpoint"]["url"] == Settings.from_environment().actions_url


def test_a_conversation_through_the_stores_public_interface(tmp_path: Path) -> None:
    from rasa.shared.core.events import UserUttered

    async def scenario() -> None:
        store = LiveTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path}/t.db")
        tracker = await store.get_or_create_tracker("a")
        tracker.update(UserUttered("hej"))
        await store.save(tracker)
        store.forget("a")
        again = await store.retrieve("a")
        assert again is not None
        assert [event.type_name for event in again.events] == ["action", "user"]
        store.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d"),
    ],
)
def test_postgresql_is_spoken_through_the_driver_that_is_here(address: str, expected: str) -> None:
    assert database_address(address) == expected


@pytest.mark.parametrize("address", ["mysql://u@h/d", "tracker.db", ""])
def test_another_kind_of_database_is_refused(address: str) -> None:
    with pytest.raises(StartError, match="SUPPORT_TRACKER_URL"):
        database_address(address)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  hej\t\tdu  ", "hej  du"),
        ("rad ett\r\nrad två", "rad ett \nrad två"),
        ("a\x00b\x07c\x1bd", "abcd"),
        ("\ud83d ensam halva", "ensam halva"),
        ("å" * 3000, "å" * 1000),
        ("👩‍⚕️ hej", "👩‍⚕️ hej"),
        ("\x00" * 10, ""),
    ],
)
def test_control_characters_go_and_the_rest_stays(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
