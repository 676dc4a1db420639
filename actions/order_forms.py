"""Ordering in the chat: one question at a time, several answers at once, a summary, then the order."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS, ORDERS
from actions.loop import PUT_OFF, REQUESTED_SLOT, ask_again, switch_to
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
    contains_personnummer,
    new_idempotency_key,
    parse_hsa_id,
)
from actions.orders.errors import (
    DuplicateOrder,
    HolderNotFound,
    IdempotencyConflict,
    InvalidAddress,
    InvalidHsaId,
    OrderRefused,
)
from actions.store import ask_store
from actions.turn import UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS, CustomerForm, has_none

CONFIRM, DUPLICATE, CHANGE, SWITCH, GUESS = (
    "order_confirmed",
    "duplicate_confirmed",
    "order_change",
    "order_switch",
    "hsa_id_guess",
)
# Whether to order at all, whether to go on with the next person, and questions that only some orders have.
START, NEXT, NOTE, PLACE = "order_start", "order_next", "reserve_note", "delivery_place"
CARRY, WAITING, LAST_PERSON = "order_carry", "next_persons", "last_hsa_id"
ERRAND_SLOTS = (
    "hsa_id",
    GUESS,
    "assurance_level",
    "reserve_reason",
    NOTE,
    "quantity",
    "delivery",
    "delivery_street",
    "named_person",
    WAITING,
    DUPLICATE,
    SWITCH,
    "idempotency_key",
    "order_number",
)
# What another kind of order can use of this one.
_CARRIED = ("hsa_id", GUESS, "named_person", "one_time_code")
_LONGEST_SWITCH = 7


class OrderForm(CustomerForm, ABC):
    """One kind of order.

    Class attributes:
        kind: what is ordered.
        questions: the slots to fill, in the order in which they are asked.
    """

    kind: ClassVar[OrderKind]
    questions: ClassVar[tuple[str, ...]]
    errand_slots = ERRAND_SLOTS

    @property
    def label(self) -> str:
        """The label that begins this order."""
        return next(label for label, form in ORDERS.items() if form == self.form)

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
            errand[CARRY] = _left_for(waits, turn)

    def first_question(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> str | None:
        """Who only asks about ordering is asked whether to order here."""
        self._note_others(dispatcher, errand, turn)
        details = fields.read_hsa_id(turn.text) or fields.read_email(turn)
        if details or fields.read_customer_number(turn, asked=True) or not turn.wants_to_be_told:
            return None
        return START

    def collect(self, errand: Errand, turn: Turn) -> bool:
        """See the base class; a question about values names none that is meant."""
        said: dict[str, Any] = {"hsa_id": self._said_hsa_id(errand, turn)}
        if not turn.wants_to_be_told:
            said |= self._said_values(errand, turn)
        new = {
            slot: value
            for slot, value in said.items()
            if value and slot in self.questions and errand[slot] != value
        }
        if "hsa_id" in new:
            errand["named_person"] = fields.read_name(turn.text)
        if "hsa_id" in new and str(new["hsa_id"]) not in turn.text and new["hsa_id"] != errand[LAST_PERSON]:
            # Read from another spelling: confirmed before it is used.
            errand[GUESS] = new.pop("hsa_id")
            errand["hsa_id"] = None
            new[GUESS] = errand[GUESS]
        for slot, value in new.items():
            errand[slot] = value
        if "reserve_reason" in new:
            errand[NOTE] = None
        return bool(new)

    def _said_hsa_id(self, errand: Errand, turn: Turn) -> str | None:
        asking = errand[REQUESTED_SLOT]
        if found := fields.read_hsa_id(turn.text):
            return found
        points = asking in (None, "hsa_id", GUESS, *QUESTIONS, START) and fields.means_same_person(turn.text)
        return errand[LAST_PERSON] if points else None

    def _said_values(self, errand: Errand, turn: Turn) -> dict[str, Any]:
        at_end = errand[REQUESTED_SLOT] in (CONFIRM, CHANGE)
        number = fields.read_changed_number(turn, alone=at_end)
        names_reason = at_end and any(word in plain(turn.text) for word in WORDS_OF_SLOT["reserve_reason"])
        try:
            address = fields.read_address(turn.text)
        except InvalidAddress:
            address = None
        delivery = _as_dict(address) if address else None
        if delivery and errand["delivery"] and not delivery["recipient"]:
            delivery["recipient"] = errand["delivery"]["recipient"]
        return {
            "assurance_level": fields.read_level(turn, asked=False) or (number if number in (2, 3) else None),
            "reserve_reason": fields.read_reason(turn, asked=names_reason),
            "quantity": fields.read_quantity(turn, asked=False) or (number if at_end else None),
            "delivery": delivery,
        }

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
        if problem.code is ProblemCode.HOLDER_NOT_FOUND and (meant := await _with_zeros(errand)):
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

    def _other_product(self, turn: Turn, said: str) -> str | None:
        named = fields.named_products(said)
        if len(named) != 1 or self.label in named or turn.wants_to_be_told:
            return None
        return next(iter(named))

    def _put_off(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, label: str) -> Events:
        errand = Errand(tracker.sender_id, tracker.slots)
        waiting = list(errand[PUT_OFF] or ())
        errand[PUT_OFF] = [*waiting, *([] if label in waiting else [label])]
        errand[CARRY] = _left_for(label, turn)
        dispatcher.utter_message(response="utter_order_afterwards")
        return errand.events(str(tracker.get_slot(REQUESTED_SLOT)))

    async def _leave_for_order(self, tracker: Tracker, label: str, turn: Turn) -> Events:
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(errand[REQUESTED_SLOT])
        if asking not in (START, *QUESTIONS) and any(errand[slot] for slot in self.questions):
            errand[SWITCH] = [label, asking]
            return errand.events(SWITCH)
        return _switch_order(errand, label)

    # --- answers

    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """See the base class."""
        if _has_personnummer(turn):
            if asking == "hsa_id":
                return False
            dispatcher.utter_message(response="utter_no_personal_number_please")
            return True
        self._note_others(dispatcher, errand, turn)
        if asking in (CONFIRM, CHANGE):
            return self._read_change(errand, turn, asking)
        if asking in (DUPLICATE, GUESS):
            return self._read_yes_or_no(errand, turn, asking)
        return await self._read_field(errand, turn, asking)

    async def _read_field(self, errand: Errand, turn: Turn, asking: str) -> bool:
        found = self.collect(errand, turn)
        if asking == START:
            return found or turn.is_plain_yes or yes_or_no(turn) == "affirm"
        if turn.wants_to_be_told:
            return found
        if asking == PLACE:
            return found or self._read_place(errand, turn)
        value = await self._value(errand, turn, asking)
        if value is not None:
            errand[asking] = value
        return found or value is not None or bool(asking == "delivery" and errand["delivery_street"])

    def _note_others(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> None:
        """Remember further persons of the message, who come when the first has got theirs."""
        found = fields.read_hsa_ids(turn.text)
        several = wishes.SEVERAL.search(plain(turn.text)) and not turn.wants_to_be_told
        if "hsa_id" not in self.questions or not (len(found) > 1 or several) or errand[WAITING]:
            return
        errand[WAITING] = found[1:] or [""]
        dispatcher.utter_message(response="utter_one_person_at_a_time")

    @staticmethod
    def _read_place(errand: Errand, turn: Turn) -> bool:
        try:
            address = fields.read_address(f"{errand['delivery_street']}, {turn.text}")
        except InvalidAddress:
            return False
        if address is None:
            return False
        errand["delivery"] = _as_dict(address)
        return True

    async def _value(self, errand: Errand, turn: Turn, asking: str) -> Any:
        if asking == "hsa_id":
            return errand["hsa_id"] or self._typed_hsa_id(errand, turn)
        if asking in _READERS:
            return _READERS[asking](turn, asked=True)
        if asking == "reserve_reason":
            reason = fields.read_reason(turn, asked=True)
            if reason is ReserveReason.OTHER and len(turn.text.split()) >= _TOLD:
                errand[NOTE] = turn.text.strip()
            return reason
        if asking == NOTE:
            return None if turn.asks or turn.wants_to_be_told else turn.text.strip()
        return await self._delivery(errand, turn)

    @staticmethod
    async def _delivery(errand: Errand, turn: Turn) -> dict[str, str] | None:
        customer = await ask_store(lambda store: store.verified_customer(errand.conversation))
        own = customer.delivery_address if customer else None
        address = fields.read_delivery(turn, own, customer.customer_name if customer else "")
        if isinstance(address, Address):
            return _as_dict(address)
        errand["delivery_street"] = fields.read_street(turn.text)
        return None

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
        if asking == GUESS and fields.read_hsa_id(turn.text):
            guess = errand[GUESS]
            errand.clear(GUESS)
            if not self.collect(errand, turn):
                errand[GUESS] = guess
            return True
        if self.collect(errand, turn):
            return True
        if asking == GUESS:
            if turn.wants_to_be_told or said is None:
                return False
            if said == "affirm":
                errand["hsa_id"] = errand[GUESS]
            errand.clear(GUESS)
            return True
        if self.is_yes(errand, turn):
            errand[DUPLICATE] = True
            return True
        return False

    def is_yes(self, errand: Errand, turn: Turn) -> bool:
        """Whether `turn` says yes to the order as it stands: it names nothing else."""
        own = {errand["quantity"], errand["assurance_level"]}
        other = fields.named_products(turn.text) - {self.label}
        return turn.is_plain_yes and not other and set(fields.numbers(turn.text)) <= own

    def _read_change(self, errand: Errand, turn: Turn, asking: str) -> bool:
        if self.collect(errand, turn):
            errand.clear(DUPLICATE, "idempotency_key")
            return True
        said = plain(turn.text)
        if turn.wants_to_be_told or turn.is_plain_yes:
            return asking == CHANGE and turn.is_plain_yes
        wrong = asking == CHANGE or wishes.WRONG.search(said) or len(said.split()) <= 2
        words = (
            (slot, word) for slot in self.questions for word in WORDS_OF_SLOT[slot] if wrong and word in said
        )
        if changed := next(words, None):
            errand.clear(changed[0], DUPLICATE, "idempotency_key")
            if changed[0] == "reserve_reason":
                errand.clear(NOTE)
            if changed[0] == "delivery":
                errand.clear("delivery_street")
            return True
        return asking == CHANGE and bool(wishes.BACK_TO_SUMMARY.search(said) or yes_or_no(turn))

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

    async def leave_for(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """An order with answers in it is not dropped without asking."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(tracker.get_slot(REQUESTED_SLOT))
        if turn.label == "cancel_order" and turn.entity("order_number") is None and asking != NEXT:
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
            self.collect(errand, turn)
            if asking not in QUESTIONS:
                asking = await self.next_question(dispatcher, errand)
            return errand.events(asking)
        if label in ORDERS:
            return _switch_order(errand, label)
        errand.clear(*ERRAND_SLOTS)
        return [*errand.events(None), *switch_to(label)]

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
            if personal := _has_personnummer(turn):
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


_READERS: Mapping[str, Any] = {"assurance_level": fields.read_level, "quantity": fields.read_quantity}
_OFFER_PERSON_AFTER = 2
# Words of an answer from which on it tells the reason itself.
_TOLD = 4


def _as_dict(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in ("recipient", "street", "postal_code", "city")}


async def _customer_name(errand: Errand) -> str:
    customer = await ask_store(lambda store: store.verified_customer(errand.conversation))
    return customer.customer_name if customer else ""


async def _with_zeros(errand: Errand) -> str | None:
    """The HSA-id with zeros for the O's in it, if such a person exists."""
    typed = str(errand["hsa_id"])
    meant = fields.digits_for_letters(typed)
    if meant == typed:
        return None
    try:
        return (await ask_store(lambda store: store.find_holder(errand.conversation, meant))).hsa_id
    except (HolderNotFound, InvalidHsaId):
        return None


def _has_personnummer(turn: Turn) -> bool:
    return contains_personnummer(turn.text) or "•••" in turn.text


def _left_for(label: str, turn: Turn) -> dict[str, Any]:
    """What the message already says for the order of `label`, which comes later."""
    slots: Mapping[str, Any] = {
        "hsa_id": fields.read_hsa_id(turn.text),
        "assurance_level": fields.read_level(turn, asked=False),
        "quantity": fields.read_quantity(turn, asked=False),
    }
    form = next(form for form in OrderForm.__subclasses__() if form.form == ORDERS[label])
    known = {slot: value for slot, value in slots.items() if value and slot in form.questions}
    return {"form": form.form, "slots": known}


def _switch_order(errand: Errand, label: str) -> Events:
    """Events that order something else instead, with what is known."""
    form = next(form for form in OrderForm.__subclasses__() if form.form == ORDERS[label])
    slots = {slot: errand[slot] for slot in (*_CARRIED, *form.questions)}
    kept = {
        slot: value for slot, value in slots.items() if value and (slot in form.questions or slot in _CARRIED)
    }
    if "hsa_id" not in form.questions:
        kept = {slot: value for slot, value in kept.items() if slot not in ("hsa_id", GUESS, "named_person")}
    errand.clear(*ERRAND_SLOTS)
    return [
        *errand.events(None),
        *switch_to(label)[:-1],
        SlotSet(CARRY, {"form": form.form, "slots": kept}),
        switch_to(label)[-1],
    ]


SLOT_OF_FIELD = {
    "hsa_id": "hsa_id",
    "level": "assurance_level",
    "reason": "reserve_reason",
    "quantity": "quantity",
    "delivery": "delivery",
    "note": NOTE,
}
WORDS_OF_SLOT = {
    "hsa_id": ("hsa", "person", "vem"),
    "assurance_level": ("niva", "loa"),
    "reserve_reason": ("anledning", "varfor", "orsak"),
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
