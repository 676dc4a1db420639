"""Erasing a conversation: nothing of it is left but an empty row that its token still finds."""

from __future__ import annotations

import sqlalchemy as sa

from bot.gateway.conversation import Conversation, now
from bot.gateway.jobs import FORGET
from bot.gateway.schemas import State
from bot.gateway.staff.errors import LegalHold
from bot.gateway.staff.tables import notes
from bot.gateway.tables import conversations, handoffs, messages


def erase(conversation: Conversation) -> None:
    """Removes log, queue, hand-offs, notes, rating, customer; engine and order store forget it too.

    Raises `LegalHold` when it must be kept.
    """
    connection, own = conversation.connection, conversation.id
    held = sa.select(conversations.c.legal_hold).where(conversations.c.id == own)
    if connection.execute(held).scalar():
        raise LegalHold
    was_open = sa.select(handoffs.c.id).where(
        handoffs.c.conversation_id == own, handoffs.c.ended_at.is_(None)
    )
    conversation.change.queue_moved = connection.execute(was_open).first() is not None
    conversation.drop_jobs()
    for table in (messages, handoffs, notes):
        connection.execute(sa.delete(table).where(table.c.conversation_id == own))
    connection.execute(
        sa.update(conversations)
        .where(conversations.c.id == own)
        .values(
            customer=None,
            customer_number=None,
            customer_name=None,
            topics=None,
            rating_score=None,
            rating_comment=None,
            expected_code_digits=None,
        )
    )
    conversation.ask_engine("", seq=None, event=FORGET)
    conversation.set(erased_at=now(), state=State.CLOSED.value)
    conversation.change.erased = True
