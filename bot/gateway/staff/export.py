"""All that is kept about one customer (GDPR, article 15), as one JSON document."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.gateway.conversation import messages_after
from bot.gateway.staff.tables import notes
from bot.gateway.tables import conversations, handoffs

_COLUMNS = (
    "id",
    "state",
    "created_at",
    "closed_at",
    "customer",
    "customer_number",
    "customer_name",
    "topics",
    "rating_score",
    "rating_comment",
    "legal_hold",
)


def conversations_of(connection: sa.Connection, customer_number: str, more: set[str]) -> list[dict[str, Any]]:
    """The customer's conversations, and those in `more` (where its orders were placed), with all in them."""
    rows = connection.execute(
        sa.select(conversations)
        .where(
            conversations.c.erased_at.is_(None),
            sa.or_(
                conversations.c.customer_number == customer_number,
                conversations.c.id.in_(more),
            ),
        )
        .order_by(conversations.c.created_at)
    ).mappings()
    return [_whole(connection, row) for row in rows]


def _whole(connection: sa.Connection, row: Any) -> dict[str, Any]:
    own = row["id"]
    return {
        **{name: row[name] for name in _COLUMNS},
        "messages": messages_after(connection, own, 0, limit=100_000),
        "handoffs": [
            dict(item)
            for item in connection.execute(
                sa.select(handoffs).where(handoffs.c.conversation_id == own).order_by(handoffs.c.id)
            ).mappings()
        ],
        "notes": [
            dict(item)
            for item in connection.execute(
                sa.select(notes).where(notes.c.conversation_id == own).order_by(notes.c.id)
            ).mappings()
        ],
    }
