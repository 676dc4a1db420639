"""Handing the conversation over to a person, with all that is known."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

# Slots that tell staff something; the others are the dialogue's own.
_PRIVATE = (
    "requested_slot",
    "pending_offer",
    "misunderstood",
    "guide_trail",
    "guide_answer",
    "session_started_metadata",
)


def hand_off(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    *,
    reason: str,
    errand: str | None = None,
    tried: list[str] | None = None,
) -> None:
    """Say that a person takes over, and tell the gateway (docs/architecture.md, directive `handoff`)."""
    slots = {
        name: value
        for name, value in tracker.slots.items()
        if value not in (None, [], 0) and name not in _PRIVATE
    }
    loop = (tracker.active_loop or {}).get("name")
    summary: dict[str, Any] = {
        "errand": errand or loop or "",
        "slots": slots,
        "order_number": tracker.get_slot("order_number"),
        "card_report": tracker.get_slot("card_report"),
        "tried": tried
        or [f"{entry['step']}: {entry['chosen']}" for entry in tracker.get_slot("guide_trail") or []],
        "last_text": str(tracker.latest_message.get("text") or ""),
    }
    dispatcher.utter_message(response="utter_handoff")
    dispatcher.utter_message(json_message={"directive": "handoff", "reason": reason, "summary": summary})
