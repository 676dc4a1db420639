"""The words of `python -m bot staff`; loads nothing, so that the other commands start at once."""

from __future__ import annotations

import argparse
from typing import Final

_BY_NAME: Final = {
    "disable": "the account can sign in no more; its sessions end at once",
    "enable": "the account can sign in again",
    "password": "another password; ends its sessions and its lock",
}


def add_staff_verbs(parser: argparse.ArgumentParser) -> None:
    """`add`, `list`, `disable`, `enable`, `password`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    command = verbs.add_parser("add", help="a new account; asks for its password")
    command.add_argument("username")
    command.add_argument("--name", required=True, help="as visitors see it")
    command.add_argument("--role", choices=["agent", "supervisor", "admin"], default="agent")
    verbs.add_parser("list", help="all accounts")
    for verb, help_text in _BY_NAME.items():
        verbs.add_parser(verb, help=help_text).add_argument("username")
