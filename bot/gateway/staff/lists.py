"""The lists of the console's left side: the queue, open chats, call-back tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from pydantic import BaseModel

from bot.gateway.schemas import Author, State
from bot.gateway.staff.detail import errand_of
from bot.gateway.tables import conversations, handoffs, messages

_LIVE_MAX: Final = 50
_PREVIEW: Final = 120

Place = Literal["waiting", "staff", "callback", "bot"]


class Item(BaseModel):
    """One chat in a list."""

    id: str
    place: Place
    since: datetime
    reason: str | None
    errand: str | None
    customer: str | None
    preview: str
    staff_id: str | None
    staff_name: str | None
    contact: str | None
    last_author: Author | None
    last_seq: int
    viewers: list[str] = []


class Lists(BaseModel):
    """What is going on: everything that a person has, waits for, or could take."""

    chats: list[Item]


def read_lists(connection: sa.Connection, live_since: datetime) -> Lists:
    """Open hand-offs in the order asked for, then chats with the bot that are newer than `live_since`."""
    newest = (
        sa.select(messages.c.text, messages.c.author)
        .where(messages.c.conversation_id == conversations.c.id, messages.c.author != Author.SYSTEM.value)
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    said = (
        sa.select(messages.c.text)
        .where(messages.c.conversation_id == conversations.c.id, messages.c.author == Author.VISITOR.value)
        .order_by(messages.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    author = newest.with_only_columns(messages.c.author).scalar_subquery()
    handed = (
        sa.select(
            handoffs,
            conversations.c.state,
            conversations.c.customer_number,
            conversations.c.topics,
            conversations.c.last_seq,
            said.label("said"),
            author.label("author"),
        )
        .select_from(handoffs.join(conversations))
        .where(handoffs.c.ended_at.is_(None), conversations.c.erased_at.is_(None))
        .order_by(handoffs.c.id)
    )
    live = (
        sa.select(conversations, said.label("said"), author.label("author"))
        .where(
            conversations.c.state == State.BOT.value,
            conversations.c.erased_at.is_(None),
            conversations.c.updated_at > live_since,
            said.is_not(None),
        )
        .order_by(conversations.c.updated_at.desc())
        .limit(_LIVE_MAX)
    )
    chats = [_handed(row) for row in connection.execute(handed).mappings()]
    chats += [_live(row) for row in connection.execute(live).mappings()]
    return Lists(chats=chats)


def _handed(row: Any) -> Item:
    taken = row["taken_at"]
    place: Place = "callback" if row["state"] == State.CLOSED.value else ("staff" if taken else "waiting")
    return Item(
        id=row["conversation_id"],
        place=place,
        since=taken or row["requested_at"],
        reason=row["reason"],
        errand=errand_of(row["summary"], row["topics"] or []),
        customer=row["customer_number"],
        preview=_short(row["said"]),
        staff_id=row["staff_id"],
        staff_name=row["staff_name"],
        contact=row["contact_phone"] or row["contact_email"],
        last_author=row["author"],
        last_seq=row["last_seq"],
    )


def _live(row: Any) -> Item:
    return Item(
        id=row["id"],
        place="bot",
        since=row["created_at"],
        reason=None,
        errand=errand_of(None, row["topics"] or []),
        customer=row["customer_number"],
        preview=_short(row["said"]),
        staff_id=None,
        staff_name=None,
        contact=None,
        last_author=row["author"],
        last_seq=row["last_seq"],
    )


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _PREVIEW else f"{line[: _PREVIEW - 1]}…"
