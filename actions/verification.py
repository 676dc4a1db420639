"""Proving for whom the visitor acts, as the first questions of every errand that needs it."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events
from actions.errand import Errand
from actions.labels import starts_task
from actions.loop import PUT_OFF, UNDERSTOOD, LoopForm, ask_again, put_off, utter_topics
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
from actions.turn import CERTAIN, SURE, UNCLEAR, Turn, plain, yes_or_no

QUESTIONS = ("customer_number", "contact_email", "one_time_code")
DIGITS = 6
# Values of the slot `one_time_code`, which never holds the code.
SENT, SEND_AGAIN = "sent", "send_again"
CODE = re.compile(r"(?<!\d)(\d{3})\s?(\d{3})(?!\d)")
_NEW_CODE = re.compile(r"\b(ny|nytt|igen|skicka)\b")
# The visitor's own words for the two answers that a code is sent for.
_NAMES = {
    "customer_number": re.compile(r"\bkund ?(?:n\w+|id)\b|\bnumret\b"),
    "contact_email": re.compile(r"\b(?:e ?)?(?:post|mejl|mail)(?:en|et)?(?:adress\w*)?\b|\badress\w*"),
}
_WRONG = re.compile(r"\b(?:fel\w*|ratta|andra|byt|byta|annan|annat|korriger\w*)\b")
_ORGANISATION_NUMBER = re.compile(r"\borg\w*(?: ?n(?:r|umm?er|umm?ret))\b|\borganisationsn\w*")
_BECOMES_CUSTOMER = re.compile(
    r"\b(?:bli|blir|vara) (?:\w+ )?kund(?:er)?\b|\b(?:inte|ej|inga|ingen) (?:\w+ )?kund(?:er)?\b"
    r"|\binget kund\w* an\b"
)
_ORDERER = r"(?:bestallare\w*|bestallningsansvarig\w*|behorig\w*|anmald)"
_NO_ORDERER = re.compile(
    rf"\b(?:jag|vi) (?:ar|star) (?:\w+ )?(?:inte|ej|ingen) (?:\w+ ){{0,2}}?{_ORDERER}\b"
    rf"|\b(?:inte|ej) (?:jag|vi) som (?:\w+ ){{0,2}}?(?:{_ORDERER}|bestaller|far bestalla)\b"
)
_WHO_ORDERS = re.compile(
    rf"\b(?:ar jag|hur (?:blir|kan)|vem|vilka) (?:\w+ ){{0,4}}?(?:{_ORDERER}|bestalla|bestaller)\b"
    r"|\b(?:far|kan) (?:jag|vi) (?:\w+ )?(?:inte|ej) (?:\w+ )?(?:fa|bestalla|ha)\b"
)
# That the mailed code is not there; the open question gives "kod" its meaning.
_CODE_MISSING = re.compile(
    r"\b(?:kom|kommer|kommit|fatt|far|fick|ser|hittar|dykt|dyker|har)\b.{0,25}\b(?:inte|aldrig|ingen|inget|inga)\b"
    r"|\b(?:inte|aldrig|ingen|inget|inga)\b.{0,25}\b(?:kod\w*|mejl\w*|mail\w*|kommit|fatt|kommer|kom|dykt|an)\b"
    r"|\bvar ar (?:koden|mejlet|mailet)"
)
# That it is there and was not taken.
_CODE_REFUSED = re.compile(
    r"\b(?:fel|ogiltig|felaktig) kod\b|\b(?:kod\w*|den|siffrorna)\b(?: \w+){0,2} (?:fel|ogiltig)\b"
    r"|\b(?:kod\w*|den|siffrorna|det)\b.{0,12}\b(?:funk\w*|fungera\w*|galler|stammer|gick|gar|duger|godkan\w*|accept\w*)"
    r"(?: \w+)? (?:inte|ej)\b"
)
_LOOKED_EVERYWHERE = re.compile(r"\b(?:skrap\w*|spam\w*)")
_CANCELS = re.compile(
    r"\b(?:avbryt\w*|avsluta\w*|avbestall\w*|avboka\w*|stopp|stoppa|sluta|slutar|strunta?|skit|skiter|glom|angra\w*"
    r"|slapp|slapper|lagg ner|lagger ner|vill inte|ska inte|orkar inte|behover inte|behovs inte|dra tillbaka"
    r"|hoppa over|hoppar over|lat (?:bli|det vara)|inget mer|cancel|exit|quit)\b"
)
_CALLS = re.compile(r"\b(?:ring\w*|telefon\w*|samtal)\b")
_NOTHING = re.compile(r"(?:(?:nej|na|nae|nja|tack|inte|nu|inget|det|ar|bra|bara|kolla|kollade)\b ?)+")
_WITHOUT = frozenset(["inte", "inget", "ingen", "inga", "saknar", "ej", "vem", "vilken", "vilket"])
# After this many failures in a row the question is explained, not only asked again.
EXPLAIN_AFTER = 2


def expect_code(dispatcher: CollectingDispatcher) -> None:
    """Let the code of the visitor's next message through redaction (docs/architecture.md)."""
    dispatcher.utter_message(json_message={"directive": "expect_one_time_code", "digits": DIGITS})


class CustomerForm(LoopForm):
    """A form for verified customers only.

    Subclasses say in `next_question` what else is missing and read it in `read`.
    """

    errand_slots: ClassVar[tuple[str, ...]]
    """What a new errand begins without."""
    explains = True
    stopped: ClassVar[str] = "utter_order_stopped"
    """The response that says that the errand is stopped."""

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
                expect_code(dispatcher)
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
        known = await self._customer(errand, turn)
        if known is None and _BECOMES_CUSTOMER.search(plain(turn.text)):
            dispatcher.utter_message(response="utter_faq/become_customer")
            return await self.stop(CollectingDispatcher(), tracker)
        if starts_task(turn.label):
            utter_topics(dispatcher, turn)
            if turn.covered:
                return errand.events(None)
            errand[PUT_OFF] = [*(put_off(tracker, turn) or []), *self.also_wanted(errand, turn)] or None
        # Who takes up an offer with a bare number ("ok, 100200") answers what comes first.
        self._collect_customer(errand, turn, "" if starts_task(turn.label) else QUESTIONS[0])
        self.prefill(errand, tracker, turn)
        if known is None:
            dispatcher.utter_message(response=f"utter_begin_{self.form}")
        if question := self.first_question(dispatcher, errand, turn):
            return errand.events(question)
        return await self._go_on(dispatcher, errand, turn)

    def first_question(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> str | None:
        """What to ask before who the customer is, when `turn` begins the errand."""
        return None

    def also_wanted(self, errand: Errand, turn: Turn) -> list[str]:
        """The labels of what the message lists beside this errand; by default none."""
        return []

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """Take what is known before the first question."""
        self.collect(errand, turn)

    def says_value(self, tracker: Tracker, turn: Turn) -> bool:
        """Whether the message says anything new, whatever its label."""
        return self.collect(Errand(tracker.sender_id, tracker.slots), turn)

    def declined(self, tracker: Tracker, turn: Turn) -> str | None:
        """The response to somebody who does not want the errand at all; None when nothing says so."""
        asking = tracker.get_slot("requested_slot")
        bare = _NOTHING.fullmatch(plain(turn.text)) and yes_or_no(turn) == "deny"
        return self.stopped if bare and asking in QUESTIONS[:2] else None

    def is_untouched(self, tracker: Tracker) -> bool:
        """Whether nothing has been filled in yet."""
        return tracker.get_slot("requested_slot") == "customer_number" and not tracker.get_slot(
            "contact_email"
        )

    async def heed(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class: no wish to go on, thanks, a call instead, a code that has not come."""
        if response := self.declined(tracker, turn):
            dispatcher.utter_message(response=response)
            return await self.stop(CollectingDispatcher(), tracker)
        asking = tracker.get_slot("requested_slot")
        if asking in QUESTIONS and (events := await self._heed_who_it_is(dispatcher, tracker, turn)):
            return events
        if (
            turn.label in {"thank", "praise"}
            and turn.confidence >= SURE
            and not self.says_value(tracker, turn)
        ):
            if self.is_untouched(tracker):
                dispatcher.utter_message(response="utter_thank")
                return await self.stop(CollectingDispatcher(), tracker)
            if yes_or_no(turn) is None:
                dispatcher.utter_message(response="utter_welcome")
                return ask_again(tracker)
        if turn.label in {"cancel", UNCLEAR} and _CALLS.search(plain(turn.text)):
            dispatcher.utter_message(response="utter_order_call")
            return ask_again(tracker)
        return None

    async def _heed_who_it_is(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """What visitors say instead of a customer number, an address or a code."""
        asking, said = str(tracker.get_slot("requested_slot")), plain(turn.text)
        if asking == "customer_number" and _BECOMES_CUSTOMER.search(said):
            dispatcher.utter_message(response="utter_faq/become_customer")
            return await self.stop(CollectingDispatcher(), tracker)
        if _NO_ORDERER.search(said):
            dispatcher.utter_message(response="utter_orderer_only")
            return await self.stop(CollectingDispatcher(), tracker)
        failures = int(tracker.get_slot("misunderstood") or 0) + 1
        response = None
        if _WHO_ORDERS.search(said):
            response = "utter_orderer_only"
        elif asking == "customer_number" and _ORGANISATION_NUMBER.search(said) and "kund" not in said:
            response = "utter_no_organisation_number"
        elif asking == "customer_number" and _has_no_number(turn):
            response = "utter_explain_customer_number" if failures == 1 else "utter_customer_number_person"
        elif asking == "one_time_code" and _code_is_refused(turn):
            response = "utter_code_refused"
        elif asking == "one_time_code" and _code_is_missing(turn):
            again = failures > 1 or _LOOKED_EVERYWHERE.search(said)
            response = "utter_code_missing_still" if again else "utter_code_missing"
        elif asking in QUESTIONS[1:] and _named_as_wrong(turn):
            return await self.go_back(dispatcher, tracker)
        if response is None:
            return None
        dispatcher.utter_message(response=response)
        return [*ask_again(tracker), SlotSet("misunderstood", failures)]

    async def _steer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """As in the base class, but a value outdoes "annat" and "tillbaka", and so does an answer."""
        if turn.label == "start_over" and turn.confidence < CERTAIN:
            # Everything said would be gone.
            return None
        if turn.label == "cancel" and not _CANCELS.search(plain(turn.text)):
            return None
        if turn.label in {"cancel", "go_back"} and self.says_value(tracker, turn):
            return None
        return await super()._steer(dispatcher, tracker, turn)

    async def _other(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        if turn.label == "cancel" and turn.confidence >= SURE:
            return [*await self.stop(dispatcher, tracker), UNDERSTOOD]
        return await super()._other(dispatcher, tracker, turn)

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
        if errand["one_time_code"] != SENT:
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
        again = errand["one_time_code"] == SEND_AGAIN
        dispatcher.utter_message(response="utter_new_code_sent" if again else "utter_code_sent")
        errand["one_time_code"] = SENT
        return "one_time_code"

    async def _read_verification(
        self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str
    ) -> bool:
        if asking == "one_time_code":
            answered = await self._read_code(dispatcher, errand, turn)
        else:
            before = (errand["customer_number"], errand["contact_email"])
            self._collect_customer(errand, turn, asking)
            answered = bool(errand[asking])
            if not answered and before != (errand["customer_number"], errand["contact_email"]):
                dispatcher.utter_message(response="utter_order_noted")
                answered = True
            elif asking == "contact_email" and errand["customer_number"] != before[0]:
                answered = True
        if not self.collect(errand, turn):
            return answered
        if not answered:
            dispatcher.utter_message(response="utter_order_noted")
        return True

    @staticmethod
    def _collect_customer(errand: Errand, turn: Turn, asking: str = "") -> None:
        """Take customer number and e-mail address, as long as no code to one is waited for."""
        if errand["one_time_code"] == SENT:
            return
        if number := read_customer_number(turn, asked=asking in QUESTIONS[:2]):
            errand["customer_number"] = number
        if email := read_email(turn):
            errand["contact_email"] = email

    async def _read_code(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn) -> bool:
        number = read_customer_number(turn, asked=False)
        if number or read_email(turn):
            if number and number != errand["customer_number"]:
                dispatcher.utter_message(response="utter_customer_number_changed")
                errand["customer_number"] = number
            errand["contact_email"] = read_email(turn) or errand["contact_email"]
            errand["one_time_code"] = SEND_AGAIN
            return True
        found = CODE.search(turn.text)
        if found is None:
            if not _NEW_CODE.search(plain(turn.text)) or yes_or_no(turn) == "deny":
                return False
            errand["one_time_code"] = SEND_AGAIN
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
            if _almost(code, str(errand["customer_number"])):
                dispatcher.utter_message(response="utter_customer_number_changed")
                errand["customer_number"], errand["one_time_code"] = code, SEND_AGAIN
                return True
            dispatcher.utter_message(response="utter_code_rejected", attempts_left=error.attempts_left)
        except (CodeExpired, NoCodePending):
            dispatcher.utter_message(response="utter_code_expired")
            errand["one_time_code"] = SEND_AGAIN
        return True

    async def go_back(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """One answer back, or to the one that is named; the verification stays."""
        errand = Errand(tracker.sender_id, tracker.slots)
        asking = tracker.get_slot("requested_slot")
        named = _named_as_wrong(Turn.of(tracker)) if asking in QUESTIONS[1:] else None
        if named or asking == "one_time_code":
            question = named or "contact_email"
            errand.clear(question)
            if errand["one_time_code"]:
                errand["one_time_code"] = SEND_AGAIN
            return errand.events(question)
        if asking == "contact_email":
            errand.clear("customer_number")
            return errand.events("customer_number")
        if asking == "customer_number":
            return ask_again(tracker)
        return self.one_answer_back(errand, str(asking))

    @abstractmethod
    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """Clear the last answer and ask for it again."""

    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """See the base class."""
        asking = tracker.get_slot("requested_slot")
        if failures >= EXPLAIN_AFTER and asking == "customer_number":
            dispatcher.utter_message(response="utter_customer_number_person")
        elif failures >= EXPLAIN_AFTER or has_none(Turn.of(tracker)):
            dispatcher.utter_message(response=f"utter_explain_{asking}")
        else:
            dispatcher.utter_message(response="utter_answer_not_understood")
        return [*Errand(tracker.sender_id, tracker.slots).events(asking)]

    async def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """See the base class."""
        dispatcher.utter_message(response=self.stopped)
        errand = Errand(tracker.sender_id, tracker.slots)
        errand.clear(*self.errand_slots, "one_time_code")
        errand["misunderstood"] = 0
        return errand.events(None)


def _asked_next(events: Events) -> str | None:
    """The slot that `events` leave open, the last word counting."""
    asked = [event["value"] for event in events if event.get("name") == "requested_slot"]
    return asked[-1] if asked else None


def _code_is_missing(turn: Turn) -> bool:
    said = plain(turn.text)
    looked = _LOOKED_EVERYWHERE.search(said) and has_none(turn)
    return bool(looked or _CODE_MISSING.search(said)) and not (
        _NEW_CODE.search(said) or CODE.search(turn.text)
    )


def _code_is_refused(turn: Turn) -> bool:
    said = plain(turn.text)
    return bool(_CODE_REFUSED.search(said)) and not (_NEW_CODE.search(said) or CODE.search(turn.text))


def _almost(code: str, number: str) -> bool:
    """Whether `code` is as good as `number`: what was typed where a code was asked for corrects it."""
    return len(code) == len(number) and sum(a != b for a, b in zip(code, number, strict=True)) in (1, 2)


def _named_as_wrong(turn: Turn) -> str | None:
    """The question whose answer the message calls wrong, without telling the right one."""
    said = plain(turn.text)
    told = read_email(turn) or any(sign.isdigit() for sign in said)
    named = [question for question, words in _NAMES.items() if words.search(said)]
    return named[0] if named and not told and _WRONG.search(said) else None


def _has_no_number(turn: Turn) -> bool:
    said = plain(turn.text)
    names = _NAMES["customer_number"].search(said) or re.search(r"\b(?:nummer|nr)\b", said)
    return has_none(turn) and bool(names) and not any(letter.isdigit() for letter in said)


def has_none(turn: Turn) -> bool:
    """Whether the visitor does not have or know what was asked for: then saying it again helps nobody."""
    said = plain(turn.text).split()
    return turn.label == "dont_know" or not _WITHOUT.isdisjoint(said)
