"""The staff's side as the gateway starts it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from bot.gateway.conversation import now
from bot.gateway.conversations import Conversations
from bot.gateway.database import Database
from bot.gateway.hub import Hub
from bot.gateway.limits import RateLimit
from bot.gateway.settings import Settings
from bot.gateway.staff.lists import Lists, read_lists
from bot.gateway.staff.notices import Notices
from bot.gateway.staff.oidc import Provider
from bot.gateway.staff.order_desk import OrderDesk
from bot.gateway.staff.retention import Retention
from bot.gateway.staff.settings import StaffSettings, load_staff_settings
from bot.gateway.staff.watch import Watch

_LIVE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class StaffParts:
    """What the staff's routes share."""

    settings: StaffSettings
    watch: Watch
    orders: OrderDesk
    provider: Provider | None
    sign_ins: RateLimit
    notices: Notices
    retention: Retention
    one_password_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    """So that guesses sent together cannot pass the lock, and argon2's memory is used once."""

    @classmethod
    def of(cls, settings: Settings, database: Database, conversations: Conversations) -> Self:
        """As the environment says; raises `SettingsError`."""
        own = load_staff_settings()

        async def read() -> Lists:
            since = now() - _LIVE
            return await database.read(lambda connection: read_lists(connection, since))

        return cls(
            own,
            Watch(read),
            OrderDesk(),
            Provider(own, settings.secret_key.get_secret_value()) if own.oidc_issuer else None,
            RateLimit("staff_sign_in", own.sign_ins_per_minute, own.sign_ins_per_minute),
            Notices(own, database),
            Retention(own, database, conversations),
        )

    def start(self, hub: Hub) -> None:
        """Begins to watch, to tell of new chats and to erase old ones."""
        hub.watchers.append(self.watch)
        self.watch.on_queue = self.notices.wake
        self.watch.start()
        self.notices.start()
        self.retention.start()

    async def stop(self) -> None:
        """Ends all of it; what is not done is done at the next start."""
        await self.watch.stop()
        await self.notices.stop()
        await self.retention.stop()
        await self.orders.close()
