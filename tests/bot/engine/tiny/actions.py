"""The tiny bot's actions, run by rasa-sdk in the app environment."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ConversationPaused, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction


class ActionPlaceOrder(Action):
    def name(self) -> str:
        return "action_place_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
        log = os.environ.get("TINY_ORDERS")
        if log:
            with Path(log).open("a") as file:
                file.write(json.dumps([tracker.sender_id, tracker.get_slot("holder")]) + "\n")
        dispatcher.utter_message(json_message={"directive": "order_receipt", "order_number": "1"})
        return [SlotSet("verified", True)]


class ActionRemember(Action):
    """Tells what it was sent, so that a test can see it."""

    def name(self) -> str:
        return "action_remember"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
        if "långsamt" in str(tracker.latest_message.get("text")):
            time.sleep(1)
        if os.environ.get("TINY_ECHO"):
            sent = {"events": len(tracker.events), "domain": sorted(domain), "slots": tracker.slots}
            dispatcher.utter_message(json_message=sent)
        return []


class ActionFail(Action):
    """Does what its message says: `raise` in rasa-sdk, or wait longer than anybody should."""

    def name(self) -> str:
        return "action_fail"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
        raise RuntimeError("the action of a test failed")


class ActionPause(Action):
    def name(self) -> str:
        return "action_pause"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
        return [ConversationPaused()]


class ValidateOrderForm(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    async def required_slots(self, domain_slots, dispatcher, tracker, domain) -> list[str]:
        return [*domain_slots] if domain_slots else ["the_domain_was_not_sent"]

    def validate_level(self, value: Any, dispatcher, tracker, domain) -> dict[str, Any]:
        found = [level for level in ("2", "3") if level in str(value)]
        if not found:
            dispatcher.utter_message(text="Svara 2 eller 3.")
        return {"level": found[0] if found else None}
