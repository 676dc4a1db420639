"""What an operator sets without a release: the outage banner and the opening hours.

A value set with `python -m bot.gateway site …` wins over the environment, and is seen within seconds.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any, Final, Literal

import sqlalchemy as sa
from pydantic import BaseModel

from bot.gateway.database import Database
from bot.gateway.hours import OpeningHours, OpeningNow, opening_at, parse_hours
from bot.gateway.schemas import Banner
from bot.gateway.settings import Settings
from bot.gateway.tables import site_settings

_SEEN_WITHIN_SECONDS: Final = 3.0

Key = Literal["banner", "hours"]


class HoursSetting(BaseModel):
    """Opening hours as stored."""

    rules: str
    closed_dates: list[date] = []


class Site:
    """The values in force, read from the database every few seconds."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._default_banner = (
            Banner(level="warning", text=settings.outage_banner) if settings.outage_banner else None
        )
        self._default_hours = parse_hours(settings.opening_hours)
        self._banner = self._default_banner
        self._hours = self._default_hours
        self._read_at = -_SEEN_WITHIN_SECONDS
        self._reading = asyncio.Lock()

    async def banner(self) -> Banner | None:
        """The notice to show, if any."""
        await self._refresh()
        return self._banner

    async def opening(self) -> OpeningNow:
        """Whether people answer now."""
        await self._refresh()
        return opening_at(self._hours, datetime.now(UTC))

    async def _refresh(self) -> None:
        # One at a time: a slow reading must not put older values in the place of newer ones.
        async with self._reading:
            if monotonic() - self._read_at < _SEEN_WITHIN_SECONDS:
                return
            self._read_at = monotonic()
            stored = await self._database.read(read_settings)
            self._banner = _banner(stored["banner"]) if "banner" in stored else self._default_banner
            self._hours = hours_of(stored["hours"]) if "hours" in stored else self._default_hours


def read_settings(connection: sa.Connection) -> dict[str, Any]:
    """What has been set, by key."""
    return {row.key: row.value for row in connection.execute(sa.select(site_settings))}


def write_setting(connection: sa.Connection, key: Key, value: BaseModel | None) -> None:
    """Sets a value; None means "none at all", not the default."""
    clear_setting(connection, key)
    connection.execute(
        sa.insert(site_settings).values(
            key=key, value=value and value.model_dump(mode="json"), updated_at=datetime.now(UTC)
        )
    )


def clear_setting(connection: sa.Connection, key: Key) -> None:
    """Goes back to the default from the environment."""
    connection.execute(sa.delete(site_settings).where(site_settings.c.key == key))


def hours_of(value: dict[str, Any] | None) -> OpeningHours | None:
    """Stored opening hours, ready to ask."""
    if value is None:
        return None
    setting = HoursSetting.model_validate(value)
    return parse_hours(setting.rules, frozenset(setting.closed_dates))


def _banner(value: dict[str, Any] | None) -> Banner | None:
    return None if value is None else Banner.model_validate(value)
