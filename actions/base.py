"""The base of every action: a failure is logged without the visitor's words, and answered."""

from __future__ import annotations

import logging
import uuid
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.turn import Turn

Events = list[dict[str, Any]]
log = logging.getLogger(__name__)


class SupportAction(Action, ABC):
    """An action that always answers.

    Subclasses implement `answer`. The class attribute `action_name` is its name in the domain.
    """

    action_name: str

    def name(self) -> str:
        """The action's name in the domain."""
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Answer; on failure say so and offer a person."""
        turn = Turn.of(tracker)
        try:
            return await self.answer(dispatcher, tracker, turn)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            number = uuid.uuid4().hex[:8]
            log.error("%s failed (%s): %s", self.name(), number, type(error).__name__)
            log.debug("%s", number, exc_info=error)
            dispatcher.utter_message(response="utter_technical_error", error_number=number)
            return [SlotSet("pending_offer", "handoff_technical_error")]

    @abstractmethod
    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Events:
        """Answer `turn`; what is returned are Rasa events."""
