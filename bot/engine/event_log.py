"""The durable log of conversations: SQLite or PostgreSQL, written by one thread, many turns a transaction.

While a commit waits for the disk the turns that finish meanwhile gather, and the next commit takes them
all. A turn's future is resolved after its commit, so an answer never leaves before its events are safe.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.engine import tables
from bot.engine.errors import StaleConversationError, StoreUnavailableError

Json = dict[str, Any]
# A message is sent again within seconds; this many answers back is plenty, and bounds the table.
ANSWERS_KEPT = 50
_MOST_TURNS_A_COMMIT = 64


@dataclass(frozen=True)
class Answer:
    """What a message with an id was answered."""

    message_id: str
    seq: int
    messages: list[Json]


@dataclass(frozen=True)
class TurnRecord:
    """What one turn adds: its events from `first_seq` on, its answer, and the new window if it was cut."""

    sender_id: str
    first_seq: int
    events: Sequence[Json]
    answer: Answer | None = None
    window: Window | None = None


@dataclass(frozen=True)
class Window:
    """A conversation's history begins with `head`, followed by the events from `first_seq`."""

    first_seq: int
    head: Sequence[Json]


@dataclass(frozen=True)
class StoredConversation:
    """What is read back: the window's events, the next free sequence number and the latest answers."""

    events: list[Json]
    next_seq: int
    answers: list[Answer]


class EventLog:
    """Append-only store of conversations; every coroutine leaves the event loop free."""

    def __init__(self, url: str) -> None:
        """Connects and creates missing tables.

        Raises:
            SQLAlchemyError: the database cannot be reached.
        """
        self._engine = _connect(url)
        tables.metadata.create_all(self._engine)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_forever, name="event-log", daemon=True)
        self._writer.start()

    async def append(self, record: TurnRecord) -> None:
        """Returns when the turn is on disk.

        Raises:
            StaleConversationError: another process wrote these sequence numbers or this answer.
            StoreUnavailableError: the database refused.
        """
        job = _Job(record, Future())
        self._jobs.put(job)
        await asyncio.wrap_future(job.done)

    async def load(self, sender_id: str) -> StoredConversation | None:
        """The conversation's window, or None if it is unknown.

        Raises:
            StoreUnavailableError: the database refused.
        """
        return await self._read(_load, sender_id)

    async def all_events(self, sender_id: str) -> list[Json]:
        """Every event since the conversation began."""
        return await self._read(_all_events, sender_id)

    async def next_seq(self, sender_id: str) -> int:
        """The sequence number the next event gets."""
        return await self._read(_next_seq, sender_id)

    async def senders(self) -> list[str]:
        """The ids of all conversations."""
        return await self._read(lambda connection, _: _senders(connection), "")

    async def erase(self, sender_id: str) -> None:
        """Removes every trace of the conversation."""
        await self._read(_erase, sender_id)

    def close(self) -> None:
        """Finishes what is queued and disconnects."""
        self._jobs.put(None)
        self._writer.join()
        self._engine.dispose()

    async def _read(self, function: Any, sender_id: str) -> Any:
        def call() -> Any:
            with self._engine.begin() as connection:
                return function(connection, sender_id)

        try:
            return await asyncio.get_running_loop().run_in_executor(None, call)
        except SQLAlchemyError as error:
            raise StoreUnavailableError from error

    def _write_forever(self) -> None:
        while True:
            jobs, more = self._waiting_jobs()
            if jobs:
                self._commit(jobs)
            if not more:
                return

    def _waiting_jobs(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == _MOST_TURNS_A_COMMIT or self._jobs.empty():
                return jobs, True
            job = self._jobs.get()
        return jobs, False

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with self._engine.begin() as connection:
                for job in jobs:
                    _append(connection, job.record)
        except SQLAlchemyError as error:
            if len(jobs) > 1:
                for job in jobs:
                    self._commit([job])
            else:
                stale = isinstance(error, IntegrityError)
                failure = StaleConversationError() if stale else StoreUnavailableError()
                failure.__cause__ = error
                jobs[0].done.set_exception(failure)
        else:
            for job in jobs:
                job.done.set_result(None)


@dataclass(frozen=True)
class _Job:
    record: TurnRecord
    done: Future[None]


def _connect(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=5, max_overflow=5, pool_pre_ping=True, future=True)
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 10},
        poolclass=sa.pool.QueuePool,
        future=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _append(connection: Connection, record: TurnRecord) -> None:
    if record.events:
        connection.execute(tables.events.insert(), _event_rows(record))
    if record.answer:
        answer = record.answer
        row = {"sender_id": record.sender_id, "message_id": answer.message_id, "seq": answer.seq}
        connection.execute(tables.answers.insert(), {**row, "answer": _dump(answer.messages)})
    if record.window:
        _replace_window(connection, record.sender_id, record.window)


def _event_rows(record: TurnRecord) -> list[Json]:
    return [
        {
            "sender_id": record.sender_id,
            "seq": record.first_seq + offset,
            "type_name": event["event"],
            "timestamp": event["timestamp"],
            "data": _dump(event),
        }
        for offset, event in enumerate(record.events)
    ]


def _replace_window(connection: Connection, sender_id: str, window: Window) -> None:
    row = {"first_seq": window.first_seq, "head": _dump(window.head)}
    changed = connection.execute(
        tables.windows.update().where(tables.windows.c.sender_id == sender_id).values(row)
    )
    if not changed.rowcount:
        connection.execute(tables.windows.insert(), {"sender_id": sender_id, **row})
    oldest_kept = (
        sa.select(tables.answers.c.seq)
        .where(tables.answers.c.sender_id == sender_id)
        .order_by(tables.answers.c.seq.desc())
        .offset(ANSWERS_KEPT)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(
        tables.answers.delete().where(
            tables.answers.c.sender_id == sender_id, tables.answers.c.seq <= oldest_kept
        )
    )


def _load(connection: Connection, sender_id: str) -> StoredConversation | None:
    next_seq = _next_seq(connection, sender_id)
    if next_seq == 0:
        return None
    window = connection.execute(
        sa.select(tables.windows.c.first_seq, tables.windows.c.head).where(
            tables.windows.c.sender_id == sender_id
        )
    ).first()
    first_seq, head = (window[0], json.loads(window[1])) if window else (0, [])
    rows = connection.execute(
        sa.select(tables.events.c.data)
        .where(tables.events.c.sender_id == sender_id, tables.events.c.seq >= first_seq)
        .order_by(tables.events.c.seq)
    ).scalars()
    return StoredConversation([*head, *map(json.loads, rows)], next_seq, _answers(connection, sender_id))


def _answers(connection: Connection, sender_id: str) -> list[Answer]:
    columns = (tables.answers.c.message_id, tables.answers.c.seq, tables.answers.c.answer)
    newest = (
        sa.select(*columns)
        .where(tables.answers.c.sender_id == sender_id)
        .order_by(tables.answers.c.seq.desc())
        .limit(ANSWERS_KEPT)
    )
    rows = connection.execute(newest).all()
    return [Answer(message_id, seq, json.loads(answer)) for message_id, seq, answer in reversed(rows)]


def _all_events(connection: Connection, sender_id: str) -> list[Json]:
    query = sa.select(tables.events.c.data).where(tables.events.c.sender_id == sender_id)
    return [json.loads(data) for data in connection.execute(query.order_by(tables.events.c.seq)).scalars()]


def _next_seq(connection: Connection, sender_id: str) -> int:
    newest = sa.select(sa.func.max(tables.events.c.seq)).where(tables.events.c.sender_id == sender_id)
    last = connection.execute(newest).scalar()
    return 0 if last is None else int(last) + 1


def _senders(connection: Connection) -> list[str]:
    return list(connection.execute(sa.select(tables.events.c.sender_id).distinct()).scalars())


def _erase(connection: Connection, sender_id: str) -> None:
    for table in (tables.events, tables.windows, tables.answers):
        connection.execute(table.delete().where(table.c.sender_id == sender_id))


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
