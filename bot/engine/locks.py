"""One message of a conversation at a time, in the order they came.

Rasa's own lock looks once a second whether its turn has come, so the second of two quick messages waits a
second. Here the next in line is woken at once. With several engines on one Redis the conversation is locked
there too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore
from redis import asyncio as redis
from redis.exceptions import LockError, RedisError

from bot.engine.errors import LockTimeoutError, TurnUnavailableError

# How long a message waits for those before it, in seconds.
PATIENCE = 25.0
# How often a conversation locked by another engine is looked at, in seconds.
_REDIS_POLL = 0.01


@dataclass
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    members: int = 0


class FairLockStore(InMemoryLockStore):
    """First come, first served, within this process."""

    def __init__(self, endpoint_config: Any = None, patience: float = PATIENCE) -> None:
        """`patience` seconds is how long a message waits for those before it."""
        super().__init__()
        self._lines: dict[str, _Line] = {}
        self._patience = patience

    @asynccontextmanager
    async def lock(  # type: ignore[override]
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 0
    ) -> AsyncIterator[None]:
        """Holds the conversation.

        Raises:
            LockTimeoutError: those before took too long.
        """
        line = self._lines.setdefault(conversation_id, _Line())
        line.members += 1
        try:
            try:
                await asyncio.wait_for(line.lock.acquire(), self._patience)
            except asyncio.TimeoutError as error:
                raise LockTimeoutError from error
            try:
                yield
            finally:
                line.lock.release()
        finally:
            line.members -= 1
            if not line.members:
                self._lines.pop(conversation_id, None)


class SharedLockStore(FairLockStore):
    """First come, first served in this process, and one engine at a time."""

    def __init__(
        self, endpoint_config: Any = None, url: str | None = None, patience: float = PATIENCE
    ) -> None:
        """`url` is the Redis address, `redis://…`."""
        super().__init__(patience=patience)
        self._redis = redis.Redis.from_url(
            url or endpoint_config.url, socket_timeout=5, socket_connect_timeout=5
        )

    @asynccontextmanager
    async def lock(  # type: ignore[override]
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 0
    ) -> AsyncIterator[None]:
        """Holds the conversation in every engine; freed after `lock_lifetime` seconds if this one dies.

        Raises:
            LockTimeoutError: those before took too long.
            TurnUnavailableError: Redis does not answer.
        """
        async with super().lock(conversation_id):
            shared = self._redis.lock(
                f"engine:{conversation_id}",
                timeout=lock_lifetime,
                sleep=_REDIS_POLL,
                blocking_timeout=self._patience,
            )
            try:
                if not await shared.acquire():
                    raise LockTimeoutError
            except RedisError as error:
                raise TurnUnavailableError from error
            try:
                yield
            finally:
                await _release(shared)

    async def close(self) -> None:
        """Disconnects from Redis."""
        await self._redis.close()


async def _release(lock: Any) -> None:
    # Expired, or Redis gone. The database refuses a turn that another engine has overtaken.
    with suppress(LockError, RedisError):
        await lock.release()
