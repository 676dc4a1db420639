from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from actions.orders import OrderDraft, OrderService, OrderSettings
from actions.orders.database import Database
from actions.orders.errors import SchemaOutOfDate
from actions.orders.models import Base
from actions.orders.schema import REVISION, VERSION_TABLE, _config, check_schema, is_own_table, migrate


def test_the_steps_make_exactly_the_tables_of_the_models(database: Database) -> None:
    options = {"version_table": VERSION_TABLE, "include_object": is_own_table, "compare_type": True}
    with database.read() as session:
        found = compare_metadata(
            MigrationContext.configure(session.connection(), opts=options), Base.metadata
        )
    assert found == []


def test_the_newest_step_is_the_one_this_version_expects() -> None:
    assert ScriptDirectory.from_config(_config(None)).get_current_head() == REVISION


def test_tables_of_other_parts_are_left_alone(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        session.execute(text("INSERT INTO alembic_version VALUES ('gateway')"))
    migrate(database)
    with database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "gateway"
    database.close()


def test_an_empty_or_old_database_is_refused(settings: OrderSettings, database_url: str) -> None:
    with pytest.raises(SchemaOutOfDate) as refused:
        OrderService.open(settings)
    assert refused.value.found is None
    database = Database(database_url)
    migrate(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version_orders SET version_num = '0000'"))
    with pytest.raises(SchemaOutOfDate, match="0000"):
        check_schema(database)
    database.close()


def test_migrating_twice_and_at_once_is_migrating_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(migrate, databases)) == [REVISION] * 2
    for database in databases:
        check_schema(database)
        database.close()


@pytest.mark.parametrize("statement", ["UPDATE order_events SET actor = 'x'", "DELETE FROM order_events"])
def test_history_cannot_be_rewritten(
    service: OrderService, verified: str, puk: OrderDraft, database: Database, statement: str
) -> None:
    number = service.place_order(verified, puk, idempotency_key="a" * 8).order.number
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(statement))
    assert [event.actor for event in service.staff.show(number).events] == [
        "customer:bestallare@vardcentralen.example"
    ]
