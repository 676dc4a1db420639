"""The shapes of the conversations API: what a client sends and what it gets back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, model_validator

TEXT_MAX = 1000
"""Longest message in characters."""
COMMENT_MAX = 1000
TOKEN_MAX = 4096

# At least one character that is neither blank nor a control character.
VisibleText = Annotated[str, StringConstraints(min_length=1, pattern=r"[^\s\x00-\x1f\x7f-\x9f]")]


class State(StrEnum):
    """Who answers in a conversation."""

    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"
    CLOSED = "closed"


class Author(StrEnum):
    """Who wrote a message."""

    VISITOR = "visitor"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class Strict(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Empty(Strict):
    """A body that says nothing; it may be left out."""


class Problem(BaseModel):
    """Every error: `code` is for programs, `message` is Swedish for people."""

    code: str = Field(examples=["conversation_not_found"], pattern=r"^[a-z0-9_]+$")
    message: str = Field(examples=["Chatten finns inte längre."])
    fields: list[str] | None = Field(default=None, description="What was wrong in the request, by name.")


class ConversationRequest(Strict):
    """Optional body when a conversation is opened."""

    customer_token: str | None = Field(
        default=None,
        max_length=TOKEN_MAX,
        description="JWT signed by the customer portal. A token that is not valid gives 401: "
        "open the conversation again without it.",
    )


class ConversationOpened(BaseModel):
    """The token is shown this once; only its hash is kept."""

    id: str
    token: str
    state: State


class MessageRequest(Strict):
    """What the visitor writes or presses: exactly one of `text` and `button`."""

    client_message_id: UUID = Field(description="Made by the client; the same id is never handled twice.")
    text: Annotated[VisibleText, Field(max_length=TEXT_MAX)] | None = None
    button: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="The id of a button offered in this conversation."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> MessageRequest:
        if (self.text is None) == (self.button is None):
            raise ValueError("exactly one of text and button")
        return self


class Accepted(BaseModel):
    """Where in the conversation the message stands."""

    seq: int = Field(ge=1)


class Button(BaseModel):
    """A choice; press it by sending its id as `button`."""

    id: str
    title: str


class Message(BaseModel):
    """One line of the conversation, in the order of `seq`."""

    seq: int = Field(ge=1)
    author: Author
    name: str | None = Field(description="Name to show; null for the visitor.")
    text: str
    buttons: list[Button]
    card: dict[str, Any] | None = Field(
        description="null, or an object whose `type` is check_card, order_receipt, card_report or rating."
    )
    client_message_id: UUID | None = Field(description="The visitor's own id for the message, else null.")
    created_at: datetime


class MessageList(BaseModel):
    """Messages after the asked seq, and the present."""

    messages: list[Message]
    state: State
    pending: bool = Field(description="True while an acknowledged message has no answer in the log.")


class Queue(BaseModel):
    """The visitor's place among those who wait for a person."""

    position: int = Field(ge=1)
    waiting: int = Field(ge=1)
    open_now: bool | None = Field(description="null when no opening hours are set.")
    opening_text: str | None


class Status(BaseModel):
    """The present of a conversation; also the data of an SSE `state` event."""

    state: State
    pending: bool
    queue: Queue | None = Field(description="Set while `state` is waiting.")
    staff_name: str | None = Field(description="Set while `state` is staff.")
    contact_given: bool = Field(description="True when the visitor has left a way to be called back.")


class Typing(BaseModel):
    """Data of an SSE `typing` event."""

    author: Literal["bot", "staff"]
    name: str
    active: bool


class TypingRequest(Strict):
    """The visitor is writing; shown to staff, kept nowhere."""

    active: bool = True


class Finding(BaseModel):
    """One finding of the reader bridge."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")
    severity: str = Field(max_length=20)
    message: str = Field(max_length=1000)
    data: dict[str, Any] | None = None


CheckFailure = Literal["no_bridge", "permission_denied", "unsupported_browser", "declined", "error"]


class CardReportRequest(BaseModel):
    """The reader bridge's diagnosis as it came, or its identity answer, or why there is none."""

    client_message_id: UUID | None = Field(default=None, description="Makes a repeated report harmless.")
    findings: list[Finding] | None = Field(default=None, max_length=50)
    readers: list[Any] | None = Field(default=None, max_length=20)
    card: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None
    identity: dict[str, Any] | None = Field(
        default=None, description="The answer of the bridge's /v1/identity."
    )
    failed: CheckFailure | None = Field(default=None, description="Why no report could be made.")

    @model_validator(mode="after")
    def _something(self) -> CardReportRequest:
        if sum(part is not None for part in (self.findings, self.identity, self.failed)) != 1:
            raise ValueError("exactly one of findings, identity and failed")
        return self


class RatingRequest(Strict):
    """How the visitor felt about the conversation; a later rating replaces an earlier."""

    score: int = Field(ge=1, le=5, strict=True)
    comment: Annotated[str, Field(max_length=COMMENT_MAX)] | None = None


class Rating(BaseModel):
    """The rating that is kept."""

    score: int
    comment: str | None


class ContactRequest(Strict):
    """How the visitor can be reached after leaving."""

    name: Annotated[VisibleText, Field(max_length=100)] | None = None
    email: Annotated[EmailStr, Field(max_length=254)] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")] | None = None

    @model_validator(mode="after")
    def _reachable(self) -> ContactRequest:
        if self.email is None and self.phone is None:
            raise ValueError("email or phone")
        return self


class Banner(BaseModel):
    """A notice about an outage, set by an operator."""

    level: Literal["info", "warning"]
    text: str


class Opening(BaseModel):
    """When people answer. All null when no hours are set."""

    open_now: bool | None
    text: str | None = Field(description="Swedish sentence with the hours, ready to show.")
    next_open: datetime | None = Field(description="When closed: the next opening.")


class ReaderBridge(BaseModel):
    """The program on the visitor's own computer that can check a card."""

    offered: bool
    url: str


class Limits(BaseModel):
    """What the API accepts."""

    text_max: int = TEXT_MAX
    comment_max: int = COMMENT_MAX


class SiteInfo(BaseModel):
    """What the widget needs before a conversation is opened."""

    bot_name: str
    banner: Banner | None
    opening: Opening
    phone: str
    email: str
    reader_bridge: ReaderBridge
    limits: Limits
