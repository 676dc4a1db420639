"""Asking for a person, waiting, leaving: the visitor's side of a hand-off, in the database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.gateway import texts
from bot.gateway.conversation import Conversation, now
from bot.gateway.errors import ConversationClosed, NotWaiting
from bot.gateway.handoff import states
from bot.gateway.hours import OpeningNow
from bot.gateway.schemas import Author, ContactRequest, State
from bot.gateway.tables import handoffs

_OPEN = handoffs.c.ended_at.is_(None)
_QUEUED = sa.and_(_OPEN, handoffs.c.taken_at.is_(None), handoffs.c.callback.is_(False))


def ask(conversation: Conversation, reason: str, summary: dict[str, Any] | None, opening: OpeningNow) -> bool:
    """Puts the conversation in the queue and tells the visitor; False when a person was asked for already.

    The bot is silent from here: messages it has not answered go to the person instead.
    """
    if conversation.state is State.CLOSED:
        raise ConversationClosed
    if conversation.state is not State.BOT:
        return False
    states.check(conversation.state, State.WAITING)
    conversation.connection.execute(
        sa.insert(handoffs).values(
            conversation_id=conversation.id, reason=reason, summary=summary, requested_at=now()
        )
    )
    conversation.drop_jobs()
    conversation.move_to(State.WAITING)
    conversation.change.queue_moved = True
    closed = opening.open_now is False
    said = texts.WAITING_CLOSED.format(hours=opening.text or "") if closed else texts.WAITING
    conversation.append(Author.SYSTEM, said)
    return True


def stop_waiting(conversation: Conversation, seq: int | None = None) -> None:
    """The visitor no longer wants to wait: back to the bot, which goes on with the form that was open.

    Args:
        seq: that of the message that says so, if one does.
    """
    if conversation.state is not State.WAITING:
        raise NotWaiting
    _change(conversation, ended_at=now(), outcome="stopped_waiting")
    conversation.move_to(State.BOT)
    conversation.append(Author.SYSTEM, texts.STOPPED_WAITING)
    conversation.ask_engine("", seq=seq, event="handed_back")


def leave_contact(conversation: Conversation, contact: ContactRequest) -> None:
    """Keeps how the visitor can be reached, for the hand-off that is under way."""
    if conversation.state not in (State.WAITING, State.STAFF):
        raise NotWaiting
    _change(conversation, contact_name=contact.name, contact_email=contact.email, contact_phone=contact.phone)
    conversation.change.state_changed = True
    conversation.append(Author.SYSTEM, texts.CONTACT_SAVED.format(where=contact.email or contact.phone))


def note_contact(conversation: Conversation, contact: ContactRequest) -> None:
    """Keeps an address or a number that the visitor has written while waiting, as if left in the form."""
    given = contact.model_dump(include={"email", "phone"}, exclude_none=True)
    _change(conversation, **{f"contact_{name}": value for name, value in given.items()})
    conversation.change.state_changed = True
    where = " och ".join(given.values())
    conversation.append(Author.SYSTEM, texts.CONTACT_SAVED.format(where=where))


def close(conversation: Conversation) -> None:
    """The visitor ends the conversation. A hand-off with contact details stays as a call-back task."""
    if conversation.state is State.CLOSED:
        return
    states.check(conversation.state, State.CLOSED)
    if conversation.state is State.WAITING and has_contact(conversation.connection, conversation.id):
        _change(conversation, callback=True)
    else:
        _change(conversation, ended_at=now(), outcome="visitor_closed")
    conversation.drop_jobs()
    conversation.set(closed_at=now(), expected_code_digits=None)
    conversation.move_to(State.CLOSED)
    conversation.append(Author.SYSTEM, texts.CLOSED)


def position(connection: sa.Connection, conversation_id: str) -> tuple[int, int] | None:
    """The visitor's place and the length of the queue; None when not in it. Call-back tasks do not count."""
    own = sa.select(handoffs.c.id).where(handoffs.c.conversation_id == conversation_id, _QUEUED)
    ahead = sa.func.sum(sa.case((handoffs.c.id <= own.scalar_subquery(), 1), else_=0))
    place, length = connection.execute(sa.select(ahead, sa.func.count()).where(_QUEUED)).one()
    return (int(place), length) if place else None


def has_contact(connection: sa.Connection, conversation_id: str) -> bool:
    """Whether the visitor has left a way to be reached in the hand-off under way."""
    query = sa.select(handoffs.c.id).where(
        handoffs.c.conversation_id == conversation_id,
        _OPEN,
        sa.or_(handoffs.c.contact_email.is_not(None), handoffs.c.contact_phone.is_not(None)),
    )
    return connection.execute(query).first() is not None


def staff_name(connection: sa.Connection, conversation_id: str) -> str | None:
    """The name of the person who has the conversation."""
    query = sa.select(handoffs.c.staff_name).where(
        handoffs.c.conversation_id == conversation_id, _OPEN, handoffs.c.taken_at.is_not(None)
    )
    return connection.execute(query).scalar()


def _change(conversation: Conversation, **columns: Any) -> None:
    changed = conversation.connection.execute(
        sa.update(handoffs).where(handoffs.c.conversation_id == conversation.id, _OPEN).values(columns)
    )
    conversation.change.queue_moved = conversation.change.queue_moved or changed.rowcount > 0


def waiting_conversations(connection: sa.Connection) -> list[str]:
    """The conversations in the queue, first come first."""
    return list(
        connection.execute(
            sa.select(handoffs.c.conversation_id).where(_QUEUED).order_by(handoffs.c.id)
        ).scalars()
    )
