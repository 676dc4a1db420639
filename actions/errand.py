"""The answers of one errand while a turn is worked on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet

from actions.base import Events
from actions.loop import REQUESTED_SLOT


class Errand:
    """A working copy of the slots; what was changed becomes events.

    Args:
        conversation: the conversation's id, to which verification is bound.
        slots: the tracker's slots.
    """

    def __init__(self, conversation: str, slots: Mapping[str, Any]) -> None:
        self.conversation = conversation
        self._slots = dict(slots)
        self._changed: dict[str, Any] = {}

    def __getitem__(self, slot: str) -> Any:
        return self._slots.get(slot)

    def __setitem__(self, slot: str, value: Any) -> None:
        if self._slots.get(slot) != value:
            self._slots[slot] = self._changed[slot] = value

    def clear(self, *slots: str) -> None:
        """Forget these answers."""
        for slot in slots:
            self[slot] = None

    def events(self, asking: str | None) -> Events:
        """The changed slots, and the question that is open now (None ends the form)."""
        return [
            *(SlotSet(name, value) for name, value in self._changed.items()),
            SlotSet(REQUESTED_SLOT, asking),
        ]
