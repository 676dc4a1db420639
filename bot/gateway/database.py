"""The gateway's database: short units of work, run in threads.

Synchronous SQLAlchemy in a thread beat the async engines: about twice the units of work a second on
SQLite, at half the processor time (docs/operations.md): a unit crosses threads once, not at every step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

T = TypeVar("T")

Unit = Callable[[sa.Connection], T]

_THREADS = 6


class Database:
    """Runs units of work, each in one transaction: committed when it returns, rolled back when it raises.

    On SQLite there is one writer thread, and it takes the write lock at once (`BEGIN IMMEDIATE`), so that two
    processes never meet in a half-done transaction; and what is acknowledged survives a power cut.
    """

    def __init__(self, url: str) -> None:
        sqlite = sa.make_url(url).get_backend_name() == "sqlite"
        self._reading = create_engine(url)
        self._writing = create_engine(url, immediate=True) if sqlite else self._reading
        self._readers = ThreadPoolExecutor(2 if sqlite else _THREADS, thread_name_prefix="database-read")
        self._writers = ThreadPoolExecutor(1 if sqlite else _THREADS, thread_name_prefix="database-write")

    async def read(self, unit: Unit[T]) -> T:
        """The result of a unit that changes nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, _run, self._reading, unit)

    async def write(self, unit: Unit[T]) -> T:
        """The result of a unit, once it is committed."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, _run, self._writing, unit)

    def close(self) -> None:
        """Waits for what runs and closes all connections."""
        self._writers.shutdown()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()


def create_engine(url: str, *, immediate: bool = False) -> sa.Engine:
    """An engine with the pragmas this product needs; makes the folder of a new SQLite file.

    Parameters never show in errors: they hold what visitors write.
    """
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(
            address,
            pool_size=_THREADS * 2,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=5,
            hide_parameters=True,
        )
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, hide_parameters=True)
    begin = "BEGIN IMMEDIATE" if immediate else "BEGIN"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        # synchronous=FULL: a commit is on the disk before it returns.
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _run(engine: sa.Engine, unit: Unit[T]) -> T:
    with engine.begin() as connection:
        return unit(connection)
