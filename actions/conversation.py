"""What belongs to no task: being unclear, yes and no to an offer, words that need a context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.handoff import hand_off
from actions.labels import ORDERS, SMALL_TALK, offered_by, starts_task, titles
from actions.loop import PUT_OFF, choices, offer, switch_to, utter_topics
from actions.order_lookup import changes_order, just_named
from actions.order_wishes import response_to_not_ordering
from actions.said import accepted, last_answer, offered
from actions.turn import ENGLISH, Turn, plain

# Misunderstood this often in a row, a person is offered.
OFFER_PERSON_AFTER = 2
# A label this likely (0..1) in an unclear message is worth asking about.
WORTH_ASKING = 0.1
# The same of what else a message may have meant that was answered wrongly.
MAY_BE_MEANT = 0.02
MOST_CHOICES = 3
# A longer message that begins with a no says what it is instead.
LONGEST_NO = 6
_YES_OR_NO = {"affirm": "action_handle_affirm", "deny": "action_handle_deny"}
_ABOUT_ORDERS = ("utter_order_status_", "utter_order_list")
_ORDER = re.compile(r"\b(?:best|order|leverans|leverer|skickas)")
_HANDOFF_OFFERS = {"handoff": "not_understood", "handoff_technical_error": "technical_error"}


class AnswerQuestions(SupportAction):
    """Answers several questions of one message, then begins the task among them; an order is only offered.

    Who asks what holds for a card often says that one is to be ordered, but not that we shall order it here.
    """

    action_name = "action_answer_questions"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        utter_topics(dispatcher, turn)
        already = offered_by(turn.topics)
        tasks = [label for label in turn.topics if starts_task(label) and label not in already]
        if not tasks:
            return []
        if tasks[0] in ORDERS:
            return offer(dispatcher, tasks)
        return [SlotSet(PUT_OFF, tasks[1:] or None), *switch_to(tasks[0])]


class HandleUnclear(SupportAction):
    """Asks which of two or three things is meant, or says that nothing fits; then offers a person."""

    action_name = "action_handle_unclear"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        if turn.names_something and (orders := [label for label in accepted(tracker) if label in ORDERS]):
            # "ok. 100200": what the order that was offered asks first.
            return begin(dispatcher, tracker, orders[0])
        failures = 1 + (
            int(tracker.get_slot("misunderstood") or 0) if _unclear_before(tracker, self.name()) else 0
        )
        ranked = [label for label, share in turn.ranking if share >= WORTH_ASKING and label != "deny"]
        likely = [label for label in ranked if label in titles()][:MOST_CHOICES]
        if failures >= OFFER_PERSON_AFTER:
            # Also for what is out of scope twice in a row.
            dispatcher.utter_message(response="utter_offer_human")
            return [SlotSet("misunderstood", failures), SlotSet("pending_offer", "handoff")]
        if turn.label == "out_of_scope":
            dispatcher.utter_message(response="utter_out_of_scope")
        elif likely:
            dispatcher.utter_message(response="utter_did_you_mean", buttons=choices(likely))
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
        labels = accepted(tracker)
        if len(labels) == 1:
            return begin(dispatcher, tracker, labels[0])
        if labels:
            dispatcher.utter_message(response="utter_which_of_them", buttons=choices(labels))
        elif any(said["response"].startswith("utter_order_placed_") for said in last_answer(tracker)):
            dispatcher.utter_message(response="utter_order_already_placed")
        else:
            dispatcher.utter_message(response="utter_yes_to_what")
        return []


def begin(dispatcher: CollectingDispatcher, tracker: Tracker, label: str) -> Events:
    """What `label` asks for, as if the visitor had written it."""
    if starts_task(label):
        return switch_to(label)
    if label == "request_human":
        hand_off(dispatcher, tracker, reason="visitor_asked")
        return []
    if label == "find_activation_office":
        return [FollowupAction("action_find_activation_office")]
    dispatcher.utter_message(response=f"utter_{label}")
    return []


class RepeatAnswer(SupportAction):
    """Says the last answer again."""

    action_name = "action_repeat_answer"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        answer = [said for said in last_answer(tracker) if said["text"]]
        for said in answer:
            dispatcher.utter_message(text=said["text"], buttons=said["buttons"])
        if not answer:
            dispatcher.utter_message(response="utter_repeat")
        return []


class ExplainMore(SupportAction):
    """Says that there is no more to an answer than was said, and what can be done next."""

    action_name = "action_explain_more"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        answer = last_answer(tracker)
        if not any(said["text"] for said in answer):
            dispatcher.utter_message(response="utter_tell_more")
            return []
        if any(said["response"].startswith(_ABOUT_ORDERS) for said in answer):
            # The states of an order, which are not those of a card.
            dispatcher.utter_message(response="utter_order_states")
            return []
        names = [titles()[label] for label in [*offered(answer)[:MOST_CHOICES], "request_human"]]
        buttons = [{"title": name, "payload": name} for name in dict.fromkeys(names)]
        dispatcher.utter_message(response="utter_explain_more", buttons=buttons)
        return []


class AskWhatWasMeant(SupportAction):
    """Offers what else the message before may have meant, or asks for other words."""

    action_name = "action_ask_what_was_meant"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        if changes_order(turn.text) and (just_named(tracker) or _ORDER.search(plain(turn.text))):
            dispatcher.utter_message(response="utter_order_not_changed_here")
            return []
        users = [event for event in tracker.events if event["event"] == "user"]
        ranking = (users[-2].get("parse_data") or {}).get("intent_ranking") or [] if len(users) > 1 else []
        if not ranking or ranking[0]["name"] in SMALL_TALK:
            # Nothing that could have been misunderstood: "det gäller en kollega".
            dispatcher.utter_message(response="utter_tell_more")
            return []
        labels = _else_meant((entry["name"], entry["confidence"]) for entry in ranking)
        if labels:
            dispatcher.utter_message(response="utter_did_you_mean_instead", buttons=choices(labels))
        else:
            dispatcher.utter_message(response="utter_correct")
        return []


def _else_meant(ranking: Iterable[tuple[str, float]], said: Sequence[str] = ()) -> list[str]:
    """What else than the first label of `ranking` may have been meant, has a title, was not just `said`."""
    others = [label for label, share in list(ranking)[1:] if share >= MAY_BE_MEANT]
    fresh = [label for label in others if label in titles() and f"utter_{label}" not in said]
    return [label for label in fresh if label != "deny"][:MOST_CHOICES]


class HandleDeny(SupportAction):
    """A no: to what was offered last, if anything was; with more in it, it corrects what was understood."""

    action_name = "action_handle_deny"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        dropped = [SlotSet("pending_offer", None), SlotSet("misunderstood", 0)]
        if turn.is_content:
            dispatcher.utter_message(response="utter_guide_done")
        elif len(turn.text.split()) > LONGEST_NO and response_to_not_ordering(turn.text) is None:
            labels = _else_meant(turn.ranking, [said["response"] for said in last_answer(tracker)])
            response = "utter_did_you_mean_instead" if labels else "utter_correct"
            dispatcher.utter_message(response=response, buttons=choices(labels) if labels else [])
        else:
            dispatcher.utter_message(response="utter_something_else")
        return dropped


class AnswerEnglish(SupportAction):
    """A person or what was offered for whoever asks for it in English; else what help there is in English."""

    action_name = "action_answer_english"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        offer = tracker.get_slot("pending_offer") or accepted(tracker)
        if turn.label == "request_human" or (turn.label in _YES_OR_NO and offer):
            return [FollowupAction({**_YES_OR_NO, "request_human": "action_request_human"}[turn.label])]
        dispatcher.utter_message(response=f"utter_{ENGLISH}")
        return []
