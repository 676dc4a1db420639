"""Ordering in the chat: the answers to the open question, and the four things to order."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Mapping
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.loop import REQUESTED_SLOT
from actions.order_heeding import HALF_HSA_ID, OrderHeeding
from actions.order_reading import has_personnummer
from actions.order_slots import (
    CHANGE,
    CONFIRM,
    DUPLICATE,
    GUESS,
    HELP,
    NEXT,
    NOTE,
    PLACE,
    QUESTIONS_OF_FORM,
    SWITCH,
    WAITING,
)
from actions.orders import (
    OrderKind,
)
from actions.turn import Turn, plain, yes_or_no
from actions.verification import QUESTIONS, has_none

# A question of so few words asks what the open question means.
_ABOUT_THE_QUESTION = 3
_OFFER_PERSON_AFTER = 2


class OrderForm(OrderHeeding, ABC):
    """One kind of order."""

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
        corrects = turn.label == "correct" and asking in (*self.questions, PLACE, NOTE)
        begun = any(errand[slot] for slot in self.questions)
        refused = asking == CONFIRM and (yes_or_no(turn) == "deny" or turn.label == "correct")
        if turn.wants_to_be_told or not (refused or (corrects and begun)):
            return None
        return errand.events(CHANGE)

    async def _read_next(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, said: str | None
    ) -> Events | None:
        first, *others = errand[WAITING] or [""]
        told = fields.read_hsa_id(turn.text)
        if not told and (said == "deny" or wishes.response_to_not_ordering(turn.text)):
            errand.clear(WAITING)
            dispatcher.utter_message(response="utter_order_no_more")
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
        said = plain(turn.text)
        asks = turn.wants_to_be_told or "?" in turn.text or wishes.ASKS_WHETHER.search(said)
        if asks and len(said.split()) > _ABOUT_THE_QUESTION and not re.search(r"\bhsa|\bsvara", said):
            dispatcher.utter_message(response="utter_order_question_unanswered")
            return events
        if asking == "hsa_id":
            if personal := has_personnummer(turn):
                dispatcher.utter_message(response="utter_no_personal_number_please")
            half = HALF_HSA_ID.match(turn.text)
            helpless = personal or half or has_none(turn) or not re.search(r"\d", turn.text)
            if failures + bool(helpless) > _OFFER_PERSON_AFTER:
                return Errand(tracker.sender_id, tracker.slots).events(HELP)
            if helpless:
                dispatcher.utter_message(response="utter_explain_hsa_id")
                return events
        elif turn.wants_to_be_told and asking not in QUESTIONS:
            dispatcher.utter_message(response=f"utter_explain_{asking}")
            return events
        return await super().explain(dispatcher, tracker, failures)


class OrderPukForm(OrderForm):
    """A PUK letter to the card holder's folkbokföringsadress."""

    form = "order_puk_form"
    kind = OrderKind.PUK
    questions = QUESTIONS_OF_FORM[form]

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; codes for a reservkort are another matter."""
        if response := self._for_reserve_card(turn):
            dispatcher.utter_message(response=response)
            return await self.stop(CollectingDispatcher(), tracker)
        return await super().begin(dispatcher, tracker, turn)

    @staticmethod
    def _for_reserve_card(turn: Turn) -> str | None:
        reserve = wishes.RESERVE.search(plain(turn.text)) and not turn.is_question
        return "utter_faq/reserve_card_codes" if reserve else None

    def declined(self, tracker: Tracker, turn: Turn) -> str | None:
        """See the base class; nor can a PUK for a reservkort be ordered here."""
        return self._for_reserve_card(turn) or super().declined(tracker, turn)


class OrderReserveCardForm(OrderForm):
    """A reservkort at tillitsnivå 2 or 3."""

    form = "order_reserve_card_form"
    kind = OrderKind.RESERVE_CARD
    meant_here: ClassVar[Mapping[str, str]] = {
        "faq/codes_with_card": "faq/reserve_card_codes",
        "faq/puk_delivery": "faq/reserve_card_codes",
        "faq/card_validity": "faq/reserve_card_validity",
        "faq/activation_office_may_use": "faq/activation_office_reserve_card",
    }
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
