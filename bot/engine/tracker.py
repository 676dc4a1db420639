"""The state of one live conversation."""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

# What actions are sent: the events since this many messages of the visitor. Enough to see the message they
# answer, its metadata and what was asked before it; everything older is in slots.
POSTED_MESSAGES = 6
# Events after which other events count than before. A loop that opens makes its earlier runs count otherwise.
_REWRITING = (Restarted, SessionStarted, ActionReverted, UserUtteranceReverted, ActiveLoop)


class LiveTracker(DialogueStateTracker):
    """A tracker that knows which events are not yet stored and that can be copied without a replay."""

    def __init__(
        self, sender_id: str, slots: Any, max_event_history: int | None = None, **kwargs: Any
    ) -> None:
        """See `DialogueStateTracker`; `max_event_history` stays unset, the store cuts at a safe place."""
        super().__init__(sender_id, slots, max_event_history, **kwargs)
        self.unsaved: list[Event] = []
        self._applied: list[Event] | None = None
        self._loops: set[str] = set()

    def update(self, event: Event, domain: Domain | None = None) -> None:
        """Applies and remembers `event`; it is stored when the turn is saved."""
        if self._applied is not None:
            self._applied = [*self._applied, event] if self._only_adds(event) else None
        self.unsaved.append(event)
        super().update(event, domain)

    def _only_adds(self, event: Event) -> bool:
        """Whether `event` leaves the events before it applied as they were (see `applied_events`)."""
        if isinstance(event, ActionExecuted):
            return event.action_name not in self._loops
        return not isinstance(event, _REWRITING)

    def replace_events(self, events: list[Event]) -> None:
        """Shortens the remembered history; the current state stays as it is."""
        self._applied = None
        self.events = deque(events)

    def applied_events(self) -> list[Event]:
        """The events that count (nothing reverted), worked out once for each new event."""
        if self._applied is None:
            self._loops = {
                event.name for event in self.events if isinstance(event, ActiveLoop) and event.name
            }
            self._applied = super().applied_events()
        return list(self._applied)

    def init_copy(self) -> DialogueStateTracker:
        """A tracker of the same conversation with nothing said and every slot as at its beginning."""
        blank = DialogueStateTracker(self.sender_id, [], is_rule_tracker=self.is_rule_tracker)
        blank.slots = _copy_slots(self.slots)
        for slot in blank.slots.values():
            slot.reset()
        return blank

    def copy(self) -> LiveTracker:
        """A tracker with the same state and events; changes to it do not reach this one."""
        twin = copy.copy(self)
        twin.events = self.events.copy()
        twin.slots = _copy_slots(self.slots)
        twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        twin.unsaved = []
        return twin

    def current_state(self, event_verbosity: EventVerbosity = EventVerbosity.NONE) -> dict[str, Any]:
        """The state as JSON; at verbosity ALL the events since the visitor's last `POSTED_MESSAGES`
        messages."""
        if event_verbosity is not EventVerbosity.ALL:
            return super().current_state(event_verbosity)
        state = super().current_state(EventVerbosity.NONE)
        state["events"] = [event.as_dict() for event in self._recent_events()]
        return state

    def _recent_events(self) -> list[Event]:
        events = list(self.events)
        messages = 0
        for index in range(len(events) - 1, -1, -1):
            messages += events[index].type_name == UserUttered.type_name
            if messages == POSTED_MESSAGES:
                return events[index:]
        return events


def _copy_slots(slots: dict[str, Slot]) -> dict[str, Slot]:
    copies = {}
    for name, slot in slots.items():
        twin = object.__new__(type(slot))
        twin.__dict__.update(slot.__dict__)
        copies[name] = twin
    return copies
