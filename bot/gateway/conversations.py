"""What can be done with a conversation: the service behind the routes and the dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.gateway import conversation as log
from bot.gateway import jobs, metrics
from bot.gateway.conversation import Change, Conversation
from bot.gateway.database import Database
from bot.gateway.handoff import queue
from bot.gateway.hub import Hub
from bot.gateway.schemas import MessageList, Queue, State, Status
from bot.gateway.site import Site

T = TypeVar("T")


class Conversations:
    """Changes conversations, each change in one transaction, and tells open streams what was committed."""

    def __init__(self, database: Database, hub: Hub, site: Site) -> None:
        self._database = database
        self._hub = hub
        self._site = site
        self.on_jobs: Callable[[str, jobs.Job | None], None] = lambda _conversation_id, _first: None

    async def change(self, conversation_id: str, action: Callable[[Conversation], T]) -> T:
        """The result of `action` on the locked conversation, once it is committed and told."""

        def unit(connection: sa.Connection) -> tuple[T, Change]:
            conversation = log.lock(connection, conversation_id)
            result = action(conversation)
            return result, conversation.save()

        result, change = await self._database.write(unit)
        await self.tell(conversation_id, change)
        return result

    async def tell(self, conversation_id: str, change: Change) -> None:
        """Tells a committed change to streams and dispatcher."""
        self._hub.publish(conversation_id, change)
        for message in change.messages:
            metrics.MESSAGES.labels(message.author.value).inc()
        if change.queue_moved:
            await self._tell_queue()
        if change.jobs_added:
            self.on_jobs(conversation_id, change.jobs_added[0])

    async def messages(self, conversation_id: str, after: int) -> MessageList:
        """The log after a seq, and the present, of one moment."""

        def unit(connection: sa.Connection) -> MessageList:
            return MessageList(
                state=log.state_of(connection, conversation_id),
                pending=log.is_pending(connection, conversation_id),
                messages=log.messages_after(connection, conversation_id, after),
            )

        return await self._database.read(unit)

    async def status(self, conversation_id: str) -> Status:
        """The present of a conversation."""
        opening = await self._site.opening()

        def unit(connection: sa.Connection) -> Status:
            state = log.state_of(connection, conversation_id)
            place = queue.position(connection, conversation_id) if state is State.WAITING else None
            return Status(
                state=state,
                pending=log.is_pending(connection, conversation_id),
                queue=place
                and Queue(
                    position=place[0], waiting=place[1], open_now=opening.open_now, opening_text=opening.text
                ),
                staff_name=queue.staff_name(connection, conversation_id) if state is State.STAFF else None,
                contact_given=queue.has_contact(connection, conversation_id),
            )

        return await self._database.read(unit)

    async def ask_for_person(
        self, conversation_id: str, reason: str, summary: dict[str, Any] | None = None
    ) -> None:
        """Puts the conversation in the queue; nothing happens when it is there already."""
        opening = await self._site.opening()
        if await self.change(conversation_id, lambda locked: queue.ask(locked, reason, summary, opening)):
            metrics.HANDOFFS.labels(reason).inc()

    async def next_job(self, conversation_id: str) -> jobs.Job | None:
        """What the engine is to answer next."""
        return await self._database.read(lambda connection: jobs.next_job(connection, conversation_id))

    async def forgotten(self, job: jobs.Job) -> None:
        """An erased conversation is erased everywhere."""
        await self._database.write(lambda connection: jobs.take(connection, job.id))

    async def _tell_queue(self) -> None:
        for conversation_id in await self._database.read(queue.waiting_conversations):
            self._hub.status_changed(conversation_id)
