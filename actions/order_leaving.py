"""Leaving an order for another task: asked first when answers would be lost, and what carries over to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS, ORDERS, starts_task, titles
from actions.loop import PUT_OFF, REQUESTED_SLOT, switch_to
from actions.order_lookup import names_placed_order
from actions.order_reading import OrderReading
from actions.order_slots import (
    CARRY,
    CONFIRM,
    DUPLICATE,
    ERRAND_SLOTS,
    GUESS,
    NEXT,
    QUESTIONS_OF_FORM,
    START,
    SWITCH,
    SWITCH_TO,
    WAITING,
)
from actions.order_texts import THINGS, current, status_line
from actions.orders import OrderDraft
from actions.orders.errors import NotVerified
from actions.store import ask_store
from actions.turn import SURE, UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS

# What another kind of order can use of this one.
_CARRIED = ("hsa_id", GUESS, "named_person", "one_time_code", WAITING)
_CARDS = ("order_siths_card", "order_reserve_card")
_PERSONAL = ("hsa_id", GUESS, "named_person", WAITING)
# Said at once that ordering blocks no card: waiting with that could do harm.
_ABOUT_BLOCKING = ("block_card", "card_blocked", "report_lost_card")
_LISTED = 5


class OrderLeaving(OrderReading, ABC):
    """An order that is left for something else, at once or when it is placed."""

    async def _answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; what is no answer to "shall we leave it?" goes on with the order."""
        if not self._passes_over_switch(tracker, turn):
            return await super()._answer(dispatcher, tracker, turn)
        label, asking = tracker.get_slot(SWITCH)
        waiting = list(tracker.get_slot(PUT_OFF) or ())
        changed = {
            SWITCH: None,
            PUT_OFF: [*waiting, *([] if label in (*waiting, *ORDERS) else [label])] or None,
        }
        # Not among the events: of two open questions Rasa asks the first.
        tracker.slots.update({**changed, REQUESTED_SLOT: asking})
        events = await super()._answer(dispatcher, tracker, turn)
        return [*(SlotSet(slot, value) for slot, value in changed.items()), *events]

    def _passes_over_switch(self, tracker: Tracker, turn: Turn) -> bool:
        if tracker.get_slot(REQUESTED_SLOT) != SWITCH or not tracker.get_slot(SWITCH) or yes_or_no(turn):
            return False
        unclear = turn.label in (UNCLEAR, "out_of_scope") and not turn.wants_to_be_told
        inside = ORDER_FORMS.keys() | {"find_hsa_id"}
        return (
            unclear or turn.label in inside - {tracker.get_slot(SWITCH)[0]} or self.says_value(tracker, turn)
        )

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """An order with answers in it is not dropped without asking."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking, label = str(tracker.get_slot(REQUESTED_SLOT)), turn.label
        placed = label == "cancel_order" and await names_placed_order(tracker.sender_id, turn.text)
        if label == "cancel_order" and not placed and asking != NEXT:
            return await self.stop(dispatcher, tracker)
        if label == "find_hsa_id":
            dispatcher.utter_message(response="utter_explain_hsa_id")
            return errand.events(asking)
        if ORDER_FORMS.get(label) == self.form:
            return await self._begin_again(dispatcher, errand, turn)
        if label in ORDERS:
            return await self._guessed(dispatcher, errand, turn)
        if label in ("list_orders", "check_order_status"):
            return await self._say_orders(dispatcher, errand)
        return self._leave_for_task(dispatcher, errand, turn)

    async def _begin_again(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> Events:
        """This order once more: new details are taken, and it is said what is being ordered."""
        asking = errand[REQUESTED_SLOT]
        if not self.collect(errand, turn) and asking in self.questions:
            dispatcher.utter_message(response="utter_order_current", order=await self.described(errand))
        if asking == NEXT:
            errand[WAITING] = None
        return await self._go_on(dispatcher, errand, turn)

    def _leave_for_task(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> Events:
        """Something else than ordering: a question waits; a wish is asked about if answers would be lost."""
        label = turn.label
        if not any(errand[slot] for slot in (*self.questions, "customer_number")):
            return switch_to(label)
        if label in _ABOUT_BLOCKING and "hsa_id" in self.questions:
            dispatcher.utter_message(response="utter_order_blocks_nothing")
            return self._wait(errand, label)
        if turn.wants_to_be_told or turn.sounds_like_question:
            dispatcher.utter_message(response="utter_order_afterwards")
            return self._wait(errand, label)
        return self._ask_switch(errand, label)

    async def _guessed(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> Events:
        """Another order that the label stands for: never begun unless its thing is named, or asked about."""
        asking, label = str(errand[REQUESTED_SLOT]), turn.label
        named = label in fields.named_products(turn.text, fields.REFUSED) or (
            label == "order_siths_card" and self.label not in _CARDS and fields.named_card(turn.text)
        )
        if named and not turn.wants_to_be_told:
            return await self._leave_for_order(dispatcher, errand, label)
        if named or wishes.CHANGES.search(plain(turn.text)):
            return self._ask_switch(errand, label)
        dispatcher.utter_message(response="utter_order_current", order=await self.described(errand))
        return errand.events(asking)

    async def _say_orders(self, dispatcher: CollectingDispatcher, errand: Errand) -> Events:
        """What has been ordered, in the middle of another order, and that this one is not."""
        asking = str(errand[REQUESTED_SLOT])
        try:
            orders = await ask_store(lambda store: store.list_orders(errand.conversation, _LISTED))
        except NotVerified:
            dispatcher.utter_message(response="utter_order_afterwards")
            return self._wait(errand, "list_orders")
        if orders:
            lines = "\n".join(f"- {status_line(order)}" for order in orders)
            dispatcher.utter_message(response="utter_order_list", orders=lines)
        else:
            dispatcher.utter_message(response="utter_nothing_ordered")
        if asking != NEXT:
            dispatcher.utter_message(response="utter_order_current", order=await self.described(errand))
        return errand.events(asking)

    async def described(self, errand: Errand) -> str:
        """The open order as far as it is known, in the middle of a sentence."""
        return current(self.draft(errand), self.label, None)

    @abstractmethod
    def draft(self, errand: Errand) -> OrderDraft:
        """What has been said so far, as the order service takes it."""

    async def _leave_for_order(
        self, dispatcher: CollectingDispatcher, errand: Errand, label: str, *, surely: bool = False
    ) -> Events:
        """Change to the order of `label`: at once when it was told to or nothing is lost, else ask."""
        asking = str(errand[REQUESTED_SLOT])
        other = QUESTIONS_OF_FORM[ORDERS[label]]
        lost = any(errand[slot] for slot in self.questions if slot not in other)
        if surely or asking in (START, *QUESTIONS) or not (lost or asking in (CONFIRM, DUPLICATE)):
            return switch_order(dispatcher, errand, label)
        return self._ask_switch(errand, label)

    @staticmethod
    def _ask_switch(errand: Errand, label: str) -> Events:
        errand[SWITCH] = [label, str(errand[REQUESTED_SLOT])]
        errand[SWITCH_TO] = titles()[label]
        return errand.events(SWITCH)

    async def _read_switch(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, said: str | None
    ) -> Events | None:
        label, asking = errand[SWITCH]
        if said is None and starts_task(turn.label) and turn.confidence >= SURE and label not in ORDERS:
            # Another wish beside ordering: then it is left.
            label, said = turn.label, "affirm"
        elif turn.label == label or label in fields.named_products(turn.text, fields.REFUSED):
            said = "affirm"
        elif said is None:
            return None
        errand[SWITCH] = None
        if said == "deny":
            errand[CARRY] = None
            self.collect(errand, turn)
            if asking in QUESTIONS:
                return errand.events(asking)
            return await self._go_on(dispatcher, errand, turn)
        if label in ORDERS:
            return switch_order(dispatcher, errand, label)
        errand.clear(*ERRAND_SLOTS)
        return [*errand.events(None), *switch_to(label)]

    def wanted_instead(self, turn: Turn) -> tuple[str | None, bool]:
        """The order that the words ask for instead of this one, and whether they surely say so."""
        said = plain(turn.text)
        refuses = fields.refuses_product(turn.text, self.label)
        named = fields.named_products(turn.text, fields.REFUSED) - {self.label}
        if turn.wants_to_be_told or len(named) > 1:
            return None, False
        card = (refuses and fields.named_card(turn.text)) or wishes.CARD_INSTEAD.search(said)
        if not named and card and self.label not in _CARDS:
            named = frozenset({"order_siths_card"})
        named = frozenset(label for label in named if refuses or not fields.has_product(turn.text, label))
        own = self.label in fields.named_products(turn.text, fields.REFUSED)
        if not named or own:
            return None, False
        return next(iter(named)), refuses or bool(wishes.CHANGES.search(said) or card)

    def _other_product(self, turn: Turn) -> str | None:
        return self.wanted_instead(turn)[0]

    def also_wanted(self, errand: Errand, turn: Turn) -> list[str]:
        """See the base class: "en puk och två läsare"."""
        if turn.wants_to_be_told or not wishes.LISTS.search(plain(turn.text)):
            return []
        return sorted(fields.named_products(turn.text) - {self.label, *turn.topics})

    def _put_off(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, label: str) -> Events:
        errand = Errand(tracker.sender_id, tracker.slots)
        errand[CARRY] = left_for(label, turn)
        dispatcher.utter_message(response="utter_order_afterwards")
        return self._wait(errand, label)

    @staticmethod
    def _wait(errand: Errand, label: str) -> Events:
        """Events that take up `label` when this order is done, and ask the open question again."""
        waiting = list(errand[PUT_OFF] or ())
        errand[PUT_OFF] = [*waiting, *([] if label in waiting else [label])]
        return errand.events(str(errand[REQUESTED_SLOT]))


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


def switch_order(dispatcher: CollectingDispatcher, errand: Errand, label: str) -> Events:
    """Events that order something else instead, with what is known."""
    form = ORDERS[label]
    dispatcher.utter_message(response="utter_order_changed", thing=THINGS[label])
    carried = errand[CARRY] or {}
    questions = QUESTIONS_OF_FORM[form]
    slots = {slot: errand[slot] for slot in (*_CARRIED, *questions)}
    kept = {slot: value for slot, value in slots.items() if value and (slot in questions or slot in _CARRIED)}
    if "hsa_id" not in questions:
        kept = {slot: value for slot, value in kept.items() if slot not in _PERSONAL}
    if carried.get("form") == form:
        kept |= carried["slots"]
    errand.clear(*ERRAND_SLOTS)
    return [
        *errand.events(None),
        *switch_to(label)[:-1],
        SlotSet(CARRY, {"form": form, "slots": kept}),
        switch_to(label)[-1],
    ]
