"""Which office is named for which question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import offices
from actions.turn import Turn

UPPSALA = offices.Office(
    "Uppsala", "Uppsalakontoret", "Storgatan 1, 753 20 Uppsala", "018-00 00 00", "vardagar 9-15", 59.86, 17.64
)
LUND = offices.Office(
    "Lund", "Lundakontoret", "Lillgatan 2, 222 22 Lund", "046-00 00 00", "efter bokning", 55.70, 13.19
)


def _ask(text: str) -> dict[str, Any]:
    dispatcher = CollectingDispatcher()
    offices.utter_offices(dispatcher, Turn(text, "find_activation_office", 1.0, (), (), {}))
    message: dict[str, Any] = dispatcher.messages[0]
    return message


@pytest.fixture
def two_offices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offices, "load_offices", lambda: (UPPSALA, LUND))


@pytest.mark.usefixtures("two_offices")
@pytest.mark.parametrize(
    "text",
    ["finns det något i Uppsala?", "Uppsalas kontor", "kontor i upsala", "UPPSALA", "nåt nära uppsala"],
)
def test_an_office_of_the_town_is_named(text: str) -> None:
    message = _ask(text)
    assert message["response"] == "utter_offices_in_town"
    assert "Storgatan 1" in message["offices"]
    assert "Lillgatan" not in message["offices"]


@pytest.mark.usefixtures("two_offices")
@pytest.mark.parametrize(
    ("town", "nearest"),
    [("Västerås", "Uppsala"), ("malmö", "Lund"), ("Kiruna", "Uppsala"), ("ystad", "Lund")],
)
def test_the_nearest_town_is_named_when_there_is_none_here(town: str, nearest: str) -> None:
    message = _ask(f"finns det nåt kontor i {town}")
    assert message["response"] == "utter_offices_nearest"
    assert message["nearest"] == nearest


@pytest.mark.usefixtures("two_offices")
def test_without_a_town_the_towns_are_named() -> None:
    message = _ask("var finns era kontor?")
    assert message["response"] == "utter_offices_which_town"
    assert message["towns"] == "Lund, Uppsala"


def test_without_a_list_no_office_is_invented() -> None:
    assert offices.load_offices() == ()
    assert _ask("finns det något i Västerås?")["response"] == "utter_offices_on_page"


def test_a_list_is_read_as_the_file_describes_it(tmp_path: Path) -> None:
    path = tmp_path / "offices.yml"
    entry = "{town: Mora, name: A, address: B, contact: C, hours: D, latitude: 61.0, longitude: 14.5}"
    path.write_text(f"offices:\n- {entry}\n")
    assert offices.load_offices(path)[0].town == "Mora"


def test_distances_are_right() -> None:
    stockholm, gothenburg = (59.33, 18.07), (57.71, 11.97)
    assert 390 < offices.kilometres(stockholm, gothenburg) < 405
