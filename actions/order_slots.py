"""The slots of an order: their names, which of them a new order begins without, what each form asks for."""

from __future__ import annotations

from collections.abc import Mapping

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
LAST_DELIVERY, SWITCH_TO = "last_delivery", "order_switch_to"
# Whether a person shall help instead, when there is no HSA-id.
HELP = "order_help"
# Stands in `delivery` for the customer's registered address until the customer is known.
OWN = "own"
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
# The questions of every kind of order, in the order in which they are asked.
QUESTIONS_OF_FORM: Mapping[str, tuple[str, ...]] = {
    "order_puk_form": ("hsa_id",),
    "order_reserve_card_form": ("hsa_id", "assurance_level", "reserve_reason", "delivery"),
    "order_siths_card_form": ("hsa_id",),
    "order_card_reader_form": ("quantity", "delivery"),
}
# What is the same for every person of a series.
SHARED = ("assurance_level", "reserve_reason", NOTE, "delivery")
# What the order service calls a field → the slot that holds it.
SLOT_OF_FIELD = {
    "hsa_id": "hsa_id",
    "level": "assurance_level",
    "reason": "reserve_reason",
    "quantity": "quantity",
    "delivery": "delivery",
    "note": NOTE,
}
