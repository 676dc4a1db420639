"""`python -m bot staff add|list|disable|enable|password`: accounts of the staff console."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from bot.cli.errors import CommandError
from bot.gateway.database import create_engine
from bot.gateway.errors import StartError
from bot.gateway.schema import check_schema
from bot.gateway.settings import SettingsError, load_settings
from bot.gateway.staff import accounts, audit
from bot.gateway.staff.accounts import AccountError, Role

_OPERATOR = "command line"


def staff(options: argparse.Namespace) -> int:
    """Runs a verb; raises `CommandError`."""
    act = _VERBS[options.verb]
    try:
        settings = load_settings()
        # Before the transaction: nobody is to wait while somebody types.
        options.secret = _ask_password() if options.verb in {"add", "password"} else ""
        engine = create_engine(settings.database_url, immediate=True)
        try:
            with engine.begin() as connection:
                check_schema(connection)
                print(act(connection, options))
        finally:
            engine.dispose()
    except (AccountError, SettingsError, StartError) as error:
        raise CommandError(str(error)) from None
    except sa.exc.SQLAlchemyError as error:
        raise CommandError(f"the database does not answer: {type(error).__name__}") from None
    return 0


def _add(connection: sa.Connection, options: argparse.Namespace) -> str:
    role = Role(options.role)
    account = accounts.add(connection, options.username, options.name, role, options.secret)
    _note(connection, "account_added", f"{account.username} {role}")
    return f"{account.username} can sign in as {role}"


def _list(connection: sa.Connection, _options: argparse.Namespace) -> str:
    lines = [
        f"{account.username:30} {account.role:12} {_state(account):10} {account.name}"
        for account in accounts.everyone(connection)
    ]
    return "\n".join(lines) or "no accounts; make one: python -m bot staff add USERNAME --name NAME"


def _state(account: accounts.Account) -> str:
    return "disabled" if account.disabled else "active"


def _disable(connection: sa.Connection, options: argparse.Namespace) -> str:
    accounts.disable(connection, options.username)
    _note(connection, "account_disabled", options.username)
    return f"{options.username} can sign in no more"


def _enable(connection: sa.Connection, options: argparse.Namespace) -> str:
    accounts.disable(connection, options.username, disabled=False)
    _note(connection, "account_enabled", options.username)
    return f"{options.username} can sign in again"


def _password(connection: sa.Connection, options: argparse.Namespace) -> str:
    accounts.set_password(connection, options.username, options.secret)
    _note(connection, "password_set", options.username)
    return f"{options.username} has a new password"


_VERBS: Final[dict[str, Callable[[sa.Connection, argparse.Namespace], str]]] = {
    "add": _add,
    "list": _list,
    "disable": _disable,
    "enable": _enable,
    "password": _password,
}


def _note(connection: sa.Connection, action: str, detail: str) -> None:
    audit.note(connection, action, username=_OPERATOR, detail=detail)


def _ask_password() -> str:
    """From the terminal twice, or one line from standard input when it is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(f"Password (at least {accounts.PASSWORD_MIN} characters): ")
    if getpass.getpass("Again: ") != first:
        raise CommandError("the two passwords differ")
    return first
