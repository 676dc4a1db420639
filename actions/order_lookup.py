"""What has been ordered: status, list and cancellation, for the customer it belongs to."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDER_FORMS
from actions.order_texts import STATES, status_line
from actions.orders import Order, find_order_numbers
from actions.orders.errors import OrderNotFound, WrongState
from actions.store import ask_store
from actions.turn import Turn, yes_or_no
from actions.verification import CustomerForm

LISTED = 5
NUMBER, CONFIRM = "lookup_number", "cancel_confirmed"


class OrderLookupForm(CustomerForm):
    """Answers `check_order_status`, `list_orders` and `cancel_order`."""

    form = "order_lookup_form"
    errand_slots = ("lookup", NUMBER, CONFIRM)

    def prefill(self, errand: Errand, tracker: Tracker, turn: Turn) -> None:
        """See the base class."""
        # As the message says, else as what began the form does (`switch_to`).
        said = ORDER_FORMS.get(turn.label) == self.form
        errand["lookup"] = turn.label if said else tracker.get_slot("lookup")
        if errand["lookup"] != "list_orders":
            errand[NUMBER] = tracker.get_slot("order_number")
        super().prefill(errand, tracker, turn)

    def collect(self, errand: Errand, turn: Turn) -> bool:
        """See the base class."""
        numbers = find_order_numbers(turn.text)
        if numbers and errand[NUMBER] != numbers[0]:
            errand[NUMBER] = numbers[0]
            return True
        return False

    async def next_question(self, dispatcher: CollectingDispatcher, errand: Errand) -> str | None:
        """See the base class."""
        lookup = errand["lookup"] or "check_order_status"
        if lookup == "list_orders" or errand[NUMBER] is None:
            return await self._list(dispatcher, errand, lookup)
        return await self._one(dispatcher, errand, lookup)

    async def _list(self, dispatcher: CollectingDispatcher, errand: Errand, lookup: str) -> str | None:
        orders = await ask_store(lambda store: store.list_orders(errand.conversation, LISTED))
        if lookup == "cancel_order":
            orders = tuple(order for order in orders if order.can_be_cancelled)
        if not orders:
            dispatcher.utter_message(response=f"utter_no_orders_{lookup}")
            return None
        if len(orders) == 1 and lookup != "list_orders":
            errand[NUMBER] = orders[0].number
            return await self._one(dispatcher, errand, lookup)
        dispatcher.utter_message(
            response="utter_order_list", orders="\n".join(f"- {status_line(order)}" for order in orders)
        )
        return NUMBER if lookup != "list_orders" else None

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
            return None
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
            return None
        dispatcher.utter_message(response="utter_order_cancelled", order_number=order.number)
        return None

    async def read(self, dispatcher: CollectingDispatcher, errand: Errand, turn: Turn, asking: str) -> bool:
        """See the base class."""
        if asking == CONFIRM and yes_or_no(turn) == "affirm":
            errand[CONFIRM] = True
            return True
        return self.collect(errand, turn)

    async def take(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events | None:
        """See the base class; a no to a cancellation leaves the order as it is."""
        if tracker.get_slot("requested_slot") == CONFIRM and yes_or_no(turn) == "deny":
            dispatcher.utter_message(response="utter_order_kept")
            return Errand(tracker.sender_id, tracker.slots).events(None)
        return await super().take(dispatcher, tracker, turn)

    def one_answer_back(self, errand: Errand, asking: str) -> Events:
        """See the base class."""
        errand.clear(NUMBER, CONFIRM)
        return errand.events(NUMBER)
