"""A conversation as a text file in Swedish, for the visitor to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.gateway import texts
from bot.gateway.hours import TIME_ZONE
from bot.gateway.schemas import Author, Message


def transcript(messages: Sequence[Message]) -> str:
    """The whole conversation, with Swedish local times."""
    if not messages:
        return f"{texts.TRANSCRIPT_TITLE}\n\n{texts.TRANSCRIPT_EMPTY}\n"
    first = messages[0].created_at.astimezone(TIME_ZONE)
    lines = [texts.TRANSCRIPT_TITLE, f"{first:%Y-%m-%d}", ""]
    day = first.date()
    for message in messages:
        at = message.created_at.astimezone(TIME_ZONE)
        if at.date() != day:
            day = at.date()
            lines += [f"{at:%Y-%m-%d}", ""]
        lines += [f"{at:%H:%M} {_name(message)}:", *_body(message), ""]
    return "\n".join(lines)


def file_name(started: datetime) -> str:
    """The name the file is offered under."""
    return f"chatt-{started.astimezone(TIME_ZONE):%Y-%m-%d-%H%M}.txt"


def _name(message: Message) -> str:
    if message.author is Author.VISITOR:
        return texts.TRANSCRIPT_VISITOR
    return message.name or texts.TRANSCRIPT_SYSTEM


def _body(message: Message) -> Iterable[str]:
    if message.text:
        yield from message.text.splitlines()
    for button in message.buttons:
        yield f"  [{button.title}]"
    if message.card:
        yield from _card(message.card)


def _card(card: dict[str, Any]) -> Iterable[str]:
    if card.get("type") == "order_receipt":
        yield f"  {texts.TRANSCRIPT_ORDER}: {card['order_number']}"
        for line in card["lines"]:
            yield f"  {line['label']}: {line['value']}"
        if card.get("next_step"):
            yield f"  {card['next_step']}"
    elif card.get("type") == "card_report":
        for finding in card["findings"]:
            yield f"  - {finding['message']}"
    elif card.get("type") == "check_card":
        yield f"  {texts.TRANSCRIPT_CHECK_CARD}"
