"""What the engine's answer does to a conversation: lines in the log, and directives carried out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from bot.gateway import metrics, texts
from bot.gateway.conversation import Conversation
from bot.gateway.engine import EngineReply
from bot.gateway.handoff import queue
from bot.gateway.hours import OpeningNow
from bot.gateway.schemas import Author, State

_log = structlog.get_logger(__name__)

HUMAN_BUTTON = {"title": texts.BUTTON_HUMAN, "action": "handoff"}
"""A button of the gateway's own: works when the engine does not."""


class HandoffDirective(BaseModel):
    """The bot asks for a person."""

    directive: Literal["handoff"]
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    summary: dict[str, Any] | None = None


class CheckCardDirective(BaseModel):
    """The widget is to check the card with the reader bridge."""

    directive: Literal["check_card"]
    purpose: Literal["diagnosis", "identity"]


class ReceiptLine(BaseModel):
    """One line of a receipt."""

    label: str
    value: str


class ReceiptDirective(BaseModel):
    """An order is placed."""

    directive: Literal["order_receipt"]
    order_number: str
    kind: str
    lines: list[ReceiptLine] = []
    next_step: str | None = None


class TopicsDirective(BaseModel):
    """What the visitor's message was about: labels of docs/nlu.md."""

    directive: Literal["topics"]
    labels: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9_/]{1,60}$")]], Field(max_length=10)]


class VerifiedDirective(BaseModel):
    """The visitor has proved in the chat to act for a customer."""

    directive: Literal["customer_verified"]
    customer_number: Annotated[str, Field(max_length=20)]
    name: Annotated[str, Field(max_length=200)]


class CodeDirective(BaseModel):
    """The visitor's next message may be a one-time code."""

    directive: Literal["expect_one_time_code"]
    digits: Annotated[int, Field(ge=4, le=8)]


Directive = (
    HandoffDirective
    | CheckCardDirective
    | ReceiptDirective
    | CodeDirective
    | TopicsDirective
    | VerifiedDirective
)
_DIRECTIVE: TypeAdapter[Directive] = TypeAdapter(Annotated[Directive, Field(discriminator="directive")])


def write_answer(
    conversation: Conversation, replies: Sequence[EngineReply], bot_name: str, opening: OpeningNow
) -> None:
    """Appends what the bot says and carries out its directives; a hand-off comes last, whatever the order."""
    handoff: HandoffDirective | None = None
    for reply in replies:
        if reply.text or reply.buttons:
            buttons = [{"title": button.title, "payload": button.payload} for button in reply.buttons or ()]
            conversation.append(Author.BOT, reply.text or "", name=bot_name, buttons=buttons)
        directive = _parse(reply.custom) if reply.custom else None
        match directive:
            case HandoffDirective():
                handoff = directive
            case CheckCardDirective():
                card = {"type": "check_card", "purpose": directive.purpose}
                conversation.append(Author.BOT, "", name=bot_name, card=card)
            case ReceiptDirective():
                conversation.append(Author.BOT, "", name=bot_name, card=_receipt(directive))
            case CodeDirective():
                conversation.expected_code_digits = directive.digits
                conversation.set(expected_code_digits=directive.digits)
            case TopicsDirective() | VerifiedDirective():
                _note(conversation, directive)
    if handoff and queue.ask(conversation, handoff.reason, handoff.summary, opening):
        metrics.HANDOFFS.labels(handoff.reason).inc()


def write_receipts(conversation: Conversation, replies: Sequence[EngineReply]) -> None:
    """Of an answer that came after a person was asked for, only what has already happened: placed orders,
    and what has become known."""
    for reply in replies:
        directive = _parse(reply.custom) if reply.custom else None
        if isinstance(directive, TopicsDirective | VerifiedDirective):
            _note(conversation, directive)
        elif isinstance(directive, ReceiptDirective) and conversation.state is not State.CLOSED:
            conversation.append(Author.SYSTEM, "", card=_receipt(directive))


def _note(conversation: Conversation, directive: TopicsDirective | VerifiedDirective) -> None:
    if isinstance(directive, TopicsDirective):
        conversation.note_topics(directive.labels)
    else:
        conversation.set(customer_number=directive.customer_number, customer_name=directive.name)
        conversation.change.state_changed = True


def _receipt(directive: ReceiptDirective) -> dict[str, Any]:
    return {"type": "order_receipt", **directive.model_dump(exclude={"directive"})}


def _parse(custom: dict[str, Any]) -> Directive | None:
    try:
        return _DIRECTIVE.validate_python(custom)
    except ValidationError:
        name = custom.get("directive")
        _log.warning(
            "directive_ignored", directive=name if isinstance(name, str) and name.isidentifier() else None
        )
        return None
