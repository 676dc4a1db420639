"""The queue of what other systems must be told. Rows are written with the order, stay until delivered.

A worker leases one row at a time. If it dies, the lease ends and another takes the row: at least once. The
receiver knows a repeat by `delivery_id`. What concerns one order reaches a destination in its order.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, Update, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from actions.orders.database import Database
from actions.orders.errors import OrderNotFound
from actions.orders.mapping import to_delivery
from actions.orders.models import ChallengeRow, IdempotencyRow, OrderRow, OutboxRow, VerificationRow
from actions.orders.values import Delivery

Destination = Literal["webhook", "email"]
Topic = Literal["order.placed", "order.cancelled"]
LEASE: Final = timedelta(seconds=120)
"""Longer than any sender may take."""
_FIRST_PAUSE_SECONDS: Final = 10.0
_LONGEST_PAUSE_SECONDS: Final = 6 * 3600.0
_KEEP_CODES: Final = timedelta(days=1)
_KEEP_KEYS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Leased:
    """A row that this worker alone may deliver until the lease ends."""

    row_id: int
    lease: str
    delivery_id: str
    topic: str
    payload: str
    attempt: int
    """1 for the first try."""


class Outbox:
    """Fills, leases and shows the queue."""

    def __init__(
        self,
        database: Database,
        destinations: tuple[Destination, ...],
        max_attempts: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._destinations = destinations
        self._max_attempts = max_attempts
        self._clock = clock

    def enqueue(self, session: Session, order: OrderRow, topic: Topic) -> None:
        """Queue `topic` for every destination that is configured now, in the caller's transaction."""
        now = self._clock()
        for destination in self._destinations:
            session.add(
                OutboxRow(
                    delivery_id=f"msg_{secrets.token_urlsafe(18)}",
                    topic=topic,
                    destination=destination,
                    order=order,
                    payload=_payload(order, topic, now),
                    state="pending",
                    next_attempt_at=now,
                    created_at=now,
                )
            )

    def lease(self, destination: str) -> Leased | None:
        """The oldest row that is due for `destination`, leased; None when there is none."""
        now = self._clock()
        due = select(OutboxRow).where(self._is_due(destination, now)).order_by(OutboxRow.id).limit(1)
        with self._database.read() as session:
            if session.scalar(due) is None:
                return None
        with self._database.write() as session:
            row = session.scalar(due.with_for_update(skip_locked=True, of=OutboxRow))
            if row is None:
                return None
            row.lease, row.leased_until = secrets.token_hex(16), now + LEASE
            row.attempts += 1
            return Leased(row.id, row.lease, row.delivery_id, row.topic, row.payload, row.attempts)

    def delivered(self, leased: Leased) -> None:
        """Note that the row got through. A worker whose lease has passed to another changes nothing."""
        with self._database.write() as session:
            session.execute(
                _own(leased).values(
                    state="delivered",
                    delivered_at=self._clock(),
                    lease=None,
                    leased_until=None,
                    last_error=None,
                )
            )

    def failed(self, leased: Leased, reason: str) -> bool:
        """Note that the row did not get through; True when that was the last try and staff must look."""
        last = leased.attempt >= self._max_attempts
        with self._database.write() as session:
            session.execute(
                _own(leased).values(
                    state="dead" if last else "pending",
                    next_attempt_at=self._clock() + retry_pause(leased.attempt),
                    lease=None,
                    leased_until=None,
                    last_error=reason[:300],
                )
            )
        return last

    def list(self, state: str | None = None, limit: int = 50) -> tuple[Delivery, ...]:
        """The newest rows of the queue, of one state or any."""
        wanted = select(OutboxRow).order_by(OutboxRow.id.desc()).limit(limit)
        if state is not None:
            wanted = wanted.where(OutboxRow.state == state)
        with self._database.read() as session:
            return tuple(to_delivery(row) for row in session.scalars(wanted))

    def counts(self) -> dict[str, int]:
        """How many rows are `pending`, `delivered` and `dead`."""
        grouped = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
        with self._database.read() as session:
            return {"pending": 0, "delivered": 0, "dead": 0, **dict(session.execute(grouped).tuples().all())}

    def requeue(self, number: str) -> int:
        """Send what is undelivered about an order again now; if nothing was queued, queue the order.

        Gives the number of rows made due. Raises `OrderNotFound`.
        """
        now = self._clock()
        with self._database.write() as session:
            order = session.scalar(select(OrderRow).where(OrderRow.number == number))
            if order is None:
                raise OrderNotFound(number)
            rows = list(session.scalars(select(OutboxRow).where(OutboxRow.order_id == order.id)))
            waiting = [row for row in rows if row.state != "delivered"]
            for row in waiting:
                row.state, row.attempts, row.next_attempt_at = "pending", 0, now
            if not rows:
                self.enqueue(session, order, "order.placed")
                return len(self._destinations)
            return len(waiting)

    def tidy(self) -> None:
        """Delete what nobody can use any more: old codes, ended verifications, old idempotency keys."""
        now = self._clock()
        with self._database.write() as session:
            session.execute(delete(ChallengeRow).where(ChallengeRow.created_at < now - _KEEP_CODES))
            session.execute(delete(VerificationRow).where(VerificationRow.expires_at < now - _KEEP_CODES))
            session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - _KEEP_KEYS))

    def _is_due(self, destination: str, now: datetime) -> ColumnElement[bool]:
        earlier = aliased(OutboxRow)
        blocked = exists().where(
            earlier.order_id == OutboxRow.order_id,
            earlier.destination == OutboxRow.destination,
            earlier.id < OutboxRow.id,
            earlier.state == "pending",
        )
        return and_(
            OutboxRow.state == "pending",
            OutboxRow.destination == destination,
            OutboxRow.next_attempt_at <= now,
            or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now),
            ~blocked,
        )


def retry_pause(attempt: int) -> timedelta:
    """How long to wait after try number `attempt`: 10 s, 30 s, 90 s … at most 6 h, ± 20 %."""
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 3.0 ** (attempt - 1))
    return timedelta(seconds=pause * (0.8 + 0.4 * secrets.randbelow(1000) / 1000))


def _own(leased: Leased) -> Update:
    return update(OutboxRow).where(OutboxRow.id == leased.row_id, OutboxRow.lease == leased.lease)


def _payload(order: OrderRow, topic: Topic, now: datetime) -> str:
    """The message as Standard Webhooks has it: `type`, `timestamp`, `data`."""
    data = {
        "number": order.number,
        "kind": order.kind,
        "state": order.state,
        "level": order.level,
        "quantity": order.quantity,
        "customer_number": order.customer.number,
        "customer_name": order.customer.name,
        "placed_by": order.placed_by,
        "hsa_id": order.hsa_id,
        "holder_name": order.holder_name,
        "reason": order.reason,
        "note": order.note,
        "delivery": order.delivery,
        "created_at": order.created_at.isoformat(),
    }
    return json.dumps({"type": topic, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
