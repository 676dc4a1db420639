"""Speaks with the engine: its REST channel, one message a call."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.gateway import metrics

_PROBE_SECONDS = 0.5
_CONNECTIONS = 200


class EngineButton(BaseModel):
    """A choice the engine offers; pressing it sends `payload`."""

    title: str
    payload: str


class EngineReply(BaseModel):
    """One message of the engine's answer."""

    model_config = ConfigDict(extra="ignore")

    text: str | None = None
    buttons: list[EngineButton] | None = None
    custom: dict[str, Any] | None = None


_REPLIES = TypeAdapter(list[EngineReply])


class EngineError(Exception):
    """No answer. `reason`: `unreachable`, `broken`, `timeout`, `status`, `malformed` or `empty`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def unreachable(self) -> bool:
        """Whether nothing listens: then it concerns every conversation, and no message is to blame."""
        return self.reason == "unreachable"


class Engine:
    """A client for the engine. When it is found unreachable one probe watches for its return, for all."""

    def __init__(self, base_url: str, timeout_seconds: float) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(timeout_seconds, connect=2, pool=timeout_seconds),
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            trust_env=False,
        )
        self._up = asyncio.Event()
        self._up.set()
        self._probe: asyncio.Task[None] | None = None

    async def ask(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[EngineReply]:
        """The engine's answer to one message, at least one reply; raises `EngineError`."""
        body = {"sender": conversation_id, "message": text, "metadata": metadata}
        try:
            with metrics.ENGINE_SECONDS.time():
                response = await self._client.post("/webhooks/rest/webhook", json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self._watch()
            raise EngineError("unreachable") from None
        except httpx.TimeoutException:
            raise EngineError("timeout") from None
        except httpx.HTTPError:  # the connection broke in the middle: the engine went away
            raise EngineError("broken") from None
        if response.status_code != httpx.codes.OK:
            raise EngineError("status")
        try:
            replies = _REPLIES.validate_json(response.content)
        except ValidationError:
            raise EngineError("malformed") from None
        if not replies:
            raise EngineError("empty")
        return replies

    async def forget(self, conversation_id: str) -> bool:
        """Erases what the engine knows of a conversation; False when it could not be done now."""
        try:
            response = await self._client.delete(f"/webhooks/rest/conversations/{conversation_id}")
        except httpx.HTTPError:
            return False
        # 404 and 405: an engine that keeps nothing has nothing to erase.
        return response.is_success or response.status_code in (404, 405)

    async def answers(self) -> bool:
        """Whether anything answers at the engine's address."""
        return await self.answers_at("/")

    async def answers_at(self, url: str) -> bool:
        """Whether anything answers at another part's address."""
        try:
            await self._client.get(url, timeout=2)
        except httpx.HTTPError:
            return False
        return True

    async def wait_until_up(self, seconds: float) -> None:
        """Returns when the engine is thought to be up, or after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._up.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """Closes all connections."""
        if self._probe:
            self._probe.cancel()
        await self._client.aclose()

    def _watch(self) -> None:
        if self._up.is_set():
            self._up.clear()
            self._probe = asyncio.create_task(self._probe_until_up())

    async def _probe_until_up(self) -> None:
        while not await self.answers():  # noqa: ASYNC110 - another process comes back; nobody tells
            await asyncio.sleep(_PROBE_SECONDS)
        self._up.set()
