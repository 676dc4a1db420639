"""What comes from the visitor into the log: cleaned, masked, and queued for whoever answers."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import sqlalchemy as sa

from bot.gateway import metrics, texts
from bot.gateway.conversation import Conversation, find_button
from bot.gateway.errors import ConversationClosed, TextEmpty, UnknownButton
from bot.gateway.handoff import queue
from bot.gateway.handoff.contact import ContactReader
from bot.gateway.handoff.requests import Leaving, leaves_queue
from bot.gateway.hours import OpeningNow
from bot.gateway.redaction import Context, Kind, mask, mask_identities
from bot.gateway.redaction.one_time_code import find_one_time_code
from bot.gateway.schemas import Author, CardReportRequest, MessageRequest, Rating, RatingRequest, State
from bot.gateway.secrets_at_rest import CodeBox
from bot.gateway.tables import messages

_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NOTICES: Final = {
    Kind.IDENTITY: texts.MASKED_IDENTITY,
    Kind.CODE: texts.MASKED_CODE,
    Kind.BANK_CARD: texts.MASKED_CARD,
}
_HIDDEN_CODE: Final = "••••••"
_LINES_FOR_CONTEXT: Final = 8


def clean(text: str) -> str:
    """The text as it is kept: NFC, without control or invisible characters; raises `TextEmpty`."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n")
    text = "".join(
        char if char == "\n" or unicodedata.category(char) != "Cc" else " " for char in text
    ).strip()
    if not text:
        raise TextEmpty
    return text


def take_message(
    conversation: Conversation,
    request: MessageRequest,
    codes: CodeBox,
    opening: OpeningNow,
    contacts: ContactReader,
) -> tuple[int, bool]:
    """The message's seq, and whether it is new (the same `client_message_id` is never taken twice)."""
    message_id = str(request.client_message_id)
    if (seq := _taken_before(conversation, message_id)) is not None:
        return seq, False
    if conversation.state is State.CLOSED:
        raise ConversationClosed
    if request.button is not None:
        return _take_button(conversation, request.button, message_id, opening), True
    return _take_text(conversation, clean(request.text or ""), message_id, codes, contacts), True


def take_card_report(conversation: Conversation, report: CardReportRequest) -> tuple[int, bool]:
    """A card check from the reader bridge, or why there was none; answered like a message."""
    message_id = str(report.client_message_id) if report.client_message_id else None
    if message_id and (seq := _taken_before(conversation, message_id)) is not None:
        return seq, False
    if conversation.state is State.CLOSED:
        raise ConversationClosed
    content = _masked(
        report.model_dump(mode="json", exclude={"client_message_id", "failed"}, exclude_none=True)
    )
    card: dict[str, Any] | None = None
    if report.failed:
        text, event, details = texts.CARD_NOT_CHECKED, "card_check_failed", {"reason": report.failed}
    else:
        text = texts.CARD_IDENTITY if report.identity else texts.CARD_CHECKED
        event, details = "card_report", {"report": content}
        if report.findings is not None:
            card = {"type": "card_report", "findings": content["findings"]}
    seq = conversation.append(Author.VISITOR, text, card=card, client_message_id=message_id).seq
    if conversation.state is State.BOT:
        conversation.ask_engine("", seq=seq, event=event, details=details)
    return seq, True


def take_rating(conversation: Conversation, request: RatingRequest) -> Rating:
    """Keeps the rating, its comment masked like a message."""
    comment = (
        mask(clean(request.comment), Context()).text if request.comment and request.comment.strip() else None
    )
    conversation.set(rating_score=request.score, rating_comment=comment)
    return Rating(score=request.score, comment=comment)


def _take_button(conversation: Conversation, wanted: str, message_id: str, opening: OpeningNow) -> int:
    button = find_button(conversation.connection, conversation.id, wanted)
    if button is None:
        raise UnknownButton
    seq = conversation.append(Author.VISITOR, button["title"], client_message_id=message_id).seq
    if button.get("action") == "handoff":
        if queue.ask(conversation, "visitor_asked", None, opening):
            metrics.HANDOFFS.labels("visitor_asked").inc()
    elif conversation.state is State.BOT:
        conversation.set(expected_code_digits=None)
        conversation.ask_engine(button["payload"], seq=seq)
    return seq


def _take_text(
    conversation: Conversation, text: str, message_id: str, codes: CodeBox, contacts: ContactReader
) -> int:
    code = find_one_time_code(text, conversation.expected_code_digits)
    if conversation.expected_code_digits is not None and conversation.state is State.BOT:
        conversation.set(expected_code_digits=None)
    if code is not None:
        hidden = mask(text[: code.start] + _HIDDEN_CODE + text[code.end :], _context(conversation)).text
        seq = conversation.append(Author.VISITOR, hidden, client_message_id=message_id).seq
        if conversation.state is State.BOT:
            conversation.ask_engine(_HIDDEN_CODE, seq=seq, secret=codes.lock(code.digits))
        else:
            conversation.append(Author.SYSTEM, texts.ONE_TIME_CODE_UNREAD)
        return seq
    masked = mask(text, _context(conversation))
    seq = conversation.append(Author.VISITOR, masked.text, client_message_id=message_id).seq
    if conversation.state is State.BOT:
        conversation.ask_engine(engine_text(masked.text), seq=seq)
    for kind in sorted(masked.kinds):
        metrics.MASKED.labels(kind.value).inc()
        conversation.append(Author.SYSTEM, _NOTICES[kind])
    if conversation.state is State.WAITING:
        _heed_waiting(conversation, masked.text, seq, contacts)
    return seq


def _heed_waiting(conversation: Conversation, text: str, seq: int, contacts: ContactReader) -> None:
    """What can be done at once for a visitor in the queue: keep how to be reached, or give the bot back."""
    if contact := contacts.read(text):
        queue.note_contact(conversation, contact)
        return
    leaving = leaves_queue(text)
    if leaving is Leaving.YES:
        queue.stop_waiting(conversation, seq)
    elif leaving is Leaving.PERHAPS:
        conversation.append(Author.SYSTEM, texts.HOW_TO_STOP_WAITING)


def engine_text(text: str) -> str:
    """What the engine is sent of a text: never something that begins like a command."""
    return text.lstrip("/ \n") or "?"


def _context(conversation: Conversation) -> Context:
    """What was said last by each side: a number alone means something only after a question."""
    query = (
        sa.select(messages.c.author, messages.c.text)
        .where(messages.c.conversation_id == conversation.id, messages.c.author != Author.SYSTEM.value)
        .order_by(messages.c.seq.desc())
        .limit(_LINES_FOR_CONTEXT)
    )
    question = previous = ""
    for author, text in conversation.connection.execute(query):
        if author == Author.VISITOR.value:
            previous = previous or text
        elif not previous:
            question = f"{text} {question}".strip()
    return Context(question=question, previous=previous)


def _taken_before(conversation: Conversation, message_id: str) -> int | None:
    query = sa.select(messages.c.seq).where(
        messages.c.conversation_id == conversation.id, messages.c.client_message_id == message_id
    )
    return conversation.connection.execute(query).scalar()


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_identities(value)
    if isinstance(value, dict):
        return {str(_masked(key)): _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value
