"""The conversation log, the queue to the engine, hand-offs, and what an operator sets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.Column("erased_at", _TIME),
        sa.Column("customer", sa.JSON),
        sa.Column("expected_code_digits", sa.Integer),
        sa.Column("rating_score", sa.Integer),
        sa.Column("rating_comment", sa.Text),
        sa.Column("legal_hold", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("token_hash", name="uq_conversations_token_hash"),
    )
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("name", sa.String(100)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("buttons", sa.JSON),
        sa.Column("card", sa.JSON),
        sa.Column("client_message_id", sa.String(36)),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_messages"),
        sa.UniqueConstraint(
            "conversation_id", "client_message_id", name="uq_messages_conversation_id_client_message_id"
        ),
        _of_conversation("messages"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("event", sa.String(20)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("details", sa.JSON),
        sa.Column("late_notice", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        _of_conversation("jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_conversation_id_id", "jobs", ["conversation_id", "id"])
    op.create_table(
        "handoffs",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("summary", sa.JSON),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("taken_at", _TIME),
        sa.Column("staff_id", sa.String(36)),
        sa.Column("staff_name", sa.String(100)),
        sa.Column("ended_at", _TIME),
        sa.Column("outcome", sa.String(20)),
        sa.Column("callback", sa.Boolean, nullable=False),
        sa.Column("contact_name", sa.String(100)),
        sa.Column("contact_email", sa.String(254)),
        sa.Column("contact_phone", sa.String(30)),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
        _of_conversation("handoffs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handoffs_conversation_id_id", "handoffs", ["conversation_id", "id"])
    op.create_index("ix_handoffs_ended_at_taken_at_id", "handoffs", ["ended_at", "taken_at", "id"])
    op.create_table(
        "site_settings",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", sa.JSON),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_site_settings"),
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"], ["conversations.id"], name=f"fk_{table}_conversation_id", ondelete="CASCADE"
    )
