"""Everything staff get to know about one conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from bot.gateway.conversation import messages_after
from bot.gateway.errors import ConversationNotFound
from bot.gateway.schemas import Author, Message, State
from bot.gateway.staff import titles
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.errors import NotAllowed
from bot.gateway.staff.sessions import Staff
from bot.gateway.staff.tables import notes
from bot.gateway.tables import conversations, handoffs


class Note(BaseModel):
    """An internal note."""

    id: int
    name: str
    text: str
    created_at: datetime


class Handoff(BaseModel):
    """One time a person was asked for."""

    reason: str
    requested_at: datetime
    taken_at: datetime | None
    staff_id: str | None
    staff_name: str | None
    ended_at: datetime | None
    outcome: str | None
    callback: bool
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None


class Customer(BaseModel):
    """For whom the visitor has proved to act: with the portal's token, or in the chat with a code."""

    customer_number: str
    name: str | None
    portal: bool


class Summary(BaseModel):
    """What is known, made from the bot's own account and from the log. `errand`, `tried`: in Swedish."""

    errand: str | None
    slots: dict[str, Any]
    tried: list[str]
    last_text: str | None
    order_numbers: list[str]
    findings: list[dict[str, Any]]


class Detail(BaseModel):
    """A conversation as the console shows it."""

    id: str
    state: State
    created_at: datetime
    customer: Customer | None
    rating_score: int | None
    rating_comment: str | None
    legal_hold: bool
    messages: list[Message]
    handoffs: list[Handoff]
    notes: list[Note]
    summary: Summary
    mine: bool


def read_detail(connection: sa.Connection, conversation_id: str, staff: Staff) -> Detail:
    """One conversation; raises `ConversationNotFound`, or `NotAllowed` when it is none of theirs."""
    row = (
        connection.execute(
            sa.select(conversations).where(
                conversations.c.id == conversation_id, conversations.c.erased_at.is_(None)
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        raise ConversationNotFound
    handed = list(
        connection.execute(
            sa.select(handoffs).where(handoffs.c.conversation_id == conversation_id).order_by(handoffs.c.id)
        ).mappings()
    )
    if not may_read(staff, row["state"], handed):
        raise NotAllowed
    log = messages_after(connection, conversation_id, 0, limit=2000)
    written = connection.execute(
        sa.select(notes).where(notes.c.conversation_id == conversation_id).order_by(notes.c.id)
    ).mappings()
    current = handed[-1] if handed and handed[-1]["ended_at"] is None else None
    return Detail(
        **{name: row[name] for name in _COLUMNS},
        customer=customer_of(row),
        messages=log,
        handoffs=[Handoff.model_validate(dict(item)) for item in handed],
        notes=[Note.model_validate(dict(item)) for item in written],
        summary=summarise(
            log,
            next((item["summary"] for item in reversed(handed) if item["summary"]), None),
            row["topics"] or [],
        ),
        mine=current is not None and current["taken_at"] is not None and current["staff_id"] == staff.id,
    )


_COLUMNS = ("id", "state", "created_at", "rating_score", "rating_comment", "legal_hold")


def may_read(staff: Staff, state: str, handed: list[Any]) -> bool:
    """Agents read chats that go on, wait for a call, or were once theirs; supervisors read all."""
    if staff.may(Role.SUPERVISOR) or state != State.CLOSED.value:
        return True
    return any(item["staff_id"] == staff.id or item["ended_at"] is None for item in handed)


def customer_of(row: Any) -> Customer | None:
    """The customer of a row of `conversations`."""
    if row["customer_number"] is None:
        return None
    return Customer(
        customer_number=row["customer_number"], name=row["customer_name"], portal=row["customer"] is not None
    )


def errand_of(told: dict[str, Any] | None, topics: list[str]) -> str | None:
    """The title of what the bot was doing when it handed over, else of what was talked about last."""
    return titles.title((told or {}).get("errand")) or titles.title(topics[-1] if topics else None)


def summarise(log: list[Message], told: dict[str, Any] | None, topics: list[str]) -> Summary:
    """The bot's account where there is one; the rest from the log, so that it is there without the engine."""
    told = told or {}
    visitor = [message for message in log if message.author is Author.VISITOR and message.text]
    numbers = [
        str(message.card["order_number"])
        for message in log
        if message.card and message.card.get("type") == "order_receipt"
    ]
    if told.get("order_number"):
        numbers.append(str(told["order_number"]))
    reports = [m.card["findings"] for m in log if m.card and m.card.get("type") == "card_report"]
    told_report = (told.get("card_report") or {}).get("findings") or []
    return Summary(
        errand=errand_of(told, topics) or (visitor[0].text if visitor else None),
        slots={key: value for key, value in (told.get("slots") or {}).items() if key != "card_report"},
        tried=[titles.tried(str(step)) for step in told.get("tried") or ()],
        last_text=visitor[-1].text if visitor else told.get("last_text"),
        order_numbers=list(dict.fromkeys(numbers)),
        findings=reports[-1] if reports else told_report,
    )
