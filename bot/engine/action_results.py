"""Checks what the action server answers, at a cost that fits a message.

Rasa checks every answer against a large JSON schema, and before that the schema itself against the schema of
schemas: 20 ms an action, more than all the rest of a turn. The shape is checked here; making events of it
does the rest. `_validate_action_result` is private to Rasa 3.6.21's `RemoteAction`, which Rasa makes in
several places, so the method is replaced on the class; `tests/bot/engine/test_action_results.py` fails when
Rasa's own changes.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException


class MalformedResultError(RasaException):
    """The action server's answer is not `{"events": [...], "responses": [...]}`."""


def check_result(result: Any) -> None:
    """Raises `MalformedResultError` unless `result` has a list of events and a list of responses."""
    if not isinstance(result, dict):
        raise MalformedResultError("not an object")
    for part in ("events", "responses"):
        entries = result.get(part, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise MalformedResultError(f"{part} is not a list of objects")
    for event in result.get("events", []):
        if not isinstance(event.get("event"), str):
            raise MalformedResultError("an event without a kind")


def check_results_quickly() -> None:
    """From now on Rasa's remote actions check answers with `check_result`."""

    def validate(_action: RemoteAction, result: Any) -> bool:
        check_result(result)
        return True

    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]
