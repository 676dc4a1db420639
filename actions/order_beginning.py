"""How an order begins, how it stops, and how a yes directly after takes it up again."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDERS
from actions.loop import PUT_OFF, REQUESTED_SLOT, choices, ended
from actions.order_asking import OrderAsking
from actions.order_leaving import left_for, switch_order
from actions.order_slots import (
    CARRY,
    GUESS,
    NEXT,
    NOTE,
    QUESTIONS_OF_FORM,
    START,
    WAITING,
)
from actions.orders import (
    OrderKind,
)
from actions.said import last_answer
from actions.turn import CERTAIN, Turn, plain

# The answers that end an order; a yes directly after one takes it up again.
STOPPED = ("utter_order_stopped", "utter_order_not_wanted", "utter_order_later")


class OrderBeginning(OrderAsking, ABC):
    """An order as far as its beginning and end go.

    Class attributes:
        meant_here: a question's label → what is meant by it while this is ordered.
    """

    meant_here: ClassVar[Mapping[str, str]] = {}

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; a question is understood as one about what is being ordered."""
        named = fields.named_products(turn.text) - {self.label}
        meant = None if named else self.meant_here.get(turn.label)
        return await super().answer(dispatcher, tracker, replace(turn, label=meant) if meant else turn)

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; a message that takes its wish back begins nothing."""
        if wishes.PROTECTED.search(plain(turn.text)):
            return await self._stop_for_protected(dispatcher, tracker)
        carry = tracker.get_slot(CARRY) or {}
        if carry.get("after") and _begun_by_yes(tracker) and not _follows(tracker, carry):
            # The offer to take it up again is no longer what a yes is about.
            return [*ended(**{CARRY: None}), FollowupAction("action_handle_affirm")]
        needs_address = self.kind is OrderKind.ORDINARY_CARD and _says_that_address_is_needed(tracker)
        if needs_address and not fields.read_hsa_id(turn.text):
            errand = Errand(tracker.sender_id, tracker.slots)
            return errand.events(self._offer_reserve_card(dispatcher, errand))
        left_for_this = carry.get("form") == self.form and "after" not in carry
        if left_for_this:
            return await super().begin(dispatcher, tracker, turn)
        return await self._begin_other(dispatcher, tracker, turn) or await super().begin(
            dispatcher, tracker, turn
        )

    async def _begin_other(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """What an opening message means that does not want this order, whatever its label; else None."""
        if ORDERS.get(turn.label) != self.form:
            return None
        if fields.is_only_hsa_ids(turn.text) and not self._was_placed_last(tracker):
            return self._ask_which(dispatcher, turn)
        other, surely = self.wanted_instead(turn)
        if other and (surely or other in fields.named_products(wishes.last_words(turn.text) or "")):
            return switch_order(dispatcher, Errand(tracker.sender_id, tracker.slots), other)
        names = fields.named_products(turn.text)
        response = None if names else wishes.response_to_not_ordering(turn.text)
        if self._takes_back(turn):
            response = "utter_order_not_wanted"
        if response is None:
            return None
        dispatcher.utter_message(response=response)
        return await self.stop(CollectingDispatcher(), tracker)

    def _was_placed_last(self, tracker: Tracker) -> bool:
        return any(said["response"] == f"utter_order_placed_{self.kind}" for said in last_answer(tracker))

    @staticmethod
    def _ask_which(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """A HSA-id alone orders nothing; it is kept for what is chosen."""
        labels = [label for label, form in ORDERS.items() if "hsa_id" in QUESTIONS_OF_FORM[form]]
        dispatcher.utter_message(response="utter_order_which", buttons=choices(labels))
        carry = {
            "form": None,
            "slots": {"hsa_id": fields.read_hsa_id(turn.text)},
            "after": ["utter_order_which"],
        }
        return ended(**{CARRY: carry})

    def _takes_back(self, turn: Turn) -> bool:
        """Whether the last words of an opening message say that nothing is to be ordered after all."""
        last = wishes.last_words(turn.text)
        if last is None:
            return False
        wants = fields.named_products(last) or wishes.orders(last) or re.search(r"\d", last)
        return wishes.found_again(last) or not (wants or fields.named_card(last))

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """Also take what an order before this one left for it, and the HSA-id that a card check has found."""
        carry = errand[CARRY] or {}
        if carry.get("form", "") in (self.form, None):
            if "after" not in carry or _follows(tracker, carry):
                for slot, value in carry["slots"].items():
                    errand[slot] = value
            errand[CARRY] = None
        super().prefill(errand, tracker, turn)
        if "hsa_id" in self.questions and not errand["hsa_id"] and tracker.get_slot("card_hsa_id"):
            errand[GUESS] = tracker.get_slot("card_hsa_id")
        errand[PUT_OFF] = [
            label
            for label in errand[PUT_OFF] or ()
            if label not in ORDERS or not fields.refuses_product(turn.text, label)
        ] or None
        waits = next((label for label in errand[PUT_OFF] or () if label in ORDERS), None)
        if waits and waits != self.label:
            errand[CARRY] = left_for(waits, turn)

    def first_question(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> str | None:
        """Who only asks about ordering, or has not said what is wanted, is asked whether to order."""
        self._note_others(dispatcher, errand, turn)
        if self._lives_abroad(turn):
            return self._offer_reserve_card(dispatcher, errand)
        details = fields.read_hsa_id(turn.text) or fields.read_email(turn)
        said = plain(turn.text)
        if details or fields.read_customer_number(turn, asked=True) or ORDERS.get(turn.label) != self.form:
            return None
        if wishes.NEEDS.search(said):
            dispatcher.utter_message(response=f"utter_order_needs_{self.form}")
            return START
        says_so = fields.named_products(turn.text) or fields.named_card(turn.text) or wishes.orders(turn.text)
        told = turn.wants_to_be_told or wishes.ORDERED.search(said) or wishes.ASKS_WHETHER.search(said)
        return START if told or not says_so else None

    def _lives_abroad(self, turn: Turn) -> bool:
        """Whether it says that the card's holder has no Swedish address, in an order that needs one."""
        if self.kind is not OrderKind.ORDINARY_CARD:
            return False
        sure = turn.label == "faq/ordinary_card_address_requirement" and turn.confidence >= CERTAIN
        return (sure and not turn.sounds_like_question) or wishes.lives_abroad(turn.text)

    async def _stop_for_protected(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """A person with protected identity is no matter for a chat: nothing of it is kept."""
        dispatcher.utter_message(response="utter_order_protected_identity")
        events = await super().stop(CollectingDispatcher(), tracker)
        return [*events, SlotSet(CARRY, None)]

    async def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """See the base class; a yes directly after takes the order up again."""
        placed = tracker.get_slot(REQUESTED_SLOT) == NEXT or tracker.get_slot("order_number")
        said: CollectingDispatcher = CollectingDispatcher() if placed else dispatcher
        kept = {slot: tracker.get_slot(slot) for slot in (*self.questions, NOTE, "named_person", WAITING)}
        events = await super().stop(said, tracker)
        if placed:
            dispatcher.utter_message(response="utter_order_no_more")
            return events
        waiting = [label for label in tracker.get_slot(PUT_OFF) or () if label != self.label]
        if (tracker.active_loop or {}).get("name") != self.form:
            return [*events, SlotSet(PUT_OFF, waiting or None)]
        carry = {
            "form": self.form,
            "slots": {slot: value for slot, value in kept.items() if value},
            "after": list(STOPPED),
        }
        return [
            *events,
            SlotSet(CARRY, carry),
            SlotSet("pending_offer", self.form),
            SlotSet(PUT_OFF, waiting or None),
        ]


def _follows(tracker: Tracker, carry: Mapping[str, Any]) -> bool:
    """Whether what `carry` holds was left by the bot's last answer."""
    return any(said["response"] in carry["after"] for said in last_answer(tracker))


def _says_that_address_is_needed(tracker: Tracker) -> bool:
    """Whether a yes began the form that followed "only with a Swedish address"."""
    response = "utter_faq/ordinary_card_address_requirement"
    return _begun_by_yes(tracker) and any(said["response"] == response for said in last_answer(tracker))


def _begun_by_yes(tracker: Tracker) -> bool:
    """Whether a yes to an offer began the form."""
    # Rasa counts the form itself as executed when it has its first message read.
    names = [event.get("name") for event in tracker.events if event["event"] == "action"]
    before = [name for name in names[-2:] if name not in ORDERS.values()]
    return before[-1:] == ["action_handle_affirm"]
