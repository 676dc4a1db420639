"""Searching chats, by right."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import BaseModel

from bot.gateway.schemas import Author, State
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.sessions import Staff
from bot.gateway.staff.titles import title
from bot.gateway.tables import conversations, handoffs, messages

_PAGE: Final = 50


class Found(BaseModel):
    """One chat that matches."""

    id: str
    state: State
    created_at: datetime
    customer: str | None
    errand: str | None
    preview: str
    staff_name: str | None
    rating_score: int | None
    legal_hold: bool


def search(
    connection: sa.Connection,
    staff: Staff,
    *,
    text: str,
    customer: str,
    before: datetime | None,
) -> list[Found]:
    """The newest chats with the text in a message; an agent's own and open ones, a supervisor's all."""
    hit = (
        sa.select(messages.c.text)
        .where(messages.c.conversation_id == conversations.c.id, messages.c.author == Author.VISITOR.value)
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    if text:
        hit = (
            sa.select(messages.c.text)
            .where(
                messages.c.conversation_id == conversations.c.id,
                messages.c.text.icontains(text, autoescape=True),
            )
            .order_by(messages.c.seq)
            .limit(1)
        )
    last = (
        sa.select(handoffs.c.staff_name)
        .where(handoffs.c.conversation_id == conversations.c.id, handoffs.c.staff_name.is_not(None))
        .order_by(handoffs.c.id.desc())
        .limit(1)
    )
    query = (
        sa.select(
            conversations, hit.scalar_subquery().label("preview"), last.scalar_subquery().label("staff_name")
        )
        .where(conversations.c.erased_at.is_(None), hit.scalar_subquery().is_not(None))
        .order_by(conversations.c.created_at.desc())
        .limit(_PAGE)
    )
    if customer:
        query = query.where(conversations.c.customer_number == customer)
    if before is not None:
        query = query.where(conversations.c.created_at < before)
    if not staff.may(Role.SUPERVISOR):
        own = sa.select(handoffs.c.id).where(
            handoffs.c.conversation_id == conversations.c.id,
            sa.or_(handoffs.c.staff_id == staff.id, handoffs.c.ended_at.is_(None)),
        )
        query = query.where(sa.or_(conversations.c.state != State.CLOSED.value, own.exists()))
    return [
        Found(
            id=row["id"],
            state=row["state"],
            created_at=row["created_at"],
            customer=row["customer_number"],
            errand=title(row["topics"][-1]) if row["topics"] else None,
            preview=" ".join(row["preview"].split())[:160],
            staff_name=row["staff_name"],
            rating_score=row["rating_score"],
            legal_hold=row["legal_hold"],
        )
        for row in connection.execute(query).mappings()
    ]
