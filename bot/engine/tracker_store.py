"""Keeps live conversations in memory and every event in the database.

A message of a live conversation reads nothing: its tracker is at hand. When the turn is done its new events
and its answer go to the database in one transaction, and only then is the answer returned. After a restart,
or when a conversation has not been heard from for long, it is read back from its window
(`bot.engine.window`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.event_log import ANSWERS_KEPT, Answer, EventLog, Json, TurnRecord, Window
from bot.engine.one_time_code import hide_code
from bot.engine.settings import DEFAULT_TRACKER_URL, database_address
from bot.engine.tracker import LiveTracker
from bot.engine.window import shorten


@dataclass
class _Live:
    tracker: LiveTracker
    next_seq: int = 0
    answers: dict[str, list[Json]] = field(default_factory=dict)


class LiveTrackerStore(TrackerStore):
    """Rasa's tracker store, durable and of constant cost.

    The caller holds the conversation's lock between `retrieve` and `save`. The tracker that `retrieve`
    gives is the live one: after a failed turn call `forget`, and the next `retrieve` reads the last saved
    state.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str = DEFAULT_TRACKER_URL,
        live: int = 500,
        shared: bool = False,
        **kwargs: Any,
    ) -> None:
        """`host` is the database address; at most `live` conversations stay in memory.

        With `shared` other engines write to the same database, and a live tracker is checked against it
        first.
        """
        super().__init__(domain, event_broker, **kwargs)
        self._log = EventLog(database_address(host))
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._most_live = live
        self._shared = shared

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The live tracker of the conversation, or None if nothing of it is stored.

        Raises:
            StoreUnavailableError: it had to be read from the database and that failed.
        """
        conversation = await self._conversation(sender_id)
        return conversation.tracker if conversation else None

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new tracker, listening if `append_action_listen`; it is stored with its first turn."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """A tracker of the current domain that nothing is known of."""
        return LiveTracker(sender_id, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores the tracker's new events; see `save_turn`."""
        await self.save_turn(tracker, None, [])

    async def save_turn(
        self, tracker: DialogueStateTracker, message_id: str | None, messages: list[Json]
    ) -> None:
        """Stores new events, and `messages` as the answer to `message_id`, in one transaction.

        A one-time code that the visitor typed is replaced in all of them first.

        Raises:
            StaleConversationError: another engine handled the conversation meanwhile.
            StoreUnavailableError: the database refused. In both cases nothing was stored.
        """
        if not isinstance(tracker, LiveTracker):
            raise TypeError("only trackers of this store can be saved in it")
        hide_code(tracker, messages)
        conversation = self._live.get(tracker.sender_id)
        if conversation is None or conversation.tracker is not tracker:
            conversation = _Live(tracker)
        last_seq = conversation.next_seq + len(tracker.unsaved)
        answer = Answer(message_id, last_seq, messages) if message_id else None
        window = self._shorten(tracker, last_seq)
        record = TurnRecord(
            tracker.sender_id,
            conversation.next_seq,
            [event.as_dict() for event in tracker.unsaved],
            answer,
            window,
        )
        await self._log.append(record)
        tracker.unsaved.clear()
        conversation.next_seq = last_seq
        if answer:
            conversation.answers[answer.message_id] = answer.messages
            while len(conversation.answers) > ANSWERS_KEPT:
                del conversation.answers[next(iter(conversation.answers))]
        self._keep(tracker.sender_id, conversation)

    async def answer_to(self, sender_id: str, message_id: str) -> list[Json] | None:
        """What this message was answered, or None if it has not been answered."""
        conversation = await self._conversation(sender_id)
        return conversation.answers.get(message_id) if conversation else None

    def forget(self, sender_id: str) -> None:
        """Drops the live tracker; the conversation is as it was last saved."""
        self._live.pop(sender_id, None)

    async def erase(self, sender_id: str) -> None:
        """Removes every trace of the conversation, in memory and in the database."""
        self.forget(sender_id)
        await self._log.erase(sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """A tracker of every event since the conversation began, apart from the live one."""
        stored = await self._log.all_events(conversation_id)
        return self._replay(conversation_id, stored) if stored else None

    async def keys(self) -> Iterable[str]:
        """The ids of all stored conversations."""
        return await self._log.senders()

    def close(self) -> None:
        """Waits for what is being written and disconnects."""
        self._log.close()

    async def _conversation(self, sender_id: str) -> _Live | None:
        conversation = self._live.get(sender_id)
        if conversation and self._shared and await self._log.next_seq(sender_id) != conversation.next_seq:
            conversation = None
        if conversation is None:
            conversation = await self._read(sender_id)
        if conversation:
            self._keep(sender_id, conversation)
        return conversation

    async def _read(self, sender_id: str) -> _Live | None:
        stored = await self._log.load(sender_id)
        if stored is None:
            return None
        answers = {answer.message_id: answer.messages for answer in stored.answers}
        return _Live(self._replay(sender_id, stored.events), stored.next_seq, answers)

    def _replay(self, sender_id: str, stored: list[Json]) -> LiveTracker:
        tracker = LiveTracker(sender_id, self.domain.slots)
        for event in deserialise_events(stored):
            tracker.update(event)
        tracker.unsaved.clear()
        return tracker

    def _shorten(self, tracker: LiveTracker, next_seq: int) -> Window | None:
        shorter = shorten(tracker)
        if shorter is None:
            return None
        head, kept = shorter
        tracker.replace_events([*head, *list(tracker.events)[-kept:]])
        return Window(next_seq - kept, [event.as_dict() for event in head])

    def _keep(self, sender_id: str, conversation: _Live) -> None:
        self._live[sender_id] = conversation
        self._live.move_to_end(sender_id)
        while len(self._live) > self._most_live:
            self._live.popitem(last=False)
