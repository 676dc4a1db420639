"""Ordering in the chat: one question at a time, several answers at once, a summary, then the order."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS
from actions.loop import switch_to
from actions.order_texts import receipt, summary_lines, utter_duplicate, utter_problem
from actions.orders import (
    Address,
    DraftCheck,
    OrderDraft,
    OrderKind,
    OrderService,
    PlacedOrder,
    ReserveReason,
    contains_personnummer,
    new_idempotency_key,
    parse_hsa_id,
)
from actions.orders.errors import DuplicateOrder, IdempotencyConflict, InvalidHsaId, OrderRefused
from actions.store import ask_store
from actions.turn import Turn, plain, yes_or_no
from actions.verification import CustomerForm

CONFIRM, DUPLICATE, CHANGE, SWITCH, GUESS = (
    "order_confirmed",
    "duplicate_confirmed",
    "order_change",
    "order_switch",
    "hsa_id_guess",
)
ERRAND_SLOTS = (
    "hsa_id",
    GUESS,
    "assurance_level",
    "reserve_reason",
    "quantity",
    "delivery",
    DUPLICATE,
    SWITCH,
    "idempotency_key",
    "order_number",
)


class OrderForm(CustomerForm, ABC):
    """One kind of order.

    Class attributes:
        kind: what is ordered.
        questions: the slots to fill, in the order in which they are asked.
    """

    kind: ClassVar[OrderKind]
    questions: ClassVar[tuple[str, ...]]
    errand_slots = ERRAND_SLOTS

    def draft(self, errand: Errand) -> OrderDraft:
        """What has been said so far, as the order service takes it."""
        delivery = errand["delivery"]
        return OrderDraft(
            kind=self.kind,
            hsa_id=errand["hsa_id"],
            level=errand["assurance_level"],
            reason=ReserveReason(errand["reserve_reason"]) if errand["reserve_reason"] else None,
            quantity=errand["quantity"] or 1,
            delivery=Address(**delivery) if delivery else None,
        )

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """Also take the HSA-id that a card check has found, if the visitor agreed to that."""
        super().prefill(errand, tracker, turn)
        if "hsa_id" in self.questions and not errand["hsa_id"] and tracker.get_slot("card_hsa_id"):
            errand[GUESS] = tracker.get_slot("card_hsa_id")

    def collect(self, errand: Errand, turn: Turn) -> bool:
        """See the base class."""
        said = {
            "hsa_id": fields.read_hsa_id(turn.text),
            "assurance_level": fields.read_level(turn, asked=False),
            "reserve_reason": fields.read_reason(turn, asked=False),
            "quantity": fields.read_quantity(turn, asked=False),
        }
        new = {
            slot: value
            for slot, value in said.items()
            if value and slot in self.questions and errand[slot] != value
        }
        if "hsa_id" in new and str(new["hsa_id"]) not in turn.text:
            # Read from another spelling: confirmed before it is used.
            errand[GUESS] = new.pop("hsa_id")
            errand["hsa_id"] = None
            new[GUESS] = errand[GUESS]
        for slot, value in new.items():
            errand[slot] = value
        return bool(new)

    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """See the base class."""
        if errand[GUESS] and not errand["hsa_id"]:
            return GUESS
        check = await self._check(errand)
        for problem in check.problems:
            answered = problem.field and errand[SLOT_OF_FIELD[problem.field]] is not None
            if problem.field is None or answered:
                utter_problem(dispatcher, problem, self.draft(errand))
                if problem.field is None:
                    return None
                errand.clear(SLOT_OF_FIELD[problem.field])
                return SLOT_OF_FIELD[problem.field]
        for slot in self.questions:
            if errand[slot] is None:
                return slot
        if check.duplicates and not errand[DUPLICATE]:
            utter_duplicate(dispatcher, check.duplicates[0])
            return DUPLICATE
        if errand["idempotency_key"] is None:
            errand["idempotency_key"] = new_idempotency_key()
        dispatcher.utter_message(
            response="utter_order_summary",
            lines="\n".join(
                f"- {line['label']}: {line['value']}" for line in summary_lines(self.draft(errand), check)
            ),
        )
        return CONFIRM

    async def _check(self, errand: Errand) -> DraftCheck:
        draft = self.draft(errand)
        return await ask_store(lambda store: store.check_order(errand.conversation, draft))

    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """See the base class."""
        if contains_personnummer(turn.text):
            dispatcher.utter_message(response="utter_no_personal_number_please")
            return True
        if asking in (CONFIRM, CHANGE):
            return await self._read_confirmation(dispatcher, errand, turn, asking)
        if asking in (DUPLICATE, GUESS):
            return self._read_yes_or_no(errand, turn, asking)
        found = self.collect(errand, turn)
        value = await self._value(errand, turn, asking)
        if value is not None:
            errand[asking] = value
        return found or value is not None

    async def _value(self, errand: Errand, turn: Turn, asking: str) -> Any:
        if asking == "hsa_id":
            return self._typed_hsa_id(errand, turn)
        if asking == "assurance_level":
            return fields.read_level(turn, asked=True)
        if asking == "reserve_reason":
            return fields.read_reason(turn, asked=True)
        if asking == "quantity":
            return fields.read_quantity(turn, asked=True)
        customer = await ask_store(lambda store: store.verified_customer(errand.conversation))
        own = customer.delivery_address if customer else None
        address = fields.read_delivery(turn, own, customer.customer_name if customer else "")
        return (
            {name: getattr(address, name) for name in ("recipient", "street", "postal_code", "city")}
            if isinstance(address, Address)
            else None
        )

    @staticmethod
    def _typed_hsa_id(errand: Errand, turn: Turn) -> str | None:
        try:
            reading = parse_hsa_id(turn.text)
        except InvalidHsaId:
            return None
        if reading.exact:
            return reading.value
        errand[GUESS] = reading.value
        return None

    def _read_yes_or_no(self, errand: Errand, turn: Turn, asking: str) -> bool:
        said = yes_or_no(turn)
        if asking == GUESS:
            if fields.read_hsa_id(turn.text):
                errand.clear(GUESS)
                return self.collect(errand, turn)
            if said == "affirm":
                errand["hsa_id"] = errand[GUESS]
            if said:
                errand.clear(GUESS)
            return said is not None
        if said == "affirm":
            errand[DUPLICATE] = True
        return said == "affirm"

    async def _read_confirmation(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str
    ) -> bool:
        if self.collect(errand, turn):
            errand.clear(DUPLICATE, "idempotency_key")
            return True
        changed = next(
            (
                slot
                for slot in self.questions
                if any(word in plain(turn.text) for word in WORDS_OF_SLOT[slot])
            ),
            None,
        )
        if changed and yes_or_no(turn) != "affirm":
            errand.clear(changed, DUPLICATE, "idempotency_key")
            return True
        return False

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; a yes to the summary places the order."""
        asking = tracker.get_slot("requested_slot")
        said = yes_or_no(turn)
        errand = Errand(tracker.sender_id, tracker.slots)
        if asking == SWITCH:
            return await self._read_switch(dispatcher, errand, turn, said)
        events = None
        if not (asking == CONFIRM and said == "affirm"):
            events = await super().take(dispatcher, tracker, turn)
        if events is None and asking == CONFIRM and said == "affirm":
            return await self._place(dispatcher, errand)
        if events is None and asking == DUPLICATE and said == "deny":
            return await self.stop(dispatcher, tracker)
        if events is None and asking == CONFIRM and (said == "deny" or turn.label == "correct"):
            return errand.events(CHANGE)
        return events

    async def _place(self, dispatcher: CollectingDispatcher, errand: Errand) -> Events:
        draft, key = self.draft(errand), str(errand["idempotency_key"])
        accept = bool(errand[DUPLICATE])

        def place(store: OrderService) -> PlacedOrder:
            return store.place_order(errand.conversation, draft, idempotency_key=key, accept_duplicate=accept)

        try:
            placed = await ask_store(place)
        except (OrderRefused, DuplicateOrder):
            return errand.events(await self.next_question(dispatcher, errand))
        except IdempotencyConflict:
            errand["idempotency_key"] = None
            return errand.events(await self.next_question(dispatcher, errand))
        card = receipt(placed.order)
        dispatcher.utter_message(response=f"utter_order_placed_{self.kind}", order_number=placed.order.number)
        dispatcher.utter_message(json_message={"directive": "order_receipt", **card})
        errand.clear(*(slot for slot in ERRAND_SLOTS if slot != "order_number"))
        errand["order_number"] = placed.order.number
        return errand.events(None)

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """An order with answers in it is not dropped without asking."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(tracker.get_slot("requested_slot"))
        if turn.label == "cancel_order" and turn.entity("order_number") is None:
            return await self.stop(dispatcher, tracker)
        if turn.label == "find_hsa_id":
            dispatcher.utter_message(response="utter_explain_hsa_id")
            return errand.events(asking)
        if ORDER_FORMS.get(turn.label) == self.form:
            self.collect(errand, turn)
            return await self._go_on(dispatcher, errand, turn)
        if not any(errand[slot] for slot in self.questions):
            return switch_to(turn.label)
        errand[SWITCH] = [turn.label, asking]
        return errand.events(SWITCH)

    async def _read_switch(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, said: str | None
    ) -> Events | None:
        label, asking = errand[SWITCH]
        if said is None:
            return None
        errand[SWITCH] = None
        if said == "deny":
            if asking == CONFIRM:
                asking = await self.next_question(dispatcher, errand)
            return errand.events(asking)
        errand.clear(*ERRAND_SLOTS)
        return [*errand.events(None), *switch_to(label)]

    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """See the base class."""
        answered = [slot for slot in self.questions if errand[slot] is not None]
        errand.clear(GUESS, DUPLICATE, "idempotency_key")
        if not answered:
            return errand.events(asking if asking in self.questions else self.questions[0])
        errand.clear(answered[-1])
        return errand.events(answered[-1])


SLOT_OF_FIELD = {
    "hsa_id": "hsa_id",
    "level": "assurance_level",
    "reason": "reserve_reason",
    "quantity": "quantity",
    "delivery": "delivery",
    "note": "reserve_reason",
}
WORDS_OF_SLOT = {
    "hsa_id": ("hsa", "person", "vem"),
    "assurance_level": ("niva", "loa"),
    "reserve_reason": ("anledning", "varfor", "orsak", "skal"),
    "quantity": ("antal", "hur manga"),
    "delivery": ("adress", "leverans"),
}


class OrderPukForm(OrderForm):
    """A PUK letter to the card holder's folkbokföringsadress."""

    form = "order_puk_form"
    kind = OrderKind.PUK
    questions = ("hsa_id",)


class OrderReserveCardForm(OrderForm):
    """A reservkort at tillitsnivå 2 or 3."""

    form = "order_reserve_card_form"
    kind = OrderKind.RESERVE_CARD
    questions = ("hsa_id", "assurance_level", "reserve_reason", "delivery")


class OrderSithsCardForm(OrderForm):
    """An ordinary SITHS eID card."""

    form = "order_siths_card_form"
    kind = OrderKind.ORDINARY_CARD
    questions = ("hsa_id",)


class OrderCardReaderForm(OrderForm):
    """Card readers."""

    form = "order_card_reader_form"
    kind = OrderKind.CARD_READER
    questions = ("quantity", "delivery")
