"""The console's one event stream: the lists, and the conversation it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import TypeAdapter

from bot.gateway import conversation as log
from bot.gateway.errors import ConversationNotFound
from bot.gateway.schemas import Message
from bot.gateway.services import Services, UseServices
from bot.gateway.staff import sessions
from bot.gateway.staff.access import CurrentStaff, UseStaffParts
from bot.gateway.staff.detail import Detail, read_detail
from bot.gateway.staff.errors import NotAllowed
from bot.gateway.staff.parts import StaffParts
from bot.gateway.staff.sessions import Staff
from bot.gateway.staff.watch import Console

router = APIRouter()

_HEARTBEAT = b": \n\n"
_RETRY = b"retry: 1000\n\n"
_JSON: TypeAdapter[Any] = TypeAdapter(Any)


@router.get("/events")
async def stream(
    services: UseServices,
    parts: UseStaffParts,
    staff: CurrentStaff,
    conversation: Annotated[str | None, Query(max_length=36)] = None,
    after: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
) -> StreamingResponse:
    """`lists`; of the conversation `message`, `detail` (without messages), `typing`, `viewers`."""
    if conversation:  # a 404 or 403, not an empty stream
        await services.database.read(lambda c: read_detail(c, conversation, staff))
    return StreamingResponse(
        _events(services, parts, staff, Console(staff.id, staff.name, conversation, after)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(
    services: Services, parts: StaffParts, staff: Staff, console: Console
) -> AsyncIterator[bytes]:
    parts.watch.open(console)
    try:
        yield _RETRY
        for message in await _missed(services, console):
            yield _event("message", message)
        while not console.ended:
            if console.stale and not await _still_signed_in(services, parts, staff):
                return
            async for message in _new_messages(services, console):
                yield _event("message", message)
            async for chunk in _present(services, parts, staff, console):
                yield chunk
            if not await console.wait(services.settings.heartbeat_seconds):
                console.stale = True  # the session may have ended, and nobody tells when it does
                yield _HEARTBEAT
    except (ConversationNotFound, NotAllowed):
        return  # erased or closed to this role while it was open
    finally:
        parts.watch.close(console)


async def _new_messages(services: Services, console: Console) -> AsyncIterator[Message]:
    while console.messages:
        message = console.messages.popleft()
        if message.seq == console.last + 1:
            console.last = message.seq
            yield message
        elif message.seq > console.last:
            for missed in await _missed(services, console):
                yield missed


async def _present(
    services: Services, parts: StaffParts, staff: Staff, console: Console
) -> AsyncIterator[bytes]:
    shown = console.conversation_id
    stale, console.stale = console.stale, False
    if stale and shown:
        yield _event("detail", await _detail(services, shown, staff))
    viewers, console.viewers = console.viewers, False
    if viewers and shown:
        others = parts.watch.viewers(shown)
        others.pop(staff.id, None)
        yield _event("viewers", {"names": sorted(others.values())})
    typing, console.typing = console.typing, None
    if typing is not None:
        yield _event("typing", {"active": typing})
    lists, console.lists = console.lists, False
    if lists:
        yield format_sse_event(data_str=parts.watch.lists_json, event="lists")


async def _missed(services: Services, console: Console) -> list[Message]:
    if console.conversation_id is None:
        return []
    found = await services.database.read(
        partial(log.messages_after, conversation_id=console.conversation_id, after=console.last, limit=2000)
    )
    if found:
        console.last = found[-1].seq
    return found


async def _detail(services: Services, conversation_id: str, staff: Staff) -> dict[str, Any]:
    found: Detail = await services.database.read(lambda c: read_detail(c, conversation_id, staff))
    return found.model_dump(mode="json", exclude={"messages"})


async def _still_signed_in(services: Services, parts: StaffParts, staff: Staff) -> bool:
    """An open stream does not outlive its session, and does not prolong it."""
    hashed, settings = staff.token_hash, parts.settings
    found = await services.database.read(lambda c: sessions.find(c, hashed, settings))
    return found is not None and found[0].role is staff.role


def _event(name: str, data: Any) -> bytes:
    return format_sse_event(data_str=_JSON.dump_json(data).decode(), event=name)
