"""Ordering in the chat: one question at a time, a summary, then the order; and the four things to order."""

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
from actions.handoff import hand_off
from actions.labels import ORDERS, titles
from actions.loop import PUT_OFF, REQUESTED_SLOT, ask_again, choices, ended
from actions.order_leaving import OrderLeaving, left_for, switch_order
from actions.order_reading import WORDS_OF_SLOT, has_personnummer, with_zeros
from actions.order_slots import (
    CARRY,
    CHANGE,
    CONFIRM,
    DUPLICATE,
    ERRAND_SLOTS,
    GUESS,
    HELP,
    LAST_DELIVERY,
    LAST_PERSON,
    NEXT,
    NOTE,
    OWN,
    PLACE,
    QUESTIONS_OF_FORM,
    SHARED,
    SLOT_OF_FIELD,
    START,
    SWITCH,
    SWITCH_TO,
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
from actions.said import last_answer
from actions.store import ask_store
from actions.turn import CERTAIN, UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS, has_none

_LONGEST_SWITCH = 9
# A question of so few words asks what the open question means.
_ABOUT_THE_QUESTION = 3
# So few words name nothing but a thing.
_BARE = 2
_OFFER_PERSON_AFTER = 2
_HALF_HSA_ID = re.compile(r"(?i)\s*se\s?\d{1,10}\b(?!\s?-)")
# Problems that another person may not have.
_ABOUT_PERSON = frozenset(
    {
        ProblemCode.HOLDER_NOT_FOUND,
        ProblemCode.HOLDER_NOT_IN_HSA,
        ProblemCode.NO_SWEDISH_ADDRESS,
        ProblemCode.NO_CARD,
        ProblemCode.PUK_FOR_RESERVE_CARD,
    }
)
# The answers that end an order; a yes directly after one takes it up again.
_STOPPED = ("utter_order_stopped", "utter_order_not_wanted", "utter_order_later")


class OrderForm(OrderLeaving, ABC):
    """One kind of order.

    Class attributes:
        kind: what is ordered.
        meant_here: a question's label → what is meant by it while this is ordered.
    """

    kind: ClassVar[OrderKind]
    meant_here: ClassVar[Mapping[str, str]] = {}
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
            delivery=Address(**delivery) if isinstance(delivery, dict) else None,
        )

    # --- beginning

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

    # --- asking

    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """See the base class."""
        if errand[GUESS] and not errand["hsa_id"]:
            return GUESS
        if isinstance(errand["delivery"], dict) and not errand["delivery"]["recipient"]:
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
        return self._after_problem(errand, problem)

    def _after_problem(self, errand: Errand, problem: Problem) -> str | None:
        """The question that goes on after `problem`; None ends the order."""
        if problem.code is ProblemCode.NO_CARD:
            slots = {"hsa_id": errand["hsa_id"]}
            after = [f"utter_problem_{problem.code}"]
            errand[CARRY] = {"form": ORDERS["order_siths_card"], "slots": slots, "after": after}
        about_person = problem.code in _ABOUT_PERSON
        known_next = any(errand[WAITING] or ())
        if about_person and (known_next or (errand[WAITING] and problem.field is None)):
            # The others are not forgotten because one cannot have it.
            errand.clear("hsa_id", "named_person", "idempotency_key")
            return NEXT
        if problem.code is ProblemCode.NO_SWEDISH_ADDRESS and self.kind is OrderKind.ORDINARY_CARD:
            return self._offer_reserve_card(None, errand)
        if problem.field is None:
            return None
        errand.clear(SLOT_OF_FIELD[problem.field])
        return SLOT_OF_FIELD[problem.field]

    def _offer_reserve_card(self, dispatcher: CollectingDispatcher | None, errand: Errand) -> str:
        """Who has no Swedish address cannot have this: the question whether to order a reservkort."""
        if dispatcher:
            dispatcher.utter_message(response="utter_order_needs_address")
        label = "order_reserve_card"
        if errand["hsa_id"]:
            errand[CARRY] = {"form": ORDERS[label], "slots": {"hsa_id": errand["hsa_id"]}}
        errand.clear("hsa_id", "idempotency_key")
        errand[SWITCH], errand[SWITCH_TO] = [label, "hsa_id"], titles()[label]
        return SWITCH

    async def _check(self, errand: Errand) -> DraftCheck:
        draft = self.draft(errand)
        return await ask_store(lambda store: store.check_order(errand.conversation, draft))

    # --- what comes before an answer

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
        in_series = tracker.get_slot("order_number") and response in _STOPPED
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

    async def _heed_few_words(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """Answers so short that their label says nothing."""
        asking, said = tracker.get_slot(REQUESTED_SLOT), plain(turn.text)
        errand = Errand(tracker.sender_id, tracker.slots)
        if asking == CONFIRM and wishes.GO_AHEAD.fullmatch(said):
            return await self._place(dispatcher, errand)
        if asking == "hsa_id" and _HALF_HSA_ID.match(turn.text) and not self.says_value(tracker, turn):
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
            "after": list(_STOPPED),
        }
        return [
            *events,
            SlotSet(CARRY, carry),
            SlotSet("pending_offer", self.form),
            SlotSet(PUT_OFF, waiting or None),
        ]

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
        corrects = turn.label == "correct" and asking in (*self.questions, PLACE, NOTE)
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
        waiting, delivery = errand[WAITING], errand["delivery"]
        shared = SHARED if waiting else ()
        errand.clear(*(slot for slot in ERRAND_SLOTS if slot not in ("order_number", WAITING, *shared)))
        errand["order_number"] = placed.order.number
        if delivery:
            errand[LAST_DELIVERY] = delivery
        if draft.hsa_id:
            errand[LAST_PERSON] = draft.hsa_id
        return errand.events(NEXT if waiting else None)

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
            half = _HALF_HSA_ID.match(turn.text)
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
