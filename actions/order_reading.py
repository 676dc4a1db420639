"""Reading the answers of an order out of messages: asked for, unasked, several at once, changed later."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions import order_wishes as wishes
from actions.errand import Errand
from actions.labels import ORDERS
from actions.loop import REQUESTED_SLOT
from actions.order_slots import (
    CHANGE,
    CONFIRM,
    DUPLICATE,
    GUESS,
    LAST_DELIVERY,
    LAST_PERSON,
    NOTE,
    OWN,
    PLACE,
    START,
    WAITING,
)
from actions.order_texts import noted
from actions.orders import Address, ReserveReason, contains_personnummer, parse_hsa_id
from actions.orders.errors import HolderNotFound, InvalidAddress, InvalidHsaId
from actions.store import ask_store
from actions.turn import UNCLEAR, Turn, plain, yes_or_no
from actions.verification import QUESTIONS, CustomerForm

WORDS_OF_SLOT = {
    "hsa_id": ("hsa", "person", "vem", "fel id"),
    "assurance_level": ("niva", "loa"),
    "reserve_reason": ("anledning", "varfor", "orsak"),
    "quantity": ("antal", "hur manga"),
    "delivery": ("adress", "leverans"),
}
_READERS: Mapping[str, Any] = {"assurance_level": fields.read_level, "quantity": fields.read_quantity}
# From here on a bare number is part of a code or a customer number.
_NO_QUANTITY = 100
_UNCOUNTED = 50
# Words of an answer from which on it tells the reason itself.
_TOLD = 4


class OrderReading(CustomerForm, ABC):
    """An order as far as it reads messages; which question comes next is not its matter.

    Class attributes:
        questions: the slots to fill, in the order in which they are asked.
    """

    questions: ClassVar[tuple[str, ...]]

    @property
    def label(self) -> str:
        """The label that begins this order."""
        return next(label for label, form in ORDERS.items() if form == self.form)

    # --- what is said unasked

    def collect(self, errand: Errand, turn: Turn) -> bool:
        """See the base class; a question about values names none that is meant."""
        new = {slot: value for slot, value in self.said(errand, turn).items() if errand[slot] != value}
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

    def said(self, errand: Errand, turn: Turn) -> dict[str, Any]:
        """Every detail that the message names, also those that are known."""
        said: dict[str, Any] = {"hsa_id": self._said_hsa_id(errand, turn)}
        if not turn.wants_to_be_told:
            said |= self._said_values(errand, turn)
        return {slot: value for slot, value in said.items() if value and slot in self.questions}

    def _said_hsa_id(self, errand: Errand, turn: Turn) -> str | None:
        asking = errand[REQUESTED_SLOT]
        if found := fields.read_hsa_id(turn.text):
            return found
        points = asking in (None, "hsa_id", GUESS, *QUESTIONS, START) and fields.means_same_person(turn.text)
        return errand[LAST_PERSON] if points else None

    def _said_values(self, errand: Errand, turn: Turn) -> dict[str, Any]:
        asking = errand[REQUESTED_SLOT]
        at_end = asking in (CONFIRM, CHANGE)
        names_reason = at_end and any(word in plain(turn.text) for word in WORDS_OF_SLOT["reserve_reason"])
        return {
            "assurance_level": self._said_level(turn, asking),
            "reserve_reason": fields.read_reason(turn, asked=names_reason),
            "quantity": self._said_quantity(turn, asking),
            "delivery": self._said_delivery(errand, turn),
        }

    @staticmethod
    def _said_level(turn: Turn, asking: str | None) -> int | None:
        # A bare "2" to the other questions may mean their second answer.
        alone = asking in (CONFIRM, CHANGE, DUPLICATE, "delivery")
        number = fields.read_changed_number(turn, alone=alone)
        return fields.read_level(turn, asked=False) or (number if number in (2, 3) else None)

    @staticmethod
    def _said_quantity(turn: Turn, asking: str | None) -> int | None:
        number = fields.read_changed_number(turn, alone=asking is not None)
        if number is not None and asking not in (CONFIRM, CHANGE) and number >= _NO_QUANTITY:
            number = None
        return fields.read_quantity(turn, asked=False) or number

    @staticmethod
    def _said_delivery(errand: Errand, turn: Turn) -> Any:
        known = errand["delivery"]
        try:
            address = fields.read_address(turn.text)
        except InvalidAddress:
            return None
        if address:
            delivery = _as_dict(address)
            if isinstance(known, dict) and not delivery["recipient"]:
                delivery["recipient"] = known["recipient"]
            return delivery
        if fields.means_same_address(turn.text):
            return known or errand[LAST_DELIVERY] or OWN
        return OWN if fields.means_own_address(turn.text, asked=False) else None

    def _note_others(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> None:
        """Remember further persons of the message, who come when the first has got theirs."""
        found = fields.read_hsa_ids(turn.text)
        several = fields.means_several_persons(turn.text) and not turn.wants_to_be_told
        if "hsa_id" not in self.questions or not (len(found) > 1 or several) or errand[WAITING] is not None:
            return
        # A person without a HSA-id yet is "": as many as were counted, or until there are no more.
        errand[WAITING] = found[1:] or [""] * ((fields.count_persons(turn.text) or _UNCOUNTED) - 1)
        dispatcher.utter_message(response="utter_one_person_at_a_time")

    # --- answers to the open question

    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """See the base class."""
        if has_personnummer(turn):
            if asking == "hsa_id":
                return False
            dispatcher.utter_message(response="utter_no_personal_number_please")
            return True
        self._note_others(dispatcher, errand, turn)
        if asking in (CONFIRM, CHANGE):
            return self._read_change(errand, turn, asking)
        if asking in (DUPLICATE, GUESS):
            taken = self._read_yes_or_no(errand, turn, asking)
        else:
            taken = await self._read_field(errand, turn, asking)
        said = self.said(errand, turn)
        answered = "delivery" if asking == PLACE else asking
        if taken and said.keys() - {answered} and errand[answered] is None and asking not in (START, GUESS):
            # Else it looks as if it had not been understood: the same question comes again.
            dispatcher.utter_message(response="utter_order_noted_values", values=noted(said))
        return taken

    async def _read_field(self, errand: Errand, turn: Turn, asking: str) -> bool:
        found = self.collect(errand, turn) or bool(self.said(errand, turn))
        if asking == START:
            return found or self.agrees(turn)
        if turn.wants_to_be_told:
            return found
        if found and asking in (PLACE, NOTE):
            return True
        if not found and self._clear_named(errand, turn, asking):
            return True
        if asking == PLACE:
            return self._read_place(errand, turn)
        value = await self._value(errand, turn, asking, corrects=found)
        if value is not None:
            errand[asking] = value
        return found or value is not None or bool(asking == "delivery" and errand["delivery_street"])

    def _clear_named(self, errand: Errand, turn: Turn, asking: str) -> bool:
        """Ask again for an answer that the message says is wrong without giving the right one."""
        said = plain(turn.text)
        if len(said.split()) > _TOLD or not (turn.label == "correct" or wishes.WRONG.search(said)):
            return False
        words = ((slot, word) for slot in self.questions for word in WORDS_OF_SLOT[slot] if word in said)
        changed = next((slot for slot, _ in words if slot != asking and errand[slot] is not None), None)
        if changed:
            self._forget(errand, changed)
        return changed is not None

    @staticmethod
    def _forget(errand: Errand, slot: str) -> None:
        errand.clear(slot, "idempotency_key")
        if slot == "hsa_id":
            errand.clear(DUPLICATE)
        if slot == "reserve_reason":
            errand.clear(NOTE)
        if slot == "delivery":
            errand.clear("delivery_street")

    def agrees(self, turn: Turn) -> bool:
        """Whether `turn` says yes to ordering here, and not "ja, men kan jag …"."""
        if turn.is_plain_yes:
            return True
        said = plain(turn.text)
        hesitates = wishes.ASKS_WHETHER.search(said) or "?" in turn.text or " men " in f" {said} "
        return yes_or_no(turn) == "affirm" and not hesitates and not turn.is_question

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

    async def _value(self, errand: Errand, turn: Turn, asking: str, *, corrects: bool) -> Any:
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
        if errand["delivery"]:
            return None
        return self._delivery(errand, turn, corrects=corrects)

    @staticmethod
    def _delivery(errand: Errand, turn: Turn, *, corrects: bool) -> Any:
        if fields.means_own_address(turn.text, asked=True):
            return OWN
        if address := fields.read_delivery(turn):
            return _as_dict(address)
        # What has corrected another answer is no street, unless one is named beside it.
        errand["delivery_street"] = (fields.named_street if corrects else fields.read_street)(turn.text)
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
        # "jag har nog redan en, ja kör ändå": the last word counts.
        last = replace(turn, text=re.split(r"[,.;:!–]", turn.text.strip(" .!"))[-1], label=UNCLEAR)
        if self.is_yes(errand, turn) or last.is_plain_yes or wishes.GO_AHEAD.fullmatch(plain(turn.text)):
            errand[DUPLICATE] = True
            return True
        return False

    def is_yes(self, errand: Errand, turn: Turn) -> bool:
        """Whether `turn` says yes to the order as it stands: it names nothing else."""
        own = {errand["quantity"], errand["assurance_level"]}
        other = fields.named_products(turn.text) - {self.label}
        return (
            turn.is_plain_yes and "?" not in turn.text and not other and set(fields.numbers(turn.text)) <= own
        )

    def _read_change(self, errand: Errand, turn: Turn, asking: str) -> bool:
        person = errand["hsa_id"]
        collected = self.collect(errand, turn)
        street = fields.named_street(turn.text) if "delivery" in self.questions else None
        if street:
            errand.clear("delivery")
            errand["delivery_street"] = street
        if collected or street:
            errand.clear("idempotency_key")
            if errand["hsa_id"] != person:
                errand.clear(DUPLICATE)
            return True
        if turn.wants_to_be_told or turn.is_plain_yes:
            return asking == CHANGE and turn.is_plain_yes
        if self.said(errand, turn):
            # It is so already; the summary says it.
            return True
        said = plain(turn.text)
        wrong = asking == CHANGE or wishes.WRONG.search(said) or len(said.split()) <= 2
        words = (
            (slot, word) for slot in self.questions for word in WORDS_OF_SLOT[slot] if wrong and word in said
        )
        if changed := next(words, None):
            self._forget(errand, changed[0])
            return True
        return asking == CHANGE and bool(wishes.BACK_TO_SUMMARY.search(said) or yes_or_no(turn))


def _as_dict(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in ("recipient", "street", "postal_code", "city")}


def has_personnummer(turn: Turn) -> bool:
    """Whether the message has a personnummer in it, masked or not."""
    return contains_personnummer(turn.text) or "•••" in turn.text


async def with_zeros(errand: Errand) -> str | None:
    """The HSA-id with zeros for the O's in it, if such a person exists."""
    typed = str(errand["hsa_id"])
    meant = fields.digits_for_letters(typed)
    if meant == typed:
        return None
    try:
        return (await ask_store(lambda store: store.find_holder(errand.conversation, meant))).hsa_id
    except (HolderNotFound, InvalidHsaId):
        return None
