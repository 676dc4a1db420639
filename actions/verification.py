"""Proving for whom the visitor acts, as the first questions of every errand that needs it."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events
from actions.errand import Errand
from actions.labels import starts_task
from actions.loop import PUT_OFF, LoopForm, put_off, utter_topics
from actions.order_fields import read_customer_number, read_email
from actions.orders.errors import (
    CodeExpired,
    CodeRejected,
    NoCodePending,
    NotVerified,
    PortalTokenInvalid,
    StoreUnavailable,
    TooManyCodes,
)
from actions.orders.values import VerifiedCustomer
from actions.store import ask_store
from actions.turn import SURE, Turn, plain, yes_or_no

QUESTIONS = ("customer_number", "contact_email", "one_time_code")
DIGITS = 6
CODE = re.compile(r"(?<!\d)(\d{3})\s?(\d{3})(?!\d)")
_NEW_CODE = re.compile(r"\b(ny|nytt|igen|skicka|kommer inte|inte fatt|inget mejl|inte kommit)\b")
_WITHOUT = frozenset(["inte", "inget", "ingen", "inga", "saknar", "ej", "vem", "vilken", "vilket"])
# After this many failures in a row the question is explained, not only asked again.
EXPLAIN_AFTER = 2


class CustomerForm(LoopForm):
    """A form for verified customers only.

    Subclasses say in `next_question` what else is missing and read it in `read`.
    """

    errand_slots: ClassVar[tuple[str, ...]]
    """What a new errand begins without."""

    @abstractmethod
    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """The slot to ask for next; None when the errand is done (and has been answered)."""

    @abstractmethod
    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """Take the answer to `asking` from `turn`; whether there was one."""

    @abstractmethod
    def collect(self, errand: Errand, turn: Turn) -> bool:
        """Take what the message says unasked; whether it said anything new."""

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; a store that is down keeps every answer and the open question."""
        try:
            events = await super().answer(dispatcher, tracker, turn)
            if _asked_next(events) == "one_time_code":
                dispatcher.utter_message(json_message={"directive": "expect_one_time_code", "digits": DIGITS})
            return events
        except StoreUnavailable:
            dispatcher.utter_message(response="utter_store_unavailable")
            errand = Errand(tracker.sender_id, tracker.slots)
            self.collect(errand, turn)
            return errand.events(tracker.get_slot("requested_slot") or "order_retry")

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class."""
        errand = Errand(tracker.sender_id, tracker.slots)
        errand.clear(*self.errand_slots, "one_time_code", "pending_offer")
        errand["misunderstood"] = 0
        if starts_task(turn.label):
            utter_topics(dispatcher, turn)
            errand[PUT_OFF] = put_off(tracker, turn)
        self._collect_customer(errand, turn)
        self.prefill(errand, tracker, turn)
        if await self._customer(errand, turn) is None:
            dispatcher.utter_message(response=f"utter_begin_{self.form}")
        return await self._go_on(dispatcher, errand, turn)

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """Take what is known before the first question."""
        self.collect(errand, turn)

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; a wish for a person is never an answer, whatever else it names."""
        if turn.label == "request_human" and turn.confidence >= SURE:
            return None
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = str(tracker.get_slot("requested_slot"))
        if turn.asks:
            return None
        if asking == "order_retry":
            taken = True
        elif asking in QUESTIONS:
            taken = await self._read_verification(dispatcher, errand, turn, asking)
        else:
            taken = await self.read(dispatcher, errand, turn, asking)
        if not taken:
            return None
        return await self._go_on(dispatcher, errand, turn)

    async def _go_on(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> Events:
        customer = await self._customer(errand, turn)
        if customer is None:
            question = await self._verification_question(dispatcher, errand)
            return errand.events(question)
        errand["customer_number"] = customer.customer_number
        try:
            return errand.events(await self.next_question(dispatcher, errand))
        except NotVerified:
            dispatcher.utter_message(response="utter_verification_expired")
            errand.clear(*QUESTIONS)
            return errand.events("customer_number")

    async def _customer(self, errand: Errand, turn: Turn) -> VerifiedCustomer | None:
        known = await ask_store(lambda store: store.verified_customer(errand.conversation))
        portal = turn.metadata.get("customer")
        if known or not portal:
            return known
        try:
            return await ask_store(
                lambda store: store.accept_portal_customer(
                    errand.conversation, str(portal["customer_number"]), str(portal["contact_email"])
                )
            )
        except (PortalTokenInvalid, NotVerified, KeyError):
            return None

    async def _verification_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        if errand["customer_number"] is None:
            return "customer_number"
        if errand["contact_email"] is None:
            return "contact_email"
        if errand["one_time_code"] is None:
            return await self._send_code(dispatcher, errand)
        return "one_time_code"

    async def _send_code(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        number, email = errand["customer_number"], errand["contact_email"]
        try:
            await ask_store(lambda store: store.start_code(errand.conversation, number, email))
        except TooManyCodes as error:
            dispatcher.utter_message(
                response="utter_too_many_codes", minutes=max(1, round(error.retry_after_seconds / 60))
            )
            errand.clear(*QUESTIONS)
            return None
        errand["one_time_code"] = "sent"
        return "one_time_code"

    async def _read_verification(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str
    ) -> bool:
        if asking == "one_time_code":
            answered = await self._read_code(dispatcher, errand, turn)
        else:
            self._collect_customer(errand, turn, asking)
            answered = bool(errand[asking])
        if not self.collect(errand, turn):
            return answered
        if not answered:
            dispatcher.utter_message(response="utter_order_noted")
        return True

    @staticmethod
    def _collect_customer(errand: Errand, turn: Turn, asking: str = "") -> None:
        """Take customer number and e-mail address, as long as no code has been sent to one."""
        if errand["one_time_code"]:
            return
        if number := read_customer_number(turn, asked=asking == "customer_number"):
            errand["customer_number"] = number
        if email := read_email(turn):
            errand["contact_email"] = email

    async def _read_code(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> bool:
        found = CODE.search(turn.text)
        if found is None:
            if read_email(turn):
                errand["contact_email"] = read_email(turn)
            elif not _NEW_CODE.search(plain(turn.text)) or yes_or_no(turn) == "deny":
                return False
            errand["one_time_code"] = None
            return True
        code = "".join(found.groups())
        try:
            customer = await ask_store(lambda store: store.confirm_code(errand.conversation, code))
            dispatcher.utter_message(
                json_message={
                    "directive": "customer_verified",
                    "customer_number": customer.customer_number,
                    "name": customer.customer_name,
                }
            )
        except CodeRejected as error:
            dispatcher.utter_message(response="utter_code_rejected", attempts_left=error.attempts_left)
        except (CodeExpired, NoCodePending):
            dispatcher.utter_message(response="utter_code_expired")
            errand["one_time_code"] = None
        return True

    async def go_back(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """One answer back, as far as the errand's own answers go; the verification stays."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = tracker.get_slot("requested_slot")
        if asking == "one_time_code":
            errand.clear("contact_email", "one_time_code")
            return errand.events("contact_email")
        if asking == "contact_email":
            errand.clear("customer_number")
            return errand.events("customer_number")
        return self.one_answer_back(errand, str(asking))

    @abstractmethod
    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """Clear the last answer and ask for it again."""

    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """See the base class."""
        asking = tracker.get_slot("requested_slot")
        if failures >= EXPLAIN_AFTER or _has_none(Turn.of(tracker)):
            dispatcher.utter_message(response=f"utter_explain_{asking}")
        else:
            dispatcher.utter_message(response="utter_answer_not_understood")
        return [*Errand(tracker.sender_id, tracker.slots).events(asking)]

    async def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """See the base class."""
        dispatcher.utter_message(response="utter_order_stopped")
        errand = Errand(tracker.sender_id, tracker.slots)
        errand.clear(*self.errand_slots, "one_time_code")
        errand["misunderstood"] = 0
        return errand.events(None)


def _asked_next(events: Events) -> str | None:
    """The slot that `events` leave open, the last word counting."""
    asked = [event["value"] for event in events if event.get("name") == "requested_slot"]
    return asked[-1] if asked else None


def _has_none(turn: Turn) -> bool:
    """Whether the visitor does not have or know what was asked for: then saying it again helps nobody."""
    said = plain(turn.text).split()
    return turn.label == "dont_know" or not _WITHOUT.isdisjoint(said)
