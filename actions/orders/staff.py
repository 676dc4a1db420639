"""What staff do with orders: list, show, move, export. Used by the command line and the staff console."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TextIO

from sqlalchemy import select

from actions.orders.database import Database
from actions.orders.errors import OrderRefused
from actions.orders.mapping import to_delivery, to_event, to_order
from actions.orders.models import CustomerRow, OrderEventRow, OrderRow, OutboxRow
from actions.orders.numbers import parse_order_number
from actions.orders.ordering import Ordering, find_order
from actions.orders.rules import NOTE_MAX
from actions.orders.sensitive import contains_personnummer
from actions.orders.values import Order, OrderDetail, OrderFilter, OrderState, Problem, ProblemCode

_PAGE_MAX: Final = 500
_COLUMNS: Final = (
    "number",
    "kind",
    "state",
    "customer_number",
    "hsa_id",
    "holder_name",
    "level",
    "reason",
    "note",
    "quantity",
    "delivery",
    "placed_by",
    "created_at",
    "updated_at",
)


class StaffDesk:
    """Orders of all customers. Whoever calls this has checked that its user is staff."""

    def __init__(self, database: Database, ordering: Ordering) -> None:
        self._database = database
        self._ordering = ordering

    def list(self, wanted: OrderFilter | None = None) -> tuple[Order, ...]:
        """One page of orders, newest first. Raises `OrderNotFound` when `after` is no order."""
        wanted = wanted or OrderFilter()
        query = select(OrderRow).order_by(OrderRow.id.desc()).limit(max(1, min(wanted.limit, _PAGE_MAX)))
        if wanted.state is not None:
            query = query.where(OrderRow.state == wanted.state)
        if wanted.kind is not None:
            query = query.where(OrderRow.kind == wanted.kind)
        if wanted.customer_number is not None:
            number = select(CustomerRow.id).where(CustomerRow.number == wanted.customer_number)
            query = query.where(OrderRow.customer_id == number.scalar_subquery())
        if wanted.since is not None:
            query = query.where(OrderRow.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(OrderRow.created_at < wanted.until)
        with self._database.read() as session:
            if wanted.after is not None:
                query = query.where(OrderRow.id < find_order(session, wanted.after, None).id)
            return tuple(to_order(row) for row in session.scalars(query))

    def show(self, number: str) -> OrderDetail:
        """Everything about one order. Raises `OrderNotFound` or `InvalidOrderNumber`."""
        with self._database.read() as session:
            row = find_order(session, parse_order_number(number), None)
            events = select(OrderEventRow).where(OrderEventRow.order_id == row.id).order_by(OrderEventRow.id)
            queue = select(OutboxRow).where(OutboxRow.order_id == row.id).order_by(OutboxRow.id)
            return OrderDetail(
                order=to_order(row),
                customer_name=row.customer.name,
                conversation_id=row.conversation_id,
                events=tuple(to_event(event) for event in session.scalars(events)),
                deliveries=tuple(to_delivery(delivery) for delivery in session.scalars(queue)),
            )

    def move(self, number: str, state: OrderState, *, actor: str, remark: str | None = None) -> Order:
        """Move an order; `actor` is the staff member's sign-in name.

        Raises `WrongState`, `OrderNotFound`, `InvalidOrderNumber`, or `OrderRefused` for a remark that is too
        long or holds a personnummer.
        """
        _check_remark(remark)
        with self._database.write() as session:
            row = find_order(session, parse_order_number(number), None, lock=True)
            self._ordering.move(session, row, state, f"staff:{actor}", remark)
            return to_order(row)

    def all(self, wanted: OrderFilter | None = None) -> Iterator[Order]:
        """Every order that matches, newest first, read page by page."""
        page_filter = replace(wanted or OrderFilter(), limit=_PAGE_MAX)
        while page := self.list(page_filter):
            yield from page
            page_filter = replace(page_filter, after=page[-1].number)

    def export_csv(self, target: TextIO, wanted: OrderFilter | None = None) -> int:
        """Write matching orders as CSV that Swedish Excel opens (semicolons); gives the number of orders."""
        writer = csv.writer(target, delimiter=";")
        writer.writerow(_COLUMNS)
        count = 0
        for order in self.all(wanted):
            writer.writerow([_cell(order, column) for column in _COLUMNS])
            count += 1
        return count


def _cell(order: Order, column: str) -> str:
    value = getattr(order, column)
    if column == "delivery":
        value = order.delivery.line if order.delivery else None
    if column in {"created_at", "updated_at"}:
        value = value.isoformat()
    text = "" if value is None else str(value)
    # A spreadsheet would run a cell that begins like a formula (OWASP, CSV injection).
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _check_remark(remark: str | None) -> None:
    if remark and len(remark) > NOTE_MAX:
        raise OrderRefused((Problem(ProblemCode.NOTE_TOO_LONG, "remark", {"max": NOTE_MAX}),))
    if remark and contains_personnummer(remark):
        raise OrderRefused((Problem(ProblemCode.PERSONNUMMER_IN_TEXT, "remark"),))
