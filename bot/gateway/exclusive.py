"""One gateway a database: two would both answer what is in the queue."""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import sqlalchemy as sa

from bot.gateway.errors import StartError

_WAIT_SECONDS: Final = 5.0
_STEP_SECONDS: Final = 0.1
_LOCK_NUMBER: Final = 0x5350_4757  # any number nobody else uses on this database


class Exclusive:
    """Held while the process lives; the operating system or PostgreSQL lets go of it when the process dies.

    Waits a few seconds for a predecessor that is going down, then raises `StartError`.
    """

    def __init__(self, database_url: str) -> None:
        self._url = sa.make_url(database_url)
        self._file: IO[str] | None = None
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None

    async def __aenter__(self) -> Self:
        """Takes the lock."""
        take = self._lock_file if self._url.get_backend_name() == "sqlite" else self._lock_database
        deadline = asyncio.get_running_loop().time() + _WAIT_SECONDS
        while not take():
            if asyncio.get_running_loop().time() > deadline:
                self._release()
                raise StartError("another gateway uses this database already")
            await asyncio.sleep(_STEP_SECONDS)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Lets go of it."""
        self._release()

    def _lock_file(self) -> bool:
        if not self._url.database:
            return True  # in memory: nobody else can reach it
        if self._file is None:
            path = Path(f"{self._url.database}.gateway-lock")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock_database(self) -> bool:
        if self._connection is None:
            self._engine = sa.create_engine(self._url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
            self._connection = self._engine.connect()
        query = sa.select(sa.func.pg_try_advisory_lock(_LOCK_NUMBER))
        return bool(self._connection.execute(query).scalar())

    def _release(self) -> None:
        if self._file:
            self._file.close()
        if self._connection and self._engine:
            self._connection.close()
            self._engine.dispose()
