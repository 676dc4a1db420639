"""Calls the action server: one kept connection pool, a time limit, and only what actions read.

Rasa opens a new connection for every action, waits up to 300 s, and posts every event and the whole domain.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from rasa.core.actions.constants import SELECTIVE_DOMAIN
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.engine.errors import ActionUnavailableError

# Seconds until an action has to have answered.
ACTION_TIMEOUT = 8.0
# What rasa-sdk reads of a domain: which slots a form asks for, and how slots are filled.
_DOMAIN_PARTS = ("forms", "slots")


class ActionEndpoint(EndpointConfig):
    """The action server's address, and the way to call it."""

    def __init__(self, url: str, timeout: float = ACTION_TIMEOUT) -> None:
        """`timeout` seconds is the limit of one action."""
        super().__init__(url, **{SELECTIVE_DOMAIN: True})
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._client: aiohttp.ClientSession | None = None
        self._domain = "{}"

    def use_domain(self, domain: Domain) -> None:
        """Sends the forms and slots of `domain` along with every action that does not ask for all of it."""
        whole = domain.as_dict()
        self._domain = json.dumps({part: whole[part] for part in _DOMAIN_PARTS if part in whole})

    async def request(  # type: ignore[override]
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The action server's JSON answer to `kwargs["json"]`.

        Raises:
            ActionUnavailableError: no connection, no answer in time, or a fault in the server (5xx).
            ClientResponseError: the server refused (4xx; 400 is an action's rejection).
        """
        try:
            async with self._session().post(
                self.url, data=self._body(kwargs["json"]), headers={"Content-Type": "application/json"}
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise ActionUnavailableError from error
        if response.status >= 500:
            raise ActionUnavailableError
        if response.status >= 400:
            raise ClientResponseError(
                response.status, response.reason or "", content.decode("utf-8", "replace")
            )
        return json.loads(content)

    async def close(self) -> None:
        """Closes the connections."""
        if self._client:
            await self._client.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None or self._client.closed:
            self._client = aiohttp.ClientSession(timeout=self._timeout)
        return self._client

    def _body(self, call: dict[str, Any]) -> bytes:
        body = json.dumps(call)
        if "domain" not in call:
            body = f'{body[:-1]}, "domain": {self._domain}}}'
        return body.encode()
