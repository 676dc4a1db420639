"""Takes the visitors' messages to the engine and its answers to the log.

One worker a conversation, and only while it has something to answer: so messages are answered in order, never
two at once in the engine, and no conversation holds up another.

Exactly once: a job is deleted in the transaction that writes its answer, so an answer is in the log once or
not yet. When the process dies between the engine's answer and that transaction, the job is sent again with
the same `message_id`, by which the engine recognises a message it has answered (docs/operations.md).
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.gateway import answers, jobs, metrics, texts
from bot.gateway.conversation import Conversation
from bot.gateway.conversations import Conversations
from bot.gateway.engine import Engine, EngineError, EngineReply
from bot.gateway.errors import ConversationNotFound
from bot.gateway.handoff.requests import asks_for_person
from bot.gateway.hub import Hub
from bot.gateway.jobs import FORGET, SESSION_START, Job
from bot.gateway.orders import Orders
from bot.gateway.schemas import Author, State, Typing
from bot.gateway.secrets_at_rest import CodeBox
from bot.gateway.settings import Settings
from bot.gateway.site import Site

_log = structlog.get_logger(__name__)

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0
_LONGEST_WAIT_UNREACHABLE = 30.0
_BLAME_AFTER_TRIES = 4
_GREETING_SECONDS = 2.5


class Dispatcher:
    """Runs the workers of this process."""

    def __init__(  # noqa: PLR0917 - wired in one place, by type
        self,
        settings: Settings,
        conversations: Conversations,
        engine: Engine,
        orders: Orders,
        hub: Hub,
        site: Site,
        codes: CodeBox,
    ) -> None:
        self._settings = settings
        self._conversations = conversations
        self._engine = engine
        self._orders = orders
        self._hub = hub
        self._site = site
        self._codes = codes
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._notices: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self, conversation_id: str, first: Job | None = None) -> None:
        """There is something to answer in this conversation: `first`, unless it is busy already."""
        if self._stopping:
            return
        if conversation_id in self._workers:
            self._again.add(conversation_id)
        else:
            self._workers[conversation_id] = asyncio.create_task(self._work(conversation_id, first))

    async def stop(self) -> None:
        """Ends all workers at once; what they have not answered is resumed at the next start."""
        self._stopping = True
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, conversation_id: str, job: Job | None) -> None:
        wait = _FIRST_WAIT
        try:
            while True:
                self._again.discard(conversation_id)
                try:
                    job = job or await self._conversations.next_job(conversation_id)
                    job = job and await self._answer(job)
                    wait = _FIRST_WAIT
                except Exception as error:  # noqa: BLE001 - boundary of the worker: its queue must not stand still
                    _log.error("worker_failed", conversation=conversation_id, error=type(error).__name__)
                    job = None
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, _LONGEST_WAIT)
                    continue
                if job is None and conversation_id not in self._again:
                    return
        finally:
            del self._workers[conversation_id]

    async def _answer(self, job: Job) -> Job | None:
        """Asks the engine until it answers, or the job is dropped or given up. Returns the next job."""
        if job.event == FORGET:
            await self._forget(job)
            return None
        self._typing(job.conversation_id, active=True)
        late = asyncio.get_running_loop().call_later(
            self._settings.late_notice_seconds, self._start_notice, job
        )
        try:
            replies = await (self._greeting(job) if job.event == SESSION_START else self._ask(job))
            return await self._write(job, replies)
        except ConversationNotFound:
            return None  # erased in the meantime, and its jobs with it
        finally:
            late.cancel()
            self._typing(job.conversation_id, active=False)

    async def _forget(self, job: Job) -> None:
        """Erasing reaches the engine and the order store too, whenever they can be reached."""
        await self._orders.forget(job.conversation_id)
        wait = _FIRST_WAIT
        while not await self._engine.forget(job.conversation_id):
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_UNREACHABLE)
        await self._conversations.forgotten(job)

    async def _greeting(self, job: Job) -> list[EngineReply]:
        """The engine's greeting, or soon enough the gateway's own."""
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                return await self._engine.ask(job.conversation_id, "", self._metadata(job))
        except (EngineError, TimeoutError) as error:
            metrics.ENGINE_FAILURES.labels(getattr(error, "reason", "timeout")).inc()
            return [EngineReply(text=texts.GREETING)]

    async def _ask(self, job: Job) -> list[EngineReply] | None:
        """The engine's answer, however long it takes; None when it is given up or not wanted any more."""
        wait, tries, blame_since = _FIRST_WAIT, 0, monotonic()
        while True:
            try:
                return await self._engine.ask(job.conversation_id, self._text(job), self._metadata(job))
            except EngineError as error:
                metrics.ENGINE_FAILURES.labels(error.reason).inc()
                _log.warning(
                    "engine_failed", conversation=job.conversation_id, seq=job.seq, reason=error.reason
                )
                if error.unreachable:
                    tries, blame_since = 0, monotonic()
                    await self._offer_person_at_once(job)
                    await self._engine.wait_until_up(_LONGEST_WAIT_UNREACHABLE)
                else:
                    tries += 1
                    await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries
                    wait = min(wait * 2, _LONGEST_WAIT)
            if tries >= _BLAME_AFTER_TRIES and monotonic() - blame_since > self._settings.give_up_seconds:
                return None
            if not await self._still_wanted(job):
                return None

    async def _write(self, job: Job, replies: list[EngineReply] | None) -> Job | None:
        opening = await self._site.opening()

        def action(conversation: Conversation) -> tuple[bool, Job | None]:
            wanted = jobs.take(conversation.connection, job.id)
            if wanted and replies is None:
                conversation.append(Author.SYSTEM, texts.GAVE_UP, buttons=[answers.HUMAN_BUTTON])
            elif wanted and conversation.state is State.BOT:
                answers.write_answer(conversation, replies or (), self._settings.bot_name, opening)
            else:
                answers.write_receipts(conversation, replies or ())
            return wanted, jobs.next_job(conversation.connection, conversation.id)

        answered, following = await self._conversations.change(job.conversation_id, action)
        if answered and replies is None:
            metrics.UNANSWERED.inc()
            _log.error("message_given_up", conversation=job.conversation_id, seq=job.seq)
        elif answered and job.seq is not None:
            metrics.ANSWER_SECONDS.observe((datetime.now(UTC) - job.created_at).total_seconds())
        return following

    async def _still_wanted(self, job: Job) -> bool:
        current = await self._conversations.next_job(job.conversation_id)
        return current is not None and current.id == job.id

    async def _offer_person_at_once(self, job: Job) -> None:
        """A visitor who asks for a person while the engine is away need not wait for it to understand."""
        if job.event is None and asks_for_person(job.text):
            await self._conversations.ask_for_person(job.conversation_id, "visitor_asked")

    def _start_notice(self, job: Job) -> None:
        notice = asyncio.create_task(self._tell_late(job))
        self._notices.add(notice)
        notice.add_done_callback(self._notices.discard)

    async def _tell_late(self, job: Job) -> None:
        def action(conversation: Conversation) -> bool:
            late = jobs.mark_late(conversation.connection, conversation.id, job.id)
            if late:
                conversation.append(Author.SYSTEM, texts.LATE, buttons=[answers.HUMAN_BUTTON])
            return late

        try:
            if await self._conversations.change(job.conversation_id, action):
                metrics.LATE.inc()
        except (ConversationNotFound, SQLAlchemyError) as error:
            _log.warning("late_notice_failed", conversation=job.conversation_id, error=type(error).__name__)

    def _text(self, job: Job) -> str:
        code = self._codes.open(job.secret) if job.secret else None
        return code or job.text

    def _metadata(self, job: Job) -> dict[str, Any]:
        metadata: dict[str, Any] = {"message_id": job.message_id, **(job.details or {})}
        if job.event:
            metadata["event"] = job.event
        if job.customer:
            metadata["customer"] = job.customer
        return metadata

    def _typing(self, conversation_id: str, *, active: bool) -> None:
        self._hub.publish_typing(
            conversation_id, Typing(author="bot", name=self._settings.bot_name, active=active)
        )
