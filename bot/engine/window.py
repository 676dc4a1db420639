"""Cuts a live conversation's history so that a message costs the same at turn 400 as at turn 10.

Policies walk over all remembered events several times a message. What they can still ask for is bounded: the
longest rule, the memorised turns, two turns to go back. So the oldest events give way to what Rasa itself
writes when a session is renewed: a session start, the slots as they were, and the loop that was open.
Replaying the shortened history gives the same state. Every event stays in the database.
"""

from __future__ import annotations

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

# At this many events the history is cut down to the last `KEEP` (about six turns), at the start of a turn.
LIMIT = 100
KEEP = 50


def shorten(tracker: DialogueStateTracker) -> tuple[list[Event], int] | None:
    """The head that replaces the oldest events and how many of the last events stay; None if short enough."""
    events = list(tracker.events)
    if len(events) <= LIMIT:
        return None
    cut = _turn_start(events, len(events) - KEEP)
    if cut is None:
        return None
    return _head(tracker, events[:cut]), len(events) - cut


def _turn_start(events: list[Event], latest: int) -> int | None:
    """The last place at or before `latest` where the bot began to listen."""
    for index in range(latest, 0, -1):
        event = events[index]
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME:
            return index
    return None


def _head(tracker: DialogueStateTracker, old: list[Event]) -> list[Event]:
    past = tracker.init_copy()
    for event in old:
        past.update(event)
    when = old[-1].timestamp
    head: list[Event] = [SessionStarted(timestamp=when)]
    head += [
        SlotSet(name, slot.value, timestamp=when) for name, slot in past.slots.items() if slot.has_been_set
    ]
    if past.active_loop_name:
        head.append(ActiveLoop(past.active_loop_name, timestamp=when))
    return head
