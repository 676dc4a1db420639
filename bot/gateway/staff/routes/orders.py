"""Orders as staff see and move them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from pydantic import Field

from actions.orders import OrderFilter, OrderState
from bot.gateway.schemas import Strict, VisibleText
from bot.gateway.services import Services, UseServices
from bot.gateway.staff import audit
from bot.gateway.staff.access import CurrentStaff, UseStaffParts
from bot.gateway.staff.sessions import Staff

router = APIRouter(prefix="/orders")

Number = Annotated[str, Path(max_length=30)]


class Move(Strict):
    """The new state, and a remark for the order's history."""

    state: OrderState
    remark: Annotated[VisibleText, Field(max_length=300)] | None = None


@router.get("")
async def read_orders(
    parts: UseStaffParts,
    _staff: CurrentStaff,
    state: OrderState | None = None,
    customer: Annotated[str | None, Query(max_length=20)] = None,
    after: Annotated[str | None, Query(max_length=30)] = None,
) -> list[dict[str, Any]]:
    """Fifty orders, newest first."""
    found = await parts.orders.page(OrderFilter(state=state, customer_number=customer or None, after=after))
    return [asdict(order) for order in found]


@router.get("/{number}")
async def read_order(
    number: Number, services: UseServices, parts: UseStaffParts, staff: CurrentStaff
) -> dict[str, Any]:
    """One order with its history and what was told of it."""
    detail = await parts.orders.show(number)
    await _note(services, staff, "order_read", number)
    return asdict(detail)


@router.post("/{number}/state")
async def move_order(
    number: Number, services: UseServices, parts: UseStaffParts, staff: CurrentStaff, given: Move
) -> dict[str, Any]:
    """Moves the order; 409 `order_state` when it cannot go there."""
    await parts.orders.move(number, given.state, staff.username, given.remark)
    await _note(services, staff, "order_move", f"{number} {given.state}")
    return asdict(await parts.orders.show(number))


async def _note(services: Services, staff: Staff, action: str, detail: str) -> None:
    def unit(connection: sa.Connection) -> None:
        audit.note(connection, action, username=staff.username, account_id=staff.id, detail=detail)

    await services.database.write(unit)
