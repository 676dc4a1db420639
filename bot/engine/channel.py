"""The engine's only input channel: `POST /webhooks/rest/webhook`, as Rasa's own REST channel but strict.

Text is text, whatever it begins with; a failure has an HTTP error code, so that the gateway sends again;
and a message is never answered with nothing. `metadata.event` makes the intent of that name instead of
understanding a text, `metadata.message_id` makes a repeated message harmless (docs/architecture.md,
"Gateway → engine").
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.engine.errors import RequestError, TurnUnavailableError

logger = logging.getLogger(__name__)

LONGEST_TEXT = 1000
LONGEST_SENDER = 200
LONGEST_MESSAGE_ID = 64
# What is not a visitor's text, and the intent it becomes. `session_start` is Rasa's own name for an intent
# that starts a session without a word, so it becomes a greeting.
EVENT_INTENTS = {
    "card_report": "card_report",
    "card_check_failed": "card_check_failed",
    "handed_back": "handed_back",
    "session_start": "greet",
}
_TRY_AGAIN = "Det gick inte att svara just nu. Försök igen om en stund."

Handler = Callable[[UserMessage], Awaitable[Any]]
Eraser = Callable[[str], Awaitable[None]]


class RestChannel(InputChannel):
    """Takes messages from the gateway and returns the whole answer."""

    def __init__(self, erase: Eraser | None = None) -> None:
        """`erase` removes a conversation (`DELETE /webhooks/rest/conversations/<sender>`)."""
        self._erase = erase

    @classmethod
    def name(cls) -> str:
        """The channel's name, which is part of its address."""
        return "rest"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The channel's routes; `on_new_message` fills the message's output channel."""
        routes = Blueprint("rest_channel")

        @routes.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            try:
                message = read_message(request)
                await on_new_message(message)
            except RequestError as error:
                return _problem(400, error.code, error.message)
            except TurnUnavailableError as error:
                logger.warning("a turn was not carried out: %s", error.code)
                return _problem(503, error.code, _TRY_AGAIN)
            return response.json(message.output_channel.messages, ensure_ascii=False)

        @routes.delete("/conversations/<sender>")
        async def erase(_request: Request, sender: str) -> HTTPResponse:
            if self._erase is None:
                return _problem(404, "not_found", "Det finns inget sådant här.")
            try:
                await self._erase(sender)
            except TurnUnavailableError as error:
                return _problem(503, error.code, _TRY_AGAIN)
            return response.empty()

        return routes


def read_message(request: Request) -> UserMessage:
    """The message in the request's body.

    Raises:
        RequestError: the body is not what docs/architecture.md says.
    """
    try:
        body = request.json
    except SanicException as error:
        raise RequestError("invalid_json", "Meddelandet gick inte att läsa.") from error
    if not isinstance(body, dict):
        raise RequestError("invalid_json", "Meddelandet gick inte att läsa.")
    sender = body.get("sender")
    if not isinstance(sender, str) or not sender.strip() or len(sender) > LONGEST_SENDER:
        raise RequestError("missing_sender", "Konversationens id saknas.")
    text = body.get("message")
    if text is not None and not isinstance(text, str):
        raise RequestError("invalid_message", "Meddelandet ska vara text.")
    metadata = _read_metadata(body.get("metadata"))
    text = clean_text(text or "")
    return UserMessage(
        text,
        CollectingOutputChannel(),
        sender,
        parse_data=_understood(text, metadata),
        input_channel=RestChannel.name(),
        message_id=metadata.get("message_id"),
        metadata=metadata,
    )


def clean_text(text: str) -> str:
    """`text` without control characters and halves of characters, at most `LONGEST_TEXT` characters long."""
    kept = "".join(
        character if character == "\n" else " " if character.isspace() else character
        for character in text[: 4 * LONGEST_TEXT]
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return kept.strip()[:LONGEST_TEXT].strip()


def _read_metadata(metadata: Any) -> dict[str, Any]:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise RequestError("invalid_metadata", "Metadata ska vara ett objekt.")
    event = metadata.get("event")
    if event is not None and event not in EVENT_INTENTS:
        raise RequestError("unknown_event", "Händelsen är okänd.")
    message_id = metadata.get("message_id")
    if message_id is not None and not (
        isinstance(message_id, str) and 0 < len(message_id) <= LONGEST_MESSAGE_ID
    ):
        raise RequestError("invalid_message_id", "Meddelandets id ska vara text, högst 64 tecken.")
    return metadata


def _understood(text: str, metadata: dict[str, Any]) -> dict[str, Any] | None:
    """What needs no understanding: an event, or a message with nothing in it. None for all else."""
    if metadata.get("event"):
        intent = EVENT_INTENTS[metadata["event"]]
    elif not text:
        intent = DEFAULT_NLU_FALLBACK_INTENT_NAME
    else:
        return None
    recognised = {"name": intent, "confidence": 1.0}
    ranking: list[dict[str, Any]] = [dict(recognised)]
    return {
        "text": text,
        "intent": recognised,
        "entities": [],
        "intent_ranking": ranking,
        "metadata": metadata,
    }


def _problem(status: int, code: str, message: str) -> HTTPResponse:
    headers = {"Retry-After": "1"} if status == 503 else {}
    return response.json(
        {"code": code, "message": message}, status=status, headers=headers, ensure_ascii=False
    )
