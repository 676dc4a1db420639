"""What chats are about, and the customer that a visitor has proved to act for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the columns; customers of the portal are filled in."""
    op.add_column("conversations", sa.Column("customer_number", sa.String(20)))
    op.add_column("conversations", sa.Column("customer_name", sa.String(200)))
    op.add_column("conversations", sa.Column("topics", sa.JSON))
    op.create_index("ix_conversations_customer_number", "conversations", ["customer_number"])
    table = sa.table(
        "conversations",
        sa.column("customer", sa.JSON),
        sa.column("customer_number", sa.String),
        sa.column("customer_name", sa.String),
    )
    op.execute(
        sa.update(table)
        .where(table.c.customer.is_not(None))
        .values(
            customer_number=table.c.customer["customer_number"].as_string(),
            customer_name=table.c.customer["name"].as_string(),
        )
    )
