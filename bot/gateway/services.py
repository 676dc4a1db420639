"""Everything the routes share, made once when the process starts."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.gateway import conversation as log
from bot.gateway.conversations import Conversations
from bot.gateway.database import Database
from bot.gateway.dispatch import Dispatcher
from bot.gateway.engine import Engine
from bot.gateway.errors import ConversationNotFound, NotAuthenticated
from bot.gateway.handoff.contact import ContactReader
from bot.gateway.hub import Hub
from bot.gateway.limits import RateLimit, address_key, is_loopback
from bot.gateway.orders import Orders
from bot.gateway.secrets_at_rest import CodeBox, hash_token
from bot.gateway.settings import Settings
from bot.gateway.site import Site

if TYPE_CHECKING:  # it builds on this module
    from bot.gateway.staff.parts import StaffParts

_TOKENS_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of this process."""

    writes: RateLimit
    reads: RateLimit
    opened: RateLimit
    address: RateLimit

    @classmethod
    def of(cls, settings: Settings) -> RateLimits:
        """As the settings say."""
        return cls(
            RateLimit("writes", settings.writes_per_minute, settings.writes_burst),
            RateLimit("reads", settings.reads_per_minute, settings.reads_burst),
            RateLimit("opened", settings.opened_per_minute, settings.opened_per_minute),
            RateLimit("address", settings.address_per_minute, settings.address_per_minute),
        )


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the gateway."""

    settings: Settings
    database: Database
    hub: Hub
    site: Site
    engine: Engine
    orders: Orders
    codes: CodeBox
    contacts: ContactReader
    conversations: Conversations
    dispatcher: Dispatcher
    limits: RateLimits
    staff: StaffParts
    tokens: OrderedDict[str, str] = field(default_factory=OrderedDict)

    async def conversation_of(self, token: str) -> str:
        """The id a token was given for; raises `NotAuthenticated`. A pair of token and id never changes."""
        hashed = hash_token(token)
        known = self.tokens.get(hashed)
        if known is None:
            known = await self.database.read(lambda connection: log.id_of_token(connection, hashed))
            if known is None:
                raise NotAuthenticated
            self.tokens[hashed] = known
            if len(self.tokens) > _TOKENS_REMEMBERED:
                self.tokens.popitem(last=False)
        return known


def get_services(request: Request) -> Services:
    """The services of the app that got the request."""
    services: Services = request.app.state.services
    return services


UseServices = Annotated[Services, Depends(get_services)]


def limited_address(request: Request, services: UseServices) -> str | None:
    """The client's address as a key, counted against its limit; None for this machine in local mode."""
    host = request.client.host if request.client else None
    if services.settings.local and is_loopback(host):
        return None
    key = address_key(host)
    services.limits.address.spend(key)
    return key


ClientAddress = Annotated[str | None, Depends(limited_address)]

_bearer = HTTPBearer(auto_error=False, description="The token given when the conversation was opened.")


async def current_conversation(
    request: Request,
    conversation_id: Annotated[str, Path(description="The id given when the conversation was opened.")],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    services: UseServices,
    _address: ClientAddress,
) -> str:
    """The id in the path, once the token is known to be its own and its limit is not used up."""
    if credentials is None:
        raise NotAuthenticated
    if await services.conversation_of(credentials.credentials) != conversation_id:
        raise ConversationNotFound
    limit = services.limits.reads if request.method == "GET" else services.limits.writes
    limit.spend(conversation_id)
    return conversation_id


CurrentConversation = Annotated[str, Depends(current_conversation)]
