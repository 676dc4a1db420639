"""Bringing the tables up to date, and refusing to work on old ones."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from actions.orders.database import Database, enter_wal, unavailable
from actions.orders.errors import SchemaOutOfDate
from actions.orders.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "alembic_version_orders"
REVISION: Final = "0001"
"""The newest step in `migrations/versions`; Alembic itself is slow to load and only migrating needs it."""
_FOLDER: Final = Path(__file__).parent / "migrations"
_MIGRATION_LOCK: Final = 0x6F726465


def is_own_table(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether Alembic may look at this table: the database is shared with the conversation log."""
    return kind != "table" or name in Base.metadata.tables


def migrate(database: Database) -> str:
    """Apply every missing step, all or none, and give the revision reached.

    Two processes that migrate at once do it once. Raises `StoreUnavailable`.
    """
    from alembic import command

    engine = create_engine(database.engine.url, connect_args={"timeout": 30} if database.is_sqlite else {})
    try:
        with engine.connect() as connection:
            if database.is_sqlite:
                _begin_sqlite(connection)
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            command.upgrade(_config(connection), "head")
            connection.commit()
    except (OperationalError, sqlite3.OperationalError) as error:
        raise unavailable(error) or error from error
    finally:
        engine.dispose()
    return REVISION


def check_schema(database: Database) -> None:
    """Raise `SchemaOutOfDate` unless the tables are those of this program version."""
    with database.read() as session:
        known = inspect(session.connection()).has_table(VERSION_TABLE)
        found = session.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) if known else None  # noqa: S608
    if found != REVISION:
        raise SchemaOutOfDate(found, REVISION)


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config


def _begin_sqlite(connection: Connection) -> None:
    # sqlite3 commits before DDL by itself; with its handling off, all steps are one transaction.
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("not a SQLite connection")
    raw.isolation_level = None
    enter_wal(raw)
    connection.exec_driver_sql("BEGIN IMMEDIATE")
