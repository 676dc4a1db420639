"""Going to a person, and coming back."""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.handoff import hand_off
from actions.labels import starts_task
from actions.loop import REQUESTED_SLOT, keep_loop
from actions.said import last_answer
from actions.turn import CERTAIN, Turn, plain
from actions.verification import expect_code

# What one does with a person in the chat, or says of one; "kan er personal aktivera kortet" has none of it.
_SPEAKS = re.compile(
    r"\b(?:prat|snack|tala|ring|uppring|samtal|koppla|kontakt|telefon|chatta|mansk|manniska|levande|riktig"
    r"|handlaggare|hora? av|robot)\w*|\b(?:person|bot|boten|tar? over|overta\w*|signal)\b"
)


class RequestHuman(SupportAction):
    """The visitor wants a person; an open form stays open, for when the conversation is handed back.

    In the queue the bot is silent, so a wish that is not sure is only offered.
    """

    action_name = "action_request_human"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        form = keep_loop(tracker)
        if form and tracker.get_slot(REQUESTED_SLOT) == "one_time_code":
            expect_code(dispatcher)
        if not wants_person(turn):
            # In a form a yes answers the form's own question.
            dispatcher.utter_message(response="utter_person_on_request" if form else "utter_offer_person")
            open_question = [said for said in last_answer(tracker) if said["text"]][-1:]
            for said in open_question if form else ():
                dispatcher.utter_message(text=said["text"], buttons=said["buttons"])
            return form
        reason = "not_understood" if int(tracker.get_slot("misunderstood") or 0) else "visitor_asked"
        hand_off(dispatcher, tracker, reason=reason)
        return [SlotSet("misunderstood", 0), SlotSet("pending_offer", None), *form]


def wants_person(turn: Turn) -> bool:
    """Whether `turn` surely asks for a person to talk to, not for what a person may do."""
    if turn.label != "request_human":
        # A yes to the offer of one.
        return True
    may_be_another = turn.sounds_like_question or any(map(starts_task, turn.topics))
    return turn.confidence >= CERTAIN and (not may_be_another or bool(_SPEAKS.search(plain(turn.text))))


class HandedBack(SupportAction):
    """The bot answers again: staff gave the conversation back, or the visitor waits no longer.

    An open form asks its question again.
    """

    action_name = "action_handed_back"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        if loop := (tracker.active_loop or {}).get("name"):
            return [FollowupAction(loop)]
        dispatcher.utter_message(response="utter_handed_back")
        return []
