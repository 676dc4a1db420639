"""What staff do with chats: take, answer, forward, hand back, close, note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from bot.gateway import erasure
from bot.gateway.conversation import Conversation
from bot.gateway.schemas import Accepted, Strict, Typing, VisibleText
from bot.gateway.services import Services, UseServices
from bot.gateway.staff import accounts, desk
from bot.gateway.staff.access import CurrentStaff, Supervisor
from bot.gateway.staff.accounts import Account
from bot.gateway.staff.desk import CloseReason
from bot.gateway.staff.detail import Detail, read_detail
from bot.gateway.staff.errors import ColleagueNotFound
from bot.gateway.staff.sessions import Staff

router = APIRouter(prefix="/conversations/{conversation_id}")

Id = Annotated[str, Path(max_length=36)]
Remark = Annotated[VisibleText, Field(max_length=1000)]

ANSWER_MAX = 4000


class Answer(Strict):
    """What staff write to the visitor; the same id is never taken twice."""

    client_message_id: UUID
    text: Annotated[VisibleText, Field(max_length=ANSWER_MAX)]


class Forward(Strict):
    """To a colleague's id, or to the queue when it is null; the remark becomes an internal note."""

    to: Annotated[str, Field(max_length=36)] | None
    remark: Remark | None = None


class HandBack(Strict):
    """The remark goes to the bot and into an internal note."""

    remark: Remark | None = None


class Close(Strict):
    """Why the chat ends."""

    reason: CloseReason


class NoteText(Strict):
    """An internal note."""

    text: Annotated[VisibleText, Field(max_length=2000)]


class Active(Strict):
    """Whether one writes."""

    active: bool


class Hold(Strict):
    """Whether the chat must be kept, and why."""

    hold: bool
    reason: Remark


class Taken(BaseModel):
    """`new` is false when the chat was one's own already."""

    new: bool


@router.post("/take")
async def take(conversation_id: Id, services: UseServices, staff: CurrentStaff) -> Taken:
    """Makes the chat one's own; 409 `already_taken` when a colleague was quicker."""
    new = await services.conversations.change(conversation_id, lambda locked: desk.take(locked, staff))
    return Taken(new=new)


@router.post("/messages", status_code=202)
async def answer(conversation_id: Id, services: UseServices, staff: CurrentStaff, given: Answer) -> Accepted:
    """Writes to the visitor."""
    seq = await services.conversations.change(
        conversation_id,
        lambda locked: desk.answer(locked, staff, given.text, str(given.client_message_id)),
    )
    _typing(services, conversation_id, staff, active=False)
    return Accepted(seq=seq)


@router.post("/typing", status_code=204)
async def staff_types(conversation_id: Id, services: UseServices, staff: CurrentStaff, given: Active) -> None:
    """Tells the visitor that one writes; only in one's own chat."""
    if await services.database.read(lambda c: desk.has(c, conversation_id, staff)):
        _typing(services, conversation_id, staff, active=given.active)


@router.post("/forward")
async def forward(conversation_id: Id, services: UseServices, staff: CurrentStaff, given: Forward) -> Detail:
    """Gives the chat to a colleague, or back to the queue."""
    to = await _colleague(services, given.to) if given.to else None
    return await _change(
        services, conversation_id, staff, lambda locked: desk.forward(locked, staff, to, given.remark)
    )


@router.post("/hand-back")
async def hand_back(
    conversation_id: Id, services: UseServices, staff: CurrentStaff, given: HandBack
) -> Detail:
    """Gives the chat back to the bot."""
    return await _change(
        services, conversation_id, staff, lambda locked: desk.hand_back(locked, staff, given.remark)
    )


@router.post("/close")
async def close(conversation_id: Id, services: UseServices, staff: CurrentStaff, given: Close) -> None:
    """Ends the chat or the call-back task."""
    await services.conversations.change(
        conversation_id, lambda locked: desk.close(locked, staff, given.reason)
    )


@router.post("/notes", status_code=201)
async def add_note(
    conversation_id: Id, services: UseServices, staff: CurrentStaff, given: NoteText
) -> Detail:
    """Writes an internal note."""

    def action(locked: Conversation) -> None:
        read_detail(locked.connection, conversation_id, staff)  # raises when it is not theirs to read
        desk.add_note(locked, staff, given.text)

    return await _change(services, conversation_id, staff, action)


@router.put("/hold")
async def hold(conversation_id: Id, services: UseServices, staff: Supervisor, given: Hold) -> Detail:
    """Keeps the chat from being erased, or lets it be."""

    def action(locked: Conversation) -> None:
        locked.set(legal_hold=given.hold)
        locked.change.state_changed = True
        desk.note(locked, staff, "hold" if given.hold else "hold_ended", conversation_id, given.reason)

    return await _change(services, conversation_id, staff, action)


@router.delete("", status_code=204)
async def erase(conversation_id: Id, services: UseServices, staff: Supervisor) -> None:
    """Erases the chat for good; 409 `legal_hold` when it must be kept."""

    def action(locked: Conversation) -> None:
        erasure.erase(locked)
        desk.note(locked, staff, "erase", conversation_id)

    await services.conversations.change(conversation_id, action)


async def _change(
    services: Services, conversation_id: str, staff: Staff, action: Callable[[Conversation], None]
) -> Detail:
    await services.conversations.change(conversation_id, action)
    return await services.database.read(lambda c: read_detail(c, conversation_id, staff))


async def _colleague(services: Services, account_id: str) -> Account:
    account = await services.database.read(lambda c: accounts.by_id(c, account_id))
    if account is None or account.disabled:
        raise ColleagueNotFound
    return account


def _typing(services: Services, conversation_id: str, staff: Staff, *, active: bool) -> None:
    services.hub.publish_typing(conversation_id, Typing(author="staff", name=staff.name, active=active))
