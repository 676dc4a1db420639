"""Brings the gateway's tables up to date, and checks that they are."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.gateway.database import create_engine
from bot.gateway.errors import StartError

VERSION_TABLE = "alembic_version_gateway"
_FOLDER = Path(__file__).parent / "migrations"


def migrate(database_url: str) -> None:
    """Upgrades the database to this version's tables; harmless when it is there already."""
    engine = create_engine(database_url, immediate=True)
    try:
        with engine.begin() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def check_schema(connection: sa.Connection) -> None:
    """Raises `StartError` when the tables are not those of this version."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    found, wanted = context.get_current_revision(), ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise StartError("the database is not up to date; run: python -m bot.gateway migrate")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
