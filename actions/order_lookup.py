"""What has been ordered: status, list and cancellation, for the customer it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS, starts_task
from actions.loop import REQUESTED_SLOT, ask_again, digress, switch_to
from actions.order_texts import KINDS, STATES, status_line
from actions.orders import Order, OrderKind, find_order_numbers
from actions.orders.errors import NotVerified, OrderNotFound, WrongState
from actions.store import ask_store
from actions.turn import SURE, Turn, plain, yes_or_no
from actions.verification import CustomerForm

LISTED, SEARCHED = 5, 50
# An order named this many of the visitor's messages before is still the one talked about.
_TURNS_BACK = 2
# A choice from the list says no more words than this.
_CHOICE_WORDS = 3
NUMBER, CONFIRM = "lookup_number", "cancel_confirmed"
# What says which order is meant, until the orders are known; the numbers that come after this one.
WISH, QUEUE = "cancel_wish", "cancel_queue"
# The order that was talked about last.
NAMED = "order_talked_about"
_KINDS = {
    OrderKind.PUK: fields.PRODUCTS["order_puk"],
    OrderKind.RESERVE_CARD: rf"{fields.PRODUCTS['order_reserve_card']}|{fields.ANY_CARD}",
    OrderKind.ORDINARY_CARD: rf"{fields.PRODUCTS['order_siths_card']}|{fields.ANY_CARD}",
    OrderKind.CARD_READER: fields.PRODUCTS["order_card_reader"],
}
_CARDS = {OrderKind.RESERVE_CARD: "order_reserve_card", OrderKind.ORDINARY_CARD: "order_siths_card"}
_STOPS_IT = re.compile(
    r"(?:ja|jo|japp|yes|absolut)\b(?!.*\b(?:inte|ej|vanta|men)\b).*\b(?:stopp|avbest|avbryt|bort)"
)
# Places in a list, from the top; below zero from the bottom. What is newest stands first.
_PLACES = {
    r"oversta|forsta|senaste|nyaste|1 ?a|nummer (?:1|ett)": 0,
    r"andra|2 ?a|nummer (?:2|tva)|nast oversta": 1,
    r"tredje|3 ?e|nummer (?:3|tre)": 2,
    r"fjarde|4 ?e|nummer (?:4|fyra)": 3,
    r"femte|5 ?e|nummer (?:5|fem)": 4,
    r"sista|nedersta|understa|aldsta": -1,
}
_ALL = re.compile(r"\b(?:allt|alla|allihop\w*|alltihop|samtliga|bada|bagge|allesammans)\b")
_CANCELS = re.compile(
    r"\b(?:avbest\w*|avbok\w*|annuller\w*|makuler\w*|stopp\w*|dra tillbaka|drar tillbaka|aterkalla|avbryt\w*"
    r"|ta bort (?:hela|bestallning\w*|ordern))\b"
)
# A placed order is to stay, or to be another: neither is a wish to cancel it.
_KEEPS = re.compile(
    r"\b(?:vill|ville|ska|skulle|behover|maste) (?:(?!inte\b|ej\b)\w+ ){0,2}?(?:ha|behalla)\b(?! bort)"
    r"|^(?:nej )?behall\w*\b"
    r"|\b(?:lat|ligga|vara|finnas) kvar\b"
)
# "Den andra" is the second one, no change.
_CHANGE = (
    r"(?:(?<!den )(?<!de )(?<!det )(?<!dom )andra\w*(?! mig| mej)|byt|byta|ratta\w*|korriger\w*|justera\w*)"
)
_DETAIL = r"(?:\w*adress\w*|gatan|postn\w*|orten|\w*namn\w*|mottagar\w*|antal\w*|\w*nivan?|hsa)"
_COUNT = r"(?:en|ett|tva|tre|fyra|fem|\d+)"
_CHANGES = re.compile(
    rf"\b(?:{_CHANGE}|fel|annan|annat|ny|nytt|minska|oka|uppdatera)(?: \w+){{0,3}} {_DETAIL}\b"
    rf"|\b{_CHANGE}(?: \w+){{0,3}} (?:bestallning\w*|ordern?)\b"
    rf"|\b{_DETAIL} (?:\w+ ){{0,3}}?(?:fel|ska vara|skulle|andras)\b"
    rf"|\b(?:ta|plocka|dra) (?:bort|av|ifran) {_COUNT}\b"
    r"(?! (?:av )?(?:\w+ )?(?:best|order|puk|kort(?!las)|reserv|siths))"
    rf"|\b(?:ska|skulle) (?:bara )?(?:vara|bli|ha) (?:bara )?{_COUNT}\b(?! (?:dag|veck|tim))"
    rf"|\bha kvar (?:bara )?{_COUNT}\b"
    rf"|\b{_COUNT} for (?:mycket|manga|lite|fa)\b|\b(?:for|lite) (?:manga|fa) \w*lasare\b"
)
_POINTS = re.compile(r"\b(?:den|det|denna|detta|bestallningen|ordern)\b")
_REGRETS = re.compile(
    r"\bangra\w*\b.*\bavbest|\bavbest\w*\b.*\b(?:angra|tillbaka|av misstag|misstag|fel)\b|\baterstall"
)
_NO_NUMBER = re.compile(
    r"\b(?:spelar ingen roll|vilken som helst|har (?:\w+ )?inget (?:\w+)?nummer"
    r"|vet (?:\w+ )?inte|minns inte|ingen aning)\b"
)
_STATES = re.compile(
    r"\b(?:betyder|innebar|menas|menar ni)\b.*\b(?:mottag\w*|hanter\w*|skickad\w*|status\w*|avbestalld\w*)"
    r"|\b(?:vad ar|vadda) (?:mottagen|under hantering)"
)
_WHEN = re.compile(r"\bnar\b.*\b(?:skicka\w*|kommer|levereras|framme|far)\b|\bhur lange\b|\bhur lang tid\b")
_NOT_MINE = re.compile(
    r"\b(?:inte|aldrig) (?:jag|vi|nagon av oss) som|\bkanner (?:\w+ )?inte igen\b"
    r"|\b(?:har|hade) (?:\w+ ){0,2}?(?:inte|aldrig) (?:jag |vi )?(?:gjort|bestallt|lagt|avbestallt)\b"
)


class OrderLookupForm(CustomerForm):
    """Answers `check_order_status`, `list_orders` and `cancel_order`."""

    form = "order_lookup_form"
    errand_slots = ("lookup", NUMBER, CONFIRM, WISH, QUEUE, NAMED)
    stopped = "utter_lookup_stopped"

    async def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """See the base class; what is placed is not changed here, what is cancelled not had back."""
        if ORDER_FORMS.get(turn.label) == self.form and changes_order(turn.text):
            dispatcher.utter_message(response="utter_order_not_changed_here")
            return await self.stop(CollectingDispatcher(), tracker)
        if _REGRETS.search(plain(turn.text)) and not find_order_numbers(turn.text):
            dispatcher.utter_message(response="utter_cancel_is_final")
            return await self.stop(CollectingDispatcher(), tracker)
        return await super().begin(dispatcher, tracker, turn)

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """See the base class."""
        # As the message says, else as what began the form does (`switch_to`).
        said = ORDER_FORMS.get(turn.label) == self.form
        errand["lookup"] = turn.label if said else tracker.get_slot("lookup")
        # Told apart when the orders are known, see `_list`.
        errand[WISH] = turn.text if said else _said_before(tracker, errand["lookup"])
        points = errand["lookup"] != "cancel_order" or _POINTS.search(plain(errand[WISH]))
        errand[NAMED] = just_named(tracker) if points else None
        super().prefill(errand, tracker, turn)

    def collect(self, errand: Errand, turn: Turn) -> bool:
        """See the base class."""
        numbers = find_order_numbers(turn.text)
        if numbers and errand[NUMBER] != numbers[0]:
            errand[NUMBER] = numbers[0]
            errand[CONFIRM] = None
            return True
        return False

    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """See the base class."""
        lookup = errand["lookup"] or "check_order_status"
        if lookup == "list_orders" or errand[NUMBER] is None:
            return await self._list(dispatcher, errand, lookup)
        return await self._one(dispatcher, errand, lookup)

    async def _orders(self, errand: Errand, lookup: str) -> Sequence[Order]:
        orders = await ask_store(lambda store: store.list_orders(errand.conversation, SEARCHED))
        return [order for order in orders if lookup != "cancel_order" or order.can_be_cancelled]

    async def _list(self, dispatcher: CollectingDispatcher, errand: Errand, lookup: str) -> str | None:
        orders = await self._orders(errand, lookup)
        if not orders:
            dispatcher.utter_message(response=f"utter_no_orders_{lookup}")
            return None
        if lookup == "list_orders":
            _utter_list(dispatcher, orders[:LISTED])
            return None
        wish, last = errand[WISH] or "", errand[NAMED]
        errand.clear(WISH, NAMED)
        if lookup != "cancel_order":
            last = last or errand["order_number"]
        named = pick(wish, orders, listed=False)
        every = lookup == "cancel_order" and len(orders) > 1 and _ALL.search(plain(wish))
        if every:
            dispatcher.utter_message(response="utter_cancel_one_by_one")
            errand[QUEUE] = [order.number for order in named[1:]]
            named = named[:1]
        elif len(named) > 1:
            named = [order for order in named if order.number == last] or named
        if len(named) == 1:
            errand[NUMBER] = named[0].number
            return await self._one(dispatcher, errand, lookup)
        _utter_list(dispatcher, named[:LISTED], lookup)
        return NUMBER

    async def _one(self, dispatcher: CollectingDispatcher, errand: Errand, lookup: str) -> str | None:
        number = str(errand[NUMBER])
        try:
            order = await ask_store(lambda store: store.order_status(errand.conversation, number))
        except OrderNotFound:
            dispatcher.utter_message(response="utter_order_not_found", order_number=number)
            errand[NUMBER] = None
            return NUMBER
        if lookup != "cancel_order":
            dispatcher.utter_message(response=f"utter_order_status_{order.state}", order=status_line(order))
            return None
        return await self._cancel(dispatcher, errand, order)

    async def _cancel(self, dispatcher: CollectingDispatcher, errand: Errand, order: Order) -> str | None:
        if not order.can_be_cancelled:
            dispatcher.utter_message(
                response="utter_order_cannot_be_cancelled",
                order_number=order.number,
                state=STATES[order.state],
            )
            return await self._next_in_queue(dispatcher, errand)
        if not errand[CONFIRM]:
            dispatcher.utter_message(response="utter_cancel_which", order=status_line(order))
            return CONFIRM
        try:
            await ask_store(lambda store: store.cancel_order(errand.conversation, order.number))
        except WrongState as error:
            dispatcher.utter_message(
                response="utter_order_cannot_be_cancelled",
                order_number=order.number,
                state=STATES[error.state],
            )
            return await self._next_in_queue(dispatcher, errand)
        dispatcher.utter_message(response="utter_order_cancelled", order_number=order.number)
        return await self._next_in_queue(dispatcher, errand)

    async def _next_in_queue(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """The next of several to cancel; each is asked about."""
        waiting = errand[QUEUE] or []
        errand[CONFIRM] = None
        if not waiting:
            return None
        errand[NUMBER], errand[QUEUE] = waiting[0], waiting[1:]
        return await self._one(dispatcher, errand, "cancel_order")

    async def heed(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; also questions about the orders shown."""
        said = plain(turn.text)
        if tracker.get_slot(REQUESTED_SLOT) == CONFIRM and _STOPS_IT.match(said):
            # "ja stoppa den" stops the order, not the chat.
            errand = Errand(tracker.sender_id, tracker.slots)
            errand[CONFIRM] = True
            return await self._go_on(dispatcher, errand, turn)
        asking, cancelling = tracker.get_slot(REQUESTED_SLOT), tracker.get_slot("lookup") == "cancel_order"
        if asking in (NUMBER, CONFIRM):
            kept = cancelling and keeps_order(turn.text) and not turn.wants_to_be_told
            if changes_order(turn.text):
                dispatcher.utter_message(response="utter_order_not_changed_here")
                return ask_again(tracker)
            if kept and asking == CONFIRM:
                dispatcher.utter_message(response="utter_order_kept")
                errand = Errand(tracker.sender_id, tracker.slots)
                return errand.events(await self._next_in_queue(dispatcher, errand))
            if kept and yes_or_no(turn) != "deny":
                dispatcher.utter_message(response="utter_order_still_kept")
                return ask_again(tracker)
            answers = (
                ("utter_cancel_is_final", _REGRETS),
                ("utter_order_not_mine", _NOT_MINE),
                ("utter_order_states", _STATES),
                ("utter_order_when_sent", _WHEN),
            )
            if answer := next((response for response, pattern in answers if pattern.search(said)), None):
                dispatcher.utter_message(response=answer)
                return ask_again(tracker)
        return await super().heed(dispatcher, tracker, turn)

    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """See the base class."""
        orders = await self._orders(errand, str(errand["lookup"]))
        named = pick(turn.text, orders, listed=asking == NUMBER)
        names_one = len(named) == 1 and len(orders) > 1
        current = errand[NUMBER]
        other = names_one and named[0].number != current
        if asking == CONFIRM and not other and self._agrees(turn, named, current):
            errand[CONFIRM] = True
            return True
        if self.collect(errand, turn):
            return True
        # "Den översta" and "läsarna" choose from the list, whatever their label.
        bare = asking == NUMBER and bool(named) and len(plain(turn.text).split()) <= _CHOICE_WORDS
        chooses = bare or _place(turn.text) is not None
        other_task = starts_task(turn.label) and turn.label != errand["lookup"] and not chooses
        if turn.wants_to_be_told or other_task:
            return False
        return self._choose(errand, turn, named, orders, asking)

    @staticmethod
    def _choose(
        errand: Errand, turn: Turn, named: Sequence[Order], orders: Sequence[Order], asking: str
    ) -> bool:
        """Take the one order named, or note what narrows the list."""
        cancelling = errand["lookup"] == "cancel_order"
        names_one = len(named) == 1 and len(orders) > 1
        if cancelling and len(orders) > 1 and asking == NUMBER and _ALL.search(plain(turn.text)):
            errand[WISH] = turn.text
            return True
        if names_one and named[0].number != errand[NUMBER]:
            errand[NUMBER], errand[CONFIRM] = named[0].number, None
            return True
        if asking == NUMBER and 1 < len(named) < len(orders):
            errand[WISH] = turn.text
            return True
        return False

    @staticmethod
    def _agrees(turn: Turn, named: Sequence[Order], current: str) -> bool:
        """Whether `turn` says yes and names no other order than the one asked about."""
        if not turn.is_plain_yes or (starts_task(turn.label) and turn.label != "cancel_order"):
            return False
        return not fields.numbers(turn.text) and any(order.number == current for order in named)

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; a no to a cancellation leaves the order as it is."""
        asking = tracker.get_slot(REQUESTED_SLOT)
        errand = Errand(tracker.sender_id, tracker.slots)
        if events := await super().take(dispatcher, tracker, turn):
            return events
        if asking == CONFIRM:
            return await self._not_cancelled(dispatcher, tracker, turn)
        if asking == NUMBER and (_NO_NUMBER.search(plain(turn.text)) or turn.label == "dont_know"):
            orders = await self._orders(errand, str(errand["lookup"]))
            if errand["lookup"] != "cancel_order":
                _utter_list(dispatcher, orders[:LISTED])
                return errand.events(None)
            _utter_list(dispatcher, orders[:LISTED], "cancel_order")
            return errand.events(NUMBER)
        if asking == NUMBER and yes_or_no(turn) == "deny" and not turn.wants_to_be_told:
            return await self.stop(dispatcher, tracker)
        return None

    async def _not_cancelled(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn
    ) -> Events | None:
        """What is no yes to a cancellation: a no, another errand, a question; the order stays."""
        errand = Errand(tracker.sender_id, tracker.slots)
        other_errand = starts_task(turn.label) and turn.confidence >= SURE and turn.label != "cancel_order"
        if other_errand:
            dispatcher.utter_message(response="utter_order_still_kept")
            return switch_to(turn.label)
        if yes_or_no(turn) == "deny":
            dispatcher.utter_message(response="utter_order_kept")
            return errand.events(await self._next_in_queue(dispatcher, errand))
        if (turn.wants_to_be_told or turn.is_question) and digress(dispatcher, turn):
            dispatcher.utter_message(response="utter_order_not_cancelled")
            return ask_again(tracker)
        return None

    async def explain(self, dispatcher: CollectingDispatcher, tracker: Tracker, failures: int) -> Events:
        """See the base class; what was no clear yes has cancelled nothing, and that is said."""
        if tracker.get_slot(REQUESTED_SLOT) == CONFIRM:
            dispatcher.utter_message(response="utter_order_not_cancelled")
            dispatcher.utter_message(response=f"utter_explain_{CONFIRM}")
            return [*Errand(tracker.sender_id, tracker.slots).events(CONFIRM)]
        return await super().explain(dispatcher, tracker, failures)

    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """See the base class."""
        errand.clear(NUMBER, CONFIRM, WISH, QUEUE)
        return errand.events(NUMBER)


def pick(text: str, orders: Sequence[Order], *, listed: bool) -> Sequence[Order]:
    """The orders that `text` names by number, thing, person or, when they were `listed`, place; else all.

    What it says no to ("inte puken") is not among them, if anything is left then.
    """
    numbers = find_order_numbers(text)
    if named := [order for order in orders if order.number in numbers]:
        return named
    found = _without(text, orders)
    for narrowed in (_of_kind(text, found), _of_person(text, found)):
        kept = [order for order in found if order in narrowed]
        found = kept or found
    place = _place(text)
    if listed and place is not None and -1 <= place < len(found):
        return [found[place]]
    return found


def _place(text: str) -> int | None:
    """The place in a list that `text` names, from 0; below zero from the end."""
    said = plain(text)
    return next((place for words, place in _PLACES.items() if re.search(rf"\b(?:{words})\b", said)), None)


def _without(text: str, orders: Sequence[Order]) -> Sequence[Order]:
    refused = [
        order for order in orders if re.search(rf"{fields.NOT}(?:{_KINDS[order.kind]})\b", plain(text))
    ]
    return [order for order in orders if order not in refused] or orders


def _of_kind(text: str, orders: Sequence[Order]) -> Sequence[Order]:
    said = plain(text)
    labels = fields.named_products(text)
    for words in _KINDS.values():
        said = re.sub(rf"{fields.NOT}(?:{words})\b", " ", said)
    kinds = {kind for kind, words in _KINDS.items() if re.search(rf"\b(?:{words})\b", said)}
    exact = {kind for kind, label in _CARDS.items() if label in labels}
    if exact:
        kinds -= _CARDS.keys() - exact
    return [order for order in orders if order.kind in kinds]


def _of_person(text: str, orders: Sequence[Order]) -> Sequence[Order]:
    said, hsa_id = set(plain(text).split()), fields.read_hsa_id(text)
    return [
        order
        for order in orders
        if (hsa_id and order.hsa_id == hsa_id)
        or (order.holder_name and not said.isdisjoint(plain(order.holder_name).split()))
    ]


def _utter_list(dispatcher: CollectingDispatcher, orders: Sequence[Order], choose_for: str = "") -> None:
    """The orders, with buttons when one is to be chosen: the list says what for."""
    lines = "\n".join(f"- {status_line(order)}" for order in orders)
    buttons = [
        {"title": f"{KINDS[order.kind]} {order.number}", "payload": order.number}
        for order in orders
        if choose_for
    ]
    response = "utter_order_list_to_cancel" if choose_for == "cancel_order" else "utter_order_list"
    dispatcher.utter_message(response=response, orders=lines, buttons=buttons)


def changes_order(text: str) -> bool:
    """Whether `text` wants something of a placed order changed, not the whole order cancelled."""
    said = plain(text)
    return bool(_CHANGES.search(said)) and not _CANCELS.search(said)


def keeps_order(text: str) -> bool:
    """Whether `text` says that an order is to stay, as an answer to which one to cancel."""
    said = plain(text)
    return bool(_KEEPS.search(said)) and not _CANCELS.search(said)


async def names_placed_order(conversation: str, text: str) -> bool:
    """Whether `text` names, by number, thing or person, an order that the visitor can cancel."""
    try:
        placed = await ask_store(lambda store: store.list_orders(conversation, SEARCHED))
    except NotVerified:
        return bool(find_order_numbers(text))
    orders = [order for order in placed if order.can_be_cancelled]
    numbers = find_order_numbers(text)
    return any(order.number in numbers for order in orders) or bool(
        _of_kind(text, orders) or _of_person(text, orders)
    )


def _said_before(tracker: Tracker, label: str | None) -> str:
    """What the visitor said with `label` shortly before: what was asked in between does not count."""
    users = [event for event in tracker.events if event["event"] == "user"][-1 - _TURNS_BACK :]
    said = [
        str(event.get("text") or "")
        for event in users
        if ((event.get("parse_data") or {}).get("intent") or {}).get("name") == label
    ]
    return said[-1] if said else ""


def just_named(tracker: Tracker) -> str | None:
    """The one order that was named shortly before the message; None when there were several."""
    turns = 0
    found: set[str] = set()
    for event in reversed(tracker.events):
        turns += event["event"] == "user"
        if turns > 1 or (turns and event["event"] == "bot"):
            found |= set(find_order_numbers(str(event.get("text") or "")))
        if event["event"] == "user" and (found or turns > _TURNS_BACK):
            break
    return found.pop() if len(found) == 1 else None
