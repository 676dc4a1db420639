"""The form that walks a guide, one step at a time."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SupportAction
from actions.guides.answers import already_said, asides, choose, is_asked, left_over, names_without_ordering
from actions.guides.model import (
    ASK_SOLVED,
    BACK,
    CLOSING,
    END,
    HANDOFF,
    STAY,
    UNSOLVED,
    WAIT,
    Choice,
    Step,
    find_step,
    load_guides,
)
from actions.handoff import hand_off
from actions.labels import guide_entries
from actions.loop import (
    PUT_OFF,
    REQUESTED_SLOT,
    UNDERSTOOD,
    LoopForm,
    ask_again,
    digress,
    ended,
    put_off,
    utter_topics,
)
from actions.turn import CERTAIN, Turn

ANSWER = "guide_answer"
# Not being understood this often in a row, the visitor is offered a person.
OFFER_PERSON_AFTER = 2
# A step that was said at most this many messages ago is only asked again, in short.
REMEMBERED = 5
# So many of the visitor's messages are looked through for what need not be asked.
REMEMBERED_TEXTS = 8
# "Hur menar du?": what asks more in so few words asks about the open question.
_ABOUT_THE_QUESTION = 4
_SAID_WAIT = "utter_guide_take_your_time"
# Who writes this wants to hear the step itself.
_ANEW = frozenset(["repeat", "go_back", "correct", "handed_back"])


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
        if turn.covered:
            return [FollowupAction("action_listen")]
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
        """What the opening message, or one before it, answers already is not asked."""
        step = current_step(tracker)
        named = {turn.label, *turn.topics}
        if step is None or not any(guide_entries().get(label) == step.key for label in named):
            return [SlotSet("misunderstood", 0)]
        choice = already_said(step, turn.text)
        if choice is None or not (_leads_on(choice) or choice.hidden):
            return [SlotSet("misunderstood", 0), *self._go_to(dispatcher, tracker, step, [])]
        _say_asides(dispatcher, step, turn, choice)
        trail = [{"step": step.key, "chosen": choice.title}]
        return [SlotSet("misunderstood", 0), *await self._follow(dispatcher, tracker, step, choice, trail)]

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class."""
        step = current_step(tracker)
        choice = choose(step, turn) if step else None
        if step is None or choice is None:
            return None
        if turn.label == "request_human" and turn.confidence >= CERTAIN and choice.next != HANDOFF:
            # "Prata med en person" is no "Personligt besök".
            return None
        if (
            not _say_asides(dispatcher, step, turn, choice)
            and choice.next != STAY
            and _asks_besides(turn, choice)
        ):
            digress(dispatcher, turn)
        trail = [*(tracker.get_slot("guide_trail") or []), {"step": step.key, "chosen": choice.title}]
        return await self._follow(dispatcher, tracker, step, choice, trail)

    def _go_to(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, step: Step, trail: list[dict[str, str]]
    ) -> Events:
        """To `step`, or past it when what it asks was said before."""
        passed = {entry["step"] for entry in trail}
        texts = _said(tracker)
        if trail and texts:
            answered = find_step(load_guides(), "", trail[-1]["step"])
            texts = [left_over(answered, texts[0]), *texts[1:]]
        while step.remembers and step.key not in passed:
            choice = next((found for text in texts if text and (found := already_said(step, text))), None)
            if choice is None or not _leads_on(choice):
                break
            following = find_step(load_guides(), step.guide, str(choice.next))
            if following.key in passed:
                break
            if choice.say:
                dispatcher.utter_message(response=f"utter_guide_{choice.say}")
            trail = [*trail, {"step": step.key, "chosen": choice.title}]
            passed.add(step.key)
            step = following
        asked_as_well = already_said(step, texts[0]) if texts and texts[0] and trail else None
        response = (
            f"utter_guide_{asked_as_well.say}"
            if asked_as_well and asked_as_well.next == STAY and asked_as_well.say
            else None
        )
        if response and all(message.get("response") != response for message in dispatcher.messages):
            dispatcher.utter_message(response=response)
        return [SlotSet("guide_step", step.key), SlotSet("guide_trail", trail)]

    async def _steer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """As the base class, but asking for a moment, or having found the card, is no wish to stop."""
        step = current_step(tracker)
        choice = choose(step, turn) if step and turn.label not in {"go_back", "start_over"} else None
        if choice and choice.hidden:
            return None
        return await super()._steer(dispatcher, tracker, turn)

    async def _follow(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        step: Step,
        choice: Choice,
        trail: list[dict[str, str]],
    ) -> Events:
        if choice.say:
            dispatcher.utter_message(response=f"utter_guide_{choice.say}")
        if choice.start:
            return [*ended(guide_step=None, guide_trail=trail), FollowupAction(choice.start)]
        if choice.check:
            return [
                *ended(guide_step=None, guide_trail=trail, guide_resume=step.key),
                SlotSet("card_check_purpose", choice.check),
                FollowupAction("action_check_card"),
            ]
        if choice.next in {STAY, WAIT}:
            return [UNDERSTOOD, SlotSet(REQUESTED_SLOT, ANSWER)]
        if choice.next == BACK:
            return await self.go_back(dispatcher, tracker)
        if choice.next in {HANDOFF, *CLOSING}:
            return self._end(dispatcher, tracker, step, choice, trail)
        following = find_step(load_guides(), step.guide, str(choice.next))
        return [*self._go_to(dispatcher, tracker, following, trail), SlotSet(REQUESTED_SLOT, ANSWER)]

    def _end(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        step: Step,
        choice: Choice,
        trail: list[dict[str, str]],
    ) -> Events:
        if choice.next == HANDOFF:
            tried = [f"{entry['step']}: {entry['chosen']}" for entry in trail]
            reason = "guide_failed" if step.name in {ASK_SOLVED, UNSOLVED} else "visitor_asked"
            hand_off(dispatcher, tracker, reason=reason, errand=step.guide, tried=tried)
        elif choice.next != END:
            dispatcher.utter_message(response=f"utter_guide_{choice.next}")
        return ended(guide_step=None, guide_trail=[])

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
        """A question that nobody knows is admitted; failing again, the step's own question is explained."""
        step, turn = current_step(tracker), Turn.of(tracker)
        bare = turn.label == "ask_more" and len(turn.text.split()) <= _ABOUT_THE_QUESTION
        meant = bare or (failures > 1 and not is_asked(turn.text))
        if step and step.explain and meant:
            dispatcher.utter_message(response=f"utter_guide_explain_{step.explain[0]}")
        elif is_asked(turn.text):
            dispatcher.utter_message(response="utter_guide_no_answer")
        else:
            dispatcher.utter_message(
                response="utter_guide_explain" if failures > 1 else "utter_guide_unclear"
            )
        return ask_again(tracker)

    def accept_thanks(self, dispatcher: CollectingDispatcher) -> None:
        """As the base class; the step waits."""
        super().accept_thanks(dispatcher)
        dispatcher.utter_message(response=_SAID_WAIT)

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """The same guide again only repeats the question; another task takes over."""
        step = current_step(tracker)
        if step and (turn.label == step.guide or names_without_ordering(turn)):
            return ask_again(tracker)
        return await super().leave_for(dispatcher, tracker, turn)


def _leads_on(choice: Choice) -> bool:
    """Whether it leads to another step, and not to the end."""
    return choice.next not in {None, *CLOSING, HANDOFF, STAY, WAIT, BACK, ASK_SOLVED}


def _say_asides(dispatcher: CollectingDispatcher, step: Step, turn: Turn, chosen: Choice) -> bool:
    """Answers what `turn` asks about the step besides; whether it asks anything."""
    said = dict.fromkeys(f"utter_guide_{choice.say}" for choice in asides(step, turn, chosen) if choice.say)
    for response in said:
        dispatcher.utter_message(response=response)
    return bool(said)


def _asks_besides(turn: Turn, choice: Choice) -> bool:
    """Whether a message that chooses asks something as well, that has an answer of its own."""
    return (
        turn.is_question
        and turn.confidence >= CERTAIN
        and turn.label not in choice.means
        and is_asked(turn.text)
    )


def _said(tracker: Tracker) -> list[str]:
    """What the visitor has said since the last guide ended, newest first."""
    texts: list[str] = []
    for event in reversed(tracker.events):
        if event["event"] == "slot" and event["name"] == "guide_step" and event["value"] is None:
            break
        if event["event"] == "user" and event.get("text"):
            texts.append(str(event["text"]))
    return texts[:REMEMBERED_TEXTS]


def _said_since(tracker: Tracker, response: str) -> int | None:
    """How many messages of the visitor ago `response` was said, since the guide came to where it is."""
    messages = 0
    for event in reversed(tracker.events):
        if event["event"] == "slot" and event["name"] == "guide_step":
            return None
        if event["event"] == "bot" and (event.get("metadata") or {}).get("utter_action") == response:
            return messages
        messages += event["event"] == "user"
    return None


class AskGuideAnswer(SupportAction):
    """Says the open step, with its choices as buttons; when it was said lately, only asks."""

    action_name = "action_ask_guide_form_guide_answer"

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        step = current_step(tracker)
        if step is None or _said_since(tracker, _SAID_WAIT) == 0:
            return []
        ago = _said_since(tracker, step.response)
        lately = ago is not None and ago <= REMEMBERED and turn.label not in _ANEW
        titles = [choice.title for choice in step.buttons]
        if (
            int(tracker.get_slot("misunderstood") or 0) >= OFFER_PERSON_AFTER
            and "Prata med en person" not in titles
        ):
            titles.append("Prata med en person")
        dispatcher.utter_message(
            response=step.question if lately else step.response,
            buttons=[{"title": title, "payload": title} for title in titles],
        )
        return []
