"""Who watches what: the consoles' open streams, and what they are told.

Lists are read and written out once for all consoles, at most ten times a second, however much happens.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.gateway.conversation import Change
from bot.gateway.schemas import Message, State
from bot.gateway.staff.lists import Lists

_log = structlog.get_logger(__name__)
_CALM_SECONDS: Final = 0.1
_AGAIN_SECONDS: Final = 2.0
_KEPT: Final = 100


@dataclass(eq=False, slots=True)
class Console:
    """One open stream of a staff member, and the conversation it shows."""

    staff_id: str
    name: str
    conversation_id: str | None
    last: int = 0
    lists: bool = True
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=_KEPT))
    typing: bool | None = None
    stale: bool = True
    viewers: bool = True
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> bool:
        """Whether there was news within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self.news.wait()
        except TimeoutError:
            return False
        self.news.clear()
        return True


class Watch:
    """The open consoles of this process."""

    def __init__(self, read: Callable[[], Awaitable[Lists]]) -> None:
        self._read = read
        self._consoles: set[Console] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.lists = Lists(chats=[])
        self.lists_json = self.lists.model_dump_json()
        self.on_queue: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begins to keep the lists fresh."""
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Ends all streams and the keeping."""
        self.end_all()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def end_all(self) -> None:
        """The process stops: consoles connect again to the next one."""
        for console in self._consoles:
            console.ended = True
            console.news.set()

    def open(self, console: Console) -> None:
        """A new stream; give it to `close`."""
        self._consoles.add(console)
        self._tell_viewers(console.conversation_id)
        self._changed.set()

    def close(self, console: Console) -> None:
        """The stream has ended."""
        self._consoles.discard(console)
        self._tell_viewers(console.conversation_id)
        self._changed.set()

    def end_of(self, staff_id: str) -> None:
        """The staff member has signed out."""
        for console in self._consoles:
            if console.staff_id == staff_id:
                console.stale = True
                console.news.set()

    async def fresh(self) -> Lists:
        """The lists; read now when no console keeps them fresh."""
        return self.lists if self._consoles else await self._read()

    @property
    def online(self) -> set[str]:
        """The ids of those with an open console."""
        return {console.staff_id for console in self._consoles}

    def viewers(self, conversation_id: str) -> dict[str, str]:
        """Who looks at a conversation: name by id."""
        return {c.staff_id: c.name for c in self._consoles if c.conversation_id == conversation_id}

    def changed(self, conversation_id: str, change: Change) -> None:
        """A conversation has changed."""
        for console in self._consoles:
            if console.conversation_id == conversation_id:
                console.messages.extend(change.messages)
                told = (
                    change.state_changed or change.erased or any(message.card for message in change.messages)
                )
                console.stale = console.stale or told
                console.news.set()
        if change.queue_moved:
            self.on_queue()
        if self._consoles:
            self._changed.set()

    def visitor_types(self, conversation_id: str, *, active: bool) -> None:
        """The visitor writes, or has stopped."""
        for console in self._consoles:
            if console.conversation_id == conversation_id:
                console.typing = active
                console.news.set()

    def _tell_viewers(self, conversation_id: str | None) -> None:
        for console in self._consoles:
            if conversation_id and console.conversation_id == conversation_id:
                console.viewers = True
                console.news.set()

    async def _keep_fresh(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                lists = await self._read()
            except SQLAlchemyError as error:
                _log.error("database_failed", error=type(error).__name__)
                self._changed.set()
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            for chat in lists.chats:
                chat.viewers = list(self.viewers(chat.id).values())
            self.lists, self.lists_json = lists, lists.model_dump_json()
            for console in self._consoles:
                console.lists = True
                console.news.set()
            await asyncio.sleep(_CALM_SECONDS)


def waiting(lists: Lists) -> int:
    """How many wait."""
    return sum(chat.place == State.WAITING.value for chat in lists.chats)
