"""The engine's tables. Every event, where a live conversation's history begins, and the answers given."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# Every event of every conversation, in order; never rewritten.
events = sa.Table(
    "engine_events",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type_name", sa.String(64), nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

# Where to begin when a conversation is read back: these events, then those from `first_seq`.
windows = sa.Table(
    "engine_windows",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("first_seq", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
)

# The answer to each message that came with an id, so that a message sent twice is answered once.
answers = sa.Table(
    "engine_answers",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("message_id", sa.String(64), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
