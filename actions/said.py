"""What the bot said last, as the actions read it from a tracker."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.labels import label_of_title

_NO_ERRAND = frozenset({"deny", "request_human"})


def last_answer(tracker: Tracker) -> list[dict[str, Any]]:
    """What the bot said before the visitor's latest message: response, text and buttons of each message."""
    said: list[dict[str, Any]] = []
    turns = 0
    for event in reversed(tracker.events):
        turns += event["event"] == "user"
        if turns > 1:
            break
        if event["event"] == "bot" and turns:
            buttons = (event.get("data") or {}).get("buttons") or []
            response = str((event.get("metadata") or {}).get("utter_action") or "")
            said.insert(0, {"response": response, "text": event.get("text") or "", "buttons": buttons})
    return said


def offered(answer: list[dict[str, Any]]) -> list[str]:
    """The labels of what the buttons of `answer` begin; a person only where nothing else is offered."""
    labels = [label_of_title(button["title"]) for said in answer for button in said["buttons"]]
    named = [label for label in labels if label and label != "deny"]
    return [label for label in named if label not in _NO_ERRAND] or named


def accepted(tracker: Tracker) -> list[str]:
    """What a yes to the bot's last answer may mean: what was asked last, else all that was offered."""
    answer = last_answer(tracker)
    # Several questions answered at once each have their own.
    asked = [said for said in answer if "?" in said["text"]]
    return offered((asked or [said for said in answer if said["buttons"]])[-1:])


def asked_before(tracker: Tracker, response: str) -> bool:
    """Whether `response` stands among what is known of the conversation."""
    return any(
        event["event"] == "bot" and (event.get("metadata") or {}).get("utter_action") == response
        for event in tracker.events
    )
