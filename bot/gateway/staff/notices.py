"""Tells webhook and e-mail of a chat that waits. What was told is in the database: a restart loses none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Final

import httpx
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.orders.errors import DeliveryFailed, OrderStoreError
from actions.orders.mail import open_mailer
from actions.orders.settings import load_settings
from bot.gateway.conversation import now
from bot.gateway.database import Database
from bot.gateway.staff import texts
from bot.gateway.staff.settings import StaffSettings
from bot.gateway.staff.tables import notices
from bot.gateway.tables import handoffs

_log = structlog.get_logger(__name__)
_TIMEOUT_SECONDS: Final = 10
_FIRST_WAIT: Final = 2.0
_LONGEST_WAIT: Final = 300.0
_OLD: Final = timedelta(days=1)
"""Nobody is told of a chat that has waited longer: the channel was down, and the queue itself tells."""


class NoticeFailed(Exception):
    """The channel did not take it."""


class Notices:
    """Sends what has not been sent, when something begins to wait and after a failure."""

    def __init__(self, settings: StaffSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._channels = {
            name: send
            for name, send, on in (
                ("webhook", self._post, settings.webhook_url.get_secret_value()),
                ("email", self._mail, settings.notice_email),
            )
            if on
        }

    def wake(self) -> None:
        """The queue has changed."""
        self._news.set()

    def start(self) -> None:
        """Sends what was left, then waits; nothing to do when no channel is set."""
        if self._channels:
            self._news.set()
            self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Ends; what is not sent is sent at the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        wait = _FIRST_WAIT
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                for name, send in self._channels.items():
                    for handoff_id, reason, length in await self._database.read(_unsent(name)):
                        await send(reason, length)
                        await self._database.write(_sent(handoff_id, name))
                wait = _FIRST_WAIT
            except (NoticeFailed, SQLAlchemyError) as error:
                _log.warning("staff_notice_failed", error=type(error).__name__, cause=str(error.__cause__))
                self._news.set()
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)

    def _text(self, reason: str, length: int) -> str:
        said = texts.NEW_CHAT.format(reason=texts.REASONS.get(reason, reason), waiting=length)
        url = self._settings.url
        return f"{said} {texts.OPEN_CONSOLE.format(url=url)}" if url else said

    async def _post(self, reason: str, length: int) -> None:
        text = self._text(reason, length)
        body = teams_card(text) if self._settings.webhook_format == "teams" else {"text": text}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.post(self._settings.webhook_url.get_secret_value(), json=body)
        except httpx.HTTPError as error:
            raise NoticeFailed from error
        if not answer.is_success:
            raise NoticeFailed from RuntimeError(f"status {answer.status_code}")

    async def _mail(self, reason: str, length: int) -> None:
        try:
            orders = load_settings()
            message = EmailMessage()
            message["From"] = orders.mail_from
            message["To"] = self._settings.notice_email
            message["Subject"] = texts.NEW_CHAT_SUBJECT
            message.set_content(self._text(reason, length))
            await asyncio.to_thread(open_mailer(orders.mail_url.get_secret_value()).send, message)
        except (DeliveryFailed, OrderStoreError) as error:
            raise NoticeFailed from error


def teams_card(text: str) -> dict[str, Any]:
    """The message as a Teams workflow takes it: an adaptive card."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _unsent(channel: str) -> Any:
    def unit(connection: sa.Connection) -> list[tuple[int, str, int]]:
        waits = sa.and_(handoffs.c.ended_at.is_(None), handoffs.c.taken_at.is_(None))
        told = sa.select(notices.c.handoff_id).where(
            notices.c.handoff_id == handoffs.c.id, notices.c.channel == channel
        )
        rows = connection.execute(
            sa.select(handoffs.c.id, handoffs.c.reason)
            .where(waits, handoffs.c.requested_at > now() - _OLD, ~told.exists())
            .order_by(handoffs.c.id)
        ).all()
        length = connection.execute(
            sa.select(sa.func.count()).select_from(handoffs).where(waits)
        ).scalar_one()
        return [(row.id, row.reason, length) for row in rows]

    return unit


def _sent(handoff_id: int, channel: str) -> Any:
    def unit(connection: sa.Connection) -> None:
        still = connection.execute(sa.select(handoffs.c.id).where(handoffs.c.id == handoff_id)).first()
        if still:  # not erased in the meantime
            connection.execute(
                sa.insert(notices).values(handoff_id=handoff_id, channel=channel, sent_at=now())
            )

    return unit
