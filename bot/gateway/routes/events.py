"""The event stream of a conversation: server-sent events that lose and double nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from bot.gateway import conversation as log
from bot.gateway import errors, metrics
from bot.gateway.errors import ConversationNotFound, TooManyStreams
from bot.gateway.hub import Subscriber
from bot.gateway.problems import responses
from bot.gateway.routes.conversations import After
from bot.gateway.schemas import Message
from bot.gateway.services import ClientAddress, CurrentConversation, Services, UseServices

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

_HEARTBEAT = b": \n\n"
_RETRY_MILLISECONDS = 1000
_BATCH = 200


@router.get(
    "/{conversation_id}/events",
    response_class=StreamingResponse,
    responses={
        **responses(errors.NotAuthenticated, errors.ConversationNotFound, errors.TooManyStreams),
        200: {
            "description": "`message` events (id = seq, data = Message), `state` events (data = Status), "
            "`typing` events (data = Typing), and comments as a heartbeat.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
    },
)
async def stream_events(
    conversation_id: CurrentConversation,
    services: UseServices,
    address: ClientAddress,
    after: After = 0,
    last_event_id: Annotated[
        str | None, Header(description="The last seq received; wins over `after`.")
    ] = None,
) -> StreamingResponse:
    """What was missed, then one `state`, then everything as it happens."""
    if (
        last_event_id is not None
        and last_event_id.isascii()
        and last_event_id.isdigit()
        and len(last_event_id) < 10
    ):
        after = int(last_event_id)
    await services.conversations.status(
        conversation_id
    )  # an erased conversation is a 404, not an empty stream
    _check_room(services, conversation_id, address)
    return StreamingResponse(
        _events(services, conversation_id, address, after),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


def _check_room(services: Services, conversation_id: str, address: str | None) -> None:
    settings, hub = services.settings, services.hub
    full = (
        hub.open_streams(conversation_id) >= settings.streams_per_conversation
        or hub.count >= settings.streams_total
        or (address is not None and hub.by_address[address] >= settings.streams_per_address)
    )
    if full:
        metrics.REFUSED.labels("streams").inc()
        raise TooManyStreams(retry_after=settings.heartbeat_seconds)


async def _events(
    services: Services, conversation_id: str, address: str | None, after: int
) -> AsyncIterator[bytes]:
    subscriber = services.hub.subscribe(conversation_id, address)
    try:
        async for chunk in _follow(services, conversation_id, subscriber, after):
            yield chunk
    except ConversationNotFound:
        return  # erased while it was open
    finally:
        services.hub.unsubscribe(conversation_id, subscriber)


async def _follow(
    services: Services, conversation_id: str, subscriber: Subscriber, last: int
) -> AsyncIterator[bytes]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n".encode()
    async for message in _read_log(services, conversation_id, last):
        last = message.seq
        yield _event("message", message, message.seq)
    subscriber.status_stale = True
    while True:
        news = bytearray()  # sent at once: a write is the dear part of an event
        while subscriber.messages:
            message = subscriber.messages.popleft()
            if message.seq == last + 1:
                last = message.seq
                news += _event("message", message, last)
            elif message.seq > last:
                async for missed in _read_log(services, conversation_id, last):
                    last = missed.seq
                    news += _event("message", missed, last)
        if subscriber.status_stale and not subscriber.ended:
            subscriber.status_stale = False
            news += _event("state", await services.conversations.status(conversation_id))
        if subscriber.typing is not None:
            typing, subscriber.typing = subscriber.typing, None
            news += _event("typing", typing)
        if news:
            yield bytes(news)
        if subscriber.ended:
            return
        if not await subscriber.wait(services.settings.heartbeat_seconds):
            yield _HEARTBEAT


async def _read_log(services: Services, conversation_id: str, after: int) -> AsyncIterator[Message]:
    while True:
        batch = await services.database.read(
            partial(log.messages_after, conversation_id=conversation_id, after=after, limit=_BATCH)
        )
        for message in batch:
            after = message.seq
            yield message
        if len(batch) < _BATCH:
            return


def _event(name: str, data: BaseModel, seq: int | None = None) -> bytes:
    return format_sse_event(data_str=data.model_dump_json(), event=name, id=None if seq is None else str(seq))
