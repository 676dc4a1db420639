"""One conversation inside one transaction: read under a lock, appended to, saved.

Everything that changes a conversation goes through here, so that seqs have no gaps and every change is told
to the open event streams.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.gateway.errors import ConversationNotFound
from bot.gateway.jobs import Job
from bot.gateway.schemas import Author, Button, Message, State
from bot.gateway.tables import conversations, jobs, messages


def now() -> datetime:
    """The present, in UTC, with milliseconds (what a browser can show)."""
    present = datetime.now(UTC)
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


@dataclass(slots=True)
class Change:
    """What a committed transaction did to a conversation, for those who watch it."""

    messages: list[Message] = field(default_factory=list)
    state_changed: bool = False
    queue_moved: bool = False
    jobs_added: list[Job] = field(default_factory=list)
    erased: bool = False


class Conversation:
    """A locked conversation. Call `save` once, last."""

    def __init__(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        self.connection = connection
        self.id: str = row["id"]
        self.state = State(row["state"])
        self.customer: dict[str, Any] | None = row["customer"]
        self.topics: list[str] = row["topics"] or []
        self.expected_code_digits: int | None = row["expected_code_digits"]
        self.last_seq: int = row["last_seq"]
        self.change = Change()
        self._rows: list[dict[str, Any]] = []
        self._columns: dict[str, Any] = {}

    def set(self, **columns: Any) -> None:
        """Columns to save."""
        self._columns |= columns

    def note_topics(self, labels: Sequence[str]) -> None:
        """What a message was about; a topic that comes up again is the latest."""
        self.topics = [*(known for known in self.topics if known not in labels), *dict.fromkeys(labels)]
        self.set(topics=self.topics)

    def move_to(self, state: State) -> None:
        """A new state; whether it is allowed is the caller's business (bot/gateway/handoff/states.py)."""
        self.state = state
        self._columns["state"] = state.value
        self.change.state_changed = True

    def append(
        self,
        author: Author,
        text: str,
        *,
        name: str | None = None,
        buttons: Sequence[dict[str, str]] = (),
        card: dict[str, Any] | None = None,
        client_message_id: str | None = None,
    ) -> Message:
        """A new line at the end of the log."""
        self.last_seq += 1
        row = {
            "conversation_id": self.id,
            "seq": self.last_seq,
            "author": author.value,
            "name": name,
            "text": text,
            "buttons": list(buttons) or None,
            "card": card,
            "client_message_id": client_message_id,
            "created_at": now(),
        }
        self._rows.append(row)
        message = message_of(row)
        self.change.messages.append(message)
        return message

    def ask_engine(
        self,
        text: str,
        *,
        seq: int | None,
        event: str | None = None,
        secret: bytes | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Something for the engine to answer, in the order asked."""
        job: dict[str, Any] = {
            "conversation_id": self.id,
            "seq": seq,
            "message_id": str(uuid.uuid4()),
            "event": event,
            "text": text,
            "secret": secret,
            "details": details,
            "late_notice": False,
            "created_at": now(),
        }
        added = self.connection.execute(sa.insert(jobs).values(job))
        del job["late_notice"]
        (job_id,) = added.inserted_primary_key or (0,)
        self.change.jobs_added.append(Job(job_id, customer=self.customer, **job))

    def drop_jobs(self) -> None:
        """The bot falls silent: what it has not answered it will not answer."""
        self.connection.execute(sa.delete(jobs).where(jobs.c.conversation_id == self.id))

    def save(self) -> Change:
        """Writes everything and returns what was done."""
        if self._rows:
            self.connection.execute(sa.insert(messages), self._rows)
            self._columns["last_seq"] = self.last_seq
        if self._columns:
            self._columns["updated_at"] = now()
            self.connection.execute(
                sa.update(conversations).where(conversations.c.id == self.id).values(self._columns)
            )
        return self.change


def create(
    connection: sa.Connection, conversation_id: str, token_hash: str, customer: dict[str, str] | None
) -> Conversation:
    """A new, empty conversation with the bot."""
    row = {
        "id": conversation_id,
        "token_hash": token_hash,
        "state": State.BOT.value,
        "last_seq": 0,
        "created_at": now(),
        "updated_at": now(),
        "customer": customer,
        "customer_number": customer and customer["customer_number"],
        "customer_name": customer and customer["name"],
        "topics": None,
        "expected_code_digits": None,
        "legal_hold": False,
    }
    connection.execute(sa.insert(conversations).values(row))
    return Conversation(connection, row)


def lock(connection: sa.Connection, conversation_id: str) -> Conversation:
    """The conversation, held against every other change until the transaction ends."""
    query = sa.select(conversations).where(
        conversations.c.id == conversation_id, conversations.c.erased_at.is_(None)
    )
    row = connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise ConversationNotFound
    return Conversation(connection, row)  # type: ignore[arg-type]


def id_of_token(connection: sa.Connection, token_hash: str) -> str | None:
    """The conversation a token was given for, erased or not."""
    query = sa.select(conversations.c.id).where(conversations.c.token_hash == token_hash)
    return connection.execute(query).scalar()


def messages_after(
    connection: sa.Connection, conversation_id: str, after: int, limit: int = 500
) -> list[Message]:
    """At most `limit` messages with a seq above `after`, in order."""
    query = (
        sa.select(messages)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [message_of(row) for row in connection.execute(query).mappings()]


def state_of(connection: sa.Connection, conversation_id: str) -> State:
    """Who answers; raises `ConversationNotFound` when it is erased."""
    query = sa.select(conversations.c.state).where(
        conversations.c.id == conversation_id, conversations.c.erased_at.is_(None)
    )
    state = connection.execute(query).scalar()
    if state is None:
        raise ConversationNotFound
    return State(state)


def is_pending(connection: sa.Connection, conversation_id: str) -> bool:
    """Whether an acknowledged message of the visitor has no answer in the log."""
    waiting = sa.select(jobs.c.id).where(jobs.c.conversation_id == conversation_id, jobs.c.seq.is_not(None))
    return bool(connection.execute(sa.select(waiting.exists())).scalar())


def message_of(row: Mapping[Any, Any]) -> Message:
    """A row of the log as the API shows it."""
    return Message(
        seq=row["seq"],
        author=row["author"],
        name=row["name"],
        text=row["text"],
        buttons=[
            Button(id=button_id(row["seq"], index), title=button["title"])
            for index, button in enumerate(row["buttons"] or ())
        ],
        card=row["card"],
        client_message_id=row["client_message_id"],
        created_at=row["created_at"],
    )


def button_id(seq: int, index: int) -> str:
    """A button is known by the message that offered it."""
    return f"{seq}-{index}"


def find_button(connection: sa.Connection, conversation_id: str, wanted: str) -> dict[str, str] | None:
    """The button as it was offered in this conversation: title, and payload or action."""
    seq, _, index = wanted.partition("-")
    if not (seq.isascii() and seq.isdigit() and index.isascii() and index.isdigit() and len(wanted) < 12):
        return None
    query = sa.select(messages.c.buttons).where(
        messages.c.conversation_id == conversation_id, messages.c.seq == int(seq)
    )
    offered = connection.execute(query).scalar() or []
    return offered[int(index)] if int(index) < len(offered) else None
