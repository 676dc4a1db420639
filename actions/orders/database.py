"""One place that knows the two databases: how to connect, lock, give up in time, and name what failed."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from actions.orders.errors import StoreUnavailable

BUDGET_SECONDS: Final = 2.6
"""How long one operation may hold its caller, waiting for locks and the network included."""
_CONNECTIONS: Final = 20
_PING_SECONDS: Final = 0.5
"""For what is said outside a transaction: the check that a pooled connection is still alive."""
_T = TypeVar("_T")


class _DeadlineConnection(psycopg.Connection[Any]):
    """A PostgreSQL connection that stops waiting for a silent server.

    Server-side timeouts do not help against a server that is stopped or a network that swallows packets.
    """

    deadline: float | None = None

    def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        """Drive `gen`; after the deadline close the connection and raise `OperationalError`."""
        timeout = _PING_SECONDS if self.deadline is None else max(0.01, self.deadline - time.monotonic())
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server did not answer in time") from error


class Database:
    """Sessions on the store. Create once a process; shared by threads."""

    def __init__(self, url: str, *, budget_seconds: float = BUDGET_SECONDS) -> None:
        self.budget_seconds = budget_seconds
        self._writer, self._connections = BoundedSemaphore(1), BoundedSemaphore(_CONNECTIONS)
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if parsed.database and parsed.database != ":memory:":
                with suppress(OSError):  # Connecting says what is wrong.
                    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = _sqlite_engine(url)
        else:
            self.engine = _postgres_engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only: never blocks a writer, never waits for one on SQLite (WAL)."""
        with self._session(write=False) as session:
            yield session

    @contextmanager
    def write(self, *serialise: str) -> Iterator[Session]:
        """A session whose transaction is committed at the end of the block, or not at all.

        Blocks with an equal `serialise` name run one after the other, across processes (on SQLite all do).
        """
        with self._session(write=True) as session:
            for name in sorted(serialise):
                self.serialise(session, name)
            yield session

    def serialise(self, session: Session, name: str) -> None:
        """From here to the end of the transaction nobody else holds `name`."""
        if not self.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_number(name)})

    @contextmanager
    def _session(self, *, write: bool) -> Iterator[Session]:
        deadline = time.monotonic() + self.budget_seconds
        try:
            with self._turn(deadline, write=write), self.engine.connect() as plain:
                connection = plain.execution_options(orders_write=write, orders_deadline=deadline)
                with Session(connection, expire_on_commit=False) as session, session.begin():
                    yield session
        except PoolTimeout as error:
            raise StoreUnavailable("slow") from error
        except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
            raise unavailable(error) or error from error

    @contextmanager
    def _turn(self, deadline: float, *, write: bool) -> Iterator[None]:
        """Wait for a free connection; SQLite's writers go one by one, because its own waiting is not fair."""
        with ExitStack() as held:
            for gate in (
                (self._writer, self._connections) if write and self.is_sqlite else (self._connections,)
            ):
                if not gate.acquire(timeout=max(0.0, deadline - time.monotonic())):
                    raise StoreUnavailable("locked" if gate is self._writer else "slow")
                held.callback(gate.release)
            yield

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"orders:{name}".encode()).digest()[:8], signed=True)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=1,
        connect_args={"timeout": BUDGET_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def configure(raw: sqlite3.Connection, _record: object) -> None:
        # sqlite3's own BEGIN handling is switched off: it would start the transaction after the first read.
        raw.isolation_level = None
        enter_wal(raw)
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds_left(options)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options["orders_write"] else "BEGIN")

    return engine


def enter_wal(raw: sqlite3.Connection) -> None:
    """Switch the file to WAL, where readers and the writer do not wait for each other; it stays so.

    SQLite does not wait when two processes do this to a new file at once, so this does.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    while raw.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=1,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={"connect_timeout": 2, "tcp_user_timeout": 2500, "application_name": "support-orders"},
    )

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: object, _record: object, args: list[Any], kwargs: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        return _DeadlineConnection.connect(*args, **kwargs)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        _raw(connection).deadline = options["orders_deadline"]
        # A little before the client gives up, so that the reason is known.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, _milliseconds_left(options) - 200)}")

    @event.listens_for(engine, "checkin")
    def unbound(raw: _DeadlineConnection | None, _record: object) -> None:
        if raw is not None:
            raw.deadline = None

    return engine


def _milliseconds_left(options: Mapping[str, Any]) -> int:
    return max(1, int((options["orders_deadline"] - time.monotonic()) * 1000))


def _raw(connection: Connection) -> _DeadlineConnection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, _DeadlineConnection)  # noqa: S101 - narrows a type the library cannot express
    return raw


_SQLITE_REASONS: Final = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_READONLY: "unreachable",
    sqlite3.SQLITE_IOERR: "unreachable",
    sqlite3.SQLITE_PERM: "unreachable",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
_POSTGRES_REASONS: Final = {
    "55P03": "locked",
    "57014": "slow",
    "40P01": "locked",
    "53100": "full",
    "25006": "unreachable",
}


def unavailable(error: BaseException) -> StoreUnavailable | None:
    """The error to raise instead, when the store is to blame; None when the program is."""
    reason = _reason(error)
    return None if reason is None else StoreUnavailable(reason)


def _reason(error: BaseException) -> str | None:
    """Why the store could not do it; None for an error of the program (a broken constraint, say)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else _SQLITE_REASONS.get(code & 0xFF)
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate or ""
        if state in _POSTGRES_REASONS or state[:2] in {"08", "53", "57", "58"}:
            return _POSTGRES_REASONS.get(state, "unreachable")
        if isinstance(cause, psycopg.OperationalError):
            return "slow" if "in time" in str(cause) else "unreachable"
    return None
