"""Staff accounts: who may sign in, as what, and with which password."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bot.gateway.conversation import now
from bot.gateway.staff.tables import accounts, failures, sessions

PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 200
_hasher: Final = PasswordHasher()  # argon2id with the parameters of RFC 9106, second choice
_NOBODY: Final = _hasher.hash(uuid.uuid4().hex)


class Role(StrEnum):
    """What a staff member may do; each role may do what those before it may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Higher may more."""
        return list(Role).index(self)


class AccountError(Exception):
    """The account cannot be made or changed; the text is one line for the terminal."""


@dataclass(frozen=True, slots=True)
class Account:
    """A staff member. `username` is kept in lower case."""

    id: str
    username: str
    name: str
    role: Role
    password_hash: str | None
    disabled: bool


def add(connection: sa.Connection, username: str, name: str, role: Role, password: str) -> Account:
    """A new local account; raises `AccountError`."""
    username = normal(username)
    if not username or len(username) > 254 or not name.strip():
        raise AccountError("the account needs a user name and a name")
    check_password(password)
    if find(connection, username):
        raise AccountError(f"there is an account {username} already")
    return _insert(connection, username, name, role, password_hash=_hasher.hash(password))


def of_subject(connection: sa.Connection, subject: str, username: str, name: str, role: Role) -> Account:
    """The account of an OpenID Connect subject, made at its first sign-in. The provider names and ranks."""
    row = connection.execute(sa.select(accounts).where(accounts.c.subject == subject)).mappings().first()
    if row is None:
        username = normal(username)
        if find(connection, username):
            username = f"{username[:200]}#{uuid.uuid4().hex[:8]}"  # a local account keeps its name
        return _insert(connection, username, name, role, subject=subject)
    connection.execute(
        sa.update(accounts).where(accounts.c.id == row["id"]).values(name=name[:100], role=role.value)
    )
    return _account({**row, "name": name[:100], "role": role.value})


def set_password(connection: sa.Connection, username: str, password: str) -> None:
    """A new password; ends all sessions of the account and its lock. Raises `AccountError`."""
    account = _local(connection, username)
    check_password(password)
    connection.execute(
        sa.update(accounts).where(accounts.c.id == account.id).values(password_hash=_hasher.hash(password))
    )
    connection.execute(sa.delete(sessions).where(sessions.c.account_id == account.id))
    connection.execute(sa.delete(failures).where(failures.c.username == account.username))


def disable(connection: sa.Connection, username: str, *, disabled: bool = True) -> None:
    """Lets the account sign in no more (or again); ends its sessions. Raises `AccountError`."""
    account = find(connection, normal(username))
    if account is None:
        raise AccountError(f"there is no account {username}")
    connection.execute(
        sa.update(accounts).where(accounts.c.id == account.id).values(disabled_at=now() if disabled else None)
    )
    connection.execute(sa.delete(sessions).where(sessions.c.account_id == account.id))


def everyone(connection: sa.Connection) -> list[Account]:
    """All accounts by name."""
    rows = connection.execute(sa.select(accounts).order_by(accounts.c.name, accounts.c.id)).mappings()
    return [_account(row) for row in rows]


def find(connection: sa.Connection, username: str) -> Account | None:
    """The account of a user name in lower case."""
    row = connection.execute(sa.select(accounts).where(accounts.c.username == username)).mappings().first()
    return _account(row) if row else None


def by_id(connection: sa.Connection, account_id: str) -> Account | None:
    """The account of an id."""
    row = connection.execute(sa.select(accounts).where(accounts.c.id == account_id)).mappings().first()
    return _account(row) if row else None


def password_is_right(account: Account | None, password: str) -> bool:
    """Whether it is; takes as long when there is no such account."""
    known = account.password_hash if account and account.password_hash and not account.disabled else None
    try:
        _hasher.verify(known or _NOBODY, password)
    except VerificationError:
        return False
    return known is not None


def check_password(password: str) -> None:
    """Raises `AccountError` unless the password is long enough (NIST SP 800-63B: length, not signs)."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountError(f"the password must have {PASSWORD_MIN} to {PASSWORD_MAX} characters")


def normal(username: str) -> str:
    """A user name as it is kept."""
    return username.strip().lower()


def _local(connection: sa.Connection, username: str) -> Account:
    account = find(connection, normal(username))
    if account is None:
        raise AccountError(f"there is no account {username}")
    if account.password_hash is None:
        raise AccountError(f"{username} signs in with OpenID Connect and has no password here")
    return account


def _insert(connection: sa.Connection, username: str, name: str, role: Role, **columns: Any) -> Account:
    row = {
        "id": str(uuid.uuid4()),
        "username": username,
        "name": name.strip()[:100],
        "role": role.value,
        "created_at": now(),
        **columns,
    }
    connection.execute(sa.insert(accounts).values(row))
    return _account({"password_hash": None, "disabled_at": None, **row})


def _account(row: Any) -> Account:
    return Account(
        row["id"],
        row["username"],
        row["name"],
        Role(row["role"]),
        row["password_hash"],
        row["disabled_at"] is not None,
    )
