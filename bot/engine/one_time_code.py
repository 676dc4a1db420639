"""The one-time code that a visitor types is seen by the actions of that turn and then by nobody.

The gateway lets the code through redaction after the bot has asked for it. Here it is replaced before the
turn is stored, in the live conversation too, so that neither later actions nor a repeated answer hold it.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered, deserialise_events

from bot.engine.tracker import LiveTracker

ASKED_FOR = "one_time_code"
DIRECTIVE = "expect_one_time_code"
HIDDEN = "••••••"
# Visitors who did not find their code may type this instead; as a slot it is no secret, and needed.
_CUSTOMER_NUMBER = "customer_number"
_CODE = re.compile(r"(?<!\d)\d{3}[\s\u00a0-]?\d{3}(?!\d)")


def hide_code(tracker: LiveTracker, messages: list[dict[str, Any]]) -> None:
    """Replaces a code typed in the unsaved turn: in its events and, in place, in its answer `messages`."""
    codes = _typed(tracker)
    if not codes:
        return
    spellings = {*codes, *(re.sub(r"\D", "", code) for code in codes)}
    secret = re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, spellings))})(?!\d)")
    new = {id(event) for event in tracker.unsaved}
    kept = [event for event in tracker.events if id(event) not in new]
    unsaved = deserialise_events([_hidden(event.as_dict(), secret) for event in tracker.unsaved])
    tracker.replace_events([*kept, *unsaved])
    tracker.unsaved = unsaved
    for event in unsaved:
        if isinstance(event, SlotSet):
            event.apply_to(tracker)
    tracker.latest_message = next(event for event in reversed(unsaved) if isinstance(event, UserUttered))
    messages[:] = _replaced(messages, secret)


def _typed(tracker: LiveTracker) -> list[str]:
    """What looks like a code in the messages of the unsaved turn that answer the question for one."""
    new = {
        id(event)
        for event in tracker.unsaved
        if event.type_name == UserUttered.type_name and _CODE.search(event.text or "")
    }
    if not new:
        return []
    found: list[str] = []
    form_asks = told_gateway = False
    for event in tracker.events:
        if isinstance(event, SlotSet) and event.key == REQUESTED_SLOT:
            form_asks = event.value == ASKED_FOR
        elif isinstance(event, BotUttered):
            told_gateway |= (event.data.get("custom") or {}).get("directive") == DIRECTIVE
        elif isinstance(event, UserUttered):
            if id(event) in new and (form_asks or told_gateway):
                found += _CODE.findall(event.text or "")
            told_gateway = False
    return found


def _hidden(event: dict[str, Any], secret: re.Pattern[str]) -> dict[str, Any]:
    if event["event"] == SlotSet.type_name and event["name"] == _CUSTOMER_NUMBER:
        return event
    hidden: dict[str, Any] = _replaced(event, secret)
    return hidden


def _replaced(value: Any, secret: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return secret.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {key: _replaced(item, secret) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, secret) for item in value]
    return value
