"""What every form shares: questions in the middle, changing one's mind, not being understood."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.base import Events, SupportAction
from actions.labels import EVENTS, ORDER_FORMS, ORDERS, SMALL_TALK, guide_entries, starts_task, titles
from actions.offices import utter_offices
from actions.said import asked_before, last_answer
from actions.turn import SURE, Turn, plain, words

REQUESTED_SLOT = "requested_slot"
PUT_OFF = "put_off"
# "Glöm alltihop" drops what waits as well.
EVERYTHING = frozenset({"allt", "allting", "alltihop", "alltsammans"})
COURTESY = frozenset({"thank", "praise"})
TO_REPORT = frozenset({"report_lost_card", "block_card"})
# Rasa takes a validation that sets no slot as "not an answer"; this one also forgets earlier failures.
UNDERSTOOD = SlotSet("misunderstood", 0)
RESUME = "utter_guide_resume"
# Words with which one asks what a question means; a word as long as this may be what it is about.
_NAMES_NOTHING = words(
    """vad ar det den en ett for nat nagot hur da vilken vilket vilka menar menas betyder innebar du ni ska
    jag man skriva svara gora har nu dar meningen jaha aha men alltsa ok okej tack oj va jo hej"""
)
_TELLING = 5


class LoopForm(SupportAction):
    """`validate_<form>`: reads the answer to the form's open question.

    A subclass reads answers in `take`; what is no answer is handled here: a question in between is
    answered and the form asks again, a wish for something else leaves the form.
    """

    form: ClassVar[str]
    explains: ClassVar[bool] = False
    """Whether each of its questions has a response `utter_explain_<slot>` for who asks what it means."""

    def name(self) -> str:
        """`validate_` and the form's name, as Rasa calls it."""
        return f"validate_{self.form}"

    @abstractmethod
    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """The form has just been started, by `turn`."""

    @abstractmethod
    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """The events when `turn` answers the open question, else None."""

    @abstractmethod
    async def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """The visitor no longer wants this: says what became of it and ends the form."""

    @abstractmethod
    async def go_back(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """One question back."""

    @abstractmethod
    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """The answer was not understood, for the `failures`-th time in a row."""

    async def heed(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """The events when `turn` says something that comes before its label; by default nothing does."""
        return None

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """`turn` starts another task; by default that one takes over."""
        return switch_to(turn.label)

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; what the visitor also wanted is taken up when the form ends."""
        events = await self._answer(dispatcher, tracker, turn)
        return [*events, *_take_up(dispatcher, tracker, turn, events)]

    async def _answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        if (tracker.active_loop or {}).get("name") != self.form or not tracker.get_slot(REQUESTED_SLOT):
            return await self.begin(dispatcher, tracker, turn)
        if turn.label == "handed_back":
            dispatcher.utter_message(response=RESUME)
            return ask_again(tracker)
        if turn.label in EVENTS:
            raise ActionExecutionRejection(self.name())
        if turn.gives_up and (turn.is_question or starts_task(turn.label)):
            return await self._drop_for(dispatcher, tracker, turn)
        events = await self.heed(dispatcher, tracker, turn)
        if events is None and turn.confidence >= SURE:
            events = await self._steer(dispatcher, tracker, turn)
        if events is not None:
            return [UNDERSTOOD, *events]
        events = await self.take(dispatcher, tracker, turn)
        if events is not None:
            return [*events, UNDERSTOOD]
        return await self._other(dispatcher, tracker, turn)

    async def _drop_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """`turn` drops this, and asks or wants something else."""
        events = await self.stop(dispatcher, tracker)
        if starts_task(turn.label):
            return [*events, *switch_to(turn.label)]
        digress(dispatcher, turn)
        return [*events, SlotSet(PUT_OFF, None)]

    async def _steer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """Out of the form or back in it, whatever it asks; None when `turn` says nothing of the kind."""
        if turn.label == "cancel":
            return await self.stop(dispatcher, tracker)
        if turn.label == "start_over":
            dispatcher.utter_message(response="utter_start_over")
            return await self.stop(CollectingDispatcher(), tracker)
        if turn.label == "go_back":
            return await self.go_back(dispatcher, tracker)
        return None

    async def _other(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """`turn` is no answer: it leaves the form, says something in between, or was not understood."""
        if turn.label == "request_human":
            raise ActionExecutionRejection(self.name())
        if turn.confidence >= SURE and starts_task(turn.label) and not turn.covered:
            return [*await self.leave_for(dispatcher, tracker, turn), UNDERSTOOD]
        if turn.label in {"go_back", "correct"}:
            return [UNDERSTOOD, *await self.go_back(dispatcher, tracker)]
        if turn.label == "goodbye" and turn.confidence >= SURE:
            dispatcher.utter_message(response="utter_goodbye")
            return [*await self.stop(dispatcher, tracker), UNDERSTOOD]
        if self._in_between(dispatcher, tracker, turn):
            return ask_again(tracker)
        failures = int(tracker.get_slot("misunderstood") or 0) + 1
        if self.explains and turn.expects_answer:
            dispatcher.utter_message(response="utter_cannot_answer_here")
            return [*ask_again(tracker), SlotSet("misunderstood", failures)]
        return [*await self.explain(dispatcher, tracker, failures), SlotSet("misunderstood", failures)]

    def _in_between(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> bool:
        """Whether `turn` says something after which the open question only is asked again."""
        if turn.label == "repeat":
            return True
        if turn.label in COURTESY and not turn.expects_answer:
            self.accept_thanks(dispatcher)
            return True
        if self.explains and turn.expects_answer and _is_about(last_answer(tracker), turn):
            dispatcher.utter_message(response=f"utter_explain_{tracker.get_slot(REQUESTED_SLOT)}")
            return True
        if not digress(dispatcher, turn):
            return False
        if not asked_before(tracker, RESUME):
            dispatcher.utter_message(response=RESUME)
        return True

    def accept_thanks(self, dispatcher: CollectingDispatcher) -> None:
        """The visitor thanks, and has not answered yet."""
        dispatcher.utter_message(response="utter_welcome")


def _is_about(said: list[dict[str, Any]], turn: Turn) -> bool:
    """Whether a question is about the bot's last one and nothing else: "vad är det för nummer?"."""
    asked = plain(said[-1]["text"]).split() if said else []
    own = [word for word in plain(turn.text).split() if word not in _NAMES_NOTHING]
    return all(any(_share(word, other) for other in asked) for word in own)


def _share(one: str, other: str) -> bool:
    return (one in other or other in one) and min(len(one), len(other)) >= _TELLING


def ask_again(tracker: Tracker) -> Events:
    """Events with which the form asks its open question once more."""
    return [UNDERSTOOD, SlotSet(REQUESTED_SLOT, tracker.get_slot(REQUESTED_SLOT))]


def digress(dispatcher: CollectingDispatcher, turn: Turn) -> bool:
    """Answer a question or small talk that stands beside the task; False when it is neither.

    What may be out of scope is in the middle of a task more likely an answer that was not understood, and
    thanks for an answer that asks something are no small talk.
    """
    if turn.label == "out_of_scope" or (turn.label in COURTESY and turn.expects_answer):
        return False
    if turn.label == "several_questions" or turn.covered:
        utter_topics(dispatcher, turn)
        return True
    if turn.is_question or turn.label in SMALL_TALK:
        dispatcher.utter_message(response=f"utter_{turn.label}")
        return True
    if turn.label == "find_activation_office":
        utter_offices(dispatcher, turn)
        return True
    return False


def utter_topics(dispatcher: CollectingDispatcher, turn: Turn) -> None:
    """Answer the questions among the message's topics."""
    for label in turn.topics:
        if label.startswith("faq/"):
            dispatcher.utter_message(response=f"utter_{label}")
        elif label == "find_activation_office":
            utter_offices(dispatcher, turn)


def put_off(tracker: Tracker, turn: Turn) -> list[str] | None:
    """The tasks that wait while that of `turn` is done: those it names beside it, else those that waited."""
    named = [label for label in turn.topics if starts_task(label)] or tracker.get_slot(PUT_OFF) or []
    # A trouble named in an order is its reason; only a card that is gone has to be reported as well.
    reasons = guide_entries().keys() - TO_REPORT if turn.label in ORDERS else set()
    return [label for label in named if label != turn.label and label not in reasons] or None


def offer(dispatcher: CollectingDispatcher, labels: list[str]) -> Events:
    """Asks whether the first of `labels` shall be taken now; the others go on waiting."""
    dispatcher.utter_message(response="utter_take_up", task=titles()[labels[0]], buttons=choices(labels[:1]))
    return [SlotSet(PUT_OFF, labels[1:] or None)]


def choices(labels: list[str]) -> list[dict[str, str]]:
    """Buttons for `labels`, and one for something else."""
    names = [titles()[label] for label in [*labels, "deny"]]
    return [{"title": name, "payload": name} for name in names]


def _take_up(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, events: Events) -> Events:
    """The offer of what waits, if `events` end a form and the chat stays with the bot and this visitor."""
    goes_on = any(event["event"] == "followup" for event in events)
    said = [message.get("custom") or {} for message in dispatcher.messages]
    handed_over = any(directive.get("directive") == "handoff" for directive in said)
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    waiting = slots.get(PUT_OFF, tracker.get_slot(PUT_OFF))
    over = REQUESTED_SLOT in slots and slots[REQUESTED_SLOT] is None
    if not over or not waiting or goes_on or handed_over or turn.label == "goodbye":
        return []
    if not EVERYTHING.isdisjoint(plain(turn.text).split()):
        return [SlotSet(PUT_OFF, None)]
    return offer(dispatcher, waiting)


def ended(**slots: Any) -> Events:
    """Events that end a form and set `slots`."""
    return [
        SlotSet(REQUESTED_SLOT, None),
        SlotSet("misunderstood", 0),
        *(SlotSet(name, value) for name, value in slots.items()),
    ]


def switch_to(label: str) -> Events:
    """Events that end the open form and begin the task of `label`."""
    if step := guide_entries().get(label):
        return [*ended(guide_step=step, guide_trail=[]), FollowupAction("guide_form")]
    return [*ended(lookup=label), FollowupAction(ORDER_FORMS.get(label, "action_offer_card_check"))]


def keep_loop(tracker: Tracker) -> Events:
    """Events with which an action that ran inside a form leaves it open, silent until the next message."""
    name = (tracker.active_loop or {}).get("name")
    return [ActiveLoop(name), FollowupAction("action_listen")] if name else []


def leave_loop() -> Events:
    """Events that end whatever form is open, from an action outside it."""
    return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
