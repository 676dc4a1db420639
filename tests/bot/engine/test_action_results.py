"""Answers of the action server are checked as Rasa checks them, only faster."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction

from bot.engine.action_results import MalformedResultError, check_result


@pytest.mark.parametrize(
    "result",
    [
        {"events": [], "responses": []},
        {"events": [{"event": "slot", "name": "town", "value": "Umeå"}], "responses": [{"text": "Hej"}]},
        {"events": [{"event": "form", "name": None}, {"event": "followup", "name": "action_listen"}]},
    ],
)
def test_a_good_answer_passes(result: Any) -> None:
    check_result(result)


@pytest.mark.parametrize(
    "result",
    [None, [], "x", {"events": {}}, {"events": ["slot"]}, {"events": [{}]}, {"events": [{"event": 5}]},
     {"responses": [1]}],
)  # fmt: skip
def test_a_malformed_answer_is_refused(result: Any) -> None:
    with pytest.raises(MalformedResultError):
        check_result(result)


def test_rasa_still_asks_this_method() -> None:
    assert "self._validate_action_result(response)" in inspect.getsource(RemoteAction.run)
