"""Settings of the engine, from environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.engine.errors import StartError

DEFAULT_TRACKER_URL = "sqlite:///var/tracker.db"
DEFAULT_ACTIONS_URL = "http://127.0.0.1:5055/webhook"
# PostgreSQL is spoken through psycopg 2 here; the app environment's addresses name psycopg 3.
_DRIVERS = {
    "postgresql+psycopg": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "sqlite": "sqlite",
}


@dataclass(frozen=True)
class Settings:
    """Where the engine keeps conversations, runs actions and, with several engines, locks."""

    tracker_url: str
    actions_url: str
    redis_url: str | None

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads `SUPPORT_TRACKER_URL`, `SUPPORT_ACTIONS_URL` and `SUPPORT_REDIS_URL`.

        Raises:
            StartError: a database of a kind the engine has no driver for.
        """
        return cls(
            tracker_url=database_address(os.environ.get("SUPPORT_TRACKER_URL") or DEFAULT_TRACKER_URL),
            actions_url=os.environ.get("SUPPORT_ACTIONS_URL") or DEFAULT_ACTIONS_URL,
            redis_url=os.environ.get("SUPPORT_REDIS_URL") or None,
        )


def database_address(address: str) -> str:
    """The SQLAlchemy 1.4 form of a database address; the folder of an SQLite file is created.

    Raises:
        StartError: the kind of database is not SQLite or PostgreSQL.
    """
    scheme, separator, rest = address.partition("://")
    driver = _DRIVERS.get(scheme, scheme if scheme in _DRIVERS.values() else None)
    if not separator or driver is None:
        raise StartError("SUPPORT_TRACKER_URL must begin with sqlite:// or postgresql://")
    if driver == "sqlite" and rest.strip("/"):
        Path(rest[1:].partition("?")[0]).parent.mkdir(parents=True, exist_ok=True)
    return f"{driver}://{rest}"
