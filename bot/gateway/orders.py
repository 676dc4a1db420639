"""The gateway's use of the order store: who a portal token speaks for, and forgetting a conversation."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from actions.orders import OrderService, load_settings
from actions.orders.errors import OrderStoreError, PortalTokenInvalid, SchemaOutOfDate
from actions.orders.portal import PortalTokens
from bot.gateway.errors import CustomerTokenInvalid

_log = structlog.get_logger(__name__)
_LONGEST_WAIT: Final = 30.0


class Orders:
    """Opens the order store when it is first needed: the gateway answers visitors without it too."""

    def __init__(self, portal_public_key: str | None) -> None:
        self._tokens = PortalTokens(portal_public_key)
        self._service: OrderService | None = None

    def customer_of(self, token: str) -> dict[str, str]:
        """Who the portal says the visitor is, as `metadata.customer`; raises `CustomerTokenInvalid`."""
        try:
            identity = self._tokens.decode(token)
        except PortalTokenInvalid as error:
            _log.warning("customer_token_refused", reason=error.reason)
            raise CustomerTokenInvalid from None
        return {
            "customer_number": identity.customer_number,
            "name": identity.contact_name,
            "contact_email": identity.contact_email,
        }

    async def forget(self, conversation_id: str) -> None:
        """Removes the conversation's id from the order store; tries until it is done."""
        wait = 1.0
        while not await asyncio.to_thread(self._forget_now, conversation_id):
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def close(self) -> None:
        """Closes the store's connections."""
        if self._service:
            await asyncio.to_thread(self._service.close)

    def _forget_now(self, conversation_id: str) -> bool:
        try:
            self._service = self._service or OrderService.open(load_settings())
            self._service.forget_conversation(conversation_id)
        except SchemaOutOfDate as error:
            if error.found is None:
                return True  # there is no order store, so it knows nothing
            _log.warning("order_store_failed", error=error.code)
            return False
        except OrderStoreError as error:
            _log.warning("order_store_failed", error=error.code)
            return False
        return True
