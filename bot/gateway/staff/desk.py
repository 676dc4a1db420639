"""What staff do with a conversation, inside its transaction: take, answer, forward, hand back, close.

The conversation is locked (bot/gateway/conversation.py), so of two who take the same chat one comes second
and is refused.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import sqlalchemy as sa

from bot.gateway import texts as visitor_texts
from bot.gateway.conversation import Conversation, now
from bot.gateway.handoff import states
from bot.gateway.intake import clean
from bot.gateway.redaction import Context, mask
from bot.gateway.schemas import Author, State
from bot.gateway.staff import audit, texts
from bot.gateway.staff.accounts import Account, Role
from bot.gateway.staff.errors import AlreadyTaken, NotYours, StateConflict
from bot.gateway.staff.sessions import Staff
from bot.gateway.staff.tables import notes
from bot.gateway.tables import handoffs, messages

CloseReason = Literal["solved", "no_answer", "referred", "abuse", "other"]

HANDED_BACK: Final = "handed_back"
FORWARDED: Final = "forwarded"
CALLED_BACK: Final = "called_back"
_OPEN = handoffs.c.ended_at.is_(None)


def take(conversation: Conversation, staff: Staff) -> bool:
    """The chat is the staff member's: out of the queue, from the bot, or a call-back task. False: it was."""
    current = _open_handoff(conversation)
    if current and current["taken_at"]:
        if current["staff_id"] == staff.id:
            return False
        raise AlreadyTaken
    _check(conversation, State.STAFF, closed_is_well=current is not None)
    mine = {"taken_at": now(), "staff_id": staff.id, "staff_name": staff.name}
    if current is None:
        _open(conversation, reason="staff_took", requested_at=now(), **mine)
        conversation.drop_jobs()
        conversation.set(expected_code_digits=None)
    else:
        _update(conversation, **mine)
    conversation.change.queue_moved = conversation.change.state_changed = True
    if conversation.state is not State.CLOSED:
        conversation.move_to(State.STAFF)
        conversation.append(Author.SYSTEM, visitor_texts.STAFF_JOINED.format(name=staff.name))
    note(conversation, staff, "take", conversation.id)
    return True


def answer(conversation: Conversation, staff: Staff, text: str, message_id: str) -> int:
    """The answer's seq. Codes and personnummer are masked like the visitor's; the same id is taken once."""
    query = sa.select(messages.c.seq).where(
        messages.c.conversation_id == conversation.id, messages.c.client_message_id == message_id
    )
    seq: int | None = conversation.connection.execute(query).scalar()
    if seq is not None:
        return seq
    require_mine(conversation, staff)
    masked = mask(clean(text), Context()).text
    return conversation.append(Author.STAFF, masked, name=staff.name, client_message_id=message_id).seq


def forward(conversation: Conversation, staff: Staff, to: Account | None, remark: str | None) -> None:
    """Gives the chat to a colleague, or back to its place in the queue when `to` is None."""
    current = _mine_or_supervised(conversation, staff)
    target = State.STAFF if to else State.WAITING
    _check(conversation, target)
    if to is None:  # the same hand-off again: the visitor keeps the place in the queue
        _update(conversation, taken_at=None, staff_id=None, staff_name=None)
    else:
        _update(conversation, ended_at=now(), outcome=FORWARDED)
        kept = {name: current[name] for name in ("summary", "contact_name", "contact_email", "contact_phone")}
        mine = {"taken_at": now(), "staff_id": to.id, "staff_name": to.name}
        _open(conversation, reason=FORWARDED, requested_at=now(), **kept, **mine)
    conversation.move_to(target)
    conversation.change.queue_moved = True
    said = visitor_texts.STAFF_FORWARDED.format(name=to.name) if to else texts.FORWARDED_TO_QUEUE
    conversation.append(Author.SYSTEM, said)
    if remark:
        add_note(conversation, staff, remark)
    note(conversation, staff, "forward", conversation.id, to.username if to else "queue")


def hand_back(conversation: Conversation, staff: Staff, remark: str | None) -> None:
    """The bot answers again, and goes on with the form that was open."""
    _mine_or_supervised(conversation, staff)
    _check(conversation, State.BOT)
    _update(conversation, ended_at=now(), outcome=HANDED_BACK)
    conversation.move_to(State.BOT)
    conversation.change.queue_moved = True
    conversation.append(Author.SYSTEM, visitor_texts.HANDED_BACK)
    details = {"remark": mask(clean(remark), Context()).text} if remark and remark.strip() else None
    conversation.ask_engine("", seq=None, event="handed_back", details=details)
    if remark and remark.strip():
        add_note(conversation, staff, remark)
    note(conversation, staff, "hand_back", conversation.id)


def close(conversation: Conversation, staff: Staff, reason: CloseReason) -> None:
    """Ends the chat, or a call-back task of a chat that is closed already."""
    _mine_or_supervised(conversation, staff)
    conversation.change.queue_moved = True
    if conversation.state is State.CLOSED:
        _update(conversation, ended_at=now(), outcome=CALLED_BACK)
        conversation.change.state_changed = True
        note(conversation, staff, CALLED_BACK, conversation.id, reason)
        return
    _check(conversation, State.CLOSED)
    _update(conversation, ended_at=now(), outcome=f"staff_{reason}")
    conversation.set(closed_at=now(), expected_code_digits=None)
    conversation.move_to(State.CLOSED)
    conversation.append(Author.SYSTEM, texts.CLOSED_BY_STAFF.format(name=staff.name))
    note(conversation, staff, "close", conversation.id, reason)


def add_note(conversation: Conversation, staff: Staff, text: str) -> None:
    """An internal note, masked like a message; the visitor never sees it."""
    conversation.connection.execute(
        sa.insert(notes).values(
            conversation_id=conversation.id,
            name=staff.name,
            text=mask(clean(text), Context()).text,
            created_at=now(),
        )
    )
    conversation.change.state_changed = True


def has(connection: sa.Connection, conversation_id: str, staff: Staff) -> bool:
    """Whether the staff member has the chat."""
    mine = sa.select(handoffs.c.id).where(
        handoffs.c.conversation_id == conversation_id, _OPEN, handoffs.c.staff_id == staff.id
    )
    return connection.execute(mine).first() is not None


def require_mine(conversation: Conversation, staff: Staff) -> None:
    """Raises `NotYours` unless the staff member has the open chat."""
    current = _open_handoff(conversation)
    if conversation.state is not State.STAFF or current is None or current["staff_id"] != staff.id:
        raise NotYours


def note(
    conversation: Conversation, staff: Staff, action: str, conversation_id: str, detail: str | None = None
) -> None:
    """A line in the audit log."""
    audit.note(
        conversation.connection,
        action,
        username=staff.username,
        account_id=staff.id,
        conversation_id=conversation_id,
        detail=detail,
    )


def _mine_or_supervised(conversation: Conversation, staff: Staff) -> dict[str, Any]:
    """The hand-off under way. A supervisor may move a chat that a colleague cannot."""
    current = _open_handoff(conversation)
    if current is None or not current["taken_at"]:
        raise StateConflict
    if current["staff_id"] != staff.id and not staff.may(Role.SUPERVISOR):
        raise NotYours
    return current


def _open_handoff(conversation: Conversation) -> dict[str, Any] | None:
    query = sa.select(handoffs).where(handoffs.c.conversation_id == conversation.id, _OPEN)
    row = conversation.connection.execute(query).mappings().first()
    return dict(row) if row else None


def _check(conversation: Conversation, target: State, *, closed_is_well: bool = False) -> None:
    if conversation.state is State.CLOSED and closed_is_well:
        return
    try:
        states.check(conversation.state, target)
    except states.NotAllowed:
        raise StateConflict from None


def _open(conversation: Conversation, **columns: Any) -> None:
    conversation.connection.execute(
        sa.insert(handoffs).values(conversation_id=conversation.id, callback=False, **columns)
    )


def _update(conversation: Conversation, **columns: Any) -> None:
    conversation.connection.execute(
        sa.update(handoffs).where(handoffs.c.conversation_id == conversation.id, _OPEN).values(columns)
    )
