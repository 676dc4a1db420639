"""Insertions and removals are told, whatever happens to the service."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator

import pytest

from reader_bridge.watcher import Event, Watcher
from tests.reader_bridge.conftest import Insert, wait_until_empty
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard

Events = queue.Queue[Event]
# The bar is one second (benchmarks/reader_bridge/speed.py); a busy test machine gets twice that.
LIMIT_SECONDS = 2.0


@pytest.fixture
def events(service: Pcscd) -> Iterator[Events]:
    happened: Events = queue.Queue()
    watcher = Watcher(happened.put)
    watcher.start()
    yield happened
    watcher.stop()


def next_event(events: Events, name: str) -> Event:
    event = events.get(timeout=10)
    assert event.name == name, event
    return event


def test_insertion_and_removal_are_told_at_once(events: Events, service: Pcscd) -> None:
    started = time.monotonic()
    card = InsertedCard(KINDS["ordinary"](), service.ports[0])
    assert next_event(events, "insert").data["reader"] == service.reader_names[0]
    assert time.monotonic() - started < LIMIT_SECONDS
    started = time.monotonic()
    card.remove()
    assert next_event(events, "remove").data["reader"] == service.reader_names[0]
    assert time.monotonic() - started < LIMIT_SECONDS
    assert events.empty()


def test_a_card_that_was_there_before_is_no_event(insert: Insert) -> None:
    insert("ordinary")
    happened: Events = queue.Queue()
    watcher = Watcher(happened.put)
    watcher.start()
    readers = watcher.snapshot().data["readers"]
    watcher.stop()
    assert [reader["state"] for reader in readers] == ["card", "empty"]
    assert happened.empty()


def test_a_mute_card_is_an_insertion_too(events: Events, service: Pcscd) -> None:
    with InsertedCard(KINDS["mute"](), service.ports[1], mute=True):
        assert next_event(events, "insert").data["atr"] is None
    next_event(events, "remove")


def test_service_that_stops_and_starts_does_not_end_the_watching(events: Events, service: Pcscd) -> None:
    card = InsertedCard(KINDS["ordinary"](), service.ports[0])
    next_event(events, "insert")
    service.stop()
    next_event(events, "remove")
    assert next_event(events, "readers").data == {"service": False, "readers": []}
    card.remove()
    service.start()
    assert next_event(events, "readers").data["service"] is True
    wait_until_empty(service)
    with InsertedCard(KINDS["ordinary"](), service.ports[0]):
        next_event(events, "insert")
    next_event(events, "remove")


def test_readers_that_come_and_go_are_told(events: Events, service: Pcscd) -> None:
    service.stop()
    next_event(events, "readers")
    service.configure(readers=False)
    service.start()
    assert next_event(events, "readers").data == {"service": True, "readers": []}
    service.stop()
    next_event(events, "readers")
    service.configure(readers=True)
    service.start()
    while not (seen := next_event(events, "readers")).data["readers"]:
        pass
    assert [reader["name"] for reader in seen.data["readers"]] == list(service.reader_names)


def test_stopping_is_immediate(service: Pcscd) -> None:
    watcher = Watcher(lambda event: None)
    watcher.start()
    started = time.monotonic()
    watcher.stop()
    assert time.monotonic() - started < 0.5


def test_watching_begins_without_a_service(service: Pcscd) -> None:
    service.stop()
    happened: Events = queue.Queue()
    watcher = Watcher(happened.put)
    watcher.start()
    assert watcher.snapshot().data == {"service": False, "readers": []}
    service.start()
    assert next_event(happened, "readers").data["service"] is True
    watcher.stop()
