"""What belongs to no task: being unclear, yes and no to an offer, words that need a context."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.handoff import hand_off
from actions.labels import starts_task, titles
from actions.loop import switch_to, utter_topics
from actions.turn import Turn

# Misunderstood this often in a row, a person is offered.
OFFER_PERSON_AFTER = 2
# A label this likely (0..1) in an unclear message is worth asking about.
WORTH_ASKING = 0.1
MOST_CHOICES = 3
_HANDOFF_OFFERS = {"handoff": "not_understood", "handoff_technical_error": "technical_error"}


class AnswerQuestions(SupportAction):
    """Answers several questions of one message, then begins the task among them, if there is one."""

    action_name = "action_answer_questions"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        utter_topics(dispatcher, turn)
        tasks = [label for label in turn.topics if starts_task(label)]
        return switch_to(tasks[0]) if tasks else []


class HandleUnclear(SupportAction):
    """Asks which of two or three things is meant, or says that nothing fits; then offers a person."""

    action_name = "action_handle_unclear"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        failures = 1 + (
            int(tracker.get_slot("misunderstood") or 0) if _unclear_before(tracker, self.name()) else 0
        )
        names = {label: title for label, title in titles().items() if label != "deny"}
        likely = [names[label] for label, share in turn.ranking if share >= WORTH_ASKING and label in names][
            :MOST_CHOICES
        ]
        if failures >= OFFER_PERSON_AFTER:
            # Also for what is out of scope twice in a row.
            dispatcher.utter_message(response="utter_offer_human")
            return [SlotSet("misunderstood", failures), SlotSet("pending_offer", "handoff")]
        if turn.label == "out_of_scope":
            dispatcher.utter_message(response="utter_out_of_scope")
        elif likely:
            buttons = [{"title": title, "payload": title} for title in [*likely, "Något annat"]]
            dispatcher.utter_message(response="utter_did_you_mean", buttons=buttons)
        else:
            dispatcher.utter_message(response="utter_not_understood")
        return [SlotSet("misunderstood", failures)]


def _unclear_before(tracker: Tracker, action: str) -> bool:
    """Whether the visitor's message before this one was unclear, too."""
    turns = 0
    for event in reversed(tracker.events):
        if event["event"] == "user":
            turns += 1
        elif event["event"] == "action" and event.get("name") == action:
            return turns == 1
        if turns > 1:
            break
    return False


class HandleAffirm(SupportAction):
    """A yes: to what was offered last, if anything was."""

    action_name = "action_handle_affirm"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        offer = tracker.get_slot("pending_offer")
        if offer in _HANDOFF_OFFERS:
            hand_off(dispatcher, tracker, reason=_HANDOFF_OFFERS[offer])
            return [SlotSet("pending_offer", None), SlotSet("misunderstood", 0)]
        if offer:
            return [SlotSet("pending_offer", None), FollowupAction(offer)]
        dispatcher.utter_message(response="utter_yes_to_what")
        return []


class HandleDeny(SupportAction):
    """A no: to what was offered last, if anything was."""

    action_name = "action_handle_deny"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        dispatcher.utter_message(response="utter_something_else")
        return [SlotSet("pending_offer", None), SlotSet("misunderstood", 0)]
