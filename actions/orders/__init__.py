"""Order store: customers, orders, verification, delivery. Knows nothing of Rasa. See `docs/orders.md`."""

from actions.orders.addresses import parse_address
from actions.orders.hsa_ids import HSA_ID_PATTERN, Change, HsaIdReading, find_hsa_ids, parse_hsa_id
from actions.orders.numbers import ORDER_NUMBER_PATTERN, find_order_numbers, parse_order_number
from actions.orders.sensitive import contains_personnummer
from actions.orders.service import OrderService, new_idempotency_key
from actions.orders.settings import OrderSettings, load_settings
from actions.orders.values import (
    Address,
    CardKind,
    CodeRequest,
    Delivery,
    DraftCheck,
    Holder,
    Order,
    OrderDetail,
    OrderDraft,
    OrderEvent,
    OrderFilter,
    OrderKind,
    OrderState,
    PlacedOrder,
    Problem,
    ProblemCode,
    ReserveReason,
    VerificationMethod,
    VerifiedCustomer,
)

__all__ = [
    "HSA_ID_PATTERN",
    "ORDER_NUMBER_PATTERN",
    "Address",
    "CardKind",
    "Change",
    "CodeRequest",
    "Delivery",
    "DraftCheck",
    "Holder",
    "HsaIdReading",
    "Order",
    "OrderDetail",
    "OrderDraft",
    "OrderEvent",
    "OrderFilter",
    "OrderKind",
    "OrderService",
    "OrderSettings",
    "OrderState",
    "PlacedOrder",
    "Problem",
    "ProblemCode",
    "ReserveReason",
    "VerificationMethod",
    "VerifiedCustomer",
    "contains_personnummer",
    "find_hsa_ids",
    "find_order_numbers",
    "load_settings",
    "new_idempotency_key",
    "parse_address",
    "parse_hsa_id",
    "parse_order_number",
]
