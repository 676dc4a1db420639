"""Tells open event streams that a conversation has changed.

Messages are handed over directly when they follow the last one sent; in any other case the stream reads the
log from where it is. So a stream that was slow, or two changes told in the wrong order, cannot lose or double
anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Protocol

from bot.gateway.conversation import Change
from bot.gateway.schemas import Message, Typing

_MESSAGES_KEPT = 50


@dataclass(eq=False, slots=True)
class Subscriber:
    """One open stream: what it has still to look at."""

    address: str | None
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=_MESSAGES_KEPT))
    typing: Typing | None = None
    status_stale: bool = False
    ended: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something to look at."""
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """Whether there was news within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Watcher(Protocol):
    """Somebody who is told of every conversation: the staff consoles."""

    def changed(self, conversation_id: str, change: Change) -> None:
        """A change was committed."""

    def visitor_types(self, conversation_id: str, *, active: bool) -> None:
        """The visitor writes, or has stopped."""

    def end_all(self) -> None:
        """The process stops."""


class Hub:
    """The open streams of this process, by conversation."""

    def __init__(self) -> None:
        self._streams: dict[str, set[Subscriber]] = {}
        self.count = 0
        self.by_address: Counter[str] = Counter()
        self.watchers: list[Watcher] = []

    def subscribe(self, conversation_id: str, address: str | None) -> Subscriber:
        """A new stream; it must be given to `unsubscribe`."""
        subscriber = Subscriber(address)
        self._streams.setdefault(conversation_id, set()).add(subscriber)
        self.count += 1
        if address is not None:
            self.by_address[address] += 1
        return subscriber

    def unsubscribe(self, conversation_id: str, subscriber: Subscriber) -> None:
        """The stream has ended."""
        streams = self._streams.get(conversation_id, set())
        if subscriber in streams:
            streams.remove(subscriber)
            self.count -= 1
            self._leave_address(subscriber.address)
        if not streams:
            self._streams.pop(conversation_id, None)

    def _leave_address(self, address: str | None) -> None:
        if address is not None:
            self.by_address[address] -= 1
            if not self.by_address[address]:
                del self.by_address[address]

    def open_streams(self, conversation_id: str) -> int:
        """How many streams of this conversation are open."""
        return len(self._streams.get(conversation_id, ()))

    def publish(self, conversation_id: str, change: Change) -> None:
        """Tells what was committed."""
        for subscriber in self._streams.get(conversation_id, ()):
            subscriber.messages.extend(change.messages)
            subscriber.status_stale = subscriber.status_stale or change.state_changed
            subscriber.ended = subscriber.ended or change.erased
            subscriber.wake()
        for watcher in self.watchers:
            watcher.changed(conversation_id, change)

    def publish_typing(self, conversation_id: str, typing: Typing) -> None:
        """Tells that somebody writes, or has stopped."""
        for subscriber in self._streams.get(conversation_id, ()):
            subscriber.typing = typing
            subscriber.wake()

    def publish_visitor_typing(self, conversation_id: str, *, active: bool) -> None:
        """Tells staff that the visitor writes, or has stopped."""
        for watcher in self.watchers:
            watcher.visitor_types(conversation_id, active=active)

    def watched(self) -> list[str]:
        """The conversations that somebody watches."""
        return list(self._streams)

    def status_changed(self, conversation_id: str) -> None:
        """The place in the queue may be another."""
        for subscriber in self._streams.get(conversation_id, ()):
            subscriber.status_stale = True
            subscriber.wake()

    def end_all(self) -> None:
        """The process stops: streams end at once, and their clients connect again to the next one."""
        for streams in self._streams.values():
            for subscriber in streams:
                subscriber.ended = True
                subscriber.wake()
        for watcher in self.watchers:
            watcher.end_all()
