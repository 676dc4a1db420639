"""The form that walks a guide, one step at a time."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.guides.answers import choose
from actions.guides.model import (
    ASK_SOLVED,
    CLOSING,
    HANDOFF,
    SOLVED,
    SOLVED_WORDS,
    UNSOLVED,
    Choice,
    Step,
    find_step,
    load_guides,
)
from actions.handoff import hand_off
from actions.labels import guide_entries
from actions.loop import PUT_OFF, REQUESTED_SLOT, LoopForm, ask_again, ended, put_off, utter_topics
from actions.turn import Turn, plain

ANSWER = "guide_answer"
# Not being understood this often in a row, the visitor is offered a person.
OFFER_PERSON_AFTER = 2


def current_step(tracker: Tracker) -> Step | None:
    """The step the visitor is at, if a guide is open."""
    key = tracker.get_slot("guide_step")
    if not key:
        return None
    guide, _, _step = str(key).partition("/")
    return find_step(load_guides(), guide, str(key))


class StartGuide(SupportAction):
    """Opens the guide that the message's label names, at the step where that label begins."""

    action_name = "action_start_guide"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        utter_topics(dispatcher, turn)
        return [
            SlotSet("guide_step", guide_entries()[turn.label]),
            SlotSet("guide_trail", []),
            SlotSet("misunderstood", 0),
            SlotSet(ANSWER, None),
            SlotSet("pending_offer", None),
            SlotSet(PUT_OFF, put_off(tracker, turn)),
        ]


class GuideForm(LoopForm):
    """Takes the answer to the open step and moves on."""

    form = "guide_form"

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        return [SlotSet("misunderstood", 0)]

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class."""
        step = current_step(tracker)
        choice = choose(step, turn) if step else None
        if choice is None and _is_solved(turn):
            dispatcher.utter_message(response=f"utter_guide_{SOLVED}")
            return ended(guide_step=None, guide_trail=[])
        if step is None or choice is None:
            return None
        trail = [*(tracker.get_slot("guide_trail") or []), {"step": step.key, "chosen": choice.title}]
        if choice.say:
            dispatcher.utter_message(response=f"utter_guide_{choice.say}")
        return self._follow(dispatcher, tracker, step, choice, trail)

    def _follow(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        step: Step,
        choice: Choice,
        trail: list[dict[str, str]],
    ) -> Events:
        if choice.start:
            return [*ended(guide_step=None, guide_trail=trail), FollowupAction(choice.start)]
        if choice.check:
            return [
                *ended(guide_step=None, guide_trail=trail, guide_resume=step.key),
                SlotSet("card_check_purpose", choice.check),
                FollowupAction("action_check_card"),
            ]
        if choice.next == HANDOFF:
            tried = [f"{entry['step']}: {entry['chosen']}" for entry in trail]
            reason = "guide_failed" if step.name in {ASK_SOLVED, UNSOLVED} else "visitor_asked"
            hand_off(dispatcher, tracker, reason=reason, errand=step.guide, tried=tried)
            return ended(guide_step=None, guide_trail=[])
        if choice.next in CLOSING:
            dispatcher.utter_message(response=f"utter_guide_{choice.next}")
            return ended(guide_step=None, guide_trail=[])
        following = find_step(load_guides(), step.guide, str(choice.next))
        return [
            SlotSet("guide_step", following.key),
            SlotSet("guide_trail", trail),
            SlotSet(REQUESTED_SLOT, ANSWER),
        ]

    async def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """See the base class."""
        dispatcher.utter_message(response="utter_guide_stopped")
        return ended(guide_step=None, guide_trail=[])

    async def go_back(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """See the base class."""
        trail = list(tracker.get_slot("guide_trail") or [])
        if not trail:
            meant = Turn.of(tracker).label == "go_back"
            dispatcher.utter_message(response="utter_guide_at_start" if meant else "utter_guide_explain")
            return ask_again(tracker)
        return [
            *ask_again(tracker),
            SlotSet("guide_step", trail[-1]["step"]),
            SlotSet("guide_trail", trail[:-1]),
        ]

    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """See the base class."""
        dispatcher.utter_message(response="utter_guide_explain")
        return ask_again(tracker)

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """The same guide again only repeats the question; another task takes over."""
        step = current_step(tracker)
        if step and turn.label == step.guide:
            return ask_again(tracker)
        return await super().leave_for(dispatcher, tracker, turn)


def _is_solved(turn: Turn) -> bool:
    """Whether the visitor says that it works now, at whatever step."""
    said = f" {plain(turn.text)} "
    return not turn.is_question and any(f" {wording} " in said for wording in map(plain, SOLVED_WORDS))


class AskGuideAnswer(SupportAction):
    """Says the open step, with its choices as buttons."""

    action_name = "action_ask_guide_form_guide_answer"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        step = current_step(tracker)
        if step is None:
            return []
        titles = [choice.title for choice in step.choices]
        if (
            int(tracker.get_slot("misunderstood") or 0) >= OFFER_PERSON_AFTER
            and "Prata med en person" not in titles
        ):
            titles.append("Prata med en person")
        dispatcher.utter_message(
            response=step.response, buttons=[{"title": title, "payload": title} for title in titles]
        )
        return []
