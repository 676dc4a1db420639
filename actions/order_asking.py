"""What an order asks next, what stands in its way, its summary, and placing it."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from rasa_sdk.executor import CollectingDispatcher

from actions import order_fields as fields
from actions.base import Events
from actions.errand import Errand
from actions.labels import ORDERS, titles
from actions.order_leaving import OrderLeaving
from actions.order_reading import with_zeros
from actions.order_slots import (
    CARRY,
    CONFIRM,
    DUPLICATE,
    ERRAND_SLOTS,
    GUESS,
    LAST_DELIVERY,
    LAST_PERSON,
    NEXT,
    NOTE,
    PLACE,
    SHARED,
    SLOT_OF_FIELD,
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
from actions.store import ask_store

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


class OrderAsking(OrderLeaving, ABC):
    """One kind of order, from its first open question to the receipt.

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
            delivery=Address(**delivery) if isinstance(delivery, dict) else None,
        )

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


async def _customer_name(errand: Errand) -> str:
    customer = await ask_store(lambda store: store.verified_customer(errand.conversation))
    return customer.customer_name if customer else ""
