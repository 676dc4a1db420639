"""Erases chats past their time, each night; a chat on legal hold stays."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.gateway import erasure
from bot.gateway.conversation import Conversation, now
from bot.gateway.conversations import Conversations
from bot.gateway.database import Database
from bot.gateway.errors import ConversationNotFound
from bot.gateway.hours import TIME_ZONE
from bot.gateway.schemas import State
from bot.gateway.staff import audit
from bot.gateway.staff.errors import LegalHold
from bot.gateway.staff.settings import StaffSettings
from bot.gateway.tables import conversations, handoffs

_log = structlog.get_logger(__name__)


class Retention:
    """Runs once when the gateway starts (it may have been down last night), then each night."""

    def __init__(self, settings: StaffSettings, database: Database, chats: Conversations) -> None:
        self._settings = settings
        self._database = database
        self._chats = chats
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._task = asyncio.create_task(self._nightly())

    async def stop(self) -> None:
        """Ends; what is left is erased at the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _nightly(self) -> None:
        while True:
            try:
                count = await self.run()
                _log.info("retention_done", erased=count)
            except SQLAlchemyError as error:
                _log.error("retention_failed", error=type(error).__name__)
            await asyncio.sleep(seconds_until(self._settings.retention_hour, datetime.now(TIME_ZONE)))

    async def run(self) -> int:
        """Erases what is past its time; how many chats it was."""
        erased = 0
        for conversation_id in await self._database.read(self._past_time):
            try:
                await self._chats.change(conversation_id, _erase)
            except (ConversationNotFound, LegalHold):
                continue  # its visitor, or a supervisor, was quicker
            erased += 1
        return erased

    def _past_time(self, connection: sa.Connection) -> list[str]:
        anonymous = now() - timedelta(days=self._settings.retention_anonymous_days)
        verified = now() - timedelta(days=self._settings.retention_verified_days)
        waits = sa.select(handoffs.c.id).where(
            handoffs.c.conversation_id == conversations.c.id, handoffs.c.ended_at.is_(None)
        )
        query = sa.select(conversations.c.id).where(
            conversations.c.erased_at.is_(None),
            conversations.c.legal_hold.is_(False),
            conversations.c.state.in_([State.BOT.value, State.CLOSED.value]),
            conversations.c.updated_at
            < sa.case((conversations.c.customer_number.is_(None), anonymous), else_=verified),
            ~waits.exists(),  # nobody who waits for a call is forgotten
        )
        return list(connection.execute(query).scalars())


def seconds_until(hour: int, local: datetime) -> float:
    """Seconds from a Swedish local time to the next time the clock shows `hour`."""
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if at <= local:
        at += timedelta(days=1)
    return at.timestamp() - local.timestamp()


def _erase(conversation: Conversation) -> None:
    erasure.erase(conversation)
    audit.note(conversation.connection, "retention", username="gateway", conversation_id=conversation.id)
