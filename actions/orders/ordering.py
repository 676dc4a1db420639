"""Checking, placing, showing and cancelling orders, inside a transaction that the service opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Select, exists, false, select
from sqlalchemy.orm import Session

from actions.orders.errors import DuplicateOrder, IdempotencyConflict, OrderNotFound, OrderRefused, WrongState
from actions.orders.hsa_ids import hsa_id_key
from actions.orders.mapping import from_address, to_address, to_holder, to_order
from actions.orders.models import (
    CustomerRow,
    HolderRow,
    IdempotencyRow,
    OrderEventRow,
    OrderRow,
    VerificationRow,
)
from actions.orders.numbers import new_order_number
from actions.orders.outbox import Outbox
from actions.orders.rules import (
    DUPLICATE_WINDOWS,
    TRANSITIONS,
    find_problems,
    fingerprint,
    needs_holder,
    trimmed,
)
from actions.orders.values import DraftCheck, OrderDraft, OrderState, PlacedOrder

_SHOWN_DUPLICATES: Final = 3


def holder_row(session: Session, customer_id: int, hsa_id: str) -> HolderRow | None:
    """The customer's holder with this HSA-id; another customer's is None too."""
    by_key = select(HolderRow).where(HolderRow.hsa_key == hsa_id_key(hsa_id))
    return session.scalar(by_key.where(HolderRow.customer_id == customer_id))


def find_order(session: Session, number: str, customer_id: int | None, *, lock: bool = False) -> OrderRow:
    """The order; with a customer, only that customer's. Raises `OrderNotFound`."""
    wanted = select(OrderRow).where(OrderRow.number == number)
    if customer_id is not None:
        wanted = wanted.where(OrderRow.customer_id == customer_id)
    row = session.scalar(wanted.with_for_update(of=OrderRow) if lock else wanted)
    if row is None:
        raise OrderNotFound(number)
    return row


class Ordering:
    """The rules applied to the tables."""

    def __init__(self, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._clock = clock

    def check(self, session: Session, customer: CustomerRow, draft: OrderDraft) -> DraftCheck:
        """What speaks against the draft."""
        row = (
            holder_row(session, customer.id, draft.hsa_id)
            if needs_holder(draft.kind) and draft.hsa_id
            else None
        )
        holder = None if row is None else to_holder(row)
        delivery = trimmed(draft, draft.hsa_id, draft.delivery or to_address(customer.delivery)).delivery
        problems = find_problems(
            draft, customer_closed=customer.closed_at is not None, holder=holder, delivery=delivery
        )
        duplicates = session.scalars(self._duplicates(customer, draft, row))
        return DraftCheck(problems, tuple(to_order(found) for found in duplicates), holder, delivery)

    def place(
        self,
        session: Session,
        verification: VerificationRow,
        draft: OrderDraft,
        key: str,
        *,
        accept_duplicate: bool,
    ) -> PlacedOrder:
        """Place the order, or find the one this key has placed. The caller holds the customer's lock."""
        customer = verification.customer
        check = self.check(session, customer, draft)
        final = trimmed(draft, check.holder.hsa_id if check.holder else draft.hsa_id, check.delivery)
        earlier = session.get(IdempotencyRow, (customer.id, key))
        if earlier is not None:
            row = session.get_one(OrderRow, earlier.order_id)
            if earlier.fingerprint != fingerprint(final):
                raise IdempotencyConflict(row.number)
            return PlacedOrder(to_order(row), created=False)
        if check.problems:
            raise OrderRefused(check.problems)
        if check.duplicates and not accept_duplicate:
            raise DuplicateOrder(check.duplicates)
        row = self._insert(session, verification, final)
        session.add(
            IdempotencyRow(
                customer_id=customer.id,
                key=key,
                fingerprint=fingerprint(final),
                order_id=row.id,
                created_at=row.created_at,
            )
        )
        return PlacedOrder(to_order(row), created=True)

    def move(
        self, session: Session, row: OrderRow, wanted: OrderState, actor: str, remark: str | None
    ) -> None:
        """Move a locked order to a state that follows its own; raises `WrongState`."""
        before = OrderState(row.state)
        if wanted not in TRANSITIONS[before]:
            raise WrongState(row.number, before, wanted)
        row.state, row.updated_at = wanted, self._clock()
        self._record(session, row, before, actor, remark)
        if wanted is OrderState.CANCELLED:
            self._outbox.enqueue(session, row, "order.cancelled")

    def cancel_by_customer(self, session: Session, row: OrderRow, email: str) -> None:
        """Cancel a locked order that nobody has begun to handle; a cancelled one stays as it is."""
        state = OrderState(row.state)
        if state is OrderState.CANCELLED:
            return
        if state is not OrderState.RECEIVED:
            raise WrongState(row.number, state, OrderState.CANCELLED)
        self.move(session, row, OrderState.CANCELLED, f"customer:{email}", None)

    def _insert(self, session: Session, verification: VerificationRow, draft: OrderDraft) -> OrderRow:
        now, customer = self._clock(), verification.customer
        holder = holder_row(session, customer.id, draft.hsa_id) if draft.hsa_id else None
        row = OrderRow(
            number=_unused_number(session, draft),
            customer_id=customer.id,
            customer=customer,
            kind=draft.kind,
            state=OrderState.RECEIVED,
            holder_id=holder.id if holder else None,
            hsa_id=draft.hsa_id,
            holder_name=holder.name if holder else None,
            level=draft.level,
            reason=draft.reason,
            note=draft.note,
            quantity=draft.quantity,
            delivery=from_address(draft.delivery),
            placed_by=verification.contact_email,
            conversation_id=verification.conversation_id,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        self._record(session, row, None, f"customer:{verification.contact_email}", None)
        self._outbox.enqueue(session, row, "order.placed")
        return row

    def _record(
        self, session: Session, row: OrderRow, before: OrderState | None, actor: str, remark: str | None
    ) -> None:
        session.add(
            OrderEventRow(
                order_id=row.id,
                at=row.updated_at,
                actor=actor,
                from_state=before,
                to_state=row.state,
                remark=remark,
            )
        )

    def _duplicates(
        self, customer: CustomerRow, draft: OrderDraft, holder: HolderRow | None
    ) -> Select[tuple[OrderRow]]:
        recent = select(OrderRow).where(
            OrderRow.customer_id == customer.id,
            OrderRow.kind == draft.kind,
            OrderRow.holder_id == (holder.id if holder else None),
            OrderRow.created_at > self._clock() - DUPLICATE_WINDOWS[draft.kind],
            OrderRow.state != OrderState.CANCELLED,
        )
        if needs_holder(draft.kind) and holder is None:
            recent = recent.where(false())
        return recent.order_by(OrderRow.created_at.desc()).limit(_SHOWN_DUPLICATES)


def _unused_number(session: Session, draft: OrderDraft) -> str:
    while True:
        number = new_order_number(draft.kind)
        if not session.scalar(select(exists().where(OrderRow.number == number))):
            return number
