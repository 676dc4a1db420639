"""What comes before an answer in an order: a no, something else to order, a question beside it."""

from __future__ import annotations

import re
from abc import ABC

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.handoff import hand_off
from actions.labels import ORDERS
from actions.loop import REQUESTED_SLOT, ask_again
from actions.order_beginning import STOPPED, OrderBeginning
from actions.order_reading import WORDS_OF_SLOT
from actions.order_slots import (
    CHANGE,
    CONFIRM,
    ERRAND_SLOTS,
    GUESS,
    HELP,
    NEXT,
    NOTE,
    OWN,
    START,
    SWITCH,
)
from actions.orders import OrderKind
from actions.turn import UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS

_LONGEST_SWITCH = 9
# So few words name nothing but a thing.
_BARE = 2
HALF_HSA_ID = re.compile(r"(?i)\s*se\s?\d{1,10}\b(?!\s?-)")


class OrderHeeding(OrderBeginning, ABC):
    """An order as far as it heeds what is no answer to its open question."""

    def declined(self, tracker: Tracker, turn: Turn) -> str | None:
        """See the base class; also who may not order, and who orders another time."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        said_no = wishes.response_to_not_ordering(turn.text)
        # "ska prata med chefen först" asks for nobody here.
        for_staff = turn.label == "request_human" and "chef" not in plain(turn.text)
        if asking == SWITCH:
            return said_no if said_no in ("utter_order_later", "utter_order_not_allowed") else None
        if (
            asking == NEXT
            or for_staff
            or (turn.label in ORDERS and turn.label != self.label and not wishes.found_again(turn.text))
        ):
            return None
        if asking == START and yes_or_no(turn) == "deny" and not self.says_value(tracker, turn):
            return said_no or "utter_order_not_wanted"
        if fields.read_hsa_id(turn.text) or self._other_product(turn):
            return None
        refuses = fields.refuses_product(turn.text, self.label) and not turn.wants_to_be_told
        refuses = refuses and asking not in ("reserve_reason", NOTE)
        found = wishes.found_again(turn.text)
        bare = "utter_order_not_wanted" if found or refuses or super().declined(tracker, turn) else None
        return self._as_said(tracker, turn, said_no or bare)

    @staticmethod
    def _as_said(tracker: Tracker, turn: Turn, response: str | None) -> str | None:
        """`response`, unless something else says it better."""
        # "avbryt" says it, too, and has its own answer.
        if response == "utter_order_not_wanted" and turn.label == "cancel":
            return None
        in_series = tracker.get_slot("order_number") and response in STOPPED
        return "utter_order_no_more" if in_series else response

    def is_untouched(self, tracker: Tracker) -> bool:
        """See the base class."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        if any(tracker.get_slot(slot) for slot in (*self.questions, GUESS)):
            return False
        return asking in (START, NEXT, self.questions[0]) or super().is_untouched(tracker)

    def says_value(self, tracker: Tracker, turn: Turn) -> bool:
        """See the base class; a bare number or a street is one where it is asked for."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        number = asking == "quantity" and fields.read_quantity(turn, asked=True)
        street = asking == "delivery" and (fields.read_delivery(turn) or fields.read_street(turn.text))
        return super().says_value(tracker, turn) or bool(number or street)

    async def heed(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; another thing to order takes this one's place, or waits until it is placed."""
        if turn.label == "faq/protected_identity" or wishes.PROTECTED.search(plain(turn.text)):
            return await self._stop_for_protected(dispatcher, tracker)
        if tracker.get_slot(REQUESTED_SLOT) not in (SWITCH, NEXT):
            heeders = (
                self._heed_help,
                self._heed_few_words,
                self._heed_side_question,
                self._heed_other_product,
            )
            for heeds in heeders:
                if events := await heeds(dispatcher, tracker, turn):
                    return events
        return await super().heed(dispatcher, tracker, turn)

    async def _heed_help(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """Whether somebody shall help who has no HSA-id; a HSA-id is welcome, too."""
        said = yes_or_no(turn)
        if tracker.get_slot(REQUESTED_SLOT) != HELP:
            return None
        if self.says_value(tracker, turn) or said is None:
            tracker.slots[REQUESTED_SLOT] = "hsa_id"
            return None
        if said == "affirm":
            hand_off(dispatcher, tracker, reason="visitor_asked")
        else:
            dispatcher.utter_message(response=self.stopped)
        errand = Errand(tracker.sender_id, tracker.slots)
        errand.clear(*ERRAND_SLOTS)
        return errand.events(None)

    async def _heed_few_words(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """Answers so short that their label says nothing."""
        asking, said = tracker.get_slot(REQUESTED_SLOT), plain(turn.text)
        errand = Errand(tracker.sender_id, tracker.slots)
        if asking == CONFIRM and wishes.GO_AHEAD.fullmatch(said):
            return await self._place(dispatcher, errand)
        if asking == "hsa_id" and HALF_HSA_ID.match(turn.text) and not self.says_value(tracker, turn):
            failures = int(tracker.get_slot("misunderstood") or 0) + 1
            explained = await self.explain(dispatcher, tracker, failures)
            return [*explained, SlotSet("misunderstood", failures)]
        if asking == "delivery" and fields.means_own_address(turn.text, asked=True):
            errand["delivery"] = OWN
            self.collect(errand, turn)
        elif not (asking == CHANGE and turn.label == "go_back"):
            return None
        return await self._go_on(dispatcher, errand, turn)

    async def _heed_side_question(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """What belongs to the order but is no answer to its open question."""
        asking = str(tracker.get_slot(REQUESTED_SLOT))
        errand = Errand(tracker.sender_id, tracker.slots)
        if response := self._answer_beside(turn, asking):
            dispatcher.utter_message(response=response)
            return ask_again(tracker)
        if self._lives_abroad(turn):
            return errand.events(self._offer_reserve_card(dispatcher, errand))
        about_this = wishes.THIS_ORDER.search(plain(turn.text)) or self._checks(turn, asking)
        if not (about_this or self._insists(tracker, turn, asking)):
            return None
        if asking in (CONFIRM, CHANGE):
            return await self._go_on(dispatcher, errand, turn)
        dispatcher.utter_message(response="utter_order_current", order=await self.described(errand))
        return ask_again(tracker)

    async def _heed_other_product(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """Another thing to order, which takes this one's place or waits until it is placed."""
        asking, said = tracker.get_slot(REQUESTED_SLOT), plain(turn.text)
        other, surely = self.wanted_instead(turn)
        told_apart = asking not in ("reserve_reason", NOTE) or fields.refuses_product(turn.text, self.label)
        if not other or not told_apart:
            return None
        if wishes.BESIDES.search(said):
            return self._put_off(dispatcher, tracker, turn, other)
        short = len(said.split()) <= _LONGEST_SWITCH
        surely = surely and (short or turn.label in (*ORDERS, "correct", "deny"))
        named = short and (wishes.INSTEAD.search(said) or len(said.split()) <= _BARE)
        if not surely and (not named or turn.label in ORDERS):
            return None
        errand = Errand(tracker.sender_id, tracker.slots)
        return await self._leave_for_order(dispatcher, errand, other, surely=surely)

    def _insists(self, tracker: Tracker, turn: Turn, asking: str) -> bool:
        """Whether it says again what is being ordered, or only tells about the person, and nothing new."""
        said = plain(turn.text)
        if asking == START or "?" in turn.text or turn.wants_to_be_told or self.says_value(tracker, turn):
            return False
        again = self.label in fields.named_products(turn.text, fields.REFUSED) and wishes.CHANGES.search(said)
        about_person = asking in ("hsa_id", *QUESTIONS) and wishes.ABOUT_PERSON.search(said)
        return bool(again or (about_person and turn.label not in ("request_human", "cancel")))

    def _checks(self, turn: Turn, asking: str) -> bool:
        """Whether it asks if a detail of the summary is right."""
        said = plain(turn.text)
        asks = "?" in turn.text or turn.wants_to_be_told or wishes.CHECKS.search(said)
        names = any(word in said for words in WORDS_OF_SLOT.values() for word in words)
        return asking == CONFIRM and bool(asks) and names and not turn.is_question

    def _answer_beside(self, turn: Turn, asking: str) -> str | None:
        """The answer to what belongs to ordering but is no answer to the open question."""
        said = plain(turn.text)
        unanswerable = turn.wants_to_be_told and turn.label in (UNCLEAR, "out_of_scope")
        if wishes.NEEDS.search(said):
            return f"utter_order_needs_{self.form}"
        if unanswerable and asking in ("assurance_level", "reserve_reason"):
            return f"utter_explain_{asking}"
        if self.kind is not OrderKind.CARD_READER and fields.wants_many_at_once(turn.text):
            return "utter_order_many"
        if "delivery" not in self.questions and fields.wants_it_sent_elsewhere(turn.text):
            return "utter_order_delivery_fixed"
        return None
