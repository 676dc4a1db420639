"""Runs the gateway's migrations on the connection that `bot.gateway.schema` opened."""

from alembic import context

from bot.gateway.schema import VERSION_TABLE
from bot.gateway.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
