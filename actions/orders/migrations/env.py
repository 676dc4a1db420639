"""Run by Alembic: applies the steps on the connection that `actions.orders.schema` hands over."""

from alembic import context

from actions.orders.models import Base
from actions.orders.schema import VERSION_TABLE, is_own_table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_object=is_own_table,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
