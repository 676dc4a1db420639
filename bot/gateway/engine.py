"""Speaks with the engine: its REST channel, one message a call."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.gateway import metrics
from bot.gateway.wire import Broken, Unreachable, Wire

_PROBE_SECONDS = 0.5
_PROBE_TIMEOUT_SECONDS = 2


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
        self._wire = Wire(base_url)
        self._timeout = timeout_seconds
        self._up = asyncio.Event()
        self._up.set()
        self._probe: asyncio.Task[None] | None = None

    async def ask(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[EngineReply]:
        """The engine's answer to one message, at least one reply; raises `EngineError`."""
        body = json.dumps({"sender": conversation_id, "message": text, "metadata": metadata}).encode()
        try:
            with metrics.ENGINE_SECONDS.time():
                async with asyncio.timeout(self._timeout):
                    answer = await self._wire.request("POST", "/webhooks/rest/webhook", body)
        except Unreachable:
            self._watch()
            raise EngineError("unreachable") from None
        except Broken:
            raise EngineError("broken") from None
        except TimeoutError:
            raise EngineError("timeout") from None
        if answer.status != 200:
            raise EngineError("status")
        try:
            replies = _REPLIES.validate_json(answer.content)
        except ValidationError:
            raise EngineError("malformed") from None
        if not replies:
            raise EngineError("empty")
        return replies

    async def forget(self, conversation_id: str) -> bool:
        """Erases what the engine knows of a conversation; False when it could not be done now."""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._wire.request("DELETE", f"/webhooks/rest/conversations/{conversation_id}")
        except (Unreachable, Broken, TimeoutError):
            return False
        # 404 and 405: an engine that keeps nothing has nothing to erase.
        return answer.status < 300 or answer.status in (404, 405)

    async def answers(self) -> bool:
        """Whether anything answers at the engine's address."""
        return await is_answering(self._wire, "/")

    async def wait_until_up(self, seconds: float) -> None:
        """Returns when the engine is thought to be up, or after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._up.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Closes all connections."""
        if self._probe:
            self._probe.cancel()
        self._wire.close()

    def _watch(self) -> None:
        if self._up.is_set():
            self._up.clear()
            self._probe = asyncio.create_task(self._probe_until_up())

    async def _probe_until_up(self) -> None:
        while not await self.answers():  # noqa: ASYNC110 - another process comes back; nobody tells
            await asyncio.sleep(_PROBE_SECONDS)
        self._up.set()


async def is_answering(wire: Wire, path: str) -> bool:
    """Whether another part answers a GET, whatever it says."""
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_SECONDS):
            await wire.request("GET", path)
    except (Unreachable, Broken, TimeoutError):
        return False
    return True
