"""Signing in and out: sessions, and the lock after too many wrong passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bot.gateway.conversation import now
from bot.gateway.secrets_at_rest import hash_token, new_token
from bot.gateway.staff import accounts as people
from bot.gateway.staff import audit
from bot.gateway.staff.accounts import Account, Role
from bot.gateway.staff.errors import SignInFailed, SignInLocked
from bot.gateway.staff.settings import StaffSettings
from bot.gateway.staff.tables import accounts, failures, sessions

_FORGOTTEN_AFTER: Final = timedelta(days=1)
_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in staff member."""

    id: str
    username: str
    name: str
    role: Role
    csrf: str
    token_hash: str

    def may(self, role: Role) -> bool:
        """Whether the role includes another."""
        return self.role.rank >= role.rank


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: `token` goes into the cookie and is kept nowhere."""

    token: str
    staff: Staff


def check_lock(connection: sa.Connection, username: str) -> None:
    """Raises `SignInLocked` while there have been too many wrong passwords for this name."""
    query = sa.select(failures.c.locked_until).where(failures.c.username == username)
    until: datetime | None = connection.execute(query).scalar()
    if until is not None and until > now():
        raise SignInLocked(retry_after=(until - now()).total_seconds())


def find_account(connection: sa.Connection, username: str) -> Account | None:
    """The account a name belongs to, unless the name is locked: then raises `SignInLocked`."""
    check_lock(connection, username)
    return people.find(connection, username)


def failed(connection: sa.Connection, username: str, settings: StaffSettings) -> None:
    """Counts a wrong password; the last one allowed locks the name for a while."""
    present = now()
    connection.execute(sa.delete(failures).where(failures.c.last_at < present - _FORGOTTEN_AFTER))
    row = connection.execute(
        sa.select(failures).where(failures.c.username == username).with_for_update()
    ).first()
    lock = timedelta(minutes=settings.lock_minutes)
    # Tries before a lock that has ended count no more.
    again = row is not None and present - row.last_at <= lock and not row.locked_until
    count = row._mapping["count"] + 1 if row is not None and again else 1
    locked = count >= settings.lock_after
    values = {"count": count, "last_at": present, "locked_until": present + lock if locked else None}
    if row is None:
        connection.execute(sa.insert(failures).values(username=username, **values))
    else:
        connection.execute(sa.update(failures).where(failures.c.username == username).values(values))
    audit.note(connection, "sign_in_locked" if locked else "sign_in_failed", username=username)


def start(connection: sa.Connection, account: Account, settings: StaffSettings, how: str) -> SignedIn:
    """A session for an account whose identity is proved; raises `SignInFailed` when it is disabled."""
    # Once more, in this transaction: it may have been disabled while the password was checked.
    current = people.by_id(connection, account.id)
    if current is None or current.disabled:
        raise SignInFailed
    token, csrf, present = new_token(), secrets.token_urlsafe(32), now()
    connection.execute(
        sa.delete(sessions).where(sessions.c.created_at < present - timedelta(hours=settings.session_hours))
    )
    connection.execute(sa.delete(failures).where(failures.c.username == account.username))
    connection.execute(
        sa.insert(sessions).values(
            token_hash=hash_token(token),
            account_id=account.id,
            csrf=csrf,
            created_at=present,
            seen_at=present,
        )
    )
    audit.note(connection, "sign_in", username=account.username, account_id=account.id, detail=how)
    return SignedIn(
        token,
        Staff(account.id, account.username, account.name, account.role, csrf, hash_token(token)),
    )


def find(connection: sa.Connection, token_hash: str, settings: StaffSettings) -> tuple[Staff, bool] | None:
    """Who has the session, and whether it is time to note that it is used; None when it has ended."""
    present = now()
    query = (
        sa.select(accounts, sessions.c.csrf, sessions.c.seen_at)
        .select_from(sessions.join(accounts))
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.created_at > present - timedelta(hours=settings.session_hours),
            sessions.c.seen_at > present - timedelta(minutes=settings.session_idle_minutes),
            accounts.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    staff = Staff(row.id, row.username, row.name, Role(row.role), row.csrf, token_hash)
    return staff, present - row.seen_at > _SEEN_EVERY


def seen(connection: sa.Connection, token_hash: str) -> None:
    """The session is in use."""
    connection.execute(sa.update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now()))


def end(connection: sa.Connection, staff: Staff) -> None:
    """Signs out."""
    connection.execute(sa.delete(sessions).where(sessions.c.token_hash == staff.token_hash))
    audit.note(connection, "sign_out", username=staff.username, account_id=staff.id)
