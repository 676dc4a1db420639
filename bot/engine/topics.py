"""What a turn was about, for the gateway's figures (docs/architecture.md, directive `topics`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, UserUttered

from bot.nlu.classifier import TALK

_TITLES = Path(__file__).parents[2] / "data" / "catalogue" / "titles.yml"
_QUESTION = "faq/"


def topics_directive(sender_id: str, turn: Iterable[Event], loop: str | None) -> dict[str, Any] | None:
    """The directive that names what a turn served; None when that is nothing with a title.

    Questions that were answered, the form that was begun, and the task that the message named, unless `loop`,
    the form that is open now, was open before: an answer to its question says little about what is wanted.
    """
    turn = list(turn)
    served = [
        str(event.metadata.get("utter_action")).removeprefix("utter_")
        for event in turn
        if isinstance(event, BotUttered)
    ]
    loops = [event.name for event in turn if isinstance(event, ActiveLoop)]
    found = [label for label in served if label.startswith(_QUESTION)]
    found += [form.removesuffix("_form") for form in loops if form]
    if any(loops) or not (loops or loop):
        found += [label for label in _named(turn) if not label.startswith(_QUESTION)]
    labels = [label for label in dict.fromkeys(found) if label in _counted()]
    if not labels:
        return None
    return {"recipient_id": sender_id, "custom": {"directive": "topics", "labels": labels}}


def _named(turn: Iterable[Event]) -> list[str]:
    said = [event.parse_data for event in turn if isinstance(event, UserUttered)]
    return [
        label
        for parsed in said
        for label in ((parsed.get("intent") or {}).get("name"), *(parsed.get("topics") or ()))
        if label
    ]


@cache
def _counted() -> frozenset[str]:
    """Every label with a title that is a question or a task, not talk."""
    return frozenset(yaml.safe_load(_TITLES.read_text(encoding="utf-8"))) - TALK
