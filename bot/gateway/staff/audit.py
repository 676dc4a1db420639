"""The audit log: who signed in, took, read, exported, erased."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.gateway.conversation import now
from bot.gateway.staff.tables import audit


def note(
    connection: sa.Connection,
    action: str,
    *,
    username: str,
    account_id: str | None = None,
    conversation_id: str | None = None,
    detail: str | None = None,
) -> None:
    """One line, in the transaction of what it tells."""
    connection.execute(
        sa.insert(audit).values(
            at=now(),
            account_id=account_id,
            username=username[:254],
            action=action,
            conversation_id=conversation_id,
            detail=detail and detail[:300],
        )
    )


def page(connection: sa.Connection, before: int | None, limit: int = 100) -> list[dict[str, Any]]:
    """The newest lines, or those older than the line `before`."""
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [dict(row) for row in connection.execute(query).mappings()]
