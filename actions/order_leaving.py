"""Leaving an order for another task: asked first when answers would be lost, and what carries over to it."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS, ORDERS
from actions.loop import PUT_OFF, REQUESTED_SLOT, switch_to
from actions.order_lookup import names_placed_order
from actions.order_reading import OrderReading
from actions.order_slots import CARRY, ERRAND_SLOTS, GUESS, NEXT, QUESTIONS_OF_FORM, START, SWITCH, WAITING
from actions.turn import Turn, plain
from actions.verification import QUESTIONS

# What another kind of order can use of this one.
_CARRIED = ("hsa_id", GUESS, "named_person", "one_time_code")


class OrderLeaving(OrderReading, ABC):
    """An order that is left for something else, at once or when it is placed."""

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """An order with answers in it is not dropped without asking."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(tracker.get_slot(REQUESTED_SLOT))
        placed = turn.label == "cancel_order" and await names_placed_order(tracker.sender_id, turn.text)
        if turn.label == "cancel_order" and not placed and asking != NEXT:
            return await self.stop(dispatcher, tracker)
        if turn.label == "find_hsa_id":
            dispatcher.utter_message(response="utter_explain_hsa_id")
            return errand.events(asking)
        if ORDER_FORMS.get(turn.label) == self.form:
            self.collect(errand, turn)
            if asking == NEXT:
                errand[WAITING] = None
            return await self._go_on(dispatcher, errand, turn)
        if turn.label in ORDERS:
            return await self._leave_for_order(tracker, turn.label, turn)
        if not any(errand[slot] for slot in (*self.questions, "customer_number")):
            return switch_to(turn.label)
        errand[SWITCH] = [turn.label, asking]
        return errand.events(SWITCH)

    async def _leave_for_order(self, tracker: Tracker, label: str, turn: Turn) -> Events:
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(errand[REQUESTED_SLOT])
        if asking not in (START, *QUESTIONS) and any(errand[slot] for slot in self.questions):
            errand[SWITCH] = [label, asking]
            return errand.events(SWITCH)
        return _switch_order(errand, label)

    async def _read_switch(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, said: str | None
    ) -> Events | None:
        label, asking = errand[SWITCH]
        if said is None:
            return None
        errand[SWITCH] = None
        if said == "deny":
            self.collect(errand, turn)
            if asking not in QUESTIONS:
                asking = await self.next_question(dispatcher, errand)
            return errand.events(asking)
        if label in ORDERS:
            return _switch_order(errand, label)
        errand.clear(*ERRAND_SLOTS)
        return [*errand.events(None), *switch_to(label)]

    def _other_product(self, turn: Turn, said: str) -> str | None:
        named = fields.named_products(said)
        if len(named) != 1 or self.label in named or turn.wants_to_be_told:
            return None
        return next(iter(named))

    def also_wanted(self, errand: Errand, turn: Turn) -> list[str]:
        """See the base class: "en puk och två läsare"."""
        if turn.wants_to_be_told or not wishes.LISTS.search(plain(turn.text)):
            return []
        return sorted(fields.named_products(turn.text) - {self.label, *turn.topics})

    def _put_off(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, label: str) -> Events:
        errand = Errand(tracker.sender_id, tracker.slots)
        waiting = list(errand[PUT_OFF] or ())
        errand[PUT_OFF] = [*waiting, *([] if label in waiting else [label])]
        errand[CARRY] = left_for(label, turn)
        dispatcher.utter_message(response="utter_order_afterwards")
        return errand.events(str(tracker.get_slot(REQUESTED_SLOT)))


def left_for(label: str, turn: Turn) -> dict[str, Any]:
    """What the message already says for the order of `label`, which comes later."""
    slots: Mapping[str, Any] = {
        "hsa_id": fields.read_hsa_id(turn.text),
        "assurance_level": fields.read_level(turn, asked=False),
        "quantity": fields.read_quantity(turn, asked=False),
    }
    form = ORDERS[label]
    questions = QUESTIONS_OF_FORM[form]
    known = {slot: value for slot, value in slots.items() if value and slot in questions}
    return {"form": form, "slots": known}


def _switch_order(errand: Errand, label: str) -> Events:
    """Events that order something else instead, with what is known."""
    form = ORDERS[label]
    questions = QUESTIONS_OF_FORM[form]
    slots = {slot: errand[slot] for slot in (*_CARRIED, *questions)}
    kept = {slot: value for slot, value in slots.items() if value and (slot in questions or slot in _CARRIED)}
    if "hsa_id" not in questions:
        kept = {slot: value for slot, value in kept.items() if slot not in ("hsa_id", GUESS, "named_person")}
    errand.clear(*ERRAND_SLOTS)
    return [
        *errand.events(None),
        *switch_to(label)[:-1],
        SlotSet(CARRY, {"form": form, "slots": kept}),
        switch_to(label)[-1],
    ]
