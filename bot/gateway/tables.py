"""The tables of the conversation log, the queue to the engine and the hand-off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time; always aware and in UTC in Python, also where the database keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# `none_as_null`: an absent card is SQL NULL, not the JSON word null.
_Json = sa.JSON(none_as_null=True)
_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _conversation_key() -> sa.Column[str]:
    return sa.Column(
        "conversation_id",
        sa.String(36),
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
    )


# An erased conversation keeps its row, emptied: its token then finds nothing instead of looking unknown,
# and a late answer has nowhere to go.
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("erased_at", UtcDateTime),
    sa.Column("customer", _Json),  # who the portal's token speaks for
    sa.Column("customer_number", sa.String(20), index=True),  # by that token, or a code in the chat
    sa.Column("customer_name", sa.String(200)),
    sa.Column("topics", _Json),  # labels (docs/nlu.md) of what was talked about, the latest last
    sa.Column("expected_code_digits", sa.Integer),
    sa.Column("rating_score", sa.Integer),
    sa.Column("rating_comment", sa.Text),
    sa.Column("legal_hold", sa.Boolean, nullable=False, default=False),
)

messages = sa.Table(
    "messages",
    metadata,
    _conversation_key(),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("author", sa.String(10), nullable=False),
    sa.Column("name", sa.String(100)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("buttons", _Json),  # [{title, payload?, action?}]; a button's id is "<seq>-<index>"
    sa.Column("card", _Json),
    sa.Column("client_message_id", sa.String(36)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("conversation_id", "seq"),
    sa.UniqueConstraint("conversation_id", "client_message_id"),
)

# What the engine has still to answer; a row is deleted in the transaction that writes the answer.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    _conversation_key(),
    sa.Column("seq", sa.Integer),  # the visitor's message; null for what the visitor does not wait for
    sa.Column("message_id", sa.String(36), nullable=False),
    sa.Column("event", sa.String(20)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary),  # an encrypted one-time code, sent instead of the text
    sa.Column("details", _Json),
    sa.Column("late_notice", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index(None, "conversation_id", "id"),
    sqlite_autoincrement=True,
)

# One row for each time a person was asked for. Not taken and not ended: in the queue.
handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    _conversation_key(),
    sa.Column("reason", sa.String(30), nullable=False),
    sa.Column("summary", _Json),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("staff_id", sa.String(36)),
    sa.Column("staff_name", sa.String(100)),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("outcome", sa.String(20)),
    sa.Column("callback", sa.Boolean, nullable=False, default=False),  # the visitor has left; call or write
    sa.Column("contact_name", sa.String(100)),
    sa.Column("contact_email", sa.String(254)),
    sa.Column("contact_phone", sa.String(30)),
    sa.Index(None, "conversation_id", "id"),
    sa.Index(None, "ended_at", "taken_at", "id"),
    sqlite_autoincrement=True,
)

# What an operator sets without a release: the outage banner, the opening hours.
site_settings = sa.Table(
    "site_settings",
    metadata,
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("value", _Json),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)
