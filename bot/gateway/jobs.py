"""The queue to the engine: what has still to be answered, oldest first, one conversation at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.gateway.tables import conversations, jobs

SESSION_START: Final = "session_start"
FORGET: Final = "forget"
"""Not an event of the engine's: the conversation was erased, and the other parts are to erase it too."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for the engine to answer. `message_id` stays the same however often it is sent."""

    id: int
    conversation_id: str
    seq: int | None
    message_id: str
    event: str | None
    text: str
    secret: bytes | None
    details: dict[str, Any] | None
    created_at: datetime
    customer: dict[str, str] | None


def next_job(connection: sa.Connection, conversation_id: str) -> Job | None:
    """The oldest job of a conversation."""
    query = (
        sa.select(
            jobs.c.id,
            jobs.c.conversation_id,
            jobs.c.seq,
            jobs.c.message_id,
            jobs.c.event,
            jobs.c.text,
            jobs.c.secret,
            jobs.c.details,
            jobs.c.created_at,
            conversations.c.customer,
        )
        .select_from(jobs.join(conversations))
        .where(jobs.c.conversation_id == conversation_id)
        .order_by(jobs.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Job(*row)


def take(connection: sa.Connection, job_id: int) -> bool:
    """Removes a job; False when it was dropped in the meantime, and its answer is not wanted."""
    return connection.execute(sa.delete(jobs).where(jobs.c.id == job_id)).rowcount == 1


def mark_late(connection: sa.Connection, conversation_id: str, job_id: int) -> bool:
    """Notes that the visitor is told of the wait; False when it was said already, or the answer has come."""
    told = sa.select(jobs.c.id).where(jobs.c.conversation_id == conversation_id, jobs.c.late_notice)
    if connection.execute(told).first() is not None:
        return False
    changed = connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(late_notice=True))
    return changed.rowcount == 1


def waiting_conversations(connection: sa.Connection) -> list[str]:
    """Every conversation with something for the engine to answer, oldest first."""
    query = (
        sa.select(jobs.c.conversation_id).group_by(jobs.c.conversation_id).order_by(sa.func.min(jobs.c.id))
    )
    return list(connection.execute(query).scalars())


def count_pending(connection: sa.Connection) -> int:
    """How many of the visitors' messages have no answer."""
    query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.seq.is_not(None))
    return connection.execute(query).scalar_one()
