"""Reading and searching chats."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from bot.gateway.services import UseServices
from bot.gateway.staff import audit
from bot.gateway.staff.access import CurrentStaff, UseStaffParts
from bot.gateway.staff.detail import Detail, read_detail
from bot.gateway.staff.history import Found, search
from bot.gateway.staff.lists import Lists
from bot.gateway.staff.routes.chats import Id

router = APIRouter()


@router.get("/lists")
async def read_lists(parts: UseStaffParts, _staff: CurrentStaff) -> Lists:
    """The queue, open chats and call-back tasks, as the stream last told them."""
    return await parts.watch.fresh()


@router.get("/conversations")
async def find(
    services: UseServices,
    staff: CurrentStaff,
    text: Annotated[str, Query(max_length=100)] = "",
    customer: Annotated[str, Query(max_length=20)] = "",
    before: datetime | None = None,
) -> list[Found]:
    """The fifty newest chats that match and that one may read."""

    def unit(connection: sa.Connection) -> list[Found]:
        audit.note(
            connection,
            "search",
            username=staff.username,
            account_id=staff.id,
            detail=f"customer {customer}" if customer else None,
        )
        return search(connection, staff, text=text.strip(), customer=customer.strip(), before=before)

    return await services.database.write(unit)


@router.get("/conversations/{conversation_id}")
async def read(conversation_id: Id, services: UseServices, staff: CurrentStaff) -> Detail:
    """Everything about one chat. Each reading is in the audit log."""

    def unit(connection: sa.Connection) -> Detail:
        detail = read_detail(connection, conversation_id, staff)
        audit.note(
            connection,
            "read",
            username=staff.username,
            account_id=staff.id,
            conversation_id=conversation_id,
        )
        return detail

    return await services.database.write(unit)
