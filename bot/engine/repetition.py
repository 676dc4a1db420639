"""Whether an answer is the one just given: who asks on has to see that the new question was read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rasa.shared.core.events import BotUttered, Event, UserUttered

# Answers to questions; what a task asks or does may come again as it is.
_ANSWERS = ("utter_faq/", "utter_offices_")
# Who asks for it wants the same words again.
_REPEAT = "repeat"
_WORD = re.compile(r"\w+")


def times_said(events: Iterable[Event], response: str) -> int:
    """To how many messages in a row, up to the one being answered, `response` was an answer.

    0 for what is no answer, and where the visitor wrote the same again or asked to hear it again.

    Args:
        events: those of the conversation, newest first.
    """
    if not response.startswith(_ANSWERS):
        return 0
    latest: UserUttered | None = None
    times, said = 0, False
    for event in events:
        if event.type_name == BotUttered.type_name:
            said = said or event.metadata.get("utter_action") == response
        elif event.type_name == UserUttered.type_name:
            if latest is None:
                if event.intent_name == _REPEAT:
                    return 0
                latest = event
            elif not said or (not times and _words(event) == _words(latest)):
                return times
            else:
                times += 1
            said = False
    return times


def _words(message: UserUttered) -> list[str]:
    return _WORD.findall((message.text or "").casefold())
