"""Rasa's message processor, changed where it loses messages or does needless work.

This file alone touches private methods of `MessageProcessor` (Rasa 3.6.21): its public ones cannot be told
that a turn failed. `tests/bot/engine/test_processor.py` fails when Rasa's versions of them change.
Differences:

- an action that fails makes the whole turn fail, so that nobody gets half an answer and the turn can be
  sent again;
- a message that begins with `/` is text, never an intent;
- an answer is never empty;
- events and answer are saved together, once, before the answer is returned;
- the answer ends with what the turn was about.
"""

from __future__ import annotations

import copy
import logging
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection, create_bot_utterance
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS, ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot.engine.archive import AnsweringStorage
from bot.engine.runner import PlainGraphRunner
from bot.engine.topics import topics_directive
from bot.engine.tracker import LiveTracker
from bot.engine.tracker_store import LiveTrackerStore

logger = logging.getLogger(__name__)

# Said when the dialogue has nothing to say, and when a turn fails for good.
EMPTY_RESPONSE = "utter_default"
FAILURE_RESPONSE = "utter_technical_error"
# What a failing action sets too: a "ja" to the apology means a person (`actions.base`).
_OFFER = SlotSet("pending_offer", "handoff_technical_error")
_SLASH_COMMANDS = "run_RegexMessageHandler"


class SupportProcessor(MessageProcessor):
    """Handles one message of one conversation; the caller holds the conversation's lock."""

    tracker_store: LiveTrackerStore

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), AnsweringStorage, PlainGraphRunner
            )
        metadata.nlu_target = understanding_node(metadata.predict_schema)
        return Path(model_path).name, metadata, runner

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """The answer to `message`, saved together with the turn's events.

        Raises:
            TurnUnavailableError: nothing was saved; the message may be sent again.
        """
        tracker = await self.log_message(message, should_save_tracker=False)
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        channel = message.output_channel
        if isinstance(channel, CollectingOutputChannel) and not channel.messages:
            await self._say(EMPTY_RESPONSE, tracker, channel)
        return await self._finish(message, tracker)

    async def apologise(self, message: UserMessage, error_number: str) -> list[dict[str, Any]] | None:
        """Records `message` and answers that something went wrong, without asking the dialogue.

        The answer offers a person, as that of a failing action does (`actions.base`); `error_number` is the
        one in the log.
        """
        unread = {"name": None, "confidence": 0.0}
        message.parse_data = {"intent": unread, "entities": [], "text": message.text or ""}
        if isinstance(message.output_channel, CollectingOutputChannel):
            message.output_channel.messages.clear()
        tracker = await self.log_message(message, should_save_tracker=False)
        await self._say(FAILURE_RESPONSE, tracker, message.output_channel, error_number=error_number)
        if _OFFER.key in tracker.slots:
            tracker.update_with_events([copy.copy(_OFFER)], self.domain)
        return await self._finish(message, tracker)

    async def _finish(
        self, message: UserMessage, tracker: DialogueStateTracker
    ) -> list[dict[str, Any]] | None:
        channel = message.output_channel
        messages = channel.messages if isinstance(channel, CollectingOutputChannel) else None
        turn = tracker.unsaved if isinstance(tracker, LiveTracker) else ()
        about = topics_directive(tracker.sender_id, turn, tracker.active_loop_name)
        if messages is not None and about:
            messages.append(about)
        await self.tracker_store.save_turn(tracker, sent_id(message), messages or [])
        return messages

    async def _say(
        self, response: str, tracker: DialogueStateTracker, channel: OutputChannel, **variables: str
    ) -> None:
        listening = tracker.latest_action_name == ACTION_LISTEN_NAME
        draft = await self.nlg.generate(response, tracker, channel.name(), **variables)
        utterance = create_bot_utterance({**(draft or {}), "utter_action": response})
        tracker.update_with_events([ActionExecuted(response), utterance], self.domain)
        if listening:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME), self.domain)
        await self._send_bot_messages([utterance], tracker, channel)

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """See `MessageProcessor`; without deep copies for a debug log."""
        action = self._get_action(ACTION_EXTRACT_SLOTS)
        events = await action.run(output_channel, self.nlg, tracker, self.domain)
        await self._send_bot_messages(events, tracker, output_channel)
        tracker.update_with_events(events, self.domain)
        return tracker

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        temporary = tracker.copy()
        temporary.update_with_events(prediction.events, self.domain)
        try:
            events = await action.run(output_channel, nlg, temporary, self.domain)
        except ActionExecutionRejection:
            rejection = ActionExecutionRejected(
                action.name(), prediction.policy_name, prediction.max_confidence
            )
            tracker.update(rejection)
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        if any(isinstance(event, UserUttered) for event in events or []):
            tracker = await self.run_action_extract_slots(output_channel, tracker)
        await self.execute_side_effects(events or [], tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)

    async def run_anonymization_pipeline(self, tracker: DialogueStateTracker) -> None:
        """Nothing to do: the gateway redacts before the engine sees a text."""

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        """Training checks intents and entities against the domain; Rasa builds a new domain each message
        to ask."""

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Slot values are not logged."""


def sent_id(message: UserMessage) -> str | None:
    """The id the sender gave the message; Rasa itself gives every message one."""
    return (message.metadata or {}).get("message_id")


def understanding_node(schema: GraphSchema) -> str | None:
    """The node whose output is the understood message, before Rasa turns `/name` into an intent."""
    node = schema.nodes.get(_SLASH_COMMANDS)
    return node.needs["messages"] if node else None
