"""The tables of staff accounts, sessions, notes, canned answers, notices and the audit log."""

from __future__ import annotations

import sqlalchemy as sa

from bot.gateway.tables import UtcDateTime, metadata

_BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# `subject` is the issuer and subject of an OpenID Connect account; a local account has a password hash.
accounts = sa.Table(
    "staff_accounts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("username", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("subject", sa.String(500), unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
)

sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(36), sa.ForeignKey("staff_accounts.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index(None, "account_id"),
)

# By the name that was typed, whether or not such an account exists: a lock must not tell which names do.
failures = sa.Table(
    "staff_sign_in_failures",
    metadata,
    sa.Column("username", sa.String(254), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("locked_until", UtcDateTime),
)

# Append-only; triggers refuse to change a row. Holds no text of a conversation.
audit = sa.Table(
    "staff_audit",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("account_id", sa.String(36)),
    sa.Column("username", sa.String(254), nullable=False),
    sa.Column("action", sa.String(30), nullable=False),
    sa.Column("conversation_id", sa.String(36)),
    sa.Column("detail", sa.String(300)),
    sa.Index(None, "conversation_id"),
    sqlite_autoincrement=True,
)

notes = sa.Table(
    "staff_notes",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    sa.Column(
        "conversation_id",
        sa.String(36),
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index(None, "conversation_id", "id"),
    sqlite_autoincrement=True,
)

canned = sa.Table(
    "staff_canned_answers",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# Which hand-offs webhook and e-mail have been told of; what is missing here is still to be told.
notices = sa.Table(
    "staff_notices",
    metadata,
    sa.Column("handoff_id", _BigId, sa.ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("channel", sa.String(10), primary_key=True),
    sa.Column("sent_at", UtcDateTime, nullable=False),
)
