"""Going to a person, and coming back."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.handoff import hand_off
from actions.loop import keep_loop
from actions.turn import Turn


class RequestHuman(SupportAction):
    """The visitor wants a person; an open form stays open, for when the conversation is handed back."""

    action_name = "action_request_human"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        reason = "not_understood" if int(tracker.get_slot("misunderstood") or 0) else "visitor_asked"
        hand_off(dispatcher, tracker, reason=reason)
        return [SlotSet("misunderstood", 0), SlotSet("pending_offer", None), *keep_loop(tracker)]


class HandedBack(SupportAction):
    """Staff gave the conversation back: an open form asks its question again."""

    action_name = "action_handed_back"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        if loop := (tracker.active_loop or {}).get("name"):
            return [FollowupAction(loop)]
        dispatcher.utter_message(response="utter_handed_back")
        return []
