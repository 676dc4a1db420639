"""Ordering in the chat: one question at a time, a summary, then the order; and the four things to order."""

from __future__ import annotations

import re
from abc import ABC
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDERS
from actions.loop import PUT_OFF, REQUESTED_SLOT, ask_again
from actions.order_leaving import OrderLeaving, left_for
from actions.order_reading import has_personnummer, with_zeros
from actions.order_slots import (
    CARRY,
    CHANGE,
    CONFIRM,
    DUPLICATE,
    ERRAND_SLOTS,
    GUESS,
    LAST_PERSON,
    NEXT,
    NOTE,
    PLACE,
    QUESTIONS_OF_FORM,
    SLOT_OF_FIELD,
    START,
    SWITCH,
    WAITING,
)
from actions.order_texts import receipt, summary_lines, utter_duplicate, utter_problem
from actions.orders import (
    Address,
    DraftCheck,
    OrderDraft,
    OrderKind,
    OrderService,
    PlacedOrder,
    Problem,
    ProblemCode,
    ReserveReason,
    new_idempotency_key,
)
from actions.orders.errors import (
    DuplicateOrder,
    IdempotencyConflict,
    OrderRefused,
)
from actions.store import ask_store
from actions.turn import UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS, has_none

_LONGEST_SWITCH = 7
_OFFER_PERSON_AFTER = 2


class OrderForm(OrderLeaving, ABC):
    """One kind of order.

    Class attributes:
        kind: what is ordered.
    """

    kind: ClassVar[OrderKind]
    errand_slots = ERRAND_SLOTS

    def draft(self, errand: Errand) -> OrderDraft:
        """What has been said so far, as the order service takes it."""
        delivery = errand["delivery"]
        return OrderDraft(
            kind=self.kind,
            hsa_id=errand["hsa_id"],
            level=errand["assurance_level"],
            reason=ReserveReason(errand["reserve_reason"]) if errand["reserve_reason"] else None,
            note=errand[NOTE],
            quantity=errand["quantity"] or 1,
            delivery=Address(**delivery) if delivery else None,
        )

    # --- beginning

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """Also take what an order before this one left for it, and the HSA-id that a card check has found."""
        carry = errand[CARRY] or {}
        if carry.get("form") == self.form:
            for slot, value in carry["slots"].items():
                errand[slot] = value
            errand[CARRY] = None
        super().prefill(errand, tracker, turn)
        if "hsa_id" in self.questions and not errand["hsa_id"] and tracker.get_slot("card_hsa_id"):
            errand[GUESS] = tracker.get_slot("card_hsa_id")
        waits = next((label for label in errand[PUT_OFF] or () if label in ORDERS), None)
        if waits and waits != self.label:
            errand[CARRY] = left_for(waits, turn)

    def first_question(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> str | None:
        """Who only asks about ordering is asked whether to order here."""
        self._note_others(dispatcher, errand, turn)
        details = fields.read_hsa_id(turn.text) or fields.read_email(turn)
        told = turn.wants_to_be_told or wishes.ORDERED.search(plain(turn.text))
        if details or fields.read_customer_number(turn, asked=True) or not told:
            return None
        return START

    # --- asking

    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """See the base class."""
        if errand[GUESS] and not errand["hsa_id"]:
            return GUESS
        if errand["delivery"] and not errand["delivery"]["recipient"]:
            errand["delivery"] = {**errand["delivery"], "recipient": await _customer_name(errand)}
        check = await self._check(errand)
        for problem in check.problems:
            answered = problem.field and errand[SLOT_OF_FIELD[problem.field]] is not None
            if problem.field is None or answered:
                return await self._say_problem(dispatcher, errand, problem)
        for slot in self.questions:
            if errand[slot] is None:
                return PLACE if slot == "delivery" and errand["delivery_street"] else slot
            if slot == "reserve_reason" and errand[slot] == ReserveReason.OTHER and not errand[NOTE]:
                return NOTE
        if check.duplicates and not errand[DUPLICATE]:
            utter_duplicate(dispatcher, check.duplicates[0])
            return DUPLICATE
        if errand["idempotency_key"] is None:
            errand["idempotency_key"] = new_idempotency_key()
        self._say_summary(dispatcher, errand, check)
        return CONFIRM

    def _say_summary(self, dispatcher: CollectingDispatcher, errand: Errand, check: DraftCheck) -> None:
        lines = summary_lines(self.draft(errand), check)
        dispatcher.utter_message(
            response="utter_order_summary",
            lines="\n".join(f"- {line['label']}: {line['value']}" for line in lines),
        )
        named, holder = errand["named_person"], check.holder
        if named and holder and not fields.is_named(named, holder.name):
            dispatcher.utter_message(
                response="utter_holder_differs", hsa_id=holder.hsa_id, name=holder.name, named=named
            )

    async def _say_problem(
        self, dispatcher: CollectingDispatcher, errand: Errand, problem: Problem
    ) -> str | None:
        if problem.code is ProblemCode.REASON_MISSING:
            return NOTE
        if problem.code is ProblemCode.HOLDER_NOT_FOUND and (meant := await with_zeros(errand)):
            errand["hsa_id"], errand[GUESS] = None, meant
            return GUESS
        utter_problem(dispatcher, problem, self.draft(errand))
        if problem.field is None:
            return None
        errand.clear(SLOT_OF_FIELD[problem.field])
        return SLOT_OF_FIELD[problem.field]

    async def _check(self, errand: Errand) -> DraftCheck:
        draft = self.draft(errand)
        return await ask_store(lambda store: store.check_order(errand.conversation, draft))

    # --- what comes before an answer

    def declined(self, tracker: Tracker, turn: Turn) -> str | None:
        """See the base class; also who may not order, and who orders another time."""
        asking, said = tracker.get_slot(REQUESTED_SLOT), plain(turn.text)
        if (
            asking in (NEXT, SWITCH)
            or turn.label == "request_human"
            or (turn.label in ORDERS and turn.label != self.label)
        ):
            return None
        if asking == START and yes_or_no(turn) == "deny" and not self.says_value(tracker, turn):
            return wishes.response_to_not_ordering(turn.text) or "utter_order_not_wanted"
        if fields.read_hsa_id(turn.text) or self._other_product(turn, said):
            return None
        bare = "utter_order_not_wanted" if super().declined(tracker, turn) else None
        response = wishes.response_to_not_ordering(turn.text) or bare
        # "avbryt" says it, too, and has its own answer.
        return None if response == "utter_order_not_wanted" and turn.label == "cancel" else response

    def is_untouched(self, tracker: Tracker) -> bool:
        """See the base class."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        if any(tracker.get_slot(slot) for slot in (*self.questions, GUESS)):
            return False
        return asking in (START, NEXT, self.questions[0]) or super().is_untouched(tracker)

    def says_value(self, tracker: Tracker, turn: Turn) -> bool:
        """See the base class; a bare number is one where a number is asked for."""
        asked = tracker.get_slot(REQUESTED_SLOT) == "quantity"
        return super().says_value(tracker, turn) or bool(asked and fields.read_quantity(turn, asked=True))

    async def heed(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; another thing to order takes this one's place, or waits until it is placed."""
        asking, said = tracker.get_slot(REQUESTED_SLOT), plain(turn.text)
        if asking == CHANGE and turn.label == "go_back":
            return await self._go_on(dispatcher, Errand(tracker.sender_id, tracker.slots), turn)
        unanswerable = turn.wants_to_be_told and turn.label in (UNCLEAR, "out_of_scope")
        if unanswerable and asking in ("assurance_level", "reserve_reason"):
            dispatcher.utter_message(response=f"utter_explain_{asking}")
            return ask_again(tracker)
        other = self._other_product(turn, said)
        if other and asking not in (SWITCH, NEXT, "reserve_reason", NOTE):
            if wishes.BESIDES.search(said):
                return self._put_off(dispatcher, tracker, turn, other)
            short = len(said.split()) <= _LONGEST_SWITCH
            if short and (wishes.INSTEAD.search(said) or len(said.split()) <= 2) and turn.label not in ORDERS:
                return await self._leave_for_order(tracker, other, turn)
        return await super().heed(dispatcher, tracker, turn)

    # --- after an answer: the order is placed, changed or followed by another

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; a plain yes to the summary places the order."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        said = yes_or_no(turn)
        errand = Errand(tracker.sender_id, tracker.slots)
        if asking in (SWITCH, NEXT):
            read = self._read_switch if asking == SWITCH else self._read_next
            return await read(dispatcher, errand, turn, said)
        if asking == CONFIRM and self.is_yes(errand, turn) and not self.says_value(tracker, turn):
            return await self._place(dispatcher, errand)
        if turn.label == "request_human" and self.collect(errand, turn):
            # "till henne också": a person, but not one of ours.
            return await self._go_on(dispatcher, errand, turn)
        if events := await super().take(dispatcher, tracker, turn):
            return events
        if asking == DUPLICATE and said == "deny" and not turn.wants_to_be_told:
            return await self.stop(dispatcher, tracker)
        return self._ask_what_to_change(errand, turn, str(asking))

    def _ask_what_to_change(self, errand: Errand, turn: Turn, asking: str) -> Events | None:
        """Nothing right is thrown away because something was wrong."""
        corrects = turn.label == "correct" and asking in self.questions
        begun = any(errand[slot] for slot in self.questions)
        refused = asking == CONFIRM and (yes_or_no(turn) == "deny" or turn.label == "correct")
        if turn.wants_to_be_told or not (refused or (corrects and begun)):
            return None
        return errand.events(CHANGE)

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
        waiting = errand[WAITING]
        errand.clear(*(slot for slot in ERRAND_SLOTS if slot != "order_number"))
        errand["order_number"] = placed.order.number
        errand[WAITING] = waiting
        if draft.hsa_id:
            errand[LAST_PERSON] = draft.hsa_id
        return errand.events(NEXT if waiting else None)

    async def _read_next(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, said: str | None
    ) -> Events | None:
        first, *others = errand[WAITING] or [""]
        told = fields.read_hsa_id(turn.text)
        if not told and said == "deny":
            errand.clear(WAITING)
            dispatcher.utter_message(response="utter_thank")
            return errand.events(None)
        if not (told or said == "affirm" or wishes.NEXT_PERSON.search(plain(turn.text))):
            return None
        errand[WAITING] = others or None
        if told:
            self.collect(errand, turn)
            errand[WAITING] = [person for person in [first, *others] if person != told] or None
        elif first:
            errand["hsa_id"] = first
        return await self._go_on(dispatcher, errand, turn)

    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """See the base class."""
        answered = [slot for slot in self.questions if errand[slot] is not None]
        errand.clear(GUESS, DUPLICATE, NOTE, "delivery_street", "idempotency_key")
        if not answered:
            return errand.events(asking if asking in self.questions else self.questions[0])
        errand.clear(answered[-1])
        return errand.events(answered[-1])

    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """See the base class; a question about the answers is explained at once, and no HSA-id is no end."""
        turn, asking = Turn.of(tracker), str(tracker.get_slot(REQUESTED_SLOT))
        events = Errand(tracker.sender_id, tracker.slots).events(asking)
        if asking == "hsa_id":
            if personal := has_personnummer(turn):
                dispatcher.utter_message(response="utter_no_personal_number_please")
            half = re.match(r"(?i)\s*se\s?\d{1,10}\b", turn.text)
            helpless = personal or half or has_none(turn) or not re.search(r"\d", turn.text)
            if failures + bool(helpless) > _OFFER_PERSON_AFTER:
                dispatcher.utter_message(response="utter_hsa_id_person")
                return events
            if helpless:
                dispatcher.utter_message(response="utter_explain_hsa_id")
                return events
        elif turn.wants_to_be_told and asking not in QUESTIONS:
            dispatcher.utter_message(response=f"utter_explain_{asking}")
            return events
        return await super().explain(dispatcher, tracker, failures)


async def _customer_name(errand: Errand) -> str:
    customer = await ask_store(lambda store: store.verified_customer(errand.conversation))
    return customer.customer_name if customer else ""


class OrderPukForm(OrderForm):
    """A PUK letter to the card holder's folkbokföringsadress."""

    form = "order_puk_form"
    kind = OrderKind.PUK
    questions = QUESTIONS_OF_FORM[form]

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; codes for a reservkort are another matter."""
        if response := self.declined(tracker, turn):
            dispatcher.utter_message(response=response)
            return await self.stop(CollectingDispatcher(), tracker)
        return await super().begin(dispatcher, tracker, turn)

    def declined(self, tracker: Tracker, turn: Turn) -> str | None:
        """See the base class; nor can a PUK for a reservkort be ordered here."""
        reserve = wishes.RESERVE.search(plain(turn.text))
        return "utter_faq/reserve_card_codes" if reserve else super().declined(tracker, turn)


class OrderReserveCardForm(OrderForm):
    """A reservkort at tillitsnivå 2 or 3."""

    form = "order_reserve_card_form"
    kind = OrderKind.RESERVE_CARD
    questions = QUESTIONS_OF_FORM[form]


class OrderSithsCardForm(OrderForm):
    """An ordinary SITHS eID card."""

    form = "order_siths_card_form"
    kind = OrderKind.ORDINARY_CARD
    questions = QUESTIONS_OF_FORM[form]


class OrderCardReaderForm(OrderForm):
    """Card readers."""

    form = "order_card_reader_form"
    kind = OrderKind.CARD_READER
    questions = QUESTIONS_OF_FORM[form]
