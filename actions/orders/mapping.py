"""From rows to the frozen values that leave the package."""

from __future__ import annotations

import dataclasses
from typing import Any

from actions.orders.models import HolderRow, OrderEventRow, OrderRow, OutboxRow, VerificationRow
from actions.orders.values import (
    Address,
    CardKind,
    Delivery,
    Holder,
    Order,
    OrderEvent,
    OrderKind,
    OrderState,
    ReserveReason,
    VerificationMethod,
    VerifiedCustomer,
)


def to_address(stored: dict[str, Any] | None) -> Address | None:
    """The address kept in a JSON column."""
    return None if stored is None else Address(**stored)


def from_address(address: Address | None) -> dict[str, Any] | None:
    """An address for a JSON column."""
    return None if address is None else dataclasses.asdict(address)


def to_verified(row: VerificationRow) -> VerifiedCustomer:
    """The verified customer of a conversation."""
    return VerifiedCustomer(
        customer_number=row.customer.number,
        customer_name=row.customer.name,
        contact_email=row.contact_email,
        method=VerificationMethod(row.method),
        verified_at=row.verified_at,
        expires_at=row.expires_at,
        closed=row.customer.closed_at is not None,
        delivery_address=to_address(row.customer.delivery),
    )


def to_holder(row: HolderRow) -> Holder:
    """A card holder."""
    return Holder(row.hsa_id, row.name, row.in_hsa, row.has_swedish_address, CardKind(row.card_kind))


def to_order(row: OrderRow) -> Order:
    """An order."""
    return Order(
        number=row.number,
        kind=OrderKind(row.kind),
        state=OrderState(row.state),
        customer_number=row.customer.number,
        hsa_id=row.hsa_id,
        holder_name=row.holder_name,
        level=row.level,
        reason=None if row.reason is None else ReserveReason(row.reason),
        note=row.note,
        quantity=row.quantity,
        delivery=to_address(row.delivery),
        placed_by=row.placed_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def to_event(row: OrderEventRow) -> OrderEvent:
    """A line of history."""
    before = None if row.from_state is None else OrderState(row.from_state)
    return OrderEvent(row.at, row.actor, before, OrderState(row.to_state), row.remark)


def to_delivery(row: OutboxRow) -> Delivery:
    """A line of the delivery queue."""
    return Delivery(
        id=row.id,
        delivery_id=row.delivery_id,
        topic=row.topic,
        destination=row.destination,
        order_number=row.order.number,
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
    )
