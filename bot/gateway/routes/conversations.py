"""The conversations API: what a visitor's channel can do."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from bot.gateway import conversation as log
from bot.gateway import erasure, errors, intake, metrics
from bot.gateway.conversation import Change, Conversation
from bot.gateway.handoff import queue
from bot.gateway.jobs import SESSION_START
from bot.gateway.problems import responses
from bot.gateway.schemas import (
    Accepted,
    CardReportRequest,
    ContactRequest,
    ConversationOpened,
    ConversationRequest,
    Empty,
    MessageList,
    MessageRequest,
    Rating,
    RatingRequest,
    Status,
    TypingRequest,
)
from bot.gateway.secrets_at_rest import hash_token, new_token
from bot.gateway.services import ClientAddress, CurrentConversation, UseServices
from bot.gateway.transcript import file_name, transcript

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

_MEMBER = responses(errors.NotAuthenticated, errors.ConversationNotFound)
_MEMBER_BODY = responses(errors.NotAuthenticated, errors.ConversationNotFound, errors.BodyTooLarge)
_CHANGE = responses(
    errors.NotAuthenticated, errors.ConversationNotFound, errors.ConversationClosed, errors.BodyTooLarge
)
_HANDOFF = responses(
    errors.NotAuthenticated, errors.ConversationNotFound, errors.NotWaiting, errors.BodyTooLarge
)
_MESSAGE = responses(
    errors.NotAuthenticated,
    errors.ConversationNotFound,
    errors.ConversationClosed,
    errors.BodyTooLarge,
    errors.TextEmpty,
    errors.UnknownButton,
)
_BAD_JSON: Final[dict[int | str, dict[str, Any]]] = responses(errors.ApiError)
_REPEATED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": Accepted, "description": "The same `client_message_id` again: nothing is done twice."}
}

After = Annotated[int, Query(ge=0, le=2_147_483_647, description="Only messages with a higher seq.")]


@router.post(
    "",
    status_code=201,
    response_model=ConversationOpened,
    responses={**responses(errors.CustomerTokenInvalid, errors.BodyTooLarge), **_BAD_JSON},
)
async def open_conversation(
    services: UseServices, address: ClientAddress, request: ConversationRequest | None = None
) -> ConversationOpened:
    """Opens a conversation with the bot. The greeting comes as its first message, a moment later."""
    if address is not None:
        services.limits.opened.spend(address)
    customer = None
    if request is not None and request.customer_token is not None:
        customer = services.orders.customer_of(request.customer_token)
    conversation_id, token = str(uuid.uuid4()), new_token()

    def unit(connection: sa.Connection) -> tuple[Conversation, Change]:
        created = log.create(connection, conversation_id, hash_token(token), customer)
        created.ask_engine("", seq=None, event=SESSION_START)
        return created, created.save()

    created, change = await services.database.write(unit)
    metrics.CONVERSATIONS.labels("yes" if customer else "no").inc()
    await services.conversations.tell(conversation_id, change)
    return ConversationOpened(id=conversation_id, token=token, state=created.state)


@router.get("/{conversation_id}", responses=_MEMBER)
async def read_status(conversation_id: CurrentConversation, services: UseServices) -> Status:
    """Who answers, whether an answer is on its way, and the place in the queue."""
    return await services.conversations.status(conversation_id)


@router.get("/{conversation_id}/messages", responses=_MEMBER)
async def read_messages(
    conversation_id: CurrentConversation, services: UseServices, after: After = 0
) -> MessageList:
    """The messages after a seq, oldest first, at most 500 at a time."""
    return await services.conversations.messages(conversation_id, after)


@router.post(
    "/{conversation_id}/messages",
    status_code=202,
    response_model=Accepted,
    responses={**_MESSAGE, **_BAD_JSON, **_REPEATED},
)
async def post_message(
    conversation_id: CurrentConversation, services: UseServices, request: MessageRequest, response: Response
) -> Accepted:
    """Takes what the visitor wrote or pressed: in the log when this answers. The bot's answer follows."""
    opening = await services.site.opening()
    seq, new = await services.conversations.change(
        conversation_id,
        lambda locked: intake.take_message(locked, request, services.codes, opening, services.contacts),
    )
    response.status_code = 202 if new else 200
    return Accepted(seq=seq)


@router.post(
    "/{conversation_id}/card-report",
    status_code=202,
    response_model=Accepted,
    responses={**_CHANGE, **_BAD_JSON, **_REPEATED},
)
async def post_card_report(
    conversation_id: CurrentConversation,
    services: UseServices,
    request: CardReportRequest,
    response: Response,
) -> Accepted:
    """Takes a card check from the reader bridge, or why there was none. The bot answers it like a message."""
    seq, new = await services.conversations.change(
        conversation_id, lambda locked: intake.take_card_report(locked, request)
    )
    response.status_code = 202 if new else 200
    return Accepted(seq=seq)


@router.post("/{conversation_id}/handoff", responses={**_CHANGE, **_BAD_JSON})
async def ask_for_person(
    conversation_id: CurrentConversation, services: UseServices, request: Empty | None = None
) -> Status:
    """Asks for a person; the bot falls silent. Works when the engine is down. Again: nothing happens."""
    await services.conversations.ask_for_person(conversation_id, "visitor_asked")
    return await services.conversations.status(conversation_id)


@router.delete("/{conversation_id}/handoff", responses=_HANDOFF)
async def stop_waiting(conversation_id: CurrentConversation, services: UseServices) -> Status:
    """The visitor no longer waits for a person; the bot answers again."""
    await services.conversations.change(conversation_id, queue.stop_waiting)
    return await services.conversations.status(conversation_id)


@router.post("/{conversation_id}/contact", responses={**_HANDOFF, **_BAD_JSON})
async def leave_contact(
    conversation_id: CurrentConversation, services: UseServices, request: ContactRequest
) -> Status:
    """Leaves an e-mail address or a telephone number, so that the visitor need not wait in the chat."""
    await services.conversations.change(conversation_id, lambda locked: queue.leave_contact(locked, request))
    return await services.conversations.status(conversation_id)


@router.post("/{conversation_id}/typing", status_code=204, responses={**_MEMBER_BODY, **_BAD_JSON})
async def visitor_types(
    conversation_id: CurrentConversation, services: UseServices, request: TypingRequest
) -> None:
    """Tells staff that the visitor writes. Kept nowhere."""
    services.hub.publish_visitor_typing(conversation_id, active=request.active)


@router.post("/{conversation_id}/rating", responses={**_MEMBER_BODY, **_BAD_JSON})
async def rate(conversation_id: CurrentConversation, services: UseServices, request: RatingRequest) -> Rating:
    """How the visitor felt about the conversation, 1 to 5. A later rating replaces an earlier."""
    return await services.conversations.change(
        conversation_id, lambda locked: intake.take_rating(locked, request)
    )


@router.post("/{conversation_id}/close", responses={**_MEMBER_BODY, **_BAD_JSON})
async def close(
    conversation_id: CurrentConversation, services: UseServices, request: Empty | None = None
) -> Status:
    """Ends the conversation; it can still be read, rated and erased. Again: nothing happens twice."""
    await services.conversations.change(conversation_id, queue.close)
    return await services.conversations.status(conversation_id)


@router.get(
    "/{conversation_id}/transcript",
    response_class=Response,
    responses={
        **_MEMBER,
        200: {"content": {"text/plain": {}}, "description": "The conversation as a text file."},
    },
)
async def download_transcript(conversation_id: CurrentConversation, services: UseServices) -> Response:
    """The whole conversation as a text file in Swedish."""

    def unit(connection: sa.Connection) -> Response:
        log.state_of(connection, conversation_id)
        lines = log.messages_after(connection, conversation_id, 0, limit=100_000)
        name = file_name(lines[0].created_at if lines else log.now())
        return Response(
            transcript(lines),
            media_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return await services.database.read(unit)


@router.delete("/{conversation_id}", status_code=204, responses=_MEMBER)
async def erase(conversation_id: CurrentConversation, services: UseServices) -> None:
    """Erases the conversation: here at once, soon in the engine. Placed orders stay."""
    await services.conversations.change(conversation_id, erasure.erase)
